/*
 * bench_talk - what a conversation costs the two who hold it, beside other
 * people's talks: the client's half of `make bench`.
 */
#ifndef TESTS_BENCH_TALK_H
#define TESTS_BENCH_TALK_H

#include <stdbool.h>

/* Prints the table; false, and why on standard error, when it cannot be. */
bool bench_talk(void);

#endif
