/*
 * The fault that fuzz_peer has to find: a control of C1, raw, passes the gate.
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
	if (byte != 0x9b || !text_gate_is_idle(gate))
		return __real_text_gate_byte(gate, byte, out);
	out[0] = byte;
	return 1;
}
