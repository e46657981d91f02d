/*
 * compose - what goes to the other side as text: UTF-8 that has passed the
 * gate, whatever was typed or piped in, so that all sides show the same.
 */
#include "compose.h"

static bool
compose_codes(const uint32_t *codes, int count, struct buffer *out)
{
	char utf8[TEXT_UTF8_SIZE];
	int i;

	for (i = 0; i < count; i++)
		if (!buffer_append(out, utf8, text_encode(codes[i], utf8)))
			return false;
	return true;
}

bool
compose_text(
    struct text_gate *gate, const char *bytes, size_t len, struct buffer *out)
{
	uint32_t codes[TEXT_GATE_SIZE];
	size_t run, at = 0;
	int count;

	while (at < len) {
		run = text_gate_run(gate, bytes + at, len - at);
		if (!buffer_append(out, bytes + at, run))
			return false;
		at += run;
		if (run > 0)
			continue;
		count = text_gate_byte(gate, (uint8_t)bytes[at++], codes);
		if (!compose_codes(codes, count, out))
			return false;
	}
	return true;
}

bool
compose_end(struct text_gate *gate, struct buffer *out)
{
	uint32_t codes[TEXT_GATE_SIZE];
	int count = text_gate_flush(gate, codes);

	return compose_codes(codes, count, out);
}

bool
compose_edit(struct text_gate *gate, enum compose_edit which,
    const uint8_t edit[3], struct buffer *out)
{
	bool idle = text_gate_is_idle(gate), ok = true;

	if (which == COMPOSE_WORD_ERASE)
		ok = compose_end(gate, out);
	text_gate_init(gate);
	gate->marks = 0; /* what ends the line now, retype knows */
	if (which == COMPOSE_ERASE && !idle)
		return true;
	return buffer_append(out, &edit[which], 1) && ok;
}
