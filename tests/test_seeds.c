/*
 * Tests of seeds: how an input for the fuzzers is written.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "seeds.h"

static uint8_t bytes[SEED_SIZE_MAX];

static void
assert_seed(const char *line, const char *expected, size_t expected_len)
{
	size_t len;

	assert_int_equal(seed_read(line, bytes, &len), SEED_THERE);
	assert_int_equal(len, expected_len);
	assert_memory_equal(bytes, expected, len);
}

static void
assert_wrong(const char *line)
{
	size_t len;

	assert_int_equal(seed_read(line, bytes, &len), SEED_WRONG);
}

static void
digits_and_quoted_text_are_mixed(void **state)
{
	(void)state;
	assert_seed("0102ff\n", "\1\2\377", 3);
	assert_seed(" 01 02\tff ", "\1\2\377", 3);
	assert_seed("01\"bob\"00", "\1bob\0", 5);
	assert_seed("\"# 00*2\"", "# 00*2", 6);
	assert_seed("\"caf\303\251\" # coffee", "caf\303\251", 5);
}

static void
what_stands_before_a_star_is_repeated(void **state)
{
	(void)state;
	assert_seed("00 01*3", "\0\1\1\1", 4);
	assert_seed("0001*3", "\0\1\1\1", 4);
	assert_seed("\"ab\"*2 63*1", "ababc", 5);
}

static void
an_empty_line_is_no_input_and_empty_quotes_are_the_empty_one(void **state)
{
	size_t len;

	(void)state;
	assert_seed("\"\"", "", 0);
	assert_int_equal(seed_read("", bytes, &len), SEED_NONE);
	assert_int_equal(seed_read(" \t\n", bytes, &len), SEED_NONE);
	assert_int_equal(seed_read("# 00\n", bytes, &len), SEED_NONE);
}

static void
a_mistake_is_seen(void **state)
{
	(void)state;
	assert_wrong("0");
	assert_wrong("0 1");
	assert_wrong("0g");
	assert_wrong("FF");
	assert_wrong("\"bob");
	assert_wrong("00*");
	assert_wrong("00*0");
	assert_wrong("*2");
	assert_wrong("\"\"*2");
	assert_wrong("00*2*2");
}

static void
an_input_has_an_end(void **state)
{
	size_t len;

	(void)state;
	assert_int_equal(seed_read("00*65536", bytes, &len), SEED_THERE);
	assert_int_equal(len, SEED_SIZE_MAX);
	assert_wrong("00*65537");
	assert_wrong("00*65536 00");
	assert_wrong("00*99999999999999999999999999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_and_quoted_text_are_mixed),
		cmocka_unit_test(what_stands_before_a_star_is_repeated),
		cmocka_unit_test(
		    an_empty_line_is_no_input_and_empty_quotes_are_the_empty_one),
		cmocka_unit_test(a_mistake_is_seen),
		cmocka_unit_test(an_input_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
