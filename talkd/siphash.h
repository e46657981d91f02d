/*
 * siphash - SipHash-2-4, the keyed hash of J.-P. Aumasson and D. J. Bernstein
 * ("SipHash: a fast short-input PRF", 2012).  Who does not know the key can
 * neither foretell a hash nor choose inputs whose hashes collide.
 *
 * Pure function.
 */
#ifndef TALKD_SIPHASH_H
#define TALKD_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY_SIZE = 16 };

uint64_t siphash(
    const uint8_t key[SIPHASH_KEY_SIZE], const void *bytes, size_t len);

#endif
