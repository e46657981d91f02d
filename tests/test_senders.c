/*
 * The tests of talkd/senders: real sockets of this host.  Whose they are the
 * system tells; what is remembered of that is for root only to try, who can
 * have another user's socket beside his own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "local.h"
#include "talkd/senders.h"

static const struct address daemon_at = { 4, { 127, 0, 0, 1 }, 518, 0 };

static int
set_up(void **state)
{
	static struct senders senders;

	*state = &senders;
	return 0;
}

static int
tear_down(void **state)
{
	senders_end(*state);
	return 0;
}

/* A copy: what getpwuid(3) returns is getpwnam(3)'s to write over. */
static const char *
name_of(uid_t uid)
{
	static char name[PERSON_USER_SIZE];
	const struct passwd *user = getpwuid(uid);

	assert_non_null(user);
	snprintf(name, sizeof(name), "%s", user->pw_name);
	return name;
}

static void
skip_unless_told_to_root(void)
{
	if (!host_tells_owners() || getuid() != 0)
		skip();
}

/* How many sockets are remembered. */
static size_t
count_known(const struct senders *senders)
{
	size_t i, count = 0;

	for (i = 0; i < SENDERS_MAX; i++)
		if (senders->known[i].socket != 0)
			count++;
	return count;
}

/* As the user who is neither root nor the tests'; the status tells. */
static int
try_names(struct senders *senders)
{
	struct address at;
	int fd;

	if (setuid(LOCAL_ANOTHER) != 0)
		return 1;
	fd = local_open(AF_INET, SOCK_DGRAM, false, 0);
	at = local_name(fd);
	if (!senders_may_use(senders, &at, &daemon_at, "nobody", 0))
		return 2;
	if (senders_may_use(senders, &at, &daemon_at, "root", 0))
		return 3;
	if (!senders_may_use(senders, &at, &daemon_at, "nobody", 0))
		return 4;
	return count_known(senders) == 1 ? 0 : 5;
}

static void
one_who_is_known_may_use_no_other_name(void **state)
{
	pid_t child;
	int status;

	skip_unless_told_to_root();
	if (strcmp(name_of(LOCAL_ANOTHER), "nobody") != 0)
		skip();
	child = fork();
	if (child == 0)
		_exit(try_names(*state));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Another socket at its port does not change that. */
static void
a_socket_is_known_for_a_minute(void **state)
{
	struct address at;
	int mine, hold;
	pid_t child;

	skip_unless_told_to_root();
	mine = local_open(AF_INET, SOCK_DGRAM, false, 0);
	at = local_name(mine);
	assert_true(senders_may_use(*state, &at, &daemon_at, "root", 1000));
	assert_int_equal(count_known(*state), 1);
	child = local_open_as_another(AF_INET, true, at.port, &hold);
	assert_true(senders_may_use(*state, &at, &daemon_at, "root", 60999));
	assert_false(senders_may_use(*state, &at, &daemon_at, "root", 61000));
	local_close_anothers(child, hold);
	assert_true(senders_may_use(*state, &at, &daemon_at, "root", 61000));
	close(mine);
}

static void
a_socket_that_is_closed_is_known_no_more(void **state)
{
	struct address at;
	int mine, hold;
	pid_t child;

	skip_unless_told_to_root();
	mine = local_open(AF_INET, SOCK_DGRAM, false, 0);
	at = local_name(mine);
	assert_true(senders_may_use(*state, &at, &daemon_at, "root", 0));
	close(mine);
	assert_false(senders_may_use(*state, &at, &daemon_at, "root", 0));
	child = local_open_as_another(AF_INET, false, at.port, &hold);
	assert_false(senders_may_use(*state, &at, &daemon_at, "root", 0));
	assert_true(senders_may_use(
	    *state, &at, &daemon_at, name_of(LOCAL_ANOTHER), 0));
	local_close_anothers(child, hold);
}

/* All the same without one, by the longer way. */
static void
a_socket_is_known_in_either_family(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct address at, local;
	size_t i;
	int fd;

	if (!host_tells_owners())
		skip();
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		fd = local_open(families[i], SOCK_DGRAM, false, 0);
		if (fd == -1)
			continue; /* no IPv6 */
		at = local_name(fd);
		local = at;
		local.port = 518;
		assert_true(
		    senders_may_use(*state, &at, &local, name_of(getuid()), 0));
		assert_int_equal(count_known(*state), i + 1);
		close(fd);
	}
}

static void
more_sockets_than_are_remembered_are_all_found(void **state)
{
	int fds[2 * SENDERS_MAX];
	struct address at;
	size_t i;

	for (i = 0; i < 2 * SENDERS_MAX; i++) {
		fds[i] = local_open(AF_INET, SOCK_DGRAM, false, 0);
		at = local_name(fds[i]);
		assert_true(senders_may_use(
		    *state, &at, &daemon_at, name_of(getuid()), 0));
	}
	for (i = 0; i < 2 * SENDERS_MAX; i++) {
		at = local_name(fds[i]);
		assert_true(senders_may_use(
		    *state, &at, &daemon_at, name_of(getuid()), 0));
		close(fds[i]);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_who_is_known_may_use_no_other_name),
		CASE(a_socket_is_known_for_a_minute),
		CASE(a_socket_that_is_closed_is_known_no_more),
		CASE(a_socket_is_known_in_either_family),
		CASE(more_sockets_than_are_remembered_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
