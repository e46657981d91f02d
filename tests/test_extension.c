/*
 * The tests of common/extension: what stands behind a classic datagram, byte
 * for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/extension.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define MARK "TLV\1"

enum { REQUEST_SIZE = 84, REPLY_SIZE = 24, MARK_SIZE = 4 };

/* Thirty-two characters, as many as a name has at most. */
#define LONGEST "bartholomew-the-elder-of-the-hill"
#define NAME_32 "bartholomew-the-elder-of-the-hil"

static const struct address ipv4 = { 4, { 192, 0, 2, 8 }, 40002, 0 };
static const struct address ipv6 = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 8 }, 40002,
	0 };

/* ------------------------------------------------------------ literals --- */

/* A field or an element a line, at its offset. */
/* clang-format off */

/* A call from a long name to a long name, padded to 148 bytes. */
static const uint8_t announce[148] = {
	[0] = 1, 3,					/* ANNOUNCE */
	[4] = 0xff, 0xff, 0xff, 0xff,			/* id */
	[8] = 0, 2, 0x9c, 0x42, 192, 0, 2, 8,		/* addr */
	[24] = 0, 2, 0x9c, 0x43, 192, 0, 2, 8,		/* ctl_addr */
	[40] = 0, 0, 0, 7,				/* pid */
	[44] = 'b', 'a', 'r', 't', 'h', 'o', 'l', 'o', 'm', 'e', 'w', 0,
	[56] = 'a', 'l', 'e', 'x', 'a', 'n', 'd', 'r', 'i', 'n', 'e', 0,
	[84] = 'T', 'L', 'V', 1,
	[88] = 1, 14,					/* CALLER */
	[90] = 'b', 'a', 'r', 't', 'h', 'o', 'l', 'o', 'm', 'e', 'w',
	[101] = 'k', 'i', 'n',
	[104] = 2, 12,					/* CALLEE */
	[106] = 'a', 'l', 'e', 'x', 'a', 'n', 'd', 'r', 'i', 'n', 'e', 's',
	[118] = 0, 28,					/* PADDING */
};

/* An invitation to an IPv6 address. */
static const uint8_t leave_invite[148] = {
	[0] = 1, 0,					/* LEAVE_INVITE */
	[8] = 0, 2,					/* addr: none */
	[24] = 0, 2,					/* ctl_addr: none */
	[44] = 'b', 'o', 'b',
	[56] = 'a', 'l', 'i', 'c', 'e',
	[84] = 'T', 'L', 'V', 1,
	[88] = 3, 18,					/* ADDRESS */
	[90] = 0x20, 0x01, 0x0d, 0xb8, [105] = 8,
	[106] = 0x9c, 0x42,
	[108] = 0, 38,					/* PADDING */
};

/* Who calls bob, but for the newest 258? */
static const uint8_t list[1024] = {
	[0] = 1, 1,					/* LOOK_UP */
	[8] = 0, 2,					/* addr: none */
	[24] = 0, 2,					/* ctl_addr: none */
	[44] = 'b', 'o', 'b',
	[84] = 'T', 'L', 'V', 1,
	[88] = 4, 2, 1, 2,				/* LIST */
	[92] = 0, 126,					/* PADDING */
	[220] = 0, 126,
	[348] = 0, 126,
	[476] = 0, 126,
	[604] = 0, 126,
	[732] = 0, 126,
	[860] = 0, 162,
};

/* An answer to LOOK_UP: an invitation to an IPv6 address. */
static const uint8_t found[48] = {
	[0] = 1, 1, 0,					/* SUCCESS */
	[4] = 1, 2, 3, 4,				/* id */
	[8] = 0, 2,					/* addr: none */
	[24] = 'T', 'L', 'V', 1,
	[28] = 3, 18,					/* ADDRESS */
	[30] = 0x20, 0x01, 0x0d, 0xb8, [45] = 8,
	[46] = 0x9c, 0x42,
};

/* An answer to ANNOUNCE: rung on two terminals. */
static const uint8_t rung[41] = {
	[0] = 1, 3, 0,					/* SUCCESS */
	[4] = 1, 2, 3, 4,				/* id */
	[24] = 'T', 'L', 'V', 1,
	[28] = 6, 5, 'p', 't', 's', '/', '3',		/* RUNG */
	[35] = 6, 4, 't', 't', 'y', '1',
};

/* And another: not before five minutes are over. */
static const uint8_t too_often[33] = {
	[0] = 1, 3, 2,					/* FAILED */
	[24] = 'T', 'L', 'V', 1,
	[28] = 7, 3, 3, 1, 44,				/* REASON */
};

/* An answer to LIST: two calls. */
static const uint8_t calls[74] = {
	[0] = 1, 1, 0,					/* SUCCESS */
	[8] = 0, 0,
	[24] = 'T', 'L', 'V', 1,
	[28] = 5, 13, 0, 0, 0, 9, 5,			/* CALL, age, length */
	[35] = 'a', 'l', 'i', 'c', 'e', 'h', '1', '.',
	[43] = 5, 29, 0, 1, 0x51, 0x80, 14,
	[50] = 'b', 'a', 'r', 't', 'h', 'o', 'l', 'o', 'm', 'e', 'w',
	[61] = 'k', 'i', 'n',
	[64] = '2', '0', '0', '1', ':', 'd', 'b', '8', ':', ':',
};

/* clang-format on */

/* ------------------------------------------------------------- helpers --- */

static bool
is_same_address(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->port == b->port &&
	    a->scope == b->scope && memcmp(a->bytes, b->bytes, 16) == 0;
}

static void
assert_same_request(const struct talk_request *a, const struct talk_request *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->pid, b->pid);
	assert_true(is_same_address(&a->addr, &b->addr));
	assert_true(is_same_address(&a->ctl_addr, &b->ctl_addr));
	assert_string_equal(a->l_name, b->l_name);
	assert_string_equal(a->r_name, b->r_name);
	assert_string_equal(a->r_tty, b->r_tty);
}

static void
assert_same_reply(const struct talk_reply *a, const struct talk_reply *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->answer, b->answer);
	assert_int_equal(a->id, b->id);
	assert_true(is_same_address(&a->addr, &b->addr));
}

static struct talk_request
request(enum talk_type type, const char *l_name, const char *r_name)
{
	struct talk_request req = { .type = type,
		.wire_type = (uint8_t)type,
		.addr = { .family = 4 },
		.ctl_addr = { .family = 4 } };

	snprintf(req.l_name, sizeof(req.l_name), "%s", l_name);
	snprintf(req.r_name, sizeof(req.r_name), "%s", r_name);
	return req;
}

/*
 * Reads a datagram from memory that ends where it does, and whatever else is
 * wrong with it, as a daemon would: the classic part first.
 */
static bool
read_request(const uint8_t *bytes, size_t len, struct talk_request *req,
    struct extension_request *more)
{
	uint8_t *copy = test_malloc(len);
	enum talk_answer fault;
	struct talk_request classic;
	bool good = false;

	memcpy(copy, bytes, len);
	memset(more, 0xff, sizeof(*more));
	if (ntalk_get_request(copy, len, req, &fault) == NTALK_FINE) {
		classic = *req;
		good = extension_get_request(copy, len, req, more);
		assert_int_equal(req->extended, good);
		if (!good) {
			assert_same_request(req, &classic);
			assert_false(more->lists);
			assert_int_equal(more->skip, 0);
		}
	}
	test_free(copy);
	return good;
}

static bool
read_reply(const uint8_t *bytes, size_t len, struct talk_reply *reply,
    struct extension_reply *more)
{
	static const struct extension_reply nothing = { 0 };
	uint8_t *copy = test_malloc(len);
	struct talk_reply classic;
	bool good = false;

	memcpy(copy, bytes, len);
	memset(more, 0xff, sizeof(*more));
	if (ntalk_get_reply(copy, len, reply)) {
		classic = *reply;
		good = extension_get_reply(copy, len, reply, more);
		if (!good) {
			assert_same_reply(reply, &classic);
			assert_memory_equal(more, &nothing, sizeof(nothing));
		}
	}
	test_free(copy);
	return good;
}

/* What stands behind the classic part of a datagram: bytes, as a literal. */
struct tail {
	const char *bytes;
	size_t len;
};

#define TAIL(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Reads a request with that behind it. */
static bool
read_behind_request(const struct talk_request *classic, const struct tail *tail,
    struct talk_request *req, struct extension_request *more)
{
	uint8_t bytes[REQUEST_SIZE + EXTENSION_DATAGRAM_SIZE];

	ntalk_put_request(classic, bytes);
	memcpy(bytes + REQUEST_SIZE, tail->bytes, tail->len);
	return read_request(bytes, REQUEST_SIZE + tail->len, req, more);
}

static bool
read_behind_reply(const struct talk_reply *classic, const struct tail *tail,
    struct talk_reply *reply, struct extension_reply *more)
{
	uint8_t bytes[REPLY_SIZE + EXTENSION_DATAGRAM_SIZE];

	ntalk_put_reply(classic, bytes);
	memcpy(bytes + REPLY_SIZE, tail->bytes, tail->len);
	return read_reply(bytes, REPLY_SIZE + tail->len, reply, more);
}

/* ------------------------------------------------------------ requests --- */

static void
long_names_are_written_and_read_in_full(void **state)
{
	struct talk_request want = request(
	    TALK_ANNOUNCE, "bartholomewkin", "alexandrines");
	const struct extension_request nothing = { 0 };
	struct extension_request more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request req;

	(void)state;
	want.id = NTALK_NO_ID;
	want.pid = 7;
	want.addr = want.ctl_addr = ipv4;
	want.ctl_addr.port++;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
	    extension_put_request(&want, &nothing, bytes), sizeof(announce));
	assert_memory_equal(bytes, announce, sizeof(announce));
	assert_true(read_request(announce, sizeof(announce), &req, &more));
	assert_same_request(&req, &want);
	assert_false(more.lists);
}

static void
an_ipv6_address_is_written_and_read(void **state)
{
	struct talk_request want = request(TALK_LEAVE_INVITE, "bob", "alice");
	const struct extension_request nothing = { 0 };
	struct extension_request more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request req;

	(void)state;
	want.addr = ipv6;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(extension_put_request(&want, &nothing, bytes),
	    sizeof(leave_invite));
	assert_memory_equal(bytes, leave_invite, sizeof(leave_invite));
	assert_true(
	    read_request(leave_invite, sizeof(leave_invite), &req, &more));
	assert_same_request(&req, &want);
}

static void
the_zone_of_an_address_stays_at_home(void **state)
{
	struct talk_request want = request(TALK_LEAVE_INVITE, "bob", "alice");
	const struct extension_request nothing = { 0 };
	struct extension_request more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request req;
	size_t len;

	(void)state;
	want.addr = (struct address){ 6, { 0xfe, 0x80, [15] = 1 }, 1, 3 };
	len = extension_put_request(&want, &nothing, bytes);
	assert_true(read_request(bytes, len, &req, &more));
	want.addr.scope = 0;
	assert_same_request(&req, &want);
}

static void
a_list_is_asked_for_with_all_the_room_there_is(void **state)
{
	const struct talk_request want = request(TALK_LOOK_UP, "bob", "");
	const struct extension_request lists = { true, 258 };
	struct extension_request more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request req;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
	    extension_put_request(&want, &lists, bytes), sizeof(list));
	assert_memory_equal(bytes, list, sizeof(list));
	assert_true(read_request(list, sizeof(list), &req, &more));
	assert_same_request(&req, &want);
	assert_true(more.lists);
	assert_int_equal(more.skip, 258);
}

static void
a_plain_request_has_no_extension(void **state)
{
	const struct talk_request classic = request(TALK_LOOK_UP, "bob", "al");
	static const struct tail tails[] = { TAIL(""), TAIL("T"), TAIL("TL"),
		TAIL("TLV"), TAIL("\0\0\0\0"), TAIL("tlv\1"), TAIL("TLV\0"),
		TAIL("TLV\2"), TAIL("TLV\377\0\0"), TAIL("\1VLT"),
		TAIL("xTLV\1") };
	struct extension_request more;
	struct talk_request req;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(tails); i++)
		assert_false(
		    read_behind_request(&classic, &tails[i], &req, &more));
}

static void
the_mark_alone_is_an_extension(void **state)
{
	const struct talk_request classic = request(TALK_LOOK_UP, "bob", "al");
	static const struct tail tail = TAIL(MARK);
	struct extension_request more;
	struct talk_request req;

	(void)state;
	assert_true(read_behind_request(&classic, &tail, &req, &more));
	assert_same_request(&req, &classic);
}

struct request_case {
	enum talk_type type;
	const char *l_name, *r_name; /* in the classic fields */
	bool good;
	struct tail tail;
	const char *l_full, *r_full; /* when good */
};

#define SIXTEEN "0123456789abcdef"
#define IPV6	"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"

static const struct request_case request_cases[] = {
	/* Padding, whatever is in it. */
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\0\0"), "a", "b" },
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\0\1x\0\0\0\3\1\2\3"), "a",
	    "b" },
	/* What overruns the datagram. */
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\0"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\0\1"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\0\0\0"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\0\377" SIXTEEN), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\310\2x"), "", "" },
	/* Types that nobody knows, and a reply's. */
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\10\1x\377\0\310\2\0\0"),
	    "a", "b" },
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\5\1x\6\0\7\1x"), "a", "b" },
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\310\1x\1\1a"), "a", "b" },
	/* Names that are not longer than their field. */
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\1\1a"), "a", "b" },
	{ TALK_LOOK_UP, "a", "b", true, TAIL(MARK "\2\1b\1\1a"), "a", "b" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\1\0"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\1\2ab"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\1\1b"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\1\1A"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\2\1a"), "", "" },
	{ TALK_LOOK_UP, "ab", "b", false, TAIL(MARK "\1\1a"), "", "" },
	{ TALK_LOOK_UP, "", "", false, TAIL(MARK "\1\1a"), "", "" },
	{ TALK_LOOK_UP, "a", "", false, TAIL(MARK "\2\1a"), "", "" },
	/* Ten characters are all there are; eleven may be a beginning. */
	{ TALK_LOOK_UP, "0123456789", "b", false,
	    TAIL(MARK "\1\13"
		      "0123456789a"),
	    "", "" },
	{ TALK_LOOK_UP, "0123456789a", "b", true,
	    TAIL(MARK "\1\13"
		      "0123456789a"),
	    "0123456789a", "b" },
	{ TALK_LOOK_UP, "0123456789a", "b", true,
	    TAIL(MARK "\1\14"
		      "0123456789ab"),
	    "0123456789ab", "b" },
	{ TALK_LOOK_UP, "0123456789a", "b", false,
	    TAIL(MARK "\1\14"
		      "0123456789ba"),
	    "", "" },
	{ TALK_LOOK_UP, "0123456789a", "b", false,
	    TAIL(MARK "\1\12"
		      "0123456789"),
	    "", "" },
	/* Thirty-two at most. */
	{ TALK_LOOK_UP, "bartholomew", "b", true, TAIL(MARK "\1\40" NAME_32),
	    NAME_32, "b" },
	{ TALK_LOOK_UP, "bartholomew", "b", false, TAIL(MARK "\1\41" LONGEST),
	    "", "" },
	{ TALK_LOOK_UP, "b", "bartholomew", true, TAIL(MARK "\2\40" NAME_32),
	    "b", NAME_32 },
	{ TALK_LOOK_UP, "b", "bartholomew", false, TAIL(MARK "\2\41" LONGEST),
	    "", "" },
	/* No NUL; what cannot be printed is for others to escape. */
	{ TALK_LOOK_UP, "bartholomew", "b", false,
	    TAIL(MARK "\1\15"
		      "bartholomew\0k"),
	    "", "" },
	{ TALK_LOOK_UP, "bartholomew", "b", false,
	    TAIL(MARK "\1\14"
		      "bartholomew\0"),
	    "", "" },
	{ TALK_LOOK_UP, "bartholomew", "b", true,
	    TAIL(MARK "\1\17"
		      "bartholomew\033\177\n\377"),
	    "bartholomew\033\177\n\377", "b" },
	/* Once each. */
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\1\1a\1\1a"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\2\1b\2\1b"), "", "" },
	{ TALK_LOOK_UP, "a", "", false, TAIL(MARK "\4\2\0\0\4\2\0\0"), "", "" },
	/* Addresses. */
	{ TALK_LEAVE_INVITE, "a", "b", true, TAIL(MARK "\3\22" IPV6 "\0\0"),
	    "a", "b" },
	{ TALK_ANNOUNCE, "a", "b", true, TAIL(MARK "\3\22" IPV6 "\0\1"), "a",
	    "b" },
	{ TALK_LEAVE_INVITE, "a", "b", false, TAIL(MARK "\3\21" IPV6 "\1"), "",
	    "" },
	{ TALK_LEAVE_INVITE, "a", "b", false, TAIL(MARK "\3\23" IPV6 "\0\1x"),
	    "", "" },
	{ TALK_LEAVE_INVITE, "a", "b", false, TAIL(MARK "\3\0"), "", "" },
	{ TALK_LEAVE_INVITE, "a", "b", false,
	    TAIL(MARK "\3\22" IPV6 "\0\1\3\22" IPV6 "\0\1"), "", "" },
	{ TALK_LEAVE_INVITE, "a", "b", false,
	    TAIL(MARK "\3\22\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), "", "" },
	{ TALK_LEAVE_INVITE, "a", "b", false,
	    TAIL(MARK "\3\22\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\1\0\1"), "",
	    "" },
	/* Lists. */
	{ TALK_LOOK_UP, "a", "", true, TAIL(MARK "\4\2\0\0"), "a", "" },
	{ TALK_LOOK_UP, "a", "", true, TAIL(MARK "\4\2\377\377"), "a", "" },
	{ TALK_LOOK_UP, "a", "", false, TAIL(MARK "\4\1\0"), "", "" },
	{ TALK_LOOK_UP, "a", "", false, TAIL(MARK "\4\3\0\0\0"), "", "" },
	{ TALK_LOOK_UP, "a", "b", false, TAIL(MARK "\4\2\0\0"), "", "" },
	{ TALK_ANNOUNCE, "a", "", false, TAIL(MARK "\4\2\0\0"), "", "" },
	/* Right, right, wrong: wrong. */
	{ TALK_LOOK_UP, "bartholomew", "b", false,
	    TAIL(MARK "\1\14"
		      "bartholomewk\2\1b\3\0"),
	    "", "" },
};

static void
an_extension_is_right_to_the_last_byte_or_none(void **state)
{
	const struct request_case *c;
	struct extension_request more;
	struct talk_request classic, req;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(request_cases); i++) {
		c = &request_cases[i];
		classic = request(c->type, c->l_name, c->r_name);
		if (read_behind_request(&classic, &c->tail, &req, &more) !=
		    c->good)
			fail_msg("request %zu", i);
		if (!c->good)
			continue;
		assert_string_equal(req.l_name, c->l_full);
		assert_string_equal(req.r_name, c->r_full);
	}
}

static void
an_address_contradicts_another(void **state)
{
	struct talk_request classic = request(TALK_LEAVE_INVITE, "a", "b");
	const struct tail tail = TAIL(MARK "\3\22" IPV6 "\0\1");
	struct extension_request more;
	struct talk_request req;

	(void)state;
	assert_true(read_behind_request(&classic, &tail, &req, &more));
	assert_int_equal(req.addr.family, 6);
	assert_int_equal(req.addr.port, 1);
	classic.addr.port = 9; /* of nothing */
	assert_true(read_behind_request(&classic, &tail, &req, &more));
	classic.addr = ipv4;
	assert_false(read_behind_request(&classic, &tail, &req, &more));
	assert_true(is_same_address(&req.addr, &ipv4));
}

/* An old client fills its field, and another puts a whole name behind it. */
static void
a_field_without_a_nul_may_begin_a_longer_name(void **state)
{
	uint8_t bytes[REQUEST_SIZE + MARK_SIZE + 2 + 13] = { 1, 1 };
	struct extension_request more;
	struct talk_request req;

	(void)state;
	bytes[9] = bytes[25] = 2;
	memcpy(bytes + 44, "bartholomews", 12);
	memcpy(bytes + REQUEST_SIZE, MARK "\1\15", MARK_SIZE + 2);
	memcpy(bytes + REQUEST_SIZE + MARK_SIZE + 2, "bartholomewsX", 13);
	assert_true(read_request(bytes, sizeof(bytes), &req, &more));
	assert_string_equal(req.l_name, "bartholomewsX");
	bytes[REQUEST_SIZE + MARK_SIZE + 2 + 11] = 'k';
	assert_false(read_request(bytes, sizeof(bytes), &req, &more));
	assert_string_equal(req.l_name, "bartholomews");
}

static void
every_request_makes_room_for_its_reply(void **state)
{
	static const char name[] = NAME_32;
	const struct extension_request nothing = { 0 };
	struct extension_request more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request want, req;
	size_t l_len, r_len, len;
	int family;

	(void)state;
	for (l_len = 0; l_len <= 32; l_len++) {
		for (r_len = 0; r_len <= 32; r_len++) {
			for (family = 4; family <= 6; family += 2) {
				want = request(TALK_ANNOUNCE,
				    name + sizeof(name) - 1 - l_len,
				    name + sizeof(name) - 1 - r_len);
				want.addr = family == 4 ? ipv4 : ipv6;
				len = extension_put_request(
				    &want, &nothing, bytes);
				assert_in_range(len, 148, 180);
				assert_true(
				    read_request(bytes, len, &req, &more));
				assert_same_request(&req, &want);
			}
		}
	}
}

static void
every_list_is_asked_for_with_1024_bytes(void **state)
{
	static const char name[] = NAME_32;
	struct extension_request lists = { .lists = true };
	struct extension_request more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request want, req;
	size_t len;

	(void)state;
	for (len = 1; len <= 32; len++) {
		want = request(TALK_LOOK_UP, name + sizeof(name) - 1 - len, "");
		lists.skip = (uint16_t)(len * 2047);
		assert_int_equal(
		    extension_put_request(&want, &lists, bytes), 1024);
		assert_true(read_request(bytes, 1024, &req, &more));
		assert_same_request(&req, &want);
		assert_int_equal(more.skip, lists.skip);
	}
}

/* ------------------------------------------------------------- replies --- */

static const struct talk_reply success = { .type = TALK_LOOK_UP, .id = 5 };

static void
a_reply_tells_an_ipv6_address(void **state)
{
	const struct talk_reply want = {
		.type = TALK_LOOK_UP, .id = 0x01020304, .addr = ipv6
	};
	const struct extension_reply nothing = { 0 };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct extension_reply more;
	struct talk_reply reply;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
	    extension_put_reply(&want, &nothing, 148, bytes), sizeof(found));
	assert_memory_equal(bytes, found, sizeof(found));
	assert_true(read_reply(found, sizeof(found), &reply, &more));
	assert_same_reply(&reply, &want);
}

static void
a_reply_tells_where_it_rang(void **state)
{
	const struct talk_reply want = { .type = TALK_ANNOUNCE,
		.id = 0x01020304 };
	const struct extension_reply two = { .terminal_count = 2,
		.terminals = { "pts/3", "tty1" } };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct extension_reply more;
	struct talk_reply reply;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
	    extension_put_reply(&want, &two, 148, bytes), sizeof(rung));
	assert_memory_equal(bytes, rung, sizeof(rung));
	assert_true(read_reply(rung, sizeof(rung), &reply, &more));
	assert_same_reply(&reply, &want);
	assert_int_equal(more.terminal_count, 2);
	assert_string_equal(more.terminals[0], "pts/3");
	assert_string_equal(more.terminals[1], "tty1");
	assert_int_equal(more.reason, EXTENSION_NO_REASON);
}

static void
a_reply_tells_why_it_did_not_ring(void **state)
{
	const struct talk_reply want = { .type = TALK_ANNOUNCE,
		.answer = TALK_FAILED };
	const struct extension_reply often = { .reason = EXTENSION_TOO_OFTEN,
		.seconds = 300 };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct extension_reply more;
	struct talk_reply reply;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
	    extension_put_reply(&want, &often, 148, bytes), sizeof(too_often));
	assert_memory_equal(bytes, too_often, sizeof(too_often));
	assert_true(read_reply(too_often, sizeof(too_often), &reply, &more));
	assert_same_reply(&reply, &want);
	assert_int_equal(more.reason, EXTENSION_TOO_OFTEN);
	assert_int_equal(more.seconds, 300);
}

static void
a_reply_lists_calls(void **state)
{
	const struct talk_reply want = { .type = TALK_LOOK_UP };
	const struct extension_reply two = { .call_count = 2,
		.calls = { { 9, "alice", "h1." },
		    { 86400, "bartholomewkin", "2001:db8::" } } };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct extension_reply more;
	struct talk_reply reply;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
	    extension_put_reply(&want, &two, 1024, bytes), sizeof(calls));
	assert_memory_equal(bytes, calls, sizeof(calls));
	assert_true(read_reply(calls, sizeof(calls), &reply, &more));
	assert_same_reply(&reply, &want);
	assert_int_equal(more.call_count, 2);
	assert_int_equal(more.calls[0].age, 9);
	assert_string_equal(more.calls[0].caller, "alice");
	assert_string_equal(more.calls[0].host, "h1.");
	assert_int_equal(more.calls[1].age, 86400);
	assert_string_equal(more.calls[1].caller, "bartholomewkin");
	assert_string_equal(more.calls[1].host, "2001:db8::");
}

struct reply_case {
	bool good;
	struct tail tail;
	size_t terminals, calls; /* when good */
	enum extension_reason reason;
	uint16_t seconds;
};

static const struct reply_case reply_cases[] = {
	{ true, TAIL(MARK), 0, 0, 0, 0 },
	{ true, TAIL(MARK "\0\3xyz\1\0\2\1x\4\0\310\1x"), 0, 0, 0, 0 },
	{ false, TAIL("TLV\2"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\310"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\310\2x"), 0, 0, 0, 0 },
	/* Terminals. */
	{ true, TAIL(MARK "\6\1x"), 1, 0, 0, 0 },
	{ true,
	    TAIL(MARK "\6\17"
		      "0123456789./_-A"
		      "\6\1x"),
	    2, 0, 0, 0 },
	{ false, TAIL(MARK "\6\20" SIXTEEN), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\6\0"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\6\3p\0s"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\6\3p\033s"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\6\4../x"), 0, 0, 0, 0 },
	/* Reasons. */
	{ true, TAIL(MARK "\7\3\6\377\377"), 0, 0, EXTENSION_IMPOSTOR, 65535 },
	{ true, TAIL(MARK "\7\3\7\0\1"), 0, 0, EXTENSION_NO_REASON, 1 },
	{ true, TAIL(MARK "\7\3\377\0\0"), 0, 0, EXTENSION_NO_REASON, 0 },
	{ false, TAIL(MARK "\7\2\1\0"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\7\4\1\0\0\0"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\7\3\1\0\0\7\3\1\0\0"), 0, 0, 0, 0 },
	/* Calls. */
	{ true, TAIL(MARK "\5\7\0\0\0\0\1ah"), 0, 1, 0, 0 },
	{ true, TAIL(MARK "\5\46\0\0\0\0\40" NAME_32 "h"), 0, 1, 0, 0 },
	{ false, TAIL(MARK "\5\47\0\0\0\0\41" LONGEST "h"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\0"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\4\0\0\0\0"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\5\0\0\0\0\0"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\6\0\0\0\0\1a"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\6\0\0\0\0\0h"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\6\0\0\0\0\2a"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\7\0\0\0\0\377ah"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\7\0\0\0\0\1\0h"), 0, 0, 0, 0 },
	{ false, TAIL(MARK "\5\10\0\0\0\0\1ah\0"), 0, 0, 0, 0 },
	/* An address where nothing was found, or twice. */
	{ false, TAIL(MARK "\3\22" IPV6 "\0\1"), 0, 0, 0, 0 },
	/* Right, right, wrong: wrong. */
	{ false, TAIL(MARK "\6\1x\7\3\1\0\0\5\0"), 0, 0, 0, 0 },
};

static void
a_reply_is_right_to_the_last_byte_or_has_no_extension(void **state)
{
	const struct reply_case *c;
	struct extension_reply more;
	struct talk_reply reply;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(reply_cases); i++) {
		c = &reply_cases[i];
		if (read_behind_reply(&success, &c->tail, &reply, &more) !=
		    c->good)
			fail_msg("reply %zu", i);
		assert_int_equal(more.terminal_count, c->terminals);
		assert_int_equal(more.call_count, c->calls);
		assert_int_equal(more.reason, c->reason);
		assert_int_equal(more.seconds, c->seconds);
	}
}

static void
the_longest_host_has_215_characters(void **state)
{
	char bytes[MARK_SIZE + 2 + 5 + 32 + 216];
	struct tail tail = { bytes, sizeof(bytes) - 1 };
	struct extension_reply more;
	struct talk_reply reply;

	(void)state;
	memset(bytes, 'h', sizeof(bytes));
	memcpy(bytes, MARK "\5\374\0\0\0\0\40", MARK_SIZE + 2 + 5);
	assert_true(read_behind_reply(&success, &tail, &reply, &more));
	assert_int_equal(strlen(more.calls[0].caller), 32);
	assert_int_equal(strlen(more.calls[0].host), 215);
	tail.len++;
	bytes[MARK_SIZE + 1]++;
	assert_false(read_behind_reply(&success, &tail, &reply, &more));
}

static void
more_than_there_is_room_for_is_passed_over(void **state)
{
	char bytes[EXTENSION_DATAGRAM_SIZE];
	struct tail tail = { bytes, MARK_SIZE };
	struct extension_reply more;
	struct talk_reply reply;
	char name = 'A';

	(void)state;
	memcpy(bytes, MARK, MARK_SIZE);
	while (name < 'A' + EXTENSION_CALLS_MAX + 5) {
		memcpy(bytes + tail.len, "\6\1x\5\7\0\0\0\0\1", 10);
		bytes[tail.len + 10] = name++;
		bytes[tail.len + 11] = 'h';
		tail.len += 12;
	}
	assert_true(read_behind_reply(&success, &tail, &reply, &more));
	assert_int_equal(more.terminal_count, EXTENSION_TERMINALS_MAX);
	assert_int_equal(more.call_count, EXTENSION_CALLS_MAX);
	assert_string_equal(more.calls[0].caller, "A");
	bytes[tail.len - 1] = '\0';
	assert_false(read_behind_reply(&success, &tail, &reply, &more));
}

static void
an_ipv4_address_in_a_reply_stays_where_it_was(void **state)
{
	const struct talk_reply want = {
		.type = TALK_LOOK_UP, .id = 1, .addr = ipv4
	};
	const struct extension_reply nothing = { 0 };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	uint8_t classic[REPLY_SIZE];
	struct tail tail = TAIL(MARK "\3\22" IPV6 "\0\1");
	struct extension_reply more;
	struct talk_reply reply;

	(void)state;
	assert_int_equal(extension_put_reply(&want, &nothing, 1024, bytes), 28);
	ntalk_put_reply(&want, classic);
	assert_memory_equal(bytes, classic, sizeof(classic));
	assert_memory_equal(bytes + REPLY_SIZE, MARK, MARK_SIZE);
	/* Two addresses contradict each other. */
	assert_false(read_behind_reply(&want, &tail, &reply, &more));
}

/* As much of everything as there can be. */
static void
fill(struct extension_reply *more)
{
	struct extension_call *call;
	size_t i;

	*more = (struct extension_reply){ .reason = EXTENSION_CLOSED,
		.terminal_count = EXTENSION_TERMINALS_MAX,
		.call_count = EXTENSION_CALLS_MAX };
	for (i = 0; i < EXTENSION_TERMINALS_MAX; i++)
		snprintf(more->terminals[i], sizeof(more->terminals[i]),
		    "pts/%zu", i * 1111);
	for (i = 0; i < EXTENSION_CALLS_MAX; i++) {
		call = &more->calls[i];
		call->age = (uint32_t)i;
		snprintf(call->caller, sizeof(call->caller), "caller%zu", i);
		memset(call->host, 'h', i % 2 == 0 ? 40 : 1);
	}
}

static void
a_reply_is_cut_at_a_whole_element_and_never_longer_than_its_room(void **state)
{
	struct talk_reply want = {
		.type = TALK_LOOK_UP, .id = 1, .addr = ipv6
	};
	struct extension_reply full, more;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_reply reply;
	size_t room, len, i, last = 0;

	(void)state;
	fill(&full);
	for (room = REPLY_SIZE; room <= 2 * sizeof(bytes); room++) {
		memset(bytes, 0xee, sizeof(bytes));
		len = extension_put_reply(&want, &full, room, bytes);
		assert_in_range(len, last, room);
		assert_true(len == sizeof(bytes) || bytes[len] == 0xee);
		last = len;
		if (room < REPLY_SIZE + MARK_SIZE) {
			assert_int_equal(len, REPLY_SIZE);
			continue;
		}
		assert_true(read_reply(bytes, len, &reply, &more));
		/* The first are there, and none behind one that is not. */
		for (i = 0; i < more.terminal_count; i++)
			assert_string_equal(
			    more.terminals[i], full.terminals[i]);
		for (i = 0; i < more.call_count; i++)
			assert_int_equal(more.calls[i].age, i);
		assert_true(more.call_count == 0 ||
		    more.terminal_count == EXTENSION_TERMINALS_MAX);
		if (room < 48)
			assert_int_equal(reply.addr.family, 4);
		else
			assert_int_equal(reply.addr.family, 6);
	}
	assert_in_range(more.call_count, 10, EXTENSION_CALLS_MAX - 1);
}

/* ---------------------------------------------------- whatever is sent --- */

/* Whether a datagram that was changed in one place is still taken. */
static bool
take_request(const uint8_t *bytes, size_t len)
{
	struct extension_request more;
	struct talk_request req;

	if (!read_request(bytes, len, &req, &more))
		return false;
	assert_in_range(strlen(req.l_name), 0, 32);
	assert_in_range(strlen(req.r_name), 0, 32);
	return true;
}

static bool
take_reply(const uint8_t *bytes, size_t len)
{
	struct extension_reply more;
	struct talk_reply reply;
	size_t i;

	if (!read_reply(bytes, len, &reply, &more))
		return false;
	assert_in_range(more.terminal_count, 0, EXTENSION_TERMINALS_MAX);
	assert_in_range(more.call_count, 0, EXTENSION_CALLS_MAX);
	assert_in_range(more.reason, 0, EXTENSION_IMPOSTOR);
	for (i = 0; i < more.terminal_count; i++)
		assert_true(person_terminal_ok(more.terminals[i]));
	for (i = 0; i < more.call_count; i++) {
		assert_in_range(strlen(more.calls[i].caller), 1, 32);
		assert_in_range(strlen(more.calls[i].host), 1, 215);
	}
	return true;
}

struct known {
	const uint8_t *bytes;
	size_t len;
	bool (*take)(const uint8_t *bytes, size_t len);
};

static const struct known known[] = {
	{ announce, sizeof(announce), take_request },
	{ leave_invite, sizeof(leave_invite), take_request },
	{ list, sizeof(list), take_request },
	{ found, sizeof(found), take_reply },
	{ rung, sizeof(rung), take_reply },
	{ too_often, sizeof(too_often), take_reply },
	{ calls, sizeof(calls), take_reply },
};

static void
no_byte_that_is_changed_leads_beyond_the_datagram(void **state)
{
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	const struct known *k;
	unsigned int value, taken, refused;
	size_t i, at;

	(void)state;
	for (i = 0; i < LENGTH(known); i++) {
		k = &known[i];
		taken = refused = 0;
		memcpy(bytes, k->bytes, k->len);
		for (at = 0; at < k->len; at++) {
			for (value = 0; value < 256; value++) {
				bytes[at] = (uint8_t)value;
				if (k->take(bytes, k->len))
					taken++;
				else
					refused++;
			}
			bytes[at] = k->bytes[at];
		}
		assert_true(k->take(bytes, k->len));
		assert_in_range(taken, k->len, 256 * k->len);
		assert_in_range(refused, 255, 256 * k->len);
	}
}

static void
a_datagram_cut_anywhere_leads_nowhere_else(void **state)
{
	const struct known *k;
	size_t i, len, taken;

	(void)state;
	for (i = 0; i < LENGTH(known); i++) {
		k = &known[i];
		taken = 0;
		for (len = 1; len <= k->len; len++)
			taken += k->take(k->bytes, len);
		/* Where an element ends. */
		assert_in_range(taken, 2, 9);
	}
}

static void
noise_behind_the_mark_leads_nowhere(void **state)
{
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	uint32_t seed = 1;
	size_t len, at;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		memcpy(bytes, i % 2 == 0 ? announce : list,
		    REQUEST_SIZE + MARK_SIZE);
		seed = seed * 1664525 + 1013904223;
		len = REQUEST_SIZE + MARK_SIZE + (seed >> 16) % 200;
		for (at = REQUEST_SIZE + MARK_SIZE; at < len; at++) {
			seed = seed * 1664525 + 1013904223;
			bytes[at] = (uint8_t)((seed >> 24) %
			    (at % 3 == 0 ? 256U : 9U));
		}
		(void)take_request(bytes, len);
		memcpy(
		    bytes + REQUEST_SIZE + MARK_SIZE - REPLY_SIZE - MARK_SIZE,
		    found, REPLY_SIZE + MARK_SIZE);
		(void)take_reply(bytes + REQUEST_SIZE - REPLY_SIZE,
		    len - REQUEST_SIZE + REPLY_SIZE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names_are_written_and_read_in_full),
		cmocka_unit_test(an_ipv6_address_is_written_and_read),
		cmocka_unit_test(the_zone_of_an_address_stays_at_home),
		cmocka_unit_test(
		    a_list_is_asked_for_with_all_the_room_there_is),
		cmocka_unit_test(a_plain_request_has_no_extension),
		cmocka_unit_test(the_mark_alone_is_an_extension),
		cmocka_unit_test(
		    an_extension_is_right_to_the_last_byte_or_none),
		cmocka_unit_test(an_address_contradicts_another),
		cmocka_unit_test(a_field_without_a_nul_may_begin_a_longer_name),
		cmocka_unit_test(every_request_makes_room_for_its_reply),
		cmocka_unit_test(every_list_is_asked_for_with_1024_bytes),
		cmocka_unit_test(a_reply_tells_an_ipv6_address),
		cmocka_unit_test(a_reply_tells_where_it_rang),
		cmocka_unit_test(a_reply_tells_why_it_did_not_ring),
		cmocka_unit_test(a_reply_lists_calls),
		cmocka_unit_test(
		    a_reply_is_right_to_the_last_byte_or_has_no_extension),
		cmocka_unit_test(the_longest_host_has_215_characters),
		cmocka_unit_test(more_than_there_is_room_for_is_passed_over),
		cmocka_unit_test(an_ipv4_address_in_a_reply_stays_where_it_was),
		cmocka_unit_test(
		    a_reply_is_cut_at_a_whole_element_and_never_longer_than_its_room),
		cmocka_unit_test(
		    no_byte_that_is_changed_leads_beyond_the_datagram),
		cmocka_unit_test(a_datagram_cut_anywhere_leads_nowhere_else),
		cmocka_unit_test(noise_behind_the_mark_leads_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
