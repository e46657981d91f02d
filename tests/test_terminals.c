/*
 * The tests of talkd/terminals: choosing from lists that the test makes, and
 * finding real terminals among the system's, with a utmp of the test's own.
 */
#ifdef __linux__
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE /* unshare, and utmpxname of glibc */
#else
#define _XOPEN_SOURCE 700 /* posix_openpt */
#endif

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/mount.h>

#include <sched.h>
#endif
#ifdef __GLIBC__
#include <utmpx.h>
#endif

#include "common/ntalk.h"
#include "talkd/terminals.h"

enum { ALICE = 1000, BOB = 1001 };

/* A terminal by its name, its owner, whether it is open, its last input. */
#define SEEN(name_, owner_, open_, input_)                         \
	{                                                          \
		.name = name_, .owner = (owner_), .open = (open_), \
		.last_input = (input_)                             \
	}

static const struct terminal some[] = {
	SEEN("pts/0", ALICE, true, 100),
	SEEN("pts/1", BOB, true, 900),
	SEEN("tty1", ALICE, false, 999),
	SEEN("pts/2", ALICE, true, 300),
	SEEN("pts/10", ALICE, true, 200),
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
		SEEN("pts/0", ALICE, true, 900),
		SEEN("pts/1", 0, true, 100),
		SEEN("pts/2", 0, true, 200),
		SEEN("tty2", BOB, true, 50),
		SEEN("hvc0", BOB, true, 40),
		SEEN("tty1", 0, false, 999),
	};
	struct terminals list = list_of(consoles, 6);

	(void)state;
	terminals_prefer_console(&list);
	assert_list(&list, 5, "5: tty2 hvc0 pts/2 pts/1 pts/0 tty1");
	terminals_free(&list);
}

static void
a_user_is_found_in_any_case_where_he_sits(void **state)
{
	struct terminal terminals[] = { SEEN("pts/0", 0, true, 1) };
	struct terminals none = { 0 };
	struct terminals list = { .list = terminals, .count = 1 };
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
	users_free(&list.users);
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
		SEEN("pts/7", ALICE, true, 5),
		SEEN("pts/3", ALICE, true, 5),
	};
	struct terminals list = list_of(twins, 2);

	(void)state;
	assert_int_equal(terminals_choose(&list, ALICE, ""), 2);
	assert_string_equal(list.list[0].name, "pts/3");
	terminals_free(&list);
}

/* Terminals of one user, all open, used at these times, the latest first. */
static size_t
latest_of(const time_t *times, size_t count)
{
	struct terminal some_times[8] = { 0 };
	struct terminals list = { .list = some_times, .count = count };
	size_t i;

	for (i = 0; i < count; i++)
		some_times[i].last_input = times[i];
	return terminals_latest(&list, count);
}

static void
what_was_used_in_the_same_eight_seconds_is_equally_late(void **state)
{
	static const time_t same[] = { 8007, 8001, 8000 };
	static const time_t edge[] = { 8008, 8007, 8000 };
	static const time_t far[] = { 9000, 8991, 8990, 8984 };
	static const time_t epoch[] = { 0, 0 };

	(void)state;
	assert_int_equal(latest_of(same, 3), 3);
	assert_int_equal(latest_of(edge, 3), 1);
	assert_int_equal(latest_of(far, 4), 1);
	assert_int_equal(latest_of(epoch, 2), 2);
	assert_int_equal(latest_of(same, 1), 1);
	assert_int_equal(latest_of(same, 0), 0);
}

static void
what_was_seen_and_whose_it_is_is_counted(void **state)
{
	struct terminals list = list_of(some, sizeof(some) / sizeof(some[0]));

	(void)state;
	(void)terminals_choose(&list, ALICE, "pts/77");
	assert_int_equal(list.count, 0);
	assert_int_equal(list.owned, 4);
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

/* Of a list that was scanned. */
static size_t
count_lines(const struct terminals *list)
{
	size_t i, count = 0;

	for (i = 0; i < list->count; i++)
		count += strncmp(list->list[i].name, "tty", 3) == 0;
	return count;
}

static void
a_second_look_soon_after_finds_the_same_and_what_is_new(void **state)
{
	struct terminals list = { 0 };
	char name[64];
	size_t lines;
	int fd;

	(void)state;
	assert_true(terminals_scan(&list));
	lines = count_lines(&list);
	fd = open_terminal(name, sizeof(name), 0620);
	assert_true(terminals_scan(&list));
	assert_int_equal(count_lines(&list), lines);
	assert_int_equal(terminals_choose(&list, getuid(), name), 1);
	close(fd);
	terminals_free(&list);
}

/* What is kept of a look says nothing that is no longer so. */
static void
each_look_shows_a_terminal_as_it_is(void **state)
{
	struct terminals list = { 0 };
	char name[64];
	int fd = open_terminal(name, sizeof(name), 0620);

	(void)state;
	assert_true(terminals_scan(&list));
	assert_int_equal(terminals_choose(&list, getuid(), name), 1);
	assert_true(terminals_scan(&list));
	assert_int_equal(terminals_choose(&list, getuid(), name), 1);
	assert_int_equal(chmod(name, 0600), 0);
	assert_true(terminals_scan(&list));
	assert_int_equal(terminals_choose(&list, getuid(), name), 0);
	assert_int_equal(list.count, 1);
	if (getuid() == 0) {
		assert_int_equal(chown(name, ALICE, (gid_t)-1), 0);
		assert_true(terminals_scan(&list));
		(void)terminals_choose(&list, getuid(), name);
		assert_int_equal(list.count, 0);
		assert_true(terminals_scan(&list));
		(void)terminals_choose(&list, ALICE, name);
		assert_int_equal(list.count, 1);
	}
	close(fd);
	assert_true(terminals_scan(&list));
	(void)terminals_choose_any(&list, name);
	assert_int_equal(list.count, 0);
	terminals_free(&list);
}

/* Between the look and the choice, too, where it matters which comes first. */
static void
those_that_were_kept_are_looked_at_when_several_are_chosen(void **state)
{
	struct terminals list = { 0 };
	char name[64], other[64];
	int fd = open_terminal(name, sizeof(name), 0620);
	int closed = open_terminal(other, sizeof(other), 0620);
	size_t i, open;

	(void)state;
	assert_true(terminals_scan(&list));
	assert_true(terminals_scan(&list));
	assert_int_equal(chmod(other, 0600), 0);
	open = terminals_choose(&list, getuid(), "");
	assert_true(open >= 1 && list.count >= 2);
	for (i = 0; i < list.count; i++) {
		assert_false(list.list[i].is_kept);
		if (strcmp(list.list[i].name, other + 5) == 0)
			assert_true(i >= open);
	}
	assert_true(terminals_scan(&list));
	assert_true(terminals_scan(&list));
	close(closed);
	(void)terminals_choose(&list, getuid(), "");
	for (i = 0; i < list.count; i++)
		assert_string_not_equal(list.list[i].name, other + 5);
	close(fd);
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
	struct terminals none = { 0 };
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
		SEEN("pts/0", 0, true, 1),
		SEEN("pts/1", 0, true, 1),
		SEEN("pts/2", 0, true, 1),
	};
	struct terminals list = { .list = terminals, .count = 3 };
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
	users_free(&list.users);
}

/* ---------------------------------------------------------------- utmp --- */

#ifdef __GLIBC__

/*
 * A record of logins at these terminals, which getutxent then reads, behind
 * that of the boot, which is none.
 */
static void
write_utmp(char path[], const char *const *lines, size_t count)
{
	struct utmpx entry = { .ut_type = BOOT_TIME, .ut_user = "root" };
	int fd = mkstemp(path);
	size_t i, len;

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, &entry, sizeof(entry)), sizeof(entry));
	entry.ut_type = USER_PROCESS;
	for (i = 0; i < count; i++) {
		memset(entry.ut_line, 0, sizeof(entry.ut_line));
		len = strlen(lines[i]);
		if (len > sizeof(entry.ut_line))
			len = sizeof(entry.ut_line);
		memcpy(entry.ut_line, lines[i], len);
		assert_int_equal(
		    write(fd, &entry, sizeof(entry)), sizeof(entry));
	}
	close(fd);
	assert_int_equal(utmpxname(path), 0);
}

/* From now on there is none. */
static void
remove_utmp(const char *path)
{
	(void)unlink(path);
	assert_int_equal(utmpxname("/nonexistent"), 0);
}

/* How many terminals of that name are found. */
static size_t
count_named(const char *name)
{
	struct terminals list = { 0 };
	size_t count;

	assert_true(terminals_scan(&list));
	(void)terminals_choose_any(&list, name);
	count = list.count;
	terminals_free(&list);
	return count;
}

static void
what_utmp_says_of_ordinary_terminals_changes_nothing(void **state)
{
	char path[] = "/tmp/utmp.XXXXXX";
	char name[64];
	int fd = open_terminal(name, sizeof(name), 0620);
	const char *const lines[] = { name + strlen("/dev/"),
		name + strlen("/dev/"), name, "pts/4000", "tty", "ptmx",
		"pts/ptmx", "pts", ":0", "seat0", "", "../etc/passwd", "fd/0",
		"%s%s%n", "\033[2J", "a-name-of-thirty-two-characters!" };
	const char *const none[] = { "tty", "ptmx", "pts/ptmx", "pts/4000",
		"seat0", "pts", "fd/0" };
	size_t i;

	(void)state;
	write_utmp(path, lines, sizeof(lines) / sizeof(lines[0]));
	assert_int_equal(count_named(name), 1);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(count_named(none[i]), 0);
	remove_utmp(path);
	close(fd);
}

/* In a /dev/shm of its own, two names of one terminal, and a link. */
static bool
make_devices(const char *terminal)
{
	struct stat st;

	(void)umask(0);
	return unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "/dev/shm", "tmpfs", 0, NULL) == 0 &&
	    stat(terminal, &st) == 0 && mkdir("/dev/shm/a", 0755) == 0 &&
	    mknod("/dev/shm/a/one", S_IFCHR | 0620, st.st_rdev) == 0 &&
	    mknod("/dev/shm/a/two", S_IFCHR | 0620, st.st_rdev) == 0 &&
	    chown("/dev/shm/a/one", ALICE, 5) == 0 &&
	    chown("/dev/shm/a/two", ALICE, 5) == 0 &&
	    symlink("a", "/dev/shm/link") == 0 &&
	    symlink("one", "/dev/shm/a/link") == 0;
}

enum { CANNOT = 77, WRONG = 1 };

static _Noreturn void
look_for_devices(const char *terminal)
{
	static const char *const lines[] = { "shm/a/one", "shm/a/two",
		"shm/a/link", "shm/link/one", "shm/a" };
	char path[] = "/tmp/utmp.XXXXXX";
	struct terminals list = { 0 };
	bool right;

	if (!make_devices(terminal))
		_exit(CANNOT);
	write_utmp(path, lines, sizeof(lines) / sizeof(lines[0]));
	right = terminals_scan(&list) &&
	    terminals_choose(&list, ALICE, "shm/a/one") == 1;
	right = right && list.owned == 1 && list.count == 1;
	remove_utmp(path);
	terminals_free(&list);
	right = right && terminals_scan(&list) &&
	    terminals_choose(&list, ALICE, "") == 0;
	_exit(right ? 0 : WRONG);
}

static void
a_name_that_only_utmp_has_is_looked_at_once_and_no_link_followed(void **state)
{
	char name[64];
	int status, fd = open_terminal(name, sizeof(name), 0620);
	pid_t child;

	(void)state;
	if (getuid() != 0) {
		print_message("only root can make devices\n");
		skip();
	}
	fflush(NULL);
	child = fork();
	if (child == 0)
		look_for_devices(name);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT) {
		print_message("no devices can be made here\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	close(fd);
}

#endif

/* -------------------------------------------------- a thousand of them --- */

enum { MANY = 1000, ROUNDS = 9 };

/* Of the processor's time, so that what else runs here does not count. */
static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* How many could be opened. */
static size_t
open_many(int fds[MANY], char names[MANY][16])
{
	struct rlimit limit;
	size_t count;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	for (count = 0; count < MANY; count++) {
		fds[count] = posix_openpt(O_RDWR | O_NOCTTY);
		if (fds[count] == -1)
			break;
		snprintf(names[count], sizeof(names[count]), "%s",
		    ptsname(fds[count]) + strlen("/dev/"));
	}
	return count;
}

/* The least of some rounds. */
static double
measure(struct terminals *list)
{
	double began, took, least = 1e9;
	uid_t owner;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		began = now_ms();
		assert_true(terminals_scan(list));
		(void)terminals_find_owner(list, "a-name-nobody-has", &owner);
		(void)terminals_choose(list, getuid(), "");
		took = now_ms() - began;
		if (took < least)
			least = took;
	}
	return least;
}

static void
a_thousand_terminals_take_a_few_milliseconds(void **state)
{
	static int fds[MANY];
	static char names[MANY][16];
	struct terminals list = { 0 };
	size_t count = open_many(fds, names);
	double took;
#ifdef __GLIBC__
	static const char *lines[MANY];
	char path[] = "/tmp/utmp.XXXXXX";
	size_t i;

	for (i = 0; i < count; i++)
		lines[i] = names[i];
	write_utmp(path, lines, count);
#endif
	(void)state;
	took = measure(&list);
	print_message("%zu terminals: %.2f ms\n", list.seen, took);
	assert_true(list.count >= count);
#ifdef __GLIBC__
	remove_utmp(path);
#endif
	terminals_free(&list);
	while (count > 0)
		close(fds[--count]);
	assert_true(took < 100); /* a few, where no checker slows it down */
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
		cmocka_unit_test(
		    what_was_used_in_the_same_eight_seconds_is_equally_late),
		cmocka_unit_test(what_was_seen_and_whose_it_is_is_counted),
		cmocka_unit_test(an_empty_list_has_nothing_to_choose),
		cmocka_unit_test(a_real_terminal_is_found_with_its_mode),
		cmocka_unit_test(
		    a_second_look_soon_after_finds_the_same_and_what_is_new),
		cmocka_unit_test(each_look_shows_a_terminal_as_it_is),
		cmocka_unit_test(
		    those_that_were_kept_are_looked_at_when_several_are_chosen),
		cmocka_unit_test(what_is_no_terminal_is_not_found),
		cmocka_unit_test(a_user_is_found_by_his_whole_name),
		cmocka_unit_test(
		    a_name_that_was_cut_is_looked_for_among_those_who_are_here),
#ifdef __GLIBC__
		cmocka_unit_test(
		    what_utmp_says_of_ordinary_terminals_changes_nothing),
		cmocka_unit_test(
		    a_name_that_only_utmp_has_is_looked_at_once_and_no_link_followed),
#endif
		cmocka_unit_test(a_thousand_terminals_take_a_few_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
