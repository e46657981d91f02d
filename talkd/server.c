/*
 * server - the loop.
 */
#include "server.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "common/msp.h"
#include "common/owner.h"
#include "confirm.h"
#include "limits.h"
#include "message.h"
#include "pages.h"
#include "siphash.h"
#include "streams.h"

enum {
	PROBE = 8,	 /* datagrams that come alone until one tries for two */
	BATCH = 16,	 /* connections taken at a time */
	PARKED_MAX = 32, /* datagrams that wait for a host's name */
	PARKED_TIME = 250,     /* milliseconds that each waits at most */
	ACCEPT_PAUSE = 1000,   /* and that nothing is accepted when short */
	RESERVED_PORTS = 1024, /* below it no client asks, but servers answer */
};

struct parked {
	struct datagram in;
	const struct datagram_socket *socket;
	struct message_way way; /* if it is a message */
	int64_t deadline;
};

enum {
	WATCH_MAX = 1 + SOCKETS_MAX + STREAMS_MAX + CONFIRM_MAX,
};

/* What poll watches: a name, the sockets, and what there is of the rest. */
struct watch {
	struct pollfd fds[WATCH_MAX];
	size_t count;
	const struct pollfd *sockets; /* datagrams, listeners */
	const struct pollfd *streams;
	const struct pollfd *confirm;
};

struct server {
	const struct log *log;
	const struct sockets *sockets;
	int64_t idle;
	int64_t now; /* as the clock was read last */
	int64_t last_request;
	int64_t accept_again; /* when, after descriptors ran short; or 0 */
	struct invitations *table;
	struct names *names;
	struct limits *limits;
	struct confirm *confirm;
	struct streams *streams;
	struct senders senders;
	int room;	/* for datagrams in the next batch */
	unsigned alone; /* how many have come by themselves */
	bool ready;	/* one may follow soon */
	int reply_count;
	size_t parked_count;
	struct messages messages;
	struct ringer ringer;
	struct watch watch;
	/* What is large comes last: of most of it nothing is ever touched. */
	struct calls calls;
	struct datagram batch[DATAGRAM_BATCH];
	struct datagram_reply replies[DATAGRAM_BATCH]; /* to send */
	struct parked parked[PARKED_MAX]; /* in the order they came */
};

/*
 * Linux has one that tells the time of the system's last tick, which was some
 * milliseconds ago at most, and is read faster.
 */
#if defined(CLOCK_MONOTONIC_COARSE)
enum { CLOCK = CLOCK_MONOTONIC_COARSE };
#else
enum { CLOCK = CLOCK_MONOTONIC };
#endif

/* Milliseconds, never going back. */
static int64_t
clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
read_random(uint8_t *bytes, size_t len)
{
	int fd = open("/dev/urandom", O_RDONLY);
	size_t had = 0;
	ssize_t got = 1;

	if (fd == -1)
		return false;
	while (had < len && (got > 0 || (got == -1 && errno == EINTR))) {
		got = read(fd, bytes + had, len - had);
		if (got > 0)
			had += (size_t)got;
	}
	close(fd);
	return had == len;
}

/* Whether it is one of this daemon's own, come back. */
static bool
is_own(const struct datagram_socket *socket, const struct datagram *in)
{
	const struct address *source = &in->source;

	return source->port == socket->bound.port &&
	    (address_is_loopback(source) ||
		address_same_host(source, &in->local));
}

/* Sends what goes back; it must all be for one socket. */
static void
send_replies(struct server *server, const struct datagram_socket *socket)
{
	int failed = 0;

	if (server->reply_count > 0)
		failed = datagram_send(
		    socket, server->replies, server->reply_count);
	if (failed > 0)
		log_debug(server->log, "%d replies not sent: %s", failed,
		    strerror(errno));
	server->reply_count = 0;
}

/*
 * Other services answer from reserved ports: so that nothing goes round for
 * ever, none of them is answered.  No talk asks from there.
 */
static bool
is_from_reserved(const struct datagram *in)
{
	return in->source.port < RESERVED_PORTS;
}

/*
 * These hand a datagram over, and put what goes back among the replies; false
 * when it waits.
 */

static bool
take_call(struct server *server, const struct datagram *in, bool may_wait,
    int64_t now)
{
	struct datagram_reply *out = &server->replies[server->reply_count];

	if (is_from_reserved(in))
		return true;
	switch (calls_take(&server->calls, in, may_wait, now, out)) {
	case CALLS_WAITS:
		return false;
	case CALLS_ANSWERED:
		out->to = in;
		server->reply_count++;
		break;
	case CALLS_NOT_MINE:
		break;
	}
	return true;
}

/*
 * Whether another socket has a copy of it, which is shown there: of a broadcast
 * of IPv4, when this one serves both families and there is one for IPv4 alone.
 */
static bool
is_copy(const struct datagram_socket *socket, const struct datagram *in)
{
	return in->broadcast && in->source.family == 4 &&
	    socket->family == AF_INET6 && owner_has_twin(socket->bound.port);
}

static bool
take_message(struct server *server, const struct datagram_socket *socket,
    const struct datagram *in, struct message_way *way, bool may_wait,
    int64_t now)
{
	struct datagram_reply *out = &server->replies[server->reply_count];

	if (is_copy(socket, in))
		return true;
	if (!message_take_datagram(
		&server->messages, in, way, may_wait, now, out))
		return false;
	if (out->len > 0 && !is_from_reserved(in)) {
		out->to = in;
		server->reply_count++;
	}
	return true;
}

static bool
take(struct server *server, const struct datagram_socket *socket,
    const struct datagram *in, struct message_way *way, bool may_wait,
    int64_t now)
{
	if (msp_is_request(in->bytes, in->len))
		return take_message(server, socket, in, way, may_wait, now);
	return take_call(server, in, may_wait, now);
}

static void
park(struct server *server, const struct datagram_socket *socket,
    const struct datagram *in, const struct message_way *way, int64_t now)
{
	struct parked *parked = &server->parked[server->parked_count++];

	parked->in = *in;
	parked->socket = socket;
	parked->way = *way;
	parked->deadline = now + PARKED_TIME;
}

/* Tries what waits once more; for the last time if it waited long enough. */
static void
take_parked(struct server *server, int64_t now)
{
	struct parked *parked;
	size_t i, kept = 0;
	bool waits;

	for (i = 0; i < server->parked_count; i++) {
		parked = &server->parked[i];
		waits = !take(server, parked->socket, &parked->in, &parked->way,
		    now < parked->deadline, now);
		send_replies(server, parked->socket);
		if (waits)
			server->parked[kept++] = *parked;
	}
	server->parked_count = kept;
}

static void
take_batch(struct server *server, const struct datagram_socket *socket,
    int count, int64_t now)
{
	const struct datagram *in;
	struct message_way way;
	int i;

	for (i = 0; i < count; i++) {
		in = &server->batch[i];
		way = (struct message_way){ 0 };
		if (in->source.family == 0 || is_own(socket, in))
			continue;
		if (!take(server, socket, in, &way,
			server->parked_count < PARKED_MAX, now))
			park(server, socket, in, &way, now);
	}
	send_replies(server, socket);
}

/*
 * For how many datagrams to make room.  To look for a second one costs the
 * first one time, so that it is done now and then until there is one.
 */
static int
choose_room(struct server *server, int came)
{
	if (came > 1)
		return DATAGRAM_BATCH;
	return ++server->alone % PROBE == 0 ? 2 : 1;
}

/*
 * Takes what has come, or with `wait` what comes; false when the socket is of
 * no more use.
 */
static bool
receive(struct server *server, const struct datagram_socket *socket, bool wait)
{
	int count = datagram_receive(socket, server->batch, server->room, wait);

	server->now = clock_now();
	if (count > 0) {
		take_batch(server, socket, count, server->now);
		server->last_request = server->now;
	}
	server->ready = count > 0;
	server->room = choose_room(server, count);
	return count != -1;
}

/* Errors that say the socket itself is wrong; others pass with a client. */
static bool
is_lasting(int error)
{
	return error == EBADF || error == ENOTSOCK || error == EINVAL ||
	    error == EOPNOTSUPP;
}

static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* Accepts who waits; false when the socket is of no more use. */
static bool
accept_some(struct server *server, int listener, int64_t now)
{
	int i, fd = -1;

	for (i = 0; i < BATCH; i++) {
		fd = accept(listener, NULL, NULL);
		if (fd == -1)
			break;
		streams_add(server->streams, fd, now);
		server->last_request = now;
	}
	if (fd != -1 || !is_shortage(errno))
		return fd != -1 || !is_lasting(errno);
	if (!streams_drop_oldest(server->streams))
		server->accept_again = now + ACCEPT_PAUSE;
	return true;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When, if nothing comes, there is something to do. */
static int64_t
next_deadline(const struct server *server)
{
	int64_t next = earlier(invitations_deadline(server->table),
	    streams_deadline(server->streams));

	next = earlier(next, confirm_deadline(server->confirm));
	if (server->parked_count > 0)
		next = earlier(next, server->parked[0].deadline);
	if (server->accept_again > 0)
		next = earlier(next, server->accept_again);
	if (next == INVITATIONS_NEVER && server->idle > 0)
		next = server->last_request + server->idle;
	return next;
}

static bool
is_busy(const struct server *server)
{
	return server->parked_count > 0 || streams_count(server->streams) > 0 ||
	    confirm_count(server->confirm) > 0 ||
	    invitations_count(server->table) > 0;
}

/* A stream that was given may be all that there is to serve. */
static bool
is_over(const struct server *server)
{
	bool is_left = server->sockets->datagram_count == 0 &&
	    server->sockets->listener_count == 0;

	if (is_busy(server))
		return false;
	return is_left ||
	    (server->idle > 0 &&
		server->now >= server->last_request + server->idle);
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

static void
watch_all(struct server *server)
{
	struct watch *watch = &server->watch;
	const struct sockets *sockets = server->sockets;
	struct pollfd *next = watch->fds;
	bool accepts = server->accept_again == 0;
	size_t i;

	*next++ = (struct pollfd){ names_fd(server->names), POLLIN, 0 };
	watch->sockets = next;
	for (i = 0; i < sockets->datagram_count; i++)
		*next++ = (struct pollfd){ sockets->datagrams[i].fd, POLLIN,
			0 };
	for (i = 0; i < sockets->listener_count; i++)
		*next++ = (struct pollfd){ accepts ? sockets->listeners[i] : -1,
			POLLIN, 0 };
	watch->streams = next;
	if (streams_count(server->streams) > 0) {
		streams_watch(server->streams, next);
		next += STREAMS_MAX;
	}
	watch->confirm = next;
	next += confirm_watch(server->confirm, next);
	watch->count = (size_t)(next - watch->fds);
}

/* Handles what came to the sockets; false when one is of no more use. */
static bool
handle_sockets(struct server *server, const struct pollfd *fds, int64_t now)
{
	const struct sockets *sockets = server->sockets;
	size_t i;

	for (i = 0; i < sockets->datagram_count; i++, fds++)
		if (fds->revents != 0 &&
		    !receive(server, &sockets->datagrams[i], false))
			return false;
	for (i = 0; i < sockets->listener_count; i++, fds++)
		if (fds->revents != 0 &&
		    !accept_some(server, sockets->listeners[i], now))
			return false;
	return true;
}

/* Handles what poll found; false when a socket is of no more use. */
static bool
handle(struct server *server, int64_t now)
{
	const struct watch *watch = &server->watch;
	bool named = watch->fds[0].revents != 0;

	invitations_expire(server->table, now);
	if (now >= server->accept_again)
		server->accept_again = 0;
	if (named)
		names_collect(server->names, now);
	confirm_serve(server->confirm, watch->confirm, now);
	if (server->parked_count > 0 &&
	    (named || now >= server->parked[0].deadline))
		take_parked(server, now);
	if (streams_count(server->streams) > 0) {
		streams_serve(server->streams, watch->streams, named, now);
		server->last_request = now;
	}
	return handle_sockets(server, watch->sockets, now);
}

/*
 * Whether poll failed for a reason that passes: it was interrupted, or memory
 * was short (POSIX has EAGAIN for that, Linux ENOMEM).
 */
static bool
is_passing(int error)
{
	return error == EINTR || error == EAGAIN || error == ENOMEM;
}

/* Waits for whatever comes, and handles it; NULL, or what failed. */
static const char *
serve_all(struct server *server)
{
	int timeout = timeout_until(next_deadline(server), server->now);

	watch_all(server);
	if (poll(server->watch.fds, (nfds_t)server->watch.count, timeout) ==
		-1 &&
	    !is_passing(errno))
		return "poll";
	server->now = clock_now();
	return handle(server, server->now) ? NULL : "receiving";
}

/* Whether nothing but datagrams of one socket can come now. */
static bool
has_one_socket(const struct server *server)
{
	return server->sockets->datagram_count == 1 &&
	    server->sockets->listener_count == 0 &&
	    streams_count(server->streams) == 0 &&
	    confirm_count(server->confirm) == 0 && server->parked_count == 0;
}

static const char *
loop(struct server *server)
{
	const struct sockets *sockets = server->sockets;
	const char *failure = NULL;
	size_t i;

	server->now = clock_now();
	for (i = 0; i < sockets->accepted_count; i++)
		streams_add(server->streams, sockets->accepted[i], server->now);
	server->last_request = server->now;
	server->room = 1;
	if (has_one_socket(server))
		datagram_let_wait(&sockets->datagrams[0], true);
	while (failure == NULL && !is_over(server)) {
		if (!server->ready || !has_one_socket(server))
			failure = serve_all(server);
		else if (!receive(server, &sockets->datagrams[0], true))
			failure = "receiving";
	}
	if (has_one_socket(server))
		datagram_let_wait(&sockets->datagrams[0], false);
	return failure;
}

static bool
take_message_of_stream(void *context, const struct msp_message *message,
    const struct message_origin *origin, struct message_way *way, bool may_wait,
    int64_t now, struct msp_reply *out)
{
	struct server *server = context;

	return message_take(
	    &server->messages, message, origin, way, may_wait, now, out);
}

/* Makes what calls and messages share; false when that fails. */
static bool
prepare_shared(struct server *server, const struct server_options *options,
    const uint8_t key[SIPHASH_KEY_SIZE])
{
	server->table = invitations_new(key, options->life);
	server->names = names_new(names_resolve);
	server->limits = limits_new(key);
	server->streams = streams_new(take_message_of_stream, server);
	if (server->table == NULL || server->names == NULL ||
	    server->limits == NULL || server->streams == NULL)
		return false;
	access_govern(options->access, server->limits);
	server->confirm = confirm_new(server->table, server->log);
	return server->confirm != NULL;
}

static void
prepare_calls(struct server *server, struct access *access)
{
	server->calls = (struct calls){
		.log = server->log,
		.table = server->table,
		.names = server->names,
		.ringer = &server->ringer,
		.senders = &server->senders,
	};
	server->ringer.log = server->log;
	server->ringer.names = server->names;
	server->ringer.access = access;
	server->ringer.limits = server->limits;
	server->ringer.confirm = server->confirm;
	server->ringer.senders = &server->senders;
}

static void
prepare_messages(struct server *server, struct access *access)
{
	server->messages.log = server->log;
	server->messages.names = server->names;
	server->messages.access = access;
	server->messages.limits = server->limits;
	server->messages.senders = &server->senders;
}

/* Makes what the server needs; NULL, or what could not be made. */
static const char *
prepare(struct server *server, const struct server_options *options)
{
	uint8_t keys[2 * SIPHASH_KEY_SIZE];

	if (!read_random(keys, sizeof(keys)))
		return "/dev/urandom";
	memcpy(server->messages.key, keys + SIPHASH_KEY_SIZE, SIPHASH_KEY_SIZE);
	if (!prepare_shared(server, options, keys))
		return "starting";
	prepare_calls(server, options->access);
	prepare_messages(server, options->access);
	if (gethostname(server->ringer.host, sizeof(server->ringer.host) - 1) !=
	    0)
		return "gethostname";
	return NULL;
}

const char *
server_run(const struct sockets *sockets, const struct server_options *options,
    const struct log *log)
{
	struct server *server = pages_new(sizeof(*server));
	const char *failure;
	int error;

	if (server == NULL)
		return "starting";
	server->log = log;
	server->sockets = sockets;
	server->idle = options->idle;
	failure = prepare(server, options);
	if (failure == NULL)
		failure = loop(server);
	error = errno;
	streams_free(server->streams);
	message_end(&server->messages);
	confirm_free(server->confirm);
	limits_free(server->limits);
	names_free(server->names);
	invitations_free(server->table);
	terminals_free(&server->ringer.terminals);
	senders_end(&server->senders);
	pages_free(server, sizeof(*server));
	errno = error;
	return failure;
}
