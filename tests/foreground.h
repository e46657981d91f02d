/*
 * foreground - what a shell does to let a job have the terminal, for a program
 * started on the terminal that this one has.  Where standard input is no
 * terminal of ours, nothing happens.
 */
#ifndef TESTS_FOREGROUND_H
#define TESTS_FOREGROUND_H

#include <sys/types.h>

#include "stage.h"

/* Gives the terminal to a process group, from wherever it is now. */
void foreground_give(pid_t group);

/*
 * The program was stopped, by ^Z: stops the job of which we are, and when that
 * goes on, has the program go on in the foreground.
 */
void foreground_stopped(const struct actor *actor);

#endif
