/*
 * apart - a host of the bench's own: logins, addresses and a nameserver that
 * the rest of the machine knows nothing of.  Linux has it, for root.
 *
 * What cannot be done ends the program, as measure has it.
 */
#ifndef TESTS_APART_H
#define TESTS_APART_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Takes this process, and all that it starts, there; false where that cannot
 * be, and nothing has changed.
 */
bool apart_enter(void);

/* Enters the user in the record of logins, at the terminal of that name. */
void apart_log_in(const char *user, const char *terminal);

/* One of many addresses of the host, none of them loopback; in host order. */
uint32_t apart_address(unsigned number);

/*
 * From now on the nameserver says nothing; before, it refuses.  Returns its
 * socket, for the caller to close.
 */
int apart_silence(void);

#endif
