/*
 * socket - sockets as the client uses them: they never block, and no other
 * program inherits them.
 */
#ifndef TALK_SOCKET_H
#define TALK_SOCKET_H

#include <stdbool.h>

#include "common/address.h"

/* Makes a descriptor such a one; false with an errno. */
bool socket_settle(int fd);

/*
 * A socket of SOCK_STREAM or SOCK_DGRAM of that address' family; -1 with an
 * errno.  Over IPv6 it speaks from a lasting address of this host rather than
 * from one made up for a day (RFC 8981), for others know us by it.
 */
int socket_new(const struct address *at, int type);

/*
 * The same, connected to the address: a stream perhaps not yet, as POLLOUT
 * tells; datagrams are heard from there alone.
 */
int socket_to(const struct address *at, int type);

/* The address that it has here; family 0 when there is none, or fd is -1. */
struct address socket_here(int fd);

/* 0 when a connection begun before stands, or the errno by which it failed. */
int socket_error(int fd);

#endif
