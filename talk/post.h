/*
 * post - a message as the command line has it: its text taken, sent to one host
 * or to all, and what came of it.
 */
#ifndef TALK_POST_H
#define TALK_POST_H

#include <stdio.h>

#include "common/person.h"
#include "options.h"
#include "verdict.h"

/*
 * Sends the words of the options, or standard input when there are none, in the
 * name of the sender; returns when all that could come of it has.  The hosts
 * that have delivered a broadcast to somebody are named, one a line.
 */
struct verdict post_message(const struct options *options,
    const struct person *to, const char *sender, FILE *names);

#endif
