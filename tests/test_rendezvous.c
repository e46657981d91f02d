/*
 * The tests of talkd/rendezvous: requests and what is answered, with a clock
 * that the test sets and ringing that the test says went well or not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "talkd/rendezvous.h"

enum { LIFE = 60000 };

static const uint8_t key[SIPHASH_KEY_SIZE] = "sixteen  letters";

/* This host, another, and a third. */
static const struct address here = { 4, { 192, 0, 2, 1 }, 4001, 0 };
static const struct address there = { 4, { 192, 0, 2, 2 }, 4002, 0 };
static const struct address elsewhere = { 4, { 192, 0, 2, 3 }, 4003, 0 };
static const struct address loopback = { 4, { 127, 0, 0, 1 }, 4004, 0 };
static const struct address debian = { 4, { 127, 0, 1, 1 }, 1234, 0 };

static const struct address none = { 0, { 0 }, 0, 0 };

struct scene {
	struct invitations *table;
	int64_t now;
	enum talk_answer rung; /* what ringing comes to */
	uid_t callee;	       /* and whom it rings */
	int rings;	       /* made so far */
	bool again;	       /* the last was one more */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	scene->table = invitations_new(key, LIFE);
	*state = scene;
	return scene->table == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	invitations_free(scene->table);
	free(scene);
	return 0;
}

static struct rendezvous_origin
from(const struct address *source)
{
	struct rendezvous_origin origin = {
		.source = *source,
		.local = here,
		.source_is_here = address_is_loopback(source) ||
		    address_same_host(source, &here),
		.addr_is_here = true,
	};

	return origin;
}

static struct talk_request
request(enum talk_type type, const char *l_name, const char *r_name,
    uint32_t pid, uint32_t id)
{
	struct talk_request req = {
		.type = type,
		.wire_type = (uint8_t)type,
		.id = id,
		.addr = here,
		.pid = pid,
	};

	snprintf(req.l_name, sizeof(req.l_name), "%s", l_name);
	snprintf(req.r_name, sizeof(req.r_name), "%s", r_name);
	return req;
}

/* Puts a request, rings as the scene says, and returns what is answered. */
static struct talk_reply
put(struct scene *scene, const struct talk_request *req,
    const struct rendezvous_origin *origin)
{
	const struct rendezvous_outcome outcome = { scene->rung,
		scene->callee };
	struct talk_reply reply = { 0 };
	enum rendezvous_ring ring;

	ring = rendezvous_decide(scene->table, req, origin, scene->now, &reply);
	if (ring != RENDEZVOUS_NO_RING) {
		scene->rings++;
		scene->again = ring == RENDEZVOUS_RING_AGAIN;
		rendezvous_settle(
		    scene->table, req, origin, &outcome, scene->now, &reply);
	}
	assert_int_equal(reply.type, req->wire_type);
	return reply;
}

static struct talk_reply
ask(struct scene *scene, enum talk_type type, const char *l_name,
    const char *r_name, uint32_t pid, uint32_t id, const struct address *source)
{
	struct talk_request req = request(type, l_name, r_name, pid, id);
	struct rendezvous_origin origin = from(source);

	return put(scene, &req, &origin);
}

/* alice, here, waits for bob. */
static struct talk_reply
leave(struct scene *scene, uint32_t pid)
{
	return ask(
	    scene, TALK_LEAVE_INVITE, "alice", "bob", pid, NTALK_NO_ID, &here);
}

/* alice, there, calls bob. */
static struct talk_reply
announce(struct scene *scene, uint32_t id)
{
	return ask(scene, TALK_ANNOUNCE, "alice", "bob", 7, id, &there);
}

/* bob, there, looks whether alice waits for him. */
static struct talk_reply
look_up(struct scene *scene)
{
	return ask(scene, TALK_LOOK_UP, "bob", "alice", 9, 0, &there);
}

/* -------------------------------------------------------- LEAVE_INVITE --- */

static void
an_invitation_is_found_crosswise(void **state)
{
	struct talk_reply left = leave(*state, 7);
	struct talk_reply found = look_up(*state);

	assert_int_equal(left.answer, TALK_SUCCESS);
	assert_in_range(left.id, 1, INVITATIONS_ID_MAX);
	assert_int_equal(left.addr.family, 0);
	assert_int_equal(found.answer, TALK_SUCCESS);
	assert_int_equal(found.id, left.id);
	assert_true(address_equal(&found.addr, &here));
}

static void
a_look_up_finds_no_other_pair_and_no_announcement(void **state)
{
	static const char *const pairs[][2] = { { "alice", "bob" },
		{ "bob", "carol" }, { "carol", "alice" }, { "Bob", "alice" },
		{ "bob", "Alice" }, { "", "" } };
	struct talk_reply reply;
	size_t i;

	leave(*state, 7);
	ask(*state, TALK_ANNOUNCE, "dave", "bob", 7, NTALK_NO_ID, &there);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		reply = ask(*state, TALK_LOOK_UP, pairs[i][0], pairs[i][1], 9,
		    0, &there);
		assert_int_equal(reply.answer, TALK_NOT_HERE);
		assert_int_equal(reply.id, 0);
		assert_int_equal(reply.addr.family, 0);
	}
	reply = ask(*state, TALK_LOOK_UP, "bob", "dave", 9, 0, &there);
	assert_int_equal(reply.answer, TALK_NOT_HERE);
}

static void
the_newest_invitation_is_found(void **state)
{
	struct talk_reply second;

	leave(*state, 7);
	second = leave(*state, 8);
	leave(*state, 7); /* refreshed */
	assert_int_equal(look_up(*state).id, second.id);
}

static void
the_same_invitation_keeps_its_id_and_takes_the_new_address(void **state)
{
	struct talk_request req = request(
	    TALK_LEAVE_INVITE, "alice", "bob", 7, NTALK_NO_ID);
	struct rendezvous_origin origin = from(&here);
	uint32_t id = put(*state, &req, &origin).id;

	req.addr.port = 4444;
	assert_int_equal(put(*state, &req, &origin).id, id);
	assert_int_equal(look_up(*state).addr.port, 4444);
	req.pid = 8;
	assert_int_not_equal(put(*state, &req, &origin).id, id);
}

static void
an_invitation_expires_unless_it_is_refreshed(void **state)
{
	struct scene *scene = *state;

	leave(scene, 7);
	scene->now = LIFE - 1;
	assert_int_equal(look_up(scene).answer, TALK_SUCCESS);
	leave(scene, 7);
	scene->now = LIFE;
	assert_int_equal(look_up(scene).answer, TALK_SUCCESS);
	scene->now = 2 * LIFE - 1;
	assert_int_equal(look_up(scene).answer, TALK_NOT_HERE);
}

static void
an_invitation_is_taken_from_this_host_only(void **state)
{
	struct scene *scene = *state;
	struct talk_reply reply = ask(
	    scene, TALK_LEAVE_INVITE, "alice", "bob", 7, NTALK_NO_ID, &there);

	assert_int_equal(reply.answer, TALK_PERMISSION_DENIED);
	assert_int_equal(reply.id, 0);
	assert_int_equal(invitations_count(scene->table), 0);
}

static void
an_invitation_leads_to_a_port_of_this_host_only(void **state)
{
	struct scene *scene = *state;
	struct talk_request req = request(
	    TALK_LEAVE_INVITE, "alice", "bob", 7, NTALK_NO_ID);
	struct rendezvous_origin origin = from(&here);

	origin.addr_is_here = false;
	assert_int_equal(put(scene, &req, &origin).answer, TALK_BADADDR);
	origin.addr_is_here = true;
	req.addr.port = 0;
	assert_int_equal(put(scene, &req, &origin).answer, TALK_BADADDR);
	assert_int_equal(invitations_count(scene->table), 0);
}

/* ------------------------------------------------------------- LOOK_UP --- */

/* alice waits for bob at Debian's 127.0.1.1, port 1234. */
static void
leave_at_loopback(struct scene *scene)
{
	struct talk_request req = request(
	    TALK_LEAVE_INVITE, "alice", "bob", 7, NTALK_NO_ID);
	struct rendezvous_origin origin = from(&loopback);

	req.addr = debian;
	assert_int_equal(put(scene, &req, &origin).answer, TALK_SUCCESS);
}

static void
a_loopback_address_becomes_the_one_asked_for_other_hosts(void **state)
{
	struct address asked = here;
	struct talk_reply reply;

	leave_at_loopback(*state);
	asked.port = debian.port;
	reply = look_up(*state);
	assert_int_equal(reply.answer, TALK_SUCCESS);
	assert_true(address_equal(&reply.addr, &asked));
}

static void
a_loopback_address_stays_for_this_host(void **state)
{
	struct talk_reply reply;

	leave_at_loopback(*state);
	reply = ask(*state, TALK_LOOK_UP, "bob", "alice", 9, 0, &loopback);
	assert_true(address_equal(&reply.addr, &debian));
	reply = ask(*state, TALK_LOOK_UP, "bob", "alice", 9, 0, &here);
	assert_true(address_equal(&reply.addr, &debian));
}

static void
a_loopback_address_that_nothing_can_replace_is_not_told(void **state)
{
	static const struct address ipv6 = { 6, { 0xfd, [15] = 1 }, 518, 0 };
	const struct address *const locals[] = { &none, &ipv6 };
	struct talk_request req = request(TALK_LOOK_UP, "bob", "alice", 9, 0);
	struct rendezvous_origin origin = from(&there);
	size_t i;

	leave_at_loopback(*state);
	for (i = 0; i < 2; i++) {
		origin.local = *locals[i];
		assert_int_equal(
		    put(*state, &req, &origin).answer, TALK_NOT_HERE);
	}
}

static void
who_calls_himself_does_not_find_his_own_invitation(void **state)
{
	struct talk_reply reply;

	ask(*state, TALK_LEAVE_INVITE, "alice", "alice", 7, NTALK_NO_ID, &here);
	reply = ask(*state, TALK_LOOK_UP, "alice", "alice", 7, 0, &here);
	assert_int_equal(reply.answer, TALK_NOT_HERE);
	reply = ask(*state, TALK_LOOK_UP, "alice", "alice", 8, 0, &here);
	assert_int_equal(reply.answer, TALK_SUCCESS);
	reply = ask(*state, TALK_LOOK_UP, "alice", "alice", 7, 0, &there);
	assert_int_equal(reply.answer, TALK_SUCCESS);
}

static void
who_calls_himself_finds_the_one_behind_his_own(void **state)
{
	struct talk_reply other, reply;

	other = ask(
	    *state, TALK_LEAVE_INVITE, "alice", "alice", 8, NTALK_NO_ID, &here);
	ask(*state, TALK_LEAVE_INVITE, "alice", "alice", 7, NTALK_NO_ID, &here);
	reply = ask(*state, TALK_LOOK_UP, "alice", "alice", 7, 0, &here);
	assert_int_equal(reply.id, other.id);
}

static void
two_with_the_same_pid_find_each_other(void **state)
{
	leave(*state, 7);
	assert_int_equal(
	    ask(*state, TALK_LOOK_UP, "bob", "alice", 7, 0, &here).answer,
	    TALK_SUCCESS);
}

/* -------------------------------------------------------------- DELETE --- */

static void
a_delete_takes_the_one_with_its_id_whatever_its_names(void **state)
{
	struct scene *scene = *state;
	uint32_t one = leave(scene, 7).id;
	uint32_t other = leave(scene, 8).id;
	struct talk_reply reply = ask(
	    scene, TALK_DELETE, "x", "y", 1, other, &here);

	assert_int_equal(reply.answer, TALK_SUCCESS);
	assert_int_equal(look_up(scene).id, one);
	reply = ask(scene, TALK_DELETE, "x", "y", 1, other, &here);
	assert_int_equal(reply.answer, TALK_NOT_HERE);
	assert_int_equal(reply.id, 0);
}

static void
a_delete_counts_from_the_host_that_made_the_entry_only(void **state)
{
	struct scene *scene = *state;
	uint32_t id = announce(scene, NTALK_NO_ID).id;
	struct address other_port = there;

	assert_int_equal(
	    ask(scene, TALK_DELETE, "alice", "bob", 7, id, &elsewhere).answer,
	    TALK_NOT_HERE);
	assert_int_equal(
	    ask(scene, TALK_DELETE, "alice", "bob", 7, id, &here).answer,
	    TALK_NOT_HERE);
	assert_int_equal(invitations_count(scene->table), 1);
	other_port.port++;
	assert_int_equal(
	    ask(scene, TALK_DELETE, "alice", "bob", 7, id, &other_port).answer,
	    TALK_SUCCESS);
	assert_int_equal(invitations_count(scene->table), 0);
}

/* ------------------------------------------------------------ ANNOUNCE --- */

static void
a_new_call_rings_once_however_often_it_is_sent(void **state)
{
	struct scene *scene = *state;
	struct talk_reply one = announce(scene, NTALK_NO_ID);
	struct talk_reply two = announce(scene, NTALK_NO_ID);

	assert_int_equal(one.answer, TALK_SUCCESS);
	assert_in_range(one.id, 1, INVITATIONS_ID_MAX);
	assert_int_equal(two.answer, TALK_SUCCESS);
	assert_int_equal(two.id, one.id);
	assert_int_equal(scene->rings, 1);
	assert_false(scene->again);
}

static void
the_id_told_or_a_lower_one_does_not_ring_again(void **state)
{
	struct scene *scene = *state;
	uint32_t id = announce(scene, NTALK_NO_ID).id;

	assert_int_equal(announce(scene, id).id, id);
	assert_int_equal(announce(scene, id - 1).id, id);
	assert_int_equal(announce(scene, 0).id, id);
	assert_int_equal(scene->rings, 1);
}

static void
one_above_the_id_told_rings_again_once(void **state)
{
	struct scene *scene = *state;
	uint32_t id = announce(scene, NTALK_NO_ID).id;
	struct talk_reply again = announce(scene, id + 1);

	assert_int_equal(again.answer, TALK_SUCCESS);
	assert_true(again.id > id + 1);
	assert_int_equal(scene->rings, 2);
	assert_true(scene->again);
	assert_int_equal(announce(scene, id + 1).id, again.id);
	assert_int_equal(announce(scene, NTALK_NO_ID).id, again.id);
	assert_int_equal(scene->rings, 2);
	assert_int_equal(invitations_count(scene->table), 1);
	announce(scene, again.id + 1);
	assert_int_equal(scene->rings, 3);
}

static uint32_t
swap(uint32_t word)
{
	return (word & 0xff) << 24 | (word & 0xff00) << 8 |
	    (word & 0xff0000) >> 8 | word >> 24;
}

static void
a_client_that_does_not_swap_bytes_rings_again_too(void **state)
{
	struct scene *scene = *state;
	uint32_t id = announce(scene, NTALK_NO_ID).id;
	int i;

	for (i = 1; i <= 20; i++) {
		uint32_t next = swap(swap(id) + 1);

		id = announce(scene, next).id;
		assert_int_equal(scene->rings, 1 + i);
		announce(scene, next);
		assert_int_equal(scene->rings, 1 + i);
	}
}

static void
an_id_beyond_all_ours_rings_once(void **state)
{
	struct scene *scene = *state;
	struct talk_reply reply;

	announce(scene, NTALK_NO_ID);
	reply = announce(scene, 0xfffffffe);
	assert_int_equal(scene->rings, 2);
	assert_in_range(reply.id, 1, INVITATIONS_ID_MAX);
	assert_int_equal(announce(scene, 0xfffffffe).id, reply.id);
	assert_int_equal(scene->rings, 2);
}

static void
another_pid_name_or_host_is_another_call(void **state)
{
	struct scene *scene = *state;

	announce(scene, NTALK_NO_ID);
	ask(scene, TALK_ANNOUNCE, "alice", "bob", 8, NTALK_NO_ID, &there);
	ask(scene, TALK_ANNOUNCE, "alicia", "bob", 7, NTALK_NO_ID, &there);
	ask(scene, TALK_ANNOUNCE, "alice", "bobby", 7, NTALK_NO_ID, &there);
	ask(scene, TALK_ANNOUNCE, "alice", "bob", 7, NTALK_NO_ID, &elsewhere);
	assert_int_equal(scene->rings, 5);
	assert_int_equal(invitations_count(scene->table), 5);
}

static void
a_call_that_could_not_ring_leaves_nothing(void **state)
{
	static const enum talk_answer failures[] = { TALK_NOT_HERE,
		TALK_PERMISSION_DENIED, TALK_FAILED };
	struct scene *scene = *state;
	struct talk_reply reply;
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		scene->rung = failures[i];
		reply = announce(scene, NTALK_NO_ID);
		assert_int_equal(reply.answer, failures[i]);
		assert_int_equal(reply.id, 0);
		assert_int_equal(invitations_count(scene->table), 0);
	}
}

static void
a_call_that_can_no_longer_ring_is_forgotten(void **state)
{
	struct scene *scene = *state;
	uint32_t id = announce(scene, NTALK_NO_ID).id;

	scene->rung = TALK_PERMISSION_DENIED;
	assert_int_equal(
	    announce(scene, id + 1).answer, TALK_PERMISSION_DENIED);
	assert_int_equal(invitations_count(scene->table), 0);
}

static void
nothing_changes_until_the_ring_is_settled(void **state)
{
	struct scene *scene = *state;
	struct talk_request req = request(
	    TALK_ANNOUNCE, "alice", "bob", 7, NTALK_NO_ID);
	struct rendezvous_origin origin = from(&there);
	struct talk_reply reply;
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(
		    rendezvous_decide(scene->table, &req, &origin, 0, &reply),
		    RENDEZVOUS_FIRST_RING);
	assert_int_equal(invitations_count(scene->table), 0);
}

static void
a_call_expires_and_then_rings_as_a_new_one(void **state)
{
	struct scene *scene = *state;
	uint32_t id = announce(scene, NTALK_NO_ID).id;

	scene->now = LIFE;
	announce(scene, id + 1);
	assert_int_equal(scene->rings, 2);
	assert_false(scene->again);
}

static void
a_call_from_nobody_does_not_ring(void **state)
{
	struct scene *scene = *state;
	struct talk_reply reply = ask(
	    scene, TALK_ANNOUNCE, "", "bob", 7, NTALK_NO_ID, &there);

	assert_int_equal(reply.answer, TALK_FAILED);
	assert_int_equal(scene->rings, 0);
}

/* ------------------------------------------------------- names in full --- */

/* Asks with an extension behind it, so that no name is cut. */
static struct talk_reply
ask_in_full(struct scene *scene, enum talk_type type, const char *l_name,
    const char *r_name, uint32_t pid, const struct address *source)
{
	struct talk_request req = request(
	    type, l_name, r_name, pid, NTALK_NO_ID);
	struct rendezvous_origin origin = from(source);

	req.extended = true;
	return put(scene, &req, &origin);
}

static void
long_names_that_begin_alike_are_two_callers(void **state)
{
	struct scene *scene = *state;
	struct talk_reply kin, son, found;

	kin = ask_in_full(
	    scene, TALK_LEAVE_INVITE, "bartholomewkin", "alice", 7, &here);
	son = ask_in_full(
	    scene, TALK_LEAVE_INVITE, "bartholomewson", "alice", 7, &here);
	assert_int_not_equal(kin.id, son.id);
	found = ask_in_full(
	    scene, TALK_LOOK_UP, "alice", "bartholomewkin", 9, &there);
	assert_int_equal(found.id, kin.id);
	found = ask_in_full(
	    scene, TALK_LOOK_UP, "alice", "bartholomewson", 9, &there);
	assert_int_equal(found.id, son.id);
	found = ask_in_full(
	    scene, TALK_LOOK_UP, "alice", "bartholomew", 9, &there);
	assert_int_equal(found.answer, TALK_NOT_HERE);
	/* An old client asks for what it knows; the newest is told. */
	found = ask(scene, TALK_LOOK_UP, "alice", "bartholomew", 9, 0, &there);
	assert_int_equal(found.id, son.id);
	found = ask(scene, TALK_LOOK_UP, "alice", "bartholomewk", 9, 0, &there);
	assert_int_equal(found.id, kin.id);
}

static void
who_was_cut_is_found_by_his_name_in_full(void **state)
{
	struct scene *scene = *state;
	struct talk_reply left, found;

	left = ask(scene, TALK_LEAVE_INVITE, "bartholomew", "alice", 7,
	    NTALK_NO_ID, &here);
	found = ask_in_full(
	    scene, TALK_LOOK_UP, "alice", "bartholomewkin", 9, &there);
	assert_int_equal(found.id, left.id);
}

static void
long_callees_that_begin_alike_are_rung_each(void **state)
{
	struct scene *scene = *state;

	ask_in_full(scene, TALK_ANNOUNCE, "alice", "bartholomewkin", 7, &there);
	ask_in_full(scene, TALK_ANNOUNCE, "alice", "bartholomewson", 7, &there);
	assert_int_equal(scene->rings, 2);
	ask_in_full(scene, TALK_ANNOUNCE, "alice", "bartholomewkin", 7, &there);
	assert_int_equal(scene->rings, 2);
}

/* ---------------------------------------------------------------- IPv6 --- */

static const struct address here_6 = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 },
	4001, 0 };
static const struct address there_6 = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 2 },
	4002, 0 };
static const struct address loopback_6 = { 6, { [15] = 1 }, 4004, 0 };

/* alice, here, waits for bob at that address. */
static struct talk_reply
leave_at(struct scene *scene, const struct address *addr, uint32_t pid)
{
	struct talk_request req = request(
	    TALK_LEAVE_INVITE, "alice", "bob", pid, NTALK_NO_ID);
	struct rendezvous_origin origin = from(&loopback);

	req.extended = true;
	req.addr = *addr;
	return put(scene, &req, &origin);
}

/* bob asks from one address at another; with an extension or without. */
static struct talk_reply
look_up_at(struct scene *scene, const struct address *source,
    const struct address *local, bool extended)
{
	struct talk_request req = request(TALK_LOOK_UP, "bob", "alice", 9, 0);
	struct rendezvous_origin origin = from(source);

	origin.local = *local;
	req.extended = extended;
	return put(scene, &req, &origin);
}

static void
only_an_extension_is_told_of_ipv6(void **state)
{
	struct talk_reply left = leave_at(*state, &here_6, 7);
	struct talk_reply found = look_up_at(*state, &there_6, &here_6, true);

	assert_int_equal(left.answer, TALK_SUCCESS);
	assert_int_equal(found.id, left.id);
	assert_true(address_equal(&found.addr, &here_6));
	found = look_up_at(*state, &there, &here, true);
	assert_true(address_equal(&found.addr, &here_6));
	found = look_up_at(*state, &there_6, &here_6, false);
	assert_int_equal(found.answer, TALK_NOT_HERE);
	assert_int_equal(found.id, 0);
	assert_int_equal(found.addr.family, 0);
}

static void
who_cannot_be_told_of_ipv6_finds_the_one_behind_it(void **state)
{
	struct talk_reply old = leave_at(*state, &here, 7);
	struct talk_reply new = leave_at(*state, &here_6, 8);

	assert_int_equal(look_up_at(*state, &there, &here, true).id, new.id);
	assert_int_equal(look_up_at(*state, &there, &here, false).id, old.id);
}

static void
the_loopback_of_ipv6_becomes_the_address_that_was_asked_too(void **state)
{
	struct address asked = here_6;
	struct talk_reply found;

	asked.port = loopback_6.port;
	leave_at(*state, &loopback_6, 7);
	found = look_up_at(*state, &there_6, &here_6, true);
	assert_true(address_equal(&found.addr, &asked));
	found = look_up_at(*state, &loopback_6, &loopback_6, true);
	assert_true(address_equal(&found.addr, &loopback_6));
	/* Nothing of IPv6 is known to lead here. */
	found = look_up_at(*state, &there, &here, true);
	assert_int_equal(found.answer, TALK_NOT_HERE);
	assert_int_equal(found.addr.family, 0);
}

/* --------------------------------------------------------------- lists --- */

enum { BOB = 1001, DAVE = 1002 };

/* The pids of those who call, in the order told, as text. */
static const char *
callers(struct scene *scene, uid_t callee, size_t skip, size_t room)
{
	static char text[128];
	const struct invitation *found[8];
	size_t i, len = 0;
	size_t count = rendezvous_list(
	    scene->table, callee, skip, scene->now, found, room);

	assert_in_range(count, 0, room);
	text[0] = '\0';
	for (i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u ",
		    (unsigned)found[i]->pid);
	return text;
}

/* Somebody calls bob; returns the id. */
static uint32_t
call_bob(struct scene *scene, const char *caller, uint32_t pid, uint32_t id)
{
	scene->callee = BOB;
	return ask(scene, TALK_ANNOUNCE, caller, "bob", pid, id, &there).id;
}

static void
who_was_rung_is_told_who_calls_by_the_first_ring(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	assert_string_equal(callers(scene, BOB, 0, 8), "");
	id = call_bob(scene, "alice", 1, NTALK_NO_ID);
	scene->now = 1000;
	call_bob(scene, "carol", 2, NTALK_NO_ID);
	call_bob(scene, "erin", 3, NTALK_NO_ID);
	leave(scene, 4);
	scene->now = 2000;
	call_bob(scene, "alice", 1, id + 1);
	scene->callee = DAVE;
	ask(scene, TALK_ANNOUNCE, "alice", "dave", 5, NTALK_NO_ID, &there);
	assert_string_equal(callers(scene, BOB, 0, 8), "3 2 1 ");
	assert_string_equal(callers(scene, BOB, 1, 8), "2 1 ");
	assert_string_equal(callers(scene, BOB, 0, 2), "3 2 ");
	assert_string_equal(callers(scene, BOB, 2, 1), "1 ");
	assert_string_equal(callers(scene, BOB, 3, 8), "");
	assert_string_equal(callers(scene, BOB, 65535, 8), "");
	assert_string_equal(callers(scene, DAVE, 0, 8), "5 ");
}

static void
a_call_that_ended_or_expired_is_told_to_nobody(void **state)
{
	struct scene *scene = *state;
	uint32_t id = call_bob(scene, "alice", 1, NTALK_NO_ID);

	call_bob(scene, "carol", 2, NTALK_NO_ID);
	ask(scene, TALK_DELETE, "", "", 0, id, &there);
	assert_string_equal(callers(scene, BOB, 0, 8), "2 ");
	scene->now = LIFE;
	assert_string_equal(callers(scene, BOB, 0, 8), "");
}

static void
a_call_that_did_not_ring_is_told_to_nobody(void **state)
{
	struct scene *scene = *state;

	scene->rung = TALK_PERMISSION_DENIED;
	call_bob(scene, "alice", 1, NTALK_NO_ID);
	assert_string_equal(callers(scene, BOB, 0, 8), "");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_invitation_is_found_crosswise),
		CASE(a_look_up_finds_no_other_pair_and_no_announcement),
		CASE(the_newest_invitation_is_found),
		CASE(
		    the_same_invitation_keeps_its_id_and_takes_the_new_address),
		CASE(an_invitation_expires_unless_it_is_refreshed),
		CASE(an_invitation_is_taken_from_this_host_only),
		CASE(an_invitation_leads_to_a_port_of_this_host_only),
		CASE(a_loopback_address_becomes_the_one_asked_for_other_hosts),
		CASE(a_loopback_address_stays_for_this_host),
		CASE(a_loopback_address_that_nothing_can_replace_is_not_told),
		CASE(who_calls_himself_does_not_find_his_own_invitation),
		CASE(who_calls_himself_finds_the_one_behind_his_own),
		CASE(two_with_the_same_pid_find_each_other),
		CASE(a_delete_takes_the_one_with_its_id_whatever_its_names),
		CASE(a_delete_counts_from_the_host_that_made_the_entry_only),
		CASE(a_new_call_rings_once_however_often_it_is_sent),
		CASE(the_id_told_or_a_lower_one_does_not_ring_again),
		CASE(one_above_the_id_told_rings_again_once),
		CASE(a_client_that_does_not_swap_bytes_rings_again_too),
		CASE(an_id_beyond_all_ours_rings_once),
		CASE(another_pid_name_or_host_is_another_call),
		CASE(a_call_that_could_not_ring_leaves_nothing),
		CASE(a_call_that_can_no_longer_ring_is_forgotten),
		CASE(nothing_changes_until_the_ring_is_settled),
		CASE(a_call_expires_and_then_rings_as_a_new_one),
		CASE(a_call_from_nobody_does_not_ring),
		CASE(long_names_that_begin_alike_are_two_callers),
		CASE(who_was_cut_is_found_by_his_name_in_full),
		CASE(long_callees_that_begin_alike_are_rung_each),
		CASE(only_an_extension_is_told_of_ipv6),
		CASE(who_cannot_be_told_of_ipv6_finds_the_one_behind_it),
		CASE(
		    the_loopback_of_ipv6_becomes_the_address_that_was_asked_too),
		CASE(who_was_rung_is_told_who_calls_by_the_first_ring),
		CASE(a_call_that_ended_or_expired_is_told_to_nobody),
		CASE(a_call_that_did_not_ring_is_told_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
