/*
 * retype - what the others are sent for the user's edits, so that every kind of
 * talk ends with the line that the user sees.
 *
 * An erase takes one character as a person sees it here, but one cell in the
 * talks of 4.3BSD's line and in ytalk, where a byte of UTF-8 has a cell of its
 * own, or two, or none; and nothing in the stream tells which kind listens.
 * All agree on blanks and on ASCII.  So a character of ASCII is erased as it
 * is typed; for any other the word is erased, and typed again without it.
 */
#ifndef TALK_RETYPE_H
#define TALK_RETYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "pane.h"

enum {
	/*
	 * Bytes of a word, the blanks behind it too.  One that is longer fills
	 * a row of a terminal of 80 columns, and in the old talks no edit goes
	 * back beyond the begin of the row: there a plain erase does less harm.
	 */
	RETYPE_WORD_MAX = 79,
};

/* All zero at the begin of a line. */
struct retype {
	char line[PANE_LINE_BYTES_MAX]; /* the user's, as far as it goes */
	size_t len;
	int marks; /* on its last character */
};

/*
 * Takes what the user typed: text that has passed the gate, in whole
 * characters, and the user's edit characters within, no printable ASCII among
 * them.  Appends what to send, and to show: the same, the erases aside.  Marks
 * that an erase left without a base, or with too many on it (TEXT_MARKS_MAX),
 * are left out.  False when memory is short.
 */
bool retype_text(struct retype *retype, const uint8_t edit[3],
    const char *bytes, size_t len, struct buffer *out);

#endif
