/*
 * turn - one turn of a loop: what it waits for and until when, at the latest.
 *
 * Every module of the client adds its descriptors and deadlines to the turn,
 * the loop waits once, and every module asks what is ready.
 */
#ifndef TALK_TURN_H
#define TALK_TURN_H

#include <poll.h>
#include <stdint.h>

enum { TURN_FDS_MAX = 32 };

/* A deadline that never comes. */
#define TURN_NEVER INT64_MAX

struct turn {
	struct pollfd fds[TURN_FDS_MAX];
	int count;
	int64_t deadline;
};

/* Milliseconds of a clock that nobody sets. */
int64_t turn_clock(void);

void turn_begin(struct turn *turn);

/* Waits for POLLIN or POLLOUT on fd; wants of one fd add up; fd -1: nothing. */
void turn_want(struct turn *turn, int fd, short events);

/* Ends the wait at `when` on turn_clock, unless it ends before. */
void turn_by(struct turn *turn, int64_t when);

/* Waits; returns the time then.  A signal may end it early, no fd ready. */
int64_t turn_wait(struct turn *turn);

/* What came of turn_want: POLLIN, POLLOUT, POLLERR, POLLHUP, or 0. */
short turn_ready(const struct turn *turn, int fd);

#endif
