/*
 * seeds - inputs for the fuzzers as people read and write them: seeds/NAME
 * holds those of fuzz_NAME, one a line.
 *
 *	# what it is
 *	01 02 "bob" 00*9 ffffffff  # a comment may follow
 *
 * Bytes are pairs of hexadecimal digits, or text between quotes, which stands
 * for itself and has no quote (22) in it.  *N behind either repeats it, of
 * digits the last pair.  "" is the empty input; a line with no input is none.
 */
#ifndef TESTS_SEEDS_H
#define TESTS_SEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one input. */
enum { SEED_SIZE_MAX = 65536 };

enum seed_reading { SEED_NONE, SEED_THERE, SEED_WRONG };

/* Reads a line, without its newline or with it. */
enum seed_reading seed_read(
    const char *line, uint8_t bytes[SEED_SIZE_MAX], size_t *len);

/* What is done with each input; its bytes are valid no longer than the call. */
typedef bool seeds_use(
    void *context, unsigned line, const uint8_t *bytes, size_t len);

/*
 * Hands each input of a file over, until one is not to be used: then, or when
 * the file has a mistake or cannot be read, it is told on standard error, with
 * the line, and false returned.
 */
bool seeds_each(const char *file, seeds_use *use, void *context);

#endif
