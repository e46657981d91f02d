/*
 * Names and networks of today, between hosts: long login names, addresses that
 * lead nowhere or hold on one link only, two families, several networks, old
 * daemons beside new ones.
 */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "abreast.h"
#include "lan.h"

#define KIN	"bartholomew.longname"
#define SON	"bartholomew.longlegs"
#define LONGEST "maximiliane.von.und.zu.hohenfels"

enum {
	WHOM_SIZE = 300,
	COMMAND_SIZE = 512,
	DEAD_MAX_MS = 1500, /* a second, on a machine with much else to do */
};

/* What a test's hosts are; alice is at the first of them, bob at the second. */
struct setting {
	const char *plan;    /* see lan.h */
	const char *daemons; /* at the second; NULL: ours at both, "": none */
	const char *alice, *bob; /* their names; NULL: alice and bob */
};

struct scene {
	struct lan *lan;
	struct actor *alice;
	struct actor *bob;
};

/* ----------------------------------------------------------- the scene --- */

static struct actor *
log_in(struct scene *scene, const char *user, const char *host)
{
	char who[WHOM_SIZE];

	snprintf(who, sizeof(who), "%s@%s", user, host);
	return lan_log_in(scene->lan, who);
}

static int
open_scene(void **state)
{
	const struct setting *setting = *state;
	const char *daemons = setting->daemons;
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	*state = scene;
	scene->lan = lan_open_plan(2, setting->plan);
	scene->alice = log_in(
	    scene, setting->alice != NULL ? setting->alice : "alice", "h1");
	scene->bob = log_in(
	    scene, setting->bob != NULL ? setting->bob : "bob", "h2");
	if (daemons != NULL && daemons[0] == '\0')
		return 0;
	lan_serve(scene->lan, "h1", "inetd", "ours");
	lan_serve(
	    scene->lan, "h2", "inetd", daemons != NULL ? daemons : "ours");
	return 0;
}

static int
close_scene(void **state)
{
	struct scene *scene = *state;
	bool fine = lan_close(scene->lan);

	free(scene);
	return fine ? 0 : -1;
}

/* --------------------------------------------------------------- calls --- */

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Has one call the other, so that it rings there; puts whom to respond to, and
 * returns how many milliseconds it took.
 */
static int64_t
ring(struct actor *caller, const char *callee, struct actor *at,
    char whom[WHOM_SIZE])
{
	char command[COMMAND_SIZE];
	int64_t began, took;

	snprintf(command, sizeof(command), "talk %s", callee);
	actor_clear(at);
	began = now_ms();
	lan_run(caller, command);
	assert_true(actor_sees(at, "respond with:"));
	took = now_ms() - began;
	assert_true(actor_read_ring(at, whom, WHOM_SIZE));
	assert_true(
	    actor_separator_says(caller, "Waiting for your party to respond"));
	return took;
}

static void
respond(struct actor *callee, const char *command, struct actor *caller)
{
	char line[COMMAND_SIZE];

	snprintf(line, sizeof(line), "%s; echo \"ended: $?\"\r", command);
	actor_type(callee, line);
	assert_true(actor_separator_says(callee, "Connection established"));
	assert_true(actor_separator_says(caller, "Connection established"));
}

static void
part(struct actor *one, struct actor *other)
{
	actor_type(one, "\003");
	lan_ended(one, EX_OK);
	assert_true(actor_separator_says(other, "Connection closed"));
	actor_type(other, "\004");
	lan_ended(other, EX_OK);
}

static void
answer(struct actor *callee, const char *whom, struct actor *caller)
{
	char command[COMMAND_SIZE];

	snprintf(command, sizeof(command), "talk %s", whom);
	respond(callee, command, caller);
	actor_type(caller, "hello");
	assert_true(actor_half_reads(callee, LOWER, 0, "hello"));
	actor_type(callee, "and you");
	assert_true(actor_half_reads(caller, LOWER, 0, "and you"));
}

static void
call(struct actor *caller, const char *callee, struct actor *at)
{
	char whom[WHOM_SIZE];

	(void)ring(caller, callee, at, whom);
	answer(at, whom, caller);
}

static void
run_in_vain(
    struct actor *actor, const char *command, int status, const char *words)
{
	lan_run(actor, command);
	lan_ended(actor, status);
	assert_true(actor_sees(actor, words));
}

static void
send_message(struct actor *actor, const char *arguments, struct actor *to,
    const char *heading, const char *text)
{
	char command[COMMAND_SIZE];

	snprintf(command, sizeof(command), "talk -m %s %s", arguments, text);
	actor_clear(to);
	lan_run(actor, command);
	lan_ended(actor, EX_OK);
	assert_true(actor_sees(to, heading));
	assert_true(actor_sees(to, text));
}

/* --------------------------------------------------------------- names --- */

static void
long_names_are_called_shown_and_answered_in_full(void **state)
{
	struct scene *scene = *state;
	struct actor *son = log_in(scene, SON, "h2");
	char whom[WHOM_SIZE];

	(void)ring(scene->alice, KIN "@h2", scene->bob, whom);
	assert_string_equal(whom, LONGEST "@h1");
	assert_false(actor_shows(son, "respond with:"));
	answer(scene->bob, whom, scene->alice);
	part(scene->alice, scene->bob);
	(void)ring(son, LONGEST "@h1", scene->alice, whom);
	assert_string_equal(whom, SON "@h2");
	answer(scene->alice, whom, son);
	part(scene->alice, son);
	send_message(scene->alice, SON "@h2", son,
	    "Message from " LONGEST "@h1", "lunch at noon");
}

static void
long_names_are_listed_and_answered_without_a_name(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE];

	(void)ring(scene->alice, KIN "@h2", scene->bob, whom);
	lan_run(scene->bob, "talk -l");
	lan_ended(scene->bob, EX_OK);
	assert_true(actor_shows(scene->bob, LONGEST "@h1 "));
	actor_clear(scene->bob);
	respond(scene->bob, "talk", scene->alice);
	part(scene->bob, scene->alice);
	run_in_vain(scene->bob, "talk -l", 1, "talk: ");
}

/* As an old client calls either of the two. */
static void
a_cut_name_that_begins_two_users_rings_neither(void **state)
{
	struct talk_request request = { .type = TALK_ANNOUNCE,
		.id = NTALK_NO_ID,
		.pid = 1,
		.l_name = "alice",
		.r_name = "bartholomew" };
	struct scene *scene = *state;
	struct actor *son = log_in(scene, SON, "h2");
	struct talk_reply reply;

	assert_true(lan_ask(scene->lan, "h1", "h2", &request, &reply));
	assert_int_equal(reply.answer, TALK_NOT_HERE);
	actor_end(son);
	assert_false(actor_shows(scene->bob, "respond with:"));
	assert_false(actor_shows(son, "respond with:"));
}

/* ------------------------------------------------------------ networks --- */

/* Somebody has that address, as neighbours go, and does not say a word. */
static const char dead_ipv6[] =
    "ip neigh replace fd77::2 lladdr 02:00:00:00:00:09 nud permanent dev eth0";

static void
a_dead_first_address_costs_less_than_a_second(void **state)
{
	struct scene *scene = *state;
	char whom[WHOM_SIZE];

	lan_do(scene->lan, "h1", dead_ipv6);
	assert_in_range(
	    ring(scene->alice, "bob@h2", scene->bob, whom), 0, DEAD_MAX_MS);
	answer(scene->bob, whom, scene->alice);
	part(scene->alice, scene->bob);
	send_message(scene->alice, "bob@h2", scene->bob,
	    "Message from alice@h1", "lunch at noon");
}

static void
a_network_that_is_not_there_costs_nothing(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h1", "ip -6 address flush dev eth0");
	call(scene->alice, "bob@h2", scene->bob);
	part(scene->alice, scene->bob);
	send_message(scene->alice, "bob@h2", scene->bob,
	    "Message from alice@h1", "lunch at noon");
}

/* Whether the stream of a conversation goes over one family alone. */
static void
check_stream(struct scene *scene, bool is_ipv6)
{
	static const char established[] =
	    "awk '$4 == \"01\" { n++ } END { exit n != 1 }' /proc/net/tcp";
	static const char none[] =
	    "awk '$4 == \"01\" { n++ } END { exit n > 0 }' /proc/net/tcp";
	char command[COMMAND_SIZE];

	snprintf(command, sizeof(command), "%s%s && %s%s", established,
	    is_ipv6 ? "6" : "", none, is_ipv6 ? "" : "6");
	lan_do(scene->lan, "h1", command);
}

static void
an_option_chooses_the_family_of_all_a_call_does(void **state)
{
	struct scene *scene = *state;

	call(scene->alice, "-4 bob@h2", scene->bob);
	check_stream(scene, false);
	part(scene->alice, scene->bob);
	call(scene->alice, "-6 bob@h2", scene->bob);
	check_stream(scene, true);
	part(scene->alice, scene->bob);
	call(scene->alice, "bob@h2", scene->bob);
	check_stream(scene, true);
	part(scene->alice, scene->bob);
	run_in_vain(scene->alice, "talk -6 bob@10.77.0.2", EX_NOHOST,
	    "talk: 10.77.0.2: ");
	send_message(scene->alice, "-4 bob@h2", scene->bob,
	    "Message from alice@h1", "over four");
	send_message(scene->alice, "-6 bob@h2", scene->bob,
	    "Message from alice@h1", "over six");
}

static void
a_link_local_address_needs_its_zone_and_no_more(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h1", "ip -6 address add fe80::1/64 dev eth0 nodad");
	lan_do(scene->lan, "h2", "ip -6 address add fe80::2/64 dev eth0 nodad");
	call(scene->alice, "'bob@[fe80::2%eth0]'", scene->bob);
	part(scene->alice, scene->bob);
	call(scene->bob, "'alice@[fe80::1%eth0]'", scene->alice);
	part(scene->alice, scene->bob);
	send_message(scene->alice, "'bob@[fe80::2%eth0]'", scene->bob,
	    "Message from alice@", "lunch at noon");
}

/* Alice's port is the only one that may be reached from outside. */
static void
a_port_can_be_named_over_ipv6(void **state)
{
	struct scene *scene = *state;

	call(scene->alice, "-P 5180-5181 bob@h2", scene->bob);
	lan_do(scene->lan, "h1",
	    "grep -q '^ *[0-9]*: [0-9A-F]*:143C .* 01 ' /proc/net/tcp6");
	part(scene->alice, scene->bob);
}

/* As with a VPN: the way to the other host decides, not the first address. */
static void
of_several_networks_the_one_towards_the_callee_is_told(void **state)
{
	struct scene *scene = *state;

	lan_do(scene->lan, "h1",
	    "ip link add tun0 type veth peer name tun1 && "
	    "ip link set tun1 up && ip link set tun0 up && "
	    "ip address add 10.8.0.1/24 dev tun0 && "
	    "ip route add default dev tun0 && "
	    "ip -6 address add fd08::1/64 dev tun0 nodad && "
	    "ip -6 route add default dev tun0");
	call(scene->alice, "-4 bob@h2", scene->bob);
	part(scene->alice, scene->bob);
	call(scene->alice, "-6 bob@h2", scene->bob);
	part(scene->alice, scene->bob);
	call(scene->bob, "alice@h1", scene->alice);
	part(scene->alice, scene->bob);
}

/* ------------------------------------------------------------- daemons --- */

/* A daemon that opens its own sockets, on both hosts. */
static void
serve_itself(struct scene *scene, const char *options)
{
	static const char *const hosts[] = { "h1", "h2" };
	char command[COMMAND_SIZE];
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(command, sizeof(command),
		    "setsid /run/src/talkd/talkd -F %s </dev/null "
		    ">/dev/null 2>/run/talkd.log & "
		    "until grep -q serving /run/talkd.log; do sleep 0.05; done",
		    options);
		lan_do(scene->lan, hosts[i], command);
	}
}

static void
a_daemon_by_itself_serves_both_families(void **state)
{
	struct scene *scene = *state;

	serve_itself(scene, "");
	call(scene->alice, "-4 bob@h2", scene->bob);
	part(scene->alice, scene->bob);
	call(scene->alice, "-6 bob@h2", scene->bob);
	part(scene->alice, scene->bob);
	send_message(scene->alice, "-6 bob@h2", scene->bob,
	    "Message from alice@h1", "over six");
}

static void
a_daemon_of_ipv6_alone_is_enough(void **state)
{
	struct scene *scene = *state;

	serve_itself(scene, "-6");
	call(scene->alice, "bob@h2", scene->bob);
	check_stream(scene, true);
	part(scene->alice, scene->bob);
	run_in_vain(scene->alice, "talk -4 bob@h2", EX_UNAVAILABLE,
	    "talk: h2: no talk daemon answers there");
}

static void
a_daemon_of_ipv4_alone_is_found_behind_a_name_with_both(void **state)
{
	struct scene *scene = *state;

	serve_itself(scene, "-4");
	call(scene->alice, "bob@h2", scene->bob);
	check_stream(scene, false);
	part(scene->alice, scene->bob);
	send_message(scene->alice, "bob@h2", scene->bob,
	    "Message from alice@h1", "lunch at noon");
	run_in_vain(scene->alice, "talk -6 bob@h2", EX_UNAVAILABLE,
	    "talk: h2: no talk daemon answers there");
}

/* Inetd may have started it for IPv6, too, and it understands nothing there. */
static void
an_old_daemon_behind_a_name_with_both_is_called_over_ipv4(void **state)
{
	struct scene *scene = *state;

	call(scene->alice, "bob@h2", scene->bob);
	check_stream(scene, false);
	part(scene->alice, scene->bob);
	call(scene->bob, "alice@h1", scene->alice);
	part(scene->alice, scene->bob);
}

#define TEST(name, ...)                                                 \
	{                                                               \
#name, name, open_scene, close_scene, &(struct setting) \
		{                                                       \
			__VA_ARGS__                                     \
		}                                                       \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(long_names_are_called_shown_and_answered_in_full,
		    .plan = "4", .alice = LONGEST, .bob = KIN),
		TEST(long_names_are_called_shown_and_answered_in_full,
		    .plan = "6", .alice = LONGEST, .bob = KIN),
		TEST(long_names_are_listed_and_answered_without_a_name,
		    .plan = "6", .alice = LONGEST, .bob = KIN),
		TEST(long_names_are_listed_and_answered_without_a_name,
		    .plan = "46", .alice = LONGEST, .bob = KIN),
		TEST(a_cut_name_that_begins_two_users_rings_neither,
		    .plan = "4", .bob = KIN),
		TEST(a_dead_first_address_costs_less_than_a_second,
		    .plan = "46"),
		TEST(a_network_that_is_not_there_costs_nothing, .plan = "46"),
		TEST(an_option_chooses_the_family_of_all_a_call_does,
		    .plan = "46"),
		TEST(a_link_local_address_needs_its_zone_and_no_more,
		    .plan = "6"),
		TEST(a_port_can_be_named_over_ipv6, .plan = "6"),
		TEST(of_several_networks_the_one_towards_the_callee_is_told,
		    .plan = "46"),
		TEST(a_daemon_by_itself_serves_both_families, .plan = "46",
		    .daemons = ""),
		TEST(a_daemon_of_ipv6_alone_is_enough, .plan = "46",
		    .daemons = ""),
		TEST(a_daemon_of_ipv4_alone_is_found_behind_a_name_with_both,
		    .plan = "46", .daemons = ""),
		TEST(an_old_daemon_behind_a_name_with_both_is_called_over_ipv4,
		    .plan = "46", .daemons = "netkit"),
		TEST(an_old_daemon_behind_a_name_with_both_is_called_over_ipv4,
		    .plan = "46", .daemons = "inetutils"),
	};

	if (!lan_prepare())
		return EXIT_FAILURE;
	return abreast_run(
	    "names and networks", tests, sizeof(tests) / sizeof(tests[0]));
}
