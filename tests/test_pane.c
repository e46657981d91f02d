/*
 * The tests of talk/pane: editing and lines.
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
#include "talk/pane.h"

/* A literal and its length, so that NUL can stand within. */
#define BYTES(s) (s), sizeof(s) - 1

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

static void
assert_last(const struct pane *pane, const char *expected)
{
	const char *line;
	size_t len;

	line = pane_last_line(pane, &len);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(line, expected, len);
}

static void
assert_taken(struct pane *pane, const char *expected)
{
	const char *line;
	size_t len;

	line = pane_take_line(pane, &len);
	if (expected == NULL) {
		assert_null(line);
		return;
	}
	assert_non_null(line);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(line, expected, len);
}

/* ------------------------------------------------------------- editing --- */

/* What comes in, by the default edit characters, and what line it leaves. */
struct edit_case {
	const char *in;
	size_t len;
	const char *line;
};

static void
check_edits(const struct edit_case *cases, size_t count)
{
	const char *line;
	struct pane *pane;
	size_t i, len;

	for (i = 0; i < count; i++) {
		pane = pane_new(true);
		assert_true(pane_feed(pane, cases[i].in, cases[i].len));
		line = pane_last_line(pane, &len);
		if (len != strlen(cases[i].line) ||
		    memcmp(line, cases[i].line, len) != 0)
			fail_msg("case %zu: \"%.*s\" is not \"%s\"", i,
			    (int)len, line, cases[i].line);
		pane_free(pane);
	}
}

#define CHECK_EDITS(cases) \
	check_edits((cases), sizeof(cases) / sizeof(cases)[0])

static void
an_erase_takes_one_character_with_its_marks(void **state)
{
	static const struct edit_case cases[] = {
		{ BYTES("abc\x7f"), "ab" },
		{ BYTES("abc\x7f\x7fx"), "ax" },
		{ BYTES("a\x7f\x7f\x7f"), "" },
		{ BYTES("a" E_ACUTE "\x7f"), "a" },
		{ BYTES("a" E_COMBINED "\x7f"), "a" },
		{ BYTES(E_COMBINED "\x7f\x7f"), "" },
		{ BYTES("a" WORLD "\x7f"), "a\xe4\xb8\x96" },
		{ BYTES("a" FAMILY "\x7f"), "a" },
		{ BYTES("a" THUMB "\x7f"), "a" },
		{ BYTES("a" FLAG "\x7f"), "a" },
		{ BYTES("a" FLAG FLAG "\x7f"), "a" FLAG },
		{ BYTES("a" KOREAN "\x7f"), "a" },
		{ BYTES("a\t\x7f"), "a" },
		{ BYTES("caf\xe9 \x7f\x7f"), "caf" },
		/* what follows joins what is left, not what is gone */
		{ BYTES(FLAG "a\x7f" FLAG "\x7f"), FLAG },
		{ BYTES("\xf0\x9f\x87\xa9\x7f" FLAG "\x7f"), "" },
		/* a control is two characters, as in 4.3BSD's talk */
		{ BYTES("a\x01\x7f"), "a^" },
		{ BYTES("a\x01\x7f\x7f"), "a" },
	};

	(void)state;
	CHECK_EDITS(cases);
}

static void
a_mark_after_an_edit_stands_on_what_is_left(void **state)
{
	static const struct edit_case cases[] = {
		{ BYTES("ab\x7f" ACCENT), "a" ACCENT },
		{ BYTES("ab\x7f" ACCENT "\x7f"), "" },
		{ BYTES("a\x7f" ACCENT "b"), "b" },
		{ BYTES("a\x15" ACCENT "b"), "b" },
		{ BYTES("a\tb\x7f" ACCENT), "a\t" },
		{ BYTES("\xc3\xa9 b\x17\x7f" ACCENT), "\xc3\xa9" ACCENT },
		{ BYTES("a\xc3\x7f" ACCENT), "a" ACCENT },
		/* no more of them than a base takes */
		{ BYTES("a" ACCENT ACCENT "b\x7f" ACCENT ACCENT ACCENT),
		    "a" ACCENT ACCENT ACCENT ACCENT },
	};

	(void)state;
	CHECK_EDITS(cases);
}

static void
an_erase_takes_what_is_not_whole_yet(void **state)
{
	static const struct edit_case cases[] = {
		{ BYTES("a\xe9\x7f"), "a" },
		{ BYTES("a\xe4\xb8\x7f"), "a" },
		{ BYTES("a\xe4\xb8\x7f\xad"), "a\xc2\xad" },
		{ BYTES("a\xf0\x9f\x98\x7f"
			"b"),
		    "ab" },
		{ BYTES("ab\x1b\x7f"
			"c"),
		    "abc" },
		{ BYTES("ab\x1b]0;\x7f"
			"c"),
		    "abc" },
	};

	(void)state;
	CHECK_EDITS(cases);
}

static void
a_word_erase_takes_blanks_and_then_the_word(void **state)
{
	static const struct edit_case cases[] = {
		{ BYTES("one two\x17"), "one " },
		{ BYTES("one two  \x17"), "one " },
		{ BYTES("one\ttwo\t \x17"), "one\t" },
		{ BYTES("one two\x17\x17"), "" },
		{ BYTES("one two\x17\x17\x17"), "" },
		{ BYTES("   \x17"), "" },
		{ BYTES("one " WORLD E_COMBINED "\x17"), "one " },
		{ BYTES("one tw\xe9\x17"), "one " },
		{ BYTES("one,two\x17"), "" },
	};

	(void)state;
	CHECK_EDITS(cases);
}

static void
a_kill_takes_the_line_and_not_the_one_before(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	feed(pane, "first\nsecond\x15third");
	assert_last(pane, "third");
	feed(pane, "\x15\x15\x7f\x17");
	assert_last(pane, "");
	feed(pane, "\xe4\xb8\x15x");
	assert_last(pane, "x");
	assert_taken(pane, "first");
	assert_taken(pane, NULL);
	pane_free(pane);
}

static void
a_party_edits_by_its_own_characters(void **state)
{
	static const uint8_t edit[] = { 0x08, 0x18, 0x02 };
	struct pane *pane = pane_new(true);

	(void)state;
	pane_set_edit(pane, edit);
	feed(pane, "abc\b");
	assert_last(pane, "ab");
	feed(pane, " cd\x02");
	assert_last(pane, "ab ");
	feed(pane,
	    "\x18"
	    "a\x7f\x15\x17");
	assert_last(pane, "a^?^U^W");
	pane_free(pane);
}

/* As on its own screen, whatever key it pressed there. */
static void
an_erase_that_was_not_declared_is_shown(void **state)
{
	static const uint8_t erase_is_bs[3] = { 0x08, 0x15, 0x17 };
	struct pane *pane = pane_new(true);

	(void)state;
	feed(pane, "ab\bc");
	assert_last(pane, "ab^Hc");
	feed(pane, "\x15");
	pane_set_edit(pane, erase_is_bs);
	feed(pane, "ab\bc\x7f");
	assert_last(pane, "ac^?");
	pane_free(pane);
}

static void
an_edit_character_that_would_eat_text_is_not_taken(void **state)
{
	static const uint8_t bad[] = { 'a', ' ', '~', '\n', '\r', '\t', '\a',
		0x80, 0x9b, 0xa9, 0xc3, 0xe9, 0xfd };
	uint8_t edit[3];
	struct pane *pane;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad); i++) {
		pane = pane_new(true);
		memset(edit, bad[i], sizeof(edit));
		pane_set_edit(pane, edit);
		feed(pane, "ba~ cafe\x7f\xc3\xa9");
		assert_last(pane, "ba~ caf\xc3\xa9");
		feed(pane, "\x17");
		assert_last(pane, "ba~ ");
		feed(pane, "\x15");
		assert_last(pane, "");
		pane_free(pane);
	}
}

static void
an_edit_character_of_zero_is_none(void **state)
{
	static const uint8_t none[][3] = { { 0, 0, 0 }, { 0xff, 0xff, 0xff } };
	struct pane *pane;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		pane = pane_new(true);
		pane_set_edit(pane, none[i]);
		assert_true(pane_feed(pane, BYTES("a b\0\x7f\x15\x17")));
		assert_last(pane, "a b^?^U^W");
		pane_free(pane);
	}
}

static void
the_erase_of_ytalk_is_taken(void **state)
{
	static const uint8_t edit[] = { 0xfe, 0x15, 0xfe };
	struct pane *pane = pane_new(true);

	(void)state;
	pane_set_edit(pane, edit);
	feed(pane, "one two\xfe");
	assert_last(pane, "one tw");
	feed(pane, "\x17");
	assert_last(pane, "one ");
	pane_free(pane);
}

/* ------------------------------------------------ bytes with a meaning --- */

static void
bells_are_counted_and_not_shown(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	assert_int_equal(pane_take_bells(pane), 0);
	feed(pane, "a\a\ab\a\n");
	assert_int_equal(pane_take_bells(pane), 3);
	assert_int_equal(pane_take_bells(pane), 0);
	assert_taken(pane, "ab");
	pane_free(pane);
}

static void
nul_and_redraw_are_not_shown(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	assert_true(pane_feed(pane, BYTES("a\0b\fc\xc3\0\xa9")));
	assert_last(pane, "abc" E_ACUTE);
	pane_free(pane);
}

static void
lines_of_ytalk_itself_are_swallowed(void **state)
{
	static const struct edit_case cases[] = {
		{ BYTES("\x03\x08"
			"bob 1234 YTALK 4.0\x15\nhello"),
		    "hello" },
		{ BYTES("\x03\x08"
			"bob 1234 YTALK 4.0\x15hello"),
		    "hello" },
		{ BYTES("\x03\x03"
			"Bob\nhello"),
		    "hello" },
		{ BYTES("\x03\x03"
			"Bob\r\nhello"),
		    "hello" },
		{ BYTES("\x03\nhello"), "hello" },
		{ BYTES("\x03\x15"
			"text\x15hello"),
		    "hello" },
		{ BYTES("be\x03\x06x\x15"
			"fore"),
		    "before" },
		{ BYTES("\x03\x06x\x15\x03\x06y\x15\nhello"), "hello" },
		{ BYTES("\x03\x06no end"), "" },
	};

	(void)state;
	CHECK_EDITS(cases);
}

static void
a_line_of_ytalk_itself_has_a_limit(void **state)
{
	char in[2 + PANE_GNU_BYTES_MAX];
	struct pane *pane = pane_new(true);

	(void)state;
	memset(in, 'x', sizeof(in));
	in[0] = 0x03;
	assert_true(pane_feed(pane, in, 1 + PANE_GNU_BYTES_MAX));
	assert_last(pane, "");
	feed(pane, "text\x7f");
	assert_last(pane, "tex");
	pane_free(pane);
}

static void
escape_sequences_leave_nothing(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	feed(pane,
	    "\x1b[31mred\x1b[m \x1b]0;title\a\xc2\x9b"
	    "2Jtext");
	assert_last(pane, "red text");
	assert_int_equal(pane_take_bells(pane), 0);
	pane_free(pane);
}

/* ------------------------------------------------------------ settling --- */

static void
a_lone_byte_is_shown_after_a_pause(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	feed(pane, "caf\xe9");
	assert_true(pane_is_unsettled(pane));
	assert_last(pane, "caf");
	pane_settle(pane);
	assert_false(pane_is_unsettled(pane));
	assert_last(pane, "caf" E_ACUTE);
	pane_settle(pane);
	assert_last(pane, "caf" E_ACUTE);
	feed(pane, "!");
	assert_last(pane, "caf" E_ACUTE "!");
	assert_false(pane_is_unsettled(pane));
	pane_free(pane);
}

/* It must stay on its line, so that it can be taken back. */
static void
a_lone_byte_at_the_end_of_a_full_line_waits(void **state)
{
	struct pane *pane = pane_new(true);
	size_t len;
	int i;

	(void)state;
	for (i = 0; i < PANE_LINE_BYTES_MAX - 5; i++)
		feed(pane, "x");
	feed(pane, "\xe9");
	assert_true(pane_is_unsettled(pane));
	pane_settle(pane);
	assert_false(pane_is_unsettled(pane));
	(void)pane_last_line(pane, &len);
	assert_int_equal(len, PANE_LINE_BYTES_MAX - 5);
	feed(pane, "!");
	assert_last(pane, "!");
	pane_free(pane);
}

static void
a_character_that_comes_late_takes_its_place(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	feed(pane, "a\xe4");
	pane_settle(pane);
	assert_last(pane, "a\xc3\xa4");
	feed(pane, "\xb8");
	assert_true(pane_is_unsettled(pane));
	pane_settle(pane);
	assert_last(pane, "a\xc3\xa4\xc2\xb8");
	feed(pane, "\x96");
	assert_last(pane, "a\xe4\xb8\x96");
	feed(pane, "\xe9");
	pane_settle(pane);
	feed(pane, "\x7f");
	assert_last(pane, "a\xe4\xb8\x96");
	pane_free(pane);
}

/* Nobody may be kept waking for what will never be shown. */
static void
what_is_held_and_not_shown_settles_too(void **state)
{
	struct pane *pane = pane_new(true);

	(void)state;
	feed(pane, "\x1b]0;\xe9");
	assert_true(pane_is_unsettled(pane));
	pane_settle(pane);
	assert_false(pane_is_unsettled(pane));
	assert_last(pane, "");
	pane_free(pane);
}

/* --------------------------------------------------------------- lines --- */

static void
ended_lines_are_taken_once_and_in_order(void **state)
{
	struct pane *pane = pane_new(false);

	(void)state;
	assert_taken(pane, NULL);
	feed(pane, "one\n\ntw\x7fwo\tx\r\nthree");
	assert_taken(pane, "one");
	assert_taken(pane, "");
	assert_taken(pane, "two\tx");
	assert_taken(pane, NULL);
	assert_last(pane, "three");
	feed(pane, "\n");
	assert_taken(pane, "three");
	assert_taken(pane, NULL);
	assert_last(pane, "");
	pane_free(pane);
}

static void
the_oldest_lines_are_dropped(void **state)
{
	struct pane *pane = pane_new(true);
	char line[16];
	size_t len;
	int i;

	(void)state;
	for (i = 1; i <= PANE_LINES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "%d\n", i);
		feed(pane, line);
	}
	assert_taken(pane, "6");
	/* lines taken and then dropped leave no trace */
	for (i = 7; i <= PANE_LINES_MAX + 5; i++)
		assert_non_null(pane_take_line(pane, &len));
	assert_taken(pane, NULL);
	feed(pane, "last\n");
	assert_taken(pane, "last");
	assert_taken(pane, NULL);
	pane_free(pane);
}

static void
long_lines_are_kept_as_far_as_memory_is_meant_for_them(void **state)
{
	static char line[8000];
	struct pane *pane = pane_new(true);
	int i, lines = 0;
	size_t len;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (i = 0; i < 1000; i++)
		assert_true(pane_feed(pane, line, sizeof(line)));
	while (pane_take_line(pane, &len) != NULL)
		lines++;
	assert_int_equal(lines, PANE_BYTES_MAX / sizeof(line));
	pane_free(pane);
}

static void
a_line_without_end_is_ended(void **state)
{
	struct pane *pane = pane_new(true);
	size_t len, total = 0;
	int i;

	(void)state;
	for (i = 0; i < 10000; i++)
		feed(pane, "\xe4\xb8\x96");
	while (pane_take_line(pane, &len) != NULL) {
		assert_in_range(len, 1, PANE_LINE_BYTES_MAX);
		assert_int_equal(len % 3, 0);
		total += len;
	}
	pane_last_line(pane, &len);
	assert_int_equal(total + len, 30000);
	pane_free(pane);
}

/* Its base has gone with the line before. */
static void
a_mark_never_begins_a_line(void **state)
{
	struct pane *pane = pane_new(true);
	int i;

	(void)state;
	for (i = 0; i < PANE_LINE_BYTES_MAX - 3; i++)
		feed(pane, "x");
	feed(pane,
	    "\xcc\x81"
	    "a");
	assert_last(pane, "a");
	pane_free(pane);
}

/* One place counts for one, in whatever way it was reached. */
static void
as_many_erases_as_places_leave_an_empty_line(void **state)
{
	struct pane *pane = pane_new(true);
	const char *text = "a" E_COMBINED WORLD FAMILY "b" FLAG THUMB KOREAN;
	int i;

	(void)state;
	feed(pane, text);
	for (i = 0; i < 9; i++)
		feed(pane, "\x7f");
	assert_last(pane, "");
	feed(pane, text);
	for (i = 0; i < 8; i++)
		feed(pane, "\x7f");
	assert_last(pane, "a");
	pane_free(pane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_erase_takes_one_character_with_its_marks),
		cmocka_unit_test(a_mark_after_an_edit_stands_on_what_is_left),
		cmocka_unit_test(an_erase_takes_what_is_not_whole_yet),
		cmocka_unit_test(a_word_erase_takes_blanks_and_then_the_word),
		cmocka_unit_test(a_kill_takes_the_line_and_not_the_one_before),
		cmocka_unit_test(a_party_edits_by_its_own_characters),
		cmocka_unit_test(an_erase_that_was_not_declared_is_shown),
		cmocka_unit_test(
		    an_edit_character_that_would_eat_text_is_not_taken),
		cmocka_unit_test(an_edit_character_of_zero_is_none),
		cmocka_unit_test(the_erase_of_ytalk_is_taken),
		cmocka_unit_test(bells_are_counted_and_not_shown),
		cmocka_unit_test(nul_and_redraw_are_not_shown),
		cmocka_unit_test(lines_of_ytalk_itself_are_swallowed),
		cmocka_unit_test(a_line_of_ytalk_itself_has_a_limit),
		cmocka_unit_test(escape_sequences_leave_nothing),
		cmocka_unit_test(a_lone_byte_is_shown_after_a_pause),
		cmocka_unit_test(a_lone_byte_at_the_end_of_a_full_line_waits),
		cmocka_unit_test(a_character_that_comes_late_takes_its_place),
		cmocka_unit_test(what_is_held_and_not_shown_settles_too),
		cmocka_unit_test(ended_lines_are_taken_once_and_in_order),
		cmocka_unit_test(the_oldest_lines_are_dropped),
		cmocka_unit_test(
		    long_lines_are_kept_as_far_as_memory_is_meant_for_them),
		cmocka_unit_test(a_line_without_end_is_ended),
		cmocka_unit_test(a_mark_never_begins_a_line),
		cmocka_unit_test(as_many_erases_as_places_leave_an_empty_line),
	};

	return cmocka_run_group_tests_name("pane", tests, setup, NULL);
}
