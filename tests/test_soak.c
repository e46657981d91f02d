/*
 * An hour of a daemon's life in a few seconds (inside.h): calls, rings and
 * messages of all kinds, floods, hosts that begin anew, descriptors that run
 * short, rules and terminals that change.  After each quarter there is silence
 * until all that was under way is over; then the daemon must hold what it held
 * after the first, to the byte.  What else must hold is asked at every step.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/extension.h"
#include "common/msp.h"
#include "common/ntalk.h"
#include "inside.h"

enum {
	QUARTERS = 4,
	QUARTER = 900, /* seconds, */
	SILENCE = 100, /* and after it */
	WIRES = 8,     /* streams that somebody writes on */

	/* The hosts of inside_hosts.c. */
	HERE = 1,
	H2,
	H3,
	NAMELESS,
	FAR,
	H2_IPV6 = 8,
	LONG_NAMED = 11,

	ALICES_PORT = 2001,
	BOBS_PORT = 2002,
};

struct hour {
	unsigned second;
	unsigned quarter;
	struct inside_memory memory[QUARTERS];
	unsigned descriptors[QUARTERS];
	unsigned shown[QUARTERS]; /* texts on terminals, since the begin */
	int wires[WIRES];
};

/* --------------------------------------------------------------- calls --- */

static struct talk_request
request(enum talk_type type, const char *l_name, const char *r_name)
{
	struct talk_request req = { .type = type, .id = NTALK_NO_ID };

	snprintf(req.l_name, sizeof(req.l_name), "%s", l_name);
	snprintf(req.r_name, sizeof(req.r_name), "%s", r_name);
	req.addr = inside_host(HERE, 4000);
	return req;
}

static struct datagram
from(unsigned host, uint16_t port)
{
	struct datagram out = { .local = inside_local(host) };

	out.source = inside_host(host, port);
	return out;
}

static void
ask(unsigned host, uint16_t port, struct talk_request *req)
{
	struct datagram out = from(host, port);

	req->ctl_addr = out.source;
	ntalk_put_request(req, out.bytes);
	out.len = NTALK_REQUEST_SIZE;
	inside_send(&out, false);
}

static void
ask_extended(unsigned host, uint16_t port, struct talk_request *req, bool lists)
{
	const struct extension_request more = { .lists = lists };
	struct datagram out = from(host, port);

	req->ctl_addr = out.source;
	out.len = extension_put_request(req, &more, out.bytes);
	inside_send(&out, false);
}

/* Alice, here, calls bob on h2, who looks her up; or nobody does. */
static void
call_out(unsigned second)
{
	struct talk_request req = request(TALK_LEAVE_INVITE, "alice", "bob");

	req.pid = second;
	ask(HERE, ALICES_PORT, &req);
	req = request(TALK_LOOK_UP, "bob", "alice");
	ask(H2, BOBS_PORT, &req);
	req = request(TALK_DELETE, "alice", "bob");
	req.id = inside_id(second);
	if (second % 7 == 0)
		ask(HERE, ALICES_PORT, &req);
}

/* Somebody rings bob, and half a minute later again. */
static void
call_in(unsigned second)
{
	struct talk_request req = request(TALK_ANNOUNCE, "carol", "bob");
	struct talk_request in_full = request(
	    TALK_ANNOUNCE, "a-caller-with-a-long-name", "wilhelmina-long");
	struct talk_request list = request(TALK_LOOK_UP, "bob", "");

	req.pid = second;
	ask(H2, 3000, &req);
	req.pid = second - 30;
	req.id = inside_id(second) + 1;
	ask(H2, 3000, &req);
	in_full.pid = second;
	if (second % 3 == 0)
		ask_extended(H2_IPV6, 3000, &in_full, false);
	if (second % 5 == 0)
		ask_extended(HERE, BOBS_PORT, &list, true);
}

/* ------------------------------------------------------------ messages --- */

static size_t
put_message(const char *to, unsigned second, uint8_t bytes[MSP_SIZE])
{
	struct msp_message message = { .version = MSP_VERSION_2 };
	const char *reason;

	snprintf(message.recipient, sizeof(message.recipient), "%s", to);
	snprintf(message.sender, sizeof(message.sender), "dave");
	snprintf(message.cookie, sizeof(message.cookie), "%u", second);
	snprintf(message.text, sizeof(message.text),
	    "It is %u seconds past the hour.\r\nTime goes by.", second);
	if (to[0] == '\0')
		snprintf(message.recipient_terminal,
		    sizeof(message.recipient_terminal), MSP_EVERY_TERMINAL);
	return msp_put_request(&message, bytes, &reason);
}

/* To one user, twice as its answer was lost, or to all. */
static void
write_datagrams(unsigned second)
{
	struct datagram out = from(H3, 3001);

	out.len = put_message(
	    second % 4 == 0 ? "" : "alice", second, out.bytes);
	inside_send(&out, true);
	inside_send(&out, true);
	out.source = inside_host(FAR, 3001);
	inside_send(&out, false);
}

/*
 * In one second somebody opens a stream and writes half of a message, in the
 * next the rest, and then ends it, most times.
 */
static void
write_streams(struct hour *hour, unsigned second)
{
	const struct address local = inside_local(H2);
	const struct address source = inside_host(H2 + second % 2, 3002);
	const unsigned began = second - second % 3;
	int *wire = &hour->wires[began % WIRES];
	uint8_t bytes[MSP_SIZE];
	size_t len = put_message("wilhelmina-long", began, bytes);
	size_t half = len / 2;

	if (second == began) {
		*wire = inside_connect(&source, &local);
		inside_write(*wire, bytes, half);
	} else if (second == began + 1) {
		inside_write(*wire, bytes + half, len - half);
	} else if (second % 10 != 0) {
		inside_end(*wire);
	}
}

/* -------------------------------------------------- what does not go well --- */

/* Junk, calls of one host under many names, and streams that say nothing. */
static void
flood(unsigned second)
{
	const struct address local = inside_local(LONG_NAMED);
	struct talk_request req = request(TALK_ANNOUNCE, "mallory", "alice");
	struct datagram junk = from(NAMELESS, 3003);
	struct address source = inside_host(LONG_NAMED, 3004);
	unsigned i;

	for (i = 0; i < 20; i++) {
		memset(junk.bytes, (int)(second + i), sizeof(junk.bytes));
		junk.len = 10 * i;
		inside_send(&junk, i % 2 == 0);
		req.pid = second + i;
		snprintf(req.l_name, sizeof(req.l_name), "mallory%u", i);
		ask(NAMELESS, 3003, &req);
		source.port++;
		(void)inside_connect(&source, &local);
		inside_end(inside_connect(&source, &local));
	}
}

/* All that has streams open begins anew, and names are forgotten. */
static void
begin_anew(const struct hour *hour)
{
	size_t i;

	for (i = 0; i < WIRES; i++)
		inside_reset(hour->wires[i]);
	inside_forget_names();
}

static void
answer_question(unsigned second)
{
	const struct talk_reply reply = { .type = TALK_LOOK_UP, .id = 7 };
	uint8_t bytes[NTALK_REPLY_SIZE];

	ntalk_put_reply(&reply, bytes);
	if (second % 4 == 0)
		inside_refuse_question();
	else
		inside_answer_question(bytes, sizeof(bytes));
}

static void
trouble(struct hour *hour, unsigned second)
{
	if (second % 60 < 3)
		flood(second);
	if (second % 300 == 0)
		begin_anew(hour);
	if (second % 97 == 0)
		inside_run_short(3);
	if (second % 50 == 0)
		inside_touch_rules(second % 100 == 0);
	if (second % 13 == 0)
		inside_change_terminal(second, INSIDE_IS_TYPED_AT, 0);
	if (second % 101 == 0)
		inside_stall(60 * 1000);
	if (second % 31 < 2)
		inside_change_terminal(
		    2, second % 31 == 0 ? INSIDE_CLOSES : INSIDE_OPENS, 0);
	if (second % 2 == 0)
		answer_question(second);
}

/* ------------------------------------------------------------ the hour --- */

static void
note(struct hour *hour)
{
	unsigned i;

	hour->memory[hour->quarter] = inside_memory();
	hour->descriptors[hour->quarter] = inside_descriptors();
	for (i = 0; i < INSIDE_TERMINALS; i++)
		hour->shown[hour->quarter] += inside_shown(i);
	hour->quarter++;
}

static void
play_second(struct hour *hour, unsigned second)
{
	inside_tell_names(2);
	call_in(second);
	if (second % 2 == 0)
		call_out(second);
	write_datagrams(second);
	write_streams(hour, second);
	trouble(hour, second);
}

/* A second; silence, so that all comes to its end; a look. */
static bool
play(void *context)
{
	struct hour *hour = context;
	unsigned in_quarter = hour->second % (QUARTER + 2);

	if (hour->quarter == QUARTERS)
		return false;
	if (in_quarter < QUARTER)
		play_second(hour, hour->second);
	else if (in_quarter == QUARTER + 1)
		note(hour);
	inside_pass(in_quarter == QUARTER ? 1000 * SILENCE : 1000);
	hour->second++;
	return true;
}

static void
after_an_hour_the_daemon_holds_what_it_held_after_a_quarter(void **state)
{
	struct hour hour = { 0 };
	const struct inside_setup setup = {
		.site = 1, .life = 60000, .play = play, .context = &hour
	};
	size_t i;

	(void)state;
	inside_run(&setup);
	for (i = 1; i < QUARTERS; i++) {
		assert_int_equal(hour.memory[i].blocks, hour.memory[0].blocks);
		assert_int_equal(hour.memory[i].bytes, hour.memory[0].bytes);
		assert_int_equal(hour.memory[i].pages, hour.memory[0].pages);
		assert_int_equal(hour.descriptors[i], 0);
		/* There was something to do, to the end. */
		assert_true(hour.shown[i] >= hour.shown[i - 1] + QUARTER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    after_an_hour_the_daemon_holds_what_it_held_after_a_quarter),
	};

	return cmocka_run_group_tests_name("soak", tests, NULL, NULL);
}
