/*
 * sockets - those the daemon serves: given by whoever started it, or its own.
 */
#ifndef TALKD_SOCKETS_H
#define TALKD_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "datagram.h"
#include "log.h"

enum { SOCKETS_MAX = 16 };

struct sockets {
	size_t count;
	struct datagram_socket list[SOCKETS_MAX];
};

/*
 * Takes over the sockets given: those of LISTEN_FDS when they are for this
 * process (systemd's socket activation; descriptors from 3 on; the variables
 * are taken out of the environment), else standard input when that is a
 * socket (inetd's).  One that cannot be served is named in the log and left.
 * Returns how many were given.
 */
size_t sockets_inherit(struct sockets *sockets, const struct log *log);

/*
 * Opens one bound to `at`; or with family 0 one for all addresses of IPv4 and
 * one for those of IPv6, on the same port, or of what this host has of the
 * two.  Port 0 is any free one.  False, with errno and none open, when that
 * fails.
 */
bool sockets_open(struct sockets *sockets, const struct address *at);

#endif
