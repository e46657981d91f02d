/*
 * msp - the Message Send Protocol: octets to struct and back.  Version 2 is
 * RFC 1312, version 1 RFC 1159.
 *
 * Strict in what it writes, lenient in what it reads: what was read is bytes
 * from outside, UTF-8 or ISO 8859-1, that must pass the gate (text.h) before
 * anyone sees it.  Pure functions; nothing is allocated or kept.
 */
#ifndef COMMON_MSP_H
#define COMMON_MSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/*
	 * The longest request, its last NUL included: "less than 512 octets".
	 * We hold replies to it too, and no buffer need be larger.
	 */
	MSP_SIZE = 511,

	/* Sizes count the NUL; only the cookie has a limit of its own. */
	MSP_PART_SIZE = MSP_SIZE - 3, /* version 1's text, beside empty names */
	MSP_COOKIE_SIZE = 33,
};

/* The first octet of a request. */
enum msp_version {
	MSP_VERSION_1 = 'A', /* has recipient, recipient_terminal and text */
	MSP_VERSION_2 = 'B', /* has all parts */
};

/* As recipient_terminal: each one of the recipient, or of the system. */
#define MSP_EVERY_TERMINAL "*"

/*
 * A request.  Any part may be empty.  A recipient "" is anyone in version 2,
 * the console in version 1; a recipient_terminal "" leaves it to the server.
 */
struct msp_message {
	uint8_t version; /* enum msp_version; 0 when nothing was read */
	char recipient[MSP_PART_SIZE];
	char recipient_terminal[MSP_PART_SIZE]; /* read: without "/dev/" */
	char text[MSP_PART_SIZE]; /* lines end in CR LF; writing takes LF too */
	char sender[MSP_PART_SIZE];
	char sender_terminal[MSP_PART_SIZE]; /* read: without "/dev/" */
	char cookie[MSP_COOKIE_SIZE];	     /* a sender's resend repeats it */
	char signature[MSP_PART_SIZE];
};

/*
 * The answer of version 2.  Version 1 has none over TCP, and over UDP gives the
 * same octets back.
 */
struct msp_reply {
	bool delivered;
	char text[MSP_SIZE]; /* for a person; often empty */
};

enum msp_reading {
	MSP_MORE,    /* right so far: read on.  At the end: nothing was left */
	MSP_WHOLE,   /* one is there */
	MSP_REFUSED, /* one is there and breaks a rule; go on behind it */
	MSP_LOST,    /* too long, or broken off: no telling where one begins */
	MSP_FOREIGN, /* what is there does not begin as one does; lost, too */
};

/*
 * Whether a datagram is of this protocol, whole or not: those of ntalk and
 * otalk begin otherwise, by their version and type.
 */
bool msp_is_request(const uint8_t *bytes, size_t len);

/*
 * Reads the request at the begin of bytes: a datagram, or what of a stream has
 * come and was not yet used.  ended says that no more will come: always so of
 * a datagram.  Octets beyond MSP_SIZE have no say, so the outcome is the same
 * whatever the pieces in which they arrive.
 *
 * *used is the number of octets that are done with: all for MSP_LOST and
 * MSP_FOREIGN, after which a stream is to be answered and closed.  NUL, CR and
 * LF before a request are skipped, for some senders pad.  MSP_FOREIGN behind a
 * request are its trailing octets: no fault, and owed no answer.
 *
 * *reason is NULL for MSP_MORE and MSP_WHOLE, else a literal for the answer.
 * *message is all zero but for MSP_WHOLE; its version is there, too, for
 * MSP_REFUSED and MSP_LOST.
 */
enum msp_reading msp_get_request(const uint8_t *bytes, size_t len, bool ended,
    struct msp_message *message, size_t *used, const char **reason);

/*
 * Writes a request and returns its length; or 0, with why in *reason, a
 * literal for people to read.  Text may hold what is printable, whether read
 * as UTF-8 or as ISO 8859-1, TAB, and LF or CR LF, which goes as CR LF; all
 * other parts graphic ASCII only.  Nothing is cut.  Version 1 leaves out what
 * it does not have.
 */
size_t msp_put_request(const struct msp_message *message,
    uint8_t bytes[MSP_SIZE], const char **reason);

/*
 * Takes a piece off the begin of a long text into message->text: as much as a
 * request has room for beside the other parts as they stand.  The cut is at
 * the last line end that allows it, else at the last blank, else between two
 * characters; line end or blank at the cut is dropped.  The rest of a text that
 * fits is taken as it is, so its last line end is best removed beforehand.
 *
 * Returns how many octets of the text are done with; 0, and an empty
 * message->text, when there is no room for any, and at a NUL.
 */
size_t msp_take_text(struct msp_message *message, const char *text, size_t len);

/*
 * Reads the reply at the begin of bytes, in the manner of msp_get_request.  A
 * reply that ended without its NUL is whole all the same; whoever will not wait
 * longer for one may say ended himself.  MSP_LOST is a reply cut at MSP_SIZE,
 * MSP_FOREIGN anything else, and MSP_REFUSED does not come up.  *reply is zero
 * but for MSP_WHOLE and MSP_LOST.
 */
enum msp_reading msp_get_reply(const uint8_t *bytes, size_t len, bool ended,
    struct msp_reply *reply, size_t *used);

/*
 * Writes a reply and returns its length, of at most MSP_SIZE: text is cut to
 * fit, and what is not printable ASCII becomes "?".
 */
size_t msp_put_reply(const struct msp_reply *reply, uint8_t bytes[MSP_SIZE]);

/*
 * Whether two parts, names or cookies, are the same: the case of ASCII letters
 * does not count (RFC 1312).
 */
bool msp_same(const char *a, const char *b);

#endif
