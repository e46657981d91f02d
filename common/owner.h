/*
 * owner - whose socket of this host sent something: the sender's name is the
 * one thing in a request that this host can check.
 *
 * Linux tells, by sock_diag(7), and needs no privilege for it.  Systems that
 * tell nobody leave everything OWNER_UNTOLD.
 */
#ifndef COMMON_OWNER_H
#define COMMON_OWNER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "address.h"

enum owner_telling {
	OWNER_UNTOLD, /* this system has no way to tell */
	OWNER_UNSURE, /* it has, but the socket is closed or could be several */
	OWNER_TOLD,
};

struct owner {
	enum owner_telling telling;
	uid_t uid; /* OWNER_TOLD only */
};

/*
 * Finds who owns the socket of this host from which `source` came to `local`.
 * The protocol is IPPROTO_UDP or IPPROTO_TCP.  With it a `local` that is NULL
 * asks who listens at `source`.
 *
 * A stream has one socket at either end; it is OWNER_UNSURE whose that is
 * before it was accepted there, or when it is closed.  Datagrams come from any
 * that is bound to the port, whatever its address: IP_PKTINFO lets a sender
 * choose another one of the host's.  Thus all of them must be one user's.  And as the
 * sender's may be closed by now, one of them must be bound and connected so
 * that it may be the sender's.
 */
struct owner owner_find(
    int protocol, const struct address *source, const struct address *local);

/* What asks the system time and again; all zero is one that has not yet. */
struct owner_asking {
	bool is_open;
	int fd; /* if it is open */
	uint32_t count;
};

/*
 * Tells the socket of this host that takes the datagrams sent from `local` to
 * `source` by a number that no other has had, or will have, since the system
 * was started.  0 when there is none, or none is told.  That is found at once,
 * but it need not be the one that sent from there.
 */
uint64_t owner_socket(struct owner_asking *asking, const struct address *source,
    const struct address *local);

void owner_end(struct owner_asking *asking);

/*
 * Whether an owner may call himself so: by a name of his uid, in whatever
 * case, or its first 11 characters as old clients cut it; root by any.  One
 * that is not told may, one that is not sure must not.
 */
bool owner_may_use(const struct owner *owner, const char *name);

/*
 * Whether a socket of IPv4 alone takes datagrams at that port, from whatever
 * address they are sent to.  Then a socket for both families at the same port,
 * as some inetds open besides, has a copy of each broadcast.  False, too, where
 * the system does not tell.
 */
bool owner_has_twin(uint16_t port);

/*
 * Whether that host, ports aside, is this one; local is where a request from
 * it came to.
 */
bool owner_is_here(const struct address *host, const struct address *local);

#endif
