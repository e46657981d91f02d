/*
 * Calls that wait to be answered, with the real programs: bare talk answers the
 * newest, talk -l lists them, and the daemon tells nobody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"
#include "puppet.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

enum { NOTHING_TO_DO = 1 };

/* Starts talk on pipes with these arguments behind -p PORT. */
static struct actor *
start_talk(struct company *company, const char *argument)
{
	static const char *const environment[] = { "HOME=/nonexistent", NULL };
	const char *const argv[] = { stage_talk(), "-p", company->port_text,
		argument, NULL };
	const struct actor_setup setup = { .name = "talk",
		.argv = argv,
		.environment = environment,
		.place = AT_PIPES };
	struct actor *actor = actor_start(company->stage, &setup);

	assert_non_null(actor);
	return actor;
}

/* Lists the calls that wait; the whole output. */
static const char *
list(struct company *company, int status)
{
	struct actor *actor = start_talk(company, "-l");

	company_leaves(actor, status);
	assert_true(status != 0 || actor_errors(actor)[0] == '\0');
	return actor_output(actor);
}

/* Lets alice, who calls in vain, give up. */
static void
give_up(struct company *company)
{
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
	company_nobody_calls(company);
}

/* ----------------------------------------------------------- bare talk --- */

static void
bare_talk_answers_who_calls(void **state)
{
	static const char *const none[] = { NULL };
	struct company *company = *state;
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	company_talk(company, company->bob, none);
	assert_true(
	    actor_separator_says(company->bob, "Connection established"));
	assert_true(actor_separator_says(company->bob, whom));
	actor_type(company->bob, "it is me");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "it is me"));
	company_part(company);
	company_nobody_calls(company);
}

static void
bare_talk_answers_without_a_screen_too(void **state)
{
	static const char *const none[] = { NULL };
	struct company *company = *state;
	char whom[WHOM_SIZE];
	struct actor *dave;

	company_ring(company, whom);
	dave = company_talk_in_lines(company, "dave", none);
	assert_true(actor_states(dave, "talk: Connection established\n"));
	actor_type(dave, "a line\n");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "a line"));
	actor_end_input(dave);
	company_leaves(dave, 0);
	assert_true(actor_separator_says(company->alice, "Connection closed"));
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
}

static void
bare_talk_says_that_nobody_calls(void **state)
{
	static const char *const none[] = { NULL };
	struct company *company = *state;
	struct actor *dave = company_talk_in_lines(company, "dave", none);

	company_leaves(dave, NOTHING_TO_DO);
	assert_string_equal(
	    actor_errors(dave), "talk: nobody is calling you\n");
	company_talk(company, company->bob, none);
	company_leaves(company->bob, NOTHING_TO_DO);
	assert_true(
	    actor_row_reads(company->bob, 0, "talk: nobody is calling you"));
}

static void
a_call_given_up_is_not_answered(void **state)
{
	static const char *const none[] = { NULL };
	struct company *company = *state;
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	give_up(company);
	company_leaves(
	    company_talk_in_lines(company, "dave", none), NOTHING_TO_DO);
	list(company, NOTHING_TO_DO);
}

/* ---------------------------------------------------------------- list --- */

static void
the_list_tells_who_calls_in_a_word_that_talk_takes(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE], word[WHOM_SIZE];
	char unit[8];
	unsigned age;

	company_ring(company, whom);
	assert_int_equal(sscanf(list(company, EX_OK), "%299s %u %7s ago\n",
			     word, &age, unit),
	    3);
	assert_string_equal(word, whom);
	assert_in_range(age, 0, 59);
	assert_string_equal(unit, age == 1 ? "second" : "seconds");
	company_answer(company, word);
	company_part(company);
}

static void
a_call_waits_in_the_list_until_it_is_answered(void **state)
{
	struct company *company = *state;
	char whom[WHOM_SIZE];

	assert_string_equal(list(company, NOTHING_TO_DO), "");
	company_ring(company, whom);
	assert_string_not_equal(list(company, EX_OK), "");
	assert_string_not_equal(list(company, EX_OK), "");
	company_answer(company, whom);
	company_part(company);
	assert_string_equal(list(company, NOTHING_TO_DO), "");
}

/* ------------------------------------------------------------- daemons --- */

static void
without_a_daemon_it_is_said_at_once(void **state)
{
	struct company *company = *state;
	struct puppet puppet;
	struct actor *actor;

	puppet_open(&puppet, "127.0.0.1", 0);
	snprintf(company->port_text, sizeof(company->port_text), "%u",
	    (unsigned)puppet.at.port);
	puppet_close(&puppet);
	actor = start_talk(company, "-l");
	company_leaves(actor, EX_UNAVAILABLE);
	assert_true(actor_states(actor, "no talk daemon answers on this host"));
}

/* A daemon that answers as an old one would. */
struct old_daemon {
	struct puppet puppet;
	struct actor *asker;
	bool like_netkit;
};

/* Answers what was asked; true when the asker has ended. */
static bool
old_daemon_serves(const void *what)
{
	struct old_daemon *daemon = *(struct old_daemon *const *)what;

	if (puppet_hears(&daemon->puppet)) {
		if (daemon->like_netkit && daemon->puppet.behind_len > 0)
			puppet_refuse(&daemon->puppet);
		else
			puppet_answer(&daemon->puppet, NOT_HERE, 0);
	}
	return actor_is_ended(daemon->asker);
}

static void
check_untold(struct company *company, bool like_netkit, const char *argument)
{
	struct old_daemon daemon = { .like_netkit = like_netkit };
	struct old_daemon *pointer = &daemon;

	puppet_open(&daemon.puppet, "127.0.0.1", 0);
	snprintf(company->port_text, sizeof(company->port_text), "%u",
	    (unsigned)daemon.puppet.at.port);
	daemon.asker = start_talk(company, argument);
	assert_true(stage_wait(company->stage, old_daemon_serves, &pointer));
	company_leaves(daemon.asker, EX_UNAVAILABLE);
	assert_true(actor_states(daemon.asker, "talk user@host"));
	puppet_close(&daemon.puppet);
}

static void
an_old_daemon_cannot_tell_and_what_to_do_is_said(void **state)
{
	struct company *company = *state;

	check_untold(company, false, "-l");
	check_untold(company, true, "-l");
	check_untold(company, false, "-n");
	check_untold(company, true, "-n");
}

/* --------------------------------------------------- what needs nobody --- */

/* Starts the shell with these words, in which "$@" is talk -p PORT. */
static struct actor *
start_shell(struct company *company, const char *words)
{
	const char *const argv[] = { "/bin/sh", "-c", words, "sh", stage_talk(),
		"-p", company->port_text, NULL };
	const struct actor_setup setup = {
		.name = "sh", .argv = argv, .place = AT_PIPES
	};
	struct actor *actor = actor_start(company->stage, &setup);

	assert_non_null(actor);
	return actor;
}

static void
help_comes_on_standard_output_or_is_said_to_be_lost(void **state)
{
	struct company *company = *state;
	struct actor *actor = start_shell(company, "\"$@\" -h");

	company_leaves(actor, 0);
	assert_non_null(strstr(actor_output(actor), "usage: talk [-46ns]"));
	if (access("/dev/full", W_OK) != 0)
		return;
	actor = start_shell(company, "\"$@\" -h >/dev/full");
	company_leaves(actor, EX_IOERR);
	assert_non_null(strstr(actor_errors(actor), "talk: standard output: "));
}

static void
without_a_home_there_is_no_talkrc(void **state)
{
	struct company *company = *state;
	struct actor *actor = start_shell(
	    company, "unset HOME; exec \"$@\" -l");

	company_leaves(actor, NOTHING_TO_DO);
	assert_non_null(strstr(actor_errors(actor), "nobody is calling you"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bare_talk_answers_who_calls),
		TEST(bare_talk_answers_without_a_screen_too),
		TEST(bare_talk_says_that_nobody_calls),
		TEST(a_call_given_up_is_not_answered),
		TEST(the_list_tells_who_calls_in_a_word_that_talk_takes),
		TEST(a_call_waits_in_the_list_until_it_is_answered),
		TEST(without_a_daemon_it_is_said_at_once),
		TEST(an_old_daemon_cannot_tell_and_what_to_do_is_said),
		TEST(help_comes_on_standard_output_or_is_said_to_be_lost),
		TEST(without_a_home_there_is_no_talkrc),
	};

	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
