/*
 * Starting a program: its terminal or pipes, its session, its environment.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt and its kin */

#include <sys/ioctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"
#include "foreground.h"

void
actor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
actor_keep_private(int fd, bool nonblocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (nonblocking && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return false;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* What becomes the program's descriptors 0 to 2. */
struct child_streams {
	int fds[STREAMS];
};

/* A new terminal: one of ours, or of the host whose files are below a root. */
static int
open_multiplexer(const char *root)
{
	char path[TERMINAL_SIZE];

	if (root == NULL)
		return posix_openpt(O_RDWR | O_NOCTTY);
	snprintf(path, sizeof(path), "%s/dev/ptmx", root);
	return open(path, O_RDWR | O_NOCTTY);
}

static bool
open_master(struct actor *actor, const char *root)
{
	int master = open_multiplexer(root);
	const char *path;

	if (master < 0)
		return false;
	actor->streams[0] = master;
	if (grantpt(master) != 0 || unlockpt(master) != 0)
		return false;
	path = ptsname(master);
	if (path == NULL)
		return false;
	snprintf(actor->terminal, sizeof(actor->terminal), "%s%s",
	    root == NULL ? "" : root, path);
	actor->streams[1] = dup(master);
	return actor->streams[1] >= 0 && actor_keep_private(master, true) &&
	    actor_keep_private(actor->streams[1], true);
}

/* A ^C must not throw away what the program has just said. */
static bool
keep_output(int slave)
{
	struct termios modes;

	if (tcgetattr(slave, &modes) != 0)
		return false;
	modes.c_lflag |= NOFLSH;
	return tcsetattr(slave, TCSANOW, &modes) == 0;
}

/*
 * Opens the terminal to writers as a login does: group tty, where root may
 * give it that, and the group's write bit.  (A devpts mounted without gid=5
 * leaves it in the user's group, which serves a daemon of the user's.)
 */
static bool
open_slave(struct actor *actor)
{
	const struct group *tty = getgrnam("tty");
	int ignored;

	actor->slave = open(actor->terminal, O_RDWR | O_NOCTTY);
	if (actor->slave < 0 || !actor_keep_private(actor->slave, false) ||
	    !keep_output(actor->slave))
		return false;
	if (geteuid() == 0 && tty != NULL) {
		ignored = fchown(actor->slave, (uid_t)-1, tty->gr_gid);
		(void)ignored;
	}
	return fchmod(actor->slave, 0620) == 0;
}

static bool
set_size(const struct actor *actor, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)cols };

	return ioctl(actor->streams[0], TIOCSWINSZ, &size) == 0;
}

static bool
give_terminal(struct actor *actor, const struct actor_setup *setup,
    struct child_streams *child)
{
	int rows = setup->rows == 0 ? 24 : setup->rows;
	int cols = setup->cols == 0 ? 80 : setup->cols;
	int i;

	if (!open_master(actor, setup->root) || !open_slave(actor))
		return false;
	actor->screen = emulator_new(rows, cols);
	for (i = 0; i < STREAMS; i++)
		child->fds[i] = actor->slave;
	return actor->screen != NULL && set_size(actor, rows, cols);
}

/* A pipe of which end `ours` stays here. */
static bool
give_pipe(int ours, int *here, int *there)
{
	int pair[2];

	if (pipe(pair) != 0)
		return false;
	*here = pair[ours];
	*there = pair[!ours];
	return actor_keep_private(*here, true) &&
	    actor_keep_private(*there, false);
}

static bool
give_pipes(struct actor *actor, struct child_streams *child)
{
	return give_pipe(1, &actor->streams[0], &child->fds[0]) &&
	    give_pipe(0, &actor->streams[1], &child->fds[1]) &&
	    give_pipe(0, &actor->streams[2], &child->fds[2]);
}

static bool
give_streams(struct actor *actor, const struct actor_setup *setup,
    struct child_streams *child)
{
	int i;

	for (i = 0; i < STREAMS; i++)
		child->fds[i] = setup->place == AT_SOCKET ? setup->socket : i;
	if (setup->place == AT_TERMINAL)
		return give_terminal(actor, setup, child);
	if (setup->place == AT_PIPES)
		return give_pipes(actor, child);
	return true;
}

/* Above the descriptors it will stand for, or dup2 might overwrite it. */
static int
move_away(int fd)
{
	return fcntl(fd, F_DUPFD, STREAMS);
}

static bool
take_streams(const struct child_streams *child)
{
	int moved[STREAMS];
	int i;

	for (i = 0; i < STREAMS; i++)
		moved[i] = move_away(child->fds[i]);
	for (i = 0; i < STREAMS; i++)
		if (dup2(moved[i], i) < 0)
			return false;
	for (i = 0; i < STREAMS; i++)
		close(moved[i]);
	return true;
}

/* A session of its own; opening the terminal first makes it the controlling. */
static bool
take_session(const struct actor *actor)
{
	int fd;

	if (actor->place == FOREGROUND)
		return setpgid(0, 0) == 0;
	if (setsid() < 0)
		return false;
	if (actor->place != AT_TERMINAL)
		return true;
	fd = open(actor->terminal, O_RDWR);
	if (fd < 0)
		return false;
#ifdef TIOCSCTTY
	ioctl(fd, TIOCSCTTY, 0);
#endif
	return close(fd) == 0;
}

static void
take_environment(const struct actor *actor, const struct actor_setup *setup)
{
	const char *const *entry = setup->environment;
	char name[64];
	size_t len;

	if (actor->place != FOREGROUND) {
		setenv("TERM", "vt100", 1);
		setenv("HOME", "/nonexistent", 1);
	}
	for (; entry != NULL && *entry != NULL; entry++) {
		len = strcspn(*entry, "=");
		snprintf(name, sizeof(name), "%.*s", (int)len, *entry);
		setenv(name, *entry + len + 1, 1);
	}
}

/* As a login shell has them, whatever the stage was started from (nohup). */
static void
take_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGTSTP, SIGPIPE };
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &standard, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
play(const struct actor *actor, const struct actor_setup *setup,
    const struct child_streams *child)
{
	const char *program_name = setup->argv[0];

	take_environment(actor, setup);
	take_signals();
	if (take_session(actor) && take_streams(child) &&
	    (setup->directory == NULL || chdir(setup->directory) == 0))
		execvp(program_name, (char *const *)setup->argv);
	fprintf(stderr, "stage: %s: %s\n", program_name, strerror(errno));
	_exit(127);
}

static struct actor *
new_actor(struct stage *stage, const struct actor_setup *setup)
{
	struct actor *actor;
	int i;

	if (stage->count == KEEPER_MAX) {
		errno = EMFILE;
		return NULL;
	}
	actor = calloc(1, sizeof(*actor));
	if (actor == NULL)
		return NULL;
	actor->stage = stage;
	actor->name = setup->name;
	actor->place = setup->place;
	actor->slave = -1;
	for (i = 0; i < STREAMS; i++)
		actor->streams[i] = -1;
	stage->actors[stage->count++] = actor;
	return actor;
}

static bool
start_program(struct actor *actor, const struct actor_setup *setup,
    const struct child_streams *child)
{
	if (setup->argv == NULL)
		return true;
	fflush(NULL);
	actor->pid = fork();
	if (actor->pid == 0)
		play(actor, setup, child);
	if (actor->pid < 0) {
		actor->pid = 0;
		return false;
	}
	keeper_began(&actor->stage->keeper, actor->pid);
	if (actor->place == FOREGROUND) {
		setpgid(actor->pid, actor->pid); /* whoever comes first */
		foreground_give(actor->pid);
	}
	return true;
}

/* Remembers what actor_is_cooked compares with. */
static bool
note_modes(struct actor *actor)
{
	actor->flags = fcntl(actor->slave, F_GETFL);
	return tcgetattr(actor->slave, &actor->before) == 0;
}

struct actor *
actor_start(struct stage *stage, const struct actor_setup *setup)
{
	struct actor *actor = new_actor(stage, setup);
	struct child_streams child;
	bool started;
	int i;

	if (actor == NULL)
		return NULL;
	started = give_streams(actor, setup, &child) &&
	    (actor->slave < 0 || note_modes(actor)) &&
	    start_program(actor, setup, &child);
	if (setup->place == AT_PIPES)
		for (i = 0; i < STREAMS; i++)
			actor_close(&child.fds[i]);
	return started ? actor : NULL;
}

bool
actor_play(struct actor *actor, const struct actor_setup *setup)
{
	struct child_streams child;
	int i;

	for (i = 0; i < STREAMS; i++)
		child.fds[i] = actor->slave;
	actor->ended = false;
	return note_modes(actor) && start_program(actor, setup, &child);
}

void
actor_free(struct actor *actor)
{
	int i;

	if (actor == NULL)
		return;
	for (i = 0; i < STREAMS; i++)
		actor_close(&actor->streams[i]);
	actor_close(&actor->slave);
	emulator_free(actor->screen);
	free(actor->typed.text);
	free(actor->output.text);
	free(actor->errors.text);
	free(actor);
}

/* -------------------------------------------------------- its terminal --- */

const char *
actor_terminal(const struct actor *actor)
{
	return strstr(actor->terminal, "/dev/") + strlen("/dev/");
}

void
actor_mesg(struct actor *actor, bool yes)
{
	if (fchmod(actor->slave, yes ? 0620 : 0600) != 0)
		perror("stage: mesg");
}

void
actor_stop_output(struct actor *actor)
{
	if (tcflow(actor->slave, TCOOFF) != 0)
		perror("stage: tcflow");
}

void
actor_go_on(struct actor *actor)
{
	if (tcflow(actor->slave, TCOON) != 0)
		perror("stage: tcflow");
}

void
actor_close_terminal(struct actor *actor)
{
	int i;

	for (i = 0; i < STREAMS; i++)
		actor_close(&actor->streams[i]);
}

void
actor_clear(struct actor *actor)
{
	static const char clear[] = "\033[H\033[2J";

	emulator_feed(actor->screen, clear, strlen(clear));
}

void
actor_resize(struct actor *actor, int rows, int cols)
{
	if (!emulator_resize(actor->screen, rows, cols) ||
	    !set_size(actor, rows, cols))
		perror("stage: resize");
}

bool
actor_is_cooked(const struct actor *actor)
{
	const struct termios *before = &actor->before;
	struct termios now = { 0 }; /* c_cc may have places that mean nothing */

	if (tcgetattr(actor->slave, &now) != 0 ||
	    fcntl(actor->slave, F_GETFL) != actor->flags)
		return false;
	return now.c_iflag == before->c_iflag &&
	    now.c_oflag == before->c_oflag && now.c_cflag == before->c_cflag &&
	    now.c_lflag == before->c_lflag &&
	    memcmp(now.c_cc, before->c_cc, sizeof(now.c_cc)) == 0;
}

const struct emulator *
actor_screen(const struct actor *actor)
{
	return actor->screen;
}

int
actor_half_row(const struct actor *actor, enum half half, int n)
{
	int rows = emulator_rows(actor->screen);
	int separator = (rows - 1) / 2;
	int row = half == UPPER ? n : separator + 1 + n;

	if (n < 0 || (half == UPPER && n >= separator) || row >= rows)
		return -1;
	return row;
}
