/*
 * chains - which places of an array have a hash.
 */
#include "chains.h"

#include <string.h>

/* A link is a place and, above it, a tag: never CHAINS_END. */
enum {
	PLACE_BITS = 16,
	PLACE_MASK = (1 << PLACE_BITS) - 1,
	TAG_MASK = 0x7fff,
};

_Static_assert(CHAINS_MAX == 1 << PLACE_BITS, "a link holds any place");

/* Of the bits that choose no bucket. */
static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) & TAG_MASK;
}

static uint32_t
place_of(uint32_t link)
{
	return link & PLACE_MASK;
}

static uint32_t
bucket_of(const struct chains *chains, uint64_t hash)
{
	return (uint32_t)hash & (chains->size - 1);
}

void
chains_clear(struct chains *chains, uint32_t size)
{
	chains->size = size;
	/* Every byte of CHAINS_END. */
	memset(chains->first, 0xff, size * sizeof(*chains->first));
}

void
chains_put(struct chains *chains, uint64_t hash, uint32_t place)
{
	uint32_t *bucket = &chains->first[bucket_of(chains, hash)];

	chains->next[place] = *bucket;
	*bucket = tag_of(hash) << PLACE_BITS | place;
}

void
chains_remove(struct chains *chains, uint64_t hash, uint32_t place)
{
	uint32_t *link = &chains->first[bucket_of(chains, hash)];

	while (place_of(*link) != place)
		link = &chains->next[place_of(*link)];
	*link = chains->next[place];
}

/* The place of this link, or of the next one that has the hash's tag. */
static uint32_t
pass_others(const struct chains *chains, uint64_t hash, uint32_t link)
{
	while (link != CHAINS_END && link >> PLACE_BITS != tag_of(hash))
		link = chains->next[place_of(link)];
	return link == CHAINS_END ? CHAINS_END : place_of(link);
}

uint32_t
chains_first(const struct chains *chains, uint64_t hash)
{
	return pass_others(
	    chains, hash, chains->first[bucket_of(chains, hash)]);
}

uint32_t
chains_next(const struct chains *chains, uint64_t hash, uint32_t place)
{
	return pass_others(chains, hash, chains->next[place]);
}
