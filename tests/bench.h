/*
 * bench - what `make bench` measures, a function a table: each prints its own,
 * with how it was made.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

/* LOOK_UP, LEAVE_INVITE and DELETE, at tables of several sizes. */
void bench_calls(void);

/* From the start to the first reply, and memory. */
void bench_start(void);

/* ANNOUNCE to a terminal, and what others feel of one that is stopped. */
void bench_rings(void);

/* Messages over TCP and UDP. */
void bench_messages(void);

#endif
