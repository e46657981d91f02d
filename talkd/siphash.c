/*
 * siphash - SipHash-2-4, after the paper; names of the words are its own.
 */
#include "siphash.h"

#include <string.h>

/* Compilers make one load of it. */
static uint64_t
get_u64(const uint8_t bytes[8])
{
	return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 |
	    (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
	    (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
	    (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

/* Fewer than 8 bytes. */
static uint64_t
get_rest(const uint8_t *bytes, size_t len)
{
	uint8_t padded[8] = { 0 };

	memcpy(padded, bytes, len);
	return get_u64(padded);
}

static uint64_t
rotate(uint64_t word, int by)
{
	return word << by | word >> (64 - by);
}

static void
sip_rounds(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
compress(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY_SIZE], const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	uint64_t k0 = get_u64(key);
	uint64_t k1 = get_u64(key + 8);
	uint64_t v[4] = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t left = len;

	for (; left >= 8; left -= 8, in += 8)
		compress(v, get_u64(in));
	compress(v, (uint64_t)(len & 0xff) << 56 | get_rest(in, left));
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
