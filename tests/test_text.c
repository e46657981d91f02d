/*
 * The tests of common/text: decoding, widths, clusters, and the gate.
 */
#define _XOPEN_SOURCE 700 /* wcwidth */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "common/text.h"

/* A literal and its length, so that NUL can stand within. */
#define BYTES(s) (s), sizeof(s) - 1

enum { OUT_SIZE = 4096 };

/* --------------------------------------------------------------- tools --- */

/*
 * What the gate makes of the bytes, as UTF-8; BEL stays to be seen.  ASCII goes
 * in a byte at a time or by runs.
 */
static void
through_gate(const char *in, size_t len, char out[OUT_SIZE], bool by_runs)
{
	uint32_t codes[TEXT_GATE_SIZE];
	struct text_gate gate;
	size_t i, run, at = 0;
	int count, k;

	text_gate_init(&gate);
	for (i = 0; i <= len; i++) {
		run = by_runs ? text_gate_run(&gate, in + i, len - i) : 0;
		memcpy(out + at, in + i, run);
		at += run;
		i += run;
		count = i < len ? text_gate_byte(&gate, (uint8_t)in[i], codes)
				: text_gate_flush(&gate, codes);
		assert_in_range(count, 0, TEXT_GATE_SIZE);
		for (k = 0; k < count; k++) {
			assert_true(at + TEXT_UTF8_SIZE < OUT_SIZE);
			at += text_encode(codes[k], out + at);
		}
	}
	out[at] = '\0';
}

struct gate_case {
	const char *in;
	size_t len;
	const char *out;
};

static void
check_gate(const struct gate_case *cases, size_t count)
{
	char out[OUT_SIZE];
	size_t i;

	for (i = 0; i < 2 * count; i++) {
		const struct gate_case *c = &cases[i / 2];

		through_gate(c->in, c->len, out, i % 2 == 1);
		if (strcmp(out, c->out) != 0)
			print_error("case %zu\n", i / 2);
		assert_string_equal(out, c->out);
	}
}

#define CHECK_GATE(cases) check_gate((cases), sizeof(cases) / sizeof(cases)[0])

static int
into_utf8(void **state)
{
	(void)state;
	return text_init() ? 0 : -1;
}

static int
into_c(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C") != NULL ? 0 : -1;
}

/* --------------------------------------------------------------- UTF-8 --- */

static void
utf8_is_decoded_strictly(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		size_t taken;
		uint32_t code;
		bool valid;
	} cases[] = {
		{ BYTES("a"), 1, 'a', true },
		{ BYTES("\0"), 1, 0, true },
		{ BYTES("\x7f"), 1, 0x7f, true },
		{ BYTES("\xc2\x80"), 2, 0x80, true },
		{ BYTES("\xc3\xa9x"), 2, 0xe9, true },
		{ BYTES("\xdf\xbf"), 2, 0x7ff, true },
		{ BYTES("\xe0\xa0\x80"), 3, 0x800, true },
		{ BYTES("\xe4\xb8\x96"), 3, 0x4e16, true },
		{ BYTES("\xed\x9f\xbf"), 3, 0xd7ff, true },
		{ BYTES("\xee\x80\x80"), 3, 0xe000, true },
		{ BYTES("\xef\xbf\xbf"), 3, 0xffff, true },
		{ BYTES("\xf0\x90\x80\x80"), 4, 0x10000, true },
		{ BYTES("\xf4\x8f\xbf\xbf"), 4, 0x10ffff, true },
		/* ends too early, right so far */
		{ BYTES("\xc3"), 0, 0xc3, false },
		{ BYTES("\xe4\xb8"), 0, 0xe4, false },
		{ BYTES("\xf0\x9f\x98"), 0, 0xf0, false },
		/* fits nowhere */
		{ BYTES("\x80"), 1, 0x80, false },
		{ BYTES("\xbf\x80"), 1, 0xbf, false },
		{ BYTES("\xc3("), 1, 0xc3, false },
		{ BYTES("\xe4\xb8("), 1, 0xe4, false },
		{ BYTES("\xf0\x9f\x98("), 1, 0xf0, false },
		{ BYTES("\xe4\xc3\xa9"), 1, 0xe4, false },
		/* overlong */
		{ BYTES("\xc0\x80"), 1, 0xc0, false },
		{ BYTES("\xc1\xbf"), 1, 0xc1, false },
		{ BYTES("\xe0\x9f\xbf"), 1, 0xe0, false },
		{ BYTES("\xe0\x80\x9b"), 1, 0xe0, false },
		{ BYTES("\xf0\x8f\xbf\xbf"), 1, 0xf0, false },
		/* surrogates, and beyond Unicode */
		{ BYTES("\xed\xa0\x80"), 1, 0xed, false },
		{ BYTES("\xed\xbf\xbf"), 1, 0xed, false },
		{ BYTES("\xf4\x90\x80\x80"), 1, 0xf4, false },
		{ BYTES("\xf5\x80\x80\x80"), 1, 0xf5, false },
		{ BYTES("\xff"), 1, 0xff, false },
	};
	uint32_t code;
	size_t i;
	bool valid;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    text_decode(cases[i].s, cases[i].len, &code, &valid),
		    cases[i].taken);
		assert_int_equal(code, cases[i].code);
		assert_int_equal(valid, cases[i].valid);
	}
}

static void
every_character_survives_encoding_and_decoding(void **state)
{
	char bytes[TEXT_UTF8_SIZE];
	uint32_t code, back;
	size_t len;
	bool valid;

	(void)state;
	for (code = 0; code <= 0x10ffff; code++) {
		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		len = text_encode(code, bytes);
		if (text_decode(bytes, len, &back, &valid) != len || !valid ||
		    back != code)
			fail_msg("U+%04X came back as U+%04X", (unsigned)code,
			    (unsigned)back);
	}
}

/* --------------------------------------------------------------- width --- */

static void
a_character_has_the_width_terminals_give_it(void **state)
{
	static const struct {
		uint32_t code;
		int width;
	} cases[] = {
		{ ' ', 1 }, { '~', 1 }, { 0xa0, 1 },
		{ 0xad, 1 },	 /* soft hyphen: terminals show it */
		{ 0xe9, 1 },	 /* e acute */
		{ 0x301, 0 },	 /* combining acute */
		{ 0x5d0, 1 },	 /* alef */
		{ 0x1100, 2 },	 /* Hangul, leading */
		{ 0x1160, 0 },	 /* Hangul, vowel */
		{ 0x200b, 0 },	 /* zero width space */
		{ 0x200d, 0 },	 /* zero width joiner */
		{ 0x20ac, 1 },	 /* euro */
		{ 0x2060, 0 },	 /* word joiner */
		{ 0x3000, 2 },	 /* ideographic space */
		{ 0x4e16, 2 },	 /* CJK */
		{ 0xac00, 2 },	 /* Hangul */
		{ 0xe000, 1 },	 /* private use */
		{ 0xfe0f, 0 },	 /* variation selector 16 */
		{ 0xff21, 2 },	 /* fullwidth A */
		{ 0xfffd, 1 },	 /* replacement character */
		{ 0x1f600, 2 },	 /* grinning face */
		{ 0x0378, 1 },	 /* unassigned elsewhere */
		{ 0x20000, 2 },	 /* CJK, plane 2 */
		{ 0x323b0, 2 },	 /* ideographs to come */
		{ 0xe0100, 0 },	 /* variation selector 17 */
		{ 0x10fffd, 1 }, /* private use */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (text_width(cases[i].code) != cases[i].width)
			fail_msg("U+%04X", (unsigned)cases[i].code);
}

/* Of no Unicode yet: a C library may say that it knows them, as musl does. */
static void
a_pictograph_to_come_is_taken_for_wide(void **state)
{
	static const uint32_t cases[] = { 0x1f8ff, 0x1faff };
	size_t i;
	int known;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		known = wcwidth((wchar_t)cases[i]);
		assert_int_equal(text_width(cases[i]), known >= 0 ? known : 2);
	}
}

static void
what_may_never_pass_has_no_width(void **state)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} cases[] = {
		{ 0x00, 0x1f },
		{ 0x7f, 0x9f },
		{ 0x61c, 0x61c },
		{ 0x200e, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2066, 0x206f },
		{ 0xd800, 0xdfff },
		{ 0xfdd0, 0xfdef },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xfffe, 0xffff },
		{ 0x1fffe, 0x1ffff },
		{ 0xe0000, 0xe007f },
		{ 0x10fffe, 0x110000 },
		{ 0xffffffff, 0xffffffff },
	};
	uint64_t code;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (code = cases[i].first; code <= cases[i].last; code++)
			if (text_width((uint32_t)code) != -1)
				fail_msg("U+%04X", (unsigned)code);
}

static void
without_a_utf8_locale_letters_still_count(void **state)
{
	(void)state;
	assert_int_equal(text_width('a'), 1);
	assert_int_equal(text_width(0xe9), 1);
	assert_int_equal(text_width(0x416), 1);
	/* musl knows its width in every locale. */
	assert_in_range(text_width(0x4e16), 1, 2);
	assert_int_equal(text_width(0x9b), -1);
	assert_int_equal(text_width(0x202e), -1);
}

/* ------------------------------------------------------------ clusters --- */

static void
what_shares_a_place_is_one_cluster(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		size_t taken;
		int width;
	} cases[] = {
		{ BYTES(""), 0, 0 },
		{ BYTES("ab"), 1, 1 },
		{ BYTES("a"), 1, 1 },
		{ BYTES("\ta"), 1, 0 },
		{ BYTES("e\xcc\x81"
			"f"),
		    3, 1 },
		{ BYTES("\xcc\x81"
			"f"),
		    2, 0 },
		{ BYTES("\xe4\xb8\x96\xe7\x95\x8c"), 3, 2 },
		/* Hangul in its parts: one syllable */
		{ BYTES("\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8x"), 9, 2 },
		/* a heart, as text and as an emoji */
		{ BYTES("\xe2\x9d\xa4x"), 3, 1 },
		{ BYTES("\xe2\x9d\xa4\xef\xb8\x8fx"), 6, 2 },
		/* thumbs up with a skin tone */
		{ BYTES("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbdx"), 8, 2 },
		/* a tone by itself, after a letter */
		{ BYTES("a\xf0\x9f\x8f\xbd"), 1, 1 },
		/* man, woman, girl, joined */
		{ BYTES("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"
			"\xe2\x80\x8d\xf0\x9f\x91\xa7x"),
		    18, 2 },
		/* a joiner between letters joins no more than itself */
		{ BYTES("a\xe2\x80\x8d"
			"b"),
		    4, 1 },
		/* a flag, and half of the next one */
		{ BYTES("\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab"), 8,
		    2 },
		{ BYTES("\xf0\x9f\x87\xa9x"), 4, 1 },
	};
	int width;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    text_cluster_len(cases[i].s, cases[i].len, &width),
		    cases[i].taken);
		assert_int_equal(width, cases[i].width);
	}
}

static void
a_cluster_ends_at_its_greatest_size(void **state)
{
	char s[200];
	size_t at = 0, taken;
	int width;

	(void)state;
	while (at < 140) { /* man and joiner, for ever */
		memcpy(s + at, "\xf0\x9f\x91\xa8\xe2\x80\x8d", 7);
		at += 7;
	}
	taken = text_cluster_len(s, at, &width);
	assert_in_range(taken, 1, TEXT_CLUSTER_SIZE);
	assert_int_equal(width, 2);
}

/* ---------------------------------------------------------------- gate --- */

static void
text_passes_the_gate(void **state)
{
	static const struct gate_case cases[] = {
		{ BYTES(""), "" },
		{ BYTES("plain text, ~ and \\"), "plain text, ~ and \\" },
		{ BYTES("a\tb"), "a\tb" },
		{ BYTES("h\xc3\xa9llo \xe4\xb8\x96\xe7\x95\x8c"),
		    "h\xc3\xa9llo \xe4\xb8\x96\xe7\x95\x8c" },
		{ BYTES("e\xcc\x81"), "e\xcc\x81" },
		{ BYTES("\xf0\x9f\xab\xa8"), "\xf0\x9f\xab\xa8" },
		{ BYTES("\a"), "\a" },
		/* newlines */
		{ BYTES("a\nb"), "a\nb" },
		{ BYTES("a\rb"), "a\nb" },
		{ BYTES("a\r\nb"), "a\nb" },
		{ BYTES("a\n\rb"), "a\n\nb" },
		{ BYTES("a\r\r\nb"), "a\n\nb" },
		{ BYTES("\r\n\r\n"), "\n\n" },
		{ BYTES("a\r\x01\nb"), "a\n^A\nb" },
	};

	(void)state;
	CHECK_GATE(cases);
}

static void
what_is_no_utf8_is_read_as_8859_1(void **state)
{
	static const struct gate_case cases[] = {
		{ BYTES("caf\xe9 ol\xe9"), "caf\xc3\xa9 ol\xc3\xa9" },
		{ BYTES("caf\xe9 \xc3\xa9t\xc3\xa9"),
		    "caf\xc3\xa9 \xc3\xa9t\xc3\xa9" },
		{ BYTES("\xe9\xe8\xe0"), "\xc3\xa9\xc3\xa8\xc3\xa0" },
		{ BYTES("\xff\xfe"), "\xc3\xbf\xc3\xbe" },
		{ BYTES("\xa0\xbf"), "\xc2\xa0\xc2\xbf" },
		{ BYTES("\xe9\n"), "\xc3\xa9\n" },
		{ BYTES("\xe9\x01"), "\xc3\xa9^A" },
		/* tails cut off */
		{ BYTES("\xc3"), "\xc3\x83" },
		{ BYTES("\xe4\xb8"), "\xc3\xa4\xc2\xb8" },
		{ BYTES("\xe4\xb8x"), "\xc3\xa4\xc2\xb8x" },
		{ BYTES("\xf0\x9f\x98"), "\xc3\xb0" },
		{ BYTES("\xf0\xa4\xad"), "\xc3\xb0\xc2\xa4\xc2\xad" },
		/* overlong, surrogate, beyond Unicode; some begin a C1 */
		{ BYTES("\xc0\xaf"), "\xc3\x80\xc2\xaf" },
		{ BYTES("\xe0\xa0z"), "\xc3\xa0\xc2\xa0z" },
		{ BYTES("\xed\xa0\xa0"), "\xc3\xad\xc2\xa0\xc2\xa0" },
		{ BYTES("\xf5\xb0"), "\xc3\xb5\xc2\xb0" },
	};

	(void)state;
	CHECK_GATE(cases);
}

static const struct gate_case controls[] = {
	{ BYTES("\0"), "^@" },
	{ BYTES("\x01"), "^A" },
	{ BYTES("\x05"), "^E" }, /* ENQ, which has terminals answer */
	{ BYTES("\b"), "^H" },
	{ BYTES("\v\f"), "^K^L" },
	{ BYTES("\x0e\x0f"), "^N^O" },
	{ BYTES("\x18\x1a"), "^X^Z" },
	{ BYTES("\x1c\x1d\x1e\x1f"), "^\\^]^^^_" },
	{ BYTES("\x7f"), "^?" },
	/* C1, as bytes and as UTF-8, that begin no sequence */
	{ BYTES("a\x80"
		"b\x84"
		"c\x85"
		"d\x8d"
		"e\x9c"
		"f"),
	    "abcdef" },
	{ BYTES("a\xc2\x80"
		"b\xc2\x84"
		"c\xc2\x85"
		"d\xc2\x9c"
		"e\xc2\x99"
		"f"),
	    "abcdef" },
	/* U+2028, U+2029 */
	{ BYTES("a\xe2\x80\xa8"
		"b\xe2\x80\xa9"
		"c"),
	    "abc" },
	/* bidirectional: 61C 200E 200F 202A 202E 2066 2069 */
	{ BYTES("a\xd8\x9c"
		"b\xe2\x80\x8e"
		"c\xe2\x80\x8f"
		"d"),
	    "abcd" },
	{ BYTES("a\xe2\x80\xaa"
		"b\xe2\x80\xae"
		"c\xe2\x81\xa6"
		"d\xe2\x81\xa9"
		"e"),
	    "abcde" },
	/* byte order mark, annotations, tags, no characters */
	{ BYTES("\xef\xbb\xbf"
		"a"),
	    "a" },
	{ BYTES("a\xef\xbf\xb9"
		"b\xef\xbf\xba"
		"c\xef\xbf\xbb"
		"d"),
	    "abcd" },
	{ BYTES("a\xf3\xa0\x80\x81"
		"b\xf3\xa0\x81\xbf"
		"c"),
	    "abc" },
	{ BYTES("a\xef\xbf\xbe"
		"b\xef\xb7\x90"
		"c"),
	    "abc" },
};

static void
controls_are_shown_and_never_pass(void **state)
{

	(void)state;
	CHECK_GATE(controls);
}

static const struct gate_case sequences[] = {
	/* CSI */
	{ BYTES("a\x1b[31mb"), "ab" },
	{ BYTES("a\x1b[mb\x1b[1;2;3Hc"), "abc" },
	{ BYTES("a\x1b[?25lb\x1b[>cd"), "abd" },
	{ BYTES("a\x1b[0 qb"), "ab" },
	{ BYTES("a\x9b"
		"31mb"),
	    "ab" },
	{ BYTES("a\xc2\x9b"
		"31mb"),
	    "ab" },
	{ BYTES("caf\xe9\x9b"
		"31mb"),
	    "caf\xc3\xa9"
	    "b" },
	/* OSC, by each of its ends */
	{ BYTES("a\x1b]0;title\ab"), "ab" },
	{ BYTES("a\x1b]0;title\x1b\\b"), "ab" },
	{ BYTES("a\x1b]0;title\x9c"
		"b"),
	    "ab" },
	{ BYTES("a\x1b]0;title\xc2\x9c"
		"b"),
	    "ab" },
	{ BYTES("a\x9d"
		"0;title\ab"),
	    "ab" },
	{ BYTES("a\xc2\x9d"
		"0;title\ab"),
	    "ab" },
	/* within UTF-8 the byte 9C is no ST */
	{ BYTES("a\x1b]0;\xe2\x9c\x93 done\ab"), "ab" },
	/* DCS, SOS, PM, APC */
	{ BYTES("a\x1bP1$r\x1b\\b\x90q\x1b\\c\xc2\x90q\x9c"
		"d"),
	    "abcd" },
	{ BYTES("a\x1bXsos\x1b\\b\x98sos\x9c"
		"c"),
	    "abc" },
	{ BYTES("a\x1b^pm\x1b\\b\x9epm\x1b\\c"), "abc" },
	{ BYTES("a\x1b_apc\x1b\\b\x9f"
		"apc\x1b\\c"),
	    "abc" },
	/* ESC and one more, with and without intermediates */
	{ BYTES("a\x1b"
		"7b\x1b"
		"8c\x1b"
		"cd\x1b=e"),
	    "abcde" },
	{ BYTES("a\x1b(Bb\x1b#8c\x1b%Gd\x1b$(Ce"), "abcde" },
	{ BYTES("a\x1b([b"), "ab" },
	/* single shifts: F1 and cursor keys */
	{ BYTES("a\x1bOPb\x1bOAc\x1bNxd\x8f"
		"Ae"),
	    "abcde" },
	/* newlines end them, and stay */
	{ BYTES("a\x1b[31\nb"), "a\nb" },
	{ BYTES("a\x1b]0;title\nb"), "a\nb" },
	{ BYTES("a\x1b]0;title\r\nb"), "a\nb" },
	{ BYTES("a\x1bP\rb"), "a\nb" },
	{ BYTES("a\x1b\nb"), "a\nb" },
	/* cancelled */
	{ BYTES("a\x1b[31\x18"
		"b\x1b]0;t\x1a"
		"c"),
	    "abc" },
	/* ESC within begins anew */
	{ BYTES("a\x1b[3\x1b[31mb"), "ab" },
	{ BYTES("a\x1b]0;t\x1b[31mb"), "ab" },
	{ BYTES("a\x1b\x1b\x1b[31mb"), "ab" },
	{ BYTES("a\x1b[3\x9b"
		"31mb"),
	    "ab" },
	/* controls within go with them; a bell within rings not */
	{ BYTES("a\x1b[3\x01\x7f\a1mb"), "ab" },
	/* what is no ASCII can be no part of them but in a string */
	{ BYTES("a\x1b\xc3\xa9"
		"b"),
	    "a\xc3\xa9"
	    "b" },
	{ BYTES("a\x1b[3\xe9 b"), "a\xc3\xa9 b" },
	{ BYTES("a\x1b_\xc3\xa9\xe9\x1b\\b"), "ab" },
	/* unfinished */
	{ BYTES("a\x1b"), "a" },
	{ BYTES("a\x1b["), "a" },
	{ BYTES("a\x1b]0;t\xe9"), "a" },
};

static void
escape_sequences_vanish_whole(void **state)
{

	(void)state;
	CHECK_GATE(sequences);
}

static void
an_endless_sequence_is_over_after_256_bytes(void **state)
{
	static const char *const begins[] = { "\x1b[", "\x1b]", "\x1bP",
		"\x1b(", "\x9b", "\xc2\x9d" };
	char in[TEXT_ESCAPE_MAX + 8], out[OUT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		memset(in, ' ', sizeof(in));
		memcpy(in, begins[i], strlen(begins[i]));
		memcpy(in + TEXT_ESCAPE_MAX, "text", 4);
		through_gate(in, TEXT_ESCAPE_MAX + 4, out, true);
		assert_string_equal(out, "text");
		through_gate(in, TEXT_ESCAPE_MAX, out, true);
		assert_string_equal(out, "");
	}
}

static void
marks_are_limited_and_need_a_base(void **state)
{
	static const struct gate_case cases[] = {
		{ BYTES("\xcc\x81"
			"a"),
		    "a" },
		{ BYTES("a\n\xcc\x81"), "a\n" },
		{ BYTES("a\t\xcc\x81"), "a\t" },
		{ BYTES("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86"
			"f\xcc\x81"),
		    "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84"
		    "f\xcc\x81" },
		/* what vanishes is no base, and no way round the limit */
		{ BYTES("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\x1b[m\xef\xbb\xbf"
			"\xcc\x85"),
		    "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84" },
	};

	(void)state;
	CHECK_GATE(cases);
}

static void
a_character_cut_short_takes_no_text_along(void **state)
{
	uint32_t out[TEXT_GATE_SIZE];
	struct text_gate gate;

	(void)state;
	text_gate_init(&gate);
	assert_true(text_gate_is_idle(&gate));
	assert_int_equal(text_gate_byte(&gate, 0xf0, out), 0);
	assert_int_equal(text_gate_byte(&gate, 0x9f, out), 0);
	assert_false(text_gate_is_idle(&gate));
	assert_int_equal(text_gate_flush(&gate, out), 1);
	assert_int_equal(out[0], 0xf0);
	assert_true(text_gate_is_idle(&gate));
	assert_int_equal(text_gate_byte(&gate, 'x', out), 1);
	assert_int_equal(out[0], 'x');
	assert_int_equal(text_gate_flush(&gate, out), 0);
}

/* Whatever comes in, nothing but safe characters comes out. */
static void
no_bytes_bring_a_control_through(void **state)
{
	static const char nasty[] = "\x1b\x1b[]P_^X(mB;1?\a\\\x9b\x9c\x9d\x90"
				    "\xc2\xe2\xf0\x80\x8e\xae\xcc\x81\r\n\t\x7f"
				    "aZ\xe9\xff";
	uint32_t out[TEXT_GATE_SIZE], seed = 1;
	struct text_gate gate;
	int count, i, step;

	(void)state;
	text_gate_init(&gate);
	for (step = 0; step < 2000000; step++) {
		seed = seed * 1664525 + 1013904223;
		count = text_gate_byte(&gate,
		    seed >> 31
			? (uint8_t)nasty[(seed >> 8) % (sizeof(nasty) - 1)]
			: (uint8_t)(seed >> 16),
		    out);
		assert_in_range(count, 0, TEXT_GATE_SIZE);
		for (i = 0; i < count; i++)
			if (out[i] != '\n' && out[i] != '\t' &&
			    out[i] != '\a' && text_width(out[i]) < 0)
				fail_msg("U+%04X passed", (unsigned)out[i]);
	}
}

static void
a_run_ends_where_text_is_no_ascii_or_something_is_under_way(void **state)
{
	uint32_t out[TEXT_GATE_SIZE];
	struct text_gate gate;

	(void)state;
	text_gate_init(&gate);
	assert_int_equal(text_gate_run(&gate, "a b~\n", 5), 4);
	assert_int_equal(text_gate_run(&gate, "\x7fx", 2), 0);
	assert_int_equal(text_gate_run(&gate, "\xe9x", 2), 0);
	assert_int_equal(text_gate_run(&gate, "x", 0), 0);
	(void)text_gate_byte(&gate, 0xc3, out);
	assert_int_equal(text_gate_run(&gate, "x", 1), 0);
	text_gate_init(&gate);
	(void)text_gate_byte(&gate, 0x1b, out);
	assert_int_equal(text_gate_run(&gate, "[31m", 4), 0);
}

/* --------------------------------------------------------------- names --- */

static void
a_name_is_graphic_ascii_and_the_rest_escaped(void **state)
{
	static const struct {
		size_t size;
		const char *name;
		size_t len;
		const char *out;
	} cases[] = {
		{ 32, BYTES("alice"), "alice" },
		{ 32, BYTES(""), "" },
		{ 32, BYTES("a b"), "a\\040b" },
		{ 32, BYTES("a\0b"), "a\\000b" },
		{ 32, BYTES("\x1b[2J\a"), "\\033[2J\\007" },
		{ 32, BYTES("jos\xe9"), "jos\\351" },
		{ 32, BYTES("\xc3\xa9\x7f\xff"), "\\303\\251\\177\\377" },
		{ 32, BYTES("%s%n!~"), "%s%n!~" },
		{ 6, BYTES("alice"), "alice" },
		{ 5, BYTES("alice"), "alic" },
		{ 1, BYTES("alice"), "" },
		/* never within an escape */
		{ 6, BYTES("a\nb"), "a\\012" },
		{ 5, BYTES("a\nb"), "a" },
		{ 4, BYTES("\n"), "" },
	};
	char out[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(out, 'x', sizeof(out));
		assert_int_equal(
		    text_name(out, cases[i].size, cases[i].name, cases[i].len),
		    strlen(cases[i].out));
		assert_string_equal(out, cases[i].out);
	}
	out[0] = 'x';
	assert_int_equal(text_name(out, 0, "a", 1), 0);
	assert_int_equal(out[0], 'x');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_decoded_strictly),
		cmocka_unit_test(
		    every_character_survives_encoding_and_decoding),
		cmocka_unit_test(a_character_has_the_width_terminals_give_it),
		cmocka_unit_test(a_pictograph_to_come_is_taken_for_wide),
		cmocka_unit_test(what_may_never_pass_has_no_width),
		cmocka_unit_test_setup_teardown(
		    without_a_utf8_locale_letters_still_count, into_c,
		    into_utf8),
		cmocka_unit_test(what_shares_a_place_is_one_cluster),
		cmocka_unit_test(a_cluster_ends_at_its_greatest_size),
		cmocka_unit_test(text_passes_the_gate),
		cmocka_unit_test(what_is_no_utf8_is_read_as_8859_1),
		cmocka_unit_test(controls_are_shown_and_never_pass),
		cmocka_unit_test(escape_sequences_vanish_whole),
		cmocka_unit_test(an_endless_sequence_is_over_after_256_bytes),
		cmocka_unit_test(marks_are_limited_and_need_a_base),
		cmocka_unit_test(a_character_cut_short_takes_no_text_along),
		cmocka_unit_test(no_bytes_bring_a_control_through),
		cmocka_unit_test(
		    a_run_ends_where_text_is_no_ascii_or_something_is_under_way),
		cmocka_unit_test(a_name_is_graphic_ascii_and_the_rest_escaped),
	};

	return cmocka_run_group_tests_name("text", tests, into_utf8, NULL);
}
