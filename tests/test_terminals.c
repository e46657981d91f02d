/*
 * The tests of talkd/terminals: choosing from lists that the test makes, and
 * finding a real terminal among the system's.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ntalk.h"
#include "talkd/terminals.h"

enum { ALICE = 1000, BOB = 1001 };

static const struct terminal some[] = {
	{ "pts/0", ALICE, true, 100 },
	{ "pts/1", BOB, true, 900 },
	{ "tty1", ALICE, false, 999 },
	{ "pts/2", ALICE, true, 300 },
	{ "pts/10", ALICE, true, 200 },
};

/* A list of its own with those terminals. */
static struct terminals
list_of(const struct terminal *terminals, size_t count)
{
	struct terminals list = { 0 };

	list.list = calloc(count, sizeof(*terminals));
	assert_non_null(list.list);
	memcpy(list.list, terminals, count * sizeof(*terminals));
	list.count = list.room = count;
	return list;
}

/* What is chosen: the number of open ones, then all names. */
static void
assert_chosen(uid_t owner, const char *name, const char *expected)
{
	struct terminals list = list_of(some, sizeof(some) / sizeof(some[0]));
	char text[256];
	size_t i, len;

	len = (size_t)snprintf(
	    text, sizeof(text), "%zu:", terminals_choose(&list, owner, name));
	for (i = 0; i < list.count; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, " %s", list.list[i].name);
	terminals_free(&list);
	assert_string_equal(text, expected);
}

static void
a_users_open_terminals_come_last_used_first_then_closed_ones(void **state)
{
	(void)state;
	assert_chosen(ALICE, "", "3: pts/2 pts/10 pts/0 tty1");
	assert_chosen(BOB, "", "1: pts/1");
	assert_chosen(0, "", "0:");
}

static void
a_terminal_named_is_the_only_one(void **state)
{
	(void)state;
	assert_chosen(ALICE, "pts/0", "1: pts/0");
	assert_chosen(ALICE, "/dev/pts/0", "1: pts/0");
	assert_chosen(ALICE, "tty1", "0: tty1");
	assert_chosen(ALICE, "pts/1", "0:");
	assert_chosen(ALICE, "pts/3", "0:");
}

/* The names of those that are chosen from a list, the open ones counted. */
static void
assert_list(struct terminals *list, size_t open, const char *expected)
{
	char text[256];
	size_t i, len;

	len = (size_t)snprintf(text, sizeof(text), "%zu:", open);
	for (i = 0; i < list->count; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, " %s", list->list[i].name);
	assert_string_equal(text, expected);
}

static void
of_all_users_terminals_each_one_is_chosen_or_the_one_named(void **state)
{
	struct terminals list = list_of(some, sizeof(some) / sizeof(some[0]));

	(void)state;
	assert_list(&list, terminals_choose_any(&list, ""),
	    "4: pts/1 pts/2 pts/10 pts/0 tty1");
	assert_list(
	    &list, terminals_choose_any(&list, "/dev/pts/0"), "1: pts/0");
	assert_list(&list, terminals_choose_any(&list, "../pts/0"), "0:");
	terminals_free(&list);
}

static void
the_console_is_the_machines_own_then_roots_then_any(void **state)
{
	static const struct terminal consoles[] = {
		{ "pts/0", ALICE, true, 900 },
		{ "pts/1", 0, true, 100 },
		{ "pts/2", 0, true, 200 },
		{ "tty2", BOB, true, 50 },
		{ "tty1", 0, false, 999 },
	};
	struct terminals list = list_of(consoles, 5);

	(void)state;
	terminals_prefer_console(&list);
	assert_list(&list, 4, "4: tty2 pts/2 pts/1 pts/0 tty1");
	terminals_free(&list);
}

static void
a_user_is_found_in_any_case_where_he_sits(void **state)
{
	struct terminal terminals[] = { { "pts/0", 0, true, 1 } };
	const struct terminals none = { 0 };
	struct terminals list = { terminals, 1, 1 };
	uid_t owner = 77;

	(void)state;
	assert_true(terminals_find_named(&none, "root", &owner));
	assert_int_equal(owner, 0);
	assert_false(terminals_find_named(&none, "ROOT", &owner));
	owner = 77;
	assert_true(terminals_find_named(&list, "RooT", &owner));
	assert_int_equal(owner, 0);
	assert_false(terminals_find_named(&list, "roo", &owner));
	assert_false(terminals_find_named(&list, "", &owner));
}

static void
what_cannot_be_a_terminal_is_none(void **state)
{
	static const char *const names[] = { "/dev/", "/dev//pts/0",
		"/dev/../dev/pts/0", "../etc/passwd", "/pts/0", "pts/0 ",
		"pts/\0330", "pts", "%s%n" };
	size_t i;

	(void)state;
	for (i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		assert_chosen(ALICE, names[i], "0:");
	assert_chosen(ALICE, names[0], "3: pts/2 pts/10 pts/0 tty1");
}

static void
terminals_used_in_the_same_second_come_by_name(void **state)
{
	static const struct terminal twins[] = {
		{ "pts/7", ALICE, true, 5 },
		{ "pts/3", ALICE, true, 5 },
	};
	struct terminals list = list_of(twins, 2);

	(void)state;
	assert_int_equal(terminals_choose(&list, ALICE, ""), 2);
	assert_string_equal(list.list[0].name, "pts/3");
	terminals_free(&list);
}

static void
an_empty_list_has_nothing_to_choose(void **state)
{
	struct terminals list = { 0 };

	(void)state;
	assert_int_equal(terminals_choose(&list, ALICE, ""), 0);
	terminals_free(&list);
}

/* Opens a terminal; its name is put, and others may write there or not. */
static int
open_terminal(char *name, size_t size, mode_t mode)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	assert_int_not_equal(fd, -1);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	snprintf(name, size, "%s", ptsname(fd));
	assert_int_equal(chmod(name, mode), 0);
	return fd;
}

static void
a_real_terminal_is_found_with_its_mode(void **state)
{
	static const mode_t modes[] = { 0620, 0600 };
	struct terminals list = { 0 };
	char name[64];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 2; i++) {
		fd = open_terminal(name, sizeof(name), modes[i]);
		assert_true(terminals_scan(&list));
		assert_int_equal(terminals_choose(&list, getuid(), name),
		    modes[i] == 0620 ? 1 : 0);
		assert_int_equal(list.count, 1);
		assert_string_equal(list.list[0].name, name + strlen("/dev/"));
		close(fd);
	}
	terminals_free(&list);
}

static void
what_is_no_terminal_is_not_found(void **state)
{
	struct terminals list = { 0 };
	size_t i;

	(void)state;
	assert_true(terminals_scan(&list));
	for (i = 0; i < list.count; i++) {
		assert_string_not_equal(list.list[i].name, "pts/ptmx");
		assert_string_not_equal(list.list[i].name, "tty");
	}
	terminals_free(&list);
}

static void
a_user_is_found_by_his_whole_name(void **state)
{
	const struct terminals none = { 0 };
	uid_t owner = (uid_t)-1;

	(void)state;
	assert_int_equal(terminals_find_owner(&none, "root", &owner), 1);
	assert_int_equal(owner, 0);
	assert_int_equal(terminals_find_owner(&none, "roo", &owner), 0);
	assert_int_equal(terminals_find_owner(&none, "", &owner), 0);
	assert_int_equal(
	    terminals_find_owner(&none, "no such user", &owner), 0);
}

/* A user whose name is longer than old peers send; false when none is. */
static bool
find_long_name(char *cut, uid_t *owner)
{
	const struct passwd *entry;
	bool found = false;

	setpwent();
	while (!found && (entry = getpwent()) != NULL) {
		snprintf(cut, NTALK_NAME_SIZE, "%s", entry->pw_name);
		*owner = entry->pw_uid;
		found = strlen(entry->pw_name) > strlen(cut);
	}
	endpwent();
	return found;
}

static void
a_name_that_was_cut_is_looked_for_among_those_who_are_here(void **state)
{
	struct terminal terminals[] = {
		{ "pts/0", 0, true, 1 },
		{ "pts/1", 0, true, 1 },
		{ "pts/2", 0, true, 1 },
	};
	struct terminals list = { terminals, 3, 3 };
	char cut[NTALK_NAME_SIZE];
	uid_t expected, owner = (uid_t)-1;

	(void)state;
	if (!find_long_name(cut, &expected))
		skip(); /* nobody here has so long a name */
	assert_int_equal(terminals_find_owner(&list, cut, &owner), 0);
	terminals[1].owner = terminals[2].owner = expected;
	assert_int_equal(terminals_find_owner(&list, cut, &owner), 1);
	assert_int_equal(owner, expected);
	cut[NTALK_NAME_SIZE - 2] = '\0';
	assert_int_equal(terminals_find_owner(&list, cut, &owner), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_users_open_terminals_come_last_used_first_then_closed_ones),
		cmocka_unit_test(a_terminal_named_is_the_only_one),
		cmocka_unit_test(
		    of_all_users_terminals_each_one_is_chosen_or_the_one_named),
		cmocka_unit_test(
		    the_console_is_the_machines_own_then_roots_then_any),
		cmocka_unit_test(a_user_is_found_in_any_case_where_he_sits),
		cmocka_unit_test(what_cannot_be_a_terminal_is_none),
		cmocka_unit_test(
		    terminals_used_in_the_same_second_come_by_name),
		cmocka_unit_test(an_empty_list_has_nothing_to_choose),
		cmocka_unit_test(a_real_terminal_is_found_with_its_mode),
		cmocka_unit_test(what_is_no_terminal_is_not_found),
		cmocka_unit_test(a_user_is_found_by_his_whole_name),
		cmocka_unit_test(
		    a_name_that_was_cut_is_looked_for_among_those_who_are_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
