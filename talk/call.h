/*
 * call - how two users find each other: look up whether the other one calls
 * already, else leave an invitation with the own daemon, announce the call to
 * the other's, ring again, and wait; then take the invitation back.
 *
 * A state with a next deadline.  It asks daemons (daemon.h) and owns the
 * stream's sockets until it hands a connected one over.  ntalk(5) tells the
 * rules.
 */
#ifndef TALK_CALL_H
#define TALK_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/owner.h"
#include "common/person.h"
#include "daemon.h"
#include "turn.h"

enum {
	CALL_STATUS_SIZE = 160,
	CALL_COUNTDOWN_SIZE = 32,
	/* Told to wait no longer than this, a call waits and rings then. */
	CALL_HOLD_MAX_MS = 10000,
};

struct call_plan {
	const char *caller;	     /* our login name */
	const struct person *callee; /* whom to call, where */
	const char *host;	     /* the callee's, in words */
	const struct address *there; /* the callee's daemon */
	int there_count;
	const struct address *here; /* our own daemon */
	int here_count;
	uint16_t port_low, port_high; /* to wait on; 0 and 0: any */
	int64_t patience;	      /* ms to ring at most; 0: without end */
	/* owner_find, but for tests; NULL: whose a socket is nobody tells. */
	struct owner (*find_owner)(int protocol, const struct address *source,
	    const struct address *local);
};

enum call_phase {
	CALL_ASKING,	/* before anybody was rung */
	CALL_RINGING,	/* the callee was rung and has not come */
	CALL_CONNECTED, /* call_socket has the stream */
	CALL_FAILED,	/* call_failure tells why */
};

enum call_failure {
	CALL_NOT_FAILED,
	CALL_NOT_LOGGED_ON,
	CALL_REFUSING,	    /* the user refuses messages, or the host does */
	CALL_FORBIDDEN,	    /* the rules there forbid it */
	CALL_AMBIGUOUS,	    /* several users' names there begin like this */
	CALL_IMPOSTOR,	    /* a daemon takes us for somebody else */
	CALL_NO_DAEMON,	    /* none answers at the callee's host */
	CALL_NO_OWN_DAEMON, /* none answers here */
	CALL_OWN_REFUSES,   /* ours does not take the invitation */
	CALL_UNREACHABLE,   /* no way to the callee's host */
	CALL_NO_ANSWER,	    /* rang for as long as the plan allows */
	CALL_TOO_BUSY,	    /* the daemon could not ring, or asks to wait */
	CALL_TOO_OFTEN,	    /* it asks to: call_error has the seconds, or 0 */
	CALL_STUCK,	    /* the user's terminals take nothing now */
	CALL_NO_PORT,	    /* every port of the plan is taken */
	CALL_NOT_SPOKEN,    /* the daemon does not understand us */
	CALL_NO_IPV6,	    /* one of the daemons knows nothing of it */
	CALL_SYSTEM,	    /* call_error has the errno */
};

struct call;

/* NULL when memory is short.  The plan is read during the call: keep it. */
struct call *call_new(const struct call_plan *plan, int64_t now);

/* Closes what call_socket has not handed over.  Invitations: call_end. */
void call_free(struct call *call);

void call_await(const struct call *call, struct turn *turn);
void call_turn(struct call *call, const struct turn *turn, int64_t now);

enum call_phase call_phase(const struct call *call);
enum call_failure call_failure(const struct call *call);

/* An errno of CALL_SYSTEM, seconds of CALL_TOO_OFTEN. */
int call_error(const struct call *call);

/*
 * What to tell the user now, in the words of 4.3BSD's talk where there are any;
 * valid until the next call_turn.  May contain what came from outside: for a
 * terminal it has passed the gate.
 */
const char *call_status(const struct call *call);

/*
 * What follows those words, as in "; again in 25 s", and changes by the
 * second, for which call_await asks; "" when nothing is counted.
 */
const char *call_countdown(const struct call *call);

/* Once, when connected: the stream, which is the caller's to close from now. */
int call_socket(struct call *call);

/*
 * Gives up, or has nothing more to do: takes back what was left with daemons.
 * call_turn goes on with it; call_is_over tells when it is done, which with
 * daemons that are silent is CALL_TAKE_BACK_MS from now.
 */
enum { CALL_TAKE_BACK_MS = 1500 };
void call_end(struct call *call, int64_t now);
bool call_is_over(const struct call *call);

#endif
