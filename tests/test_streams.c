/*
 * The tests of talkd/streams: connections of this host, a clock of our own,
 * and a taker that notes what it gets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "talkd/streams.h"

enum {
	PATIENCE = 10000, /* milliseconds, for what loopback must bring */
	CLIENTS_MAX = STREAMS_MAX + 2,
};

struct scene {
	struct streams *streams;
	int listener;
	int64_t now;
	int clients[CLIENTS_MAX];
	int count; /* of them */

	/* The taker's. */
	char taken[1024]; /* the texts, each behind a "/" */
	bool waits;
	const char *refusal; /* NULL: delivered */
};

static bool
take(void *context, const struct msp_message *message,
    const struct message_origin *origin, struct message_way *way, bool may_wait,
    int64_t now, struct msp_reply *reply)
{
	struct scene *scene = context;
	size_t len = strlen(scene->taken);

	assert_int_equal(origin->protocol, IPPROTO_TCP);
	assert_true(address_is_loopback(&origin->source));
	assert_int_equal(now, scene->now);
	if (scene->waits && may_wait) {
		way->admitted = true;
		return false;
	}
	*way = (struct message_way){ 0 };
	*reply = (struct msp_reply){ .delivered = scene->refusal == NULL };
	if (scene->refusal != NULL)
		snprintf(
		    reply->text, sizeof(reply->text), "%s", scene->refusal);
	snprintf(scene->taken + len, sizeof(scene->taken) - len, "/%s",
	    message->text);
	return true;
}

static struct sockaddr_in
name_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	return in;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct sockaddr_in at = { 0 };

	*state = scene;
	if (scene == NULL)
		return -1;
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	scene->now = 1000;
	scene->streams = streams_new(take, scene);
	scene->listener = socket(AF_INET, SOCK_STREAM, 0);
	return scene->streams != NULL &&
		bind(scene->listener, (struct sockaddr *)&at, sizeof(at)) ==
		    0 &&
		listen(scene->listener, 1) == 0
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	while (scene->count > 0)
		if (scene->clients[--scene->count] != -1)
			close(scene->clients[scene->count]);
	streams_free(scene->streams);
	close(scene->listener);
	free(scene);
	return 0;
}

/* Another client, from 127.0.0.N. */
static int
connect_from(struct scene *scene, uint8_t n)
{
	struct sockaddr_in from = { 0 };
	struct sockaddr_in to = name_of(scene->listener);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	from.sin_family = AF_INET;
	from.sin_addr.s_addr = htonl(0x7f000000 | n);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	streams_add(
	    scene->streams, accept(scene->listener, NULL, NULL), scene->now);
	assert_in_range(scene->count, 0, CLIENTS_MAX - 1);
	scene->clients[scene->count++] = fd;
	return fd;
}

static int
connect_one(struct scene *scene)
{
	return connect_from(scene, 1);
}

static void
close_client(struct scene *scene, int fd)
{
	int i;

	for (i = 0; i < scene->count; i++)
		if (scene->clients[i] == fd)
			scene->clients[i] = -1;
	close(fd);
}

static bool
is_ready(const struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (fds[i].revents != 0)
			return true;
	return false;
}

/* Serves until nothing has come for a moment, which loopback keeps short. */
static void
serve(struct scene *scene)
{
	struct pollfd fds[STREAMS_MAX];

	do {
		streams_watch(scene->streams, fds);
		assert_int_not_equal(poll(fds, STREAMS_MAX, 20), -1);
		streams_serve(scene->streams, fds, false, scene->now);
	} while (is_ready(fds));
}

static void
serve_at(struct scene *scene, int64_t now)
{
	scene->now = now;
	serve(scene);
}

static void
send_bytes(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

#define SEND(fd, literal) send_bytes(fd, literal, sizeof(literal) - 1)

/* Asserts all that the client has been sent so far. */
static void
assert_answers(int fd, const char *expected, size_t len)
{
	char bytes[1024];
	size_t got = 0;
	struct pollfd ready = { fd, POLLIN, 0 };
	ssize_t more;

	while (got < len && poll(&ready, 1, PATIENCE) == 1) {
		more = recv(fd, bytes + got, sizeof(bytes) - got, 0);
		assert_true(more > 0);
		got += (size_t)more;
	}
	assert_int_equal(got, len);
	assert_memory_equal(bytes, expected, len);
	more = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	assert_true(more <= 0);
}

#define ASSERT_ANSWERS(fd, literal) \
	assert_answers(fd, literal, sizeof(literal) - 1)

static void
assert_end(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

#define MESSAGE(text) "Bbob\0\0" text "\0alice\0\0\0\0"

/* ------------------------------------------------------------ messages --- */

static void
messages_are_taken_in_order_and_each_is_answered(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);

	SEND(client, MESSAGE("one") MESSAGE("two"));
	serve(scene);
	ASSERT_ANSWERS(client, "+\0+\0");
	scene->refusal = "bob is not logged on";
	SEND(client, MESSAGE("three"));
	serve(scene);
	ASSERT_ANSWERS(client, "-bob is not logged on\0");
	assert_string_equal(scene->taken, "/one/two/three");
	assert_int_equal(streams_count(scene->streams), 1);
}

static void
one_that_drips_is_put_together(void **state)
{
	static const char bytes[] = MESSAGE("drop");
	struct scene *scene = *state;
	int client = connect_one(scene);
	size_t i;

	for (i = 0; i < sizeof(bytes) - 1; i++) {
		assert_string_equal(scene->taken, "");
		send_bytes(client, bytes + i, 1);
		serve_at(scene, scene->now + 1);
	}
	ASSERT_ANSWERS(client, "+\0");
	assert_string_equal(scene->taken, "/drop");
}

static void
one_of_the_first_version_is_taken_without_an_answer(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);

	SEND(client, "Abob\0\0old\0" MESSAGE("new"));
	serve(scene);
	ASSERT_ANSWERS(client, "+\0");
	assert_string_equal(scene->taken, "/old/new");
}

static void
a_client_that_says_it_is_done_is_answered_and_left(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);

	SEND(client, MESSAGE("last"));
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	serve(scene);
	ASSERT_ANSWERS(client, "+\0");
	assert_end(client);
	assert_int_equal(streams_count(scene->streams), 0);
}

static void
what_follows_the_last_message_is_no_fault(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);

	SEND(client, MESSAGE("one") "\r\nxyz");
	serve(scene);
	ASSERT_ANSWERS(client, "+\0");
	assert_end(client);
	assert_string_equal(scene->taken, "/one");
}

/* ------------------------------------------------------------- refused --- */

static void
what_is_no_message_is_told_so_and_the_answer_arrives(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *answer;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n", 16,
		    "-not a message of a version known here" },
		{ "Bbob\0\0x", 7, "-the message is not complete" },
		{ "\0\r\nBbob", 7, "-the message is not complete" },
	};
	struct scene *scene = *state;
	size_t i;
	int client;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		client = connect_one(scene);
		send_bytes(client, cases[i].bytes, cases[i].len);
		assert_int_equal(shutdown(client, SHUT_WR), 0);
		serve(scene);
		assert_answers(
		    client, cases[i].answer, strlen(cases[i].answer) + 1);
		assert_end(client);
	}
	assert_string_equal(scene->taken, "");
}

static void
too_long_a_message_is_refused_and_its_rest_is_drained(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);
	char bytes[20000];

	memset(bytes, 'x', sizeof(bytes));
	bytes[0] = 'B';
	send_bytes(client, bytes, sizeof(bytes));
	serve(scene);
	send_bytes(client, bytes, sizeof(bytes));
	serve(scene);
	ASSERT_ANSWERS(client, "-the message is too long\0");
	assert_end(client);
	assert_int_equal(streams_count(scene->streams), 1);
	close_client(scene, client);
	serve(scene);
	assert_int_equal(streams_count(scene->streams), 0);
}

static void
five_hundred_and_eleven_octets_pass_and_one_more_does_not(void **state)
{
	static const char end[] = "\0alice\0\0\0"; /* and one more NUL */
	struct scene *scene = *state;
	char bytes[512];
	int client = connect_one(scene);

	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "Bbob\0\0", 6);
	memcpy(bytes + 511 - sizeof(end), end, sizeof(end));
	send_bytes(client, bytes, 511);
	serve(scene);
	ASSERT_ANSWERS(client, "+\0");
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "Bbob\0\0", 6);
	memcpy(bytes + 512 - sizeof(end), end, sizeof(end));
	send_bytes(client, bytes, 512);
	serve(scene);
	ASSERT_ANSWERS(client, "-the message is too long\0");
}

static void
a_fault_within_a_message_does_not_end_the_stream(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);

	SEND(client,
	    "Bbob\0\0x\0alice\0\0"
	    "123456789012345678901234567890123\0\0" MESSAGE("next"));
	serve(scene);
	ASSERT_ANSWERS(client, "-the cookie is too long\0+\0");
	assert_string_equal(scene->taken, "/next");
}

/* ---------------------------------------------------------------- time --- */

static void
who_says_nothing_is_left_when_its_time_is_over(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);

	assert_int_equal(streams_deadline(scene->streams), 1000 + STREAMS_IDLE);
	serve_at(scene, 1000 + STREAMS_IDLE - 1);
	assert_int_equal(recv(client, &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	serve_at(scene, 1000 + STREAMS_IDLE);
	assert_end(client);
	assert_int_equal(
	    streams_deadline(scene->streams), scene->now + STREAMS_DRAIN);
	serve_at(scene, scene->now + STREAMS_DRAIN);
	assert_int_equal(streams_count(scene->streams), 0);
	assert_true(streams_deadline(scene->streams) == STREAMS_NEVER);
}

static void
dripping_gains_no_time(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);
	int i;

	SEND(client, "B");
	for (i = 0; i < 10; i++) {
		SEND(client, "x");
		serve_at(scene, scene->now + STREAMS_IDLE / 10);
	}
	ASSERT_ANSWERS(client, "-the message took too long to come\0");
	assert_end(client);
}

static void
messages_without_end_come_to_an_end(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);
	int64_t end = scene->now + STREAMS_LIFE;

	while (scene->now < end) {
		SEND(client, MESSAGE(""));
		serve(scene);
		ASSERT_ANSWERS(client, "+\0");
		scene->now += STREAMS_IDLE / 2;
	}
	serve(scene);
	assert_end(client);
}

static void
a_drain_is_bounded_in_octets(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);
	char bytes[4096] = "x";
	int i;

	for (i = 0; i < 64 && streams_count(scene->streams) > 0; i++) {
		(void)send(client, bytes, sizeof(bytes), MSG_NOSIGNAL);
		serve(scene);
	}
	assert_in_range(i, 16, 63);
}

static void
one_that_waits_for_a_name_is_taken_in_the_end(void **state)
{
	struct scene *scene = *state;
	int client = connect_one(scene);
	int64_t asked = scene->now;

	scene->waits = true;
	SEND(client, MESSAGE("one"));
	serve(scene);
	SEND(client, MESSAGE("two"));
	serve(scene);
	assert_string_equal(scene->taken, "");
	assert_int_equal(
	    streams_deadline(scene->streams), asked + STREAMS_NAME_WAIT);
	serve_at(scene, asked + STREAMS_NAME_WAIT);
	assert_string_equal(scene->taken, "/one");
	ASSERT_ANSWERS(client, "+\0");
	serve(scene); /* once is enough */
	assert_string_equal(scene->taken, "/one/two");
}

static void
a_name_that_comes_ends_the_wait(void **state)
{
	struct scene *scene = *state;
	struct pollfd fds[STREAMS_MAX];
	int client = connect_one(scene);

	scene->waits = true;
	SEND(client, MESSAGE("one"));
	serve(scene);
	streams_watch(scene->streams, fds);
	streams_serve(scene->streams, fds, true, scene->now);
	assert_string_equal(scene->taken, "");
	scene->now += STREAMS_NAME_WAIT - 1;
	streams_serve(scene->streams, fds, true, scene->now);
	assert_string_equal(scene->taken, "");
	scene->now += 1;
	streams_serve(scene->streams, fds, true, scene->now);
	assert_string_equal(scene->taken, "/one");
	ASSERT_ANSWERS(client, "+\0");
}

/* ---------------------------------------------------------------- many --- */

static void
one_host_has_so_many_and_is_told(void **state)
{
	struct scene *scene = *state;
	int i, client;

	for (i = 0; i < STREAMS_HOST_MAX; i++)
		(void)connect_one(scene);
	client = connect_one(scene);
	ASSERT_ANSWERS(client, "-too many messages\0");
	assert_end(client);
	client = connect_from(scene, 2);
	SEND(client, MESSAGE("other"));
	serve(scene);
	ASSERT_ANSWERS(client, "+\0");
}

static void
the_oldest_makes_room(void **state)
{
	struct scene *scene = *state;
	int i, client, second;

	client = connect_from(scene, 100);
	scene->now++;
	second = connect_from(scene, 101);
	for (i = 2; i < STREAMS_MAX; i++)
		(void)connect_from(scene, (uint8_t)(i % 4 + 1));
	assert_int_equal(streams_count(scene->streams), STREAMS_MAX);
	(void)connect_from(scene, 102);
	assert_int_equal(streams_count(scene->streams), STREAMS_MAX);
	assert_end(client);
	SEND(second, MESSAGE("here"));
	serve(scene);
	ASSERT_ANSWERS(second, "+\0");
}

static void
one_that_is_gone_before_it_is_known_is_let_go(void **state)
{
	struct scene *scene = *state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_not_equal(fd, -1);
	streams_add(scene->streams, fd, scene->now);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_true(streams_deadline(scene->streams) == STREAMS_NEVER);
}

static void
one_that_resets_is_gone_and_others_stay(void **state)
{
	struct scene *scene = *state;
	const struct linger at_once = { 1, 0 };
	int client = connect_one(scene), other = connect_one(scene);

	(void)setsockopt(
	    client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	SEND(client, "Bbob");
	close_client(scene, client);
	serve(scene);
	assert_int_equal(streams_count(scene->streams), 1);
	SEND(other, MESSAGE("fine"));
	serve(scene);
	ASSERT_ANSWERS(other, "+\0");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(messages_are_taken_in_order_and_each_is_answered),
		CASE(one_that_drips_is_put_together),
		CASE(one_of_the_first_version_is_taken_without_an_answer),
		CASE(a_client_that_says_it_is_done_is_answered_and_left),
		CASE(what_follows_the_last_message_is_no_fault),
		CASE(what_is_no_message_is_told_so_and_the_answer_arrives),
		CASE(too_long_a_message_is_refused_and_its_rest_is_drained),
		CASE(five_hundred_and_eleven_octets_pass_and_one_more_does_not),
		CASE(a_fault_within_a_message_does_not_end_the_stream),
		CASE(who_says_nothing_is_left_when_its_time_is_over),
		CASE(dripping_gains_no_time),
		CASE(messages_without_end_come_to_an_end),
		CASE(a_drain_is_bounded_in_octets),
		CASE(one_that_waits_for_a_name_is_taken_in_the_end),
		CASE(a_name_that_comes_ends_the_wait),
		CASE(one_host_has_so_many_and_is_told),
		CASE(the_oldest_makes_room),
		CASE(one_that_is_gone_before_it_is_known_is_let_go),
		CASE(one_that_resets_is_gone_and_others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
