/*
 * emulator - a terminal that lives in memory: the bytes a program writes go
 * in, the screen a person would see can be asked for.
 *
 * It does what a VT100 does and what the curses library writes to an xterm:
 * movement, erasing, inserting, deleting, scroll regions, reverse video, line
 * drawing, the alternate screen; and UTF-8 with characters of two columns, of
 * none, and such as share a cell (text_cluster_join).  A character in the last
 * column leaves the cursor on it, and only the next one goes to a new line, as
 * on both.  Rows and columns count from 0.
 *
 * Pure: no descriptors, no globals.  The program calls text_init first.
 */
#ifndef TESTS_EMULATOR_H
#define TESTS_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>

struct emulator;

/* An empty screen, the cursor at its top left; NULL when memory is short. */
struct emulator *emulator_new(int rows, int cols);
void emulator_free(struct emulator *e);

/*
 * A VT100 instead of an xterm, from now on: sequences that it had not, or modes
 * or renditions, count as not known; so does a scroll region that does not fit.
 * Erasing leaves the cursor waiting behind the last column, where xterm's does
 * not.
 */
void emulator_be_vt100(struct emulator *e);

/* Takes what a program wrote, cut anywhere. */
void emulator_feed(struct emulator *e, const char *bytes, size_t len);

/*
 * Changes the size as xterm does: text keeps its place from the top left, but
 * moves up where the cursor would else be lost.  False: memory is short, and
 * the size is as it was.
 */
bool emulator_resize(struct emulator *e, int rows, int cols);

int emulator_rows(const struct emulator *e);
int emulator_cols(const struct emulator *e);

/*
 * Writes a row as UTF-8, without the blanks at its end, cut to size and ended
 * by NUL; "" for a row that is not there.  Returns the length written.
 */
size_t emulator_row(const struct emulator *e, int row, char *text, size_t size);

/*
 * Writes what one cell shows as UTF-8, "" for a blank, likewise; *width is 2 or
 * 1, or 0 for the second half of a character of two columns.
 */
size_t emulator_cell(const struct emulator *e, int row, int col, char *text,
    size_t size, int *width);

/* Whether a place of the screen shows in reverse video. */
bool emulator_is_reverse(const struct emulator *e, int row, int col);

void emulator_cursor(const struct emulator *e, int *row, int *col);

/* How many bells rang, and bytes were fed, since the start. */
unsigned emulator_bells(const struct emulator *e);
size_t emulator_fed(const struct emulator *e);

/*
 * How many sequences came that this terminal does not know, and how many that
 * no program should let through: such as make a terminal answer, set its
 * title, turn the direction of text; controls of C1; bytes that are no UTF-8.
 */
unsigned emulator_unknown(const struct emulator *e);
unsigned emulator_suspicious(const struct emulator *e);

/* The first of either, to be read by people: "ESC[6n"; "" when none came. */
const char *emulator_complaint(const struct emulator *e);

#endif
