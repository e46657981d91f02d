/*
 * face - what a session is seen and typed through: the split screen (split.h)
 * or lines (lines.h).
 *
 * The parties of a session are numbered; 0 is the user himself.  A face shows
 * what they write and says what the user types; it knows nothing of sockets to
 * them.
 */
#ifndef TALK_FACE_H
#define TALK_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "turn.h"

/* The most parties of a session, the user included. */
enum { FACE_PARTIES_MAX = 8 };

enum face_input {
	FACE_TYPING,
	FACE_END, /* the user's end of file, or his terminal is gone */
};

struct face;

struct face_functions {
	/* Begins to show; before it, nothing is written anywhere. */
	int (*open)(struct face *face); /* 0 or an errno */

	/*
	 * Adds the next party: its name as the user should read it.  False when
	 * memory is short or there are too many.
	 */
	bool (*add)(struct face *face, const char *name);

	/* Sets a party's edit characters. */
	void (*edit)(struct face *face, int party, const uint8_t edit[3]);

	/* Shows bytes that a party wrote. */
	void (*show)(
	    struct face *face, int party, const char *bytes, size_t len);

	/*
	 * Tells the state of a party, in words that have passed the gate.
	 * Words that differ in their end only cost no more than that.
	 */
	void (*tell)(struct face *face, int party, const char *words);

	/*
	 * Tells what follows those words and changes by the second, "" for
	 * nothing; only where it can be seen to change.
	 */
	void (*count)(struct face *face, int party, const char *words);

	/* Calls the user's attention. */
	void (*ring)(struct face *face, int64_t now);

	/*
	 * listen: whether text can be taken, or only what is for the face; a
	 * face that people sit at is read in either case, and keeps the text.
	 */
	void (*await)(struct face *face, struct turn *turn, bool listen);

	/*
	 * Reads what the user did; appends to typed what is text, as it should
	 * go to the others, edit characters included: a piece of it, if it was
	 * listened for, and all that is left at the end.
	 */
	enum face_input (*read)(
	    struct face *face, const struct turn *turn, struct buffer *typed);

	/* Writes what changed, as far as it goes without waiting. */
	void (*turn)(struct face *face, int64_t now);

	/* Whether so much waits to be written that others should wait. */
	bool (*is_behind)(const struct face *face);

	/* The size of the terminal may have changed; draws anew. */
	void (*resize)(struct face *face);

	/*
	 * Gives the terminal back for a while, and takes it again: whenever
	 * SIGCONT was caught.  In the background that stops us once more.
	 */
	void (*suspend)(struct face *face);
	void (*resume)(struct face *face);

	/*
	 * Shows the last of it and gives the terminal back for good.  False
	 * while some of it waits for a slow reader: to be called again.
	 */
	bool (*close)(struct face *face);
	void (*free)(struct face *face);
};

struct face {
	const struct face_functions *does;
	uint8_t edit[3]; /* the user's own edit characters, for the others */
	/*
	 * A person sits at it: it is read before anybody is there to hear, and
	 * stays when all have left until its user leaves.
	 */
	bool attended;
	int error; /* what made the face end by itself: an errno, or 0 */
};

#endif
