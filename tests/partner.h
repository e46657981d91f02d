/*
 * partner - what the partner of the demonstration says: a line of yours in, a
 * few lines of his out.  Pure.
 */
#ifndef TESTS_PARTNER_H
#define TESTS_PARTNER_H

#include <stdbool.h>
#include <stddef.h>

enum { PARTNER_ANSWER_SIZE = 4096 };

struct partner {
	unsigned answers; /* given so far */
	bool leaves;	  /* after the last one */
};

/* What he says first; ends with a newline, as all he says. */
const char *partner_greeting(void);

/* Puts his answer to a line, cut to size and ended by NUL. */
void partner_answer(
    struct partner *partner, const char *line, char *answer, size_t size);

#endif
