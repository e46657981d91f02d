/*
 * The tests of talkd/limits.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "talkd/limits.h"

static const uint8_t key[SIPHASH_KEY_SIZE] = "0123456789abcde";

static const struct address h1 = { 4, { 192, 0, 2, 1 }, 4000, 0 };
static const struct address h2 = { 4, { 192, 0, 2, 2 }, 4000, 0 };
static const struct address h6 = { 6, { 0x20, 1, 0x0d, 0xb8 }, 4000, 0 };

static int
set_up(void **state)
{
	*state = limits_new(key);
	return *state != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	limits_free(*state);
	return 0;
}

/* How many in a row pass at that time. */
static int
count(struct limits *limits, enum limits_kind kind, const struct address *host,
    int64_t now)
{
	int passed = 0;

	while (passed < 1000 && limits_take(limits, kind, host, now))
		passed++;
	return passed;
}

static void
ten_rings_come_at_once_and_one_a_second_after_that(void **state)
{
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 5000), 10);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 5999), 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 6000), 1);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 9000), 3);
}

static void
forty_messages_come_at_once_and_four_a_second_after_that(void **state)
{
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h1, 0), 40);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h1, 249), 0);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h1, 250), 1);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h1, 1250), 4);
}

static void
who_was_quiet_may_as_much_as_ever_and_no_more(void **state)
{
	(void)count(*state, LIMITS_RINGS, &h1, 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 1000000), 10);
}

static void
one_host_takes_nothing_from_another(void **state)
{
	(void)count(*state, LIMITS_MESSAGES, &h1, 0);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h2, 0), 40);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h6, 0), 40);
}

static void
rings_take_nothing_from_messages(void **state)
{
	(void)count(*state, LIMITS_RINGS, &h1, 0);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h1, 0), 40);
}

static void
another_port_is_the_same_host(void **state)
{
	struct address other = h1;

	other.port = 5000;
	(void)count(*state, LIMITS_RINGS, &h1, 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &other, 0), 0);
}

static void
a_limit_can_be_set_and_lifted(void **state)
{
	limits_set(*state, LIMITS_RINGS, (struct limit){ 2, 10 });
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 2);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 100), 1);
	limits_set(*state, LIMITS_RINGS, (struct limit){ 2, 0 });
	assert_int_equal(count(*state, LIMITS_RINGS, &h2, 0), 2);
	assert_int_equal(count(*state, LIMITS_RINGS, &h2, 60000), 0);
	limits_set(*state, LIMITS_RINGS, (struct limit){ 0, 0 });
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 100), 1000);
}

static void
a_limit_can_be_read_and_put_back(void **state)
{
	const struct limit usual = limits_get(*state, LIMITS_RINGS);

	assert_int_equal(usual.at_once, 10);
	assert_int_equal(usual.per_second, 1);
	limits_set(*state, LIMITS_RINGS, (struct limit){ 2, 10 });
	limits_set(*state, LIMITS_RINGS, usual);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 10);
}

static void
more_hosts_than_have_room_are_served_all_the_same(void **state)
{
	struct address host = { 4, { 10, 0, 0, 0 }, 1, 0 };
	int i;

	for (i = 0; i < 3 * LIMITS_HOSTS_MAX; i++) {
		host.bytes[1] = (uint8_t)(i >> 16);
		host.bytes[2] = (uint8_t)(i >> 8);
		host.bytes[3] = (uint8_t)i;
		assert_true(limits_take(*state, LIMITS_MESSAGES, &host, i));
	}
	/* The last one is remembered. */
	assert_int_equal(count(*state, LIMITS_MESSAGES, &host, i - 1), 39);
}

static void
a_flood_from_made_up_hosts_gives_a_busy_one_nothing_back(void **state)
{
	enum { HOSTS = 100000 };
	struct address host = { 4, { 10 }, 1, 0 };
	int i;

	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 10);
	for (i = 0; i < HOSTS; i++) {
		host.bytes[1] = (uint8_t)(i >> 16);
		host.bytes[2] = (uint8_t)(i >> 8);
		host.bytes[3] = (uint8_t)i;
		(void)limits_take(*state, LIMITS_RINGS, &host, 0);
	}
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 1000), 1);
}

static void
the_wait_is_told_and_costs_nothing(void **state)
{
	int i;

	for (i = 0; i < 100; i++)
		assert_int_equal(limits_wait(*state, LIMITS_RINGS, &h1, 0), 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 10);
	for (i = 0; i < 100; i++)
		assert_int_equal(
		    limits_wait(*state, LIMITS_RINGS, &h1, 0), 1000);
	assert_int_equal(limits_wait(*state, LIMITS_RINGS, &h1, 999), 1);
	assert_int_equal(limits_wait(*state, LIMITS_RINGS, &h1, 1000), 0);
	assert_int_equal(limits_wait(*state, LIMITS_RINGS, &h2, 0), 0);
	assert_int_equal(limits_wait(*state, LIMITS_MESSAGES, &h1, 0), 0);
}

/* --------------------------------------------------------------- rings --- */

/* How long that caller must wait; his ring is counted if he must not. */
static int64_t
ring(struct limits *limits, const struct address *host, const char *caller,
    uid_t callee, int64_t now)
{
	const struct limits_ring made = { host, caller, callee };
	int64_t wait = limits_wait(limits, LIMITS_RINGS, host, now);
	int64_t pause = limits_wait_ring(limits, &made, now);

	if (wait < pause)
		wait = pause;
	if (wait == 0)
		limits_count_ring(limits, &made, now);
	return wait;
}

static void
a_caller_rings_the_same_callee_every_three_seconds_and_no_oftener(void **state)
{
	assert_int_equal(ring(*state, &h1, "alice", 1000, 5000), 0);
	assert_int_equal(ring(*state, &h1, "alice", 1000, 5000), 3000);
	assert_int_equal(ring(*state, &h1, "alice", 1000, 7999), 1);
	assert_int_equal(ring(*state, &h1, "alice", 1000, 8000), 0);
	assert_int_equal(ring(*state, &h1, "alice", 1000, 8001), 2999);
}

static void
a_ring_that_did_not_ring_is_not_counted(void **state)
{
	const struct limits_ring made = { &h1, "alice", 1000 };
	int i;

	for (i = 0; i < 100; i++)
		assert_int_equal(limits_wait_ring(*state, &made, 0), 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 10);
}

static void
the_pause_is_between_one_caller_and_one_callee(void **state)
{
	struct address port = h1;

	assert_int_equal(ring(*state, &h1, "alice", 1000, 0), 0);
	assert_int_equal(ring(*state, &h1, "alice", 1001, 0), 0);
	assert_int_equal(ring(*state, &h1, "carol", 1000, 0), 0);
	assert_int_equal(ring(*state, &h2, "alice", 1000, 0), 0);
	assert_int_equal(ring(*state, &h6, "alice", 1000, 0), 0);
	port.port = 5000;
	assert_true(ring(*state, &port, "alice", 1000, 0) > 0);
}

static void
a_name_is_the_same_in_full_and_cut(void **state)
{
	assert_int_equal(ring(*state, &h1, "wolfgang-amadeus", 1000, 0), 0);
	assert_true(ring(*state, &h1, "wolfgang-am", 1000, 0) > 0);
	assert_true(ring(*state, &h1, "wolfgang-ama", 1000, 0) > 0);
	assert_int_equal(ring(*state, &h1, "wolfgang", 1000, 0), 0);
}

static void
what_was_one_too_many_for_either_counts_for_neither(void **state)
{
	int i;

	for (i = 0; i < 100; i++)
		(void)ring(*state, &h1, "alice", 1000, 0);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 9);
	assert_int_equal(ring(*state, &h1, "carol", 1000, 0), 1000);
	assert_int_equal(ring(*state, &h1, "carol", 1000, 1000), 0);
}

static void
callers_made_up_by_a_host_are_limited_all_together(void **state)
{
	char name[] = "aaaa";
	int i, rung = 0;

	for (i = 0; i < 10000; i++) {
		name[i % 4] = (char)('a' + i % 26);
		if (ring(*state, &h1, name, 1000, i / 5) == 0)
			rung++;
	}
	assert_in_range(rung, 10, 12);
}

static void
pairs_drive_out_no_host(void **state)
{
	struct address host = { 4, { 10, 0, 0, 0 }, 1, 0 };
	char name[] = "00000";
	int i, k;

	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 10);
	for (i = 0; i < 3 * LIMITS_PAIRS_MAX; i++) {
		host.bytes[2] = (uint8_t)(i / 9 >> 8);
		host.bytes[3] = (uint8_t)(i / 9);
		for (k = 0; k < 5; k++)
			name[k] = (char)('0' + (i >> 3 * k) % 8);
		assert_int_equal(ring(*state, &host, name, 1000, 0), 0);
	}
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 0);
}

static void
without_a_limit_of_rings_there_is_no_pause_either(void **state)
{
	int i;

	limits_set(*state, LIMITS_RINGS, (struct limit){ 0, 0 });
	for (i = 0; i < 100; i++)
		assert_int_equal(ring(*state, &h1, "alice", 1000, 0), 0);
}

static void
ten_calls_in_vain_count_as_much_as_a_ring(void **state)
{
	int i;

	for (i = 0; i < 20; i++)
		limits_count_call(*state, &h1, 0);
	assert_int_equal(count(*state, LIMITS_MESSAGES, &h1, 0), 40);
	assert_int_equal(count(*state, LIMITS_RINGS, &h2, 0), 10);
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 8);
	limits_count_call(*state, &h1, 0);
	assert_int_equal(limits_wait(*state, LIMITS_RINGS, &h1, 0), 1100);
}

static void
without_a_limit_of_rings_calls_in_vain_do_not_count(void **state)
{
	int i;

	limits_set(*state, LIMITS_RINGS, (struct limit){ 0, 0 });
	for (i = 0; i < 1000; i++)
		limits_count_call(*state, &h1, 0);
	limits_set(*state, LIMITS_RINGS, (struct limit){ 10, 1 });
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 10);
}

static void
the_highest_limits_are_no_trouble(void **state)
{
	limits_set(*state, LIMITS_RINGS, (struct limit){ UINT32_MAX, 0 });
	assert_int_equal(count(*state, LIMITS_RINGS, &h1, 0), 1000);
	limits_set(
	    *state, LIMITS_RINGS, (struct limit){ UINT32_MAX, UINT32_MAX });
	assert_int_equal(count(*state, LIMITS_RINGS, &h2, 0), 1000);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ten_rings_come_at_once_and_one_a_second_after_that),
		CASE(forty_messages_come_at_once_and_four_a_second_after_that),
		CASE(who_was_quiet_may_as_much_as_ever_and_no_more),
		CASE(one_host_takes_nothing_from_another),
		CASE(rings_take_nothing_from_messages),
		CASE(another_port_is_the_same_host),
		CASE(a_limit_can_be_set_and_lifted),
		CASE(a_limit_can_be_read_and_put_back),
		CASE(more_hosts_than_have_room_are_served_all_the_same),
		CASE(a_flood_from_made_up_hosts_gives_a_busy_one_nothing_back),
		CASE(the_wait_is_told_and_costs_nothing),
		CASE(
		    a_caller_rings_the_same_callee_every_three_seconds_and_no_oftener),
		CASE(a_ring_that_did_not_ring_is_not_counted),
		CASE(the_pause_is_between_one_caller_and_one_callee),
		CASE(a_name_is_the_same_in_full_and_cut),
		CASE(what_was_one_too_many_for_either_counts_for_neither),
		CASE(callers_made_up_by_a_host_are_limited_all_together),
		CASE(pairs_drive_out_no_host),
		CASE(without_a_limit_of_rings_there_is_no_pause_either),
		CASE(ten_calls_in_vain_count_as_much_as_a_ring),
		CASE(without_a_limit_of_rings_calls_in_vain_do_not_count),
		CASE(the_highest_limits_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
