/*
 * stranger - a host that sends the real talkd whatever the test says, at an
 * address on loopback; and that talkd, with a terminal that it may ring.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_STRANGER_H
#define TESTS_STRANGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ntalk.h"
#include "seat.h"
#include "stage.h"

enum { STRANGER_WAIT_MS = 10000 }; /* for what must come; long, to be safe */

/* --------------------------------------------- the one who is besieged --- */

struct besieged {
	struct stage *stage;
	struct actor *talkd; /* at 127.0.0.1 */
	uint16_t port;
	const char *user; /* who runs the tests, and all that is called */
	struct seat seat; /* his */
};

/* A talkd with these options besides, ended by NULL; NULL for none. */
void besieged_open(struct besieged *besieged, const char *const *options);
void besieged_close(struct besieged *besieged);

/* How often the text stands in what was shown. */
size_t besieged_count(const char *shown, const char *text);

/* -------------------------------------------------------- the stranger --- */

struct stranger {
	int fd;
	struct address at;
	struct address daemon;
	struct talk_request request; /* what stranger_sends sends */
};

/* Milliseconds, never going back. */
int64_t stranger_clock(void);

/*
 * Comes to that address of loopback, port 0 for any.  His request is a first
 * ANNOUNCE of alice's at the user's terminal.  False when the address, or the
 * port, is not to be had.
 */
bool stranger_comes(struct stranger *stranger, const char *number,
    uint16_t port, const struct besieged *besieged);
void stranger_goes(struct stranger *stranger);

/* From now on he deals with the daemon at that address, and the same port. */
void stranger_turns_to(struct stranger *stranger, const char *number);

void stranger_sends(const struct stranger *stranger);
void stranger_sends_bytes(
    const struct stranger *stranger, const void *bytes, size_t len);

/* Takes a reply that has come within so many milliseconds, bytes and all. */
bool stranger_hears(const struct stranger *stranger, int timeout,
    uint8_t bytes[NTALK_REPLY_SIZE]);

/* Sends the request and takes its reply, which must come. */
struct talk_reply stranger_asks(const struct stranger *stranger);

/* Asserts that nothing of what was sent before is answered. */
void stranger_meets_silence(const struct stranger *stranger);

#endif
