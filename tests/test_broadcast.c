/*
 * The tests of talk/broadcast: letters to networks that are addresses of
 * loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "postbox.h"
#include "puppet.h"
#include "talk/broadcast.h"

static const struct person bob = { "bob", "", "" };
static const struct person everyone = { "", "", "" };
static const char stamp[] = "0123456789abcdef01234567";

/* The sender's host has 127.0.0.1; two networks, and who serves on each. */
struct scene {
	struct postbox own;   /* at 127.0.0.1 */
	struct postbox other; /* at 127.0.0.2 */
	struct network networks[2];
	struct letter letter;
	struct broadcast broadcast;
	int descriptors; /* before */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct network *networks;

	if (scene == NULL)
		return -1;
	scene->descriptors = puppet_descriptors();
	networks = scene->networks;
	postbox_open(&scene->own, "127.0.0.1", 0, POSTBOX_DATAGRAMS);
	postbox_open(
	    &scene->other, "127.0.0.2", scene->own.at.port, POSTBOX_DATAGRAMS);
	networks[0].own = puppet_address("127.0.0.1", 0);
	networks[0].everyone = scene->own.at;
	networks[1].own = puppet_address("192.0.2.1", 0);
	networks[1].everyone = scene->other.at;
	*state = scene;
	return 0;
}

/* Every test also shows that nothing stays open. */
static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;

	broadcast_end(&scene->broadcast);
	postbox_close(&scene->own);
	postbox_close(&scene->other);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

static void
start(struct scene *scene, const struct person *to, const char *text)
{
	const struct letter_head head = { to, "alice", "", stamp };

	letter_start(&scene->letter, &head, text, strlen(text));
	broadcast_start(
	    &scene->broadcast, &scene->letter, scene->networks, 2, 0);
}

static int64_t
next_deadline(const struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	broadcast_await(&scene->broadcast, &turn);
	return turn.deadline;
}

/* Waits for something to come back, and takes it in. */
static enum broadcast_state
turn_on_news(struct scene *scene, int64_t now)
{
	struct turn turn;

	turn_begin(&turn);
	broadcast_await(&scene->broadcast, &turn);
	puppet_await(&turn);
	return broadcast_turn(&scene->broadcast, now);
}

static enum broadcast_state
turn_at(struct scene *scene, int64_t now)
{
	return broadcast_turn(&scene->broadcast, now);
}

static struct msp_message
hear(struct postbox *box)
{
	postbox_hear_datagram(box);
	return postbox_request(box);
}

static void
every_network_gets_the_request_twice_under_one_cookie(void **state)
{
	struct scene *scene = *state;
	struct msp_message first, again;

	start(scene, &bob, "lunch?");
	assert_true(next_deadline(scene) == 0);
	assert_int_equal(turn_at(scene, 0), BROADCAST_UNDER_WAY);
	first = hear(&scene->own);
	assert_string_equal(first.recipient, "bob");
	assert_string_equal(first.text, "lunch?");
	assert_string_equal(hear(&scene->other).cookie, first.cookie);
	assert_true(next_deadline(scene) == BROADCAST_PACE_MS);
	assert_int_equal(
	    turn_at(scene, BROADCAST_PACE_MS), BROADCAST_UNDER_WAY);
	again = hear(&scene->own);
	assert_memory_equal(&again, &first, sizeof(again));
	assert_string_equal(hear(&scene->other).cookie, first.cookie);
}

static void
who_delivers_is_told_once(void **state)
{
	struct scene *scene = *state;
	const struct broadcast *broadcast = &scene->broadcast;

	start(scene, &bob, "lunch?");
	(void)turn_at(scene, 0);
	(void)hear(&scene->own);
	(void)hear(&scene->other);
	postbox_say_datagram(&scene->other, "+", 2);
	(void)turn_on_news(scene, 1);
	postbox_say_datagram(&scene->own, "+", 1);
	(void)turn_on_news(scene, 2);
	postbox_say_datagram(&scene->other, "+\0\0", 3);
	(void)turn_on_news(scene, 3);
	assert_int_equal(turn_at(scene, 250), BROADCAST_UNDER_WAY);
	assert_int_equal(turn_at(scene, 500), BROADCAST_UNDER_WAY);
	assert_true(next_deadline(scene) == BROADCAST_PATIENCE_MS);
	assert_int_equal(
	    turn_at(scene, BROADCAST_PATIENCE_MS - 1), BROADCAST_UNDER_WAY);
	assert_int_equal(turn_at(scene, BROADCAST_PATIENCE_MS), BROADCAST_SENT);
	assert_true(next_deadline(scene) == TURN_NEVER);
	assert_int_equal(turn_at(scene, INT64_MAX - 1), BROADCAST_SENT);
	assert_int_equal(broadcast->host_count, 2);
	assert_true(address_same_host(&broadcast->hosts[0], &scene->other.at));
	assert_true(address_same_host(&broadcast->hosts[1], &scene->own.at));
}

static void
this_host_is_one_host_from_whichever_address_it_answers(void **state)
{
	struct scene *scene = *state;

	scene->networks[1].own = puppet_address("127.0.0.2", 0);
	start(scene, &bob, "lunch?");
	(void)turn_at(scene, 0);
	(void)hear(&scene->own);
	(void)hear(&scene->other);
	postbox_say_datagram(&scene->other, "+", 2);
	(void)turn_on_news(scene, 1);
	postbox_say_datagram(&scene->own, "+", 2);
	(void)turn_on_news(scene, 2);
	assert_int_equal(scene->broadcast.host_count, 1);
}

static void
what_is_no_delivery_names_no_host(void **state)
{
	static const char *const answers[] = { "-no", "-", "x", "220 hi",
		"Bbob" };
	struct scene *scene = *state;
	struct postbox stranger;
	size_t i;

	start(scene, &bob, "lunch?");
	(void)turn_at(scene, 0);
	(void)hear(&scene->own);
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		postbox_say_datagram(
		    &scene->own, answers[i], strlen(answers[i]) + 1);
		(void)turn_on_news(scene, 1);
	}
	postbox_say_datagram(&scene->own, "", 0);
	(void)turn_on_news(scene, 1);

	/* Somebody who does not serve at that port. */
	postbox_open(&stranger, "127.0.0.3", 0, POSTBOX_DATAGRAMS);
	stranger.client = scene->own.client;
	postbox_say_datagram(&stranger, "+", 2);
	(void)turn_on_news(scene, 1);
	postbox_close(&stranger);
	assert_int_equal(scene->broadcast.host_count, 0);
	assert_int_equal(scene->broadcast.state, BROADCAST_UNDER_WAY);
}

static void
no_answer_is_waited_for_from_everyone(void **state)
{
	struct scene *scene = *state;

	start(scene, &everyone, "reboot at noon");
	(void)turn_at(scene, 0);
	assert_string_equal(hear(&scene->other).recipient_terminal, "*");
	(void)turn_at(scene, 250);
	(void)hear(&scene->other);
	assert_int_equal(turn_at(scene, 500), BROADCAST_SENT);
}

static void
a_long_text_goes_at_a_pace_that_no_host_has_to_limit(void **state)
{
	struct scene *scene = *state;
	char text[1200], cookie[MSP_COOKIE_SIZE] = "";
	int64_t now = 0;
	int i;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	start(scene, &everyone, text);
	for (i = 0; i < 6; i++, now += 250) {
		assert_true(next_deadline(scene) == now);
		assert_int_equal(turn_at(scene, now), BROADCAST_UNDER_WAY);
		postbox_hear_datagram(&scene->own);
		assert_int_equal(i % 2 == 1,
		    strcmp(postbox_request(&scene->own).cookie, cookie) == 0);
		memcpy(cookie, postbox_request(&scene->own).cookie,
		    sizeof(cookie));
		assert_false(postbox_is_called(&scene->own));
	}
	assert_int_equal(turn_at(scene, now), BROADCAST_SENT);
}

static void
without_a_network_nobody_is_reached(void **state)
{
	const struct letter_head head = { &bob, "alice", "", stamp };
	struct scene *scene = *state;

	letter_start(&scene->letter, &head, "hi", 2);
	broadcast_start(
	    &scene->broadcast, &scene->letter, scene->networks, 0, 0);
	assert_int_equal(turn_at(scene, 0), BROADCAST_UNREACHABLE);
}

static void
what_cannot_be_written_is_never_sent(void **state)
{
	const struct person nobody = { "b\303\266b", "", "" };
	struct scene *scene = *state;

	start(scene, &nobody, "hi");
	assert_int_equal(turn_at(scene, 0), BROADCAST_UNWRITABLE);
	assert_non_null(scene->broadcast.words);
	assert_false(postbox_is_called(&scene->own));
}

static void
this_host_itself_is_among_its_networks(void **state)
{
	struct network networks[BROADCAST_NETWORKS_MAX];
	int count, i, own = 0;

	(void)state;
	count = broadcast_networks(4242, networks, BROADCAST_NETWORKS_MAX);
	assert_in_range(count, 1, BROADCAST_NETWORKS_MAX);
	for (i = 0; i < count; i++) {
		assert_int_equal(networks[i].everyone.port, 4242);
		assert_int_equal(networks[i].everyone.family, 4);
		if (address_is_loopback(&networks[i].everyone))
			own++;
		else
			assert_false(address_equal(
			    &networks[i].own, &networks[i].everyone));
	}
	assert_int_equal(own, 1);
	assert_int_equal(broadcast_networks(4242, networks, 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_network_gets_the_request_twice_under_one_cookie),
		TEST(who_delivers_is_told_once),
		TEST(this_host_is_one_host_from_whichever_address_it_answers),
		TEST(what_is_no_delivery_names_no_host),
		TEST(no_answer_is_waited_for_from_everyone),
		TEST(a_long_text_goes_at_a_pace_that_no_host_has_to_limit),
		TEST(without_a_network_nobody_is_reached),
		TEST(what_cannot_be_written_is_never_sent),
		cmocka_unit_test(this_host_itself_is_among_its_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
