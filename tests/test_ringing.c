/*
 * Calls before anybody talks, with the real programs: the ring, the answers a
 * caller gets, what is left behind when nothing comes of it, and who may take
 * the call.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"
#include "puppet.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

enum { ROW_SIZE = 256 };

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ------------------------------------------------------------ the ring --- */

static int
find_row(const struct actor *actor, const char *text)
{
	const struct emulator *screen = actor_screen(actor);
	char row_text[ROW_SIZE];
	int row;

	for (row = 0; row < emulator_rows(screen); row++) {
		emulator_row(screen, row, row_text, sizeof(row_text));
		if (strncmp(row_text, text, strlen(text)) == 0)
			return row;
	}
	return -1;
}

static void
check_heading(const char *heading)
{
	int hour, minute, end = 0;
	char host[256];

	assert_int_equal(
	    sscanf(heading, "Message from Talk_Daemon@%255s at %2d:%2d ...%n",
		host, &hour, &minute, &end),
	    3);
	assert_int_equal(end, strlen(heading));
	assert_in_range(hour, 0, 23);
	assert_in_range(minute, 0, 59);
}

static void
the_ring_has_the_three_lines_that_people_know(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE], expected[ROW_SIZE * 2], text[ROW_SIZE];
	int row;

	company_ring(company, whom);
	row = find_row(company->bob, "Message from Talk_Daemon@");
	assert_true(row >= 0);
	emulator_row(actor_screen(company->bob), row, text, sizeof(text));
	check_heading(text);
	snprintf(expected, sizeof(expected),
	    "talk: connection requested by %s.", whom);
	assert_true(actor_row_reads(company->bob, row + 1, expected));
	snprintf(
	    expected, sizeof(expected), "talk: respond with:  talk %s", whom);
	assert_true(actor_row_reads(company->bob, row + 2, expected));
	assert_true(emulator_bells(actor_screen(company->bob)) > 0);
	snprintf(expected, sizeof(expected), "%s@", company->user);
	assert_int_equal(strncmp(whom, expected, strlen(expected)), 0);
}

static void
a_caller_is_told_that_it_rings(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	assert_true(actor_separator_says(
	    company->alice, "Waiting for your party to respond"));
	assert_true(actor_separator_says(company->alice, company->user));
	company_answer(company, whom);
	company_part(company);
	company_nobody_calls(company);
}

/* What a caller is told, looked at once more. */
struct countdown {
	const struct actor *caller;
	int most; /* seconds, counted when it was looked at */
};

static int
read_countdown(const struct actor *caller)
{
	const struct emulator *screen = actor_screen(caller);
	char row_text[ROW_SIZE];
	const char *words;
	int row;

	for (row = 0; row < emulator_rows(screen); row++) {
		emulator_row(screen, row, row_text, sizeof(row_text));
		words = strstr(row_text, "; again in ");
		if (words != NULL)
			return atoi(words + strlen("; again in "));
	}
	return -1;
}

static bool
has_come_down(const void *what)
{
	const struct countdown *countdown = what;
	int seconds = read_countdown(countdown->caller);

	return seconds >= 0 && seconds < countdown->most;
}

static void
a_caller_is_told_where_it_rings_and_when_again(void **state)
{
	struct company *company = *state;
	struct countdown countdown = { company->alice, 0 };
	char whom[WHOM_SIZE], words[ROW_SIZE];

	company_ring(company, whom);
	snprintf(words, sizeof(words), "(rang on %s); again in ",
	    actor_terminal(company->bob));
	assert_true(actor_separator_says(company->alice, words));
	countdown.most = read_countdown(company->alice);
	assert_in_range(countdown.most, 1, 30);
	assert_true(stage_wait(company->stage, has_come_down, &countdown));
	company_answer(company, whom);
	assert_false(actor_shows(company->alice, "again in"));
	company_part(company);
}

static void
in_lines_no_seconds_are_counted(void **state)
{
	struct company *company = *state;
	const char *const args[] = { "-w", "3", "$USER",
		actor_terminal(company->bob), NULL };
	struct actor *lines = company_talk_in_lines(company, "lines", args);
	char words[ROW_SIZE];
	const char *errors;

	snprintf(words, sizeof(words),
	    "talk: Waiting for your party to respond (rang on %s)\n",
	    actor_terminal(company->bob));
	assert_true(actor_states(lines, words));
	company_leaves(lines, EX_TEMPFAIL);
	errors = actor_errors(lines);
	assert_null(strstr(errors, "again in"));
	assert_null(strstr(strstr(errors, "Waiting") + 1, "Waiting"));
}

static void
a_caller_who_waited_hears_a_bell_unless_silent(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];
	const char *const silent[] = { "-s", "$USER",
		actor_terminal(company->bob), NULL };

	company_ring(company, whom);
	assert_true(actor_separator_says(company->alice, "Waiting"));
	company_answer(company, whom);
	company_part(company);
	assert_int_equal(emulator_bells(actor_screen(company->alice)), 1);

	company_talk(company, company->alice, silent);
	assert_true(actor_sees(company->bob, "respond with:"));
	company_answer(company, whom);
	company_part(company);
	assert_int_equal(emulator_bells(actor_screen(company->alice)), 1);
}

static void
a_stopped_terminal_delays_nobody(void **state)
{
	struct company *company = *state;
	struct actor *dave = company_sit(company, "dave");
	const char *const call_bob[] = { "$USER", actor_terminal(company->bob),
		NULL };
	const char *const call_dave[] = { "$USER", actor_terminal(dave), NULL };

	actor_stop_output(company->bob);
	company_talk(company, company->alice, call_bob);
	company_leaves(company->alice, EX_TEMPFAIL);
	company_talk(company, company->alice, call_dave);
	assert_true(actor_sees(dave, "respond with:"));
	actor_go_on(company->bob);
}

/* ---------------------------------------------------------- no success --- */

struct refusal {
	const char *whom;
	const char *terminal;
	int status;
	const char *words;
};

/* Has alice call in vain; the last line of what she sees tells why. */
static void
check_refusal(struct company *company, const struct refusal *refusal)
{
	const char *const args[] = { refusal->whom, refusal->terminal, NULL };

	company_talk(company, company->alice, args);
	company_leaves(company->alice, refusal->status);
	assert_true(actor_sees(company->alice, refusal->words));
	assert_true(find_row(company->alice, "talk: ") >= 0);
}

static void
a_call_in_vain_tells_why_and_leaves_nothing(void **state)
{
	struct company *company = *state;
	struct actor *refusing = company_sit(company, "refusing");
	const struct refusal refusals[] = {
		{ "nobodyhere", NULL, EX_NOUSER,
		    "Your party is not logged on" },
		{ "$USER", "pts/99999", EX_NOUSER,
		    "Your party is not logged on" },
		{ "$USER", actor_terminal(refusing), EX_NOPERM,
		    "Your party is refusing messages" },
		{ "someone@127.0.0.250", NULL, EX_UNAVAILABLE, "127.0.0.250" },
		{ "someone@no.such.host.invalid", NULL, EX_NOHOST,
		    "no.such.host.invalid" },
		{ "", NULL, EX_USAGE, "usage: talk" },
		{ "a b", NULL, EX_USAGE, "usage: talk" },
		{ "$USER", "../null", EX_USAGE, "usage: talk" },
	};
	int64_t begin;
	size_t i;

	actor_mesg(refusing, false);
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		begin = now_ms();
		check_refusal(company, &refusals[i]);
		if (refusals[i].status != EX_NOHOST)
			assert_true(now_ms() - begin < 2 * stage_at_once_ms());
	}
	company_nobody_calls(company);
	assert_int_equal(emulator_fed(actor_screen(refusing)), 0);
}

static void
a_port_without_a_daemon_is_told_at_once(void **state)
{
	struct company *company = *state;
	const char *const args[] = { "$USER", NULL };
	int64_t begin;

	actor_end(company->talkd);
	begin = now_ms();
	company_talk(company, company->alice, args);
	company_leaves(company->alice, EX_UNAVAILABLE);
	assert_true(now_ms() - begin < stage_at_once_ms());
	assert_true(actor_sees(company->alice, "no talk daemon"));
}

/* A datagram socket at the company's port of another host, which is mute. */
static int
bind_mute(const struct company *company, const char *address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(company->port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, address, &sin.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	return fd;
}

static bool
has_ended(const void *actor)
{
	return actor_is_ended(actor);
}

static void
a_silent_daemon_is_given_up_in_ten_seconds(void **state)
{
	struct company *company = *state;
	const char *const args[] = { "someone@127.0.0.2", NULL };
	int mute = bind_mute(company, "127.0.0.2");
	int64_t begin = now_ms();

	company_talk(company, company->alice, args);
	(void)stage_wait(company->stage, has_ended, company->alice);
	company_leaves(company->alice, EX_UNAVAILABLE);
	assert_in_range(now_ms() - begin, 2000, 10000 + stage_at_once_ms());
	assert_true(actor_sees(company->alice, "127.0.0.2"));
	close(mute);
}

static void
a_caller_may_set_how_long_it_rings(void **state)
{
	struct company *company = *state;
	const char *const args[] = { "-w", "1", "$USER",
		actor_terminal(company->bob), NULL };

	company_talk(company, company->alice, args);
	assert_true(actor_sees(company->bob, "respond with:"));
	company_leaves(company->alice, EX_TEMPFAIL);
	assert_true(actor_sees(company->alice, "talk: "));
	company_nobody_calls(company);
}

static void
a_caller_who_gives_up_takes_the_invitation_back(void **state)
{
	static const char *const keys[] = { "\003", "\004" };
	struct company *company = *state;
	char whom[WHOM_SIZE];
	size_t i;

	for (i = 0; i < 2; i++) {
		company_ring(company, whom);
		assert_true(actor_separator_says(company->alice, "Waiting"));
		assert_int_equal(company_look_up(company).answer, TALK_SUCCESS);
		actor_type(company->alice, keys[i]);
		company_leaves(company->alice, 0);
		assert_int_equal(
		    company_look_up(company).answer, TALK_NOT_HERE);
	}
}

static void
a_signal_takes_the_invitation_back_too(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP };
	struct company *company = *state;
	char whom[WHOM_SIZE];
	size_t i;
	int status;

	for (i = 0; i < 2; i++) {
		company_ring(company, whom);
		assert_true(actor_separator_says(company->alice, "Waiting"));
		actor_signal(company->alice, signals[i]);
		assert_true(actor_wait(company->alice, &status));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_true(actor_is_cooked(company->alice));
		assert_int_equal(
		    company_look_up(company).answer, TALK_NOT_HERE);
	}
}

/* ---------------------------------------------------------- the answer --- */

static void
two_who_call_each_other_meet(void **state)
{
	struct company *company = *state;
	const char *const call_bob[] = { "$USER", actor_terminal(company->bob),
		NULL };
	const char *const call_alice[] = { "$USER",
		actor_terminal(company->alice), NULL };
	int i;

	for (i = 0; i < 3; i++) {
		company_talk(company, company->alice, call_bob);
		company_talk(company, company->bob, call_alice);
		assert_true(
		    actor_separator_says(company->alice, "established"));
		assert_true(actor_separator_says(company->bob, "established"));
		actor_type(company->alice, "a");
		actor_type(company->bob, "b");
		assert_true(actor_half_reads(company->bob, LOWER, 0, "a"));
		assert_true(actor_half_reads(company->alice, LOWER, 0, "b"));
		company_part(company);
		company_nobody_calls(company);
	}
}

static void
a_host_of_its_own_rings_and_is_answered(void **state)
{
	struct company *company = *state;
	struct daemon_setup setup = { .address = "127.0.0.2",
		.port = company->port };
	char bob_there[WHOM_SIZE], whom[WHOM_SIZE];
	const char *const args[] = { bob_there, actor_terminal(company->bob),
		NULL };
	uint16_t port;

	assert_non_null(stage_start_talkd(company->stage, &setup, &port));
	assert_int_equal(port, company->port);
	snprintf(bob_there, sizeof(bob_there), "%s@127.0.0.2", company->user);
	company_talk(company, company->alice, args);
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_answer(company, whom);
	assert_true(actor_separator_says(company->alice, bob_there));
	company_part(company);
	company_nobody_calls(company);
}

/* One talkd serves, on IPv6 alone. */
static void
move_to_ipv6(struct company *company)
{
	struct daemon_setup setup = { .address = "::1", .port = company->port };
	uint16_t port;

	if (!puppet_has_ipv6()) {
		print_message("no IPv6 here\n");
		skip();
	}
	actor_end(company->talkd);
	company->talkd = stage_start_talkd(company->stage, &setup, &port);
	assert_non_null(company->talkd);
	assert_int_equal(port, company->port);
}

static void
a_call_goes_over_ipv6_where_there_is_nothing_else(void **state)
{
	struct company *company = *state;
	char bob_there[WHOM_SIZE], whom[WHOM_SIZE];
	const char *const args[] = { bob_there, actor_terminal(company->bob),
		NULL };

	move_to_ipv6(company);
	snprintf(bob_there, sizeof(bob_there), "%s@[::1]", company->user);
	company_talk(company, company->alice, args);
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_answer(company, whom);
	actor_type(company->alice, "a");
	actor_type(company->bob, "b");
	assert_true(actor_half_reads(company->bob, LOWER, 0, "a"));
	assert_true(actor_half_reads(company->alice, LOWER, 0, "b"));
	company_part(company);
}

static void
who_names_no_host_finds_the_daemon_over_ipv6_too(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];

	move_to_ipv6(company);
	company_ring(company, whom);
	company_answer(company, whom);
	company_part(company);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_ring_has_the_three_lines_that_people_know),
		TEST(a_caller_is_told_that_it_rings),
		TEST(a_caller_is_told_where_it_rings_and_when_again),
		TEST(in_lines_no_seconds_are_counted),
		TEST(a_caller_who_waited_hears_a_bell_unless_silent),
		TEST(a_stopped_terminal_delays_nobody),
		TEST(a_call_in_vain_tells_why_and_leaves_nothing),
		TEST(a_port_without_a_daemon_is_told_at_once),
		TEST(a_silent_daemon_is_given_up_in_ten_seconds),
		TEST(a_caller_may_set_how_long_it_rings),
		TEST(a_caller_who_gives_up_takes_the_invitation_back),
		TEST(a_signal_takes_the_invitation_back_too),
		TEST(two_who_call_each_other_meet),
		TEST(a_host_of_its_own_rings_and_is_answered),
		TEST(a_call_goes_over_ipv6_where_there_is_nothing_else),
		TEST(who_names_no_host_finds_the_daemon_over_ipv6_too),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
