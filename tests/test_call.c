/*
 * The tests of talk/call: a call from the first question to its end, on
 * loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calling.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
a_caller_looks_up_then_leaves_an_invitation_then_announces(void **state)
{
	struct calling *calling = *state;
	struct address waits_at;

	strcpy(calling->bob.terminal, "pts/12");
	calling_begin(calling);
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	assert_string_equal(call_status(calling->call),
	    "Checking for invitation on caller's machine");
	puppet_hear(&calling->other, LOOK_UP);
	calling_check_request(
	    &calling->other, LOOK_UP, 0, NULL, "bob", "pts/12");
	assert_false(puppet_hears(&calling->own));
	puppet_answer(&calling->other, NOT_HERE, 0);
	calling_turn(calling);

	puppet_hear(&calling->own, LEAVE_INVITE);
	waits_at = calling_told(calling);
	assert_memory_equal(waits_at.bytes, ((uint8_t[]){ 127, 0, 0, 1 }), 4);
	assert_int_not_equal(waits_at.port, 0);
	calling_check_request(
	    &calling->own, LEAVE_INVITE, 0, &waits_at, "bob", "pts/12");
	assert_false(puppet_hears(&calling->other));
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);

	assert_string_equal(call_status(calling->call),
	    "Trying to connect to your party's talk daemon");
	puppet_hear(&calling->other, ANNOUNCE);
	calling_check_request(
	    &calling->other, ANNOUNCE, 0xffffffff, &waits_at, "bob", "pts/12");
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);

	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	assert_string_equal(
	    call_status(calling->call), "Waiting for your party to respond");
	assert_false(puppet_hears(&calling->own));
}

static void
names_are_cut_to_eleven_characters_and_in_full_behind(void **state)
{
	static const uint8_t names[24] = "wolfeschleg\0maximiliana";
	struct calling *calling = *state;
	const uint8_t *full;
	size_t len;

	calling->plan.caller = "wolfeschlegelsteinhausen";
	strcpy(calling->bob.user, "maximilianalexander");
	calling_to_announce(calling);
	assert_memory_equal(calling->own.question + 44, names, sizeof(names));
	puppet_hear(&calling->other, ANNOUNCE);
	assert_memory_equal(calling->other.question + 44, names, sizeof(names));
	full = puppet_element(&calling->other, CALLER, &len);
	assert_int_equal(len, 24);
	assert_memory_equal(full, "wolfeschlegelsteinhausen", len);
	full = puppet_element(&calling->other, CALLEE, &len);
	assert_int_equal(len, 19);
	assert_memory_equal(full, "maximilianalexander", len);
	assert_string_equal(calling->plan.caller, "wolfeschlegelsteinhausen");
}

static void
the_longest_terminal_fits(void **state)
{
	struct calling *calling = *state;

	strcpy(calling->bob.terminal, "pts/12345678901");
	calling_begin(calling);
	puppet_hear(&calling->other, LOOK_UP);
	assert_memory_equal(
	    calling->other.question + 68, "pts/12345678901", 16);
}

static void
our_own_daemons_answer_byte_does_not_count_but_its_id(void **state)
{
	struct calling *calling = *state;

	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, 0x83, OWN_ID); /* as netkit's may be */
	calling_turn(calling);
	puppet_hear(&calling->other, ANNOUNCE);
	call_end(calling->call, calling->now);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
whom_the_callees_host_connects_is_the_callee(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2",
		"127.0.1.1" };
	struct calling *calling = *state;
	struct address waits_at, bobs;
	size_t i;
	int bob;

	for (i = 0; i < COUNT(hosts); i++) {
		calling_to_wait(calling);
		waits_at = calling_told(calling);
		bob = calling_stream(calling, hosts[i]);
		bobs = calling_name(bob);
		assert_int_equal(calling_connect(bob, &waits_at), 0);
		calling_turn(calling);
		calling_check_connected(calling, &bobs);
		calling_check_taken_back(calling, OWN_ID, OTHER_ID);
		call_free(calling->call);
	}
	calling->call = NULL;
}

static void
the_invitation_is_taken_back_while_the_talk_has_begun(void **state)
{
	struct calling *calling = *state;
	struct address waits_at;
	int bob = calling_stream(calling, "127.0.0.2");

	calling_to_wait(calling);
	waits_at = calling_told(calling);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_CONNECTED);
	puppet_hear(&calling->own, DELETE);
	calling_check_delete(&calling->own, OWN_ID);
	puppet_hear(&calling->other, DELETE);
	calling_check_delete(&calling->other, OTHER_ID);
	assert_false(call_is_over(calling->call));
	calling_pass(calling, CALL_TAKE_BACK_MS - 1);
	assert_false(call_is_over(calling->call));
	calling_pass(calling, 1);
	assert_true(call_is_over(calling->call));
	assert_int_equal(call_phase(calling->call), CALL_CONNECTED);
}

static void
nobody_else_gets_in_once_the_callee_has(void **state)
{
	struct calling *calling = *state;
	struct address waits_at;

	calling_to_wait(calling);
	waits_at = calling_told(calling);
	assert_int_equal(
	    calling_connect(calling_stream(calling, "127.0.0.2"), &waits_at),
	    0);
	calling_turn(calling);
	assert_int_equal(
	    calling_connect(calling_stream(calling, "127.0.0.2"), &waits_at),
	    -1);
	assert_int_equal(errno, ECONNREFUSED);
}

/* ------------------------------------------------------------- waiting --- */

static void
the_callee_is_rung_again_every_30_seconds(void **state)
{
	struct calling *calling = *state;
	struct address waits_at;
	uint32_t ring;

	calling_to_wait(calling);
	waits_at = calling_told(calling);
	for (ring = 0; ring < 3; ring++) {
		calling_pass(calling, 29999);
		puppet_hear(&calling->other, LOOK_UP);
		puppet_answer(&calling->other, NOT_HERE, 0);
		calling_turn(calling);
		assert_false(puppet_hears(&calling->own));
		assert_int_equal(calling_deadline(calling), calling->now + 1);
		calling_pass(calling, 1);
		assert_string_equal(
		    call_status(calling->call), "Ringing your party again");
		puppet_hear(&calling->own, LEAVE_INVITE);
		calling_check_request(
		    &calling->own, LEAVE_INVITE, 0, &waits_at, "bob", "");
		puppet_hear(&calling->other, ANNOUNCE);
		calling_check_request(&calling->other, ANNOUNCE,
		    OTHER_ID + 1 + ring, &waits_at, "bob", "");
		puppet_answer(&calling->own, SUCCESS, OWN_ID + ring);
		calling_turn(calling);
		puppet_answer(&calling->other, SUCCESS, OTHER_ID + 1 + ring);
		calling_turn(calling);
	}
	call_end(calling->call, calling->now);
	calling_check_taken_back(calling, OWN_ID + 2, OTHER_ID + 3);
}

static void
a_waiting_caller_looks_every_two_seconds(void **state)
{
	struct calling *calling = *state;
	int look;

	calling_to_wait(calling);
	for (look = 0; look < 10; look++) {
		calling_pass(calling, 1999);
		assert_false(puppet_hears(&calling->other));
		assert_int_equal(calling_deadline(calling), calling->now + 1);
		calling_pass(calling, 1);
		puppet_hear(&calling->other, LOOK_UP);
		assert_int_equal(puppet_id(&calling->other), 0);
		puppet_answer(&calling->other, NOT_HERE, 0);
		calling_turn(calling);
	}
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
}

struct refusal {
	int answer;
	enum call_failure failure;
};

static const struct refusal refusals[] = {
	{ NOT_HERE, CALL_NOT_LOGGED_ON },
	{ FAILED, CALL_TOO_BUSY },
	{ 3 /* MACHINE_UNKNOWN */, CALL_TOO_BUSY },
	{ PERMISSION_DENIED, CALL_REFUSING },
	{ UNKNOWN_REQUEST, CALL_NOT_SPOKEN },
	{ 6 /* BADVERSION */, CALL_NOT_SPOKEN },
	{ 7 /* BADADDR */, CALL_NOT_SPOKEN },
	{ 8 /* BADCTLADDR */, CALL_NOT_SPOKEN },
	{ 9, CALL_NOT_SPOKEN },
	{ 255, CALL_NOT_SPOKEN },
};

/* Answers; who is told that such a request is unknown asks once more. */
static void
answer_other(struct calling *calling, int answer)
{
	puppet_answer(&calling->other, answer, 0);
	calling_turn(calling);
	if (answer != UNKNOWN_REQUEST)
		return;
	puppet_hear(&calling->other, calling->other.question[AT_TYPE]);
	assert_int_equal(calling->other.behind_len, 0);
	puppet_answer(&calling->other, answer, 0);
	calling_turn(calling);
}

static void
a_refused_announce_fails_the_call_and_takes_the_invitation_back(void **state)
{
	struct calling *calling = *state;
	size_t i;

	for (i = 0; i < COUNT(refusals); i++) {
		calling_to_announce(calling);
		puppet_hear(&calling->other, ANNOUNCE);
		answer_other(calling, refusals[i].answer);
		calling_check_failed(calling, refusals[i].failure);
		calling_check_taken_back(calling, OWN_ID, 0);
		call_free(calling->call);
	}
	calling->call = NULL;
}

/* Whoever logs out or says mesg n meanwhile; a busy daemon is no reason. */
static void
a_refusal_while_ringing_fails_the_call_unless_the_daemon_is_busy(void **state)
{
	struct calling *calling = *state;
	enum call_phase phase;
	size_t i;

	for (i = 0; i < COUNT(refusals); i++) {
		phase = refusals[i].failure == CALL_TOO_BUSY ? CALL_RINGING
							     : CALL_FAILED;
		calling_to_ring_again(calling);
		puppet_hear(&calling->own, LEAVE_INVITE);
		puppet_answer(&calling->own, SUCCESS, OWN_ID);
		calling_turn(calling);
		puppet_hear(&calling->other, ANNOUNCE);
		answer_other(calling, refusals[i].answer);
		assert_int_equal(call_phase(calling->call), phase);
		if (phase == CALL_FAILED)
			calling_check_failed(calling, refusals[i].failure);
		call_end(calling->call, calling->now);
		calling_check_taken_back(calling, OWN_ID, OTHER_ID);
		call_free(calling->call);
	}
	calling->call = NULL;
}

static void
a_ring_that_is_not_answered_ends_nothing(void **state)
{
	struct calling *calling = *state;

	calling_to_ring_again(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_hear(&calling->other, ANNOUNCE);
	calling_pass(calling, 10000);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	puppet_hear(&calling->other, LOOK_UP);
	call_end(calling->call, calling->now);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
patience_ends_the_call(void **state)
{
	struct calling *calling = *state;

	calling->plan.patience = 5000;
	calling_to_wait(calling);
	calling_pass(calling, 4999);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	assert_int_equal(calling_deadline(calling) <= calling->now + 1, 1);
	calling_pass(calling, 1);
	calling_check_failed(calling, CALL_NO_ANSWER);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
who_comes_in_the_last_moment_is_still_taken(void **state)
{
	struct calling *calling = *state;
	int bob = calling_stream(calling, "127.0.0.2");
	struct address bobs = calling_name(bob);
	struct address waits_at;

	calling->plan.patience = 5000;
	calling_to_wait(calling);
	waits_at = calling_told(calling);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling->now += 5000;
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
}

static void
without_patience_set_a_call_rings_for_days(void **state)
{
	struct calling *calling = *state;
	int day;

	calling_to_wait(calling);
	for (day = 0; day < 3; day++)
		calling_pass(calling, 86400000);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
}

/* ----------------------------------------------- what a caller is told --- */

static void
a_waiting_caller_sees_the_seconds_to_the_next_ring(void **state)
{
	struct calling *calling = *state;
	char words[CALL_COUNTDOWN_SIZE];
	int seconds;

	calling_to_announce(calling);
	assert_string_equal(call_countdown(calling->call), "");
	puppet_hear(&calling->other, ANNOUNCE);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);
	for (seconds = 30; seconds > 1; seconds--) {
		snprintf(words, sizeof(words), "; again in %d s", seconds);
		assert_string_equal(call_countdown(calling->call), words);
		calling_pass(calling, 999);
		assert_string_equal(call_countdown(calling->call), words);
		assert_int_equal(calling_deadline(calling), calling->now + 1);
		calling_pass(calling, 1);
	}
	calling_pass(calling, 1000);
	assert_string_equal(call_countdown(calling->call), "; again in 30 s");
	call_end(calling->call, calling->now);
	calling_pass(calling, 0);
	assert_string_equal(call_countdown(calling->call), "");
}

/* Answers the ANNOUNCE that is due, with elements behind it. */
static void
answer_announce(struct calling *calling, int answer, uint32_t id,
    const uint8_t *elements, size_t len)
{
	puppet_hear(&calling->other, ANNOUNCE);
	puppet_answer_more(&calling->other, answer, id, elements, len);
	calling_turn(calling);
}

struct ring {
	const char *elements;
	size_t len;
	const char *words;
};

static const struct ring rings[] = {
	{ "", 0, "" },
	{ "\6\5pts/3", 7, " (rang on pts/3)" },
	{ "\6\5pts/3\6\4tty1", 13, " (rang on pts/3, tty1)" },
	{ "\6\1a\6\1b\6\1c", 9, " (rang on a, b, c)" },
	{ "\6\1a\6\1b\6\1c\6\1d\6\1e", 15, " (rang on a, b, c and 2 more)" },
	{ "\6\17pts/12345678901\6\17pts/12345678902\6\17pts/12345678903"
	  "\6\1d",
	    54,
	    " (rang on pts/12345678901, pts/12345678902, pts/12345678903 "
	    "and 1 more)" },
};

static void
a_caller_is_told_on_which_terminals_it_rang(void **state)
{
	struct calling *calling = *state;
	char words[CALL_STATUS_SIZE];
	size_t i;

	for (i = 0; i < COUNT(rings); i++) {
		calling_to_announce(calling);
		answer_announce(calling, SUCCESS, OTHER_ID,
		    (const uint8_t *)rings[i].elements, rings[i].len);
		snprintf(words, sizeof(words),
		    "Waiting for your party to respond%s", rings[i].words);
		assert_string_equal(call_status(calling->call), words);
		call_end(calling->call, calling->now);
		calling_check_taken_back(calling, OWN_ID, OTHER_ID);
		call_free(calling->call);
	}
	calling->call = NULL;
}

/* What was told once stands until something else is. */
static void
where_it_rang_is_told_again_at_every_ring(void **state)
{
	static const uint8_t elsewhere[] = { RUNG, 4, 't', 't', 'y', '1' };
	struct calling *calling = *state;

	calling_to_announce(calling);
	answer_announce(
	    calling, SUCCESS, OTHER_ID, (const uint8_t *)"\6\5pts/3", 7);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, NOT_HERE, 0);
	calling_turn(calling);
	calling_pass(calling, 30000);
	assert_string_equal(call_status(calling->call),
	    "Ringing your party again (rang on pts/3)");
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
	answer_announce(
	    calling, SUCCESS, OTHER_ID, elsewhere, sizeof(elsewhere));
	assert_string_equal(call_status(calling->call),
	    "Ringing your party again (rang on tty1)");
}

static const struct {
	uint8_t reason;
	int answer;
	enum call_failure failure;
} reasons[] = {
	{ 0, NOT_HERE, CALL_NOT_LOGGED_ON },
	{ 1, PERMISSION_DENIED, CALL_REFUSING },
	{ 2, PERMISSION_DENIED, CALL_FORBIDDEN }, { 3, FAILED, CALL_TOO_OFTEN },
	{ 4, FAILED, CALL_STUCK }, { 5, NOT_HERE, CALL_AMBIGUOUS },
	{ 6, PERMISSION_DENIED, CALL_IMPOSTOR },
	{ 7, PERMISSION_DENIED, CALL_REFUSING }, /* none that is known */
};

static void
a_reason_tells_more_than_the_answer(void **state)
{
	struct calling *calling = *state;
	size_t i;

	for (i = 0; i < COUNT(reasons); i++) {
		const uint8_t reason[] = { REASON, 3, reasons[i].reason, 0, 0 };

		calling_to_announce(calling);
		answer_announce(
		    calling, reasons[i].answer, 0, reason, sizeof(reason));
		calling_check_failed(calling, reasons[i].failure);
		calling_check_taken_back(calling, OWN_ID, 0);
		call_free(calling->call);
	}
	calling->call = NULL;
}

static void
a_reason_beside_success_is_none(void **state)
{
	static const uint8_t reason[] = { REASON, 3, 2, 0, 0 };
	struct calling *calling = *state;

	calling_to_announce(calling);
	answer_announce(calling, SUCCESS, OTHER_ID, reason, sizeof(reason));
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
}

static void
an_own_daemon_that_does_not_believe_us_says_so(void **state)
{
	static const uint8_t impostor[] = { REASON, 3, 6, 0, 0 };
	struct calling *calling = *state;

	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer_more(
	    &calling->own, PERMISSION_DENIED, 0, impostor, sizeof(impostor));
	calling_turn(calling);
	calling_check_failed(calling, CALL_IMPOSTOR);
}

/* ------------------------------------------------------- to be patient --- */

static void
ask_to_wait(struct calling *calling, uint8_t seconds)
{
	const uint8_t often[] = { REASON, 3, 3, 0, seconds };

	answer_announce(calling, FAILED, 0, often, sizeof(often));
}

static void
asked_to_wait_a_moment_a_call_rings_after_it(void **state)
{
	struct calling *calling = *state;

	calling_to_announce(calling);
	ask_to_wait(calling, 3);
	assert_int_equal(call_phase(calling->call), CALL_ASKING);
	assert_string_equal(call_status(calling->call),
	    "Your party's talk daemon asks to wait");
	assert_string_equal(call_countdown(calling->call), "; ringing in 3 s");
	calling_pass(calling, 1000);
	assert_string_equal(call_countdown(calling->call), "; ringing in 2 s");
	calling_pass(calling, 1999);
	assert_false(puppet_hears(&calling->other));
	assert_int_equal(calling_deadline(calling), calling->now + 1);
	calling_pass(calling, 1);
	puppet_hear(&calling->other, ANNOUNCE);
	assert_int_equal(puppet_id(&calling->other), UINT32_C(0xffffffff));
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
	call_end(calling->call, calling->now);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
asked_to_wait_long_or_for_more_than_a_minute_a_call_fails(void **state)
{
	static const struct {
		uint8_t seconds;
		int holds;
	} cases[] = { { 11, 0 }, { 0, 0 }, { 255, 0 }, { 10, 6 }, { 1, 60 } };
	struct calling *calling = *state;
	size_t i;
	int hold;

	for (i = 0; i < COUNT(cases); i++) {
		calling_to_announce(calling);
		for (hold = 0; hold < cases[i].holds; hold++) {
			ask_to_wait(calling, cases[i].seconds);
			assert_int_equal(
			    call_phase(calling->call), CALL_ASKING);
			calling_pass(calling, cases[i].seconds * 1000);
		}
		ask_to_wait(calling, cases[i].seconds);
		calling_check_failed(calling, CALL_TOO_OFTEN);
		assert_int_equal(call_error(calling->call), cases[i].seconds);
		calling_check_taken_back(calling, OWN_ID, 0);
		call_free(calling->call);
	}
	calling->call = NULL;
}

static void
who_comes_while_a_call_is_held_is_taken(void **state)
{
	struct calling *calling = *state;
	struct address waits_at, bobs;
	int bob = calling_stream(calling, "127.0.0.2");

	calling_to_announce(calling);
	ask_to_wait(calling, 9);
	waits_at = calling_told(calling);
	bobs = calling_name(bob);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	calling_check_connected(calling, &bobs);
	calling_check_taken_back(calling, OWN_ID, 0);
}

static void
while_it_rings_a_daemon_that_cannot_ring_now_ends_nothing(void **state)
{
	static const uint8_t passing[] = { 3, 4 };
	struct calling *calling = *state;
	size_t i;

	for (i = 0; i < COUNT(passing); i++) {
		const uint8_t reason[] = { REASON, 3, passing[i], 0, 9 };

		calling_to_ring_again(calling);
		puppet_hear(&calling->own, LEAVE_INVITE);
		puppet_answer(&calling->own, SUCCESS, OWN_ID);
		calling_turn(calling);
		answer_announce(calling, FAILED, 0, reason, sizeof(reason));
		assert_int_equal(call_phase(calling->call), CALL_RINGING);
		assert_string_equal(call_status(calling->call),
		    "Waiting for your party to respond");
		call_end(calling->call, calling->now);
		calling_check_taken_back(calling, OWN_ID, OTHER_ID);
		call_free(calling->call);
	}
	calling->call = NULL;
}

/* --------------------------------------------------------------- ports --- */

static void
when_every_port_is_taken_the_call_fails(void **state)
{
	struct calling *calling = *state;
	uint16_t taken =
	    calling_name(calling_listener(calling, "127.0.0.1")).port;

	calling->plan.port_low = calling->plan.port_high = taken;
	calling_to_leave_invite(calling);
	calling_check_failed(calling, CALL_NO_PORT);
	assert_true(call_is_over(calling->call));
	assert_false(puppet_hears(&calling->own));
}

static void
a_range_ends_with_the_last_port_there_is(void **state)
{
	struct calling *calling = *state;

	calling->plan.port_low = calling->plan.port_high = 65535;
	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_int_equal(calling_told(calling).port, 65535);
}

static void
the_first_free_port_of_the_range_is_taken(void **state)
{
	struct calling *calling = *state;
	uint16_t taken =
	    calling_name(calling_listener(calling, "127.0.0.1")).port;

	calling->plan.port_low = taken;
	calling->plan.port_high = taken > 65000 ? 65535
						: (uint16_t)(taken + 99);
	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_in_range(
	    calling_told(calling).port, taken + 1, calling->plan.port_high);
}

static void
the_port_of_the_last_call_serves_the_next_one_at_once(void **state)
{
	struct calling *calling = *state;
	uint16_t port = calling_closed_port(calling).port;
	struct address waits_at;
	int bob = calling_stream(calling, "127.0.0.2");
	char byte;
	int stream;

	close(calling->streams[0]);
	calling->streams[0] = dup(bob);
	calling->plan.port_low = calling->plan.port_high = port;
	calling_to_wait(calling);
	waits_at = calling_told(calling);
	assert_int_equal(calling_connect(bob, &waits_at), 0);
	calling_turn(calling);
	stream = call_socket(calling->call);
	assert_true(stream >= 0);
	assert_int_equal(shutdown(stream, SHUT_WR), 0);
	assert_int_equal(recv(bob, &byte, 1, 0), 0);
	assert_int_equal(shutdown(bob, SHUT_WR), 0);
	assert_int_equal(recv(stream, &byte, 1, 0), 0);
	close(stream); /* and now the port is in TIME-WAIT */
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
	call_free(calling->call);

	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	assert_int_equal(calling_told(calling).port, port);
}

/* ----------------------------------------------------------- giving up --- */

/* What there is to take back when a call is given up in each step. */
static const struct {
	const char *step;
	void (*reach)(struct calling *calling);
	uint32_t own, other;
} ends[] = {
	{ "looking up", calling_to_look_up, 0, 0 },
	{ "leaving the invitation", calling_to_leave_invite, OWN_ID, 0 },
	{ "announcing", calling_to_announce, OWN_ID, OTHER_ID },
	{ "looking again", calling_to_look_again, OWN_ID, OTHER_ID },
	{ "waiting", calling_to_wait, OWN_ID, OTHER_ID },
	{ "ringing again", calling_to_ring_again, OWN_ID, OTHER_ID },
	{ "connecting", calling_to_connect, OWN_ID, OTHER_ID },
};

static void
whenever_a_call_is_given_up_all_is_taken_back(void **state)
{
	struct calling *calling;
	struct calling_deleted deleted;
	size_t i;

	for (i = 0; i < COUNT(ends); i++) {
		calling = *state;
		ends[i].reach(calling);
		call_end(calling->call, calling->now);
		deleted = calling_finish(calling, OWN_ID, OTHER_ID);
		if (deleted.own != ends[i].own ||
		    deleted.other != ends[i].other)
			fail_msg("given up while %s: deleted %x and %x",
			    ends[i].step, (unsigned)deleted.own,
			    (unsigned)deleted.other);
		assert_int_equal(calling_close(state), 0);
		assert_int_equal(calling_open(state), 0);
	}
}

static void
whenever_a_call_is_given_up_silent_daemons_hold_it_1500_ms(void **state)
{
	struct calling *calling;
	size_t i;

	for (i = 0; i < COUNT(ends); i++) {
		calling = *state;
		ends[i].reach(calling);
		call_end(calling->call, calling->now);
		calling_pass(calling, 0);
		assert_int_equal(call_is_over(calling->call), ends[i].own == 0);
		if (ends[i].own != 0) {
			calling_pass(calling, CALL_TAKE_BACK_MS - 1);
			assert_false(call_is_over(calling->call));
			assert_int_equal(
			    calling_deadline(calling), calling->now + 1);
			calling_pass(calling, 1);
		}
		assert_true(call_is_over(calling->call));
		assert_int_equal(calling_close(state), 0);
		assert_int_equal(calling_open(state), 0);
	}
}

/* The daemon is silent just when it is to be asked to ring. */
static void
a_ring_that_is_due_and_cannot_be_asked_for_waits_without_haste(void **state)
{
	struct calling *calling = *state;

	calling_to_wait(calling);
	calling_pass(calling, 29500);
	puppet_hear(&calling->other, LOOK_UP);
	calling_pass(calling, 1000);
	assert_true(calling_deadline(calling) > calling->now);
}

static void
given_up_while_ringing_again_the_newest_ids_are_deleted(void **state)
{
	struct calling *calling = *state;
	struct calling_deleted deleted;

	calling_to_ring_again(calling);
	call_end(calling->call, calling->now);
	deleted = calling_finish(calling, OWN_ID + 5, OTHER_ID + 1);
	assert_int_equal(deleted.own, OWN_ID + 5);
	assert_int_equal(deleted.other, OTHER_ID + 1);
}

static void
given_up_while_ringing_again_in_vain_the_old_ids_are_deleted(void **state)
{
	struct calling *calling = *state;
	struct calling_deleted deleted;

	calling_to_ring_again(calling);
	call_end(calling->call, calling->now);
	deleted = calling_finish(calling, 0, 0);
	assert_int_equal(deleted.own, OWN_ID);
	assert_int_equal(deleted.other, OTHER_ID);
}

static void
an_invitation_not_renewed_is_still_taken_back(void **state)
{
	struct calling *calling = *state;

	calling_to_ring_again(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, PERMISSION_DENIED, 0);
	calling_turn(calling);
	call_end(calling->call, calling->now);
	calling_check_taken_back(calling, OWN_ID, OTHER_ID);
}

static void
giving_up_asks_both_daemons_before_any_further_turn(void **state)
{
	struct calling *calling = *state;

	calling_to_wait(calling);
	call_end(calling->call, calling->now);
	puppet_hear(&calling->own, DELETE);
	calling_check_delete(&calling->own, OWN_ID);
	puppet_hear(&calling->other, DELETE);
	calling_check_delete(&calling->other, OTHER_ID);
}

static void
giving_up_twice_is_giving_up_once(void **state)
{
	struct calling *calling = *state;

	calling_to_wait(calling);
	call_end(calling->call, calling->now);
	calling_pass(calling, 1000);
	call_end(calling->call, calling->now);
	calling_pass(calling, CALL_TAKE_BACK_MS - 1000);
	assert_true(call_is_over(calling->call));
	call_end(calling->call, calling->now);
	assert_true(call_is_over(calling->call));
}

static void
after_giving_up_nobody_can_connect(void **state)
{
	struct calling *calling = *state;
	struct address waits_at;

	calling_to_wait(calling);
	waits_at = calling_told(calling);
	call_end(calling->call, calling->now);
	assert_int_equal(
	    calling_connect(calling_stream(calling, "127.0.0.2"), &waits_at),
	    -1);
}

static void
a_call_may_be_freed_at_any_step(void **state)
{
	size_t i;

	call_free(NULL);
	for (i = 0; i < COUNT(ends); i++) {
		ends[i].reach(*state);
		assert_int_equal(calling_close(state), 0);
		assert_int_equal(calling_open(state), 0);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, calling_open, calling_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    a_caller_looks_up_then_leaves_an_invitation_then_announces),
		TEST(names_are_cut_to_eleven_characters_and_in_full_behind),
		TEST(the_longest_terminal_fits),
		TEST(our_own_daemons_answer_byte_does_not_count_but_its_id),
		TEST(whom_the_callees_host_connects_is_the_callee),
		TEST(the_invitation_is_taken_back_while_the_talk_has_begun),
		TEST(nobody_else_gets_in_once_the_callee_has),
		TEST(the_callee_is_rung_again_every_30_seconds),
		TEST(a_waiting_caller_looks_every_two_seconds),
		TEST(
		    a_refused_announce_fails_the_call_and_takes_the_invitation_back),
		TEST(
		    a_refusal_while_ringing_fails_the_call_unless_the_daemon_is_busy),
		TEST(a_ring_that_is_not_answered_ends_nothing),
		TEST(patience_ends_the_call),
		TEST(who_comes_in_the_last_moment_is_still_taken),
		TEST(without_patience_set_a_call_rings_for_days),
		TEST(a_waiting_caller_sees_the_seconds_to_the_next_ring),
		TEST(a_caller_is_told_on_which_terminals_it_rang),
		TEST(where_it_rang_is_told_again_at_every_ring),
		TEST(a_reason_tells_more_than_the_answer),
		TEST(a_reason_beside_success_is_none),
		TEST(an_own_daemon_that_does_not_believe_us_says_so),
		TEST(asked_to_wait_a_moment_a_call_rings_after_it),
		TEST(asked_to_wait_long_or_for_more_than_a_minute_a_call_fails),
		TEST(who_comes_while_a_call_is_held_is_taken),
		TEST(while_it_rings_a_daemon_that_cannot_ring_now_ends_nothing),
		TEST(when_every_port_is_taken_the_call_fails),
		TEST(a_range_ends_with_the_last_port_there_is),
		TEST(the_first_free_port_of_the_range_is_taken),
		TEST(the_port_of_the_last_call_serves_the_next_one_at_once),
		TEST(whenever_a_call_is_given_up_all_is_taken_back),
		TEST(
		    whenever_a_call_is_given_up_silent_daemons_hold_it_1500_ms),
		TEST(
		    a_ring_that_is_due_and_cannot_be_asked_for_waits_without_haste),
		TEST(given_up_while_ringing_again_the_newest_ids_are_deleted),
		TEST(
		    given_up_while_ringing_again_in_vain_the_old_ids_are_deleted),
		TEST(an_invitation_not_renewed_is_still_taken_back),
		TEST(giving_up_asks_both_daemons_before_any_further_turn),
		TEST(giving_up_twice_is_giving_up_once),
		TEST(after_giving_up_nobody_can_connect),
		TEST(a_call_may_be_freed_at_any_step),
	};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
