/*
 * The fault that fuzz_extension has to find: a reply that tells of several
 * calls is a byte longer than its request had room for.
 */
#include "common/extension.h"

size_t __real_extension_put_reply(const struct talk_reply *reply,
    const struct extension_reply *more, size_t room,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE]);
size_t __wrap_extension_put_reply(const struct talk_reply *reply,
    const struct extension_reply *more, size_t room,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE]);

size_t
__wrap_extension_put_reply(const struct talk_reply *reply,
    const struct extension_reply *more, size_t room,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE])
{
	return __real_extension_put_reply(
	    reply, more, room + (more->call_count > 1), bytes);
}
