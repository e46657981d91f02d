/*
 * The tests of talk/split: the whole split screen on a pseudo-terminal, whose
 * other end feeds two emulators, an xterm and a VT100 to the letter.  Time is
 * the test's own.
 */
#define _DEFAULT_SOURCE /* TIOCSWINSZ */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/text.h"
#include "emulator.h"
#include "seat.h"
#include "talk/split.h"

enum {
	ROWS = 24,
	COLS = 80,
	UPPER_ROWS = 11,
	SEPARATOR = 11,
	LOWER = 12,
	LOWER_ROWS = 12,
	ME = 0,
	BOB = 1,
	MEGABYTE = 1 << 20,
	FRAME_MS = 20,
	ROW_SIZE = 4096,
};

/* --------------------------------------------------------------- scene --- */

struct scene {
	struct seat seat;
	struct face *face;
	struct emulator *xterm;
	struct emulator *vt100;
	struct emulator *unwrapping; /* a VT100 that does not wrap by itself */
	struct buffer typed;
	int64_t now;
	size_t bytes; /* written since they were last asked for */
};

/* 2026-11-22 10:15:30 UTC. */
static const int64_t morning = 1795342530000;
static int64_t time_of_day;

static int64_t
clock_of_test(void)
{
	return time_of_day;
}

static void
set_window(const struct scene *scene, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)cols };

	assert_int_equal(ioctl(scene->seat.master, TIOCSWINSZ, &size), 0);
}

static void
feed_emulators(struct scene *scene, const char *bytes, size_t len)
{
	emulator_feed(scene->xterm, bytes, len);
	emulator_feed(scene->vt100, bytes, len);
	emulator_feed(scene->unwrapping, bytes, len);
}

/* The terminal takes what was written for it; returns how many bytes. */
static size_t
take(struct scene *scene)
{
	char bytes[65536];
	ssize_t got;
	size_t taken = 0;

	while ((got = read(scene->seat.master, bytes, sizeof(bytes))) > 0) {
		feed_emulators(scene, bytes, (size_t)got);
		taken += (size_t)got;
	}
	assert_true(got < 0 && errno == EAGAIN);
	scene->bytes += taken;
	return taken;
}

/* Turns of the loop at that time, until there is nothing left to write. */
static void
settle_screen(struct scene *scene)
{
	int quiet = 0;

	while (quiet < 2) {
		scene->face->does->turn(scene->face, scene->now);
		quiet = take(scene) == 0 ? quiet + 1 : 0;
	}
}

/* The next picture; returns the bytes it took. */
static size_t
next_picture(struct scene *scene)
{
	scene->now += FRAME_MS;
	time_of_day += FRAME_MS;
	scene->bytes = 0;
	settle_screen(scene);
	return scene->bytes;
}

static void
pass(struct scene *scene, int64_t ms)
{
	scene->now += ms;
	time_of_day += ms;
}

static void
shows(struct scene *scene, int party, const char *text)
{
	scene->face->does->show(scene->face, party, text, strlen(text));
}

static void
open_scene(struct scene *scene, const struct split_options *options)
{
	struct split_options with_clock = *options;

	with_clock.clock = clock_of_test;
	scene->face = split_new(&with_clock);
	assert_non_null(scene->face);
	assert_int_equal(scene->face->does->open(scene->face), 0);
	assert_true(scene->face->does->add(scene->face, "alice"));
	assert_true(scene->face->does->add(scene->face, "bob@h2"));
	scene->face->does->tell(scene->face, BOB, "Connection established");
	settle_screen(scene);
}

static void
make_emulators(struct scene *scene, int rows, int cols)
{
	scene->xterm = emulator_new(rows, cols);
	scene->vt100 = emulator_new(rows, cols);
	scene->unwrapping = emulator_new(rows, cols);
	assert_true(scene->xterm != NULL && scene->vt100 != NULL &&
	    scene->unwrapping != NULL);
	emulator_be_vt100(scene->vt100);
	emulator_be_vt100(scene->unwrapping);
	emulator_feed(scene->unwrapping, "\033[?7l", 5);
}

static int
set_up(void **state)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	scene.now = 1000000;
	time_of_day = morning;
	seat_open(&scene.seat);
	(void)fcntl(scene.seat.master, F_SETFL, O_NONBLOCK);
	make_emulators(&scene, ROWS, COLS);
	set_window(&scene, ROWS, COLS);
	seat_sit_down(&scene.seat);
	*state = &scene;
	return 0;
}

static int
set_up_split(void **state)
{
	const struct split_options options = { .wrap = true };

	if (set_up(state) != 0)
		return -1;
	open_scene(*state, &options);
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	take(scene); /* lest it waits for a reader */
	if (scene->face != NULL)
		scene->face->does->free(scene->face);
	seat_stand_up(&scene->seat);
	seat_leave(&scene->seat);
	emulator_free(scene->xterm);
	emulator_free(scene->vt100);
	emulator_free(scene->unwrapping);
	buffer_free(&scene->typed);
	return 0;
}

/* ---------------------------------------------------------------- keys --- */

/* One turn's reading; waits for what was typed where there is something. */
static enum face_input
read_keys(struct scene *scene, bool listen)
{
	struct turn turn;

	turn_begin(&turn);
	scene->face->does->await(scene->face, &turn, listen);
	if (turn.deadline > 0)
		turn.deadline = turn_clock() + 200;
	turn_wait(&turn);
	return scene->face->does->read(scene->face, &turn, &scene->typed);
}

/* The system may take a while to bring what was typed across. */
static void
await_keys(const struct scene *scene, int count)
{
	int waiting = 0, tries;

	for (tries = 0; waiting < count && tries < 5000; tries++) {
		assert_int_equal(
		    ioctl(scene->seat.slave, FIONREAD, &waiting), 0);
		if (waiting < count)
			poll(NULL, 0, 1);
	}
	assert_true(waiting >= count);
}

/* Types; what is text goes to everybody's pane, as the session has it. */
static void
types(struct scene *scene, const char *keys)
{
	assert_int_equal(
	    write(scene->seat.master, keys, strlen(keys)), strlen(keys));
	await_keys(scene, (int)strlen(keys));
	assert_int_equal(read_keys(scene, true), FACE_TYPING);
	scene->face->does->show(scene->face, ME, buffer_head(&scene->typed),
	    buffer_len(&scene->typed));
	buffer_take(&scene->typed, buffer_len(&scene->typed));
}

/* When the loop would be woken, at the latest, from now. */
static int64_t
wakes_in(struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	scene->face->does->await(scene->face, &turn, true);
	return turn.deadline - scene->now;
}

/* --------------------------------------------------------------- sight --- */

static void
assert_row(struct scene *scene, int row, const char *expected)
{
	char text[ROW_SIZE];

	emulator_row(scene->xterm, row, text, sizeof(text));
	assert_string_equal(text, expected);
}

static bool
row_says(const struct emulator *e, int row, const char *words)
{
	char text[ROW_SIZE];

	emulator_row(e, row, text, sizeof(text));
	return strstr(text, words) != NULL;
}

static void
assert_says(struct scene *scene, const char *words)
{
	if (!row_says(scene->xterm, SEPARATOR, words))
		fail_msg("the separator does not say \"%s\"", words);
}

static void
assert_says_not(struct scene *scene, const char *words)
{
	if (row_says(scene->xterm, SEPARATOR, words))
		fail_msg("the separator says \"%s\"", words);
}

/* Cell by cell, and that nothing came which a VT100 does not know. */
static void
assert_same_picture(const struct emulator *a, const struct emulator *b)
{
	char one[64], other[64];
	int row, col, width, other_width, at[2], other_at[2];

	for (row = 0; row < emulator_rows(a); row++) {
		for (col = 0; col < emulator_cols(a); col++) {
			emulator_cell(a, row, col, one, sizeof(one), &width);
			emulator_cell(
			    b, row, col, other, sizeof(other), &other_width);
			if (strcmp(one, other) != 0 || width != other_width ||
			    emulator_is_reverse(a, row, col) !=
				emulator_is_reverse(b, row, col))
				fail_msg("row %d, column %d: \"%s\", \"%s\"",
				    row, col, one, other);
		}
	}
	emulator_cursor(a, &at[0], &at[1]);
	emulator_cursor(b, &other_at[0], &other_at[1]);
	assert_memory_equal(at, other_at, sizeof(at));
	assert_string_equal(emulator_complaint(a), "");
	assert_string_equal(emulator_complaint(b), "");
}

static void
assert_same_on_all(struct scene *scene)
{
	assert_same_picture(scene->vt100, scene->xterm);
	assert_same_picture(scene->vt100, scene->unwrapping);
}

/* What shows now is what shows when it is drawn anew. */
static void
assert_as_drawn_anew(struct scene *scene)
{
	int rows = emulator_rows(scene->xterm);
	int cols = emulator_cols(scene->xterm);
	struct emulator *before = scene->xterm;

	scene->xterm = emulator_new(rows, cols);
	types(scene, "\f");
	next_picture(scene);
	assert_same_picture(before, scene->xterm);
	emulator_free(before);
	assert_same_on_all(scene);
}

static void
bob_says_lines(struct scene *scene, int first, int last)
{
	char line[64];

	for (; first <= last; first++) {
		snprintf(line, sizeof(line), "this is bob's line %d\n", first);
		shows(scene, BOB, line);
	}
}

/* ----------------------------------------------------------- separator --- */

static void
the_separator_tells_who_how_and_when(void **state)
{
	struct scene *scene = *state;

	assert_row(scene, SEPARATOR,
	    "---- bob@h2: Connection established "
	    "----------------------------------- 10:15 --");
	assert_true(emulator_is_reverse(scene->xterm, SEPARATOR, 0));
	assert_true(emulator_is_reverse(scene->xterm, SEPARATOR, COLS - 1));
	assert_same_on_all(scene);
}

static void
the_time_changes_once_a_minute_and_wakes_for_nothing_else(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(wakes_in(scene), 30000);
	pass(scene, 29900);
	assert_int_equal(next_picture(scene), 0);
	assert_says(scene, " 10:15 ");
	assert_int_equal(wakes_in(scene), 80);
	pass(scene, 60);
	assert_in_range(next_picture(scene), 1, 30);
	assert_says(scene, " 10:16 ");
	assert_int_equal(wakes_in(scene), 60000);
	assert_same_on_all(scene);
}

static void
who_types_is_told_until_the_line_ends(void **state)
{
	struct scene *scene = *state;

	shows(scene, BOB, "hel");
	next_picture(scene);
	assert_says(scene, " bob types -- 10:15 --");
	pass(scene, 2900);
	shows(scene, BOB, "l");
	assert_int_equal(
	    next_picture(scene), 1 + strlen("\033[13;4H\033[1;1H"));
	assert_says(scene, " bob types ");
	shows(scene, BOB, "o\n");
	next_picture(scene);
	assert_says_not(scene, "types");
	shows(scene, BOB, "a whole line\n");
	next_picture(scene);
	assert_says_not(scene, "types");
	types(scene, "mine");
	next_picture(scene);
	assert_says_not(scene, "types");
}

static void
who_types_no_more_is_not_told(void **state)
{
	struct scene *scene = *state;

	pass(scene, 30000);
	next_picture(scene);
	shows(scene, BOB, "hel");
	next_picture(scene);
	assert_says(scene, " bob types ");
	assert_int_equal(wakes_in(scene), 3000);
	pass(scene, 2970);
	assert_int_equal(next_picture(scene), 0);
	next_picture(scene);
	assert_says_not(scene, "types");
	assert_row(scene, LOWER, "hel");
	shows(scene, BOB, "p");
	next_picture(scene);
	scene->face->does->tell(scene->face, BOB, "Connection closed");
	next_picture(scene);
	assert_says_not(scene, "types");
	shows(scene, BOB, "\x7f");
	/* who erases is typing, until there is nothing left */
	shows(scene, BOB, "\x7f");
	next_picture(scene);
	assert_says(scene, " bob types ");
	shows(scene, BOB, "\x7f\x7f");
	next_picture(scene);
	assert_says_not(scene, "types");
}

static void
the_same_words_with_another_end_redraw_only_that(void **state)
{
	struct scene *scene = *state;
	const struct face_functions *does = scene->face->does;

	does->tell(scene->face, BOB, "Waiting for your party (again in 29 s)");
	next_picture(scene);
	does->tell(scene->face, BOB, "Waiting for your party (again in 28 s)");
	assert_in_range(next_picture(scene), 1, 30);
	assert_says(scene, "(again in 28 s) -");
	does->tell(scene->face, BOB, "Waiting for your party (again in 28 s)");
	assert_int_equal(next_picture(scene), 0);
	assert_same_on_all(scene);
}

/* ----------------------------------------------------------- scrolling --- */

static void
what_is_read_further_up_stays_while_text_comes(void **state)
{
	struct scene *scene = *state;

	bob_says_lines(scene, 1, 50);
	next_picture(scene);
	assert_row(scene, LOWER, "this is bob's line 40");
	types(scene, "\020\020");
	next_picture(scene);
	assert_row(scene, LOWER, "this is bob's line 28");
	assert_says(scene, "(12 rows back)");
	bob_says_lines(scene, 51, 60);
	assert_in_range(next_picture(scene), 1, 30);
	assert_row(scene, LOWER, "this is bob's line 28");
	assert_says(scene, "(22 rows back)");
	types(scene, "\016\016\016\016");
	next_picture(scene);
	assert_says_not(scene, "back");
	bob_says_lines(scene, 61, 61);
	next_picture(scene);
	assert_row(scene, LOWER, "this is bob's line 51");
	assert_as_drawn_anew(scene);
}

/* Before the next picture: what comes must not count as seen. */
static void
text_that_comes_with_the_key_does_not_undo_it(void **state)
{
	struct scene *scene = *state;

	bob_says_lines(scene, 1, 50);
	next_picture(scene);
	types(scene, "\020");
	bob_says_lines(scene, 51, 51);
	next_picture(scene);
	assert_row(scene, LOWER, "this is bob's line 34");
	assert_says(scene, "(7 rows back)");
}

static void
typing_returns_the_own_half_to_its_end(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < 30; i++)
		types(scene, "again\r");
	types(scene, "end");
	bob_says_lines(scene, 1, 50);
	types(scene, "\033p\020");
	next_picture(scene);
	assert_row(scene, UPPER_ROWS - 1, "again");
	assert_says(scene, "(6 rows back, yours 5)");
	types(scene, "!");
	next_picture(scene);
	assert_row(scene, UPPER_ROWS - 1, "end!");
	assert_says(scene, "(6 rows back)");
	assert_row(scene, LOWER, "this is bob's line 34");
	assert_as_drawn_anew(scene);
}

static void
resize_to(struct scene *scene, int rows, int cols)
{
	set_window(scene, rows, cols);
	assert_true(emulator_resize(scene->xterm, rows, cols));
	assert_true(emulator_resize(scene->vt100, rows, cols));
	assert_true(emulator_resize(scene->unwrapping, rows, cols));
	scene->face->does->resize(scene->face);
}

static void
the_place_is_kept_through_other_sizes(void **state)
{
	struct scene *scene = *state;

	bob_says_lines(scene, 1, 50);
	types(scene, "\020\020");
	next_picture(scene);
	assert_row(scene, LOWER, "this is bob's line 28");
	resize_to(scene, 5, 20);
	next_picture(scene);
	assert_row(scene, 3, "this is bob's line");
	assert_row(scene, 4, "28");
	resize_to(scene, 500, 200);
	next_picture(scene);
	resize_to(scene, 24, 80);
	next_picture(scene);
	assert_row(scene, LOWER, "this is bob's line 28");
	assert_as_drawn_anew(scene);
	/* a window that shows the end follows it again */
	resize_to(scene, 500, 200);
	next_picture(scene);
	bob_says_lines(scene, 51, 500);
	next_picture(scene);
	assert_row(scene, 498, "this is bob's line 500");
	assert_as_drawn_anew(scene);
}

static void
without_wrapping_lines_break_at_the_column(void **state)
{
	struct scene *scene = *state;
	const struct split_options options = { .wrap = false };

	open_scene(scene, &options);
	resize_to(scene, 9, 20);
	shows(scene, BOB, "one two three four five six");
	next_picture(scene);
	assert_row(scene, 5, "one two three four f");
	assert_row(scene, 6, "ive six");
}

/* ---------------------------------------------------------------- cost --- */

static void
a_keystroke_costs_a_few_bytes(void **state)
{
	struct scene *scene = *state;
	char text[UPPER_ROWS * COLS + 1];
	size_t scrolled;

	types(scene, "a");
	assert_int_equal(next_picture(scene), 1);
	types(scene, "\xc3\xa9");
	assert_int_equal(next_picture(scene), 2);
	types(scene, "\177");
	assert_int_equal(next_picture(scene), 3);
	/* the word that reaches the edge goes to the next row */
	memset(text, 'x', sizeof(text));
	memcpy(text + 70, " wrapping", sizeof(" wrapping"));
	types(scene, text);
	next_picture(scene);
	types(scene, "s");
	assert_in_range(next_picture(scene), 1, 40);
	assert_row(scene, 1, "wrappings");
	types(scene, "\r\r\r\r\r\r\r\r\r");
	next_picture(scene);
	memset(text, 'x', sizeof(text));
	text[COLS * 10 - 1] = '\0';
	types(scene, text);
	scrolled = next_picture(scene);
	assert_true(scrolled > 700);
	types(scene, "\r");
	assert_in_range(next_picture(scene), 1, 40);
	assert_as_drawn_anew(scene);
}

/* One more line below a full half costs the line and not the half. */
static void
a_line_below_a_full_half_costs_a_fraction_of_it(void **state)
{
	struct scene *scene = *state;
	size_t full, line;

	bob_says_lines(scene, 1, 20);
	full = next_picture(scene);
	bob_says_lines(scene, 21, 21);
	line = next_picture(scene);
	assert_true(line < 60);
	assert_true(line < full / 4);
	assert_as_drawn_anew(scene);
}

static void
a_full_screen_costs_little_more_than_its_text(void **state)
{
	struct scene *scene = *state;
	char line[COLS + 2];
	int i;

	memset(line, 'x', sizeof(line));
	line[COLS - 1] = '\n';
	line[COLS] = '\0';
	for (i = 0; i < 12; i++) {
		shows(scene, ME, line);
		shows(scene, BOB, line);
	}
	next_picture(scene);
	types(scene, "\f");
	assert_in_range(next_picture(scene), 1, 22 * 79 + 80 + 120);
}

/* Whatever comes, so many pictures a second and none of more than a screen. */
static void
a_megabyte_costs_no_more_than_its_pictures(void **state)
{
	struct scene *scene = *state;
	char piece[4096];
	size_t fed = 0;
	int64_t begun = scene->now;

	memset(piece, 'y', sizeof(piece));
	for (fed = 0; fed < sizeof(piece); fed += 64)
		piece[fed] = '\n';
	scene->bytes = 0;
	for (fed = 0; fed < MEGABYTE; fed += sizeof(piece)) {
		scene->face->does->show(scene->face, BOB, piece, sizeof(piece));
		scene->face->does->turn(scene->face, ++scene->now);
		take(scene);
	}
	assert_true(scene->bytes <
	    (size_t)((scene->now - begun) / FRAME_MS + 1) * COLS * ROWS);
	assert_true(scene->bytes < MEGABYTE / 20);
	next_picture(scene);
	assert_as_drawn_anew(scene);
}

/* ----------------------------------------------------- slow and stormy --- */

/*
 * The terminal takes nothing; the peer sends a megabyte; the keyboard is heard.
 * Then what waits for the terminal is not more than a screen or two.
 */
static void
a_terminal_that_stands_still_freezes_nothing(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < 20000; i++) {
		bob_says_lines(scene, i, i);
		scene->face->does->turn(scene->face, scene->now += FRAME_MS);
	}
	types(scene, "typed blindly");
	shows(scene, BOB, "the last\n");
	scene->bytes = 0;
	next_picture(scene);
	assert_true(scene->bytes < 65536);
	next_picture(scene);
	assert_row(scene, 0, "typed blindly");
	assert_row(scene, LOWER + LOWER_ROWS - 2, "the last");
	assert_as_drawn_anew(scene);
}

/* A signal may come before the conversation does. */
static void
before_it_is_open_nothing_is_drawn_or_read(void **state)
{
	const struct split_options options = { .wrap = true };
	struct scene *scene = *state;
	struct turn turn;

	scene->face = split_new(&options);
	assert_non_null(scene->face);
	turn_begin(&turn);
	scene->face->does->await(scene->face, &turn, true);
	assert_true(turn.deadline == TURN_NEVER);
	assert_int_equal(turn.count, 0);
	scene->face->does->resize(scene->face);
	scene->face->does->resume(scene->face);
	assert_int_equal(take(scene), 0);
}

static void
a_storm_of_sizes_passes(void **state)
{
	static const int sizes[][2] = { { 5, 20 }, { 1, 1 }, { 2, 2 },
		{ 200, 500 }, { 3, 200 }, { 60, 2 }, { 1, 80 }, { 24, 1 },
		{ 25, 80 }, { 4, 7 } };
	struct scene *scene = *state;
	size_t i;

	bob_says_lines(scene, 1, 100);
	types(scene, "one two three four five six seven eight nine ten");
	types(scene, "\020");
	for (i = 0; i < 300; i++) {
		resize_to(scene, sizes[i % 10][0] + (int)(i % 3),
		    sizes[i % 10][1] + (int)(i % 7));
		if (i % 4 == 0)
			next_picture(scene);
		bob_says_lines(scene, 1, 1);
	}
	for (i = 0; i < 10; i++) {
		resize_to(scene, sizes[i][0], sizes[i][1]);
		next_picture(scene);
		assert_same_on_all(scene);
	}
	resize_to(scene, ROWS, COLS);
	next_picture(scene);
	assert_row(
	    scene, 0, "one two three four five six seven eight nine ten");
	assert_as_drawn_anew(scene);
}

/* ------------------------------------------------------------- pasting --- */

/* The clipboard pastes as much as the terminal takes; returns how much. */
static size_t
paste(struct scene *scene, size_t from, size_t to)
{
	char text[4096];
	size_t i, len = to - from < sizeof(text) ? to - from : sizeof(text);
	ssize_t written;

	for (i = 0; i < len; i++)
		text[i] = (char)('a' + (from + i) % 26);
	written = write(scene->seat.master, text, len);
	return written > 0 ? (size_t)written : 0;
}

/* Nobody can listen: the keyboard is read on, and nothing of it is lost. */
static void
a_pasted_megabyte_waits_for_who_listens(void **state)
{
	struct scene *scene = *state;
	const char *text;
	size_t pasted = 0, seen = 0, i, len, before;

	while (pasted < MEGABYTE) {
		pasted += paste(scene, pasted, MEGABYTE);
		assert_int_equal(read_keys(scene, false), FACE_TYPING);
		assert_int_equal(buffer_len(&scene->typed), 0);
	}
	types(scene, "\020"); /* a command gets through */
	assert_int_equal(buffer_len(&scene->typed), 0);
	for (seen = 4096; seen < MEGABYTE;) {
		assert_true(wakes_in(scene) < 0);
		assert_int_equal(read_keys(scene, true), FACE_TYPING);
		len = buffer_len(&scene->typed);
		assert_in_range(len, 1, 4096);
		text = buffer_head(&scene->typed);
		for (i = 0; i < len; i++)
			assert_int_equal(text[i], 'a' + (seen + i) % 26);
		buffer_take(&scene->typed, len);
		before = seen;
		seen += len;
		assert_true(seen > before);
	}
	assert_true(wakes_in(scene) > 0);
}

static void
the_end_acts_at_once_however_much_was_pasted(void **state)
{
	struct scene *scene = *state;
	struct termios modes;
	size_t pasted = 0;
	char end;

	assert_int_equal(tcgetattr(scene->seat.slave, &modes), 0);
	end = (char)modes.c_cc[VEOF];
	while (pasted < MEGABYTE) {
		pasted += paste(scene, pasted, MEGABYTE);
		assert_int_equal(read_keys(scene, false), FACE_TYPING);
	}
	/* The terminal may be full yet of what was pasted. */
	while (write(scene->seat.master, &end, 1) != 1)
		assert_int_equal(read_keys(scene, false), FACE_TYPING);
	while (read_keys(scene, false) != FACE_END)
		assert_true(buffer_len(&scene->typed) == 0);
	assert_int_equal(buffer_len(&scene->typed), MEGABYTE);
}

/* It is bounded what is kept of a paste: then the paste has to wait. */
static void
a_paste_without_end_is_not_taken_for_ever(void **state)
{
	struct scene *scene = *state;
	size_t pasted = 0, taken;
	int stuck = 0;
	struct turn turn;

	while (stuck < 20 && pasted < 32 * MEGABYTE) {
		stuck++;
		while ((taken = paste(scene, pasted, pasted + 4096)) > 0) {
			pasted += taken;
			stuck = 0;
		}
		turn_begin(&turn);
		scene->face->does->await(scene->face, &turn, false);
		turn.deadline = turn_clock() + 5;
		turn_wait(&turn);
		assert_int_equal(
		    scene->face->does->read(scene->face, &turn, &scene->typed),
		    FACE_TYPING);
	}
	assert_in_range(pasted, 8 * MEGABYTE, 9 * MEGABYTE);
}

/* --------------------------------------------------------------- bells --- */

static void
bells_are_limited_and_silent_is_silent(void **state)
{
	const struct split_options silent = { .silent = true, .wrap = true };
	struct scene *scene = *state;
	int i;

	for (i = 0; i < 100; i++) {
		shows(scene, BOB, "\a");
		next_picture(scene);
	}
	assert_in_range(emulator_bells(scene->xterm), 2, 3);
	i = (int)emulator_bells(scene->xterm);
	scene->face->does->free(scene->face);
	open_scene(scene, &silent);
	shows(scene, BOB, "\a");
	next_picture(scene);
	scene->face->does->ring(scene->face, scene->now);
	next_picture(scene);
	assert_int_equal(emulator_bells(scene->xterm), i);
}

/* ------------------------------------------------------- any of it all --- */

static uint32_t
roll(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % sides;
}

/*
 * A session as people have them, recorded by three terminals: the pictures
 * are the same, cell by cell, after each step.
 */
static void
a_session_looks_the_same_on_a_vt100_and_an_xterm(void **state)
{
	static const char *const said[] = { "hello ", "wörld ", "世界 ",
		"e\xcc\x81t\xc3\xa9 ", "👍🏽 ", "👨‍👩‍👧 ", "🇩🇪",
		"\n", "\n\n", "\t", "\x7f", "\x17", "\x15",
		"averyveryverylongwordthatdoesnotend", "\033[2J\033[H",
		"\033]0;title\a", "\x01", "\xff\xfe", "\x9b", "tail of it\n",
		"\f", "\x04" };
	static const char *const keys[] = { "typing ", "ünïcode ", "\r", "\177",
		"\033p", "\033n", "\020", "\016", "\033[5~", "\033[6~", "\f",
		"\025", "\027", "世", "\t", "\001" };
	static const int sizes[][2] = { { 24, 80 }, { 5, 20 }, { 50, 132 },
		{ 10, 33 } };
	struct scene *scene = *state;
	uint32_t seed = 5, pick;
	int step;

	for (step = 0; step < 3000; step++) {
		pick = roll(&seed, 100);
		if (pick < 55)
			shows(scene, BOB,
			    said[roll(&seed, sizeof(said) / sizeof(said[0]))]);
		else if (pick < 98)
			types(scene,
			    keys[roll(&seed, sizeof(keys) / sizeof(keys[0]))]);
		else if (pick < 99)
			pass(scene, 5000);
		else
			resize_to(
			    scene, sizes[step % 4][0], sizes[step % 4][1]);
		next_picture(scene);
		assert_same_on_all(scene);
		if (step % 50 == 0)
			assert_as_drawn_anew(scene);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up_split, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_separator_tells_who_how_and_when),
		TEST(the_time_changes_once_a_minute_and_wakes_for_nothing_else),
		TEST(who_types_is_told_until_the_line_ends),
		TEST(who_types_no_more_is_not_told),
		TEST(the_same_words_with_another_end_redraw_only_that),
		TEST(what_is_read_further_up_stays_while_text_comes),
		TEST(text_that_comes_with_the_key_does_not_undo_it),
		TEST(typing_returns_the_own_half_to_its_end),
		TEST(the_place_is_kept_through_other_sizes),
		cmocka_unit_test_setup_teardown(
		    without_wrapping_lines_break_at_the_column, set_up,
		    tear_down),
		TEST(a_keystroke_costs_a_few_bytes),
		TEST(a_line_below_a_full_half_costs_a_fraction_of_it),
		TEST(a_full_screen_costs_little_more_than_its_text),
		TEST(a_megabyte_costs_no_more_than_its_pictures),
		TEST(a_terminal_that_stands_still_freezes_nothing),
		cmocka_unit_test_setup_teardown(
		    before_it_is_open_nothing_is_drawn_or_read, set_up,
		    tear_down),
		TEST(a_storm_of_sizes_passes),
		TEST(a_pasted_megabyte_waits_for_who_listens),
		TEST(the_end_acts_at_once_however_much_was_pasted),
		TEST(a_paste_without_end_is_not_taken_for_ever),
		TEST(bells_are_limited_and_silent_is_silent),
		TEST(a_session_looks_the_same_on_a_vt100_and_an_xterm),
	};

	setenv("TZ", "UTC0", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (!text_init())
		return 1;
	return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
