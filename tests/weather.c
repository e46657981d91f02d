/*
 * weather - what befalls what a bad network carries.
 */
#include "weather.h"

#include <stdbool.h>

uint32_t
weather_begin(uint32_t seed)
{
	return seed * UINT32_C(2654435761) + 1;
}

/* Below a limit: the numbers of Marsaglia's xorshift, 13, 17, 5. */
static unsigned
draw(uint32_t *random, unsigned limit)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return (unsigned)((uint64_t)*random * limit >> 32);
}

static bool
happens(uint32_t *random, unsigned percent)
{
	return draw(random, 100) < percent;
}

int
weather_copies(const struct weather *weather, uint32_t *random)
{
	if (happens(random, weather->lost))
		return 0;
	return happens(random, weather->doubled) ? 2 : 1;
}

unsigned
weather_delay(const struct weather *weather, uint32_t *random)
{
	if (!happens(random, weather->late))
		return 0;
	return 1 + draw(random, weather->late_ms);
}
