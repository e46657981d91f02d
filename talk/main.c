/*
 * talk - talk to another user: from the command line to one of a call, the list
 * of those that wait, or a message, and to the exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/owner.h"
#include "common/person.h"
#include "common/text.h"
#include "callers.h"
#include "lines.h"
#include "options.h"
#include "post.h"
#include "resolve.h"
#include "session.h"
#include "signals.h"
#include "split.h"
#include "verdict.h"
#include "waiting.h"

#define TALK_VERSION "1.0"

enum { NTALK_PORT = 518 };

/* One line on standard error, if the verdict has one; returns its status. */
static int
tell(struct verdict verdict)
{
	if (verdict.line[0] != '\0')
		fprintf(stderr, "talk: %s\n", verdict.line);
	return verdict.status;
}

static void
misused(const char *about, const char *words)
{
	(void)tell(verdict_on(EX_USAGE, about, words));
	fputs(options_usage, stderr);
	exit(EX_USAGE);
}

/* Sees that all of standard output is written; EX_OK or why not. */
static int
end_output(void)
{
	const char *failure = NULL;

	/* What did not fit its buffer has been written, or not, before. */
	if (ferror(stdout))
		failure = "not all of it could be written";
	else if (fflush(stdout) != 0)
		failure = strerror(errno);
	if (failure == NULL)
		return EX_OK;
	return tell(verdict_on(EX_IOERR, "standard output", failure));
}

/* ---------------------------------------------------------------- call --- */

static const char *
own_name(void)
{
	const struct passwd *user = getpwuid(getuid());

	if (user == NULL)
		exit(tell(verdict_on(EX_OSERR, "your user id",
		    "has no name in the user database")));
	return user->pw_name;
}

static struct face *
choose_face(const struct options *options)
{
	const struct settings *settings = &options->settings;
	const struct split_options split = { .silent = settings->silent,
		.wrap = !settings->unwrapped };
	const char *term = getenv("TERM");
	struct face *face;

	if (options->lines || (term != NULL && strcmp(term, "dumb") == 0))
		face = lines_new();
	else
		face = split_new(&split);
	if (face == NULL && errno == ENOTTY)
		misused("",
		    "standard input and output must be a terminal; "
		    "-n does without");
	if (face == NULL)
		exit(tell(
		    verdict_on(EX_OSERR, "the terminal", strerror(errno))));
	return face;
}

/* Adds a party, as user@host, so that transcripts of many hosts read alike. */
static bool
add_party(
    struct transcript *transcript, const char *user, const char *named_host)
{
	struct person person = { .user = "" };
	char host[PERSON_HOST_SIZE] = "";
	char name[PERSON_TEXT_SIZE];

	if (named_host[0] == '\0' && gethostname(host, sizeof(host) - 1) == 0)
		named_host = host;
	snprintf(person.user, sizeof(person.user), "%s", user);
	text_name(
	    person.host, sizeof(person.host), named_host, strlen(named_host));
	person_format(&person, name, sizeof(name));
	return transcript_add(transcript, name);
}

/* Opens the transcript if there is to be one; EX_OK or why not. */
static int
open_transcript(struct transcript **transcript, const char *file,
    const char *user, const struct person *person)
{
	const char *why;

	*transcript = NULL;
	if (file == NULL)
		return EX_OK;
	*transcript = transcript_open(file, &why);
	if (*transcript == NULL)
		return tell(verdict_on_transcript(file, why));
	if (!add_party(*transcript, user, "") ||
	    !add_party(*transcript, person->user, person->host)) {
		transcript_free(*transcript);
		return tell(verdict_on_system(ENOMEM));
	}
	return EX_OK;
}

/* Closes it, if there is one; EX_OK, or why it has nothing of what was said. */
static int
close_transcript(struct transcript *transcript, const char *file)
{
	int status = EX_OK;

	if (transcript == NULL)
		return EX_OK;
	if (transcript_is_lost(transcript))
		status = tell(verdict_on_transcript(
		    file, strerror(transcript_error(transcript))));
	transcript_free(transcript);
	return status;
}

/* Calls as planned, through a face that it frees; returns the status. */
static int
hold_session(const struct options *options, const struct call_plan *plan,
    struct face *face)
{
	const char *file = options->settings.transcript;
	const struct person *person = plan->callee;
	struct session_outcome outcome;
	struct transcript *transcript;
	char name[PERSON_TEXT_SIZE];
	int status;
	int kept;

	status = open_transcript(&transcript, file, plan->caller, person);
	if (status != EX_OK) {
		face->does->free(face);
		return status;
	}
	person_format(person, name, sizeof(name));
	outcome = session_run(plan, face, transcript, plan->caller, name);
	face->does->free(face);
	kept = close_transcript(transcript, file);
	if (outcome.end == SESSION_SIGNAL)
		signals_obey(outcome.error);
	status = tell(verdict_on_session(&outcome, person, plan->host));
	return status == EX_OK ? kept : status;
}

static uint16_t
calls_port(const struct options *options)
{
	return options->settings.port != 0
	    ? options->settings.port
	    : resolve_service("ntalk", "udp", NTALK_PORT);
}

static int
call_person(const struct options *options, const struct person *person)
{
	const struct settings *settings = &options->settings;
	const char *host = person->host[0] == '\0' ? "this host" : person->host;
	uint16_t port = calls_port(options);
	struct address there[DAEMON_ADDRESSES_MAX];
	struct address here[DAEMON_ADDRESSES_MAX];
	char user[LOGIN_NAME_MAX + 1];
	struct call_plan plan = {
		.caller = user,
		.callee = person,
		.host = host,
		.there = there,
		.here = here,
		.port_low = settings->port_low,
		.port_high = settings->port_high,
		.patience = (int64_t)settings->patience * 1000,
		.find_owner = owner_find,
	};
	struct face *face;
	const char *why;

	snprintf(user, sizeof(user), "%s", own_name());
	face = choose_face(options);
	why = resolve_host(person->host, settings->family, port, there,
	    DAEMON_ADDRESSES_MAX, &plan.there_count);
	if (why != NULL) {
		face->does->free(face);
		return tell(verdict_on_host(person->host, why));
	}
	(void)resolve_host(
	    "", 0, port, here, DAEMON_ADDRESSES_MAX, &plan.here_count);
	return hold_session(options, &plan, face);
}

/* ----------------------------------------------------- calls that wait --- */

/* Asks who calls; EX_OK when somebody does.  callers_end in any case. */
static int
ask_callers(const struct options *options, struct callers *callers)
{
	struct address here[DAEMON_ADDRESSES_MAX];
	struct turn turn;
	int count;

	(void)resolve_host(
	    "", 0, calls_port(options), here, DAEMON_ADDRESSES_MAX, &count);
	callers_start(callers, own_name(), here, count, turn_clock());
	while (callers->state == CALLERS_ASKING) {
		turn_begin(&turn);
		callers_await(callers, &turn);
		(void)callers_turn(callers, turn_wait(&turn));
	}
	return tell(verdict_on_callers(callers));
}

static int
answer_newest(const struct options *options)
{
	struct callers callers;
	struct person person = { .user = "" };
	int status = ask_callers(options, &callers);

	if (status == EX_OK)
		waiting_person(&callers.calls[0], &person);
	callers_end(&callers);
	return status == EX_OK ? call_person(options, &person) : status;
}

static int
list_callers(const struct options *options)
{
	struct callers callers;
	char line[WAITING_SIZE];
	int status = ask_callers(options, &callers);
	size_t i;

	for (i = 0; status == EX_OK && i < callers.count; i++) {
		waiting_format(&callers.calls[i], line);
		puts(line);
	}
	callers_end(&callers);
	return status == EX_OK ? end_output() : status;
}

/* ------------------------------------------------------------- message --- */

static int
send_message(const struct options *options, const struct person *to)
{
	char user[LOGIN_NAME_MAX + 1];
	int status;

	snprintf(user, sizeof(user), "%s", own_name());
	status = tell(post_message(options, to, user, stdout));
	return status == EX_OK ? end_output() : status;
}

/* --------------------------------------------------------------- start --- */

/* What we open must not take the place of one that was closed on us. */
static void
fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* The user's own; NULL when nobody knows. */
static const char *
home(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home != NULL && home[0] != '\0')
		return home;
	user = getpwuid(getuid());
	return user == NULL ? NULL : user->pw_dir;
}

/* Reads ~/.talkrc; what is wrong with it is told, and stops nothing. */
static void
read_talkrc(struct talkrc *talkrc)
{
	char about[TALKRC_PATH_SIZE + 16];
	const struct talkrc_mistake *mistake = talkrc->mistakes;
	size_t i;

	if (home() == NULL)
		return;
	talkrc_read(talkrc, home());
	for (i = 0; i < talkrc->mistake_count; i++, mistake++) {
		if (mistake->line == 0)
			snprintf(about, sizeof(about), "%s", talkrc->path);
		else
			snprintf(about, sizeof(about), "%s:%d", talkrc->path,
			    mistake->line);
		(void)tell(verdict_on(EX_CONFIG, about, mistake->words));
	}
}

static int
run(struct options *options, const struct talkrc *talkrc)
{
	struct mistake mistake;
	struct person person;

	settings_complete(&options->settings, &talkrc->settings);
	if (options->task == OPTIONS_LIST)
		return list_callers(options);
	if (options->task != OPTIONS_ANSWER &&
	    !options_person(options, talkrc, &person, &mistake))
		misused(mistake.about, mistake.words);
	if (options->task == OPTIONS_MESSAGE)
		return send_message(options, &person);
	signals_leave_on_interrupt();
	return options->task == OPTIONS_ANSWER ? answer_newest(options)
					       : call_person(options, &person);
}

int
main(int argc, char **argv)
{
	struct talkrc talkrc = { .mistake_count = 0 };
	struct options options;
	struct mistake mistake;
	int status;

	fill_standard_descriptors();
	(void)text_init();
	if (!options_read(&options, argc, argv, &mistake))
		misused(mistake.about, mistake.words);
	if (options.task == OPTIONS_HELP) {
		fputs(options_usage, stdout);
		return end_output();
	}
	if (options.task == OPTIONS_VERSION) {
		puts("talk " TALK_VERSION);
		return end_output();
	}
	read_talkrc(&talkrc);
	status = run(&options, &talkrc);
	talkrc_free(&talkrc);
	return status;
}
