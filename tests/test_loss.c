/*
 * Calls over a network that loses three datagrams of ten, both ways, or that
 * doubles them and mixes them up: they connect, in seconds, ring once, and
 * leave nothing behind.
 *
 * The talkd is the real one.  But for the last tests, which play the real talk
 * in real time, the time of the calls and of the network is made up, and passes
 * while the daemon owes no answer: a second of theirs takes less than a
 * millisecond.  A seed tells what befalls each datagram.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abreast.h"
#include "common/extension.h"
#include "company.h"
#include "puppet.h"
#include "relay.h"
#include "stranger.h"
#include "talk/call.h"

enum {
	ALICE,
	BOB,
	PEOPLE,

	SEEDS = 400, /* of each kind of call */
	STEP_MS = 20,
	THINK_MS = 700, /* from the ring until bob has typed his answer */
	/* When something has come of a call, at the latest and mostly. */
	PATIENCE_MS = 15000,
	MOSTLY_MS = 4000,
	SHOWN_SIZE = 4096,
};

static const struct weather fair = { 0 };
static const struct weather lossy = { .lost = 30 };
static const struct weather confused = {
	.doubled = 40, .late = 40, .late_ms = 300
};

/* Whoever it is, he runs the tests: his terminal tells him apart. */
struct side {
	struct person party; /* the other one */
	struct call_plan plan;
	struct seat seat;
	struct relay *relays[PEOPLE];	/* to his own daemon, and the other's */
	struct address daemons[PEOPLE]; /* where he believes them to be */
	struct call *call;		/* NULL: not begun */
	int stream;
	int64_t connected; /* when; 0: not yet */
	size_t rings;	   /* on his terminal */
};

struct scene {
	struct besieged besieged;
	struct address daemon; /* where it is */
	struct side side[PEOPLE];
	int64_t now;
	uint32_t runs;
	int descriptors; /* before a run */
};

/* ----------------------------------------------------------- the scene --- */

static int
open_scene(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	int i;

	assert_non_null(scene);
	*state = scene;
	besieged_open(&scene->besieged, NULL);
	scene->daemon = puppet_address("127.0.0.1", scene->besieged.port);
	for (i = 0; i < PEOPLE; i++)
		seat_take(&scene->side[i].seat);
	return 0;
}

static int
close_scene(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < PEOPLE; i++)
		seat_leave(&scene->side[i].seat);
	besieged_close(&scene->besieged);
	free(scene);
	return 0;
}

/* No one has come from there before: no limit has counted him. */
static struct address
fresh_address(const struct scene *scene, int i)
{
	struct address from = { .family = 4, .bytes = { 127 } };

	from.bytes[1] = (uint8_t)(1 + i);
	from.bytes[2] = (uint8_t)(scene->runs >> 8);
	from.bytes[3] = (uint8_t)scene->runs;
	return from;
}

static void
open_relay(struct scene *scene, int i, int whose, const struct weather *weather,
    uint32_t seed)
{
	struct side *side = &scene->side[i];
	const struct relay_plan plan = {
		.front = { .family = 4, .bytes = { 127, 0, 0, 1 } },
		.back = scene->daemon,
		.from = fresh_address(scene, i),
		.weather = *weather,
		.seed = (seed * PEOPLE + (uint32_t)i) * PEOPLE +
		    (uint32_t)whose,
	};

	side->relays[whose] = relay_open(&plan);
	side->daemons[whose] = relay_front(side->relays[whose]);
}

static void
plan_call(const struct scene *scene, struct side *side, int i)
{
	const char *terminal = scene->side[1 - i].seat.name;
	struct person *party = &side->party;

	*party = (struct person){ .user = "" };
	assert_true(strlen(terminal) < sizeof(party->terminal));
	memcpy(party->terminal, terminal, strlen(terminal));
	snprintf(party->user, sizeof(party->user), "%s", scene->besieged.user);
	side->plan = (struct call_plan){
		.caller = scene->besieged.user,
		.callee = party,
		.host = "there",
		.there = &side->daemons[1 - i],
		.there_count = 1,
		.here = &side->daemons[i],
		.here_count = 1,
	};
}

/* Both have this weather towards the other's daemon, that towards their own. */
static void
open_run(struct scene *scene, uint32_t seed, const struct weather *weather,
    const struct weather *at_home)
{
	struct side *side;
	int i, whose;

	scene->now = 1000;
	scene->runs++;
	scene->descriptors = puppet_descriptors();
	for (i = 0; i < PEOPLE; i++) {
		side = &scene->side[i];
		for (whose = 0; whose < PEOPLE; whose++)
			open_relay(scene, i, whose,
			    whose == i ? at_home : weather, seed);
		plan_call(scene, side, i);
		side->stream = -1;
		side->connected = 0;
		side->rings = 0;
	}
}

static void
begin(struct scene *scene, int i)
{
	struct side *side = &scene->side[i];

	side->call = call_new(&side->plan, scene->now);
	assert_non_null(side->call);
}

static void
close_run(struct scene *scene)
{
	static const struct linger reset = { .l_onoff = 1 };
	struct side *side;

	for (side = scene->side; side < scene->side + PEOPLE; side++) {
		/* Nothing of many calls lingers in TIME-WAIT. */
		(void)setsockopt(
		    side->stream, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		if (side->stream >= 0)
			close(side->stream);
		call_free(side->call);
		side->call = NULL;
		relay_close(side->relays[ALICE]);
		relay_close(side->relays[BOB]);
	}
	assert_int_equal(puppet_descriptors(), scene->descriptors);
}

/* ---------------------------------------------------------------- time --- */

static void
count_rings(struct side *side)
{
	char shown[SHOWN_SIZE];

	side->rings += besieged_count(
	    seat_read(&side->seat, shown, sizeof(shown)), "respond with:");
}

static void
side_turn(struct side *side, const struct turn *turn, int64_t now)
{
	relay_turn(side->relays[ALICE], now);
	relay_turn(side->relays[BOB], now);
	if (side->call == NULL)
		return;
	call_turn(side->call, turn, now);
	if (call_phase(side->call) == CALL_CONNECTED && side->connected == 0) {
		side->connected = now;
		side->stream = call_socket(side->call);
	}
}

static bool
is_quiet(const struct turn *turn)
{
	int i;

	for (i = 0; i < turn->count; i++)
		if (turn->fds[i].revents != 0)
			return false;
	return true;
}

/* Whether the daemon has yet to answer somebody. */
static bool
await_side(const struct side *side, struct turn *turn)
{
	relay_await(side->relays[ALICE], turn);
	relay_await(side->relays[BOB], turn);
	if (side->call != NULL)
		call_await(side->call, turn);
	return relay_is_owed(side->relays[ALICE]) ||
	    relay_is_owed(side->relays[BOB]);
}

/* What can happen now; the daemon, whose time is not ours, answers first. */
static void
look(const struct scene *scene, struct turn *turn)
{
	bool alice, bob;

	turn_begin(turn);
	alice = await_side(&scene->side[ALICE], turn);
	bob = await_side(&scene->side[BOB], turn);
	if (alice || bob)
		puppet_await(turn);
	else
		puppet_glance(turn);
}

/* Lets time pass up to a moment. */
static void
pass_until(struct scene *scene, int64_t end)
{
	struct turn turn;
	int i;

	for (;;) {
		look(scene, &turn);
		if (is_quiet(&turn)) {
			if (turn.deadline > end)
				break;
			if (turn.deadline > scene->now)
				scene->now = turn.deadline;
		}
		for (i = 0; i < PEOPLE; i++)
			side_turn(&scene->side[i], &turn, scene->now);
	}
	scene->now = end;
	for (i = 0; i < PEOPLE; i++)
		count_rings(&scene->side[i]);
}

static void
pass(struct scene *scene, int64_t ms)
{
	pass_until(scene, scene->now + ms);
}

/* --------------------------------------------------------------- proof --- */

static struct address
ask_from(const struct scene *scene, int *fd)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&scene->daemon, &ss);
	struct address own;

	*fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(*fd >= 0);
	assert_int_equal(connect(*fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&own, (struct sockaddr *)&ss, len));
	return own;
}

/* How the daemon answers a LOOK_UP by the user, for himself or for a list. */
static enum talk_answer
ask(const struct scene *scene, bool lists)
{
	const struct extension_request besides = { lists, 0 };
	struct talk_request req = { .type = TALK_LOOK_UP, .pid = 1 };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_reply reply;
	struct turn turn;
	ssize_t len;
	int fd;

	req.ctl_addr = ask_from(scene, &fd);
	snprintf(req.l_name, sizeof(req.l_name), "%s", scene->besieged.user);
	if (!lists)
		snprintf(req.r_name, sizeof(req.r_name), "%s", req.l_name);
	len = (ssize_t)extension_put_request(&req, &besides, bytes);
	assert_int_equal(send(fd, bytes, (size_t)len, 0), len);
	turn_begin(&turn);
	turn_want(&turn, fd, POLLIN);
	puppet_await(&turn);
	len = recv(fd, bytes, sizeof(bytes), 0);
	close(fd);
	assert_true(len > 0);
	assert_true(ntalk_get_reply(bytes, (size_t)len, &reply));
	return reply.answer;
}

/* What the one writes the other reads. */
static void
check_joined(int from, int to)
{
	struct turn turn;
	char byte = 0;

	assert_int_equal(send(from, "x", 1, MSG_NOSIGNAL), 1);
	turn_begin(&turn);
	turn_want(&turn, to, POLLIN);
	puppet_await(&turn);
	assert_int_equal(recv(to, &byte, 1, 0), 1);
	assert_int_equal(byte, 'x');
}

/* The daemon has neither an invitation nor an announcement any more. */
static void
check_nothing_left(struct scene *scene)
{
	pass(scene, CALL_TAKE_BACK_MS);
	assert_int_equal(ask(scene, false), TALK_NOT_HERE);
	assert_int_equal(ask(scene, true), TALK_NOT_HERE);
}

static bool
have_met(const struct scene *scene)
{
	return scene->side[ALICE].connected != 0 &&
	    scene->side[BOB].connected != 0;
}

static void
check_meeting(struct scene *scene, uint32_t seed)
{
	const struct side *alice = &scene->side[ALICE];
	const struct side *bob = &scene->side[BOB];
	int64_t end = scene->now + PATIENCE_MS;

	while (!have_met(scene) && scene->now < end)
		pass(scene, STEP_MS);
	if (!have_met(scene))
		fail_msg("seed %u: alice: %s; bob: %s", (unsigned)seed,
		    call_status(alice->call), call_status(bob->call));
	check_joined(alice->stream, bob->stream);
	check_joined(bob->stream, alice->stream);
}

/* Until bob is rung. */
static void
ring(struct scene *scene, uint32_t seed)
{
	int64_t end = scene->now + PATIENCE_MS;

	begin(scene, ALICE);
	while (scene->side[BOB].rings == 0 && scene->now < end)
		pass(scene, STEP_MS);
	if (scene->side[BOB].rings != 1)
		fail_msg("seed %u: alice: %s", (unsigned)seed,
		    call_status(scene->side[ALICE].call));
}

/* --------------------------------------------------------------- tests --- */

/* Milliseconds that something took, all runs. */
struct times {
	int64_t all[SEEDS];
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a;
	int64_t other = *(const int64_t *)b;

	return one < other ? -1 : one > other;
}

/* Nine of ten took no longer than they mostly should. */
static void
check_times(struct times *times, const char *what)
{
	size_t count = times->count;

	qsort(times->all, count, sizeof(times->all[0]), compare);
	print_message("%s: %d ms, nine of ten %d, at most %d\n", what,
	    (int)times->all[count / 2], (int)times->all[count * 9 / 10],
	    (int)times->all[count - 1]);
	assert_in_range(times->all[count * 9 / 10], 0, MOSTLY_MS);
}

static void
answer_over(struct scene *scene, const struct weather *weather,
    const struct weather *at_home)
{
	struct times rings = { 0 }, answers = { 0 };
	uint32_t seed;
	int64_t began;

	for (seed = 0; seed < SEEDS; seed++) {
		open_run(scene, seed, weather, at_home);
		began = scene->now;
		ring(scene, seed);
		rings.all[rings.count++] = scene->now - began;
		pass(scene, THINK_MS);
		began = scene->now;
		begin(scene, BOB);
		check_meeting(scene, seed);
		answers.all[answers.count++] = scene->now - began;
		check_nothing_left(scene);
		assert_int_equal(scene->side[BOB].rings, 1);
		assert_int_equal(scene->side[ALICE].rings, 0);
		close_run(scene);
	}
	check_times(&rings, "rings");
	check_times(&answers, "answers");
}

static void
where_datagrams_get_lost_a_call_rings_once_and_is_answered(void **state)
{
	answer_over(*state, &lossy, &lossy);
}

/* A host mixes up nothing that it sends itself. */
static void
where_datagrams_come_twice_and_late_it_rings_once_too(void **state)
{
	answer_over(*state, &confused, &fair);
}

static void
meet_over(struct scene *scene, const struct weather *weather,
    const struct weather *at_home)
{
	struct times meetings = { 0 };
	uint32_t seed;
	int64_t began;

	for (seed = 0; seed < SEEDS; seed++) {
		open_run(scene, seed, weather, at_home);
		began = scene->now;
		begin(scene, seed % PEOPLE);
		begin(scene, 1 - seed % PEOPLE);
		check_meeting(scene, seed);
		meetings.all[meetings.count++] = scene->now - began;
		check_nothing_left(scene);
		assert_in_range(scene->side[ALICE].rings, 0, 1);
		assert_in_range(scene->side[BOB].rings, 0, 1);
		close_run(scene);
	}
	check_times(&meetings, "meetings");
}

static void
where_datagrams_get_lost_two_who_call_each_other_meet(void **state)
{
	meet_over(*state, &lossy, &lossy);
}

static void
where_datagrams_come_twice_and_late_two_meet_too(void **state)
{
	meet_over(*state, &confused, &fair);
}

/* At any moment of the first seconds, of which one has the second ring. */
static void
a_call_given_up_leaves_nothing_behind_and_rings_no_more(void **state)
{
	struct scene *scene = *state;
	struct side *alice = &scene->side[ALICE];
	uint32_t seed;
	size_t rings;

	for (seed = 0; seed < SEEDS; seed++) {
		open_run(scene, seed, &lossy, &lossy);
		ring(scene, seed);
		while (call_phase(alice->call) != CALL_RINGING)
			pass(scene, STEP_MS);
		pass(scene, seed % 2 == 0 ? seed * 10 : 29000 + seed * 5);
		rings = scene->side[BOB].rings;
		call_end(alice->call, scene->now);
		check_nothing_left(scene);
		assert_true(call_is_over(alice->call));
		assert_int_equal(scene->side[BOB].rings, rings);
		close_run(scene);
	}
}

/* Nobody learns whether it has rung: so it must not do that afterwards. */
static void
a_call_given_up_before_it_rang_does_not_ring(void **state)
{
	struct scene *scene = *state;
	struct side *alice = &scene->side[ALICE];
	uint32_t seed;
	size_t rings;

	for (seed = 0; seed < SEEDS; seed++) {
		open_run(scene, seed, &lossy, &lossy);
		begin(scene, ALICE);
		pass(scene, seed * 3);
		rings = scene->side[BOB].rings;
		call_end(alice->call, scene->now);
		pass(scene, PATIENCE_MS);
		assert_true(call_is_over(alice->call));
		assert_int_equal(scene->side[BOB].rings, rings);
		close_run(scene);
	}
}

/* ---------------------------------------------- with the real programs --- */

/* Company whose talks reach their talkd over a bad network. */
struct outpost {
	struct company *company;
	pid_t relay;
};

static int
open_outpost(void **state)
{
	struct outpost *outpost = calloc(1, sizeof(*outpost));
	struct relay_plan plan = { .weather = lossy };
	struct relay *relay;

	assert_non_null(outpost);
	plan.seed = *(const uint32_t *)*state;
	setenv("STAGE_SECONDS", "30", 0);
	assert_int_equal(company_open((void **)&outpost->company), 0);
	*state = outpost;
	plan.front = puppet_address("127.0.0.1", 0);
	plan.back = puppet_address("127.0.0.1", outpost->company->port);
	relay = relay_open(&plan);
	snprintf(outpost->company->port_text,
	    sizeof(outpost->company->port_text), "%u",
	    (unsigned)relay_front(relay).port);
	outpost->relay = relay_run(relay);
	relay_close(relay);
	return 0;
}

static int
close_outpost(void **state)
{
	struct outpost *outpost = *state;
	int failed;

	kill(outpost->relay, SIGKILL);
	failed = company_close((void **)&outpost->company);
	free(outpost);
	return failed;
}

static void
talks_call_and_answer_over_a_bad_network(void **state)
{
	struct outpost *outpost = *state;

	company_connect(outpost->company);
	company_part(outpost->company);
	company_nobody_calls(outpost->company);
}

static void
talks_that_call_each_other_meet_over_a_bad_network(void **state)
{
	const struct outpost *outpost = *state;
	struct company *company = outpost->company;
	const char *const to_bob[] = { "$USER", actor_terminal(company->bob),
		NULL };
	const char *const to_alice[] = { "$USER",
		actor_terminal(company->alice), NULL };

	company_talk(company, company->alice, to_bob);
	company_talk(company, company->bob, to_alice);
	assert_true(
	    actor_separator_says(company->alice, "Connection established"));
	assert_true(
	    actor_separator_says(company->bob, "Connection established"));
	company_part(company);
	company_nobody_calls(company);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
#define OUTPOST(name, seed)                                            \
	{                                                              \
#name, name, open_outpost, close_outpost, &seeds[seed] \
	}

int
main(void)
{
	static uint32_t seeds[] = { 1, 2, 3, 4, 5, 6 };
	const struct CMUnitTest tests[] = {
		TEST(
		    where_datagrams_get_lost_a_call_rings_once_and_is_answered),
		TEST(where_datagrams_come_twice_and_late_it_rings_once_too),
		TEST(where_datagrams_get_lost_two_who_call_each_other_meet),
		TEST(where_datagrams_come_twice_and_late_two_meet_too),
		TEST(a_call_given_up_leaves_nothing_behind_and_rings_no_more),
		TEST(a_call_given_up_before_it_rang_does_not_ring),
		OUTPOST(talks_call_and_answer_over_a_bad_network, 0),
		OUTPOST(talks_call_and_answer_over_a_bad_network, 1),
		OUTPOST(talks_call_and_answer_over_a_bad_network, 2),
		OUTPOST(talks_that_call_each_other_meet_over_a_bad_network, 3),
		OUTPOST(talks_that_call_each_other_meet_over_a_bad_network, 4),
		OUTPOST(talks_that_call_each_other_meet_over_a_bad_network, 5),
	};

	return abreast_run("loss", tests, sizeof(tests) / sizeof(tests[0]));
}
