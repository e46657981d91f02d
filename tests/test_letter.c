/*
 * The tests of talk/letter: the requests that a text goes in.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "talk/letter.h"

enum { REQUESTS_MAX = 100 };

static const char stamp[] = "0123456789abcdef01234567";

/* The requests of a letter, as somebody reads them who gets them. */
struct got {
	struct msp_message requests[REQUESTS_MAX];
	size_t count;
};

static struct msp_message
read_request(const uint8_t *bytes, size_t len)
{
	struct msp_message request;
	const char *reason;
	size_t used;

	assert_int_equal(
	    msp_get_request(bytes, len, true, &request, &used, &reason),
	    MSP_WHOLE);
	assert_int_equal(used, len);
	return request;
}

static void
write_letter(struct got *got, const struct person *to, const char *text)
{
	const struct letter_head head = { to, "alice", "pts/3", stamp };
	uint8_t bytes[MSP_SIZE];
	struct letter letter;
	const char *reason;
	size_t len;

	got->count = 0;
	letter_start(&letter, &head, text, strlen(text));
	while ((len = letter_next(&letter, bytes, &reason)) > 0) {
		assert_true(got->count < REQUESTS_MAX);
		got->requests[got->count++] = read_request(bytes, len);
	}
	assert_null(reason);
}

static void
a_short_letter_is_one_request(void **state)
{
	const struct person bob = { "bob", "h2", "pts/7" };
	const struct msp_message *request;
	struct got got;

	(void)state;
	write_letter(&got, &bob, "How about\nlunch?");
	assert_int_equal(got.count, 1);
	request = &got.requests[0];
	assert_int_equal(request->version, MSP_VERSION_2);
	assert_string_equal(request->recipient, "bob");
	assert_string_equal(request->recipient_terminal, "pts/7");
	assert_string_equal(request->text, "How about\r\nlunch?");
	assert_string_equal(request->sender, "alice");
	assert_string_equal(request->sender_terminal, "pts/3");
	assert_string_equal(
	    request->cookie, "0123456789abcdef0123456700000000");
	assert_string_equal(request->signature, "");
}

static void
who_it_is_for_is_said_as_the_protocol_has_it(void **state)
{
	static const struct {
		struct person to;
		const char *recipient, *terminal;
	} cases[] = {
		{ { "bob", "", "" }, "bob", "" },
		{ { "bob", "", "*" }, "bob", "*" },
		{ { "", "h2", "" }, "", "*" },
		{ { "", "", "" }, "", "*" },
		{ { "", "h2", "pts/1" }, "", "pts/1" },
	};
	struct got got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_letter(&got, &cases[i].to, "hi");
		assert_int_equal(got.count, 1);
		assert_string_equal(
		    got.requests[0].recipient, cases[i].recipient);
		assert_string_equal(
		    got.requests[0].recipient_terminal, cases[i].terminal);
	}
}

static void
a_long_letter_is_cut_at_line_ends_and_every_cookie_is_new(void **state)
{
	const struct person bob = { "bob", "", "" };
	char text[6000] = "", number[32], back[6000] = "";
	struct got got;
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < 500; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "line %zu\n", i);
	text[len - 1] = '\0';
	write_letter(&got, &bob, text);
	assert_true(got.count > 10 && got.count < 20);
	len = 0;
	for (i = 0; i < got.count; i++) {
		assert_memory_equal(got.requests[i].text, "line ", 5);
		len += (size_t)snprintf(back + len, sizeof(back) - len,
		    "%s\r\n", got.requests[i].text);
		snprintf(number, sizeof(number), "%08zx", i);
		assert_string_equal(got.requests[i].cookie + 24, number);
	}
	for (i = len = 0; back[i] != '\0'; i++)
		if (back[i] != '\r')
			back[len++] = back[i];
	back[len - 1] = '\0';
	assert_string_equal(back, text);
}

static void
many_short_lines_are_more_than_one_request_too(void **state)
{
	const struct person bob = { "bob", "", "" };
	char text[2 * 100 + 1];
	struct got got;
	size_t i, j, lines;

	(void)state;
	for (i = 0; i < 100; i++)
		memcpy(text + 2 * i, i == 40 ? "\n\n" : "x\n", 2);
	text[2 * 100 - 1] = '\0';
	write_letter(&got, &bob, text);
	assert_int_equal(got.count, 3);
	for (i = 0; i < got.count; i++) {
		for (j = lines = 0; got.requests[i].text[j] != '\0'; j++)
			lines += got.requests[i].text[j] == '\n';
		assert_int_equal(lines + 1, i < 2 ? LETTER_LINES_MAX : 21);
	}
	assert_memory_equal(got.requests[1].text, "\r\n\r\nx", 5);
}

static void
a_letter_that_no_request_can_hold_says_why(void **state)
{
	const struct person bob = { "b\303\266b", "", "" };
	const struct letter_head head = { &bob, "alice", "", stamp };
	uint8_t bytes[MSP_SIZE];
	struct letter letter;
	const char *reason;

	(void)state;
	letter_start(&letter, &head, "hi", 2);
	assert_int_equal(letter_next(&letter, bytes, &reason), 0);
	assert_non_null(reason);
}

static void
names_that_leave_no_room_for_text_are_no_endless_letter(void **state)
{
	const struct person bob = { "bob", "", "" };
	char long_name[MSP_PART_SIZE];
	const struct letter_head head = { &bob, long_name, "", stamp };
	uint8_t bytes[MSP_SIZE];
	struct letter letter;
	const char *reason;

	(void)state;
	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	letter_start(&letter, &head, "hi", 2);
	assert_int_equal(letter_next(&letter, bytes, &reason), 0);
	assert_non_null(reason);
}

static void
a_stamp_fits_into_a_cookie_and_is_unlike_the_one_before(void **state)
{
	char one[LETTER_STAMP_SIZE], other[LETTER_STAMP_SIZE];

	(void)state;
	letter_stamp(one);
	do /* a coarse clock may not have gone on */
		letter_stamp(other);
	while (strcmp(one, other) == 0);
	assert_int_equal(strlen(one), LETTER_STAMP_SIZE - 1);
	assert_int_equal(strspn(one, "0123456789abcdef"), strlen(one));
	assert_true(strlen(one) + 8 < MSP_COOKIE_SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_letter_is_one_request),
		cmocka_unit_test(who_it_is_for_is_said_as_the_protocol_has_it),
		cmocka_unit_test(
		    a_long_letter_is_cut_at_line_ends_and_every_cookie_is_new),
		cmocka_unit_test(
		    many_short_lines_are_more_than_one_request_too),
		cmocka_unit_test(a_letter_that_no_request_can_hold_says_why),
		cmocka_unit_test(
		    names_that_leave_no_room_for_text_are_no_endless_letter),
		cmocka_unit_test(
		    a_stamp_fits_into_a_cookie_and_is_unlike_the_one_before),
	};

	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
