/*
 * The terminal's foreground process group, handed to and fro.
 */
#include <signal.h>
#include <unistd.h>

#include "actor.h"
#include "foreground.h"

/* SIGTTOU would stop who gives the terminal away without having it. */
void
foreground_give(pid_t group)
{
	sigset_t ttou, before;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &before);
	tcsetpgrp(STDIN_FILENO, group);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/*
 * Once the job goes on, it gives the terminal away only if it has it: when the
 * user lets it run in the background, SIGTTOU stops it again.
 */
void
foreground_stopped(const struct actor *actor)
{
	foreground_give(getpgrp());
	kill(0, SIGTSTP);
	tcsetpgrp(STDIN_FILENO, actor->pid);
	kill(-actor->pid, SIGCONT);
}
