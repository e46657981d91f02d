/*
 * meeting - how the two sides of a call come together.
 */
#include "meeting.h"

#include <string.h>

/* Whether the callee's host, as his daemon was reached, is this one. */
static bool
is_local(const struct daemon *there)
{
	struct address at = daemon_there(there);
	struct address here = daemon_here(there);

	return address_is_loopback(&at) || address_same_host(&at, &here);
}

bool
meeting_admits(const struct daemon *there, const struct address *peer,
    const struct address *own)
{
	return daemon_is_at(there, peer) ||
	    (is_local(there) &&
		(address_is_loopback(peer) || address_same_host(peer, own)));
}

struct address
meeting_lead(const struct daemon *there, const struct address *invited)
{
	struct address lead = *invited;

	if (address_is_any(&lead) ||
	    (address_is_loopback(&lead) && !is_local(there))) {
		lead = daemon_there(there);
		lead.port = invited->port;
	}
	return lead;
}

bool
meeting_is_lower(const struct address *ours, const struct address *theirs)
{
	int order = (int)ours->family - (int)theirs->family;

	if (order == 0)
		order = memcmp(ours->bytes, theirs->bytes, sizeof(ours->bytes));
	if (order == 0)
		order = (int)ours->port - (int)theirs->port;
	return order < 0;
}
