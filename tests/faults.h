/*
 * faults - what faults.so, loaded before a program (LD_PRELOAD), and the test
 * that plays the program tell each other: which calls of libc it has made, and
 * which of them is to fail, and how.
 *
 * It stands in a file that both have mapped, which the variable FAULTS names:
 * what the program has done is known whatever way it ends.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	FAULTS_CALLS_MAX = 8192,
	FAULTS_NAME_SIZE = 20,
	FAULTS_SHORT = -1, /* no error: it moves one byte */
};

/* A call of a function, from a place in the program: bytes from its begin. */
struct faults_call {
	char function[FAULTS_NAME_SIZE];
	uint32_t place;
};

struct faults {
	/* Set by the test. */
	struct faults_call call; /* function "": none is to fail */
	uint32_t nth;		 /* of those at that place, from 1 */
	int32_t error;		 /* errno, or what the function returns */

	/* Set by the program. */
	bool loaded;
	bool struck;
	uint32_t passed; /* calls at that place so far */
	uint32_t count;	 /* of all calls */
	struct faults_call calls[FAULTS_CALLS_MAX];
};

#endif
