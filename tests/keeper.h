/*
 * keeper - a process that outlives the program which started it for as long as
 * it takes to end the others which that program started: whatever way a test
 * dies, nothing of it stays behind.
 */
#ifndef TESTS_KEEPER_H
#define TESTS_KEEPER_H

#include <sys/types.h>

#include <stdbool.h>

enum { KEEPER_MAX = 256 }; /* processes it can have in its care */

struct keeper {
	pid_t pid;
	int pipe; /* its end is what the keeper waits for */
};

/* Call it before anything else is opened: the keeper would hold that open. */
bool keeper_start(struct keeper *keeper);

/* A process began, or has ended and been waited for. */
void keeper_began(const struct keeper *keeper, pid_t pid);
void keeper_ended(const struct keeper *keeper, pid_t pid);

/* Has it end what has not ended, and then itself. */
void keeper_dismiss(struct keeper *keeper);

#endif
