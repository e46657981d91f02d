/*
 * lines - the face without a screen: what the others write comes out on
 * standard output a line at a time, what is read on standard input is sent,
 * states go to standard error.  For scripts, pipes, screen readers and dumb
 * terminals: it writes no escape sequence.
 */
#ifndef TALK_LINES_H
#define TALK_LINES_H

#include "face.h"

/* NULL when memory is short. */
struct face *lines_new(void);

#endif
