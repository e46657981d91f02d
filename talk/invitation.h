/*
 * invitation - where we await the other side, as our own daemons tell whoever
 * asks them: left, renewed, taken back.
 *
 * Some inetds start two daemons, one for each family, that know nothing of each
 * other: an invitation is left at every address of this host that is given, and
 * stands once one daemon has it.
 */
#ifndef TALK_INVITATION_H
#define TALK_INVITATION_H

#include <stdint.h>

#include "call.h"
#include "daemon.h"
#include "turn.h"

enum { INVITATION_DAEMONS_MAX = 2 };

enum invitation_state {
	INVITATION_NONE,       /* not left, or taken back */
	INVITATION_ASKED,      /* no daemon has it yet, but one may */
	INVITATION_LEFT,       /* one has it */
	INVITATION_FAILED,     /* none has it: failure tells why */
	INVITATION_TAKEN_BACK, /* as far as the daemons have answered */
};

struct invitation {
	enum invitation_state state;
	/*
	 * CALL_NO_OWN_DAEMON, CALL_OWN_REFUSES, CALL_IMPOSTOR, or CALL_NO_IPV6
	 * when no daemon can tell of such an address.
	 */
	enum call_failure failure;
	struct daemon daemons[INVITATION_DAEMONS_MAX];
	uint32_t ids[INVITATION_DAEMONS_MAX]; /* with each; 0: not there */
	int count;
};

/* Returns 0, or an errno.  invitation_close ends it, also after failure. */
int invitation_open(
    struct invitation *invitation, const struct address *here, int count);
void invitation_close(struct invitation *invitation);

/* Leaves it, by a LEAVE_INVITE, or renews it. */
void invitation_leave(struct invitation *invitation,
    const struct talk_request *question, int64_t now);

/* Begins to take it back; it may be left again once the state says NONE. */
void invitation_take_back(struct invitation *invitation, int64_t now);

void invitation_await(const struct invitation *invitation, struct turn *turn);

/* Takes in what came; returns invitation->state. */
enum invitation_state invitation_turn(
    struct invitation *invitation, int64_t now);

#endif
