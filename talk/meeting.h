/*
 * meeting - how the two sides of a call come together: where an invitation
 * leads, which of two who wait for each other connects, and who is let in.
 *
 * Pure functions.  Both sides must come to the same end, though each sees
 * addresses of its own and the other may be a talk of old.
 */
#ifndef TALK_MEETING_H
#define TALK_MEETING_H

#include <stdbool.h>

#include "common/address.h"
#include "daemon.h"

/*
 * Whether a stream from an address to our own, where it arrived, comes from the
 * callee's host: nobody else may take the call, whoever learns of the port.
 */
bool meeting_admits(const struct daemon *there, const struct address *peer,
    const struct address *own);

/*
 * Where an invitation leads.  An old client leaves the address of its own name,
 * which on Debian is loopback: the daemon's host was meant.
 */
struct address meeting_lead(
    const struct daemon *there, const struct address *invited);

/*
 * Which of two addresses is the lower: both sides agree, for zones, which each
 * names as it likes, do not count.  The one who waits at the lower connects.
 */
bool meeting_is_lower(const struct address *ours, const struct address *theirs);

#endif
