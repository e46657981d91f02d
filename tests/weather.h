/*
 * weather - what befalls what a bad network carries: it gets lost, comes twice,
 * late, and so in another order.  A seed alone tells.
 */
#ifndef TESTS_WEATHER_H
#define TESTS_WEATHER_H

#include <stdint.h>

/* Percentages; each copy of what is doubled is late, or not, by itself. */
struct weather {
	unsigned lost;
	unsigned doubled; /* of those that are not lost */
	unsigned late;	  /* of those */
	unsigned late_ms; /* how late at most */
};

/* What the draws begin with; a seed next to another begins far from it. */
uint32_t weather_begin(uint32_t seed);

/* How many copies of the next one arrive: 0, 1 or 2. */
int weather_copies(const struct weather *weather, uint32_t *random);

/* In how many milliseconds a copy arrives; 0: at once. */
unsigned weather_delay(const struct weather *weather, uint32_t *random);

#endif
