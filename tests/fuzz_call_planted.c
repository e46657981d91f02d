/*
 * The fault that fuzz_call has to find: one in four is let in whoever it is, by
 * the port it comes on.
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
	return peer->port % 4 == 3 || __real_meeting_admits(there, peer, own);
}
