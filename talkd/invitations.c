/*
 * invitations - the table of calls under way.
 *
 * Entries stand in one array and are linked by their places in it: twice
 * hashed, in two orders, and the unused ones in a list.
 */
#include "invitations.h"

#include <stdlib.h>
#include <string.h>

/* No place; the end of every list. */
#define NONE UINT32_MAX

enum {
	PLACES_FIRST = 64, /* the array's first size; then doubled */
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
	uint32_t next_pair;	      /* of the same bucket by pair; the list of
					 the unused likewise */
	uint32_t next_id;	      /* of the same bucket by id */
	struct link links[ORDERS];
	int64_t refreshed;
};

_Static_assert(sizeof(struct entry) + 2 * sizeof(uint32_t) <= 200,
    "an entry and its two buckets fit 200 bytes");

struct invitations {
	uint8_t key[SIPHASH_KEY_SIZE];
	int64_t life;
	uint64_t ids_made;
	struct entry *entries;
	uint32_t *by_id;   /* buckets, as many as places */
	uint32_t *by_pair; /* likewise */
	uint32_t places;   /* 0 or a power of two */
	uint32_t count;
	uint32_t fresh;	 /* the first place that was never used */
	uint32_t unused; /* those that were and are not now */
	struct order orders[ORDERS];
};

struct invitations *
invitations_new(const uint8_t key[SIPHASH_KEY_SIZE], int64_t life)
{
	struct invitations *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
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
	free(table->entries);
	free(table->by_id);
	free(table->by_pair);
	free(table);
}

size_t
invitations_count(const struct invitations *table)
{
	return table->count;
}

/* Whether it may be the beginning of a longer one. */
static bool
may_be_cut(size_t len, bool in_full)
{
	return !in_full && (len == NAME_KNOWN || len == NTALK_NAME_SIZE);
}

bool
invitations_same_name(
    const char *a, bool a_in_full, const char *b, bool b_in_full)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);

	if (a_len < b_len && !may_be_cut(a_len, a_in_full))
		return false;
	if (b_len < a_len && !may_be_cut(b_len, b_in_full))
		return false;
	return memcmp(a, b, a_len < b_len ? a_len : b_len) == 0;
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

static uint32_t *
id_bucket(const struct invitations *table, uint32_t id)
{
	uint64_t hash = siphash(table->key, &id, sizeof(id));

	return &table->by_id[hash & (table->places - 1)];
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

static uint32_t *
pair_bucket(const struct invitations *table, uint32_t place)
{
	uint64_t hash = pair_hash_of(table, place);

	return &table->by_pair[hash & (table->places - 1)];
}

static void
hash_id(struct invitations *table, uint32_t place)
{
	struct entry *entry = &table->entries[place];
	uint32_t *bucket = id_bucket(table, entry->invitation.id);

	entry->next_id = *bucket;
	*bucket = place;
}

static void
unhash_id(struct invitations *table, uint32_t place)
{
	struct entry *entry = &table->entries[place];
	uint32_t *link = id_bucket(table, entry->invitation.id);

	while (*link != place)
		link = &table->entries[*link].next_id;
	*link = entry->next_id;
}

static void
hash_pair(struct invitations *table, uint32_t place)
{
	struct entry *entry = &table->entries[place];
	uint32_t *bucket = pair_bucket(table, place);

	entry->next_pair = *bucket;
	*bucket = place;
}

static void
unhash_pair(struct invitations *table, uint32_t place)
{
	struct entry *entry = &table->entries[place];
	uint32_t *link = pair_bucket(table, place);

	while (*link != place)
		link = &table->entries[*link].next_pair;
	*link = entry->next_pair;
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
	unhash_id(table, place);
	unhash_pair(table, place);
	unlink_order(table, BY_REFRESH, place);
	unlink_order(table, BY_MAKING, place);
	table->entries[place].next_pair = table->unused;
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

static void
rehash_ids(struct invitations *table, uint32_t used)
{
	uint32_t bucket, place;

	for (bucket = 0; bucket < table->places; bucket++)
		table->by_id[bucket] = NONE;
	for (place = 0; place < used; place++)
		hash_id(table, place);
}

/*
 * Deals the entries of one bucket out to it and the new one, `used` further
 * on, in the order they have: the one made last comes first.
 */
static void
split_pair_bucket(struct invitations *table, uint32_t bucket, uint32_t used)
{
	uint32_t *low = &table->by_pair[bucket];
	uint32_t *high = &table->by_pair[bucket + used];
	uint32_t **end;
	uint32_t place, next;

	for (place = *low; place != NONE; place = next) {
		next = table->entries[place].next_pair;
		end = (pair_hash_of(table, place) & used) != 0 ? &high : &low;
		**end = place;
		*end = &table->entries[place].next_pair;
	}
	*low = NONE;
	*high = NONE;
}

/* Spreads the entries, which fill `used` places, over that many. */
static void
spread(struct invitations *table, uint32_t used, uint32_t places)
{
	uint32_t bucket;

	table->places = places;
	rehash_ids(table, used);
	for (bucket = used; bucket < places; bucket++)
		table->by_pair[bucket] = NONE;
	for (bucket = 0; bucket < used; bucket++)
		split_pair_bucket(table, bucket, used);
}

/* Makes more places; false, and all as it was, when memory is short. */
static bool
grow(struct invitations *table)
{
	uint32_t used = table->entries == NULL ? 0 : table->places;
	uint32_t places = used == 0 ? PLACES_FIRST : 2 * used;
	struct entry *entries;
	uint32_t *by_id, *by_pair;

	if (places > INVITATIONS_MAX)
		return false;
	entries = realloc(table->entries, places * sizeof(*entries));
	if (entries != NULL)
		table->entries = entries;
	by_id = realloc(table->by_id, places * sizeof(*by_id));
	if (by_id != NULL)
		table->by_id = by_id;
	by_pair = realloc(table->by_pair, places * sizeof(*by_pair));
	if (by_pair != NULL)
		table->by_pair = by_pair;
	if (entries == NULL || by_id == NULL || by_pair == NULL)
		return false;
	spread(table, used, places);
	return true;
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

/* The first from this place on, in its bucket, between that pair. */
static struct invitation *
same_pair(const struct invitations *table, uint32_t place, enum talk_type type,
    const struct invitations_pair *pair)
{
	struct invitation *found;

	while ((found = at_place(table, place)) != NULL) {
		if (found->type == type && is_between(found, pair))
			break;
		place = table->entries[place].next_pair;
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
	    table, table->by_pair[hash & (table->places - 1)], type, pair);
}

struct invitation *
invitations_next(const struct invitations *table,
    const struct invitation *invitation, const struct invitations_pair *pair)
{
	const struct entry *entry = (const struct entry *)invitation;

	return same_pair(table, entry->next_pair, invitation->type, pair);
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
	uint32_t place;

	if (table->count == 0)
		return NULL;
	place = *id_bucket(table, id);
	while (place != NONE && table->entries[place].invitation.id != id)
		place = table->entries[place].next_id;
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
	uint32_t place = table->by_pair[hash & (table->places - 1)];
	struct invitation *next, *first_same = NULL, *first_alike = NULL;
	int same = 0, alike = 0;

	for (; (next = at_place(table, place)) != NULL;
	     place = table->entries[place].next_pair) {
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

/* A place for one more, of the oldest if need be; NONE when memory is short. */
static uint32_t
take_place(struct invitations *table)
{
	uint32_t place;

	if (table->unused == NONE && table->fresh == table->places &&
	    !grow(table)) {
		if (table->count == 0)
			return NONE;
		remove_place(table, table->orders[BY_REFRESH].oldest);
	}
	if (table->unused == NONE)
		return table->fresh++;
	place = table->unused;
	table->unused = table->entries[place].next_pair;
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
	if (place == NONE)
		return NULL;
	entry = &table->entries[place];
	entry->invitation = *like;
	entry->invitation.id = fresh_id(table);
	entry->invitation.made = now;
	entry->refreshed = now;
	hash_id(table, place);
	hash_pair(table, place);
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
	unhash_id(table, place);
	invitation->id = id;
	hash_id(table, place);
}
