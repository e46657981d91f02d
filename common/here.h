/*
 * here - which addresses are this host's, and which are those of many.
 */
#ifndef COMMON_HERE_H
#define COMMON_HERE_H

#include <stdbool.h>

#include "address.h"

/*
 * Whether a datagram can be sent from that host's address, ports aside, which
 * is to ask whether it is one of this host: bind(2) refuses all others, but for
 * those of many hosts, which are none.  A link-local one without a zone may be
 * on any link.
 */
bool here_has(const struct address *host);

/* Whether it is a broadcast or multicast address, as far as is known. */
bool here_is_many(const struct address *host);

#endif
