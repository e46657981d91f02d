/*
 * The real talkd under floods: it stays alive, what one address does takes
 * nothing from another, and junk is met with silence.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stranger.h"

enum {
	FLOOD = 10000, /* in two seconds */
	BURST = 50,    /* of them, every 10 ms */
	TICK_MS = 10,
	RESEND_MS = 500,  /* as clients do, whose datagram was lost */
	SERVED_MS = 5000, /* within which who floods not is served */
	SHOWN_SIZE = 65536,

	RINGS_AT_ONCE = 10,    /* talkd(8): and one a second */
	CALLS_AT_ONCE = 100,   /* in vain: and ten a second */
	MESSAGES_AT_ONCE = 40, /* and four a second */
	MESSAGE_SIZE = 256,
	DATAGRAM_MAX = 1100,
};

struct scene {
	struct besieged besieged;
	struct stranger flooder;
	struct stranger other;
	char shown[SHOWN_SIZE]; /* so far */
	size_t shown_len;
	int64_t began;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	*state = scene;
	besieged_open(&scene->besieged, NULL);
	assert_true(
	    stranger_comes(&scene->flooder, "127.0.0.1", 0, &scene->besieged));
	assert_true(
	    stranger_comes(&scene->other, "127.0.0.2", 0, &scene->besieged));
	snprintf(scene->other.request.l_name,
	    sizeof(scene->other.request.l_name), "carol");
	scene->began = stranger_clock();
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	assert_false(actor_is_ended(scene->besieged.talkd));
	stranger_goes(&scene->flooder);
	stranger_goes(&scene->other);
	besieged_close(&scene->besieged);
	free(scene);
	return 0;
}

/* Takes in what the terminal was sent. */
static void
look(struct scene *scene)
{
	char *end = scene->shown + scene->shown_len;

	scene->shown_len += strlen(seat_read(
	    &scene->besieged.seat, end, SHOWN_SIZE - scene->shown_len));
}

/* Forgets the replies that have come. */
static void
forget_replies(const struct stranger *stranger)
{
	uint8_t bytes[1024];

	while (recv(stranger->fd, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0)
		;
}

/* The other's one request, in the midst of the flood. */
struct visit {
	uint8_t bytes[MESSAGE_SIZE];
	size_t len;
	int64_t asked;
	int64_t sent; /* the last time */
	bool served;
	int64_t time; /* that it took, in milliseconds */
	uint8_t reply[512];
};

/* Sends it, and again while it is not answered; waits for nothing. */
static void
go_on_with(struct visit *visit, const struct stranger *other)
{
	int64_t now = stranger_clock();

	if (visit->served)
		return;
	if (visit->asked == 0)
		visit->asked = now;
	if (now - visit->sent >= RESEND_MS) {
		stranger_sends_bytes(other, visit->bytes, visit->len);
		visit->sent = now;
	}
	if (recv(other->fd, visit->reply, sizeof(visit->reply), MSG_DONTWAIT) <
	    1)
		return;
	visit->served = true;
	visit->time = now - visit->asked;
}

/* How many were allowed since the scene began, and not one more. */
static size_t
most(const struct scene *scene, size_t at_once, size_t per_second)
{
	size_t seconds = (size_t)(stranger_clock() - scene->began) / 1000 + 1;

	return at_once + per_second * seconds;
}

/* Once the flood is over, the daemon answers the flooder, too. */
static void
assert_alive(const struct scene *scene)
{
	int64_t deadline = stranger_clock() + STRANGER_WAIT_MS;
	struct stranger asker = scene->flooder;
	uint8_t bytes[NTALK_REPLY_SIZE];

	asker.request.type = TALK_LOOK_UP;
	do {
		assert_true(stranger_clock() < deadline);
		forget_replies(&asker);
		stranger_sends(&asker);
	} while (!stranger_hears(&asker, RESEND_MS, bytes) ||
	    bytes[1] != TALK_LOOK_UP);
}

/* --------------------------------------------------------------- calls --- */

/* Sends a burst of calls, each of another process and caller. */
static void
send_calls(struct stranger *flooder, int first)
{
	int i;

	for (i = first; i < first + BURST; i++) {
		flooder->request.pid = (uint32_t)i;
		snprintf(flooder->request.l_name,
		    sizeof(flooder->request.l_name), "alice%d", i % 1000);
		stranger_sends(flooder);
	}
	forget_replies(flooder);
}

/* Floods, and has the other call meanwhile, who must get through. */
static void
call_through_flood(struct scene *scene)
{
	struct visit visit = { .len = NTALK_REQUEST_SIZE };
	int i;

	ntalk_put_request(&scene->other.request, visit.bytes);
	for (i = 0; i < FLOOD; i += BURST) {
		send_calls(&scene->flooder, i);
		look(scene);
		if (i >= FLOOD / 4)
			go_on_with(&visit, &scene->other);
		(void)poll(NULL, 0, TICK_MS);
	}
	assert_true(visit.served);
	assert_in_range(visit.time, 0, SERVED_MS);
	assert_memory_equal(visit.reply, "\1\3\0", 3);
	assert_alive(scene);
	look(scene);
}

static void
ten_thousand_calls_in_two_seconds_ring_a_handful_of_times(void **state)
{
	struct scene *scene = *state;
	size_t rings;

	call_through_flood(scene);
	rings = besieged_count(scene->shown, "requested by alice");
	assert_in_range(rings, 1, most(scene, RINGS_AT_ONCE, 1));
	assert_int_equal(
	    besieged_count(scene->shown, "requested by carol@127.0.0.2"), 1);
}

/* Nobody of that name is here: such a flood is not even limited. */
static void
calls_of_nobody_hold_up_no_other(void **state)
{
	struct scene *scene = *state;

	snprintf(scene->flooder.request.r_name,
	    sizeof(scene->flooder.request.r_name), "no-such-one");
	call_through_flood(scene);
	assert_int_equal(besieged_count(scene->shown, "requested by"), 1);
}

/* To find that nobody is there costs a look at all users and terminals. */
static void
calls_of_nobody_are_turned_away_when_they_are_too_many(void **state)
{
	struct scene *scene = *state;
	struct stranger *flooder = &scene->flooder;
	size_t sent, looked = 0;
	struct talk_reply reply;

	snprintf(flooder->request.r_name, sizeof(flooder->request.r_name),
	    "no-such-one");
	for (sent = 0; sent < FLOOD / 10; sent++) {
		reply = stranger_asks(flooder);
		if (reply.answer == TALK_NOT_HERE)
			looked++;
		else
			assert_int_equal(reply.answer, TALK_FAILED);
	}
	assert_in_range(looked, 1, most(scene, CALLS_AT_ONCE, 10));
	assert_int_equal(stranger_asks(&scene->other).answer, TALK_SUCCESS);
}

static void
the_same_caller_rings_once_in_three_seconds(void **state)
{
	struct scene *scene = *state;
	int i, rung = 0;

	for (i = 0; i < 1000; i++) {
		scene->flooder.request.pid = (uint32_t)i;
		if (stranger_asks(&scene->flooder).answer == TALK_SUCCESS)
			rung++;
	}
	assert_in_range(rung, 1, 1 + (stranger_clock() - scene->began) / 3000);
	look(scene);
	assert_int_equal(besieged_count(scene->shown, "requested by"), rung);
}

/* ------------------------------------------------------------ messages --- */

/* To the user's terminal, from nobody; no two are the same. */
static size_t
put_message(const struct scene *scene, const char *text, int number,
    uint8_t bytes[MESSAGE_SIZE])
{
	char cookie[16];
	const char *const parts[] = { scene->besieged.user,
		scene->besieged.seat.name, text, "", "", cookie, "" };
	char *out = (char *)bytes;
	size_t i, at = 0;

	snprintf(cookie, sizeof(cookie), "%d", number);
	out[at++] = 'B';
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		at += 1 +
		    (size_t)snprintf(
			out + at, MESSAGE_SIZE - at, "%s", parts[i]);
	return at;
}

static void
send_messages(struct scene *scene, int first)
{
	uint8_t bytes[MESSAGE_SIZE];
	int i;

	for (i = first; i < first + BURST; i++)
		stranger_sends_bytes(&scene->flooder, bytes,
		    put_message(scene, "flood", i, bytes));
	forget_replies(&scene->flooder);
}

static void
ten_thousand_messages_by_datagram_show_forty_and_a_few(void **state)
{
	struct scene *scene = *state;
	struct visit visit = { .len = 0 };
	int i;

	visit.len = put_message(scene, "from carol", 1, visit.bytes);
	for (i = 0; i < FLOOD; i += BURST) {
		send_messages(scene, i);
		look(scene);
		if (i >= FLOOD / 4)
			go_on_with(&visit, &scene->other);
		(void)poll(NULL, 0, TICK_MS);
	}
	assert_true(visit.served);
	assert_in_range(visit.time, 0, SERVED_MS);
	assert_int_equal(visit.reply[0], '+');
	assert_alive(scene);
	look(scene);
	assert_in_range(besieged_count(scene->shown, "  flood"), 1,
	    most(scene, MESSAGES_AT_ONCE, 4));
	assert_int_equal(besieged_count(scene->shown, "  from carol"), 1);
}

/* A connection from an address to the daemon. */
static int
connect_from(const struct stranger *stranger)
{
	struct address at = stranger->at;
	struct sockaddr_storage name;
	socklen_t len;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	at.port = 0;
	len = address_to_sockaddr(&at, &name);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, len), 0);
	len = address_to_sockaddr(&stranger->daemon, &name);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, len), 0);
	return fd;
}

/* Writes what is taken at this moment, and forgets what is answered. */
static void
push(struct scene *scene, int fd, int *sent)
{
	uint8_t bytes[MESSAGE_SIZE];
	char answers[4096];
	size_t len;

	while (*sent < FLOOD) {
		len = put_message(scene, "flood", *sent, bytes);
		if (send(fd, bytes, len, MSG_DONTWAIT) != (ssize_t)len)
			break; /* a part of one, perhaps: malformed, then */
		(*sent)++;
	}
	while (recv(fd, answers, sizeof(answers), MSG_DONTWAIT) > 0)
		;
}

static void
ten_thousand_messages_by_stream_show_forty_and_a_few(void **state)
{
	struct scene *scene = *state;
	struct pollfd answered = { -1, POLLIN, 0 };
	int flood = connect_from(&scene->flooder);
	int sent = 0;
	uint8_t bytes[MESSAGE_SIZE];
	size_t len = put_message(scene, "from carol", 1, bytes);
	int64_t asked;

	push(scene, flood, &sent);
	answered.fd = connect_from(&scene->other);
	assert_int_equal(send(answered.fd, bytes, len, 0), (ssize_t)len);
	asked = stranger_clock();
	while (poll(&answered, 1, 0) == 0 &&
	    stranger_clock() - asked < SERVED_MS) {
		push(scene, flood, &sent);
		look(scene);
	}
	assert_int_equal(recv(answered.fd, bytes, 1, MSG_DONTWAIT), 1);
	assert_int_equal(bytes[0], '+');
	while (sent < FLOOD && stranger_clock() - asked < STRANGER_WAIT_MS) {
		push(scene, flood, &sent);
		look(scene);
	}
	assert_int_equal(sent, FLOOD);
	assert_alive(scene);
	look(scene);
	assert_in_range(besieged_count(scene->shown, "  flood"), 1,
	    most(scene, MESSAGES_AT_ONCE, 4));
	assert_int_equal(besieged_count(scene->shown, "  from carol"), 1);
	close(flood);
	close(answered.fd);
}

/* ---------------------------------------------------------------- junk --- */

/* Of all lengths and first octets, with nothing right about it. */
static void
junk_of_every_length_is_met_with_silence(void **state)
{
	struct scene *scene = *state;
	uint8_t junk[DATAGRAM_MAX] = { 0 };
	uint32_t noise = 1;
	size_t len, i;

	for (len = 0; len <= DATAGRAM_MAX; len++) {
		for (i = 0; i < len; i++) {
			noise = noise * 1664525 + 1013904223;
			junk[i] = (uint8_t)(noise >> 24);
		}
		if (len > 0)
			junk[0] = (uint8_t)(0x80 | len);
		stranger_sends_bytes(&scene->flooder, junk, len);
		if (len % BURST == 0)
			stranger_meets_silence(&scene->flooder);
	}
	stranger_meets_silence(&scene->flooder);
	look(scene);
	assert_string_equal(scene->shown, "");
}

/* What a daemon says, of whatever type and answer, is no question. */
static void
replies_of_every_kind_are_met_with_silence(void **state)
{
	struct scene *scene = *state;
	uint8_t reply[NTALK_REPLY_SIZE] = { 1 };
	int type, answer;

	for (type = 0; type < 256; type++) {
		for (answer = 0; answer < 10; answer++) {
			reply[1] = (uint8_t)type;
			reply[2] = (uint8_t)answer;
			stranger_sends_bytes(
			    &scene->flooder, reply, sizeof(reply));
		}
		stranger_meets_silence(&scene->flooder);
	}
	stranger_sends_bytes(&scene->flooder, "+\0", 2);
	stranger_sends_bytes(&scene->flooder, "-no\0", 4);
	stranger_meets_silence(&scene->flooder);
}

/* Sends requests of every type, right and wrong, and messages. */
static void
send_every_kind(const struct scene *scene, const struct stranger *from)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	uint8_t message[MESSAGE_SIZE];
	int type, version;

	for (version = 0; version < 4; version++) {
		for (type = 0; type < 8; type++) {
			ntalk_put_request(&from->request, bytes);
			bytes[0] = (uint8_t)version;
			bytes[1] = (uint8_t)type;
			stranger_sends_bytes(from, bytes, sizeof(bytes));
		}
	}
	stranger_sends_bytes(
	    from, message, put_message(scene, "knock", 1, message));
	stranger_sends_bytes(from, "A\0\0knock knock\0", 15);
}

static void
assert_unanswered(struct scene *scene, struct stranger *from)
{
	uint8_t bytes[NTALK_REPLY_SIZE];

	send_every_kind(scene, from);
	stranger_meets_silence(&scene->flooder);
	assert_false(stranger_hears(from, 0, bytes));
	stranger_goes(from);
}

/* Servers that answer everything send from there. */
static void
a_reserved_port_is_never_answered(void **state)
{
	static const uint16_t ports[] = { 7, 13, 19, 53, 123, 517, 518, 1023 };
	struct scene *scene = *state;
	struct stranger server;
	size_t i, came = 0;

	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (!stranger_comes(
			&server, "127.0.0.5", ports[i], &scene->besieged))
			continue;
		assert_unanswered(scene, &server);
		came++;
	}
	if (came == 0)
		skip(); /* for root only */
}

/* A daemon there would answer the answer. */
static void
the_daemons_own_port_is_never_answered(void **state)
{
	struct scene *scene = *state;
	struct stranger server;

	assert_true(stranger_comes(
	    &server, "127.0.0.5", scene->besieged.port, &scene->besieged));
	assert_unanswered(scene, &server);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ten_thousand_calls_in_two_seconds_ring_a_handful_of_times),
		CASE(calls_of_nobody_hold_up_no_other),
		CASE(calls_of_nobody_are_turned_away_when_they_are_too_many),
		CASE(the_same_caller_rings_once_in_three_seconds),
		CASE(ten_thousand_messages_by_datagram_show_forty_and_a_few),
		CASE(ten_thousand_messages_by_stream_show_forty_and_a_few),
		CASE(junk_of_every_length_is_met_with_silence),
		CASE(replies_of_every_kind_are_met_with_silence),
		CASE(a_reserved_port_is_never_answered),
		CASE(the_daemons_own_port_is_never_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
