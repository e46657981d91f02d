/*
 * Talks and messages between hosts on a bad wire, which loses, doubles, mixes
 * up and delays frames of all kinds: what people type arrives, whole and once.
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

#include "abreast.h"
#include "lan.h"
#include "pair.h"

enum { LINES = 200, TEXT_SIZE = 64, ROWS = 24 };

struct sky {
	const char *name;
	struct weather weather;
};

static const struct sky skies[] = {
	{ "loss", { .lost = 15 } },
	{ "doubling", { .doubled = 50 } },
	{ "disorder", { .late = 50, .late_ms = 100 } },
	{ "delay", { .late = 100, .late_ms = 600 } },
	{ "all of it",
	    { .lost = 8, .doubled = 20, .late = 50, .late_ms = 200 } },
};

/* Alice at the first host, bob at the second. */
struct scene {
	struct lan *lan;
	struct actor *alice;
	struct actor *bob;
};

/* ----------------------------------------------------------- the scene --- */

static int
open_scene(void **state)
{
	const struct sky *sky = *state;
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	*state = scene;
	setenv("STAGE_SECONDS", "60", 1);
	scene->lan = lan_open(2);
	scene->alice = lan_log_in(scene->lan, "alice@h1");
	scene->bob = lan_log_in(scene->lan, "bob@h2");
	lan_serve(scene->lan, "h1", "inetd", "ours");
	lan_serve(scene->lan, "h2", "inetd", "ours");
	lan_spoil(scene->lan, &sky->weather, (uint32_t)(sky - skies) + 1);
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

/* --------------------------------------------------------------- tests --- */

static void
a_call_is_answered_and_held(void **state)
{
	struct scene *scene = *state;

	pair_connect(scene->alice, "bob@h2", scene->bob);
	pair_chat(scene->alice, scene->bob);
	pair_part(scene->bob, scene->alice);
}

static void
two_who_call_each_other_meet(void **state)
{
	struct scene *scene = *state;

	lan_run(scene->alice, "talk bob@h2");
	lan_run(scene->bob, "talk alice@h1");
	assert_true(
	    actor_separator_says(scene->alice, "Connection established"));
	assert_true(actor_separator_says(scene->bob, "Connection established"));
	/* It may have rung across the picture. */
	actor_type(scene->alice, "\f");
	actor_type(scene->bob, "\f");
	pair_chat(scene->bob, scene->alice);
	pair_part(scene->alice, scene->bob);
}

/* The half is its last lines then, and the empty one behind them. */
static void
a_long_text_arrives_whole_and_in_order(void **state)
{
	struct scene *scene = *state;
	const int shown = ROWS / 2 - 1;
	char line[TEXT_SIZE];
	int i;

	pair_connect(scene->alice, "bob@h2", scene->bob);
	for (i = 1; i <= LINES; i++) {
		snprintf(line, sizeof(line), "line %d of a text\r", i);
		actor_type(scene->alice, line);
	}
	for (i = 0; i < shown; i++) {
		snprintf(line, sizeof(line), "line %d of a text",
		    LINES - shown + 1 + i);
		assert_true(actor_half_reads(scene->bob, LOWER, i, line));
	}
	pair_part(scene->alice, scene->bob);
}

static void
a_message_shows_once(void **state)
{
	struct scene *scene = *state;

	actor_clear(scene->bob);
	lan_run(scene->alice, "talk -m bob@h2 lunch at noon");
	lan_ended(scene->alice, EX_OK);
	assert_true(actor_sees(scene->bob, "lunch at noon"));
	lan_run(scene->alice, "talk -m bob@h2 or at one");
	lan_ended(scene->alice, EX_OK);
	assert_true(actor_row_reads(scene->bob, 2, "  lunch at noon"));
	assert_true(actor_row_reads(scene->bob, 6, "  or at one"));
}

#define TEST(name, sky)                                                   \
	{                                                                 \
#name, name, open_scene, close_scene, (void *)&skies[sky] \
	}
#define EACH(sky)                                              \
	TEST(a_call_is_answered_and_held, sky),                \
	    TEST(two_who_call_each_other_meet, sky),           \
	    TEST(a_long_text_arrives_whole_and_in_order, sky), \
	    TEST(a_message_shows_once, sky)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(0),
		EACH(1),
		EACH(2),
		EACH(3),
		EACH(4),
	};

	if (!lan_prepare())
		return EXIT_FAILURE;
	return abreast_run("weather", tests, sizeof(tests) / sizeof(tests[0]));
}
