/*
 * The fault that fuzz_talkd has to find: rings of hosts with IPv6 are not
 * counted, so that they ring as often as they like.
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
	if (ring->host->family == 4)
		__real_limits_count_ring(limits, ring, now);
}
