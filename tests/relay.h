/*
 * relay - a bad network between talks and a daemon: datagrams get lost on their
 * way there and back, come twice, late, and so in another order.
 *
 * It listens where the talks believe the daemon to be, and sends what they ask
 * on from a socket for each of them, as address translation does; the answers
 * come back through it.  What befalls a datagram is told by a seed alone.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_RELAY_H
#define TESTS_RELAY_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "talk/turn.h"
#include "weather.h"

struct relay_plan {
	struct address front; /* where it listens; port 0: a free one */
	struct address back;  /* the daemon */
	struct address from;  /* who asks the daemon; family 0: whoever */
	struct weather weather;
	uint32_t seed;
};

struct relay;

struct relay *relay_open(const struct relay_plan *plan);
void relay_close(struct relay *relay);

/* Where it listens. */
struct address relay_front(const struct relay *relay);

void relay_await(const struct relay *relay, struct turn *turn);

/* Moves what is there and what is due, on a clock that may be made up. */
void relay_turn(struct relay *relay, int64_t now);

/*
 * Whether the daemon has yet to answer something: on a clock that is made up
 * no time passes meanwhile.
 */
bool relay_is_owed(const struct relay *relay);

/*
 * Moves datagrams from now on, in a process of its own, which ends when it is
 * killed or this one ends.
 */
pid_t relay_run(struct relay *relay);

#endif
