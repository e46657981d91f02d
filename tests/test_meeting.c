/*
 * The tests of talk/call where two call each other: they meet, and once only,
 * whoever begins and in whatever order the daemons hear them, over IPv4, over
 * IPv6, and where the one waits over this and the other over that.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "puppet.h"
#include "talk/call.h"

enum {
	TABLE_MAX = 8,
	WAITING_MAX = 16,
	SERVES = 3, /* questions until one waits */
	STEP_MS = 50,
	MEETING_MS = 10000,

	NAME_SIZE = 12,
};

/* --------------------------------------------------------------- stage --- */

/* An invitation or an announcement in a daemon's table. */
struct entry {
	uint32_t id; /* 0: free */
	uint8_t question[PUPPET_REQUEST_SIZE];
	struct address waits_at;
};

struct side {
	const char *user;
	const char *number; /* where his daemon is */
	struct person party;
	struct call_plan plan;
	struct call *call;
	struct puppet daemon;
	struct entry table[TABLE_MAX]; /* of the daemon; newest last */
	uint32_t ids;
	bool blind;  /* who looks him up finds nothing */
	bool hidden; /* he finds an address that leads nowhere */
	int stream;
};

/* A question that was asked and not yet served. */
struct waiting {
	int daemon; /* whose side's */
	struct puppet asked;
};

struct pair {
	struct side side[2];
	struct waiting waiting[WAITING_MAX];
	int waiting_count;
	int64_t now;
	int descriptors; /* before */
};

static bool
is_free(const char *number, uint16_t port)
{
	struct address at = puppet_address(number, port);
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&at, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM, 0);
	bool bound = bind(fd, (struct sockaddr *)&ss, len) == 0;

	assert_true(fd >= 0);
	close(fd);
	return bound;
}

/*
 * Ports for both to wait on; the first one's is the lower.  They lie below
 * those that systems give away, to others who run meanwhile.
 */
static void
choose_ports(const struct pair *pair, uint16_t ports[2])
{
	uint16_t port = (uint16_t)(20000 + getpid() * 16 % 10000);
	int found = 0;

	for (; found < 2; port++) {
		assert_true(port < 32000);
		if (is_free(pair->side[0].number, port) &&
		    is_free(pair->side[1].number, port))
			ports[found++] = port;
	}
}

/* Who waits at the address in which the other's daemon is reached. */
static uint8_t
family_of(const struct pair *pair, int i)
{
	return pair->side[1 - i].daemon.at.family;
}

/*
 * Begins a meeting for which this side, 0 or 1, should wait at the lower
 * address; returns which one does, as an IPv4 address is always lower.
 */
static int
pair_begin(struct pair *pair, int lower)
{
	uint16_t ports[2];
	int i;

	if (family_of(pair, 0) != family_of(pair, 1))
		lower = family_of(pair, 0) == 4 ? 0 : 1;
	choose_ports(pair, ports);
	pair->now = 1000;
	pair->waiting_count = 0;
	for (i = 0; i < 2; i++) {
		struct side *side = &pair->side[i];
		struct side *party = &pair->side[1 - i];

		side->stream = -1;
		side->blind = false;
		side->hidden = false;
		memset(side->table, 0, sizeof(side->table));
		memcpy(side->party.user, party->user, strlen(party->user));
		side->plan = (struct call_plan){
			.caller = side->user,
			.callee = &side->party,
			.host = party->number,
			.there = &party->daemon.at,
			.there_count = 1,
			.here = &side->daemon.at,
			.here_count = 1,
			.port_low = ports[i != lower],
			.port_high = ports[i != lower],
		};
	}
	return lower;
}

static void
side_start(struct pair *pair, int i)
{
	struct side *side = &pair->side[i];

	side->call = call_new(&side->plan, pair->now);
	assert_non_null(side->call);
}

/* Resets the streams, so that nothing of a meeting lingers in TIME-WAIT. */
static void
pair_end(struct pair *pair)
{
	static const struct linger reset = { .l_onoff = 1 };
	int i;

	for (i = 0; i < 2; i++) {
		struct side *side = &pair->side[i];

		if (side->stream >= 0) {
			(void)setsockopt(side->stream, SOL_SOCKET, SO_LINGER,
			    &reset, sizeof(reset));
			close(side->stream);
		}
		side->stream = -1;
		call_free(side->call);
		side->call = NULL;
		while (puppet_hears(&side->daemon))
			continue;
	}
}

static int
set_up_at(void **state, const char *alices, const char *bobs)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (pair == NULL)
		return -1;
	pair->descriptors = puppet_descriptors();
	pair->side[0] = (struct side){ .user = "alice", .number = alices };
	pair->side[1] = (struct side){ .user = "bob", .number = bobs };
	puppet_open(&pair->side[0].daemon, pair->side[0].number, 0);
	puppet_open(&pair->side[1].daemon, pair->side[1].number, 0);
	*state = pair;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_at(state, "127.0.0.1", "127.0.0.2");
}

static int
set_up_ipv6(void **state)
{
	return set_up_at(state, "::1", "::1");
}

static int
set_up_mixed(void **state)
{
	return set_up_at(state, "127.0.0.1", "::1");
}

static int
tear_down(void **state)
{
	struct pair *pair = *state;
	int before = pair->descriptors;

	pair_end(pair);
	puppet_close(&pair->side[0].daemon);
	puppet_close(&pair->side[1].daemon);
	free(pair);
	return puppet_descriptors() == before ? 0 : -1;
}

/* ------------------------------------------------------------- daemons --- */

static bool
same_name(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, NAME_SIZE) == 0;
}

/* Same type and names: the entry that a question refreshes. */
static bool
entry_is_renewed(const struct entry *entry, const uint8_t *question)
{
	return entry->id != 0 &&
	    entry->question[AT_TYPE] == question[AT_TYPE] &&
	    same_name(entry->question + AT_L_NAME, question + AT_L_NAME) &&
	    same_name(entry->question + AT_R_NAME, question + AT_R_NAME);
}

/* An invitation to who asks from whom he asks for. */
static bool
entry_is_looked_for(const struct entry *entry, const uint8_t *question)
{
	return entry->id != 0 && entry->question[AT_TYPE] == LEAVE_INVITE &&
	    same_name(entry->question + AT_L_NAME, question + AT_R_NAME) &&
	    same_name(entry->question + AT_R_NAME, question + AT_L_NAME);
}

static uint32_t
table_enter(struct side *side, const struct puppet *asked)
{
	const uint8_t *question = asked->question;
	struct entry *free_entry = NULL;
	int i;

	for (i = 0; i < TABLE_MAX; i++) {
		if (entry_is_renewed(&side->table[i], question))
			return side->table[i].id;
		if (free_entry == NULL && side->table[i].id == 0)
			free_entry = &side->table[i];
	}
	assert_non_null(free_entry);
	free_entry->id = ++side->ids;
	free_entry->waits_at = puppet_told(asked);
	memcpy(free_entry->question, question, PUPPET_REQUEST_SIZE);
	return free_entry->id;
}

/* The daemon's port is one of datagrams: no stream is taken there. */
static const struct address *
led_to(const struct side *side, const struct entry *entry)
{
	return side->hidden ? &side->daemon.at : &entry->waits_at;
}

static void
table_look_up(struct side *side, const struct puppet *asked)
{
	int i;

	for (i = 0; i < TABLE_MAX && !side->blind; i++) {
		if (!entry_is_looked_for(&side->table[i], asked->question))
			continue;
		puppet_invite(
		    asked, side->table[i].id, led_to(side, &side->table[i]));
		return;
	}
	puppet_answer_more(asked, NOT_HERE, 0, NULL, 0);
}

static void
table_delete(struct side *side, uint32_t id)
{
	int i;

	for (i = 0; i < TABLE_MAX; i++)
		if (side->table[i].id == id)
			side->table[i].id = 0;
}

static void
side_serve(struct side *side, const struct puppet *asked)
{
	switch (asked->question[AT_TYPE]) {
	case LOOK_UP:
		table_look_up(side, asked);
		break;
	case DELETE:
		table_delete(side, puppet_id(asked));
		puppet_answer_more(asked, SUCCESS, 0, NULL, 0);
		break;
	default:
		puppet_answer_more(
		    asked, SUCCESS, table_enter(side, asked), NULL, 0);
	}
}

static void
gather_questions(struct pair *pair)
{
	int i;

	for (i = 0; i < 2; i++)
		while (puppet_hears(&pair->side[i].daemon)) {
			assert_true(pair->waiting_count < WAITING_MAX);
			pair->waiting[pair->waiting_count++] = (struct waiting){
				i, pair->side[i].daemon
			};
		}
}

/* Has the oldest question served, of that user or (NULL) of any. */
static bool
serve_one(struct pair *pair, const char *user)
{
	struct waiting waiting;
	int i;

	gather_questions(pair);
	for (i = 0; i < pair->waiting_count; i++) {
		waiting = pair->waiting[i];
		if (user != NULL &&
		    strcmp((char *)waiting.asked.question + AT_L_NAME, user) !=
			0)
			continue;
		pair->waiting_count--;
		memmove(&pair->waiting[i], &pair->waiting[i + 1],
		    (size_t)(pair->waiting_count - i) * sizeof(waiting));
		side_serve(&pair->side[waiting.daemon], &waiting.asked);
		return true;
	}
	return false;
}

/* ---------------------------------------------------------------- time --- */

static void
side_turn(struct pair *pair, int i)
{
	struct side *side = &pair->side[i];
	struct turn turn;

	if (side->call == NULL)
		return;
	turn_begin(&turn);
	call_await(side->call, &turn);
	puppet_glance(&turn);
	call_turn(side->call, &turn, pair->now);
	if (call_phase(side->call) == CALL_CONNECTED && side->stream < 0)
		side->stream = call_socket(side->call);
}

static void
serve_all(struct pair *pair)
{
	while (serve_one(pair, NULL))
		continue;
}

/* Lets time pass, with daemons that answer at once. */
static void
pass(struct pair *pair, int64_t ms)
{
	int64_t end = pair->now + ms;

	for (; pair->now < end; pair->now += STEP_MS) {
		serve_all(pair);
		side_turn(pair, 0);
		side_turn(pair, 1);
	}
}

static bool
have_met(const struct pair *pair)
{
	return pair->side[0].stream >= 0 && pair->side[1].stream >= 0;
}

/* --------------------------------------------------------------- proof --- */

/* What the one writes the other reads. */
static void
check_joined(int from, int to)
{
	struct turn turn;
	char byte = 0;

	assert_int_equal(send(from, "x", 1, MSG_NOSIGNAL), 1);
	turn_begin(&turn);
	turn_want(&turn, to, POLLIN);
	puppet_await(&turn);
	assert_int_equal(recv(to, &byte, 1, 0), 1);
	assert_int_equal(byte, 'x');
}

static void
check_nothing_left(const struct side *side)
{
	int i;

	assert_true(call_is_over(side->call));
	for (i = 0; i < TABLE_MAX; i++)
		assert_int_equal(side->table[i].id, 0);
}

static void
check_meeting(struct pair *pair)
{
	int64_t end = pair->now + MEETING_MS;

	while (!have_met(pair) && pair->now < end)
		pass(pair, STEP_MS);
	if (!have_met(pair))
		fail_msg("alice: %s; bob: %s", call_status(pair->side[0].call),
		    call_status(pair->side[1].call));
	check_joined(pair->side[0].stream, pair->side[1].stream);
	check_joined(pair->side[1].stream, pair->side[0].stream);
	pass(pair, CALL_TAKE_BACK_MS);
	check_nothing_left(&pair->side[0]);
	check_nothing_left(&pair->side[1]);
}

/* --------------------------------------------------------------- tests --- */

static void
who_calls_one_that_waits_answers_him(void **state)
{
	struct pair *pair = *state;
	int first, lower;

	for (lower = 0; lower < 2; lower++)
		for (first = 0; first < 2; first++) {
			(void)pair_begin(pair, lower);
			side_start(pair, first);
			pass(pair, 5000);
			assert_int_equal(
			    call_phase(pair->side[first].call), CALL_RINGING);
			side_start(pair, 1 - first);
			check_meeting(pair);
			pair_end(pair);
		}
}

/*
 * One event of a user's: he starts, or the daemon that he asked serves him, or
 * he takes a turn.
 */
static void
side_event(struct pair *pair, int i, int event)
{
	if (event == 0)
		side_start(pair, i);
	else if (event % 2 == 1)
		(void)serve_one(pair, pair->side[i].user);
	else
		side_turn(pair, i);
}

/* Who is next is told by one bit an event: all orders of n and n of them. */
static void
play(struct pair *pair, uint32_t order, int n)
{
	int events[2] = { 0, 0 };
	int k, i;

	for (k = 0; k < 2 * n; k++) {
		i = (int)(order >> k & 1);
		side_event(pair, i, events[i]++);
	}
}

static int
count_bits(uint32_t bits)
{
	int count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

static void
in_every_order_of_their_messages_two_meet_once(void **state)
{
	const int n = 1 + 2 * SERVES;
	struct pair *pair = *state;
	uint32_t order;
	int lower;

	for (lower = 0; lower < 2; lower++)
		for (order = 0; order < UINT32_C(1) << 2 * n; order++) {
			if (count_bits(order) != n)
				continue;
			(void)pair_begin(pair, lower);
			play(pair, order, n);
			check_meeting(pair);
			pair_end(pair);
		}
}

/* Both wait, and neither has found the other yet; returns the lower. */
static int
reach_waiting(struct pair *pair, int lower)
{
	int i;

	lower = pair_begin(pair, lower);
	for (i = 0; i < 2; i++) {
		pair->side[i].blind = true;
		side_start(pair, i);
	}
	pass(pair, 1000);
	for (i = 0; i < 2; i++)
		assert_int_equal(call_phase(pair->side[i].call), CALL_RINGING);
	return lower;
}

static void
two_who_wait_meet_at_the_next_look(void **state)
{
	struct pair *pair = *state;
	int lower, i;

	for (lower = 0; lower < 2; lower++) {
		(void)reach_waiting(pair, lower);
		for (i = 0; i < 2; i++)
			pair->side[i].blind = false;
		pass(pair, 2000 + STEP_MS);
		assert_true(have_met(pair));
		check_meeting(pair);
		pair_end(pair);
	}
}

/*
 * The one with the lower address is kept from finding the other until that one
 * has lost patience, and then both may connect.
 */
static void
when_both_find_the_other_in_one_moment_one_connection_stays(void **state)
{
	struct pair *pair = *state;
	int lower, first, k;

	for (k = 0; k < 4; k++) {
		lower = reach_waiting(pair, k & 1);
		first = k >> 1;
		pair->side[lower].blind = false;
		pass(pair, 4000);
		assert_false(have_met(pair));
		pair->side[1 - lower].blind = false;
		pair->now += 2000;
		side_turn(pair, 0); /* both ask */
		side_turn(pair, 1);
		serve_all(pair);
		side_turn(pair, first); /* both are led to the other */
		side_turn(pair, 1 - first);
		side_turn(pair, first);
		side_turn(pair, 1 - first);
		check_meeting(pair);
		pair_end(pair);
	}
}

static void
one_that_does_not_look_again_is_connected_all_the_same(void **state)
{
	struct pair *pair = *state;
	int lower;
	int k;

	for (k = 0; k < 2; k++) {
		lower = reach_waiting(pair, k);
		pair->side[lower].blind = false; /* his look finds nothing */
		check_meeting(pair);
		pair_end(pair);
	}
}

/* As one behind address translation, whose daemon can be asked. */
static void
one_who_cannot_be_connected_to_connects_to_who_answers(void **state)
{
	struct pair *pair = *state;
	int lower;

	for (lower = 0; lower < 2; lower++) {
		(void)pair_begin(pair, lower);
		pair->side[0].hidden = true;
		side_start(pair, 0);
		pass(pair, 5000);
		assert_int_equal(call_phase(pair->side[0].call), CALL_RINGING);
		side_start(pair, 1);
		check_meeting(pair);
		pair_end(pair);
	}
}

#define TEST_AT(name, where, set_up)                       \
	{                                                  \
#name where, name, set_up, tear_down, NULL \
	}
#define TEST(name) TEST_AT(name, "", set_up)
#define TEST_IPV6(name)                           \
	TEST_AT(name, "_over_ipv6", set_up_ipv6), \
	    TEST_AT(name, "_across_families", set_up_mixed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_calls_one_that_waits_answers_him),
		TEST(in_every_order_of_their_messages_two_meet_once),
		TEST(two_who_wait_meet_at_the_next_look),
		TEST(
		    when_both_find_the_other_in_one_moment_one_connection_stays),
		TEST(one_that_does_not_look_again_is_connected_all_the_same),
		TEST(one_who_cannot_be_connected_to_connects_to_who_answers),
	};
	const struct CMUnitTest ipv6_tests[] = {
		TEST_IPV6(who_calls_one_that_waits_answers_him),
		TEST_IPV6(in_every_order_of_their_messages_two_meet_once),
		TEST_IPV6(two_who_wait_meet_at_the_next_look),
		TEST_IPV6(
		    when_both_find_the_other_in_one_moment_one_connection_stays),
		TEST_IPV6(
		    one_that_does_not_look_again_is_connected_all_the_same),
		TEST_IPV6(
		    one_who_cannot_be_connected_to_connects_to_who_answers),
	};
	int failed;

	failed = cmocka_run_group_tests_name("meeting", tests, NULL, NULL);
	if (puppet_has_ipv6())
		failed += cmocka_run_group_tests_name(
		    "meeting over IPv6", ipv6_tests, NULL, NULL);
	return failed;
}
