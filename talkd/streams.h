/*
 * streams - the TCP connections by which messages come: several messages on
 * each, answered one by one and in order.
 *
 * Nobody is held up by anybody else: connections are bounded in number, in all
 * and from one host, each has its buffer, and each has its time, so that those
 * that drip, stand half open or never end come to an end.  Nothing here waits.
 * The clock is the caller's: milliseconds, never going back.
 */
#ifndef TALKD_STREAMS_H
#define TALKD_STREAMS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msp.h"
#include "message.h"

enum {
	STREAMS_MAX = 64,      /* beyond it the oldest makes room */
	STREAMS_HOST_MAX = 32, /* from one host; beyond it none is taken */

	/* Milliseconds. */
	STREAMS_IDLE = 20 * 1000,  /* for a message to come whole */
	STREAMS_LIFE = 300 * 1000, /* in all */
	STREAMS_DRAIN = 2 * 1000,  /* for the other side to close as well */
	STREAMS_NAME_WAIT = 250,   /* for the name of a message's host */
};

/* A deadline that never comes. */
#define STREAMS_NEVER INT64_MAX

/* Who takes a message that has come whole: message_take, or a test. */
typedef bool streams_taker(void *context, const struct msp_message *message,
    const struct message_origin *origin, struct message_way *way, bool may_wait,
    int64_t now, struct msp_reply *reply);

struct streams;

/* NULL when memory is short. */
struct streams *streams_new(streams_taker *taker, void *context);

/* Closes them all. */
void streams_free(struct streams *streams);

size_t streams_count(const struct streams *streams);

/*
 * Takes over a connected socket, or closes it when it is none of the internet
 * or one too many.
 */
void streams_add(struct streams *streams, int fd, int64_t now);

/* Closes the oldest to make room; false when there is none. */
bool streams_drop_oldest(struct streams *streams);

/* Puts what poll is to watch. */
void streams_watch(
    const struct streams *streams, struct pollfd fds[STREAMS_MAX]);

/*
 * Serves what poll found, with the pollfds of streams_watch, and whatever time
 * has run out; named says that some host's name has come.
 */
void streams_serve(struct streams *streams,
    const struct pollfd fds[STREAMS_MAX], bool named, int64_t now);

/* When there is something to do though nothing comes. */
int64_t streams_deadline(const struct streams *streams);

#endif
