/*
 * The fault that fuzz_text has to find: an interrobang becomes a right-to-left
 * override.
 */
#include "common/text.h"

int __real_text_gate_byte(
    struct text_gate *gate, uint8_t byte, uint32_t out[TEXT_GATE_SIZE]);
int __wrap_text_gate_byte(
    struct text_gate *gate, uint8_t byte, uint32_t out[TEXT_GATE_SIZE]);

int
__wrap_text_gate_byte(
    struct text_gate *gate, uint8_t byte, uint32_t out[TEXT_GATE_SIZE])
{
	int count = __real_text_gate_byte(gate, byte, out), i;

	for (i = 0; i < count; i++)
		if (out[i] == 0x203d)
			out[i] = 0x202e;
	return count;
}
