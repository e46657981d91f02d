/*
 * inside_memory - what the daemon inside holds of memory, counted.
 *
 * <malloc.h> tells the size of a block: in glibc, musl, and under a sanitizer.
 */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE

#include <sys/mman.h>

#include <malloc.h>
#include <stdlib.h>

#include "fuzz.h"
#include "inside_parts.h"

static struct inside_memory held;

void
inside_memory_begin(void)
{
	held = (struct inside_memory){ 0 };
}

void
inside_memory_end(void)
{
	fuzz_expect(held.blocks == 0 && held.bytes == 0 && held.pages == 0);
}

struct inside_memory
inside_memory(void)
{
	return held;
}

static void *
count(void *block)
{
	held.blocks += block != NULL;
	held.bytes += block != NULL ? malloc_usable_size(block) : 0;
	return block;
}

static void
count_off(void *block)
{
	held.blocks -= block != NULL;
	held.bytes -= block != NULL ? malloc_usable_size(block) : 0;
}

void *inside_malloc(size_t size);
void *inside_calloc(size_t number, size_t size);
void *inside_realloc(void *block, size_t size);
void inside_free(void *block);
void *inside_mmap(
    void *at, size_t size, int protection, int flags, int fd, off_t offset);
int inside_munmap(void *pages, size_t size);

void *
inside_malloc(size_t size)
{
	return count(malloc(size));
}

void *
inside_calloc(size_t number, size_t size)
{
	return count(calloc(number, size));
}

/* It never fails here, so that the old block is always gone. */
void *
inside_realloc(void *block, size_t size)
{
	void *longer;

	count_off(block);
	longer = realloc(block, size);
	fuzz_expect(longer != NULL);
	return count(longer);
}

void
inside_free(void *block)
{
	count_off(block);
	free(block);
}

void *
inside_mmap(
    void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	held.pages += size;
	return mmap(at, size, protection, flags, fd, offset);
}

int
inside_munmap(void *pages, size_t size)
{
	held.pages -= size;
	return munmap(pages, size);
}
