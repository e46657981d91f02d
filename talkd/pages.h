/*
 * pages - memory for large tables, of which most is never used: it is zero, and
 * a page of it takes memory only once something is written there.  calloc
 * clears what it has at hand by writing it all.
 */
#ifndef TALKD_PAGES_H
#define TALKD_PAGES_H

#include <stddef.h>

/* NULL, with errno, when memory is short. */
void *pages_new(size_t size);

/* Takes NULL as well; the size is what it was made with. */
void pages_free(void *pages, size_t size);

#endif
