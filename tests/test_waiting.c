/*
 * The tests of talk/waiting: who calls, and how long ago, in words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "talk/waiting.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
the_time_is_told_in_the_largest_unit_it_fills(void **state)
{
	static const struct {
		uint32_t age;
		const char *text;
	} cases[] = {
		{ 0, "alice@h1 0 seconds ago" },
		{ 1, "alice@h1 1 second ago" },
		{ 40, "alice@h1 40 seconds ago" },
		{ 59, "alice@h1 59 seconds ago" },
		{ 60, "alice@h1 1 minute ago" },
		{ 119, "alice@h1 1 minute ago" },
		{ 120, "alice@h1 2 minutes ago" },
		{ 3599, "alice@h1 59 minutes ago" },
		{ 3600, "alice@h1 1 hour ago" },
		{ 7200, "alice@h1 2 hours ago" },
		{ UINT32_MAX, "alice@h1 1193046 hours ago" },
	};
	struct extension_call call = { .caller = "alice", .host = "h1" };
	char text[WAITING_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		call.age = cases[i].age;
		waiting_format(&call, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
the_first_word_is_the_person_to_answer(void **state)
{
	static const char *const hosts[] = { "h1", "10.0.0.7", "2001:db8::7",
		"fe80::1%eth0" };
	struct extension_call call = { .caller = "first.last" };
	char text[WAITING_SIZE];
	struct person person, parsed;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(hosts); i++) {
		snprintf(call.host, sizeof(call.host), "%s", hosts[i]);
		waiting_person(&call, &person);
		assert_string_equal(person.user, "first.last");
		assert_string_equal(person.host, hosts[i]);
		assert_string_equal(person.terminal, "");
		waiting_format(&call, text);
		text[strcspn(text, " ")] = '\0';
		assert_null(person_parse(text, &parsed));
		assert_memory_equal(&parsed, &person, sizeof(person));
	}
}

static void
the_longest_name_and_host_fit(void **state)
{
	struct extension_call call = { .age = UINT32_MAX };
	char text[WAITING_SIZE];

	(void)state;
	memset(call.caller, 'c', sizeof(call.caller) - 1);
	memset(call.host, 'h', sizeof(call.host) - 1);
	waiting_format(&call, text);
	assert_non_null(strstr(text, "h 1193046 hours ago"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_is_told_in_the_largest_unit_it_fills),
		cmocka_unit_test(the_first_word_is_the_person_to_answer),
		cmocka_unit_test(the_longest_name_and_host_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
