/*
 * fuzz - what all fuzzers have in common.  A fuzzer is a file fuzz_NAME.c with
 * one entry point, which libFuzzer and AFL++ feed with inputs of their making,
 * and replay.c with those of seeds/NAME.
 *
 * fuzz_NAME_planted.c holds a fault that the fuzzer has to find (`make
 * fuzz-proof`): a function __wrap_X there is called wherever another file calls
 * X, and may call the real one as __real_X, as the linker's --wrap has it.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tries one input; returns 0, or does not return, for fuzz_expect or a
 * sanitizer ends the program.  It must do the same for the same input every
 * time: no clock, no chance, nothing kept between two calls.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program when the condition does not hold, and tells which. */
#define fuzz_expect(condition) \
	((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* As text_init, once, for those whose outcome depends on the locale. */
void fuzz_locale(void);

/* An input that is used up from its begin; what is missing is zero. */
struct fuzz_input {
	const uint8_t *bytes;
	size_t len;
};

uint8_t fuzz_take_u8(struct fuzz_input *input);
uint16_t fuzz_take_u16(struct fuzz_input *input);
uint32_t fuzz_take_u32(struct fuzz_input *input);

/* At most so many bytes, which stay where they are; *len is how many. */
const uint8_t *fuzz_take_bytes(
    struct fuzz_input *input, size_t max, size_t *len);

/*
 * Text ended by a NUL of the input, which is used up too, or cut to fit; size
 * is that of the room for it.  All bytes behind its end are zero.
 */
void fuzz_take_text(struct fuzz_input *input, char *text, size_t size);

struct talk_request;

/* Every member is the same; the bytes between members may be anything. */
bool fuzz_same_request(
    const struct talk_request *a, const struct talk_request *b);

#endif
