/*
 * invitations - the table of calls under way.
 *
 * Entries stand in one array and are told by their places in it: twice hashed,
 * linked in two orders, and the unused ones in a list.
 */
#include "invitations.h"

#include <string.h>

#include "chains.h"
#include "pages.h"

/* No place; the end of every list. */
#define NONE CHAINS_END

enum {
	PLACES_FIRST = 64,		  /* hashed at first; then doubled */
	NAME_KNOWN = NTALK_NAME_SIZE - 1, /* characters every peer sends */
};

/* Above this an id is not raised: there is room to add to it, signed. */
#define RAISED_ID_MAX UINT32_C(0x7fffff00)

/* The orders in which all entries stand. */
enum { BY_REFRESH, BY_MAKING, ORDERS };

/* The ends of one, and an entry's neighbours in it. */
struct order {
	uint32_t oldest, newest;
};

struct link {
	uint32_t older, newer;
};

struct entry {
	struct invitation invitation; /* first: its address is the entry's */
	struct link links[ORDERS];    /* the list of the unused likewise */
	int64_t refreshed;
};

enum { ENTRIES_SIZE = INVITATIONS_MAX * sizeof(struct entry) };

/* It has a link of each chain, and after growing two buckets. */
_Static_assert(sizeof(struct entry) + 2 * 3 * sizeof(uint32_t) <= 200,
    "an entry and what leads to it fit 200 bytes");
_Static_assert((int)INVITATIONS_MAX == (int)CHAINS_MAX,
    "chains have room for every place, and can be doubled up to them");

/* No memory is taken for what has never been used of the arrays. */
struct invitations {
	uint8_t key[SIPHASH_KEY_SIZE];
	int64_t life;
	uint64_t ids_made;
	uint32_t places; /* hashed so far: 0 or a power of two */
	uint32_t count;
	uint32_t fresh;	 /* the first place that was never used */
	uint32_t unused; /* those that were and are not now */
	struct order orders[ORDERS];
	struct entry *entries; /* INVITATIONS_MAX */
	struct chains by_id;
	struct chains by_pair;
};

struct invitations *
invitations_new(const uint8_t key[SIPHASH_KEY_SIZE], int64_t life)
{
	struct invitations *table = pages_new(sizeof(*table));

	if (table == NULL)
		return NULL;
	table->entries = pages_new(ENTRIES_SIZE);
	if (table->entries == NULL) {
		invitations_free(table);
		return NULL;
	}
	memcpy(table->key, key, SIPHASH_KEY_SIZE);
	table->life = life;
	table->unused = NONE;
	table->orders[BY_REFRESH] = (struct order){ NONE, NONE };
	table->orders[BY_MAKING] = (struct order){ NONE, NONE };
	return table;
}

void
invitations_free(struct invitations *table)
{
	if (table == NULL)
		return;
	pages_free(table->entries, ENTRIES_SIZE);
	pages_free(table, sizeof(*table));
}

size_t
invitations_count(const struct invitations *table)
{
	return table->count;
}

/* Whether so much of a name may be the beginning of a longer one. */
static bool
may_be_cut(size_t len, bool in_full)
{
	return !in_full && (len == NAME_KNOWN || len == NTALK_NAME_SIZE);
}

bool
invitations_same_name(
    const char *a, bool a_in_full, const char *b, bool b_in_full)
{
	size_t same = 0;

	while (a[same] == b[same] && a[same] != '\0')
		same++;
	if (a[same] == b[same])
		return true;
	if (a[same] == '\0')
		return may_be_cut(same, a_in_full);
	return b[same] == '\0' && may_be_cut(same, b_in_full);
}

static struct entry *
entry_of(struct invitation *invitation)
{
	return (struct entry *)invitation;
}

static uint32_t
place_of(const struct invitations *table, const struct entry *entry)
{
	return (uint32_t)(entry - table->entries);
}

static uint64_t
id_hash(const struct invitations *table, uint32_t id)
{
	return siphash(table->key, &id, sizeof(id));
}

/* Only what every peer sends of a name can be hashed. */
static uint64_t
pair_hash(const struct invitations *table, enum talk_type type,
    const char *caller, const char *callee)
{
	char text[1 + 2 * NAME_KNOWN] = { 0 };

	text[0] = (char)type;
	memcpy(text + 1, caller, strnlen(caller, NAME_KNOWN));
	memcpy(text + 1 + NAME_KNOWN, callee, strnlen(callee, NAME_KNOWN));
	return siphash(table->key, text, sizeof(text));
}

static uint64_t
pair_hash_of(const struct invitations *table, uint32_t place)
{
	const struct invitation *of = &table->entries[place].invitation;

	return pair_hash(table, of->type, of->caller, of->callee);
}

/* Enters a place under the id and the pair that it has. */
static void
put_place(struct invitations *table, uint32_t place)
{
	uint32_t id = table->entries[place].invitation.id;

	chains_put(&table->by_id, id_hash(table, id), place);
	chains_put(&table->by_pair, pair_hash_of(table, place), place);
}

static void
append_newest(struct invitations *table, int by, uint32_t place)
{
	struct order *order = &table->orders[by];
	struct link *link = &table->entries[place].links[by];

	link->newer = NONE;
	link->older = order->newest;
	if (order->newest != NONE)
		table->entries[order->newest].links[by].newer = place;
	else
		order->oldest = place;
	order->newest = place;
}

static void
unlink_order(struct invitations *table, int by, uint32_t place)
{
	struct order *order = &table->orders[by];
	const struct link *link = &table->entries[place].links[by];

	if (link->older != NONE)
		table->entries[link->older].links[by].newer = link->newer;
	else
		order->oldest = link->newer;
	if (link->newer != NONE)
		table->entries[link->newer].links[by].older = link->older;
	else
		order->newest = link->older;
}

static void
remove_place(struct invitations *table, uint32_t place)
{
	struct entry *entry = &table->entries[place];
	uint64_t hash = id_hash(table, entry->invitation.id);

	chains_remove(&table->by_id, hash, place);
	chains_remove(&table->by_pair, pair_hash_of(table, place), place);
	unlink_order(table, BY_REFRESH, place);
	unlink_order(table, BY_MAKING, place);
	entry->links[BY_MAKING].older = table->unused;
	table->unused = place;
	table->count--;
}

void
invitations_remove(struct invitations *table, struct invitation *invitation)
{
	remove_place(table, place_of(table, entry_of(invitation)));
}

int64_t
invitations_deadline(const struct invitations *table)
{
	uint32_t oldest = table->orders[BY_REFRESH].oldest;

	if (oldest == NONE)
		return INVITATIONS_NEVER;
	return table->entries[oldest].refreshed + table->life;
}

void
invitations_expire(struct invitations *table, int64_t now)
{
	while (table->count > 0 && invitations_deadline(table) <= now)
		remove_place(table, table->orders[BY_REFRESH].oldest);
}

/*
 * Hashes all anew over that many places, so that the one made last comes first
 * in its chains.
 */
static void
spread(struct invitations *table, uint32_t places)
{
	uint32_t place = table->orders[BY_MAKING].oldest;

	table->places = places;
	chains_clear(&table->by_id, places);
	chains_clear(&table->by_pair, places);
	for (; place != NONE;
	     place = table->entries[place].links[BY_MAKING].newer)
		put_place(table, place);
}

static struct invitation *
at_place(const struct invitations *table, uint32_t place)
{
	return place == NONE ? NULL : &table->entries[place].invitation;
}

static bool
is_between(
    const struct invitation *invitation, const struct invitations_pair *pair)
{
	return invitations_same_name(invitation->caller, invitation->in_full,
		   pair->caller, pair->in_full) &&
	    invitations_same_name(invitation->callee, invitation->in_full,
		pair->callee, pair->in_full);
}

/* The first from this place on, of those of that hash, between that pair. */
static struct invitation *
same_pair(const struct invitations *table, uint64_t hash, uint32_t place,
    enum talk_type type, const struct invitations_pair *pair)
{
	struct invitation *found;

	while ((found = at_place(table, place)) != NULL) {
		if (found->type == type && is_between(found, pair))
			break;
		place = chains_next(&table->by_pair, hash, place);
	}
	return found;
}

struct invitation *
invitations_first(const struct invitations *table, enum talk_type type,
    const struct invitations_pair *pair)
{
	uint64_t hash;

	if (table->count == 0)
		return NULL;
	hash = pair_hash(table, type, pair->caller, pair->callee);
	return same_pair(
	    table, hash, chains_first(&table->by_pair, hash), type, pair);
}

struct invitation *
invitations_next(const struct invitations *table,
    const struct invitation *invitation, const struct invitations_pair *pair)
{
	uint32_t place = place_of(table, (const struct entry *)invitation);
	uint64_t hash = pair_hash_of(table, place);

	return same_pair(table, hash, chains_next(&table->by_pair, hash, place),
	    invitation->type, pair);
}

const struct invitation *
invitations_newest(const struct invitations *table)
{
	return at_place(table, table->orders[BY_MAKING].newest);
}

const struct invitation *
invitations_older(
    const struct invitations *table, const struct invitation *invitation)
{
	const struct entry *entry = (const struct entry *)invitation;

	return at_place(table, entry->links[BY_MAKING].older);
}

struct invitation *
invitations_by_id(const struct invitations *table, uint32_t id)
{
	uint64_t hash;
	uint32_t place;

	if (table->count == 0)
		return NULL;
	hash = id_hash(table, id);
	place = chains_first(&table->by_id, hash);
	while (place != NONE && table->entries[place].invitation.id != id)
		place = chains_next(&table->by_id, hash, place);
	return at_place(table, place);
}

static uint64_t
next_random(struct invitations *table)
{
	table->ids_made++;
	return siphash(table->key, &table->ids_made, sizeof(table->ids_made));
}

static uint32_t
fresh_id(struct invitations *table)
{
	uint32_t id;

	do
		id = (uint32_t)(next_random(table) % INVITATIONS_ID_MAX) + 1;
	while (invitations_by_id(table, id) != NULL);
	return id;
}

static bool
is_alike(const struct invitation *a, const struct invitation *b)
{
	return a->type == b->type &&
	    strncmp(a->caller, b->caller, NAME_KNOWN) == 0 &&
	    strncmp(a->callee, b->callee, NAME_KNOWN) == 0;
}

/*
 * Drops the one made first of a pair that has as many as a pair may have, and
 * of those that hash alike.
 */
static void
make_room_beside(struct invitations *table, const struct invitation *like)
{
	const struct invitations_pair pair = { like->caller, like->callee,
		like->in_full };
	uint64_t hash = pair_hash(
	    table, like->type, like->caller, like->callee);
	uint32_t place = chains_first(&table->by_pair, hash);
	struct invitation *next, *first_same = NULL, *first_alike = NULL;
	int same = 0, alike = 0;

	for (; (next = at_place(table, place)) != NULL;
	     place = chains_next(&table->by_pair, hash, place)) {
		if (!is_alike(next, like))
			continue;
		first_alike = next;
		alike++;
		if (!is_between(next, &pair))
			continue;
		first_same = next;
		same++;
	}
	if (same >= INVITATIONS_PAIR_MAX)
		invitations_remove(table, first_same);
	else if (alike >= INVITATIONS_ALIKE_MAX)
		invitations_remove(table, first_alike);
}

/* A place for one more, of the oldest if need be. */
static uint32_t
take_place(struct invitations *table)
{
	uint32_t place;

	if (table->count == INVITATIONS_MAX)
		remove_place(table, table->orders[BY_REFRESH].oldest);
	if (table->unused == NONE && table->fresh == table->places)
		spread(table,
		    table->places == 0 ? PLACES_FIRST : 2 * table->places);
	if (table->unused == NONE)
		return table->fresh++;
	place = table->unused;
	table->unused = table->entries[place].links[BY_MAKING].older;
	return place;
}

struct invitation *
invitations_add(
    struct invitations *table, const struct invitation *like, int64_t now)
{
	struct entry *entry;
	uint32_t place;

	if (table->count > 0)
		make_room_beside(table, like);
	place = take_place(table);
	entry = &table->entries[place];
	entry->invitation = *like;
	entry->invitation.id = fresh_id(table);
	entry->invitation.made = now;
	entry->refreshed = now;
	put_place(table, place);
	append_newest(table, BY_REFRESH, place);
	append_newest(table, BY_MAKING, place);
	table->count++;
	return &entry->invitation;
}

void
invitations_refresh(
    struct invitations *table, struct invitation *invitation, int64_t now)
{
	uint32_t place = place_of(table, entry_of(invitation));

	table->entries[place].refreshed = now;
	unlink_order(table, BY_REFRESH, place);
	append_newest(table, BY_REFRESH, place);
}

void
invitations_raise_id(
    struct invitations *table, struct invitation *invitation, uint32_t above)
{
	uint32_t place = place_of(table, entry_of(invitation));
	uint32_t id = above;

	do
		id += 1 + (uint32_t)(next_random(table) & 0xf);
	while (id <= RAISED_ID_MAX && invitations_by_id(table, id) != NULL);
	if (above > RAISED_ID_MAX || id > RAISED_ID_MAX)
		id = fresh_id(table);
	chains_remove(&table->by_id, id_hash(table, invitation->id), place);
	invitation->id = id;
	chains_put(&table->by_id, id_hash(table, id), place);
}
