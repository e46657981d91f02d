/*
 * view - what a pane's text looks like in so many rows and columns: the end of
 * it, or a place further back that stays where it is while more text comes.
 *
 * A row is broken where a blank or a wide character ends, if the pane wraps
 * and the row has one, else where it is full; blanks at the break stay at the
 * end of the row, beyond its edge if need be.  TAB goes to the next multiple
 * of 8 columns.  In less than two columns nothing is shown.
 */
#ifndef TALK_VIEW_H
#define TALK_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pane.h"
#include "screen.h"

/* All zero looks at the end.  Only the first is for others to set. */
struct view {
	bool held;    /* at `top`; false: at the end, wherever that goes */
	uint64_t top; /* a byte of the top row, as the pane counts them */
	/*
	 * So that a long way back costs nothing while text comes: the ended
	 * lines take so many rows from the start of top's line to `counted`.
	 */
	int cols;
	uint64_t start;
	uint64_t counted;
	size_t rows;
};

/*
 * Lays out rows x cols cells, row by row.  At the end, the last of the text is
 * on the last row once there is more than fits, as on a terminal.  Where the
 * next character would go is put in *row and *col; *row is -1 when that is out
 * of sight.  Returns how many rows it is back from the end.
 *
 * A held view keeps the character that its top row began with on the top row
 * whatever comes and whatever its size; but it never leaves rows empty for
 * which there is text, nor holds what is no longer kept.
 */
int view_draw(struct view *view, const struct pane *pane, int rows, int cols,
    struct cell *cells, int *row, int *col);

/*
 * Goes so many rows back, or forth if negative, as far as there is text; holds
 * the view there, but at the end.
 */
void view_scroll(
    struct view *view, const struct pane *pane, int rows, int cols, int back);

#endif
