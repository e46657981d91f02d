/*
 * talk - talk to another user: options, then a call or a message.
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
#include "broadcast.h"
#include "delivery.h"
#include "draft.h"
#include "letter.h"
#include "lines.h"
#include "resolve.h"
#include "session.h"
#include "signals.h"
#include "split.h"

#define TALK_VERSION "1.0"

enum {
	NTALK_PORT = 518,
	MSP_PORT = 18,
	STATUS_NOTHING_TO_DO = 1,
	/* For the names of hosts that answered a broadcast, all in all. */
	NAMES_PATIENCE_MS = 2000,
};

struct options {
	bool message;	      /* -m */
	bool broadcast;	      /* -b */
	bool lines;	      /* -n */
	bool silent;	      /* -s */
	int family;	      /* -4; 0: any */
	const char *terminal; /* -t */
	uint16_t port;	      /* -p; 0: the service's */
	uint16_t port_low;    /* -P */
	uint16_t port_high;   /* -P */
	long patience;	      /* -w, in seconds; 0: for ever */
};

static void
usage(FILE *to)
{
	fputs("usage: talk [-4ns] [-P low[-high]] [-p port] [-w seconds] "
	      "person [terminal]\n"
	      "       talk -m [-4b] [-p port] [-t terminal] "
	      "person [word ...]\n"
	      "       talk -h | -V\n",
	    to);
}

/* What comes from outside: as text_name has it, but blanks stay. */
static void
quote(char *quoted, size_t size, const char *words)
{
	size_t len = 0;

	for (; *words != '\0' && len < size - 1; words++)
		if (*words == ' ')
			quoted[len++] = ' ';
		else
			len += text_name(quoted + len, size - len, words, 1);
	quoted[len] = '\0';
}

/* One line on standard error; what came from outside passes the gate. */
static void
complain(const char *about, const char *words)
{
	char name[PERSON_TEXT_SIZE * 2];

	quote(name, sizeof(name), about);
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

/* ------------------------------------------------------------- options --- */

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

/* Takes an option that has no value; false when it is none of these. */
static bool
read_flag(struct options *options, int option)
{
	switch (option) {
	case '4':
		options->family = 4;
		return true;
	case 'b':
		options->broadcast = true;
		return true;
	case 'm':
		options->message = true;
		return true;
	case 'n':
		options->lines = true;
		return true;
	case 's':
		options->silent = true;
		return true;
	default:
		return false;
	}
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, ":4bmnsP:p:t:w:hV")) != -1) {
		if (read_flag(options, option))
			continue;
		switch (option) {
		case 'P':
			option_ports(options, optarg);
			break;
		case 'p':
			options->port = option_port(optarg);
			break;
		case 't':
			options->terminal = optarg;
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
check_options(const struct options *options)
{
	if (options->message &&
	    (options->lines || options->silent || options->port_low != 0 ||
		options->patience != 0))
		misused("", "-n, -P, -s and -w are for calls, not with -m");
	if (options->message)
		return;
	if (options->broadcast)
		misused("-b", "only messages are broadcast; add -m");
	if (options->terminal != NULL)
		misused("-t",
		    "this is for messages; add -m, or name the "
		    "terminal behind the person");
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

/* Whom a message is for; what is left of the arguments are its words. */
static void
read_recipient(
    struct person *to, const struct options *options, const char *text)
{
	const char *terminal = options->terminal;
	const char *why;

	if (text == NULL)
		misused("", "nobody is named");
	why = person_parse_recipient(text, to);
	if (why != NULL)
		misused(text, why);
	if (terminal != NULL)
		why = person_set_recipient_terminal(to, terminal);
	if (why != NULL)
		misused(terminal, why);
	if (options->broadcast && to->host[0] != '\0')
		misused(text, "-b asks all hosts; leave the host out");
	if (!options->broadcast && to->user[0] == '\0' && to->host[0] == '\0')
		misused(text,
		    "everyone on the local network needs -b; "
		    "@host is everyone on one host");
}

/* ------------------------------------------------------------ failures --- */

static int
system_failed(int error)
{
	complain("the system failed us", strerror(error));
	return EX_OSERR;
}

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

static const struct verdict call_verdicts[] = {
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

static const struct verdict delivery_verdicts[] = {
	[DELIVERY_NOT_LOGGED_ON] = { EX_NOUSER, ABOUT_PERSON,
	    "not logged on there; try another host, or later" },
	[DELIVERY_REFUSING] = { EX_NOPERM, ABOUT_PERSON,
	    "refusing messages; ask by mail for mesg y" },
	[DELIVERY_NOT_PERMITTED] = { EX_NOPERM, ABOUT_PERSON,
	    "not permitted; that host's administrator sets its rules" },
	[DELIVERY_TOO_MANY] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "too many messages for that host; try again in a minute" },
	[DELIVERY_DECLINED] = { EX_UNAVAILABLE, ABOUT_PERSON,
	    "the message service there declines it" },
	[DELIVERY_NO_SERVICE] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "no message service answers there; have talkd started on that "
	    "host" },
	[DELIVERY_UNREACHABLE] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "the host cannot be reached; check the network" },
	[DELIVERY_SILENT] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "the host does not answer; is it up, and its message port open?" },
	[DELIVERY_UNANSWERED] = { EX_UNAVAILABLE, ABOUT_PERSON,
	    "no answer came; whether the message arrived is not known" },
	[DELIVERY_NOT_SPOKEN] = { EX_PROTOCOL, ABOUT_HOST,
	    "what answers there is no message service; check the port" },
	[DELIVERY_UNWRITABLE] = { EX_USAGE, ABOUT_PERSON,
	    "such a message cannot be sent" },
};

static const struct verdict no_own_service = { EX_UNAVAILABLE, ABOUT_NOTHING,
	"no message service answers on this host; have talkd started here" };

static void
about_whom(const struct verdict *verdict, const struct person *person,
    const char *host, char whom[PERSON_TEXT_SIZE])
{
	whom[0] = '\0';
	if (verdict->about == ABOUT_PERSON)
		person_format(person, whom, PERSON_TEXT_SIZE);
	else if (verdict->about == ABOUT_HOST)
		snprintf(whom, PERSON_TEXT_SIZE, "%s", host);
}

static int
report_failure(
    enum call_failure failure, const struct person *person, const char *host)
{
	const struct verdict *verdict = &call_verdicts[failure];
	char whom[PERSON_TEXT_SIZE];

	if (failure == CALL_NO_DAEMON && person->host[0] == '\0')
		verdict = &call_verdicts[CALL_NO_OWN_DAEMON];
	about_whom(verdict, person, host, whom);
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
	return system_failed(outcome->error);
}

static int
report_delivery(const struct delivery *delivery, const struct person *to)
{
	const struct verdict *verdict = &delivery_verdicts[delivery->state];
	const char *host = to->host[0] == '\0' ? "this host" : to->host;
	char whom[PERSON_TEXT_SIZE];
	char said[MSP_SIZE * 2] = "";
	char part[64] = "";
	char words[sizeof(said) + sizeof(part) + 128];

	if (delivery->state == DELIVERY_DONE)
		return EX_OK;
	if (delivery->state == DELIVERY_SYSTEM)
		return system_failed(delivery->error);
	if (delivery->state == DELIVERY_NO_SERVICE && to->host[0] == '\0')
		verdict = &no_own_service;
	if (delivery->state == DELIVERY_DECLINED ||
	    delivery->state == DELIVERY_UNWRITABLE)
		quote(said, sizeof(said), delivery->words);
	if (delivery->delivered > 0)
		snprintf(part, sizeof(part), " (%u parts of it went before)",
		    delivery->delivered);
	snprintf(words, sizeof(words), "%s%s%s%s", verdict->words,
	    said[0] == '\0' ? "" : ": ", said, part);
	about_whom(verdict, to, host, whom);
	complain(whom, words);
	return verdict->status;
}

/* ---------------------------------------------------------------- call --- */

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
no_such_host(const char *host, const char *why)
{
	char words[128];

	snprintf(words, sizeof(words), "no such host: %s; check its name", why);
	complain(host, words);
	return EX_NOHOST;
}

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

static int
call_person(const struct options *options, const struct person *person)
{
	const char *host = person->host[0] == '\0' ? "this host" : person->host;
	uint16_t port = options->port != 0
	    ? options->port
	    : resolve_service("ntalk", "udp", NTALK_PORT);
	struct address there[DAEMON_ADDRESSES_MAX];
	struct address here[DAEMON_ADDRESSES_MAX];
	char user[LOGIN_NAME_MAX + 1];
	char name[PERSON_TEXT_SIZE];
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
	/* The classic protocol has room for IPv4 alone (ntalk(5)). */
	why = resolve_host(person->host, 4, port, there, DAEMON_ADDRESSES_MAX,
	    &plan.there_count);
	if (why != NULL) {
		face->does->free(face);
		return no_such_host(person->host, why);
	}
	(void)resolve_host(
	    "", 4, port, here, DAEMON_ADDRESSES_MAX, &plan.here_count);
	outcome = session_run(&plan, face, user, name);
	face->does->free(face);
	return report(&outcome, person, host);
}

/* ------------------------------------------------------------- message --- */

/* Takes the words, or standard input when there are none; EX_OK or why not. */
static int
take_text(struct buffer *text, char *const *words)
{
	int error = words[0] != NULL ? draft_words(text, words)
				     : draft_file(text, STDIN_FILENO);

	if (error == EFBIG) {
		complain("",
		    "the message is longer than a mebibyte; "
		    "nothing was sent");
		return EX_USAGE;
	}
	if (error == ENOMEM)
		return system_failed(error);
	if (error != 0) {
		complain("standard input", strerror(error));
		return EX_IOERR;
	}
	if (buffer_len(text) == 0) {
		complain("", "the message is empty; nothing was sent");
		return STATUS_NOTHING_TO_DO;
	}
	return EX_OK;
}

/* The terminal that the user sits at, "" when there is none: cron has none. */
static const char *
own_terminal(void)
{
	static const char dev[] = "/dev/";
	const char *name = NULL;
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO && name == NULL; fd++)
		name = ttyname(fd);
	if (name == NULL || strncmp(name, dev, strlen(dev)) != 0 ||
	    !person_terminal_ok(name + strlen(dev)))
		return "";
	return name + strlen(dev);
}

static int
send_to_host(const struct options *options, const struct person *to,
    uint16_t port, struct letter *letter)
{
	struct address at[DIAL_ADDRESSES_MAX];
	struct delivery delivery;
	struct turn turn;
	const char *why;
	int count;

	why = resolve_host(
	    to->host, options->family, port, at, DIAL_ADDRESSES_MAX, &count);
	if (why != NULL)
		return no_such_host(to->host, why);
	delivery_start(&delivery, letter, at, count, turn_clock());
	while (delivery.state == DELIVERY_UNDER_WAY) {
		turn_begin(&turn);
		delivery_await(&delivery, &turn);
		(void)delivery_turn(&delivery, &turn, turn_wait(&turn));
	}
	delivery_end(&delivery);
	return report_delivery(&delivery, to);
}

/* Names the hosts that delivered, one a line. */
static int
name_hosts(const struct broadcast *broadcast)
{
	int64_t enough = turn_clock() + NAMES_PATIENCE_MS;
	char name[PERSON_HOST_SIZE];
	int i;

	for (i = 0; i < broadcast->host_count; i++) {
		if (turn_clock() < enough)
			resolve_name(&broadcast->hosts[i], name);
		else
			address_format(
			    &broadcast->hosts[i], name, sizeof(name));
		puts(name);
	}
	if (fflush(stdout) != 0) {
		complain("standard output", strerror(errno));
		return EX_IOERR;
	}
	return EX_OK;
}

static int
report_broadcast(const struct broadcast *broadcast, const struct person *to)
{
	char whom[PERSON_TEXT_SIZE];

	person_format(to, whom, sizeof(whom));
	switch (broadcast->state) {
	case BROADCAST_UNREACHABLE:
		complain(whom, "no network takes a broadcast; check yours");
		return EX_UNAVAILABLE;
	case BROADCAST_UNWRITABLE:
		complain(whom, broadcast->words);
		return EX_USAGE;
	case BROADCAST_SYSTEM:
		return system_failed(broadcast->error);
	case BROADCAST_UNDER_WAY:
	case BROADCAST_SENT:
		break;
	}
	if (to->user[0] == '\0')
		return EX_OK;
	if (broadcast->host_count > 0)
		return name_hosts(broadcast);
	complain(whom, "no host has delivered it; not logged on, or refusing");
	return EX_NOUSER;
}

static int
send_to_all(const struct person *to, uint16_t port, struct letter *letter)
{
	struct network networks[BROADCAST_NETWORKS_MAX];
	struct broadcast broadcast;
	struct turn turn;
	int count;

	count = broadcast_networks(port, networks, BROADCAST_NETWORKS_MAX);
	if (count < 0)
		return system_failed(errno);
	broadcast_start(&broadcast, letter, networks, count, turn_clock());
	while (broadcast.state == BROADCAST_UNDER_WAY) {
		turn_begin(&turn);
		broadcast_await(&broadcast, &turn);
		(void)broadcast_turn(&broadcast, turn_wait(&turn));
	}
	broadcast_end(&broadcast);
	return report_broadcast(&broadcast, to);
}

/* words end with NULL. */
static int
send_message(
    const struct options *options, const struct person *to, char *const *words)
{
	const char *protocol = options->broadcast ? "udp" : "tcp";
	uint16_t port = options->port != 0
	    ? options->port
	    : resolve_service("msp", protocol, MSP_PORT);
	char stamp[LETTER_STAMP_SIZE];
	char user[LOGIN_NAME_MAX + 1];
	struct letter_head head = { .to = to,
		.sender = user,
		.terminal = own_terminal(),
		.stamp = stamp };
	struct buffer text = { 0 };
	struct letter letter;
	int status = take_text(&text, words);

	if (status == EX_OK) {
		snprintf(user, sizeof(user), "%s", own_name());
		letter_stamp(stamp);
		letter_start(
		    &letter, &head, buffer_head(&text), buffer_len(&text));
		status = options->broadcast
		    ? send_to_all(to, port, &letter)
		    : send_to_host(options, to, port, &letter);
	}
	buffer_free(&text);
	return status;
}

/* Behind the person, as other programs have it, -- is none of the words. */
static char *const *
words_behind(char *const *person)
{
	char *const *words = person[0] == NULL ? person : person + 1;

	return words[0] != NULL && strcmp(words[0], "--") == 0 ? words + 1
							       : words;
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
	check_options(&options);
	argc -= optind;
	argv += optind;
	if (options.message) {
		read_recipient(&person, &options, argv[0]);
		return send_message(&options, &person, words_behind(argv));
	}
	read_person(&person, argc, argv);
	return call_person(&options, &person);
}
