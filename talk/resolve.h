/*
 * resolve - the addresses of a host, within bounded time.
 */
#ifndef TALK_RESOLVE_H
#define TALK_RESOLVE_H

#include <stdint.h>

#include "common/address.h"
#include "common/person.h"

/*
 * Puts at most max addresses of the host in at, of family 4 or 6, or 0 for any,
 * each with that port, in getaddrinfo's order, and their number in *count.  ""
 * and "localhost" are this host by its loopback addresses, IPv4's first.  Takes
 * ten seconds at most.  Returns NULL, or why there is none: a text for people,
 * valid for the life of the program.
 */
const char *resolve_host(const char *host, int family, uint16_t port,
    struct address *at, int max, int *count);

/*
 * Writes the name of the host that has an address, if it is known within a
 * second and leads back there; else the address as a number.  Names that are
 * not graphic ASCII are not known.
 */
void resolve_name(const struct address *at, char name[PERSON_HOST_SIZE]);

/* The port of a service of "tcp" or "udp" by name, or otherwise that number. */
uint16_t resolve_service(
    const char *name, const char *protocol, uint16_t otherwise);

#endif
