/*
 * What users set for themselves, with the real programs: transcripts, and
 * ~/.talkrc.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"
#include "folder.h"

enum {
	ARGS_MAX = 16,
	PATH_SIZE = 64,
	TEXT_SIZE = 4096,
};

/* Alice has a home directory with nothing in it. */
struct scene {
	struct company *company;
	char home[PATH_SIZE];
	char talkrc[PATH_SIZE + 16];
	char log[PATH_SIZE + 16]; /* a file there that does not exist */
	char home_variable[PATH_SIZE + 16];
	const char *environment[2];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	void *company = NULL;

	assert_non_null(scene);
	folder_make(scene->home);
	snprintf(
	    scene->talkrc, sizeof(scene->talkrc), "%s/.talkrc", scene->home);
	snprintf(scene->log, sizeof(scene->log), "%s/log", scene->home);
	snprintf(scene->home_variable, sizeof(scene->home_variable), "HOME=%s",
	    scene->home);
	scene->environment[0] = scene->home_variable;
	*state = scene;
	if (company_open(&company) != 0)
		return -1;
	scene->company = company;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	void *company = scene->company;
	int result = company_close(&company);

	folder_remove(scene->home);
	free(scene);
	return result;
}

/* Writes alice's ~/.talkrc. */
static void
write_talkrc(const struct scene *scene, const char *text)
{
	folder_put(scene->talkrc, text, strlen(text), 0600);
}

/* What is in the transcript now. */
static const char *
read_log(const struct scene *scene)
{
	static char text[TEXT_SIZE];
	int fd = open(scene->log, O_RDONLY);
	ssize_t len = -1;

	text[0] = '\0';
	if (fd < 0)
		return text;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(len >= 0);
	text[len] = '\0';
	return text;
}

/* talk -p PORT with these, in alice's home. */
static void
put_command(const struct scene *scene, const char *const *args,
    const char *argv[ARGS_MAX])
{
	size_t count = 0;

	argv[count++] = stage_talk();
	argv[count++] = "-p";
	argv[count++] = scene->company->port_text;
	for (; *args != NULL; args++) {
		assert_true(count < ARGS_MAX - 1);
		argv[count++] = *args;
	}
	argv[count] = NULL;
}

/* Has alice run it at her terminal. */
static void
alice_talks(const struct scene *scene, const char *const *args)
{
	const char *argv[ARGS_MAX];
	const struct actor_setup setup = { .argv = argv,
		.environment = scene->environment };

	put_command(scene, args, argv);
	assert_true(actor_play(scene->company->alice, &setup));
}

/* Runs it on pipes. */
static struct actor *
talk_in_pipes(const struct scene *scene, const char *const *args)
{
	const char *argv[ARGS_MAX];
	const struct actor_setup setup = { .name = "carol",
		.argv = argv,
		.environment = scene->environment,
		.place = AT_PIPES };
	struct actor *actor;

	put_command(scene, args, argv);
	actor = actor_start(scene->company->stage, &setup);
	assert_non_null(actor);
	return actor;
}

/* Bob, who was rung, answers. */
static void
bob_answers(const struct scene *scene)
{
	struct company *company = scene->company;
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };

	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_talk(company, company->bob, answer);
	assert_true(
	    actor_separator_says(company->bob, "Connection established"));
}

/* --------------------------------------------------------- transcripts --- */

/* Alice calls bob and keeps a transcript; returns once they talk. */
static void
connect_with_log(const struct scene *scene)
{
	const struct company *company = scene->company;
	const char *const args[] = { "-o", scene->log, company->user,
		actor_terminal(company->bob), NULL };

	alice_talks(scene, args);
	bob_answers(scene);
	assert_true(
	    actor_separator_says(company->alice, "Connection established"));
}

/* What is expected of a line: who, and what. */
struct line {
	const char *who; /* "alice" is on this host by its name, "bob" too */
	const char *what;
};

/* Whether the transcript has exactly these lines. */
static bool
log_reads(const struct scene *scene, const struct line *lines, size_t count)
{
	static const char stamp[] =
	    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2} ";
	char host[256] = "";
	char rest[TEXT_SIZE];
	const char *text = read_log(scene);
	regex_t regex;
	size_t i, len;
	bool same = true;

	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	assert_int_equal(regcomp(&regex, stamp, REG_EXTENDED | REG_NOSUB), 0);
	for (i = 0; i < count && same; i++) {
		snprintf(rest, sizeof(rest), "%s@%s: %s\n", lines[i].who, host,
		    lines[i].what);
		len = strlen(rest);
		same = regexec(&regex, text, 0, NULL, 0) == 0 &&
		    strncmp(text + 20, rest, len) == 0;
		text += same ? 20 + len : 0;
	}
	regfree(&regex);
	return same && *text == '\0';
}

struct expected {
	const struct scene *scene;
	const struct line *lines;
	size_t count;
};

static bool
log_is_expected(const void *what)
{
	const struct expected *expected = what;

	return log_reads(expected->scene, expected->lines, expected->count);
}

static void
check_log(const struct scene *scene, const struct line *lines, size_t count)
{
	const struct expected expected = { scene, lines, count };

	if (stage_wait(scene->company->stage, log_is_expected, &expected))
		return;
	print_error("the transcript is:\n%s", read_log(scene));
	fail();
}

static void
what_both_say_is_kept_as_it_reads_on_the_screen(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *user = company->user;
	const struct line lines[] = {
		{ user, "hello" },
		{ user, "h\303\251 \344\270\226" },
		{ user, "not ended" },
		{ user, "neither" },
	};
	struct stat file;

	connect_with_log(scene);
	check_log(scene, NULL, 0);
	actor_type(company->alice, "helpo\177\177lo\r");
	check_log(scene, lines, 1);
	actor_type(company->bob, "no\025h\303\251 \344\270\226x\177\r");
	check_log(scene, lines, 2);
	actor_type(company->alice, "not ended");
	actor_type(company->bob, "neither");
	assert_true(actor_half_reads(company->alice, UPPER, 1, "not ended"));
	assert_true(actor_half_reads(company->alice, LOWER, 1, "neither"));
	check_log(scene, lines, 2);
	company_part(scene->company);
	check_log(scene, lines, 4);
	assert_int_equal(stat(scene->log, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0600);
}

static void
what_was_said_is_kept_once_the_other_has_left(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const struct line lines[] = { { company->user, "bye" } };

	connect_with_log(scene);
	actor_type(company->bob, "bye");
	assert_true(actor_half_reads(company->alice, LOWER, 0, "bye"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
	check_log(scene, lines, 1);
	actor_type(company->alice, "nobody hears\r\003");
	company_leaves(company->alice, 0);
	check_log(scene, lines, 1);
}

static void
what_was_said_is_kept_when_talk_is_killed_or_hung_up(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGHUP };
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const struct line lines[] = { { company->user, "one" },
		{ company->user, "two" } };
	size_t i;
	int status;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		actor_clear(company->bob);
		connect_with_log(scene);
		actor_type(company->alice, "one\r");
		check_log(scene, lines, 1);
		actor_type(company->bob, "two");
		assert_true(actor_half_reads(company->alice, LOWER, 0, "two"));
		actor_signal(company->alice, signals[i]);
		assert_true(actor_wait(company->alice, &status));
		assert_true(WIFSIGNALED(status));
		check_log(scene, lines, signals[i] == SIGKILL ? 1 : 2);
		assert_true(
		    actor_separator_says(company->bob, "Connection closed"));
		actor_type(company->bob, "\003");
		company_leaves(company->bob, 0);
		assert_int_equal(unlink(scene->log), 0);
	}
}

static void
what_was_said_is_kept_when_one_leaves_in_a_hurry(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const struct line lines[] = { { company->user, "must go" } };

	connect_with_log(scene);
	actor_type(company->alice, "must go");
	assert_true(actor_half_reads(company->alice, UPPER, 0, "must go"));
	actor_signal(company->bob, SIGSTOP); /* does not hang up in turn */
	actor_signal(company->alice, SIGINT);
	assert_true(actor_sees(company->alice, "Connection closed"));
	actor_signal(company->alice, SIGINT);
	company_leaves(company->alice, 0);
	check_log(scene, lines, 1);
	actor_signal(company->bob, SIGCONT);
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

static void
lines_keep_a_transcript_too(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const args[] = { "-n", "-o", scene->log, company->user,
		actor_terminal(company->bob), NULL };
	const struct line lines[] = { { company->user, "from a pipe" },
		{ company->user, "heard" }, { company->user, "the rest" } };
	struct actor *carol = talk_in_pipes(scene, args);

	bob_answers(scene);
	actor_type(carol, "from a pipe\n");
	check_log(scene, lines, 1);
	actor_type(company->bob, "heard\r");
	check_log(scene, lines, 2);
	actor_type(carol, "the rest");
	actor_end_input(carol);
	company_leaves(carol, 0);
	check_log(scene, lines, 3);
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

static void
a_file_that_will_not_do_is_refused_before_anybody_is_rung(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const files[] = { "/dev/null", scene->home, scene->log,
		"/nonexistent/log" };
	size_t i;

	assert_int_equal(symlink("/dev/null", scene->log), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *const args[] = { "-n", "-o", files[i],
			company->user, actor_terminal(company->bob), NULL };
		struct actor *carol = talk_in_pipes(scene, args);

		company_leaves(carol, EX_CANTCREAT);
		assert_true(actor_states(carol, "talk: "));
		assert_true(actor_states(carol, files[i]));
		assert_true(
		    actor_states(carol, "the transcript cannot be written"));
	}
	assert_false(actor_shows(company->bob, "talk:"));
}

static void
nobody_to_talk_to_makes_no_transcript(void **state)
{
	const struct scene *scene = *state;
	const char *const answer[] = { "-n", "-o", scene->log, NULL };
	const char *const call[] = { "-n", "-o", scene->log,
		"bob@no.such.host.invalid", NULL };

	company_leaves(talk_in_pipes(scene, answer), 1);
	company_leaves(talk_in_pipes(scene, call), EX_NOHOST);
	assert_int_equal(access(scene->log, F_OK), -1);
}

/* Calls bob with no room for a file of more than so many blocks. */
static struct actor *
talk_with_little_room(const struct scene *scene, const char *blocks)
{
	const struct company *company = scene->company;
	const char *const argv[] = { "sh", "-c",
		"trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", blocks,
		stage_talk(), "-n", "-p", company->port_text, "-o", scene->log,
		company->user, actor_terminal(company->bob), NULL };
	const struct actor_setup setup = { .name = "carol",
		.argv = argv,
		.environment = scene->environment,
		.place = AT_PIPES };
	struct actor *actor = actor_start(company->stage, &setup);

	assert_non_null(actor);
	return actor;
}

static void
a_full_disk_is_told_once_and_the_talk_goes_on(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	struct actor *carol = talk_with_little_room(scene, "0");
	const char *told;

	bob_answers(scene);
	actor_type(carol, "lost\n");
	assert_true(actor_states(carol, "no transcript"));
	actor_type(carol, "lost, too\n");
	assert_true(actor_half_reads(company->bob, LOWER, 1, "lost, too"));
	actor_type(company->bob, "still here\r");
	assert_true(actor_says(carol, "still here\n"));
	told = strstr(actor_errors(carol), "no transcript");
	assert_null(strstr(told + 1, "no transcript"));
	actor_end_input(carol);
	company_leaves(carol, EX_CANTCREAT);
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

static void
a_disk_that_fills_up_changes_no_exit_status(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	struct actor *carol;
	int i;

	carol = talk_with_little_room(scene, "1"); /* 512 or 1024 bytes */
	bob_answers(scene);
	for (i = 0; i < 50; i++)
		actor_type(carol, "a line of the transcript\n");
	assert_true(actor_states(carol, "no transcript"));
	actor_end_input(carol);
	company_leaves(carol, 0);
	assert_non_null(strstr(read_log(scene), "a line of the transcript\n"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

/* -------------------------------------------------------------- talkrc --- */

static void
an_alias_is_called_and_its_settings_hold(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const args[] = { "-n", "friend", NULL };
	char talkrc[TEXT_SIZE];
	struct actor *carol;

	snprintf(talkrc, sizeof(talkrc),
	    "# of the test\nalias friend %s@127.0.0.1 %s\n"
	    "set transcript ~/log\nset bell off\nset wrap off\n",
	    company->user, actor_terminal(company->bob));
	write_talkrc(scene, talkrc);
	carol = talk_in_pipes(scene, args);
	bob_answers(scene);
	actor_type(company->bob, "hello friend\r");
	assert_true(actor_says(carol, "hello friend\n"));
	actor_end_input(carol);
	company_leaves(carol, 0);
	assert_null(strstr(actor_errors(carol), ".talkrc"));
	assert_non_null(strstr(read_log(scene), "@127.0.0.1: hello friend\n"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

static void
mistakes_are_named_and_stop_nothing(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const args[] = { "-n", "friend", NULL };
	char talkrc[TEXT_SIZE], expected[TEXT_SIZE];
	struct actor *carol;

	snprintf(talkrc, sizeof(talkrc),
	    "set wait soon\nalias friend %s %s\n\nset colour green\n"
	    "set wait 1\nallow .* any\n",
	    company->user, actor_terminal(company->bob));
	write_talkrc(scene, talkrc);
	carol = talk_in_pipes(scene, args);
	company_leaves(carol, EX_TEMPFAIL);
	snprintf(expected, sizeof(expected), "talk: %s:1: ", scene->talkrc);
	assert_true(actor_states(carol, expected));
	snprintf(expected, sizeof(expected), "talk: %s:4: ", scene->talkrc);
	assert_true(actor_states(carol, expected));
	assert_true(actor_states(carol, "nobody answered"));
	assert_null(strstr(actor_errors(carol), ".talkrc:6"));
	assert_true(actor_sees(company->bob, "respond with:"));
}

static void
the_command_line_wins_over_the_file(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const args[] = { "-n", "-w", "1", "-o", scene->log,
		company->user, actor_terminal(company->bob), NULL };

	write_talkrc(scene,
	    "set wait 1000000\nset port 1\n"
	    "set transcript /nonexistent/log\n");
	company_leaves(talk_in_pipes(scene, args), EX_TEMPFAIL);
	assert_int_equal(access(scene->log, F_OK), 0);
}

static void
a_file_not_to_be_trusted_is_named_and_not_read(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const args[] = { "-n", "-w", "1", company->user,
		actor_terminal(company->bob), NULL };
	struct actor *carol;

	write_talkrc(scene, "set transcript /nonexistent/log\n");
	assert_int_equal(chmod(scene->talkrc, 0666), 0);
	carol = talk_in_pipes(scene, args);
	company_leaves(carol, EX_TEMPFAIL);
	assert_true(actor_states(carol, scene->talkrc));
	assert_true(actor_states(carol, "others can write to it"));
}

static void
messages_know_aliases_too(void **state)
{
	const struct scene *scene = *state;
	const struct company *company = scene->company;
	const char *const args[] = { "-m", "friend", "lunch?", NULL };
	char talkrc[TEXT_SIZE];
	struct actor *carol;

	snprintf(talkrc, sizeof(talkrc),
	    "alias friend %s %s\n"
	    "set transcript /nonexistent/log\nset bell off\n",
	    company->user, actor_terminal(company->bob));
	write_talkrc(scene, talkrc);
	carol = talk_in_pipes(scene, args);
	company_leaves(carol, 0);
	assert_string_equal(actor_errors(carol), "");
	assert_true(actor_sees(company->bob, "lunch?"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_both_say_is_kept_as_it_reads_on_the_screen),
		TEST(what_was_said_is_kept_once_the_other_has_left),
		TEST(what_was_said_is_kept_when_talk_is_killed_or_hung_up),
		TEST(what_was_said_is_kept_when_one_leaves_in_a_hurry),
		TEST(lines_keep_a_transcript_too),
		TEST(a_file_that_will_not_do_is_refused_before_anybody_is_rung),
		TEST(nobody_to_talk_to_makes_no_transcript),
		TEST(a_full_disk_is_told_once_and_the_talk_goes_on),
		TEST(a_disk_that_fills_up_changes_no_exit_status),
		TEST(an_alias_is_called_and_its_settings_hold),
		TEST(mistakes_are_named_and_stop_nothing),
		TEST(the_command_line_wins_over_the_file),
		TEST(a_file_not_to_be_trusted_is_named_and_not_read),
		TEST(messages_know_aliases_too),
	};

	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
