/*
 * The tests of talkd/confirm: with a caller's daemon that does what the test
 * says, and real terminals.  The clock is the test's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ntalk.h"
#include "puppet.h"
#include "seat.h"
#include "talkd/confirm.h"

enum {
	START = 1000000, /* when the call of most tests rings */
	GIVEN_UP = 5000, /* after that long without a reply */
	LIFE = 60000,
	SEEN_SIZE = 1024,
	FEW = 128, /* descriptors */
};

static const uint8_t key[SIPHASH_KEY_SIZE] = "0123456789abcde";
static const struct log quiet = { 0 };

/*
 * The caller's host is 127.0.0.2.  As that is an address of this host, too, an
 * invitation in the table would count; there is none, but where a test says so.
 */
struct scene {
	struct invitations *table;
	struct confirm *confirm;
	struct puppet daemon; /* at the caller's host */
	struct seat seat;     /* the callee's */
	struct confirm_call call;
	int descriptors; /* that were open before */
};

static void
add(struct scene *scene, enum talk_type type)
{
	const struct confirm_call *call = &scene->call;
	struct invitation entry = { .type = type,
		.pid = call->pid,
		.source = call->source,
		.addr = call->source };

	snprintf(entry.caller, sizeof(entry.caller), "%s", "alice");
	snprintf(entry.callee, sizeof(entry.callee), "%s", "bob");
	assert_non_null(invitations_add(scene->table, &entry, START));
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct confirm_call *call;

	assert_non_null(scene);
	*state = scene;
	scene->descriptors = puppet_descriptors();
	scene->table = invitations_new(key, LIFE);
	scene->confirm = confirm_new(scene->table, &quiet);
	assert_true(scene->table != NULL && scene->confirm != NULL);
	puppet_open(&scene->daemon, "127.0.0.2", 0);
	seat_take(&scene->seat);
	call = &scene->call;
	*call = (struct confirm_call){ .pid = 7, .owner = getuid() };
	call->source = puppet_address("127.0.0.2", 4321);
	call->local = puppet_address("127.0.0.1", scene->daemon.at.port);
	snprintf(call->caller, sizeof(call->caller), "alice");
	snprintf(call->callee, sizeof(call->callee), "bob");
	snprintf(call->host, sizeof(call->host), "h1");
	confirm_add_terminal(call, scene->seat.name);
	add(scene, TALK_ANNOUNCE);
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	confirm_free(scene->confirm);
	invitations_free(scene->table);
	puppet_close(&scene->daemon);
	seat_leave(&scene->seat);
	assert_int_equal(puppet_descriptors(), scene->descriptors);
	free(scene);
	return 0;
}

/* --------------------------------------------------------------- steps --- */

static void
begin(struct scene *scene)
{
	confirm_begin(scene->confirm, &scene->call, START);
}

/* Serves at `after` milliseconds from the ring what is there at that moment. */
static void
serve(struct scene *scene, int64_t after)
{
	struct pollfd fds[CONFIRM_MAX];

	assert_true(poll(fds, confirm_watch(scene->confirm, fds), 0) >= 0);
	confirm_serve(scene->confirm, fds, START + after);
}

/* The same once something is there. */
static void
serve_reply(struct scene *scene, int64_t after)
{
	struct pollfd fds[CONFIRM_MAX];

	assert_true(
	    poll(fds, confirm_watch(scene->confirm, fds), PUPPET_WAIT_MS) > 0);
	confirm_serve(scene->confirm, fds, START + after);
}

/* Has the daemon asked for the first time. */
static void
begin_and_ask(struct scene *scene)
{
	begin(scene);
	serve(scene, CONFIRM_FIRST);
	puppet_hear(&scene->daemon, LOOK_UP);
}

static void
assert_seen(const struct scene *scene, const char *text)
{
	char seen[SEEN_SIZE];

	assert_string_equal(seat_read(&scene->seat, seen, sizeof(seen)), text);
}

static const char doubt[] =
    "\r\ntalk: h1 does not confirm that alice calls.\r\n";

/* Nothing is to be done or watched. */
static void
assert_over(const struct scene *scene)
{
	struct pollfd fds[CONFIRM_MAX];

	assert_int_equal(confirm_count(scene->confirm), 0);
	assert_true(confirm_deadline(scene->confirm) == CONFIRM_NEVER);
	assert_int_equal(confirm_watch(scene->confirm, fds), 0);
}

/* Lets all the time pass that a call is given. */
static void
wait_in_vain(struct scene *scene)
{
	int64_t deadline;

	while (confirm_count(scene->confirm) > 0) {
		deadline = confirm_deadline(scene->confirm);
		assert_in_range(deadline, START, START + GIVEN_UP);
		serve(scene, deadline - START);
	}
}

/* -------------------------------------------------------- the question --- */

static void
where_nobody_rings_there_is_nothing_to_do(void **state)
{
	assert_over(*state);
	serve(*state, 0);
	assert_over(*state);
}

static void
the_callers_daemon_is_asked_as_the_callee_would_ask(void **state)
{
	static const uint8_t zeros[20] = { 0 };
	struct scene *scene = *state;
	const uint8_t *question = scene->daemon.question;
	struct address own;

	begin_and_ask(scene);
	assert_memory_equal(question, "\1\1\0\0\0\0\0\0\0\2", 10);
	assert_memory_equal(question + 10, zeros, 14);
	assert_memory_equal(question + AT_PID, zeros, 4);
	assert_string_equal((const char *)question + AT_L_NAME, "bob");
	assert_string_equal((const char *)question + AT_R_NAME, "alice");
	assert_memory_equal(question + 68, zeros, 16);
	own = puppet_addr(&scene->daemon, AT_CTL_ADDR);
	assert_true(address_equal(&own, &scene->daemon.client));
	assert_true(own.port >= 1024);
}

static void
names_go_as_old_clients_send_them(void **state)
{
	struct scene *scene = *state;
	const uint8_t *question = scene->daemon.question;

	snprintf(
	    scene->call.caller, sizeof(scene->call.caller), "wolfgang-amadeus");
	begin_and_ask(scene);
	assert_string_equal((const char *)question + AT_R_NAME, "wolfgang-am");
}

static void
nobody_is_asked_at_once_nor_after_the_third_time(void **state)
{
	static const int64_t questions[] = { 250, 1000, 3000 };
	struct scene *scene = *state;
	size_t i;

	begin(scene);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
		    confirm_deadline(scene->confirm), START + questions[i]);
		serve(scene, questions[i] - 1);
		assert_false(puppet_hears(&scene->daemon));
		serve(scene, questions[i]);
		puppet_hear(&scene->daemon, LOOK_UP);
	}
	serve(scene, GIVEN_UP - 1);
	assert_int_equal(confirm_count(scene->confirm), 1);
	serve(scene, GIVEN_UP);
	assert_false(puppet_hears(&scene->daemon));
	assert_over(scene);
}

/* As a host does that was asleep. */
static void
a_clock_that_leaps_leaves_time_for_the_reply(void **state)
{
	struct scene *scene = *state;

	begin(scene);
	serve(scene, 3600000);
	puppet_hear(&scene->daemon, LOOK_UP);
	serve(scene, 3600001);
	assert_false(puppet_hears(&scene->daemon));
	puppet_answer(&scene->daemon, SUCCESS, 1);
	serve_reply(scene, 3600002);
	assert_over(scene);
	assert_seen(scene, "");
}

static void
a_call_of_the_older_protocol_is_asked_about_by_ntalk(void **state)
{
	const struct address at = puppet_address("127.77.0.1", 518);
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(&at, &name);
	struct scene *scene = *state;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool mine = bind(fd, (struct sockaddr *)&name, len) == 0;

	close(fd);
	if (!mine)
		skip(); /* for root only, and once at a time */
	puppet_close(&scene->daemon);
	puppet_open(&scene->daemon, "127.77.0.1", 518);
	scene->call.source = puppet_address("127.77.0.1", 4321);
	scene->call.local.port = 517;
	begin_and_ask(scene);
}

/* ------------------------------------------------------------- replies --- */

static void
an_invitation_that_is_found_confirms_without_a_word(void **state)
{
	struct scene *scene = *state;

	begin_and_ask(scene);
	puppet_invite(&scene->daemon, 1, &scene->call.source);
	serve_reply(scene, 300);
	assert_over(scene);
	serve(scene, GIVEN_UP);
	assert_false(puppet_hears(&scene->daemon));
	assert_seen(scene, "");
}

static void
one_that_is_left_a_moment_later_confirms_too(void **state)
{
	struct scene *scene = *state;

	begin_and_ask(scene);
	puppet_answer(&scene->daemon, NOT_HERE, 0);
	serve_reply(scene, 300);
	serve(scene, 1000);
	puppet_hear(&scene->daemon, LOOK_UP);
	puppet_answer(&scene->daemon, NOT_HERE, 0);
	serve_reply(scene, 1001);
	serve(scene, 3000);
	puppet_hear(&scene->daemon, LOOK_UP);
	puppet_answer(&scene->daemon, SUCCESS, 1);
	serve_reply(scene, GIVEN_UP - 1);
	assert_over(scene);
	assert_seen(scene, "");
}

static void
a_call_without_an_invitation_is_told_so_once(void **state)
{
	struct scene *scene = *state;

	begin_and_ask(scene);
	puppet_answer(&scene->daemon, NOT_HERE, 0);
	serve_reply(scene, 300);
	assert_seen(scene, "");
	wait_in_vain(scene);
	assert_seen(scene, doubt);
	assert_over(scene);
	serve(scene, 2 * GIVEN_UP);
	assert_seen(scene, "");
}

static void
a_silent_host_confirms_nothing(void **state)
{
	struct scene *scene = *state;

	begin(scene);
	wait_in_vain(scene);
	assert_seen(scene, doubt);
}

static void
a_host_without_a_daemon_confirms_nothing(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->daemon);
	begin(scene);
	wait_in_vain(scene);
	assert_seen(scene, doubt);
}

/* Each is sent as the only reply. */
static void
what_is_no_such_reply_confirms_nothing(void **state)
{
	static const struct {
		uint8_t bytes[24];
		size_t len;
	} replies[] = {
		{ { 1, LOOK_UP, 2 }, 24 },	  /* another answer */
		{ { 1, ANNOUNCE, SUCCESS }, 24 }, /* another type */
		{ { 1, LEAVE_INVITE, SUCCESS }, 24 },
		{ { 0, LOOK_UP, SUCCESS }, 24 }, /* another version */
		{ { 1, LOOK_UP, SUCCESS }, 23 },
		{ { 1, LOOK_UP, SUCCESS }, 0 },
	};
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		begin_and_ask(scene);
		puppet_send(&scene->daemon, replies[i].bytes, replies[i].len);
		serve_reply(scene, 300);
		assert_int_equal(confirm_count(scene->confirm), 1);
		wait_in_vain(scene);
		assert_seen(scene, doubt);
		while (puppet_hears(&scene->daemon))
			;
	}
}

static void
whoever_was_not_asked_confirms_nothing(void **state)
{
	struct scene *scene = *state;
	struct puppet others[2];
	size_t i;

	puppet_open(&others[0], "127.0.0.2", 0); /* another port */
	puppet_open(&others[1], "127.0.0.3", scene->daemon.at.port);
	begin_and_ask(scene);
	for (i = 0; i < 2; i++) {
		others[i].client = scene->daemon.client;
		memcpy(others[i].question, scene->daemon.question,
		    sizeof(others[i].question));
		puppet_answer(&others[i], SUCCESS, 1);
		puppet_close(&others[i]);
	}
	wait_in_vain(scene);
	assert_seen(scene, doubt);
}

/* A user's own call must not vouch for the one he makes up. */
static void
a_reply_counts_for_the_call_that_was_asked_about_only(void **state)
{
	struct scene *scene = *state;
	struct puppet *daemon = &scene->daemon;

	begin_and_ask(scene);
	snprintf(scene->call.caller, sizeof(scene->call.caller), "mallory");
	confirm_begin(scene->confirm, &scene->call, START + 1);
	serve(scene, CONFIRM_FIRST + 1);
	puppet_hear(daemon, LOOK_UP);
	assert_string_equal(
	    (const char *)daemon->question + AT_R_NAME, "mallory");
	puppet_answer(daemon, SUCCESS, 1);
	serve_reply(scene, 300);
	assert_int_equal(confirm_count(scene->confirm), 1);
	wait_in_vain(scene);
	assert_seen(scene, doubt);
}

/* -------------------------------------------------- without a question --- */

static void
a_caller_of_this_host_is_confirmed_by_the_table(void **state)
{
	struct scene *scene = *state;

	add(scene, TALK_LEAVE_INVITE);
	begin(scene);
	assert_over(scene);
	assert_false(puppet_hears(&scene->daemon));
	assert_seen(scene, "");
}

static void
one_who_leaves_the_invitation_a_moment_later_is_so_too(void **state)
{
	struct scene *scene = *state;

	begin(scene);
	assert_int_equal(confirm_count(scene->confirm), 1);
	add(scene, TALK_LEAVE_INVITE);
	serve(scene, CONFIRM_FIRST);
	assert_over(scene);
	assert_false(puppet_hears(&scene->daemon));
}

/* A zone that is no interface: nothing is sent anywhere. */
static void
the_table_says_nothing_of_other_hosts_callers(void **state)
{
	static const struct address other = { 6, { 0xfe, 0x80, [15] = 1 }, 4321,
		0x7fffffff };
	struct scene *scene = *state;

	add(scene, TALK_LEAVE_INVITE);
	scene->call.source = other;
	add(scene, TALK_ANNOUNCE);
	begin(scene);
	assert_int_equal(confirm_count(scene->confirm), 1);
	wait_in_vain(scene);
	assert_seen(scene, doubt);
}

static void
a_call_that_was_taken_back_needs_no_doubt(void **state)
{
	struct scene *scene = *state;
	static const struct invitations_pair pair = { "alice", "bob", false };
	struct invitation *entry = invitations_first(
	    scene->table, TALK_ANNOUNCE, &pair);

	begin(scene);
	invitations_remove(scene->table, entry);
	wait_in_vain(scene);
	assert_seen(scene, "");
}

static void
a_forged_call_is_doubted_though_it_was_taken_back(void **state)
{
	struct scene *scene = *state;
	static const struct invitations_pair pair = { "alice", "bob", false };

	scene->call.is_forged = true;
	begin(scene);
	invitations_remove(scene->table,
	    invitations_first(scene->table, TALK_ANNOUNCE, &pair));
	wait_in_vain(scene);
	assert_seen(scene, doubt);
}

static void
another_call_of_the_same_names_does_not_stand_for_it(void **state)
{
	struct scene *scene = *state;

	scene->call.pid++;
	begin(scene);
	wait_in_vain(scene);
	assert_seen(scene, "");
}

static void
without_a_descriptor_nothing_is_confirmed_and_nothing_breaks(void **state)
{
	struct scene *scene = *state;
	struct rlimit limit, few;
	int fds[FEW], count = 0;

	begin(scene);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = FEW;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while ((fds[count] = dup(0)) != -1)
		count++;
	serve(scene, 250);
	serve(scene, 1000);
	serve(scene, 3000);
	while (count > 0)
		close(fds[--count]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(confirm_count(scene->confirm), 1);
	assert_false(puppet_hears(&scene->daemon));
	serve(scene, GIVEN_UP);
	assert_seen(scene, doubt);
}

/* ----------------------------------------------------------- the doubt --- */

static void
the_doubt_cannot_bring_control_characters_or_lines(void **state)
{
	struct scene *scene = *state;

	add(scene, TALK_ANNOUNCE);
	snprintf(scene->call.host, sizeof(scene->call.host), "h\033[2J\r\n1");
	begin(scene);
	wait_in_vain(scene);
	assert_seen(scene,
	    "\r\ntalk: h\\033[2J\\015\\0121 does not confirm that "
	    "alice calls.\r\n");
}

static void
the_longest_names_are_doubted_whole(void **state)
{
	struct scene *scene = *state;
	struct invitation entry = {
		.type = TALK_ANNOUNCE, .pid = 7, .source = scene->call.source
	};
	char seen[SEEN_SIZE];

	memset(scene->call.host, 'h', PERSON_HOST_SIZE - 1);
	memset(scene->call.caller, 0xff, PERSON_USER_SIZE - 1);
	memset(entry.caller, 0xff, 11);
	snprintf(entry.callee, sizeof(entry.callee), "bob");
	assert_non_null(invitations_add(scene->table, &entry, START));
	begin(scene);
	wait_in_vain(scene);
	seat_read(&scene->seat, seen, sizeof(seen));
	assert_int_equal(strlen(seen),
	    strlen("\r\ntalk:  does not confirm that  calls.\r\n") + 255 +
		4 * 32);
}

static void
each_terminal_that_was_rung_is_told_if_it_still_may_be(void **state)
{
	struct scene *scene = *state;
	struct seat open, closed, unrung;
	char seen[SEEN_SIZE];

	seat_take(&open);
	seat_take(&closed);
	seat_take(&unrung);
	confirm_add_terminal(&scene->call, closed.name);
	confirm_add_terminal(&scene->call, open.name);
	begin(scene);
	seat_mesg(&closed, false);
	wait_in_vain(scene);
	assert_seen(scene, doubt);
	assert_string_equal(seat_read(&open, seen, sizeof(seen)), doubt);
	assert_string_equal(seat_read(&closed, seen, sizeof(seen)), "");
	assert_string_equal(seat_read(&unrung, seen, sizeof(seen)), "");
	seat_leave(&open);
	seat_leave(&closed);
	seat_leave(&unrung);
}

static void
a_terminal_that_is_somebody_elses_by_now_is_not_told(void **state)
{
	struct scene *scene = *state;

	scene->call.owner = getuid() + 1;
	begin(scene);
	wait_in_vain(scene);
	assert_seen(scene, "");
	assert_over(scene);
}

static void
more_terminals_than_have_room_are_left_out(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < 100; i++)
		confirm_add_terminal(&scene->call, scene->seat.name);
	assert_int_equal(scene->call.terminal_count, CONFIRM_TERMINALS_MAX);
}

static void
beyond_the_most_the_oldest_counts_as_not_confirmed_at_once(void **state)
{
	struct scene *scene = *state;
	int i;

	begin(scene);
	scene->call.terminal_count = 0;
	for (i = 1; i < CONFIRM_MAX; i++)
		confirm_begin(scene->confirm, &scene->call, START + i);
	assert_seen(scene, "");
	confirm_begin(scene->confirm, &scene->call, START + i);
	assert_seen(scene, doubt);
	assert_int_equal(confirm_count(scene->confirm), CONFIRM_MAX);
	for (; i < 100 * CONFIRM_MAX; i++)
		confirm_begin(scene->confirm, &scene->call, START + i);
	assert_int_equal(confirm_count(scene->confirm), CONFIRM_MAX);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(where_nobody_rings_there_is_nothing_to_do),
		CASE(the_callers_daemon_is_asked_as_the_callee_would_ask),
		CASE(names_go_as_old_clients_send_them),
		CASE(nobody_is_asked_at_once_nor_after_the_third_time),
		CASE(a_clock_that_leaps_leaves_time_for_the_reply),
		CASE(a_call_of_the_older_protocol_is_asked_about_by_ntalk),
		CASE(an_invitation_that_is_found_confirms_without_a_word),
		CASE(one_that_is_left_a_moment_later_confirms_too),
		CASE(a_call_without_an_invitation_is_told_so_once),
		CASE(a_silent_host_confirms_nothing),
		CASE(a_host_without_a_daemon_confirms_nothing),
		CASE(what_is_no_such_reply_confirms_nothing),
		CASE(whoever_was_not_asked_confirms_nothing),
		CASE(a_reply_counts_for_the_call_that_was_asked_about_only),
		CASE(a_caller_of_this_host_is_confirmed_by_the_table),
		CASE(one_who_leaves_the_invitation_a_moment_later_is_so_too),
		CASE(the_table_says_nothing_of_other_hosts_callers),
		CASE(a_call_that_was_taken_back_needs_no_doubt),
		CASE(a_forged_call_is_doubted_though_it_was_taken_back),
		CASE(another_call_of_the_same_names_does_not_stand_for_it),
		CASE(
		    without_a_descriptor_nothing_is_confirmed_and_nothing_breaks),
		CASE(the_doubt_cannot_bring_control_characters_or_lines),
		CASE(the_longest_names_are_doubted_whole),
		CASE(each_terminal_that_was_rung_is_told_if_it_still_may_be),
		CASE(a_terminal_that_is_somebody_elses_by_now_is_not_told),
		CASE(more_terminals_than_have_room_are_left_out),
		CASE(
		    beyond_the_most_the_oldest_counts_as_not_confirmed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
