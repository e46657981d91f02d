/*
 * extension - what two of this project's programs tell each other behind a
 * classic datagram: names in full, IPv6 addresses, how a ring went, who calls.
 * ntalk(5) describes it.
 *
 * A request is complete without its extension, for the daemons that know of
 * none, and a reply has one only where the request had, and is never longer
 * than the request.  Pure functions.
 */
#ifndef COMMON_EXTENSION_H
#define COMMON_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ntalk.h"
#include "person.h"

enum {
	EXTENSION_DATAGRAM_SIZE = 1024, /* room for the longest, classic part
					   included */
	EXTENSION_CALLS_MAX = 32,	/* in one reply */
	EXTENSION_TERMINALS_MAX = 16,	/* likewise */
	EXTENSION_HOST_SIZE = 216,	/* of a caller, its NUL included */
};

/* What a request asks for besides; all zero is nothing. */
struct extension_request {
	bool lists;    /* LOOK_UP: asks who calls l_name */
	uint16_t skip; /* so many of those, the newest, are known already */
};

/* Why a call was not rung, more closely than an answer tells. */
enum extension_reason {
	EXTENSION_NO_REASON = 0,
	EXTENSION_CLOSED = 1,	 /* the callee's terminals are (mesg n) */
	EXTENSION_FORBIDDEN = 2, /* by the host's rules, or the callee's */
	EXTENSION_TOO_OFTEN = 3, /* `seconds` tells when to try again */
	EXTENSION_STUCK = 4,	 /* terminals that take nothing now */
	EXTENSION_AMBIGUOUS = 5, /* several users' names begin like this */
	EXTENSION_IMPOSTOR = 6,	 /* l_name is not the asker's own */
};

/* A call that waits to be answered. */
struct extension_call {
	uint32_t age; /* seconds since it rang first */
	char caller[PERSON_USER_SIZE];
	char host[EXTENSION_HOST_SIZE]; /* a name or a number */
};

/* What a reply tells besides; all zero is nothing. */
struct extension_reply {
	enum extension_reason reason;
	uint16_t seconds;
	size_t terminal_count; /* ANNOUNCE: where it rang */
	char terminals[EXTENSION_TERMINALS_MAX][PERSON_TERMINAL_SIZE];
	size_t call_count; /* LOOK_UP that lists: the newest first */
	struct extension_call calls[EXTENSION_CALLS_MAX];
};

/*
 * Reads what is behind a request that ntalk_get_request has read: puts names in
 * full and an IPv6 address in *req, in place of what had no room there.  False
 * when there is no extension, or none that is right to the last byte; then *req
 * is as it was and *more zero.
 */
bool extension_get_request(const uint8_t *bytes, size_t len,
    struct talk_request *req, struct extension_request *more);

/* Writes a request whole, with its extension; returns its length. */
size_t extension_put_request(const struct talk_request *req,
    const struct extension_request *more,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE]);

/* Reads what is behind a reply, as extension_get_request does. */
bool extension_get_reply(const uint8_t *bytes, size_t len,
    struct talk_reply *reply, struct extension_reply *more);

/*
 * Writes a reply whole, no longer than `room`, the length of its request: what
 * does not fit is left out, calls from the oldest on.  Returns its length.
 */
size_t extension_put_reply(const struct talk_reply *reply,
    const struct extension_reply *more, size_t room,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE]);

#endif
