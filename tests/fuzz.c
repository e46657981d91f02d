/*
 * fuzz - what all fuzzers have in common.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ntalk.h"
#include "common/text.h"

void
fuzz_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, condition);
	abort();
}

void
fuzz_locale(void)
{
	static bool done;

	if (!done)
		fuzz_expect(text_init());
	done = true;
}

const uint8_t *
fuzz_take_bytes(struct fuzz_input *input, size_t max, size_t *len)
{
	const uint8_t *bytes = input->bytes;

	*len = input->len < max ? input->len : max;
	if (*len > 0)
		input->bytes += *len;
	input->len -= *len;
	return bytes;
}

uint8_t
fuzz_take_u8(struct fuzz_input *input)
{
	size_t len;
	const uint8_t *byte = fuzz_take_bytes(input, 1, &len);

	return len == 1 ? *byte : 0;
}

uint16_t
fuzz_take_u16(struct fuzz_input *input)
{
	uint8_t high = fuzz_take_u8(input);

	return (uint16_t)(high << 8 | fuzz_take_u8(input));
}

uint32_t
fuzz_take_u32(struct fuzz_input *input)
{
	uint32_t high = fuzz_take_u16(input);

	return high << 16 | fuzz_take_u16(input);
}

void
fuzz_take_text(struct fuzz_input *input, char *text, size_t size)
{
	size_t at = 0;
	uint8_t byte;

	memset(text, 0, size);
	while (at < size - 1 && input->len > 0) {
		byte = fuzz_take_u8(input);
		if (byte == '\0')
			return;
		text[at++] = (char)byte;
	}
}

/* Unlike address_equal, of what is no host, too. */
static bool
same_address(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->port == b->port &&
	    a->scope == b->scope &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool
fuzz_same_request(const struct talk_request *a, const struct talk_request *b)
{
	return a->type == b->type && a->wire_type == b->wire_type &&
	    a->extended == b->extended && a->id == b->id &&
	    same_address(&a->addr, &b->addr) &&
	    same_address(&a->ctl_addr, &b->ctl_addr) && a->pid == b->pid &&
	    memcmp(a->l_name, b->l_name, sizeof(a->l_name)) == 0 &&
	    memcmp(a->r_name, b->r_name, sizeof(a->r_name)) == 0 &&
	    memcmp(a->r_tty, b->r_tty, sizeof(a->r_tty)) == 0;
}
