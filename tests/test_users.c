/*
 * The tests of talkd/users, with the users that every system has and uids that
 * none has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "talkd/users.h"

enum { NO_USER = 2000000000, MANY = 1000 };

static void
a_user_has_the_name_that_the_system_gives(void **state)
{
	struct users users = { 0 };

	(void)state;
	assert_string_equal(users_name(&users, 0, 0), "root");
	assert_string_equal(users_name(&users, NO_USER, 0), "");
	assert_string_equal(users_name(&users, 0, 0), "root");
	assert_int_equal(users.count, 2);
	users_free(&users);
}

static void
whoever_was_asked_for_in_whatever_order_is_found_again(void **state)
{
	struct users users = { 0 };
	uid_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		(void)users_name(&users, NO_USER + i * 7919 % MANY, 0);
	assert_int_equal(users.count, MANY);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(users.list[i].uid, NO_USER + i);
		assert_string_equal(users_name(&users, NO_USER + i, 0), "");
	}
	assert_int_equal(users.count, MANY);
	users_free(&users);
}

/* What is remembered is told apart from what is asked by changing it. */
static void
after_a_minute_the_system_is_asked_again(void **state)
{
	struct users users = { 0 };

	(void)state;
	(void)users_name(&users, 0, 1000);
	users.list[0].name[0] = 't';
	assert_string_equal(users_name(&users, 0, 1000), "toot");
	assert_string_equal(
	    users_name(&users, 0, 1000 + USERS_KEPT_MS - 1), "toot");
	assert_string_equal(
	    users_name(&users, 0, 1000 + USERS_KEPT_MS), "root");
	users_free(&users);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_has_the_name_that_the_system_gives),
		cmocka_unit_test(
		    whoever_was_asked_for_in_whatever_order_is_found_again),
		cmocka_unit_test(after_a_minute_the_system_is_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
