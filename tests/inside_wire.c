/*
 * inside_wire - streams that come to the daemon inside, and its sockets that
 * ask other daemons, as the test has them.
 */
#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/address.h"
#include "fuzz.h"
#include "inside_parts.h"
#include "talkd/confirm.h"
#include "talkd/streams.h"

enum { INBOX_SIZE = 2048 };

enum wire_state {
	UNUSED,
	KNOCKING, /* a stream that is to be accepted */
	STREAM,
	ASKING, /* a socket of the daemon's own */
};

struct wire {
	enum wire_state state;
	struct address peer, local;
	bool ended;    /* the other side is at its end */
	bool broken;   /* or gone */
	bool blocked;  /* or takes nothing */
	bool shut;     /* this one is at its end */
	bool spoken;   /* ASKING: an answer waits, or an error if broken */
	int64_t began; /* awake: milliseconds */
	size_t len;
	uint8_t inbox[INBOX_SIZE];
};

static struct {
	struct wire list[INSIDE_WIRES];
	unsigned short_of; /* descriptors */
	unsigned ports;
} wires;

void
inside_wire_begin(void)
{
	memset(&wires, 0, sizeof(wires));
}

static unsigned
count(enum wire_state state)
{
	unsigned found = 0;
	size_t i;

	for (i = 0; i < INSIDE_WIRES; i++)
		found += wires.list[i].state == state;
	return found;
}

unsigned
inside_streams(void)
{
	return count(STREAM);
}

unsigned
inside_questions(void)
{
	return count(ASKING);
}

void
inside_wire_end(void)
{
	fuzz_expect(inside_streams() == 0 && inside_questions() == 0);
}

static struct wire *
wire_of(int fd)
{
	fuzz_expect(fd >= FD_WIRE && fd < FD_WIRE + INSIDE_WIRES);
	fuzz_expect(wires.list[fd - FD_WIRE].state > KNOCKING);
	return &wires.list[fd - FD_WIRE];
}

/* A number that is free; -1 when there is none. */
static int
find_free(void)
{
	int i;

	for (i = 0; i < INSIDE_WIRES; i++)
		if (wires.list[i].state == UNUSED)
			return i;
	return -1;
}

void
inside_run_short(unsigned times)
{
	wires.short_of = times;
}

/* Whether a descriptor is to be had; errno if not. */
static bool
is_to_be_had(void)
{
	if (wires.short_of == 0)
		return true;
	wires.short_of--;
	errno = EMFILE;
	return false;
}

void
inside_wire_close(int fd)
{
	wire_of(fd)->state = UNUSED;
}

/* ----------------------------------------------------- the other sides --- */

int
inside_connect(const struct address *from, const struct address *local)
{
	int i = find_free();

	if (i != -1)
		wires.list[i] = (struct wire){
			.state = KNOCKING, .peer = *from, .local = *local
		};
	return i;
}

static bool
is_stream(int wire)
{
	return wire >= 0 &&
	    (wires.list[wire].state == KNOCKING ||
		wires.list[wire].state == STREAM);
}

void
inside_write(int wire, const uint8_t *bytes, size_t len)
{
	struct wire *to;

	if (!is_stream(wire) || wires.list[wire].ended)
		return;
	to = &wires.list[wire];
	if (len > INBOX_SIZE - to->len)
		len = INBOX_SIZE - to->len;
	if (len > 0)
		memcpy(to->inbox + to->len, bytes, len);
	to->len += len;
}

void
inside_end(int wire)
{
	if (is_stream(wire))
		wires.list[wire].ended = true;
}

void
inside_reset(int wire)
{
	if (is_stream(wire))
		wires.list[wire].broken = true;
}

void
inside_block(int wire, bool blocked)
{
	if (is_stream(wire))
		wires.list[wire].blocked = blocked;
}

/* The oldest question; NULL when none is open, or all are answered. */
static struct wire *
find_question(void)
{
	struct wire *found = NULL, *next;

	for (next = wires.list; next < wires.list + INSIDE_WIRES; next++)
		if (next->state == ASKING && next->shut && !next->spoken &&
		    (found == NULL || next->local.port < found->local.port))
			found = next;
	return found;
}

void
inside_answer_question(const uint8_t *bytes, size_t len)
{
	struct wire *asks = find_question();

	if (asks == NULL)
		return;
	asks->spoken = true;
	asks->len = len < INBOX_SIZE ? len : INBOX_SIZE;
	if (len > 0)
		memcpy(asks->inbox, bytes, asks->len);
}

void
inside_refuse_question(void)
{
	struct wire *asks = find_question();

	if (asks != NULL)
		asks->spoken = asks->broken = true;
}

/* ------------------------------------------------------ what is called --- */

bool
inside_listener_ready(void)
{
	return count(KNOCKING) > 0;
}

bool
inside_wire_ready(int fd)
{
	const struct wire *wire = wire_of(fd);

	if (wire->state == ASKING)
		return wire->spoken;
	return wire->len > 0 || wire->ended || wire->broken;
}

static unsigned
count_from(const struct address *host)
{
	unsigned found = 0;
	size_t i;

	for (i = 0; i < INSIDE_WIRES; i++)
		found += wires.list[i].state == STREAM &&
		    address_same_host(&wires.list[i].peer, host);
	return found;
}

/* Nothing is there in too great a number, or for too long. */
void
inside_wire_settle(void)
{
	const int64_t life = STREAMS_LIFE + STREAMS_NAME_WAIT + STREAMS_DRAIN;
	const struct wire *wire;

	fuzz_expect(inside_streams() <= STREAMS_MAX);
	fuzz_expect(inside_questions() <= CONFIRM_MAX);
	for (wire = wires.list; wire < wires.list + INSIDE_WIRES; wire++) {
		if (wire->state != STREAM)
			continue;
		fuzz_expect(count_from(&wire->peer) <= STREAMS_HOST_MAX);
		fuzz_expect(inside_awake() <= wire->began + life);
	}
}

int inside_accept(int fd, struct sockaddr *name, socklen_t *len);
int inside_socket(int family, int type, int protocol);
int inside_connect_socket(int fd, const struct sockaddr *name, socklen_t len);
int inside_getpeername(int fd, struct sockaddr *name, socklen_t *len);
int inside_getsockname(int fd, struct sockaddr *name, socklen_t *len);
int inside_fcntl(int fd, int command, ...);
int inside_shutdown(int fd, int how);
ssize_t inside_recv(int fd, void *bytes, size_t len, int flags);
ssize_t inside_recv_checked(
    int fd, void *bytes, size_t len, size_t room, int flags);
ssize_t inside_send_bytes(int fd, const void *bytes, size_t len, int flags);

int
inside_accept(int fd, struct sockaddr *name, socklen_t *len)
{
	size_t i = 0;

	fuzz_expect(fd == FD_LISTENER && name == NULL && len == NULL);
	while (i < INSIDE_WIRES && wires.list[i].state != KNOCKING)
		i++;
	if (i == INSIDE_WIRES) {
		errno = EAGAIN;
		return -1;
	}
	if (!is_to_be_had())
		return -1;
	wires.list[i].state = STREAM;
	wires.list[i].began = inside_awake();
	return FD_WIRE + (int)i;
}

int
inside_socket(int family, int type, int protocol)
{
	int i;

	fuzz_expect(family == AF_INET || family == AF_INET6);
	fuzz_expect(type == SOCK_DGRAM && protocol == 0);
	if (!is_to_be_had())
		return -1;
	i = find_free();
	if (i == -1) {
		errno = EMFILE;
		return -1;
	}
	wires.list[i] = (struct wire){ .state = ASKING };
	fuzz_expect(inside_questions() <= CONFIRM_MAX);
	return FD_WIRE + i;
}

int
inside_connect_socket(int fd, const struct sockaddr *name, socklen_t len)
{
	struct wire *wire = wire_of(fd);

	fuzz_expect(wire->state == ASKING);
	fuzz_expect(address_from_sockaddr(&wire->peer, name, len));
	wire->local = inside_local(inside_which_host(&wire->peer));
	wire->local.port = (uint16_t)(10000 + wires.ports++ % 50000);
	return 0;
}

static int
put_name(const struct address *address, struct sockaddr *name, socklen_t *len)
{
	struct sockaddr_storage storage;
	socklen_t size = address_to_sockaddr(address, &storage);

	fuzz_expect(size > 0 && size <= *len);
	memcpy(name, &storage, size);
	*len = size;
	return 0;
}

int
inside_getpeername(int fd, struct sockaddr *name, socklen_t *len)
{
	if (wire_of(fd)->broken) {
		errno = ENOTCONN;
		return -1;
	}
	return put_name(&wire_of(fd)->peer, name, len);
}

int
inside_getsockname(int fd, struct sockaddr *name, socklen_t *len)
{
	return put_name(&wire_of(fd)->local, name, len);
}

int
inside_fcntl(int fd, int command, ...)
{
	fuzz_expect(wire_of(fd)->state == ASKING);
	fuzz_expect(command == F_SETFD || command == F_SETFL);
	return 0;
}

int
inside_shutdown(int fd, int how)
{
	struct wire *wire = wire_of(fd);

	fuzz_expect(how == SHUT_WR && !wire->shut);
	wire->shut = true;
	if (!wire->broken)
		return 0;
	errno = ENOTCONN;
	return -1;
}

/* What has come to a stream, or nothing. */
static ssize_t
take(struct wire *wire, void *bytes, size_t len)
{
	if (len > wire->len)
		len = wire->len;
	if (len == 0 && !wire->ended) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(bytes, wire->inbox, len);
	wire->len -= len;
	memmove(wire->inbox, wire->inbox + len, wire->len);
	return (ssize_t)len;
}

/* An answer, what is too long of it cut off. */
static ssize_t
take_answer(struct wire *wire, void *bytes, size_t len)
{
	if (!wire->spoken) {
		errno = EAGAIN;
		return -1;
	}
	wire->spoken = false;
	if (wire->broken) {
		wire->broken = false;
		errno = ECONNREFUSED;
		return -1;
	}
	if (len > wire->len)
		len = wire->len;
	memcpy(bytes, wire->inbox, len);
	return (ssize_t)len;
}

ssize_t
inside_recv(int fd, void *bytes, size_t len, int flags)
{
	struct wire *wire = wire_of(fd);

	if (wire->state == ASKING)
		return take_answer(wire, bytes, len);
	fuzz_expect(flags == MSG_DONTWAIT && len > 0);
	if (wire->broken) {
		errno = ECONNRESET;
		return -1;
	}
	return take(wire, bytes, len);
}

ssize_t
inside_recv_checked(int fd, void *bytes, size_t len, size_t room, int flags)
{
	fuzz_expect(len <= room);
	return inside_recv(fd, bytes, len, flags);
}

ssize_t
inside_send_bytes(int fd, const void *bytes, size_t len, int flags)
{
	struct wire *wire = wire_of(fd);

	if (wire->state == ASKING) {
		wire->shut = true; /* it has asked */
		inside_watch_question(&wire->peer, bytes, len);
		return (ssize_t)len;
	}
	fuzz_expect(flags == (MSG_DONTWAIT | MSG_NOSIGNAL) && !wire->shut);
	inside_watch_answer(bytes, len);
	if (!wire->broken && !wire->blocked)
		return (ssize_t)len;
	errno = wire->broken ? EPIPE : EAGAIN;
	return -1;
}
