/*
 * datagram - one datagram in, with the address it came from and the address
 * of this host that it was sent to; one out, from that same address.  A client
 * believes a reply only when it comes from where it asked, and a host has
 * several addresses.
 *
 * Works alike on a socket made here and on one that was inherited with its
 * first datagram already waiting; for IPv4, IPv6, and both on one socket.
 */
#ifndef TALKD_DATAGRAM_H
#define TALKD_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/* Room for the longest request of any dialect; what is beyond it is cut off. */
enum { DATAGRAM_SIZE = 1024 };

struct datagram {
	struct address source;
	struct address local; /* where it was sent to; family 0: not known */
	bool broadcast; /* sent to many hosts, as far as the system tells */
	size_t len;
	uint8_t bytes[DATAGRAM_SIZE];
};

struct datagram_socket {
	int fd;
	int family;	      /* AF_INET or AF_INET6 */
	struct address bound; /* its own name; the host may be 0.0.0.0 or :: */
};

/*
 * Takes over a bound datagram socket.  Returns NULL, or why it will not do: a
 * literal for people to read.  The descriptor stays the caller's until then.
 */
const char *datagram_adopt(struct datagram_socket *s, int fd);

/*
 * Makes a socket bound to `at`; port 0 lets the system choose one.  One for
 * IPv6 takes nothing of IPv4, so that there can be one for each.  False, with
 * errno, when that fails.
 */
bool datagram_open(struct datagram_socket *s, const struct address *at);

void datagram_close(struct datagram_socket *s);

/*
 * Receives what waits, at most `room` datagrams, and never waits itself.
 * Returns their number; -1, with errno, when the socket is of no more use.
 */
int datagram_receive(
    const struct datagram_socket *s, struct datagram *in, int room);

/*
 * Sends len bytes to `to`, from the address `from` if that is one to send from
 * and otherwise as the system chooses; never waits.  False, with errno, when
 * it could not be sent.
 */
bool datagram_send(const struct datagram_socket *s, const struct address *to,
    const struct address *from, const void *bytes, size_t len);

/*
 * Whether a datagram can be sent from that host's address, ports aside, which
 * is to ask whether it is one of this host: bind(2) refuses all others.  A
 * link-local one without a zone may be on any link.
 */
bool datagram_is_local(const struct address *host);

#endif
