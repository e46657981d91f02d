/*
 * The tests of common/msp: the Message Send Protocol, octet for octet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/msp.h"
#include "common/ntalk.h"

/* A literal and its length, without the NUL that C adds. */
#define OCTETS(literal) (literal), sizeof(literal) - 1

/* The example of RFC 1312, a part a line. */
static const char example[] = "B"
			      "chris\0"
			      "\0"
			      "Hi\r\nHow about lunch?\0"
			      "sandy\0"
			      "console\0"
			      "910806121325\0";

/* The last part, empty, is the NUL that C adds. */
enum { EXAMPLE_SIZE = sizeof(example) };

static const struct msp_message example_message = {
	.version = 'B',
	.recipient = "chris",
	.text = "Hi\r\nHow about lunch?",
	.sender = "sandy",
	.sender_terminal = "console",
	.cookie = "910806121325",
};

/* What a reading said. */
struct outcome {
	enum msp_reading reading;
	size_t used;
	const char *reason;
	struct msp_message message;
};

/*
 * Reads from memory of the very size, so that a look beyond its end is seen.
 */
static struct outcome
read_request(const void *bytes, size_t len, bool ended)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct outcome outcome;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	outcome.reading = msp_get_request(
	    copy, len, ended, &outcome.message, &outcome.used, &outcome.reason);
	free(copy);
	return outcome;
}

static struct outcome
read_datagram(const void *bytes, size_t len)
{
	return read_request(bytes, len, true);
}

static void
assert_messages_equal(const struct msp_message *a, const struct msp_message *b)
{
	assert_int_equal(a->version, b->version);
	assert_string_equal(a->recipient, b->recipient);
	assert_string_equal(a->recipient_terminal, b->recipient_terminal);
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->sender, b->sender);
	assert_string_equal(a->sender_terminal, b->sender_terminal);
	assert_string_equal(a->cookie, b->cookie);
	assert_string_equal(a->signature, b->signature);
}

/* Nothing but, perhaps, the version. */
static void
assert_no_message(const struct msp_message *message, uint8_t version)
{
	const struct msp_message none = { .version = version };

	assert_memory_equal(message, &none, sizeof(none));
}

/* A request of version 2 with so many octets, all in its text. */
static void
fill_request(uint8_t *bytes, size_t size)
{
	memset(bytes, 'x', size);
	memcpy(bytes, "Bbob\0", 6);
	memset(bytes + size - 5, '\0', 5);
}

/* ---------------------------------------------------- reading requests --- */

static void
the_example_of_the_rfc_is_57_octets_and_reads_as_it_says(void **state)
{
	struct outcome outcome = read_datagram(example, EXAMPLE_SIZE);

	(void)state;
	assert_int_equal(EXAMPLE_SIZE, 57);
	assert_int_equal(outcome.reading, MSP_WHOLE);
	assert_int_equal(outcome.used, 57);
	assert_null(outcome.reason);
	assert_messages_equal(&outcome.message, &example_message);
}

static void
a_request_of_version_1_has_three_parts(void **state)
{
	const struct msp_message want = {
		.version = 'A',
		.recipient = "chris",
		.recipient_terminal = "tty1",
		.text = "Hi",
	};
	struct outcome outcome = read_datagram(OCTETS("Achris\0tty1\0Hi\0"));

	(void)state;
	assert_int_equal(outcome.reading, MSP_WHOLE);
	assert_int_equal(outcome.used, 15);
	assert_messages_equal(&outcome.message, &want);
}

static void
any_part_may_be_empty(void **state)
{
	static const char *const full[] = { "r", "t", "m", "s", "u", "c", "g" };
	const char *want[7];
	uint8_t bytes[MSP_SIZE];
	struct outcome outcome;
	unsigned int present;
	size_t len, i;

	(void)state;
	for (present = 0; present < 1U << 7; present++) {
		len = 0;
		bytes[len++] = 'B';
		for (i = 0; i < 7; i++) {
			want[i] = present >> i & 1 ? full[i] : "";
			memcpy(bytes + len, want[i], strlen(want[i]) + 1);
			len += strlen(want[i]) + 1;
		}
		outcome = read_datagram(bytes, len);
		assert_int_equal(outcome.reading, MSP_WHOLE);
		assert_int_equal(outcome.used, len);
		assert_string_equal(outcome.message.recipient, want[0]);
		assert_string_equal(
		    outcome.message.recipient_terminal, want[1]);
		assert_string_equal(outcome.message.text, want[2]);
		assert_string_equal(outcome.message.sender, want[3]);
		assert_string_equal(outcome.message.sender_terminal, want[4]);
		assert_string_equal(outcome.message.cookie, want[5]);
		assert_string_equal(outcome.message.signature, want[6]);
	}
}

static void
dev_before_a_terminal_is_dropped(void **state)
{
	static const struct {
		const char *wire;
		size_t len;
		const char *to;
		const char *from;
	} cases[] = {
		{ OCTETS("B\0/dev/pts/3\0\0\0/dev/tty1\0\0\0"), "pts/3",
		    "tty1" },
		{ OCTETS("B\0/dev/\0\0\0/dev\0\0\0"), "", "/dev" },
		{ OCTETS("B\0pts/3\0\0\0x/dev/tty1\0\0\0"), "pts/3",
		    "x/dev/tty1" },
		{ OCTETS("B\0*\0\0\0\0\0\0"), MSP_EVERY_TERMINAL, "" },
		{ OCTETS("A\0/dev/console\0\0"), "console", "" },
	};
	struct outcome outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		outcome = read_datagram(cases[i].wire, cases[i].len);
		assert_int_equal(outcome.reading, MSP_WHOLE);
		assert_string_equal(
		    outcome.message.recipient_terminal, cases[i].to);
		assert_string_equal(
		    outcome.message.sender_terminal, cases[i].from);
	}
}

static void
octets_behind_the_last_nul_are_left_alone(void **state)
{
	uint8_t bytes[MSP_SIZE * 2];
	struct outcome outcome;
	size_t len;

	(void)state;
	memset(bytes, 'B', sizeof(bytes));
	memcpy(bytes, example, EXAMPLE_SIZE);
	for (len = EXAMPLE_SIZE; len <= sizeof(bytes); len++) {
		outcome = read_datagram(bytes, len);
		assert_int_equal(outcome.reading, MSP_WHOLE);
		assert_int_equal(outcome.used, EXAMPLE_SIZE);
		assert_messages_equal(&outcome.message, &example_message);
	}
}

static void
a_request_that_lacks_octets_is_awaited_or_at_the_end_refused(void **state)
{
	struct outcome outcome;
	size_t len;

	(void)state;
	for (len = 1; len < EXAMPLE_SIZE; len++) {
		outcome = read_request(example, len, false);
		assert_int_equal(outcome.reading, MSP_MORE);
		assert_int_equal(outcome.used, 0);
		assert_null(outcome.reason);
		assert_no_message(&outcome.message, 0);

		outcome = read_datagram(example, len);
		assert_int_equal(outcome.reading, MSP_LOST);
		assert_int_equal(outcome.used, len);
		assert_string_equal(
		    outcome.reason, "the message is not complete");
		assert_no_message(&outcome.message, 'B');
	}
}

static void
a_request_has_less_than_512_octets(void **state)
{
	uint8_t bytes[600];
	struct outcome outcome;
	size_t size, len;

	(void)state;
	fill_request(bytes, 511);
	outcome = read_datagram(bytes, 511);
	assert_int_equal(outcome.reading, MSP_WHOLE);
	assert_int_equal(outcome.used, 511);
	assert_int_equal(strlen(outcome.message.text), 500);

	for (size = 512; size < sizeof(bytes); size++) {
		fill_request(bytes, size);
		for (len = 511; len <= size; len++) {
			outcome = read_request(bytes, len, len == size);
			assert_int_equal(outcome.reading, MSP_LOST);
			assert_int_equal(outcome.used, len);
			assert_string_equal(
			    outcome.reason, "the message is too long");
			assert_no_message(&outcome.message, 'B');
		}
	}
}

static void
each_part_may_fill_the_request(void **state)
{
	uint8_t bytes[MSP_SIZE];
	struct outcome outcome;
	size_t part;

	(void)state;
	for (part = 0; part < 7; part++) {
		memset(bytes, '\0', sizeof(bytes));
		memset(bytes + 1 + part, 'x', MSP_SIZE - 8);
		bytes[0] = 'B';
		outcome = read_datagram(bytes, sizeof(bytes));
		assert_int_equal(
		    outcome.reading, part == 5 ? MSP_REFUSED : MSP_WHOLE);
	}
	memset(bytes, '\0', sizeof(bytes));
	memset(bytes + 3, 'x', MSP_SIZE - 4);
	bytes[0] = 'A';
	outcome = read_datagram(bytes, sizeof(bytes));
	assert_int_equal(outcome.reading, MSP_WHOLE);
	assert_int_equal(strlen(outcome.message.text), MSP_PART_SIZE - 1);
}

static void
a_cookie_of_more_than_32_octets_is_refused_and_the_next_is_read(void **state)
{
	static const char wire[] = "Bbob\0\0Hi\0\0\0"
				   "0123456789abcdef0123456789abcdef!\0\0"
				   "B\0\0\0\0\0"
				   "0123456789abcdef0123456789abcdef\0";
	struct outcome outcome = read_request(wire, sizeof(wire), false);

	(void)state;
	assert_int_equal(outcome.reading, MSP_REFUSED);
	assert_string_equal(outcome.reason, "the cookie is too long");
	assert_no_message(&outcome.message, 'B');
	outcome = read_request(
	    wire + outcome.used, sizeof(wire) - outcome.used, false);
	assert_int_equal(outcome.reading, MSP_WHOLE);
	assert_string_equal(
	    outcome.message.cookie, "0123456789abcdef0123456789abcdef");
}

static void
bytes_of_any_value_are_passed_on(void **state)
{
	uint8_t bytes[MSP_SIZE] = { 'B' };
	struct outcome outcome;
	unsigned int value;

	(void)state;
	for (value = 1; value < 256; value++)
		bytes[2 + value] = (uint8_t)value;
	outcome = read_datagram(bytes, 2 + 256 + 5);
	assert_int_equal(outcome.reading, MSP_WHOLE);
	assert_memory_equal(outcome.message.text, bytes + 3, 256);
}

/* ------------------------------------------------------------- streams --- */

/* How a stream ended, and what was in it. */
struct story {
	char text[64]; /* the texts of its requests, each ended by a bar */
	enum msp_reading last;
	size_t most; /* octets that had to be kept */
};

/* Reads a stream that comes in pieces of so many octets. */
static struct story
read_stream(const char *wire, size_t len, size_t piece)
{
	struct story story = { .last = MSP_MORE };
	struct outcome outcome;
	size_t from = 0, to = 0, at;

	while (story.last == MSP_MORE && to < len) {
		to = to + piece < len ? to + piece : len;
		do {
			outcome = read_request(
			    wire + from, to - from, to == len);
			from += outcome.used;
			at = strlen(story.text);
			if (outcome.reading == MSP_WHOLE)
				snprintf(story.text + at,
				    sizeof(story.text) - at, "%s|",
				    outcome.message.text);
			else if (outcome.reading == MSP_REFUSED)
				snprintf(story.text + at,
				    sizeof(story.text) - at, "!|");
		} while (outcome.reading == MSP_WHOLE ||
		    outcome.reading == MSP_REFUSED);
		story.last = outcome.reading;
		if (story.last == MSP_MORE && to - from > story.most)
			story.most = to - from;
	}
	return story;
}

static void
a_stream_reads_the_same_in_pieces_of_any_size(void **state)
{
	static const struct {
		const char *wire;
		size_t len;
		const char *text;
		enum msp_reading last;
	} cases[] = {
		{ OCTETS("Bb\0\0one\0\0\0\0\0Bb\0\0two\0\0\0\0\0"), "one|two|",
		    MSP_MORE },
		{ OCTETS("Bb\0\0one\0\0\0\0\0Ab\0\0two\0Bb\0\0\0\0\0\0\0"),
		    "one|two||", MSP_MORE },
		{ OCTETS("\r\nBb\0\0one\0\0\0\0\0\0\0\r\nAb\0\0two\0\n\0\0"),
		    "one|two|", MSP_MORE },
		{ OCTETS("Bb\0\0one\0\0\0\0\0Bb\0\0two\0\0\0\0"), "one|",
		    MSP_LOST },
		{ OCTETS("Bb\0\0one\0\0\0\0\0and more"), "one|", MSP_FOREIGN },
		{ OCTETS("GET / HTTP/1.0\r\n\r\n"), "", MSP_FOREIGN },
		{ OCTETS("Bb\0\0one\0\0\0"
			 "123456789012345678901234567890123\0\0Ab\0\0two\0"),
		    "!|two|", MSP_MORE },
	};
	struct story story;
	size_t i, piece;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (piece = 1; piece <= cases[i].len; piece++) {
			story = read_stream(cases[i].wire, cases[i].len, piece);
			assert_string_equal(story.text, cases[i].text);
			assert_int_equal(story.last, cases[i].last);
		}
	}
}

static void
an_endless_stream_is_given_up_before_512_octets_are_kept(void **state)
{
	static char wire[4096];
	const char *const begins[] = { "B", "A", "\r\nBbob", "" };
	struct story story;
	size_t i, piece;

	(void)state;
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		memset(wire, begins[i][0] != '\0' ? 'x' : '\0', sizeof(wire));
		memcpy(wire, begins[i], strlen(begins[i]));
		for (piece = 1; piece <= 512; piece++) {
			story = read_stream(wire, sizeof(wire), piece);
			assert_int_equal(story.last,
			    begins[i][0] != '\0' ? MSP_LOST : MSP_MORE);
			assert_true(story.most < MSP_SIZE);
		}
	}
}

static void
a_stream_that_ends_between_two_requests_owes_nothing(void **state)
{
	struct outcome outcome;

	(void)state;
	outcome = read_request("", 0, true);
	assert_int_equal(outcome.reading, MSP_MORE);
	assert_null(outcome.reason);
	outcome = read_request(OCTETS("\0\r\n"), true);
	assert_int_equal(outcome.reading, MSP_MORE);
	assert_int_equal(outcome.used, 3);
}

/* ------------------------------------------------------------ dialects --- */

static void
a_datagram_is_known_by_its_begin(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool want;
	} cases[] = {
		{ OCTETS(""), false },
		{ OCTETS("A"), true },
		{ OCTETS("B"), true },
		{ OCTETS("Bchris\0"), true },
		{ OCTETS("B\0*\0"), true },
		{ OCTETS("A\0\0\0"), true },
		{ OCTETS("B\xe9ric"), true },
		{ OCTETS("Cchris\0"), false },
		{ OCTETS("@chris\0"), false },
		{ OCTETS("bchris\0"), false },
		{ OCTETS("\nBchris\0"), false },
		{ OCTETS("B\x01\0\0"), false },
		{ OCTETS("B\x1f"), false },
	};
	uint8_t first;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(msp_is_request((const uint8_t *)cases[i].bytes,
				     cases[i].len),
		    cases[i].want);
	/* ntalk's version, and otalk's types */
	for (first = 0; first <= 6; first++)
		assert_false(msp_is_request(&first, 1));
}

static void
an_ntalk_question_of_any_version_is_no_message(void **state)
{
	struct talk_request req = { .l_name = "alice", .r_name = "bob" };
	uint8_t bytes[NTALK_REQUEST_SIZE];
	unsigned int version;

	(void)state;
	for (req.type = TALK_LOOK_UP; req.type <= TALK_ANNOUNCE; req.type++) {
		ntalk_put_request(&req, bytes);
		for (version = 0; version < 256; version++) {
			bytes[0] = (uint8_t)version;
			assert_false(msp_is_request(bytes, sizeof(bytes)));
		}
	}
}

/* ---------------------------------------------------- writing requests --- */

static void
the_example_of_the_rfc_is_written_octet_for_octet(void **state)
{
	struct msp_message message = example_message;
	uint8_t bytes[MSP_SIZE];
	const char *reason;

	(void)state;
	assert_int_equal(msp_put_request(&message, bytes, &reason), 57);
	assert_null(reason);
	assert_memory_equal(bytes, example, 57);
	snprintf(message.text, sizeof(message.text), "Hi\nHow about lunch?");
	assert_int_equal(msp_put_request(&message, bytes, &reason), 57);
	assert_memory_equal(bytes, example, 57);
}

static void
version_1_is_written_without_what_it_does_not_have(void **state)
{
	const struct msp_message message = {
		.version = 'A',
		.recipient = "chris",
		.recipient_terminal = "tty1",
		.text = "Hi\n",
		.sender = "sandy",
		.cookie = "1",
	};
	uint8_t bytes[MSP_SIZE];
	const char *reason;

	(void)state;
	assert_int_equal(msp_put_request(&message, bytes, &reason), 17);
	assert_memory_equal(bytes, "Achris\0tty1\0Hi\r\n\0", 17);
}

static void
no_other_version_is_written(void **state)
{
	struct msp_message message = example_message;
	uint8_t bytes[MSP_SIZE];
	unsigned int version;
	const char *reason;

	(void)state;
	for (version = 0; version < 256; version++) {
		if (version == 'A' || version == 'B')
			continue;
		message.version = (uint8_t)version;
		assert_int_equal(msp_put_request(&message, bytes, &reason), 0);
		assert_non_null(reason);
	}
}

static void
text_is_written_when_each_character_is_permitted(void **state)
{
	static const struct {
		const char *text;
		const char *wire; /* NULL when it is refused */
	} cases[] = {
		{ "", "" }, { "a\tb ~", "a\tb ~" },
		{ "a\nb\r\nc\n", "a\r\nb\r\nc\r\n" }, { "\n\n", "\r\n\r\n" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "gr\xfc\xdf", "gr\xfc\xdf" },
		{ "\xe2\x82\xac \xf0\x9f\x98\x80",
		    "\xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\rb", NULL }, { "a\r", NULL }, { "a\r\r\nb", NULL },
		{ "\033[2J", NULL }, { "\a", NULL }, { "\x01", NULL },
		{ "\b", NULL }, { "\f", NULL }, { "\v", NULL },
		{ "\x7f", NULL },
		{ "\x9b"
		  "2J",
		    NULL },
		{ "\xc2\x9b"
		  "2J",
		    NULL },
		{ "\xe2\x80\xa8", NULL },     /* U+2028 */
		{ "\xe2\x80\xae", NULL },     /* U+202E */
		{ "\xef\xbb\xbf", NULL },     /* U+FEFF */
		{ "\xf3\xa0\x81\x81", NULL }, /* U+E0041 */
		{ "\xc0\x9b", NULL },	      /* overlong */
		{ "\xed\xa0\x80", NULL },     /* a surrogate */
		{ "\xe2\x82", NULL },	      /* broken off */
	};
	struct msp_message message = { .version = 'A' };
	uint8_t bytes[MSP_SIZE];
	const char *reason;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(
		    message.text, sizeof(message.text), "%s", cases[i].text);
		len = msp_put_request(&message, bytes, &reason);
		if (cases[i].wire == NULL) {
			assert_int_equal(len, 0);
			assert_string_equal(reason,
			    "the message holds more than printable "
			    "characters");
			continue;
		}
		assert_int_equal(len, 3 + strlen(cases[i].wire) + 1);
		assert_string_equal((char *)bytes + 3, cases[i].wire);
	}
}

static void
a_name_is_written_when_it_is_graphic_ascii(void **state)
{
	struct msp_message message = example_message;
	char *const names[] = { message.recipient, message.recipient_terminal,
		message.sender, message.sender_terminal, message.cookie,
		message.signature };
	uint8_t bytes[MSP_SIZE];
	const char *reason;
	unsigned int value;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (value = 1; value < 256; value++) {
			snprintf(names[i], 4, "a%cb", (char)value);
			len = msp_put_request(&message, bytes, &reason);
			assert_int_equal(len > 0, value > 0x20 && value < 0x7f);
			assert_int_equal(len > 0, reason == NULL);
		}
		names[i][0] = '\0';
	}
}

static void
what_does_not_fit_is_refused_and_never_cut(void **state)
{
	struct msp_message message = { .version = 'B', .recipient = "bob" };
	uint8_t bytes[MSP_SIZE + 1];
	const char *reason;
	size_t most = MSP_SIZE - 1 - 7 - strlen("bob"), i;

	(void)state;
	bytes[MSP_SIZE] = 0x5a;
	memset(message.text, 'x', most);
	assert_int_equal(msp_put_request(&message, bytes, &reason), MSP_SIZE);
	message.text[most] = 'x';
	assert_int_equal(msp_put_request(&message, bytes, &reason), 0);
	assert_string_equal(reason, "the message is too long");
	/* a line end is two octets there */
	message.text[most] = '\0';
	message.text[most / 2] = '\n';
	assert_int_equal(msp_put_request(&message, bytes, &reason), 0);
	message.text[most - 1] = '\0';
	assert_int_equal(msp_put_request(&message, bytes, &reason), MSP_SIZE);
	/* nor is there room for the NULs of the parts behind */
	for (i = 1; i < 10; i++) {
		memset(message.text, 'x',
		    most + i < MSP_PART_SIZE ? most + i : MSP_PART_SIZE);
		assert_int_equal(msp_put_request(&message, bytes, &reason), 0);
		assert_non_null(reason);
	}
	assert_int_equal(bytes[MSP_SIZE], 0x5a);
}

static void
a_part_without_its_nul_is_refused(void **state)
{
	struct msp_message message = { .version = 'B' };
	uint8_t bytes[MSP_SIZE];
	const char *reason;

	(void)state;
	memset(message.cookie, 'x', 32);
	assert_true(msp_put_request(&message, bytes, &reason) > 0);
	memset(message.cookie, 'x', sizeof(message.cookie));
	assert_int_equal(msp_put_request(&message, bytes, &reason), 0);
	assert_string_equal(reason, "the cookie is too long");
	memset(&message, 'x', sizeof(message));
	message.version = 'B';
	assert_int_equal(msp_put_request(&message, bytes, &reason), 0);
	assert_string_equal(reason, "the recipient's name is too long");
}

/* -------------------------------------------------------------- pieces --- */

enum { PIECE_ROOM = 10 }; /* octets left for the text */

/* Other parts that leave a text PIECE_ROOM octets on the wire. */
static struct msp_message
crowded(void)
{
	struct msp_message message = { .version = 'B' };

	memset(message.sender, 's', MSP_SIZE - 1 - 7 - PIECE_ROOM);
	return message;
}

/* Cuts a text as a sender does: the pieces, each ended by a bar. */
static void
cut_up(const char *text, char *pieces, size_t size)
{
	struct msp_message message = crowded();
	uint8_t bytes[MSP_SIZE];
	size_t left = strlen(text), used, at = 0;
	const char *reason;

	pieces[0] = '\0';
	while (left > 0) {
		used = msp_take_text(&message, text, left);
		assert_true(used > 0 && used <= left);
		assert_true(msp_put_request(&message, bytes, &reason) > 0);
		at += (size_t)snprintf(
		    pieces + at, size - at, "%s|", message.text);
		assert_true(at < size);
		text += used;
		left -= used;
	}
}

static void
a_long_text_is_cut_where_it_hurts_least(void **state)
{
	static const struct {
		const char *text;
		const char *pieces;
	} cases[] = {
		{ "", "" },
		{ "short", "short|" },
		{ "0123456789", "0123456789|" },
		{ "01234567\n", "01234567\n|" },
		/* at the last line end that fits */
		{ "one\ntwo\nthree", "one\ntwo|three|" },
		{ "one two\nthree", "one two|three|" },
		{ "0123456789\nabc", "0123456789|abc|" },
		{ "0123456789\n", "0123456789|" },
		{ "012345678\nabc", "012345678|abc|" },
		{ "one\r\ntwo\r\nthree", "one\r\ntwo|three|" },
		{ "012345678\r\nabc", "012345678|abc|" },
		/* empty lines stay */
		{ "one\n\nthree four", "one\n|three four|" },
		{ "\n0123456789", "\n01234567|89|" },
		/* else at the last blank */
		{ "one two three", "one two|three|" },
		{ "one\ttwo\tthree", "one\ttwo|three|" },
		{ "0123456789 abc", "0123456789|abc|" },
		{ "one two  three", "one two |three|" },
		/* a piece is never of blanks alone */
		{ "  0123456789", "  01234567|89|" },
		{ "\n\n0123456789", "\n\n012345|6789|" },
		/* else between two characters */
		{ "0123456789abcdefghijkl", "0123456789|abcdefghij|kl|" },
		{ "012345678\xc3\xbc"
		  "9",
		    "012345678|\xc3\xbc"
		    "9|" },
		{ "0123456\xf0\x9f\x98\x80", "0123456|\xf0\x9f\x98\x80|" },
		{ "01234567\xe2\x82\xac", "01234567|\xe2\x82\xac|" },
		{ "0123456\xe2\x82\xac", "0123456\xe2\x82\xac|" },
		{ "012345678\xfc"
		  "9",
		    "012345678\xfc|9|" },
	};
	char pieces[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cut_up(cases[i].text, pieces, sizeof(pieces));
		assert_string_equal(pieces, cases[i].pieces);
	}
}

static void
no_word_of_a_text_of_any_make_is_lost(void **state)
{
	static const char *const words[] = { "a", "\n", " ", "\t", "\xc3\xbc",
		"\xf0\x9f\x98\x80", "word", "\r\n" };
	char text[400], pieces[1600];
	unsigned int seed = 1;
	size_t i, j, k;

	(void)state;
	for (i = 0; i < 2000; i++) {
		for (j = k = 0; j < 60; j++) {
			seed = seed * 1103515245U + 12345U;
			k += (size_t)snprintf(text + k, sizeof(text) - k, "%s",
			    words[seed >> 16 & 7]);
		}
		cut_up(text, pieces, sizeof(pieces));
		for (j = k = 0; text[j] != '\0'; j++) {
			if (strchr(" \t\r\n", text[j]) != NULL)
				continue;
			while (strchr(" \t\r\n|", pieces[k]) != NULL)
				k++;
			assert_int_equal(text[j], pieces[k++]);
		}
	}
}

static void
without_room_no_text_is_taken(void **state)
{
	struct msp_message message = crowded(), full;

	(void)state;
	memset(message.recipient, 'r', PIECE_ROOM);
	assert_int_equal(msp_take_text(&message, "a", 1), 0);
	assert_string_equal(message.text, "");
	message.recipient[PIECE_ROOM - 1] = '\0';
	assert_int_equal(msp_take_text(&message, "a", 1), 1);
	assert_int_equal(msp_take_text(&message, "\n", 1), 0);
	assert_int_equal(msp_take_text(&message, "\xc3\xbc", 2), 0);
	memset(&full, 'x', sizeof(full));
	full.version = 'B';
	assert_int_equal(msp_take_text(&full, "a", 1), 0);
	full = (struct msp_message){ 0 };
	assert_int_equal(msp_take_text(&full, "a", 1), 0);
}

static void
the_text_that_a_version_has_room_for_is_taken_whole(void **state)
{
	struct msp_message message = { .version = 'B' };
	char text[MSP_SIZE * 2];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    msp_take_text(&message, text, sizeof(text)), MSP_SIZE - 8);
	message.version = 'A';
	assert_int_equal(
	    msp_take_text(&message, text, sizeof(text)), MSP_SIZE - 4);
}

static void
a_nul_ends_what_is_taken(void **state)
{
	struct msp_message message = { .version = 'B' };

	(void)state;
	assert_int_equal(msp_take_text(&message, "ab\0cd", 5), 2);
	assert_string_equal(message.text, "ab");
	assert_int_equal(msp_take_text(&message, "\0cd", 3), 0);
	assert_string_equal(message.text, "");
}

/* ------------------------------------------------------------- replies --- */

static void
a_reply_reads_with_and_without_its_nul(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool ended;
		enum msp_reading reading;
		size_t used;
		bool delivered;
		const char *text;
	} cases[] = {
		{ OCTETS("+\0"), false, MSP_WHOLE, 2, true, "" },
		{ OCTETS("-\0"), false, MSP_WHOLE, 2, false, "" },
		{ OCTETS("+ok\0"), false, MSP_WHOLE, 4, true, "ok" },
		{ OCTETS("-no\0+\0"), false, MSP_WHOLE, 4, false, "no" },
		{ OCTETS("\0\r\n-no\0"), false, MSP_WHOLE, 7, false, "no" },
		{ OCTETS("+"), false, MSP_MORE, 0, false, "" },
		{ OCTETS("-no"), false, MSP_MORE, 0, false, "" },
		{ OCTETS("+"), true, MSP_WHOLE, 1, true, "" },
		{ OCTETS("-no"), true, MSP_WHOLE, 3, false, "no" },
		{ OCTETS(""), false, MSP_MORE, 0, false, "" },
		{ OCTETS(""), true, MSP_MORE, 0, false, "" },
		{ OCTETS("\n"), true, MSP_MORE, 1, false, "" },
		{ OCTETS("Achris\0\0Hi\0"), true, MSP_FOREIGN, 11, false, "" },
		{ OCTETS("SSH-2.0\r\n"), false, MSP_FOREIGN, 9, false, "" },
	};
	struct msp_reply reply;
	uint8_t *copy;
	size_t i, used;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		copy = malloc(cases[i].len + 1);
		assert_non_null(copy);
		memcpy(copy + 1, cases[i].bytes, cases[i].len);
		assert_int_equal(msp_get_reply(copy + 1, cases[i].len,
				     cases[i].ended, &reply, &used),
		    cases[i].reading);
		free(copy);
		assert_int_equal(used, cases[i].used);
		assert_int_equal(reply.delivered, cases[i].delivered);
		assert_string_equal(reply.text, cases[i].text);
	}
}

static void
a_reply_without_end_is_taken_as_far_as_it_may_go(void **state)
{
	uint8_t bytes[MSP_SIZE + 100];
	struct msp_reply reply;
	size_t used;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	bytes[0] = '-';
	assert_int_equal(
	    msp_get_reply(bytes, MSP_SIZE - 1, false, &reply, &used), MSP_MORE);
	assert_int_equal(
	    msp_get_reply(bytes, MSP_SIZE, false, &reply, &used), MSP_LOST);
	assert_false(reply.delivered);
	assert_int_equal(strlen(reply.text), MSP_SIZE - 1);
	bytes[0] = '+';
	assert_int_equal(
	    msp_get_reply(bytes, sizeof(bytes), true, &reply, &used), MSP_LOST);
	assert_int_equal(used, sizeof(bytes));
	assert_true(reply.delivered);
	assert_int_equal(strlen(reply.text), MSP_SIZE - 1);
	bytes[MSP_SIZE - 1] = '\0';
	assert_int_equal(
	    msp_get_reply(bytes, sizeof(bytes), false, &reply, &used),
	    MSP_WHOLE);
	assert_int_equal(used, MSP_SIZE);
}

static void
a_reply_is_written_in_printable_ascii(void **state)
{
	static const struct {
		struct msp_reply reply;
		const char *bytes;
		size_t len;
	} cases[] = {
		{ { true, "" }, OCTETS("+\0") },
		{ { false, "" }, OCTETS("-\0") },
		{ { false, "bob is not logged on" },
		    OCTETS("-bob is not logged on\0") },
		{ { false, "\033[2J\a\n\x7f\xc3\xbc~" },
		    OCTETS("-?[2J?????~\0") },
	};
	uint8_t bytes[MSP_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    msp_put_reply(&cases[i].reply, bytes), cases[i].len);
		assert_memory_equal(bytes, cases[i].bytes, cases[i].len);
	}
}

static void
a_reply_too_long_is_cut_and_ended(void **state)
{
	struct msp_reply reply = { .delivered = false };
	uint8_t bytes[MSP_SIZE];

	(void)state;
	memset(reply.text, 'x', sizeof(reply.text));
	assert_int_equal(msp_put_reply(&reply, bytes), MSP_SIZE);
	assert_int_equal(bytes[0], '-');
	assert_int_equal(bytes[MSP_SIZE - 2], 'x');
	assert_int_equal(bytes[MSP_SIZE - 1], '\0');
}

/* ---------------------------------------------------------- comparison --- */

static void
names_are_the_same_whatever_their_case(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "chris", "chris", true },
		{ "Chris", "cHRIS", true },
		{ "AZ", "az", true },
		{ "chris", "chri", false },
		{ "chri", "chris", false },
		{ "", "c", false },
		{ "@[`{", "`{@[", false },
		{ "\xc4", "\xe4", false },
		{ "\xe4", "\xe4", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    msp_same(cases[i].a, cases[i].b), cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_example_of_the_rfc_is_57_octets_and_reads_as_it_says),
		cmocka_unit_test(a_request_of_version_1_has_three_parts),
		cmocka_unit_test(any_part_may_be_empty),
		cmocka_unit_test(dev_before_a_terminal_is_dropped),
		cmocka_unit_test(octets_behind_the_last_nul_are_left_alone),
		cmocka_unit_test(
		    a_request_that_lacks_octets_is_awaited_or_at_the_end_refused),
		cmocka_unit_test(a_request_has_less_than_512_octets),
		cmocka_unit_test(each_part_may_fill_the_request),
		cmocka_unit_test(
		    a_cookie_of_more_than_32_octets_is_refused_and_the_next_is_read),
		cmocka_unit_test(bytes_of_any_value_are_passed_on),
		cmocka_unit_test(a_stream_reads_the_same_in_pieces_of_any_size),
		cmocka_unit_test(
		    an_endless_stream_is_given_up_before_512_octets_are_kept),
		cmocka_unit_test(
		    a_stream_that_ends_between_two_requests_owes_nothing),
		cmocka_unit_test(a_datagram_is_known_by_its_begin),
		cmocka_unit_test(
		    an_ntalk_question_of_any_version_is_no_message),
		cmocka_unit_test(
		    the_example_of_the_rfc_is_written_octet_for_octet),
		cmocka_unit_test(
		    version_1_is_written_without_what_it_does_not_have),
		cmocka_unit_test(no_other_version_is_written),
		cmocka_unit_test(
		    text_is_written_when_each_character_is_permitted),
		cmocka_unit_test(a_name_is_written_when_it_is_graphic_ascii),
		cmocka_unit_test(what_does_not_fit_is_refused_and_never_cut),
		cmocka_unit_test(a_part_without_its_nul_is_refused),
		cmocka_unit_test(a_long_text_is_cut_where_it_hurts_least),
		cmocka_unit_test(no_word_of_a_text_of_any_make_is_lost),
		cmocka_unit_test(without_room_no_text_is_taken),
		cmocka_unit_test(
		    the_text_that_a_version_has_room_for_is_taken_whole),
		cmocka_unit_test(a_nul_ends_what_is_taken),
		cmocka_unit_test(a_reply_reads_with_and_without_its_nul),
		cmocka_unit_test(
		    a_reply_without_end_is_taken_as_far_as_it_may_go),
		cmocka_unit_test(a_reply_is_written_in_printable_ascii),
		cmocka_unit_test(a_reply_too_long_is_cut_and_ended),
		cmocka_unit_test(names_are_the_same_whatever_their_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
