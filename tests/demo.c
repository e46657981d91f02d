/*
 * demo - a real conversation for whoever has just built the programs: with a
 * scripted partner, over a talkd of its own on a loopback port, on the user's
 * terminal.  Without a terminal it holds a short one and prints it.
 *
 * All runs as the user; nothing of it stays behind.
 */
#include <sys/wait.h>

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"
#include "partner.h"
#include "stage.h"

enum {
	LINE_SIZE = 1024,
	PORT_SIZE = 8,
	WHOM_SIZE = 300, /* a user and a host */
	STEP_MS = 20000, /* the longest that a step of a talk may take */
};

#define RESPOND	    "talk: respond with:  talk "
#define ESTABLISHED "Connection established"

struct demo {
	struct stage *stage;
	const char *user;
	char port[PORT_SIZE];
	struct actor *terminal; /* the partner's, where it rings */
	struct actor *partner;	/* his talk, once he was rung */
	struct actor *you;
	struct partner script;
	bool greeted;
	size_t partner_read; /* bytes taken of what his talk put out, */
	size_t you_read;     /* and yours */
	size_t lines_said;   /* by him */
	size_t lines_heard;  /* by you */
	unsigned asked;	     /* lines you said */
};

static volatile sig_atomic_t caught;

static void
note_signal(int number)
{
	caught = number;
}

static const int ending_signals[] = { SIGHUP, SIGINT, SIGTERM };

enum { ENDING_SIGNALS = sizeof(ending_signals) / sizeof(ending_signals[0]) };

/* One that was ignored at the start (nohup) stays so. */
static void
catch_signals(void)
{
	struct sigaction note = { .sa_handler = note_signal };
	struct sigaction before;
	size_t i;

	for (i = 0; i < ENDING_SIGNALS; i++) {
		sigaction(ending_signals[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(ending_signals[i], &note, NULL);
	}
}

/* Ends as the signal would have ended us. */
static void
obey_signal(int number)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };

	sigaction(number, &standard, NULL);
	raise(number);
}

/* One line, which takes no more than the first line of why. */
static int
fail(const char *why)
{
	if (caught == 0)
		fprintf(stderr, "demo: %.*s\n", (int)strcspn(why, "\n"), why);
	return EXIT_FAILURE;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ----------------------------------------------------------- beginning --- */

static struct actor *
start_talk(struct demo *demo, enum actor_place place, const char *const *argv)
{
	struct actor_setup setup = {
		.name = "talk", .argv = argv, .place = place
	};

	return actor_start(demo->stage, &setup);
}

/* As root the daemon would become a user who may not write to our terminals. */
static bool
start_daemon(struct demo *demo)
{
	const char *const as_user[] = { "-u", demo->user, NULL };
	struct daemon_setup setup = { 0 };
	uint16_t port;

	if (geteuid() == 0)
		setup.options = as_user;
	if (stage_start_talkd(demo->stage, &setup, &port) == NULL)
		return false;
	snprintf(demo->port, sizeof(demo->port), "%u", (unsigned)port);
	return true;
}

static bool
start_terminal(struct demo *demo)
{
	struct actor_setup setup = { .name = "the partner's terminal",
		.cols = 200 };

	demo->terminal = actor_start(demo->stage, &setup);
	return demo->terminal != NULL;
}

/* You call, by name and terminal: the partner has the same name as you. */
static bool
start_you(struct demo *demo, enum actor_place place)
{
	const char *argv[8] = { stage_talk(), "-p", demo->port };
	size_t count = 3;

	if (place == AT_PIPES)
		argv[count++] = "-n";
	argv[count++] = demo->user;
	argv[count] = actor_terminal(demo->terminal);
	demo->you = start_talk(demo, place, argv);
	return demo->you != NULL;
}

static void
answer_ring(struct demo *demo)
{
	char whom[WHOM_SIZE];
	const char *argv[] = { stage_talk(), "-n", "-p", demo->port, whom,
		NULL };

	if (demo->partner == NULL &&
	    actor_read_ring(demo->terminal, whom, sizeof(whom)))
		demo->partner = start_talk(demo, AT_PIPES, argv);
}

/* --------------------------------------------------------- the partner --- */

/* Takes the next whole line of an output; false when there is none. */
static bool
next_line(const struct actor *actor, size_t *taken, char line[LINE_SIZE])
{
	const char *from = actor_output(actor) + *taken;
	size_t len = strcspn(from, "\n");

	if (from[len] == '\0')
		return false;
	*taken += len + 1;
	snprintf(line, LINE_SIZE, "%.*s", (int)len, from);
	return true;
}

static bool
is_connected(const struct actor *actor)
{
	return actor != NULL &&
	    strstr(actor_errors(actor), ESTABLISHED) != NULL;
}

static void
say(struct demo *demo, const char *text)
{
	actor_type(demo->partner, text);
	for (; *text != '\0'; text++)
		demo->lines_said += *text == '\n';
}

/* Has the partner answer what he heard since the last time. */
static void
play_partner(struct demo *demo)
{
	char line[LINE_SIZE];
	char answer[PARTNER_ANSWER_SIZE];

	if (!is_connected(demo->partner))
		return;
	if (!demo->greeted)
		say(demo, partner_greeting());
	demo->greeted = true;
	while (!demo->script.leaves &&
	    next_line(demo->partner, &demo->partner_read, line)) {
		partner_answer(&demo->script, line, answer, sizeof(answer));
		say(demo, answer);
	}
	if (demo->script.leaves)
		actor_end_input(demo->partner);
}

static void
play(struct demo *demo)
{
	stage_turn(demo->stage);
	answer_ring(demo);
	play_partner(demo);
}

/* What a talk said last, which is why it ended. */
static const char *
last_words(const struct actor *actor)
{
	const char *words = actor == NULL ? "" : actor_errors(actor);
	const char *line;

	for (line = words; (line = strchr(line, '\n')) != NULL;)
		if (*++line != '\0')
			words = line;
	return words[0] == '\0' ? "the conversation did not come about" : words;
}

/* Whether somebody ended before the conversation began. */
static bool
is_stranded(const struct demo *demo)
{
	return (actor_is_ended(demo->you) && !is_connected(demo->you)) ||
	    (demo->partner != NULL && actor_is_ended(demo->partner) &&
		!is_connected(demo->partner));
}

/* ------------------------------------------------------- on the screen --- */

static int
hold_on_screen(struct demo *demo)
{
	int status;

	if (!start_you(demo, FOREGROUND))
		return fail(strerror(errno));
	while (!actor_is_ended(demo->you) && !is_stranded(demo) && caught == 0)
		play(demo);
	if (!actor_is_ended(demo->you)) {
		actor_end(demo->you);
		return fail(last_words(demo->partner));
	}
	actor_wait(demo->you, &status);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail("talk did not end well");
	puts("That was talk.  Nothing of it was left behind.");
	return EXIT_SUCCESS;
}

/* ------------------------------------------------------------ on paper --- */

/* What you say when nobody is there to say it. */
static const char *const your_lines[] = {
	"Is anybody there?",
	"héllo 世界",
	"keys, please",
	"edit?",
	"bye",
};

enum { YOUR_LINES = sizeof(your_lines) / sizeof(your_lines[0]) };

static bool
has_begun(const struct demo *demo)
{
	return demo->greeted && is_connected(demo->you);
}

static bool
has_answered(const struct demo *demo)
{
	return demo->script.answers == demo->asked &&
	    demo->lines_heard == demo->lines_said;
}

static bool
has_ended(const struct demo *demo)
{
	return actor_is_ended(demo->you) && actor_is_ended(demo->partner);
}

static void
print_heard(struct demo *demo)
{
	char line[LINE_SIZE];

	while (next_line(demo->you, &demo->you_read, line)) {
		printf("partner: %s\n", line);
		demo->lines_heard++;
	}
	fflush(stdout);
}

/* Plays until a condition holds; false when it cannot any more. */
static bool
play_until(struct demo *demo, bool (*holds)(const struct demo *demo))
{
	int64_t end = now_ms() + STEP_MS;

	while (!holds(demo)) {
		if (caught != 0 || is_stranded(demo) || now_ms() >= end)
			return false;
		play(demo);
		print_heard(demo);
	}
	return true;
}

static bool
ask(struct demo *demo, const char *line)
{
	printf("you: %s\n", line);
	actor_type(demo->you, line);
	actor_type(demo->you, "\n");
	demo->asked++;
	return play_until(demo, has_answered);
}

static bool
converse(struct demo *demo)
{
	size_t i;

	if (!play_until(demo, has_begun) || !play_until(demo, has_answered))
		return false;
	for (i = 0; i < YOUR_LINES; i++)
		if (!ask(demo, your_lines[i]))
			return false;
	return play_until(demo, has_ended);
}

static int
hold_on_paper(struct demo *demo)
{
	if (!start_you(demo, AT_PIPES))
		return fail(strerror(errno));
	if (converse(demo))
		return EXIT_SUCCESS;
	return fail(
	    last_words(actor_is_ended(demo->you) ? demo->you : demo->partner));
}

/* ---------------------------------------------------------------- main --- */

static int
hold(struct demo *demo)
{
	if (!start_daemon(demo))
		return fail("talkd does not start");
	if (!start_terminal(demo))
		return fail("no terminal can be had for the partner: is "
			    "/dev/pts mounted?");
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return hold_on_screen(demo);
	return hold_on_paper(demo);
}

int
main(void)
{
	const struct passwd *user = getpwuid(getuid());
	struct demo demo = { 0 };
	int status;

	text_init();
	if (user == NULL)
		return fail("your user id has no name, so nobody can call you: "
			    "give it a line in /etc/passwd");
	demo.user = user->pw_name;
	demo.stage = stage_open(NULL);
	if (demo.stage == NULL)
		return fail(strerror(errno));
	catch_signals();
	status = hold(&demo);
	stage_close(demo.stage);
	if (caught != 0)
		obey_signal(caught);
	return status;
}
