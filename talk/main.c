/*
 * talk - talk to another user: options, then a call.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/person.h"
#include "common/text.h"
#include "lines.h"
#include "resolve.h"
#include "session.h"
#include "signals.h"
#include "split.h"

#define TALK_VERSION "1.0"

enum { NTALK_PORT = 518 };

struct options {
	bool lines;	    /* -n */
	bool silent;	    /* -s */
	uint16_t port;	    /* -p; 0: the ntalk service */
	uint16_t port_low;  /* -P */
	uint16_t port_high; /* -P */
	long patience;	    /* -w, in seconds; 0: for ever */
};

static void
usage(FILE *to)
{
	fputs("usage: talk [-4ns] [-P low[-high]] [-p port] [-w seconds] "
	      "person [terminal]\n"
	      "       talk -h | -V\n",
	    to);
}

/* One line on standard error; what came from outside passes the gate. */
static void
complain(const char *about, const char *words)
{
	char name[PERSON_TEXT_SIZE * 2];

	text_name(name, sizeof(name), about, strlen(about));
	fprintf(
	    stderr, "talk: %s%s%s\n", name, name[0] == '\0' ? "" : ": ", words);
}

static void
misused(const char *about, const char *words)
{
	complain(about, words);
	usage(stderr);
	exit(EX_USAGE);
}

/* ---------------------------------------------------------------- options --- */

/* Reads a number that ends at `end`; -1 when it is none from 1 to max. */
static long
number(const char *text, char end, long max, const char **rest)
{
	char *stop;
	long value;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtol(text, &stop, 10);
	*rest = stop;
	if (errno != 0 || value < 1 || value > max ||
	    (*stop != '\0' && *stop != end))
		return -1;
	return value;
}

static uint16_t
option_port(const char *text)
{
	const char *rest;
	long port = number(text, '\0', UINT16_MAX, &rest);

	if (port < 0)
		misused(text, "a port is a number from 1 to 65535");
	return (uint16_t)port;
}

static void
option_ports(struct options *options, const char *text)
{
	const char *rest;
	long low = number(text, '-', UINT16_MAX, &rest);
	long high = low;

	if (low > 0 && *rest == '-')
		high = number(rest + 1, '\0', UINT16_MAX, &rest);
	if (low < 0 || high < low)
		misused(text, "ports are a number, or two as in 5000-5010");
	options->port_low = (uint16_t)low;
	options->port_high = (uint16_t)high;
}

static long
option_seconds(const char *text)
{
	const char *rest;
	long seconds = number(text, '\0', INT_MAX, &rest);

	if (seconds < 0)
		misused(text, "the time to ring is a number of seconds");
	return seconds;
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, ":4nsP:p:w:hV")) != -1) {
		switch (option) {
		case '4': /* what the protocol carries today */
			break;
		case 'n':
			options->lines = true;
			break;
		case 's':
			options->silent = true;
			break;
		case 'P':
			option_ports(options, optarg);
			break;
		case 'p':
			options->port = option_port(optarg);
			break;
		case 'w':
			options->patience = option_seconds(optarg);
			break;
		case 'h':
			usage(stdout);
			exit(EX_OK);
		case 'V':
			puts("talk " TALK_VERSION);
			exit(EX_OK);
		default:
			misused((char[]){ '-', (char)optopt, '\0' },
			    option == ':' ? "the option needs a value"
					  : "no such option");
		}
	}
}

static void
read_person(struct person *person, int argc, char **argv)
{
	const char *why;

	if (argc < 1)
		misused("", "nobody is named");
	if (argc > 2)
		misused(argv[2], "one argument too many");
	why = person_parse(argv[0], person);
	if (why != NULL)
		misused(argv[0], why);
	if (argc == 2) {
		why = person_set_terminal(person, argv[1]);
		if (why != NULL)
			misused(argv[1], why);
	}
}

/* --------------------------------------------------------------- failures --- */

/* What became of the call, for people and for scripts. */
struct verdict {
	int status;
	enum {
		ABOUT_NOTHING,
		ABOUT_PERSON,
		ABOUT_HOST,
	} about;
	const char *words;
};

static const struct verdict verdicts[] = {
	[CALL_NOT_LOGGED_ON] = { EX_NOUSER, ABOUT_PERSON,
	    "Your party is not logged on; try another host, or later" },
	[CALL_REFUSING] = { EX_NOPERM, ABOUT_PERSON,
	    "Your party is refusing messages; ask by mail for mesg y" },
	[CALL_NO_DAEMON] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "no talk daemon answers there; have talkd started on that host" },
	[CALL_NO_OWN_DAEMON] = { EX_UNAVAILABLE, ABOUT_NOTHING,
	    "no talk daemon answers on this host; have talkd started here" },
	[CALL_OWN_REFUSES] = { EX_NOPERM, ABOUT_NOTHING,
	    "the talk daemon on this host refuses the invitation; "
	    "its log says why" },
	[CALL_UNREACHABLE] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "the host cannot be reached; check the network" },
	[CALL_NO_ANSWER] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "nobody answered; try again later" },
	[CALL_TOO_BUSY] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "the talk daemon cannot ring there now; try again in a minute" },
	[CALL_NO_PORT] = { EX_TEMPFAIL, ABOUT_NOTHING,
	    "every port of -P is taken; give a wider range" },
	[CALL_NOT_SPOKEN] = { EX_PROTOCOL, ABOUT_HOST,
	    "what answers there does not speak ntalk; check the port" },
};

static int
report_failure(
    enum call_failure failure, const struct person *person, const char *host)
{
	const struct verdict *verdict = &verdicts[failure];
	char whom[PERSON_TEXT_SIZE] = "";

	if (failure == CALL_NO_DAEMON && person->host[0] == '\0')
		verdict = &verdicts[CALL_NO_OWN_DAEMON];
	if (verdict->about == ABOUT_PERSON)
		person_format(person, whom, sizeof(whom));
	else if (verdict->about == ABOUT_HOST)
		snprintf(whom, sizeof(whom), "%s", host);
	complain(whom, verdict->words);
	return verdict->status;
}

static int
report(const struct session_outcome *outcome, const struct person *person,
    const char *host)
{
	switch (outcome->end) {
	case SESSION_ENDED:
		return EX_OK;
	case SESSION_SIGNAL:
		signals_obey(outcome->error);
		return EX_OSERR;
	case SESSION_FAILED:
		if (outcome->failure != CALL_SYSTEM)
			return report_failure(outcome->failure, person, host);
		break;
	case SESSION_LOST:
		complain(host,
		    "the connection broke before the conversation "
		    "began; call again");
		return EX_IOERR;
	case SESSION_BROKEN:
		break;
	}
	complain("the system failed us", strerror(outcome->error));
	return EX_OSERR;
}

/* ------------------------------------------------------------------- call --- */

static struct face *
choose_face(const struct options *options)
{
	const char *term = getenv("TERM");
	struct face *face;

	if (options->lines || (term != NULL && strcmp(term, "dumb") == 0))
		face = lines_new();
	else
		face = split_new(options->silent);
	if (face == NULL && errno == ENOTTY)
		misused("",
		    "standard input and output must be a terminal; "
		    "-n does without");
	if (face == NULL) {
		complain("the terminal", strerror(errno));
		exit(EX_OSERR);
	}
	return face;
}

static const char *
own_name(void)
{
	const struct passwd *user = getpwuid(getuid());

	if (user == NULL) {
		complain("your user id", "has no name in the user database");
		exit(EX_OSERR);
	}
	return user->pw_name;
}

static int
call_person(const struct options *options, const struct person *person)
{
	const char *host = person->host[0] == '\0' ? "this host" : person->host;
	uint16_t port = options->port != 0
	    ? options->port
	    : resolve_service("ntalk", NTALK_PORT);
	struct address there[DAEMON_ADDRESSES_MAX];
	struct address here[DAEMON_ADDRESSES_MAX];
	char user[LOGIN_NAME_MAX + 1];
	char name[PERSON_TEXT_SIZE];
	char words[128];
	struct call_plan plan = {
		.caller = user,
		.callee = person,
		.host = host,
		.there = there,
		.here = here,
		.port_low = options->port_low,
		.port_high = options->port_high,
		.patience = (int64_t)options->patience * 1000,
	};
	struct session_outcome outcome;
	struct face *face;
	const char *why;

	snprintf(user, sizeof(user), "%s", own_name());
	person_format(person, name, sizeof(name));
	face = choose_face(options);
	why = resolve_host(
	    person->host, port, there, DAEMON_ADDRESSES_MAX, &plan.there_count);
	if (why != NULL) {
		face->does->free(face);
		snprintf(words, sizeof(words),
		    "no such host: %s; check its name", why);
		complain(person->host, words);
		return EX_NOHOST;
	}
	(void)resolve_host(
	    "", port, here, DAEMON_ADDRESSES_MAX, &plan.here_count);
	outcome = session_run(&plan, face, user, name);
	face->does->free(face);
	return report(&outcome, person, host);
}

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

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct person person;

	fill_standard_descriptors();
	(void)text_init();
	read_options(&options, argc, argv);
	read_person(&person, argc - optind, argv + optind);
	return call_person(&options, &person);
}
