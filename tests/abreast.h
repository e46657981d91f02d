/*
 * abreast - cmocka's tests, several at a time, each in a process of its own:
 * for those that spend their time waiting, and touch nothing in common.
 */
#ifndef TESTS_ABREAST_H
#define TESTS_ABREAST_H

#include <stddef.h>

struct CMUnitTest;

/*
 * Runs them all, beginning with the first, and reports on them in their order;
 * what a test had to say is shown when it failed.  Returns how many did, as
 * cmocka_run_group_tests does.
 */
int abreast_run(const char *name, const struct CMUnitTest *tests, size_t count);

#endif
