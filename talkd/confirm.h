/*
 * confirm - whether a caller's host knows of his call.  Anybody can announce
 * a call in anyone's name; but who does call has left an invitation with the
 * daemon of his own host, which sees to it whose it is.  So that daemon is
 * asked, as the callee's client would ask: by a LOOK_UP in the callee's name.
 *
 * The ring is never delayed by this.  Old clients announce first and leave the
 * invitation a moment later, so that the questions come CONFIRM_FIRST after
 * the ring, and twice more at growing distance; they are of the ntalk protocol
 * whatever the call was.  The first reply that finds an invitation confirms the
 * call, and nothing is seen of that.  When none has done so some two seconds
 * after the last question, the terminals that were rung are told so, once, in
 * a line.  A call that was taken back meanwhile needs none: who answers it
 * finds no invitation, and so rings the one whose name it bore.  But where the
 * kernel says that a user of this host calls in another's name, it is told.
 *
 * What is in it for others: whoever forges the source of an ANNOUNCE has this
 * host send three datagrams there for each ring, of 84 bytes or over IPv6 some
 * 150, and rings are limited for each source (limits.h).  The question comes
 * from a port of its own for each call, above 1023 as netkit's daemon wants it,
 * and only a reply from the address and port that were asked counts: one that
 * is guessed has to hit all of them.  What a host says of its users is as good
 * as that host.
 *
 * Bounded: CONFIRM_MAX calls at once; beyond that the one that has waited
 * longest counts as not confirmed, at once.  So does, in the end, one for which
 * no socket was to be had.  The clock is the caller's: milliseconds, never
 * going back.
 */
#ifndef TALKD_CONFIRM_H
#define TALKD_CONFIRM_H

#include <sys/types.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/person.h"
#include "invitations.h"
#include "log.h"

enum {
	CONFIRM_MAX = 64, /* calls at once, a descriptor each */
	CONFIRM_TERMINALS_MAX = 16,
	CONFIRM_FIRST = 250, /* milliseconds until the first question */
};

/* A deadline that never comes. */
#define CONFIRM_NEVER INT64_MAX

/* A call that has rung.  Names are as they came. */
struct confirm_call {
	struct address source; /* of the ANNOUNCE */
	struct address local;  /* where it came to, port and all */
	uint32_t pid;
	char caller[PERSON_USER_SIZE];
	char callee[PERSON_USER_SIZE];
	bool in_full;		     /* both are, as in struct invitation */
	char host[PERSON_HOST_SIZE]; /* the caller's, as the ring named it */
	bool is_forged;		     /* by another user of this host */
	uid_t owner;		     /* of the terminals that were rung */
	size_t terminal_count;
	char terminals[CONFIRM_TERMINALS_MAX][PERSON_TERMINAL_SIZE];
};

/* Adds a terminal that was rung; those beyond CONFIRM_TERMINALS_MAX are not. */
void confirm_add_terminal(struct confirm_call *call, const char *terminal);

struct confirm;

/*
 * The table is where the announcement of each call stands, and, of callers of
 * this host, the invitation.  NULL when memory is short.
 */
struct confirm *confirm_new(
    const struct invitations *table, const struct log *log);
void confirm_free(struct confirm *confirm);

/*
 * Begins to ask about a call, for its first ring: a copy of it is kept.  One
 * of this host's own whose invitation stands in the table is confirmed by that.
 */
void confirm_begin(
    struct confirm *confirm, const struct confirm_call *call, int64_t now);

/* How many calls are neither confirmed nor given up yet. */
size_t confirm_count(const struct confirm *confirm);

/* When, if no reply comes, there is something to do. */
int64_t confirm_deadline(const struct confirm *confirm);

/* Puts what poll is to watch; returns how many of them count. */
size_t confirm_watch(
    const struct confirm *confirm, struct pollfd fds[CONFIRM_MAX]);

/* Handles what poll found, and what is due. */
void confirm_serve(
    struct confirm *confirm, const struct pollfd fds[CONFIRM_MAX], int64_t now);

#endif
