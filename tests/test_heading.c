/*
 * The tests of talk/heading: what stands in the line, at each width.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "talk/heading.h"

enum { COLS_MAX = 500 };

#define ESTABLISHED "Connection established"

static void
assert_heading(const struct heading *heading, int cols, const char *expected)
{
	static struct cell cells[COLS_MAX];
	char words[COLS_MAX + 1];
	int col;

	memset(cells, 0xff, sizeof(cells));
	heading_draw(heading, cells, cols);
	for (col = 0; col < cols; col++) {
		assert_int_equal(cells[col].width, 1);
		assert_int_equal(cells[col].reverse, 1);
		words[col] = cells[col].len > 0 ? cells[col].text[0] : ' ';
	}
	words[cols] = '\0';
	assert_string_equal(words, expected);
	assert_int_equal(cells[cols].width, 0xff);
}

static void
everything_stands_in_a_line_of_eighty_columns(void **state)
{
	struct heading heading = { "bob@h2", ESTABLISHED, 12, 0, true, "10:15",
		NULL };

	(void)state;
	assert_heading(&heading, 80,
	    "---- bob@h2: Connection established (12 rows back) "
	    "------- bob types -- 10:15 --");
	heading.own_back = 3;
	assert_heading(&heading, 90,
	    "---- bob@h2: Connection established (12 rows back, yours 3) "
	    "-------- bob types -- 10:15 --");
}

static void
what_is_not_so_is_not_said(void **state)
{
	struct heading heading = { "bob@h2", ESTABLISHED, 0, 0, false, "",
		NULL };

	(void)state;
	assert_heading(
	    &heading, 50, "---- bob@h2: Connection established --------------");
	heading.time = "09:05";
	assert_heading(
	    &heading, 50, "---- bob@h2: Connection established ----- 09:05 --");
	heading.own_back = 1;
	assert_heading(&heading, 60,
	    "---- bob@h2: Connection established (yours 1 row back) -----");
	heading.back = 1;
	heading.own_back = 0;
	assert_heading(&heading, 60,
	    "---- bob@h2: Connection established (1 row back) -- 09:05 --");
	heading.state = "";
	assert_heading(
	    &heading, 40, "---- bob@h2 (1 row back) ------ 09:05 --");
}

static void
the_seconds_to_the_next_ring_outlast_where_it_rang(void **state)
{
	struct heading heading = { .name = "alice@h1",
		.state = "Waiting for your party to respond (rang on pts/3)",
		.time = "10:15",
		.count = "; again in 30 s" };

	(void)state;
	assert_heading(&heading, 91,
	    "---- alice@h1: Waiting for your party to respond (rang on pts/3); "
	    "again in 30 s -- 10:15 --");
	assert_heading(&heading, 80,
	    "---- alice@h1: Waiting for your party to respond (rang on pts/3); "
	    "again in 30 s ");
	assert_heading(&heading, 79,
	    "---- alice@h1: Waiting for your party to respond; again in 30 s "
	    "------ 10:15 --");
	assert_heading(&heading, 64,
	    "---- alice@h1: Waiting for your party to respond; "
	    "again in 30 s ");
	assert_heading(&heading, 63,
	    "---- alice@h1: Waiting for your party to respond ----- 10:15 --");
	assert_heading(&heading, 38, "---- alice@h1: Waiting for your party ");
}

static void
the_least_important_gives_way_first(void **state)
{
	struct heading heading = { "bob@h2", ESTABLISHED, 0, 0, true, "10:15",
		NULL };

	(void)state;
	assert_heading(&heading, 60,
	    "---- bob@h2: Connection established -- bob types -- 10:15 --");
	assert_heading(&heading, 59,
	    "---- bob@h2: Connection established ---------- bob types --");
	assert_heading(&heading, 51,
	    "---- bob@h2: Connection established -- bob types --");
	assert_heading(
	    &heading, 50, "---- bob@h2: Connection established --------------");
	assert_heading(&heading, 36, "---- bob@h2: Connection established ");
	assert_heading(&heading, 30, "---- bob@h2: Connection estab ");
	assert_heading(&heading, 22, "---- bob@h2: Connecti ");
	assert_heading(&heading, 21, "---- bob@h2 ---------");
	assert_heading(&heading, 8, "---- bob");
	assert_heading(&heading, 1, "-");
	heading.back = 1234;
	assert_heading(
	    &heading, 40, "---- bob@h2: Connectio (1234 rows back) ");
	assert_heading(&heading, 30, "---- bob@h2 (1234 rows back) -");
	assert_heading(&heading, 26, "---- bob@h2 (1234 back) --");
	assert_heading(&heading, 20, "---- bob@h2 (1234 ba");
}

static void
the_longest_words_there_may_be_are_cut(void **state)
{
	static char name[400], words[400], expected[COLS_MAX + 1];
	struct heading heading = { name, words, 0, 0, true, "10:15", NULL };

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	memset(words, 'w', sizeof(words) - 1);
	memset(expected, 'n', sizeof(expected) - 1);
	memcpy(expected, "---- ", 5);
	expected[100] = '\0';
	assert_heading(&heading, 100, expected);
	name[250] = '\0';
	memset(expected + 5, 'n', 250);
	memcpy(expected + 255, ": ", 2);
	memset(expected + 257, 'w', 241);
	expected[498] = ' ';
	expected[499] = '\0';
	assert_heading(&heading, 499, expected);
}

static void
what_is_not_ascii_is_never_written(void **state)
{
	struct heading heading = { "b\xc3\xb6", "\033[2J\xff", 0, 0, false, "",
		NULL };

	(void)state;
	assert_heading(&heading, 20, "---- b??: ?[2J? ----");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_stands_in_a_line_of_eighty_columns),
		cmocka_unit_test(what_is_not_so_is_not_said),
		cmocka_unit_test(
		    the_seconds_to_the_next_ring_outlast_where_it_rang),
		cmocka_unit_test(the_least_important_gives_way_first),
		cmocka_unit_test(the_longest_words_there_may_be_are_cut),
		cmocka_unit_test(what_is_not_ascii_is_never_written),
	};

	return cmocka_run_group_tests_name("heading", tests, NULL, NULL);
}
