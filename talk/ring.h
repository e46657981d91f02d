/*
 * ring - what a daemon's answer to a ring tells: where it rang, or why not, and
 * when it is time for the next.
 *
 * Pure functions.
 */
#ifndef TALK_RING_H
#define TALK_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/extension.h"
#include "common/ntalk.h"
#include "call.h"

enum {
	RING_TERMINALS_MAX = 3, /* that are named */
	RING_WHERE_SIZE = RING_TERMINALS_MAX * (PERSON_TERMINAL_SIZE + 2) + 32,
};

/*
 * What the answer means for the call: CALL_NOT_FAILED when it rang.  A daemon
 * of this project's gives its reasons besides, which tell more than the answer.
 */
enum call_failure ring_failure(
    const struct talk_reply *reply, const struct extension_reply *more);

/* Whether one that rings already may well ring the next time. */
bool ring_may_pass(enum call_failure failure);

/*
 * Writes where it rang, as in " (rang on pts/3, tty1)"; what is in the text
 * stays when the daemon does not tell.
 */
void ring_where(const struct extension_reply *more, char text[RING_WHERE_SIZE]);

/*
 * Writes the seconds to a moment, as in "; again in 25 s", where the event is
 * "again"; returns when there will be one less, TURN_NEVER once that
 * moment has come.
 */
int64_t ring_countdown(const char *event, int64_t then, int64_t now,
    char text[CALL_COUNTDOWN_SIZE]);

#endif
