/*
 * Line mode, talk -n, as scripts, pipes and dumb terminals have it; and the bot
 * that stands in README.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/text.h"
#include "company.h"
#include "folder.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, company_open, company_close)

/* --------------------------------------------------------------- tools --- */

static char directory[FOLDER_SIZE];

static void
path_of(char path[PATH_MAX], const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
}

static void
write_file(const char *name, const char *text, size_t len)
{
	char path[PATH_MAX];
	FILE *file;

	path_of(path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/*
 * A shell in the directory, with $talk as the program, so that "$talk -n $bob"
 * calls bob, and at pipes.
 */
static struct actor *
start_shell(struct company *company, const char *name, const char *script)
{
	static char talk[2 * PATH_MAX], bob[WHOM_SIZE];
	static const char *const environment[] = { talk, bob,
		"HOME=/nonexistent", NULL };
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct actor_setup setup = { .name = name,
		.argv = argv,
		.environment = environment,
		.directory = directory,
		.place = AT_PIPES };
	char here[PATH_MAX] = "";
	struct actor *shell;

	if (stage_talk()[0] != '/')
		assert_non_null(getcwd(here, sizeof(here)));
	snprintf(talk, sizeof(talk), "talk=%s/%s", here, stage_talk());
	snprintf(bob, sizeof(bob), "bob=-p %s %s %s", company->port_text,
	    company->user, actor_terminal(company->bob));
	shell = actor_start(company->stage, &setup);
	assert_non_null(shell);
	return shell;
}

/* Has dave answer bob's terminal's ring in line mode. */
static struct actor *
answer_in_lines(struct company *company)
{
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };
	struct actor *dave;

	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	actor_clear(company->bob);
	dave = company_talk_in_lines(company, "dave", answer);
	assert_true(actor_states(dave, "talk: Connection established\n"));
	return dave;
}

/* Has carol call from pipes, and dave answer. */
static void
connect_in_lines(
    struct company *company, struct actor **carol, struct actor **dave)
{
	const char *const call[] = { "$USER", actor_terminal(company->bob),
		NULL };

	*carol = company_talk_in_lines(company, "carol", call);
	/* Else the answer could come before the caller knows that it rings. */
	assert_true(
	    actor_states(*carol, "talk: Waiting for your party to respond"));
	*dave = answer_in_lines(company);
	assert_true(actor_states(*carol, "talk: Connection established\n"));
}

/* Hangs up by the end of input. */
static void
part_in_lines(struct actor *one, struct actor *other)
{
	actor_end_input(one);
	company_leaves(one, 0);
	company_leaves(other, 0);
}

/* ----------------------------------------------------------- both ways --- */

static void
lines_go_both_ways_without_a_screen(void **state)
{
	struct company *company = *state;
	struct actor *carol, *dave;

	connect_in_lines(company, &carol, &dave);
	actor_type(carol, "héllo 世界\nsecond\nthird");
	actor_type(dave, "hi\n");
	assert_true(actor_says(dave, "second\n"));
	assert_true(actor_says(carol, "hi\n"));
	part_in_lines(carol, dave);
	assert_string_equal(actor_output(dave), "héllo 世界\nsecond\nthird\n");
	assert_string_equal(actor_output(carol), "hi\n");
	assert_true(actor_states(dave, "talk: Connection closed\n"));
	company_nobody_calls(company);
}

static void
a_line_comes_out_when_it_is_ended_and_not_before(void **state)
{
	struct company *company = *state;
	struct actor *carol, *dave;

	connect_in_lines(company, &carol, &dave);
	actor_type(carol, "one\ntw");
	assert_true(actor_says(dave, "one\n"));
	actor_type(dave, "answer\n");
	assert_true(actor_says(carol, "answer\n"));
	assert_string_equal(actor_output(dave), "one\n");
	actor_type(carol, "o\n\n");
	assert_true(actor_says(dave, "two\n\n"));
	part_in_lines(dave, carol);
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
nothing_but_text_comes_out(void **state)
{
	static const char hostile[] = "\177\025\027"
				      "a\033[2Jb\ac\001d\033]0;title\ae\r\n"
				      "\302\2332Jcaf\351\177e\n"
				      "\003\010ytalk's own\025\nend\n";
	struct company *company = *state;
	const char *const call[] = { "$USER", actor_terminal(company->bob),
		NULL };
	struct actor *carol = company_talk_in_lines(company, "carol", call);
	int fd;

	assert_true(actor_states(carol, "Waiting"));
	fd = company_connect_by_hand(company, NULL);
	assert_int_equal(send(fd, hostile, sizeof(hostile) - 1, MSG_NOSIGNAL),
	    sizeof(hostile) - 1);
	assert_true(actor_says(carol, "end\n"));
	close(fd);
	company_leaves(carol, 0);
	assert_string_equal(actor_output(carol), "abc^Ade\ncafe\nend\n");
}

/* -------------------------------------------------- where text is from --- */

static const struct {
	const char *script;
	const char *said;
} inputs[] = {
	{ "exec $talk -n $bob <&-", "" },
	{ "exec $talk -n $bob </dev/null", "" },
	{ "exec $talk -n $bob <text", "one\ntwo, not ended\n" },
	{ "printf 'a\\0b\\377\\033[2J\\001c' | $talk -n $bob",
	    "a^@b\303\277^Ac\n" },
	{ "exec $talk -n $bob <text >&-", "one\ntwo, not ended\n" },
	{ "exec $talk -n $bob <text 2>&-", "one\ntwo, not ended\n" },
};

static void
standard_input_may_be_anything_that_ends(void **state)
{
	struct company *company = *state;
	static const char text[] = "one\ntwo, not ended";
	struct actor *carol, *dave;
	size_t i;

	write_file("text", text, strlen(text));
	for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		carol = start_shell(company, "carol", inputs[i].script);
		dave = answer_in_lines(company);
		company_leaves(carol, 0);
		company_leaves(dave, 0);
		assert_string_equal(actor_output(dave), inputs[i].said);
	}
	company_nobody_calls(company);
}

static void
an_input_that_cannot_be_read_is_an_error(void **state)
{
	struct company *company = *state;
	struct actor *carol = start_shell(
	    company, "carol", "exec $talk -n $bob <.");
	struct actor *dave = answer_in_lines(company);

	company_leaves(carol, EX_OSERR);
	assert_true(actor_states(carol, "talk: the system failed us: "));
	company_leaves(dave, 0);
}

/* -------------------------------------------------- where text goes to --- */

static void
a_reader_who_leaves_ends_it_at_the_next_line(void **state)
{
	struct company *company = *state;
	struct actor *carol = start_shell(company, "carol",
	    "{ $talk -n $bob; echo status $? >&2; } | head -n 1");
	struct actor *dave = answer_in_lines(company);

	actor_type(dave, "one\n");
	assert_true(actor_says(carol, "one\n"));
	while (!actor_is_ended(dave)) {
		actor_type(dave, "more\n");
		stage_turn(company->stage);
	}
	company_leaves(dave, 0);
	company_leaves(carol, 0);
	assert_true(actor_states(carol, "status 0"));
	assert_string_equal(actor_output(carol), "one\n");
}

static void
an_output_that_is_full_is_an_error(void **state)
{
	struct company *company = *state;
	struct actor *carol, *dave;

	if (access("/dev/full", W_OK) != 0)
		skip();
	carol = start_shell(company, "carol", "exec $talk -n $bob >/dev/full");
	dave = answer_in_lines(company);
	actor_type(dave, "one\n");
	company_leaves(carol, EX_OSERR);
	company_leaves(dave, 0);
}

/* Lines of many lengths, no two alike. */
static void
put_lines(char *text, size_t size)
{
	static const char dashes[] = "-----------------------------------";
	size_t len = 0;
	int n;

	for (n = 0; len < size - 64; n++)
		len += (size_t)snprintf(text + len, size - len, "%d %.*s\n", n,
		    n % (int)sizeof(dashes), dashes);
}

static char megabyte[1 << 20];

static void
a_megabyte_goes_whole_through_a_reader_who_sleeps(void **state)
{
	struct company *company = *state;
	struct actor *carol, *dave;

	put_lines(megabyte, sizeof(megabyte));
	carol = start_shell(company, "carol",
	    "$talk -n $bob | { until [ -e go ]; do sleep 0.05; done; cat; }");
	dave = answer_in_lines(company);
	actor_type(dave, megabyte);
	actor_end_input(dave);
	company_leaves(dave, 0);
	write_file("go", "", 0);
	company_leaves(carol, 0);
	assert_string_equal(actor_output(carol), megabyte);
}

/* As far as a pipe ever fills that is written in pieces. */
static bool
is_full(const void *fd)
{
	enum { NEARLY_ALL = 50000 };
	int waiting;

	return ioctl(*(const int *)fd, FIONREAD, &waiting) == 0 &&
	    waiting > NEARLY_ALL;
}

/* Has carol write into a pipe that is full, and returns its other end. */
static int
fill_pipe(struct company *company, struct actor **carol, struct actor **dave)
{
	char path[PATH_MAX];
	int fd;

	path_of(path, "full");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	*carol = start_shell(company, "carol", "exec $talk -n $bob >full");
	*dave = answer_in_lines(company);
	actor_type(*dave, megabyte);
	assert_true(stage_wait(company->stage, is_full, &fd));
	return fd;
}

static void
a_full_pipe_keeps_nobody_who_is_told_to_end(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP };
	struct company *company = *state;
	struct actor *carol, *dave;
	char path[PATH_MAX];
	size_t i;
	int status, fd;

	path_of(path, "full");
	assert_int_equal(mkfifo(path, 0600), 0);
	put_lines(megabyte, sizeof(megabyte));
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		fd = fill_pipe(company, &carol, &dave);
		actor_signal(carol, signals[i]);
		assert_true(actor_wait(carol, &status));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		company_leaves(dave, 0);
		close(fd);
	}
	/* An interrupt waits for the reader, and a second one does not. */
	fd = fill_pipe(company, &carol, &dave);
	actor_end_input(dave);
	company_leaves(dave, 0);
	actor_signal(carol, SIGINT);
	assert_true(actor_states(carol, "talk: Connection closed\n"));
	assert_false(actor_is_ended(carol));
	actor_signal(carol, SIGINT);
	company_leaves(carol, 0);
	close(fd);
	company_nobody_calls(company);
}

/* ----------------------------------------------------------- terminals --- */

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

/* As a shell in Emacs has it. */
static void
a_terminal_of_lines_edits_and_echoes_by_itself(void **state)
{
	static const char *const dumb[] = { "HOME=/nonexistent", "TERM=dumb",
		NULL };
	struct company *company = *state;
	const char *const argv[] = { stage_talk(), "-p", company->port_text,
		company->user, actor_terminal(company->bob), NULL };
	const struct actor_setup setup = { .argv = argv, .environment = dumb };
	static const char *const keys[] = { "\003", "\004" };
	struct actor *dave;
	size_t i;

	for (i = 0; i < 2; i++) {
		actor_clear(company->alice);
		assert_true(actor_play(company->alice, &setup));
		dave = answer_in_lines(company);
		assert_true(
		    actor_sees(company->alice, "talk: Connection established"));
		actor_type(company->alice, "helo\177lo\r");
		assert_true(actor_says(dave, "hello\n"));
		actor_type(dave, "welcome\n");
		assert_true(actor_sees(company->alice, "welcome"));
		actor_type(company->alice, keys[i]);
		company_leaves(company->alice, 0);
		company_leaves(dave, 0);
		assert_null(strchr(actor_output(company->alice), '\033'));
	}
}

/* ------------------------------------------------------------- the bot --- */

/* Writes what README sets behind "#!/bin/sh" to a file, its indent taken. */
static void
write_bot(void)
{
	FILE *readme = fopen("README", "r");
	char line[128], bot[4096] = "";
	bool within = false;
	size_t lines = 0;

	assert_non_null(readme);
	while (fgets(line, sizeof(line), readme) != NULL) {
		within = within ? strncmp(line, "    ", 4) == 0
				: strcmp(line, "    #!/bin/sh\n") == 0;
		if (!within)
			continue;
		assert_true(strlen(bot) + strlen(line) < sizeof(bot));
		strncat(bot, line + 4, sizeof(bot) - strlen(bot) - 1);
		lines++;
	}
	fclose(readme);
	assert_in_range(lines, 10, 20);
	write_file("bot", bot, strlen(bot));
}

/* The bot calls as anybody would have it: from a PATH with talk in it. */
static struct actor *
start_bot(struct company *company)
{
	write_bot();
	return start_shell(company, "bot",
	    "ln -sf \"$talk\" talk; PATH=.:$PATH TMPDIR=. exec sh bot $bob");
}

static void
the_bot_of_the_readme_holds_a_conversation(void **state)
{
	struct company *company = *state;
	struct actor *bot = start_bot(company);
	char whom[WHOM_SIZE];
	const char *const answer[] = { whom, NULL };

	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, sizeof(whom)));
	company_talk(company, company->bob, answer);
	assert_true(actor_half_reads(company->bob, LOWER, 0,
	    "Hello, I am a bot: ask me for the date, or say bye."));
	actor_type(company->bob, "wh\177ho\\are you\r");
	assert_true(actor_half_reads(
	    company->bob, LOWER, 1, "who\\are you? I only know date and bye."));
	actor_type(company->bob, "date\r");
	assert_true(actor_sees(company->bob, "20"));
	actor_type(company->bob, "bye\r");
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	company_leaves(bot, 0);
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
	company_nobody_calls(company);
}

static void
the_bot_of_the_readme_ends_with_its_partner(void **state)
{
	struct company *company = *state;
	struct actor *bot = start_bot(company);
	struct actor *dave = answer_in_lines(company);

	assert_true(actor_says(dave, "Hello, I am a bot"));
	actor_end_input(dave);
	company_leaves(dave, 0);
	company_leaves(bot, 0);
}

static void
the_bot_of_the_readme_tells_why_it_could_not_call(void **state)
{
	struct company *company = *state;
	struct actor *bot;

	actor_mesg(company->bob, false);
	bot = start_bot(company);
	company_leaves(bot, EX_NOPERM);
	assert_true(actor_states(bot, "refusing messages"));
}

/* ------------------------------------------------------- the directory --- */

static int
make_directory(void **state)
{
	(void)state;
	text_init();
	folder_make(directory);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	folder_remove(directory);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_go_both_ways_without_a_screen),
		TEST(a_line_comes_out_when_it_is_ended_and_not_before),
		TEST(a_split_screen_and_lines_talk_to_each_other),
		TEST(what_a_pipe_said_before_the_answer_is_delivered),
		TEST(nothing_but_text_comes_out),
		TEST(standard_input_may_be_anything_that_ends),
		TEST(an_input_that_cannot_be_read_is_an_error),
		TEST(a_reader_who_leaves_ends_it_at_the_next_line),
		TEST(an_output_that_is_full_is_an_error),
		TEST(a_megabyte_goes_whole_through_a_reader_who_sleeps),
		TEST(a_full_pipe_keeps_nobody_who_is_told_to_end),
		TEST(without_a_terminal_a_screen_is_refused),
		TEST(errors_of_line_mode_are_one_line),
		TEST(a_terminal_of_lines_edits_and_echoes_by_itself),
		TEST(the_bot_of_the_readme_holds_a_conversation),
		TEST(the_bot_of_the_readme_ends_with_its_partner),
		TEST(the_bot_of_the_readme_tells_why_it_could_not_call),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
