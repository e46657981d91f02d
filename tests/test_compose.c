/*
 * The tests of talk/compose.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "talk/compose.h"

/* A literal and its length, so that NUL can stand within. */
#define BYTES(s) (s), sizeof(s) - 1

/* What was typed, and what goes to the other side. */
static const struct {
	const char *typed;
	size_t len;
	const char *sent;
} cases[] = {
	{ BYTES(""), "" }, { BYTES("hello\n"), "hello\n" },
	{ BYTES("h\xc3\xa9llo \xe4\xb8\x96\xe7\x95\x8c \xf0\x9f\x98\x80"),
	    "h\xc3\xa9llo \xe4\xb8\x96\xe7\x95\x8c \xf0\x9f\x98\x80" },
	{ BYTES("a\tb\a"), "a\tb\a" }, { BYTES("a\rb\r\nc"), "a\nb\nc" },
	{ BYTES("caf\xe9."), "caf\xc3\xa9." }, /* ISO 8859-1 */
	{ BYTES("caf\xe9"), "caf\xc3\xa9" },   /* at the very end */
	{ BYTES("a\xc3\xa9\xe4\xb8"), "a\xc3\xa9\xc3\xa4\xc2\xb8" },
	{ BYTES("\x1b[31mred\x1b[0m"), "red" }, /* of a colouring program */
	{ BYTES("a\x1b]0;title\ab"), "ab" },
	{ BYTES("a\x03"
		"b\0c"),
	    "a^Cb^@c" },
	{ BYTES("a\xc2\x9b"
		"31mb"),
	    "ab" }, /* CSI of C1 */
	{ BYTES("a\xe2\x80\xae"
		"b"),
	    "ab" }, /* right-to-left override */
};

static void
check_sent(const struct buffer *out, size_t i)
{
	size_t len = strlen(cases[i].sent);

	if (buffer_len(out) != len ||
	    memcmp(buffer_head(out), cases[i].sent, len) != 0)
		fail_msg("case %zu: sent \"%.*s\"", i, (int)buffer_len(out),
		    buffer_head(out));
}

static void
what_is_sent_is_utf8_that_has_passed_the_gate(void **state)
{
	struct text_gate gate;
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_gate_init(&gate);
		assert_true(
		    compose_text(&gate, cases[i].typed, cases[i].len, &out));
		assert_true(compose_end(&gate, &out));
		check_sent(&out, i);
		buffer_free(&out);
	}
}

static void
where_the_text_was_cut_makes_no_difference(void **state)
{
	struct text_gate gate;
	struct buffer out = { 0 };
	size_t i, cut;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (cut = 0; cut <= cases[i].len; cut++) {
			text_gate_init(&gate);
			assert_true(
			    compose_text(&gate, cases[i].typed, cut, &out));
			assert_true(compose_text(&gate, cases[i].typed + cut,
			    cases[i].len - cut, &out));
			assert_true(compose_end(&gate, &out));
			check_sent(&out, i);
			buffer_free(&out);
		}
}

static void
a_character_begun_waits_for_its_end(void **state)
{
	struct text_gate gate;
	struct buffer out = { 0 };

	(void)state;
	text_gate_init(&gate);
	assert_true(compose_text(&gate, "a\xe4\xb8", 3, &out));
	assert_int_equal(buffer_len(&out), 1);
	assert_true(compose_text(&gate, "\x96", 1, &out));
	assert_int_equal(buffer_len(&out), 4);
	assert_memory_equal(buffer_head(&out), "a\xe4\xb8\x96", 4);
	assert_true(compose_end(&gate, &out));
	assert_int_equal(buffer_len(&out), 4);
	buffer_free(&out);
}

/* What was typed before an edit, which, and what both send. */
static const struct {
	const char *typed;
	enum compose_edit which;
	const char *sent;
} edits[] = {
	{ "ab", COMPOSE_ERASE, "ab\b" },
	{ "ab", COMPOSE_KILL, "ab\x18" },
	{ "ab", COMPOSE_WORD_ERASE, "ab\x0b" },
	/* an ISO 8859-1 keyboard, and a character that is not whole */
	{ "caf\xe9", COMPOSE_ERASE, "caf" },
	{ "caf\xe9", COMPOSE_KILL, "caf\x18" },
	{ "caf\xe9", COMPOSE_WORD_ERASE, "caf\xc3\xa9\x0b" },
	{ "a\xe4\xb8", COMPOSE_ERASE, "a" },
	/* an escape sequence */
	{ "a\x1b[1", COMPOSE_ERASE, "a" },
	{ "a\x1b[1", COMPOSE_KILL, "a\x18" },
	{ "a\x1b[1", COMPOSE_WORD_ERASE, "a\x0b" },
};

static void
an_edit_takes_what_waits_or_goes_behind_it(void **state)
{
	static const uint8_t edit[] = { '\b', 0x18, 0x0b };
	struct text_gate gate;
	struct buffer out = { 0 };
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		len = strlen(edits[i].sent);
		text_gate_init(&gate);
		assert_true(compose_text(
		    &gate, edits[i].typed, strlen(edits[i].typed), &out));
		assert_true(compose_edit(&gate, edits[i].which, edit, &out));
		assert_true(text_gate_is_idle(&gate));
		if (buffer_len(&out) != len ||
		    memcmp(buffer_head(&out), edits[i].sent, len) != 0)
			fail_msg("case %zu: sent \"%.*s\"", i,
			    (int)buffer_len(&out), buffer_head(&out));
		buffer_free(&out);
	}
}

static void
what_waited_in_the_buffer_stays_in_front(void **state)
{
	struct text_gate gate;
	struct buffer out = { 0 };

	(void)state;
	text_gate_init(&gate);
	assert_true(buffer_append(&out, "before ", 7));
	assert_true(compose_text(&gate, "after", 5, &out));
	assert_int_equal(buffer_len(&out), 12);
	assert_memory_equal(buffer_head(&out), "before after", 12);
	buffer_free(&out);
}

static int
into_utf8(void **state)
{
	(void)state;
	return text_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_utf8_that_has_passed_the_gate),
		cmocka_unit_test(where_the_text_was_cut_makes_no_difference),
		cmocka_unit_test(a_character_begun_waits_for_its_end),
		cmocka_unit_test(an_edit_takes_what_waits_or_goes_behind_it),
		cmocka_unit_test(what_waited_in_the_buffer_stays_in_front),
	};

	return cmocka_run_group_tests_name("compose", tests, into_utf8, NULL);
}
