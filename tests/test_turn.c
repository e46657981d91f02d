/*
 * The tests of talk/turn.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "talk/turn.h"

/* --------------------------------------------------------------- stage --- */

static int pair[2];

static int
set_up(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static int
tear_down(void **state)
{
	(void)state;
	if (pair[1] >= 0)
		close(pair[1]);
	return close(pair[0]);
}

/* Waits no longer than for what is there by now. */
static void
glance(struct turn *turn)
{
	turn_by(turn, 0);
	(void)turn_wait(turn);
}

/* --------------------------------------------------------------- tests --- */

static void
the_clock_never_goes_back(void **state)
{
	int64_t before = turn_clock();
	int i;

	(void)state;
	assert_true(before >= 0);
	for (i = 0; i < 1000; i++) {
		assert_true(turn_clock() >= before);
		before = turn_clock();
	}
}

static void
the_earliest_deadline_counts(void **state)
{
	struct turn turn;

	(void)state;
	turn_begin(&turn);
	assert_true(turn.deadline == TURN_NEVER);
	turn_by(&turn, TURN_NEVER);
	assert_true(turn.deadline == TURN_NEVER);
	turn_by(&turn, 500);
	turn_by(&turn, 700);
	assert_true(turn.deadline == 500);
	turn_by(&turn, 300);
	assert_true(turn.deadline == 300);
	turn_begin(&turn);
	assert_true(turn.deadline == TURN_NEVER);
}

static void
what_is_wanted_of_one_descriptor_adds_up(void **state)
{
	struct turn turn;

	(void)state;
	turn_begin(&turn);
	turn_want(&turn, pair[0], POLLIN);
	turn_want(&turn, pair[1], POLLIN);
	turn_want(&turn, pair[0], POLLOUT);
	assert_int_equal(turn.count, 2);
	assert_int_equal(turn.fds[0].events, POLLIN | POLLOUT);
	assert_int_equal(turn.fds[1].events, POLLIN);
}

static void
ready_is_what_came_and_nothing_else(void **state)
{
	struct turn turn;

	(void)state;
	turn_begin(&turn);
	turn_want(&turn, pair[0], POLLIN);
	turn_want(&turn, pair[1], POLLIN | POLLOUT);
	assert_int_equal(turn_ready(&turn, pair[1]), 0);
	glance(&turn);
	assert_int_equal(turn_ready(&turn, pair[0]), 0);
	assert_int_equal(turn_ready(&turn, pair[1]), POLLOUT);
	assert_int_equal(write(pair[1], "x", 1), 1);
	glance(&turn);
	assert_int_equal(turn_ready(&turn, pair[0]), POLLIN);
	assert_int_equal(turn_ready(&turn, pair[1] + 1), 0);
}

static void
a_hangup_is_ready_though_nobody_asked_for_it(void **state)
{
	struct turn turn;

	(void)state;
	close(pair[1]);
	pair[1] = -1;
	turn_begin(&turn);
	turn_want(&turn, pair[0], POLLIN);
	glance(&turn);
	assert_true(turn_ready(&turn, pair[0]) & POLLHUP);
}

static void
no_descriptor_is_never_ready(void **state)
{
	struct turn turn;

	(void)state;
	turn_begin(&turn);
	turn_want(&turn, -1, POLLIN | POLLOUT);
	assert_int_equal(turn.count, 0);
	glance(&turn);
	assert_int_equal(turn_ready(&turn, -1), 0);
}

static void
more_descriptors_than_there_is_room_for_are_left_out(void **state)
{
	struct turn turn;
	int fd;

	(void)state;
	turn_begin(&turn);
	for (fd = 1000; fd < 1000 + TURN_FDS_MAX + 5; fd++)
		turn_want(&turn, fd, POLLIN);
	assert_int_equal(turn.count, TURN_FDS_MAX);
	turn_want(&turn, 1000, POLLOUT);
	assert_int_equal(turn.fds[0].events, POLLIN | POLLOUT);
	assert_int_equal(turn_ready(&turn, 1000 + TURN_FDS_MAX), 0);
}

static void
a_deadline_in_the_past_however_far_is_no_wait(void **state)
{
	static const int64_t past[] = { 0, -1, INT64_MIN + 1, INT64_MIN };
	int64_t before = turn_clock();
	struct turn turn;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(past) / sizeof(past[0]); i++) {
		turn_begin(&turn);
		turn_want(&turn, pair[0], POLLIN);
		turn_by(&turn, past[i]);
		assert_true(turn_wait(&turn) >= before);
	}
}

static void
a_deadline_that_comes_ends_the_wait(void **state)
{
	int64_t deadline = turn_clock() + 20;
	struct turn turn;

	(void)state;
	turn_begin(&turn);
	turn_want(&turn, pair[0], POLLIN);
	turn_by(&turn, deadline);
	assert_true(turn_wait(&turn) >= deadline - 1);
	assert_int_equal(turn_ready(&turn, pair[0]), 0);
}

static void
what_is_there_ends_a_wait_however_long(void **state)
{
	static const int64_t far[] = { INT_MAX, (int64_t)INT_MAX * 3,
		TURN_NEVER - 1, TURN_NEVER };
	struct turn turn;
	size_t i;

	(void)state;
	assert_int_equal(write(pair[1], "x", 1), 1);
	for (i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		turn_begin(&turn);
		turn_want(&turn, pair[0], POLLIN);
		turn_by(&turn, far[i]);
		(void)turn_wait(&turn);
		assert_int_equal(turn_ready(&turn, pair[0]), POLLIN);
	}
}

static void
noted(int signal_number)
{
	(void)signal_number;
}

static void
a_signal_ends_the_wait_with_nothing_ready(void **state)
{
	struct sigaction action = { .sa_handler = noted };
	/* Every 20 ms: one that comes before the wait begins is no harm. */
	const struct timespec often = { .tv_nsec = 20000000 };
	const struct itimerspec soon = { often, often };
	struct sigaction before;
	struct turn turn;
	timer_t timer;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	turn_begin(&turn);
	turn_want(&turn, pair[0], POLLIN);
	assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
	(void)turn_wait(&turn);
	assert_int_equal(timer_delete(timer), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_int_equal(turn_ready(&turn, pair[0]), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_clock_never_goes_back),
		TEST(the_earliest_deadline_counts),
		TEST(what_is_wanted_of_one_descriptor_adds_up),
		TEST(ready_is_what_came_and_nothing_else),
		TEST(a_hangup_is_ready_though_nobody_asked_for_it),
		TEST(no_descriptor_is_never_ready),
		TEST(more_descriptors_than_there_is_room_for_are_left_out),
		TEST(a_deadline_in_the_past_however_far_is_no_wait),
		TEST(a_deadline_that_comes_ends_the_wait),
		TEST(what_is_there_ends_a_wait_however_long),
		TEST(a_signal_ends_the_wait_with_nothing_ready),
	};

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
