/*
 * The stream between two talks, with one side made by hand: what other programs
 * do there, and what nobody should do.
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
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"
#include "host.h"
#include "question.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

/* ---------------------------------------------------- a hand-made peer --- */

struct peer {
	int fd;
	char heard[65536];
	size_t len;
};

/* Takes alice's call without a talk, and says nothing yet. */
static void
answer_by_hand(struct company *company, struct peer *peer)
{
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	memset(peer, 0, sizeof(*peer));
	peer->fd = company_connect_by_hand(company, NULL);
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

/* ----------------------------------------------------- edit characters --- */

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

/* -------------------------------------------------------- what is sent --- */

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

static void
with_s_no_bell_of_a_peer_rings(void **state)
{
	struct company *company = *state;
	const char *const silent[] = { "-s", "$USER",
		actor_terminal(company->bob), NULL };
	struct peer peer = { 0 };

	company_talk(company, company->alice, silent);
	assert_true(actor_sees(company->bob, "respond with:"));
	peer.fd = company_connect_by_hand(company, NULL);
	send_bytes(&peer, "\177\025\027\aone\a");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "one"));
	hang_up(company, &peer);
	assert_int_equal(emulator_bells(actor_screen(company->alice)), 0);
}

/* What ytalk 4 sends to a talk that is no ytalk, and its user corrects. */
static void
a_conversation_of_ytalks_shows_its_text_alone(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	send_bytes(&peer, "\376\025\027");
	send_bytes(&peer, "\003\010bob 4711 YTALK 4.0.0 Linux\025\n");
	send_bytes(&peer, "helo\376lo\r\n");
	send_bytes(&peer, "a \033[1;31mred\033[0m rose\033[K\r\n");
	send_bytes(
	    &peer, "\033[2J\033[1;1H\033]0;bob\a\033(B\033[?25lnot lost");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "hello"));
	assert_true(actor_half_reads(company->alice, LOWER, 1, "a red rose"));
	assert_true(actor_half_reads(company->alice, LOWER, 2, "not lost"));
	hang_up(company, &peer);
}

/*
 * The last letter waits for what might make UTF-8 of it, but not for long.  The
 * quotation marks are Windows' own: they are controls in ISO 8859-1.
 */
static void
a_line_of_iso_8859_1_is_read_right(void **state)
{
	struct company *company = *state;
	struct peer peer;

	answer_by_hand(company, &peer);
	send_bytes(&peer,
	    "\177\025\027"
	    "Gr\374\337e, \253\340 bient\364t\273 \251\n"
	    "\223na\357ve\224 fianc\351");
	assert_true(actor_half_reads(company->alice, LOWER, 0,
	    "Gr\303\274\303\237e, "
	    "\302\253\303\240 bient\303\264t"
	    "\302\273 \302\251"));
	assert_true(actor_half_reads(
	    company->alice, LOWER, 1, "na\303\257ve fianc\303\251"));
	send_bytes(&peer, "e");
	assert_true(actor_half_reads(
	    company->alice, LOWER, 1, "na\303\257ve fianc\303\251e"));
	hang_up(company, &peer);
}

struct flood {
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
	struct flood flood = { &peer, 0 };
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

/* ----------------------------------------------------------- strangers --- */

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
	stranger = company_connect_by_hand(company, &outside);
	assert_true(stage_wait(company->stage, is_closed, &stranger));
	close(stranger);
	inet_ntop(AF_INET, &outside, text, sizeof(text));
	assert_true(actor_separator_says(company->alice, text));
	company_answer(company, whom);
	actor_type(company->bob, "it is me");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "it is me"));
	company_part(company);
}

/* A uid that is neither root nor the tests'. */
enum { ANOTHER = 65534 };

/* Skips where there is no other user to play, or nobody tells of him. */
static void
become_another(void)
{
	if (getuid() != 0 || !host_tells_owners())
		skip();
	assert_int_equal(seteuid(ANOTHER), 0);
}

static void
become_oneself(void)
{
	assert_int_equal(seteuid(0), 0);
}

/* What is told of him; the name he has is the system's. */
static const char *
refusal(const struct company *company)
{
	static char words[80];

	snprintf(words, sizeof(words), "who is not %s", company->user);
	return words;
}

static void
another_user_of_the_host_is_turned_away_and_the_call_goes_on(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];
	int stranger;

	company_ring(company, whom);
	become_another();
	stranger = company_connect_by_hand(company, NULL);
	become_oneself();
	assert_true(stage_wait(company->stage, is_closed, &stranger));
	close(stranger);
	assert_true(actor_separator_says(company->alice, "Turned away"));
	assert_true(actor_separator_says(company->alice, refusal(company)));
	company_answer(company, whom);
	actor_type(company->bob, "it is me");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "it is me"));
	company_part(company);
}

/* He leaves his text and is gone before anybody looks who he was. */
static void
another_user_who_is_gone_already_has_said_nothing(void **state)
{
	struct company *company = *state;
	struct peer peer = { .fd = -1 };
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	become_another();
	actor_signal(company->alice, SIGSTOP);
	peer.fd = company_connect_by_hand(company, NULL);
	send_bytes(&peer, "\177\025\027password:");
	close(peer.fd);
	become_oneself();
	actor_signal(company->alice, SIGCONT);
	assert_true(actor_separator_says(company->alice, refusal(company)));
	company_answer(company, whom);
	actor_type(company->bob, "it is me");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "it is me"));
	company_part(company);
}

/* Where another one listens by now, as after a talk that was killed. */
static void
an_invitation_that_leads_to_another_user_is_not_followed(void **state)
{
	struct company *company = *state;
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct talk_request invitation = { .type = TALK_LEAVE_INVITE };
	const char *const args[] = { "$USER", actor_terminal(company->bob),
		NULL };
	struct actor *alice;
	socklen_t len = sizeof(here);
	int listener, stream;

	become_another();
	listener = socket(AF_INET, SOCK_STREAM, 0);
	become_oneself();
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&here, &len), 0);
	assert_true(address_from_sockaddr(
	    &invitation.addr, (struct sockaddr *)&here, len));
	snprintf(
	    invitation.l_name, sizeof(invitation.l_name), "%s", company->user);
	snprintf(
	    invitation.r_name, sizeof(invitation.r_name), "%s", company->user);
	assert_int_equal(
	    question_ask(company->port, &invitation).answer, TALK_SUCCESS);
	alice = company_talk_in_lines(company, "alice", args);
	assert_true(actor_sees(company->bob, "respond with:"));
	stream = accept(listener, NULL, NULL);
	assert_true(stage_wait(company->stage, is_closed, &stream));
	assert_true(actor_states(alice, "Waiting for your party to respond"));
	close(stream);
	close(listener);
	actor_end(alice);
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
		TEST(with_s_no_bell_of_a_peer_rings),
		TEST(a_conversation_of_ytalks_shows_its_text_alone),
		TEST(a_line_of_iso_8859_1_is_read_right),
		TEST(a_peer_who_floods_leaves_the_other_able_to_type),
		TEST(a_connection_that_is_reset_is_closed),
		TEST(a_connection_reset_before_the_conversation_is_an_error),
		TEST(a_stranger_is_turned_away_and_the_call_goes_on),
		TEST(
		    another_user_of_the_host_is_turned_away_and_the_call_goes_on),
		TEST(another_user_who_is_gone_already_has_said_nothing),
		TEST(an_invitation_that_leads_to_another_user_is_not_followed),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
