/*
 * deliver - what is shown to a user, and the one place that writes on a
 * user's terminal.
 */
#ifndef TALKD_DELIVER_H
#define TALKD_DELIVER_H

#include <sys/types.h>

#include <stddef.h>

#include "notice.h"

/* Room for the text of any ring. */
enum { DELIVER_RING_SIZE = 2048 };

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
 * never blocks.  The open device itself is judged: it must be a terminal,
 * be the owner's, and be open to messages.
 *
 * Returns NULL, or why it was not written, for the log.  A terminal that took
 * a part only, as one that is stopped or full may, does not count as written.
 */
const char *deliver_write(
    const char *terminal, uid_t owner, const void *bytes, size_t len);

/* The same with a message, set for the terminal as wide as it is. */
const char *deliver_notice(
    const char *terminal, uid_t owner, const struct notice *notice);

#endif
