/*
 * The tests of talk/keyboard: what is typed, held and taken.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "talk/keyboard.h"

/* A terminal whose edit characters are these. */
static struct terminal
terminal_with(uint8_t erase, uint8_t kill)
{
	struct terminal terminal = { .fd = -1 };

	terminal.was.c_cc[VERASE] = erase;
	terminal.was.c_cc[VKILL] = kill;
	terminal.was.c_cc[VEOF] = 4;
	return terminal;
}

static int
set_up(void **state)
{
	const struct terminal terminal = terminal_with('\b', 0x15);
	struct keyboard *keyboard = calloc(1, sizeof(*keyboard));

	assert_non_null(keyboard);
	assert_true(text_init());
	keyboard_init(keyboard, &terminal);
	*state = keyboard;
	return 0;
}

static int
tear_down(void **state)
{
	keyboard_free(*state);
	free(*state);
	return 0;
}

static void
type(struct keyboard *keyboard, const char *keys)
{
	size_t used, len = strlen(keys);

	for (; len > 0; keys += used, len -= used) {
		(void)keyboard_feed(keyboard, keys, len, &used);
		assert_in_range(used, 1, len);
	}
}

/* Types them at once; they must mean that, all together. */
static void
assert_key(struct keyboard *keyboard, const char *keys, enum key expected)
{
	size_t used;

	assert_int_equal(
	    keyboard_feed(keyboard, keys, strlen(keys), &used), expected);
	assert_int_equal(used, strlen(keys));
}

/* At most so many bytes are taken, and they are these. */
static void
assert_taken(struct keyboard *keyboard, size_t most, const char *expected)
{
	struct buffer taken = { 0 };

	keyboard_take(keyboard, most, &taken);
	assert_int_equal(buffer_len(&taken), strlen(expected));
	if (expected[0] != '\0')
		assert_memory_equal(
		    buffer_head(&taken), expected, strlen(expected));
	buffer_free(&taken);
}

static void
text_is_held_until_it_is_taken_a_piece_at_a_time(void **state)
{
	struct keyboard *keyboard = *state;

	assert_false(keyboard_holds(keyboard));
	type(keyboard, "hello");
	assert_true(keyboard_holds(keyboard));
	assert_taken(keyboard, 2, "he");
	assert_true(keyboard_holds(keyboard));
	assert_taken(keyboard, SIZE_MAX, "llo");
	assert_false(keyboard_holds(keyboard));
	assert_taken(keyboard, SIZE_MAX, "");
}

static void
a_character_is_sent_when_it_is_whole(void **state)
{
	struct keyboard *keyboard = *state;

	assert_key(keyboard, "\xc3", KEY_TEXT);
	assert_false(keyboard_holds(keyboard));
	assert_key(keyboard, "\xa9", KEY_TEXT);
	assert_taken(keyboard, SIZE_MAX, "\xc3\xa9");
}

static void
whatever_key_erases_the_others_are_sent_the_users_own(void **state)
{
	struct keyboard *keyboard = *state;

	type(keyboard, "ab\177\b");
	assert_taken(keyboard, SIZE_MAX, "ab\b\b");
}

static void
commands_are_told_and_nothing_is_sent(void **state)
{
	struct keyboard *keyboard = *state;

	assert_key(keyboard, "\f", KEY_REDRAW);
	assert_key(keyboard, "\4", KEY_END);
	assert_false(keyboard_holds(keyboard));
}

static void
text_before_a_command_is_taken_with_it(void **state)
{
	struct keyboard *keyboard = *state;
	size_t used;

	assert_key(keyboard, "ab\f", KEY_REDRAW);
	assert_taken(keyboard, SIZE_MAX, "ab");
	assert_int_equal(keyboard_feed(keyboard, "c\fd", 3, &used), KEY_REDRAW);
	assert_int_equal(used, 2);
	assert_taken(keyboard, SIZE_MAX, "c");
}

static void
edit_characters_that_others_take_for_text_are_the_customary_ones(void **state)
{
	static const struct {
		uint8_t own, told;
	} cases[] = { { '\b', '\b' }, { 0x7f, 0x7f }, { 0, 0x15 },
		{ '#', 0x15 }, { '\n', 0x15 }, { '\r', 0x15 }, { '\t', 0x15 },
		{ 0xff, 0x15 }, { 1, 1 } };
	struct keyboard *keyboard = *state;
	struct terminal terminal;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		terminal = terminal_with(0x7f, cases[i].own);
		keyboard_init(keyboard, &terminal);
		assert_int_equal(keyboard->edit[1], cases[i].told);
	}
}

static void
megabytes_are_held_and_then_it_is_full(void **state)
{
	struct keyboard *keyboard = *state;
	size_t typed = 0;

	while (!keyboard_is_full(keyboard)) {
		type(keyboard, "x");
		typed++;
	}
	assert_int_equal(typed, 8 << 20);
	assert_taken(keyboard, 1, "x");
	assert_false(keyboard_is_full(keyboard));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_held_until_it_is_taken_a_piece_at_a_time),
		TEST(a_character_is_sent_when_it_is_whole),
		TEST(whatever_key_erases_the_others_are_sent_the_users_own),
		TEST(commands_are_told_and_nothing_is_sent),
		TEST(text_before_a_command_is_taken_with_it),
		TEST(
		    edit_characters_that_others_take_for_text_are_the_customary_ones),
		TEST(megabytes_are_held_and_then_it_is_full),
	};

	return cmocka_run_group_tests_name("keyboard", tests, NULL, NULL);
}
