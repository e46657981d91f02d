/*
 * daemon - a talk daemon as a client sees it: one question at a time, sent
 * again until it is answered, refused, or ten seconds are over.
 *
 * A host may have several addresses.  The first question goes to the first of
 * them, and to one more whenever an address refuses or has been silent for a
 * moment; the one that answers first is the daemon from then on.  A reply
 * counts only from the address and port that were asked, with the type asked.
 *
 * Every question carries the extension (common/extension.h) until the daemon
 * shows that it takes no such thing by TALK_UNKNOWN_REQUEST, as netkit's does;
 * that one is asked again at once, as it understands.
 */
#ifndef TALK_DAEMON_H
#define TALK_DAEMON_H

#include <stdint.h>

#include "common/extension.h"
#include "common/ntalk.h"
#include "turn.h"

enum {
	DAEMON_ADDRESSES_MAX = 8,
	DAEMON_PATIENCE_MS = 10000,
};

enum daemon_state {
	DAEMON_IDLE,	    /* nothing was asked */
	DAEMON_ASKING,	    /* no answer yet */
	DAEMON_ANSWERED,    /* the answer is in reply */
	DAEMON_REFUSED,	    /* no daemon there: its host says so */
	DAEMON_UNREACHABLE, /* the network says there is no way there */
	DAEMON_SILENT,	    /* nothing came in DAEMON_PATIENCE_MS */
};

/* One address of the daemon's host, with a socket connected to it. */
struct daemon_door {
	struct address at;
	int fd; /* -1: cannot be asked any more */
	bool knocked;
	bool plain;   /* takes nothing behind the classic datagram */
	bool extends; /* has put something behind its last answer */
	/* Extended questions that it may yet refuse because they are. */
	unsigned int refusable;
};

struct daemon {
	struct daemon_door doors[DAEMON_ADDRESSES_MAX];
	int count;
	int chosen; /* the door that answered; -1 before one has */
	enum daemon_state state;
	int error; /* of the door that failed last, 0 before one has */
	struct talk_request question;
	struct extension_request besides; /* what it asks besides */
	struct talk_reply reply;	  /* of DAEMON_ANSWERED */
	struct extension_reply more;	  /* likewise; zero if it extends not */
	int64_t give_up;
	int64_t resend;
	int64_t next_door;
	bool hurried; /* the question is asked to take something back */
};

/*
 * Opens a socket towards each address, in the order they should be asked.
 * 127.0.1.1, to which Debian maps a host's own name, is followed by 127.0.0.1:
 * old daemons that are asked there reply from here.  Returns 0, or an errno
 * when none could be opened.  daemon_close ends it, also after failure.
 */
int daemon_open(struct daemon *daemon, const struct address *at, int count);
void daemon_close(struct daemon *daemon);

/* Asks; ctl_addr is filled in.  A question still open is dropped. */
void daemon_ask(
    struct daemon *daemon, const struct talk_request *question, int64_t now);

/* Asks what only a daemon of this project understands. */
void daemon_ask_besides(struct daemon *daemon,
    const struct talk_request *question,
    const struct extension_request *besides, int64_t now);

/*
 * Asks to delete an entry, whose id is known, 0 when there is none, or still to
 * be learnt from the answer that is under way; to be called every turn until it
 * is true: nothing is left to do.  From the first time on nothing is rung any
 * more: an announce that was not answered, and may have got lost, goes once
 * more only as a duplicate of one that was.  A question that is not about the
 * entry is given up.
 */
bool daemon_take_back(struct daemon *daemon, uint32_t *id, int64_t now);

/* Adds to a turn what an open question waits for. */
void daemon_await(const struct daemon *daemon, struct turn *turn);

/*
 * Takes in what came, resends what is due; returns daemon->state.  An address
 * in the reply that holds on one network only, which is link-local IPv6, has
 * the zone in which the daemon was reached.
 */
enum daemon_state daemon_turn(struct daemon *daemon, int64_t now);

/* Whether it is one of this project's: its last answer was extended. */
bool daemon_extends(const struct daemon *daemon);

/*
 * Forgets the address that answered, and asks the others from now on; false
 * when there is none left.
 */
bool daemon_pass_over(struct daemon *daemon);

/*
 * The daemon's address, and the address of ours from which it is reached, which
 * therefore is one that it can reach.
 */
struct address daemon_there(const struct daemon *daemon);
struct address daemon_here(const struct daemon *daemon);

/* Whether an address is one of the daemon's host. */
bool daemon_is_at(const struct daemon *daemon, const struct address *at);

#endif
