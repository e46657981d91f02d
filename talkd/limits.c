/*
 * limits - a bucket of tokens for each host and kind, and the last ring of each
 * pair.
 *
 * A bucket is kept as the moment at which it will be full again: each token
 * taken puts that off by the time that one takes to come back.  One that is
 * full already says nothing, so its place is free; so is that of a pair whose
 * pause is over.
 */
#include "limits.h"

#include <string.h>

#include "common/ntalk.h"
#include "pages.h"

enum {
	WAYS = 8, /* places that a host, or a pair, may have */
	HOST_SETS = LIMITS_HOSTS_MAX / WAYS,
	PAIR_SETS = LIMITS_PAIRS_MAX / WAYS,
	SECOND = 1000000, /* the unit of buckets: microseconds */
	AT_ONCE_MAX = 1000000,
	CALLER_LEN = NTALK_NAME_SIZE - 1,
	HOST_BYTES = 1 + 16 + 4, /* of an address: family, number, zone */
	PAIR_BYTES = HOST_BYTES + CALLER_LEN + (int)sizeof(uid_t),
};

struct bucket {
	uint64_t host; /* its hash */
	int64_t full[LIMITS_KINDS];
};

struct pair {
	uint64_t hash;
	int64_t again; /* when it may ring again, in milliseconds */
};

struct limits {
	uint8_t key[SIPHASH_KEY_SIZE];
	struct limit of[LIMITS_KINDS];
	struct bucket buckets[LIMITS_HOSTS_MAX];
	struct pair pairs[LIMITS_PAIRS_MAX];
};

struct limits *
limits_new(const uint8_t key[SIPHASH_KEY_SIZE])
{
	struct limits *limits = pages_new(sizeof(*limits));

	if (limits == NULL)
		return NULL;
	memcpy(limits->key, key, SIPHASH_KEY_SIZE);
	limits->of[LIMITS_RINGS] = (struct limit){ 10, 1 };
	limits->of[LIMITS_MESSAGES] = (struct limit){ 40, 4 };
	return limits;
}

void
limits_free(struct limits *limits)
{
	pages_free(limits, sizeof(*limits));
}

void
limits_set(struct limits *limits, enum limits_kind kind, struct limit limit)
{
	if (limit.at_once > AT_ONCE_MAX)
		limit.at_once = AT_ONCE_MAX;
	limits->of[kind] = limit;
}

struct limit
limits_get(const struct limits *limits, enum limits_kind kind)
{
	return limits->of[kind];
}

/* --------------------------------------------------------------- hosts --- */

static void
put_host(uint8_t bytes[HOST_BYTES], const struct address *host)
{
	memset(bytes, 0, HOST_BYTES);
	bytes[0] = host->family;
	memcpy(bytes + 1, host->bytes, host->family == 4 ? 4 : 16);
	memcpy(bytes + 1 + 16, &host->scope, sizeof(host->scope));
}

static uint64_t
hash_host(const struct limits *limits, const struct address *host)
{
	uint8_t bytes[HOST_BYTES];

	put_host(bytes, host);
	return siphash(limits->key, bytes, sizeof(bytes));
}

static int64_t
quiet_since(const struct bucket *bucket)
{
	return bucket->full[0] > bucket->full[1] ? bucket->full[0]
						 : bucket->full[1];
}

/* The place of the host's bucket, or the one it may have: the quietest's. */
static size_t
find_bucket(const struct limits *limits, uint64_t host)
{
	size_t first = host % HOST_SETS * WAYS, quietest = first, i;

	for (i = first; i < first + WAYS; i++) {
		if (limits->buckets[i].host == host)
			return i;
		if (quiet_since(&limits->buckets[i]) <
		    quiet_since(&limits->buckets[quietest]))
			quietest = i;
	}
	return quietest;
}

/* Microseconds that a token takes to come back. */
static int64_t
token_time(const struct limit *limit)
{
	return limit->per_second > 0 ? SECOND / (int64_t)limit->per_second
				     : INT64_C(3600) * SECOND;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
limits_wait(const struct limits *limits, enum limits_kind kind,
    const struct address *host, int64_t now)
{
	const struct limit *limit = &limits->of[kind];
	const struct bucket *bucket;
	int64_t missing, time = now * 1000;
	uint64_t hash;

	if (limit->at_once == 0)
		return 0;
	hash = hash_host(limits, host);
	bucket = &limits->buckets[find_bucket(limits, hash)];
	if (bucket->host != hash)
		return 0;
	missing = later(bucket->full[kind], time) - time;
	missing -= token_time(limit) * (limit->at_once - INT64_C(1));
	return (later(missing, 0) + 999) / 1000;
}

/* Takes of the host's bucket a token, or that part of one. */
static void
draw(struct limits *limits, enum limits_kind kind, const struct address *host,
    int64_t now, int part)
{
	const struct limit *limit = &limits->of[kind];
	struct bucket *bucket;
	uint64_t hash;

	if (limit->at_once == 0)
		return;
	hash = hash_host(limits, host);
	bucket = &limits->buckets[find_bucket(limits, hash)];
	if (bucket->host != hash)
		*bucket = (struct bucket){ .host = hash };
	bucket->full[kind] = later(bucket->full[kind], now * 1000) +
	    token_time(limit) / part;
}

bool
limits_take(struct limits *limits, enum limits_kind kind,
    const struct address *host, int64_t now)
{
	if (limits_wait(limits, kind, host, now) > 0)
		return false;
	draw(limits, kind, host, now, 1);
	return true;
}

void
limits_count_call(
    struct limits *limits, const struct address *host, int64_t now)
{
	draw(limits, LIMITS_RINGS, host, now, LIMITS_CALLS);
}

/* --------------------------------------------------------------- pairs --- */

static uint64_t
hash_pair(const struct limits *limits, const struct limits_ring *ring)
{
	uint8_t bytes[PAIR_BYTES] = { 0 };

	put_host(bytes, ring->host);
	memcpy(bytes + HOST_BYTES, &ring->callee, sizeof(ring->callee));
	memcpy(bytes + HOST_BYTES + sizeof(ring->callee), ring->caller,
	    strnlen(ring->caller, CALLER_LEN));
	return siphash(limits->key, bytes, sizeof(bytes));
}

/* The pair's place, or that of the one of its set that rang longest ago. */
static size_t
find_pair(const struct limits *limits, uint64_t hash)
{
	size_t first = hash % PAIR_SETS * WAYS, quietest = first, i;

	for (i = first; i < first + WAYS; i++) {
		if (limits->pairs[i].hash == hash)
			return i;
		if (limits->pairs[i].again < limits->pairs[quietest].again)
			quietest = i;
	}
	return quietest;
}

int64_t
limits_wait_ring(
    const struct limits *limits, const struct limits_ring *ring, int64_t now)
{
	const struct pair *pair;
	uint64_t hash;

	if (limits->of[LIMITS_RINGS].at_once == 0)
		return 0;
	hash = hash_pair(limits, ring);
	pair = &limits->pairs[find_pair(limits, hash)];
	return pair->hash == hash ? later(pair->again - now, 0) : 0;
}

void
limits_count_ring(
    struct limits *limits, const struct limits_ring *ring, int64_t now)
{
	uint64_t hash = hash_pair(limits, ring);

	draw(limits, LIMITS_RINGS, ring->host, now, 1);
	limits->pairs[find_pair(limits, hash)] = (struct pair){ hash,
		now + LIMITS_RING_PAUSE };
}
