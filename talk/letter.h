/*
 * letter - a text to somebody, as the requests of the Message Send Protocol
 * that carry it: one, or several in order when it is longer than one may be.
 */
#ifndef TALK_LETTER_H
#define TALK_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "common/msp.h"
#include "common/person.h"

/* Whom to, who from; all of it remains the caller's, and lasts as long. */
struct letter_head {
	const struct person *to; /* user "": everyone */
	const char *sender;	 /* a login name */
	const char *terminal;	 /* of the sender; "" for none */
	const char *stamp;	 /* of letter_stamp: what cookies begin with */
};

struct letter {
	struct msp_message request;
	const char *stamp;
	const char *text; /* what is not in a request yet */
	size_t len;
	uint32_t count; /* of requests so far */
};

enum {
	LETTER_STAMP_SIZE = 25,
	/*
	 * A request has no more lines than that, for a terminal is shown 50 of
	 * a message, and the long ones among them are wrapped.
	 */
	LETTER_LINES_MAX = 40,
};

/*
 * Makes a stamp that no other letter on this host has, nor can others guess it
 * with ease: from the clock and the process id.
 */
void letter_stamp(char stamp[LETTER_STAMP_SIZE]);

/* The text, of a draft (draft.h), remains the caller's, and lasts as long. */
void letter_start(struct letter *letter, const struct letter_head *head,
    const char *text, size_t len);

/*
 * Writes the next request, under a cookie of its own, and returns its length;
 * 0 after the last.  0 with *reason, a literal for people, when the letter
 * cannot be written.
 */
size_t letter_next(
    struct letter *letter, uint8_t request[MSP_SIZE], const char **reason);

#endif
