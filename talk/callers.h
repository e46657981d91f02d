/*
 * callers - who is calling the user: asks his own daemon, which knows whom it
 * rang him for.  Only one of this project's daemons can tell (ntalk(5)).
 */
#ifndef TALK_CALLERS_H
#define TALK_CALLERS_H

#include <stdint.h>

#include "common/extension.h"
#include "daemon.h"
#include "turn.h"

enum {
	CALLERS_MAX = 1000,
	CALLERS_DAEMONS_MAX = 2, /* one for each family, as inetds have it */
};

enum callers_state {
	CALLERS_ASKING,
	CALLERS_KNOWN,	   /* they are in calls, maybe none */
	CALLERS_NO_DAEMON, /* none answers on this host */
	CALLERS_UNTOLD,	   /* one does, which cannot tell */
	CALLERS_FAILED,	   /* one does, which cannot tell now */
	CALLERS_REFUSED,   /* one does, which does not tell us */
	CALLERS_SYSTEM,	   /* errno in error */
};

struct callers {
	enum callers_state state;
	int error;
	struct extension_call *calls; /* the newest first */
	size_t count;
	struct daemon daemon; /* that is being asked */
	struct address here[CALLERS_DAEMONS_MAX];
	int here_count;
	int asked;		   /* of them */
	enum callers_state answer; /* of those asked before, the best */
};

/*
 * Begins to ask the daemons at these addresses, this host's, who calls that
 * user, the asker himself: one after the other, for each may have been rung by
 * others.  callers_end frees what it holds.
 */
void callers_start(struct callers *callers, const char *user,
    const struct address *here, int count, int64_t now);
void callers_end(struct callers *callers);

void callers_await(const struct callers *callers, struct turn *turn);

/* Takes in what came; returns callers->state. */
enum callers_state callers_turn(struct callers *callers, int64_t now);

#endif
