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
		CASE(more_hosts_than_have_room_are_served_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
