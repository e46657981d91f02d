/*
 * clean - what of text may reach a terminal, a file or a pipe, told once more
 * and apart from the gate (common/text.h), for fuzzers to hold it against.
 */
#ifndef TESTS_CLEAN_H
#define TESTS_CLEAN_H

#include <stddef.h>

/*
 * Ends the program unless it is valid UTF-8 without newline, controls but for
 * TAB, and whatever turns the direction of text or marks what none can see.
 */
void clean_expect(const char *text, size_t len);

#endif
