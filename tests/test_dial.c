/*
 * The tests of talk/dial: hosts that take a connection, refuse it or are silent
 * at one address or another, on loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postbox.h"
#include "puppet.h"
#include "talk/dial.h"

enum { PATIENCE_MS = 10000 };

struct scene {
	struct postbox first;  /* at 127.0.0.1 */
	struct postbox second; /* at 127.0.0.2, the same port */
	struct dial dial;
	int descriptors; /* before */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	scene->descriptors = puppet_descriptors();
	*state = scene;
	return 0;
}

/* Every test also shows that nothing stays open. */
static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;

	dial_close(&scene->dial);
	postbox_close(&scene->first);
	postbox_close(&scene->second);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

/* What the two addresses do; 0: they refuse. */
static void
open_both(struct scene *scene, int first, int second)
{
	const struct address *at;

	/* A port that is free, and stays so: nobody else takes it by number. */
	postbox_open(&scene->first, "127.0.0.1", 0, POSTBOX_STREAM);
	at = &scene->first.at;
	postbox_open(&scene->second, "127.0.0.2", at->port, POSTBOX_STREAM);
	if (first != POSTBOX_STREAM) {
		postbox_close(&scene->first);
		postbox_open(&scene->first, "127.0.0.1", at->port, first);
	}
	if (second != POSTBOX_STREAM) {
		postbox_close(&scene->second);
		postbox_open(&scene->second, "127.0.0.2", at->port, second);
	}
}

static void
start(struct scene *scene)
{
	const struct address at[] = { scene->first.at, scene->second.at };

	dial_start(&scene->dial, at, 2, 0, PATIENCE_MS);
}

/* A turn with whatever is there. */
static enum dial_state
turn_at(struct scene *scene, int64_t now)
{
	struct turn turn;

	turn_begin(&turn);
	dial_await(&scene->dial, &turn);
	puppet_glance(&turn);
	return dial_turn(&scene->dial, &turn, now);
}

/* Turns once something has come of an attempt. */
static enum dial_state
turn_on_news(struct scene *scene, int64_t now)
{
	struct turn turn;

	turn_begin(&turn);
	dial_await(&scene->dial, &turn);
	puppet_await(&turn);
	return dial_turn(&scene->dial, &turn, now);
}

static int64_t
next_deadline(const struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	dial_await(&scene->dial, &turn);
	return turn.deadline;
}

/* The connection leads to that address. */
static void
check_connected(struct scene *scene, struct postbox *to)
{
	int fd = dial_take(&scene->dial);

	assert_true(fd >= 0);
	postbox_accept(to);
	assert_int_equal(write(fd, "hi", 2), 2);
	postbox_hear(to);
	assert_memory_equal(to->heard, "hi", 2);
	close(fd);
}

static void
the_first_address_is_taken_when_it_serves(void **state)
{
	struct scene *scene = *state;

	open_both(scene, POSTBOX_STREAM, POSTBOX_STREAM);
	start(scene);
	assert_true(next_deadline(scene) == 0);
	assert_int_equal(turn_at(scene, 0), DIAL_TRYING);
	assert_int_equal(turn_on_news(scene, 1), DIAL_CONNECTED);
	assert_true(next_deadline(scene) == TURN_NEVER);
	check_connected(scene, &scene->first);
	assert_false(postbox_is_called(&scene->second));
}

static void
the_next_is_tried_at_once_when_one_refuses(void **state)
{
	struct scene *scene = *state;

	open_both(scene, 0, POSTBOX_STREAM);
	start(scene);
	while (turn_at(scene, 0) == DIAL_TRYING)
		continue;
	assert_int_equal(scene->dial.state, DIAL_CONNECTED);
	check_connected(scene, &scene->second);
}

static void
the_next_is_tried_a_moment_later_when_one_is_silent(void **state)
{
	struct scene *scene = *state;

	open_both(scene, POSTBOX_MUTE, POSTBOX_STREAM);
	start(scene);
	assert_int_equal(turn_at(scene, 0), DIAL_TRYING);
	assert_true(next_deadline(scene) == DIAL_NEXT_MS);
	assert_int_equal(turn_at(scene, DIAL_NEXT_MS - 1), DIAL_TRYING);
	assert_false(postbox_is_called(&scene->second));
	assert_int_equal(turn_at(scene, DIAL_NEXT_MS), DIAL_TRYING);
	assert_int_equal(turn_on_news(scene, DIAL_NEXT_MS), DIAL_CONNECTED);
	check_connected(scene, &scene->second);
}

static void
a_host_that_refuses_everywhere_is_known_at_once(void **state)
{
	struct scene *scene = *state;

	open_both(scene, 0, 0);
	start(scene);
	while (turn_at(scene, 0) == DIAL_TRYING)
		continue;
	assert_int_equal(scene->dial.state, DIAL_REFUSED);
	assert_true(scene->dial.tries[0].refused);
	assert_true(scene->dial.tries[1].refused);
}

static void
a_host_that_refuses_at_one_address_is_not_waited_for_at_another(void **state)
{
	struct scene *scene = *state;

	open_both(scene, 0, POSTBOX_MUTE);
	start(scene);
	while (turn_at(scene, 0) == DIAL_TRYING &&
	    next_deadline(scene) != DIAL_OTHERS_MS)
		continue;
	assert_int_equal(turn_at(scene, DIAL_OTHERS_MS - 1), DIAL_TRYING);
	assert_true(next_deadline(scene) == DIAL_OTHERS_MS);
	assert_int_equal(turn_at(scene, DIAL_OTHERS_MS), DIAL_REFUSED);
	assert_true(scene->dial.tries[0].refused);
	assert_false(scene->dial.tries[1].refused);
}

static void
silence_ends_when_it_is_given_up(void **state)
{
	struct scene *scene = *state;

	open_both(scene, POSTBOX_MUTE, POSTBOX_MUTE);
	start(scene);
	assert_int_equal(turn_at(scene, 0), DIAL_TRYING);
	assert_int_equal(turn_at(scene, DIAL_NEXT_MS), DIAL_TRYING);
	assert_true(next_deadline(scene) == PATIENCE_MS);
	assert_int_equal(turn_at(scene, PATIENCE_MS - 1), DIAL_TRYING);
	assert_int_equal(turn_at(scene, PATIENCE_MS), DIAL_SILENT);
	assert_int_equal(turn_at(scene, PATIENCE_MS), DIAL_SILENT);
}

static void
where_no_way_leads_is_unreachable_at_once(void **state)
{
	/* No stream leads to a broadcast address. */
	const struct address at = puppet_address("255.255.255.255", 18);
	struct scene *scene = *state;

	open_both(scene, POSTBOX_STREAM, POSTBOX_STREAM);
	dial_start(&scene->dial, &at, 1, 0, PATIENCE_MS);
	assert_int_equal(turn_at(scene, 0), DIAL_UNREACHABLE);
}

static void
no_address_at_all_is_unreachable(void **state)
{
	struct scene *scene = *state;

	open_both(scene, POSTBOX_STREAM, POSTBOX_STREAM);
	dial_start(&scene->dial, NULL, 0, 0, PATIENCE_MS);
	assert_int_equal(turn_at(scene, 0), DIAL_UNREACHABLE);
}

static void
what_is_under_way_can_be_dropped_at_any_time(void **state)
{
	struct scene *scene = *state;

	open_both(scene, POSTBOX_MUTE, POSTBOX_MUTE);
	start(scene);
	(void)turn_at(scene, 0);
	(void)turn_at(scene, DIAL_NEXT_MS);
	dial_close(&scene->dial);
	dial_close(&scene->dial);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_address_is_taken_when_it_serves),
		TEST(the_next_is_tried_at_once_when_one_refuses),
		TEST(the_next_is_tried_a_moment_later_when_one_is_silent),
		TEST(a_host_that_refuses_everywhere_is_known_at_once),
		TEST(
		    a_host_that_refuses_at_one_address_is_not_waited_for_at_another),
		TEST(silence_ends_when_it_is_given_up),
		TEST(where_no_way_leads_is_unreachable_at_once),
		TEST(no_address_at_all_is_unreachable),
		TEST(what_is_under_way_can_be_dropped_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
