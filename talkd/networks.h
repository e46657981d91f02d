/*
 * networks - which hosts are near: those of networks that are private by their
 * numbers, and of those that this host is attached to.
 */
#ifndef TALKD_NETWORKS_H
#define TALKD_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

enum {
	NETWORKS_MAX = 64,	  /* attached to; of more, the first */
	NETWORKS_KEPT = 5 * 1000, /* milliseconds, before one looks again */
};

/* The addresses that begin with as many bits. */
struct network {
	struct address address;
	unsigned bits;
};

/* Those that this host is attached to; all zero was not looked for yet. */
struct networks {
	struct network list[NETWORKS_MAX];
	size_t count;
	int64_t until; /* when to look again; 0: at once */
};

/*
 * Whether the host's number is one that the internet does not reach: loopback,
 * private (RFC 1918), link-local (RFC 3927, RFC 4291) or unique local
 * (RFC 4193).
 */
bool networks_is_private(const struct address *host);

/*
 * Whether the host is in a network that this one is attached to; looks which
 * those are when that was not done for a while.  now: milliseconds, never
 * going back.
 */
bool networks_is_attached(
    struct networks *networks, const struct address *host, int64_t now);

#endif
