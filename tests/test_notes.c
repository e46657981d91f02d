/*
 * Messages as people send them: talk -m and a talkd, and what shows on a
 * terminal of it, or what the sender is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/text.h"
#include "postbox.h"
#include "puppet.h"
#include "stage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ARGS_MAX = 16,
	ROWS = 200,
	ROW_SIZE = 400,
};

/* Where a message begins on a clear screen. */
enum { ROW_HEADING = 1, ROW_TEXT = 2 };

/* A talkd, and bob, to whom everything is sent. */
struct notes {
	struct stage *stage;
	uint16_t port;
	char port_text[8];
	const char *user;
	struct actor *bob;
	unsigned shown; /* messages, on bob's terminal */
};

static struct actor *
sit(struct notes *notes, const char *name)
{
	struct actor_setup setup = { .name = name, .rows = ROWS };
	struct actor *actor = actor_start(notes->stage, &setup);

	assert_non_null(actor);
	return actor;
}

static int
open_notes(void **state, bool as_inetd)
{
	const struct daemon_setup setup = { .as_inetd = as_inetd };
	const struct passwd *user = getpwuid(getuid());
	struct notes *notes = calloc(1, sizeof(*notes));

	assert_non_null(notes);
	assert_non_null(user);
	*state = notes;
	notes->user = user->pw_name;
	notes->stage = stage_open(stderr);
	assert_non_null(notes->stage);
	assert_non_null(stage_start_talkd(notes->stage, &setup, &notes->port));
	snprintf(notes->port_text, sizeof(notes->port_text), "%u",
	    (unsigned)notes->port);
	notes->bob = sit(notes, "bob");
	return 0;
}

static int
open_streams(void **state)
{
	return open_notes(state, false);
}

static int
open_datagrams(void **state)
{
	return open_notes(state, true);
}

/* A screen was sent nothing that a terminal obeys, and rings once a message. */
static int
close_notes(void **state)
{
	struct notes *notes = *state;
	const struct emulator *screen = actor_screen(notes->bob);
	const char *complaint = emulator_complaint(screen);
	bool clean = complaint[0] == '\0' &&
	    emulator_bells(screen) == notes->shown;

	if (!clean)
		print_error("%u bells for %u messages; %s\n",
		    emulator_bells(screen), notes->shown, complaint);
	stage_close(notes->stage);
	free(notes);
	return clean ? 0 : -1;
}

/* ------------------------------------------------------------- sending --- */

/* Replaces what stands for the user's name and for bob's terminal. */
static const char *
argument(const struct notes *notes, const char *text)
{
	if (strcmp(text, "$USER") == 0)
		return notes->user;
	if (strcmp(text, "$TTY") == 0)
		return actor_terminal(notes->bob);
	return text;
}

static void
put_command(const struct notes *notes, const char *const *args,
    const char *argv[ARGS_MAX])
{
	size_t count = 0;

	argv[count++] = stage_talk();
	argv[count++] = "-m";
	argv[count++] = "-p";
	argv[count++] = notes->port_text;
	for (; *args != NULL; args++) {
		assert_true(count < ARGS_MAX - 1);
		argv[count++] = argument(notes, *args);
	}
	argv[count] = NULL;
}

/* Starts talk -m -p PORT with the arguments, on pipes. */
static struct actor *
post(struct notes *notes, const char *const *args)
{
	const char *argv[ARGS_MAX];
	struct actor_setup setup = {
		.name = "talk -m", .argv = argv, .place = AT_PIPES
	};
	struct actor *talk;

	put_command(notes, args, argv);
	talk = actor_start(notes->stage, &setup);
	assert_non_null(talk);
	return talk;
}

/* Waits for its end, with that status; silent if that is 0, else in a line. */
static void
check_ends(struct actor *talk, int exit_status)
{
	const char *errors;
	int status;

	assert_true(actor_wait(talk, &status));
	errors = actor_errors(talk);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != exit_status)
		fail_msg("status %d, not %d: %s", WEXITSTATUS(status),
		    exit_status, errors);
	if (exit_status == EX_OK) {
		assert_string_equal(errors, "");
		return;
	}
	assert_memory_equal(errors, "talk: ", 6);
	assert_non_null(strchr(errors, '\n'));
	if (exit_status != EX_USAGE)
		assert_string_equal(strchr(errors, '\n'), "\n");
}

static void
check_sent(struct notes *notes, const char *const *args)
{
	struct actor *talk = post(notes, args);

	check_ends(talk, EX_OK);
	assert_string_equal(actor_output(talk), "");
	notes->shown++;
}

/* One message with that text, to bob's terminal, which is cleared before. */
static void
check_text_sent(struct notes *notes, const char *text)
{
	const char *const args[] = { "-t", "$TTY", "$USER", text, NULL };

	actor_clear(notes->bob);
	check_sent(notes, args);
}

/* The same by standard input. */
static void
check_input_sent(struct notes *notes, const char *bytes)
{
	const char *const args[] = { "-t", "$TTY", "$USER", NULL };
	struct actor *talk;

	actor_clear(notes->bob);
	talk = post(notes, args);
	actor_type(talk, bytes);
	actor_end_input(talk);
	check_ends(talk, EX_OK);
	notes->shown++;
}

/* What stands on bob's screen: heading, these lines, EOF. */
static void
check_shown(struct notes *notes, const char *const *lines)
{
	char heading[64];
	int row = ROW_TEXT;

	snprintf(heading, sizeof(heading), "Message from %s@", notes->user);
	assert_true(actor_sees(notes->bob, heading));
	for (; *lines != NULL; lines++, row++)
		assert_true(actor_row_reads(notes->bob, row, *lines));
	assert_true(actor_row_reads(notes->bob, row, "EOF"));
}

static void
check_line_shown(struct notes *notes, const char *line)
{
	const char *const lines[] = { line, NULL };

	check_shown(notes, lines);
}

static void
read_heading(const struct notes *notes, char heading[ROW_SIZE])
{
	emulator_row(actor_screen(notes->bob), ROW_HEADING, heading, ROW_SIZE);
}

/* --------------------------------------------------------------- tests --- */

static void
the_words_show_on_the_terminal_and_the_sender_hears_nothing(void **state)
{
	static const char *const args[] = { "-t", "$TTY", "$USER", "it",
		"-works", "today", NULL };
	struct notes *notes = *state;
	char heading[ROW_SIZE];

	check_sent(notes, args);
	check_line_shown(notes, "  it -works today");
	read_heading(notes, heading);
	assert_null(strstr(heading, " on "));
}

static void
the_terminal_may_be_named_with_the_person_and_a_host_too(void **state)
{
	struct notes *notes = *state;
	char person[ROW_SIZE];
	const char *const args[] = { person, "--", "-lunch?", NULL };

	snprintf(person, sizeof(person), "%s%%%s@127.0.0.1", notes->user,
	    actor_terminal(notes->bob));
	check_sent(notes, args);
	check_line_shown(notes, "  -lunch?");
}

static void
without_words_standard_input_is_sent(void **state)
{
	static const char *const lines[] = { "  backup failed:",
		"        disk full", "", "  see the log", NULL };
	struct notes *notes = *state;

	check_input_sent(
	    notes, "backup failed:\n      disk full\r\n\nsee the log\n\n");
	check_shown(notes, lines);
}

static void
text_of_any_language_and_of_old_shows_as_it_was_meant(void **state)
{
	struct notes *notes = *state;

	check_text_sent(notes, "na\303\257ve \344\270\226\347\225\214");
	check_line_shown(notes, "  na\303\257ve \344\270\226\347\225\214");
	check_input_sent(notes, "na\357ve caf\351\n");
	check_line_shown(notes, "  na\303\257ve caf\303\251");
}

static void
who_sits_at_a_terminal_is_said_to_write_from_there(void **state)
{
	static const char *const args[] = { "-t", "$TTY", "$USER", "hi", NULL };
	struct notes *notes = *state;
	struct actor *alice = sit(notes, "alice");
	const char *argv[ARGS_MAX];
	struct actor_setup setup = { .argv = argv };
	char heading[ROW_SIZE], from[ROW_SIZE];
	int status;

	put_command(notes, args, argv);
	assert_true(actor_play(alice, &setup));
	assert_true(actor_wait(alice, &status));
	assert_int_equal(status, 0);
	notes->shown++;
	check_line_shown(notes, "  hi");
	read_heading(notes, heading);
	snprintf(from, sizeof(from), " on %s at ", actor_terminal(alice));
	assert_non_null(strstr(heading, from));
}

/* But for what valgrind, where it runs the tests, wants to know. */
static void
cron_can_send_without_a_terminal_or_any_environment(void **state)
{
	struct notes *notes = *state;
	const char *const argv[] = { "sh", "-c",
		"exec env -i ${VALGRIND_OPTS:+\"VALGRIND_OPTS=$VALGRIND_OPTS\"}"
		" \"$0\" \"$@\"",
		stage_talk(), "-m", "-p", notes->port_text, "-t",
		actor_terminal(notes->bob), notes->user, NULL };
	struct actor_setup setup = {
		.name = "cron", .argv = argv, .place = AT_PIPES
	};
	struct actor *talk = actor_start(notes->stage, &setup);

	assert_non_null(talk);
	actor_type(talk, "h\303\251\n");
	actor_end_input(talk);
	check_ends(talk, EX_OK);
	notes->shown++;
	check_line_shown(notes, "  h\303\251");
}

static void
each_of_several_terminals_gets_its_own(void **state)
{
	struct notes *notes = *state;
	struct actor *second = sit(notes, "bob's second");
	const char *const args[] = { "-t", actor_terminal(second), "$USER",
		"the other", NULL };

	check_text_sent(notes, "one");
	check_ends(post(notes, args), EX_OK);
	check_line_shown(notes, "  one");
	assert_true(actor_row_reads(second, ROW_TEXT, "  the other"));
	assert_true(actor_row_reads(second, ROW_TEXT + 1, "EOF"));
	assert_false(actor_shows(notes->bob, "the other"));
	assert_string_equal(emulator_complaint(actor_screen(second)), "");
}

/* Reads the numbers of "  line N", in order, wherever they stand. */
static int
lines_in_order(const struct notes *notes)
{
	char row[ROW_SIZE], expected[32];
	int i, next = 0;

	for (i = 0; i < ROWS; i++) {
		emulator_row(actor_screen(notes->bob), i, row, sizeof(row));
		snprintf(expected, sizeof(expected), "  line %d", next);
		if (strcmp(row, expected) == 0)
			next++;
		else if (strncmp(row, "  ", 2) == 0)
			return -1;
	}
	return next;
}

static void
a_long_text_is_cut_at_its_line_ends_and_arrives_in_order(void **state)
{
	static const char *const args[] = { "-t", "$TTY", "$USER", NULL };
	struct notes *notes = *state;
	struct actor *talk = post(notes, args);
	char line[32];
	int i;

	for (i = 0; i < 150; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		actor_type(talk, line);
	}
	actor_end_input(talk);
	check_ends(talk, EX_OK);
	assert_true(actor_sees(notes->bob, "  line 149"));
	assert_int_equal(lines_in_order(notes), 150);
	notes->shown = emulator_bells(actor_screen(notes->bob));
	assert_in_range(notes->shown, 4, 5);
}

/* More than talkd takes at once: those that are too many wait. */
static void
messages_from_a_loop_of_a_script_arrive_once_each_in_order(void **state)
{
	static const char script[] =
	    "i=0; while [ $i -lt 45 ]; do "
	    "\"$0\" -m -p \"$1\" -t \"$2\" \"$3\" line $i || exit; "
	    "i=$((i + 1)); done";
	struct notes *notes = *state;
	const char *const argv[] = { "sh", "-c", script, stage_talk(),
		notes->port_text, actor_terminal(notes->bob), notes->user,
		NULL };
	struct actor_setup setup = {
		.name = "sh", .argv = argv, .place = AT_PIPES
	};
	struct actor *loop = actor_start(notes->stage, &setup);

	assert_non_null(loop);
	check_ends(loop, EX_OK);
	assert_true(actor_sees(notes->bob, "  line 44"));
	assert_int_equal(lines_in_order(notes), 45);
	notes->shown = 45;
}

/* Bytes that somebody hopes a terminal obeys, and how they show. */
static const struct {
	const char *bytes;
	const char *line;
} hostile[] = {
	{ "clear\033[2J\033[Hit", "  clearit" },
	{ "title\033]0;root#\007 set", "  title set" },
	{ "answer\033[6n\033[c\005back", "  answer^Eback" },
	{ "eight \2332Jbits", "  eight bits" },
	{ "coded \302\2332Jbits", "  coded bits" },
	{ "string \033Pq#1\033\\over", "  string over" },
	{ "charset\033(0\016\017", "  charset^N^O" },
	{ "ring\007\007\007", "  ring" },
	{ "back\010\010\010\010over", "  back^H^H^H^Hover" },
	{ "delete\177", "  delete^?" },
	{ "turn \342\200\256around", "  turn around" },
	{ "hide\357\273\277\342\201\246 it", "  hide it" },
	{ "tag\363\240\201\201s", "  tags" },
	{ "Message from root@h1 on tty1 at 10:15 ...",
	    "  Message from root@h1 on tty1 at 10:15 ..." },
	{ "EOF", "  EOF" },
	{ "# ", "  #" },
	{ "%s%n%x", "  %s%n%x" },
};

static void
no_words_move_a_cursor_or_ring_or_pass_for_another_message(void **state)
{
	struct notes *notes = *state;
	size_t i;

	for (i = 0; i < COUNT(hostile); i++) {
		check_text_sent(notes, hostile[i].bytes);
		check_line_shown(notes, hostile[i].line);
	}
}

static void
no_input_moves_a_cursor_or_rings_or_passes_for_another_message(void **state)
{
	struct notes *notes = *state;
	size_t i;

	for (i = 0; i < COUNT(hostile); i++) {
		check_input_sent(notes, hostile[i].bytes);
		check_line_shown(notes, hostile[i].line);
	}
}

/* Nothing that could be obeyed is in a line of the sender's own. */
static void
check_harmless(const char *errors)
{
	for (; *errors != '\0'; errors++)
		assert_true(*errors == '\n' || *errors == '\t' ||
		    ((unsigned char)*errors >= ' ' &&
			(unsigned char)*errors < 0x7f));
}

static void
hostile_names_are_refused_in_harmless_words(void **state)
{
	struct notes *notes = *state;
	struct actor *talk;
	size_t i;

	for (i = 0; i < 13; i++) {
		const char *const persons[] = { hostile[i].bytes, "hi", NULL };
		const char *const terminals[] = { "-t", hostile[i].bytes,
			"$USER", "hi", NULL };

		talk = post(notes, persons);
		check_ends(talk, EX_USAGE);
		check_harmless(actor_errors(talk));
		talk = post(notes, terminals);
		check_ends(talk, EX_USAGE);
		check_harmless(actor_errors(talk));
	}
}

/*
 * Ends with that status, with these words, within a second; but a name service
 * has its own time.
 */
static void
check_fails(struct notes *notes, const char *const *args, int exit_status,
    const char *words)
{
	int64_t began = turn_clock();
	struct actor *talk = post(notes, args);

	actor_end_input(talk);
	check_ends(talk, exit_status);
	if (exit_status != EX_NOHOST)
		assert_true(turn_clock() - began < stage_at_once_ms());
	if (strstr(actor_errors(talk), words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, actor_errors(talk));
	assert_string_equal(actor_output(talk), "");
}

static void
every_failure_has_its_status_and_a_line_that_says_what_to_do(void **state)
{
	static const struct {
		const char *args[6];
		int status;
		const char *words;
	} cases[] = {
		{ { "$USER", " ", NULL }, 1, "empty" },
		{ { "$USER", "", NULL }, 1, "empty" },
		{ { "$USER", NULL }, 1, "empty" },
		{ { NULL }, EX_USAGE, "nobody is named" },
		{ { "@", "hi", NULL }, EX_USAGE, "-b" },
		{ { "-b", "bob@h2", "hi", NULL }, EX_USAGE, "-b" },
		{ { "-w", "5", "bob", "hi", NULL }, EX_USAGE, "-w" },
		{ { "-n", "bob", "hi", NULL }, EX_USAGE, "-n" },
		{ { "-t", "*", "bob%pts/1", "hi", NULL }, EX_USAGE, "two" },
		{ { "-x", "bob", "hi", NULL }, EX_USAGE, "-x" },
		{ { "nosuchuser", "hi", NULL }, EX_NOUSER, "nosuchuser" },
		{ { "bob@256.256.256.256", "hi", NULL }, EX_NOHOST,
		    "256.256.256.256" },
		{ { "bob@127.9.9.9", "hi", NULL }, EX_UNAVAILABLE,
		    "127.9.9.9: no message service" },
		{ { "-p", "1", "bob", "hi", NULL }, EX_UNAVAILABLE,
		    "on this host" },
	};
	struct notes *notes = *state;
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		check_fails(
		    notes, cases[i].args, cases[i].status, cases[i].words);
}

static void
who_closes_the_terminal_is_refusing_and_who_is_absent_is_not_on(void **state)
{
	static const char *const refusing[] = { "-t", "$TTY", "$USER", "hi",
		NULL };
	static const char *const absent[] = { "-t", "pts/9999", "$USER", "hi",
		NULL };
	struct notes *notes = *state;

	actor_mesg(notes->bob, false);
	check_fails(notes, refusing, EX_NOPERM, "refusing messages");
	check_fails(notes, absent, EX_NOUSER, "not logged on");
}

static void
only_messages_are_broadcast_or_sent_to_a_host(void **state)
{
	static const char *const args[][4] = { { "-b", "bob", NULL },
		{ "-t", "pts/1", "bob", NULL }, { "@h2", NULL } };
	struct notes *notes = *state;
	size_t i;

	for (i = 0; i < COUNT(args); i++) {
		const char *argv[] = { stage_talk(), args[i][0], args[i][1],
			args[i][1] == NULL ? NULL : args[i][2], NULL };
		struct actor_setup setup = {
			.name = "talk", .argv = argv, .place = AT_PIPES
		};
		struct actor *talk = actor_start(notes->stage, &setup);

		assert_non_null(talk);
		check_ends(talk, EX_USAGE);
	}
}

/* A service of the test's own, and what talk makes of its answer. */
static void
check_answer(struct notes *notes, const char *answer, size_t len,
    int exit_status, const char *words)
{
	struct postbox box;
	char port[8];
	const char *const args[] = { "-p", port, "bob", "hi", NULL };
	struct actor *talk;

	postbox_open(&box, "127.0.0.1", 0, POSTBOX_STREAM);
	snprintf(port, sizeof(port), "%u", (unsigned)box.at.port);
	talk = post(notes, args);
	postbox_accept(&box);
	postbox_hear(&box);
	postbox_say(&box, answer, len);
	check_ends(talk, exit_status);
	assert_non_null(strstr(actor_errors(talk), words));
	check_harmless(actor_errors(talk));
	postbox_close(&box);
}

static void
what_other_servers_say_is_shown_so_that_it_does_no_harm(void **state)
{
	static const struct {
		const char *answer;
		int status;
		const char *words;
	} cases[] = {
		{ "+", EX_OK, "" },
		{ "-bob is not logged on", EX_NOUSER, "bob: not logged on" },
		{ "-bob is refusing messages", EX_NOPERM, "bob: refusing" },
		{ "-not permitted", EX_NOPERM, "not permitted" },
		{ "-go \033[2Jaway\r\n\377", EX_UNAVAILABLE,
		    "go \\033[2Jaway\\015\\012\\377" },
		{ "-", EX_UNAVAILABLE, "bob: " },
		{ "220 mail.example.org\r\n", EX_PROTOCOL, "this host: " },
		{ "SSH-2.0-OpenSSH_9.2\r\n", EX_PROTOCOL, "check the port" },
	};
	struct notes *notes = *state;
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		check_answer(notes, cases[i].answer,
		    strlen(cases[i].answer) + 1, cases[i].status,
		    cases[i].words);
}

static void
where_no_stream_is_served_a_datagram_brings_it_once(void **state)
{
	struct notes *notes = *state;

	check_text_sent(notes, "by datagram");
	check_line_shown(notes, "  by datagram");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_streams, close_notes)
#define TEST_DATAGRAMS(name) \
	cmocka_unit_test_setup_teardown(name, open_datagrams, close_notes)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    the_words_show_on_the_terminal_and_the_sender_hears_nothing),
		TEST(the_terminal_may_be_named_with_the_person_and_a_host_too),
		TEST(without_words_standard_input_is_sent),
		TEST(text_of_any_language_and_of_old_shows_as_it_was_meant),
		TEST(who_sits_at_a_terminal_is_said_to_write_from_there),
		TEST(cron_can_send_without_a_terminal_or_any_environment),
		TEST(each_of_several_terminals_gets_its_own),
		TEST(a_long_text_is_cut_at_its_line_ends_and_arrives_in_order),
		TEST(
		    messages_from_a_loop_of_a_script_arrive_once_each_in_order),
		TEST(
		    no_words_move_a_cursor_or_ring_or_pass_for_another_message),
		TEST(
		    no_input_moves_a_cursor_or_rings_or_passes_for_another_message),
		TEST(hostile_names_are_refused_in_harmless_words),
		TEST(
		    every_failure_has_its_status_and_a_line_that_says_what_to_do),
		TEST(
		    who_closes_the_terminal_is_refusing_and_who_is_absent_is_not_on),
		TEST(only_messages_are_broadcast_or_sent_to_a_host),
		TEST(what_other_servers_say_is_shown_so_that_it_does_no_harm),
		TEST_DATAGRAMS(
		    where_no_stream_is_served_a_datagram_brings_it_once),
	};

	(void)text_init();
	(void)setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
