/*
 * seat - a terminal of the user of the tests that nobody plays at: the test
 * itself sits there, or reads byte by byte what it was sent.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_SEAT_H
#define TESTS_SEAT_H

#include <stdbool.h>
#include <stddef.h>

enum { SEAT_NAME_SIZE = 64 };

struct seat {
	int master;
	int slave;
	char path[SEAT_NAME_SIZE];
	char name[SEAT_NAME_SIZE]; /* below /dev */
	int in, out;		   /* the test's own, while it sits there */
};

/* Opens one, as the system gives it. */
void seat_open(struct seat *seat);

/* The same, raw, and one that others may write to (mesg y). */
void seat_take(struct seat *seat);
void seat_leave(struct seat *seat);

/* Standard input and output become the terminal, and again what they were. */
void seat_sit_down(struct seat *seat);
void seat_stand_up(struct seat *seat);

/* Lets others write there, or not. */
void seat_mesg(const struct seat *seat, bool yes);

/*
 * Takes what it was sent since the last time, as text cut to size; waits for
 * nothing, "" when there is none.
 */
const char *seat_read(const struct seat *seat, char *text, size_t size);

#endif
