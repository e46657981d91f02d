/*
 * Scenes as tables of steps, and how they are played.
 */
#include "scenes.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <dirent.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ntalk.h"
#include "stage.h"

enum {
	ARGS_MAX = 16,
	COMMAND_SIZE = 256,
	PATH_SIZE = 256,
	ASK_MS = 200, /* until a daemon is asked again */
};

/* Alice and bob sit at terminals, carol uses pipes; all are the same user. */
enum role { ALICE, BOB, CAROL, ROLES };

enum deed {
	NOTHING, /* after the last step */
	RUNS,	 /* talk with these arguments */
	SUFFERS, /* the same, as the victim */
	SEES,
	TYPES,
	STOPS,	/* typing: the end of the input */
	LEAVES, /* with status 0 */
};

struct step {
	enum role who;
	enum deed does;
	const char *what;
};

/* ---------------------------------------------------------- the scenes --- */

#define RING	    "respond with:"
#define WAITING	    "Waiting for your party"
#define ESTABLISHED "Connection established"
#define CLOSED	    "Connection closed"

/*
 * That the caller waits is what tells that it was his ring: one who finds no
 * caller calls the user himself, at whatever terminal, and scenes are played
 * side by side.
 */
static const struct step calling[] = {
	{ ALICE, SUFFERS, "-o $LOG $USER $BOB" },
	{ BOB, SEES, RING },
	{ ALICE, SEES, WAITING },
	{ BOB, RUNS, "" },
	{ BOB, SEES, ESTABLISHED },
	{ ALICE, SEES, ESTABLISHED },
	{ BOB, TYPES, "hello\r" },
	{ ALICE, SEES, "hello" },
	{ ALICE, TYPES, "indeed\r" },
	{ BOB, SEES, "indeed" },
	{ ALICE, TYPES, "\003" },
	{ ALICE, LEAVES, NULL },
	{ BOB, SEES, CLOSED },
	{ BOB, TYPES, "\003" },
	{ BOB, LEAVES, NULL },
	{ 0 },
};

static const struct step answering[] = {
	{ ALICE, RUNS, "$USER $BOB" },
	{ BOB, SEES, RING },
	{ ALICE, SEES, WAITING },
	{ BOB, SUFFERS, "" },
	{ BOB, SEES, ESTABLISHED },
	{ ALICE, SEES, ESTABLISHED },
	{ ALICE, TYPES, "hello\r" },
	{ BOB, SEES, "hello" },
	{ BOB, TYPES, "indeed\r" },
	{ ALICE, SEES, "indeed" },
	{ ALICE, TYPES, "\003" },
	{ ALICE, LEAVES, NULL },
	{ BOB, SEES, CLOSED },
	{ BOB, TYPES, "\003" },
	{ BOB, LEAVES, NULL },
	{ 0 },
};

static const struct step in_lines[] = {
	{ CAROL, SUFFERS, "-n -o $LOG $USER $BOB" },
	{ CAROL, TYPES, "hello\n" },
	{ BOB, SEES, RING },
	{ CAROL, SEES, WAITING },
	{ BOB, RUNS, "" },
	{ BOB, SEES, "hello" },
	{ BOB, TYPES, "indeed\r" },
	{ CAROL, SEES, "indeed" },
	{ CAROL, STOPS, NULL },
	{ CAROL, LEAVES, NULL },
	{ BOB, SEES, CLOSED },
	{ BOB, TYPES, "\003" },
	{ BOB, LEAVES, NULL },
	{ 0 },
};

static const struct step listing[] = {
	{ ALICE, RUNS, "$USER $BOB" },
	{ BOB, SEES, RING },
	{ ALICE, SEES, WAITING },
	{ CAROL, SUFFERS, "-l" },
	{ CAROL, SEES, "ago\n" },
	{ CAROL, LEAVES, NULL },
	{ ALICE, TYPES, "\003" },
	{ ALICE, LEAVES, NULL },
	{ 0 },
};

static const struct step sending[] = {
	{ CAROL, SUFFERS, "-m -t $BOB $USER" },
	{ CAROL, TYPES, "hello\n" },
	{ CAROL, STOPS, NULL },
	{ BOB, SEES, "hello" },
	{ CAROL, LEAVES, NULL },
	{ 0 },
};

static const struct step everything[] = {
	{ ALICE, RUNS, "$USER $BOB" },
	{ BOB, SEES, RING },
	{ ALICE, SEES, WAITING },
	{ CAROL, RUNS, "-l" },
	{ CAROL, SEES, "ago\n" },
	{ CAROL, LEAVES, NULL },
	{ BOB, RUNS, "" },
	{ BOB, SEES, ESTABLISHED },
	{ ALICE, SEES, ESTABLISHED },
	{ ALICE, TYPES, "\003" },
	{ ALICE, LEAVES, NULL },
	{ BOB, SEES, CLOSED },
	{ BOB, TYPES, "\003" },
	{ BOB, LEAVES, NULL },
	{ CAROL, RUNS, "-m -t $BOB $USER hello" },
	{ CAROL, LEAVES, NULL },
	{ BOB, SEES, "hello" },
	{ 0 },
};

/* What a talkd that has had its fault must do as if it never had. */
static const struct step serving[] = {
	{ CAROL, RUNS, "-m -t $BOB $USER good" },
	{ CAROL, LEAVES, NULL },
	{ BOB, SEES, "good" },
	{ CAROL, RUNS, "-n $USER $ALICE" },
	{ ALICE, SEES, RING },
	{ 0 },
};

const struct scene scenes[] = {
	{ "who_calls", false, true, calling },
	{ "who_answers", false, true, answering },
	{ "who_talks_in_lines", false, false, in_lines },
	{ "who_asks_for_calls", false, true, listing },
	{ "who_sends_a_message", false, false, sending },
	{ "who_sends_a_datagram", false, true, sending },
	{ "talkd", true, false, everything },
	{ "talkd_of_inetd", true, true, everything },
	{ 0 },
};

/* How a call stands; in those that come first one can be for long. */
static const char *const states[] = { WAITING, "Ringing your party", CLOSED,
	ESTABLISHED, "Checking for invitation" };

enum {
	LASTING = 3,
	STATES = sizeof(states) / sizeof(states[0]),
};

/* ------------------------------------------------------------ the cast --- */

struct cast {
	const struct scene *scene;
	const char *directory;
	struct faults *faults;
	struct scenes_end *end;
	const char *user;
	struct stage *stage;
	struct actor *talkd;
	uint16_t port;
	struct actor *actors[ROLES];
	bool plays[ROLES]; /* a program, which has not left */
};

static const char *const role_names[ROLES] = { "alice", "bob", "carol" };

/* Adds a remark to a line. */
__attribute__((format(printf, 2, 3))) static void
note(char line[SCENES_LINE_SIZE], const char *format, ...)
{
	size_t len = strlen(line);
	va_list list;

	if (len > 0 && len + 2 < SCENES_LINE_SIZE) {
		memcpy(line + len, ", ", sizeof(", "));
		len += 2;
	}
	va_start(list, format);
	vsnprintf(line + len, SCENES_LINE_SIZE - len, format, list);
	va_end(list);
}

/* Whoever is started while it is armed is the victim. */
static void
arm(const struct cast *cast)
{
	char here[PATH_MAX];
	char path[PATH_MAX + PATH_SIZE];

	if (getcwd(here, sizeof(here)) == NULL)
		return;
	snprintf(path, sizeof(path), "%s/tests/faults.so", here);
	setenv("LD_PRELOAD", path, 1);
	snprintf(path, sizeof(path), "%s/faults", cast->directory);
	setenv("FAULTS", path, 1);
}

static void
disarm(void)
{
	unsetenv("LD_PRELOAD");
	unsetenv("FAULTS");
}

/* Waits twice as long as the stage does: talk itself gives up only then. */
static bool
awaits(
    const struct cast *cast, bool (*holds)(const void *what), const void *what)
{
	bool came = stage_wait(cast->stage, holds, what);

	return came || stage_wait(cast->stage, holds, what);
}

static bool
has_ended(const void *actor)
{
	return actor_is_ended(actor);
}

/* ---------------------------------------------------------- the daemon --- */

/* Asks whether the user calls himself; false when no answer came so far. */
static bool
ask(const struct cast *cast, enum talk_answer *answer)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(cast->port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct talk_request request = { .type = TALK_LOOK_UP, .pid = 1 };
	struct talk_reply reply;
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct pollfd pollfd = { .events = POLLIN };
	ssize_t len = -1;

	snprintf(request.l_name, sizeof(request.l_name), "%s", cast->user);
	snprintf(request.r_name, sizeof(request.r_name), "%s", cast->user);
	request.ctl_addr.family = 4;
	ntalk_put_request(&request, bytes);
	pollfd.fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(pollfd.fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    send(pollfd.fd, bytes, sizeof(bytes), 0) > 0 &&
	    poll(&pollfd, 1, ASK_MS) == 1)
		len = recv(pollfd.fd, bytes, sizeof(bytes), 0);
	close(pollfd.fd);
	if (len <= 0 || !ntalk_get_reply(bytes, (size_t)len, &reply))
		return false;
	*answer = reply.answer;
	return true;
}

static bool
answers_or_ended(const void *what)
{
	const struct cast *cast = what;
	enum talk_answer answer;

	return actor_is_ended(cast->talkd) || ask(cast, &answer);
}

static bool
nobody_calls(const void *what)
{
	enum talk_answer answer;

	return ask(what, &answer) && answer == TALK_NOT_HERE;
}

static bool
tells_port_or_ended(const void *talkd)
{
	return actor_is_ended(talkd) ||
	    strstr(actor_errors(talkd), " port ") != NULL;
}

/* On a port of its own, which it tells. */
static struct actor *
start_in_foreground(struct cast *cast, const char *rules)
{
	const char *const argv[] = { stage_talkd(), "-F", "-b", "127.0.0.1",
		"-p", "0", "-a", rules, NULL };
	const struct actor_setup setup = {
		.name = "talkd", .argv = argv, .place = AT_PIPES
	};
	struct actor *talkd;
	const char *port;

	talkd = actor_start(cast->stage, &setup);
	if (talkd == NULL || !awaits(cast, tells_port_or_ended, talkd))
		return NULL;
	port = strstr(actor_errors(talkd), " port ");
	if (port != NULL)
		cast->port = (uint16_t)atoi(port + strlen(" port "));
	return talkd;
}

/* Has talkd answer, or notes why it does not. */
static bool
start_daemon(struct cast *cast)
{
	char rules[PATH_SIZE];
	const char *const options[] = { "-a", rules, NULL };
	const struct daemon_setup inetd = { .as_inetd = true,
		.options = options };

	snprintf(rules, sizeof(rules), "%s/rules", cast->directory);
	if (cast->scene->daemon_fails)
		arm(cast);
	if (cast->scene->as_inetd)
		cast->talkd = stage_start_talkd(
		    cast->stage, &inetd, &cast->port);
	else
		cast->talkd = start_in_foreground(cast, rules);
	disarm();
	if (cast->talkd == NULL || !awaits(cast, answers_or_ended, cast))
		note(cast->end->complaint, "talkd neither answers nor ends");
	else if (actor_is_ended(cast->talkd))
		note(cast->end->instead, "talkd does not start");
	return cast->talkd != NULL && !actor_is_ended(cast->talkd);
}

/* Reads what stands in a file of the process, cut to size. */
static void
read_process(pid_t pid, const char *file, char *text, size_t size)
{
	char path[PATH_SIZE];
	FILE *stream;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	text[0] = '\0';
	stream = fopen(path, "r");
	if (stream == NULL)
		return;
	len = fread(text, 1, size - 1, stream);
	text[len] = '\0';
	fclose(stream);
}

static int
count_descriptors(pid_t pid)
{
	char path[PATH_SIZE];
	int count = -1;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	directory = opendir(path);
	if (directory == NULL)
		return -1;
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count - 1; /* neither "." nor ".." */
}

/*
 * The lines of /proc/PID/status that tell users and groups.  Between them is how
 * large the table of descriptors is, which differs from run to run.
 */
static void
read_rights(pid_t pid, char rights[SCENES_RIGHTS_SIZE])
{
	static const char *const names[] = { "\nUid:", "\nGid:", "\nGroups:" };
	char status[4096];
	size_t i, len = 0;
	const char *line;

	rights[0] = '\0';
	read_process(pid, "status", status, sizeof(status));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		line = strstr(status, names[i]);
		if (line == NULL || len >= SCENES_RIGHTS_SIZE)
			return;
		len += (size_t)snprintf(rights + len, SCENES_RIGHTS_SIZE - len,
		    "%.*s", 1 + (int)strcspn(line + 1, "\n"), line);
	}
}

/* --------------------------------------------------------- the players --- */

static bool
shows(const struct actor *actor, const char *text)
{
	if (actor_screen(actor) != NULL)
		return actor_shows(actor, text);
	return strstr(actor_output(actor), text) != NULL ||
	    strstr(actor_errors(actor), text) != NULL;
}

/* What a word of a step stands for. */
static const char *
word_for(const struct cast *cast, const char *word, char path[PATH_SIZE])
{
	if (strcmp(word, "$USER") == 0)
		return cast->user;
	if (strcmp(word, "$ALICE") == 0)
		return actor_terminal(cast->actors[ALICE]);
	if (strcmp(word, "$BOB") == 0)
		return actor_terminal(cast->actors[BOB]);
	if (strcmp(word, "$LOG") != 0)
		return word;
	snprintf(path, PATH_SIZE, "%s/log", cast->directory);
	return path;
}

/* Cuts the command at its blanks. */
static void
put_words(const struct cast *cast, char command[COMMAND_SIZE],
    char path[PATH_SIZE], const char *argv[ARGS_MAX])
{
	size_t count = 0;
	char *word;

	for (word = command; *word != '\0' && count < ARGS_MAX - 1;) {
		argv[count++] = word;
		word += strcspn(word, " ");
		if (*word == ' ')
			*word++ = '\0';
	}
	argv[count] = NULL;
	while (count-- > 0)
		argv[count] = word_for(cast, argv[count], path);
}

static bool
runs(struct cast *cast, enum role who, const char *args)
{
	char command[COMMAND_SIZE], path[PATH_SIZE], home[PATH_SIZE];
	const char *argv[ARGS_MAX];
	const char *const environment[] = { home, NULL };
	const struct actor_setup setup = { .name = role_names[who],
		.argv = argv,
		.environment = environment,
		.place = who == CAROL ? AT_PIPES : AT_TERMINAL };

	snprintf(home, sizeof(home), "HOME=%s", cast->directory);
	snprintf(command, sizeof(command), "%s -p %u %s", stage_talk(),
	    (unsigned)cast->port, args);
	put_words(cast, command, path, argv);
	if (who == CAROL)
		cast->actors[CAROL] = actor_start(cast->stage, &setup);
	else if (!actor_play(cast->actors[who], &setup))
		return false;
	cast->plays[who] = cast->actors[who] != NULL;
	return cast->plays[who];
}

static bool
suffers(struct cast *cast, enum role who, const char *args)
{
	bool started;

	arm(cast);
	started = runs(cast, who, args);
	disarm();
	return started;
}

/* Whether anybody's program is over, though none should be. */
static bool
somebody_left(const struct cast *cast)
{
	size_t i;

	for (i = 0; i < ROLES; i++)
		if (cast->plays[i] && actor_is_ended(cast->actors[i]))
			return true;
	return actor_is_ended(cast->talkd);
}

struct sight {
	const struct cast *cast;
	const struct actor *actor;
	const char *text;
};

static bool
is_seen_or_over(const void *what)
{
	const struct sight *sight = what;

	return shows(sight->actor, sight->text) || somebody_left(sight->cast);
}

/* Whether somebody is told of a state in which one can be for long. */
static bool
somebody_knows(const struct cast *cast)
{
	size_t i, k;

	for (i = 0; i < ROLES; i++)
		for (k = 0; k < LASTING; k++)
			if (cast->plays[i] && shows(cast->actors[i], states[k]))
				return true;
	return false;
}

static bool
is_told(const void *what)
{
	const struct sight *sight = what;

	return is_seen_or_over(what) || somebody_knows(sight->cast);
}

/* A ring for another scene, side by side with this, may lie across a picture. */
static void
draw_anew(const struct cast *cast)
{
	size_t i;

	for (i = 0; i < ROLES; i++)
		if (cast->plays[i] && actor_screen(cast->actors[i]) != NULL)
			actor_type(cast->actors[i], "\f");
}

static bool
sees(struct cast *cast, enum role who, const char *text)
{
	const struct sight sight = { cast, cast->actors[who], text };

	if (!awaits(cast, is_seen_or_over, &sight) && !somebody_knows(cast)) {
		draw_anew(cast);
		if (!stage_wait(cast->stage, is_told, &sight))
			note(cast->end->complaint,
			    "%s waits for \"%s\" for ever", role_names[who],
			    text);
	}
	return shows(sight.actor, text);
}

/* Whether it says why it ends, and not only how its call stood before. */
static bool
explains(const void *what)
{
	const struct actor *actor = what;
	const char *line, *last = NULL;
	size_t i;

	if (actor_screen(actor) != NULL)
		return actor_shows(actor, "talk: ");
	for (line = strstr(actor_errors(actor), "talk: "); line != NULL;
	     line = strstr(last, "talk: "))
		last = line + strlen("talk: ");
	for (i = 0; last != NULL && i < STATES; i++)
		if (strncmp(last, states[i], strlen(states[i])) == 0)
			return false;
	return last != NULL;
}

/* Those that talk(1) lists, but for a wrong command line. */
static bool
is_status(int status)
{
	return status == 0 || status == 1 || status == 67 || status == 68 ||
	    status == 69 || status == 71 || (status >= 73 && status <= 77);
}

/*
 * Waits for a program's end; true when its status is 0.  Any other has a line
 * that says why, and each leaves the terminal as it was.
 */
static bool
leaves(struct cast *cast, enum role who, bool interrupted)
{
	struct actor *actor = cast->actors[who];
	char *complaint = cast->end->complaint;
	int status;

	cast->plays[who] = false;
	if (!awaits(cast, has_ended, actor)) {
		note(complaint, "%s does not end", role_names[who]);
		return false;
	}
	(void)actor_wait(actor, &status);
	if (interrupted && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		status = 0; /* it had not even begun */
	if (!WIFEXITED(status) || !is_status(WEXITSTATUS(status)))
		note(complaint, "%s ends with %#x, as wait has it",
		    role_names[who], (unsigned)status);
	else if (WEXITSTATUS(status) != 0 && !awaits(cast, explains, actor))
		note(complaint, "%s leaves with %d, and does not say why",
		    role_names[who], WEXITSTATUS(status));
	if (actor_screen(actor) != NULL && !actor_is_cooked(actor))
		note(complaint, "%s's terminal is left raw", role_names[who]);
	if (actor_screen(actor) != NULL &&
	    emulator_complaint(actor_screen(actor))[0] != '\0')
		note(complaint, "%s's terminal was sent %s", role_names[who],
		    emulator_complaint(actor_screen(actor)));
	if (status != 0)
		note(cast->end->instead, "%s leaves with %d", role_names[who],
		    WEXITSTATUS(status));
	return status == 0;
}

static bool
takes(struct cast *cast, const struct step *step)
{
	switch (step->does) {
	case RUNS:
		return runs(cast, step->who, step->what);
	case SUFFERS:
		return suffers(cast, step->who, step->what);
	case SEES:
		return sees(cast, step->who, step->what);
	case TYPES:
		actor_type(cast->actors[step->who], step->what);
		return true;
	case STOPS:
		actor_end_input(cast->actors[step->who]);
		return true;
	case LEAVES:
		return leaves(cast, step->who, false);
	case NOTHING:
		break;
	}
	return false;
}

/* One that has no terminal yet takes no notice of the first ^C. */
static void
interrupt(struct cast *cast, enum role who)
{
	struct actor *actor = cast->actors[who];

	if (actor_is_ended(actor)) /* ^C would take what is written there */
		return;
	if (actor_screen(actor) == NULL) {
		actor_signal(actor, SIGINT);
		return;
	}
	actor_type(actor, "\003");
	if (!stage_wait(cast->stage, has_ended, actor))
		actor_type(actor, "\003");
}

/* Ends whatever is still played, as people would. */
static void
dismiss(struct cast *cast)
{
	size_t i;

	for (i = 0; i < ROLES; i++)
		if (cast->plays[i]) {
			interrupt(cast, (enum role)i);
			leaves(cast, (enum role)i, true);
		}
}

static void
play(struct cast *cast, const struct step *steps)
{
	const struct step *step = steps;

	while (step->does != NOTHING && takes(cast, step))
		step++;
	if (step->does != NOTHING)
		note(cast->end->instead, "step %zu is not taken",
		    (size_t)(step - steps) + 1);
	dismiss(cast);
}

/* ---------------------------------------------------------- afterwards --- */

struct holding {
	pid_t pid;
	int descriptors;
};

static bool
holds_no_more(const void *what)
{
	const struct holding *holding = what;

	return count_descriptors(holding->pid) <= holding->descriptors;
}

/* What talkd must be like after its fault, as before. */
static void
examine_daemon(struct cast *cast, const struct scenes_daemon *before)
{
	struct scenes_end *end = cast->end;
	const struct holding holding = { actor_process(cast->talkd),
		before->descriptors };

	play(cast, serving);
	if (end->instead[0] != '\0')
		note(end->complaint, "talkd serves no more: %s", end->instead);
	if (!awaits(cast, holds_no_more, &holding))
		note(end->complaint, "talkd keeps %d descriptors, not %d",
		    count_descriptors(holding.pid), before->descriptors);
	if (strcmp(end->daemon.rights, before->rights) != 0)
		note(end->complaint, "talkd has other rights:\n%s",
		    end->daemon.rights);
}

static void
end_scene(struct cast *cast, const struct scenes_daemon *before)
{
	struct scenes_end *end = cast->end;
	pid_t pid = actor_process(cast->talkd);
	char instead[SCENES_LINE_SIZE];

	if (actor_is_ended(cast->talkd)) {
		note(end->complaint, "talkd has ended");
		return;
	}
	end->stranded = !awaits(cast, nobody_calls, cast);
	read_rights(pid, end->daemon.rights);
	end->daemon.descriptors = count_descriptors(pid);
	cast->faults->call.function[0] = '\0';
	if (cast->scene->daemon_fails && before != NULL) {
		memcpy(instead, end->instead, sizeof(instead));
		end->instead[0] = '\0';
		examine_daemon(cast, before);
		memcpy(end->instead, instead, sizeof(instead));
	}
}

/* A talkd that did not start has a status and a line that say so. */
static void
examine_failed_start(struct cast *cast)
{
	int status;

	if (cast->talkd == NULL || !actor_wait(cast->talkd, &status))
		return;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 0)
		note(cast->end->complaint,
		    "talkd ends with %#x, as wait has it", (unsigned)status);
	if (!cast->scene->as_inetd && !shows(cast->talkd, "talkd: "))
		note(cast->end->complaint, "talkd does not say why it ends");
}

static bool
seat(struct cast *cast, enum role who)
{
	const struct actor_setup setup = { .name = role_names[who] };

	cast->actors[who] = actor_start(cast->stage, &setup);
	return cast->actors[who] != NULL;
}

void
scenes_play(const struct scene *scene, const char *directory,
    struct faults *faults, const struct scenes_daemon *before,
    struct scenes_end *end)
{
	struct cast cast = { .scene = scene,
		.directory = directory,
		.faults = faults,
		.end = end };
	const struct passwd *user = getpwuid(getuid());

	*end = (struct scenes_end){ .daemon = { .descriptors = -1 } };
	cast.user = user == NULL ? "" : user->pw_name;
	cast.stage = stage_open(NULL);
	if (cast.stage == NULL || !seat(&cast, ALICE) || !seat(&cast, BOB)) {
		note(end->complaint, "no stage");
	} else if (!start_daemon(&cast)) {
		examine_failed_start(&cast);
	} else {
		play(&cast, scene->steps);
		end_scene(&cast, before);
	}
	stage_close(cast.stage);
}
