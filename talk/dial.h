/*
 * dial - a TCP connection to a host that may have several addresses: the first
 * that takes it.
 *
 * They are tried in the order given, each a moment after the one before or as
 * soon as that one fails, so that a dead one costs little (RFC 8305).
 */
#ifndef TALK_DIAL_H
#define TALK_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "turn.h"

enum {
	DIAL_ADDRESSES_MAX = 8,
	/* Silence of one address after which the next is tried as well. */
	DIAL_NEXT_MS = 250,
	/* Once one address has refused, silence of the others counts too. */
	DIAL_OTHERS_MS = 2000,
};

enum dial_state {
	DIAL_TRYING,
	DIAL_CONNECTED,	  /* dial_take has the connection */
	DIAL_REFUSED,	  /* an address refused, and none took it */
	DIAL_UNREACHABLE, /* the network says there is no way there */
	DIAL_SILENT,	  /* nothing came until it was given up */
	DIAL_SYSTEM,	  /* the system failed us: errno in error */
};

struct dial_try {
	struct address at;
	int fd;	      /* -1 when not under way */
	bool refused; /* by the host itself */
};

struct dial {
	struct dial_try tries[DIAL_ADDRESSES_MAX];
	int count;
	int begun; /* how many of them */
	enum dial_state state;
	int error;
	int64_t next;
	int64_t give_up;
};

/*
 * Begins, with the first DIAL_ADDRESSES_MAX of the addresses; the first attempt
 * is made by the first turn.
 */
void dial_start(struct dial *dial, const struct address *at, int count,
    int64_t now, int64_t give_up);

/* Adds to a turn what it waits for. */
void dial_await(const struct dial *dial, struct turn *turn);

/* Looks at what came of it, tries what is due; returns dial->state. */
enum dial_state dial_turn(
    struct dial *dial, const struct turn *turn, int64_t now);

/* The connection, which is the caller's from then on, and never blocks. */
int dial_take(struct dial *dial);

/* Closes what is under way; may be called at any time, and twice. */
void dial_close(struct dial *dial);

#endif
