/*
 * Two talks and a talkd, as people use them: what is typed here shows there,
 * and the terminals are given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

/* Rows of a half on a terminal of 24: 11 above, 12 below the separator. */
enum {
	UPPER_ROWS = 11,
	LOWER_ROWS = 12,
	MINUTE_BYTES = 40, /* that change the time above a half, at most */
};

/* What one types stands in the own upper half and the other's lower half. */
static void
check_both(const struct company *company, int row, const char *text)
{
	assert_true(actor_half_reads(company->alice, UPPER, row, text));
	assert_true(actor_half_reads(company->bob, LOWER, row, text));
}

/* -------------------------------------------------------------- typing --- */

static void
what_either_types_shows_on_both_screens_while_both_type(void **state)
{
	struct company *company = *state;
	char text[64];
	int i;

	company_connect(company);
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "alice says %d\r", i);
		actor_type(company->alice, text);
		snprintf(text, sizeof(text), "bob says %d\r", i);
		actor_type(company->bob, text);
	}
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "alice says %d", i);
		check_both(company, i, text);
		snprintf(text, sizeof(text), "bob says %d", i);
		assert_true(actor_half_reads(company->bob, UPPER, i, text));
		assert_true(actor_half_reads(company->alice, LOWER, i, text));
	}
	company_part(company);
}

static void
a_letter_shows_before_its_line_is_ended(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_type(company->alice, "h");
	check_both(company, 0, "h");
	actor_type(company->alice, "i");
	check_both(company, 0, "hi");
}

static void
text_of_any_language_shows_in_its_row(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_type(company->alice, "1\r2\r3\rhéllo 世界");
	check_both(company, 3, "héllo 世界");
	actor_type(company->alice, "\re\xcc\x81t\xc3\xa9\r한국어 Ελλάδα");
	check_both(company, 4, "e\xcc\x81t\xc3\xa9");
	check_both(company, 5, "한국어 Ελλάδα");
	company_part(company);
}

struct correction {
	const char *typed;
	const char *shown;
};

static void
corrections_show_on_both_screens(void **state)
{
	static const struct correction corrections[] = {
		{ "abc\177\177X", "aX" },
		{ "\177\177ab", "ab" },
		{ "one two\027X", "one X" },
		{ "one two  \027X", "one X" },
		{ "one two\025X", "X" },
		{ "世界\177", "世" },
		{ "世界\177\177a", "a" },
		{ "e\xcc\x81x\177\177y", "y" },
		{ "né\177e", "ne" },
		{ "héllo 世界\027bob", "héllo bob" },
	};
	struct company *company = *state;
	size_t i;

	company_connect(company);
	for (i = 0; i < sizeof(corrections) / sizeof(corrections[0]); i++) {
		actor_type(company->alice, corrections[i].typed);
		actor_type(company->alice, "\r");
		check_both(company, (int)i, corrections[i].shown);
	}
	company_part(company);
}

/* As stty does it. */
static void
set_edit_characters(const struct actor *actor, cc_t erase, cc_t kill_line)
{
	char path[64];
	struct termios modes;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", actor_terminal(actor));
	fd = open(path, O_RDWR | O_NOCTTY);
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &modes), 0);
	modes.c_cc[VERASE] = erase;
	modes.c_cc[VKILL] = kill_line;
	assert_int_equal(tcsetattr(fd, TCSANOW, &modes), 0);
	close(fd);
}

static void
each_side_corrects_with_the_keys_of_its_own_terminal(void **state)
{
	struct company *company = *state;

	set_edit_characters(company->alice, '\b', '\030');
	company_connect(company);
	actor_type(company->alice, "abc\b\bX\r");
	check_both(company, 0, "aX");
	actor_type(company->alice, "abc\030X");
	check_both(company, 1, "X");
	actor_type(company->bob, "abc\177\177X");
	assert_true(actor_half_reads(company->bob, UPPER, 0, "aX"));
	assert_true(actor_half_reads(company->alice, LOWER, 0, "aX"));
	company_part(company);
}

static void
a_control_character_shows_and_does_nothing(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_type(company->alice, "a\001b\r");
	check_both(company, 0, "a^Ab");
	company_part(company);
}

static void
a_letter_costs_a_few_bytes_and_no_screenful(void **state)
{
	struct company *company = *state;
	size_t before;

	company_connect(company);
	actor_type(company->alice, "a");
	check_both(company, 0, "a");
	before = emulator_fed(actor_screen(company->bob));
	actor_type(company->alice, "b");
	check_both(company, 0, "ab");
	assert_true(emulator_fed(actor_screen(company->bob)) - before < 40);
}

/* ----------------------------------------------------------- much text --- */

static void
type_numbered_lines(struct actor *actor, int count)
{
	char text[32];
	int i;

	for (i = 1; i <= count; i++) {
		snprintf(
		    text, sizeof(text), "%sline %d", i == 1 ? "" : "\r", i);
		actor_type(actor, text);
	}
}

static void
check_numbered(struct actor *actor, enum half half, int rows, int last)
{
	char text[32];
	int i;

	for (i = 0; i < rows; i++) {
		snprintf(text, sizeof(text), "line %d", last - i);
		assert_true(actor_half_reads(actor, half, rows - 1 - i, text));
	}
}

static void
long_output_scrolls_and_keeps_to_its_half(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_type(company->bob, "untouched");
	type_numbered_lines(company->alice, 30);
	check_numbered(company->bob, LOWER, LOWER_ROWS, 30);
	check_numbered(company->alice, UPPER, UPPER_ROWS, 30);
	assert_true(actor_half_reads(company->alice, LOWER, 0, "untouched"));
	assert_true(actor_half_reads(company->bob, UPPER, 0, "untouched"));
	company_part(company);
}

static void
what_scrolled_away_can_be_read_again(void **state)
{
	struct company *company = *state;
	int i;

	company_connect(company);
	type_numbered_lines(company->alice, 30);
	check_numbered(company->bob, LOWER, LOWER_ROWS, 30);
	for (i = 0; i < 9; i++) {
		actor_type(company->alice, "\033p");
		actor_type(company->bob, "\020");
	}
	check_numbered(company->alice, UPPER, UPPER_ROWS, UPPER_ROWS);
	check_numbered(company->bob, LOWER, LOWER_ROWS, LOWER_ROWS);
	for (i = 0; i < 9; i++) {
		actor_type(company->alice, "\033n");
		actor_type(company->bob, "\033[6~");
	}
	check_numbered(company->alice, UPPER, UPPER_ROWS, 30);
	check_numbered(company->bob, LOWER, LOWER_ROWS, 30);
	company_part(company);
}

static void
a_line_longer_than_the_screen_goes_on_below(void **state)
{
	struct company *company = *state;
	char text[101];
	int i;

	company_connect(company);
	memset(text, 'x', 100);
	text[100] = '\0';
	actor_type(company->alice, text);
	for (i = 0; i < 2; i++)
		check_both(company, i, text + (i == 0 ? 20 : 80));
	actor_type(company->alice, "\rend");
	check_both(company, 2, "end");
	company_part(company);
}

/* ---------------------------------------------------------- the screen --- */

static void
the_halves_follow_the_size_of_the_window(void **state)
{
	static const int sizes[][2] = { { 40, 100 }, { 10, 40 }, { 24, 132 },
		{ 6, 80 }, { 24, 80 } };
	struct company *company = *state;
	size_t i;

	company_connect(company);
	actor_type(company->alice, "upper one\rupper two");
	actor_type(company->bob, "lower one\rlower two");
	check_both(company, 1, "upper two");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		actor_resize(company->alice, sizes[i][0], sizes[i][1]);
		assert_true(
		    actor_separator_says(company->alice, company->user));
		assert_true(
		    actor_half_reads(company->alice, UPPER, 0, "upper one"));
		assert_true(
		    actor_half_reads(company->alice, UPPER, 1, "upper two"));
		assert_true(
		    actor_half_reads(company->alice, LOWER, 1, "lower two"));
	}
	actor_type(company->alice, "!");
	check_both(company, 1, "upper two!");
	company_part(company);
}

static void
a_window_too_small_for_two_is_lived_through(void **state)
{
	static const int sizes[][2] = { { 3, 5 }, { 2, 2 }, { 1, 1 }, { 1, 80 },
		{ 24, 1 } };
	struct company *company = *state;
	size_t i;

	company_connect(company);
	actor_type(company->alice, "世界");
	check_both(company, 0, "世界");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		actor_resize(company->bob, sizes[i][0], sizes[i][1]);
		actor_type(company->alice, "x");
		actor_type(company->bob, "y");
		assert_true(actor_sees(company->alice, &"yyyyy"[4 - i]));
	}
	actor_resize(company->bob, 24, 80);
	check_both(company, 0, "世界xxxxx");
	company_part(company);
}

/* What somebody else writes on a terminal, as a broadcast does. */
static void
litter(const struct actor *actor)
{
	static const char text[] = "\r\nBroadcast message\r\nfrom root\r\n";
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", actor_terminal(actor));
	fd = open(path, O_WRONLY | O_NOCTTY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
a_littered_screen_is_drawn_anew_and_only_the_own(void **state)
{
	struct company *company = *state;
	size_t fed;

	company_connect(company);
	actor_type(company->alice, "mine\rmore");
	actor_type(company->bob, "yours\rmore");
	check_both(company, 1, "more");
	assert_true(actor_half_reads(company->alice, LOWER, 1, "more"));
	fed = emulator_fed(actor_screen(company->bob));
	litter(company->alice);
	assert_true(actor_sees(company->alice, "from root"));
	actor_type(company->alice, "\f");
	assert_true(actor_half_reads(company->alice, UPPER, 0, "mine"));
	assert_true(actor_half_reads(company->alice, UPPER, 2, ""));
	assert_true(actor_half_reads(company->alice, LOWER, 0, "yours"));
	assert_false(actor_shows(company->alice, "from root"));
	assert_false(actor_shows(company->alice, "Broadcast"));
	/* There at most the minute has changed. */
	assert_in_range(
	    emulator_fed(actor_screen(company->bob)) - fed, 0, MINUTE_BYTES);
	company_part(company);
}

static void
the_cursor_stands_where_one_types(void **state)
{
	struct company *company = *state;
	int row, col;

	company_connect(company);
	actor_type(company->bob, "a long line of bob's");
	assert_true(
	    actor_half_reads(company->alice, LOWER, 0, "a long line of bob's"));
	actor_type(company->alice, "one\r世x");
	check_both(company, 1, "世x");
	emulator_cursor(actor_screen(company->alice), &row, &col);
	assert_int_equal(row, 1);
	assert_int_equal(col, 3);
	company_part(company);
}

/* --------------------------------------------------------- job control --- */

static void
a_talk_can_be_stopped_and_goes_on_where_it_was(void **state)
{
	static const char *const shell[] = { "sh", "-i", NULL };
	static const char *const environment[] = { "PS1=prompt$ ",
		"ENV=", "HOME=/nonexistent", NULL };
	struct company *company = *state;
	struct actor_setup setup = { .argv = shell,
		.environment = environment };
	char command[256], whom[WHOM_SIZE];

	if (!stage_can_suspend()) {
		print_message("^Z stops nobody here: nothing to test\n");
		skip();
	}
	assert_true(actor_play(company->alice, &setup));
	assert_true(actor_sees(company->alice, "prompt$"));
	snprintf(command, sizeof(command), "%s -p %s %s %s\r", stage_talk(),
	    company->port_text, company->user, actor_terminal(company->bob));
	actor_type(company->alice, command);
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_answer(company, whom);
	actor_type(company->alice, "before");
	check_both(company, 0, "before");

	actor_type(company->alice, "\032");
	assert_true(actor_sees(company->alice, "prompt$"));
	assert_true(actor_is_cooked(company->alice));
	actor_type(company->bob, "meanwhile");
	assert_true(actor_half_reads(company->bob, UPPER, 0, "meanwhile"));
	actor_type(company->alice, "fg\r");
	assert_true(actor_separator_says(company->alice, "established"));
	assert_true(actor_half_reads(company->alice, LOWER, 0, "meanwhile"));
	assert_true(actor_half_reads(company->alice, UPPER, 0, "before"));
	actor_type(company->alice, " and after");
	check_both(company, 0, "before and after");

	actor_type(company->alice, "\003");
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	actor_type(company->alice, "echo status $?\r");
	assert_true(actor_sees(company->alice, "status 0"));
	assert_true(actor_is_cooked(company->alice));
}

/* ---------------------------------------------------------- hanging up --- */

static void
who_hangs_up_leaves_and_the_other_can_read_on(void **state)
{
	static const char *const keys[] = { "\003", "\004" };
	struct company *company = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		company_connect(company);
		actor_type(company->alice, "last words");
		check_both(company, 0, "last words");
		actor_type(company->alice, keys[i]);
		company_leaves(company->alice, 0);
		assert_true(
		    actor_separator_says(company->bob, "Connection closed"));
		assert_true(
		    actor_half_reads(company->bob, LOWER, 0, "last words"));
		assert_false(actor_is_ended(company->bob));
		actor_type(company->bob, keys[i]);
		company_leaves(company->bob, 0);
		company_nobody_calls(company);
	}
}

static void
the_one_who_was_called_may_hang_up_too(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
	assert_true(actor_separator_says(company->alice, "Connection closed"));
	actor_type(company->alice, "\004");
	company_leaves(company->alice, 0);
}

static void
a_signal_restores_the_terminal_and_does_its_work(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGQUIT };
	struct company *company = *state;
	size_t i;
	int status;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		company_connect(company);
		actor_signal(company->alice, signals[i]);
		assert_true(actor_wait(company->alice, &status));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_true(actor_is_cooked(company->alice));
		assert_true(
		    actor_separator_says(company->bob, "Connection closed"));
		actor_type(company->bob, "\003");
		company_leaves(company->bob, 0);
		company_nobody_calls(company);
	}
}

static void
a_talk_that_is_killed_closes_the_connection(void **state)
{
	struct company *company = *state;
	int status;

	company_connect(company);
	actor_signal(company->alice, SIGKILL);
	assert_true(actor_wait(company->alice, &status));
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

/* ------------------------------------------------------------ slowness --- */

static void
who_reads_slowly_misses_nothing(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_stop_output(company->bob);
	type_numbered_lines(company->alice, 200);
	assert_true(actor_half_reads(
	    company->alice, UPPER, UPPER_ROWS - 1, "line 200"));
	actor_type(company->bob, "typed blindly");
	assert_true(
	    actor_half_reads(company->alice, LOWER, 0, "typed blindly"));
	actor_go_on(company->bob);
	check_numbered(company->bob, LOWER, LOWER_ROWS, 200);
	assert_true(actor_half_reads(company->bob, UPPER, 0, "typed blindly"));
	company_part(company);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_either_types_shows_on_both_screens_while_both_type),
		TEST(a_letter_shows_before_its_line_is_ended),
		TEST(text_of_any_language_shows_in_its_row),
		TEST(corrections_show_on_both_screens),
		TEST(each_side_corrects_with_the_keys_of_its_own_terminal),
		TEST(a_control_character_shows_and_does_nothing),
		TEST(a_letter_costs_a_few_bytes_and_no_screenful),
		TEST(long_output_scrolls_and_keeps_to_its_half),
		TEST(what_scrolled_away_can_be_read_again),
		TEST(a_line_longer_than_the_screen_goes_on_below),
		TEST(the_halves_follow_the_size_of_the_window),
		TEST(a_window_too_small_for_two_is_lived_through),
		TEST(a_littered_screen_is_drawn_anew_and_only_the_own),
		TEST(the_cursor_stands_where_one_types),
		TEST(a_talk_can_be_stopped_and_goes_on_where_it_was),
		TEST(who_hangs_up_leaves_and_the_other_can_read_on),
		TEST(the_one_who_was_called_may_hang_up_too),
		TEST(a_signal_restores_the_terminal_and_does_its_work),
		TEST(a_talk_that_is_killed_closes_the_connection),
		TEST(who_reads_slowly_misses_nothing),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
