/*
 * broadcast - a letter to whoever it may concern on the local networks, by UDP:
 * each request is sent twice, for broadcasts get lost, and shows once.
 *
 * A host answers when it has delivered to the user that the letter is for; to
 * everyone it does not (RFC 1312).
 */
#ifndef TALK_BROADCAST_H
#define TALK_BROADCAST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/msp.h"
#include "letter.h"
#include "turn.h"

enum {
	BROADCAST_NETWORKS_MAX = 32,
	BROADCAST_HOSTS_MAX = 256, /* more than that are not named */
	/* Between any two datagrams, so that no host has to limit them. */
	BROADCAST_PACE_MS = 250,
	/* For answers, once the last request was sent. */
	BROADCAST_PATIENCE_MS = 2000,
};

enum broadcast_state {
	BROADCAST_UNDER_WAY,
	BROADCAST_SENT,	       /* and who answered is in hosts */
	BROADCAST_UNREACHABLE, /* no network took it */
	BROADCAST_UNWRITABLE,  /* no request can hold it: why is in words */
	BROADCAST_SYSTEM,      /* the system failed us: errno in error */
};

/* A network of this host's. */
struct network {
	struct address own;	 /* on it; no port */
	struct address everyone; /* who is on it, and the service's port */
};

struct broadcast {
	enum broadcast_state state;
	const char *words;
	int error;
	struct address hosts[BROADCAST_HOSTS_MAX]; /* in order of answers */
	int host_count;

	struct letter *letter; /* the caller's, as are the networks */
	const struct network *networks;
	int network_count;
	bool heard_out; /* answers are waited for */
	int fd;
	uint8_t request[MSP_SIZE];
	size_t len;
	bool again; /* the request goes a second time */
	int64_t next;
	int64_t end; /* of waiting; TURN_NEVER before the last request */
};

/*
 * The IPv4 networks of this host that know broadcasts, and the host itself by
 * its loopback address; at most max, each with that port.  Returns their
 * number, or -1 with errno.
 */
int broadcast_networks(uint16_t port, struct network *networks, int max);

/* Begins to send.  broadcast_end ends it, however far it has come. */
void broadcast_start(struct broadcast *broadcast, struct letter *letter,
    const struct network *networks, int count, int64_t now);
void broadcast_end(struct broadcast *broadcast);

/* Adds to a turn what it waits for. */
void broadcast_await(const struct broadcast *broadcast, struct turn *turn);

/* Sends what is due, takes in what came; returns broadcast->state. */
enum broadcast_state broadcast_turn(struct broadcast *broadcast, int64_t now);

#endif
