/*
 * Rules as an administrator and a user write them, and what becomes of a
 * message then: talk -m, a talkd with -a, and what shows on a terminal.
 *
 * A user's own rules are in the home that /etc/passwd has, and messages to
 * everyone go to all terminals of the host.  So that these be the tests' own,
 * the second half is played in a mount namespace, where the system lets one be
 * made.
 */
#define _GNU_SOURCE /* unshare */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include "folder.h"
#include "stage.h"

enum {
	ARGS_MAX = 16,
	PATH_SIZE = 256,
	LINE_SIZE = PATH_SIZE + 64,
	TEXT_SIZE = 32,
	NOBODY = 65534,
};

struct house {
	struct stage *stage;
	struct actor *talkd;
	uint16_t port;
	char port_text[8];
	const char *user;
	struct actor *bob; /* the user, whose terminal it is */
	int sent;	   /* messages so far */
};

/* Of all that the tests write; and the homes and rules in it. */
static char directory[FOLDER_SIZE];
static char rules[PATH_SIZE];
static char talkrc[PATH_SIZE];

/* Why the second half cannot be played; "" when it can. */
static char hindrance[128] = "there are no mount namespaces";

/* --------------------------------------------------------------- files --- */

static void
put_file(const char *path, const char *text)
{
	folder_put(path, text, strlen(text), 0644);
}

static int
make_directory(void **state)
{
	(void)state;
	folder_make(directory);
	snprintf(rules, sizeof(rules), "%s/rules", directory);
	snprintf(talkrc, sizeof(talkrc), "%s/.talkrc", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	folder_remove(directory);
	return 0;
}

/* ----------------------------------------------------------- the scene --- */

static int
open_house_with(void **state, const char *text)
{
	static const char *const options[] = { "-d", "-a", rules, NULL };
	const struct daemon_setup daemon = { .options = options };
	const struct actor_setup seat = { .name = "bob", .rows = 200 };
	const struct passwd *user = getpwuid(getuid());
	struct house *house = calloc(1, sizeof(*house));

	assert_non_null(house);
	assert_non_null(user);
	*state = house;
	house->user = user->pw_name;
	put_file(rules, text);
	house->stage = stage_open(stderr);
	assert_non_null(house->stage);
	house->talkd = stage_start_talkd(house->stage, &daemon, &house->port);
	assert_non_null(house->talkd);
	snprintf(house->port_text, sizeof(house->port_text), "%u",
	    (unsigned)house->port);
	house->bob = actor_start(house->stage, &seat);
	assert_non_null(house->bob);
	return 0;
}

static int
open_house(void **state)
{
	return open_house_with(state, "");
}

static int
open_limited_house(void **state)
{
	return open_house_with(state, "limit messages 1 0\n");
}

static int
close_house(void **state)
{
	struct house *house = *state;

	stage_close(house->stage);
	free(house);
	(void)unlink(talkrc);
	return 0;
}

/* Starts talk -m with a text that was not sent before, which is put, too. */
static struct actor *
post(struct house *house, const char *to, const char *terminal,
    char text[TEXT_SIZE])
{
	static const char *const environment[] = { "HOME=/nonexistent", NULL };
	const char *argv[ARGS_MAX] = { stage_talk(), "-m", "-p",
		house->port_text };
	struct actor_setup setup = { .name = "talk -m",
		.argv = argv,
		.environment = environment,
		.place = AT_PIPES };
	struct actor *talk;
	int argc = 4;

	if (terminal != NULL) {
		argv[argc++] = "-t";
		argv[argc++] = terminal;
	}
	snprintf(text, TEXT_SIZE, "note %d.", ++house->sent);
	argv[argc++] = to;
	argv[argc++] = text;
	talk = actor_start(house->stage, &setup);
	assert_non_null(talk);
	return talk;
}

static void
check_ends(struct actor *talk, int exit_status, const char *errors)
{
	int status;

	assert_true(actor_wait(talk, &status));
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != exit_status)
		fail_msg(
		    "status %d: %s", WEXITSTATUS(status), actor_errors(talk));
	if (strstr(actor_errors(talk), errors) == NULL)
		fail_msg("\"%s\" is not in: %s", errors, actor_errors(talk));
}

/* Writes to bob; it shows. */
static void
check_allowed(struct house *house)
{
	char text[TEXT_SIZE];
	struct actor *talk = post(
	    house, house->user, actor_terminal(house->bob), text);

	check_ends(talk, EX_OK, "");
	assert_true(actor_sees(house->bob, text));
}

/* It does not show: what was answered has been shown before, or never is. */
static void
check_denied(struct house *house)
{
	char text[TEXT_SIZE];
	struct actor *talk = post(
	    house, house->user, actor_terminal(house->bob), text);

	check_ends(talk, EX_NOPERM, "not permitted");
	stage_turn(house->stage);
	assert_false(actor_shows(house->bob, text));
}

/* ------------------------------------------------------------ the site --- */

static void
a_daemon_whose_rules_cannot_be_read_does_not_start(void **state)
{
	const char *const argv[] = { stage_talkd(), "-F", "-b", "127.0.0.1",
		"-p", "0", "-a", "/nonexistent/rules", NULL };
	const struct actor_setup setup = {
		.name = "talkd", .argv = argv, .place = AT_PIPES
	};
	struct stage *stage = stage_open(stderr);
	struct actor *talkd;

	(void)state;
	assert_non_null(stage);
	talkd = actor_start(stage, &setup);
	assert_non_null(talkd);
	check_ends(talkd, EX_NOINPUT,
	    "talkd: /nonexistent/rules: No such file or directory: ");
	assert_null(strstr(actor_errors(talkd), "serving"));
	stage_close(stage);
}

static void
a_message_that_the_site_denies_is_not_shown(void **state)
{
	struct house *house = *state;
	char expected[LINE_SIZE];

	check_allowed(house);
	put_file(rules, "# closed\ndeny .* any\n");
	check_denied(house);
	snprintf(expected, sizeof(expected), "denied by %s:2\n", rules);
	assert_true(actor_states(house->talkd, expected));
	put_file(rules, "deny .* any\nallow .* 127.0.0.0/8 ::1\n");
	check_allowed(house);
	put_file(rules, "deny .* any\nallow .* localhost\n");
	check_allowed(house);
	put_file(rules, "allow .* any\nallow .* 127.0.0.1/\n");
	check_denied(house);
	snprintf(expected, sizeof(expected), "%s:2: neither a number", rules);
	assert_true(actor_states(house->talkd, expected));
	assert_int_equal(unlink(rules), 0);
	check_denied(house);
	put_file(rules, "");
	check_allowed(house);
}

static void
a_denial_does_not_tell_who_is_there(void **state)
{
	struct house *house = *state;
	char text[TEXT_SIZE];

	put_file(rules, "deny .*\n");
	check_ends(
	    post(house, house->user, NULL, text), EX_NOPERM, "not permitted");
	check_ends(post(house, house->user, "pts/99999", text), EX_NOPERM,
	    "not permitted");
	check_ends(
	    post(house, "nosuchuser", NULL, text), EX_NOPERM, "not permitted");
	check_ends(post(house, "@localhost", "pts/99999", text), EX_NOPERM,
	    "not permitted");
	put_file(rules, "deny ^nosuchuser$\n");
	check_ends(
	    post(house, "NoSuchUser", NULL, text), EX_NOPERM, "not permitted");
	put_file(rules, "");
	check_ends(
	    post(house, "nosuchuser", NULL, text), EX_NOUSER, "not logged on");
	check_ends(post(house, "@localhost", "pts/99999", text), EX_NOUSER,
	    "not logged on");
}

static void
a_limit_is_lifted_while_somebody_waits_for_it(void **state)
{
	struct house *house = *state;
	char text[TEXT_SIZE];
	struct actor *waiting;

	check_allowed(house);
	waiting = post(house, house->user, actor_terminal(house->bob), text);
	assert_true(actor_states(house->talkd, "too many messages"));
	assert_false(actor_shows(house->bob, text));
	put_file(rules, "limit messages none\n");
	check_ends(waiting, EX_OK, "");
	assert_true(actor_sees(house->bob, text));
}

/* The second file denies only who is known by name, which takes a lookup. */
static void
a_call_that_the_site_denies_rings_nowhere(void **state)
{
	static const char *const denials[] = { "deny .* any\n",
		"allow .* any\ndeny .* localhost\n" };
	struct house *house = *state;
	const char *const argv[] = { stage_talk(), "-n", "-p", house->port_text,
		house->user, actor_terminal(house->bob), NULL };
	const struct actor_setup setup = {
		.name = "talk -n", .argv = argv, .place = AT_PIPES
	};
	struct actor *talk;
	size_t i;

	for (i = 0; i < sizeof(denials) / sizeof(denials[0]); i++) {
		put_file(rules, denials[i]);
		talk = actor_start(house->stage, &setup);
		assert_non_null(talk);
		check_ends(talk, EX_NOPERM, "not permitted by the rules there");
		assert_true(actor_states(house->talkd, "not permitted"));
		assert_false(
		    actor_shows(house->bob, "connection requested by"));
	}
}

/* ---------------------------------------- in a world of the tests' own --- */

#ifdef __linux__

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = fd != -1 &&
	    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd != -1)
		close(fd);
	return done;
}

/* Whoever is not root needs a namespace of users, where he stays himself. */
static bool
leave_world(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (uid == 0)
		return unshare(CLONE_NEWNS) == 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	snprintf(map, sizeof(map), "%u %u 1", (unsigned)uid, (unsigned)uid);
	if (!write_text("/proc/self/uid_map", map) ||
	    !write_text("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "%u %u 1", (unsigned)gid, (unsigned)gid);
	return write_text("/proc/self/gid_map", map);
}

/* Has the user of the tests live in their directory. */
static bool
move_home(void)
{
	const struct passwd *user = getpwuid(getuid());
	char path[PATH_SIZE], line[1024];
	size_t len;
	FILE *from = fopen("/etc/passwd", "r"), *to;

	snprintf(path, sizeof(path), "%s/passwd", directory);
	to = fopen(path, "w");
	if (user == NULL || from == NULL || to == NULL)
		return false;
	len = strlen(user->pw_name);
	fprintf(to, "%s:x:%u:%u::%s:/bin/sh\n", user->pw_name,
	    (unsigned)user->pw_uid, (unsigned)user->pw_gid, directory);
	while (fgets(line, sizeof(line), from) != NULL)
		if (strncmp(line, user->pw_name, len) != 0 || line[len] != ':')
			(void)fputs(line, to);
	(void)fclose(from);
	return fclose(to) == 0 && chmod(path, 0644) == 0 &&
	    mount(path, "/etc/passwd", "none", MS_BIND, NULL) == 0;
}

static bool
bring_device(const char *name, const char *into)
{
	char from[PATH_SIZE], to[PATH_SIZE];
	int fd;

	snprintf(from, sizeof(from), "/dev/%s", name);
	snprintf(to, sizeof(to), "%s/%s", into, name);
	fd = open(to, O_WRONLY | O_CREAT, 0666);
	if (fd == -1)
		return false;
	close(fd);
	return mount(from, to, "none", MS_BIND, NULL) == 0;
}

/* A /dev with no terminals but those that the tests open. */
static bool
renew_devices(void)
{
	char dev[PATH_SIZE], path[PATH_SIZE + 8];

	snprintf(dev, sizeof(dev), "%s/dev", directory);
	if (mkdir(dev, 0755) != 0 ||
	    mount("tmpfs", dev, "tmpfs", 0, "mode=755") != 0 ||
	    !bring_device("null", dev) || !bring_device("zero", dev) ||
	    !bring_device("tty", dev) || !bring_device("urandom", dev))
		return false;
	snprintf(path, sizeof(path), "%s/ptmx", dev);
	if (symlink("pts/ptmx", path) != 0)
		return false;
	snprintf(path, sizeof(path), "%s/pts", dev);
	return mkdir(path, 0755) == 0 &&
	    mount("devpts", path, "devpts", 0,
		"newinstance,ptmxmode=0666,mode=0600") == 0 &&
	    mount(dev, "/dev", "none", MS_BIND | MS_REC, NULL) == 0;
}

static int
make_world(void **state)
{
	const char *failure = NULL;

	if (make_directory(state) != 0)
		return -1;
	if (!leave_world())
		failure = "unshare";
	else if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
	    !move_home() || !renew_devices())
		failure = "mount";
	snprintf(hindrance, sizeof(hindrance), "%s%s%s",
	    failure != NULL ? failure : "", failure != NULL ? ": " : "",
	    failure != NULL ? strerror(errno) : "");
	return 0;
}

#else

static int
make_world(void **state)
{
	return make_directory(state);
}

#endif

/* What is mounted there goes with the process. */
static int
leave_directory(void **state)
{
#ifdef __linux__
	char path[PATH_SIZE];

	(void)umount2("/etc/passwd", MNT_DETACH);
	(void)umount2("/dev", MNT_DETACH);
	snprintf(path, sizeof(path), "%s/dev", directory);
	(void)umount2(path, MNT_DETACH);
#endif
	return remove_directory(state);
}

static int
open_own_house(void **state)
{
	if (hindrance[0] == '\0')
		return open_house(state);
	*state = NULL;
	return 0;
}

static int
close_own_house(void **state)
{
	return *state == NULL ? 0 : close_house(state);
}

/* The house, or no test. */
static struct house *
own_house(void **state)
{
	if (*state == NULL) {
		print_message("no world of the tests' own: %s\n", hindrance);
		skip();
	}
	return *state;
}

static void
a_user_s_own_rules_deny_what_the_site_allows(void **state)
{
	struct house *house = own_house(state);
	char line[LINE_SIZE];

	check_allowed(house);
	put_file(talkrc, "alias b bob@h2\ndeny .*\n");
	check_denied(house);
	snprintf(line, sizeof(line), "denied by %s:2\n", talkrc);
	assert_true(actor_states(house->talkd, line));
	put_file(talkrc, "deny ^nobodysname$\n");
	check_allowed(house);
	snprintf(
	    line, sizeof(line), "deny .*\nallow ^%s$ 127.0.0.1\n", house->user);
	put_file(talkrc, line);
	check_allowed(house);
	put_file(rules, "deny .*\n");
	put_file(talkrc, "allow .*\n");
	check_denied(house);
}

static void
a_user_s_file_that_others_may_write_to_denies_all(void **state)
{
	struct house *house = own_house(state);

	put_file(talkrc, "allow .*\n");
	check_allowed(house);
	assert_int_equal(chmod(talkrc, 0664), 0);
	check_denied(house);
	assert_true(actor_states(house->talkd, "others may write to it"));
	assert_int_equal(unlink(talkrc), 0);
	assert_int_equal(symlink(rules, talkrc), 0);
	check_denied(house);
	assert_int_equal(unlink(talkrc), 0);
	check_allowed(house);
}

static void
a_message_to_everyone_leaves_out_who_denies_it(void **state)
{
	struct house *house = own_house(state);
	const struct actor_setup seat = { .name = "carol" };
	struct actor *carol;
	char path[PATH_SIZE], text[TEXT_SIZE], line[LINE_SIZE];

	if (getuid() != 0) {
		print_message("only root can seat a second user\n");
		skip();
	}
	carol = actor_start(house->stage, &seat);
	assert_non_null(carol);
	snprintf(path, sizeof(path), "/dev/%s", actor_terminal(carol));
	assert_int_equal(chown(path, NOBODY, (gid_t)-1), 0);
	check_ends(post(house, "@localhost", "*", text), EX_OK, "");
	assert_true(actor_sees(house->bob, text));
	assert_true(actor_sees(carol, text));
	snprintf(line, sizeof(line), "deny ^%s$\n", house->user);
	put_file(rules, line);
	check_ends(post(house, "@localhost", "*", text), EX_OK, "");
	assert_true(actor_sees(carol, text));
	assert_false(actor_shows(house->bob, text));
	put_file(rules, "");
	put_file(talkrc, "deny .*\n");
	check_ends(post(house, "@localhost", NULL, text), EX_OK, "");
	assert_true(actor_sees(carol, text));
	assert_false(actor_shows(house->bob, text));
	put_file(rules, "deny .*\n");
	check_ends(
	    post(house, "@localhost", "*", text), EX_NOPERM, "not permitted");
	stage_turn(house->stage);
	assert_false(actor_shows(carol, text));
}

/* Something was last typed there so many seconds ago. */
static void
set_last_input(const char *path, long ago)
{
	struct timespec times[2];

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
	times[0].tv_sec -= ago;
	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* However the terminals of several users follow upon one another. */
static void
all_terminals_of_who_denies_a_message_are_left_out(void **state)
{
	struct house *house = own_house(state);
	const struct actor_setup seat = { .name = "another" };
	struct actor *others[4];
	char path[PATH_SIZE], text[TEXT_SIZE];
	int i;

	if (getuid() != 0) {
		print_message("only root can seat a second user\n");
		skip();
	}
	snprintf(path, sizeof(path), "/dev/%s", actor_terminal(house->bob));
	set_last_input(path, 500);
	for (i = 0; i < 4; i++) {
		others[i] = actor_start(house->stage, &seat);
		assert_non_null(others[i]);
		snprintf(
		    path, sizeof(path), "/dev/%s", actor_terminal(others[i]));
		set_last_input(path, 100 * i);
		if (i % 2 == 0)
			assert_int_equal(chown(path, NOBODY, (gid_t)-1), 0);
	}
	put_file(talkrc, "deny .*\n");
	check_ends(post(house, "@localhost", "*", text), EX_OK, "");
	for (i = 0; i < 4; i++)
		if (i % 2 == 0)
			assert_true(actor_sees(others[i], text));
		else
			assert_false(actor_shows(others[i], text));
	assert_false(actor_shows(house->bob, text));
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_house, close_house)
#define OWN_CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_own_house, close_own_house)

int
main(void)
{
	const struct CMUnitTest site[] = {
		cmocka_unit_test(
		    a_daemon_whose_rules_cannot_be_read_does_not_start),
		CASE(a_message_that_the_site_denies_is_not_shown),
		CASE(a_denial_does_not_tell_who_is_there),
		CASE(a_call_that_the_site_denies_rings_nowhere),
		cmocka_unit_test_setup_teardown(
		    a_limit_is_lifted_while_somebody_waits_for_it,
		    open_limited_house, close_house),
	};
	const struct CMUnitTest own[] = {
		OWN_CASE(a_user_s_own_rules_deny_what_the_site_allows),
		OWN_CASE(a_user_s_file_that_others_may_write_to_denies_all),
		OWN_CASE(a_message_to_everyone_leaves_out_who_denies_it),
		OWN_CASE(all_terminals_of_who_denies_a_message_are_left_out),
	};
	int failed = cmocka_run_group_tests(
	    site, make_directory, remove_directory);

	return failed +
	    cmocka_run_group_tests(own, make_world, leave_directory);
}
