/*
 * The tests of common/person: the forms in which a user, a host and a terminal
 * are named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/person.h"

#define X32  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X255 X32 X32 X32 X32 X32 X32 X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *text, *user, *host, *terminal;
} forms[] = {
	{ "bob", "bob", "", "" },
	{ "bob@h2", "bob", "h2", "" },
	{ "h2!bob", "bob", "h2", "" },
	{ "h2:bob", "bob", "h2", "" },
	{ "bob@h2.example.org", "bob", "h2.example.org", "" },
	{ "bob@192.0.2.7", "bob", "192.0.2.7", "" },
	{ "first.last", "first.last", "", "" },
	{ "first.last@h2", "first.last", "h2", "" },
	{ "h2!first.last", "first.last", "h2", "" },

	/* the last @ over all, the first ! over a colon */
	{ "bob@work@h2", "bob@work", "h2", "" },
	{ "h1!bob@h2", "h1!bob", "h2", "" },
	{ "h1:bob@h2", "h1:bob", "h2", "" },
	{ "h1!h2!bob", "h2!bob", "h1", "" },
	{ "h1!bob:x", "bob:x", "h1", "" },

	{ "bob%pts/3", "bob", "", "pts/3" },
	{ "bob#tty2", "bob", "", "tty2" },
	{ "bob%/dev/pts/3", "bob", "", "pts/3" },
	{ "bob%pts/1@h2", "bob", "h2", "pts/1" },
	{ "bob#pts/1@h2", "bob", "h2", "pts/1" },
	{ "bob%/dev/pts/1@h2", "bob", "h2", "pts/1" },
	{ "bob@h2%pts/1", "bob", "h2", "pts/1" },
	{ "bob@h2#/dev/tty2", "bob", "h2", "tty2" },
	{ "h2!bob%pts/1", "bob", "h2", "pts/1" },
	{ "h2:bob#pts/1", "bob", "h2", "pts/1" },
	{ "h2%pts/1!bob", "bob", "h2", "pts/1" },

	{ "bob@[::1]", "bob", "::1", "" },
	{ "bob@::1", "bob", "::1", "" },
	{ "::1!bob", "bob", "::1", "" },
	{ "[::1]!bob", "bob", "::1", "" },
	{ "[::1]:bob", "bob", "::1", "" },
	{ "fe80::1!bob", "bob", "fe80::1", "" },
	{ "bob@2001:db8::192.0.2.7", "bob", "2001:db8::192.0.2.7", "" },
	{ "bob@[::1]%pts/3", "bob", "::1", "pts/3" },
	{ "bob@[::1]#pts/3", "bob", "::1", "pts/3" },
	{ "bob@::1#pts/3", "bob", "::1", "pts/3" },
	{ "bob%pts/3@::1", "bob", "::1", "pts/3" },

	/* in an IPv6 address the first % begins the zone */
	{ "bob@fe80::1%eth0", "bob", "fe80::1%eth0", "" },
	{ "bob@fe80::1%2", "bob", "fe80::1%2", "" },
	{ "bob@fe80::1%br-lan.10", "bob", "fe80::1%br-lan.10", "" },
	{ "bob@[fe80::1%eth0]", "bob", "fe80::1%eth0", "" },
	{ "bob@[fe80::1%eth0]%pts/3", "bob", "fe80::1%eth0", "pts/3" },
	{ "bob@[fe80::1%eth0]#pts/3", "bob", "fe80::1%eth0", "pts/3" },
	{ "bob@fe80::1%eth0%pts/3", "bob", "fe80::1%eth0", "pts/3" },
	{ "bob@fe80::1%eth0#pts/3", "bob", "fe80::1%eth0", "pts/3" },
	{ "bob%pts/3@fe80::1%eth0", "bob", "fe80::1%eth0", "pts/3" },
	{ "fe80::1%eth0!bob%pts/3", "bob", "fe80::1%eth0", "pts/3" },
	{ "[fe80::1%eth0]:bob", "bob", "fe80::1%eth0", "" },

	/* whatever a user may be called */
	{ "b\303\266b@b\303\274ro", "b\303\266b", "b\303\274ro", "" },
	{ "-x", "-x", "", "" },
	{ "DOM\\bob$", "DOM\\bob$", "", "" },

	/* the longest */
	{ X32 "@" X255, X32, X255, "" },
	{ "bob%tty456789012345", "bob", "", "tty456789012345" },
	{ "bob%/dev/tty456789012345", "bob", "", "tty456789012345" },
};

static void
every_form_names_its_parts(void **state)
{
	struct person person;
	const char *problem;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		problem = person_parse(forms[i].text, &person);
		if (problem != NULL)
			fail_msg("%s: %s", forms[i].text, problem);
		assert_string_equal(person.user, forms[i].user);
		assert_string_equal(person.host, forms[i].host);
		assert_string_equal(person.terminal, forms[i].terminal);
	}
}

static const struct {
	const char *text, *problem;
} nobodies[] = {
	{ "", "no user is named" },
	{ "@", "no user is named" },
	{ "@h2", "no user is named" },
	{ "h2!", "no user is named" },
	{ "h2:", "no user is named" },
	{ "!", "no user is named" },
	{ ":", "no user is named" },
	{ "%pts/3", "no user is named" },
	{ "%pts/3@h2", "no user is named" },
	{ "#", "no user is named" },
	{ "[::1]!", "no user is named" },

	{ "bob@", "no host is named" },
	{ "!bob", "no host is named" },
	{ ":bob", "no host is named" },
	{ "bob@%pts/3", "no host is named" },
	{ "bob%pts/3@", "no host is named" },
	{ "bob@[]", "no host is named" },

	{ "bob%", "no terminal is named" },
	{ "bob#@h2", "no terminal is named" },
	{ "bob@h2%", "no terminal is named" },
	{ "bob@[::1]#", "no terminal is named" },
	{ "bob%/dev/", "no terminal is named" },

	{ "bob%pts/1@h2%pts/2", "two terminals are named" },
	{ "bob%pts/1@h2%pts/1", "two terminals are named" },
	{ "h2%pts/1!bob#pts/2", "two terminals are named" },
	{ "bob%1@h2%2", "two terminals are named" },

	{ "bob%pts/1%pts/2", "not the name of a terminal" },
	{ "bob%pts/1#pts/2@h2", "not the name of a terminal" },
	{ "bob%../mem", "not the name of a terminal" },
	{ "bob%/etc/passwd", "not the name of a terminal" },
	{ "bob%/dev//mem", "not the name of a terminal" },
	{ "bob%/dev//dev/mem", "not the name of a terminal" },
	{ "bob%tty4567890123456", "not the name of a terminal" },
	{ "bob%" X255 X255, "not the name of a terminal" },
	{ "bob%*", "not the name of a terminal" },

	{ "[::1]", "brackets are for IPv6 addresses only" },
	{ "[bob", "brackets are for IPv6 addresses only" },
	{ "[bob]@h2", "brackets are for IPv6 addresses only" },
	{ "h2![bob]", "brackets are for IPv6 addresses only" },
	{ "bob@[::1", "a bracket is not closed" },
	{ "bob@[", "a bracket is not closed" },
	{ "bob@[::1%pts/3", "a bracket is not closed" },
	{ "bob@[::1]x", "only a terminal may stand behind a bracket" },
	{ "bob@[::1]]", "only a terminal may stand behind a bracket" },
	{ "bob@[::1]:518", "only a terminal may stand behind a bracket" },
	{ "[::1]x:bob", "only a terminal may stand behind a bracket" },

	{ "bob@[h2]", "not an IPv6 address" },
	{ "bob@[192.0.2.7]", "not an IPv6 address" },
	{ "bob@[[::1]]", "not an IPv6 address" },
	{ "bob@[::1%]", "not an IPv6 address" },
	{ "bob@[%eth0]", "not an IPv6 address" },
	{ "bob@[fe80::1%e%f]", "not an IPv6 address" },
	{ "bob@fe80::1%", "not an IPv6 address" },
	{ "bob@fe80::1%pts/3", "not an IPv6 address" },
	{ "bob@fe80::1%sixteen-letters.", "not an IPv6 address" },
	{ "bob@h2:518", "not an IPv6 address" },
	{ "bob@1::2::3", "not an IPv6 address" },
	{ "bob@12345::1", "not an IPv6 address" },
	{ "bob@1:2:3:4:5:6:7:8:9", "not an IPv6 address" },
	{ "h1:h2!bob", "not an IPv6 address" },

	{ "bob@::1]", "not an IPv6 address" },
	{ "bob@h2]", "not the name of a host" },
	{ "bob@h[2]", "not the name of a host" },
	{ "bob@h1,h2", "not the name of a host" },
	{ "bob@h2/x", "not the name of a host" },
	{ "bob@h1!h2", "not the name of a host" },
	{ "bob@$(h2)", "not the name of a host" },

	{ "::1", "an IPv6 address before a colon needs brackets" },
	{ "::1:bob", "an IPv6 address before a colon needs brackets" },
	{ "h1:h2:bob", "an IPv6 address before a colon needs brackets" },

	{ "bob@h\n2", "a blank or control character is in it" },
	{ "bo b", "a blank or control character is in it" },
	{ " bob", "a blank or control character is in it" },
	{ "bob@h2 ", "a blank or control character is in it" },
	{ "b\033[mob", "a blank or control character is in it" },
	{ "bob\177", "a blank or control character is in it" },
	{ "bob%pts/3\t", "a blank or control character is in it" },
	{ "\001", "a blank or control character is in it" },

	{ X32 "x", "the user's name is too long" },
	{ X32 "x%pts/1@h2", "the user's name is too long" },
	{ "bob@x" X255, "the host's name is too long" },
	{ "x" X255 "!bob", "the host's name is too long" },
};

static void
what_names_nobody_is_told_why(void **state)
{
	const struct person nobody = { { 0 }, { 0 }, { 0 } };
	struct person person;
	const char *problem;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nobodies) / sizeof(nobodies[0]); i++) {
		memset(&person, 'x', sizeof(person));
		problem = person_parse(nobodies[i].text, &person);
		if (problem == NULL)
			fail_msg("%s names somebody", nobodies[i].text);
		assert_string_equal(problem, nobodies[i].problem);
		assert_memory_equal(&person, &nobody, sizeof(nobody));
	}
}

static void
every_control_character_is_refused_anywhere(void **state)
{
	char text[] = "bob@h2%pts/3";
	const char whole[] = "bob@h2%pts/3";
	struct person person;
	size_t at;
	char c;

	(void)state;
	for (at = 0; at < sizeof(text) - 1; at++) {
		for (c = 1; c <= ' '; c++) {
			text[at] = c;
			assert_non_null(person_parse(text, &person));
		}
		text[at] = whole[at];
	}
	assert_null(person_parse(text, &person));
}

static void
a_terminal_is_named_apart_once_and_without_dev(void **state)
{
	struct person person = { .user = "bob" };

	(void)state;
	assert_string_equal(
	    person_set_terminal(&person, ""), "no terminal is named");
	assert_string_equal(person_set_terminal(&person, "/dev/../mem"),
	    "not the name of a terminal");
	assert_string_equal(person.terminal, "");
	assert_null(person_set_terminal(&person, "/dev/pts/3"));
	assert_string_equal(person.terminal, "pts/3");
	assert_string_equal(
	    person_set_terminal(&person, "pts/4"), "two terminals are named");
	assert_string_equal(person.terminal, "pts/3");
	assert_string_equal(person.user, "bob");
}

static void
a_terminal_may_be_looked_for_below_dev_only_in_one_shape(void **state)
{
	static const char *const yes[] = { "tty1", "pts/3", "console", "tty.x",
		"ttyS0", "a/b/c", "usb_tty-0", "0", "tty456789012345" };
	static const char *const no[] = { "", "/", "/tty1", "tty1/", "pts//3",
		"..", "../mem", "pts/..", "pts/../mem", "a..b", "tty 1",
		"tty\n", "tty\0331", "t\303\266", "~", "$(x)", ":0", "tty4%",
		"tty4567890123456", X255 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(person_terminal_ok(yes[i]));
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(person_terminal_ok(no[i]));
}

static void
only_these_characters_are_in_a_terminals_name(void **state)
{
	const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789/._-";
	char name[] = "t?t";
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		name[1] = (char)c;
		assert_int_equal(
		    person_terminal_ok(name), strchr(good, c) != NULL);
	}
}

static void
a_person_is_formatted_so_that_it_reads_back(void **state)
{
	static const struct {
		const char *text, *format;
	} cases[] = {
		{ "bob", "bob" },
		{ "h2!bob", "bob@h2" },
		{ "h2:bob%pts/3", "bob@h2" },
		{ "bob@::1", "bob@[::1]" },
		{ "fe80::1%eth0!bob", "bob@[fe80::1%eth0]" },
		{ "bob@work@h2", "bob@work@h2" },
		{ "h1!h2!bob", "h2!bob@h1" },
	};
	struct person person, again;
	char text[PERSON_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(person_parse(cases[i].text, &person));
		person_format(&person, text, sizeof(text));
		assert_string_equal(text, cases[i].format);
		assert_null(person_parse(text, &again));
		assert_string_equal(again.user, person.user);
		assert_string_equal(again.host, person.host);
	}
}

static void
a_message_may_be_for_everyone_on_a_host_or_near(void **state)
{
	static const struct {
		const char *text, *user, *host, *terminal, *format;
	} cases[] = {
		{ "@", "", "", "", "@" },
		{ "@h2", "", "h2", "", "@h2" },
		{ "@192.0.2.7", "", "192.0.2.7", "", "@192.0.2.7" },
		{ "@[::1]", "", "::1", "", "@[::1]" },
		{ "@::1", "", "::1", "", "@[::1]" },
		{ "@h2%pts/3", "", "h2", "pts/3", "@h2" },
		{ "bob", "bob", "", "", "bob" },
		{ "bob@h2", "bob", "h2", "", "bob@h2" },
		{ "h2!bob", "bob", "h2", "", "bob@h2" },
		{ "@work@h2", "@work", "h2", "", "@work@h2" },
	};
	char text[PERSON_TEXT_SIZE];
	struct person person;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(person_parse_recipient(cases[i].text, &person));
		assert_string_equal(person.user, cases[i].user);
		assert_string_equal(person.host, cases[i].host);
		assert_string_equal(person.terminal, cases[i].terminal);
		person_format(&person, text, sizeof(text));
		assert_string_equal(text, cases[i].format);
	}
}

static void
what_names_no_recipient_is_told_why(void **state)
{
	static const char *const texts[] = { "", "@@", "@[::1", "@h 2", "@h2!",
		"h2!", "h2:", "@h2%", "@h2%../x", "%pts/3", "@%pts/3", "@h2\n",
		"\033[2J" };
	struct person person;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (person_parse_recipient(texts[i], &person) == NULL)
			fail_msg("%s is somebody", texts[i]);
		assert_string_equal(person.user, "");
		assert_string_equal(person.host, "");
		assert_string_equal(person.terminal, "");
	}
}

static void
every_terminal_is_named_for_a_message_only(void **state)
{
	struct person person;

	(void)state;
	assert_null(person_parse_recipient("bob", &person));
	assert_non_null(person_set_terminal(&person, "*"));
	assert_non_null(person_set_recipient_terminal(&person, "pts/*"));
	assert_string_equal(person.terminal, "");
	assert_null(person_set_recipient_terminal(&person, "*"));
	assert_string_equal(person.terminal, "*");
	assert_non_null(person_set_recipient_terminal(&person, "*"));
	assert_null(person_parse_recipient("@h2", &person));
	assert_null(person_set_recipient_terminal(&person, "/dev/pts/3"));
	assert_string_equal(person.terminal, "pts/3");
	assert_non_null(person_set_recipient_terminal(&person, "*"));
	assert_string_equal(person.terminal, "pts/3");
}

static void
the_format_is_cut_to_any_size_and_ended(void **state)
{
	const struct person person = { .user = "bob", .host = "::1" };
	const char whole[] = "bob@[::1]";
	char text[sizeof(whole) + 2];
	size_t size;

	(void)state;
	for (size = 0; size <= sizeof(whole); size++) {
		memset(text, '~', sizeof(text));
		person_format(&person, text, size);
		if (size > 0) {
			assert_memory_equal(text, whole, size - 1);
			assert_int_equal(text[size - 1], '\0');
		}
		assert_int_equal(text[size], '~');
	}
}

static void
the_longest_person_fits_its_text(void **state)
{
	struct person person;
	char text[PERSON_TEXT_SIZE];

	(void)state;
	memset(&person, 'x', sizeof(person));
	person.user[sizeof(person.user) - 1] = '\0';
	person.host[0] = ':';
	person.host[sizeof(person.host) - 1] = '\0';
	person_format(&person, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_int_equal(text[sizeof(text) - 2], ']');
}

/* A million texts of one to six characters that mean something. */
static void
any_mixture_of_marks_is_refused_or_reads_back(void **state)
{
	static const char marks[] = "a:1%#@![]/";
	char text[7], format[PERSON_TEXT_SIZE];
	struct person person, again;
	unsigned long number, rest;
	size_t len, named = 0;

	(void)state;
	for (number = 0; number < 1000000; number++) {
		len = 0;
		for (rest = number; rest > 0; rest /= 10)
			text[len++] = marks[rest % 10];
		text[len] = '\0';
		if (person_parse(text, &person) != NULL) {
			assert_string_equal(person.user, "");
			continue;
		}
		named++;
		assert_true(person.terminal[0] == '\0' ||
		    person_terminal_ok(person.terminal));
		person_format(&person, format, sizeof(format));
		assert_null(person_parse(format, &again));
		assert_string_equal(again.user, person.user);
		assert_string_equal(again.host, person.host);
	}
	assert_true(named > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_names_its_parts),
		cmocka_unit_test(what_names_nobody_is_told_why),
		cmocka_unit_test(every_control_character_is_refused_anywhere),
		cmocka_unit_test(
		    a_terminal_is_named_apart_once_and_without_dev),
		cmocka_unit_test(
		    a_terminal_may_be_looked_for_below_dev_only_in_one_shape),
		cmocka_unit_test(only_these_characters_are_in_a_terminals_name),
		cmocka_unit_test(a_person_is_formatted_so_that_it_reads_back),
		cmocka_unit_test(
		    a_message_may_be_for_everyone_on_a_host_or_near),
		cmocka_unit_test(what_names_no_recipient_is_told_why),
		cmocka_unit_test(every_terminal_is_named_for_a_message_only),
		cmocka_unit_test(the_format_is_cut_to_any_size_and_ended),
		cmocka_unit_test(the_longest_person_fits_its_text),
		cmocka_unit_test(any_mixture_of_marks_is_refused_or_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
