/*
 * courier - carries requests of the Message Send Protocol to one host, one at a
 * time, and brings back the answers.
 */
#include "courier.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

enum { RESEND_MS = 500 };

static void
hang_up(struct courier *courier)
{
	if (courier->fd >= 0)
		close(courier->fd);
	courier->fd = -1;
	courier->proven = false;
}

/* The request comes to an end of which no good can follow on this way. */
static void
courier_fails(struct courier *courier, enum courier_state state)
{
	hang_up(courier);
	dial_close(&courier->dial);
	courier->state = state;
}

static void
system_fails(struct courier *courier, int error)
{
	courier->error = error;
	courier_fails(courier, COURIER_SYSTEM);
}

static bool
may_pass(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
	    error == ENOBUFS || error == ENOMEM;
}

/* ----------------------------------------------------------- datagrams --- */

/*
 * Goes to the door given, or to the next that refused TCP.  A host with several
 * addresses is asked at one after the other, and at no other once one is
 * silent: it would show the message twice.
 */
static void
datagrams_begin(struct courier *courier, int door, int64_t now)
{
	const struct dial *dial = &courier->dial;

	while (door < dial->count && !dial->tries[door].refused)
		door++;
	courier->door = door;
	if (door == dial->count) {
		courier_fails(courier, COURIER_NO_SERVICE);
		return;
	}
	/* A new port for each request, on which no answer comes too late. */
	hang_up(courier);
	courier->datagrams = true;
	courier->fd = socket_to(&dial->tries[door].at, SOCK_DGRAM);
	if (courier->fd < 0) {
		system_fails(courier, errno);
		return;
	}
	courier->resend = now;
	courier->interval = RESEND_MS;
	if (courier->give_up > now + COURIER_DATAGRAM_PATIENCE_MS)
		courier->give_up = now + COURIER_DATAGRAM_PATIENCE_MS;
}

static void
datagrams_fail(struct courier *courier, int error, int64_t now)
{
	if (error == ECONNREFUSED)
		datagrams_begin(courier, courier->door + 1, now);
	else if (!may_pass(error))
		courier_fails(courier, COURIER_UNREACHABLE);
}

static void
datagrams_hear(struct courier *courier, int64_t now)
{
	size_t used;
	ssize_t len = recv(
	    courier->fd, courier->heard, sizeof(courier->heard), 0);

	if (len < 0) {
		datagrams_fail(courier, errno, now);
		return;
	}
	switch (msp_get_reply(
	    courier->heard, (size_t)len, true, &courier->reply, &used)) {
	case MSP_WHOLE:
	case MSP_LOST:
		courier->state = COURIER_ANSWERED;
		break;
	case MSP_FOREIGN:
		courier_fails(courier, COURIER_FOREIGN);
		break;
	case MSP_MORE:
	case MSP_REFUSED:
		break;
	}
}

static void
datagrams_turn(struct courier *courier, const struct turn *turn, int64_t now)
{
	if (turn_ready(turn, courier->fd) != 0)
		datagrams_hear(courier, now);
	if (courier->state != COURIER_ON_ITS_WAY)
		return;
	if (now >= courier->give_up) {
		courier_fails(courier, COURIER_UNANSWERED);
		return;
	}
	if (now < courier->resend)
		return;
	courier->resend = now + courier->interval;
	courier->interval *= 2;
	if (send(courier->fd, courier->request, courier->len, 0) < 0)
		datagrams_fail(courier, errno, now);
}

/* -------------------------------------------------------------- stream --- */

static void
stream_begin(struct courier *courier, int64_t now)
{
	struct address at[DIAL_ADDRESSES_MAX];
	int i;

	hang_up(courier);
	courier->sent = 0;
	courier->heard_len = 0;
	for (i = 0; i < courier->dial.count; i++)
		at[i] = courier->dial.tries[i].at;
	dial_start(
	    &courier->dial, at, courier->dial.count, now, courier->give_up);
}

/* Closed, and no answer: a server may well serve one request and no more. */
static void
stream_breaks(struct courier *courier, int64_t now)
{
	if (courier->proven)
		stream_begin(courier, now);
	else
		courier_fails(courier, COURIER_UNANSWERED);
}

/* Whether no other request can follow: behind half of one it would be lost. */
static bool
stream_is_spent(const struct courier *courier, bool ended)
{
	return ended || courier->sent < courier->len;
}

/* ended: nothing more of the answer comes. */
static void
stream_judge(struct courier *courier, bool ended, int64_t now)
{
	enum msp_reading reading;
	size_t used;

	reading = msp_get_reply(
	    courier->heard, courier->heard_len, ended, &courier->reply, &used);
	courier->heard_len -= used;
	memmove(courier->heard, courier->heard + used, courier->heard_len);
	switch (reading) {
	case MSP_WHOLE:
	case MSP_LOST:
		courier->state = COURIER_ANSWERED;
		courier->proven = true;
		if (stream_is_spent(courier, ended) || reading == MSP_LOST)
			hang_up(courier);
		break;
	case MSP_FOREIGN:
		courier_fails(courier, COURIER_FOREIGN);
		break;
	case MSP_MORE:
	case MSP_REFUSED:
		if (ended)
			stream_breaks(courier, now);
		else if (courier->heard_len > 0 && courier->rest == TURN_NEVER)
			courier->rest = now + COURIER_REST_MS;
		break;
	}
}

static void
stream_hear(struct courier *courier, int64_t now)
{
	ssize_t len = recv(courier->fd, courier->heard + courier->heard_len,
	    sizeof(courier->heard) - courier->heard_len, 0);

	if (len < 0 && may_pass(errno))
		return;
	if (len > 0)
		courier->heard_len += (size_t)len;
	stream_judge(courier, len <= 0, now);
}

/* Why it cannot be sent is heard, perhaps with the answer before that. */
static void
stream_send(struct courier *courier)
{
	ssize_t len = send(courier->fd, courier->request + courier->sent,
	    courier->len - courier->sent, MSG_NOSIGNAL);

	if (len > 0)
		courier->sent += (size_t)len;
	else if (len < 0 && !may_pass(errno))
		courier->sent = courier->len;
}

static void
stream_turn(struct courier *courier, const struct turn *turn, int64_t now)
{
	if (courier->sent < courier->len)
		stream_send(courier);
	if (turn_ready(turn, courier->fd) & ~POLLOUT)
		stream_hear(courier, now);
	if (courier->state != COURIER_ON_ITS_WAY || courier->fd < 0)
		return;
	if (now >= courier->rest)
		stream_judge(courier, true, now);
	else if (now >= courier->give_up)
		courier_fails(courier, COURIER_UNANSWERED);
}

static void
dial_turns(struct courier *courier, const struct turn *turn, int64_t now)
{
	switch (dial_turn(&courier->dial, turn, now)) {
	case DIAL_TRYING:
		break;
	case DIAL_CONNECTED:
		courier->fd = dial_take(&courier->dial);
		stream_turn(courier, turn, now);
		break;
	case DIAL_REFUSED:
		datagrams_begin(courier, 0, now);
		if (courier->datagrams)
			datagrams_turn(courier, turn, now);
		break;
	case DIAL_UNREACHABLE:
		courier_fails(courier, COURIER_UNREACHABLE);
		break;
	case DIAL_SILENT:
		courier_fails(courier, COURIER_SILENT);
		break;
	case DIAL_SYSTEM:
		system_fails(courier, courier->dial.error);
		break;
	}
}

/* ------------------------------------------------------------- courier --- */

void
courier_open(struct courier *courier, const struct address *at, int count)
{
	*courier = (struct courier){ .state = COURIER_IDLE, .fd = -1 };
	dial_start(&courier->dial, at, count, 0, 0);
}

void
courier_close(struct courier *courier)
{
	courier_fails(courier, COURIER_IDLE);
}

void
courier_carry(
    struct courier *courier, const uint8_t *request, size_t len, int64_t now)
{
	memcpy(courier->request, request, len);
	courier->len = len;
	courier->sent = 0;
	courier->heard_len = 0;
	courier->state = COURIER_ON_ITS_WAY;
	courier->give_up = now + COURIER_PATIENCE_MS;
	courier->rest = TURN_NEVER;
	if (courier->datagrams)
		datagrams_begin(courier, courier->door, now);
	else if (courier->fd < 0)
		stream_begin(courier, now);
}

void
courier_await(const struct courier *courier, struct turn *turn)
{
	if (courier->state != COURIER_ON_ITS_WAY)
		return;
	turn_by(turn, courier->give_up);
	if (courier->fd < 0) {
		dial_await(&courier->dial, turn);
		return;
	}
	turn_want(turn, courier->fd, POLLIN);
	if (courier->datagrams) {
		turn_by(turn, courier->resend);
		return;
	}
	turn_by(turn, courier->rest);
	if (courier->sent < courier->len)
		turn_want(turn, courier->fd, POLLOUT);
}

enum courier_state
courier_turn(struct courier *courier, const struct turn *turn, int64_t now)
{
	if (courier->state != COURIER_ON_ITS_WAY)
		return courier->state;
	if (courier->fd < 0)
		dial_turns(courier, turn, now);
	else if (courier->datagrams)
		datagrams_turn(courier, turn, now);
	else
		stream_turn(courier, turn, now);
	return courier->state;
}
