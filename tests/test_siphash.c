/*
 * The tests of talkd/siphash: the vectors of its authors, whose key is the
 * bytes 00 to 0f and whose message of length n is the bytes 00 to n - 1.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "talkd/siphash.h"

static const struct {
	size_t len;
	uint64_t hash;
} vectors[] = {
	{ 0, UINT64_C(0x726fdb47dd0e0e31) },
	{ 1, UINT64_C(0x74f839c593dc67fd) },
	{ 7, UINT64_C(0xab0200f58b01d137) },
	{ 8, UINT64_C(0x93f5f5799a932462) },
	{ 15, UINT64_C(0xa129ca6149be45e5) }, /* the paper's own example */
	{ 16, UINT64_C(0x3f2acc7f57c29bdb) },
	{ 63, UINT64_C(0x958a324ceb064572) },
};

static void
fill(uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)i;
}

static void
the_vectors_of_its_authors_come_out(void **state)
{
	uint8_t key[SIPHASH_KEY_SIZE];
	uint8_t bytes[64];
	size_t i;

	(void)state;
	fill(key, sizeof(key));
	fill(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(
		    siphash(key, bytes, vectors[i].len) == vectors[i].hash);
}

static void
every_bit_of_the_key_counts(void **state)
{
	const uint8_t none[SIPHASH_KEY_SIZE] = { 0 };
	uint8_t key[SIPHASH_KEY_SIZE] = { 0 };
	int bit;

	(void)state;
	for (bit = 0; bit < 8 * SIPHASH_KEY_SIZE; bit++) {
		key[bit / 8] = (uint8_t)(1 << bit % 8);
		assert_true(
		    siphash(key, "talk", 4) != siphash(none, "talk", 4));
		key[bit / 8] = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_its_authors_come_out),
		cmocka_unit_test(every_bit_of_the_key_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
