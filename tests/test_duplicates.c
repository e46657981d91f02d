/*
 * The tests of talkd/duplicates.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "talkd/duplicates.h"

static void
one_that_was_delivered_is_known_for_a_while(void **state)
{
	struct duplicates duplicates = { 0 };

	(void)state;
	assert_int_equal(duplicates_take(&duplicates, 7, 0), DUPLICATES_NEW);
	assert_int_equal(
	    duplicates_take(&duplicates, 7, 1), DUPLICATES_UNDER_WAY);
	duplicates_settle(&duplicates, 7, true);
	assert_int_equal(duplicates_take(&duplicates, 7, DUPLICATES_KEPT - 1),
	    DUPLICATES_DELIVERED);
	assert_int_equal(
	    duplicates_take(&duplicates, 7, DUPLICATES_KEPT), DUPLICATES_NEW);
}

static void
one_that_was_not_delivered_may_come_again(void **state)
{
	struct duplicates duplicates = { 0 };

	(void)state;
	(void)duplicates_take(&duplicates, 7, 0);
	duplicates_settle(&duplicates, 7, false);
	assert_int_equal(duplicates_take(&duplicates, 7, 1), DUPLICATES_NEW);
}

static void
others_are_not_mistaken_for_it(void **state)
{
	struct duplicates duplicates = { 0 };

	(void)state;
	(void)duplicates_take(&duplicates, 7, 0);
	duplicates_settle(&duplicates, 7, true);
	assert_int_equal(duplicates_take(&duplicates, 8, 0), DUPLICATES_NEW);
	assert_int_equal(duplicates_take(&duplicates, 0, 0), DUPLICATES_NEW);
	assert_int_equal(
	    duplicates_take(&duplicates, 7, 0), DUPLICATES_DELIVERED);
}

static void
the_oldest_makes_room(void **state)
{
	struct duplicates duplicates = { 0 };
	uint64_t id;

	(void)state;
	for (id = 1; id <= DUPLICATES_MAX + 1; id++) {
		assert_int_equal(
		    duplicates_take(&duplicates, id, 0), DUPLICATES_NEW);
		duplicates_settle(&duplicates, id, true);
	}
	assert_int_equal(
	    duplicates_take(&duplicates, 2, 0), DUPLICATES_DELIVERED);
	assert_int_equal(duplicates_take(&duplicates, 1, 0), DUPLICATES_NEW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_was_delivered_is_known_for_a_while),
		cmocka_unit_test(one_that_was_not_delivered_may_come_again),
		cmocka_unit_test(others_are_not_mistaken_for_it),
		cmocka_unit_test(the_oldest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
