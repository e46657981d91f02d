/*
 * address - an internet address with its port, as this project keeps it:
 * small, comparable, free of padding surprises and of byte order.
 *
 * Pure functions: no descriptors, no look-ups, no globals.
 */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
	uint8_t family;	   /* 4, 6, or 0 for none */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
	uint16_t port;	   /* host order */
	uint32_t scope;	   /* IPv6 zone as an interface index, else 0 */
};

/* Room for address_format's longest text, its NUL included. */
enum { ADDRESS_TEXT_SIZE = 64 };

/*
 * Reads a socket address; an IPv4 address mapped into IPv6 becomes IPv4.
 * Returns false, and family 0, for any other family or a length too short.
 */
bool address_from_sockaddr(
    struct address *a, const struct sockaddr *sa, socklen_t len);

/* Writes a socket address; returns its length, 0 when family is 0. */
socklen_t address_to_sockaddr(
    const struct address *a, struct sockaddr_storage *ss);

/*
 * The same host, whatever the ports; zones count only where both have one.
 * What has family 0 is no host, and so not the same as anything.
 */
bool address_same_host(const struct address *a, const struct address *b);

/* The same host and the same port. */
bool address_equal(const struct address *a, const struct address *b);

/*
 * Whether the host's address begins with as many bits of the network's, at
 * most 32 of IPv4, 128 of IPv6; ports and zones do not count.
 */
bool address_is_within(
    const struct address *host, const struct address *network, unsigned bits);

/* 127.0.0.0/8 (RFC 1122) and ::1 (RFC 4291). */
bool address_is_loopback(const struct address *a);

/* 0.0.0.0 or ::, which is nobody's address. */
bool address_is_any(const struct address *a);

/*
 * Writes the address as a number, without its port, cut to size and always
 * NUL-ended; "none" for family 0.  A zone follows as %INDEX.
 */
void address_format(const struct address *a, char *text, size_t size);

#endif
