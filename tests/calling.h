/*
 * calling - alice calls bob: a call between daemons that puppets play, on
 * loopback, with a clock that the test sets.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_CALLING_H
#define TESTS_CALLING_H

#include <stdint.h>

#include "puppet.h"
#include "talk/call.h"

enum {
	OWN_ID = 0x07000007,   /* our daemon's, for what we leave there */
	OTHER_ID = 0x09000009, /* the callee's daemon's, for the announce */
	BOBS_ID = 0x0b00000b,  /* of an invitation that bob has left */

	CALLING_STREAMS_MAX = 8,
};

/* Alice at 127.0.0.1 calls bob, whose daemon is at 127.0.0.2. */
struct calling {
	struct puppet own;
	struct puppet other;
	struct person bob;
	struct call_plan plan; /* a test may change it before it begins */
	struct call *call;     /* NULL before */
	int64_t now;	       /* the clock, in milliseconds */

	int streams[CALLING_STREAMS_MAX]; /* opened by the test itself */
	int stream_count;
	int descriptors; /* before */
};

/* Set a test up and take it down, which fails when something stays open. */
int calling_open(void **state);
int calling_close(void **state);

/* ------------------------------------------------------------- streams --- */

/* Has a descriptor closed at the end of the test; returns it. */
int calling_keep(struct calling *calling, int fd);

/* A stream socket bound to an address of this host; bob waits at a listener. */
int calling_stream(struct calling *calling, const char *number);
int calling_listener(struct calling *calling, const char *number);

/* As connect(2). */
int calling_connect(int fd, const struct address *to);

/* Where a socket is bound. */
struct address calling_name(int fd);

/* An address of this host at which nobody listens. */
struct address calling_closed_port(struct calling *calling);

/* An address at which a connection neither comes about nor is refused. */
struct address calling_black_hole(struct calling *calling);

/* ---------------------------------------------------------------- time --- */

/* Begins the call as planned. */
void calling_begin(struct calling *calling);

/* A turn once something has come for the call, or its deadline has. */
void calling_turn(struct calling *calling);

/* Lets time pass, in milliseconds, in which nothing comes. */
void calling_pass(struct calling *calling, int64_t ms);

/* When the call wants its next turn at the latest. */
int64_t calling_deadline(const struct calling *calling);

/* --------------------------------------------------------------- steps --- */

/*
 * How far a call gets, from its beginning; the question of the step is still to
 * be heard.
 */
void calling_to_look_up(struct calling *calling);
void calling_to_leave_invite(struct calling *calling);
void calling_to_announce(struct calling *calling);
void calling_to_look_again(struct calling *calling);
void calling_to_wait(struct calling *calling);
void calling_to_ring_again(struct calling *calling);
void calling_to_connect(struct calling *calling);

/*
 * Answers the look of a call that rings with an invitation, and the looks after
 * it, until the call follows.
 */
void calling_follow(struct calling *calling, const struct address *lead);

/* Where the call waits, as it has told in the last LEAVE_INVITE. */
struct address calling_told(const struct calling *calling);

/* -------------------------------------------------------------- checks --- */

/* What the daemons were asked to delete; 0: nothing. */
struct calling_deleted {
	uint32_t own, other;
};

/*
 * Serves until the call is over; invitations and announcements get these ids.
 */
struct calling_deleted calling_finish(
    struct calling *calling, uint32_t own_id, uint32_t other_id);

/* The same with OWN_ID and OTHER_ID, when these are to be deleted. */
void calling_check_taken_back(
    struct calling *calling, uint32_t own, uint32_t other);

void calling_check_failed(struct calling *calling, enum call_failure failure);

/* The call has a stream, and it leads there. */
void calling_check_connected(
    struct calling *calling, const struct address *with);

/*
 * The last question is alice's, with this process's pid and the address it came
 * from; addr NULL for none.
 */
void calling_check_request(const struct puppet *puppet, uint8_t type,
    uint32_t id, const struct address *addr, const char *bob,
    const char *terminal);

/* A DELETE of what we have left ourselves: the id is all that counts. */
void calling_check_delete(const struct puppet *puppet, uint32_t id);

#endif
