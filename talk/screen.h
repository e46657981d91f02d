/*
 * screen - a grid of cells, and the fewest bytes that turn what a terminal
 * shows into what it should show.
 *
 * ECMA-48 as a VT100 has it, to a terminal that is asked nothing:
 *	CUP	ESC [ row ; col H	move the cursor
 *	EL	ESC [ K			erase to the end of the line
 *	ED	ESC [ 2 J		erase everything
 *	SGR	ESC [ 7 m, ESC [ m	reverse video for the separator, and off
 *	DECSTBM	ESC [ top ; bottom r	rows to scroll; ESC [ r for all of them
 *	LF, RI	ESC M			at their edge, scroll those up or down
 *	and CR, CR LF, BS where they are shorter than CUP.
 *
 * The terminal is taken to wrap late, as a VT100 does: a character in the last
 * column leaves the cursor there until the next one comes, which is never
 * sent.  One that wraps at once is served as well, but for a character in the
 * last column of the last row, which scrolls it.
 *
 * Terminals differ on the width of emoji, of marks and of much else.  After
 * such a character the cursor is always addressed anew, and what it may have
 * covered is written again.
 *
 * Pure: bytes go to a buffer.  The screen trusts its cells: what is put in
 * them has passed the gate.
 */
#ifndef TALK_SCREEN_H
#define TALK_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#include "buffer.h"

/*
 * A place on the screen.  A cluster two columns wide fills a cell of width 2,
 * and the cell after it is all zero.  Cells compare as bytes: what is unused
 * is zero; cell_set sees to it.
 */
struct cell {
	char text[TEXT_CLUSTER_SIZE]; /* UTF-8, no NUL */
	uint8_t len;		      /* 0 stands for a blank */
	uint8_t width;
	uint8_t reverse;
};

/*
 * Puts a cluster of at most TEXT_CLUSTER_SIZE bytes in a cell, and in the one
 * after it too when width is 2; or blanks the cell when len is 0.  It is not
 * reverse then.
 */
void cell_set(struct cell *cell, const char *text, size_t len, int width);

struct screen;

/* NULL when memory is short.  Nothing is known of the terminal at first. */
struct screen *screen_new(int rows, int cols);
void screen_free(struct screen *screen);

/* Changes the size: the next render draws it all.  False: memory is short. */
bool screen_resize(struct screen *screen, int rows, int cols);

int screen_rows(const struct screen *screen);
int screen_cols(const struct screen *screen);

/*
 * The cells that should show, of one row, the next row's behind them; the
 * caller fills them, and they stay as filled.  They are blank at first and
 * after a change of the size.
 */
struct cell *screen_row(struct screen *screen, int row);

/*
 * Tells that rows may have moved together since the last render: the next one
 * has the terminal scroll them, where that takes fewer bytes than to write
 * them.  At most SCREEN_REGIONS_MAX times a render; apart from each other.
 */
enum { SCREEN_REGIONS_MAX = 8 };

void screen_region(struct screen *screen, int top, int rows);

/* Where the cursor should rest; the nearest place there is. */
void screen_cursor(struct screen *screen, int row, int col);

/* Forgets what the terminal shows: the next render draws it all (^L). */
void screen_forget(struct screen *screen);

/*
 * Appends what changes the terminal into what should show; nothing when it
 * shows that already.  Reverse video is off at the end.  False when memory is
 * short: nothing is then appended, and the next render draws it all.
 */
bool screen_render(struct screen *screen, struct buffer *out);

#endif
