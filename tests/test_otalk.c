/*
 * The tests of common/otalk: the datagrams before 4.3BSD, in both byte orders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/otalk.h"

/* A field a line, at its offset. */
/* clang-format off */

/* A SPARC's, and ytalk's: alice announces herself to bob. */
static const uint8_t big[OTALK_REQUEST_SIZE] = {
	[0] = 3,					/* ANNOUNCE */
	[1] = 'a', 'l', 'i', 'c', 'e',			/* l_name */
	[10] = 'b', 'o', 'b',				/* r_name */
	[20] = 0x01, 0x23, 0x45, 0x67,			/* id */
	[24] = 0x00, 0x00, 0x12, 0x34,			/* pid */
	[28] = 't', 't', 'y', '0',			/* r_tty */
	[44] = 0, 2, 0x9c, 0x42, 192, 0, 2, 7,		/* addr */
	[60] = 0, 2, 0x9c, 0x41, 192, 0, 2, 7,		/* ctl_addr */
};

/* The same from a VAX: port and host are in network order all the same. */
static const uint8_t little[OTALK_REQUEST_SIZE] = {
	[0] = 3,					/* ANNOUNCE */
	[1] = 'a', 'l', 'i', 'c', 'e',			/* l_name */
	[10] = 'b', 'o', 'b',				/* r_name */
	[20] = 0x67, 0x45, 0x23, 0x01,			/* id */
	[24] = 0x34, 0x12, 0x00, 0x00,			/* pid */
	[28] = 't', 't', 'y', '0',			/* r_tty */
	[44] = 2, 0, 0x9c, 0x42, 192, 0, 2, 7,		/* addr */
	[60] = 2, 0, 0x9c, 0x41, 192, 0, 2, 7,		/* ctl_addr */
};

/* clang-format on */

static const struct address source = {
	.family = 4,
	.bytes = { 192, 0, 2, 7 },
	.port = 40001,
};

static const struct talk_request announce = {
	.type = TALK_ANNOUNCE,
	.wire_type = 3,
	.id = 0x01234567,
	.addr = { .family = 4, .bytes = { 192, 0, 2, 7 }, .port = 40002 },
	.ctl_addr = { .family = 4, .bytes = { 192, 0, 2, 7 }, .port = 40001 },
	.pid = 0x1234,
	.l_name = "alice",
	.r_name = "bob",
	.r_tty = "tty0",
};

static bool
is_same_address(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->port == b->port &&
	    a->scope == b->scope && memcmp(a->bytes, b->bytes, 16) == 0;
}

static bool
is_same_request(const struct talk_request *a, const struct talk_request *b)
{
	return a->type == b->type && a->wire_type == b->wire_type &&
	    a->id == b->id && is_same_address(&a->addr, &b->addr) &&
	    is_same_address(&a->ctl_addr, &b->ctl_addr) && a->pid == b->pid &&
	    memcmp(a->l_name, b->l_name, sizeof(a->l_name)) == 0 &&
	    memcmp(a->r_name, b->r_name, sizeof(a->r_name)) == 0 &&
	    memcmp(a->r_tty, b->r_tty, sizeof(a->r_tty)) == 0;
}

/* Whether these bytes, coming from source, are the announcement. */
static bool
is_announce(const uint8_t bytes[OTALK_REQUEST_SIZE], struct otalk_form *form)
{
	struct talk_request req;

	memset(&req, 0xff, sizeof(req));
	return otalk_get_request(
		   bytes, OTALK_REQUEST_SIZE, &source, &req, form) &&
	    is_same_request(&req, &announce);
}

/* Whether they are no request at all, and leave nothing behind. */
static bool
is_refused(const uint8_t *bytes, size_t len, const struct address *from)
{
	const struct talk_request nothing = { 0 };
	struct talk_request req;
	struct otalk_form form = { true, true };

	memset(&req, 0xff, sizeof(req));
	return !otalk_get_request(bytes, len, from, &req, &form) &&
	    is_same_request(&req, &nothing) && !form.little && !form.swapped;
}

/* Turns port and host around in an address. */
static void
swap_address(uint8_t *addr)
{
	const uint8_t was[] = { addr[2], addr[3], addr[4], addr[5], addr[6],
		addr[7] };

	addr[2] = was[1];
	addr[3] = was[0];
	addr[4] = was[5];
	addr[5] = was[4];
	addr[6] = was[3];
	addr[7] = was[2];
}

static void
a_request_in_either_byte_order_says_the_same(void **state)
{
	struct otalk_form form;

	(void)state;
	assert_true(is_announce(big, &form));
	assert_false(form.little);
	assert_false(form.swapped);
	assert_true(is_announce(little, &form));
	assert_true(form.little);
	assert_false(form.swapped);
}

static void
port_and_host_may_be_swapped_as_a_whole(void **state)
{
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct otalk_form form;

	(void)state;
	memcpy(bytes, little, sizeof(bytes));
	swap_address(bytes + 44);
	swap_address(bytes + 60);
	assert_true(is_announce(bytes, &form));
	assert_true(form.little);
	assert_true(form.swapped);

	memcpy(bytes, big, sizeof(bytes));
	swap_address(bytes + 44);
	swap_address(bytes + 60);
	assert_true(is_announce(bytes, &form));
	assert_false(form.little);
	assert_true(form.swapped);
}

static void
port_and_host_are_not_swapped_one_by_one(void **state)
{
	uint8_t bytes[OTALK_REQUEST_SIZE];

	(void)state;
	memcpy(bytes, little, sizeof(bytes));
	bytes[62] = little[63];
	bytes[63] = little[62];
	assert_true(is_refused(bytes, sizeof(bytes), &source));
}

static void
an_address_that_reads_alike_both_ways_is_in_network_order(void **state)
{
	const struct address from = {
		.family = 4, .bytes = { 10, 1, 1, 10 }, .port = 0x1212
	};
	const uint8_t ctl_addr[] = { 2, 0, 0x12, 0x12, 10, 1, 1, 10 };
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct talk_request req;
	struct otalk_form form;

	(void)state;
	memcpy(bytes, little, sizeof(bytes));
	memcpy(bytes + 60, ctl_addr, sizeof(ctl_addr));
	assert_true(
	    otalk_get_request(bytes, sizeof(bytes), &from, &req, &form));
	assert_false(form.swapped);
	assert_int_equal(req.addr.port, 40002);
}

static void
each_type_has_its_meaning_and_is_kept(void **state)
{
	static const enum talk_type meanings[] = { TALK_LEAVE_INVITE,
		TALK_LOOK_UP, TALK_DELETE, TALK_ANNOUNCE, TALK_DELETE,
		TALK_LOOK_UP, TALK_DELETE };
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct talk_request req;
	struct otalk_form form;
	unsigned int type;

	(void)state;
	memcpy(bytes, big, sizeof(bytes));
	for (type = 0; type < 7; type++) {
		bytes[0] = (uint8_t)type;
		assert_true(otalk_get_request(
		    bytes, sizeof(bytes), &source, &req, &form));
		assert_int_equal(req.type, meanings[type]);
		assert_int_equal(req.wire_type, type);
	}
	for (; type < 256; type++) {
		bytes[0] = (uint8_t)type;
		assert_true(is_refused(bytes, sizeof(bytes), &source));
	}
}

static void
every_other_length_is_refused(void **state)
{
	uint8_t bytes[200] = { 0 };
	uint8_t *copy;
	size_t len;

	(void)state;
	for (len = 0; len < OTALK_REQUEST_SIZE; len++) {
		copy = test_malloc(len + 1);
		memcpy(copy, big, len);
		assert_true(is_refused(copy, len, &source));
		test_free(copy);
	}
	memcpy(bytes, big, sizeof(big));
	for (len = OTALK_REQUEST_SIZE + 1; len <= sizeof(bytes); len++)
		assert_true(is_refused(bytes, len, &source));
}

static void
names_may_be_as_long_as_a_nul_allows(void **state)
{
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct talk_request req;
	struct otalk_form form;

	(void)state;
	memcpy(bytes, big, sizeof(bytes));
	memcpy(bytes + 1, "12345678", 9);
	memcpy(bytes + 10, "abcdefgh", 9);
	memcpy(bytes + 28, "tty456789012345", 16);
	assert_true(
	    otalk_get_request(bytes, sizeof(bytes), &source, &req, &form));
	assert_string_equal(req.l_name, "12345678");
	assert_string_equal(req.r_name, "abcdefgh");
	assert_string_equal(req.r_tty, "tty456789012345");

	bytes[1] = bytes[10] = bytes[28] = 0;
	assert_true(
	    otalk_get_request(bytes, sizeof(bytes), &source, &req, &form));
	assert_string_equal(req.l_name, "");
	assert_string_equal(req.r_name, "");
	assert_string_equal(req.r_tty, "");
}

static void
a_string_without_its_nul_is_refused(void **state)
{
	static const struct {
		size_t at, size;
	} fields[] = { { 1, 9 }, { 10, 9 }, { 28, 16 } };
	uint8_t bytes[OTALK_REQUEST_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		memcpy(bytes, big, sizeof(bytes));
		memset(bytes + fields[i].at, 'x', fields[i].size);
		assert_true(is_refused(bytes, sizeof(bytes), &source));
		bytes[fields[i].at + fields[i].size - 1] = 0;
		assert_false(is_refused(bytes, sizeof(bytes), &source));
	}
}

static void
a_string_with_a_control_character_is_refused(void **state)
{
	static const size_t fields[] = { 1, 10, 28 };
	uint8_t bytes[OTALK_REQUEST_SIZE];
	unsigned int c;
	bool control;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		memcpy(bytes, big, sizeof(bytes));
		for (c = 1; c < 256; c++) {
			control = c < 0x20 || c == 0x7f ||
			    (c >= 0x80 && c < 0xa0) || c == 0xff;
			bytes[fields[i]] = (uint8_t)c;
			assert_int_equal(
			    is_refused(bytes, sizeof(bytes), &source), control);
		}
	}
}

static void
a_ctl_addr_that_is_not_the_source_is_refused(void **state)
{
	const struct address others[] = {
		{ 0 },
		{ .family = 4, .bytes = { 192, 0, 2, 7 }, .port = 40002 },
		{ .family = 4, .bytes = { 192, 0, 2, 8 }, .port = 40001 },
		{ .family = 6, .bytes = { 192, 0, 2, 7 }, .port = 40001 },
		{ .family = 6,
		    .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 7 },
		    .port = 40001 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_true(is_refused(big, sizeof(big), &others[i]));
		assert_true(is_refused(little, sizeof(little), &others[i]));
	}
}

static void
a_ctl_addr_of_another_family_is_refused(void **state)
{
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct otalk_form form;
	unsigned int family;

	(void)state;
	memcpy(bytes, big, sizeof(bytes));
	for (family = 0; family <= 0xffff; family++) {
		if (family == 0x0002 || family == 0x0200)
			continue;
		bytes[60] = (uint8_t)(family >> 8);
		bytes[61] = (uint8_t)family;
		assert_true(is_refused(bytes, sizeof(bytes), &source));
	}
	bytes[60] = 0;
	bytes[61] = 2;
	assert_true(is_announce(bytes, &form));
}

static void
an_addr_of_another_family_or_order_is_none(void **state)
{
	static const uint8_t families[][2] = { { 0, 0 }, { 2, 0 }, { 0, 10 },
		{ 0x10, 2 } };
	const struct address none = { 0 };
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct talk_request req;
	struct otalk_form form;
	size_t i;

	(void)state;
	memcpy(bytes, big, sizeof(bytes));
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		memcpy(bytes + 44, families[i], 2);
		assert_true(otalk_get_request(
		    bytes, sizeof(bytes), &source, &req, &form));
		assert_true(is_same_address(&req.addr, &none));
	}
}

/* Whether a byte of the announcements says something. */
static bool
request_byte_counts(size_t at)
{
	bool is_after_name = (at > 6 && at < 10) || (at > 13 && at < 20) ||
	    (at > 32 && at < 44);
	bool is_zero_of_address = (at >= 52 && at < 60) || at >= 68;

	return !is_after_name && !is_zero_of_address;
}

static void
every_bit_of_a_request_that_counts_is_noticed(void **state)
{
	const uint8_t *const seeds[] = { big, little };
	uint8_t bytes[OTALK_REQUEST_SIZE];
	struct otalk_form form;
	unsigned int bit;
	size_t at, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memcpy(bytes, seeds[i], sizeof(bytes));
		for (at = 0; at < sizeof(bytes); at++) {
			for (bit = 1; bit < 256; bit <<= 1) {
				bytes[at] = (uint8_t)(seeds[i][at] ^ bit);
				assert_int_equal(is_announce(bytes, &form),
				    !request_byte_counts(at));
			}
			bytes[at] = seeds[i][at];
		}
	}
}

static void
an_ntalk_request_is_no_otalk_request(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];

	(void)state;
	ntalk_put_request(&announce, bytes);
	assert_true(is_refused(bytes, sizeof(bytes), &source));
	assert_true(is_refused(bytes, OTALK_REQUEST_SIZE, &source));
}

static void
a_reply_is_written_in_the_order_of_its_request(void **state)
{
	static const struct {
		struct otalk_form form;
		uint8_t bytes[OTALK_REPLY_SIZE];
	} cases[] = {
		{ { .little = false, .swapped = false },
		    { 5, 0, 0, 0, 0x89, 0xab, 0xcd, 0xef, 0, 2, 0x9c, 0x42, 192,
			0, 2, 8 } },
		{ { .little = true, .swapped = false },
		    { 5, 0, 0, 0, 0xef, 0xcd, 0xab, 0x89, 2, 0, 0x9c, 0x42, 192,
			0, 2, 8 } },
		{ { .little = true, .swapped = true },
		    { 5, 0, 0, 0, 0xef, 0xcd, 0xab, 0x89, 2, 0, 0x42, 0x9c, 8,
			2, 0, 192 } },
		{ { .little = false, .swapped = true },
		    { 5, 0, 0, 0, 0x89, 0xab, 0xcd, 0xef, 0, 2, 0x42, 0x9c, 8,
			2, 0, 192 } },
	};
	const struct talk_reply reply = {
		.type = 5,
		.answer = TALK_SUCCESS,
		.id = 0x89abcdef,
		.addr = { .family = 4,
		    .bytes = { 192, 0, 2, 8 },
		    .port = 40002 },
	};
	uint8_t bytes[OTALK_REPLY_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(bytes, 0xff, sizeof(bytes));
		otalk_put_reply(&reply, &cases[i].form, bytes);
		assert_memory_equal(bytes, cases[i].bytes, sizeof(bytes));
	}
}

static void
a_reply_without_an_ipv4_address_ends_in_zeros(void **state)
{
	const struct otalk_form form = { .little = true };
	struct talk_reply reply = {
		.type = 3, .answer = TALK_PERMISSION_DENIED, .id = 1
	};
	const uint8_t want[OTALK_REPLY_SIZE] = { 3, 4, 0, 0, 1 };
	uint8_t bytes[OTALK_REPLY_SIZE];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	otalk_put_reply(&reply, &form, bytes);
	assert_memory_equal(bytes, want, sizeof(bytes));
	reply.addr = (struct address){ .family = 6, .bytes = { 1 }, .port = 1 };
	memset(bytes, 0xff, sizeof(bytes));
	otalk_put_reply(&reply, &form, bytes);
	assert_memory_equal(bytes, want, sizeof(bytes));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_in_either_byte_order_says_the_same),
		cmocka_unit_test(port_and_host_may_be_swapped_as_a_whole),
		cmocka_unit_test(port_and_host_are_not_swapped_one_by_one),
		cmocka_unit_test(
		    an_address_that_reads_alike_both_ways_is_in_network_order),
		cmocka_unit_test(each_type_has_its_meaning_and_is_kept),
		cmocka_unit_test(every_other_length_is_refused),
		cmocka_unit_test(names_may_be_as_long_as_a_nul_allows),
		cmocka_unit_test(a_string_without_its_nul_is_refused),
		cmocka_unit_test(a_string_with_a_control_character_is_refused),
		cmocka_unit_test(a_ctl_addr_that_is_not_the_source_is_refused),
		cmocka_unit_test(a_ctl_addr_of_another_family_is_refused),
		cmocka_unit_test(an_addr_of_another_family_or_order_is_none),
		cmocka_unit_test(every_bit_of_a_request_that_counts_is_noticed),
		cmocka_unit_test(an_ntalk_request_is_no_otalk_request),
		cmocka_unit_test(
		    a_reply_is_written_in_the_order_of_its_request),
		cmocka_unit_test(a_reply_without_an_ipv4_address_ends_in_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
