/*
 * signals - signals as events of a poll loop: a handler notes the signal and
 * wakes the loop through a pipe, nothing else.
 *
 * The one place of the client with globals: a handler has no other way.
 */
#ifndef TALK_SIGNALS_H
#define TALK_SIGNALS_H

#include <stdbool.h>

/*
 * Until signals_open, an interrupt ends the program with status 0, as it does
 * later (POSIX, talk): there is nothing to be put back yet.
 */
void signals_leave_on_interrupt(void);

/*
 * From now on INT, QUIT, TERM, HUP, WINCH, TSTP and CONT are noted; what was
 * ignored at start (nohup, a shell's background job) stays ignored.  PIPE is
 * ignored: write(2) tells.  Returns the descriptor to wait on, or -1 with
 * errno.
 */
int signals_open(void);

/* Empties the pipe; call it once a turn, before signals_take. */
void signals_turn(void);

/* Whether the signal came since the last call for it. */
bool signals_take(int signal_number);

/* Lets the signal do to the process what it does by default. */
void signals_obey(int signal_number);

#endif
