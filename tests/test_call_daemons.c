/*
 * The tests of talk/call with daemons that are silent, missing, or several on a
 * host; over IPv6, and where a daemon cannot carry that.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "calling.h"

/* ----------------------------------------------------------- no daemon --- */

static void
without_a_daemon_here_the_call_fails_at_once(void **state)
{
	struct calling *calling = *state;

	puppet_close(&calling->own);
	calling_to_leave_invite(calling);
	calling_turn(calling);
	calling_check_failed(calling, CALL_NO_OWN_DAEMON);
	calling_check_taken_back(calling, 0, 0);
}

static void
without_a_daemon_there_the_call_fails_at_once(void **state)
{
	struct calling *calling = *state;

	puppet_close(&calling->other);
	calling_begin(calling);
	calling_turn(calling);
	calling_check_failed(calling, CALL_NO_DAEMON);
	assert_true(call_is_over(calling->call));
	assert_false(puppet_hears(&calling->own));
}

static void
a_daemon_there_that_is_silent_fails_the_call_in_ten_seconds(void **state)
{
	struct calling *calling = *state;

	calling_begin(calling);
	calling_pass(calling, DAEMON_PATIENCE_MS - 1);
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	calling_pass(calling, 1);
	calling_check_failed(calling, CALL_NO_DAEMON);
}

static void
a_daemon_there_that_dies_before_the_ring_fails_the_call(void **state)
{
	struct calling *calling = *state;

	calling_to_leave_invite(calling);
	puppet_close(&calling->other);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	calling_turn(calling);
	calling_check_failed(calling, CALL_NO_DAEMON);
	puppet_hear(&calling->own, DELETE);
	calling_check_delete(&calling->own, OWN_ID);
	puppet_answer(&calling->own, SUCCESS, 0);
	calling_turn(calling);
	assert_true(call_is_over(calling->call));
}

static void
a_daemon_here_that_is_silent_fails_the_call_in_ten_seconds(void **state)
{
	struct calling *calling = *state;

	calling_to_leave_invite(calling);
	calling_pass(calling, DAEMON_PATIENCE_MS - 1);
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	calling_pass(calling, 1);
	calling_check_failed(calling, CALL_NO_OWN_DAEMON);
}

static void
an_own_daemon_that_gives_no_id_has_refused(void **state)
{
	struct calling *calling = *state;

	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, PERMISSION_DENIED, 0);
	calling_turn(calling);
	calling_check_failed(calling, CALL_OWN_REFUSES);
	calling_check_taken_back(calling, 0, 0);
}

static void
a_plan_without_addresses_fails_and_is_over(void **state)
{
	struct calling *calling = *state;

	calling->plan.there_count = 0;
	calling_begin(calling);
	calling_pass(calling, 0);
	calling_check_failed(calling, CALL_SYSTEM);
	assert_int_not_equal(call_error(calling->call), 0);
	assert_true(call_is_over(calling->call));
}

/* --------------------------------------- a daemon here for each family --- */

/* Alice's host has two daemons, as some inetds start them. */
struct pair {
	struct calling *calling;
	struct puppet second;
	struct address here[2];
};

static void
pair_open(struct pair *pair, struct calling *calling)
{
	pair->calling = calling;
	puppet_open(&pair->second, "127.0.0.3", 0);
	pair->here[0] = calling->own.at;
	pair->here[1] = pair->second.at;
	calling->plan.here = pair->here;
	calling->plan.here_count = 2;
}

static void
pair_close(struct pair *pair)
{
	puppet_close(&pair->second);
	pair->calling->plan.here = &pair->calling->own.at;
	pair->calling->plan.here_count = 1;
}

static void
an_invitation_is_left_with_both_and_taken_back_from_both(void **state)
{
	struct calling *calling = *state;
	struct pair pair;

	pair_open(&pair, calling);
	calling_to_announce(calling);
	puppet_hear(&pair.second, LEAVE_INVITE);
	assert_memory_equal(calling->own.question + AT_ADDR,
	    pair.second.question + AT_ADDR, 16);
	puppet_answer(&pair.second, SUCCESS, OWN_ID + 1);
	calling_turn(calling);
	puppet_hear(&calling->other, ANNOUNCE);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);
	calling_pass(calling, 30000);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_hear(&pair.second, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	puppet_answer(&pair.second, SUCCESS, OWN_ID + 2);
	calling_turn(calling);
	call_end(calling->call, calling->now);
	puppet_hear(&pair.second, DELETE);
	calling_check_delete(&pair.second, OWN_ID + 2);
	puppet_answer(&pair.second, SUCCESS, 0);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
	pair_close(&pair);
}

static void
one_of_two_daemons_is_enough(void **state)
{
	struct calling *calling = *state;
	struct pair pair;

	pair_open(&pair, calling);
	calling_to_announce(calling); /* the second is silent */
	puppet_hear(&calling->other, ANNOUNCE);
	call_free(calling->call);

	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, PERMISSION_DENIED, 0);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	while (puppet_hears(&pair.second))
		continue; /* the one of the call before, too */
	puppet_answer(&pair.second, SUCCESS, OWN_ID);
	calling_turn(calling);
	puppet_hear(&calling->other, ANNOUNCE);
	call_free(calling->call);

	puppet_close(&pair.second);
	calling_to_announce(calling); /* the second is not there */
	puppet_hear(&calling->other, ANNOUNCE);
	pair_close(&pair);
}

static void
a_daemon_that_refuses_counts_for_more_than_one_that_is_not_there(void **state)
{
	struct calling *calling = *state;
	struct pair pair;

	pair_open(&pair, calling);
	puppet_close(&pair.second);
	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, PERMISSION_DENIED, 0);
	while (call_phase(calling->call) == CALL_ASKING)
		calling_turn(calling);
	calling_check_failed(calling, CALL_OWN_REFUSES);
	pair_close(&pair);
}

/* ---------------------------------------------------------------- IPv6 --- */

/* Bob's host has an IPv6 address besides, which comes first. */
struct dual {
	struct calling *calling;
	struct puppet first; /* bob's daemon there */
	struct address there[2];
};

static void
dual_open(struct dual *dual, struct calling *calling)
{
	if (!puppet_has_ipv6()) {
		print_message("no IPv6 here\n");
		skip();
	}
	dual->calling = calling;
	puppet_open(&dual->first, "::1", 0);
	dual->there[0] = dual->first.at;
	dual->there[1] = calling->other.at;
	calling->plan.there = dual->there;
	calling->plan.there_count = 2;
}

static void
dual_close(struct dual *dual)
{
	puppet_close(&dual->first);
	dual->calling->plan.there = &dual->calling->other.at;
	dual->calling->plan.there_count = 1;
}

/* Bob's daemon has been asked over IPv6, and knows of no invitation. */
static void
dual_look_up(struct dual *dual, bool extends)
{
	calling_begin(dual->calling);
	puppet_hear(&dual->first, LOOK_UP);
	if (extends)
		puppet_answer_more(&dual->first, NOT_HERE, 0, NULL, 0);
	else
		puppet_answer(&dual->first, NOT_HERE, 0);
	calling_turn(dual->calling);
}

/* The call goes on over IPv4 as if there were nothing else. */
static void
check_ipv4_call(struct calling *calling)
{
	size_t len;

	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_null(puppet_element(&calling->own, ADDRESS, &len));
	assert_memory_equal(
	    calling_told(calling).bytes, ((uint8_t[]){ 127, 0, 0, 1 }), 4);
	assert_int_not_equal(calling_told(calling).port, 0);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	puppet_hear(&calling->other, ANNOUNCE);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	call_end(calling->call, calling->now);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
a_call_over_ipv6_is_one_throughout(void **state)
{
	struct calling *calling = *state;
	struct dual dual;
	struct address waits_at, bobs;
	int bob;

	dual_open(&dual, calling);
	dual_look_up(&dual, true);
	puppet_hear(&calling->own, LEAVE_INVITE);
	waits_at = puppet_told(&calling->own);
	assert_int_equal(waits_at.family, 6);
	assert_true(address_same_host(&waits_at, &dual.first.at));
	assert_int_not_equal(waits_at.port, 0);
	puppet_answer_more(&calling->own, SUCCESS, OWN_ID, NULL, 0);
	calling_turn(calling);
	puppet_hear(&dual.first, ANNOUNCE);
	puppet_answer_more(&dual.first, SUCCESS, OTHER_ID, NULL, 0);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	assert_false(puppet_hears(&calling->other));
	bob = calling_stream(calling, "::1");
	bobs = calling_name(bob);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
	puppet_hear(&dual.first, LOOK_UP);
	puppet_hear(&dual.first, DELETE);
	calling_check_delete(&dual.first, OTHER_ID);
	puppet_hear(&calling->own, DELETE);
	calling_check_delete(&calling->own, OWN_ID);
	dual_close(&dual);
}

static void
an_invitation_to_an_ipv6_address_is_followed(void **state)
{
	struct calling *calling = *state;
	struct address lead;

	if (!puppet_has_ipv6())
		skip();
	lead = calling_name(calling_listener(calling, "::1"));
	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_invite(&calling->other, BOBS_ID, &lead);
	while (call_phase(calling->call) == CALL_ASKING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
}

static void
a_daemon_that_cannot_carry_ipv6_is_left_for_one_that_need_not(void **state)
{
	struct calling *calling = *state;
	struct dual dual;

	dual_open(&dual, calling);
	dual_look_up(&dual, false);
	assert_false(puppet_hears(&calling->own));
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, NOT_HERE, 0);
	calling_turn(calling);
	check_ipv4_call(calling);
	assert_false(puppet_hears(&dual.first));
	dual_close(&dual);
}

static void
an_own_daemon_that_cannot_tell_of_ipv6_tells_of_ipv4(void **state)
{
	struct calling *calling = *state;
	struct dual dual;

	dual_open(&dual, calling);
	dual_look_up(&dual, true);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	puppet_hear(&calling->own, DELETE);
	calling_check_delete(&calling->own, OWN_ID);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, NOT_HERE, 0);
	calling_turn(calling);
	assert_false(puppet_hears(&calling->own)); /* first it is to forget */
	puppet_answer(&calling->own, SUCCESS, 0);
	calling_turn(calling);
	check_ipv4_call(calling);
	assert_false(puppet_hears(&dual.first));
	dual_close(&dual);
}

static void
netkits_own_daemon_tells_of_ipv4_likewise(void **state)
{
	struct calling *calling = *state;
	struct dual dual;

	dual_open(&dual, calling);
	dual_look_up(&dual, true);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_refuse(&calling->own);
	calling_turn(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_int_equal(calling->own.behind_len, 0);
	puppet_answer(&calling->own, 0x83, OWN_ID);
	calling_turn(calling);
	puppet_hear(&calling->own, DELETE);
	puppet_answer(&calling->own, SUCCESS, 0);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, NOT_HERE, 0);
	while (!puppet_hears(&calling->own))
		calling_turn(calling);
	assert_int_equal(calling->own.question[AT_TYPE], LEAVE_INVITE);
	assert_int_equal(calling->own.behind_len, 0);
	assert_int_equal(calling_told(calling).bytes[0], 127);
	dual_close(&dual);
}

static void
with_ipv6_alone_a_daemon_that_cannot_carry_it_fails_the_call(void **state)
{
	struct calling *calling = *state;
	struct dual dual;

	dual_open(&dual, calling);
	calling->plan.there_count = 1;
	dual_look_up(&dual, false);
	calling_check_failed(calling, CALL_NO_IPV6);
	assert_true(call_is_over(calling->call));
	assert_false(puppet_hears(&calling->own));
	call_free(calling->call);

	dual_look_up(&dual, true);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	calling_check_failed(calling, CALL_NO_IPV6);
	calling_check_taken_back(calling, OWN_ID, 0);
	dual_close(&dual);
}

/* That nobody serves at the other address is not what was wrong. */
static void
where_nobody_can_carry_the_call_the_daemon_that_could_not_is_named(void **state)
{
	struct calling *calling = *state;
	struct dual dual;

	dual_open(&dual, calling);
	puppet_close(&calling->other);
	dual_look_up(&dual, false);
	calling_turn(calling);
	calling_check_failed(calling, CALL_NO_IPV6);
	dual_close(&dual);
}

static void
an_invitation_that_an_old_daemon_tells_over_ipv6_is_followed(void **state)
{
	struct calling *calling = *state;
	struct address lead = calling_name(
	    calling_listener(calling, "127.0.0.2"));
	struct dual dual;

	dual_open(&dual, calling);
	calling_begin(calling);
	puppet_hear(&dual.first, LOOK_UP);
	puppet_invite(&dual.first, BOBS_ID, &lead);
	while (call_phase(calling->call) == CALL_ASKING)
		calling_turn(calling);
	calling_check_connected(calling, &lead);
	dual_close(&dual);
}

static void
a_range_of_ports_holds_over_ipv6_too(void **state)
{
	struct calling *calling = *state;
	struct dual dual;
	uint16_t taken;

	dual_open(&dual, calling);
	taken = calling_name(calling_listener(calling, "::1")).port;
	calling->plan.port_low = taken;
	calling->plan.port_high = taken > 65000 ? 65535
						: (uint16_t)(taken + 99);
	dual_look_up(&dual, true);
	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_in_range(puppet_told(&calling->own).port, taken + 1,
	    calling->plan.port_high);
	dual_close(&dual);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, calling_open, calling_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_daemon_here_the_call_fails_at_once),
		TEST(without_a_daemon_there_the_call_fails_at_once),
		TEST(
		    a_daemon_there_that_is_silent_fails_the_call_in_ten_seconds),
		TEST(a_daemon_there_that_dies_before_the_ring_fails_the_call),
		TEST(
		    a_daemon_here_that_is_silent_fails_the_call_in_ten_seconds),
		TEST(an_own_daemon_that_gives_no_id_has_refused),
		TEST(a_plan_without_addresses_fails_and_is_over),
		TEST(an_invitation_is_left_with_both_and_taken_back_from_both),
		TEST(one_of_two_daemons_is_enough),
		TEST(
		    a_daemon_that_refuses_counts_for_more_than_one_that_is_not_there),
		TEST(a_call_over_ipv6_is_one_throughout),
		TEST(an_invitation_to_an_ipv6_address_is_followed),
		TEST(
		    a_daemon_that_cannot_carry_ipv6_is_left_for_one_that_need_not),
		TEST(an_own_daemon_that_cannot_tell_of_ipv6_tells_of_ipv4),
		TEST(netkits_own_daemon_tells_of_ipv4_likewise),
		TEST(
		    with_ipv6_alone_a_daemon_that_cannot_carry_it_fails_the_call),
		TEST(
		    where_nobody_can_carry_the_call_the_daemon_that_could_not_is_named),
		TEST(
		    an_invitation_that_an_old_daemon_tells_over_ipv6_is_followed),
		TEST(a_range_of_ports_holds_over_ipv6_too),
	};

	return cmocka_run_group_tests_name("call, daemons", tests, NULL, NULL);
}
