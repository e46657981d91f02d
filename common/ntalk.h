/*
 * ntalk - the datagrams of the talk protocol of 4.3BSD: bytes to struct and
 * back, by offsets.  ntalk(5) describes them.
 *
 * A struct holds integers in host order and names ended by NUL, always.  A name
 * has room for more than its field: what stands behind the datagram may tell it
 * in full (extension.h).  The same structs serve the older protocol (otalk.h).
 * Pure functions.
 */
#ifndef COMMON_NTALK_H
#define COMMON_NTALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "person.h"

enum {
	NTALK_VERSION = 1,
	NTALK_REQUEST_SIZE = 84,
	NTALK_REPLY_SIZE = 24,
	NTALK_NAME_SIZE = 12, /* on the wire; old peers may fill it whole */
	NTALK_TTY_SIZE = 16,
};

/* The id that a client's first ANNOUNCE to a daemon carries. */
#define NTALK_NO_ID UINT32_C(0xffffffff)

enum talk_type {
	TALK_LEAVE_INVITE = 0,
	TALK_LOOK_UP = 1,
	TALK_DELETE = 2,
	TALK_ANNOUNCE = 3,
};

/* A reply read from a peer may hold any other number up to 255, too. */
enum talk_answer {
	TALK_SUCCESS = 0,
	TALK_NOT_HERE = 1,
	TALK_FAILED = 2,
	TALK_MACHINE_UNKNOWN = 3,
	TALK_PERMISSION_DENIED = 4,
	TALK_UNKNOWN_REQUEST = 5,
	TALK_BADVERSION = 6,
	TALK_BADADDR = 7,
	TALK_BADCTLADDR = 8,
};

struct talk_request {
	enum talk_type type;
	uint8_t wire_type; /* as it was read, for the reply; never written */
	bool extended; /* read with an extension: no name is cut; likewise */
	uint32_t id;
	struct address addr;		/* where the caller awaits the stream */
	struct address ctl_addr;	/* the client's own datagram address */
	uint32_t pid;			/* tells calls apart, nothing more */
	char l_name[PERSON_USER_SIZE];	/* who asks */
	char r_name[PERSON_USER_SIZE];	/* the other user */
	char r_tty[NTALK_TTY_SIZE + 1]; /* a terminal of his, or "" */
};

struct talk_reply {
	uint8_t type; /* the request's wire_type */
	enum talk_answer answer;
	uint32_t id;
	struct address addr; /* family 0 but in a LOOK_UP that succeeded */
};

enum ntalk_shape {
	NTALK_FINE,   /* the request is there */
	NTALK_JUNK,   /* not of this protocol: to be met with silence */
	NTALK_FAULTY, /* of this protocol: owed the answer that was put */
};

/*
 * Reads a request of at least NTALK_REQUEST_SIZE bytes; what follows them is
 * left alone.
 *
 * NTALK_FAULTY puts in *fault the answer that the 4.3BSD daemon gives: to
 * version 1 TALK_UNKNOWN_REQUEST, TALK_BADADDR or TALK_BADCTLADDR, looked for
 * in this order; to another TALK_BADVERSION, if that is all that is wrong.  The
 * request's id and wire_type are then in *req, and all else there is zero.
 * Else *fault is TALK_SUCCESS, and *req zero for NTALK_JUNK.
 */
enum ntalk_shape ntalk_get_request(const uint8_t *bytes, size_t len,
    struct talk_request *req, enum talk_answer *fault);

/*
 * Writes a request.  Names and terminal are cut so that each ends in NUL within
 * its field, a name after 11 characters; an address that is not IPv4 becomes
 * 0.0.0.0 port 0.
 */
void ntalk_put_request(
    const struct talk_request *req, uint8_t bytes[NTALK_REQUEST_SIZE]);

/*
 * Reads a reply of at least NTALK_REPLY_SIZE bytes.  False, and *reply zero,
 * when it is shorter or of another version.  addr is read in a LOOK_UP that
 * succeeded and nowhere else, for netkit's talkd leaves an old one in the rest;
 * one that is not IPv4 leaves family 0.
 */
bool ntalk_get_reply(
    const uint8_t *bytes, size_t len, struct talk_reply *reply);

/* Writes a reply; an address that is not IPv4 leaves its 16 bytes zero. */
void ntalk_put_reply(
    const struct talk_reply *reply, uint8_t bytes[NTALK_REPLY_SIZE]);

#endif
