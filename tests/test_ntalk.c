/*
 * The tests of common/ntalk: the datagrams of 4.3BSD, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/ntalk.h"

/* A field a line, at its offset. */
/* clang-format off */

/* alice at 192.0.2.7 asks whether bob has left an invitation for her. */
static const uint8_t look_up[NTALK_REQUEST_SIZE] = {
	[0] = 1,					/* version */
	[1] = 1,					/* LOOK_UP */
	[8] = 0, 2,					/* addr */
	[24] = 0, 2, 0x9c, 0x41, 192, 0, 2, 7,		/* ctl_addr */
	[40] = 0, 0, 0x12, 0x34,			/* pid */
	[44] = 'a', 'l', 'i', 'c', 'e',			/* l_name */
	[56] = 'b', 'o', 'b',				/* r_name */
};

/* bob awaits her on TCP port 40002. */
static const uint8_t leave_invite[NTALK_REQUEST_SIZE] = {
	[0] = 1,					/* version */
	[1] = 0,					/* LEAVE_INVITE */
	[8] = 0, 2, 0x9c, 0x42, 192, 0, 2, 8,		/* addr */
	[24] = 0, 2, 0x9c, 0x43, 127, 0, 0, 1,		/* ctl_addr */
	[40] = 0xfe, 0xdc, 0xba, 0x98,			/* pid */
	[44] = 'b', 'o', 'b',				/* l_name */
	[56] = 'a', 'l', 'i', 'c', 'e',			/* r_name */
	[68] = 'p', 't', 's', '/', '3',			/* r_tty */
};

/* An old client's: names and terminal fill their fields and lack the NUL. */
static const uint8_t announce[NTALK_REQUEST_SIZE] = {
	[0] = 1,					/* version */
	[1] = 3,					/* ANNOUNCE */
	[4] = 0xff, 0xff, 0xff, 0xff,			/* id */
	[8] = 0, 2, 0x9c, 0x42, 192, 0, 2, 8,		/* addr */
	[24] = 0, 2, 0x9c, 0x43, 192, 0, 2, 8,		/* ctl_addr */
	[40] = 0, 0, 0, 1,				/* pid */
	[44] = 'b', 'a', 'r', 't', 'h', 'o',		/* l_name */
	[50] = 'l', 'o', 'm', 'e', 'w', 's',
	[56] = 'a', 'l', 'e', 'x', 'a', 'n',		/* r_name */
	[62] = 'd', 'r', 'i', 'n', 'e', 's',
	[68] = 't', 't', 'y', '/', '5', '6', '7', '8',	/* r_tty */
	[76] = '9', '0', '1', '2', '3', '4', '5', '6',
};

static const uint8_t delete[NTALK_REQUEST_SIZE] = {
	[0] = 1,					/* version */
	[1] = 2,					/* DELETE */
	[4] = 0x01, 0x23, 0x45, 0x67,			/* id */
	[8] = 0, 2, 0xff, 0xff, 255, 255, 255, 255,	/* addr */
	[24] = 0, 2, 0x00, 0x01, 10, 0, 0, 1,		/* ctl_addr */
};

/* An answer to look_up: bob's invitation. */
static const uint8_t found[NTALK_REPLY_SIZE] = {
	[0] = 1,					/* version */
	[1] = 1,					/* LOOK_UP */
	[2] = 0,					/* SUCCESS */
	[4] = 0x89, 0xab, 0xcd, 0xef,			/* id */
	[8] = 0, 2, 0x9c, 0x42, 192, 0, 2, 8,		/* addr */
};

/* An answer to announce: no such user is logged in. */
static const uint8_t not_here[NTALK_REPLY_SIZE] = {
	[0] = 1,					/* version */
	[1] = 3,					/* ANNOUNCE */
	[2] = 1,					/* NOT_HERE */
};

/* clang-format on */

struct known_request {
	const uint8_t *bytes;
	struct talk_request req;
};

/* What those datagrams say. */
static const struct known_request known[] = {
	{ look_up,
	    { .type = TALK_LOOK_UP,
		.wire_type = 1,
		.addr = { .family = 4 },
		.ctl_addr = { .family = 4,
		    .bytes = { 192, 0, 2, 7 },
		    .port = 40001 },
		.pid = 0x1234,
		.l_name = "alice",
		.r_name = "bob" } },
	{ leave_invite,
	    { .type = TALK_LEAVE_INVITE,
		.wire_type = 0,
		.addr = { .family = 4,
		    .bytes = { 192, 0, 2, 8 },
		    .port = 40002 },
		.ctl_addr = { .family = 4,
		    .bytes = { 127, 0, 0, 1 },
		    .port = 40003 },
		.pid = 0xfedcba98,
		.l_name = "bob",
		.r_name = "alice",
		.r_tty = "pts/3" } },
	{ announce,
	    { .type = TALK_ANNOUNCE,
		.wire_type = 3,
		.id = NTALK_NO_ID,
		.addr = { .family = 4,
		    .bytes = { 192, 0, 2, 8 },
		    .port = 40002 },
		.ctl_addr = { .family = 4,
		    .bytes = { 192, 0, 2, 8 },
		    .port = 40003 },
		.pid = 1,
		.l_name = "bartholomews",
		.r_name = "alexandrines",
		.r_tty = "tty/567890123456" } },
	{ delete,
	    { .type = TALK_DELETE,
		.wire_type = 2,
		.id = 0x01234567,
		.addr = { .family = 4,
		    .bytes = { 255, 255, 255, 255 },
		    .port = 65535 },
		.ctl_addr = { .family = 4,
		    .bytes = { 10, 0, 0, 1 },
		    .port = 1 } } },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

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

static bool
is_same_reply(const struct talk_reply *a, const struct talk_reply *b)
{
	return a->type == b->type && a->answer == b->answer && a->id == b->id &&
	    is_same_address(&a->addr, &b->addr);
}

static void
the_four_requests_are_read_byte_for_byte(void **state)
{
	struct talk_request req;
	enum talk_answer fault;
	size_t i;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		memset(&req, 0xff, sizeof(req));
		fault = TALK_FAILED;
		assert_int_equal(ntalk_get_request(known[i].bytes,
				     NTALK_REQUEST_SIZE, &req, &fault),
		    NTALK_FINE);
		assert_int_equal(fault, TALK_SUCCESS);
		assert_true(is_same_request(&req, &known[i].req));
	}
}

static void
requests_are_written_byte_for_byte(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		if (known[i].bytes == announce)
			continue;
		memset(bytes, 0xff, sizeof(bytes));
		ntalk_put_request(&known[i].req, bytes);
		assert_memory_equal(bytes, known[i].bytes, sizeof(bytes));
	}
}

static void
full_names_are_cut_so_that_a_nul_ends_them(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	uint8_t want[NTALK_REQUEST_SIZE];

	(void)state;
	memcpy(want, announce, sizeof(want));
	want[44 + 11] = want[56 + 11] = want[68 + 15] = 0;
	memset(bytes, 0xff, sizeof(bytes));
	ntalk_put_request(&known[2].req, bytes);
	assert_memory_equal(bytes, want, sizeof(bytes));
}

static void
names_longer_than_a_field_are_cut_after_11_characters(void **state)
{
	struct talk_request req = known[2].req;
	uint8_t bytes[NTALK_REQUEST_SIZE];
	uint8_t want[NTALK_REQUEST_SIZE];

	(void)state;
	memcpy(want, announce, sizeof(want));
	want[44 + 11] = want[56 + 11] = want[68 + 15] = 0;
	snprintf(
	    req.l_name, sizeof(req.l_name), "bartholomews-son-of-bartholomews");
	snprintf(req.r_name, sizeof(req.r_name), "alexandrinesk");
	ntalk_put_request(&req, bytes);
	assert_memory_equal(bytes, want, sizeof(bytes));
}

static void
what_follows_a_name_in_its_field_does_not_count(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_request req;
	enum talk_answer fault;

	(void)state;
	memcpy(bytes, look_up, sizeof(bytes));
	memset(bytes + 44 + 6, 'x', 6);
	memset(bytes + 56 + 4, '\033', 8);
	memset(bytes + 68 + 1, 0xff, 15);
	assert_int_equal(
	    ntalk_get_request(bytes, sizeof(bytes), &req, &fault), NTALK_FINE);
	assert_true(is_same_request(&req, &known[0].req));
}

static void
every_shorter_request_is_junk(void **state)
{
	const struct talk_request nothing = { 0 };
	struct talk_request req;
	enum talk_answer fault;
	uint8_t *bytes;
	size_t len, i;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		for (len = 0; len < NTALK_REQUEST_SIZE; len++) {
			bytes = test_malloc(len + 1);
			memcpy(bytes, known[i].bytes, len);
			memset(&req, 0xff, sizeof(req));
			assert_int_equal(
			    ntalk_get_request(bytes, len, &req, &fault),
			    NTALK_JUNK);
			assert_true(is_same_request(&req, &nothing));
			test_free(bytes);
		}
	}
}

static void
a_longer_request_is_read_as_its_first_84_bytes(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE + 100];
	struct talk_request req;
	enum talk_answer fault;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, announce, NTALK_REQUEST_SIZE);
	assert_int_equal(
	    ntalk_get_request(bytes, sizeof(bytes), &req, &fault), NTALK_FINE);
	assert_true(is_same_request(&req, &known[2].req));
}

static void
three_forms_of_the_family_are_taken_and_no_other(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_request req;
	enum talk_answer fault;
	unsigned int family;
	bool good;

	(void)state;
	memcpy(bytes, leave_invite, sizeof(bytes));
	for (family = 0; family <= 0xffff; family++) {
		good = family == 0x0002 || family == 0x0200 || family == 0x1002;
		bytes[8] = bytes[24] = (uint8_t)(family >> 8);
		bytes[9] = bytes[25] = (uint8_t)family;
		assert_int_equal(
		    ntalk_get_request(bytes, sizeof(bytes), &req, &fault),
		    good ? NTALK_FINE : NTALK_FAULTY);
		if (good)
			assert_true(is_same_request(&req, &known[1].req));
		else
			assert_int_equal(fault, TALK_BADADDR);
	}
}

struct faulty_request {
	uint8_t version, type, family, ctl_family;
	enum ntalk_shape shape;
	enum talk_answer fault;
};

static void
a_faulty_request_is_owed_an_answer_and_junk_is_not(void **state)
{
	static const struct faulty_request cases[] = {
		{ 1, 3, 2, 2, NTALK_FINE, TALK_SUCCESS },
		{ 1, 4, 2, 2, NTALK_FAULTY, TALK_UNKNOWN_REQUEST },
		{ 1, 5, 2, 2, NTALK_FAULTY, TALK_UNKNOWN_REQUEST },
		{ 1, 255, 2, 2, NTALK_FAULTY, TALK_UNKNOWN_REQUEST },
		{ 1, 4, 0, 0, NTALK_FAULTY, TALK_UNKNOWN_REQUEST },
		{ 1, 3, 0, 2, NTALK_FAULTY, TALK_BADADDR },
		{ 1, 0, 10, 2, NTALK_FAULTY, TALK_BADADDR },
		{ 1, 3, 0, 0, NTALK_FAULTY, TALK_BADADDR },
		{ 1, 3, 2, 0, NTALK_FAULTY, TALK_BADCTLADDR },
		{ 1, 1, 2, 10, NTALK_FAULTY, TALK_BADCTLADDR },
		{ 0, 3, 2, 2, NTALK_FAULTY, TALK_BADVERSION },
		{ 2, 0, 2, 2, NTALK_FAULTY, TALK_BADVERSION },
		{ 255, 1, 2, 2, NTALK_FAULTY, TALK_BADVERSION },
		{ 0, 4, 2, 2, NTALK_JUNK, TALK_SUCCESS },
		{ 2, 255, 2, 2, NTALK_JUNK, TALK_SUCCESS },
		{ 2, 3, 0, 2, NTALK_JUNK, TALK_SUCCESS },
		{ 2, 3, 2, 0, NTALK_JUNK, TALK_SUCCESS },
		{ 0, 0, 0, 0, NTALK_JUNK, TALK_SUCCESS },
	};
	const struct talk_request nothing = { 0 };
	const struct faulty_request *c;
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_request req, want;
	enum talk_answer fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = &cases[i];
		memcpy(bytes, delete, sizeof(bytes));
		bytes[0] = c->version;
		bytes[1] = c->type;
		bytes[9] = c->family;
		bytes[25] = c->ctl_family;
		memset(&req, 0xff, sizeof(req));
		assert_int_equal(
		    ntalk_get_request(bytes, sizeof(bytes), &req, &fault),
		    c->shape);
		assert_int_equal(fault, c->fault);
		if (c->shape == NTALK_FINE)
			continue;
		want = nothing;
		if (c->shape == NTALK_FAULTY) {
			want.wire_type = c->type;
			want.id = 0x01234567;
		}
		assert_true(is_same_request(&req, &want));
	}
}

static void
text_and_the_datagrams_of_neighbours_are_junk(void **state)
{
	static const char chargen[] =
	    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ !\"#$%&'()*+,-./";
	uint8_t message[128] = "Bbob\0\0hello\0alice\0\0"
			       "1\0";
	uint8_t zeros[512] = { 0 };
	uint8_t reply[NTALK_REPLY_SIZE] = { 1, 1, 0, 0, 0, 0, 0, 9, 0, 2 };
	struct talk_request req;
	enum talk_answer fault;

	(void)state;
	assert_int_equal(ntalk_get_request((const uint8_t *)chargen,
			     sizeof(chargen), &req, &fault),
	    NTALK_JUNK);
	assert_int_equal(
	    ntalk_get_request(message, sizeof(message), &req, &fault),
	    NTALK_JUNK);
	assert_int_equal(
	    ntalk_get_request(zeros, sizeof(zeros), &req, &fault), NTALK_JUNK);
	assert_int_equal(
	    ntalk_get_request(reply, sizeof(reply), &req, &fault), NTALK_JUNK);
}

/* Whether a bit of the announcement, whose names are full, says something. */
static bool
request_bit_counts(size_t at, unsigned int bit)
{
	bool is_length_byte = (at == 8 || at == 24) && bit == 0x10;
	bool is_answer_or_pad = at == 2 || at == 3;
	bool is_zero_of_address = (at >= 16 && at < 24) ||
	    (at >= 32 && at < 40);

	return !is_length_byte && !is_answer_or_pad && !is_zero_of_address;
}

static void
every_bit_of_a_request_that_counts_is_noticed(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_request req;
	enum talk_answer fault;
	unsigned int bit;
	bool same;
	size_t at;

	(void)state;
	memcpy(bytes, announce, sizeof(bytes));
	for (at = 0; at < sizeof(bytes); at++) {
		for (bit = 1; bit < 256; bit <<= 1) {
			bytes[at] = (uint8_t)(announce[at] ^ bit);
			same = ntalk_get_request(bytes, sizeof(bytes), &req,
				   &fault) == NTALK_FINE &&
			    is_same_request(&req, &known[2].req);
			assert_int_equal(same, !request_bit_counts(at, bit));
		}
		bytes[at] = announce[at];
	}
}

static void
an_address_that_is_not_ipv4_is_written_as_none_of_family_2(void **state)
{
	struct talk_request req = known[0].req;
	uint8_t want[NTALK_REQUEST_SIZE];
	uint8_t bytes[NTALK_REQUEST_SIZE];

	(void)state;
	memcpy(want, look_up, sizeof(want));
	memset(want + 26, 0, 6);
	req.addr = (struct address){ 0 };
	req.ctl_addr = (struct address){ .family = 6,
		.bytes = { 0xfe, 0x80, 1, 2, 3, 4 },
		.port = 40001,
		.scope = 2 };
	ntalk_put_request(&req, bytes);
	assert_memory_equal(bytes, want, sizeof(bytes));
}

static void
requests_survive_writing_and_reading(void **state)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_request req, want;
	enum talk_answer fault;
	uint32_t seed = 1;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		seed = seed * 1664525 + 1013904223;
		want = known[(seed >> 16) % KNOWN].req;
		want.id = seed;
		want.pid = ~seed;
		want.addr.port = (uint16_t)(seed >> 8);
		want.ctl_addr.bytes[3] = (uint8_t)(seed >> 24);
		want.l_name[11] = want.r_name[11] = want.r_tty[15] = '\0';
		ntalk_put_request(&want, bytes);
		assert_int_equal(
		    ntalk_get_request(bytes, sizeof(bytes), &req, &fault),
		    NTALK_FINE);
		assert_true(is_same_request(&req, &want));
	}
}

static const struct talk_reply found_reply = {
	.type = TALK_LOOK_UP,
	.answer = TALK_SUCCESS,
	.id = 0x89abcdef,
	.addr = { .family = 4, .bytes = { 192, 0, 2, 8 }, .port = 40002 },
};

static void
replies_are_written_byte_for_byte(void **state)
{
	const struct talk_reply refusal = { .type = TALK_ANNOUNCE,
		.answer = TALK_NOT_HERE };
	const struct talk_reply unknown = {
		.type = 200, .answer = TALK_UNKNOWN_REQUEST, .id = 0x01020304
	};
	const uint8_t unknown_bytes[NTALK_REPLY_SIZE] = { 1, 200, 5, 0, 1, 2, 3,
		4 };
	uint8_t bytes[NTALK_REPLY_SIZE];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	ntalk_put_reply(&found_reply, bytes);
	assert_memory_equal(bytes, found, sizeof(bytes));
	memset(bytes, 0xff, sizeof(bytes));
	ntalk_put_reply(&refusal, bytes);
	assert_memory_equal(bytes, not_here, sizeof(bytes));
	memset(bytes, 0xff, sizeof(bytes));
	ntalk_put_reply(&unknown, bytes);
	assert_memory_equal(bytes, unknown_bytes, sizeof(bytes));
}

static void
a_reply_is_read_byte_for_byte_and_may_be_longer(void **state)
{
	uint8_t bytes[NTALK_REPLY_SIZE + 60];
	struct talk_reply reply;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes, found, sizeof(found));
	assert_true(ntalk_get_reply(bytes, sizeof(found), &reply));
	assert_true(is_same_reply(&reply, &found_reply));
	assert_true(ntalk_get_reply(bytes, sizeof(bytes), &reply));
	assert_true(is_same_reply(&reply, &found_reply));
}

static void
every_shorter_reply_and_every_other_version_is_refused(void **state)
{
	const struct talk_reply nothing = { 0 };
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;
	unsigned int version;
	uint8_t *copy;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(found); len++) {
		copy = test_malloc(len + 1);
		memcpy(copy, found, len);
		memset(&reply, 0xff, sizeof(reply));
		assert_false(ntalk_get_reply(copy, len, &reply));
		assert_true(is_same_reply(&reply, &nothing));
		test_free(copy);
	}
	memcpy(bytes, found, sizeof(bytes));
	for (version = 0; version < 256; version++) {
		bytes[0] = (uint8_t)version;
		assert_int_equal(ntalk_get_reply(bytes, sizeof(bytes), &reply),
		    version == NTALK_VERSION);
	}
}

static void
only_a_look_up_that_succeeded_has_an_address(void **state)
{
	static const struct {
		uint8_t type, answer, family;
	} cases[] = {
		{ 1, 1, 2 }, /* netkit's NOT_HERE, with an earlier address */
		{ 1, 8, 2 }, { 0, 0, 2 }, /* LEAVE_INVITE */
		{ 2, 0, 2 },		  /* DELETE */
		{ 3, 0, 2 },		  /* ANNOUNCE */
		{ 1, 0, 0 },		  /* no address in it */
		{ 1, 0, 10 },		  /* nor IPv4 */
	};
	const struct address none = { 0 };
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(bytes, found, sizeof(bytes));
		bytes[1] = cases[i].type;
		bytes[2] = cases[i].answer;
		bytes[9] = cases[i].family;
		assert_true(ntalk_get_reply(bytes, sizeof(bytes), &reply));
		assert_int_equal(reply.type, cases[i].type);
		assert_int_equal(reply.answer, cases[i].answer);
		assert_int_equal(reply.id, 0x89abcdef);
		assert_true(is_same_address(&reply.addr, &none));
	}
}

static void
the_family_in_a_reply_may_have_the_old_forms_too(void **state)
{
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;

	(void)state;
	memcpy(bytes, found, sizeof(bytes));
	bytes[8] = 2;
	bytes[9] = 0;
	assert_true(ntalk_get_reply(bytes, sizeof(bytes), &reply));
	assert_true(is_same_reply(&reply, &found_reply));
	bytes[8] = 0x10;
	bytes[9] = 2;
	assert_true(ntalk_get_reply(bytes, sizeof(bytes), &reply));
	assert_true(is_same_reply(&reply, &found_reply));
}

static void
an_answer_that_nobody_knows_is_kept(void **state)
{
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;
	unsigned int answer;

	(void)state;
	memcpy(bytes, found, sizeof(bytes));
	for (answer = 0; answer < 256; answer++) {
		bytes[2] = (uint8_t)answer;
		assert_true(ntalk_get_reply(bytes, sizeof(bytes), &reply));
		assert_int_equal(reply.answer, answer);
	}
}

static void
every_bit_of_a_reply_that_counts_is_noticed(void **state)
{
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;
	unsigned int bit;
	bool same, counts;
	size_t at;

	(void)state;
	memcpy(bytes, found, sizeof(bytes));
	for (at = 0; at < sizeof(bytes); at++) {
		for (bit = 1; bit < 256; bit <<= 1) {
			bytes[at] = (uint8_t)(found[at] ^ bit);
			same = ntalk_get_reply(bytes, sizeof(bytes), &reply) &&
			    is_same_reply(&reply, &found_reply);
			counts = at != 3 && at < 16 &&
			    !(at == 8 && bit == 0x10);
			assert_int_equal(same, !counts);
		}
		bytes[at] = found[at];
	}
}

static void
a_reply_without_an_ipv4_address_ends_in_zeros(void **state)
{
	const uint8_t zeros[16] = { 0 };
	struct talk_reply reply = found_reply;
	uint8_t bytes[NTALK_REPLY_SIZE];

	(void)state;
	reply.addr.family = 6;
	memset(bytes, 0xff, sizeof(bytes));
	ntalk_put_reply(&reply, bytes);
	assert_memory_equal(bytes + 8, zeros, sizeof(zeros));
	reply.addr.family = 0;
	memset(bytes, 0xff, sizeof(bytes));
	ntalk_put_reply(&reply, bytes);
	assert_memory_equal(bytes + 8, zeros, sizeof(zeros));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_four_requests_are_read_byte_for_byte),
		cmocka_unit_test(requests_are_written_byte_for_byte),
		cmocka_unit_test(full_names_are_cut_so_that_a_nul_ends_them),
		cmocka_unit_test(
		    names_longer_than_a_field_are_cut_after_11_characters),
		cmocka_unit_test(
		    what_follows_a_name_in_its_field_does_not_count),
		cmocka_unit_test(every_shorter_request_is_junk),
		cmocka_unit_test(
		    a_longer_request_is_read_as_its_first_84_bytes),
		cmocka_unit_test(
		    three_forms_of_the_family_are_taken_and_no_other),
		cmocka_unit_test(
		    a_faulty_request_is_owed_an_answer_and_junk_is_not),
		cmocka_unit_test(text_and_the_datagrams_of_neighbours_are_junk),
		cmocka_unit_test(every_bit_of_a_request_that_counts_is_noticed),
		cmocka_unit_test(
		    an_address_that_is_not_ipv4_is_written_as_none_of_family_2),
		cmocka_unit_test(requests_survive_writing_and_reading),
		cmocka_unit_test(replies_are_written_byte_for_byte),
		cmocka_unit_test(
		    a_reply_is_read_byte_for_byte_and_may_be_longer),
		cmocka_unit_test(
		    every_shorter_reply_and_every_other_version_is_refused),
		cmocka_unit_test(only_a_look_up_that_succeeded_has_an_address),
		cmocka_unit_test(
		    the_family_in_a_reply_may_have_the_old_forms_too),
		cmocka_unit_test(an_answer_that_nobody_knows_is_kept),
		cmocka_unit_test(every_bit_of_a_reply_that_counts_is_noticed),
		cmocka_unit_test(a_reply_without_an_ipv4_address_ends_in_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
