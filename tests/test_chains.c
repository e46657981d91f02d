/*
 * The tests of talkd/chains, with hashes that the test chooses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "talkd/chains.h"
#include "talkd/pages.h"

enum { SIZE = 64 };

/* Hashes of one bucket, which differ where no bucket is chosen. */
#define ONE	UINT64_C(0x0000000100000005)
#define ANOTHER UINT64_C(0x0000000200000005)

static int
set_up(void **state)
{
	struct chains *chains = pages_new(sizeof(*chains));

	if (chains == NULL)
		return -1;
	chains_clear(chains, SIZE);
	*state = chains;
	return 0;
}

static int
tear_down(void **state)
{
	pages_free(*state, sizeof(struct chains));
	return 0;
}

static void
nothing_is_found_where_nothing_was_put(void **state)
{
	chains_put(*state, ONE, 7);
	assert_int_equal(chains_first(*state, ONE + 1), CHAINS_END);
	assert_int_equal(chains_first(*state, ANOTHER), CHAINS_END);
}

static void
the_last_one_of_a_hash_comes_first(void **state)
{
	chains_put(*state, ONE, 7);
	chains_put(*state, ONE, 3);
	chains_put(*state, ONE, SIZE - 1);
	assert_int_equal(chains_first(*state, ONE), SIZE - 1);
	assert_int_equal(chains_next(*state, ONE, SIZE - 1), 3);
	assert_int_equal(chains_next(*state, ONE, 3), 7);
	assert_int_equal(chains_next(*state, ONE, 7), CHAINS_END);
}

static void
others_of_the_same_bucket_are_passed_by(void **state)
{
	chains_put(*state, ANOTHER, 1);
	chains_put(*state, ONE, 2);
	chains_put(*state, ANOTHER, 3);
	chains_put(*state, ONE, 4);
	chains_put(*state, ANOTHER, 5);
	assert_int_equal(chains_first(*state, ONE), 4);
	assert_int_equal(chains_next(*state, ONE, 4), 2);
	assert_int_equal(chains_next(*state, ONE, 2), CHAINS_END);
	assert_int_equal(chains_first(*state, ANOTHER), 5);
	assert_int_equal(chains_next(*state, ANOTHER, 5), 3);
	assert_int_equal(chains_next(*state, ANOTHER, 3), 1);
}

static void
one_is_taken_out_wherever_it_stands(void **state)
{
	static const struct {
		uint32_t removed;
		uint32_t left[2];
	} cases[] = {
		{ 0, { 2, 1 } },
		{ 1, { 2, 0 } },
		{ 2, { 1, 0 } },
	};
	uint32_t place;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		chains_clear(*state, SIZE);
		for (place = 0; place < 3; place++)
			chains_put(*state, ONE, place);
		chains_remove(*state, ONE, cases[i].removed);
		assert_int_equal(chains_first(*state, ONE), cases[i].left[0]);
		assert_int_equal(chains_next(*state, ONE, cases[i].left[0]),
		    cases[i].left[1]);
		assert_int_equal(
		    chains_next(*state, ONE, cases[i].left[1]), CHAINS_END);
	}
}

/* As many as there can be, of the tag that has every bit: none is the end. */
static void
every_place_can_be_put_under_every_hash(void **state)
{
	uint32_t place;

	chains_clear(*state, CHAINS_MAX);
	for (place = 0; place < CHAINS_MAX; place++)
		chains_put(*state, UINT64_MAX, place);
	place = chains_first(*state, UINT64_MAX);
	assert_int_equal(place, CHAINS_MAX - 1);
	for (; place > 0; place--)
		assert_int_equal(
		    chains_next(*state, UINT64_MAX, place), place - 1);
	assert_int_equal(chains_next(*state, UINT64_MAX, 0), CHAINS_END);
}

static void
cleared_they_are_empty(void **state)
{
	chains_put(*state, ONE, 7);
	chains_clear(*state, 2 * SIZE);
	assert_int_equal(chains_first(*state, ONE), CHAINS_END);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    nothing_is_found_where_nothing_was_put, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_last_one_of_a_hash_comes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    others_of_the_same_bucket_are_passed_by, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    one_is_taken_out_wherever_it_stands, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    every_place_can_be_put_under_every_hash, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    cleared_they_are_empty, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
