/*
 * invitations - the table of calls under way: who waits for whom (from
 * LEAVE_INVITE) and who has been rung (from ANNOUNCE).
 *
 * Entries are found by id, and by type, caller and callee, in constant time;
 * the hashes are keyed, so that nobody outside can make them collide.  They
 * stand in the order of their last refresh, so that expiry looks at the front
 * only, and in that of their making.  Bounded: INVITATIONS_MAX in all, of one
 * type between one pair INVITATIONS_PAIR_MAX, and between all pairs whose names
 * have the same first 11 characters INVITATIONS_ALIKE_MAX; beyond that the
 * oldest makes room.  Memory grows with the most entries there have been at
 * once, up to 200 bytes each, and stays; it is set aside at the start, so that
 * there is always some for one more.
 *
 * The clock is the caller's: milliseconds, never going back.
 */
#ifndef TALKD_INVITATIONS_H
#define TALKD_INVITATIONS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/ntalk.h"
#include "common/person.h"
#include "siphash.h"

enum {
	INVITATIONS_MAX = 65536,
	INVITATIONS_PAIR_MAX = 16,
	INVITATIONS_ALIKE_MAX = 256,
};

/* A deadline that never comes. */
#define INVITATIONS_NEVER INT64_MAX

/* Fresh ids are 1 to this: a client that holds them signed can add to them. */
#define INVITATIONS_ID_MAX UINT32_C(0x3fffffff)

/* What a LOOK_UP reads stands together, at the end. */
struct invitation {
	int64_t made;	       /* when; the table's */
	uint32_t pid;	       /* of the caller's client */
	uint32_t rung_for;     /* ANNOUNCE: the id that came and made it ring */
	uid_t rung;	       /* ANNOUNCE: the callee */
	struct address source; /* who made it */
	struct address addr;   /* where the caller awaits the stream */
	uint32_t id;	       /* the table's; unguessable, never 0 */
	enum talk_type type;   /* TALK_LEAVE_INVITE or TALK_ANNOUNCE */
	bool in_full;	       /* both names are; else they may have been cut */
	char caller[PERSON_USER_SIZE];
	char callee[PERSON_USER_SIZE];
};

/* Between whom an invitation is to be found. */
struct invitations_pair {
	const char *caller;
	const char *callee;
	bool in_full; /* as in struct invitation */
};

struct invitations;

/*
 * An empty table whose entries live `life` milliseconds from their last
 * refresh.  The key must be random.  NULL when memory is short.
 */
struct invitations *invitations_new(
    const uint8_t key[SIPHASH_KEY_SIZE], int64_t life);
void invitations_free(struct invitations *table);

size_t invitations_count(const struct invitations *table);

/* Drops what has outlived its life. */
void invitations_expire(struct invitations *table, int64_t now);

/* When the next entry's life is over; INVITATIONS_NEVER when there is none. */
int64_t invitations_deadline(const struct invitations *table);

/*
 * Pointers to entries hold until the next invitations_add or _remove.
 */

/* Adds a copy of *like under an id of its own. */
struct invitation *invitations_add(
    struct invitations *table, const struct invitation *like, int64_t now);

/* Lets the entry live from now on. */
void invitations_refresh(
    struct invitations *table, struct invitation *invitation, int64_t now);

/*
 * Gives the entry another id, a little above `above`; any fresh one if that
 * is so high that signed clients could not add to it.
 */
void invitations_raise_id(
    struct invitations *table, struct invitation *invitation, uint32_t above);

void invitations_remove(
    struct invitations *table, struct invitation *invitation);

struct invitation *invitations_by_id(
    const struct invitations *table, uint32_t id);

/*
 * The entries of that type between that pair, the one made last first; NULL
 * when there are no more.  Names are the same as invitations_same_name says.
 */
struct invitation *invitations_first(const struct invitations *table,
    enum talk_type type, const struct invitations_pair *pair);
struct invitation *invitations_next(const struct invitations *table,
    const struct invitation *invitation, const struct invitations_pair *pair);

/* All entries, the one made last first; NULL when there are no more. */
const struct invitation *invitations_newest(const struct invitations *table);
const struct invitation *invitations_older(
    const struct invitations *table, const struct invitation *invitation);

/*
 * Whether the names are equal, case and all, as far as they are known: one that
 * is not there in full may have been cut at 11 characters, or at the 12 of the
 * field, and then is the beginning of the other.
 */
bool invitations_same_name(
    const char *a, bool a_in_full, const char *b, bool b_in_full);

#endif
