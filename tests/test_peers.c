/*
 * Our talk and talkd with those that Debian ships, netkit's and GNU inetutils',
 * in every mix of the two users' programs and the two hosts' daemons that has
 * one of ours in it.  Debian's inetd starts the daemon of the first host, its
 * xinetd that of the second.
 *
 * A host's own name is 127.0.1.1, as Debian sets it up, but where GNU's talk is
 * to reach another host: it sends from that address and no other.
 */
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

enum {
	WHOM_SIZE = 300,
	TEXT_SIZE = 256,
	NAME_SIZE = 96,
	MAKERS = 3,
};

/* Who made a talk and a talkd. */
struct maker {
	const char *name; /* as tests/peers/serve takes it */
	const char *talk;
	bool is_ours;
	bool stays; /* its talk does, when the other side hangs up */
};

enum { OURS, NETKIT, INETUTILS };

static const struct maker makers[MAKERS] = {
	[OURS] = { "ours", "talk", true, true },
	[NETKIT] = { "netkit", "netkit-ntalk", false, true },
	[INETUTILS] = { "inetutils", "inetutils-talk", false, false },
};

/* Whose programs two people use, and whose daemons serve their hosts. */
struct mix {
	const struct maker *caller;
	const struct maker *callee;
	const struct maker *callers_daemon;
	const struct maker *callees_daemon;
	bool on_one_host; /* with one daemon */
	char name[NAME_SIZE];
};

/* One of the two people. */
struct talker {
	struct actor *actor;
	const struct maker *maker;
};

/* Alice calls bob; she is at the first host, he at the second or the same. */
struct scene {
	const struct mix *mix;
	struct lan *lan;
	struct talker alice;
	struct talker bob;
};

/* ----------------------------------------------------------- the scene --- */

/*
 * GNU's talk sends from the address of its host's own name, and so reaches no
 * other host from 127.0.1.1.
 */
static void
name_host(struct lan *lan, const char *host, const struct maker *maker)
{
	if (maker == &makers[INETUTILS])
		lan_own_name(lan, host);
}

static int
open_scene(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	const struct mix *mix = *state;

	assert_non_null(scene);
	scene->mix = mix;
	*state = scene;
	scene->lan = lan_open(2);
	if (!mix->on_one_host) {
		name_host(scene->lan, "h1", mix->caller);
		name_host(scene->lan, "h2", mix->callee);
	}
	scene->alice.maker = mix->caller;
	scene->alice.actor = lan_log_in(scene->lan, "alice@h1");
	scene->bob.maker = mix->callee;
	scene->bob.actor = lan_log_in(
	    scene->lan, mix->on_one_host ? "bob@h1" : "bob@h2");
	lan_serve(scene->lan, "h1", "inetd", mix->callers_daemon->name);
	if (!mix->on_one_host)
		lan_serve(
		    scene->lan, "h2", "xinetd", mix->callees_daemon->name);
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

/* -------------------------------------------------- what a screen says --- */

/* Where the others' programs have their line of dashes, or next to it. */
enum { MIDDLE = 12 };

struct sight {
	const struct actor *actor;
	enum half half;
	const char *text;
};

/* Whether a row of that half, wherever it is, reads so and no more. */
static bool
half_has_row(const void *what)
{
	const struct sight *sight = what;
	int row = sight->half == UPPER ? 0 : MIDDLE;
	int end = row + MIDDLE;
	char shown[TEXT_SIZE];

	for (; row < end; row++) {
		emulator_row(
		    actor_screen(sight->actor), row, shown, sizeof(shown));
		if (strcmp(shown, sight->text) == 0)
			return true;
	}
	return false;
}

/* Ours must read so in its n-th row, others' anywhere in the half. */
static void
check_half(const struct scene *scene, const struct talker *person,
    enum half half, int n, const char *text)
{
	struct sight sight = { person->actor, half, text };

	if (person->maker->is_ours)
		assert_true(actor_half_reads(person->actor, half, n, text));
	else if (!stage_wait(lan_stage(scene->lan), half_has_row, &sight))
		fail_msg("%s does not show %s", person->maker->name, text);
}

/* What one types stands in the own upper half and the other's lower half. */
static void
check_both(const struct scene *scene, const struct talker *one,
    const struct talker *other, int n, const char *text)
{
	check_half(scene, one, UPPER, n, text);
	check_half(scene, other, LOWER, n, text);
}

static void
check_says(const struct talker *person, const char *text)
{
	if (person->maker->is_ours)
		assert_true(actor_separator_says(person->actor, text));
	else
		assert_true(actor_sees(person->actor, text));
}

/* ------------------------------------------------------------ the call --- */

static void
start_talk(const struct talker *person, const char *whom)
{
	char command[WHOM_SIZE + 64];

	snprintf(command, sizeof(command), "%s %s", person->maker->talk, whom);
	lan_run(person->actor, command);
}

static void
ring(const struct scene *scene, char whom[WHOM_SIZE])
{
	actor_clear(scene->bob.actor);
	start_talk(&scene->alice, scene->mix->on_one_host ? "bob" : "bob@h2");
	assert_true(actor_sees(scene->bob.actor, "respond with:"));
	assert_true(actor_read_ring(scene->bob.actor, whom, WHOM_SIZE));
	check_says(&scene->alice, "Waiting for your party to respond");
}

static void
respond(const struct scene *scene, const char *whom)
{
	start_talk(&scene->bob, whom);
	check_says(&scene->bob, "Connection established");
	check_says(&scene->alice, "Connection established");
}

static void
connect_two(const struct scene *scene)
{
	char whom[WHOM_SIZE];

	ring(scene, whom);
	respond(scene, whom);
}

/* Both type at the same time, a letter each in turn. */
static void
talk_at_once(const struct scene *scene)
{
	static const char alices[] = "the quick brown fox";
	static const char bobs[] = "over the lazy dog..";
	size_t i;

	for (i = 0; i < strlen(alices); i++) {
		actor_type(scene->alice.actor, (char[]){ alices[i], '\0' });
		actor_type(scene->bob.actor, (char[]){ bobs[i], '\0' });
		stage_turn(lan_stage(scene->lan));
	}
	check_both(scene, &scene->alice, &scene->bob, 0, alices);
	check_both(scene, &scene->bob, &scene->alice, 0, bobs);
}

struct correction {
	const char *typed;
	const char *shown;
};

/* Each on a new line, by erase, word-erase and kill. */
static void
correct(const struct scene *scene)
{
	static const struct correction corrections[] = {
		{ "\rabc\177\177X", "aX" },
		{ "\rone two\027X", "one X" },
		{ "\rthree four\025Y", "Y" },
	};
	int i;

	for (i = 0; i < 3; i++) {
		actor_type(scene->alice.actor, corrections[i].typed);
		actor_type(scene->bob.actor, corrections[i].typed);
		check_both(scene, &scene->alice, &scene->bob, i + 1,
		    corrections[i].shown);
		check_both(scene, &scene->bob, &scene->alice, i + 1,
		    corrections[i].shown);
	}
}

/*
 * Ours erases whole characters, of whatever length, on every kind of screen;
 * others' erase what they have a cell for, each in its way.
 */
static void
correct_characters(const struct scene *scene, const struct talker *one,
    const struct talker *other)
{
	static const struct correction corrections[] = {
		{ "\rthe caf\303\251\177e is", "the cafe is" },
		{ "\r\344\270\226\177a e\314\201\177x", "a x" },
		{ "\r\360\237\221\250\342\200\215\360\237\221\251\177z", "z" },
		{ "\rone \t\177two\303\251 \177\177\177 b", "one tw b" },
		{ "\r\303\251 \303\251x\027\027last", "last" },
	};
	int i;

	for (i = 0; i < 5 && one->maker->is_ours; i++) {
		actor_type(one->actor, corrections[i].typed);
		check_both(scene, one, other, i + 4, corrections[i].shown);
	}
}

static void
hang_up(const struct talker *one, const struct talker *other)
{
	actor_type(one->actor, "\003");
	lan_ended(one->actor, EX_OK);
	if (other->maker->is_ours)
		check_says(other, "Connection closed");
	if (other->maker->stays)
		actor_type(other->actor, "\003");
	lan_ended(other->actor, EX_OK);
}

static int64_t
clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Lets so many milliseconds pass. */
static void
let_pass(const struct scene *scene, int64_t time)
{
	int64_t end = clock_now() + time;

	while (clock_now() < end)
		stage_turn(lan_stage(scene->lan));
}

/* After which our daemon lets the same caller ring the same callee again. */
enum { PAUSE_MS = 3000 };

static void
two_calls_are_held_and_each_side_hangs_up(void **state)
{
	const struct scene *scene = *state;

	connect_two(scene);
	talk_at_once(scene);
	correct(scene);
	correct_characters(scene, &scene->alice, &scene->bob);
	correct_characters(scene, &scene->bob, &scene->alice);
	hang_up(&scene->alice, &scene->bob);

	let_pass(scene, PAUSE_MS);
	connect_two(scene);
	talk_at_once(scene);
	hang_up(&scene->bob, &scene->alice);
}

/*
 * Two old talks would both wait for ever.  The other's rings across our screen,
 * so ours is drawn anew.
 */
static void
two_who_call_each_other_meet(void **state)
{
	const struct scene *scene = *state;

	start_talk(&scene->alice, "bob@h2");
	start_talk(&scene->bob, "alice@h1");
	check_says(&scene->alice, "Connection established");
	check_says(&scene->bob, "Connection established");
	actor_type(scene->alice.actor, "\f");
	actor_type(scene->bob.actor, "\f");
	talk_at_once(scene);
	hang_up(&scene->alice, &scene->bob);
}

/* ---------------------------------------------- calls nothing comes of --- */

static void
fail_to_call(
    const struct scene *scene, const char *whom, const char *words, int status)
{
	start_talk(&scene->alice, whom);
	lan_ended(scene->alice.actor, status);
	assert_true(actor_sees(scene->alice.actor, words));
}

static void
refusals_are_understood(void **state)
{
	const struct scene *scene = *state;

	fail_to_call(scene, "carol@h2",
	    "talk: carol@h2: Your party is not logged on", EX_NOUSER);
	actor_mesg(scene->bob.actor, false);
	fail_to_call(scene, "bob@h2",
	    "talk: bob@h2: Your party is refusing messages", EX_NOPERM);
}

/* The end of the scene sees to it. */
static void
who_gives_up_leaves_nothing_behind(void **state)
{
	const struct scene *scene = *state;
	char whom[WHOM_SIZE];

	ring(scene, whom);
	actor_type(scene->alice.actor, "\003");
	lan_ended(scene->alice.actor, EX_OK);
}

/* --------------------------------------------- whose call it really is --- */

/* After which a ring would have been doubted. */
enum { DOUBT_MS = 6000 };

/* His own daemon holds the invitation, whoever made it and the talk. */
static void
a_ring_that_waits_is_not_doubted(void **state)
{
	const struct scene *scene = *state;
	char whom[WHOM_SIZE];

	ring(scene, whom);
	let_pass(scene, DOUBT_MS);
	assert_false(actor_shows(scene->bob.actor, "does not confirm"));
	respond(scene, whom);
	hang_up(&scene->alice, &scene->bob);
}

/* What a user of alice's host makes up, without an invitation there. */
static void
a_ring_in_anothers_name_is_doubted(void **state)
{
	const struct scene *scene = *state;
	struct talk_request request = { .type = TALK_ANNOUNCE,
		.id = NTALK_NO_ID,
		.l_name = "alice",
		.r_name = "bob" };
	struct talk_reply reply;

	assert_true(lan_ask(scene->lan, "h1", "h2", &request, &reply));
	assert_int_equal(reply.answer, TALK_SUCCESS);
	assert_true(actor_sees(
	    scene->bob.actor, "talk: h1 does not confirm that alice calls."));
	request.type = TALK_DELETE;
	request.id = reply.id;
	assert_true(lan_ask(scene->lan, "h1", "h2", &request, &reply));
	assert_int_equal(reply.answer, TALK_SUCCESS);
}

/* ----------------------------------------------------------- the mixes --- */

static bool
has_ours(const struct mix *mix)
{
	return mix->caller->is_ours || mix->callee->is_ours ||
	    mix->callers_daemon->is_ours || mix->callees_daemon->is_ours;
}

/*
 * On one host there is one daemon.  Netkit's talk asks it at the address of the
 * host's own name and takes no reply from another: only ours replies from where
 * it was asked.
 */
static bool
works_on_one_host(const struct mix *mix)
{
	return mix->callers_daemon == mix->callees_daemon && has_ours(mix) &&
	    (mix->caller != &makers[NETKIT] || mix->callers_daemon->is_ours);
}

/* Two old talks that call each other both wait for ever. */
static bool
has_our_talk(const struct mix *mix)
{
	return mix->caller->is_ours || mix->callee->is_ours;
}

static bool
has_our_caller(const struct mix *mix)
{
	return mix->caller->is_ours && mix->callee->is_ours;
}

/* GNU's talk never takes its invitation back. */
static bool
may_give_up(const struct mix *mix)
{
	return mix->caller != &makers[INETUTILS] && mix->callee->is_ours &&
	    has_ours(mix);
}

/* Ours doubts, and asks whatever daemon the caller's host has. */
static bool
may_be_doubted(const struct mix *mix)
{
	return mix->callees_daemon->is_ours && mix->callee->is_ours;
}

static bool
may_be_doubted_on_one_host(const struct mix *mix)
{
	return works_on_one_host(mix) && may_be_doubted(mix);
}

static bool
may_be_made_up(const struct mix *mix)
{
	return mix->callees_daemon->is_ours && has_our_caller(mix);
}

/* What is played by every mix to which it applies. */
struct play {
	const char *verb;
	CMUnitTestFunction test;
	bool (*applies)(const struct mix *mix);
	bool on_one_host;
};

static const struct play plays[] = {
	{ "calls", two_calls_are_held_and_each_side_hangs_up, has_ours, false },
	{ "calls on the same host", two_calls_are_held_and_each_side_hangs_up,
	    works_on_one_host, true },
	{ "calls, and is called by,", two_who_call_each_other_meet,
	    has_our_talk, false },
	{ "is refused", refusals_are_understood, has_our_caller, false },
	{ "waits for", a_ring_that_waits_is_not_doubted, may_be_doubted,
	    false },
	{ "waits on the same host for", a_ring_that_waits_is_not_doubted,
	    may_be_doubted_on_one_host, true },
	{ "is made up to call", a_ring_in_anothers_name_is_doubted,
	    may_be_made_up, false },
	{ "gives up", who_gives_up_leaves_nothing_behind, may_give_up, false },
};

enum {
	PLAYS = sizeof(plays) / sizeof(plays[0]),
	MIXES = MAKERS * MAKERS * MAKERS * MAKERS,
};

struct program {
	struct mix mixes[PLAYS * MIXES];
	struct CMUnitTest tests[PLAYS * MIXES];
	size_t count;
};

/* The n-th of all mixes. */
static struct mix
mix_of(const struct play *play, int n)
{
	struct mix mix = {
		.callees_daemon = &makers[n % MAKERS],
		.callers_daemon = &makers[n / MAKERS % MAKERS],
		.callee = &makers[n / MAKERS / MAKERS % MAKERS],
		.caller = &makers[n / MAKERS / MAKERS / MAKERS],
		.on_one_host = play->on_one_host,
	};

	snprintf(mix.name, sizeof(mix.name), "%s %s %s (daemons: %s, %s)",
	    mix.caller->name, play->verb, mix.callee->name,
	    mix.callers_daemon->name, mix.callees_daemon->name);
	return mix;
}

static void
add(struct program *program, const struct play *play, const struct mix *mix)
{
	struct mix *own = &program->mixes[program->count];

	*own = *mix;
	program->tests[program->count++] = (struct CMUnitTest){ own->name,
		play->test, open_scene, close_scene, own };
}

/* The tests, or those whose name contains the first argument. */
int
main(int argc, char **argv)
{
	static struct program program;
	struct mix mix;
	int i, n;

	if (!lan_prepare())
		return EXIT_FAILURE;
	for (i = 0; i < PLAYS; i++) {
		for (n = 0; n < MIXES; n++) {
			mix = mix_of(&plays[i], n);
			if (plays[i].applies(&mix) &&
			    (argc < 2 || strstr(mix.name, argv[1]) != NULL))
				add(&program, &plays[i], &mix);
		}
	}
	return abreast_run("peers", program.tests, program.count);
}
