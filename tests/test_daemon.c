/*
 * The tests of talk/daemon: questions to daemons that the test plays itself, on
 * loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "puppet.h"
#include "talk/daemon.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --------------------------------------------------------------- stage --- */

/* The daemon under test, and who serves at its addresses. */
struct scene {
	struct puppet first;  /* at 127.0.0.1 */
	struct puppet second; /* at 127.0.0.2 */
	struct daemon daemon;
	int descriptors; /* before */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	scene->descriptors = puppet_descriptors();
	puppet_open(&scene->first, "127.0.0.1", 0);
	puppet_open(&scene->second, "127.0.0.2", 0);
	*state = scene;
	return 0;
}

/* Every test also shows that nothing stays open. */
static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;

	daemon_close(&scene->daemon);
	puppet_close(&scene->first);
	puppet_close(&scene->second);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

static void
open_one(struct scene *scene)
{
	assert_int_equal(daemon_open(&scene->daemon, &scene->first.at, 1), 0);
}

static void
open_both(struct scene *scene)
{
	const struct address at[] = { scene->first.at, scene->second.at };

	assert_int_equal(daemon_open(&scene->daemon, at, 2), 0);
}

static void
ask(struct scene *scene, enum talk_type type, int64_t now)
{
	struct talk_request question = { .type = type };

	daemon_ask(&scene->daemon, &question, now);
}

/* A turn of the daemon's once something has come for it. */
static enum daemon_state
turn_on_news(struct scene *scene, int64_t now)
{
	struct turn turn;

	turn_begin(&turn);
	daemon_await(&scene->daemon, &turn);
	puppet_await(&turn);
	return daemon_turn(&scene->daemon, now);
}

/* When the daemon wants its next turn at the latest. */
static int64_t
next_deadline(const struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	daemon_await(&scene->daemon, &turn);
	return turn.deadline;
}

/* ------------------------------------------------- question and answer --- */

static void
a_question_begins_with_84_bytes_that_tell_our_own_address(void **state)
{
	static const struct talk_request question = {
		.type = TALK_ANNOUNCE,
		.id = 0x01020304,
		.addr = { 4, { 192, 0, 2, 7 }, 0x1234, 0 },
		.pid = 0x0a0b0c0d,
		.l_name = "alice",
		.r_name = "bob",
		.r_tty = "pts/3",
	};
	uint8_t bytes[PUPPET_REQUEST_SIZE] = { 1, 3, 0, 0, 1, 2, 3, 4,
		/* addr */ 0, 2, 0x12, 0x34, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0,
		0, /* pid */[40] = 10, 11, 12, 13,
		/* l_name */ 'a', 'l', 'i', 'c', 'e', 0, 0, 0, 0, 0, 0, 0,
		/* r_name */ 'b', 'o', 'b', 0, 0, 0, 0, 0, 0, 0, 0, 0,
		/* r_tty */ 'p', 't', 's', '/', '3' };
	struct scene *scene = *state;
	struct address here;

	open_one(scene);
	daemon_ask(&scene->daemon, &question, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	puppet_put_addr(bytes + AT_CTL_ADDR, &scene->first.client);
	assert_memory_equal(scene->first.question, bytes, sizeof(bytes));
	here = daemon_here(&scene->daemon);
	assert_true(address_equal(&here, &scene->first.client));
}

static void
an_answer_ends_the_question(void **state)
{
	static const uint8_t reply[] = { 1, 1, 0, 9, 0x80, 0, 0, 1, 0, 2, 0x12,
		0x34, 192, 0, 2, 7, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct scene *scene = *state;
	const struct talk_reply *got = &scene->daemon.reply;

	open_one(scene);
	assert_int_equal(daemon_turn(&scene->daemon, 0), DAEMON_IDLE);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(daemon_turn(&scene->daemon, 0), DAEMON_ASKING);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_send(&scene->first, reply, sizeof(reply));
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_int_equal(got->type, TALK_LOOK_UP);
	assert_int_equal(got->answer, TALK_SUCCESS);
	assert_int_equal(got->id, 0x80000001);
	assert_true(address_equal(
	    &got->addr, &(struct address){ 4, { 192, 0, 2, 7 }, 0x1234, 0 }));
	assert_int_equal(daemon_turn(&scene->daemon, 60000), DAEMON_ANSWERED);
	assert_true(next_deadline(scene) == TURN_NEVER);
}

struct stray_reply {
	const char *what;
	uint8_t bytes[PUPPET_REPLY_SIZE + 1];
	size_t len;
};

/* To a LOOK_UP; none of them may pass for its answer. */
static const struct stray_reply stray_replies[] = {
	{ "empty", { 0 }, 0 },
	{ "a byte", { 1 }, 1 },
	{ "a byte too short", { 1, LOOK_UP, 0, 0, 0, 0, 0, 66 }, 23 },
	{ "to a LEAVE_INVITE", { 1, LEAVE_INVITE, 0, 0, 0, 0, 0, 66 }, 24 },
	{ "to a DELETE", { 1, DELETE, 0, 0, 0, 0, 0, 66 }, 24 },
	{ "to an ANNOUNCE", { 1, ANNOUNCE, 0, 0, 0, 0, 0, 66 }, 24 },
	{ "to nothing known", { 1, 0xff, 0, 0, 0, 0, 0, 66 }, 24 },
	{ "of version 0", { 0, LOOK_UP, 0, 0, 0, 0, 0, 66 }, 24 },
	{ "of version 2", { 2, LOOK_UP, 0, 0, 0, 0, 0, 66 }, 24 },
};

static void
what_is_no_answer_to_the_question_is_not_taken(void **state)
{
	struct scene *scene = *state;
	size_t i;

	open_one(scene);
	for (i = 0; i < COUNT(stray_replies); i++) {
		ask(scene, TALK_LOOK_UP, 0);
		puppet_hear(&scene->first, LOOK_UP);
		puppet_send(&scene->first, stray_replies[i].bytes,
		    stray_replies[i].len);
		if (turn_on_news(scene, 0) != DAEMON_ASKING)
			fail_msg("taken: a reply %s", stray_replies[i].what);
		puppet_answer(&scene->first, 0, 5);
		assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
		assert_int_equal(scene->daemon.reply.id, 5);
	}
}

static void
the_answer_counts_behind_others_that_came_with_it(void **state)
{
	struct scene *scene = *state;
	size_t i;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	for (i = 0; i < COUNT(stray_replies); i++)
		puppet_send(&scene->first, stray_replies[i].bytes,
		    stray_replies[i].len);
	puppet_answer(&scene->first, 1, 5);
	while (scene->daemon.state == DAEMON_ASKING)
		(void)turn_on_news(scene, 0);
	assert_int_equal(scene->daemon.reply.answer, TALK_NOT_HERE);
	assert_int_equal(scene->daemon.reply.id, 5);
}

static void
a_longer_reply_is_read_as_far_as_it_is_known(void **state)
{
	static const uint8_t reply[40] = { 1, LOOK_UP, 1, 0, 0, 0, 0,
		5, [24] = 7, 7, 7 };
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_send(&scene->first, reply, sizeof(reply));
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_int_equal(scene->daemon.reply.id, 5);
}

static void
a_reply_from_elsewhere_is_not_heard(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2" };
	struct scene *scene = *state;
	struct puppet forger;
	size_t i;

	open_one(scene);
	for (i = 0; i < COUNT(hosts); i++) {
		ask(scene, TALK_LOOK_UP, 0);
		puppet_hear(&scene->first, LOOK_UP);
		puppet_open(&forger, hosts[i], 0);
		forger.client = scene->first.client;
		forger.question[AT_TYPE] = LOOK_UP;
		puppet_answer(&forger, 0, 66);
		puppet_answer(&scene->first, 0, 5);
		puppet_close(&forger);
		assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
		assert_int_equal(scene->daemon.reply.id, 5);
	}
}

static void
a_late_reply_to_an_earlier_question_is_dropped(void **state)
{
	struct scene *scene = *state;
	struct turn turn;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer(&scene->first, 0, 66);
	turn_begin(&turn);
	daemon_await(&scene->daemon, &turn);
	puppet_await(&turn);
	ask(scene, TALK_LOOK_UP, 10);
	assert_int_equal(daemon_turn(&scene->daemon, 10), DAEMON_ASKING);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(turn_on_news(scene, 10), DAEMON_ANSWERED);
	assert_int_equal(scene->daemon.reply.id, 5);
}

static void
an_open_question_gives_way_to_the_next(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	ask(scene, TALK_ANNOUNCE, 9000);
	puppet_hear(&scene->first, ANNOUNCE);
	scene->first.question[AT_TYPE] = LOOK_UP;
	puppet_answer(&scene->first, 0, 66);
	assert_int_equal(turn_on_news(scene, 9000), DAEMON_ASKING);
	assert_int_equal(daemon_turn(&scene->daemon, 18999), DAEMON_ASKING);
	assert_int_equal(daemon_turn(&scene->daemon, 19000), DAEMON_SILENT);
}

/* ------------------------------------------------- behind the 84 bytes --- */

static void
every_question_makes_room_for_an_extended_answer(void **state)
{
	static const enum talk_type types[] = { TALK_LEAVE_INVITE, TALK_LOOK_UP,
		TALK_DELETE, TALK_ANNOUNCE };
	struct scene *scene = *state;
	size_t i, len;

	open_one(scene);
	for (i = 0; i < COUNT(types); i++) {
		ask(scene, types[i], 0);
		puppet_hear(&scene->first, (int)types[i]);
		assert_true(scene->first.behind_len >= 64);
		assert_null(puppet_element(&scene->first, CALLER, &len));
		assert_null(puppet_element(&scene->first, CALLEE, &len));
		assert_null(puppet_element(&scene->first, ADDRESS, &len));
		assert_null(puppet_element(&scene->first, LIST, &len));
	}
}

static void
what_the_classic_fields_have_no_room_for_stands_behind_them(void **state)
{
	static const struct talk_request question = {
		.type = TALK_LEAVE_INVITE,
		.addr = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 7 }, 0x1234, 0 },
		.l_name = "wolfeschlegelsteinhausen",
		.r_name = "maximilianal",
	};
	static const uint8_t address[] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 7, 0x12, 0x34 };
	struct scene *scene = *state;
	const uint8_t *value;
	size_t len;

	open_one(scene);
	daemon_ask(&scene->daemon, &question, 0);
	puppet_hear(&scene->first, LEAVE_INVITE);
	assert_memory_equal(
	    scene->first.question + AT_ADDR, ((uint8_t[16]){ 0, 2 }), 16);
	assert_memory_equal(
	    scene->first.question + AT_L_NAME, "wolfeschleg", 12);
	assert_memory_equal(
	    scene->first.question + AT_R_NAME, "maximiliana", 12);
	value = puppet_element(&scene->first, CALLER, &len);
	assert_int_equal(len, 24);
	assert_memory_equal(value, "wolfeschlegelsteinhausen", 24);
	value = puppet_element(&scene->first, CALLEE, &len);
	assert_int_equal(len, 12);
	assert_memory_equal(value, "maximilianal", 12);
	value = puppet_element(&scene->first, ADDRESS, &len);
	assert_int_equal(len, 18);
	assert_memory_equal(value, address, 18);
}

static void
what_stands_behind_an_answer_is_taken(void **state)
{
	static const uint8_t rung[] = { 99, 1, 0, RUNG, 5, 'p', 't', 's', '/',
		'3', RUNG, 4, 't', 't', 'y', '1', REASON, 3, 3, 0, 7 };
	struct scene *scene = *state;
	const struct extension_reply *more = &scene->daemon.more;

	open_one(scene);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	puppet_answer_more(&scene->first, 0, 5, rung, sizeof(rung));
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_true(daemon_extends(&scene->daemon));
	assert_int_equal(scene->daemon.reply.id, 5);
	assert_int_equal(more->terminal_count, 2);
	assert_string_equal(more->terminals[0], "pts/3");
	assert_string_equal(more->terminals[1], "tty1");
	assert_int_equal(more->reason, EXTENSION_TOO_OFTEN);
	assert_int_equal(more->seconds, 7);

	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	puppet_answer_more(&scene->first, 0, 6, rung, sizeof(rung) - 1);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_false(daemon_extends(&scene->daemon));
	assert_int_equal(scene->daemon.reply.id, 6);
	assert_int_equal(more->terminal_count, 0);
	assert_int_equal(more->reason, EXTENSION_NO_REASON);
}

/* Has the first daemon answer as netkit's; the plain question must follow. */
static void
refuse_extended(struct scene *scene, int type, int64_t now)
{
	puppet_refuse(&scene->first);
	assert_int_equal(turn_on_news(scene, now), DAEMON_ASKING);
	puppet_hear(&scene->first, type);
	assert_int_equal(scene->first.behind_len, 0);
}

static void
a_daemon_that_knows_84_bytes_only_is_asked_plainly_at_once(void **state)
{
	static const enum talk_type types[] = { TALK_LEAVE_INVITE, TALK_LOOK_UP,
		TALK_DELETE, TALK_ANNOUNCE };
	struct scene *scene = *state;
	uint8_t question[PUPPET_REQUEST_SIZE];
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_one(scene);
		ask(scene, types[i], 0);
		puppet_hear(&scene->first, (int)types[i]);
		memcpy(question, scene->first.question, sizeof(question));
		refuse_extended(scene, (int)types[i], 0);
		assert_memory_equal(
		    scene->first.question, question, sizeof(question));
		assert_false(puppet_hears(&scene->first));
		puppet_answer(&scene->first, 0, 5);
		assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
		assert_int_equal(scene->daemon.reply.id, 5);
		assert_false(daemon_extends(&scene->daemon));
		daemon_close(&scene->daemon);
	}
}

static void
a_daemon_once_asked_plainly_is_asked_plainly(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	refuse_extended(scene, LOOK_UP, 0);
	puppet_answer(&scene->first, 1, 0);
	(void)turn_on_news(scene, 0);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	assert_int_equal(scene->first.behind_len, 0);
	(void)daemon_turn(&scene->daemon, 2000);
	puppet_hear(&scene->first, ANNOUNCE);
	assert_int_equal(scene->first.behind_len, 0);
}

/* That it is asked twice at once must not make a resend of the second. */
static void
to_be_asked_plainly_does_not_move_the_resends(void **state)
{
	static const int64_t times[] = { 2000, 4000, 6000, 8000 };
	struct scene *scene = *state;
	size_t i;

	open_one(scene);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	refuse_extended(scene, ANNOUNCE, 1900);
	for (i = 0; i < COUNT(times); i++) {
		(void)daemon_turn(&scene->daemon, times[i] - 1);
		assert_false(puppet_hears(&scene->first));
		(void)daemon_turn(&scene->daemon, times[i]);
		puppet_hear(&scene->first, ANNOUNCE);
		assert_int_equal(scene->first.behind_len, 0);
	}
	assert_int_equal(daemon_turn(&scene->daemon, 10000), DAEMON_SILENT);
}

/* A daemon that inetd has to start first finds them all. */
static void
every_question_that_was_refused_counts_no_more(void **state)
{
	struct scene *scene = *state;
	int i;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	(void)daemon_turn(&scene->daemon, 300);
	(void)daemon_turn(&scene->daemon, 900);
	for (i = 0; i < 3; i++) {
		puppet_hear(&scene->first, LOOK_UP);
		assert_true(scene->first.behind_len > 0);
	}
	refuse_extended(scene, LOOK_UP, 1000);
	puppet_refuse(&scene->first);
	assert_int_equal(turn_on_news(scene, 1000), DAEMON_ASKING);
	assert_false(puppet_hears(&scene->first));
	puppet_answer(&scene->first, 1, 0);
	assert_int_equal(turn_on_news(scene, 1000), DAEMON_ANSWERED);

	/* The third comes late, between the next question and its answer. */
	ask(scene, TALK_LOOK_UP, 1100);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_refuse(&scene->first);
	assert_int_equal(turn_on_news(scene, 1100), DAEMON_ASKING);
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(turn_on_news(scene, 1100), DAEMON_ANSWERED);
	assert_int_equal(scene->daemon.reply.id, 5);
}

static void
one_that_refuses_the_plain_question_too_has_answered(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	refuse_extended(scene, LOOK_UP, 0);
	puppet_refuse(&scene->first);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_int_equal(scene->daemon.reply.answer, TALK_UNKNOWN_REQUEST);
}

static void
each_address_of_a_host_is_asked_as_it_understands(void **state)
{
	struct scene *scene = *state;

	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	refuse_extended(scene, LOOK_UP, 0);
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->first, LOOK_UP);
	assert_int_equal(scene->first.behind_len, 0);
	puppet_hear(&scene->second, LOOK_UP);
	assert_true(scene->second.behind_len > 0);
}

/* ------------------------------------------------- silence and refusal --- */

static void
a_refused_port_is_told_at_once(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->first);
	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_REFUSED);
	assert_true(next_deadline(scene) == TURN_NEVER);
}

static void
silence_ends_after_ten_seconds(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 500);
	assert_int_equal(daemon_turn(&scene->daemon, 10499), DAEMON_ASKING);
	assert_true(next_deadline(scene) <= 10500);
	assert_int_equal(daemon_turn(&scene->daemon, 10500), DAEMON_SILENT);
	assert_true(next_deadline(scene) == TURN_NEVER);
}

static void
an_answer_in_the_last_moment_still_counts(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(
	    turn_on_news(scene, DAEMON_PATIENCE_MS), DAEMON_ANSWERED);
}

/* Asks and counts the seconds up, with a turn when one is wanted. */
static void
check_resends(struct scene *scene, enum talk_type type, const int64_t *times,
    size_t count)
{
	int64_t now = 0;
	size_t i;

	ask(scene, type, now);
	puppet_hear(&scene->first, (int)type);
	for (i = 0; i < count; i++) {
		assert_true(next_deadline(scene) <= times[i]);
		(void)daemon_turn(&scene->daemon, times[i] - 1);
		assert_false(puppet_hears(&scene->first));
		(void)daemon_turn(&scene->daemon, times[i]);
		puppet_hear(&scene->first, (int)type);
	}
	(void)daemon_turn(&scene->daemon, DAEMON_PATIENCE_MS - 1);
	assert_int_equal(
	    daemon_turn(&scene->daemon, DAEMON_PATIENCE_MS), DAEMON_SILENT);
	assert_false(puppet_hears(&scene->first));
}

static void
a_question_is_sent_again_so_often_that_loss_does_not_matter(void **state)
{
	static const enum talk_type types[] = { TALK_LOOK_UP, TALK_LEAVE_INVITE,
		TALK_DELETE };
	static const int64_t times[] = { 300, 900, 1500, 2100, 2700, 3300, 3900,
		4500, 5100, 5700, 6300, 6900, 7500, 8100, 8700, 9300, 9900 };
	size_t i;

	open_one(*state);
	for (i = 0; i < COUNT(types); i++)
		check_resends(*state, types[i], times, COUNT(times));
}

static void
an_announce_is_sent_again_every_two_seconds_only(void **state)
{
	static const int64_t times[] = { 2000, 4000, 6000, 8000 };

	open_one(*state);
	check_resends(*state, TALK_ANNOUNCE, times, COUNT(times));
}

/* It knows a duplicate. */
static void
an_announce_to_one_of_this_project_is_sent_again_as_often_as_all(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer_more(&scene->first, 1, 0, NULL, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	(void)daemon_turn(&scene->daemon, 299);
	assert_false(puppet_hears(&scene->first));
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->first, ANNOUNCE);
	(void)daemon_turn(&scene->daemon, 900);
	puppet_hear(&scene->first, ANNOUNCE);
}

static void
who_takes_back_asks_ten_times_a_second(void **state)
{
	struct scene *scene = *state;
	uint32_t id = 7;
	int64_t now;

	open_one(scene);
	assert_false(daemon_take_back(&scene->daemon, &id, 0));
	for (now = 0; now <= 1000; now += 100) {
		(void)daemon_turn(&scene->daemon, now);
		puppet_hear(&scene->first, DELETE);
		assert_int_equal(puppet_id(&scene->first), 7);
		assert_false(puppet_hears(&scene->first));
		assert_false(daemon_take_back(&scene->daemon, &id, now));
	}
}

static void
a_first_announce_taken_back_is_not_sent_again_and_its_id_deleted(void **state)
{
	struct scene *scene = *state;
	uint32_t id = 0;
	int64_t now;

	open_one(scene);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	for (now = 0; now < 9000; now += 100) {
		assert_false(daemon_take_back(&scene->daemon, &id, now));
		(void)daemon_turn(&scene->daemon, now);
		assert_false(puppet_hears(&scene->first));
	}
	puppet_answer(&scene->first, 0, 8);
	(void)turn_on_news(scene, now);
	assert_false(daemon_take_back(&scene->daemon, &id, now));
	puppet_hear(&scene->first, DELETE);
	assert_int_equal(puppet_id(&scene->first), 8);
}

/* Nor in the form that such a daemon would understand. */
static void
a_first_announce_taken_back_is_not_asked_plainly(void **state)
{
	struct scene *scene = *state;
	uint32_t id = 0;

	open_one(scene);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	assert_false(daemon_take_back(&scene->daemon, &id, 0));
	puppet_refuse(&scene->first);
	(void)turn_on_news(scene, 0);
	assert_false(puppet_hears(&scene->first));
	assert_true(daemon_take_back(&scene->daemon, &id, 0));
}

/* Of the callee, say, that has led nowhere. */
static void
to_take_back_comes_before_the_entries_of_others(void **state)
{
	struct talk_request stale = { .type = TALK_DELETE, .id = 30 };
	struct scene *scene = *state;
	uint32_t id = 20;

	open_one(scene);
	daemon_ask(&scene->daemon, &stale, 0);
	puppet_hear(&scene->first, DELETE);
	assert_int_equal(puppet_id(&scene->first), 30);
	assert_false(daemon_take_back(&scene->daemon, &id, 0));
	puppet_hear(&scene->first, DELETE);
	assert_int_equal(puppet_id(&scene->first), 20);
}

/* It may have rung and then have a new id; if not, it must not ring now. */
static void
a_later_announce_taken_back_asks_for_the_id_alone(void **state)
{
	struct talk_request again = { .type = TALK_ANNOUNCE, .id = 21 };
	struct scene *scene = *state;
	uint32_t id = 20;

	open_one(scene);
	daemon_ask(&scene->daemon, &again, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	assert_int_equal(puppet_id(&scene->first), 21);
	assert_false(daemon_take_back(&scene->daemon, &id, 50));
	(void)daemon_turn(&scene->daemon, 50);
	puppet_hear(&scene->first, ANNOUNCE);
	assert_int_equal(puppet_id(&scene->first), 20);
	puppet_answer(&scene->first, 0, 25);
	(void)turn_on_news(scene, 60);
	assert_false(daemon_take_back(&scene->daemon, &id, 60));
	puppet_hear(&scene->first, DELETE);
	assert_int_equal(puppet_id(&scene->first), 25);
}

static void
a_question_sent_again_is_the_same_to_the_byte(void **state)
{
	struct scene *scene = *state;
	uint8_t question[PUPPET_REQUEST_SIZE];

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	memcpy(question, scene->first.question, sizeof(question));
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->first, LOOK_UP);
	assert_memory_equal(scene->first.question, question, sizeof(question));
}

static void
a_daemon_that_refused_may_come_back(void **state)
{
	struct scene *scene = *state;
	uint16_t port = scene->first.at.port;

	puppet_close(&scene->first);
	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_REFUSED);
	puppet_open(&scene->first, "127.0.0.1", port);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
}

static void
one_that_answered_and_went_is_refused_at_the_next_question(void **state)
{
	struct scene *scene = *state;

	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	puppet_close(&scene->first);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_REFUSED);
	assert_false(puppet_hears(&scene->second));
}

/* --------------------------------------------------- several addresses --- */

static void
a_silent_address_is_given_300_ms_before_the_next_is_asked_too(void **state)
{
	struct scene *scene = *state;

	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	(void)daemon_turn(&scene->daemon, 299);
	assert_false(puppet_hears(&scene->second));
	assert_true(next_deadline(scene) <= 300);
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->second, LOOK_UP);
	assert_false(puppet_hears(&scene->second));
	puppet_hear(&scene->first, LOOK_UP);
	assert_false(puppet_hears(&scene->first));
	(void)daemon_turn(&scene->daemon, 900);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_hear(&scene->second, LOOK_UP);
}

static void
a_refusal_brings_the_next_address_on_at_once(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->first);
	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ASKING);
	puppet_hear(&scene->second, LOOK_UP);
	puppet_answer(&scene->second, 0, 5);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
}

static void
an_address_that_refuses_later_leaves_the_others_to_answer(void **state)
{
	struct scene *scene = *state;

	open_both(scene);
	ask(scene, TALK_ANNOUNCE, 0);
	puppet_hear(&scene->first, ANNOUNCE);
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->second, ANNOUNCE);
	puppet_close(&scene->first);
	(void)daemon_turn(&scene->daemon, 2000);
	puppet_hear(&scene->second, ANNOUNCE);
	assert_int_equal(turn_on_news(scene, 2000), DAEMON_ASKING);
	assert_true(next_deadline(scene) >= 0);
	puppet_answer(&scene->second, 0, 5);
	assert_int_equal(turn_on_news(scene, 2000), DAEMON_ANSWERED);
}

static void
when_all_addresses_refuse_the_host_does(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->first);
	puppet_close(&scene->second);
	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ASKING);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_REFUSED);
}

static void
one_address_refuses_and_the_other_is_silent(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->first);
	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ASKING);
	assert_int_equal(daemon_turn(&scene->daemon, 9999), DAEMON_ASKING);
	assert_int_equal(daemon_turn(&scene->daemon, 10000), DAEMON_SILENT);
}

static void
the_address_that_answers_is_the_daemon_from_then_on(void **state)
{
	struct scene *scene = *state;
	struct address there;

	open_both(scene);
	there = daemon_there(&scene->daemon);
	assert_true(address_equal(&there, &scene->first.at));
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_hear(&scene->second, LOOK_UP);
	puppet_answer(&scene->second, 0, 5);
	assert_int_equal(turn_on_news(scene, 300), DAEMON_ANSWERED);
	there = daemon_there(&scene->daemon);
	assert_true(address_equal(&there, &scene->second.at));

	ask(scene, TALK_ANNOUNCE, 400);
	puppet_hear(&scene->second, ANNOUNCE);
	puppet_answer(&scene->first, 0, 66); /* late, to the LOOK_UP */
	(void)daemon_turn(&scene->daemon, 2400);
	puppet_hear(&scene->second, ANNOUNCE);
	assert_int_equal(daemon_turn(&scene->daemon, 10400), DAEMON_SILENT);
	assert_false(puppet_hears(&scene->first));
}

static void
the_first_may_still_answer_when_the_second_was_asked(void **state)
{
	struct scene *scene = *state;
	struct address there;

	open_both(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->second, LOOK_UP);
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(turn_on_news(scene, 310), DAEMON_ANSWERED);
	there = daemon_there(&scene->daemon);
	assert_true(address_equal(&there, &scene->first.at));
}

static void
debians_name_for_itself_is_followed_by_plain_loopback(void **state)
{
	struct scene *scene = *state;
	uint16_t port = scene->first.at.port;
	struct address at[2];
	struct puppet debian;

	at[0] = puppet_address("127.0.1.1", port);
	at[1] = scene->second.at;
	puppet_open(&debian, "127.0.1.1", port);
	assert_int_equal(daemon_open(&scene->daemon, at, 2), 0);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&debian, LOOK_UP);
	/* As netkit's, it replies from 127.0.0.1: that is not heard. */
	scene->first.client = debian.client;
	memcpy(scene->first.question, debian.question, PUPPET_REQUEST_SIZE);
	puppet_answer(&scene->first, 0, 66);
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->first, LOOK_UP);
	assert_false(puppet_hears(&scene->second));
	puppet_answer(&scene->first, 0, 5);
	assert_int_equal(turn_on_news(scene, 300), DAEMON_ANSWERED);
	assert_int_equal(scene->daemon.reply.id, 5);
	puppet_close(&debian);
}

static void
an_address_given_twice_is_asked_once(void **state)
{
	struct scene *scene = *state;
	struct address at[3];

	at[0] = at[2] = puppet_address("127.0.1.1", scene->first.at.port);
	at[1] = scene->first.at;
	assert_int_equal(daemon_open(&scene->daemon, at, 3), 0);
	assert_int_equal(scene->daemon.count, 2);
}

static void
a_host_has_eight_addresses_at_most(void **state)
{
	struct scene *scene = *state;
	struct address at[DAEMON_ADDRESSES_MAX + 3];
	size_t i;

	for (i = 0; i < COUNT(at); i++)
		at[i] = puppet_address("127.0.0.3", (uint16_t)(4000 + i));
	memcpy(at[COUNT(at) - 1].bytes, (uint8_t[]){ 127, 0, 1, 1 }, 4);
	assert_int_equal(daemon_open(&scene->daemon, at, (int)COUNT(at)), 0);
	assert_int_equal(scene->daemon.count, DAEMON_ADDRESSES_MAX);
}

/* A firewall of our own may forbid it; so does a stream that has ended. */
static void
a_question_that_cannot_be_sent_is_not_waited_for(void **state)
{
	struct scene *scene = *state;

	open_one(scene);
	(void)shutdown(scene->daemon.doors[0].fd, SHUT_WR);
	ask(scene, TALK_LOOK_UP, 1000);
	assert_true(next_deadline(scene) <= 1000);
	assert_int_equal(daemon_turn(&scene->daemon, 1000), DAEMON_UNREACHABLE);
	assert_true(next_deadline(scene) == TURN_NEVER);
}

static void
without_an_address_there_is_an_error_and_no_state(void **state)
{
	struct scene *scene = *state;
	struct turn turn;

	assert_int_not_equal(daemon_open(&scene->daemon, NULL, 0), 0);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(daemon_turn(&scene->daemon, 0), DAEMON_UNREACHABLE);
	turn_begin(&turn);
	daemon_await(&scene->daemon, &turn);
	assert_int_equal(turn.count, 0);
}

static void
an_address_passed_over_is_asked_no_more(void **state)
{
	struct scene *scene = *state;
	struct address there;

	open_both(scene);
	assert_true(daemon_pass_over(&scene->daemon)); /* none answered */
	assert_int_equal(scene->daemon.count, 2);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_answer(&scene->first, 1, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_true(daemon_pass_over(&scene->daemon));
	assert_int_equal(daemon_turn(&scene->daemon, 0), DAEMON_IDLE);
	there = daemon_there(&scene->daemon);
	assert_true(address_equal(&there, &scene->second.at));
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->second, LOOK_UP);
	assert_false(puppet_hears(&scene->first));
	puppet_answer(&scene->second, 0, 5);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_false(daemon_pass_over(&scene->daemon));
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(daemon_turn(&scene->daemon, 0), DAEMON_UNREACHABLE);
}

/* ------------------------------------------------------------ families --- */

/* The host has an IPv6 address besides, which comes first. */
static void
open_both_families(struct scene *scene)
{
	struct address at[2];

	if (!puppet_has_ipv6()) {
		print_message("no IPv6 here\n");
		skip();
	}
	puppet_close(&scene->first);
	puppet_open(&scene->first, "::1", 0);
	at[0] = scene->first.at;
	at[1] = scene->second.at;
	assert_int_equal(daemon_open(&scene->daemon, at, 2), 0);
}

static void
a_daemon_may_be_asked_over_ipv6(void **state)
{
	struct scene *scene = *state;
	struct address here, there;

	open_both_families(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	assert_memory_equal(
	    scene->first.question + AT_CTL_ADDR, ((uint8_t[16]){ 0, 2 }), 16);
	puppet_answer(&scene->first, 1, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	here = daemon_here(&scene->daemon);
	there = daemon_there(&scene->daemon);
	assert_true(address_equal(&here, &scene->first.client));
	assert_true(address_equal(&there, &scene->first.at));
	assert_true(daemon_is_at(&scene->daemon, &scene->second.at));
	assert_false(puppet_hears(&scene->second));
}

static void
an_ipv6_address_that_refuses_costs_no_time(void **state)
{
	struct scene *scene = *state;

	open_both_families(scene);
	puppet_close(&scene->first);
	ask(scene, TALK_LOOK_UP, 0);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ASKING);
	puppet_hear(&scene->second, LOOK_UP);
}

static void
an_ipv6_address_that_is_silent_costs_300_ms(void **state)
{
	struct scene *scene = *state;

	open_both_families(scene);
	ask(scene, TALK_LOOK_UP, 0);
	(void)daemon_turn(&scene->daemon, 299);
	assert_false(puppet_hears(&scene->second));
	(void)daemon_turn(&scene->daemon, 300);
	puppet_hear(&scene->second, LOOK_UP);
	puppet_answer(&scene->second, 0, 5);
	assert_int_equal(turn_on_news(scene, 300), DAEMON_ANSWERED);
}

static void
an_invitation_may_lead_to_an_ipv6_address(void **state)
{
	const struct address lead = puppet_address("2001:db8::7", 0x1234);
	struct scene *scene = *state;

	open_one(scene);
	ask(scene, TALK_LOOK_UP, 0);
	puppet_hear(&scene->first, LOOK_UP);
	puppet_invite(&scene->first, 5, &lead);
	assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
	assert_true(address_equal(&scene->daemon.reply.addr, &lead));
	assert_int_equal(scene->daemon.reply.addr.scope, 0);
}

/* The wire has no zones: what holds there holds where the daemon was asked. */
static void
a_link_local_address_is_of_the_zone_in_which_it_was_told(void **state)
{
	static const struct {
		const char *number;
		bool is_local;
	} cases[] = {
		{ "fe80::7", true },
		{ "fe80::1:2:3:4", true },
		{ "febf:ffff::1", true },
		{ "fec0::7", false },
		{ "fe00::7", false },
		{ "fd00::7", false },
		{ "2001:db8::7", false },
	};
	const unsigned int zone = if_nametoindex("lo");
	struct scene *scene = *state;
	struct address at, lead;
	size_t i;

	open_both_families(scene);
	daemon_close(&scene->daemon);
	at = scene->first.at;
	at.scope = zone;
	assert_int_equal(daemon_open(&scene->daemon, &at, 1), 0);
	for (i = 0; i < COUNT(cases); i++) {
		lead = puppet_address(cases[i].number, 99);
		ask(scene, TALK_LOOK_UP, 0);
		puppet_hear(&scene->first, LOOK_UP);
		puppet_invite(&scene->first, 5, &lead);
		assert_int_equal(turn_on_news(scene, 0), DAEMON_ANSWERED);
		if (scene->daemon.reply.addr.scope !=
		    (cases[i].is_local ? zone : 0))
			fail_msg("%s has zone %u", cases[i].number,
			    (unsigned)scene->daemon.reply.addr.scope);
	}
}

static void
every_address_is_the_hosts_whatever_the_port(void **state)
{
	struct scene *scene = *state;
	struct address host;

	open_both(scene);
	host = puppet_address("127.0.0.2", 9);
	assert_true(daemon_is_at(&scene->daemon, &host));
	host = puppet_address("127.0.0.3", scene->first.at.port);
	assert_false(daemon_is_at(&scene->daemon, &host));
	host.family = 0;
	assert_false(daemon_is_at(&scene->daemon, &host));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_question_begins_with_84_bytes_that_tell_our_own_address),
		TEST(an_answer_ends_the_question),
		TEST(what_is_no_answer_to_the_question_is_not_taken),
		TEST(the_answer_counts_behind_others_that_came_with_it),
		TEST(a_longer_reply_is_read_as_far_as_it_is_known),
		TEST(a_reply_from_elsewhere_is_not_heard),
		TEST(a_late_reply_to_an_earlier_question_is_dropped),
		TEST(an_open_question_gives_way_to_the_next),
		TEST(every_question_makes_room_for_an_extended_answer),
		TEST(
		    what_the_classic_fields_have_no_room_for_stands_behind_them),
		TEST(what_stands_behind_an_answer_is_taken),
		TEST(
		    a_daemon_that_knows_84_bytes_only_is_asked_plainly_at_once),
		TEST(a_daemon_once_asked_plainly_is_asked_plainly),
		TEST(to_be_asked_plainly_does_not_move_the_resends),
		TEST(every_question_that_was_refused_counts_no_more),
		TEST(one_that_refuses_the_plain_question_too_has_answered),
		TEST(each_address_of_a_host_is_asked_as_it_understands),
		TEST(a_refused_port_is_told_at_once),
		TEST(silence_ends_after_ten_seconds),
		TEST(an_answer_in_the_last_moment_still_counts),
		TEST(
		    a_question_is_sent_again_so_often_that_loss_does_not_matter),
		TEST(an_announce_is_sent_again_every_two_seconds_only),
		TEST(
		    an_announce_to_one_of_this_project_is_sent_again_as_often_as_all),
		TEST(who_takes_back_asks_ten_times_a_second),
		TEST(
		    a_first_announce_taken_back_is_not_sent_again_and_its_id_deleted),
		TEST(a_first_announce_taken_back_is_not_asked_plainly),
		TEST(to_take_back_comes_before_the_entries_of_others),
		TEST(a_later_announce_taken_back_asks_for_the_id_alone),
		TEST(a_question_sent_again_is_the_same_to_the_byte),
		TEST(a_daemon_that_refused_may_come_back),
		TEST(
		    one_that_answered_and_went_is_refused_at_the_next_question),
		TEST(
		    a_silent_address_is_given_300_ms_before_the_next_is_asked_too),
		TEST(a_refusal_brings_the_next_address_on_at_once),
		TEST(an_address_that_refuses_later_leaves_the_others_to_answer),
		TEST(when_all_addresses_refuse_the_host_does),
		TEST(one_address_refuses_and_the_other_is_silent),
		TEST(the_address_that_answers_is_the_daemon_from_then_on),
		TEST(the_first_may_still_answer_when_the_second_was_asked),
		TEST(debians_name_for_itself_is_followed_by_plain_loopback),
		TEST(an_address_given_twice_is_asked_once),
		TEST(a_host_has_eight_addresses_at_most),
		TEST(a_question_that_cannot_be_sent_is_not_waited_for),
		TEST(without_an_address_there_is_an_error_and_no_state),
		TEST(an_address_passed_over_is_asked_no_more),
		TEST(a_daemon_may_be_asked_over_ipv6),
		TEST(an_ipv6_address_that_refuses_costs_no_time),
		TEST(an_ipv6_address_that_is_silent_costs_300_ms),
		TEST(an_invitation_may_lead_to_an_ipv6_address),
		TEST(a_link_local_address_is_of_the_zone_in_which_it_was_told),
		TEST(every_address_is_the_hosts_whatever_the_port),
	};

	return cmocka_run_group_tests_name("daemon", tests, NULL, NULL);
}
