/*
 * world - a network in memory, for fuzzers of the client: it stands in for the
 * system's sockets at link time.  What the client sends and where it connects
 * is told to a watcher and goes nowhere; it hears what the fuzzer puts there.
 *
 * Each socket has a descriptor of the system's, of /dev/null, so that what
 * sets, counts and closes descriptors works as ever.  It never blocks.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "talk/turn.h"

enum {
	WORLD_SOCKETS_MAX = 256, /* numbers of descriptors */
	WORLD_PIECES_MAX = 8,	 /* that lie at a socket, to be read */
	WORLD_PIECE_SIZE = 1024,
};

/* A datagram, a piece of a stream, a connection to be accepted, or an error. */
struct world_piece {
	uint8_t bytes[WORLD_PIECE_SIZE];
	size_t len;	     /* 0: of a stream, its end */
	size_t taken;	     /* of a stream */
	int error;	     /* an errno instead, or 0 */
	struct address from; /* of a datagram or a connection */
};

enum world_stage {
	WORLD_FRESH,
	WORLD_LISTENING,
	WORLD_CONNECTING,
	WORLD_CONNECTED, /* datagrams: heard from there alone */
};

struct world_socket {
	int fd;
	int type; /* SOCK_DGRAM, SOCK_STREAM */
	enum world_stage stage;
	bool decided; /* WORLD_CONNECTING: by `error`, 0 when it stands */
	bool accepted;
	bool shut; /* the client sends no more */
	int error;
	int send_error;		    /* that the next send meets, or 0 */
	size_t room;		    /* a stream takes no more bytes than that */
	struct address here, there; /* there: of a stream accepted, too */
	uint8_t sent[WORLD_PIECE_SIZE]; /* last, as much as fits */
	size_t sent_len;
	struct world_piece pieces[WORLD_PIECES_MAX];
	int count;
};

/* Who is told; each may be NULL. */
struct world_watcher {
	void *context;
	void (*connects)(void *context, struct world_socket *socket);
	/* A datagram that cannot be sent is told, too; it got lost. */
	void (*sends)(void *context, struct world_socket *socket,
	    const struct address *to, const uint8_t *bytes, size_t len);
	/* room: how much the client had for it */
	void (*reads)(void *context, const struct world_socket *socket,
	    const uint8_t *bytes, size_t len, size_t room);
};

/* Begins anew, no socket open; the watcher is kept by the caller. */
void world_begin(const struct world_watcher *watcher);

/* The sockets that are open, in the order of their descriptors. */
int world_count(void);
struct world_socket *world_socket(int index);

/* This host's address towards another. */
struct address world_own(const struct address *there);

/* So many of the ports that are asked for next are taken. */
void world_take_ports(unsigned count);

/* The next piece at a socket; NULL while too many lie there. */
struct world_piece *world_add(struct world_socket *socket);

/* Tells a turn what of its wants is ready. */
void world_glance(struct turn *turn);

#endif
