/*
 * limits - a bucket of tokens for each host and kind.
 *
 * A bucket is kept as the moment at which it will be full again: each token
 * taken puts that off by the time that one takes to come back.  One that is
 * full already says nothing, so its place is free.
 */
#include "limits.h"

#include <stdlib.h>
#include <string.h>

enum {
	WAYS = 8, /* places a host may have */
	SETS = LIMITS_HOSTS_MAX / WAYS,
	SECOND = 1000000, /* the unit within: microseconds */
};

struct bucket {
	uint64_t host; /* its hash */
	int64_t full[LIMITS_KINDS];
};

struct limits {
	uint8_t key[SIPHASH_KEY_SIZE];
	struct limit of[LIMITS_KINDS];
	struct bucket buckets[SETS][WAYS];
};

struct limits *
limits_new(const uint8_t key[SIPHASH_KEY_SIZE])
{
	struct limits *limits = calloc(1, sizeof(*limits));

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
	free(limits);
}

void
limits_set(struct limits *limits, enum limits_kind kind, struct limit limit)
{
	limits->of[kind] = limit;
}

static uint64_t
hash(const struct limits *limits, const struct address *host)
{
	uint8_t bytes[1 + sizeof(host->bytes) + sizeof(host->scope)] = { 0 };

	bytes[0] = host->family;
	memcpy(bytes + 1, host->bytes, host->family == 4 ? 4 : 16);
	memcpy(
	    bytes + 1 + sizeof(host->bytes), &host->scope, sizeof(host->scope));
	return siphash(limits->key, bytes, sizeof(bytes));
}

static int64_t
quiet_since(const struct bucket *bucket)
{
	return bucket->full[0] > bucket->full[1] ? bucket->full[0]
						 : bucket->full[1];
}

/* The host's bucket, or the quietest of its set, emptied for it. */
static struct bucket *
find_bucket(struct limits *limits, uint64_t host)
{
	struct bucket *set = limits->buckets[host % SETS];
	struct bucket *quietest = set;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].host == host)
			return &set[i];
		if (quiet_since(&set[i]) < quiet_since(quietest))
			quietest = &set[i];
	}
	*quietest = (struct bucket){ .host = host };
	return quietest;
}

bool
limits_take(struct limits *limits, enum limits_kind kind,
    const struct address *host, int64_t now)
{
	const struct limit limit = limits->of[kind];
	int64_t time = now * 1000, each, full;
	struct bucket *bucket;

	if (limit.at_once == 0)
		return true;
	bucket = find_bucket(limits, hash(limits, host));
	each = limit.per_second > 0 ? SECOND / (int64_t)limit.per_second
				    : INT64_C(3600) * SECOND;
	full = (bucket->full[kind] > time ? bucket->full[kind] : time) + each;
	if (full - time > each * limit.at_once)
		return false;
	bucket->full[kind] = full;
	return true;
}
