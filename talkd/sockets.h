/*
 * sockets - those the daemon serves: given by whoever started it, or its own.
 */
#ifndef TALKD_SOCKETS_H
#define TALKD_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "datagram.h"
#include "log.h"

enum { SOCKETS_MAX = 16 }; /* in all */

struct sockets {
	size_t datagram_count;
	struct datagram_socket datagrams[SOCKETS_MAX];
	size_t listener_count;
	int listeners[SOCKETS_MAX]; /* that accept without waiting */
	size_t accepted_count;
	int accepted[SOCKETS_MAX]; /* connected streams */
};

/*
 * Takes over the sockets given: those of LISTEN_FDS when they are for this
 * process (systemd's socket activation; descriptors from 3 on; the variables
 * are taken out of the environment), else standard input when that is a
 * socket (inetd's).  What each is it tells itself: one for datagrams, one that
 * listens, or a stream that was accepted already.  One that cannot be served
 * is named in the log and left.  Returns how many were given.
 */
size_t sockets_inherit(struct sockets *sockets, const struct log *log);

/* The number of those that can be served. */
size_t sockets_count(const struct sockets *sockets);

/* What to open at an address: on a port of its own, 0 for any that is free. */
struct sockets_plan {
	uint16_t calls;	   /* datagrams */
	uint16_t messages; /* datagrams, and a stream that listens */
};

/*
 * Opens what is planned, at `at`, whose port does not count; or with family 0
 * at all addresses of IPv4 and at those of IPv6, or of what this host has of
 * the two.  Calls and messages on one port share a socket, and a free one is
 * the same for all.  False, with errno and none open, when that fails.
 */
bool sockets_open(struct sockets *sockets, const struct address *at,
    const struct sockets_plan *plan);

#endif
