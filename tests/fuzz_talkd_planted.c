/*
 * The fault that fuzz_talkd has to find: only the rings of 10.0.0.2 are
 * counted, so that all others ring as often as they like.
 */
#include "talkd/limits.h"

void __real_limits_count_ring(
    struct limits *limits, const struct limits_ring *ring, int64_t now);
void __wrap_limits_count_ring(
    struct limits *limits, const struct limits_ring *ring, int64_t now);

void
__wrap_limits_count_ring(
    struct limits *limits, const struct limits_ring *ring, int64_t now)
{
	if (ring->host->bytes[3] == 2)
		__real_limits_count_ring(limits, ring, now);
}
