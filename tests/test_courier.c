/*
 * The tests of talk/courier: requests carried to a message service that the
 * test plays itself, on loopback, with a clock that the test sets.
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
#include "talk/courier.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 1312's own example. */
static const uint8_t request[] = "Bchris\0\0Hi\r\nHow about lunch?\0sandy\0"
				 "console\000910806121325\0";

struct scene {
	struct postbox box;
	struct courier courier;
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

	courier_close(&scene->courier);
	postbox_close(&scene->box);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

/* Opens the service, and the courier to it. */
static void
open_to(struct scene *scene, int services)
{
	struct postbox holder;

	postbox_open(&scene->box, "127.0.0.1", 0, services);
	if (services == 0) {
		postbox_open(&holder, "127.0.0.1", 0, POSTBOX_STREAM);
		scene->box.at = holder.at;
		postbox_close(&holder);
	}
	courier_open(&scene->courier, &scene->box.at, 1);
}

static void
carry(struct scene *scene, int64_t now)
{
	courier_carry(&scene->courier, request, sizeof(request), now);
}

/* A turn with whatever is there. */
static enum courier_state
turn_at(struct scene *scene, int64_t now)
{
	struct turn turn;

	turn_begin(&turn);
	courier_await(&scene->courier, &turn);
	puppet_glance(&turn);
	return courier_turn(&scene->courier, &turn, now);
}

static int64_t
next_deadline(const struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	courier_await(&scene->courier, &turn);
	return turn.deadline;
}

/* Turns until the request has come out at the other side. */
static void
send_request(struct scene *scene, int64_t now)
{
	while (!postbox_is_called(&scene->box))
		assert_int_equal(turn_at(scene, now), COURIER_ON_ITS_WAY);
	postbox_accept(&scene->box);
	while (scene->courier.sent < sizeof(request))
		assert_int_equal(turn_at(scene, now), COURIER_ON_ITS_WAY);
	postbox_hear(&scene->box);
	assert_int_equal(scene->box.len, sizeof(request));
	assert_memory_equal(scene->box.heard, request, sizeof(request));
}

/* Turns until something has come of it. */
static enum courier_state
outcome(struct scene *scene, int64_t now)
{
	enum courier_state state;
	struct turn turn;

	do {
		turn_begin(&turn);
		courier_await(&scene->courier, &turn);
		if (turn.deadline > now)
			puppet_await(&turn);
		state = courier_turn(&scene->courier, &turn, now);
	} while (state == COURIER_ON_ITS_WAY);
	return state;
}

/* Sends a request, whose answer these bytes are. */
static enum courier_state
exchange(struct scene *scene, const char *answer, size_t len)
{
	open_to(scene, POSTBOX_STREAM);
	carry(scene, 0);
	send_request(scene, 0);
	postbox_say(&scene->box, answer, len);
	return outcome(scene, 0);
}

/* -------------------------------------------------------------- stream --- */

static void
the_request_goes_byte_by_byte_and_the_answer_comes_back(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(exchange(scene, "+", 2), COURIER_ANSWERED);
	assert_true(scene->courier.reply.delivered);
	assert_string_equal(scene->courier.reply.text, "");
	assert_true(next_deadline(scene) == TURN_NEVER);
}

static void
a_refusal_comes_back_with_its_words(void **state)
{
	static const char answer[] = "-bob is not logged on";
	struct scene *scene = *state;

	assert_int_equal(
	    exchange(scene, answer, sizeof(answer)), COURIER_ANSWERED);
	assert_false(scene->courier.reply.delivered);
	assert_string_equal(scene->courier.reply.text, "bob is not logged on");
}

static void
an_answer_may_come_in_pieces(void **state)
{
	static const char answer[] = "+all right";
	struct scene *scene = *state;
	size_t i;

	open_to(scene, POSTBOX_STREAM);
	carry(scene, 0);
	send_request(scene, 0);
	for (i = 0; i < sizeof(answer); i++) {
		assert_int_equal(turn_at(scene, 0), COURIER_ON_ITS_WAY);
		postbox_say(&scene->box, answer + i, 1);
	}
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
	assert_string_equal(scene->courier.reply.text, "all right");
}

static void
several_requests_take_one_connection(void **state)
{
	struct scene *scene = *state;
	int i;

	assert_int_equal(exchange(scene, "+", 2), COURIER_ANSWERED);
	for (i = 1; i < 100; i++) {
		carry(scene, i);
		assert_int_equal(turn_at(scene, i), COURIER_ON_ITS_WAY);
		postbox_hear(&scene->box);
		assert_int_equal(scene->box.len, sizeof(request));
		postbox_answer(&scene->box, i % 2 == 0, "so");
		assert_int_equal(outcome(scene, i), COURIER_ANSWERED);
		assert_int_equal(scene->courier.reply.delivered, i % 2 == 0);
	}
	assert_false(postbox_is_called(&scene->box));
}

static void
what_stands_behind_an_answer_is_not_taken_for_the_next(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(exchange(scene, "+\0+\0", 4), COURIER_ANSWERED);
	carry(scene, 1);
	assert_int_equal(turn_at(scene, 1), COURIER_ON_ITS_WAY);
	postbox_hear(&scene->box);
	postbox_answer(&scene->box, false, "no");
	assert_int_equal(outcome(scene, 1), COURIER_ANSWERED);
	assert_false(scene->courier.reply.delivered);
}

static void
a_server_that_takes_one_request_a_connection_is_called_again(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(exchange(scene, "+", 2), COURIER_ANSWERED);
	postbox_hang_up(&scene->box);
	carry(scene, 1);
	send_request(scene, 1);
	postbox_answer(&scene->box, true, "");
	assert_int_equal(outcome(scene, 1), COURIER_ANSWERED);
}

static void
an_answer_without_its_end_is_taken_when_the_server_closes(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_STREAM);
	carry(scene, 0);
	send_request(scene, 0);
	postbox_say(&scene->box, "-no", 3);
	postbox_hang_up(&scene->box);
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
	assert_string_equal(scene->courier.reply.text, "no");
}

static void
an_answer_without_its_end_is_taken_after_a_moment(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_STREAM);
	carry(scene, 0);
	send_request(scene, 0);
	postbox_say(&scene->box, "+", 1);
	while (next_deadline(scene) > 100 + COURIER_REST_MS)
		assert_int_equal(turn_at(scene, 100), COURIER_ON_ITS_WAY);
	assert_int_equal(
	    turn_at(scene, 99 + COURIER_REST_MS), COURIER_ON_ITS_WAY);
	assert_int_equal(
	    turn_at(scene, 100 + COURIER_REST_MS), COURIER_ANSWERED);
	assert_true(scene->courier.reply.delivered);

	/* Its rest may come yet, so another connection is made. */
	carry(scene, 1000);
	send_request(scene, 1000);
	postbox_answer(&scene->box, false, "no");
	assert_int_equal(outcome(scene, 1000), COURIER_ANSWERED);
	assert_false(scene->courier.reply.delivered);
}

static void
what_is_no_answer_is_foreign(void **state)
{
	static const char *const greetings[] = { "220 mail.example.org\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 400 Bad Request\r\n",
		"Bchris", "\377\373\001", "x" };
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(greetings); i++) {
		if (exchange(scene, greetings[i], strlen(greetings[i])) !=
		    COURIER_FOREIGN)
			fail_msg("taken: %s", greetings[i]);
		courier_close(&scene->courier);
		postbox_close(&scene->box);
	}
}

static void
an_endless_answer_is_cut(void **state)
{
	struct scene *scene = *state;
	char answer[MSP_SIZE * 3];

	memset(answer, 'x', sizeof(answer));
	answer[0] = '-';
	assert_int_equal(
	    exchange(scene, answer, sizeof(answer)), COURIER_ANSWERED);
	assert_false(scene->courier.reply.delivered);
	assert_true(strlen(scene->courier.reply.text) < MSP_SIZE);
}

static void
a_server_that_pads_for_ever_is_given_up(void **state)
{
	struct scene *scene = *state;
	char padding[2 * MSP_SIZE] = { 0 };
	int i;

	open_to(scene, POSTBOX_STREAM);
	carry(scene, 0);
	send_request(scene, 0);
	for (i = 0; i < 100; i++) {
		postbox_say(&scene->box, padding, sizeof(padding));
		assert_int_equal(turn_at(scene, i), COURIER_ON_ITS_WAY);
	}
	assert_int_equal(
	    turn_at(scene, COURIER_PATIENCE_MS), COURIER_UNANSWERED);
}

static void
a_server_that_closes_without_an_answer_is_not_called_again(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_STREAM);
	carry(scene, 0);
	send_request(scene, 0);
	postbox_hang_up(&scene->box);
	assert_int_equal(outcome(scene, 0), COURIER_UNANSWERED);
	assert_false(postbox_is_called(&scene->box));
}

static void
a_server_that_says_nothing_is_given_up_after_ten_seconds(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_STREAM);
	carry(scene, 5);
	send_request(scene, 5);
	assert_true(next_deadline(scene) == 10005);
	assert_int_equal(turn_at(scene, 10004), COURIER_ON_ITS_WAY);
	assert_int_equal(turn_at(scene, 10005), COURIER_UNANSWERED);
	postbox_hear_end(&scene->box);
}

static void
a_host_that_takes_no_connection_is_silent(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_MUTE);
	carry(scene, 0);
	assert_int_equal(turn_at(scene, 0), COURIER_ON_ITS_WAY);
	assert_int_equal(turn_at(scene, 9999), COURIER_ON_ITS_WAY);
	assert_int_equal(turn_at(scene, 10000), COURIER_SILENT);
}

/* ----------------------------------------------------------- datagrams --- */

/* Turns until the datagram has come out at the other side. */
static void
send_datagram(struct scene *scene, int64_t now)
{
	while (!postbox_is_called(&scene->box))
		assert_int_equal(turn_at(scene, now), COURIER_ON_ITS_WAY);
	postbox_hear_datagram(&scene->box);
	assert_int_equal(scene->box.len, sizeof(request));
	assert_memory_equal(scene->box.heard, request, sizeof(request));
}

static void
where_nobody_serves_is_known_at_once(void **state)
{
	struct scene *scene = *state;

	open_to(scene, 0);
	carry(scene, 0);
	assert_int_equal(outcome(scene, 0), COURIER_NO_SERVICE);
}

static void
a_datagram_goes_where_the_stream_is_refused(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 0);
	send_datagram(scene, 0);
	postbox_say_datagram(&scene->box, "+", 2);
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
	assert_true(scene->courier.reply.delivered);
}

static void
a_refusal_by_datagram_is_read_with_or_without_its_end(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 0);
	send_datagram(scene, 0);
	postbox_say_datagram(&scene->box, "-too many messages", 18);
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
	assert_false(scene->courier.reply.delivered);
	assert_string_equal(scene->courier.reply.text, "too many messages");
}

static void
a_datagram_that_is_no_answer_is_foreign(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 0);
	send_datagram(scene, 0);
	postbox_say_datagram(&scene->box, "220 hi\r\n", 8);
	assert_int_equal(outcome(scene, 0), COURIER_FOREIGN);
}

/* An answer may still come behind it. */
static void
a_datagram_without_a_byte_is_passed_over(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 0);
	send_datagram(scene, 0);
	postbox_say_datagram(&scene->box, "", 0);
	postbox_say_datagram(&scene->box, "+", 2);
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
}

static void
a_datagram_is_sent_again_and_then_given_up(void **state)
{
	static const int64_t sent_at[] = { 100, 600, 1600, 3600 };
	struct scene *scene = *state;
	size_t i;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 100);
	for (i = 0; i < COUNT(sent_at); i++) {
		if (i > 0) {
			assert_true(next_deadline(scene) == sent_at[i]);
			(void)turn_at(scene, sent_at[i] - 1);
			assert_false(postbox_is_called(&scene->box));
		}
		send_datagram(scene, sent_at[i]);
	}
	assert_int_equal(turn_at(scene, 5099), COURIER_ON_ITS_WAY);
	assert_int_equal(turn_at(scene, 5100), COURIER_UNANSWERED);
	assert_false(postbox_is_called(&scene->box));
}

static void
an_answer_that_comes_late_is_not_taken_for_the_next(void **state)
{
	struct scene *scene = *state;
	struct address earlier;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 0);
	send_datagram(scene, 0);
	earlier = scene->box.client;
	postbox_say_datagram(&scene->box, "+", 2);
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
	carry(scene, 1);
	send_datagram(scene, 1);
	assert_false(address_equal(&scene->box.client, &earlier));
}

static void
who_has_served_by_datagram_and_leaves_is_known_at_once(void **state)
{
	struct scene *scene = *state;

	open_to(scene, POSTBOX_DATAGRAMS);
	carry(scene, 0);
	send_datagram(scene, 0);
	postbox_close(&scene->box);
	while (turn_at(scene, 500) == COURIER_ON_ITS_WAY)
		continue;
	assert_int_equal(scene->courier.state, COURIER_NO_SERVICE);
}

static void
a_datagram_goes_to_one_address_alone_while_that_is_silent(void **state)
{
	struct scene *scene = *state;
	struct postbox other;
	struct address at[2];
	int64_t now;

	postbox_open(&scene->box, "127.0.0.1", 0, POSTBOX_DATAGRAMS);
	postbox_open(
	    &other, "127.0.0.2", scene->box.at.port, POSTBOX_DATAGRAMS);
	at[0] = scene->box.at;
	at[1] = other.at;
	courier_open(&scene->courier, at, 2);
	carry(scene, 0);
	for (now = 0; now < COURIER_PATIENCE_MS; now += 100)
		(void)turn_at(scene, now);
	assert_int_equal(scene->courier.state, COURIER_UNANSWERED);
	assert_true(postbox_is_called(&scene->box));
	assert_false(postbox_is_called(&other));
	postbox_close(&other);
}

static void
a_datagram_goes_to_the_next_address_when_one_refuses(void **state)
{
	struct scene *scene = *state;
	struct address at[2];

	postbox_open(&scene->box, "127.0.0.2", 0, POSTBOX_DATAGRAMS);
	at[0] = puppet_address("127.0.0.1", scene->box.at.port);
	at[1] = scene->box.at;
	courier_open(&scene->courier, at, 2);
	carry(scene, 0);
	send_datagram(scene, 0);
	postbox_say_datagram(&scene->box, "+", 2);
	assert_int_equal(outcome(scene, 0), COURIER_ANSWERED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_request_goes_byte_by_byte_and_the_answer_comes_back),
		TEST(a_refusal_comes_back_with_its_words),
		TEST(an_answer_may_come_in_pieces),
		TEST(several_requests_take_one_connection),
		TEST(what_stands_behind_an_answer_is_not_taken_for_the_next),
		TEST(
		    a_server_that_takes_one_request_a_connection_is_called_again),
		TEST(an_answer_without_its_end_is_taken_when_the_server_closes),
		TEST(an_answer_without_its_end_is_taken_after_a_moment),
		TEST(what_is_no_answer_is_foreign),
		TEST(an_endless_answer_is_cut),
		TEST(a_server_that_pads_for_ever_is_given_up),
		TEST(
		    a_server_that_closes_without_an_answer_is_not_called_again),
		TEST(a_server_that_says_nothing_is_given_up_after_ten_seconds),
		TEST(a_host_that_takes_no_connection_is_silent),
		TEST(where_nobody_serves_is_known_at_once),
		TEST(a_datagram_goes_where_the_stream_is_refused),
		TEST(a_refusal_by_datagram_is_read_with_or_without_its_end),
		TEST(a_datagram_that_is_no_answer_is_foreign),
		TEST(a_datagram_without_a_byte_is_passed_over),
		TEST(a_datagram_is_sent_again_and_then_given_up),
		TEST(an_answer_that_comes_late_is_not_taken_for_the_next),
		TEST(who_has_served_by_datagram_and_leaves_is_known_at_once),
		TEST(a_datagram_goes_to_one_address_alone_while_that_is_silent),
		TEST(a_datagram_goes_to_the_next_address_when_one_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
