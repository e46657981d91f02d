/*
 * chains - which places of an array have a hash: the buckets and the links of a
 * hash table whose entries stand elsewhere.
 *
 * They are numbers in two dense arrays, and each has some bits of the hash
 * besides the place: a search passes by other hashes' entries without a look at
 * them, each of which is far from all others in memory.
 */
#ifndef TALKD_CHAINS_H
#define TALKD_CHAINS_H

#include <stdint.h>

enum { CHAINS_MAX = 65536 }; /* places, numbered from 0 */

/* No place. */
#define CHAINS_END UINT32_MAX

/* Large: of what is beyond its size nothing is touched. */
struct chains {
	uint32_t size;		    /* places in use, and buckets */
	uint32_t first[CHAINS_MAX]; /* by bucket */
	uint32_t next[CHAINS_MAX];  /* by place */
};

/*
 * Empties them, for so many places: a power of two, at most CHAINS_MAX.  To be
 * called before all others.
 */
void chains_clear(struct chains *chains, uint32_t size);

/* Puts a place in front of others of that hash. */
void chains_put(struct chains *chains, uint64_t hash, uint32_t place);

/* Takes out a place that was put in by that hash. */
void chains_remove(struct chains *chains, uint64_t hash, uint32_t place);

/*
 * The places put in by that hash, the last one first, then CHAINS_END.  Hardly
 * ever are there some of another hash among them.
 */
uint32_t chains_first(const struct chains *chains, uint64_t hash);
uint32_t chains_next(
    const struct chains *chains, uint64_t hash, uint32_t place);

#endif
