/*
 * The tests of talk/signals.  What a signal does to a process is tried on
 * children.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "talk/signals.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const int noted[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGWINCH,
	SIGTSTP, SIGCONT };

/* --------------------------------------------------------------- tools --- */

/* The descriptor to wait on, opened once for this process. */
static int
wake(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = signals_open();
	assert_true(fd >= 0);
	return fd;
}

static bool
is_awake(int fd)
{
	struct pollfd waited = { .fd = fd, .events = POLLIN };

	return poll(&waited, 1, 0) == 1;
}

enum { CHILD_SECONDS = 20 }; /* of processor time, before the system ends it */

/*
 * Runs part of a test in a process of its own, in a group of its own: there
 * SIGTSTP stops it, for its parent is in the same session.
 */
static pid_t
child_start(void (*part)(void))
{
	const struct rlimit limit = { CHILD_SECONDS, CHILD_SECONDS };
	const struct rlimit no_core = { 0, 0 };
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setpgid(0, 0);
		(void)setrlimit(RLIMIT_CPU, &limit);
		(void)setrlimit(RLIMIT_CORE, &no_core);
		part();
		_exit(0);
	}
	return child;
}

static int
child_wait(pid_t child, int flags)
{
	int status = 0;

	while (waitpid(child, &status, flags) < 0)
		assert_int_equal(errno, EINTR);
	return status;
}

static void
expect(bool is_so, int code)
{
	if (!is_so)
		_exit(code);
}

static void
check_child(void (*part)(void))
{
	int status = child_wait(child_start(part), 0);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ------------------------------------------------------------- leaving --- */

static void
be_interrupted_early(void)
{
	signals_leave_on_interrupt();
	(void)raise(SIGINT);
	_exit(1);
}

static void
ignore_and_be_interrupted_early(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGINT, &ignore, NULL);
	signals_leave_on_interrupt();
	(void)raise(SIGINT);
	_exit(1);
}

static void
an_interrupt_before_there_is_anything_to_end_is_an_end_like_another(
    void **state)
{
	(void)state;
	check_child(be_interrupted_early);
}

static void
an_interrupt_that_is_ignored_stays_so(void **state)
{
	int status = child_wait(
	    child_start(ignore_and_be_interrupted_early), 0);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* -------------------------------------------------------------- noting --- */

static void
a_signal_is_noted_once_and_wakes_the_loop(void **state)
{
	int fd = wake();
	size_t i, k;

	(void)state;
	for (i = 0; i < COUNT(noted); i++) {
		assert_false(is_awake(fd));
		assert_int_equal(raise(noted[i]), 0);
		assert_true(is_awake(fd));
		signals_turn();
		assert_false(is_awake(fd));
		for (k = 0; k < COUNT(noted); k++)
			assert_int_equal(signals_take(noted[k]), k == i);
		assert_false(signals_take(noted[i]));
	}
}

static void
many_of_one_signal_are_one(void **state)
{
	int fd = wake();
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		(void)raise(SIGWINCH);
	assert_true(is_awake(fd));
	signals_turn();
	assert_false(is_awake(fd));
	assert_true(signals_take(SIGWINCH));
	assert_false(signals_take(SIGWINCH));
}

static void
different_signals_of_one_turn_are_all_noted(void **state)
{
	size_t i;

	(void)state;
	(void)wake();
	for (i = 0; i < COUNT(noted); i++)
		(void)raise(noted[i]);
	signals_turn();
	for (i = 0; i < COUNT(noted); i++)
		assert_true(signals_take(noted[i]));
}

static void
a_handler_leaves_errno_alone(void **state)
{
	(void)state;
	(void)wake();
	errno = ENOSYS;
	(void)raise(SIGWINCH);
	assert_int_equal(errno, ENOSYS);
	signals_turn();
	assert_true(signals_take(SIGWINCH));
}

static void
a_signal_that_is_not_noted_never_came(void **state)
{
	(void)state;
	(void)wake();
	assert_false(signals_take(SIGUSR1));
	assert_false(signals_take(0));
	assert_false(signals_take(-1));
}

static void
the_pipe_blocks_nobody_and_is_not_inherited(void **state)
{
	int fd = wake();

	(void)state;
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	signals_turn(); /* and comes back */
}

static void
ignored_before(void)
{
	struct sigaction now;

	(void)sigaction(
	    SIGHUP, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	expect(signals_open() >= 0, 1);
	(void)raise(SIGHUP);
	expect(!signals_take(SIGHUP), 2);
	expect(sigaction(SIGHUP, NULL, &now) == 0, 3);
	expect(now.sa_handler == SIG_IGN, 4);
	(void)raise(SIGTERM);
	expect(signals_take(SIGTERM), 5);
}

static void
what_was_ignored_stays_ignored(void **state)
{
	(void)state;
	check_child(ignored_before);
}

static void
open_without_descriptors(void)
{
	const struct rlimit few = { 32, 32 };

	(void)setrlimit(RLIMIT_NOFILE, &few);
	while (open("/dev/null", O_RDONLY) >= 0)
		continue;
	expect(signals_open() == -1, 1);
	expect(errno == EMFILE, 2);
}

static void
without_a_descriptor_left_open_fails_with_errno(void **state)
{
	(void)state;
	check_child(open_without_descriptors);
}

/* ------------------------------------------------------------- obeying --- */

static int to_obey;

static void
obey(void)
{
	expect(signals_open() >= 0, 1);
	(void)raise(to_obey);
	expect(signals_take(to_obey), 2);
	signals_obey(to_obey);
}

static void
obeyed_a_signal_ends_the_process_as_it_does_by_default(void **state)
{
	static const int ending[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < COUNT(ending); i++) {
		to_obey = ending[i];
		status = child_wait(child_start(obey), 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), ending[i]);
	}
}

static void
stop_and_go_on(void)
{
	expect(signals_open() >= 0, 1);
	signals_obey(SIGTSTP);
	expect(signals_take(SIGCONT), 2);
	expect(!signals_take(SIGTSTP), 3);
	/* The handler is back: the next is noted and stops nobody. */
	(void)raise(SIGTSTP);
	expect(signals_take(SIGTSTP), 4);
}

static void
stop_by_default(void)
{
	(void)sigaction(
	    SIGTSTP, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	(void)raise(SIGTSTP);
}

/* Not so where an emulator, such as valgrind, keeps the signal to itself. */
static bool
processes_can_be_stopped(void)
{
	pid_t child = child_start(stop_by_default);
	bool stopped = WIFSTOPPED(child_wait(child, WUNTRACED));

	if (stopped) {
		(void)kill(child, SIGCONT);
		(void)child_wait(child, 0);
	}
	return stopped;
}

static void
obeyed_a_suspension_stops_until_the_process_goes_on(void **state)
{
	pid_t child;
	int status;

	(void)state;
	if (!processes_can_be_stopped()) {
		print_message("SIGTSTP stops nobody here: nothing to test\n");
		skip();
	}
	child = child_start(stop_and_go_on);
	status = child_wait(child, WUNTRACED);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGTSTP);
	assert_int_equal(kill(child, SIGCONT), 0);
	status = child_wait(child, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Whatever the tests were started from, such as nohup. */
static void
ignore_nothing(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGTSTP };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i],
		    &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_interrupt_before_there_is_anything_to_end_is_an_end_like_another),
		cmocka_unit_test(an_interrupt_that_is_ignored_stays_so),
		cmocka_unit_test(a_signal_is_noted_once_and_wakes_the_loop),
		cmocka_unit_test(many_of_one_signal_are_one),
		cmocka_unit_test(different_signals_of_one_turn_are_all_noted),
		cmocka_unit_test(a_handler_leaves_errno_alone),
		cmocka_unit_test(a_signal_that_is_not_noted_never_came),
		cmocka_unit_test(the_pipe_blocks_nobody_and_is_not_inherited),
		cmocka_unit_test(what_was_ignored_stays_ignored),
		cmocka_unit_test(
		    without_a_descriptor_left_open_fails_with_errno),
		cmocka_unit_test(
		    obeyed_a_signal_ends_the_process_as_it_does_by_default),
		cmocka_unit_test(
		    obeyed_a_suspension_stops_until_the_process_goes_on),
	};

	ignore_nothing();
	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
