/*
 * The tests of talk/call: calls between daemons that the test plays itself, on
 * loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "puppet.h"
#include "talk/call.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	OWN_ID = 0x07000007,   /* our daemon's, for what we leave there */
	OTHER_ID = 0x09000009, /* the callee's daemon's, for the announce */
	BOBS_ID = 0x0b00000b,  /* of an invitation that bob has left */

	QUEUE_MAX = 8,
};

/* --------------------------------------------------------------- stage --- */

/* Alice at 127.0.0.1 calls bob, whose daemon is at 127.0.0.2. */
struct scene {
	struct puppet own;
	struct puppet other;
	struct person bob;
	struct call_plan plan;
	struct call *call;
	int64_t now;

	int streams[QUEUE_MAX]; /* opened by the test itself */
	int stream_count;
	int descriptors; /* before */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	scene->descriptors = puppet_descriptors();
	puppet_open(&scene->own, "127.0.0.1", 0);
	puppet_open(&scene->other, "127.0.0.2", 0);
	scene->bob = (struct person){ .user = "bob", .host = "h2" };
	scene->plan = (struct call_plan){
		.caller = "alice",
		.callee = &scene->bob,
		.host = "h2",
		.there = &scene->other.at,
		.there_count = 1,
		.here = &scene->own.at,
		.here_count = 1,
	};
	scene->now = 1000;
	*state = scene;
	return 0;
}

/* Every test also shows that nothing stays open. */
static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;
	int i;

	call_free(scene->call);
	puppet_close(&scene->own);
	puppet_close(&scene->other);
	for (i = 0; i < scene->stream_count; i++)
		close(scene->streams[i]);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

static int
keep(struct scene *scene, int fd)
{
	assert_true(fd >= 0);
	assert_true(scene->stream_count < QUEUE_MAX);
	scene->streams[scene->stream_count++] = fd;
	return fd;
}

/* A stream socket bound to an address of this host. */
static int
stream_at(struct scene *scene, const char *number)
{
	struct address at = puppet_address(number, 0);
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&at, &ss);
	int fd = keep(scene, socket(ss.ss_family, SOCK_STREAM, 0));

	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

static struct address
name_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address name;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&name, (struct sockaddr *)&ss, len));
	return name;
}

static struct address
peer_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address name;

	assert_int_equal(getpeername(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&name, (struct sockaddr *)&ss, len));
	return name;
}

/* Bob waits at an address of this host. */
static int
listener_at(struct scene *scene, const char *number)
{
	int fd = stream_at(scene, number);

	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int
connect_to(int fd, const struct address *to)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(to, &ss);

	return connect(fd, (struct sockaddr *)&ss, len);
}

/* An address of this host at which nobody listens. */
static struct address
closed_port(struct scene *scene)
{
	return name_of(stream_at(scene, "127.0.0.1"));
}

/* An address at which a connection neither comes about nor is refused. */
static struct address
black_hole(struct scene *scene)
{
	int listener = stream_at(scene, "127.0.0.1");
	struct address at = name_of(listener);
	int fd;

	assert_int_equal(listen(listener, 0), 0);
	do {
		fd = keep(scene, socket(AF_INET, SOCK_STREAM, 0));
		assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	} while (connect_to(fd, &at) == 0);
	assert_int_equal(errno, EINPROGRESS);
	return at;
}

/* ----------------------------------------------------------------- time --- */

static void
begin(struct scene *scene)
{
	scene->call = call_new(&scene->plan, scene->now);
	assert_non_null(scene->call);
}

/* A turn once something has come for the call, or its deadline has. */
static void
turn_on_news(struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	call_await(scene->call, &turn);
	if (turn.deadline <= scene->now)
		puppet_glance(&turn);
	else
		puppet_await(&turn);
	call_turn(scene->call, &turn, scene->now);
}

/* Lets time pass in which nothing comes. */
static void
pass(struct scene *scene, int64_t ms)
{
	struct turn turn;

	scene->now += ms;
	turn_begin(&turn);
	call_await(scene->call, &turn);
	puppet_glance(&turn);
	call_turn(scene->call, &turn, scene->now);
}

static int64_t
next_deadline(const struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	call_await(scene->call, &turn);
	return turn.deadline;
}

/* ---------------------------------------------------------------- steps --- */

/* How far a call gets; the question of the last step is still to be heard. */

static void
reach_look_up(struct scene *scene)
{
	begin(scene);
}

static void
reach_leave_invite(struct scene *scene)
{
	reach_look_up(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_answer(&scene->other, NOT_HERE, 0);
	turn_on_news(scene);
}

static void
reach_announce(struct scene *scene)
{
	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
}

static void
reach_look_again(struct scene *scene)
{
	reach_announce(scene);
	puppet_hear(&scene->other, ANNOUNCE);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);
}

static void
reach_wait(struct scene *scene)
{
	reach_look_again(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_answer(&scene->other, NOT_HERE, 0);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
}

static void
reach_ring_again(struct scene *scene)
{
	reach_wait(scene);
	pass(scene, 30000);
}

/*
 * Answers the look of a call that rings with an invitation, and the looks after
 * it, until the call follows.
 */
static void
follow(struct scene *scene, const struct address *lead)
{
	int look;

	for (look = 1; look <= 3; look++) {
		puppet_hear(&scene->other, LOOK_UP);
		puppet_invite(&scene->other, BOBS_ID, lead);
		turn_on_news(scene);
		if (strcmp(call_status(scene->call),
			"Waiting to connect with caller") == 0)
			return;
		pass(scene, 2000);
	}
	fail_msg("the invitation is not followed");
}

static void
reach_connect(struct scene *scene)
{
	struct address lead = black_hole(scene);

	reach_look_again(scene);
	follow(scene, &lead);
}

/* Where the call waits, as it has told in the last LEAVE_INVITE. */
static struct address
told_address(const struct scene *scene)
{
	return puppet_addr(&scene->own, AT_ADDR);
}

/* ------------------------------------------------------------ take back --- */

/* What the daemons were asked to delete; 0: nothing. */
struct deleted {
	uint32_t own, other;
};

static void
serve(struct puppet *puppet, uint32_t id, uint32_t *deleted)
{
	if (!puppet_hears(puppet))
		return;
	switch (puppet->question[AT_TYPE]) {
	case LOOK_UP:
		break; /* nobody waits for that */
	case DELETE:
		assert_int_equal(*deleted, 0);
		*deleted = puppet_id(puppet);
		puppet_answer(puppet, SUCCESS, 0);
		break;
	default:
		puppet_answer(puppet, SUCCESS, id);
	}
}

/* Serves until the call is over. */
static struct deleted
finish(struct scene *scene, uint32_t own_id, uint32_t other_id)
{
	struct deleted deleted = { 0, 0 };
	struct turn turn;

	while (!call_is_over(scene->call)) {
		turn_begin(&turn);
		call_await(scene->call, &turn);
		turn_want(&turn, scene->own.fd, POLLIN);
		turn_want(&turn, scene->other.fd, POLLIN);
		puppet_await(&turn);
		call_turn(scene->call, &turn, scene->now);
		serve(&scene->own, own_id, &deleted.own);
		serve(&scene->other, other_id, &deleted.other);
	}
	serve(&scene->own, own_id, &deleted.own);
	serve(&scene->other, other_id, &deleted.other);
	return deleted;
}

static void
check_taken_back(struct scene *scene, uint32_t own, uint32_t other)
{
	struct deleted deleted = finish(scene, OWN_ID, OTHER_ID);

	assert_int_equal(deleted.own, own);
	assert_int_equal(deleted.other, other);
}

static void
check_failed(struct scene *scene, enum call_failure failure)
{
	assert_int_equal(call_phase(scene->call), CALL_FAILED);
	assert_int_equal(call_failure(scene->call), failure);
	assert_int_equal(call_socket(scene->call), -1);
}

static void
check_connected(struct scene *scene, const struct address *with)
{
	int stream;
	struct address peer;

	assert_int_equal(call_phase(scene->call), CALL_CONNECTED);
	assert_string_equal(call_status(scene->call), "Connection established");
	stream = keep(scene, call_socket(scene->call));
	assert_int_equal(call_socket(scene->call), -1);
	peer = peer_of(stream);
	assert_true(address_equal(&peer, with));
}

/* ----------------------------------------------------------- the caller --- */

/*
 * A request of alice's; *addr and *ctl_addr are filled in, and the pid is this
 * process's.
 */
static void
check_request(const struct puppet *puppet, uint8_t type, uint32_t id,
    const struct address *addr, const char *bob, const char *terminal)
{
	uint8_t bytes[PUPPET_REQUEST_SIZE] = { 1, type, 0, 0,
		(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
		(uint8_t)id, 0, 2, [44] = 'a', 'l', 'i', 'c', 'e' };
	uint32_t pid = (uint32_t)getpid();
	int i;

	if (addr != NULL)
		puppet_put_addr(bytes + AT_ADDR, addr);
	puppet_put_addr(bytes + AT_CTL_ADDR, &puppet->client);
	for (i = 0; i < 4; i++)
		bytes[AT_PID + i] = (uint8_t)(pid >> (24 - 8 * i));
	memcpy(bytes + 56, bob, strlen(bob));
	memcpy(bytes + 68, terminal, strlen(terminal));
	assert_memory_equal(puppet->question, bytes, sizeof(bytes));
}

/* A DELETE of what we have left ourselves: the id is all that counts. */
static void
check_delete(const struct puppet *puppet, uint32_t id)
{
	assert_int_equal(puppet->question[AT_TYPE], DELETE);
	assert_int_equal(puppet_id(puppet), id);
}

static void
a_caller_looks_up_then_leaves_an_invitation_then_announces(void **state)
{
	struct scene *scene = *state;
	struct address waits_at;

	strcpy(scene->bob.terminal, "pts/12");
	begin(scene);
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	assert_string_equal(call_status(scene->call),
	    "Checking for invitation on caller's machine");
	puppet_hear(&scene->other, LOOK_UP);
	check_request(&scene->other, LOOK_UP, 0, NULL, "bob", "pts/12");
	assert_false(puppet_hears(&scene->own));
	puppet_answer(&scene->other, NOT_HERE, 0);
	turn_on_news(scene);

	puppet_hear(&scene->own, LEAVE_INVITE);
	waits_at = told_address(scene);
	assert_memory_equal(waits_at.bytes, ((uint8_t[]){ 127, 0, 0, 1 }), 4);
	assert_int_not_equal(waits_at.port, 0);
	check_request(&scene->own, LEAVE_INVITE, 0, &waits_at, "bob", "pts/12");
	assert_false(puppet_hears(&scene->other));
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);

	assert_string_equal(call_status(scene->call),
	    "Trying to connect to your party's talk daemon");
	puppet_hear(&scene->other, ANNOUNCE);
	check_request(
	    &scene->other, ANNOUNCE, 0xffffffff, &waits_at, "bob", "pts/12");
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);

	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	assert_string_equal(
	    call_status(scene->call), "Waiting for your party to respond");
	assert_false(puppet_hears(&scene->own));
}

static void
names_are_cut_to_eleven_characters_and_in_full_behind(void **state)
{
	static const uint8_t names[24] = "wolfeschleg\0maximiliana";
	struct scene *scene = *state;
	const uint8_t *full;
	size_t len;

	scene->plan.caller = "wolfeschlegelsteinhausen";
	strcpy(scene->bob.user, "maximilianalexander");
	reach_announce(scene);
	assert_memory_equal(scene->own.question + 44, names, sizeof(names));
	puppet_hear(&scene->other, ANNOUNCE);
	assert_memory_equal(scene->other.question + 44, names, sizeof(names));
	full = puppet_element(&scene->other, CALLER, &len);
	assert_int_equal(len, 24);
	assert_memory_equal(full, "wolfeschlegelsteinhausen", len);
	full = puppet_element(&scene->other, CALLEE, &len);
	assert_int_equal(len, 19);
	assert_memory_equal(full, "maximilianalexander", len);
	assert_string_equal(scene->plan.caller, "wolfeschlegelsteinhausen");
}

static void
the_longest_terminal_fits(void **state)
{
	struct scene *scene = *state;

	strcpy(scene->bob.terminal, "pts/12345678901");
	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	assert_memory_equal(scene->other.question + 68, "pts/12345678901", 16);
}

static void
our_own_daemons_answer_byte_does_not_count_but_its_id(void **state)
{
	struct scene *scene = *state;

	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, 0x83, OWN_ID); /* as netkit's may be */
	turn_on_news(scene);
	puppet_hear(&scene->other, ANNOUNCE);
	call_end(scene->call, scene->now);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
whom_the_callees_host_connects_is_the_callee(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2",
		"127.0.1.1" };
	struct scene *scene = *state;
	struct address waits_at, bobs;
	size_t i;
	int bob;

	for (i = 0; i < COUNT(hosts); i++) {
		reach_wait(scene);
		waits_at = told_address(scene);
		bob = stream_at(scene, hosts[i]);
		bobs = name_of(bob);
		assert_int_equal(connect_to(bob, &waits_at), 0);
		turn_on_news(scene);
		check_connected(scene, &bobs);
		check_taken_back(scene, OWN_ID, OTHER_ID);
		call_free(scene->call);
	}
	scene->call = NULL;
}

static void
the_invitation_is_taken_back_while_the_talk_has_begun(void **state)
{
	struct scene *scene = *state;
	struct address waits_at;
	int bob = stream_at(scene, "127.0.0.2");

	reach_wait(scene);
	waits_at = told_address(scene);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_CONNECTED);
	puppet_hear(&scene->own, DELETE);
	check_delete(&scene->own, OWN_ID);
	puppet_hear(&scene->other, DELETE);
	check_delete(&scene->other, OTHER_ID);
	assert_false(call_is_over(scene->call));
	pass(scene, CALL_TAKE_BACK_MS - 1);
	assert_false(call_is_over(scene->call));
	pass(scene, 1);
	assert_true(call_is_over(scene->call));
	assert_int_equal(call_phase(scene->call), CALL_CONNECTED);
}

static void
nobody_else_gets_in_once_the_callee_has(void **state)
{
	struct scene *scene = *state;
	struct address waits_at;

	reach_wait(scene);
	waits_at = told_address(scene);
	assert_int_equal(
	    connect_to(stream_at(scene, "127.0.0.2"), &waits_at), 0);
	turn_on_news(scene);
	assert_int_equal(
	    connect_to(stream_at(scene, "127.0.0.2"), &waits_at), -1);
	assert_int_equal(errno, ECONNREFUSED);
}

/* -------------------------------------------------------------- waiting --- */

static void
the_callee_is_rung_again_every_30_seconds(void **state)
{
	struct scene *scene = *state;
	struct address waits_at;
	uint32_t ring;

	reach_wait(scene);
	waits_at = told_address(scene);
	for (ring = 0; ring < 3; ring++) {
		pass(scene, 29999);
		puppet_hear(&scene->other, LOOK_UP);
		puppet_answer(&scene->other, NOT_HERE, 0);
		turn_on_news(scene);
		assert_false(puppet_hears(&scene->own));
		assert_int_equal(next_deadline(scene), scene->now + 1);
		pass(scene, 1);
		assert_string_equal(
		    call_status(scene->call), "Ringing your party again");
		puppet_hear(&scene->own, LEAVE_INVITE);
		check_request(
		    &scene->own, LEAVE_INVITE, 0, &waits_at, "bob", "");
		puppet_hear(&scene->other, ANNOUNCE);
		check_request(&scene->other, ANNOUNCE, OTHER_ID + 1 + ring,
		    &waits_at, "bob", "");
		puppet_answer(&scene->own, SUCCESS, OWN_ID + ring);
		turn_on_news(scene);
		puppet_answer(&scene->other, SUCCESS, OTHER_ID + 1 + ring);
		turn_on_news(scene);
	}
	call_end(scene->call, scene->now);
	check_taken_back(scene, OWN_ID + 2, OTHER_ID + 3);
}

static void
a_waiting_caller_looks_every_two_seconds(void **state)
{
	struct scene *scene = *state;
	int look;

	reach_wait(scene);
	for (look = 0; look < 10; look++) {
		pass(scene, 1999);
		assert_false(puppet_hears(&scene->other));
		assert_int_equal(next_deadline(scene), scene->now + 1);
		pass(scene, 1);
		puppet_hear(&scene->other, LOOK_UP);
		assert_int_equal(puppet_id(&scene->other), 0);
		puppet_answer(&scene->other, NOT_HERE, 0);
		turn_on_news(scene);
	}
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
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
answer_other(struct scene *scene, int answer)
{
	puppet_answer(&scene->other, answer, 0);
	turn_on_news(scene);
	if (answer != UNKNOWN_REQUEST)
		return;
	puppet_hear(&scene->other, scene->other.question[AT_TYPE]);
	assert_int_equal(scene->other.behind_len, 0);
	puppet_answer(&scene->other, answer, 0);
	turn_on_news(scene);
}

static void
a_refused_announce_fails_the_call_and_takes_the_invitation_back(void **state)
{
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(refusals); i++) {
		reach_announce(scene);
		puppet_hear(&scene->other, ANNOUNCE);
		answer_other(scene, refusals[i].answer);
		check_failed(scene, refusals[i].failure);
		check_taken_back(scene, OWN_ID, 0);
		call_free(scene->call);
	}
	scene->call = NULL;
}

/* Whoever logs out or says mesg n meanwhile; a busy daemon is no reason. */
static void
a_refusal_while_ringing_fails_the_call_unless_the_daemon_is_busy(void **state)
{
	struct scene *scene = *state;
	enum call_phase phase;
	size_t i;

	for (i = 0; i < COUNT(refusals); i++) {
		phase = refusals[i].failure == CALL_TOO_BUSY ? CALL_RINGING
							     : CALL_FAILED;
		reach_ring_again(scene);
		puppet_hear(&scene->own, LEAVE_INVITE);
		puppet_answer(&scene->own, SUCCESS, OWN_ID);
		turn_on_news(scene);
		puppet_hear(&scene->other, ANNOUNCE);
		answer_other(scene, refusals[i].answer);
		assert_int_equal(call_phase(scene->call), phase);
		if (phase == CALL_FAILED)
			check_failed(scene, refusals[i].failure);
		call_end(scene->call, scene->now);
		check_taken_back(scene, OWN_ID, OTHER_ID);
		call_free(scene->call);
	}
	scene->call = NULL;
}

static void
a_ring_that_is_not_answered_ends_nothing(void **state)
{
	struct scene *scene = *state;

	reach_ring_again(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_hear(&scene->other, ANNOUNCE);
	pass(scene, 10000);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	puppet_hear(&scene->other, LOOK_UP);
	call_end(scene->call, scene->now);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
patience_ends_the_call(void **state)
{
	struct scene *scene = *state;

	scene->plan.patience = 5000;
	reach_wait(scene);
	pass(scene, 4999);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	assert_int_equal(next_deadline(scene) <= scene->now + 1, 1);
	pass(scene, 1);
	check_failed(scene, CALL_NO_ANSWER);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
who_comes_in_the_last_moment_is_still_taken(void **state)
{
	struct scene *scene = *state;
	int bob = stream_at(scene, "127.0.0.2");
	struct address bobs = name_of(bob);
	struct address waits_at;

	scene->plan.patience = 5000;
	reach_wait(scene);
	waits_at = told_address(scene);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	scene->now += 5000;
	turn_on_news(scene);
	check_connected(scene, &bobs);
}

static void
without_patience_set_a_call_rings_for_days(void **state)
{
	struct scene *scene = *state;
	int day;

	reach_wait(scene);
	for (day = 0; day < 3; day++)
		pass(scene, 86400000);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
}

/* ------------------------------------------- what a caller is told --- */

static void
a_waiting_caller_sees_the_seconds_to_the_next_ring(void **state)
{
	struct scene *scene = *state;
	char words[CALL_COUNTDOWN_SIZE];
	int seconds;

	reach_announce(scene);
	assert_string_equal(call_countdown(scene->call), "");
	puppet_hear(&scene->other, ANNOUNCE);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);
	for (seconds = 30; seconds > 1; seconds--) {
		snprintf(words, sizeof(words), "; next ring in %d s", seconds);
		assert_string_equal(call_countdown(scene->call), words);
		pass(scene, 999);
		assert_string_equal(call_countdown(scene->call), words);
		assert_int_equal(next_deadline(scene), scene->now + 1);
		pass(scene, 1);
	}
	pass(scene, 1000);
	assert_string_equal(call_countdown(scene->call), "; next ring in 30 s");
	call_end(scene->call, scene->now);
	pass(scene, 0);
	assert_string_equal(call_countdown(scene->call), "");
}

/* Answers the ANNOUNCE that is due, with elements behind it. */
static void
answer_announce(struct scene *scene, int answer, uint32_t id,
    const uint8_t *elements, size_t len)
{
	puppet_hear(&scene->other, ANNOUNCE);
	puppet_answer_more(&scene->other, answer, id, elements, len);
	turn_on_news(scene);
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
	struct scene *scene = *state;
	char words[CALL_STATUS_SIZE];
	size_t i;

	for (i = 0; i < COUNT(rings); i++) {
		reach_announce(scene);
		answer_announce(scene, SUCCESS, OTHER_ID,
		    (const uint8_t *)rings[i].elements, rings[i].len);
		snprintf(words, sizeof(words),
		    "Waiting for your party to respond%s", rings[i].words);
		assert_string_equal(call_status(scene->call), words);
		call_end(scene->call, scene->now);
		check_taken_back(scene, OWN_ID, OTHER_ID);
		call_free(scene->call);
	}
	scene->call = NULL;
}

/* What was told once stands until something else is. */
static void
where_it_rang_is_told_again_at_every_ring(void **state)
{
	static const uint8_t elsewhere[] = { RUNG, 4, 't', 't', 'y', '1' };
	struct scene *scene = *state;

	reach_announce(scene);
	answer_announce(
	    scene, SUCCESS, OTHER_ID, (const uint8_t *)"\6\5pts/3", 7);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_answer(&scene->other, NOT_HERE, 0);
	turn_on_news(scene);
	pass(scene, 30000);
	assert_string_equal(call_status(scene->call),
	    "Ringing your party again (rang on pts/3)");
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	answer_announce(scene, SUCCESS, OTHER_ID, elsewhere, sizeof(elsewhere));
	assert_string_equal(call_status(scene->call),
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
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(reasons); i++) {
		const uint8_t reason[] = { REASON, 3, reasons[i].reason, 0, 0 };

		reach_announce(scene);
		answer_announce(
		    scene, reasons[i].answer, 0, reason, sizeof(reason));
		check_failed(scene, reasons[i].failure);
		check_taken_back(scene, OWN_ID, 0);
		call_free(scene->call);
	}
	scene->call = NULL;
}

static void
a_reason_beside_success_is_none(void **state)
{
	static const uint8_t reason[] = { REASON, 3, 2, 0, 0 };
	struct scene *scene = *state;

	reach_announce(scene);
	answer_announce(scene, SUCCESS, OTHER_ID, reason, sizeof(reason));
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
}

static void
an_own_daemon_that_does_not_believe_us_says_so(void **state)
{
	static const uint8_t impostor[] = { REASON, 3, 6, 0, 0 };
	struct scene *scene = *state;

	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer_more(
	    &scene->own, PERMISSION_DENIED, 0, impostor, sizeof(impostor));
	turn_on_news(scene);
	check_failed(scene, CALL_IMPOSTOR);
}

/* ------------------------------------------------------- to be patient --- */

static void
ask_to_wait(struct scene *scene, uint8_t seconds)
{
	const uint8_t often[] = { REASON, 3, 3, 0, seconds };

	answer_announce(scene, FAILED, 0, often, sizeof(often));
}

static void
asked_to_wait_a_moment_a_call_rings_after_it(void **state)
{
	struct scene *scene = *state;

	reach_announce(scene);
	ask_to_wait(scene, 3);
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	assert_string_equal(
	    call_status(scene->call), "Your party's talk daemon asks to wait");
	assert_string_equal(call_countdown(scene->call), "; ringing in 3 s");
	pass(scene, 1000);
	assert_string_equal(call_countdown(scene->call), "; ringing in 2 s");
	pass(scene, 1999);
	assert_false(puppet_hears(&scene->other));
	assert_int_equal(next_deadline(scene), scene->now + 1);
	pass(scene, 1);
	puppet_hear(&scene->other, ANNOUNCE);
	assert_int_equal(puppet_id(&scene->other), UINT32_C(0xffffffff));
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	call_end(scene->call, scene->now);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
asked_to_wait_long_or_again_and_again_a_call_fails(void **state)
{
	static const struct {
		uint8_t seconds;
		int holds;
	} cases[] = { { 11, 0 }, { 0, 0 }, { 255, 0 }, { 10, 3 }, { 1, 3 } };
	struct scene *scene = *state;
	size_t i;
	int hold;

	for (i = 0; i < COUNT(cases); i++) {
		reach_announce(scene);
		for (hold = 0; hold < cases[i].holds; hold++) {
			ask_to_wait(scene, cases[i].seconds);
			assert_int_equal(call_phase(scene->call), CALL_ASKING);
			pass(scene, cases[i].seconds * 1000);
		}
		ask_to_wait(scene, cases[i].seconds);
		check_failed(scene, CALL_TOO_OFTEN);
		assert_int_equal(call_error(scene->call), cases[i].seconds);
		check_taken_back(scene, OWN_ID, 0);
		call_free(scene->call);
	}
	scene->call = NULL;
}

static void
who_comes_while_a_call_is_held_is_taken(void **state)
{
	struct scene *scene = *state;
	struct address waits_at, bobs;
	int bob = stream_at(scene, "127.0.0.2");

	reach_announce(scene);
	ask_to_wait(scene, 9);
	waits_at = told_address(scene);
	bobs = name_of(bob);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	turn_on_news(scene);
	check_connected(scene, &bobs);
	check_taken_back(scene, OWN_ID, 0);
}

static void
while_it_rings_a_daemon_that_cannot_ring_now_ends_nothing(void **state)
{
	static const uint8_t passing[] = { 3, 4 };
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(passing); i++) {
		const uint8_t reason[] = { REASON, 3, passing[i], 0, 9 };

		reach_ring_again(scene);
		puppet_hear(&scene->own, LEAVE_INVITE);
		puppet_answer(&scene->own, SUCCESS, OWN_ID);
		turn_on_news(scene);
		answer_announce(scene, FAILED, 0, reason, sizeof(reason));
		assert_int_equal(call_phase(scene->call), CALL_RINGING);
		assert_string_equal(call_status(scene->call),
		    "Waiting for your party to respond");
		call_end(scene->call, scene->now);
		check_taken_back(scene, OWN_ID, OTHER_ID);
		call_free(scene->call);
	}
	scene->call = NULL;
}

/* ---------------------------------------- a daemon here for each family --- */

/* Alice's host has two daemons, as some inetds start them. */
struct pair {
	struct scene *scene;
	struct puppet second;
	struct address here[2];
};

static void
pair_open(struct pair *pair, struct scene *scene)
{
	pair->scene = scene;
	puppet_open(&pair->second, "127.0.0.3", 0);
	pair->here[0] = scene->own.at;
	pair->here[1] = pair->second.at;
	scene->plan.here = pair->here;
	scene->plan.here_count = 2;
}

static void
pair_close(struct pair *pair)
{
	puppet_close(&pair->second);
	pair->scene->plan.here = &pair->scene->own.at;
	pair->scene->plan.here_count = 1;
}

static void
an_invitation_is_left_with_both_and_taken_back_from_both(void **state)
{
	struct scene *scene = *state;
	struct pair pair;

	pair_open(&pair, scene);
	reach_announce(scene);
	puppet_hear(&pair.second, LEAVE_INVITE);
	assert_memory_equal(
	    scene->own.question + AT_ADDR, pair.second.question + AT_ADDR, 16);
	puppet_answer(&pair.second, SUCCESS, OWN_ID + 1);
	turn_on_news(scene);
	puppet_hear(&scene->other, ANNOUNCE);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);
	pass(scene, 30000);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_hear(&pair.second, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	puppet_answer(&pair.second, SUCCESS, OWN_ID + 2);
	turn_on_news(scene);
	call_end(scene->call, scene->now);
	puppet_hear(&pair.second, DELETE);
	check_delete(&pair.second, OWN_ID + 2);
	puppet_answer(&pair.second, SUCCESS, 0);
	check_taken_back(scene, OWN_ID, OTHER_ID);
	pair_close(&pair);
}

static void
one_of_two_daemons_is_enough(void **state)
{
	struct scene *scene = *state;
	struct pair pair;

	pair_open(&pair, scene);
	reach_announce(scene); /* the second is silent */
	puppet_hear(&scene->other, ANNOUNCE);
	call_free(scene->call);

	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, PERMISSION_DENIED, 0);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	while (puppet_hears(&pair.second))
		continue; /* the one of the call before, too */
	puppet_answer(&pair.second, SUCCESS, OWN_ID);
	turn_on_news(scene);
	puppet_hear(&scene->other, ANNOUNCE);
	call_free(scene->call);

	puppet_close(&pair.second);
	reach_announce(scene); /* the second is not there */
	puppet_hear(&scene->other, ANNOUNCE);
	pair_close(&pair);
}

static void
a_daemon_that_refuses_counts_for_more_than_one_that_is_not_there(void **state)
{
	struct scene *scene = *state;
	struct pair pair;

	pair_open(&pair, scene);
	puppet_close(&pair.second);
	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, PERMISSION_DENIED, 0);
	while (call_phase(scene->call) == CALL_ASKING)
		turn_on_news(scene);
	check_failed(scene, CALL_OWN_REFUSES);
	pair_close(&pair);
}

/* --------------------------------------------------------- no daemon --- */

static void
without_a_daemon_here_the_call_fails_at_once(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->own);
	reach_leave_invite(scene);
	turn_on_news(scene);
	check_failed(scene, CALL_NO_OWN_DAEMON);
	check_taken_back(scene, 0, 0);
}

static void
without_a_daemon_there_the_call_fails_at_once(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->other);
	begin(scene);
	turn_on_news(scene);
	check_failed(scene, CALL_NO_DAEMON);
	assert_true(call_is_over(scene->call));
	assert_false(puppet_hears(&scene->own));
}

static void
a_daemon_there_that_is_silent_fails_the_call_in_ten_seconds(void **state)
{
	struct scene *scene = *state;

	begin(scene);
	pass(scene, DAEMON_PATIENCE_MS - 1);
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	pass(scene, 1);
	check_failed(scene, CALL_NO_DAEMON);
}

static void
a_daemon_there_that_dies_before_the_ring_fails_the_call(void **state)
{
	struct scene *scene = *state;

	reach_leave_invite(scene);
	puppet_close(&scene->other);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	turn_on_news(scene);
	check_failed(scene, CALL_NO_DAEMON);
	puppet_hear(&scene->own, DELETE);
	check_delete(&scene->own, OWN_ID);
	puppet_answer(&scene->own, SUCCESS, 0);
	turn_on_news(scene);
	assert_true(call_is_over(scene->call));
}

static void
a_daemon_here_that_is_silent_fails_the_call_in_ten_seconds(void **state)
{
	struct scene *scene = *state;

	reach_leave_invite(scene);
	pass(scene, DAEMON_PATIENCE_MS - 1);
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	pass(scene, 1);
	check_failed(scene, CALL_NO_OWN_DAEMON);
}

static void
an_own_daemon_that_gives_no_id_has_refused(void **state)
{
	struct scene *scene = *state;

	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, PERMISSION_DENIED, 0);
	turn_on_news(scene);
	check_failed(scene, CALL_OWN_REFUSES);
	check_taken_back(scene, 0, 0);
}

static void
a_plan_without_addresses_fails_and_is_over(void **state)
{
	struct scene *scene = *state;

	scene->plan.there_count = 0;
	begin(scene);
	pass(scene, 0);
	check_failed(scene, CALL_SYSTEM);
	assert_int_not_equal(call_error(scene->call), 0);
	assert_true(call_is_over(scene->call));
}

/* ------------------------------------------------------------ answering --- */

static void
an_invitation_is_followed_and_nothing_deleted(void **state)
{
	struct scene *scene = *state;
	struct address lead = name_of(listener_at(scene, "127.0.0.2"));

	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	turn_on_news(scene);
	if (call_phase(scene->call) == CALL_ASKING)
		turn_on_news(scene);
	check_connected(scene, &lead);
	assert_true(call_is_over(scene->call));
	assert_false(puppet_hears(&scene->own));
	assert_false(puppet_hears(&scene->other));
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
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(replies); i++) {
		begin(scene);
		puppet_hear(&scene->other, LOOK_UP);
		puppet_send(&scene->other, replies[i], sizeof(replies[i]));
		turn_on_news(scene);
		puppet_hear(&scene->own, LEAVE_INVITE);
		call_free(scene->call);
	}
	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	answer_other(scene, UNKNOWN_REQUEST);
	puppet_hear(&scene->own, LEAVE_INVITE);
}

static void
a_stale_invitation_is_deleted_and_the_call_goes_on(void **state)
{
	struct scene *scene = *state;
	struct address stale = closed_port(scene);

	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &stale);
	while (!puppet_hears(&scene->other))
		turn_on_news(scene);
	check_request(&scene->other, DELETE, BOBS_ID, NULL, "bob", "");
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	assert_false(puppet_hears(&scene->other));
	puppet_answer(&scene->other, SUCCESS, 0);
	turn_on_news(scene);
	puppet_hear(&scene->other, ANNOUNCE);
	assert_int_equal(puppet_id(&scene->other), 0xffffffff);
}

static void
a_stale_invitation_is_not_tried_twice(void **state)
{
	struct scene *scene = *state;
	struct address lead = closed_port(scene);

	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	while (!puppet_hears(&scene->other))
		turn_on_news(scene);
	puppet_answer(&scene->other, NOT_HERE, 0);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	while (!puppet_hears(&scene->other))
		turn_on_news(scene);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);
	/* The daemon has not obeyed, and now somebody listens there. */
	lead = name_of(listener_at(scene, "127.0.0.9"));
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	turn_on_news(scene);
	pass(scene, 2000);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	/* Another one counts. */
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID + 1, &lead);
	while (call_phase(scene->call) == CALL_RINGING)
		turn_on_news(scene);
	check_connected(scene, &lead);
}

static void
an_invitation_into_nothing_is_given_five_seconds(void **state)
{
	struct scene *scene = *state;
	struct address lead = black_hole(scene);

	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	turn_on_news(scene);
	assert_string_equal(
	    call_status(scene->call), "Waiting to connect with caller");
	pass(scene, 4999);
	assert_false(puppet_hears(&scene->other));
	pass(scene, 1);
	puppet_hear(&scene->other, DELETE);
	check_delete(&scene->other, BOBS_ID);
	puppet_hear(&scene->own, LEAVE_INVITE);
}

static void
a_stale_invitation_found_while_ringing_does_not_end_the_ringing(void **state)
{
	struct scene *scene = *state;

	reach_connect(scene);
	pass(scene, 5000);
	puppet_hear(&scene->other, DELETE);
	check_delete(&scene->other, BOBS_ID);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	assert_string_equal(
	    call_status(scene->call), "Waiting for your party to respond");
	puppet_answer(&scene->other, SUCCESS, 0);
	turn_on_news(scene);
	pass(scene, 2000);
	puppet_hear(&scene->other, LOOK_UP);
	call_end(scene->call, scene->now);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
an_invitation_from_nowhere_leads_to_the_daemons_host(void **state)
{
	struct scene *scene = *state;
	struct address lead = name_of(listener_at(scene, "127.0.0.2"));
	struct address nowhere = puppet_address("0.0.0.0", lead.port);

	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &nowhere);
	while (call_phase(scene->call) == CALL_ASKING)
		turn_on_news(scene);
	check_connected(scene, &lead);
}

static void
on_one_host_a_loopback_address_is_meant_as_it_stands(void **state)
{
	struct scene *scene = *state;
	struct address lead = name_of(listener_at(scene, "127.0.1.1"));

	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	while (call_phase(scene->call) == CALL_ASKING)
		turn_on_news(scene);
	check_connected(scene, &lead);
}

static void
our_own_invitation_is_not_followed(void **state)
{
	struct scene *scene = *state;
	struct address waits_at;

	reach_look_again(scene);
	waits_at = told_address(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &waits_at);
	turn_on_news(scene);
	pass(scene, 0);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
}

/* A newer client looks again and connects; an old one only waits. */
static void
one_that_waits_with_a_lower_address_is_left_two_looks_to_come(void **state)
{
	struct scene *scene = *state;
	struct address lead = name_of(listener_at(scene, "127.0.0.2"));
	struct address lower = puppet_address("0.0.0.0", lead.port);
	int look;

	reach_look_again(scene);
	for (look = 1; look <= 3; look++) {
		assert_int_equal(call_phase(scene->call), CALL_RINGING);
		puppet_hear(&scene->other, LOOK_UP);
		puppet_invite(&scene->other, BOBS_ID, &lower);
		turn_on_news(scene);
		if (look < 3)
			pass(scene, 2000);
	}
	if (call_phase(scene->call) == CALL_RINGING)
		turn_on_news(scene);
	check_connected(scene, &lead);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
one_that_waits_with_a_higher_address_is_connected_at_once(void **state)
{
	struct scene *scene = *state;
	struct address lead = name_of(listener_at(scene, "127.0.0.9"));

	reach_look_again(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	while (call_phase(scene->call) == CALL_RINGING)
		turn_on_news(scene);
	check_connected(scene, &lead);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

/* On loopback only a test can bring this about; between hosts it happens. */
static void
of_two_connections_that_cross_the_lower_ones_stays(void **state)
{
	struct scene *scene = *state;
	struct address high = name_of(listener_at(scene, "127.0.0.9"));
	struct address low = name_of(listener_at(scene, "127.0.0.2"));
	int bob = stream_at(scene, "127.0.0.2");
	struct address bobs = name_of(bob);
	struct address waits_at;

	reach_look_again(scene);
	follow(scene, &high);
	waits_at = told_address(scene);
	assert_int_equal(
	    connect_to(stream_at(scene, "127.0.0.2"), &waits_at), 0);
	turn_on_news(scene);
	check_connected(scene, &high);
	check_taken_back(scene, OWN_ID, OTHER_ID);
	call_free(scene->call);

	memset(
	    low.bytes, 0, sizeof(low.bytes)); /* the daemon's host is meant */
	reach_look_again(scene);
	follow(scene, &low);
	waits_at = told_address(scene);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	turn_on_news(scene);
	check_connected(scene, &bobs);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

/*
 * One of two addresses refuses in the same turn in which the other answers, and
 * its descriptor becomes that of the stream.
 */
static void
a_new_stream_is_not_taken_for_an_old_socket_of_its_number(void **state)
{
	struct scene *scene = *state;
	struct address lead = black_hole(scene);
	struct address there[2];
	struct puppet first;

	puppet_open(&first, "127.0.0.1", 0);
	there[0] = first.at;
	there[1] = scene->other.at;
	scene->plan.there = there;
	scene->plan.there_count = 2;
	begin(scene);
	puppet_hear(&first, LOOK_UP);
	puppet_close(&first);
	(void)keep(scene, dup(scene->other.fd)); /* its number is taken */
	pass(scene, 300);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_ASKING);
	assert_string_equal(
	    call_status(scene->call), "Waiting to connect with caller");
	call_end(scene->call, scene->now);
	scene->plan.there = &scene->other.at;
}

/* ------------------------------------------------------------- stranger --- */

/* An address of this host beyond loopback, if there is a network at all. */
static bool
find_outer_address(char *number, size_t size)
{
	struct address far = puppet_address("198.51.100.1", 9); /* RFC 5737 */
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct address near = { 0 };

	if (fd >= 0 && connect_to(fd, &far) == 0)
		near = name_of(fd);
	if (fd >= 0)
		close(fd);
	address_format(&near, number, size);
	return near.family == 4 && !address_is_loopback(&near);
}

static void
a_stranger_is_turned_away_and_the_callee_still_awaited(void **state)
{
	struct scene *scene = *state;
	char number[ADDRESS_TEXT_SIZE];
	char words[CALL_STATUS_SIZE];
	struct address waits_at, bobs;
	int stranger, bob;
	char byte;

	if (!find_outer_address(number, sizeof(number))) {
		print_message("no address but loopback: no stranger to play\n");
		skip();
	}
	scene->plan.host = "h2\033[31m";
	stranger = stream_at(scene, number);
	bob = stream_at(scene, "127.0.0.2");
	bobs = name_of(bob);
	reach_wait(scene);
	waits_at = told_address(scene);
	assert_int_equal(connect_to(stranger, &waits_at), 0);
	turn_on_news(scene);
	snprintf(words, sizeof(words),
	    "Turned away %s, which is not h2\\033[31m", number);
	assert_string_equal(call_status(scene->call), words);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	assert_int_equal(recv(stranger, &byte, 1, 0), 0);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	turn_on_news(scene);
	check_connected(scene, &bobs);
}

/* --------------------------------------------------------------- IPv6 --- */

/* Bob's host has an IPv6 address besides, which comes first. */
struct dual {
	struct scene *scene;
	struct puppet first; /* bob's daemon there */
	struct address there[2];
};

static void
dual_open(struct dual *dual, struct scene *scene)
{
	if (!puppet_has_ipv6()) {
		print_message("no IPv6 here\n");
		skip();
	}
	dual->scene = scene;
	puppet_open(&dual->first, "::1", 0);
	dual->there[0] = dual->first.at;
	dual->there[1] = scene->other.at;
	scene->plan.there = dual->there;
	scene->plan.there_count = 2;
}

static void
dual_close(struct dual *dual)
{
	puppet_close(&dual->first);
	dual->scene->plan.there = &dual->scene->other.at;
	dual->scene->plan.there_count = 1;
}

/* Bob's daemon has been asked over IPv6, and knows of no invitation. */
static void
dual_look_up(struct dual *dual, bool extends)
{
	begin(dual->scene);
	puppet_hear(&dual->first, LOOK_UP);
	if (extends)
		puppet_answer_more(&dual->first, NOT_HERE, 0, NULL, 0);
	else
		puppet_answer(&dual->first, NOT_HERE, 0);
	turn_on_news(dual->scene);
}

/* The call goes on over IPv4 as if there were nothing else. */
static void
check_ipv4_call(struct scene *scene)
{
	size_t len;

	puppet_hear(&scene->own, LEAVE_INVITE);
	assert_null(puppet_element(&scene->own, ADDRESS, &len));
	assert_memory_equal(
	    told_address(scene).bytes, ((uint8_t[]){ 127, 0, 0, 1 }), 4);
	assert_int_not_equal(told_address(scene).port, 0);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	puppet_hear(&scene->other, ANNOUNCE);
	puppet_answer(&scene->other, SUCCESS, OTHER_ID);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	call_end(scene->call, scene->now);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
a_call_over_ipv6_is_one_throughout(void **state)
{
	struct scene *scene = *state;
	struct dual dual;
	struct address waits_at, bobs;
	int bob;

	dual_open(&dual, scene);
	dual_look_up(&dual, true);
	puppet_hear(&scene->own, LEAVE_INVITE);
	waits_at = puppet_told(&scene->own);
	assert_int_equal(waits_at.family, 6);
	assert_true(address_same_host(&waits_at, &dual.first.at));
	assert_int_not_equal(waits_at.port, 0);
	puppet_answer_more(&scene->own, SUCCESS, OWN_ID, NULL, 0);
	turn_on_news(scene);
	puppet_hear(&dual.first, ANNOUNCE);
	puppet_answer_more(&dual.first, SUCCESS, OTHER_ID, NULL, 0);
	turn_on_news(scene);
	assert_int_equal(call_phase(scene->call), CALL_RINGING);
	assert_false(puppet_hears(&scene->other));
	bob = stream_at(scene, "::1");
	bobs = name_of(bob);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	turn_on_news(scene);
	check_connected(scene, &bobs);
	puppet_hear(&dual.first, LOOK_UP);
	puppet_hear(&dual.first, DELETE);
	check_delete(&dual.first, OTHER_ID);
	puppet_hear(&scene->own, DELETE);
	check_delete(&scene->own, OWN_ID);
	dual_close(&dual);
}

static void
an_invitation_to_an_ipv6_address_is_followed(void **state)
{
	struct scene *scene = *state;
	struct address lead;

	if (!puppet_has_ipv6())
		skip();
	lead = name_of(listener_at(scene, "::1"));
	begin(scene);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_invite(&scene->other, BOBS_ID, &lead);
	while (call_phase(scene->call) == CALL_ASKING)
		turn_on_news(scene);
	check_connected(scene, &lead);
}

static void
a_daemon_that_cannot_carry_ipv6_is_left_for_one_that_need_not(void **state)
{
	struct scene *scene = *state;
	struct dual dual;

	dual_open(&dual, scene);
	dual_look_up(&dual, false);
	assert_false(puppet_hears(&scene->own));
	puppet_hear(&scene->other, LOOK_UP);
	puppet_answer(&scene->other, NOT_HERE, 0);
	turn_on_news(scene);
	check_ipv4_call(scene);
	assert_false(puppet_hears(&dual.first));
	dual_close(&dual);
}

static void
an_own_daemon_that_cannot_tell_of_ipv6_tells_of_ipv4(void **state)
{
	struct scene *scene = *state;
	struct dual dual;

	dual_open(&dual, scene);
	dual_look_up(&dual, true);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	puppet_hear(&scene->own, DELETE);
	check_delete(&scene->own, OWN_ID);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_answer(&scene->other, NOT_HERE, 0);
	turn_on_news(scene);
	assert_false(puppet_hears(&scene->own)); /* first it is to forget */
	puppet_answer(&scene->own, SUCCESS, 0);
	turn_on_news(scene);
	check_ipv4_call(scene);
	assert_false(puppet_hears(&dual.first));
	dual_close(&dual);
}

static void
netkits_own_daemon_tells_of_ipv4_likewise(void **state)
{
	struct scene *scene = *state;
	struct dual dual;

	dual_open(&dual, scene);
	dual_look_up(&dual, true);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_refuse(&scene->own);
	turn_on_news(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	assert_int_equal(scene->own.behind_len, 0);
	puppet_answer(&scene->own, 0x83, OWN_ID);
	turn_on_news(scene);
	puppet_hear(&scene->own, DELETE);
	puppet_answer(&scene->own, SUCCESS, 0);
	puppet_hear(&scene->other, LOOK_UP);
	puppet_answer(&scene->other, NOT_HERE, 0);
	while (!puppet_hears(&scene->own))
		turn_on_news(scene);
	assert_int_equal(scene->own.question[AT_TYPE], LEAVE_INVITE);
	assert_int_equal(scene->own.behind_len, 0);
	assert_int_equal(told_address(scene).bytes[0], 127);
	dual_close(&dual);
}

static void
with_ipv6_alone_a_daemon_that_cannot_carry_it_fails_the_call(void **state)
{
	struct scene *scene = *state;
	struct dual dual;

	dual_open(&dual, scene);
	scene->plan.there_count = 1;
	dual_look_up(&dual, false);
	check_failed(scene, CALL_NO_IPV6);
	assert_true(call_is_over(scene->call));
	assert_false(puppet_hears(&scene->own));
	call_free(scene->call);

	dual_look_up(&dual, true);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, SUCCESS, OWN_ID);
	turn_on_news(scene);
	check_failed(scene, CALL_NO_IPV6);
	check_taken_back(scene, OWN_ID, 0);
	dual_close(&dual);
}

/* That nobody serves at the other address is not what was wrong. */
static void
where_nobody_can_carry_the_call_the_daemon_that_could_not_is_named(void **state)
{
	struct scene *scene = *state;
	struct dual dual;

	dual_open(&dual, scene);
	puppet_close(&scene->other);
	dual_look_up(&dual, false);
	turn_on_news(scene);
	check_failed(scene, CALL_NO_IPV6);
	dual_close(&dual);
}

static void
an_invitation_that_an_old_daemon_tells_over_ipv6_is_followed(void **state)
{
	struct scene *scene = *state;
	struct address lead = name_of(listener_at(scene, "127.0.0.2"));
	struct dual dual;

	dual_open(&dual, scene);
	begin(scene);
	puppet_hear(&dual.first, LOOK_UP);
	puppet_invite(&dual.first, BOBS_ID, &lead);
	while (call_phase(scene->call) == CALL_ASKING)
		turn_on_news(scene);
	check_connected(scene, &lead);
	dual_close(&dual);
}

static void
a_range_of_ports_holds_over_ipv6_too(void **state)
{
	struct scene *scene = *state;
	struct dual dual;
	uint16_t taken;

	dual_open(&dual, scene);
	taken = name_of(listener_at(scene, "::1")).port;
	scene->plan.port_low = taken;
	scene->plan.port_high = taken > 65000 ? 65535 : (uint16_t)(taken + 99);
	dual_look_up(&dual, true);
	puppet_hear(&scene->own, LEAVE_INVITE);
	assert_in_range(
	    puppet_told(&scene->own).port, taken + 1, scene->plan.port_high);
	dual_close(&dual);
}

/* ---------------------------------------------------------------- ports --- */

static void
when_every_port_is_taken_the_call_fails(void **state)
{
	struct scene *scene = *state;
	uint16_t taken = name_of(listener_at(scene, "127.0.0.1")).port;

	scene->plan.port_low = scene->plan.port_high = taken;
	reach_leave_invite(scene);
	check_failed(scene, CALL_NO_PORT);
	assert_true(call_is_over(scene->call));
	assert_false(puppet_hears(&scene->own));
}

static void
a_range_ends_with_the_last_port_there_is(void **state)
{
	struct scene *scene = *state;

	scene->plan.port_low = scene->plan.port_high = 65535;
	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	assert_int_equal(told_address(scene).port, 65535);
}

static void
the_first_free_port_of_the_range_is_taken(void **state)
{
	struct scene *scene = *state;
	uint16_t taken = name_of(listener_at(scene, "127.0.0.1")).port;

	scene->plan.port_low = taken;
	scene->plan.port_high = taken > 65000 ? 65535 : (uint16_t)(taken + 99);
	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	assert_in_range(
	    told_address(scene).port, taken + 1, scene->plan.port_high);
}

static void
the_port_of_the_last_call_serves_the_next_one_at_once(void **state)
{
	struct scene *scene = *state;
	uint16_t port = closed_port(scene).port;
	struct address waits_at;
	int bob = stream_at(scene, "127.0.0.2");
	char byte;
	int stream;

	close(scene->streams[0]);
	scene->streams[0] = dup(bob);
	scene->plan.port_low = scene->plan.port_high = port;
	reach_wait(scene);
	waits_at = told_address(scene);
	assert_int_equal(connect_to(bob, &waits_at), 0);
	turn_on_news(scene);
	stream = call_socket(scene->call);
	assert_true(stream >= 0);
	assert_int_equal(shutdown(stream, SHUT_WR), 0);
	assert_int_equal(recv(bob, &byte, 1, 0), 0);
	assert_int_equal(shutdown(bob, SHUT_WR), 0);
	assert_int_equal(recv(stream, &byte, 1, 0), 0);
	close(stream); /* and now the port is in TIME-WAIT */
	check_taken_back(scene, OWN_ID, OTHER_ID);
	call_free(scene->call);

	reach_leave_invite(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	assert_int_equal(told_address(scene).port, port);
}

/* ------------------------------------------------------------ giving up --- */

/* What there is to take back when a call is given up in each step. */
static const struct {
	const char *step;
	void (*reach)(struct scene *scene);
	uint32_t own, other;
} ends[] = {
	{ "looking up", reach_look_up, 0, 0 },
	{ "leaving the invitation", reach_leave_invite, OWN_ID, 0 },
	{ "announcing", reach_announce, OWN_ID, OTHER_ID },
	{ "looking again", reach_look_again, OWN_ID, OTHER_ID },
	{ "waiting", reach_wait, OWN_ID, OTHER_ID },
	{ "ringing again", reach_ring_again, OWN_ID, OTHER_ID },
	{ "connecting", reach_connect, OWN_ID, OTHER_ID },
};

static void
whenever_a_call_is_given_up_all_is_taken_back(void **state)
{
	struct scene *scene;
	struct deleted deleted;
	size_t i;

	for (i = 0; i < COUNT(ends); i++) {
		scene = *state;
		ends[i].reach(scene);
		call_end(scene->call, scene->now);
		deleted = finish(scene, OWN_ID, OTHER_ID);
		if (deleted.own != ends[i].own ||
		    deleted.other != ends[i].other)
			fail_msg("given up while %s: deleted %x and %x",
			    ends[i].step, (unsigned)deleted.own,
			    (unsigned)deleted.other);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void
whenever_a_call_is_given_up_silent_daemons_hold_it_1500_ms(void **state)
{
	struct scene *scene;
	size_t i;

	for (i = 0; i < COUNT(ends); i++) {
		scene = *state;
		ends[i].reach(scene);
		call_end(scene->call, scene->now);
		pass(scene, 0);
		assert_int_equal(call_is_over(scene->call), ends[i].own == 0);
		if (ends[i].own != 0) {
			pass(scene, CALL_TAKE_BACK_MS - 1);
			assert_false(call_is_over(scene->call));
			assert_int_equal(next_deadline(scene), scene->now + 1);
			pass(scene, 1);
		}
		assert_true(call_is_over(scene->call));
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void
given_up_while_ringing_again_the_newest_ids_are_deleted(void **state)
{
	struct scene *scene = *state;
	struct deleted deleted;

	reach_ring_again(scene);
	call_end(scene->call, scene->now);
	deleted = finish(scene, OWN_ID + 5, OTHER_ID + 1);
	assert_int_equal(deleted.own, OWN_ID + 5);
	assert_int_equal(deleted.other, OTHER_ID + 1);
}

static void
given_up_while_ringing_again_in_vain_the_old_ids_are_deleted(void **state)
{
	struct scene *scene = *state;
	struct deleted deleted;

	reach_ring_again(scene);
	call_end(scene->call, scene->now);
	deleted = finish(scene, 0, 0);
	assert_int_equal(deleted.own, OWN_ID);
	assert_int_equal(deleted.other, OTHER_ID);
}

static void
an_invitation_not_renewed_is_still_taken_back(void **state)
{
	struct scene *scene = *state;

	reach_ring_again(scene);
	puppet_hear(&scene->own, LEAVE_INVITE);
	puppet_answer(&scene->own, PERMISSION_DENIED, 0);
	turn_on_news(scene);
	call_end(scene->call, scene->now);
	check_taken_back(scene, OWN_ID, OTHER_ID);
}

static void
giving_up_asks_both_daemons_before_any_further_turn(void **state)
{
	struct scene *scene = *state;

	reach_wait(scene);
	call_end(scene->call, scene->now);
	puppet_hear(&scene->own, DELETE);
	check_delete(&scene->own, OWN_ID);
	puppet_hear(&scene->other, DELETE);
	check_delete(&scene->other, OTHER_ID);
}

static void
giving_up_twice_is_giving_up_once(void **state)
{
	struct scene *scene = *state;

	reach_wait(scene);
	call_end(scene->call, scene->now);
	pass(scene, 1000);
	call_end(scene->call, scene->now);
	pass(scene, CALL_TAKE_BACK_MS - 1000);
	assert_true(call_is_over(scene->call));
	call_end(scene->call, scene->now);
	assert_true(call_is_over(scene->call));
}

static void
after_giving_up_nobody_can_connect(void **state)
{
	struct scene *scene = *state;
	struct address waits_at;

	reach_wait(scene);
	waits_at = told_address(scene);
	call_end(scene->call, scene->now);
	assert_int_equal(
	    connect_to(stream_at(scene, "127.0.0.2"), &waits_at), -1);
}

static void
a_call_may_be_freed_at_any_step(void **state)
{
	size_t i;

	call_free(NULL);
	for (i = 0; i < COUNT(ends); i++) {
		ends[i].reach(*state);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(asked_to_wait_long_or_again_and_again_a_call_fails),
		TEST(who_comes_while_a_call_is_held_is_taken),
		TEST(while_it_rings_a_daemon_that_cannot_ring_now_ends_nothing),
		TEST(an_invitation_is_left_with_both_and_taken_back_from_both),
		TEST(one_of_two_daemons_is_enough),
		TEST(
		    a_daemon_that_refuses_counts_for_more_than_one_that_is_not_there),
		TEST(without_a_daemon_here_the_call_fails_at_once),
		TEST(without_a_daemon_there_the_call_fails_at_once),
		TEST(
		    a_daemon_there_that_is_silent_fails_the_call_in_ten_seconds),
		TEST(a_daemon_there_that_dies_before_the_ring_fails_the_call),
		TEST(
		    a_daemon_here_that_is_silent_fails_the_call_in_ten_seconds),
		TEST(an_own_daemon_that_gives_no_id_has_refused),
		TEST(a_plan_without_addresses_fails_and_is_over),
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
		TEST(when_every_port_is_taken_the_call_fails),
		TEST(a_range_ends_with_the_last_port_there_is),
		TEST(the_first_free_port_of_the_range_is_taken),
		TEST(the_port_of_the_last_call_serves_the_next_one_at_once),
		TEST(whenever_a_call_is_given_up_all_is_taken_back),
		TEST(
		    whenever_a_call_is_given_up_silent_daemons_hold_it_1500_ms),
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
