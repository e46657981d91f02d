/*
 * The keeper reads a process id from its pipe for each process that begins, and
 * the negative of it for each that has ended.
 */
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "keeper.h"

enum {
	GRACE_TURNS = 50, /* looks at who still lives, before SIGKILL */
	TURN_MS = 20,
};

static bool
any_lives(const pid_t *pids, size_t count)
{
	while (count > 0)
		if (kill(pids[--count], 0) == 0)
			return true;
	return false;
}

static void
send_all(const pid_t *pids, size_t count, int signal)
{
	while (count > 0)
		kill(pids[--count], signal);
}

/* SIGHUP first, so that they restore a terminal they share with people. */
static void
end_all(const pid_t *pids, size_t count)
{
	struct timespec pause = { 0, TURN_MS * 1000000L };
	int turn;

	send_all(pids, count, SIGHUP);
	send_all(pids, count, SIGCONT);
	for (turn = 0; turn < GRACE_TURNS && any_lives(pids, count); turn++)
		nanosleep(&pause, NULL);
	send_all(pids, count, SIGKILL);
}

static size_t
note(pid_t *pids, size_t count, pid_t pid)
{
	size_t i;

	if (pid > 0 && count < KEEPER_MAX) {
		pids[count] = pid;
		return count + 1;
	}
	for (i = 0; i < count; i++)
		if (pids[i] == -pid)
			pids[i] = pids[--count];
	return count;
}

/* The keeper stands apart: what ends a job from a terminal spares it. */
static void
keep(int pipe_end)
{
	pid_t pids[KEEPER_MAX];
	pid_t pid;
	size_t count = 0;

	setsid();
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	while (read(pipe_end, &pid, sizeof(pid)) == (ssize_t)sizeof(pid))
		count = note(pids, count, pid);
	end_all(pids, count);
}

bool
keeper_start(struct keeper *keeper)
{
	int pair[2];

	if (pipe(pair) != 0)
		return false;
	fcntl(pair[1], F_SETFD, FD_CLOEXEC);
	keeper->pid = fork();
	if (keeper->pid == 0) {
		close(pair[1]);
		keep(pair[0]);
		_exit(0);
	}
	close(pair[0]);
	keeper->pipe = pair[1];
	if (keeper->pid < 0)
		close(pair[1]);
	return keeper->pid > 0;
}

static void
tell(const struct keeper *keeper, pid_t pid)
{
	if (write(keeper->pipe, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		perror("the keeper");
}

void
keeper_began(const struct keeper *keeper, pid_t pid)
{
	tell(keeper, pid);
}

void
keeper_ended(const struct keeper *keeper, pid_t pid)
{
	tell(keeper, -pid);
}

void
keeper_dismiss(struct keeper *keeper)
{
	close(keeper->pipe);
	waitpid(keeper->pid, NULL, 0);
}
