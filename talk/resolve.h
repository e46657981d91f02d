/*
 * resolve - the addresses of a host, within bounded time.
 */
#ifndef TALK_RESOLVE_H
#define TALK_RESOLVE_H

#include <stdint.h>

#include "common/address.h"

/*
 * Puts at most max addresses of the host in at, each with that port, in
 * getaddrinfo's order, and their number in *count.  "" is this host by its
 * loopback address.  Takes ten seconds at most.  Returns NULL, or why there is
 * none: a text for people, valid for the life of the program.
 */
const char *resolve_host(
    const char *host, uint16_t port, struct address *at, int max, int *count);

/* The port of a UDP service by name, or otherwise that number. */
uint16_t resolve_service(const char *name, uint16_t otherwise);

#endif
