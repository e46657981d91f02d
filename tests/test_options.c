/*
 * The tests of talk/options and talk/settings: what a command line asks for,
 * and what is wrong with one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "talk/options.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ARGS_MAX = 12,
	LINES_MAX = 200,
	LINE_SIZE = 64,
};

/* A command line, cut at blanks; "talk" stands before it. */
struct line {
	char *argv[ARGS_MAX + 1];
	int argc;
};

static void
cut_line(struct line *line, const char *text)
{
	/* Each has its own: getopt(3) looks back at the one before. */
	static char texts[LINES_MAX][LINE_SIZE];
	static size_t count;
	char *next = texts[count];

	assert_true(count < LINES_MAX);
	snprintf(texts[count++], LINE_SIZE, "talk %s", text);
	for (line->argc = 0; *next != '\0'; line->argc++) {
		assert_true(line->argc < ARGS_MAX);
		line->argv[line->argc] = next;
		next += strcspn(next, " ");
		while (*next == ' ')
			*next++ = '\0';
	}
	line->argv[line->argc] = NULL;
}

static bool
read_line(struct line *line, const char *text, struct options *options,
    struct mistake *mistake)
{
	cut_line(line, text);
	return options_read(options, line->argc, line->argv, mistake);
}

/* What is read, and whom it is for, with these aliases. */
static bool
read_whole(struct line *line, const char *text, const struct talkrc *talkrc,
    struct options *options, struct person *person, struct mistake *mistake)
{
	return read_line(line, text, options, mistake) &&
	    options_person(options, talkrc, person, mistake);
}

/* --------------------------------------------------------------- tasks --- */

static void
what_to_do_follows_from_the_options_and_from_who_is_named(void **state)
{
	static const struct {
		const char *text;
		enum options_task task;
	} cases[] = {
		{ "bob", OPTIONS_CALL },
		{ "-n bob@h2 pts/3", OPTIONS_CALL },
		{ "-- bob", OPTIONS_CALL },
		{ "", OPTIONS_ANSWER },
		{ "-n -s -o log -w 5", OPTIONS_ANSWER },
		{ "-p 5180", OPTIONS_ANSWER },
		{ "-l", OPTIONS_LIST },
		{ "-l -p 5180", OPTIONS_LIST },
		{ "-l6", OPTIONS_LIST },
		{ "-m bob", OPTIONS_MESSAGE },
		{ "-mb @ h2 goes down", OPTIONS_MESSAGE },
		{ "-h", OPTIONS_HELP },
		{ "-V", OPTIONS_VERSION },
		{ "-h -P nonsense", OPTIONS_HELP },
		{ "-lh", OPTIONS_HELP },
	};
	struct options options;
	struct mistake mistake;
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_true(
		    read_line(&line, cases[i].text, &options, &mistake));
		assert_int_equal(options.task, cases[i].task);
	}
}

static void
options_of_calls_are_read(void **state)
{
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(read_line(&line,
	    "-6ns -o a/log -P 5000-5010 -p 518 -w 60 bob pts/3", &options,
	    &mistake));
	assert_int_equal(options.settings.family, 6);
	assert_true(options.lines);
	assert_true(options.settings.silent);
	assert_string_equal(options.settings.transcript, "a/log");
	assert_int_equal(options.settings.port_low, 5000);
	assert_int_equal(options.settings.port_high, 5010);
	assert_int_equal(options.settings.port, 518);
	assert_int_equal(options.settings.patience, 60);
	assert_string_equal(options.person, "bob");
	assert_string_equal(options.terminal, "pts/3");
}

static void
what_is_not_said_is_left_open(void **state)
{
	static const struct settings open;
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(read_line(&line, "bob", &options, &mistake));
	assert_memory_equal(&options.settings, &open, sizeof(open));
	assert_null(options.terminal);
	assert_false(options.lines);
}

static void
the_later_of_two_families_counts(void **state)
{
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(read_line(&line, "-46 bob", &options, &mistake));
	assert_int_equal(options.settings.family, 6);
	assert_true(read_line(&line, "-64 bob", &options, &mistake));
	assert_int_equal(options.settings.family, 4);
}

static void
one_port_is_a_range_of_one(void **state)
{
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(read_line(&line, "-P 65535 bob", &options, &mistake));
	assert_int_equal(options.settings.port_low, 65535);
	assert_int_equal(options.settings.port_high, 65535);
}

static void
all_behind_a_recipient_is_text(void **state)
{
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(
	    read_line(&line, "-m -t * bob -n -- is -m", &options, &mistake));
	assert_string_equal(options.terminal, "*");
	assert_string_equal(options.words[0], "-n");
	assert_string_equal(options.words[1], "--");
	assert_string_equal(options.words[3], "-m");
	assert_null(options.words[4]);
}

static void
one_dashdash_before_the_text_is_left_out(void **state)
{
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(read_line(&line, "-m bob -- -- -b", &options, &mistake));
	assert_string_equal(options.words[0], "--");
	assert_string_equal(options.words[1], "-b");
	assert_null(options.words[2]);
	assert_true(read_line(&line, "-m bob --", &options, &mistake));
	assert_null(options.words[0]);
}

/* ------------------------------------------------------------ mistakes --- */

static void
a_mistake_is_named_with_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		const char *about;
		const char *words; /* some of them */
	} cases[] = {
		{ "-z", "-z", "no such option" },
		{ "-P", "-P", "needs a value" },
		{ "-o", "-o", "needs a value" },
		{ "-p 0 bob", "0", "from 1 to 65535" },
		{ "-p 65536 bob", "65536", "from 1 to 65535" },
		{ "-p 18446744073709551617 bob", "18446744073709551617",
		    "from 1 to 65535" },
		{ "-p -1 bob", "-1", "from 1 to 65535" },
		{ "-p 51x bob", "51x", "from 1 to 65535" },
		{ "-p +5 bob", "+5", "from 1 to 65535" },
		{ "-P 5010-5000 bob", "5010-5000", "ports are" },
		{ "-P 5000- bob", "5000-", "ports are" },
		{ "-P 5000-5010- bob", "5000-5010-", "ports are" },
		{ "-P -5000 bob", "-5000", "ports are" },
		{ "-w 0 bob", "0", "number of seconds" },
		{ "-w 1.5 bob", "1.5", "number of seconds" },
		{ "-w 9999999999 bob", "9999999999", "number of seconds" },
		{ "bob pts/3 x", "x", "one argument too many" },
		{ "-b bob", "-b", "add -m" },
		{ "-t pts/3 bob", "-t", "add -m" },
		{ "-m -n bob", "-m", "are for calls" },
		{ "-m -o log bob", "-m", "are for calls" },
		{ "-m -s bob", "-m", "are for calls" },
		{ "-m -w 3 bob", "-m", "are for calls" },
		{ "-m -P 3 bob", "-m", "are for calls" },
		{ "-l -n", "-l", "are for calls" },
		{ "-l -o log", "-l", "are for calls" },
		{ "-l -b", "-b", "add -m" },
		{ "-l bob", "bob", "lists all" },
		{ "-l -m bob hi", "", "two things" },
		{ "-m -l", "", "two things" },
	};
	struct options options;
	struct mistake mistake;
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_false(
		    read_line(&line, cases[i].text, &options, &mistake));
		assert_string_equal(mistake.about, cases[i].about);
		assert_non_null(strstr(mistake.words, cases[i].words));
	}
}

static void
a_mistake_longer_than_any_name_is_cut(void **state)
{
	static char longest[2000];
	char talk[] = "talk", port[] = "-p";
	char *argv[] = { talk, port, longest, NULL };
	struct options options;
	struct mistake mistake;

	(void)state;
	memset(longest, '7', sizeof(longest) - 1);
	assert_false(options_read(&options, 3, argv, &mistake));
	assert_int_equal(strlen(mistake.about), sizeof(mistake.about) - 1);
}

static void
no_file_is_not_the_name_of_a_transcript(void **state)
{
	char talk[] = "talk", option[] = "-o", nothing[] = "", bob[] = "bob";
	char *argv[] = { talk, option, nothing, bob, NULL };
	struct options options;
	struct mistake mistake;

	(void)state;
	assert_false(options_read(&options, 4, argv, &mistake));
}

/* ------------------------------------------------------------- persons --- */

static void
persons_are_read_as_calls_and_messages_have_them(void **state)
{
	static const struct talkrc none;
	static const struct {
		const char *text;
		const char *user, *host, *terminal;
	} cases[] = {
		{ "bob", "bob", "", "" },
		{ "bob@h2 /dev/pts/3", "bob", "h2", "pts/3" },
		{ "bob%pts/3@h2", "bob", "h2", "pts/3" },
		{ "-m @h2 hi", "", "h2", "" },
		{ "-m -t * bob hi", "bob", "", "*" },
		{ "-m -b @ hi", "", "", "" },
		{ "-m -b bob hi", "bob", "", "" },
	};
	struct options options;
	struct mistake mistake;
	struct person person;
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_true(read_whole(
		    &line, cases[i].text, &none, &options, &person, &mistake));
		assert_string_equal(person.user, cases[i].user);
		assert_string_equal(person.host, cases[i].host);
		assert_string_equal(person.terminal, cases[i].terminal);
	}
}

static void
whom_nobody_can_be_is_named(void **state)
{
	static const struct talkrc none;
	static const struct {
		const char *text;
		const char *about;
	} cases[] = {
		{ "-m", "" },
		{ "bob@", "bob@" },
		{ "@h2", "@h2" },
		{ "bob *", "*" },
		{ "bob ../null", "../null" },
		{ "bob%pts/1 pts/2", "pts/2" },
		{ "-m @ hi", "@" },
		{ "-m -b bob@h2 hi", "bob@h2" },
		{ "-m -t .. bob hi", ".." },
	};
	struct options options;
	struct mistake mistake;
	struct person person;
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_false(read_whole(
		    &line, cases[i].text, &none, &options, &person, &mistake));
		assert_string_equal(mistake.about, cases[i].about);
	}
}

static const char aliases[] = "alias bobby bob@h2 pts/3\n"
			      "alias all @h2\n"
			      "alias bob bob@h3\n"
			      "alias loud bob@h2 *\n";

static void
an_alias_stands_for_a_person(void **state)
{
	static const struct {
		const char *text;
		const char *user, *host, *terminal;
	} cases[] = {
		{ "bobby", "bob", "h2", "pts/3" },
		{ "bobby tty1", "bob", "h2", "tty1" },
		{ "bob", "bob", "h3", "" },
		{ "bob@h4", "bob", "h4", "" },
		{ "bobby@h4", "bobby", "h4", "" },
		{ "bobby%tty1", "bobby", "", "tty1" },
		{ "-m all hi", "", "h2", "" },
		{ "-m loud hi", "bob", "h2", "*" },
		{ "-m -t * bobby hi", "bob", "h2", "*" },
		{ "Bob", "Bob", "", "" },
	};
	struct talkrc talkrc = { .alias_count = 0 };
	struct options options;
	struct mistake mistake;
	struct person person;
	struct line line;
	size_t i;

	(void)state;
	talkrc_take(&talkrc, "/home/u", aliases, strlen(aliases));
	for (i = 0; i < COUNT(cases); i++) {
		assert_true(read_whole(&line, cases[i].text, &talkrc, &options,
		    &person, &mistake));
		assert_string_equal(person.user, cases[i].user);
		assert_string_equal(person.host, cases[i].host);
		assert_string_equal(person.terminal, cases[i].terminal);
	}
	talkrc_free(&talkrc);
}

static void
an_alias_for_messages_is_not_called(void **state)
{
	struct talkrc talkrc = { .alias_count = 0 };
	struct options options;
	struct mistake mistake;
	struct person person;
	struct line line;

	(void)state;
	talkrc_take(&talkrc, "/home/u", aliases, strlen(aliases));
	assert_false(
	    read_whole(&line, "all", &talkrc, &options, &person, &mistake));
	assert_false(
	    read_whole(&line, "loud", &talkrc, &options, &person, &mistake));
	assert_true(read_whole(
	    &line, "loud pts/3", &talkrc, &options, &person, &mistake));
	talkrc_free(&talkrc);
}

/* ------------------------------------------------------------ settings --- */

static void
the_command_line_wins_over_the_file(void **state)
{
	static const struct settings file = {
		.family = 4,
		.port = 1,
		.port_low = 2,
		.port_high = 3,
		.patience = 4,
		.silent = true,
		.unwrapped = true,
		.transcript = "file",
	};
	struct options options;
	struct mistake mistake;
	struct line line;

	(void)state;
	assert_true(read_line(
	    &line, "-6 -p 11 -P 12 -w 14 -o log bob", &options, &mistake));
	settings_complete(&options.settings, &file);
	assert_int_equal(options.settings.family, 6);
	assert_int_equal(options.settings.port, 11);
	assert_int_equal(options.settings.port_low, 12);
	assert_int_equal(options.settings.port_high, 12);
	assert_int_equal(options.settings.patience, 14);
	assert_true(options.settings.silent);
	assert_string_equal(options.settings.transcript, "log");
	assert_true(read_line(&line, "bob", &options, &mistake));
	settings_complete(&options.settings, &file);
	assert_memory_equal(&options.settings, &file, sizeof(file));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_to_do_follows_from_the_options_and_from_who_is_named),
		cmocka_unit_test(options_of_calls_are_read),
		cmocka_unit_test(what_is_not_said_is_left_open),
		cmocka_unit_test(the_later_of_two_families_counts),
		cmocka_unit_test(one_port_is_a_range_of_one),
		cmocka_unit_test(all_behind_a_recipient_is_text),
		cmocka_unit_test(one_dashdash_before_the_text_is_left_out),
		cmocka_unit_test(a_mistake_is_named_with_what_is_wrong),
		cmocka_unit_test(a_mistake_longer_than_any_name_is_cut),
		cmocka_unit_test(no_file_is_not_the_name_of_a_transcript),
		cmocka_unit_test(
		    persons_are_read_as_calls_and_messages_have_them),
		cmocka_unit_test(whom_nobody_can_be_is_named),
		cmocka_unit_test(an_alias_stands_for_a_person),
		cmocka_unit_test(an_alias_for_messages_is_not_called),
		cmocka_unit_test(the_command_line_wins_over_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
