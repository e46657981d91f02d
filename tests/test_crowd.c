/*
 * A hundred pairs on four hosts who call, answer, talk and hang up all at once;
 * afterwards nothing is left behind.
 *
 * Each host calls the next.  25 calls of one host are more than it may ring
 * with at once: the last ones wait for a quarter of a minute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "lan.h"
#include "pair.h"

enum {
	PAIRS = 100,
	HOSTS = 4,
	CALLERS = PAIRS / HOSTS, /* of a host, who has as many callees */
	NAME_SIZE = 16,
	COMMAND_SIZE = 400,
};

struct pair {
	struct actor *caller;
	struct actor *callee;
	char called[NAME_SIZE]; /* as typed */
	char whom[WHOM_SIZE];	/* as the ring said */
};

struct crowd {
	struct lan *lan;
	size_t descriptors[HOSTS]; /* of the daemons, before all call */
	struct pair pairs[PAIRS];
};

/* ----------------------------------------------------------- the crowd --- */

static const char *
host(int i)
{
	static const char *const hosts[HOSTS] = { "h1", "h2", "h3", "h4" };

	return hosts[i % HOSTS];
}

static void
open_pair(struct lan *lan, struct pair *pair, int i)
{
	char caller[NAME_SIZE];

	snprintf(caller, sizeof(caller), "u%d@%s", 1 + i / HOSTS, host(i));
	snprintf(pair->called, sizeof(pair->called), "u%d@%s",
	    1 + CALLERS + i / HOSTS, host(i + 1));
	pair->caller = lan_log_in(lan, caller);
	pair->callee = lan_log_in(lan, pair->called);
}

static int
open_crowd(void **state)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	int i;

	assert_non_null(crowd);
	*state = crowd;
	setenv("STAGE_SECONDS", "60", 1);
	crowd->lan = lan_open_crowd(HOSTS, 2 * CALLERS);
	for (i = 0; i < HOSTS; i++) {
		lan_serve(crowd->lan, host(i), "inetd", "ours");
		crowd->descriptors[i] = lan_descriptors(
		    crowd->lan, host(i), "talkd");
		assert_true(crowd->descriptors[i] > 0);
	}
	for (i = 0; i < PAIRS; i++)
		open_pair(crowd->lan, &crowd->pairs[i], i);
	return 0;
}

/* Also tells whether anything was left behind. */
static int
close_crowd(void **state)
{
	struct crowd *crowd = *state;
	bool fine = lan_close(crowd->lan);

	free(crowd);
	return fine ? 0 : -1;
}

/* --------------------------------------------------------------- calls --- */

/* What a daemon opens with its first calls, it keeps. */
static void
warm_daemons(struct crowd *crowd)
{
	const struct pair *pair;
	int i;

	for (i = 0; i < HOSTS; i++) {
		pair = &crowd->pairs[i];
		pair_connect(pair->caller, pair->called, pair->callee);
		pair_part(pair->caller, pair->callee);
	}
	for (i = 0; i < HOSTS; i++) {
		crowd->descriptors[i] = lan_descriptors(
		    crowd->lan, host(i), "talkd");
		assert_true(crowd->descriptors[i] > 0);
	}
}

static void
call_all(struct crowd *crowd)
{
	char command[COMMAND_SIZE];
	struct pair *pair;
	int i;

	for (i = 0; i < PAIRS; i++) {
		pair = &crowd->pairs[i];
		actor_clear(pair->callee);
		snprintf(command, sizeof(command), "talk %s", pair->called);
		lan_run(pair->caller, command);
	}
}

/* Each as soon as it has rung there. */
static void
answer_all(struct crowd *crowd)
{
	char command[COMMAND_SIZE];
	struct pair *pair;
	int i;

	for (i = 0; i < PAIRS; i++) {
		pair = &crowd->pairs[i];
		assert_true(actor_sees(pair->callee, "respond with:"));
		assert_true(actor_read_ring(
		    pair->callee, pair->whom, sizeof(pair->whom)));
		snprintf(command, sizeof(command), "talk %s", pair->whom);
		lan_run(pair->callee, command);
	}
	for (i = 0; i < PAIRS; i++) {
		pair = &crowd->pairs[i];
		assert_true(actor_separator_says(
		    pair->caller, "Connection established"));
		assert_true(actor_separator_says(
		    pair->callee, "Connection established"));
	}
}

static void
chat_all(struct crowd *crowd)
{
	char text[2 * NAME_SIZE];
	int i;

	for (i = 0; i < PAIRS; i++) {
		snprintf(text, sizeof(text), "pair %d", i);
		actor_type(crowd->pairs[i].caller, text);
		actor_type(crowd->pairs[i].callee, text);
	}
	for (i = 0; i < PAIRS; i++) {
		snprintf(text, sizeof(text), "pair %d", i);
		assert_true(
		    actor_half_reads(crowd->pairs[i].caller, LOWER, 0, text));
		assert_true(
		    actor_half_reads(crowd->pairs[i].callee, LOWER, 0, text));
	}
}

static void
part_all(struct crowd *crowd)
{
	int i;

	for (i = 0; i < PAIRS; i++) {
		actor_type(crowd->pairs[i].caller, "\003");
		actor_type(crowd->pairs[i].callee, "\003");
	}
	for (i = 0; i < PAIRS; i++) {
		lan_ended(crowd->pairs[i].caller, EX_OK);
		lan_ended(crowd->pairs[i].callee, EX_OK);
	}
}

/* ----------------------------------------------------------- the tests --- */

static bool
daemons_hold_no_more_than_before(const void *what)
{
	const struct crowd *crowd = what;
	int i;

	for (i = 0; i < HOSTS; i++)
		if (lan_descriptors(crowd->lan, host(i), "talkd") !=
		    crowd->descriptors[i])
			return false;
	return true;
}

static void
a_hundred_pairs_talk_at_once_and_leave_nothing_behind(void **state)
{
	struct crowd *crowd = *state;

	warm_daemons(crowd);
	call_all(crowd);
	answer_all(crowd);
	chat_all(crowd);
	part_all(crowd);
	assert_true(stage_wait(
	    lan_stage(crowd->lan), daemons_hold_no_more_than_before, crowd));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_hundred_pairs_talk_at_once_and_leave_nothing_behind,
		    open_crowd, close_crowd),
	};

	if (!lan_prepare())
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
