/*
 * Ways in which a conversation stops or ends: job control, signals, a terminal
 * that is closed, others who hang up in their own way.  In each the terminal is
 * given back, the status tells, and neither a process nor an invitation stays.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What one types stands in the own upper half and the other's lower half. */
static void
check_both(const struct company *company, int row, const char *text)
{
	assert_true(actor_half_reads(company->alice, UPPER, row, text));
	assert_true(actor_half_reads(company->bob, LOWER, row, text));
}

static void
bob_leaves(struct company *company)
{
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
	company_nobody_calls(company);
}

static void
check_killed(struct actor *actor, int signal)
{
	int status;

	assert_true(actor_wait(actor, &status));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal);
}

/* --------------------------------------------------------- job control --- */

/* Has alice's shell call bob. */
static void
call_from_shell(struct company *company, const char *options)
{
	static const char *const shell[] = { "sh", "-i", NULL };
	static const char *const environment[] = { "PS1=prompt$ ",
		"ENV=", "HOME=/nonexistent", NULL };
	const struct actor_setup setup = { .argv = shell,
		.environment = environment };
	char command[256];

	assert_true(actor_play(company->alice, &setup));
	assert_true(actor_sees(company->alice, "prompt$"));
	snprintf(command, sizeof(command), "%s %s -p %s %s %s\r", stage_talk(),
	    options, company->port_text, company->user,
	    actor_terminal(company->bob));
	actor_type(company->alice, command);
	assert_true(actor_sees(company->bob, "respond with:"));
}

/* ^Z, and that the shell has its terminal. */
static void
suspend(struct company *company)
{
	actor_type(company->alice, "\032");
	actor_clear(company->alice);
	actor_type(company->alice, "echo the shell is $((6 * 7))\r");
	assert_true(actor_sees(company->alice, "the shell is 42"));
	assert_true(actor_is_cooked(company->alice));
}

static void
check_status(struct company *company)
{
	assert_true(actor_sees(company->alice, "prompt$"));
	actor_type(company->alice, "echo status $?\r");
	assert_true(actor_sees(company->alice, "status 0"));
	assert_true(actor_is_cooked(company->alice));
}

static void
a_call_can_be_stopped_and_goes_on(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];
	int i;

	if (!stage_can_suspend())
		skip();
	call_from_shell(company, "");
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	for (i = 0; i < 3; i++) {
		assert_true(actor_separator_says(company->alice, "Waiting"));
		suspend(company);
		actor_type(company->alice, "fg\r");
	}
	assert_true(actor_separator_says(company->alice, "Waiting"));
	company_answer(company, whom);
	actor_type(company->alice, "here I am");
	check_both(company, 0, "here I am");
	actor_type(company->alice, "\003");
	bob_leaves(company);
	check_status(company);
}

static void
who_answers_a_stopped_call_is_heard_when_it_goes_on(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };

	if (!stage_can_suspend())
		skip();
	call_from_shell(company, "");
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	assert_true(actor_separator_says(company->alice, "Waiting"));
	suspend(company);
	company_talk(company, company->bob, answer);
	assert_true(actor_separator_says(company->bob, "established"));
	actor_type(company->bob, "are you there?");
	assert_true(actor_half_reads(company->bob, UPPER, 0, "are you there?"));
	actor_type(company->alice, "fg\r");
	assert_true(actor_separator_says(company->alice, "established"));
	assert_true(
	    actor_half_reads(company->alice, LOWER, 0, "are you there?"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
	assert_true(actor_separator_says(company->alice, "Connection closed"));
	actor_type(company->alice, "\003");
	check_status(company);
	company_nobody_calls(company);
}

/* In the background it stops where it sets the terminal's modes (POSIX). */
static void
a_call_put_in_the_background_has_its_terminal_again(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];

	if (!stage_can_suspend())
		skip();
	call_from_shell(company, "");
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	assert_true(actor_separator_says(company->alice, "Waiting"));
	suspend(company);
	actor_type(company->alice, "bg; wait %1; fg\r");
	assert_true(actor_separator_says(company->alice, "Waiting"));
	company_answer(company, whom);
	actor_type(company->alice, "here I am");
	check_both(company, 0, "here I am");
	actor_type(company->alice, "\003");
	bob_leaves(company);
	check_status(company);
}

static void
a_stopped_call_that_is_killed_ends_when_it_goes_on(void **state)
{
	struct company *company = *state;

	if (!stage_can_suspend())
		skip();
	call_from_shell(company, "");
	assert_true(actor_separator_says(company->alice, "Waiting"));
	suspend(company);
	actor_clear(company->alice);
	actor_type(company->alice, "kill %1; bg; wait %1; echo status $?\r");
	assert_true(actor_sees(company->alice, "status 143"));
	assert_false(actor_shows(company->alice, "Waiting"));
	assert_true(actor_is_cooked(company->alice));
	company_nobody_calls(company);
}

static void
line_mode_can_be_stopped_too(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };

	if (!stage_can_suspend())
		skip();
	call_from_shell(company, "-n");
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	assert_true(actor_sees(company->alice, "talk: Waiting"));
	suspend(company);
	actor_type(company->alice, "fg\r");
	company_talk(company, company->bob, answer);
	assert_true(actor_sees(company->alice, "talk: Connection established"));
	assert_true(actor_separator_says(company->bob, "established"));
	suspend(company);
	actor_type(company->bob, "meanwhile\r");
	assert_true(actor_half_reads(company->bob, UPPER, 0, "meanwhile"));
	actor_type(company->alice, "fg\r");
	assert_true(actor_sees(company->alice, "meanwhile"));
	actor_type(company->alice, "back\r");
	assert_true(actor_half_reads(company->bob, LOWER, 0, "back"));
	actor_type(company->alice, "\004");
	bob_leaves(company);
	check_status(company);
}

/* ------------------------------------------------------------- signals --- */

static void
a_storm_of_resizes_loses_nothing(void **state)
{
	struct company *company = *state;
	char text[] = "a";
	int i;

	company_connect(company);
	for (i = 0; i < 500; i++) {
		actor_resize(company->alice, 5 + i % 40, 20 + i % 150);
		actor_signal(company->alice, SIGWINCH);
		actor_signal(company->bob, SIGWINCH);
		if (i % 10 != 0)
			continue;
		text[0] = (char)('a' + i / 10 % 26);
		actor_type(company->alice, text);
		actor_type(company->bob, text);
		stage_turn(company->stage);
	}
	actor_resize(company->alice, 24, 80);
	check_both(
	    company, 0, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx");
	assert_true(actor_half_reads(company->alice, LOWER, 0,
	    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx"));
	company_part(company);
}

static void
a_signal_ends_line_mode_as_it_does_a_screen(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGQUIT };
	struct company *company = *state;
	const char *const call[] = { "$USER", actor_terminal(company->bob),
		NULL };
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };
	struct actor *carol;
	size_t i;

	for (i = 0; i < COUNT(signals); i++) {
		actor_clear(company->bob);
		carol = company_talk_in_lines(company, "carol", call);
		assert_true(actor_states(carol, "talk: Waiting"));
		actor_signal(carol, signals[i]);
		check_killed(carol, signals[i]);
		company_nobody_calls(company);

		actor_clear(company->bob);
		carol = company_talk_in_lines(company, "carol", call);
		assert_true(actor_sees(company->bob, "respond with:"));
		assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
		company_talk(company, company->bob, answer);
		assert_true(actor_states(carol, "talk: Connection"));
		actor_signal(carol, signals[i]);
		check_killed(carol, signals[i]);
		bob_leaves(company);
	}
}

/* As a shell and the kernel send them when a window is closed. */
static void
several_signals_are_as_one(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_signal(company->alice, SIGHUP);
	actor_signal(company->alice, SIGCONT);
	actor_signal(company->alice, SIGHUP);
	check_killed(company->alice, SIGHUP);
	assert_true(actor_is_cooked(company->alice));
	bob_leaves(company);
}

/* ----------------------------------------------------------- terminals --- */

static void
a_terminal_that_is_closed_ends_the_call(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	assert_true(actor_separator_says(company->alice, "Waiting"));
	actor_close_terminal(company->alice);
	check_killed(company->alice, SIGHUP);
	company_nobody_calls(company);
}

static void
a_terminal_that_is_closed_ends_the_conversation(void **state)
{
	struct company *company = *state;

	company_connect(company);
	actor_type(company->alice, "oh");
	check_both(company, 0, "oh");
	actor_close_terminal(company->alice);
	check_killed(company->alice, SIGHUP);
	assert_true(actor_half_reads(company->bob, LOWER, 0, "oh"));
	bob_leaves(company);
}

/* Nohup leaves but the error of the terminal itself to tell. */
static void
a_terminal_that_is_closed_ends_who_ignores_the_hangup(void **state)
{
	struct company *company = *state;
	const char *const argv[] = { "sh", "-c",
		"trap '' HUP; exec \"$0\" -p \"$1\" \"$2\" \"$3\"",
		stage_talk(), company->port_text, company->user,
		actor_terminal(company->bob), NULL };
	const struct actor_setup setup = { .argv = argv };
	char whom[WHOM_SIZE];
	int talking, status;

	for (talking = 0; talking < 2; talking++) {
		if (talking)
			company->alice = company_sit(company, "alice again");
		actor_clear(company->bob);
		assert_true(actor_play(company->alice, &setup));
		assert_true(actor_sees(company->bob, "respond with:"));
		assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
		assert_true(actor_separator_says(company->alice, "Waiting"));
		if (talking)
			company_answer(company, whom);
		actor_close_terminal(company->alice);
		assert_true(actor_wait(company->alice, &status));
		assert_int_equal(status, 0);
		company_nobody_calls(company);
	}
	bob_leaves(company);
}

static void
line_mode_ends_with_its_terminal(void **state)
{
	struct company *company = *state;
	const char *const args[] = { "-n", "$USER",
		actor_terminal(company->bob), NULL };

	company_talk(company, company->alice, args);
	assert_true(actor_sees(company->alice, "talk: Waiting"));
	actor_close_terminal(company->alice);
	check_killed(company->alice, SIGHUP);
	company_nobody_calls(company);
}

static void
a_terminal_that_takes_nothing_keeps_nobody(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP };
	struct company *company = *state;
	size_t i;

	for (i = 0; i < COUNT(signals); i++) {
		company_connect(company);
		actor_stop_output(company->alice);
		actor_type(company->bob, "unseen\r");
		assert_true(actor_half_reads(company->bob, UPPER, 0, "unseen"));
		actor_signal(company->alice, signals[i]);
		check_killed(company->alice, signals[i]);
		actor_go_on(company->alice);
		assert_true(actor_is_cooked(company->alice));
		bob_leaves(company);
	}
}

/* ------------------------------------------------------ the other side --- */

static void
both_may_hang_up_at_once(void **state)
{
	struct company *company = *state;
	int i;

	for (i = 0; i < 10; i++) {
		company_connect(company);
		actor_signal(company->alice, SIGINT);
		actor_type(company->bob, "\003");
		company_leaves(company->alice, 0);
		company_leaves(company->bob, 0);
		company_nobody_calls(company);
	}
}

/* Takes alice's call without a talk. */
static int
answer_by_hand(struct company *company)
{
	char whom[WHOM_SIZE];
	int fd;

	company_ring(company, whom);
	fd = company_connect_by_hand(company, NULL);
	assert_true(
	    actor_separator_says(company->alice, "Connection established"));
	return fd;
}

static void
send_bytes(int fd, const char *bytes)
{
	size_t len = strlen(bytes);

	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static void
who_says_the_end_has_hung_up(void **state)
{
	struct company *company = *state;
	int fd = answer_by_hand(company);

	send_bytes(fd, "\177\025\027last words");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(actor_separator_says(company->alice, "Connection closed"));
	assert_true(actor_half_reads(company->alice, LOWER, 0, "last words"));
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
	close(fd);
}

static void
who_reads_no_more_is_talked_with_still(void **state)
{
	struct company *company = *state;
	int fd = answer_by_hand(company);

	assert_int_equal(shutdown(fd, SHUT_RD), 0);
	send_bytes(fd, "\177\025\027I am deaf");
	actor_type(company->alice, "really?");
	assert_true(actor_half_reads(company->alice, UPPER, 0, "really?"));
	assert_true(actor_half_reads(company->alice, LOWER, 0, "I am deaf"));
	send_bytes(fd, "\nindeed");
	assert_true(actor_half_reads(company->alice, LOWER, 1, "indeed"));
	close(fd);
	assert_true(actor_separator_says(company->alice, "Connection closed"));
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
}

/* Neither the end of one's own text nor any word is answered. */
static void
a_mute_peer_that_never_closes_keeps_nobody(void **state)
{
	struct company *company = *state;
	int fd = answer_by_hand(company);

	actor_type(company->alice, "hello?\003");
	company_leaves(company->alice, 0);
	company_nobody_calls(company);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_can_be_stopped_and_goes_on),
		TEST(who_answers_a_stopped_call_is_heard_when_it_goes_on),
		TEST(a_call_put_in_the_background_has_its_terminal_again),
		TEST(a_stopped_call_that_is_killed_ends_when_it_goes_on),
		TEST(line_mode_can_be_stopped_too),
		TEST(a_storm_of_resizes_loses_nothing),
		TEST(a_signal_ends_line_mode_as_it_does_a_screen),
		TEST(several_signals_are_as_one),
		TEST(a_terminal_that_is_closed_ends_the_call),
		TEST(a_terminal_that_is_closed_ends_the_conversation),
		TEST(a_terminal_that_is_closed_ends_who_ignores_the_hangup),
		TEST(line_mode_ends_with_its_terminal),
		TEST(a_terminal_that_takes_nothing_keeps_nobody),
		TEST(both_may_hang_up_at_once),
		TEST(who_says_the_end_has_hung_up),
		TEST(who_reads_no_more_is_talked_with_still),
		TEST(a_mute_peer_that_never_closes_keeps_nobody),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
