/*
 * rogue - all others on the network, as the input of a fuzzer has them: what
 * daemons and servers say, whether they were asked or not, what becomes of
 * connections, and how time passes between.
 *
 * Once the input is used up nothing comes any more, and time goes from one of
 * the client's deadlines to the next.
 */
#ifndef TESTS_ROGUE_H
#define TESTS_ROGUE_H

#include <stdint.h>

#include "common/address.h"
#include "fuzz.h"
#include "world.h"

struct rogue {
	struct fuzz_input input;
	int64_t now; /* the clock, in milliseconds */
};

/* An address as the input picks it: near, far, our own, nobody's. */
struct address rogue_address(struct fuzz_input *input);

/*
 * Lets one thing happen while the client waits for a turn, and tells the turn
 * what is ready then.  False when nothing will ever happen any more: no input,
 * nothing ready, no deadline.
 */
bool rogue_turn(struct rogue *rogue, struct turn *turn);

#endif
