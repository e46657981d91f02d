/*
 * limits - how often a host may have users disturbed: so many at once, and so
 * many a second after that.  What one host does takes nothing from another.
 * Besides, who has rung somebody waits a little before he rings him again.
 *
 * Two tables of fixed size, one of hosts and one of who rang whom, in each of
 * which who has been quiet longest makes room; their hashes are keyed, so that
 * nobody can choose whom he drives out, and however many callers a host makes
 * up, they drive out no host.  The clock is the caller's: milliseconds, never
 * going back.
 *
 * A call that rings nobody disturbs nobody, but to find that out costs a look
 * at users and terminals: so it counts, too, as a small part of a ring.
 */
#ifndef TALKD_LIMITS_H
#define TALKD_LIMITS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "siphash.h"

enum limits_kind {
	LIMITS_RINGS,
	LIMITS_MESSAGES,
};

enum {
	LIMITS_KINDS = 2,
	LIMITS_HOSTS_MAX = 4096,  /* remembered at once, 24 bytes each */
	LIMITS_PAIRS_MAX = 4096,  /* likewise, 16 bytes each */
	LIMITS_RING_PAUSE = 3000, /* milliseconds between rings of one pair */
	LIMITS_CALLS = 10,	  /* in vain, that count as much as a ring */
};

struct limit {
	uint32_t at_once; /* 0: no limit */
	uint32_t per_second;
};

struct limits;

/*
 * Ten rings at once and one a second, 40 messages at once and 4 a second.  The
 * key must be random.  NULL when memory is short.
 */
struct limits *limits_new(const uint8_t key[SIPHASH_KEY_SIZE]);
void limits_free(struct limits *limits);

/* To lift the limit of rings is to lift the pause between them, too. */
void limits_set(
    struct limits *limits, enum limits_kind kind, struct limit limit);

struct limit limits_get(const struct limits *limits, enum limits_kind kind);

/*
 * In how many milliseconds one more of that host, ports aside, is not one too
 * many; 0 when it would not be now.  Counts nothing, and asks for no memory: a
 * flood can be turned away by it before it costs anything.
 */
int64_t limits_wait(const struct limits *limits, enum limits_kind kind,
    const struct address *host, int64_t now);

/* Counts one more of that host; false when it is one too many. */
bool limits_take(struct limits *limits, enum limits_kind kind,
    const struct address *host, int64_t now);

/* Who would ring whom. */
struct limits_ring {
	const struct address *host; /* the caller's; the port does not count */
	const char *caller;	    /* as he calls himself */
	uid_t callee;
};

/*
 * In how many milliseconds that ring is not one too many for the two whom it is
 * between; 0 when it is not one now.  What its host may, limits_wait tells.  A
 * caller's first 11 characters tell him, as old clients send no more.
 */
int64_t limits_wait_ring(
    const struct limits *limits, const struct limits_ring *ring, int64_t now);

/* Counts a ring, for these two and the host, once it has rung. */
void limits_count_ring(
    struct limits *limits, const struct limits_ring *ring, int64_t now);

/* Counts a call of that host that rang nobody. */
void limits_count_call(
    struct limits *limits, const struct address *host, int64_t now);

#endif
