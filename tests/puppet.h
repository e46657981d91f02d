/*
 * puppet - a talk daemon that does what the test says: a datagram socket on
 * loopback, which hears questions and answers them byte by byte.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_PUPPET_H
#define TESTS_PUPPET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "talk/turn.h"

enum {
	PUPPET_WAIT_MS = 5000, /* for what must come; long, to be safe */

	PUPPET_REQUEST_SIZE = 84,
	PUPPET_REPLY_SIZE = 24,

	/* Room for the longest datagram, with what is behind 84 bytes. */
	PUPPET_DATAGRAM_SIZE = 1024,

	/* Where things stand in a request or a reply, ntalk(5). */
	AT_TYPE = 1,
	AT_ANSWER = 2,
	AT_ID = 4,
	AT_ADDR = 8,
	AT_CTL_ADDR = 24,
	AT_PID = 40,
	AT_L_NAME = 44,
	AT_R_NAME = 56,
	AT_R_TTY = 68,

	/* Elements behind it. */
	CALLER = 1,
	CALLEE = 2,
	ADDRESS = 3,
	LIST = 4,
	CALL = 5,
	RUNG = 6,
	REASON = 7,

	/* Types of request. */
	LEAVE_INVITE = 0,
	LOOK_UP = 1,
	DELETE = 2,
	ANNOUNCE = 3,

	/* Answers. */
	SUCCESS = 0,
	NOT_HERE = 1,
	FAILED = 2,
	PERMISSION_DENIED = 4,
	UNKNOWN_REQUEST = 5,
	BADVERSION = 6,
	BADADDR = 7,
};

struct puppet {
	int fd;
	struct address at;
	struct address client; /* that asked last */
	uint8_t question[PUPPET_REQUEST_SIZE];
	uint8_t behind[PUPPET_DATAGRAM_SIZE]; /* the question: extension */
	size_t behind_len;		      /* 0: a plain question */
};

/* An address from text, of either family. */
struct address puppet_address(const char *number, uint16_t port);

/* Whether this host has IPv6 at all, if only its loopback address. */
bool puppet_has_ipv6(void);

/* Begins to serve at an address; port 0: a free one. */
void puppet_open(struct puppet *puppet, const char *number, uint16_t port);

/* Serves no more: whoever asks is refused. */
void puppet_close(struct puppet *puppet);

/* Takes in the next question, of that type. */
void puppet_hear(struct puppet *puppet, int type);

/* Takes in a question if one is there. */
bool puppet_hears(struct puppet *puppet);

/* Sends bytes to the client that asked last, and waits for nothing. */
void puppet_send(const struct puppet *puppet, const void *bytes, size_t len);

/* Answers the last question: type, answer and id; no address. */
void puppet_answer(const struct puppet *puppet, int answer, uint32_t id);

/* The same with an extension, in which these elements stand, if any. */
void puppet_answer_more(const struct puppet *puppet, int answer, uint32_t id,
    const void *elements, size_t len);

/* As netkit's talkd answers what is not 84 bytes long. */
void puppet_refuse(const struct puppet *puppet);

/*
 * Answers a LOOK_UP: there is an invitation, and it leads there; for IPv6 in an
 * extension.
 */
void puppet_invite(
    const struct puppet *puppet, uint32_t id, const struct address *lead);

/* What the last question holds, read by its offsets. */
uint32_t puppet_id(const struct puppet *puppet);
struct address puppet_addr(const struct puppet *puppet, size_t offset);

/* The first element of a type behind it and its length; NULL when none. */
const uint8_t *puppet_element(
    const struct puppet *puppet, uint8_t type, size_t *len);

/* Where the asker waits: the ADDRESS behind it, else what AT_ADDR holds. */
struct address puppet_told(const struct puppet *puppet);

/* 2 family, 2 port, 4 address (IPv6: zero), 8 zero, as the wire has them. */
void puppet_put_addr(uint8_t bytes[16], const struct address *a);

/* Waits until something of the turn's is there; its deadline does not count. */
void puppet_await(struct turn *turn);

/* Looks what of the turn's is there at this moment. */
void puppet_glance(struct turn *turn);

/* How many descriptors of the process are open. */
int puppet_descriptors(void);

#endif
