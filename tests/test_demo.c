/*
 * The demonstration, on a terminal and without one.
 */
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "common/text.h"
#include "partner.h"
#include "stage.h"

static const char *const demo[] = { "tests/demo", NULL };

static int
open_stage(void **state)
{
	*state = stage_open(stderr);
	return *state == NULL ? -1 : 0;
}

static int
close_stage(void **state)
{
	stage_close(*state);
	return 0;
}

static struct actor *
start_demo(struct stage *stage, enum actor_place place)
{
	struct actor_setup setup = {
		.name = "demo", .argv = demo, .place = place
	};
	struct actor *actor = actor_start(stage, &setup);

	assert_non_null(actor);
	return actor;
}

static void
check_exit(struct actor *actor, int exit_status)
{
	int status;

	assert_true(actor_wait(actor, &status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
}

static void
without_a_terminal_a_conversation_is_printed(void **state)
{
	struct actor *actor = start_demo(*state, AT_PIPES);

	check_exit(actor, 0);
	assert_true(actor_says(actor, "\nyou: héllo 世界\n"));
	assert_true(actor_says(actor, "\npartner: \"héllo 世界\", 8 "));
	assert_true(actor_says(actor, "\npartner: Goodbye!"));
	assert_string_equal(actor_errors(actor), "");
}

static void
on_a_terminal_the_partner_answers_and_leaves_when_told(void **state)
{
	struct actor *actor = start_demo(*state, AT_TERMINAL);

	assert_true(actor_separator_says(actor, "Connection established"));
	assert_true(actor_half_reads(actor, LOWER, 1,
	    "Type me a line.  I know about: keys, edit, wide, scroll, window, "
	    "bye."));
	actor_type(actor, "wide\r");
	assert_true(actor_sees(actor, "héllo 世界, naïve café"));
	actor_type(actor, "scroll\r");
	assert_true(actor_sees(actor, "line 30 of 30"));
	actor_type(actor, "bye\r");
	assert_true(actor_separator_says(actor, "Connection closed"));
	assert_true(actor_shows(actor, "Goodbye!"));
	actor_type(actor, "\004");
	check_exit(actor, 0);
	assert_true(actor_is_cooked(actor));
	assert_true(actor_sees(actor, "Nothing of it was left behind."));
	assert_string_equal(emulator_complaint(actor_screen(actor)), "");
}

static void
hanging_up_on_the_partner_ends_it_well(void **state)
{
	struct actor *actor = start_demo(*state, AT_TERMINAL);

	assert_true(actor_separator_says(actor, "Connection established"));
	actor_type(actor, "\003");
	check_exit(actor, 0);
	assert_true(actor_is_cooked(actor));
}

static void
it_can_be_stopped_from_a_shell_and_goes_on(void **state)
{
	static const char *const shell[] = { "sh", "-i", NULL };
	static const char *const environment[] = { "PS1=prompt$ ",
		"ENV=", NULL };
	struct actor_setup setup = {
		.name = "shell", .argv = shell, .environment = environment
	};
	struct actor *actor;

	if (!stage_can_suspend()) {
		print_message("^Z stops nobody here: nothing to test\n");
		skip();
	}
	actor = actor_start(*state, &setup);
	assert_non_null(actor);
	assert_true(actor_sees(actor, "prompt$"));
	actor_type(actor, "tests/demo\r");
	assert_true(actor_separator_says(actor, "Connection established"));
	actor_type(actor, "\032");
	assert_true(actor_sees(actor, "prompt$"));
	assert_true(actor_is_cooked(actor));
	actor_type(actor, "fg\r");
	assert_true(actor_separator_says(actor, "Connection established"));
	actor_type(actor, "keys\r");
	assert_true(actor_sees(actor, "^Z puts talk to sleep"));
	actor_type(actor, "\003");
	assert_true(actor_sees(actor, "Nothing of it was left behind."));
	actor_type(actor, "echo status $?\r");
	assert_true(actor_sees(actor, "status 0"));
	assert_true(actor_is_cooked(actor));
}

static void
a_signal_ends_it_and_gives_the_terminal_back(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };
	struct actor *actor;
	size_t i;
	int status;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		actor = start_demo(*state, AT_TERMINAL);
		assert_true(
		    actor_separator_says(actor, "Connection established"));
		actor_signal(actor, signals[i]);
		assert_true(actor_wait(actor, &status));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_true(actor_is_cooked(actor));
	}
}

static void
what_it_cannot_start_it_names_in_one_line(void **state)
{
	static const char *const environment[] = { "TALKD=/nonexistent/talkd",
		NULL };
	struct actor_setup setup = { .name = "demo",
		.argv = demo,
		.environment = environment,
		.place = AT_PIPES };
	struct actor *actor = actor_start(*state, &setup);

	assert_non_null(actor);
	check_exit(actor, 1);
	assert_true(actor_states(actor, "demo: "));
	assert_ptr_equal(strchr(actor_errors(actor), '\n') + 1,
	    actor_errors(actor) + strlen(actor_errors(actor)));
}

/* --------------------------------------------------------- the partner --- */

static void
the_partner_knows_his_words_in_any_dress(void **state)
{
	static const char *const lines[] = { "keys", "KEYS", " Keys?",
		"keys, please" };
	struct partner partner = { 0 };
	char answer[PARTNER_ANSWER_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		partner_answer(&partner, lines[i], answer, sizeof(answer));
		assert_non_null(strstr(answer, "^L draws the screen anew"));
		assert_false(partner.leaves);
	}
	partner_answer(&partner, "Bye.", answer, sizeof(answer));
	assert_true(partner.leaves);
	assert_int_equal(partner.answers, 5);
}

static void
the_partner_answers_anything_with_whole_lines(void **state)
{
	static const char *const lines[] = { "", "hm", "世界", "\t", "%s%n",
		"scroll", "wide", "edit", "window" };
	struct partner partner = { 0 };
	char answer[PARTNER_ANSWER_SIZE];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		partner_answer(&partner, lines[i], answer, sizeof(answer));
		len = strlen(answer);
		assert_true(len > 1 && len < sizeof(answer) - 1);
		assert_int_equal(answer[len - 1], '\n');
	}
	partner_answer(&partner, "世界", answer, sizeof(answer));
	assert_non_null(strstr(answer, "\"世界\", 2 characters."));
	partner_answer(&partner, "a long line", answer, 5);
	assert_string_equal(answer, "\"a l");
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_stage, close_stage)
	const struct CMUnitTest tests[] = {
		TEST(without_a_terminal_a_conversation_is_printed),
		TEST(on_a_terminal_the_partner_answers_and_leaves_when_told),
		TEST(hanging_up_on_the_partner_ends_it_well),
		TEST(it_can_be_stopped_from_a_shell_and_goes_on),
		TEST(a_signal_ends_it_and_gives_the_terminal_back),
		TEST(what_it_cannot_start_it_names_in_one_line),
		cmocka_unit_test(the_partner_knows_his_words_in_any_dress),
		cmocka_unit_test(the_partner_answers_anything_with_whole_lines),
	};

	text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
