/*
 * calls - a datagram of one of the talk protocols, from its bytes to the
 * bytes of its reply: read, decided on, the callee rung where he sits.
 *
 * Nothing here waits: neither for a terminal nor for a name.
 */
#ifndef TALKD_CALLS_H
#define TALKD_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/extension.h"
#include "datagram.h"
#include "invitations.h"
#include "log.h"
#include "names.h"
#include "ringer.h"
#include "senders.h"

/* What calls need; all but the last is the caller's. */
struct calls {
	const struct log *log;
	struct invitations *table;
	struct names *names;
	struct ringer *ringer;
	struct senders *senders;
	struct extension_reply more; /* to the present request: it is large */
};

enum calls_result {
	CALLS_NOT_MINE, /* no call: other dialects may look at it */
	CALLS_ANSWERED, /* the reply is to be sent */
	CALLS_WAITS,	/* nothing done: the caller's host has no name yet */
};

/*
 * Takes a datagram; the reply is never longer than it.  With may_wait false the
 * caller's host is called by its number when its name is not known.  now:
 * milliseconds, never going back.
 */
enum calls_result calls_take(struct calls *calls, const struct datagram *in,
    bool may_wait, int64_t now, struct datagram_reply *out);

#endif
