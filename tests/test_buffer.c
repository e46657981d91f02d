/*
 * The tests of talk/buffer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "talk/buffer.h"

static void
a_new_buffer_is_empty(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	assert_int_equal(buffer_len(&buffer), 0);
	assert_non_null(buffer_head(&buffer));
	assert_true(buffer_append(&buffer, NULL, 0));
	assert_int_equal(buffer_len(&buffer), 0);
	buffer_take(&buffer, 0);
	buffer_free(&buffer);
}

static void
bytes_come_out_in_the_order_they_went_in(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	assert_true(buffer_append(&buffer, "one\0two", 7));
	assert_true(buffer_append(&buffer, "three", 5));
	assert_int_equal(buffer_len(&buffer), 12);
	assert_memory_equal(buffer_head(&buffer), "one\0twothree", 12);
	buffer_take(&buffer, 4);
	assert_memory_equal(buffer_head(&buffer), "twothree", 8);
	assert_true(buffer_append(&buffer, "!", 1));
	assert_memory_equal(buffer_head(&buffer), "twothree!", 9);
	buffer_take(&buffer, 9);
	assert_int_equal(buffer_len(&buffer), 0);
	buffer_free(&buffer);
}

static void
a_freed_buffer_can_be_filled_again(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	assert_true(buffer_append(&buffer, "old", 3));
	buffer_free(&buffer);
	assert_int_equal(buffer_len(&buffer), 0);
	assert_true(buffer_append(&buffer, "new", 3));
	assert_memory_equal(buffer_head(&buffer), "new", 3);
	buffer_free(&buffer);
}

/* What is asked for and can never be had leaves the bytes as they were. */
static void
an_append_too_large_changes_nothing(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	assert_true(buffer_append(&buffer, "kept", 4));
	assert_false(buffer_append(&buffer, "", SIZE_MAX - 2));
	assert_int_equal(buffer_len(&buffer), 4);
	assert_memory_equal(buffer_head(&buffer), "kept", 4);
	buffer_free(&buffer);
}

/* A counter's bytes through the buffer, in portions of every size. */
static void
a_stream_passes_whole_whatever_its_portions(void **state)
{
	struct buffer buffer = { 0 };
	uint8_t bytes[700], next_in = 0, next_out = 0;
	uint32_t seed = 7;
	size_t len, i, waiting = 0;
	int step;

	(void)state;
	for (step = 0; step < 20000; step++) {
		seed = seed * 1664525 + 1013904223;
		len = (seed >> 8) % sizeof(bytes);
		if (seed >> 31) {
			for (i = 0; i < len; i++)
				bytes[i] = next_in++;
			assert_true(buffer_append(&buffer, bytes, len));
			waiting += len;
		} else {
			len = len < waiting ? len : waiting;
			for (i = 0; i < len; i++)
				if ((uint8_t)buffer_head(&buffer)[i] !=
				    next_out++)
					fail();
			buffer_take(&buffer, len);
			waiting -= len;
		}
		assert_int_equal(buffer_len(&buffer), waiting);
	}
	buffer_free(&buffer);
}

/* As a pane keeps its lines: the newest of many. */
static void
a_queue_takes_no_more_than_twice_its_length(void **state)
{
	enum { PIECE = 1000, WAITING = 640 };
	static const char piece[PIECE];
	struct buffer buffer = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 10 * WAITING; i++) {
		assert_true(buffer_append(&buffer, piece, PIECE));
		if (i >= WAITING)
			buffer_take(&buffer, PIECE);
	}
	assert_int_equal(buffer_len(&buffer), WAITING * PIECE);
	assert_in_range(buffer.size, WAITING * PIECE, 2 * WAITING * PIECE);
	buffer_free(&buffer);
}

static void
a_burst_leaves_no_memory_behind(void **state)
{
	static const char burst[1 << 20];
	struct buffer buffer = { 0 };

	(void)state;
	assert_true(buffer_append(&buffer, burst, sizeof(burst)));
	buffer_take(&buffer, sizeof(burst) - 1);
	assert_int_equal(buffer_len(&buffer), 1);
	buffer_take(&buffer, 1);
	assert_int_equal(buffer_len(&buffer), 0);
	assert_int_equal(buffer.size, 0);
	assert_true(buffer_append(&buffer, "new", 3));
	assert_memory_equal(buffer_head(&buffer), "new", 3);
	buffer_free(&buffer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buffer_is_empty),
		cmocka_unit_test(bytes_come_out_in_the_order_they_went_in),
		cmocka_unit_test(a_freed_buffer_can_be_filled_again),
		cmocka_unit_test(an_append_too_large_changes_nothing),
		cmocka_unit_test(a_stream_passes_whole_whatever_its_portions),
		cmocka_unit_test(a_burst_leaves_no_memory_behind),
		cmocka_unit_test(a_queue_takes_no_more_than_twice_its_length),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
