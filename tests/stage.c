/*
 * The stage's loop, and what is done to its actors.
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "foreground.h"

enum {
	PATIENCE_SECONDS = 10,
	TURN_MS = 20,	 /* between two looks at whether a program ended */
	GRACE_MS = 1000, /* from asking a program to end to killing it */
	SHARE = 64,	 /* reads from one stream before the others' turn */
};

static bool
append(struct bytes *bytes, const char *text, size_t len)
{
	char *longer = realloc(bytes->text, bytes->len + len + 1);

	if (longer == NULL)
		return false;
	memcpy(longer + bytes->len, text, len);
	bytes->text = longer;
	bytes->len += len;
	longer[bytes->len] = '\0';
	return true;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ------------------------------------------------------------ the loop --- */

/* Notes that the program ended; one that stopped in the foreground goes on. */
static void
note_end(struct actor *actor)
{
	int status;

	if (actor_is_ended(actor))
		return;
	if (waitpid(actor->pid, &status, WNOHANG | WUNTRACED) != actor->pid)
		return;
	if (WIFSTOPPED(status)) {
		if (actor->place == FOREGROUND)
			foreground_stopped(actor);
		return;
	}
	actor->status = status;
	actor->ended = true;
	keeper_ended(&actor->stage->keeper, actor->pid);
	if (actor->place == FOREGROUND)
		foreground_give(getpgrp());
}

static void
take_output(struct actor *actor, int stream, const char *bytes, size_t len)
{
	if (actor->screen != NULL)
		emulator_feed(actor->screen, bytes, len);
	append(stream == 1 ? &actor->output : &actor->errors, bytes, len);
}

/* Reads what has come, but no more than a turn's share. */
static void
read_stream(struct actor *actor, int stream)
{
	char bytes[4096];
	ssize_t len;
	int reads;

	for (reads = 0; reads < SHARE; reads++) {
		if (actor->streams[stream] < 0)
			return;
		len = read(actor->streams[stream], bytes, sizeof(bytes));
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len > 0)
			take_output(actor, stream, bytes, (size_t)len);
		else
			actor_close(&actor->streams[stream]);
	}
}

static void
write_typed(struct actor *actor)
{
	struct bytes *typed = &actor->typed;
	ssize_t len;

	if (actor->streams[0] >= 0 && typed->len > 0) {
		len = write(actor->streams[0], typed->text, typed->len);
		if (len > 0) {
			typed->len -= (size_t)len;
			memmove(typed->text, typed->text + len, typed->len);
		} else if (errno != EAGAIN && errno != EINTR) {
			typed->len = 0;
		}
	}
	if (actor->input_ends && typed->len == 0)
		actor_close(&actor->streams[0]);
}

static size_t
list_streams(const struct actor *actor, struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < STREAMS; i++) {
		fds[i].fd = actor->streams[i];
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
	fds[0].events = POLLOUT;
	if (actor->typed.len == 0) /* or it would wake us for ever */
		fds[0].fd = -1;
	return STREAMS;
}

void
stage_serve(struct stage *stage, int timeout_ms)
{
	struct pollfd fds[KEEPER_MAX * STREAMS];
	size_t i, count = 0;

	for (i = 0; i < stage->count; i++)
		count += list_streams(stage->actors[i], fds + count);
	poll(fds, (nfds_t)count, timeout_ms);
	for (i = 0; i < stage->count; i++) {
		note_end(stage->actors[i]);
		write_typed(stage->actors[i]);
		read_stream(stage->actors[i], 1);
		read_stream(stage->actors[i], 2);
	}
}

void
stage_turn(struct stage *stage)
{
	stage_serve(stage, TURN_MS);
}

static int64_t
patience_ms(void)
{
	const char *seconds = getenv("STAGE_SECONDS");

	return (seconds == NULL ? PATIENCE_SECONDS : atoi(seconds)) * 1000;
}

int64_t
stage_at_once_ms(void)
{
	return patience_ms() / PATIENCE_SECONDS;
}

bool
stage_wait(
    struct stage *stage, bool (*holds)(const void *what), const void *what)
{
	int64_t end = now_ms() + patience_ms();

	while (!holds(what)) {
		if (now_ms() >= end)
			return false;
		stage_turn(stage);
	}
	return true;
}

/* ----------------------------------------------------------- the stage --- */

struct stage *
stage_open(FILE *reports)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (stage == NULL)
		return NULL;
	stage->reports = reports;
	if (!keeper_start(&stage->keeper)) {
		free(stage);
		return NULL;
	}
	sigaction(SIGPIPE, &ignore, NULL);
	return stage;
}

void
stage_close(struct stage *stage)
{
	size_t i;

	if (stage == NULL)
		return;
	for (i = stage->count; i > 0; i--)
		actor_end(stage->actors[i - 1]);
	for (i = stage->count; i > 0; i--)
		actor_free(stage->actors[i - 1]);
	keeper_dismiss(&stage->keeper);
	free(stage);
}

static const char *
program(const char *variable, const char *standard)
{
	const char *path = getenv(variable);

	return path != NULL && path[0] != '\0' ? path : standard;
}

const char *
stage_talk(void)
{
	return program("TALK", "talk/talk");
}

const char *
stage_talkd(void)
{
	return program("TALKD", "talkd/talkd");
}

/* ----------------------------------------------------------- a program --- */

bool
actor_is_ended(const struct actor *actor)
{
	return actor->pid == 0 || actor->ended;
}

/* Waits until it has ended or GRACE_MS passed. */
static void
grant_grace(struct actor *actor)
{
	int64_t end = now_ms() + GRACE_MS;

	for (;;) {
		stage_serve(actor->stage, 1);
		if (actor_is_ended(actor) || now_ms() >= end)
			return;
	}
}

void
actor_end(struct actor *actor)
{
	if (actor_is_ended(actor))
		return;
	kill(actor->pid, SIGTERM);
	kill(actor->pid, SIGCONT);
	grant_grace(actor);
	if (actor_is_ended(actor))
		return;
	kill(actor->pid, SIGKILL);
	grant_grace(actor);
}

void
actor_signal(const struct actor *actor, int signal)
{
	if (!actor_is_ended(actor))
		kill(actor->pid, signal);
}

pid_t
actor_process(const struct actor *actor)
{
	return actor->pid;
}

void
actor_type(struct actor *actor, const char *bytes)
{
	append(&actor->typed, bytes, strlen(bytes));
}

void
actor_end_input(struct actor *actor)
{
	actor->input_ends = true;
}

/* In a process group with a parent in another one: others never stop. */
static void
suspend_oneself(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)setpgid(0, 0);
	(void)sigaction(SIGTSTP, &action, NULL);
	(void)raise(SIGTSTP);
	_exit(0);
}

bool
stage_can_suspend(void)
{
	pid_t child = fork();
	int status = 0;
	bool stopped;

	if (child == 0)
		suspend_oneself();
	if (child == -1 || waitpid(child, &status, WUNTRACED) != child)
		return false;
	stopped = WIFSTOPPED(status);
	if (stopped) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, &status, 0);
	}
	return stopped;
}
