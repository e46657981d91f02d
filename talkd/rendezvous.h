/*
 * rendezvous - what a talk daemon answers: the rules by which caller and
 * callee find each other, of both protocols alike.  ntalk(5) describes them.
 *
 * Pure functions of a request, where it came from, the table and the clock
 * (milliseconds, never going back).
 */
#ifndef TALKD_RENDEZVOUS_H
#define TALKD_RENDEZVOUS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/ntalk.h"
#include "invitations.h"

/* Where a request came from, and what this host's addresses say of it. */
struct rendezvous_origin {
	struct address source;
	struct address local; /* it was sent to; family 0: not known */
	bool source_is_here;  /* source is an address of this host */
	bool addr_is_here;    /* so is the one that the request offers */
	bool is_impostor;     /* l_name is not the name of who sent it */
};

enum rendezvous_ring {
	RENDEZVOUS_NO_RING,
	RENDEZVOUS_FIRST_RING,
	RENDEZVOUS_RING_AGAIN,
};

/*
 * Decides on a request.  *reply is what to answer, unless the callee is first
 * to be rung: then nothing has changed yet, and rendezvous_settle follows.
 */
enum rendezvous_ring rendezvous_decide(struct invitations *table,
    const struct talk_request *req, const struct rendezvous_origin *origin,
    int64_t now, struct talk_reply *reply);

/* How ringing went. */
struct rendezvous_outcome {
	enum talk_answer answer; /* TALK_SUCCESS, or why there was no ring */
	uid_t callee;		 /* whom it rang, if it did */
};

/*
 * Enters how the ringing went, and puts what to answer in *reply.  A call that
 * could not ring leaves no entry.
 */
void rendezvous_settle(struct invitations *table,
    const struct talk_request *req, const struct rendezvous_origin *origin,
    const struct rendezvous_outcome *outcome, int64_t now,
    struct talk_reply *reply);

/*
 * Who calls: puts up to `room` calls that rang the callee and are alive, in the
 * order of their first ring, the newest first, leaving out the first `skip`.
 * Returns their number; the pointers hold until the table changes.
 */
size_t rendezvous_list(struct invitations *table, uid_t callee, size_t skip,
    int64_t now, const struct invitation **found, size_t room);

#endif
