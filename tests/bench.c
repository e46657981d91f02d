/*
 * bench - what calls and messages cost beside the bare minimum, and what
 * conversations cost beside those of others: `make bench`.
 *
 * Each program and the bare one are asked in turn, on one core; each figure is
 * the median of the rounds, so that a machine that is slower for a while is so
 * for all.  No test: it judges nothing.
 */
#include "bench.h"

#include <stdio.h>

#include "bench_talk.h"
#include "measure.h"

int
main(void)
{
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	measure_on_one_core();
	bench_calls();
	bench_start();
	bench_rings();
	bench_messages();
	return bench_talk() ? 0 : 1;
}
