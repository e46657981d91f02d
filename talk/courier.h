/*
 * courier - carries requests of the Message Send Protocol (common/msp.h) to
 * one host, one at a time, and brings back the answers.
 *
 * Over TCP, so that an answer always comes, and over one connection for all of
 * them.  Where TCP is refused it goes by UDP, sent again a few times; an answer
 * comes from there only when somebody was reached (RFC 1312), so a silence
 * tells little.
 */
#ifndef TALK_COURIER_H
#define TALK_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msp.h"
#include "dial.h"
#include "turn.h"

enum {
	/* From a request's start to its end, whatever becomes of it. */
	COURIER_PATIENCE_MS = 10000,
	COURIER_DATAGRAM_PATIENCE_MS = 5000,
	/* For the rest of an answer, which some servers never end. */
	COURIER_REST_MS = 500,
};

enum courier_state {
	COURIER_IDLE,	    /* nothing was given to it */
	COURIER_ON_ITS_WAY, /* no answer yet */
	COURIER_ANSWERED,   /* the answer is in reply */
	COURIER_NO_SERVICE, /* refused: the host says that nobody serves */
	COURIER_UNREACHABLE,
	COURIER_SILENT,	    /* the host is: nothing could be sent */
	COURIER_UNANSWERED, /* it was sent, and no answer came */
	COURIER_FOREIGN,    /* what came is no answer of this protocol */
	COURIER_SYSTEM,	    /* the system failed us: errno in error */
};

struct courier {
	enum courier_state state;
	struct msp_reply reply; /* of COURIER_ANSWERED */
	int error;

	struct dial dial; /* keeps the addresses, and who refused */
	int fd;		  /* a stream, or a datagram socket; -1: none yet */
	bool datagrams;
	bool proven; /* an answer has come this way before */
	int door;    /* with datagrams: which address */

	uint8_t request[MSP_SIZE];
	size_t len;
	size_t sent; /* of them, on the stream */
	uint8_t heard[MSP_SIZE];
	size_t heard_len;
	int64_t give_up;
	int64_t rest;	  /* when what was heard is all there is */
	int64_t resend;	  /* with datagrams, and */
	int64_t interval; /* the time after that to the next; grows */
};

/* The first DIAL_ADDRESSES_MAX addresses count.  courier_close ends it. */
void courier_open(struct courier *courier, const struct address *at, int count);
void courier_close(struct courier *courier);

/*
 * Carries a request, of at most MSP_SIZE octets, when none is on its way.  A
 * connection that the server has closed since its last answer is made anew.
 */
void courier_carry(
    struct courier *courier, const uint8_t *request, size_t len, int64_t now);

/* Adds to a turn what a request on its way waits for. */
void courier_await(const struct courier *courier, struct turn *turn);

/* Takes in what came, sends what is due; returns courier->state. */
enum courier_state courier_turn(
    struct courier *courier, const struct turn *turn, int64_t now);

#endif
