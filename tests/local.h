/*
 * local - sockets of this host for tests to look for, and another user's beside
 * them.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_LOCAL_H
#define TESTS_LOCAL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"

enum { LOCAL_ANOTHER = 65534 }; /* a uid that is neither root nor the tests' */

/*
 * Opens a socket at the loopback address of the family, or at any address: at
 * that port, or if it is 0 at one that the system chooses.  -1 when it cannot.
 */
int local_open(int family, int type, bool any, uint16_t port);

/* What it is bound to. */
struct address local_name(int fd);

/* The loopback address of a family, with the port of that socket. */
struct address local_loopback(int family, int fd);

/*
 * Another user opens one for datagrams there, and keeps it until *hold is
 * closed, by local_close_anothers.  For root only.
 */
pid_t local_open_as_another(int family, bool any, uint16_t port, int *hold);
void local_close_anothers(pid_t child, int hold);

#endif
