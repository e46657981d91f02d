/*
 * The tests of talk/delivery: letters to a message service that the test plays
 * itself, on loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postbox.h"
#include "puppet.h"
#include "talk/delivery.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct person bob = { "bob", "", "" };
static const struct letter_head head = { &bob, "alice", "",
	"0123456789abcdef01234567" };

struct scene {
	struct postbox box;
	struct letter letter;
	struct delivery delivery;
	struct msp_message request; /* that came last */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	postbox_open(&scene->box, "127.0.0.1", 0, POSTBOX_STREAM);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	delivery_end(&scene->delivery);
	postbox_close(&scene->box);
	free(scene);
	return 0;
}

static enum delivery_state
turn_at(struct scene *scene, int64_t now)
{
	struct turn turn;

	turn_begin(&turn);
	delivery_await(&scene->delivery, &turn);
	puppet_glance(&turn);
	return delivery_turn(&scene->delivery, &turn, now);
}

static int64_t
next_deadline(const struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	delivery_await(&scene->delivery, &turn);
	return turn.deadline;
}

/* Takes in a request that is on its way. */
static void
hear(struct scene *scene, int64_t now)
{
	while (scene->delivery.courier.sent < scene->delivery.len) {
		assert_int_equal(turn_at(scene, now), DELIVERY_UNDER_WAY);
		if (scene->box.stream < 0 && postbox_is_called(&scene->box))
			postbox_accept(&scene->box);
	}
	postbox_hear(&scene->box);
	scene->request = postbox_request(&scene->box);
}

/* Begins with a text, up to its first request. */
static void
start(struct scene *scene, const char *text)
{
	letter_start(&scene->letter, &head, text, strlen(text));
	delivery_start(&scene->delivery, &scene->letter, &scene->box.at, 1, 0);
	hear(scene, 0);
}

/* Answers, and turns until that has been taken in. */
static enum delivery_state
answer(struct scene *scene, bool delivered, const char *words, int64_t now)
{
	struct courier *courier = &scene->delivery.courier;

	postbox_answer(&scene->box, delivered, words);
	courier->reply = (struct msp_reply){ .text = "?" };
	while (scene->delivery.state == DELIVERY_UNDER_WAY &&
	    courier->reply.text[0] == '?')
		(void)turn_at(scene, now);
	return scene->delivery.state;
}

static void
a_message_that_was_delivered_is_the_end(void **state)
{
	struct scene *scene = *state;

	start(scene, "lunch?");
	assert_string_equal(scene->request.text, "lunch?");
	assert_int_equal(answer(scene, true, "", 0), DELIVERY_DONE);
	assert_int_equal(scene->delivery.delivered, 1);
	assert_true(next_deadline(scene) == TURN_NEVER);
}

static void
every_answer_is_understood(void **state)
{
	static const struct {
		const char *words;
		enum delivery_state means;
	} answers[] = {
		{ "bob is not logged on", DELIVERY_NOT_LOGGED_ON },
		{ "nobody is logged on", DELIVERY_NOT_LOGGED_ON },
		{ "bob is refusing messages", DELIVERY_REFUSING },
		{ "not permitted", DELIVERY_NOT_PERMITTED },
		{ "the disk is full", DELIVERY_DECLINED },
		{ "", DELIVERY_DECLINED },
	};
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(answers); i++) {
		start(scene, "lunch?");
		assert_int_equal(answer(scene, false, answers[i].words, 0),
		    answers[i].means);
		assert_string_equal(scene->delivery.words, answers[i].words);
		assert_int_equal(scene->delivery.delivered, 0);
		delivery_end(&scene->delivery);
		postbox_hang_up(&scene->box);
	}
}

/* A text of three requests, each with its own letter. */
static void
write_three(char text[1500])
{
	size_t i;

	memset(text, 'a', 1499);
	text[1499] = '\0';
	for (i = 0; i < 3; i++)
		memset(text + i * 450, 'a' + (int)i, 450);
	text[450] = text[900] = '\n';
	text[1300] = '\0';
}

static void
a_long_text_goes_in_order_each_part_answered_before_the_next(void **state)
{
	struct scene *scene = *state;
	char text[1500];
	int i;

	write_three(text);
	start(scene, text);
	for (i = 0; i < 3; i++) {
		assert_int_equal(scene->request.text[0], 'a' + i);
		assert_int_equal(scene->delivery.delivered, i);
		(void)answer(scene, true, "", i);
		if (i < 2)
			hear(scene, i);
	}
	assert_int_equal(scene->delivery.state, DELIVERY_DONE);
	assert_int_equal(scene->delivery.delivered, 3);
}

static void
a_refusal_half_way_ends_it_and_tells_how_much_went(void **state)
{
	struct scene *scene = *state;
	char text[1500];

	write_three(text);
	start(scene, text);
	(void)answer(scene, true, "", 0);
	hear(scene, 0);
	assert_int_equal(answer(scene, false, "bob is refusing messages", 0),
	    DELIVERY_REFUSING);
	assert_int_equal(scene->delivery.delivered, 1);
}

static void
told_to_slow_down_it_waits_and_sends_the_same_again(void **state)
{
	struct scene *scene = *state;
	char cookie[MSP_COOKIE_SIZE];

	start(scene, "lunch?");
	snprintf(cookie, sizeof(cookie), "%s", scene->request.cookie);
	assert_int_equal(answer(scene, false, "too many messages", 1000),
	    DELIVERY_UNDER_WAY);
	assert_true(next_deadline(scene) == 1250);
	(void)turn_at(scene, 1249);
	assert_true(next_deadline(scene) == 1250);
	(void)turn_at(scene, 1250);
	hear(scene, 1250);
	assert_string_equal(scene->request.cookie, cookie);
	assert_string_equal(scene->request.text, "lunch?");
	assert_int_equal(answer(scene, true, "", 1250), DELIVERY_DONE);
}

static void
check_patience(
    struct scene *scene, const char *words, enum delivery_state expected)
{
	enum delivery_state became = DELIVERY_UNDER_WAY;
	int64_t now = 0;
	int asked = 0;

	start(scene, "lunch?");
	while (
	    (became = answer(scene, false, words, now)) == DELIVERY_UNDER_WAY) {
		now = next_deadline(scene);
		assert_true(now <= DELIVERY_PATIENCE_MS);
		(void)turn_at(scene, now);
		hear(scene, now);
		asked++;
	}
	assert_int_equal(became, expected);
	assert_true(now > DELIVERY_PATIENCE_MS - 2500);
	assert_true(asked > 20 && asked < 60);
}

static void
it_slows_down_for_a_minute_at_most(void **state)
{
	check_patience(*state, "too many messages", DELIVERY_TOO_MANY);
}

static void
a_host_that_is_short_of_something_is_waited_for_likewise(void **state)
{
	check_patience(*state, "cannot tell now who is logged on; try again",
	    DELIVERY_UNTOLD);
}

static void
a_text_that_goes_on_slowly_is_no_reason_to_stop(void **state)
{
	struct scene *scene = *state;
	char text[1500];
	int64_t now = 0;
	int i;

	write_three(text);
	start(scene, text);
	for (i = 0; i < 3; i++) {
		(void)answer(scene, false, "too many messages", now);
		assert_true(next_deadline(scene) == now + 250);
		now = next_deadline(scene);
		(void)turn_at(scene, now);
		hear(scene, now);
		(void)answer(scene, true, "", now);
		if (i < 2)
			hear(scene, now);
	}
	assert_int_equal(scene->delivery.state, DELIVERY_DONE);
}

static void
no_service_and_no_sense_are_told_apart(void **state)
{
	struct scene *scene = *state;

	start(scene, "lunch?");
	postbox_say(&scene->box, "220 hello\r\n", 11);
	while (turn_at(scene, 0) == DELIVERY_UNDER_WAY)
		continue;
	assert_int_equal(scene->delivery.state, DELIVERY_NOT_SPOKEN);
	delivery_end(&scene->delivery);
	postbox_hang_up(&scene->box);

	start(scene, "lunch?");
	postbox_hang_up(&scene->box);
	while (turn_at(scene, 0) == DELIVERY_UNDER_WAY)
		continue;
	assert_int_equal(scene->delivery.state, DELIVERY_UNANSWERED);
	delivery_end(&scene->delivery);

	postbox_close(&scene->box);
	letter_start(&scene->letter, &head, "hi", 2);
	delivery_start(&scene->delivery, &scene->letter, &scene->box.at, 1, 0);
	while (turn_at(scene, 0) == DELIVERY_UNDER_WAY)
		continue;
	assert_int_equal(scene->delivery.state, DELIVERY_NO_SERVICE);
}

static void
what_cannot_be_written_is_never_sent(void **state)
{
	const struct person nobody = { "b\303\266b", "", "" };
	const struct letter_head bad = { &nobody, "alice", "", head.stamp };
	struct scene *scene = *state;

	letter_start(&scene->letter, &bad, "hi", 2);
	delivery_start(&scene->delivery, &scene->letter, &scene->box.at, 1, 0);
	assert_int_equal(scene->delivery.state, DELIVERY_UNWRITABLE);
	assert_string_not_equal(scene->delivery.words, "");
	assert_int_equal(turn_at(scene, 0), DELIVERY_UNWRITABLE);
	assert_false(postbox_is_called(&scene->box));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_that_was_delivered_is_the_end),
		TEST(every_answer_is_understood),
		TEST(
		    a_long_text_goes_in_order_each_part_answered_before_the_next),
		TEST(a_refusal_half_way_ends_it_and_tells_how_much_went),
		TEST(told_to_slow_down_it_waits_and_sends_the_same_again),
		TEST(it_slows_down_for_a_minute_at_most),
		TEST(a_host_that_is_short_of_something_is_waited_for_likewise),
		TEST(a_text_that_goes_on_slowly_is_no_reason_to_stop),
		TEST(no_service_and_no_sense_are_told_apart),
		TEST(what_cannot_be_written_is_never_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
