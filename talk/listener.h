/*
 * listener - where the stream from the other side is awaited.
 */
#ifndef TALK_LISTENER_H
#define TALK_LISTENER_H

#include <stdint.h>

#include "common/address.h"

/*
 * Listens at an address of this host, whatever its port, on the first free port
 * from low to high; 0 and 0: any.  Returns a socket that never blocks, or -1
 * with an errno, which is EADDRINUSE when every port is taken.
 */
int listener_open(const struct address *at, uint16_t low, uint16_t high);

#endif
