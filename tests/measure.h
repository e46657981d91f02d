/*
 * measure - what the benches share: clocks, medians, and programs started as
 * inetd does.  All times are in microseconds.
 *
 * What cannot be done ends the program, with a line that says what.
 */
#ifndef TESTS_MEASURE_H
#define TESTS_MEASURE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/* Says what failed, with errno, ends what was started, and exits. */
_Noreturn void measure_fail(const char *what);

/*
 * Has this process, and all that it starts, run on one core, where a process
 * can ask for that: Linux.
 */
void measure_on_one_core(void);

/* A clock that nobody sets. */
double measure_clock(void);

/* The CPU time that a process has used, its system calls included. */
double measure_cpu(pid_t pid);

/* The most memory that a process has had at once, in KB; 0: not known. */
long measure_memory(pid_t pid);

/* Sorts the figures. */
double measure_median(double *figures, size_t count);

/* A bound socket; an address in host order, port 0 for any. */
int measure_bind(int type, uint32_t address, uint16_t port);

uint16_t measure_port(int fd);

/* A datagram socket of its own port on 127.0.0.1, connected to a port there. */
int measure_connect(uint16_t port);

/* Connects one that is bound to any address of this host. */
void measure_join(int fd, uint16_t port);

/*
 * Starts a program as inetd does: the socket stands for all three of its
 * standard descriptors, and from root it becomes nobody, of group tty.  It ends
 * with this process, or before, by measure_end.
 */
pid_t measure_start(const char *const argv[], int fd);
void measure_end(pid_t pid);

/* A pseudo-terminal of the user, which others of its group may write to. */
struct measure_terminal {
	int master;    /* never waits */
	int slave;     /* kept open, so that it lasts */
	char path[32]; /* "/dev/pts/7" */
	char name[32]; /* "pts/7" */
};

void measure_open_terminal(struct measure_terminal *terminal);
void measure_close_terminal(struct measure_terminal *terminal);

/* Reads what is there, lest it fill; how many bytes those were. */
size_t measure_read_terminal(const struct measure_terminal *terminal);

/* Ends all that were started and not ended. */
void measure_end_all(void);

#endif
