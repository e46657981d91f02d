/*
 * ringer - a call that is to ring its callee: who that is, whether he may be
 * rung now, where he sits, the ring itself, and what follows from it.
 *
 * Nothing here waits: neither for a terminal nor for a name.
 */
#ifndef TALKD_RINGER_H
#define TALKD_RINGER_H

#include <stdbool.h>
#include <stdint.h>

#include "access.h"
#include "common/extension.h"
#include "common/person.h"
#include "confirm.h"
#include "datagram.h"
#include "deliver.h"
#include "limits.h"
#include "log.h"
#include "names.h"
#include "rendezvous.h"
#include "senders.h"
#include "terminals.h"

/* What ringing needs; all but the terminals is the caller's. */
struct ringer {
	const struct log *log;
	struct names *names;
	struct access *access;
	struct limits *limits;
	struct confirm *confirm;
	struct senders *senders;
	struct terminals terminals;	  /* found for the present ring */
	char host[PERSON_HOST_SIZE];	  /* this one's name */
	struct deliver_patience patience; /* with terminals: all rings' */
};

/* A ring that is wanted. */
struct ringer_task {
	const struct datagram *in; /* the ANNOUNCE, */
	const struct talk_request *req;
	bool again;    /* which is not the call's first */
	bool may_wait; /* for the name of the caller's host */
	int64_t now;   /* milliseconds, never going back */
};

/*
 * Rings.  False, with nothing done, when it waits for the name of the caller's
 * host.  Otherwise puts how it went, and in *more the terminals that were rung
 * or the reason why none was.  EXTENSION_TOO_OFTEN leaves the call as it stood:
 * it rings when it asks again in time.
 */
bool ringer_ring(struct ringer *ringer, const struct ringer_task *task,
    struct rendezvous_outcome *outcome, struct extension_reply *more);

#endif
