/*
 * turn - one turn of a loop: what it waits for and until when, at the latest.
 */
#include "turn.h"

#include <limits.h>
#include <time.h>

int64_t
turn_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
turn_begin(struct turn *turn)
{
	turn->count = 0;
	turn->deadline = TURN_NEVER;
}

static struct pollfd *
turn_find(const struct turn *turn, int fd)
{
	int i;

	for (i = 0; i < turn->count; i++)
		if (turn->fds[i].fd == fd)
			return (struct pollfd *)&turn->fds[i];
	return NULL;
}

void
turn_want(struct turn *turn, int fd, short events)
{
	struct pollfd *wanted = turn_find(turn, fd);

	if (fd < 0)
		return;
	if (wanted == NULL) {
		if (turn->count == TURN_FDS_MAX)
			return;
		wanted = &turn->fds[turn->count++];
		*wanted = (struct pollfd){ .fd = fd };
	}
	wanted->events = (short)(wanted->events | events);
}

void
turn_by(struct turn *turn, int64_t when)
{
	if (when < turn->deadline)
		turn->deadline = when;
}

int64_t
turn_wait(struct turn *turn)
{
	int64_t now = turn_clock();
	int timeout = -1;
	int i;

	if (turn->deadline <= now)
		timeout = 0;
	else if (turn->deadline != TURN_NEVER)
		timeout = turn->deadline - now > INT_MAX
		    ? INT_MAX
		    : (int)(turn->deadline - now);
	if (poll(turn->fds, (nfds_t)turn->count, timeout) < 0)
		for (i = 0; i < turn->count; i++)
			turn->fds[i].revents = 0;
	return turn_clock();
}

short
turn_ready(const struct turn *turn, int fd)
{
	const struct pollfd *wanted = fd < 0 ? NULL : turn_find(turn, fd);

	return wanted == NULL ? 0 : wanted->revents;
}
