/*
 * user - whoever sits at the client, in memory: it stands in, at link time, for
 * his terminal, his signals and his clock (talk/terminal, talk/signals and
 * talk/turn, and poll(2), in which no time passes), so that a whole session
 * runs at the pace of its fuzzer.
 */
#ifndef TESTS_USER_H
#define TESTS_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "talk/buffer.h"
#include "talk/turn.h"

struct user {
	void *context;
	/* Lets something happen while a turn waits, and tells the turn. */
	void (*waits)(void *context, struct turn *turn);
	/* The terminal takes what was written to it. */
	void (*sees)(void *context, const char *bytes, size_t len);
	int64_t now; /* the clock, in milliseconds */

	int rows, cols;
	struct buffer keys; /* typed, and not yet read */
	size_t room;	    /* the terminal takes no more bytes than that */
	bool behind;	    /* it has not taken all of the last */
	bool raw;
	unsigned long signals; /* that came, by number: 1 << SIGINT */
};

/* From now on this one sits there; user_end frees his keys. */
void user_begin(struct user *user);
void user_end(struct user *user);

void user_type(struct user *user, const void *keys, size_t len);
void user_signal(struct user *user, int number);

/* The terminal's descriptor; poll(2) knows what is ready there. */
int user_terminal(void);

#endif
