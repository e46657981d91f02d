/*
 * delivery - a letter to the people of one host, from the first request to the
 * last answer: what is sent when, and what came of it.
 */
#ifndef TALK_DELIVERY_H
#define TALK_DELIVERY_H

#include <stdint.h>

#include "common/msp.h"
#include "courier.h"
#include "letter.h"
#include "turn.h"

/* How long a server that asks to slow down is waited for, all in all. */
enum { DELIVERY_PATIENCE_MS = 60000 };

enum delivery_state {
	DELIVERY_UNDER_WAY,
	DELIVERY_DONE,
	DELIVERY_NOT_LOGGED_ON,
	DELIVERY_REFUSING,
	DELIVERY_NOT_PERMITTED,
	DELIVERY_TOO_MANY,
	DELIVERY_UNTOLD,   /* the daemon cannot tell now who is logged on */
	DELIVERY_DECLINED, /* for another reason, which is in words */
	DELIVERY_NO_SERVICE,
	DELIVERY_UNREACHABLE,
	DELIVERY_SILENT,     /* the host is: nothing was sent */
	DELIVERY_UNANSWERED, /* it was sent, and nobody knows what came of it */
	DELIVERY_NOT_SPOKEN, /* what answers speaks another protocol */
	DELIVERY_UNWRITABLE, /* no request can hold it, which is in words */
	DELIVERY_SYSTEM,     /* the system failed us: errno in error */
};

struct delivery {
	enum delivery_state state;
	char words[MSP_SIZE]; /* bytes from outside, for a person */
	int error;
	unsigned delivered; /* requests, of as many as it takes */

	struct letter *letter; /* the caller's */
	struct courier courier;
	uint8_t request[MSP_SIZE];
	size_t len;
	int64_t retry;	/* when to send it again; TURN_NEVER: not */
	int64_t pause;	/* before that, grows */
	int64_t waited; /* of DELIVERY_PATIENCE_MS */
};

/* Begins to send.  delivery_end ends it, however far it has come. */
void delivery_start(struct delivery *delivery, struct letter *letter,
    const struct address *at, int count, int64_t now);
void delivery_end(struct delivery *delivery);

/* Adds to a turn what it waits for. */
void delivery_await(const struct delivery *delivery, struct turn *turn);

/* Goes on with what came; returns delivery->state. */
enum delivery_state delivery_turn(
    struct delivery *delivery, const struct turn *turn, int64_t now);

#endif
