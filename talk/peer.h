/*
 * peer - the stream to another party: three edit characters first, then text
 * both ways, no framing; its close is the end (ntalk(5)).
 */
#ifndef TALK_PEER_H
#define TALK_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "turn.h"

enum {
	PEER_EDIT_SIZE = 3,
	/* More than this waiting for the peer: read no more for it. */
	PEER_QUEUE_MAX = 65536,
	PEER_READ_SIZE = 4096,
	/* How long a peer may take to close once it was told the end. */
	PEER_HANG_UP_MS = 2000,
};

enum peer_state {
	PEER_TALKING,
	PEER_HANGING_UP, /* we have: what is queued still goes */
	PEER_CLOSED,	 /* the other side has, or all was said and done */
	PEER_BROKEN,	 /* the connection failed: errno in error */
};

struct peer {
	enum peer_state state;
	int error;
	int fd;		     /* -1 once closed */
	struct buffer queue; /* to be sent */
	uint8_t edit[PEER_EDIT_SIZE];
	int edit_len; /* of edit, so far */
	bool shut;    /* our end of text was sent */
	int64_t give_up;
};

/*
 * Takes over a connected socket and queues our own edit characters; fd -1 is a
 * peer that is not there yet.
 */
void peer_start(struct peer *peer, int fd, const uint8_t edit[PEER_EDIT_SIZE]);
void peer_free(struct peer *peer);

/* Whether its edit characters have come, as a talk sends them at once. */
bool peer_has_begun(const struct peer *peer);

/* Queues text; true unless memory is short or the peer does not talk. */
bool peer_say(struct peer *peer, const char *bytes, size_t len);

/* Whether the queue is so long that whoever feeds it should wait. */
bool peer_is_behind(const struct peer *peer);

/*
 * Begins to hang up: sends what is queued, then the end, then closes.  What is
 * not sent by `give_up` is dropped; TURN_NEVER waits for a slow reader.  When
 * it is called again, the sooner of both holds.
 */
void peer_hang_up(struct peer *peer, int64_t give_up);

/* listen: whether peer_hear may be called after the wait. */
void peer_await(const struct peer *peer, struct turn *turn, bool listen);

/* Sends what can be sent; closes what is over. */
void peer_turn(struct peer *peer, int64_t now);

/*
 * Reads what the peer wrote, when the turn says that there is something:
 * returns how many bytes of text were put in bytes.  Its edit characters are
 * not text; *edited tells that they have just been completed.
 */
size_t peer_hear(struct peer *peer, const struct turn *turn,
    char bytes[PEER_READ_SIZE], bool *edited);

#endif
