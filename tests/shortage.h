/*
 * shortage - the system is out of descriptors, or about to be.
 */
#ifndef TESTS_SHORTAGE_H
#define TESTS_SHORTAGE_H

#include <sys/resource.h>

/*
 * From now on so many more descriptors are to be had in this process, and no
 * other.  Returns the limit as it was, for shortage_end.
 */
struct rlimit shortage_begin(unsigned spare);
void shortage_end(struct rlimit limit);

#endif
