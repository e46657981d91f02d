/*
 * The tests of talk/view: rows, scrolling, and what is held still.
 *
 * A view is told as text: its rows from the first to the last that is not
 * blank, each ended by "|", blanks at the end of a row left out.
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

#include "characters.h"
#include "common/text.h"
#include "talk/view.h"

enum {
	ROWS_MAX = 100,
	COLS_MAX = 200,
	TELL_SIZE = 4 * (COLS_MAX + 1) * ROWS_MAX,
};

static int
setup(void **state)
{
	(void)state;
	return text_init() ? 0 : -1;
}

/* --------------------------------------------------------------- tools --- */

static void
feed(struct pane *pane, const char *text)
{
	assert_true(pane_feed(pane, text, strlen(text)));
}

/* The text that a view shows; checks that its cells are sound. */
static int
look(struct view *view, const struct pane *pane, int rows, int cols, char *text,
    int *row, int *col)
{
	static struct cell cells[ROWS_MAX * COLS_MAX];
	const struct cell *cell;
	size_t at = 0, blanks = 0, bars = 0, i;
	int r, c, result;

	result = view_draw(view, pane, rows, cols, cells, row, col);
	for (r = 0; r < rows; r++) {
		for (c = 0; c < cols; c += cell->width) {
			cell = &cells[r * cols + c];
			assert_in_range(cell->width, 1, 2);
			assert_true(c + cell->width <= cols);
			if (cell->len == 0) {
				blanks++;
				continue;
			}
			for (; bars > 0; bars--)
				text[at++] = '|';
			for (; blanks > 0; blanks--)
				text[at++] = ' ';
			for (i = 0; i < cell->len; i++)
				text[at++] = cell->text[i];
		}
		blanks = 0;
		bars++;
	}
	if (at > 0)
		text[at++] = '|';
	text[at] = '\0';
	return result;
}

/* The same from the end, scrolled back. */
static int
look_back(const struct pane *pane, int rows, int cols, int back, char *text,
    int *row, int *col)
{
	struct view view = { .held = false };

	view_scroll(&view, pane, rows, cols, back);
	return look(&view, pane, rows, cols, text, row, col);
}

static void
assert_view(const struct pane *pane, int rows, int cols, const char *expected)
{
	char text[TELL_SIZE];
	int row, col;

	assert_int_equal(look_back(pane, rows, cols, 0, text, &row, &col), 0);
	assert_string_equal(text, expected);
}

static void
assert_cursor(
    const struct pane *pane, int rows, int cols, int at_row, int at_col)
{
	char text[TELL_SIZE];
	int row, col;

	look_back(pane, rows, cols, 0, text, &row, &col);
	assert_int_equal(row, at_row);
	assert_int_equal(col, at_col);
}

static void
assert_back(const struct pane *pane, int rows, int cols, int back, int really,
    const char *expected)
{
	char text[TELL_SIZE];
	int row, col;

	assert_int_equal(
	    look_back(pane, rows, cols, back, text, &row, &col), really);
	assert_string_equal(text, expected);
}

/* ---------------------------------------------------------------- view --- */

struct view_case {
	bool wrap;
	int rows, cols;
	const char *in;
	const char *view;
	int row, col;
};

static void
check_views(const struct view_case *cases, size_t count)
{
	char text[TELL_SIZE];
	struct pane *pane;
	int row, col;
	size_t i;

	for (i = 0; i < count; i++) {
		pane = pane_new(cases[i].wrap);
		feed(pane, cases[i].in);
		look_back(
		    pane, cases[i].rows, cases[i].cols, 0, text, &row, &col);
		if (strcmp(text, cases[i].view) != 0 || row != cases[i].row ||
		    col != cases[i].col)
			fail_msg("case %zu: \"%s\" %d %d", i, text, row, col);
		pane_free(pane);
	}
}

#define CHECK_VIEWS(cases) \
	check_views((cases), sizeof(cases) / sizeof(cases)[0])

static void
text_is_laid_out_from_the_top_and_then_scrolls(void **state)
{
	static const struct view_case cases[] = {
		{ true, 3, 10, "", "", 0, 0 },
		{ true, 3, 10, "hello", "hello|", 0, 5 },
		{ true, 3, 10, "one\ntwo", "one|two|", 1, 3 },
		{ true, 3, 10, "one\ntwo\n", "one|two|", 2, 0 },
		{ true, 3, 10, "one\ntwo\nthree\n", "two|three|", 2, 0 },
		{ true, 3, 10, "\n\nthree", "||three|", 2, 5 },
		{ true, 3, 10, "1\n2\n3\n4\n5", "3|4|5|", 2, 1 },
		{ true, 1, 10, "1\n2", "2|", 0, 1 },
		{ true, 3, 12, "h" E_ACUTE "llo " WORLD,
		    "h" E_ACUTE "llo " WORLD "|", 0, 10 },
	};

	(void)state;
	CHECK_VIEWS(cases);
}

static void
rows_break_at_blanks(void **state)
{
	static const struct view_case cases[] = {
		{ true, 4, 8, "one two three", "one two|three|", 1, 5 },
		{ true, 4, 7, "one two three", "one two|three|", 1, 5 },
		{ true, 4, 6, "one two", "one|two|", 1, 3 },
		{ true, 4, 6, "one two four", "one|two|four|", 2, 4 },
		/* a word longer than a row is cut */
		{ true, 4, 4, "abcdefghij", "abcd|efgh|ij|", 2, 2 },
		{ true, 4, 4, "a bcdefgh", "a|bcde|fgh|", 2, 3 },
		/* blanks at the break stay beyond the edge */
		{ true, 4, 4, "abcd   ef", "abcd|ef|", 1, 2 },
		{ true, 4, 4, "abcd    ", "abcd|", 1, 0 },
		{ true, 4, 4, "abcd\tef", "abcd|ef|", 1, 2 },
		/* a full row: what comes next goes to the next one */
		{ true, 4, 4, "abcd", "abcd|", 1, 0 },
		{ true, 1, 4, "abcd", "", 0, 0 },
		{ true, 4, 4, "abcd\nx", "abcd|x|", 1, 1 },
		/* wide characters may be parted from what follows them */
		{ true, 4, 5, "a " WORLD,
		    "a "
		    "\xe4\xb8\x96|\xe7\x95\x8c|",
		    1, 2 },
		{ true, 4, 5, WORLD "ab", WORLD "|ab|", 1, 2 },
		/* without wrap */
		{ false, 4, 6, "one two four", "one tw|o four|", 2, 0 },
		{ false, 4, 4, "abcd  ef", "abcd|  ef|", 2, 0 },
	};

	(void)state;
	CHECK_VIEWS(cases);
}

static void
wide_characters_and_marks_take_their_columns(void **state)
{
	static const struct view_case cases[] = {
		{ true, 3, 4, WORLD, WORLD "|", 1, 0 },
		{ true, 3, 3, WORLD, "\xe4\xb8\x96|\xe7\x95\x8c|", 1, 2 },
		{ false, 3, 3, WORLD, "\xe4\xb8\x96|\xe7\x95\x8c|", 1, 2 },
		{ true, 3, 5, "a" WORLD, "a" WORLD "|", 1, 0 },
		{ true, 3, 4, "a" WORLD, "a\xe4\xb8\x96|\xe7\x95\x8c|", 1, 2 },
		{ true, 3, 9, E_COMBINED E_COMBINED, E_COMBINED E_COMBINED "|",
		    0, 2 },
		{ true, 3, 9, FAMILY "x", FAMILY "x|", 0, 3 },
		{ true, 3, 9, THUMB "x", THUMB "x|", 0, 3 },
		{ true, 3, 9, FLAG "x", FLAG "x|", 0, 3 },
		{ true, 3, 9, KOREAN "x", KOREAN "x|", 0, 3 },
		{ true, 3, 9, "\xe2\x9d\xa4\xef\xb8\x8fx",
		    "\xe2\x9d\xa4\xef\xb8\x8fx|", 0, 3 },
		{ true, 3, 1, "abc", "", -1, 0 },
	};

	(void)state;
	CHECK_VIEWS(cases);
}

static void
tabs_go_to_every_eighth_column(void **state)
{
	static const struct view_case cases[] = {
		{ true, 3, 40, "\tx", "        x|", 0, 9 },
		{ true, 3, 40, "abc\tx", "abc     x|", 0, 9 },
		{ true, 3, 40, "abcdefgh\tx", "abcdefgh        x|", 0, 17 },
		{ true, 3, 12, "abcdefgh\tx", "abcdefgh|x|", 1, 1 },
		{ false, 3, 12, "abcdefghijkl\tx", "abcdefghijkl|        x|", 1,
		    9 },
		{ true, 3, 4, "\tx", "|x|", 1, 1 },
	};

	(void)state;
	CHECK_VIEWS(cases);
}

static void
scrolling_back_ends_at_the_oldest_line(void **state)
{
	struct pane *pane = pane_new(true);
	char text[TELL_SIZE];
	int row, col;

	(void)state;
	assert_back(pane, 3, 10, 5, 0, "");
	feed(pane, "1\n2\n3");
	assert_back(pane, 3, 10, 1, 0, "1|2|3|");
	feed(pane, "\n4\nfive five five\n6");
	assert_back(pane, 3, 10, -1, 0, "five five|five|6|");
	assert_back(pane, 3, 10, 1, 1, "4|five five|five|");
	assert_back(pane, 3, 10, 2, 2, "3|4|five five|");
	assert_back(pane, 3, 10, 4, 4, "1|2|3|");
	assert_back(pane, 3, 10, 5, 4, "1|2|3|");
	assert_back(pane, 3, 10, INT32_MAX, 4, "1|2|3|");
	assert_int_equal(look_back(pane, 3, 10, 1, text, &row, &col), 1);
	assert_int_equal(row, -1);
	assert_int_equal(look_back(pane, 3, 10, 0, text, &row, &col), 0);
	assert_int_equal(row, 2);
	assert_int_equal(col, 1);
	pane_free(pane);
}

static void
a_clear_blanks_the_view_and_keeps_the_text(void **state)
{
	struct pane *pane = pane_new(true);
	char text[TELL_SIZE];
	int row, col;

	(void)state;
	feed(pane, "one\ntwo\nthr\x04");
	assert_view(pane, 4, 10, "");
	assert_cursor(pane, 4, 10, 0, 0);
	feed(pane, "four\nfive");
	assert_view(pane, 4, 10, "four|five|");
	assert_cursor(pane, 4, 10, 1, 4);
	assert_int_equal(look_back(pane, 4, 10, 2, text, &row, &col), 2);
	assert_string_equal(text, "two|thr|four|five|");
	assert_back(pane, 4, 10, 99, 3, "one|two|thr|four|");
	feed(pane, "\n\n\n\n");
	assert_view(pane, 4, 10, "");
	assert_back(pane, 4, 10, 2, 2, "four|five|");
	pane_free(pane);
}

static void
what_follows_a_clear_stays_in_view_as_old_lines_go(void **state)
{
	struct pane *pane = pane_new(true);
	int i;

	(void)state;
	for (i = 0; i < PANE_LINES_MAX; i++)
		feed(pane, "old\n");
	feed(pane, "\x04new\n1\n2");
	assert_view(pane, 5, 10, "new|1|2|");
	assert_back(pane, 5, 10, 1, 1, "old|new|1|2|");
	pane_free(pane);
}

/* ---------------------------------------------------------- held still --- */

static void
assert_held(struct view *view, const struct pane *pane, int rows, int cols,
    int back, const char *expected)
{
	char text[TELL_SIZE];
	int row, col;

	assert_int_equal(look(view, pane, rows, cols, text, &row, &col), back);
	assert_string_equal(text, expected);
}

static void
text_that_comes_does_not_move_what_is_read(void **state)
{
	struct pane *pane = pane_new(true);
	struct view view = { .held = false };

	(void)state;
	feed(pane, "1\n2\n3\n4\n5\n6");
	view_scroll(&view, pane, 3, 10, 2);
	assert_held(&view, pane, 3, 10, 2, "2|3|4|");
	feed(pane, "6");
	assert_held(&view, pane, 3, 10, 2, "2|3|4|");
	feed(pane, "\n7\neight is longer");
	assert_held(&view, pane, 3, 10, 5, "2|3|4|");
	feed(pane, "\x15");
	assert_held(&view, pane, 3, 10, 4, "2|3|4|");
	view_scroll(&view, pane, 3, 10, -3);
	assert_held(&view, pane, 3, 10, 1, "5|66|7|");
	view_scroll(&view, pane, 3, 10, -1);
	assert_false(view.held);
	feed(pane, "8\n");
	assert_held(&view, pane, 3, 10, 0, "7|8|");
	pane_free(pane);
}

static void
a_view_that_cannot_go_back_is_not_held(void **state)
{
	struct pane *pane = pane_new(true);
	struct view view = { .held = false };

	(void)state;
	view_scroll(&view, pane, 3, 10, 5);
	assert_false(view.held);
	feed(pane, "1\n2\n3");
	view_scroll(&view, pane, 3, 10, 1);
	assert_false(view.held);
	feed(pane, "\n4");
	assert_held(&view, pane, 3, 10, 0, "2|3|4|");
	pane_free(pane);
}

/* The first word of the top row stays on it, and no size moves it for good. */
static void
another_size_keeps_the_place(void **state)
{
	struct pane *pane = pane_new(true);
	struct view view = { .held = false };
	int i;

	(void)state;
	feed(pane, "alpha beta gamma delta\nepsilon zeta eta theta\n");
	feed(pane, "iota kappa lambda mu\nnu xi omicron pi\nrho");
	view_scroll(&view, pane, 2, 12, 6);
	assert_held(&view, pane, 2, 12, 6, "gamma delta|epsilon zeta|");
	for (i = 0; i < 3; i++) {
		assert_held(&view, pane, 2, 6, 12, "gamma|delta|");
		assert_held(&view, pane, 2, 100, 3,
		    "alpha beta gamma delta|epsilon zeta eta theta|");
		assert_held(&view, pane, 9, 100, 0,
		    "alpha beta gamma delta|epsilon zeta eta theta|"
		    "iota kappa lambda mu|nu xi omicron pi|rho|");
		assert_held(&view, pane, 2, 12, 6, "gamma delta|epsilon zeta|");
	}
	pane_free(pane);
}

static void
a_place_within_the_line_not_ended_is_held_beyond_its_end(void **state)
{
	struct pane *pane = pane_new(true);
	struct view view = { .held = false };

	(void)state;
	feed(pane, "aaa bbb ccc ddd eee");
	view_scroll(&view, pane, 2, 4, 2);
	assert_held(&view, pane, 2, 4, 2, "bbb|ccc|");
	feed(pane, " fff\nggg");
	assert_held(&view, pane, 2, 4, 4, "bbb|ccc|");
	feed(pane, "\nhhh");
	assert_held(&view, pane, 2, 4, 5, "bbb|ccc|");
	pane_free(pane);
}

static void
a_place_that_was_erased_gives_way(void **state)
{
	struct pane *pane = pane_new(true);
	struct view view = { .held = false };

	(void)state;
	feed(pane, "1\n2\naaa bbb ccc ddd eee");
	view_scroll(&view, pane, 2, 4, 2);
	assert_held(&view, pane, 2, 4, 2, "bbb|ccc|");
	feed(pane, "\x15");
	assert_held(&view, pane, 2, 4, 0, "2|");
	pane_free(pane);
}

static void
a_place_that_is_no_longer_kept_gives_way_to_the_oldest(void **state)
{
	struct pane *pane = pane_new(true);
	struct view view = { .held = false };
	char line[16];
	int i;

	(void)state;
	for (i = 1; i <= PANE_LINES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "%d\n", i);
		feed(pane, line);
	}
	view_scroll(&view, pane, 2, 20, 1 << 30);
	assert_held(&view, pane, 2, 20, PANE_LINES_MAX - 1, "6|7|");
	feed(pane, "more\n");
	assert_held(&view, pane, 2, 20, PANE_LINES_MAX - 1, "7|8|");
	feed(pane, "more\nmore\n");
	assert_held(&view, pane, 2, 20, PANE_LINES_MAX - 1, "9|10|");
	pane_free(pane);
}

/* However the rows were counted: in one go, or as text came. */
static void
a_view_that_was_looked_at_all_along_is_as_one_that_was_not(void **state)
{
	static char often_text[TELL_SIZE], once_text[TELL_SIZE];
	struct pane *pane = pane_new(true);
	struct view often = { .held = false }, once;
	int i, row, col, back;

	(void)state;
	for (i = 0; i < 200; i++)
		feed(pane, "some words to be broken somewhere\n");
	view_scroll(&often, pane, 5, 20, 100);
	once = often;
	for (i = 0; i < 300; i++) {
		feed(pane, i % 3 == 0 ? "a line\n" : "part of one ");
		back = look(&often, pane, 5, 20, often_text, &row, &col);
	}
	once.cols = 0;
	assert_int_equal(look(&once, pane, 5, 20, once_text, &row, &col), back);
	assert_string_equal(often_text, once_text);
	pane_free(pane);
}

/* ------------------------------------------------------------ property --- */

static uint32_t
roll(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % sides;
}

static void
check_cells(const struct cell *cells, int rows, int cols)
{
	const struct cell *cell;
	uint32_t code;
	size_t at, size;
	bool valid;
	int row, col;

	for (row = 0; row < rows; row++) {
		for (col = 0; col < cols; col += cell->width) {
			cell = &cells[row * cols + col];
			assert_in_range(cell->width, 1, 2);
			for (at = 0; at < cell->len; at += size) {
				size = text_decode(cell->text + at,
				    cell->len - at, &code, &valid);
				assert_true(size > 0 && valid);
				assert_true(text_width(code) >= 0);
			}
		}
		assert_int_equal(col, cols);
	}
}

static void
no_bytes_make_a_view_unsound(void **state)
{
	static const char *const pieces[] = { "word ", "\x7f", "\x17", "\x15",
		"\n", "\r\n", "\t", WORLD, E_COMBINED, FAMILY, FLAG, THUMB,
		KOREAN, "\x1b[", "\x1b]0;", "\xe9", "\xf0\x9f", "\x03\x08",
		"\x04", "\xcc\x81", "\xe2\x80\x8d", "\xf0\x9f\x87\xa9",
		"          ", "\xef\xb8\x8f", "\xf0\x9f\x8f\xbd",
		"longlonglonglongword" };
	static struct cell cells[ROWS_MAX * COLS_MAX];
	struct pane *pane;
	struct view view = { .held = false };
	uint32_t seed, n, i;
	const char *line;
	size_t len;
	int step, rows, cols, back, row, col;
	char byte;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		n = seed;
		pane = pane_new(seed & 1);
		view = (struct view){ .held = false };
		for (step = 0; step < 3000; step++) {
			if (roll(&n, 4) == 0) {
				byte = (char)roll(&n, 256);
				assert_true(pane_feed(pane, &byte, 1));
			} else {
				i = roll(
				    &n, sizeof(pieces) / sizeof(pieces[0]));
				feed(pane, pieces[i]);
			}
			if (roll(&n, 8) == 0)
				pane_settle(pane);
			rows = 1 + (int)roll(&n, 12);
			cols = 1 + (int)roll(&n, 30);
			back = (int)roll(&n, 40) - 20;
			view_scroll(&view, pane, rows, cols, back);
			back = view_draw(
			    &view, pane, rows, cols, cells, &row, &col);
			assert_true(back >= 0 && row >= -1 && row < rows);
			assert_true(col >= 0 && col < cols);
			check_cells(cells, rows, cols);
			while (roll(&n, 4) == 0 &&
			    (line = pane_take_line(pane, &len)) != NULL)
				assert_null(memchr(line, '\n', len));
		}
		pane_free(pane);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    text_is_laid_out_from_the_top_and_then_scrolls),
		cmocka_unit_test(rows_break_at_blanks),
		cmocka_unit_test(wide_characters_and_marks_take_their_columns),
		cmocka_unit_test(tabs_go_to_every_eighth_column),
		cmocka_unit_test(scrolling_back_ends_at_the_oldest_line),
		cmocka_unit_test(a_clear_blanks_the_view_and_keeps_the_text),
		cmocka_unit_test(
		    what_follows_a_clear_stays_in_view_as_old_lines_go),
		cmocka_unit_test(text_that_comes_does_not_move_what_is_read),
		cmocka_unit_test(a_view_that_cannot_go_back_is_not_held),
		cmocka_unit_test(another_size_keeps_the_place),
		cmocka_unit_test(
		    a_place_within_the_line_not_ended_is_held_beyond_its_end),
		cmocka_unit_test(a_place_that_was_erased_gives_way),
		cmocka_unit_test(
		    a_place_that_is_no_longer_kept_gives_way_to_the_oldest),
		cmocka_unit_test(
		    a_view_that_was_looked_at_all_along_is_as_one_that_was_not),
		cmocka_unit_test(no_bytes_make_a_view_unsound),
	};

	return cmocka_run_group_tests_name("view", tests, setup, NULL);
}
