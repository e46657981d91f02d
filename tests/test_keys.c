/*
 * The tests of talk/keys.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "talk/keys.h"

/* A literal and its length, so that NUL can stand within. */
#define BYTES(s) (s), sizeof(s) - 1

enum { MEANT_SIZE = 128 };

/* --------------------------------------------------------------- tools --- */

static const struct keys usual = {
	.erase = 0x7f,
	.kill = 0x15,
	.word_erase = 0x17,
	.end = 0x04,
};

/* A letter for each meaning; text stands for itself; nothing leaves nothing. */
static size_t
put_meaning(char *meant, enum key key, char byte)
{
	static const char *const letters[] = {
		[KEY_NOTHING] = "",
		[KEY_ERASE] = "<erase>",
		[KEY_KILL] = "<kill>",
		[KEY_WORD_ERASE] = "<word>",
		[KEY_END] = "<end>",
		[KEY_REDRAW] = "<redraw>",
		[KEY_OWN_BACK] = "<own back>",
		[KEY_OWN_FORTH] = "<own forth>",
		[KEY_OTHER_BACK] = "<back>",
		[KEY_OTHER_FORTH] = "<forth>",
	};
	size_t len;

	if (key == KEY_TEXT) {
		*meant = byte;
		return 1;
	}
	assert_in_range(key, 0, KEY_OTHER_FORTH);
	len = strlen(letters[key]);
	memcpy(meant, letters[key], len);
	return len;
}

static void
feed(struct keys *keys, const char *bytes, size_t len, char meant[MEANT_SIZE])
{
	size_t at = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		assert_true(at + 16 < MEANT_SIZE);
		at += put_meaning(
		    meant + at, keys_feed(keys, (uint8_t)bytes[i]), bytes[i]);
	}
	meant[at] = '\0';
}

struct keys_case {
	const char *bytes;
	size_t len;
	const char *meant;
};

static void
check(const struct keys *start, const struct keys_case *cases, size_t count)
{
	char meant[MEANT_SIZE];
	struct keys keys;
	size_t i;

	for (i = 0; i < count; i++) {
		keys = *start;
		feed(&keys, cases[i].bytes, cases[i].len, meant);
		if (strcmp(meant, cases[i].meant) != 0)
			print_error("case %zu\n", i);
		assert_string_equal(meant, cases[i].meant);
	}
}

#define CHECK(start, cases) \
	check((start), (cases), sizeof(cases) / sizeof((cases)[0]))

/* --------------------------------------------------------------- tests --- */

static void
text_is_text_in_any_language(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("hello, world\n"), "hello, world\n" },
		{ BYTES("\t\r\a"), "\t\r\a" },
		{ BYTES("h\xc3\xa9llo \xe4\xb8\x96\xe7\x95\x8c"),
		    "h\xc3\xa9llo \xe4\xb8\x96\xe7\x95\x8c" },
		{ BYTES("\xff\x80\x9b"), "\xff\x80\x9b" },
		{ BYTES("[5~ O [A"), "[5~ O [A" },
	};

	(void)state;
	CHECK(&usual, cases);
}

static void
the_terminals_own_characters_edit_and_end(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("a\x7f"), "a<erase>" },
		{ BYTES("a\x15"), "a<kill>" },
		{ BYTES("a\x17"), "a<word>" },
		{ BYTES("a\x04"), "a<end>" },
	};
	static const struct keys_case strange[] = {
		{ BYTES("a#b@c%d!"), "a<erase>b<kill>c<word>d<end>" },
		{ BYTES("\x15\x17\x04"), "\x15\x17\x04" },
	};
	static const struct keys teletype = { '#', '@', '%', '!', 0, 0 };

	(void)state;
	CHECK(&usual, cases);
	CHECK(&teletype, strange);
}

static void
del_and_backspace_erase_on_every_terminal(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("\x7f\x08"), "<erase><erase>" },
	};
	static const struct keys none = { 0 };
	static const struct keys backspace = { .erase = 0x08 };

	(void)state;
	CHECK(&usual, cases);
	CHECK(&none, cases);
	CHECK(&backspace, cases);
}

/* A terminal may have a character disabled; typing NUL must not be that. */
static void
what_is_not_set_is_not_typed(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("a\0b"), "ab" },
		{ BYTES("\x15\x17\x04"), "\x15\x17\x04" },
	};
	static const struct keys none = { 0 };

	(void)state;
	CHECK(&none, cases);
}

static void
the_terminals_choice_goes_before_ours(void **state)
{
	static const struct keys odd = {
		.erase = 0x0c, .kill = 0x10, .word_erase = 0x1b, .end = 0x7f
	};
	static const struct keys_case cases[] = {
		{ BYTES("\x0c\x10\x1b\x7f"), "<erase><kill><word><end>" },
	};

	(void)state;
	CHECK(&odd, cases);
}

static void
keys_scroll_and_redraw(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("\x0c"), "<redraw>" },
		{ BYTES("\x1bp\x1bn"), "<own back><own forth>" },
		{ BYTES("\x10\x0e"), "<back><forth>" },
		{ BYTES("\x1b[5~\x1b[6~"), "<back><forth>" },
		{ BYTES("pn\x1bppn"), "pn<own back>pn" },
	};

	(void)state;
	CHECK(&usual, cases);
}

static void
other_sequences_mean_nothing_and_leave_nothing(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("a\x1b[Ab"), "ab" },	/* cursor up */
		{ BYTES("a\x1bOAb"), "ab" },	/* the same, VT100 */
		{ BYTES("a\x1bOPb"), "ab" },	/* F1 */
		{ BYTES("a\x1b[15~b"), "ab" },	/* F5 */
		{ BYTES("a\x1b[25~b"), "ab" },	/* F13 */
		{ BYTES("a\x1b[3~b"), "ab" },	/* Delete */
		{ BYTES("a\x1b[1;5Cb"), "ab" }, /* with Control */
		{ BYTES("a\x1b[5;5~b"), "ab" }, /* PgUp with Control */
		{ BYTES("a\x1b[5Ab"), "ab" },	/* no PgUp */
		{ BYTES("a\x1b[200~b\x1b[201~c"), "abc" }, /* paste */
		{ BYTES("a\x1b[?1;2cb"), "ab" },	   /* a report */
		{ BYTES("a\x1bxb"), "ab" },		   /* Alt-x */
		{ BYTES("a\x1b[[Ab"), "ab" }, /* F1 of Linux's console */
	};

	(void)state;
	CHECK(&usual, cases);
}

static void
a_number_too_long_is_no_page_key(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("\x1b[261~"), "" }, /* 256 + 5 */
		{ BYTES("\x1b[2565~"), "" },
		{ BYTES("\x1b[4294967301~"), "" }, /* 2^32 + 5 */
		{ BYTES("\x1b[05~"), "<back>" },
		{ BYTES("\x1b[~"), "" },
	};

	(void)state;
	CHECK(&usual, cases);
}

static void
a_sequence_broken_off_gives_way_to_the_next(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("\x1b\x1b[5~"), "<back>" }, /* with Alt */
		{ BYTES("\x1b[5\x1b[6~"), "<forth>" },
		{ BYTES("\x1b[1\x1bp"), "<own back>" },
		{ BYTES("\x1b[[\x1bp"), "<own back>" },
	};

	(void)state;
	CHECK(&usual, cases);
}

/* Half a character would be another one, and a newline held back is missed. */
static void
what_no_sequence_has_means_what_it_always_does(void **state)
{
	static const struct keys_case cases[] = {
		{ BYTES("\x1b\xc3\xa9z"), "\xc3\xa9z" }, /* Alt with it */
		{ BYTES("\x1b[\xc3\xa9z"), "\xc3\xa9z" },
		{ BYTES("\x1bO\xc3\xa9z"), "\xc3\xa9z" },
		{ BYTES("\x1b\n\x1b[\na"), "\n\na" },
		{ BYTES("\x1b\x7f\x1b[5\x15"), "<erase><kill>" },
		{ BYTES("\x1b\0a"), "a" },
	};

	(void)state;
	CHECK(&usual, cases);
}

static void
a_sequence_may_come_a_byte_at_a_time_and_repeat(void **state)
{
	struct keys keys = usual;
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		assert_int_equal(keys_feed(&keys, 0x1b), KEY_NOTHING);
		assert_int_equal(keys_feed(&keys, '['), KEY_NOTHING);
		assert_int_equal(keys_feed(&keys, '5'), KEY_NOTHING);
		assert_int_equal(keys_feed(&keys, '~'), KEY_OTHER_BACK);
	}
	assert_int_equal(keys_feed(&keys, '~'), KEY_TEXT);
}

/* Three bytes of any kind behind ESC leave the keyboard usable. */
static void
after_any_sequence_text_comes_through_again(void **state)
{
	struct keys keys;
	uint32_t n;

	(void)state;
	for (n = 0; n < UINT32_C(1) << 16; n++) {
		keys = usual;
		(void)keys_feed(&keys, 0x1b);
		(void)keys_feed(&keys, (uint8_t)(n >> 8));
		(void)keys_feed(&keys, (uint8_t)n);
		(void)keys_feed(&keys, 'z'); /* ends what is open */
		(void)keys_feed(&keys, 'z');
		assert_int_equal(keys_feed(&keys, 'z'), KEY_TEXT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_text_in_any_language),
		cmocka_unit_test(the_terminals_own_characters_edit_and_end),
		cmocka_unit_test(del_and_backspace_erase_on_every_terminal),
		cmocka_unit_test(what_is_not_set_is_not_typed),
		cmocka_unit_test(the_terminals_choice_goes_before_ours),
		cmocka_unit_test(keys_scroll_and_redraw),
		cmocka_unit_test(
		    other_sequences_mean_nothing_and_leave_nothing),
		cmocka_unit_test(a_number_too_long_is_no_page_key),
		cmocka_unit_test(a_sequence_broken_off_gives_way_to_the_next),
		cmocka_unit_test(
		    what_no_sequence_has_means_what_it_always_does),
		cmocka_unit_test(
		    a_sequence_may_come_a_byte_at_a_time_and_repeat),
		cmocka_unit_test(after_any_sequence_text_comes_through_again),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
