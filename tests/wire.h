/*
 * wire - a bad wire between hosts: frames get lost, come twice, late, and so in
 * another order.  Linux's own emulation, netem, is not in every kernel.
 *
 * It carries what comes out of each end to all others, as a hub does.
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weather.h"

enum { WIRE_ENDS_MAX = 9 };

/*
 * Makes a packet socket an end of wire: the interface of that name in the
 * socket's own network, with all that the kernel knows of its frames, so that
 * large ones and their checksums pass as they are.  False with errno.
 */
bool wire_open_end(int fd, const char *interface);

/*
 * Carries frames between the ends.  Returns only when that cannot go on; meant
 * for a process of its own, which ends when it is killed.
 */
void wire_carry(const int *ends, size_t count, const struct weather *weather,
    uint32_t seed);

#endif
