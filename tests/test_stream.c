/*
 * The stream between two talks, with one side made by hand: what other programs
 * do there, and what nobody should do; and talk -n, which has pipes for a
 * screen.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

/* ------------------------------------------------------- a hand-made peer */

struct peer {
	int fd;
	char heard[65536];
	size_t len;
};

/* Connects to where alice waits, from an address or from any. */
static int
connect_to_alice(const struct company *company, const struct in_addr *from)
{
	struct talk_reply reply = company_look_up(company);
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_storage there;
	socklen_t len = address_to_sockaddr(&reply.addr, &there);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(reply.answer, TALK_SUCCESS);
	assert_true(fd >= 0);
	if (from != NULL) {
		own.sin_addr = *from;
		assert_int_equal(
		    bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	}
	assert_int_equal(connect(fd, (struct sockaddr *)&there, len), 0);
	return fd;
}

/* Takes alice's call without a talk, and says nothing yet. */
static void
answer_by_hand(struct company *company, struct peer *peer)
{
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	memset(peer, 0, sizeof(*peer));
	peer->fd = connect_to_alice(company, NULL);
	assert_true(
	    actor_separator_says(company->alice, "Connection established"));
}

static void
send_bytes(const struct peer *peer, const char *bytes)
{
	size_t len = strlen(bytes);

	assert_int_equal(send(peer->fd, bytes, len, MSG_NOSIGNAL), len);
}

static void
hear(struct peer *peer)
{
	struct pollfd ready = { .fd = peer->fd, .events = POLLIN };
	ssize_t len;

	if (poll(&ready, 1, 0) <= 0)
		return;
	len = recv(peer->fd, peer->heard + peer->len,
	    sizeof(peer->heard) - 1 - peer->len, 0);
	if (len > 0)
		peer->len += (size_t)len;
	peer->heard[peer->len] = '\0';
}

struct expected {
	struct peer *peer;
	const char *text;
};

static bool
has_heard(const void *what)
{
	const struct expected *expected = what;

	hear(expected->peer);
	return strcmp(expected->peer->heard, expected->text) == 0;
}

static void
check_heard(struct company *company, struct peer *peer, const char *text)
{
	struct expected expected = { peer, text };

	if (!stage_wait(company->stage, has_heard, &expected))
		assert_string_equal(peer->heard, text);
}

static void
hang_up(struct company *company, struct peer *peer)
{
	close(peer->fd);
	assert_true(actor_separator_says(company->alice, "Connection closed"));
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
}

/* --------------------------------------------------------- edit characters */

static void
the_own_edit_characters_go_first_and_text_as_it_is_typed(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	check_heard(company, &peer, "\177\025\027");
	actor_type(company->alice, "hé\rx\177");
	check_heard(company, &peer, "\177\025\027hé\nx\177");
	hang_up(company, &peer);
}

static void
a_peer_who_never_sends_edit_characters_is_talked_to(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	actor_type(company->alice, "hello");
	check_heard(company, &peer, "\177\025\027hello");
	assert_true(actor_half_reads(company->alice, UPPER, 0, "hello"));
	hang_up(company, &peer);
}

static void
edit_characters_may_come_in_pieces(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "\b");
	actor_type(company->alice, "1");
	check_heard(company, &peer, "\177\025\0271");
	send_bytes(&peer, "\030");
	actor_type(company->alice, "2");
	check_heard(company, &peer, "\177\025\02712");
	send_bytes(&peer, "\027abc\b\bX\none\030two");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "aX"));
	assert_true(actor_half_reads(company->alice, LOWER, 1, "two"));
	hang_up(company, &peer);
}

static void
printable_edit_characters_eat_no_text(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "abcabcabc\n \xc3\xa9");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "abcabc"));
	assert_true(actor_half_reads(company->alice, LOWER, 1, " é"));
	hang_up(company, &peer);
}

/* ----------------------------------------------------------- what is sent */

struct arrival {
	const char *bytes;
	const char *shown;
};

static void
nothing_a_peer_sends_commands_the_terminal(void **state)
{
	static const struct arrival arrivals[] = {
		{ "a\033[2Jb\n", "ab" },
		{ "a\033]0;title\ab\n", "ab" },
		{ "a\033[6nb\n", "ab" },
		{ "a\033c\005b\n", "a^Eb" },
		{ "a\xc2\x9b"
		  "31mb\n",
		    "ab" },
		{ "a\xe2\x80\xae"
		  "b\n",
		    "ab" },
		{ "caf\xe9 ok\n", "café ok" },
		{ "one\r\n", "one" },
		{ "two\r", "two" },
		{ "x\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81y\n",
		    "x\xcc\x81\xcc\x81\xcc\x81\xcc\x81y" },
		{ "\003\010user 1 ytalk 4\177\003\006x\nshown\n", "shown" },
	};
	struct company *company = *state;
	struct peer peer;
	size_t i;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "\177\025\027");
	for (i = 0; i < sizeof(arrivals) / sizeof(arrivals[0]); i++) {
		send_bytes(&peer, arrivals[i].bytes);
		assert_true(actor_half_reads(
		    company->alice, LOWER, (int)i, arrivals[i].shown));
	}
	hang_up(company, &peer);
}

static void
a_character_cut_in_two_is_shown_whole(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "\177\025\027\xe4\xb8");
	actor_type(company->alice, "x");
	check_heard(company, &peer, "\177\025\027x");
	send_bytes(&peer, "\x96!");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "世!"));
	hang_up(company, &peer);
}

static void
bells_of_a_peer_ring_but_not_without_end(void **state)
{
	struct company *company = *state;
	unsigned before;
	struct peer peer;
	int i;

	answer_by_hand(company, &peer);
	before = emulator_bells(actor_screen(company->alice));
	send_bytes(&peer, "\177\025\027");
	for (i = 0; i < 100; i++)
		send_bytes(&peer, "\a\a\a\a\a\a\a\a\a\a");
	send_bytes(&peer, "end");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "end"));
	assert_in_range(
	    emulator_bells(actor_screen(company->alice)) - before, 0, 5);
	hang_up(company, &peer);
}

struct flood {
	struct company *company;
	struct peer *peer;
	int lines; /* sent so far */
};

enum { FLOOD_LINES = 20000 };

/* Sends what goes without waiting; true once all is sent. */
static bool
flood_is_sent(const void *what)
{
	struct flood *flood = *(struct flood *const *)what;
	struct pollfd ready = { .fd = flood->peer->fd, .events = POLLOUT };
	char line[64];

	while (flood->lines < FLOOD_LINES && poll(&ready, 1, 0) > 0) {
		snprintf(
		    line, sizeof(line), "flooding line %d\n", ++flood->lines);
		send_bytes(flood->peer, line);
	}
	return flood->lines == FLOOD_LINES;
}

static void
a_peer_who_floods_leaves_the_other_able_to_type(void **state)
{
	struct company *company = *state;
	struct peer peer;
	struct flood flood = { company, &peer, 0 };
	const struct flood *pointer = &flood;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "\177\025\027");
	actor_type(company->alice, "still here");
	assert_true(stage_wait(company->stage, flood_is_sent, &pointer));
	assert_true(actor_half_reads(company->alice, UPPER, 0, "still here"));
	assert_true(
	    actor_half_reads(company->alice, LOWER, 10, "flooding line 20000"));
	hang_up(company, &peer);
}

/* Closing the socket will reset the connection. */
static void
set_reset(const struct peer *peer)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	assert_int_equal(
	    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)),
	    0);
}

static void
a_connection_that_is_reset_is_closed(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "\177\025\027so");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "so"));
	set_reset(&peer);
	hang_up(company, &peer);
}

static void
a_connection_reset_before_the_conversation_is_an_error(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	set_reset(&peer);
	close(peer.fd);
	company_leaves(company->alice, EX_IOERR);
	assert_true(
	    actor_sees(company->alice, "broke before the conversation began"));
}

/* -------------------------------------------------------------- strangers */

/* An address of this machine that is not loopback; false when it has none. */
static bool
find_outside(struct in_addr *address)
{
	struct ifaddrs *list, *entry;
	const struct sockaddr_in *sin;
	bool found = false;

	if (getifaddrs(&list) != 0)
		return false;
	for (entry = list; entry != NULL && !found; entry = entry->ifa_next) {
		sin = (const struct sockaddr_in *)(void *)entry->ifa_addr;
		if (sin == NULL || sin->sin_family != AF_INET ||
		    ntohl(sin->sin_addr.s_addr) >> 24 == 127)
			continue;
		*address = sin->sin_addr;
		found = true;
	}
	freeifaddrs(list);
	return found;
}

static bool
is_closed(const void *fd)
{
	struct pollfd ready = { .fd = *(const int *)fd, .events = POLLIN };
	char byte;

	return poll(&ready, 1, 0) > 0 && recv(ready.fd, &byte, 1, 0) <= 0;
}

static void
a_stranger_is_turned_away_and_the_call_goes_on(void **state)
{
	struct company *company = *state;
	struct in_addr outside;
	char whom[WHOM_SIZE], text[INET_ADDRSTRLEN];
	int stranger;

	if (!find_outside(&outside))
		skip();
	company_ring(company, whom);
	stranger = connect_to_alice(company, &outside);
	assert_true(stage_wait(company->stage, is_closed, &stranger));
	close(stranger);
	inet_ntop(AF_INET, &outside, text, sizeof(text));
	assert_true(actor_separator_says(company->alice, text));
	company_answer(company, whom);
	actor_type(company->bob, "it is me");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "it is me"));
	company_part(company);
}

/* --------------------------------------------------------------- line mode */

static void
lines_go_both_ways_without_a_screen(void **state)
{
	struct company *company = *state;
	const char *const call[] = { "$USER", actor_terminal(company->bob),
		NULL };
	struct actor *carol, *dave;
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };

	carol = company_talk_in_lines(company, "carol", call);
	assert_true(
	    actor_states(carol, "talk: Waiting for your party to respond\n"));
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	dave = company_talk_in_lines(company, "dave", answer);
	assert_true(actor_states(carol, "talk: Connection established\n"));
	assert_true(actor_states(dave, "talk: Connection established\n"));
	actor_type(carol, "héllo 世界\nsecond\nthird");
	actor_type(dave, "hi\n");
	assert_true(actor_says(dave, "second\n"));
	assert_true(actor_says(carol, "hi\n"));
	actor_end_input(carol);
	company_leaves(carol, 0);
	company_leaves(dave, 0);
	assert_string_equal(actor_output(dave), "héllo 世界\nsecond\nthird\n");
	assert_string_equal(actor_output(carol), "hi\n");
	assert_true(actor_states(dave, "talk: Connection closed\n"));
	company_nobody_calls(company);
}

static void
what_a_pipe_said_before_the_answer_is_delivered(void **state)
{
	struct company *company = *state;
	const char *const call[] = { "$USER", actor_terminal(company->bob),
		NULL };
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };
	struct actor *carol;

	carol = company_talk_in_lines(company, "carol", call);
	actor_type(carol, "hi\n");
	actor_end_input(carol);
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_talk(company, company->bob, answer);
	assert_true(actor_half_reads(company->bob, LOWER, 0, "hi"));
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	company_leaves(carol, 0);
	actor_type(company->bob, "\004");
	company_leaves(company->bob, 0);
}

static void
a_standard_input_that_is_closed_is_one_that_has_ended(void **state)
{
	struct company *company = *state;
	const char *const shell[] = { "sh", "-c",
		"exec \"$0\" -n -p \"$1\" \"$2\" \"$3\" <&-", stage_talk(),
		company->port_text, company->user, actor_terminal(company->bob),
		NULL };
	const struct actor_setup setup = {
		.name = "carol", .argv = shell, .place = AT_PIPES
	};
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };
	struct actor *carol = actor_start(company->stage, &setup);

	assert_non_null(carol);
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_talk(company, company->bob, answer);
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	company_leaves(carol, 0);
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

static void
a_split_screen_and_lines_talk_to_each_other(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };
	struct actor *dave;

	company_ring(company, whom);
	dave = company_talk_in_lines(company, "dave", answer);
	assert_true(actor_separator_says(company->alice, "established"));
	actor_type(company->alice, "one two\027three\r");
	assert_true(actor_says(dave, "one three\n"));
	actor_type(dave, "a\tb\n");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "a       b"));
	actor_type(company->alice, "unended");
	assert_true(actor_half_reads(company->alice, UPPER, 1, "unended"));
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
	company_leaves(dave, 0);
	assert_string_equal(actor_output(dave), "one three\nunended\n");
}

static void
without_a_terminal_a_screen_is_refused(void **state)
{
	struct company *company = *state;
	const char *const argv[] = { stage_talk(), "-p", company->port_text,
		company->user, NULL };
	struct actor_setup setup = {
		.name = "carol", .argv = argv, .place = AT_PIPES
	};
	struct actor *carol = actor_start(company->stage, &setup);
	int status;

	assert_non_null(carol);
	assert_true(actor_wait(carol, &status));
	assert_int_not_equal(status, 0);
	assert_true(actor_states(carol, "talk: "));
	assert_string_equal(actor_output(carol), "");
}

static void
errors_of_line_mode_are_one_line(void **state)
{
	struct company *company = *state;
	const char *const call[] = { "nobodyhere", NULL };
	struct actor *carol = company_talk_in_lines(company, "carol", call);

	company_leaves(carol, EX_NOUSER);
	assert_true(
	    actor_states(carol, "nobodyhere: Your party is not logged on"));
	assert_string_equal(actor_output(carol), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_own_edit_characters_go_first_and_text_as_it_is_typed),
		TEST(a_peer_who_never_sends_edit_characters_is_talked_to),
		TEST(edit_characters_may_come_in_pieces),
		TEST(printable_edit_characters_eat_no_text),
		TEST(nothing_a_peer_sends_commands_the_terminal),
		TEST(a_character_cut_in_two_is_shown_whole),
		TEST(bells_of_a_peer_ring_but_not_without_end),
		TEST(a_peer_who_floods_leaves_the_other_able_to_type),
		TEST(a_connection_that_is_reset_is_closed),
		TEST(a_connection_reset_before_the_conversation_is_an_error),
		TEST(a_stranger_is_turned_away_and_the_call_goes_on),
		TEST(lines_go_both_ways_without_a_screen),
		TEST(what_a_pipe_said_before_the_answer_is_delivered),
		TEST(a_standard_input_that_is_closed_is_one_that_has_ended),
		TEST(a_split_screen_and_lines_talk_to_each_other),
		TEST(without_a_terminal_a_screen_is_refused),
		TEST(errors_of_line_mode_are_one_line),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
