/*
 * signals - signals as events of a poll loop: a handler notes the signal and
 * wakes the loop through a pipe, nothing else.
 */
#include "common/system.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int noted[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGWINCH,
	SIGTSTP, SIGCONT };

enum { NOTED_COUNT = sizeof(noted) / sizeof(noted[0]) };

static volatile sig_atomic_t came[NOTED_COUNT];
static volatile sig_atomic_t woken; /* something may be in the pipe */
static int wake[2] = { -1, -1 };

static void
signals_note(int signal_number)
{
	int saved = errno;
	size_t i;

	for (i = 0; i < NOTED_COUNT; i++)
		if (noted[i] == signal_number)
			came[i] = 1;
	woken = 1;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static void
signals_leave(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

/* Leaves one that was ignored at start as it is. */
static int
signals_handle(int signal_number, void (*handler)(int signal_number))
{
	struct sigaction action = { .sa_handler = handler };
	struct sigaction before;

	if (sigaction(signal_number, NULL, &before) != 0)
		return -1;
	if (before.sa_handler == SIG_IGN)
		return 0;
	sigemptyset(&action.sa_mask);
	return sigaction(signal_number, &action, NULL);
}

void
signals_leave_on_interrupt(void)
{
	(void)signals_handle(SIGINT, signals_leave);
}

int
signals_open(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	size_t i;
	int end;

	if (pipe(wake) != 0)
		return -1;
	for (end = 0; end < 2; end++)
		if (fcntl(wake[end], F_SETFL, O_NONBLOCK) != 0 ||
		    fcntl(wake[end], F_SETFD, FD_CLOEXEC) != 0)
			return -1;
	for (i = 0; i < NOTED_COUNT; i++)
		if (signals_handle(noted[i], signals_note) != 0)
			return -1;
	sigemptyset(&ignore.sa_mask);
	if (sigaction(SIGPIPE, &ignore, NULL) != 0)
		return -1;
	return wake[0];
}

void
signals_turn(void)
{
	char bytes[64];

	if (!woken)
		return;
	woken = 0;
	while (read(wake[0], bytes, sizeof(bytes)) > 0)
		continue;
}

bool
signals_take(int signal_number)
{
	size_t i;

	for (i = 0; i < NOTED_COUNT; i++) {
		if (noted[i] != signal_number || came[i] == 0)
			continue;
		came[i] = 0;
		return true;
	}
	return false;
}

void
signals_obey(int signal_number)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	struct sigaction before;

	sigemptyset(&action.sa_mask);
	if (sigaction(signal_number, &action, &before) != 0)
		return;
	raise(signal_number);
	/* Only a stopped process comes here, once it goes on. */
	sigaction(signal_number, &before, NULL);
}
