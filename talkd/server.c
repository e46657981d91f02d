/*
 * server - the loop.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "siphash.h"

enum {
	BATCH = 16,	       /* datagrams received at a time */
	PARKED_MAX = 32,       /* calls that wait for a host's name at once */
	PARKED_TIME = 250,     /* milliseconds that each waits at most */
	RESERVED_PORTS = 1024, /* below it no client asks, but servers answer */
};

struct parked {
	struct datagram in;
	const struct datagram_socket *socket;
	int64_t deadline;
};

struct server {
	const struct log *log;
	const struct sockets *sockets;
	int64_t idle;
	int64_t last_request;
	struct calls calls;
	struct datagram batch[BATCH];
	size_t parked_count;
	struct parked parked[PARKED_MAX]; /* in the order they came */
};

/* Milliseconds, never going back. */
static int64_t
clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
read_random(uint8_t *bytes, size_t len)
{
	int fd = open("/dev/urandom", O_RDONLY);
	ssize_t got;

	if (fd == -1)
		return false;
	got = read(fd, bytes, len);
	(void)close(fd);
	return got >= 0 && (size_t)got == len;
}

/*
 * Whether replies could go round for ever: other services answer from
 * reserved ports, and this one from its own.
 */
static bool
is_loop_partner(const struct datagram_socket *socket, const struct datagram *in)
{
	const struct address *source = &in->source;

	if (source->family == 0 || source->port < RESERVED_PORTS)
		return true;
	return source->port == socket->bound.port &&
	    (address_is_loopback(source) ||
		address_same_host(source, &in->local));
}

static void
reply(struct server *server, const struct datagram_socket *socket,
    const struct datagram *in, const struct calls_reply *out)
{
	char target[ADDRESS_TEXT_SIZE];

	if (datagram_send(socket, &in->source, &in->local, out->bytes,
		sizeof(out->bytes)))
		return;
	address_format(&in->source, target, sizeof(target));
	log_debug(server->log, "no reply to %s port %d: %s", target,
	    in->source.port, strerror(errno));
}

/* Hands a datagram over; false when it waits. */
static bool
take(struct server *server, const struct datagram_socket *socket,
    const struct datagram *in, bool may_wait, int64_t now)
{
	struct calls_reply out;

	switch (calls_take(&server->calls, in, may_wait, now, &out)) {
	case CALLS_WAITS:
		return false;
	case CALLS_ANSWERED:
		reply(server, socket, in, &out);
		break;
	case CALLS_NOT_MINE:
		break;
	}
	return true;
}

static void
park(struct server *server, const struct datagram_socket *socket,
    const struct datagram *in, int64_t now)
{
	struct parked *parked = &server->parked[server->parked_count++];

	parked->in = *in;
	parked->socket = socket;
	parked->deadline = now + PARKED_TIME;
}

/* Tries what waits once more; for the last time if it waited long enough. */
static void
take_parked(struct server *server, int64_t now)
{
	struct parked *parked;
	size_t i, kept = 0;

	for (i = 0; i < server->parked_count; i++) {
		parked = &server->parked[i];
		if (!take(server, parked->socket, &parked->in,
			now < parked->deadline, now))
			server->parked[kept++] = *parked;
	}
	server->parked_count = kept;
}

/* False when the socket is of no more use. */
static bool
receive(
    struct server *server, const struct datagram_socket *socket, int64_t now)
{
	int i, count = datagram_receive(socket, server->batch, BATCH);
	const struct datagram *in;

	for (i = 0; i < count; i++) {
		in = &server->batch[i];
		if (is_loop_partner(socket, in))
			continue;
		if (!take(server, socket, in, server->parked_count < PARKED_MAX,
			now))
			park(server, socket, in, now);
	}
	if (count > 0)
		server->last_request = now;
	return count != -1;
}

/* When, if nothing comes, there is something to do. */
static int64_t
next_deadline(const struct server *server)
{
	int64_t next = invitations_deadline(server->calls.table);

	if (server->parked_count > 0 && server->parked[0].deadline < next)
		next = server->parked[0].deadline;
	if (next == INVITATIONS_NEVER && server->idle > 0)
		next = server->last_request + server->idle;
	return next;
}

static bool
is_over(const struct server *server, int64_t now)
{
	return server->idle > 0 && server->parked_count == 0 &&
	    invitations_count(server->calls.table) == 0 &&
	    now >= server->last_request + server->idle;
}

/* For poll. */
static int
timeout_until(int64_t deadline, int64_t now)
{
	if (deadline == INVITATIONS_NEVER)
		return -1;
	if (deadline <= now)
		return 0;
	return deadline - now < INT_MAX ? (int)(deadline - now) : INT_MAX;
}

/* Handles what poll found; false when a socket is of no more use. */
static bool
handle(struct server *server, const struct pollfd *fds, int64_t now)
{
	const struct sockets *sockets = server->sockets;
	bool named = fds[sockets->count].revents != 0;
	size_t i;

	invitations_expire(server->calls.table, now);
	if (named)
		names_collect(server->calls.names, now);
	if (server->parked_count > 0 &&
	    (named || now >= server->parked[0].deadline))
		take_parked(server, now);
	for (i = 0; i < sockets->count; i++)
		if (fds[i].revents != 0 &&
		    !receive(server, &sockets->list[i], now))
			return false;
	return true;
}

static const char *
loop(struct server *server)
{
	struct pollfd fds[SOCKETS_MAX + 1];
	size_t i, count = server->sockets->count;
	int64_t now = clock_now();

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){ server->sockets->list[i].fd, POLLIN,
			0 };
	fds[count] = (struct pollfd){ names_fd(server->calls.names), POLLIN,
		0 };
	server->last_request = now;
	while (!is_over(server, now)) {
		if (poll(fds, (nfds_t)count + 1,
			timeout_until(next_deadline(server), now)) == -1) {
			if (errno != EINTR)
				return "poll";
			continue;
		}
		now = clock_now();
		if (!handle(server, fds, now))
			return "receiving";
	}
	return NULL;
}

/* Makes what the server needs; NULL, or what could not be made. */
static const char *
prepare(struct server *server, int64_t life)
{
	uint8_t key[SIPHASH_KEY_SIZE];
	struct calls *calls = &server->calls;

	if (!read_random(key, sizeof(key)))
		return "/dev/urandom";
	calls->log = server->log;
	calls->table = invitations_new(key, life);
	calls->names = names_new(names_resolve);
	if (calls->table == NULL || calls->names == NULL)
		return "starting";
	if (gethostname(calls->host, sizeof(calls->host) - 1) != 0)
		return "gethostname";
	return NULL;
}

const char *
server_run(const struct sockets *sockets, const struct server_options *options,
    const struct log *log)
{
	struct server *server = calloc(1, sizeof(*server));
	const char *failure;
	int error;

	if (server == NULL)
		return "starting";
	server->log = log;
	server->sockets = sockets;
	server->idle = options->idle;
	failure = prepare(server, options->life);
	if (failure == NULL)
		failure = loop(server);
	error = errno;
	names_free(server->calls.names);
	invitations_free(server->calls.table);
	terminals_free(&server->calls.terminals);
	free(server);
	errno = error;
	return failure;
}
