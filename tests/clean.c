/*
 * clean - what of text may reach a terminal, a file or a pipe.
 */
#include "clean.h"

#include "common/text.h"
#include "fuzz.h"

/* RFC 20 and ISO 6429; Unicode's Bidi_Control, U+FEFF, interlinear
 * annotations, tags. */
static bool
is_forbidden(uint32_t code)
{
	return (code < ' ' && code != '\t') || (code >= 0x7f && code < 0xa0) ||
	    code == 0x61c || code == 0x200e || code == 0x200f ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0xfeff ||
	    (code >= 0xfff9 && code <= 0xfffb) ||
	    (code >= 0xe0000 && code <= 0xe007f);
}

void
clean_expect(const char *text, size_t len)
{
	uint32_t code;
	size_t size;
	bool valid;

	for (; len > 0; text += size, len -= size) {
		size = text_decode(text, len, &code, &valid);
		fuzz_expect(size > 0 && valid);
		fuzz_expect(!is_forbidden(code));
	}
}
