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

/* What goes back for a datagram, from the address that it was sent to. */
struct datagram_reply {
	const struct datagram *to;
	size_t len;
	uint8_t bytes[DATAGRAM_SIZE];
};

enum {
	DATAGRAM_BATCH = 16, /* the most received or sent by one call here */
	DATAGRAM_WAIT = 100, /* milliseconds that a receive may wait */
};

struct datagram_socket {
	int fd;
	int family;	      /* AF_INET or AF_INET6 */
	struct address bound; /* its own name; the host may be 0.0.0.0 or :: */
	bool cuts; /* what is sent at once into several, where it can */
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
 * Whether a receive may wait DATAGRAM_WAIT for a first datagram, instead of not
 * at all.  A receive that waits costs less than poll and one that does not; but
 * the socket may be another process's as well, inetd's for one, to which it is
 * to go back as it was.
 */
void datagram_let_wait(const struct datagram_socket *s, bool wait);

/*
 * Receives what is there, at most `room` datagrams and DATAGRAM_BATCH.  With
 * `wait` it waits for the first one, for as long as it was let, or for ever.
 * Returns their number; -1, with errno, when the socket is of no more use.
 */
int datagram_receive(
    const struct datagram_socket *s, struct datagram *in, int room, bool wait);

/*
 * Sends replies, at most DATAGRAM_BATCH, in their order; never waits.  Each
 * comes from where its datagram went to, if one can send from there, and else
 * from where the system chooses.  Returns how many could not be sent, with the
 * errno of the last of these.
 */
int datagram_send(const struct datagram_socket *s,
    const struct datagram_reply *replies, int count);

#endif
