/*
 * postbox - a message service that does what the test says: a stream, datagrams
 * or both at one port on loopback, with what is sent there byte by byte.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_POSTBOX_H
#define TESTS_POSTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/msp.h"

enum {
	POSTBOX_STREAM = 1,
	POSTBOX_DATAGRAMS = 2,
	POSTBOX_MUTE = 4, /* a stream that takes no connection, nor refuses */
};

struct postbox {
	struct address at;
	int listener;
	int datagrams;
	int stream; /* the connection taken last */
	int filler; /* what keeps a mute one busy */
	uint8_t heard[2 * MSP_SIZE];
	size_t len;
	struct address client; /* that sent the last datagram */
};

/* Begins to serve at an address; port 0: a free one. */
void postbox_open(
    struct postbox *postbox, const char *number, uint16_t port, int services);

/* Serves no more: whoever comes is refused. */
void postbox_close(struct postbox *postbox);

/* Takes the next connection, in place of the one before. */
void postbox_accept(struct postbox *postbox);

/* Whether a connection, or a datagram, has come that was not taken yet. */
bool postbox_is_called(const struct postbox *postbox);

/* Reads what comes next on the connection, or the next datagram. */
void postbox_hear(struct postbox *postbox);
void postbox_hear_datagram(struct postbox *postbox);

/* Until the other side has closed the connection. */
void postbox_hear_end(struct postbox *postbox);

/* What was heard has to be one request; returns it. */
struct msp_message postbox_request(const struct postbox *postbox);

void postbox_say(const struct postbox *postbox, const void *bytes, size_t len);
void postbox_say_datagram(
    const struct postbox *postbox, const void *bytes, size_t len);

/* Says "+" or "-", the words and the NUL, at once. */
void postbox_answer(
    const struct postbox *postbox, bool delivered, const char *words);

void postbox_hang_up(struct postbox *postbox);

#endif
