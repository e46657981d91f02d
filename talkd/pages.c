/*
 * pages - memory for large tables.
 *
 * MAP_ANONYMOUS is POSIX's only since its issue 8, but every system has it.
 */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE

#include "pages.h"

#include <sys/mman.h>

void *
pages_new(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

void
pages_free(void *pages, size_t size)
{
	if (pages != NULL)
		(void)munmap(pages, size);
}
