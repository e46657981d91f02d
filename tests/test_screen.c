/*
 * The tests of talk/screen: what its bytes make of a terminal, and how many
 * they are.
 *
 * The terminal here knows no more than the screen may send, and fails at
 * anything else.  Terminals differ; this one can be each kind: one that wraps
 * late, as a VT100 does, or at once; one that sets a cluster in one place, or
 * each of its characters.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "talk/screen.h"

#define E_ACUTE	   "\xc3\xa9"
#define E_COMBINED "e\xcc\x81"
#define WORLD	   "\xe4\xb8\x96"
#define GRIN	   "\xf0\x9f\x98\x80"
#define FAMILY                                                     \
	"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d" \
	"\xf0\x9f\x91\xa7"
#define FLAG  "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
#define HEART "\xe2\x9d\xa4\xef\xb8\x8f"

enum { ROWS_MAX = 12, COLS_MAX = 40 };

struct kind {
	bool wraps_late;
	bool knows_clusters;
	bool narrow_emoji; /* shows them in one column, as very old ones do */
};

struct terminal {
	struct kind kind;
	int rows, cols;
	int row, col;
	int top, bottom; /* of the rows that scroll */
	bool pending;	 /* a character stands in the last column */
	bool reverse;
	struct text_cluster cluster; /* the last one set */
	int cluster_row, cluster_col;
	struct cell cells[ROWS_MAX][COLS_MAX];
};

static int
setup(void **state)
{
	(void)state;
	return text_init() ? 0 : -1;
}

/* ------------------------------------------------------------ terminal --- */

static void
terminal_erase(struct terminal *t, int row, int from, int to)
{
	for (; from < to; from++)
		cell_set(&t->cells[row][from], NULL, 0, 1);
}

static void
terminal_init(struct terminal *t, struct kind kind, int rows, int cols)
{
	int row, col;

	memset(t, 0, sizeof(*t));
	t->kind = kind;
	t->rows = rows;
	t->cols = cols;
	t->bottom = rows - 1;
	for (row = 0; row < rows; row++)
		for (col = 0; col < cols; col++)
			cell_set(&t->cells[row][col], "#", 1, 1);
}

/* A character over one half of a wide one leaves the other half blank. */
static void
terminal_split(struct terminal *t, int row, int col)
{
	struct cell *cells = t->cells[row];

	if (col < t->cols && cells[col].width == 0) {
		cell_set(&cells[col - 1], NULL, 0, 1);
		cell_set(&cells[col], NULL, 0, 1);
	}
}

static void
terminal_join(struct terminal *t, uint32_t code, int width)
{
	struct cell *cell = &t->cells[t->cluster_row][t->cluster_col];

	assert_true(cell->len + TEXT_UTF8_SIZE <= TEXT_CLUSTER_SIZE);
	cell->len = (uint8_t)(cell->len +
	    text_encode(code, cell->text + cell->len));
	if (width == 2 && cell->width == 1) {
		assert_true(t->cluster_col + 1 < t->cols);
		terminal_split(t, t->cluster_row, t->cluster_col + 2);
		cell[0].width = 2;
		memset(&cell[1], 0, sizeof(cell[1]));
		t->col++;
		if (t->col >= t->cols) {
			t->col = t->cols - 1;
			t->pending = true;
		}
	}
}

static void
terminal_set(struct terminal *t, uint32_t code)
{
	char bytes[TEXT_UTF8_SIZE];
	size_t len = text_encode(code, bytes);
	int width = text_width(code);
	bool joins = text_cluster_join(&t->cluster, code);

	assert_in_range(width, 0, 2);
	if (t->kind.narrow_emoji && width == 2 && code >= 0x1f000)
		width = 1;
	if (width == 0 || (t->kind.knows_clusters && joins)) {
		assert_true(t->cluster_col >= 0);
		terminal_join(
		    t, code, t->kind.knows_clusters ? t->cluster.width : 0);
		return;
	}
	if (t->pending || t->col + width > t->cols)
		fail_msg("the terminal wrapped");
	t->cluster_row = t->row;
	t->cluster_col = t->col;
	terminal_split(t, t->row, t->col);
	terminal_split(t, t->row, t->col + width);
	cell_set(&t->cells[t->row][t->col], bytes, len, width);
	t->cells[t->row][t->col].reverse = t->reverse;
	t->col += width;
	if (t->col < t->cols)
		return;
	if (t->kind.wraps_late) {
		t->col = t->cols - 1;
		t->pending = true;
	} else {
		t->col = 0;
		t->row++;
		if (t->row == t->rows)
			fail_msg("the terminal scrolled");
	}
}

static void
terminal_set_region(struct terminal *t, int first, int second)
{
	if (first == 0 && second == 0) {
		t->top = 0;
		t->bottom = t->rows - 1;
	} else {
		assert_in_range(first, 1, t->rows - 1);
		assert_in_range(second, first + 1, t->rows);
		t->top = first - 1;
		t->bottom = second - 1;
	}
	t->row = t->col = 0;
	t->pending = false;
}

static bool
terminal_has_region(const struct terminal *t)
{
	return t->top > 0 || t->bottom < t->rows - 1;
}

/* Moves the rows of the region; one comes in blank. */
static void
terminal_scroll(struct terminal *t, bool up)
{
	size_t count = (size_t)(t->bottom - t->top);

	assert_true(terminal_has_region(t));
	assert_false(t->reverse);
	memmove(t->cells[up ? t->top : t->top + 1],
	    t->cells[up ? t->top + 1 : t->top], count * sizeof(t->cells[0]));
	terminal_erase(t, up ? t->bottom : t->top, 0, t->cols);
}

static const char *
terminal_escape(struct terminal *t, const char *s)
{
	int first = 0, second = 0, row;
	bool both = false;

	if (*s == 'M') {
		assert_int_equal(t->row, t->top);
		terminal_scroll(t, false);
		return s + 1;
	}
	assert_int_equal(*s++, '[');
	for (; (*s >= '0' && *s <= '9') || *s == ';'; s++) {
		if (*s == ';')
			both = true;
		else if (both)
			second = second * 10 + *s - '0';
		else
			first = first * 10 + *s - '0';
	}
	if (*s == 'H') {
		assert_in_range(first, 1, t->rows);
		assert_in_range(second, 1, t->cols);
		t->row = first - 1;
		t->col = second - 1;
		t->pending = false;
	} else if (*s == 'K' && first == 0) {
		assert_false(t->pending || t->reverse);
		terminal_split(t, t->row, t->col);
		terminal_erase(t, t->row, t->col, t->cols);
	} else if (*s == 'J' && first == 2) {
		assert_false(t->reverse);
		for (row = 0; row < t->rows; row++)
			terminal_erase(t, row, 0, t->cols);
	} else if (*s == 'r') {
		terminal_set_region(t, first, second);
	} else if (*s == 'm' && (first == 0 || first == 7)) {
		t->reverse = first == 7;
	} else {
		fail_msg("an unexpected escape sequence");
	}
	return s + 1;
}

static void
terminal_control(struct terminal *t, char c)
{
	if (c == '\r') {
		t->col = 0;
	} else if (c == '\b') {
		assert_true(t->col > 0);
		assert_false(t->pending);
		t->col--;
	} else {
		assert_int_equal(c, '\n');
		if (t->row == t->bottom)
			terminal_scroll(t, true);
		else
			t->row++;
	}
	t->pending = false;
}

static void
terminal_write(struct terminal *t, const char *s, size_t len)
{
	const char *end = s + len;
	uint32_t code;
	size_t size;
	bool valid;

	while (s < end) {
		if (*s == '\033') {
			s = terminal_escape(t, s + 1);
			t->cluster = (struct text_cluster){ 0 };
		} else if ((unsigned char)*s < ' ') {
			terminal_control(t, *s++);
			t->cluster = (struct text_cluster){ 0 };
		} else {
			size = text_decode(s, (size_t)(end - s), &code, &valid);
			assert_true(size > 0 && valid);
			terminal_set(t, code);
			s += size;
		}
	}
}

/* --------------------------------------------------------------- tools --- */

/* Renders to the terminal; returns the number of bytes that took. */
static size_t
render(struct screen *screen, struct terminal *t)
{
	struct buffer out = { 0 };
	size_t len;

	assert_true(screen_render(screen, &out));
	len = buffer_len(&out);
	terminal_write(t, buffer_head(&out), len);
	buffer_free(&out);
	assert_false(t->reverse);
	assert_false(terminal_has_region(t));
	return len;
}

static bool
same_text(const struct cell *a, const struct cell *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/*
 * Whether the terminal shows a wanted cell.  A terminal that does not set it
 * in its width need only begin with what it begins with; what stands next to
 * it is compared as any other.
 */
static bool
shows(const struct terminal *t, const struct cell *wanted, int row, int col)
{
	const struct cell *cell = &t->cells[row][col];
	uint32_t first, other;
	bool valid;

	if (wanted->reverse != cell->reverse)
		return false;
	if (wanted->width == 2 && cell->width == 1 &&
	    wanted->len <= strlen(HEART) && cell[1].len != 0)
		return false; /* what it leaves free is not blank */
	if (same_text(cell, wanted))
		return wanted->width == cell->width || t->kind.narrow_emoji ||
		    !t->kind.knows_clusters;
	if (cell->len == 0 || wanted->len == 0)
		return false;
	text_decode(wanted->text, wanted->len, &first, &valid);
	text_decode(cell->text, cell->len, &other, &valid);
	return first == other && wanted->len > cell->len &&
	    (!t->kind.knows_clusters || col + 6 > t->cols);
}

static void
assert_shows(const struct terminal *t, struct screen *screen)
{
	const struct cell *wanted;
	int row, col;

	for (row = 0; row < t->rows; row++) {
		wanted = screen_row(screen, row);
		for (col = 0; col < t->cols; col += wanted[col].width)
			if (!shows(t, &wanted[col], row, col))
				fail_msg("row %d, column %d: \"%.*s\" for "
					 "\"%.*s\"",
				    row, col, t->cells[row][col].len,
				    t->cells[row][col].text, wanted[col].len,
				    wanted[col].text);
	}
}

static void
put_text(struct screen *screen, int row, int col, const char *text)
{
	struct cell *cells = screen_row(screen, row);
	size_t len = strlen(text), size;
	int width;

	for (; len > 0; text += size, len -= size) {
		size = text_cluster_len(text, len, &width);
		cell_set(&cells[col], text, size, width);
		col += width;
	}
	screen_cursor(screen, row, col);
}

static const struct kind vt100 = { true, true, false };

/* A screen of 10 x 40 that shows nothing, and the terminal it is on. */
static struct screen *
blank_screen(struct terminal *t)
{
	struct screen *screen = screen_new(10, 40);

	assert_non_null(screen);
	terminal_init(t, vt100, 10, 40);
	render(screen, t);
	assert_shows(t, screen);
	return screen;
}

static void
assert_bytes(struct screen *screen, const char *expected)
{
	struct buffer out = { 0 };

	assert_true(screen_render(screen, &out));
	assert_int_equal(buffer_len(&out), strlen(expected));
	assert_memory_equal(buffer_head(&out), expected, strlen(expected));
	buffer_free(&out);
}

/* --------------------------------------------------------------- bytes --- */

static void
the_first_render_draws_it_all(void **state)
{
	struct screen *screen = screen_new(2, 10);

	(void)state;
	put_text(screen, 0, 0, "one");
	put_text(screen, 1, 0, "two");
	assert_bytes(screen, "\033[m\033[2J\033[1;1Hone\r\ntwo");
	assert_bytes(screen, "");
	screen_forget(screen);
	assert_bytes(screen, "\033[m\033[2J\033[1;1Hone\r\ntwo");
	screen_free(screen);
}

static void
no_change_costs_nothing(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 3, 0, "h" E_ACUTE "llo " WORLD " " FAMILY);
	assert_true(render(screen, &t) > 0);
	assert_int_equal(render(screen, &t), 0);
	put_text(screen, 3, 0, "h" E_ACUTE "llo " WORLD " " FAMILY);
	assert_int_equal(render(screen, &t), 0);
	screen_free(screen);
}

static void
a_keystroke_costs_no_more_than_its_character(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	screen_cursor(screen, 2, 0);
	render(screen, &t);
	put_text(screen, 2, 0, "a");
	assert_bytes(screen, "a");
	put_text(screen, 2, 1, E_ACUTE);
	assert_bytes(screen, E_ACUTE);
	put_text(screen, 2, 2, WORLD);
	assert_bytes(screen, WORLD);
	put_text(screen, 2, 4, " ");
	assert_bytes(screen, " ");
	screen_cursor(screen, 3, 0);
	assert_bytes(screen, "\r\n");
	screen_free(screen);
}

static void
an_erase_costs_three_bytes(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 2, 0, "word");
	render(screen, &t);
	put_text(screen, 2, 3, " ");
	screen_cursor(screen, 2, 3);
	assert_bytes(screen, "\b \b");
	put_text(screen, 2, 0, "    ");
	screen_cursor(screen, 2, 0);
	assert_bytes(screen, "\b\b\b\033[K");
	screen_free(screen);
}

static void
a_long_blank_tail_is_erased_at_once(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 5, 0, "0123456789012345678901234567890123456789");
	screen_cursor(screen, 5, 2);
	render(screen, &t);
	put_text(screen, 5, 2, "                                      ");
	screen_cursor(screen, 5, 2);
	assert_bytes(screen, "\033[K");
	screen_free(screen);
}

static void
a_change_far_away_is_addressed(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 0, 0, "x");
	put_text(screen, 8, 20, "y");
	screen_cursor(screen, 0, 1);
	assert_bytes(screen, "x\033[9;21Hy\033[1;2H");
	screen_free(screen);
}

static void
a_short_gap_is_written_over(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 0, 0, "a" E_ACUTE "c");
	screen_cursor(screen, 0, 0);
	render(screen, &t);
	put_text(screen, 0, 0, "X" E_ACUTE "Z");
	assert_bytes(screen, "X" E_ACUTE "Z");
	screen_free(screen);
}

static void
reverse_is_only_where_wanted_and_off_at_the_end(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 0, 0, "abc");
	screen_row(screen, 0)[1].reverse = 1;
	assert_bytes(screen, "a\033[7mb\033[mc");
	screen_row(screen, 0)[2].reverse = 1;
	screen_cursor(screen, 0, 3);
	assert_bytes(screen, "\b\033[7mc\033[m");
	screen_row(screen, 0)[3].reverse = 1;
	screen_cursor(screen, 0, 4);
	assert_bytes(screen, "\033[7m \033[m");
	screen_free(screen);
}

static void
the_cursor_is_addressed_after_what_terminals_differ_on(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	screen_cursor(screen, 0, 0);
	render(screen, &t);
	put_text(screen, 0, 0, E_COMBINED);
	assert_bytes(screen, E_COMBINED "\033[1;2H");
	put_text(screen, 0, 1, GRIN);
	assert_bytes(screen, GRIN "\033[1;4H");
	put_text(screen, 0, 3, "x");
	assert_bytes(screen, "x");
	screen_free(screen);
}

static void
the_cursor_is_addressed_after_the_last_column(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	screen_cursor(screen, 0, 39);
	render(screen, &t);
	put_text(screen, 0, 39, "x");
	screen_cursor(screen, 1, 0);
	assert_bytes(screen, "x\033[2;1H");
	screen_free(screen);
}

static void
a_cursor_beyond_the_edge_rests_at_it(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	screen_cursor(screen, 99, 99);
	render(screen, &t);
	assert_int_equal(t.row, 9);
	assert_int_equal(t.col, 39);
	screen_cursor(screen, -1, -1);
	render(screen, &t);
	assert_int_equal(t.row, 0);
	assert_int_equal(t.col, 0);
	screen_free(screen);
}

/* ---------------------------------------------------------- what shows --- */

static void
halves_of_wide_characters_are_made_good(void **state)
{
	static const char *const steps[] = { WORLD WORLD WORLD, "a" WORLD WORLD,
		WORLD "b" WORLD "c", "abcdef", " " WORLD " " WORLD,
		WORLD GRIN WORLD, "a" GRIN "bcd", "      " };
	struct terminal t;
	struct screen *screen = blank_screen(&t);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		put_text(screen, 1, 10, "      ");
		put_text(screen, 1, 10, steps[i]);
		render(screen, &t);
		assert_shows(&t, screen);
	}
	screen_free(screen);
}

static void
cells_that_are_not_sound_are_blank(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);
	struct cell *cells = screen_row(screen, 0);

	(void)state;
	put_text(screen, 0, 0, "abc");
	memset(&cells[1], 0, sizeof(cells[1])); /* nothing before it is wide */
	cell_set(&cells[5], WORLD, 2, 1);	/* half a character */
	cell_set(&cells[38], WORLD, 3, 2);
	cells[39] = cells[38]; /* no room for its other half */
	cell_set(&cells[38], "x", 1, 1);
	render(screen, &t);
	assert_int_equal(t.cells[0][0].text[0], 'a');
	assert_int_equal(t.cells[0][1].len, 0);
	assert_int_equal(t.cells[0][2].text[0], 'c');
	assert_int_equal(t.cells[0][5].len, 0);
	assert_int_equal(t.cells[0][39].len, 0);
	assert_int_equal(render(screen, &t), 0);
	screen_free(screen);
}

static void
a_cluster_longer_than_a_cell_is_cut(void **state)
{
	char cluster[TEXT_CLUSTER_SIZE + 8];
	struct cell cell;

	(void)state;
	memset(cluster, 'e', sizeof(cluster));
	cell_set(&cell, cluster, sizeof(cluster), 1);
	assert_int_equal(cell.len, TEXT_CLUSTER_SIZE);
	assert_memory_equal(cell.text, cluster, TEXT_CLUSTER_SIZE);
}

static void
the_last_cell_of_all_is_used(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 9, 37, "xyz");
	render(screen, &t);
	assert_shows(&t, screen);
	put_text(screen, 9, 38, WORLD);
	render(screen, &t);
	assert_shows(&t, screen);
	put_text(screen, 9, 38, "  ");
	render(screen, &t);
	assert_shows(&t, screen);
	screen_free(screen);
}

/* A terminal that wraps at once must not scroll for the sake of a blank. */
static void
the_last_cell_of_all_is_blanked_by_erasing(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 9, 39, "x");
	screen_cursor(screen, 9, 39);
	render(screen, &t);
	put_text(screen, 9, 39, " ");
	screen_cursor(screen, 9, 39);
	assert_bytes(screen, "\033[K");
	screen_free(screen);
}

static void
a_cluster_that_may_not_fit_is_cut(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	screen_cursor(screen, 0, 38);
	render(screen, &t);
	put_text(screen, 0, 38, FAMILY);
	screen_cursor(screen, 1, 0);
	assert_bytes(screen, "\xf0\x9f\x91\xa8\033[2;1H");
	screen_free(screen);
}

static void
a_new_size_is_drawn_anew(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 0, 0, "old");
	render(screen, &t);
	assert_true(screen_resize(screen, 5, 20));
	assert_int_equal(screen_rows(screen), 5);
	assert_int_equal(screen_cols(screen), 20);
	terminal_init(&t, vt100, 5, 20);
	put_text(screen, 4, 0, "new");
	render(screen, &t);
	assert_shows(&t, screen);
	assert_int_equal(t.cells[0][0].len, 0);
	screen_free(screen);
}

/* ----------------------------------------------------------- scrolling --- */

/* Fills a pane with text, so that row n shows line first + n. */
static void
put_lines(struct screen *screen, int top, int rows, int first)
{
	char line[64];
	int i;

	for (i = 0; i < rows; i++) {
		snprintf(line, sizeof(line),
		    "this is line number %5d of it all", first + i);
		put_text(screen, top + i, 0, line);
	}
	screen_region(screen, top, rows);
}

static void
blank_row(struct screen *screen, int row)
{
	int col;

	for (col = 0; col < screen_cols(screen); col++)
		cell_set(&screen_row(screen, row)[col], NULL, 0, 1);
}

static void
one_more_line_costs_a_fraction_of_a_full_pane(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);
	size_t full, line;

	(void)state;
	put_text(screen, 0, 0, "above");
	put_text(screen, 9, 0, "below");
	put_lines(screen, 2, 6, 100);
	full = render(screen, &t);
	put_lines(screen, 2, 6, 101);
	line = render(screen, &t);
	assert_shows(&t, screen);
	assert_true(line < full / 3);
	assert_true(line < 34 + 34);
	put_lines(screen, 2, 6, 103);
	assert_true(render(screen, &t) < full / 2 + 20);
	assert_shows(&t, screen);
	put_lines(screen, 2, 6, 102);
	assert_true(render(screen, &t) < full / 3);
	assert_shows(&t, screen);
	screen_free(screen);
}

static void
rows_scroll_by_the_bytes_of_a_vt100(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_lines(screen, 2, 4, 100);
	screen_cursor(screen, 5, 0);
	render(screen, &t);
	put_lines(screen, 2, 4, 101);
	blank_row(screen, 5);
	put_text(screen, 5, 0, "x");
	assert_bytes(screen, "\033[3;6r\033[6;1H\n\033[r\033[6;1Hx");
	put_lines(screen, 2, 4, 99);
	blank_row(screen, 2);
	blank_row(screen, 3);
	screen_cursor(screen, 3, 0);
	assert_bytes(screen, "\033[3;6r\033[3;1H\033M\033M\033[r\033[4;1H");
	screen_free(screen);
}

/* Where it takes fewer bytes to write, or nothing may move. */
static void
what_is_cheaper_written_is_not_scrolled(void **state)
{
	struct terminal t;
	struct screen *screen = blank_screen(&t);

	(void)state;
	put_text(screen, 2, 0, "a");
	put_text(screen, 3, 0, "b");
	screen_cursor(screen, 4, 0);
	render(screen, &t);
	put_text(screen, 2, 0, "b");
	put_text(screen, 3, 0, "c");
	screen_cursor(screen, 4, 0);
	screen_region(screen, 2, 6);
	assert_bytes(screen, "\033[3;1Hb\r\nc\r\n");
	screen_region(screen, -1, 5);
	screen_region(screen, 8, 9);
	screen_region(screen, 8, 1);
	assert_bytes(screen, "");
	screen_free(screen);
}

/* ------------------------------------------------------------ property --- */

static uint32_t
roll(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % sides;
}

/* Changes some cells of the screen, here and there. */
static void
scribble(struct screen *screen, uint32_t *seed)
{
	static const char *const pieces[] = { "a", "b", " ", "c", E_ACUTE,
		WORLD, E_COMBINED, GRIN, FAMILY, FLAG, HEART, "z" };
	int rows = screen_rows(screen), cols = screen_cols(screen);
	int row = (int)roll(seed, (uint32_t)rows);
	int col = (int)roll(seed, (uint32_t)cols);
	int count = (int)roll(seed, 15), width;
	uint32_t choice = roll(seed, 3);
	struct cell *cells = screen_row(screen, row);
	const char *piece;

	while (count-- > 0 && col < cols) {
		piece = choice == 0 ? " "
		    : choice == 1
		    ? pieces[roll(seed, 5)]
		    : pieces[roll(seed, sizeof(pieces) / sizeof(pieces[0]))];
		(void)text_cluster_len(piece, strlen(piece), &width);
		if (col + width > cols || (row == rows - 1 && col >= cols - 6))
			break;
		if (cells[col].width == 0)
			cell_set(&cells[col - 1], NULL, 0, 1);
		cell_set(&cells[col], piece, strlen(piece), width);
		cells[col].reverse = roll(seed, 9) == 0;
		col += width;
	}
	if (col < cols && cells[col].width == 0)
		cell_set(&cells[col], NULL, 0, 1);
}

/* Moves some rows of the screen up or down, as a pane would, and tells so. */
static void
move_some_rows(struct screen *screen, uint32_t *seed)
{
	int rows = screen_rows(screen), cols = screen_cols(screen);
	int top = (int)roll(seed, (uint32_t)rows);
	int count = 1 + (int)roll(seed, (uint32_t)(rows - top));
	int by = (int)roll(seed, (uint32_t)count), i;
	size_t size = (size_t)cols * sizeof(struct cell);

	if (top + count == rows)
		count--; /* where no wide cluster may stand at the edge */
	if (by >= count || roll(seed, 2) == 0)
		return;
	for (i = top; i < top + count - by; i++)
		memcpy(screen_row(screen, i), screen_row(screen, i + by), size);
	screen_region(screen, top, count);
}

static void
any_grid_after_any_other_shows(void **state)
{
	static const struct kind kinds[] = { { true, true, false },
		{ false, true, false }, { true, false, false },
		{ false, false, false }, { true, false, true } };
	struct terminal t;
	struct screen *screen;
	uint32_t seed, n, i, changes;
	int step, rows, cols;

	(void)state;
	for (seed = 1; seed <= 200; seed++) {
		n = seed;
		rows = 1 + (int)roll(&n, ROWS_MAX);
		cols = 2 + (int)roll(&n, COLS_MAX - 1);
		screen = screen_new(rows, cols);
		terminal_init(&t, kinds[seed % 5], rows, cols);
		for (step = 0; step < 60; step++) {
			changes = roll(&n, 6);
			for (i = 0; i < changes; i++)
				scribble(screen, &n);
			move_some_rows(screen, &n);
			screen_cursor(screen, (int)roll(&n, (uint32_t)rows),
			    (int)roll(&n, (uint32_t)cols));
			if (roll(&n, 20) == 0)
				screen_forget(screen);
			render(screen, &t);
			assert_shows(&t, screen);
			assert_int_equal(render(screen, &t), 0);
		}
		screen_free(screen);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_render_draws_it_all),
		cmocka_unit_test(no_change_costs_nothing),
		cmocka_unit_test(a_keystroke_costs_no_more_than_its_character),
		cmocka_unit_test(an_erase_costs_three_bytes),
		cmocka_unit_test(a_long_blank_tail_is_erased_at_once),
		cmocka_unit_test(a_change_far_away_is_addressed),
		cmocka_unit_test(a_short_gap_is_written_over),
		cmocka_unit_test(
		    reverse_is_only_where_wanted_and_off_at_the_end),
		cmocka_unit_test(
		    the_cursor_is_addressed_after_what_terminals_differ_on),
		cmocka_unit_test(the_cursor_is_addressed_after_the_last_column),
		cmocka_unit_test(a_cursor_beyond_the_edge_rests_at_it),
		cmocka_unit_test(halves_of_wide_characters_are_made_good),
		cmocka_unit_test(cells_that_are_not_sound_are_blank),
		cmocka_unit_test(a_cluster_longer_than_a_cell_is_cut),
		cmocka_unit_test(the_last_cell_of_all_is_used),
		cmocka_unit_test(the_last_cell_of_all_is_blanked_by_erasing),
		cmocka_unit_test(a_cluster_that_may_not_fit_is_cut),
		cmocka_unit_test(a_new_size_is_drawn_anew),
		cmocka_unit_test(one_more_line_costs_a_fraction_of_a_full_pane),
		cmocka_unit_test(rows_scroll_by_the_bytes_of_a_vt100),
		cmocka_unit_test(what_is_cheaper_written_is_not_scrolled),
		cmocka_unit_test(any_grid_after_any_other_shows),
	};

	return cmocka_run_group_tests_name("screen", tests, setup, NULL);
}
