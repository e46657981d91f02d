/*
 * Calls between hosts as Debian sets them up: inetd starts the daemons, and a
 * host's own name is 127.0.1.1.
 */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "abreast.h"
#include "lan.h"
#include "pair.h"

#define TEST(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, close_scene)

/* The same where hosts have the addresses of a plan, see lan.h. */
#define TEST_PLAN(name, setup, plan)                                          \
	{                                                                     \
#name " (" plan ")", name, setup, close_scene, (void *)(plan) \
	}
#define TEST_IPV6(name, setup)                                     \
	TEST_PLAN(name, setup, "6"), TEST_PLAN(name, setup, "46"), \
	    TEST_PLAN(name, setup, "46 6 4")

enum { TEXT_SIZE = 256 };

/* Alice at the first host, bob at the second.  A test's state is the plan. */
struct scene {
	struct lan *lan;
	struct actor *alice;
	struct actor *bob;
};

/* ----------------------------------------------------------- the scene --- */

static struct scene *
open_scene(void **state, int hosts)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	const char *plan = *state;

	assert_non_null(scene);
	*state = scene;
	scene->lan = lan_open_plan(hosts, plan);
	scene->alice = lan_log_in(scene->lan, "alice@h1");
	scene->bob = lan_log_in(scene->lan, "bob@h2");
	return scene;
}

/* Two hosts without a daemon. */
static int
open_bare(void **state)
{
	open_scene(state, 2);
	return 0;
}

static int
open_two(void **state)
{
	struct scene *scene = open_scene(state, 2);

	lan_serve(scene->lan, "h1", "inetd", "ours");
	lan_serve(scene->lan, "h2", "inetd", "ours");
	return 0;
}

/* The same and a third one, where nobody talks. */
static int
open_three(void **state)
{
	struct scene *scene = open_scene(state, 3);

	lan_serve(scene->lan, "h1", "inetd", "ours");
	lan_serve(scene->lan, "h2", "inetd", "ours");
	return 0;
}

/* Also tells whether anything was left behind. */
static int
close_scene(void **state)
{
	struct scene *scene = *state;
	bool fine = lan_close(scene->lan);

	free(scene);
	return fine ? 0 : -1;
}

/* A host's address that the first two have in common, as people type it. */
static const char *
number_of(const struct scene *scene, const char *host)
{
	static const char *const ipv4[] = { "10.77.0.1", "10.77.0.2",
		"10.77.0.3" };
	static const char *const ipv6[] = { "fd77::1", "fd77::2", "fd77::3" };
	int i = host[1] - '1';

	return lan_is_ipv6(scene->lan, "h1") || lan_is_ipv6(scene->lan, "h2")
	    ? ipv6[i]
	    : ipv4[i];
}

static const char *
user_at(const struct scene *scene, const char *user, const char *host,
    char whom[WHOM_SIZE])
{
	snprintf(whom, WHOM_SIZE, "%s@%s", user, number_of(scene, host));
	return whom;
}

/* ---------------------------------------------------- what is told how --- */

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * A call of which nothing comes: its words begin the line on standard error.
 * Returns how many milliseconds that took.
 */
static int64_t
fail_to_call(
    struct scene *scene, const char *callee, const char *words, int status)
{
	char command[TEXT_SIZE];
	int64_t began;

	snprintf(command, sizeof(command), "talk %s", callee);
	began = now_ms();
	lan_run(scene->alice, command);
	lan_ended(scene->alice, status);
	assert_true(actor_sees(scene->alice, words));
	return now_ms() - began;
}

/* As seen by a person, on a machine that may have much else to do. */
enum {
	AT_ONCE_MS = 5000,
	HOST_DOWN_MAX_MS = 7000,
	SILENCE_MIN_MS = 9000,
	SILENCE_MAX_MS = 20000,
};

/* --------------------------------------------------------------- tests --- */

/*
 * With the cable out nobody says anything any more, to either side: each is
 * told when what it sent has gone unanswered for a minute.  First of all the
 * tests, for it takes as long as the rest together.
 */
static void
who_loses_the_network_in_mid_call_is_told(void **state)
{
	struct scene *scene = *state;

	setenv("STAGE_SECONDS", "120", 1);
	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_chat(scene->alice, scene->bob);
	lan_pull(scene->lan, "h2");
	actor_type(scene->alice, "are you there?");
	assert_true(actor_separator_says(scene->alice, "Connection closed"));
	assert_true(actor_separator_says(scene->bob, "Connection closed"));
	assert_true(actor_half_reads(scene->bob, LOWER, 1, "how are you?"));
	actor_type(scene->alice, "\003");
	lan_ended(scene->alice, EX_OK);
	actor_type(scene->bob, "\003");
	lan_ended(scene->bob, EX_OK);
	lan_plug(scene->lan, "h2");
}

static void
a_silent_host_is_given_up_after_ten_seconds(void **state)
{
	struct scene *scene = *state;
	int64_t took;

	/* Somebody has that address, and does not say a word. */
	lan_do(scene->lan, "h1",
	    "ip neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 dev eth0");
	took = fail_to_call(scene, "bob@h9", "talk: h9: no talk daemon answers",
	    EX_UNAVAILABLE);
	assert_in_range(took, SILENCE_MIN_MS, SILENCE_MAX_MS);
}

/* It rings every half minute, and each time the invitation is renewed. */
static void
a_call_may_be_answered_after_more_than_a_minute(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE];
	int again;

	setenv("STAGE_SECONDS", "60", 1);
	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	for (again = 0; again < 2; again++) {
		actor_clear(scene->bob);
		assert_true(actor_sees(scene->bob, "respond with:"));
		assert_true(actor_separator_says(
		    scene->alice, "Ringing your party again"));
	}
	pair_respond(scene->bob, whom, scene->alice);
	pair_part(scene->alice, scene->bob);
}

static void
calls_connect_both_ways_by_name_and_by_number(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE];

	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->alice, scene->bob);
	pair_connect(scene->bob, "alice@h1", scene->alice);
	pair_chat(scene->bob, scene->alice);
	pair_part(scene->alice, scene->bob);
	pair_connect(
	    scene->alice, user_at(scene, "bob", "h2", whom), scene->bob);
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->bob, scene->alice);
	pair_connect(
	    scene->bob, user_at(scene, "alice", "h1", whom), scene->alice);
	pair_chat(scene->bob, scene->alice);
	pair_part(scene->bob, scene->alice);
}

/* Where a row begins with a text; -1 when none does. */
static int
find_row(const struct actor *actor, const char *text)
{
	const struct emulator *screen = actor_screen(actor);
	char shown[TEXT_SIZE];
	int row;

	for (row = 0; row < emulator_rows(screen); row++) {
		emulator_row(screen, row, shown, sizeof(shown));
		if (strncmp(shown, text, strlen(text)) == 0)
			return row;
	}
	return -1;
}

/* The rest of the row is a time of day and three dots. */
static void
check_time(const struct actor *actor, int row, size_t col)
{
	static const char form[] = "00:00 ...";
	char shown[TEXT_SIZE];
	size_t i;

	emulator_row(actor_screen(actor), row, shown, sizeof(shown));
	assert_int_equal(strlen(shown), col + strlen(form));
	for (i = 0; i < strlen(form); i++)
		assert_true(form[i] == '0'
			? isdigit((unsigned char)shown[col + i])
			: shown[col + i] == form[i]);
}

static void
the_ring_has_its_three_lines(void **state)
{
	static const char heading[] = "Message from Talk_Daemon@h2 at ";
	struct scene *scene = *state;
	char whom[WHOM_SIZE];
	int row;

	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	assert_string_equal(whom, "alice@h1");
	row = find_row(scene->bob, heading);
	assert_true(row >= 0);
	check_time(scene->bob, row, strlen(heading));
	assert_true(actor_row_reads(
	    scene->bob, row + 1, "talk: connection requested by alice@h1."));
	assert_true(actor_row_reads(
	    scene->bob, row + 2, "talk: respond with:  talk alice@h1"));
	pair_respond(scene->bob, whom, scene->alice);
	pair_part(scene->alice, scene->bob);
}

static void
a_caller_without_a_name_is_rung_by_number(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE], number[WHOM_SIZE];

	lan_do(scene->lan, "h2",
	    "grep -v h1 /etc/hosts >/run/hosts; cat /run/hosts >/etc/hosts");
	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	assert_string_equal(whom, user_at(scene, "alice", "h1", number));
	pair_respond(scene->bob, whom, scene->alice);
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->bob, scene->alice);
}

struct speech {
	const char *typed;
	const char *shown;
};

static void
text_in_any_language_and_its_corrections_cross_both_ways(void **state)
{
	static const struct speech speeches[] = {
		{ "héllo 世界", "héllo 世界" },
		{ "Ελλάδα 한국어", "Ελλάδα 한국어" },
		{ "abc\177\177X", "aX" },
		{ "世界\177x", "世x" },
		{ "ne\xcc\x81\177o", "no" },
		{ "one two\027X", "one X" },
		{ "one two\025X", "X" },
	};
	struct scene *scene = *state;
	size_t i;

	pair_connect(scene->alice, "bob@h2", scene->bob);
	for (i = 0; i < sizeof(speeches) / sizeof(speeches[0]); i++) {
		pair_say(scene->alice, scene->bob, (int)i, speeches[i].typed,
		    speeches[i].shown);
		pair_say(scene->bob, scene->alice, (int)i, speeches[i].typed,
		    speeches[i].shown);
	}
	pair_part(scene->alice, scene->bob);
}

static void
a_user_of_the_same_host_can_be_called_by_any_of_its_names(void **state)
{
	struct scene *scene = *state;
	char number[WHOM_SIZE];
	const char *const names[] = { "bob", "bob@h1", "bob@localhost",
		user_at(scene, "bob", "h1", number) };
	struct actor *bob = lan_log_in(scene->lan, "bob@h1");
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pair_connect(scene->alice, names[i], bob);
		pair_chat(scene->alice, bob);
		pair_part(i % 2 == 0 ? scene->alice : bob,
		    i % 2 == 0 ? bob : scene->alice);
	}
}

static void
a_user_who_is_not_logged_on_is_told_as_such(void **state)
{
	struct scene *scene = *state;

	assert_in_range(
	    fail_to_call(scene, "carol@h2",
		"talk: carol@h2: Your party is not logged on", EX_NOUSER),
	    0, AT_ONCE_MS);
	assert_in_range(
	    fail_to_call(scene, "alice@h2",
		"talk: alice@h2: Your party is not logged on", EX_NOUSER),
	    0, AT_ONCE_MS);
}

static void
a_user_whom_the_record_of_logins_does_not_know_is_rung(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h2", ": >/run/utmp");
	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_part(scene->alice, scene->bob);
	lan_do(scene->lan, "h2", "rm /run/utmp");
	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_part(scene->alice, scene->bob);
}

/* The record still says bob. */
static void
a_terminal_that_somebody_else_has_by_now_rings_nobody(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h2",
	    "grep -q bob /run/utmp && chown alice /dev/pts/0");
	actor_clear(scene->bob);
	(void)fail_to_call(scene, "bob@h2",
	    "talk: bob@h2: Your party is not logged on", EX_NOUSER);
	assert_false(actor_shows(scene->bob, "respond with:"));
	lan_do(scene->lan, "h2", "chown bob /dev/pts/0");
}

static void
a_closed_terminal_is_told_as_such(void **state)
{
	struct scene *scene = *state;

	lan_run(scene->bob, "mesg n || true");
	lan_ended(scene->bob, 0);
	actor_clear(scene->bob);
	assert_in_range(
	    fail_to_call(scene, "bob@h2",
		"talk: bob@h2: Your party is refusing messages", EX_NOPERM),
	    0, AT_ONCE_MS);
	assert_false(actor_shows(scene->bob, "respond with:"));
	lan_run(scene->bob, "mesg y");
	lan_ended(scene->bob, 0);
	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_part(scene->alice, scene->bob);
}

static void
a_host_without_a_daemon_is_told_at_once(void **state)
{
	struct scene *scene = *state;

	lan_serve(scene->lan, "h1", "inetd", "ours");
	assert_in_range(
	    fail_to_call(scene, "bob@h2",
		"talk: h2: no talk daemon answers there", EX_UNAVAILABLE),
	    0, AT_ONCE_MS);
}

static void
a_caller_without_a_daemon_is_told_and_nobody_is_rung(void **state)
{
	struct scene *scene = *state;

	lan_serve(scene->lan, "h2", "inetd", "ours");
	assert_in_range(
	    fail_to_call(scene, "bob@h2",
		"talk: no talk daemon answers on this host", EX_UNAVAILABLE),
	    0, AT_ONCE_MS);
	assert_false(actor_shows(scene->bob, "respond with:"));
}

static void
a_host_that_cannot_be_reached_is_told(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h1", "ip route add unreachable 10.77.0.8");
	assert_in_range(
	    fail_to_call(scene, "bob@h8",
		"talk: h8: the host cannot be reached", EX_UNAVAILABLE),
	    0, AT_ONCE_MS);
}

/* The kernel asks for its address three times, a second apart. */
static void
a_host_that_is_down_is_told_as_soon_as_the_kernel_knows(void **state)
{
	struct scene *scene = *state;

	assert_in_range(
	    fail_to_call(scene, "bob@h7",
		"talk: h7: the host cannot be reached", EX_UNAVAILABLE),
	    0, HOST_DOWN_MAX_MS);
}

static void
a_host_that_does_not_exist_is_told_at_once(void **state)
{
	struct scene *scene = *state;

	assert_in_range(
	    fail_to_call(scene, "bob@nowhere", "talk: nowhere: ", EX_NOHOST), 0,
	    AT_ONCE_MS);
}

static void
who_gives_up_takes_the_invitation_back(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE];

	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_SUCCESS);
	actor_type(scene->alice, "\003");
	lan_ended(scene->alice, EX_OK);
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_NOT_HERE);
}

static void
who_waits_no_longer_than_said_takes_it_back_too(void **state)
{
	struct scene *scene = *state;

	assert_in_range(fail_to_call(scene, "-w 2 bob@h2",
			    "talk: bob@h2: nobody answered", EX_TEMPFAIL),
	    2000, SILENCE_MIN_MS);
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_NOT_HERE);
}

static void
a_pulled_cable_that_is_put_back_loses_nothing(void **state)
{
	struct scene *scene = *state;

	pair_connect(scene->alice, "bob@h2", scene->bob);
	lan_pull(scene->lan, "h2");
	actor_type(scene->alice, "from alice");
	actor_type(scene->bob, "from bob");
	assert_true(actor_half_reads(scene->alice, UPPER, 0, "from alice"));
	assert_true(actor_half_reads(scene->bob, UPPER, 0, "from bob"));
	assert_true(actor_half_reads(scene->bob, LOWER, 0, ""));
	lan_plug(scene->lan, "h2");
	assert_true(actor_half_reads(scene->bob, LOWER, 0, "from alice"));
	assert_true(actor_half_reads(scene->alice, LOWER, 0, "from bob"));
	pair_part(scene->alice, scene->bob);
}

static void
a_stranger_who_takes_the_call_is_turned_away(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE], byte;
	struct talk_reply reply;
	int fd;

	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	reply = lan_look_up(scene->lan, "h3", "h1", "alice", "bob");
	assert_int_equal(reply.answer, TALK_SUCCESS);
	fd = lan_connect(scene->lan, "h3", SOCK_STREAM, &reply.addr);
	assert_true(fd >= 0);
	assert_true(actor_separator_says(scene->alice,
	    lan_is_ipv6(scene->lan, "h3")
		? "Turned away fd77::3, which is not h2"
		: "Turned away 10.77.0.3, which is not h2"));
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
	pair_respond(scene->bob, whom, scene->alice);
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->alice, scene->bob);
}

static void
two_who_call_each_other_meet_once(void **state)
{
	struct scene *scene = *state;
	int round;

	for (round = 0; round < 5; round++) {
		lan_run(scene->alice, "talk bob@h2");
		lan_run(scene->bob, "talk alice@h1");
		assert_true(actor_separator_says(
		    scene->alice, "Connection established"));
		assert_true(
		    actor_separator_says(scene->bob, "Connection established"));
		/* It may have rung across the picture. */
		actor_type(scene->alice, "\f");
		actor_type(scene->bob, "\f");
		pair_chat(scene->alice, scene->bob);
		pair_part(round % 2 == 0 ? scene->alice : scene->bob,
		    round % 2 == 0 ? scene->bob : scene->alice);
	}
}

static void
a_conversation_outlives_its_daemons(void **state)
{
	struct scene *scene = *state;

	pair_connect(scene->alice, "bob@h2", scene->bob);
	assert_true(lan_kill(scene->lan, "h1", "talkd") > 0);
	assert_true(lan_kill(scene->lan, "h2", "talkd") > 0);
	pair_chat(scene->alice, scene->bob);
	/* Inetd starts them anew for whoever asks. */
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_NOT_HERE);
	pair_say(scene->bob, scene->alice, 2, "still here", "still here");
	pair_part(scene->bob, scene->alice);
}

/* Nobody is found in the new table: both call, and so they meet. */
static void
a_call_outlives_its_daemons_too(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE];

	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	assert_true(lan_kill(scene->lan, "h1", "talkd") > 0);
	assert_true(lan_kill(scene->lan, "h2", "talkd") > 0);
	pair_respond(scene->bob, whom, scene->alice);
	actor_type(scene->alice, "\f");
	actor_type(scene->bob, "\f");
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->alice, scene->bob);
}

static void
a_daemon_that_inetd_starts_as_root_rings_too(void **state)
{
	struct scene *scene = *state;

	lan_serve(scene->lan, "h1", "inetd", "ours-as-root");
	lan_serve(scene->lan, "h2", "inetd", "ours-as-root");
	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->alice, scene->bob);
}

static void
an_invitation_from_another_host_is_refused(void **state)
{
	struct talk_request request = { .type = TALK_LEAVE_INVITE,
		.addr = { .family = 4,
		    .bytes = { 10, 77, 0, 3 },
		    .port = 4321 },
		.pid = 1,
		.l_name = "alice",
		.r_name = "bob" };
	struct scene *scene = *state;
	struct talk_reply reply;

	assert_true(lan_ask(scene->lan, "h3", "h1", &request, &reply));
	assert_int_equal(reply.answer, TALK_PERMISSION_DENIED);
	assert_int_equal(reply.id, 0);
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_NOT_HERE);
	/* From the host itself it must not lead elsewhere. */
	assert_true(lan_ask(scene->lan, "h1", "h1", &request, &reply));
	assert_int_equal(reply.answer, TALK_BADADDR);
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_NOT_HERE);
}

static void
an_invitation_cannot_be_deleted_from_another_host(void **state)
{
	struct talk_request request = {
		.type = TALK_DELETE, .l_name = "alice", .r_name = "bob"
	};
	struct scene *scene = *state;
	struct talk_reply reply;
	char whom[WHOM_SIZE];

	pair_ring(scene->alice, "bob@h2", scene->bob, whom);
	request.id = lan_look_up(scene->lan, "h3", "h1", "alice", "bob").id;
	assert_true(lan_ask(scene->lan, "h3", "h1", &request, &reply));
	assert_int_equal(reply.answer, TALK_NOT_HERE);
	assert_int_equal(
	    lan_look_up(scene->lan, "h2", "h1", "alice", "bob").answer,
	    TALK_SUCCESS);
	pair_respond(scene->bob, whom, scene->alice);
	pair_part(scene->alice, scene->bob);
}

/* ------------------------------------------------------------ messages --- */

/* Has alice send a message, and checks the status of it. */
static void
send_message(struct scene *scene, const char *arguments, int status)
{
	char command[TEXT_SIZE + 16];

	snprintf(command, sizeof(command), "talk -m %s", arguments);
	lan_run(scene->alice, command);
	lan_ended(scene->alice, status);
}

static void
a_message_shows_on_another_host_with_its_sender(void **state)
{
	struct scene *scene = *state;
	char command[TEXT_SIZE];

	actor_clear(scene->bob);
	send_message(scene, "bob@h2 lunch at noon, héllo 世界", 0);
	assert_true(actor_sees(scene->bob, "Message from alice@h1 on pts/"));
	assert_true(actor_sees(scene->bob, "  lunch at noon, héllo 世界"));
	assert_true(actor_sees(scene->bob, "EOF"));
	snprintf(command, sizeof(command), "-t '*' bob@%s on all of yours",
	    number_of(scene, "h2"));
	send_message(scene, command, 0);
	assert_true(actor_sees(scene->bob, "  on all of yours"));
	send_message(scene, "@h2 reboot in five minutes", 0);
	assert_true(actor_sees(scene->bob, "  reboot in five minutes"));
}

static void
a_message_that_nobody_gets_is_told_why(void **state)
{
	struct scene *scene = *state;

	send_message(scene, "carol@h2 hi", EX_NOUSER);
	send_message(scene, "bob@nowhere hi", EX_NOHOST);
	send_message(scene, "bob@h7 hi", EX_UNAVAILABLE);
	lan_run(scene->bob, "mesg n || true");
	lan_ended(scene->bob, 0);
	actor_clear(scene->bob);
	send_message(scene, "bob@h2 hi", EX_NOPERM);
	assert_false(actor_shows(scene->bob, "Message from"));
}

static void
a_host_without_a_message_service_is_told_as_such(void **state)
{
	struct scene *scene = *state;

	send_message(scene, "bob@h2 hi", EX_UNAVAILABLE);
	assert_true(actor_shows(scene->alice, "no message service answers"));
}

static int
count_rows(const struct actor *actor, const char *text)
{
	const struct emulator *screen = actor_screen(actor);
	char row[1024];
	int i, count = 0;

	for (i = 0; i < emulator_rows(screen); i++) {
		emulator_row(screen, i, row, sizeof(row));
		count += strstr(row, text) != NULL;
	}
	return count;
}

static void
a_terminal_of_several_names_shows_a_message_once(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h2",
	    "for name in tty1 console; do "
	    ": >/dev/$name; mount --bind /dev/pts/0 /dev/$name; done; "
	    "sed 's|pts/0\\x00\\x00|console|' /run/utmp >/run/more; "
	    "grep -q console /run/more; cat /run/more >>/run/utmp");
	actor_clear(scene->bob);
	send_message(scene, "-t '*' bob@h2 how many of you", 0);
	assert_true(actor_sees(scene->bob, "  how many of you"));
	send_message(scene, "bob@h2 and then", 0);
	assert_true(actor_sees(scene->bob, "  and then"));
	assert_int_equal(count_rows(scene->bob, "  how many of you"), 1);
	lan_do(scene->lan, "h2", "umount /dev/console /dev/tty1");
}

/* inetd has a daemon for each family at port 18: both may hear it. */
static void
a_broadcast_finds_a_user_wherever_he_sits_and_shows_once(void **state)
{
	struct scene *scene = *state;

	actor_clear(scene->bob);
	send_message(scene, "-b bob are you there", 0);
	assert_true(actor_sees(scene->bob, "  are you there"));
	assert_true(actor_shows(scene->alice, "h2"));
	assert_int_equal(count_rows(scene->bob, "  are you there"), 1);
	send_message(scene, "-b carol are you there", EX_NOUSER);
	assert_int_equal(count_rows(scene->bob, "  are you there"), 1);
}

static void
a_broadcast_to_everyone_shows_on_all_hosts_and_once(void **state)
{
	struct scene *scene = *state;

	actor_clear(scene->bob);
	send_message(scene, "-b @ h1 goes down", 0);
	assert_true(actor_sees(scene->bob, "  h1 goes down"));
	assert_true(actor_sees(scene->alice, "  h1 goes down"));
	assert_int_equal(count_rows(scene->bob, "  h1 goes down"), 1);
	assert_int_equal(count_rows(scene->alice, "  h1 goes down"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_loses_the_network_in_mid_call_is_told, open_two),
		TEST(a_call_may_be_answered_after_more_than_a_minute, open_two),
		TEST(a_silent_host_is_given_up_after_ten_seconds, open_two),
		TEST(a_host_that_is_down_is_told_as_soon_as_the_kernel_knows,
		    open_two),
		TEST(calls_connect_both_ways_by_name_and_by_number, open_two),
		TEST(the_ring_has_its_three_lines, open_two),
		TEST(a_caller_without_a_name_is_rung_by_number, open_two),
		TEST(text_in_any_language_and_its_corrections_cross_both_ways,
		    open_two),
		TEST(a_user_of_the_same_host_can_be_called_by_any_of_its_names,
		    open_two),
		TEST(a_user_who_is_not_logged_on_is_told_as_such, open_two),
		TEST(a_user_whom_the_record_of_logins_does_not_know_is_rung,
		    open_two),
		TEST(a_terminal_that_somebody_else_has_by_now_rings_nobody,
		    open_two),
		TEST(a_closed_terminal_is_told_as_such, open_two),
		TEST(a_host_without_a_daemon_is_told_at_once, open_bare),
		TEST(a_caller_without_a_daemon_is_told_and_nobody_is_rung,
		    open_bare),
		TEST(a_host_that_cannot_be_reached_is_told, open_two),
		TEST(a_host_that_does_not_exist_is_told_at_once, open_two),
		TEST(who_gives_up_takes_the_invitation_back, open_two),
		TEST(who_waits_no_longer_than_said_takes_it_back_too, open_two),
		TEST(a_pulled_cable_that_is_put_back_loses_nothing, open_two),
		TEST(a_stranger_who_takes_the_call_is_turned_away, open_three),
		TEST(two_who_call_each_other_meet_once, open_two),
		TEST(a_conversation_outlives_its_daemons, open_two),
		TEST(a_message_shows_on_another_host_with_its_sender, open_two),
		TEST(a_message_that_nobody_gets_is_told_why, open_two),
		TEST(
		    a_terminal_of_several_names_shows_a_message_once, open_two),
		TEST(a_host_without_a_message_service_is_told_as_such,
		    open_bare),
		TEST(a_broadcast_finds_a_user_wherever_he_sits_and_shows_once,
		    open_two),
		TEST(a_broadcast_to_everyone_shows_on_all_hosts_and_once,
		    open_two),
		TEST(a_call_outlives_its_daemons_too, open_two),
		TEST(a_daemon_that_inetd_starts_as_root_rings_too, open_bare),
		TEST(an_invitation_from_another_host_is_refused, open_three),
		TEST(an_invitation_cannot_be_deleted_from_another_host,
		    open_three),
	};
	const struct CMUnitTest ipv6_tests[] = {
		TEST_PLAN(
		    who_loses_the_network_in_mid_call_is_told, open_two, "6"),
		TEST_IPV6(
		    calls_connect_both_ways_by_name_and_by_number, open_two),
		TEST_PLAN(the_ring_has_its_three_lines, open_two, "6"),
		TEST_PLAN(
		    a_caller_without_a_name_is_rung_by_number, open_two, "6"),
		TEST_PLAN(
		    text_in_any_language_and_its_corrections_cross_both_ways,
		    open_two, "6"),
		TEST_IPV6(
		    a_user_of_the_same_host_can_be_called_by_any_of_its_names,
		    open_two),
		TEST_PLAN(
		    a_user_who_is_not_logged_on_is_told_as_such, open_two, "6"),
		TEST_PLAN(a_closed_terminal_is_told_as_such, open_two, "6"),
		TEST_PLAN(
		    a_host_without_a_daemon_is_told_at_once, open_bare, "6"),
		TEST_PLAN(
		    a_host_without_a_daemon_is_told_at_once, open_bare, "46"),
		TEST_PLAN(
		    who_gives_up_takes_the_invitation_back, open_two, "6"),
		TEST_PLAN(a_pulled_cable_that_is_put_back_loses_nothing,
		    open_two, "6"),
		TEST_PLAN(a_stranger_who_takes_the_call_is_turned_away,
		    open_three, "6"),
		TEST_IPV6(two_who_call_each_other_meet_once, open_two),
		TEST_PLAN(a_conversation_outlives_its_daemons, open_two, "6"),
		TEST_PLAN(a_call_outlives_its_daemons_too, open_two, "6"),
		TEST_IPV6(
		    a_message_shows_on_another_host_with_its_sender, open_two),
		TEST_PLAN(
		    a_message_that_nobody_gets_is_told_why, open_two, "6"),
		TEST_PLAN(a_daemon_that_inetd_starts_as_root_rings_too,
		    open_bare, "6"),
	};
	int failed;

	if (!lan_prepare())
		return EXIT_FAILURE;
	failed = abreast_run("lan", tests, sizeof(tests) / sizeof(tests[0]));
	return failed +
	    abreast_run("lan over IPv6", ipv6_tests,
		sizeof(ipv6_tests) / sizeof(ipv6_tests[0]));
}
