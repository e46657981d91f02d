/*
 * The emulator against what a VT100 and an xterm show for the same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "emulator.h"

enum { ROWS = 4, COLS = 10, SHOWN_SIZE = 1024 };

struct scene {
	const char *bytes;
	const char *shown; /* rows, a newline between, empty ones cut */
	int row;
	int col;
};

/* Gathers what an emulator shows, as a scene has it. */
static void
gather(const struct emulator *e, char shown[SHOWN_SIZE])
{
	char text[256];
	size_t used = 0, end = 0;
	int row;

	for (row = 0; row < emulator_rows(e); row++) {
		emulator_row(e, row, text, sizeof(text));
		used += (size_t)snprintf(
		    shown + used, SHOWN_SIZE - used, "%s\n", text);
		if (text[0] != '\0')
			end = used - 1;
	}
	shown[end] = '\0';
}

static void
feed(struct emulator *e, const char *bytes)
{
	emulator_feed(e, bytes, strlen(bytes));
}

static void
check_screen(const struct emulator *e, const struct scene *scene)
{
	char shown[SHOWN_SIZE];
	int row, col;

	gather(e, shown);
	emulator_cursor(e, &row, &col);
	if (strcmp(shown, scene->shown) != 0 || row != scene->row ||
	    col != scene->col)
		print_error("at %d,%d instead of %d,%d:\n%s\n", row, col,
		    scene->row, scene->col, shown);
	assert_string_equal(shown, scene->shown);
	assert_int_equal(row, scene->row);
	assert_int_equal(col, scene->col);
}

/* Plays a scene on a new screen, in one piece and in single bytes. */
static void
check_scene(const struct scene *scene)
{
	struct emulator *e = emulator_new(ROWS, COLS);
	struct emulator *slow = emulator_new(ROWS, COLS);
	const char *s;

	assert_non_null(e);
	assert_non_null(slow);
	feed(e, scene->bytes);
	check_screen(e, scene);
	for (s = scene->bytes; *s != '\0'; s++)
		emulator_feed(slow, s, 1);
	check_screen(slow, scene);
	assert_int_equal(emulator_unknown(e), 0);
	assert_int_equal(emulator_suspicious(e), 0);
	assert_string_equal(emulator_complaint(slow), "");
	emulator_free(e);
	emulator_free(slow);
}

static void
check_scenes(const struct scene *scenes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		check_scene(&scenes[i]);
}

#define CHECK_SCENES(scenes) \
	check_scenes(scenes, sizeof(scenes) / sizeof(scenes)[0])

static void
text_and_controls_do_what_they_do_on_paper(void **state)
{
	static const struct scene scenes[] = {
		{ "", "", 0, 0 },
		{ "hello", "hello", 0, 5 },
		{ "a\r\nb", "a\nb", 1, 1 },
		{ "a\nb", "a\n b", 1, 2 },
		{ "abc\rX", "Xbc", 0, 1 },
		{ "abc\b\bX", "aXc", 0, 2 },
		{ "\b\bX", "X", 0, 1 },
		{ "a\tb", "a       b", 0, 9 },
		{ "a\t\tb", "a        b", 0, 9 },
		{ "a  \r\n \r\nb", "a\n\nb", 2, 1 },
		{ "1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5", 3, 1 },
		{ "a\vb\fc", "a\n b\n  c", 2, 3 },
		{ "a\033[\n2Cb", "a\n   b", 1, 4 },
		{ "a\033[3\030b", "ab", 0, 2 },
		{ "a\033[3\033[2Cb", "a  b", 0, 4 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
the_last_column_wraps_only_when_more_comes(void **state)
{
	static const struct scene scenes[] = {
		{ "0123456789", "0123456789", 0, 9 },
		{ "0123456789X", "0123456789\nX", 1, 1 },
		{ "0123456789\r\nX", "0123456789\nX", 1, 1 },
		{ "0123456789\rX", "X123456789", 0, 1 },
		{ "0123456789\bX", "01234567X9", 0, 9 },
		{ "0123456789\033[KX", "012345678X", 0, 9 },
		{ "0123456789\033[1;10HX", "012345678X", 0, 9 },
		{ "0123456789\033[mX", "0123456789\nX", 1, 1 },
		{ "0123456789\0337\033[H\0338X", "0123456789\nX", 1, 1 },
		{ "\033[4;10HX", "\n\n\n         X", 3, 9 },
		{ "\033[4;1H0123456789X", "\n\n0123456789\nX", 3, 1 },
		{ "\033[?7l0123456789X", "012345678X", 0, 9 },
		{ "\033[?7l\033[?7h0123456789X", "0123456789\nX", 1, 1 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
the_cursor_goes_where_it_is_sent_and_not_off_the_screen(void **state)
{
	static const struct scene scenes[] = {
		{ "\033[2;3Hx", "\n  x", 1, 3 },
		{ "\033[2;3fx", "\n  x", 1, 3 },
		{ "abc\033[Hx", "xbc", 0, 1 },
		{ "abc\033[;3Hx", "abx", 0, 3 },
		{ "\033[99;99Hx", "\n\n\n         x", 3, 9 },
		{ "\033[2;2H\033[Ax", " x", 0, 2 },
		{ "\033[3;2H\033[2Ax", " x", 0, 2 },
		{ "\033[9Ax", "x", 0, 1 },
		{ "\033[0Bx", "\nx", 1, 1 },
		{ "\033[9Bx", "\n\n\nx", 3, 1 },
		{ "\033[3Cx", "   x", 0, 4 },
		{ "\033[99Cx", "         x", 0, 9 },
		{ "abc\033[2Dx", "axc", 0, 2 },
		{ "abc\033[9Dx", "xbc", 0, 1 },
		{ "\033[3dx", "\n\nx", 2, 1 },
		{ "\033[5Gx", "    x", 0, 5 },
		{ "\033[5`x", "    x", 0, 5 },
		{ "ab\033[Ex", "ab\nx", 1, 1 },
		{ "a\r\nbc\033[Fx", "x\nbc", 0, 1 },
		{ "\033[Ix", "        x", 0, 9 },
		{ "\033[10G\033[Zx", "        x", 0, 9 },
		{ "\033[2;5H\0337\033[H\0338x", "\n    x", 1, 5 },
		{ "ab\0338x", "xb", 0, 1 },
		{ "a\033Db\033Ec", "a\n b\nc", 2, 1 },
		{ "a\033Mb", " b\na", 0, 2 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
erasing_takes_what_it_names(void **state)
{
	static const struct scene scenes[] = {
		{ "abcdef\033[3G\033[K", "ab", 0, 2 },
		{ "abcdef\033[3G\033[0K", "ab", 0, 2 },
		{ "abcdef\033[3G\033[1K", "   def", 0, 2 },
		{ "abcdef\033[3G\033[2K", "", 0, 2 },
		{ "ab\r\ncd\r\nef\033[2;2H\033[J", "ab\nc", 1, 1 },
		{ "ab\r\ncd\r\nef\033[2;1H\033[1J", "\n d\nef", 1, 0 },
		{ "ab\r\ncd\r\nef\033[2;2H\033[2J", "", 1, 1 },
		{ "abcdef\033[3G\033[2X", "ab  ef", 0, 2 },
		{ "abcdef\033[3G\033[99X", "ab", 0, 2 },
		{ "abcdef\033[3G\033[2P", "abef", 0, 2 },
		{ "abcdef\033[3G\033[99P", "ab", 0, 2 },
		{ "abcdef\033[3G\033[2@", "ab  cdef", 0, 2 },
		{ "0123456789\033[3G\033[@", "01 2345678", 0, 2 },
		{ "abc\033[H\033[4hX\033[4lY", "XYbc", 0, 2 },
		{ "abc\033cx", "x", 0, 1 },
		{ "a\033[3bb", "aaaab", 0, 5 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
a_scroll_region_keeps_what_is_outside(void **state)
{
#define FOUR "1\r\n2\r\n3\r\n4"
	static const struct scene scenes[] = {
		{ FOUR "\033[2;3r", "1\n2\n3\n4", 0, 0 },
		{ FOUR "\033[2;3r\033[3H\nx", "1\n3\nx\n4", 2, 1 },
		{ FOUR "\033[2;3r\033[2H\033Mx", "1\nx\n2\n4", 1, 1 },
		{ FOUR "\033[2;3r\033[4H\nx", "1\n2\n3\nx", 3, 1 },
		{ FOUR "\033[2;3r\033[1H\033Mx", "x\n2\n3\n4", 0, 1 },
		{ FOUR "\033[2;3r\033[2H\033[Lx", "1\nx\n2\n4", 1, 1 },
		{ FOUR "\033[2;3r\033[2H\033[Mx", "1\nx\n\n4", 1, 1 },
		{ FOUR "\033[2;3r\033[4H\033[L", "1\n2\n3\n4", 3, 0 },
		{ FOUR "\033[2;3r\033[S", "1\n3\n\n4", 0, 0 },
		{ FOUR "\033[2;3r\033[T", "1\n\n2\n4", 0, 0 },
		{ FOUR "\033[2;3r\033[9S", "1\n\n\n4", 0, 0 },
		{ FOUR "\033[2;3r\033[3H\033[9Ax", "1\nx\n3\n4", 1, 1 },
		{ FOUR "\033[2;3r\033[2H\033[9Bx", "1\n2\nx\n4", 2, 1 },
		{ FOUR "\033[2;3r\033[?6hx", "1\nx\n3\n4", 1, 1 },
		{ FOUR "\033[2;3r\033[?6h\033[9;2Hx", "1\n2\n3x\n4", 2, 2 },
		{ FOUR "\033[2;3r\033[r\033[4H\nx", "2\n3\n4\nx", 3, 1 },
		{ FOUR "\033[3;2r\033[4H\nx", "2\n3\n4\nx", 3, 1 },
		{ FOUR "\033[H\033[2M", "3\n4", 0, 0 },
	};
#undef FOUR

	(void)state;
	CHECK_SCENES(scenes);
}

static void
characters_take_the_columns_they_have(void **state)
{
	static const struct scene scenes[] = {
		{ "héllo", "héllo", 0, 5 },
		{ "世界", "世界", 0, 4 },
		{ "héllo 世界", "héllo 世界", 0, 9 },
		{ "12345678世", "12345678世", 0, 9 },
		{ "123456789世", "123456789\n世", 1, 2 },
		{ "\033[?7l123456789世", "123456789", 0, 9 },
		{ "e\xcc\x81x", "e\xcc\x81x", 0, 2 },
		{ "世\xcc\x81x", "世\xcc\x81x", 0, 3 },
		{ "012345678e\xcc\x81", "012345678e\xcc\x81", 0, 9 },
		{ "\xcc\x81x", "x", 0, 1 },
		{ "世界\033[Hx", "x 界", 0, 1 },
		{ "世界\033[2Gx", " x界", 0, 2 },
		{ "世界\033[3Gx", "世x", 0, 3 },
		{ "世界\033[2G\033[K", "", 0, 1 },
		{ "世界\033[2G\033[P", " 界", 0, 1 },
		{ "世界\033[2G\033[@", "   界", 0, 1 },
		{ "世\b\bx", "x", 0, 1 },
		{ "\033[10G世\033[1;10Hx", "         x\n世", 0, 9 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
lines_are_drawn_from_either_character_set(void **state)
{
	static const struct scene scenes[] = {
		{ "\033(0lqk\033(Blqk", "┌─┐lqk", 0, 6 },
		{ "\033(B\033)0\016mqj\017mqj", "└─┘mqj", 0, 6 },
		{ "\033)0x\016x\0337\017\0338x", "x││", 0, 3 },
		{ "\033(0q\033cq", "q", 0, 1 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
the_alternate_screen_gives_the_other_back(void **state)
{
	static const struct scene scenes[] = {
		{ "ab\033[?1049hx", "  x", 0, 3 },
		{ "ab\033[?1049h\033[2;1Hx\033[?1049ly", "aby", 0, 3 },
		{ "ab\033[?1049hx\033[?1049l\033[?1049hy", "  y", 0, 3 },
		{ "ab\033[?47hx\033[?47ly", "ab y", 0, 4 },
		{ "a\033[?47hx\033[?47l\033[?47hy", " xy", 0, 3 },
		{ "a\033[?1047hx\033[?1047l\033[?1047hy", "  y", 0, 3 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
what_curses_sends_to_set_a_terminal_up_shows_nothing(void **state)
{
	static const struct scene scenes[] = {
		{ "\033[?1049h\033[22;0;0t\033[1;4r\033(B\033[m\033[4l\033[?7h"
		  "\033[?1h\033=\033[H\033[2Jx",
		    "x", 0, 1 },
		{ "\033[!p\033[?3;4l\033[4l\033>x", "x", 0, 1 },
		{ "\033[?12l\033[?25h\033[?1034h\033[39;49mx", "x", 0, 1 },
		{ "\033(B\033)0\017\033[H\033[J\033[?1l\033>x", "x", 0, 1 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static struct emulator *
emulator_with(const char *bytes)
{
	struct emulator *e = emulator_new(ROWS, COLS);

	assert_non_null(e);
	feed(e, bytes);
	return e;
}

static void
reverse_belongs_to_the_cells_written_in_it(void **state)
{
	struct emulator *e = emulator_with("a\033[7mb世\033[mc\033[1;7md"
					   "\033[27me\033[38;5;7mf\033[H");
	static const bool reverse[COLS] = { false, true, true, true, false,
		true };
	int col;

	(void)state;
	for (col = 0; col < COLS; col++)
		assert_int_equal(emulator_is_reverse(e, 0, col), reverse[col]);
	feed(e, "\033[2Gx\033[K");
	for (col = 0; col < COLS; col++)
		assert_false(emulator_is_reverse(e, 0, col));
	assert_false(emulator_is_reverse(e, ROWS, 0));
	assert_false(emulator_is_reverse(e, 0, -1));
	emulator_free(e);
}

static void
bells_and_bytes_are_counted(void **state)
{
	struct emulator *e = emulator_with("a\a\ab\033[\aH");

	(void)state;
	assert_int_equal(emulator_bells(e), 3);
	assert_int_equal(emulator_fed(e), 8);
	assert_string_equal(emulator_complaint(e), "");
	emulator_free(e);
}

struct offence {
	const char *bytes;
	unsigned unknown;
	unsigned suspicious;
	const char *complaint;
	const char *shown;
};

static void
what_is_not_known_or_not_wanted_is_told(void **state)
{
	static const struct offence offences[] = {
		{ "\033[5yx", 1, 0, "ESC[5y", "x" },
		{ "\033[?2004hx", 1, 0, "ESC[?2004h", "x" },
		{ "\033[20hx", 1, 0, "ESC[20h", "x" },
		{ "\033#8x", 1, 0, "ESC#8", "x" },
		{ "\033Hx", 1, 0, "ESCH", "x" },
		{ "\033[9Kx", 1, 0, "ESC[9K", "x" },
		{ "\033[6nx\033[c", 0, 2, "ESC[6n", "x" },
		{ "\033Zx", 0, 1, "ESCZ", "x" },
		{ "\033[21tx", 0, 1, "ESC[21t", "x" },
		{ "\033]0;title\ax", 0, 1, "ESC]", "x" },
		{ "\033]0;title\033\\x", 0, 1, "ESC]", "x" },
		{ "\033P$qm\033\\x", 0, 1, "ESCP", "x" },
		{ "\005x", 0, 1, "U+0005", "x" },
		{ "a\177b", 0, 1, "U+007F", "ab" },
		{ "\xc2\x9bx", 0, 1, "U+009B", "x" },
		{ "\x9bx", 0, 1, "U+009B", "\xef\xbf\xbdx" },
		{ "\xe9x", 0, 1, "U+00E9", "\xef\xbf\xbdx" },
		{ "\xe4\xb8\r", 0, 1, "U+00E4", "\xef\xbf\xbd" },
		{ "a\xe2\x80\xae"
		  "b",
		    0, 1, "U+202E", "ab" },
	};
	struct emulator *e;
	char shown[SHOWN_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(offences) / sizeof(offences[0]); i++) {
		e = emulator_with(offences[i].bytes);
		gather(e, shown);
		assert_string_equal(
		    emulator_complaint(e), offences[i].complaint);
		assert_int_equal(emulator_unknown(e), offences[i].unknown);
		assert_int_equal(
		    emulator_suspicious(e), offences[i].suspicious);
		assert_string_equal(shown, offences[i].shown);
		emulator_free(e);
	}
}

static void
a_sequence_without_end_is_given_up(void **state)
{
	struct emulator *e = emulator_with("\033[");
	char row[256];
	int i;

	(void)state;
	for (i = 0; i < 200; i++)
		feed(e, "1");
	assert_int_equal(emulator_unknown(e), 1);
	feed(e, "\r\n\r\n\r\nx\r");
	emulator_row(e, 3, row, sizeof(row));
	assert_true(row[0] == 'x');
	emulator_free(e);
}

struct resizing {
	const char *bytes;
	int rows;
	int cols;
	struct scene after;
};

static void
a_new_size_keeps_what_fits(void **state)
{
	static const struct resizing resizings[] = {
		{ "ab\r\ncd", 6, 20, { "", "ab\ncd", 1, 2 } },
		{ "abcdef\r\ngh", 4, 3, { "", "abc\ngh", 1, 2 } },
		{ "1\r\n2\r\n3\r\n4", 2, 10, { "", "3\n4", 1, 1 } },
		{ "1\r\n2\r\n3\r\n4\033[H", 2, 10, { "", "1\n2", 0, 0 } },
		{ "ab世", 4, 3, { "", "ab", 0, 2 } },
		{ "0123456789", 4, 20, { "", "0123456789", 0, 9 } },
		{ "a\033[?1049hb", 2, 10, { "", " b", 0, 2 } },
	};
	struct emulator *e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(resizings) / sizeof(resizings[0]); i++) {
		e = emulator_with(resizings[i].bytes);
		assert_true(
		    emulator_resize(e, resizings[i].rows, resizings[i].cols));
		check_screen(e, &resizings[i].after);
		assert_int_equal(emulator_rows(e), resizings[i].rows);
		assert_int_equal(emulator_cols(e), resizings[i].cols);
		feed(e, "\033[99;99H\nx");
		emulator_free(e);
	}
}

static void
a_row_is_cut_to_the_room_given_at_a_character(void **state)
{
	struct emulator *e = emulator_with("héllo");
	char row[4];

	(void)state;
	assert_int_equal(emulator_row(e, 0, row, 3), 1);
	assert_string_equal(row, "h");
	assert_int_equal(emulator_row(e, 0, row, 4), 3);
	assert_string_equal(row, "hé");
	assert_int_equal(emulator_row(e, -1, row, 4), 0);
	assert_int_equal(emulator_row(e, ROWS, row, 4), 0);
	assert_string_equal(row, "");
	emulator_free(e);
}

/* Characters that share a cell where a terminal knows of such. */
static void
characters_that_belong_together_share_a_cell(void **state)
{
	static const struct scene scenes[] = {
		{ "👨‍👩‍👧x", "👨‍👩‍👧x", 0, 3 },
		{ "👍🏽x", "👍🏽x", 0, 3 },
		{ "🇩🇪x", "🇩🇪x", 0, 3 },
		{ "❤️x", "❤️x", 0, 3 },
		{ "123456789❤️", "123456789❤️", 0, 9 },
		/* not across a movement */
		{ "👍\033[1;3H🏽x", "👍🏽x", 0, 5 },
		{ "🇩\r🇪x", "🇪x", 0, 2 },
	};

	(void)state;
	CHECK_SCENES(scenes);
}

static void
a_cell_can_be_asked_for(void **state)
{
	struct emulator *e = emulator_new(ROWS, COLS);
	char text[32];
	int width;

	(void)state;
	feed(e, "a 世e\xcc\x81");
	assert_int_equal(emulator_cell(e, 0, 0, text, sizeof(text), &width), 1);
	assert_string_equal(text, "a");
	assert_int_equal(width, 1);
	assert_int_equal(emulator_cell(e, 0, 1, text, sizeof(text), &width), 0);
	assert_int_equal(width, 1);
	assert_int_equal(emulator_cell(e, 0, 2, text, sizeof(text), &width), 3);
	assert_string_equal(text, "世");
	assert_int_equal(width, 2);
	assert_int_equal(emulator_cell(e, 0, 3, text, sizeof(text), &width), 0);
	assert_int_equal(width, 0);
	assert_int_equal(emulator_cell(e, 0, 4, text, sizeof(text), &width), 3);
	assert_int_equal(emulator_cell(e, 9, 0, text, sizeof(text), &width), 0);
	emulator_free(e);
}

static unsigned
unknown_to_a_vt100(const char *bytes)
{
	struct emulator *e = emulator_new(ROWS, COLS);
	unsigned count;

	emulator_be_vt100(e);
	feed(e, bytes);
	count = emulator_unknown(e);
	assert_int_equal(emulator_suspicious(e), 0);
	emulator_free(e);
	return count;
}

static void
a_vt100_knows_what_it_had_and_nothing_newer(void **state)
{
	static const char *const known[] = { "\033[2;3H", "\033[2;3f", "\033[K",
		"\033[1K", "\033[2J", "\033[m", "\033[0;1;4;5;7m", "\033[2;3r",
		"\033[r", "\033D", "\033E", "\033M", "\0337\0338", "\033[?7l",
		"\033[?6h", "\033(0q\033(B", "\033=", "\033>", "\033[A",
		"\033[2B", "\033[C", "\033[D" };
	static const char *const newer[] = { "\033[@", "\033[P", "\033[L",
		"\033[M", "\033[4h", "\033[X", "\033[3b", "\033[G", "\033[d",
		"\033[S", "\033[E", "\033[27m", "\033[31m", "\033[38;5;1m",
		"\033[?25l", "\033[?1049h", "\033[?2004h", "\033[!p",
		"\033[1;9r", "\033[3;3r" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (unknown_to_a_vt100(known[i]) != 0)
			fail_msg("not known: ESC%s", known[i] + 1);
	for (i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		if (unknown_to_a_vt100(newer[i]) == 0)
			fail_msg("known: ESC%s", newer[i] + 1);
}

/* Erasing does not take back that the last column was written. */
static void
the_last_column_of_a_vt100_waits_on_after_erasing(void **state)
{
	struct emulator *e = emulator_new(ROWS, COLS);
	const struct scene scene = { "", "012345678\nx", 1, 1 };

	(void)state;
	emulator_be_vt100(e);
	feed(e, "0123456789\033[Kx");
	check_screen(e, &scene);
	emulator_free(e);
}

static void
no_bytes_whatever_break_it(void **state)
{
	static const char alphabet[] = "\033\033\033[[[?;;0123459\n\r\b\t"
				       "\016\017()0BAhlrmKJHLMPX@bSTtd"
				       "7DEM\xe4\xb8\x96\xcc\x81z";
	struct emulator *e = emulator_new(ROWS, COLS);
	uint32_t seed = 1;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		seed = seed * 1664525 + 1013904223;
		emulator_feed(
		    e, &alphabet[(seed >> 16) % (sizeof(alphabet) - 1)], 1);
		if (i % 1000 == 0)
			emulator_resize(e, 1 + i / 1000 % 7, 1 + i / 1000 % 13);
	}
	assert_int_equal(emulator_fed(e), 200000);
	emulator_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_controls_do_what_they_do_on_paper),
		cmocka_unit_test(the_last_column_wraps_only_when_more_comes),
		cmocka_unit_test(
		    the_cursor_goes_where_it_is_sent_and_not_off_the_screen),
		cmocka_unit_test(erasing_takes_what_it_names),
		cmocka_unit_test(a_scroll_region_keeps_what_is_outside),
		cmocka_unit_test(characters_take_the_columns_they_have),
		cmocka_unit_test(lines_are_drawn_from_either_character_set),
		cmocka_unit_test(the_alternate_screen_gives_the_other_back),
		cmocka_unit_test(
		    what_curses_sends_to_set_a_terminal_up_shows_nothing),
		cmocka_unit_test(reverse_belongs_to_the_cells_written_in_it),
		cmocka_unit_test(bells_and_bytes_are_counted),
		cmocka_unit_test(what_is_not_known_or_not_wanted_is_told),
		cmocka_unit_test(a_sequence_without_end_is_given_up),
		cmocka_unit_test(a_new_size_keeps_what_fits),
		cmocka_unit_test(a_row_is_cut_to_the_room_given_at_a_character),
		cmocka_unit_test(characters_that_belong_together_share_a_cell),
		cmocka_unit_test(a_cell_can_be_asked_for),
		cmocka_unit_test(a_vt100_knows_what_it_had_and_nothing_newer),
		cmocka_unit_test(
		    the_last_column_of_a_vt100_waits_on_after_erasing),
		cmocka_unit_test(no_bytes_whatever_break_it),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
