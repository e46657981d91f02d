/*
 * The tests of talk/call where the callee calls, too: which of his invitations
 * are followed, and who gets in.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <netinet/in.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calling.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ----------------------------------------------------------- answering --- */

static void
an_invitation_is_followed_and_nothing_deleted(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.0.2"));

	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	calling_turn(calling);
	if (call_phase(calling->call) == CALL_ASKING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
	assert_true(call_is_over(calling->call));
	assert_false(puppet_hears(&calling->own));
	assert_false(puppet_hears(&calling->other));
}

static void
what_is_no_whole_invitation_is_not_followed(void **state)
{
	static const uint8_t replies[][PUPPET_REPLY_SIZE] = {
		/* no address, as ours answers when it has none to tell */
		{ 1, LOOK_UP, SUCCESS, 0, 0, 0, 0, 5 },
		/* no port */
		{ 1, LOOK_UP, SUCCESS, 0, 0, 0, 0, 5, 0, 2, 0, 0, 127, 0, 0,
		    1 },
		/* another family */
		{ 1, LOOK_UP, SUCCESS, 0, 0, 0, 0, 5, 0, 10, 1, 1, 127, 0, 0,
		    1 },
		/* an old address in a refusal, as netkit's */
		{ 1, LOOK_UP, NOT_HERE, 0, 0, 0, 0, 5, 0, 2, 1, 1, 127, 0, 0,
		    1 },
		{ 1, LOOK_UP, 255, 0, 0xff, 0xff, 0xff, 0xff },
	};
	struct calling *calling = *state;
	size_t i;

	for (i = 0; i < COUNT(replies); i++) {
		calling_begin(calling);
		puppet_hear(&calling->other, LOOK_UP);
		puppet_send(&calling->other, replies[i], sizeof(replies[i]));
		calling_turn(calling);
		puppet_hear(&calling->own, LEAVE_INVITE);
		call_free(calling->call);
	}
	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, UNKNOWN_REQUEST, 0);
	calling_turn(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, UNKNOWN_REQUEST, 0);
	calling_turn(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
}

static void
a_stale_invitation_is_deleted_and_the_call_goes_on(void **state)
{
	struct calling *calling = *state;
	struct address stale = calling_closed_port(calling);

	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &stale);
	while (!puppet_hears(&calling->other))
		calling_turn(calling);
	calling_check_request(
	    &calling->other, DELETE, BOBS_ID, NULL, "bob", "");
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	assert_false(puppet_hears(&calling->other));
	puppet_answer(&calling->other, SUCCESS, 0);
	calling_turn(calling);
	puppet_hear(&calling->other, ANNOUNCE);
	assert_int_equal(puppet_id(&calling->other), 0xffffffff);
}

static void
a_stale_invitation_is_not_tried_twice(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_closed_port(calling);

	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	while (!puppet_hears(&calling->other))
		calling_turn(calling);
	puppet_answer(&calling->other, NOT_HERE, 0);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	while (!puppet_hears(&calling->other))
		calling_turn(calling);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);
	/* The daemon has not obeyed, and now somebody listens there. */
	lead = calling_name(calling_listener(calling, "127.0.0.9"));
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	calling_turn(calling);
	calling_pass(calling, 2000);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	/* Another one counts. */
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID + 1, &lead);
	while (call_phase(calling->call) == CALL_RINGING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
}

static void
an_invitation_into_nothing_is_given_five_seconds(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_black_hole(calling);

	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	calling_turn(calling);
	assert_string_equal(
	    call_status(calling->call), "Waiting to connect with caller");
	calling_pass(calling, 4999);
	assert_false(puppet_hears(&calling->other));
	calling_pass(calling, 1);
	puppet_hear(&calling->other, DELETE);
	calling_check_delete(&calling->other, BOBS_ID);
	puppet_hear(&calling->own, LEAVE_INVITE);
}

static void
a_stale_invitation_found_while_ringing_does_not_end_the_ringing(void **state)
{
	struct calling *calling = *state;

	calling_to_connect(calling);
	calling_pass(calling, 5000);
	puppet_hear(&calling->other, DELETE);
	calling_check_delete(&calling->other, BOBS_ID);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	assert_string_equal(
	    call_status(calling->call), "Waiting for your party to respond");
	puppet_answer(&calling->other, SUCCESS, 0);
	calling_turn(calling);
	calling_pass(calling, 2000);
	puppet_hear(&calling->other, LOOK_UP);
	call_end(calling->call, calling->now);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
an_invitation_from_nowhere_leads_to_the_daemons_host(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.0.2"));
	struct address nowhere = puppet_address("0.0.0.0", lead.port);

	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &nowhere);
	while (call_phase(calling->call) == CALL_ASKING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
}

static void
on_one_host_a_loopback_address_is_meant_as_it_stands(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.1.1"));

	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	while (call_phase(calling->call) == CALL_ASKING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
}

static void
our_own_invitation_is_not_followed(void **state)
{
	struct calling *calling = *state;
	struct address waits_at;

	calling_to_look_again(calling);
	waits_at = calling_told(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &waits_at);
	calling_turn(calling);
	calling_pass(calling, 0);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
}

/* A newer client looks again and connects; an old one only waits. */
static void
one_that_waits_with_a_lower_address_is_left_two_looks_to_come(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.0.2"));
	struct address lower = puppet_address("0.0.0.0", lead.port);
	int look;

	calling_to_look_again(calling);
	for (look = 1; look <= 3; look++) {
		assert_int_equal(call_phase(calling->call), CALL_RINGING);
		puppet_hear(&calling->other, LOOK_UP);
		puppet_invite(&calling->other, BOBS_ID, &lower);
		calling_turn(calling);
		if (look < 3)
			calling_pass(calling, 2000);
	}
	if (call_phase(calling->call) == CALL_RINGING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
one_that_waits_with_a_higher_address_is_connected_at_once(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.0.9"));

	calling_to_look_again(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	while (call_phase(calling->call) == CALL_RINGING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

/* On loopback only a test can bring this about; between hosts it happens. */
static void
of_two_connections_that_cross_the_lower_ones_stays(void **state)
{
	struct calling *calling = *state;
	struct address high = calling_name(
	    calling_listener(calling, "127.0.0.9"));
	struct address low = calling_name(
	    calling_listener(calling, "127.0.0.2"));
	int bob = calling_stream(calling, "127.0.0.2");
	struct address bobs = calling_name(bob);
	struct address waits_at;

	calling_to_look_again(calling);
	calling_follow(calling, &high);
	waits_at = calling_told(calling);
	assert_int_equal(
	    calling_connect(calling_stream(calling, "127.0.0.2"), &waits_at),
	    0);
	calling_turn(calling);
	calling_check_connected(calling, &high);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
	call_free(calling->call);

	memset(
	    low.bytes, 0, sizeof(low.bytes)); /* the daemon's host is meant */
	calling_to_look_again(calling);
	calling_follow(calling, &low);
	waits_at = calling_told(calling);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

/*
 * One of two addresses refuses in the same turn in which the other answers, and
 * its descriptor becomes that of the stream.
 */
static void
a_new_stream_is_not_taken_for_an_old_socket_of_its_number(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_black_hole(calling);
	struct address there[2];
	struct puppet first;

	puppet_open(&first, "127.0.0.1", 0);
	there[0] = first.at;
	there[1] = calling->other.at;
	calling->plan.there = there;
	calling->plan.there_count = 2;
	calling_begin(calling);
	puppet_hear(&first, LOOK_UP);
	puppet_close(&first);
	(void)calling_keep(
	    calling, dup(calling->other.fd)); /* its number is taken */
	calling_pass(calling, 300);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	assert_string_equal(
	    call_status(calling->call), "Waiting to connect with caller");
	call_end(calling->call, calling->now);
	calling->plan.there = &calling->other.at;
}

/* ------------------------------------------------------------ stranger --- */

/* An address of this host beyond loopback, if there is a network at all. */
static bool
find_outer_address(char *number, size_t size)
{
	struct address far = puppet_address("198.51.100.1", 9); /* RFC 5737 */
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct address near = { 0 };

	if (fd >= 0 && calling_connect(fd, &far) == 0)
		near = calling_name(fd);
	if (fd >= 0)
		close(fd);
	address_format(&near, number, size);
	return near.family == 4 && !address_is_loopback(&near);
}

static void
a_stranger_is_turned_away_and_the_callee_still_awaited(void **state)
{
	struct calling *calling = *state;
	char number[ADDRESS_TEXT_SIZE];
	char words[CALL_STATUS_SIZE];
	struct address waits_at, bobs;
	int stranger, bob;
	char byte;

	if (!find_outer_address(number, sizeof(number))) {
		print_message("no address but loopback: no stranger to play\n");
		skip();
	}
	calling->plan.host = "h2\033[31m";
	stranger = calling_stream(calling, number);
	bob = calling_stream(calling, "127.0.0.2");
	bobs = calling_name(bob);
	calling_to_wait(calling);
	waits_at = calling_told(calling);
	assert_int_equal(calling_connect(stranger, &waits_at), 0);
	calling_turn(calling);
	snprintf(words, sizeof(words),
	    "Turned away %s, which is not h2\\033[31m", number);
	assert_string_equal(call_status(calling->call), words);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	assert_int_equal(recv(stranger, &byte, 1, 0), 0);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
}

/* ---------------------------------------------------- on the same host --- */

enum {
	ROOT = 0,
	ANOTHER = 65533, /* nobody's uid, and so not bob's */
};

/* Whose the other ends of all streams are. */
static struct owner everybody;

static struct owner
find_everybody(
    int protocol, const struct address *source, const struct address *local)
{
	(void)source;
	(void)local;
	assert_int_equal(protocol, IPPROTO_TCP);
	return everybody;
}

static void
another_user_of_the_callees_host_is_turned_away(void **state)
{
	static const struct owner strangers[] = {
		{ OWNER_TOLD, ANOTHER },
		{ OWNER_UNSURE, ROOT },
	};
	struct calling *calling = *state;
	struct address waits_at, bobs;
	int bob = calling_stream(calling, "127.0.0.2");
	size_t i;
	char byte;

	bobs = calling_name(bob);
	calling->plan.find_owner = find_everybody;
	calling_to_wait(calling);
	waits_at = calling_told(calling);
	for (i = 0; i < COUNT(strangers); i++) {
		int stranger = calling_stream(calling, "127.0.0.2");

		everybody = strangers[i];
		assert_int_equal(calling_connect(stranger, &waits_at), 0);
		calling_turn(calling);
		assert_string_equal(call_status(calling->call),
		    "Turned away one who is not bob");
		assert_int_equal(call_phase(calling->call), CALL_RINGING);
		assert_int_equal(recv(stranger, &byte, 1, 0), 0);
	}
	everybody = (struct owner){ OWNER_TOLD, ROOT };
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
}

static void
a_system_that_does_not_tell_turns_nobody_away(void **state)
{
	struct calling *calling = *state;
	struct address waits_at, bobs;
	int bob = calling_stream(calling, "127.0.0.2");

	bobs = calling_name(bob);
	everybody = (struct owner){ OWNER_UNTOLD, ANOTHER };
	calling->plan.find_owner = find_everybody;
	calling_to_wait(calling);
	waits_at = calling_told(calling);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
}

static void
an_invitation_that_leads_to_another_user_is_deleted(void **state)
{
	struct calling *calling = *state;
	int listener = calling_listener(calling, "127.0.0.2");
	struct address lead = calling_name(listener);
	char byte;

	everybody = (struct owner){ OWNER_TOLD, ANOTHER };
	calling->plan.find_owner = find_everybody;
	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	while (!puppet_hears(&calling->other))
		calling_turn(calling);
	calling_check_request(
	    &calling->other, DELETE, BOBS_ID, NULL, "bob", "");
	assert_string_equal(
	    call_status(calling->call), "Turned away one who is not bob");
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_int_equal(
	    recv(calling_keep(calling, accept(listener, NULL, NULL)), &byte, 1,
		0),
	    0);
}

static void
one_found_while_ringing_that_leads_to_another_user_is_told(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.0.2"));

	everybody = (struct owner){ OWNER_UNSURE, ROOT };
	calling->plan.find_owner = find_everybody;
	calling_to_look_again(calling);
	calling_follow(calling, &lead);
	while (!puppet_hears(&calling->other))
		calling_turn(calling);
	assert_int_equal(calling->other.question[AT_TYPE], DELETE);
	assert_string_equal(
	    call_status(calling->call), "Turned away one who is not bob");
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, calling_open, calling_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_invitation_is_followed_and_nothing_deleted),
		TEST(what_is_no_whole_invitation_is_not_followed),
		TEST(a_stale_invitation_is_deleted_and_the_call_goes_on),
		TEST(a_stale_invitation_is_not_tried_twice),
		TEST(an_invitation_into_nothing_is_given_five_seconds),
		TEST(
		    a_stale_invitation_found_while_ringing_does_not_end_the_ringing),
		TEST(an_invitation_from_nowhere_leads_to_the_daemons_host),
		TEST(on_one_host_a_loopback_address_is_meant_as_it_stands),
		TEST(our_own_invitation_is_not_followed),
		TEST(
		    one_that_waits_with_a_lower_address_is_left_two_looks_to_come),
		TEST(one_that_waits_with_a_higher_address_is_connected_at_once),
		TEST(of_two_connections_that_cross_the_lower_ones_stays),
		TEST(a_new_stream_is_not_taken_for_an_old_socket_of_its_number),
		TEST(a_stranger_is_turned_away_and_the_callee_still_awaited),
		TEST(another_user_of_the_callees_host_is_turned_away),
		TEST(a_system_that_does_not_tell_turns_nobody_away),
		TEST(an_invitation_that_leads_to_another_user_is_deleted),
		TEST(
		    one_found_while_ringing_that_leads_to_another_user_is_told),
	};

	return cmocka_run_group_tests_name("call, invited", tests, NULL, NULL);
}
