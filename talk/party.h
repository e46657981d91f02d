/*
 * party - whether the other end of a stream is held by the user who should be
 * there.  Of another host nobody can tell; within this one the system may, and
 * no other of its users is to take a call.
 */
#ifndef TALK_PARTY_H
#define TALK_PARTY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "common/owner.h"

/*
 * Who holds the other end, `peer`, of a stream that has `own` here: as `find`
 * tells, which is owner_find, when that is within this host, and OWNER_UNTOLD
 * otherwise, or when find is NULL.  With `connected` it was begun here, and
 * may not be accepted there yet: it is for who listens there, then.
 */
struct owner party_find(
    struct owner (*find)(int protocol, const struct address *source,
	const struct address *local),
    const struct address *peer, const struct address *own, bool connected);

/*
 * What to tell of one who must not use the user's name, cut to size; the name
 * may come from outside, and is made fit for a terminal.
 */
void party_refuse(
    const struct owner *owner, const char *user, char *words, size_t size);

#endif
