/*
 * bytes - integers on the wire, their most significant byte first.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdint.h>

uint16_t bytes_get_u16(const uint8_t *bytes);
uint32_t bytes_get_u32(const uint8_t *bytes);

void bytes_put_u16(uint8_t *bytes, uint16_t value);
void bytes_put_u32(uint8_t *bytes, uint32_t value);

#endif
