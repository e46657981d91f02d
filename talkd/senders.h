/*
 * senders - whether who sends something from this host may use the name that it
 * gives: whose socket it came from tells that.
 *
 * To find the sockets that a datagram may have come from, the kernel walks
 * through all there are (common/owner).  So the one that takes the replies is
 * remembered for a minute, by a number that no other ever has, with a name that
 * it was found to be free to use: who refreshes an invitation, or tells of one
 * thing after the other, is looked for once.
 */
#ifndef TALKD_SENDERS_H
#define TALKD_SENDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/owner.h"
#include "common/person.h"

enum {
	SENDERS_MAX = 64, /* remembered at once */
	SENDERS_KEPT_MS = 60 * 1000,
};

struct sender {
	uint64_t socket;
	char name[PERSON_USER_SIZE];
	int64_t until; /* it counts */
};

/* All zero is one that remembers nobody. */
struct senders {
	struct owner_asking asking;
	struct sender known[SENDERS_MAX];
};

/*
 * Whether who sent a datagram from `source`, of this host, to `local` may use
 * that name.  now: milliseconds, never going back.
 */
bool senders_may_use(struct senders *senders, const struct address *source,
    const struct address *local, const char *name, int64_t now);

void senders_end(struct senders *senders);

#endif
