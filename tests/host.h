/*
 * host - this host as tests of the real talkd have it: a user at a terminal,
 * and the daemon, started with what descriptors the test gives it.
 *
 * TALKD in the environment names another program than talkd/talkd.  Only for
 * cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include <sys/types.h>

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seat.h"

enum { HOST_WAIT_MS = 10000 }; /* for what must come; long, to be safe */

struct host {
	pid_t daemon;  /* 0: none runs */
	int errors;    /* its standard error, read from here; -1: none yet */
	uint16_t port; /* set by the test */
	struct seat seat;
	char user[64]; /* who runs the tests */
};

/* Has the user sit down; no daemon yet. */
void host_open(struct host *host);

/* Ends the daemon, if there is one, and has the user leave. */
void host_close(struct host *host);

/*
 * Starts the daemon with `count` descriptors from 0 on (-1: one as it is) and
 * its standard error in a pipe, unless that is among them.  Arguments besides,
 * ended by NULL.
 */
void host_start(
    struct host *host, const int *fds, int count, const char *const *arguments);

/* Reads a line of its standard error, cut to size; "" at the end. */
void host_read_error(const struct host *host, char *line, size_t size);

/* Reads "talkd: serving ADDRESS port PORT" and returns the port. */
uint16_t host_read_port(const struct host *host, const char *address);

/* Waits for the daemon's end and returns its exit status. */
int host_wait(struct host *host);

/* Milliseconds, never going back. */
int64_t host_clock(void);

/* Whether something can be read within so many milliseconds. */
bool host_is_readable(int fd, int timeout);

/* 127.0.0.LAST */
struct sockaddr_in host_loopback(uint8_t last, uint16_t port);

/* The port of a socket's own address. */
uint16_t host_port(int fd);

/*
 * Whether the kernel tells whose a socket is: Linux does, unless it is built
 * without sock_diag(7), or emulated.  Where it does not, nobody's name can be
 * checked, and a test that one is has to be skipped.
 */
bool host_tells_owners(void);

#endif
