/*
 * The tests of common/here, by addresses that every host has, and that none
 * has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/here.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
loopback_is_this_hosts_whatever_the_port(void **state)
{
	static const struct address cases[] = {
		{ .family = 4, .bytes = { 127, 0, 0, 1 } },
		{ .family = 4, .bytes = { 127, 0, 0, 1 }, .port = 518 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		assert_true(here_has(&cases[i]));
}

static void
addresses_of_nobody_and_of_others_are_not_this_hosts(void **state)
{
	static const struct address cases[] = {
		{ .family = 0 },
		{ .family = 4 },
		{ .family = 6 },
		{ .family = 4, .bytes = { 192, 0, 2, 1 } },
		{ .family = 6, .bytes = { 0xfe, 0x80, [14] = 0xde, 0xad } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_false(here_has(&cases[i]));
		assert_false(here_is_many(&cases[i]));
	}
}

/* bind(2) takes such an address, but none stands for this host. */
static void
an_address_of_many_is_not_this_hosts(void **state)
{
	static const struct address cases[] = {
		{ .family = 4, .bytes = { 255, 255, 255, 255 } },
		{ .family = 4, .bytes = { 224, 0, 0, 1 } },
		{ .family = 4, .bytes = { 239, 1, 2, 3 } },
		{ .family = 6, .bytes = { 0xff, 0x02, [15] = 1 } },
		{ .family = 6, .bytes = { 0xff, 0x05, [15] = 2 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_true(here_is_many(&cases[i]));
		assert_false(here_has(&cases[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_is_this_hosts_whatever_the_port),
		cmocka_unit_test(
		    addresses_of_nobody_and_of_others_are_not_this_hosts),
		cmocka_unit_test(an_address_of_many_is_not_this_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
