/*
 * pages - memory for large tables.
 *
 * MAP_ANONYMOUS is POSIX's only since its issue 8, but every system has it.
 */
#include "common/system.h"

#include "pages.h"

#include <sys/mman.h>

enum { HUGE_PAGE = 2 * 1024 * 1024 };

void *
pages_new(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
#if defined(MADV_NOHUGEPAGE)
	/* Linux may give 2 MB at the first touch of what has as much. */
	if (size >= HUGE_PAGE)
		(void)madvise(pages, size, MADV_NOHUGEPAGE);
#endif
	return pages;
}

void
pages_free(void *pages, size_t size)
{
	if (pages != NULL)
		(void)munmap(pages, size);
}
