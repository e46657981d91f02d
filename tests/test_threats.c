/*
 * What has gone wrong with programs like these, tried on ours as they run.
 * These faults were found in the talk daemons in use; where another program
 * holds one of them, it is said here:
 *
 *  1 replies to an address inside the datagram: below
 *  2 nothing expires, or is read when it has: below; test_invitations
 *  3 anybody deletes by an id that he guesses: below; test_talkd
 *    (another_host_deletes_nothing), test_invitations, test_rendezvous
 *  4 whoever connects first is taken for the callee: test_stream
 *    (a_stranger_is_turned_away_and_the_call_goes_on), test_call, test_lan
 *  5 an invitation leads to another host's port, or is in another's name:
 *    below; test_talkd (an_invitation_to_another_host_is_refused,
 *    an_invitation_in_anothers_name_is_refused), test_owner, test_rendezvous,
 *    test_lan; a message likewise: test_talkd_msp
 *    (a_sender_who_is_another_is_not_permitted,
 *    a_sender_who_is_gone_is_not_believed)
 *  6 a call is announced in anyone's name: below; test_confirm; as often as
 *    one likes: test_flood, test_limits
 *  7 a terminal's name leads out of /dev: test_talkd
 *    (nobody_is_rung_at_a_terminal_not_his), test_deliver, test_terminals
 *  8 a stopped terminal holds up the daemon: test_talkd
 *    (a_stopped_terminal_delays_nobody), test_ringing, test_deliver
 *  9 names without an end are read on, shown raw, or used as formats; replies
 *    bring stray bytes along: below; test_ntalk, test_otalk, test_deliver
 * 10 a ytalk at the other end makes one's own program ring anybody: below
 *
 * Then: waiting for the resolver, and names of hosts without bounds
 * (CVE-1999-0048): test_names, test_deliver (the_longest_names_fit).  Text as a
 * format (CVE-2000-1010, CVE-2002-0573): below.  Fields without an end
 * (CVE-2002-1194), controls in names (1994): below.  A heading that the sender
 * made (CVE-2003-1071): test_talkd_msp, test_notice.  Daemons that answer each
 * other for ever (CVE-2024-2169): test_flood.  A part that no gate saw
 * (CVE-2024-28085): test_talkd_msp (nothing_hostile_reaches_the_terminal_in_
 * any_part), test_notes.  Terminals that type back (CVE-2021-33477), and text
 * that reads otherwise than it is (CVE-2021-42574): test_text, test_stream
 * (nothing_a_peer_sends_commands_the_terminal), test_notice.  Messages from all
 * over the internet (2002-4): test_access, test_talkd_rules.  What a daemon
 * that was broken into could do: test_sandbox.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "company.h"
#include "host.h"
#include "stranger.h"

enum {
	SHOWN_SIZE = 16384,
	AT_L_NAME = 44,
	AT_R_NAME = 56,
	NAME_SIZE = 12,
	TICK_MS = 10, /* of a system that has 100 a second */
};

struct scene {
	struct besieged besieged;
	struct stranger stranger; /* at 127.0.0.2 */
	char shown[SHOWN_SIZE];	  /* to the besieged, so far */
};

static int
open_scene(void **state, const char *const *options)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	*state = scene;
	besieged_open(&scene->besieged, options);
	assert_true(
	    stranger_comes(&scene->stranger, "127.0.0.2", 0, &scene->besieged));
	return 0;
}

static int
set_up(void **state)
{
	return open_scene(state, NULL);
}

/* With the debug log, which stands in actor_errors. */
static int
set_up_with_log(void **state)
{
	static const char *const options[] = { "-d", NULL };

	return open_scene(state, options);
}

/* With invitations that live a second. */
static int
set_up_short_lives(void **state)
{
	static const char *const options[] = { "-r", "1", NULL };

	return open_scene(state, options);
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	assert_false(actor_is_ended(scene->besieged.talkd));
	stranger_goes(&scene->stranger);
	besieged_close(&scene->besieged);
	free(scene);
	return 0;
}

/* What the terminal has been shown so far. */
static const char *
look(struct scene *scene)
{
	size_t len = strlen(scene->shown);

	seat_read(&scene->besieged.seat, scene->shown + len, SHOWN_SIZE - len);
	return scene->shown;
}

/* -------------------------------------------------- calls and look-ups --- */

/* The user's call to bob, which he may leave an invitation for. */
static struct talk_request
own_call(const struct scene *scene, enum talk_type type)
{
	struct talk_request req = scene->stranger.request;

	req.type = type;
	snprintf(req.l_name, sizeof(req.l_name), "%.12s", scene->besieged.user);
	snprintf(req.r_name, sizeof(req.r_name), "bob");
	req.r_tty[0] = '\0';
	return req;
}

/* Leaves it; returns its id. */
static uint32_t
leave_invitation(struct scene *scene)
{
	struct talk_reply reply;

	scene->stranger.request = own_call(scene, TALK_LEAVE_INVITE);
	reply = stranger_asks(&scene->stranger);
	assert_int_equal(reply.answer, TALK_SUCCESS);
	return reply.id;
}

/* Whether the user calls bob. */
static bool
is_found(const struct scene *scene)
{
	struct stranger bob = scene->stranger;

	bob.request.type = TALK_LOOK_UP;
	snprintf(bob.request.l_name, sizeof(bob.request.l_name), "bob");
	snprintf(bob.request.r_name, sizeof(bob.request.r_name), "%.12s",
	    scene->besieged.user);
	return stranger_asks(&bob).answer == TALK_SUCCESS;
}

/* ------------------------------------------------------- the ten holes --- */

static void
replies_go_to_the_source_and_never_to_the_address_inside(void **state)
{
	struct scene *scene = *state;
	struct stranger victim;
	uint8_t reply[NTALK_REPLY_SIZE];
	int type;

	assert_true(stranger_comes(&victim, "127.0.0.4", 0, &scene->besieged));
	scene->stranger.request.addr = victim.at;
	scene->stranger.request.ctl_addr = victim.at;
	for (type = TALK_LEAVE_INVITE; type <= TALK_ANNOUNCE + 1; type++) {
		scene->stranger.request.type = (enum talk_type)type;
		(void)stranger_asks(&scene->stranger);
	}
	assert_false(stranger_hears(&victim, 0, reply));
	stranger_goes(&victim);
}

static void
what_is_not_refreshed_is_gone_when_its_life_is_over(void **state)
{
	struct scene *scene = *state;
	int64_t left = stranger_clock();

	(void)leave_invitation(scene);
	while (is_found(scene)) {
		assert_true(stranger_clock() - left < STRANGER_WAIT_MS);
		(void)poll(NULL, 0, 20);
	}
	/* The daemon's clock may be that of the system's last tick. */
	assert_true(stranger_clock() - left >= 1000 - TICK_MS);
}

/* Asks to delete each of the ids that other daemons give. */
static void
delete_all(struct stranger *stranger)
{
	enum { IDS_MAX = 16000 };

	stranger->request.type = TALK_DELETE;
	for (stranger->request.id = 1; stranger->request.id < IDS_MAX;
	     stranger->request.id++)
		assert_int_equal(stranger_asks(stranger).answer, TALK_NOT_HERE);
}

static void
sixteen_thousand_deletes_take_no_call_away(void **state)
{
	struct scene *scene = *state;
	struct stranger other;
	uint32_t id = leave_invitation(scene);

	assert_true(stranger_comes(&other, "127.0.0.4", 0, &scene->besieged));
	delete_all(&other);
	assert_true(is_found(scene));
	other.request.id = id;
	assert_int_equal(stranger_asks(&other).answer, TALK_NOT_HERE);
	assert_true(is_found(scene));
	stranger_goes(&other);
	/* The host that made it must still know the id. */
	delete_all(&scene->stranger);
	assert_true(is_found(scene));
	scene->stranger.request.id = id;
	assert_int_equal(stranger_asks(&scene->stranger).answer, TALK_SUCCESS);
	assert_false(is_found(scene));
}

/* A socket that is closed passes for nobody's, root's least of all. */
static void
an_invitation_of_one_who_is_gone_is_not_believed(void **state)
{
	struct scene *scene = *state;
	struct stranger gone;

	if (!host_tells_owners())
		skip();
	assert_true(stranger_comes(&gone, "127.0.0.1", 0, &scene->besieged));
	gone.request = own_call(scene, TALK_LEAVE_INVITE);
	actor_signal(scene->besieged.talkd, SIGSTOP);
	stranger_sends(&gone);
	stranger_goes(&gone);
	actor_signal(scene->besieged.talkd, SIGCONT);
	assert_false(is_found(scene));
	(void)leave_invitation(scene);
	assert_true(is_found(scene));
}

struct awaited {
	struct scene *scene;
	const char *text;
};

static bool
is_shown(const void *what)
{
	const struct awaited *awaited = what;

	return strstr(look(awaited->scene), awaited->text) != NULL;
}

static void
await_shown(struct scene *scene, const char *text)
{
	const struct awaited awaited = { scene, text };

	assert_true(stage_wait(scene->besieged.stage, is_shown, &awaited));
}

static void
a_ring_that_no_host_stands_for_is_told_as_such(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(stranger_asks(&scene->stranger).answer, TALK_SUCCESS);
	await_shown(scene, "requested by alice@127.0.0.2.\r\n");
	await_shown(scene,
	    "\r\ntalk: 127.0.0.2 does not confirm that alice calls.\r\n");
	assert_int_equal(besieged_count(scene->shown, "does not confirm"), 1);
	assert_true(actor_states(
	    scene->besieged.talkd, "alice@127.0.0.2 (127.0.0.2) calls "));
}

/* Its own host knows better, and so taking it back does not hide it. */
static void
a_forged_ring_that_is_taken_back_is_told_as_such(void **state)
{
	enum { ANOTHER = 65534 };
	struct scene *scene = *state;
	struct stranger forger;

	if (!host_tells_owners())
		skip();
	if (getuid() == 0)
		assert_int_equal(seteuid(ANOTHER), 0);
	assert_true(stranger_comes(&forger, "127.0.0.3", 0, &scene->besieged));
	assert_int_equal(seteuid(getuid()), 0);
	snprintf(forger.request.l_name, sizeof(forger.request.l_name), "root");
	forger.request.id = stranger_asks(&forger).id;
	forger.request.type = TALK_DELETE;
	assert_int_equal(stranger_asks(&forger).answer, TALK_SUCCESS);
	await_shown(scene, "127.0.0.3 does not confirm that root calls.\r\n");
	stranger_goes(&forger);
}

/* Waits until the daemon says in its log that a call is confirmed. */
static void
assert_confirmed(struct scene *scene)
{
	assert_true(actor_states(scene->besieged.talkd, ": confirmed"));
	assert_null(strstr(look(scene), "does not confirm"));
}

/* The user calls himself, from a host with a talkd of its own. */
static void
call_from_afar(struct scene *scene, bool invites_first)
{
	const struct daemon_setup setup = { .address = "127.0.0.2",
		.port = scene->besieged.port };
	struct stranger *caller = &scene->stranger;
	uint16_t port;
	int i;

	assert_non_null(
	    stage_start_talkd(scene->besieged.stage, &setup, &port));
	snprintf(caller->request.l_name, sizeof(caller->request.l_name),
	    "%.12s", scene->besieged.user);
	for (i = 0; i < 2; i++) {
		bool invites = invites_first == (i == 0);

		stranger_turns_to(caller, invites ? "127.0.0.2" : "127.0.0.1");
		caller->request.type = invites ? TALK_LEAVE_INVITE
					       : TALK_ANNOUNCE;
		assert_int_equal(stranger_asks(caller).answer, TALK_SUCCESS);
	}
	await_shown(scene, "respond with");
}

static void
a_ring_that_its_host_stands_for_is_left_alone(void **state)
{
	call_from_afar(*state, true);
	assert_confirmed(*state);
}

/* As old clients do. */
static void
so_is_one_whose_invitation_comes_after_it(void **state)
{
	call_from_afar(*state, false);
	assert_confirmed(*state);
}

static void
a_users_own_call_to_one_of_this_host_is_left_alone(void **state)
{
	struct scene *scene = *state;
	struct talk_request *req = &scene->stranger.request;

	snprintf(
	    req->l_name, sizeof(req->l_name), "%.12s", scene->besieged.user);
	req->type = TALK_LEAVE_INVITE;
	assert_int_equal(stranger_asks(&scene->stranger).answer, TALK_SUCCESS);
	req->type = TALK_ANNOUNCE;
	assert_int_equal(stranger_asks(&scene->stranger).answer, TALK_SUCCESS);
	await_shown(scene, "respond with");
	assert_confirmed(scene);
}

/* Printable but for new lines, and a bell in front. */
static void
assert_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text != '\r' && *text != '\n' &&
		    (*text < ' ' || *text > '~'))
			fail_msg("\\%03o", (unsigned)(unsigned char)*text);
}

/* Names that fill their fields, of callers and of callees. */
static void
no_name_commands_the_terminal_or_the_log(void **state)
{
	static const uint8_t names[][NAME_SIZE + 1] = {
		"\033[2J\033]0;ab\a",
		"\r\nMessage fr",
		"%n%n%s%s%n%n",
		"\2332J\302\23331m~~~",
		"\342\200\256desrever.",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"\005\016\017\177\b\b\b\b\b\b\b\b",
		"a b\tc\vd\fe\rf",
	};
	struct scene *scene = *state;
	uint8_t bytes[NTALK_REQUEST_SIZE];
	uint8_t reply[NTALK_REPLY_SIZE];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ntalk_put_request(&scene->stranger.request, bytes);
		memcpy(bytes + AT_L_NAME, names[i], NAME_SIZE);
		stranger_sends_bytes(&scene->stranger, bytes, sizeof(bytes));
		assert_true(
		    stranger_hears(&scene->stranger, STRANGER_WAIT_MS, reply));
		assert_memory_equal(reply, "\1\3\0", 3);
		memcpy(bytes + AT_R_NAME, names[i], NAME_SIZE);
		stranger_sends_bytes(&scene->stranger, bytes, sizeof(bytes));
		assert_true(
		    stranger_hears(&scene->stranger, STRANGER_WAIT_MS, reply));
		assert_memory_equal(reply, "\1\3\1", 3);
		look(scene);
		assert_memory_equal(scene->shown, "\a\r\nMessage from ", 16);
		assert_printable(scene->shown + 1);
		if (strchr((const char *)names[i], '%') != NULL)
			assert_non_null(
			    strstr(scene->shown, "by %n%n%s%s%n%n@127.0.0.2."));
		scene->shown[0] = '\0';
	}
	assert_true(actor_states(scene->besieged.talkd, "a\\040b\\011c"));
	assert_printable(actor_errors(scene->besieged.talkd));
}

static void
a_reply_brings_nothing_along(void **state)
{
	static const uint8_t zeros[16] = { 0 };
	struct scene *scene = *state;
	uint8_t reply[NTALK_REPLY_SIZE];
	int type;

	for (type = TALK_LEAVE_INVITE; type <= TALK_ANNOUNCE; type++) {
		scene->stranger.request.type = (enum talk_type)type;
		stranger_sends(&scene->stranger);
		assert_true(
		    stranger_hears(&scene->stranger, STRANGER_WAIT_MS, reply));
		assert_int_equal(reply[3], 0);
		assert_memory_equal(reply + 8, zeros, sizeof(zeros));
	}
}

/* ------------------------------------------------------- as ytalk does --- */

/* Answers alice's call without a talk; returns the connection. */
static int
answer_by_hand(struct company *company)
{
	struct sockaddr_storage there;
	struct talk_reply reply;
	char whom[WHOM_SIZE];
	socklen_t len;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	company_ring(company, whom);
	reply = company_look_up(company);
	assert_int_equal(reply.answer, TALK_SUCCESS);
	len = address_to_sockaddr(&reply.addr, &there);
	assert_int_equal(connect(fd, (struct sockaddr *)&there, len), 0);
	return fd;
}

/* Has ytalk's program take part in a party with the user, at bob's terminal. */
static void
send_import(const struct company *company, int fd, size_t len)
{
	enum { IMPORT = 102, AT_ADDRESS = 4, AT_USER = 12, AT_HOST = 28 };
	uint8_t block[2 + 92] = { 0xfd, 92, IMPORT };

	memcpy(block + 2 + AT_ADDRESS, "\177\0\0\1", 4);
	snprintf((char *)block + 2 + AT_USER, 16, "%.15s", company->user);
	snprintf((char *)block + 2 + AT_HOST, 64, "127.0.0.1");
	assert_int_equal(send(fd, block, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void
no_party_of_ytalks_rings_anybody(void **state)
{
	struct company *company = *state;
	int fd = answer_by_hand(company);

	assert_int_equal(send(fd, "\xfe\025\027", 3, MSG_NOSIGNAL), 3);
	assert_true(
	    actor_separator_says(company->alice, "Connection established"));
	actor_clear(company->bob);
	send_import(company, fd, 94);
	send_import(company, fd, 5);
	assert_int_equal(send(fd, "\nstill here\n", 12, MSG_NOSIGNAL), 12);
	assert_true(actor_sees(company->alice, "still here"));
	assert_false(actor_shows(company->bob, "talk:"));
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
	close(fd);
}

#define CASE(test, set_up) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(replies_go_to_the_source_and_never_to_the_address_inside,
		    set_up),
		CASE(what_is_not_refreshed_is_gone_when_its_life_is_over,
		    set_up_short_lives),
		CASE(sixteen_thousand_deletes_take_no_call_away, set_up),
		CASE(an_invitation_of_one_who_is_gone_is_not_believed, set_up),
		CASE(a_ring_that_no_host_stands_for_is_told_as_such,
		    set_up_with_log),
		CASE(a_forged_ring_that_is_taken_back_is_told_as_such, set_up),
		CASE(a_ring_that_its_host_stands_for_is_left_alone,
		    set_up_with_log),
		CASE(
		    so_is_one_whose_invitation_comes_after_it, set_up_with_log),
		CASE(a_users_own_call_to_one_of_this_host_is_left_alone,
		    set_up_with_log),
		CASE(no_name_commands_the_terminal_or_the_log, set_up_with_log),
		CASE(a_reply_brings_nothing_along, set_up),
		cmocka_unit_test_setup_teardown(
		    no_party_of_ytalks_rings_anybody, company_open,
		    company_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
