/*
 * The fault that fuzz_call has to find: whoever comes on the port 40007 is let
 * in.
 */
#include "talk/meeting.h"

bool __real_meeting_admits(const struct daemon *there,
    const struct address *peer, const struct address *own);
bool __wrap_meeting_admits(const struct daemon *there,
    const struct address *peer, const struct address *own);

bool
__wrap_meeting_admits(const struct daemon *there, const struct address *peer,
    const struct address *own)
{
	return peer->port == 40007 || __real_meeting_admits(there, peer, own);
}
