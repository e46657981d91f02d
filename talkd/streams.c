/*
 * streams - the TCP connections by which messages come.
 *
 * A connection is closed in steps.  Closing it while octets from the other
 * side are unread, or still come, makes TCP send a reset, which can destroy
 * the answer before it is read.  So the daemon says that it is at the end,
 * and reads on, within bounds, until the other side says so, too.
 */
#include "streams.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"

enum {
	DRAIN_MAX = 65536, /* octets read for nothing */
	DRAIN_SIZE = 4096, /* of them at a time */
};

enum state {
	READING,
	WAITING,  /* with a message, for its host's name */
	DRAINING, /* we are at the end, and await the other's */
};

struct stream {
	bool open;
	int fd;
	enum state state;
	struct message_origin origin;
	struct message_way way;
	int64_t began;
	int64_t deadline; /* of the present state */
	bool ended;	  /* the other side is at its end */
	bool heard;	  /* a message came before */
	bool waited;	  /* in vain for the host's name, which is enough */
	size_t drained;
	size_t len;
	uint8_t bytes[MSP_SIZE]; /* what came and was not yet used */
};

struct streams {
	streams_taker *taker;
	void *context;
	size_t count;
	struct stream list[STREAMS_MAX];
};

struct streams *
streams_new(streams_taker *taker, void *context)
{
	struct streams *streams = pages_new(sizeof(*streams));

	if (streams == NULL)
		return NULL;
	streams->taker = taker;
	streams->context = context;
	return streams;
}

static void
drop(struct streams *streams, struct stream *stream)
{
	close(stream->fd);
	stream->open = false;
	streams->count--;
}

void
streams_free(struct streams *streams)
{
	size_t i;

	if (streams == NULL)
		return;
	for (i = 0; i < STREAMS_MAX; i++)
		if (streams->list[i].open)
			drop(streams, &streams->list[i]);
	pages_free(streams, sizeof(*streams));
}

size_t
streams_count(const struct streams *streams)
{
	return streams->count;
}

/* ---------------------------------------------------------- one stream --- */

/* False when the other side takes nothing any more. */
static bool
answer(int fd, bool delivered, const char *text)
{
	struct msp_reply reply = { .delivered = delivered };
	uint8_t bytes[MSP_SIZE];
	ssize_t sent;
	size_t len;

	memcpy(reply.text, text, strlen(text) + 1);
	len = msp_put_reply(&reply, bytes);
	do
		sent = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	return sent == (ssize_t)len;
}

/* Says that this side is at its end. */
static void
finish(struct streams *streams, struct stream *stream, int64_t now)
{
	if (shutdown(stream->fd, SHUT_WR) != 0 || stream->ended) {
		drop(streams, stream);
		return;
	}
	stream->state = DRAINING;
	stream->deadline = now + STREAMS_DRAIN;
}

static void
use(struct stream *stream, size_t used)
{
	stream->len -= used;
	memmove(stream->bytes, stream->bytes + used, stream->len);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
await_next(struct stream *stream, int64_t now)
{
	stream->state = READING;
	stream->deadline = earlier(
	    now + STREAMS_IDLE, stream->began + STREAMS_LIFE);
}

/*
 * Has a message taken and answers it; version 1 knows no answer.  False when
 * the stream cannot go on now.
 */
static bool
take(struct streams *streams, struct stream *stream,
    const struct msp_message *message, size_t used, int64_t now)
{
	struct msp_reply reply;

	if (stream->state == WAITING && now >= stream->deadline)
		stream->waited = true;
	if (!streams->taker(streams->context, message, &stream->origin,
		&stream->way, !stream->waited, now, &reply)) {
		if (stream->state != WAITING)
			stream->deadline = now + STREAMS_NAME_WAIT;
		stream->state = WAITING;
		return false;
	}
	use(stream, used);
	stream->heard = true;
	await_next(stream, now);
	if (message->version == MSP_VERSION_1 ||
	    answer(stream->fd, reply.delivered, reply.text))
		return true;
	drop(streams, stream);
	return false;
}

/* Answers what is no message, and ends a stream on which none can follow. */
static bool
refuse(struct streams *streams, struct stream *stream, enum msp_reading reading,
    const struct msp_message *message, const char *reason, int64_t now)
{
	bool is_trailing = reading == MSP_FOREIGN && stream->heard;

	if (message->version != MSP_VERSION_1 && !is_trailing &&
	    !answer(stream->fd, false, reason)) {
		drop(streams, stream);
		return false;
	}
	stream->heard = true;
	await_next(stream, now);
	if (reading == MSP_REFUSED)
		return true;
	finish(streams, stream, now);
	return false;
}

/* Handles the begin of what has come; false when there is no more to do. */
static bool
handle_one(struct streams *streams, struct stream *stream, int64_t now)
{
	struct msp_message message;
	const char *reason;
	size_t used;
	enum msp_reading reading = msp_get_request(stream->bytes, stream->len,
	    stream->ended, &message, &used, &reason);

	if (reading == MSP_WHOLE)
		return take(streams, stream, &message, used, now);
	use(stream, used);
	if (reading != MSP_MORE)
		return refuse(streams, stream, reading, &message, reason, now);
	if (stream->ended)
		finish(streams, stream, now);
	return false;
}

static void
handle_all(struct streams *streams, struct stream *stream, int64_t now)
{
	while (handle_one(streams, stream, now))
		continue;
}

/* Returns what recv does, or -1 with EAGAIN when there is nothing now. */
static ssize_t
receive(const struct stream *stream, void *bytes, size_t room)
{
	return recv(stream->fd, bytes, room, MSG_DONTWAIT);
}

static bool
is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void
read_messages(struct streams *streams, struct stream *stream, int64_t now)
{
	ssize_t got = receive(stream, stream->bytes + stream->len,
	    sizeof(stream->bytes) - stream->len);

	if (got == -1) {
		if (!is_passing(errno))
			drop(streams, stream);
		return;
	}
	stream->len += (size_t)got;
	stream->ended = got == 0;
	handle_all(streams, stream, now);
}

static void
read_rest(struct streams *streams, struct stream *stream)
{
	uint8_t bytes[DRAIN_SIZE];
	ssize_t got = receive(stream, bytes, sizeof(bytes));

	if (got == -1 && is_passing(errno))
		return;
	if (got > 0)
		stream->drained += (size_t)got;
	if (got <= 0 || stream->drained > DRAIN_MAX)
		drop(streams, stream);
}

/* Its time is over. */
static void
run_out(struct streams *streams, struct stream *stream, int64_t now)
{
	switch (stream->state) {
	case READING:
		if (stream->len > 0 && stream->bytes[0] != MSP_VERSION_1)
			(void)answer(stream->fd, false,
			    "the message took too long to come");
		finish(streams, stream, now);
		break;
	case WAITING:
		handle_all(streams, stream, now);
		break;
	case DRAINING:
		drop(streams, stream);
		break;
	}
}

static void
serve(struct streams *streams, struct stream *stream, bool is_ready, bool named,
    int64_t now)
{
	if (is_ready && stream->state == READING)
		read_messages(streams, stream, now);
	else if (is_ready && stream->state == DRAINING)
		read_rest(streams, stream);
	else if (named && stream->state == WAITING)
		handle_all(streams, stream, now);
	if (stream->open && now >= stream->deadline)
		run_out(streams, stream, now);
}

/* ------------------------------------------------------------ them all --- */

void
streams_watch(const struct streams *streams, struct pollfd fds[STREAMS_MAX])
{
	const struct stream *stream;
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++) {
		stream = &streams->list[i];
		fds[i] = (struct pollfd){ stream->fd, POLLIN, 0 };
		if (!stream->open || stream->state == WAITING)
			fds[i].fd = -1;
	}
}

void
streams_serve(struct streams *streams, const struct pollfd fds[STREAMS_MAX],
    bool named, int64_t now)
{
	struct stream *stream;
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++) {
		stream = &streams->list[i];
		if (stream->open)
			serve(streams, stream, fds[i].revents != 0, named, now);
	}
}

int64_t
streams_deadline(const struct streams *streams)
{
	int64_t next = STREAMS_NEVER;
	size_t i;

	if (streams->count == 0)
		return next;
	for (i = 0; i < STREAMS_MAX; i++)
		if (streams->list[i].open)
			next = earlier(next, streams->list[i].deadline);
	return next;
}

/* ------------------------------------------------------------ new ones --- */

static bool
read_name(int fd, struct address *address,
    int (*get)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);

	return get(fd, (struct sockaddr *)&name, &len) == 0 &&
	    address_from_sockaddr(address, (struct sockaddr *)&name, len);
}

static size_t
count_from(const struct streams *streams, const struct address *source)
{
	size_t i, count = 0;

	for (i = 0; i < STREAMS_MAX; i++)
		if (streams->list[i].open &&
		    address_same_host(&streams->list[i].origin.source, source))
			count++;
	return count;
}

bool
streams_drop_oldest(struct streams *streams)
{
	struct stream *oldest = NULL;
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (streams->list[i].open &&
		    (oldest == NULL || streams->list[i].began < oldest->began))
			oldest = &streams->list[i];
	if (oldest != NULL)
		drop(streams, oldest);
	return oldest != NULL;
}

static struct stream *
find_place(struct streams *streams)
{
	size_t i = 0;

	if (streams->count == STREAMS_MAX)
		(void)streams_drop_oldest(streams);
	while (streams->list[i].open)
		i++;
	return &streams->list[i];
}

/* Turns one away that is too many, having read what would reset the answer. */
static void
turn_away(int fd)
{
	uint8_t bytes[DRAIN_SIZE];

	(void)recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	(void)answer(fd, false, "too many messages");
	(void)shutdown(fd, SHUT_WR);
	close(fd);
}

void
streams_add(struct streams *streams, int fd, int64_t now)
{
	struct message_origin origin = { .protocol = IPPROTO_TCP };
	struct stream *stream;

	if (!read_name(fd, &origin.source, getpeername) ||
	    !read_name(fd, &origin.local, getsockname)) {
		close(fd);
		return;
	}
	if (count_from(streams, &origin.source) >= STREAMS_HOST_MAX) {
		turn_away(fd);
		return;
	}
	stream = find_place(streams);
	*stream = (struct stream){
		.open = true, .fd = fd, .origin = origin, .began = now
	};
	await_next(stream, now);
	streams->count++;
}
