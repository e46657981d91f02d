/*
 * message - a message of the Message Send Protocol, from what was read to what
 * is answered: known already, permitted, whom it is for, shown where he sits.
 *
 * Nothing here waits: neither for a terminal nor for a name.  The clock is the
 * caller's: milliseconds, never going back.
 */
#ifndef TALKD_MESSAGE_H
#define TALKD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access.h"
#include "common/msp.h"
#include "datagram.h"
#include "deliver.h"
#include "duplicates.h"
#include "limits.h"
#include "log.h"
#include "names.h"
#include "senders.h"
#include "siphash.h"
#include "terminals.h"

/* What messages need; of it the first five are the caller's. */
struct messages {
	const struct log *log;
	struct names *names;
	struct limits *limits;
	struct access *access;
	struct senders *senders;
	uint8_t key[SIPHASH_KEY_SIZE]; /* random */
	struct duplicates duplicates;
	struct terminals terminals; /* found for the present message */
	bool has_widths;	    /* of characters: text_init was called */
	struct deliver_patience patience; /* with terminals: all messages' */
};

/* Where a message came from, as the network tells. */
struct message_origin {
	int protocol; /* IPPROTO_UDP or IPPROTO_TCP */
	struct address source;
	struct address local; /* it was sent to; family 0: not known */
	bool broadcast;	      /* to other hosts, too */
};

/* A message under way; all zero is one that has just come. */
struct message_way {
	bool admitted; /* and counted: it waits for its sender's host's name */
	uint64_t id;
};

/*
 * Takes a message.  False, with nothing shown yet, while it waits for the name
 * of its sender's host: it is to be given once more, with the same way, when
 * names tell of something, and in the end with may_wait false.  Otherwise puts
 * what became of it, the reason in words when it was not delivered, and the
 * way is as new again.
 */
bool message_take(struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin, struct message_way *way, bool may_wait,
    int64_t now, struct msp_reply *reply);

/*
 * The same of a datagram that msp_is_request knows.  Puts the octets to send
 * back in *out, none for silence, which is all that is owed to what was not
 * delivered.  Version 2 answers when the recipient was named.  Version 1 gives
 * the same octets back, but not those of a broadcast, lest many do so at once,
 * nor the same ones again soon, lest two daemons do so for ever.
 */
bool message_take_datagram(struct messages *messages, const struct datagram *in,
    struct message_way *way, bool may_wait, int64_t now,
    struct datagram_reply *out);

/* Frees what messages hold of their own. */
void message_end(struct messages *messages);

#endif
