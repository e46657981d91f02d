/*
 * limits - how often a host may have users disturbed: so many at once, and so
 * many a second after that.  What one host does takes nothing from another.
 *
 * A table of fixed size, in which who has been quiet longest makes room; its
 * hashes are keyed, so that nobody can choose whom he drives out.  The clock
 * is the caller's: milliseconds, never going back.
 */
#ifndef TALKD_LIMITS_H
#define TALKD_LIMITS_H

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
	LIMITS_HOSTS_MAX = 4096, /* remembered at once, 24 bytes each */
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

void limits_set(
    struct limits *limits, enum limits_kind kind, struct limit limit);

/* Counts one more of that host, ports aside; false when it is one too many. */
bool limits_take(struct limits *limits, enum limits_kind kind,
    const struct address *host, int64_t now);

#endif
