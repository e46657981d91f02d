/*
 * The tests of talk/retype: what is sent for the user's edits, and that every
 * kind of receiver ends with the user's line.
 *
 * The receivers are our own pane, and the window of 4.3BSD's talk as modelled
 * here, where a byte has a cell of its own, or two as in GNU's, or where those
 * of C1 have none as in ytalk's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "characters.h"
#include "common/text.h"
#include "talk/pane.h"
#include "talk/retype.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t customary[] = { PANE_ERASE, PANE_KILL, PANE_WORD_ERASE };

/* ----------------------------------------------------- 4.3BSD's window --- */

enum {
	CELLS_MAX = 4 * PANE_LINE_BYTES_MAX,
	TAB_STOP = 8,
};

/* How many cells a byte that is no ASCII takes: by kind of window. */
enum window_kind { ONE_CELL, TWO_CELLS, NONE_OF_C1, WINDOW_KINDS };

/* The row of a window as wide as need be. */
struct window {
	enum window_kind kind;
	char cells[CELLS_MAX];
	size_t col;
};

static void
window_put(struct window *window, uint8_t byte)
{
	size_t count = 1;

	if (byte >= 0x80 && window->kind == TWO_CELLS)
		count = 2;
	if (byte >= 0x80 && byte < 0xa0 && window->kind == NONE_OF_C1)
		count = 0;
	if (byte == '\t')
		count = TAB_STOP - window->col % TAB_STOP;
	while (count-- > 0)
		window->cells[window->col++] = byte == '\t' ? ' ' : (char)byte;
}

static void
window_erase_word(struct window *window)
{
	while (window->col > 0 && window->cells[window->col - 1] == ' ')
		window->col--;
	while (window->col > 0 && window->cells[window->col - 1] != ' ')
		window->col--;
}

static void
window_show(struct window *window, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (bytes[i] == PANE_ERASE)
			window->col -= window->col > 0;
		else if (bytes[i] == PANE_WORD_ERASE)
			window_erase_word(window);
		else if (bytes[i] == PANE_KILL || bytes[i] == '\n')
			window->col = 0;
		else
			window_put(window, (uint8_t)bytes[i]);
	}
}

/* ----------------------------------------------------------- receivers --- */

/* One who types, what he sees, and all who receive it. */
struct scene {
	struct retype retype;
	struct buffer sent;
	struct pane *own; /* is fed the keys as they are */
	struct pane *other;
	struct window windows[WINDOW_KINDS];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	int i;

	assert_non_null(scene);
	assert_true(text_init());
	scene->own = pane_new(true);
	scene->other = pane_new(true);
	assert_non_null(scene->own);
	assert_non_null(scene->other);
	for (i = 0; i < WINDOW_KINDS; i++)
		scene->windows[i].kind = (enum window_kind)i;
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	pane_free(scene->own);
	pane_free(scene->other);
	buffer_free(&scene->sent);
	free(scene);
	return 0;
}

/* Types, and hands what is sent to all receivers; it stays in scene->sent. */
static void
type(struct scene *scene, const char *keys)
{
	const char *sent;
	size_t len;
	int i;

	buffer_take(&scene->sent, buffer_len(&scene->sent));
	assert_true(retype_text(
	    &scene->retype, customary, keys, strlen(keys), &scene->sent));
	sent = buffer_head(&scene->sent);
	len = buffer_len(&scene->sent);
	assert_true(pane_feed(scene->own, keys, strlen(keys)));
	assert_true(pane_feed(scene->other, sent, len));
	for (i = 0; i < WINDOW_KINDS; i++)
		window_show(&scene->windows[i], sent, len);
}

static void
check_line(const struct pane *pane, const char *line, size_t len)
{
	size_t shown_len;
	const char *shown = pane_last_line(pane, &shown_len);

	assert_int_equal(shown_len, len);
	assert_memory_equal(shown, line, len);
}

/* The window reads as if the line had been typed without a mistake. */
static void
check_window(const struct window *window, const char *line, size_t len)
{
	static struct window fresh;

	fresh.kind = window->kind;
	fresh.col = 0;
	window_show(&fresh, line, len);
	assert_int_equal(window->col, fresh.col);
	assert_memory_equal(window->cells, fresh.cells, fresh.col);
}

static void
check_receivers(const struct scene *scene, const char *line, size_t len)
{
	int i;

	check_line(scene->other, line, len);
	for (i = 0; i < WINDOW_KINDS; i++)
		check_window(&scene->windows[i], line, len);
}

/* --------------------------------------------------------------- tests --- */

static const struct {
	const char *typed;
	const char *sent;
	const char *line;
} cases[] = {
	{ "abc\x7f", "abc\x7f", "ab" },
	{ "\x7f", "\x7f", "" },
	{ "a\nb\x7f\x7f", "a\nb\x7f\x7f", "" },
	{ "one two \x7f\x7f", "one two \x7f\x7f", "one tw" },
	{ "^A\x7f", "^A\x7f", "^" },
	/* the word again, as far as it stays */
	{ E_ACUTE "\x7f", E_ACUTE "\x17", "" },
	{ "caf" E_ACUTE "\x7f",
	    "caf" E_ACUTE "\x17"
	    "caf",
	    "caf" },
	{ "one caf" E_ACUTE "\x7f",
	    "one caf" E_ACUTE "\x17"
	    "caf",
	    "one caf" },
	{ "caf" E_ACUTE "s\x7f", "caf" E_ACUTE "s\x7f", "caf" E_ACUTE },
	{ "a" E_COMBINED "\x7f",
	    "a" E_COMBINED "\x17"
	    "a",
	    "a" },
	{ WORLD "\x7f",
	    WORLD "\x17"
		  "\xe4\xb8\x96",
	    "\xe4\xb8\x96" },
	{ "a" FAMILY "\x7f",
	    "a" FAMILY "\x17"
	    "a",
	    "a" },
	{ FLAG FLAG "\x7f", FLAG FLAG "\x17" FLAG, FLAG },
	{ "x " THUMB "\x7f", "x " THUMB "\x17", "x " },
	/* old windows have blanks for a TAB */
	{ "one\t\x7f", "one\t\x17one", "one" },
	{ "one \t\x7f", "one \t\x17one ", "one " },
	{ "\t\t\x7f", "\t\t\x17\t", "\t" },
	{ E_ACUTE " \x7f\x7f", E_ACUTE " \x7f\x17", "" },
	/* the others' edits */
	{ "a " E_ACUTE "\x17", "a " E_ACUTE "\x17", "a " },
	{ "a " E_ACUTE "\x15x\x7f", "a " E_ACUTE "\x15x\x7f", "" },
	{ "a " E_ACUTE "\x15" E_ACUTE "\x7f",
	    "a " E_ACUTE "\x15" E_ACUTE "\x17", "" },
	{ "a\a" E_ACUTE "\x7f",
	    "a\a" E_ACUTE "\x17"
	    "a",
	    "a" },
	/* marks that have no base, or too many on it */
	{ "e\x7f" ACCENT "x", "e\x7fx", "x" },
	{ "ab\x7f" ACCENT, "ab\x7f" ACCENT, "a" ACCENT },
	{ "a " ACCENT, "a ", "a " },
	{ "a\t" ACCENT, "a\t", "a\t" },
	{ "e" ACCENT ACCENT ACCENT ACCENT "x\x7f" ACCENT,
	    "e" ACCENT ACCENT ACCENT ACCENT "x\x7f",
	    "e" ACCENT ACCENT ACCENT ACCENT },
};

static void
an_erase_of_what_is_not_ascii_types_the_word_again(void **state)
{
	struct scene *scene;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(set_up(state), 0);
		scene = *state;
		type(scene, cases[i].typed);
		if (buffer_len(&scene->sent) != strlen(cases[i].sent) ||
		    memcmp(buffer_head(&scene->sent), cases[i].sent,
			strlen(cases[i].sent)) != 0)
			fail_msg("case %zu: sent \"%.*s\"", i,
			    (int)buffer_len(&scene->sent),
			    buffer_head(&scene->sent));
		check_line(scene->other, cases[i].line, strlen(cases[i].line));
		tear_down(state);
	}
}

/* What people type, with the edits often enough to come back to the begin. */
static const char *const keys[] = { "a", "b", " ", "  ", "\t", E_ACUTE,
	"\xc2\xa0", E_COMBINED, ACCENT, WORLD, "\xe3\x80\x80", FAMILY, FLAG,
	"\xf0\x9f\x87\xa9", THUMB, "\xe2\x80\x8d", "\xef\xb8\x8f", "^A", "word",
	"\x7f", "\x7f", "\x7f", "\x7f", "\x7f\x7f\x7f", "\x17", "\x15", "\n" };

/*
 * Marks are typed where the user's pane would show them too: it is fed the keys
 * as they are, and would see those that are left out.
 */
static bool
may_type(const struct scene *scene, const char *key)
{
	uint32_t code;
	bool valid;
	size_t len;
	const char *line = pane_last_line(scene->own, &len);

	(void)text_decode(key, strlen(key), &code, &valid);
	return text_width(code) != 0 ||
	    (len > 0 && line[len - 1] != ' ' && line[len - 1] != '\t' &&
		scene->retype.marks < TEXT_MARKS_MAX);
}

/* Words that are longer than is typed again are not typed here. */
static bool
is_long(const struct scene *scene)
{
	size_t len, word = 0;
	const char *line = pane_last_line(scene->own, &len);

	while (word < len && line[len - 1 - word] != ' ')
		word++;
	return word > RETYPE_WORD_MAX - 30;
}

static void
every_receiver_has_the_users_line_after_every_key(void **state)
{
	struct scene *scene = *state;
	const char *key, *line;
	size_t len;
	int n;

	srand(20261122);
	for (n = 0; n < 50000; n++) {
		key = is_long(scene) ? " " : keys[(size_t)rand() % COUNT(keys)];
		if (!may_type(scene, key))
			key = "x";
		type(scene, key);
		line = pane_last_line(scene->own, &len);
		check_receivers(scene, line, len);
	}
}

static void
a_word_too_long_for_a_row_is_erased_plainly(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < RETYPE_WORD_MAX / 2; i++)
		type(scene, E_ACUTE);
	type(scene, "\x7f");
	assert_int_equal(*buffer_head(&scene->sent), PANE_WORD_ERASE);
	type(scene, E_ACUTE);
	type(scene, E_ACUTE);
	type(scene, "\x7f");
	assert_int_equal(buffer_len(&scene->sent), 1);
	assert_int_equal(*buffer_head(&scene->sent), PANE_ERASE);
	type(scene, "\x7f");
	assert_int_equal(*buffer_head(&scene->sent), PANE_WORD_ERASE);
	assert_int_equal(scene->retype.len, RETYPE_WORD_MAX / 2 * 2 - 2);
}

static void
the_users_own_edit_characters_are_meant(void **state)
{
	static const uint8_t own[] = { '\b', 0x18, 0x0b };
	static const uint8_t same[] = { '\b', 0x18, '\b' };
	struct scene *scene = *state;
	struct buffer *sent = &scene->sent;

	assert_true(
	    retype_text(&scene->retype, own, "a\xc3\xa9\b\x18", 5, sent));
	assert_int_equal(buffer_len(sent), 6);
	assert_memory_equal(buffer_head(sent),
	    "a\xc3\xa9\x0b"
	    "a\x18",
	    6);
	buffer_take(sent, 6);
	/* what stands for both erases a character */
	assert_true(retype_text(&scene->retype, same, "\xc3\xa9\b", 3, sent));
	assert_memory_equal(buffer_head(sent), "\xc3\xa9\b", 3);
}

static void
a_line_that_a_pane_ends_is_ended_here_too(void **state)
{
	struct scene *scene = *state;
	const char *line;
	size_t len;
	int i;

	for (i = 0; i < PANE_LINE_BYTES_MAX + 100; i++)
		type(scene, i % 10 == 9 ? " " : i % 3 == 0 ? E_ACUTE : "x");
	for (i = 0; i < PANE_LINE_BYTES_MAX; i++) {
		type(scene, "\x7f");
		line = pane_last_line(scene->own, &len);
		check_line(scene->other, line, len);
	}
	assert_int_equal(scene->retype.len, 0);
}

static void
a_line_beyond_its_room_is_begun_anew(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < PANE_LINE_BYTES_MAX - 3; i++)
		type(scene, "x");
	assert_int_equal(scene->retype.len, PANE_LINE_BYTES_MAX - 3);
	type(scene, E_ACUTE);
	assert_int_equal(scene->retype.len, strlen(E_ACUTE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_erase_of_what_is_not_ascii_types_the_word_again),
		TEST(every_receiver_has_the_users_line_after_every_key),
		TEST(a_word_too_long_for_a_row_is_erased_plainly),
		TEST(the_users_own_edit_characters_are_meant),
		TEST(a_line_that_a_pane_ends_is_ended_here_too),
		TEST(a_line_beyond_its_room_is_begun_anew),
	};

	return cmocka_run_group_tests_name("retype", tests, NULL, NULL);
}
