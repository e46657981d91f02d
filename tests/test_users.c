/*
 * The tests of talkd/users, with the users that every system has and uids that
 * none has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "shortage.h"
#include "talkd/users.h"

enum { NO_USER = 2000000000, MANY = 1000 };

/* Whom all systems have, and none by itself when no database can be read. */
#define HIM "daemon"

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

static void
rename_called(struct users *users, const char *name, const char *longer)
{
	size_t i = 0;

	while (strcmp(users->called[i].as, name) != 0)
		i++;
	snprintf(
	    users->called[i].as, sizeof(users->called[i].as), "%s", longer);
}

/* Whether he is remembered: without descriptors, nobody can be asked. */
static bool
is_remembered(struct users *users, const char *name, int64_t now)
{
	struct rlimit limit = shortage_begin(0);
	const struct user_called *user = users_called(users, name, now);
	int error = errno;

	shortage_end(limit);
	assert_true(user != NULL || error == EMFILE);
	return user != NULL;
}

static void
who_is_called_is_remembered_for_a_second(void **state)
{
	struct users users = { 0 };
	const struct user_called *user;

	(void)state;
	assert_false(is_remembered(&users, HIM, 5000));
	user = users_called(&users, HIM, 5000);
	assert_non_null(user);
	assert_int_equal(user->uid, getpwnam(HIM)->pw_uid);
	assert_string_equal(user->login, HIM);
	assert_string_equal(user->home, getpwnam(HIM)->pw_dir);
	assert_true(is_remembered(&users, HIM, 5000));
	assert_true(is_remembered(&users, HIM, 5000 + USERS_CALLED_MS - 1));
	assert_false(is_remembered(&users, HIM, 5000 + USERS_CALLED_MS));
	assert_non_null(users_called(&users, HIM, 5000 + USERS_CALLED_MS));
	users_free(&users);
}

static void
nobody_is_not_remembered(void **state)
{
	static const char *const names[] = { "no-such-one", "",
		"a-name-that-is-longer-than-any-user-may-have" };
	struct users users = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_null(users_called(&users, names[i], 5000));
		assert_int_equal(errno, 0);
		assert_false(is_remembered(&users, names[i], 5000));
	}
	users_free(&users);
}

/* The names are made up, each in the place of one who was called. */
static void
of_many_who_are_called_the_oldest_make_room(void **state)
{
	struct users users = { 0 };
	char name[PERSON_USER_SIZE];
	int i;

	(void)state;
	for (i = 0; i <= USERS_CALLED_MAX; i++) {
		assert_non_null(users_called(&users, HIM, 5000 + i));
		assert_true(is_remembered(&users, HIM, 5000 + i));
		snprintf(name, sizeof(name), HIM "%d", i);
		rename_called(&users, HIM, name);
	}
	assert_false(is_remembered(&users, HIM "0", 5000 + i));
	assert_true(is_remembered(&users, HIM "1", 5000 + i));
	assert_true(is_remembered(&users, name, 5000 + i));
	users_free(&users);
}

static void
an_owner_who_cannot_be_looked_for_is_not_one_without_a_name(void **state)
{
	const uid_t him = getpwnam(HIM)->pw_uid;
	struct users users = { 0 };
	struct rlimit limit = shortage_begin(0);
	const char *name = users_name(&users, him, 5000);
	int error = errno;

	(void)state;
	shortage_end(limit);
	assert_null(name);
	assert_int_equal(error, EMFILE);
	assert_string_equal(users_name(&users, him, 5000), HIM);
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
		cmocka_unit_test(who_is_called_is_remembered_for_a_second),
		cmocka_unit_test(nobody_is_not_remembered),
		cmocka_unit_test(of_many_who_are_called_the_oldest_make_room),
		cmocka_unit_test(
		    an_owner_who_cannot_be_looked_for_is_not_one_without_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
