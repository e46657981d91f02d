/*
 * invitations - the table of calls under way.
 *
 * Entries stand in one array and are linked by their places in it: twice
 * hashed, once by order of refresh, and the unused ones in a list.
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

struct entry {
	struct invitation invitation; /* first: its address is the entry's */
	int64_t refreshed;
	uint32_t older, newer; /* by refresh */
	uint32_t next_id;      /* of the same bucket by id */
	uint32_t next_pair;    /* of the same bucket by pair; the list of the
				   unused likewise */
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
	uint32_t unused;
	uint32_t oldest, newest; /* by refresh */
};

struct invitations *
invitations_new(const uint8_t key[SIPHASH_KEY_SIZE], int64_t life)
{
	struct invitations *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	memcpy(table->key, key, SIPHASH_KEY_SIZE);
	table->life = life;
	table->unused = table->oldest = table->newest = NONE;
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

bool
invitations_same_name(const char *a, const char *b)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);
	size_t shorter = a_len < b_len ? a_len : b_len;

	if (a_len == b_len || shorter == NAME_KNOWN ||
	    shorter == NTALK_NAME_SIZE)
		return memcmp(a, b, shorter) == 0;
	return false;
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
append_newest(struct invitations *table, uint32_t place, int64_t now)
{
	struct entry *entry = &table->entries[place];

	entry->refreshed = now;
	entry->newer = NONE;
	entry->older = table->newest;
	if (table->newest != NONE)
		table->entries[table->newest].newer = place;
	else
		table->oldest = place;
	table->newest = place;
}

static void
unlink_order(struct invitations *table, uint32_t place)
{
	struct entry *entry = &table->entries[place];

	if (entry->older != NONE)
		table->entries[entry->older].newer = entry->newer;
	else
		table->oldest = entry->newer;
	if (entry->newer != NONE)
		table->entries[entry->newer].older = entry->older;
	else
		table->newest = entry->older;
}

static void
remove_place(struct invitations *table, uint32_t place)
{
	unhash_id(table, place);
	unhash_pair(table, place);
	unlink_order(table, place);
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
	if (table->oldest == NONE)
		return INVITATIONS_NEVER;
	return table->entries[table->oldest].refreshed + table->life;
}

void
invitations_expire(struct invitations *table, int64_t now)
{
	while (table->oldest != NONE && invitations_deadline(table) <= now)
		remove_place(table, table->oldest);
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
	uint32_t bucket, place;

	table->places = places;
	rehash_ids(table, used);
	for (bucket = used; bucket < places; bucket++)
		table->by_pair[bucket] = NONE;
	for (bucket = 0; bucket < used; bucket++)
		split_pair_bucket(table, bucket, used);
	for (place = places; place-- > used;) {
		table->entries[place].next_pair = table->unused;
		table->unused = place;
	}
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

/* The first from this place on, in its bucket, between that pair. */
static struct invitation *
same_pair(const struct invitations *table, uint32_t place, enum talk_type type,
    const char *caller, const char *callee)
{
	struct invitation *found;

	while ((found = at_place(table, place)) != NULL) {
		if (found->type == type &&
		    invitations_same_name(found->caller, caller) &&
		    invitations_same_name(found->callee, callee))
			break;
		place = table->entries[place].next_pair;
	}
	return found;
}

struct invitation *
invitations_first(const struct invitations *table, enum talk_type type,
    const char *caller, const char *callee)
{
	uint64_t hash;

	if (table->count == 0)
		return NULL;
	hash = pair_hash(table, type, caller, callee);
	return same_pair(table, table->by_pair[hash & (table->places - 1)],
	    type, caller, callee);
}

struct invitation *
invitations_next(
    const struct invitations *table, const struct invitation *invitation)
{
	const struct entry *entry = (const struct entry *)invitation;

	return same_pair(table, entry->next_pair, invitation->type,
	    invitation->caller, invitation->callee);
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

/* Drops the one made first of a pair that has as many as a pair may have. */
static void
bound_pair(struct invitations *table, const struct invitation *like)
{
	struct invitation *last = NULL;
	struct invitation *next = invitations_first(
	    table, like->type, like->caller, like->callee);
	int count = 0;

	for (; next != NULL; next = invitations_next(table, next)) {
		last = next;
		count++;
	}
	if (count >= INVITATIONS_PAIR_MAX)
		invitations_remove(table, last);
}

struct invitation *
invitations_add(
    struct invitations *table, const struct invitation *like, int64_t now)
{
	struct entry *entry;
	uint32_t place;

	bound_pair(table, like);
	if (table->unused == NONE && !grow(table)) {
		if (table->count == 0)
			return NULL;
		remove_place(table, table->oldest);
	}
	place = table->unused;
	entry = &table->entries[place];
	table->unused = entry->next_pair;
	entry->invitation = *like;
	entry->invitation.id = fresh_id(table);
	hash_id(table, place);
	hash_pair(table, place);
	append_newest(table, place, now);
	table->count++;
	return &entry->invitation;
}

void
invitations_refresh(
    struct invitations *table, struct invitation *invitation, int64_t now)
{
	uint32_t place = place_of(table, entry_of(invitation));

	unlink_order(table, place);
	append_newest(table, place, now);
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
