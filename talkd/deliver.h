/*
 * deliver - what is shown to a user, and the one place that writes on a
 * user's terminal.
 */
#ifndef TALKD_DELIVER_H
#define TALKD_DELIVER_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "notice.h"

enum {
	DELIVER_RING_SIZE = 2048, /* room for the text of any ring */
	DELIVER_PAUSE = 1000,	  /* milliseconds */
};

/*
 * A terminal that refuses to be written on is waited for, a millisecond, as it
 * may only be busy.  But when one did so in vain, none is for DELIVER_PAUSE,
 * however many are stopped: others wait for this.  All zero is one that waits.
 */
struct deliver_patience {
	int64_t now;  /* milliseconds, never going back: set by the caller */
	int64_t back; /* when it waits again */
};

/* The names are as they came: the text escapes what could do harm. */
struct deliver_ring {
	const char *host; /* this one */
	const char *caller;
	const char *caller_host; /* a name or a number */
	int hour, minute;	 /* local time */
};

/*
 * Builds the text of a ring as 4.3BSD's talkd has it: a bell and a new line,
 * then three lines, each ended by CR LF as the terminal may be raw.  Returns
 * its length.
 */
size_t deliver_ring_text(
    const struct deliver_ring *ring, char text[DELIVER_RING_SIZE]);

/*
 * Writes the bytes on the terminal of that name below /dev, in one write that
 * never blocks, and is tried for no longer than there is patience.  The open
 * device itself is judged: it must be a terminal, be the owner's, and be open
 * to messages.
 *
 * Returns NULL, or why it was not written, for the log.  A terminal that took
 * a part only, as one that is stopped or full may, does not count as written.
 */
const char *deliver_write(struct deliver_patience *patience,
    const char *terminal, uid_t owner, const void *bytes, size_t len);

/* The same with a message, set for the terminal as wide as it is. */
const char *deliver_notice(struct deliver_patience *patience,
    const char *terminal, uid_t owner, const struct notice *notice);

#endif
