/*
 * pane - what one party has written: bytes in, lines out.  A pane knows
 * nothing of terminals; a view (view.h) lays its lines out for one.
 *
 * The party's bytes pass the gate (common/text.h) and are edited by the
 * party's own edit characters, as every talk has it: erase takes the last
 * character (with its marks), word-erase the blanks before the end and then
 * the word, kill the line; none of them goes back beyond a newline.  A control
 * shown as ^X is two characters to them, as in 4.3BSD's talk and all that came
 * of it, so that both ends stay in step.  So is BS or DEL of a party that has
 * declared another erase: its own screen shows ^H or ^? too.
 *
 * Not shown are NUL and ^L, which redraws the sender's own screen; ^D, as
 * 4.3BSD's talk sends it, clears the view, and the text stays above it.
 */
#ifndef TALK_PANE_H
#define TALK_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PANE_LINES_MAX = 10000,	    /* kept for scrolling back; oldest out */
	PANE_BYTES_MAX = 4 << 20,   /* that they may take together, likewise */
	PANE_LINE_BYTES_MAX = 8192, /* a longer line is ended by the pane */
	PANE_GNU_BYTES_MAX = 256,   /* of a line of ytalk 4's own */
};

/* Edit characters of a party that has not said, or not sensibly. */
enum {
	PANE_ERASE = 0x7f,
	PANE_KILL = 0x15,
	PANE_WORD_ERASE = 0x17,
};

struct pane;

/* NULL when memory is short.  wrap: for views, to break lines at blanks. */
struct pane *pane_new(bool wrap);
void pane_free(struct pane *pane);

/*
 * Sets erase, kill and word-erase.  They come from outside: one that is
 * printable, BEL, TAB, a newline, or a byte of UTF-8 or ISO 8859-1 text would
 * eat text, and its default stands instead.  0 is none, and so is 0xFF, as the
 * BSDs have it (_POSIX_VDISABLE).  ytalk's mark, the erase 0xFE, is taken.
 */
void pane_set_edit(struct pane *pane, const uint8_t edit[3]);

/*
 * Takes bytes as the party sent them, cut anywhere.  ytalk 4's lines of its
 * own (0x03, a type, text, then kill or newline or both) are swallowed.  False
 * when memory was short: some of the text is lost, the pane stays whole.
 */
bool pane_feed(struct pane *pane, const char *bytes, size_t len);

/*
 * Shows a character of which the rest does not come, as ISO 8859-1; for a
 * pause of 100 ms, and for the end of the stream.  Should the rest come after
 * all, the whole character takes that place.
 */
void pane_settle(struct pane *pane);

/* Whether pane_settle would show something. */
bool pane_is_unsettled(const struct pane *pane);

/* Bells asked for since the last call of this. */
unsigned pane_take_bells(struct pane *pane);

/*
 * For faces without a screen: the oldest ended line not yet taken, UTF-8, no
 * newline, tabs kept, *len bytes and no NUL, valid until the pane is next fed
 * or freed; NULL when none is ended.  Take all of them after feeding
 * PANE_LINES_MAX bytes at most, or the oldest are lost.
 */
const char *pane_take_line(struct pane *pane, size_t *len);

/* The line not ended yet, likewise; len 0 when it is empty. */
const char *pane_last_line(const struct pane *pane, size_t *len);

/*
 * For views: all text that is kept, valid as long.  Its bytes, newlines too,
 * are counted since the pane began, so that a number stands for the same place
 * for as long as that is kept; those of the line not ended yet go on behind
 * the ended ones.
 */
struct pane_text {
	const char *ended; /* lines, each with its newline */
	size_t ended_len;
	const char *last; /* the line not ended yet */
	size_t last_len;
	uint64_t first;	  /* the number of the first byte of `ended` */
	uint64_t cleared; /* of the first one since the last ^D */
	bool wrap;
};

void pane_text(const struct pane *pane, struct pane_text *text);

#endif
