/*
 * duplicates - messages that came a short while ago, so that one sent again,
 * as datagrams are whose answer was lost, is shown once.
 *
 * They are known by a number that the caller makes, a keyed hash of what tells
 * a message from others.  A table of fixed size; the oldest makes room.  The
 * clock is the caller's: milliseconds, never going back.
 */
#ifndef TALKD_DUPLICATES_H
#define TALKD_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DUPLICATES_MAX = 1024,
	DUPLICATES_KEPT = 180 * 1000, /* milliseconds */
};

enum duplicates_state {
	DUPLICATES_NEW,
	DUPLICATES_UNDER_WAY, /* came, and nothing is known yet of its fate */
	DUPLICATES_DELIVERED,
};

struct duplicate {
	uint64_t id;
	int64_t until;
	bool delivered;
};

/* All zero is an empty one. */
struct duplicates {
	struct duplicate list[DUPLICATES_MAX];
	size_t next; /* whose place the next one takes */
};

/* What is known of a message; a new one is then under way. */
enum duplicates_state duplicates_take(
    struct duplicates *duplicates, uint64_t id, int64_t now);

/* What became of it: one that was not delivered may come again. */
void duplicates_settle(
    struct duplicates *duplicates, uint64_t id, bool delivered);

#endif
