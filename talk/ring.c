/*
 * ring - what a daemon's answer to a ring tells: where it rang, or why not, and
 * when it is time for the next.
 */
#include "ring.h"

#include <stdio.h>

static enum call_failure
failure_by_reason(enum extension_reason reason)
{
	switch (reason) {
	case EXTENSION_CLOSED:
		return CALL_REFUSING;
	case EXTENSION_FORBIDDEN:
		return CALL_FORBIDDEN;
	case EXTENSION_TOO_OFTEN:
		return CALL_TOO_OFTEN;
	case EXTENSION_STUCK:
		return CALL_STUCK;
	case EXTENSION_AMBIGUOUS:
		return CALL_AMBIGUOUS;
	case EXTENSION_IMPOSTOR:
		return CALL_IMPOSTOR;
	case EXTENSION_NO_REASON:
		break;
	}
	return CALL_NOT_FAILED;
}

static enum call_failure
failure_by_answer(enum talk_answer answer)
{
	switch (answer) {
	case TALK_SUCCESS:
		return CALL_NOT_FAILED;
	case TALK_NOT_HERE:
		return CALL_NOT_LOGGED_ON;
	case TALK_PERMISSION_DENIED:
		return CALL_REFUSING;
	case TALK_FAILED:
	case TALK_MACHINE_UNKNOWN:
		return CALL_TOO_BUSY;
	default:
		return CALL_NOT_SPOKEN;
	}
}

enum call_failure
ring_failure(const struct talk_reply *reply, const struct extension_reply *more)
{
	enum call_failure failure = failure_by_reason(more->reason);

	return reply->answer == TALK_SUCCESS || failure == CALL_NOT_FAILED
	    ? failure_by_answer(reply->answer)
	    : failure;
}

bool
ring_may_pass(enum call_failure failure)
{
	return failure == CALL_TOO_BUSY || failure == CALL_TOO_OFTEN ||
	    failure == CALL_STUCK;
}

void
ring_where(const struct extension_reply *more, char text[RING_WHERE_SIZE])
{
	size_t len = 0;
	size_t i;

	if (more->terminal_count == 0)
		return;
	for (i = 0; i < more->terminal_count && i < RING_TERMINALS_MAX; i++)
		len += (size_t)snprintf(text + len, RING_WHERE_SIZE - len,
		    "%s%s", i == 0 ? " (rang on " : ", ", more->terminals[i]);
	if (i < more->terminal_count)
		len += (size_t)snprintf(text + len, RING_WHERE_SIZE - len,
		    " and %zu more", more->terminal_count - i);
	snprintf(text + len, RING_WHERE_SIZE - len, ")");
}

int64_t
ring_countdown(const char *event, int64_t then, int64_t now,
    char text[CALL_COUNTDOWN_SIZE])
{
	int64_t seconds = (then - now + 999) / 1000;

	if (seconds < 1)
		seconds = 1;
	snprintf(
	    text, CALL_COUNTDOWN_SIZE, "; %s in %d s", event, (int)seconds);
	/* What is due may wait for an answer: that has no clock. */
	return then <= now ? TURN_NEVER : then - (seconds - 1) * 1000;
}
