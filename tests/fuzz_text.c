/*
 * The gate: any input as running text, cut into pieces that its first byte
 * tells, and as a name.  Nothing comes out that may not reach a terminal, and
 * what has come out passes once more as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "fuzz.h"
#include "talk/buffer.h"
#include "talk/compose.h"

/* What came out is text for a terminal; BEL is for the caller to count. */
static void
check_codes(const uint32_t *codes, int count)
{
	int i;

	fuzz_expect(count >= 0 && count <= TEXT_GATE_SIZE);
	for (i = 0; i < count; i++)
		fuzz_expect(codes[i] == '\n' || codes[i] == '\t' ||
		    codes[i] == '\a' || text_width(codes[i]) >= 0);
}

static void
append_codes(struct buffer *out, const uint32_t *codes, int count)
{
	char utf8[TEXT_UTF8_SIZE];
	int i;

	check_codes(codes, count);
	for (i = 0; i < count; i++)
		fuzz_expect(
		    buffer_append(out, utf8, text_encode(codes[i], utf8)));
}

/* A byte at a time, the plain way. */
static void
pass_bytes(const char *bytes, size_t len, struct buffer *out)
{
	uint32_t codes[TEXT_GATE_SIZE];
	struct text_gate gate;
	size_t i;

	text_gate_init(&gate);
	for (i = 0; i < len; i++)
		append_codes(out, codes,
		    text_gate_byte(&gate, (uint8_t)bytes[i], codes));
	append_codes(out, codes, text_gate_flush(&gate, codes));
	fuzz_expect(gate.pending == 0);
}

/* In pieces, the short way where there is one. */
static void
pass_pieces(const char *bytes, size_t len, size_t piece, struct buffer *out)
{
	struct text_gate gate;
	size_t at, size;

	text_gate_init(&gate);
	for (at = 0; at < len; at += size) {
		size = len - at < piece ? len - at : piece;
		fuzz_expect(compose_text(&gate, bytes + at, size, out));
	}
	fuzz_expect(compose_end(&gate, out));
}

static void
expect_same(const struct buffer *a, const struct buffer *b)
{
	fuzz_expect(buffer_len(a) == buffer_len(b));
	fuzz_expect(buffer_len(a) == 0 ||
	    memcmp(buffer_head(a), buffer_head(b), buffer_len(a)) == 0);
}

/* Clusters take all of a text, and no more than a cluster may have. */
static void
check_clusters(const char *text, size_t len)
{
	size_t at, size;
	int width;

	for (at = 0; at < len; at += size) {
		size = text_cluster_len(text + at, len - at, &width);
		fuzz_expect(size > 0 && size <= len - at);
		fuzz_expect(size <= TEXT_CLUSTER_SIZE);
		fuzz_expect(width >= 0 && width <= 2);
	}
}

static void
try_text(const char *bytes, size_t len, size_t piece)
{
	struct buffer out = { 0 }, pieces = { 0 }, again = { 0 };

	pass_bytes(bytes, len, &out);
	pass_pieces(bytes, len, piece, &pieces);
	expect_same(&pieces, &out);
	pass_bytes(buffer_head(&out), buffer_len(&out), &again);
	expect_same(&again, &out);
	check_clusters(buffer_head(&out), buffer_len(&out));
	buffer_free(&out);
	buffer_free(&pieces);
	buffer_free(&again);
}

/* Strict UTF-8 is written as it was read, and is all that is valid. */
static void
try_characters(const char *bytes, size_t len)
{
	char utf8[TEXT_UTF8_SIZE];
	size_t at, size;
	uint32_t code;
	bool valid;

	for (at = 0; at < len; at += size) {
		size = text_decode(bytes + at, len - at, &code, &valid);
		fuzz_expect(size <= TEXT_UTF8_SIZE && size <= len - at);
		fuzz_expect(size > 1 ? valid : code == (uint8_t)bytes[at]);
		if (valid) {
			fuzz_expect(code < 0xd800 ||
			    (code > 0xdfff && code <= 0x10ffff));
			fuzz_expect(text_encode(code, utf8) == size);
			fuzz_expect(memcmp(utf8, bytes + at, size) == 0);
		}
		size += size == 0;
	}
}

/* A name is graphic ASCII, cut to size, and never within \ooo. */
static void
try_name(const char *bytes, size_t len, size_t size)
{
	char *name = malloc(size > 0 ? size : 1);
	const char *at;
	size_t written;

	fuzz_expect(name != NULL);
	written = text_name(name, size, bytes, len);
	fuzz_expect(size == 0 ? written == 0 : written < size);
	fuzz_expect(size == 0 || name[written] == '\0');
	for (at = name; at < name + written; at++)
		fuzz_expect(*at > ' ' && *at <= '~');
	if (memchr(bytes, '\\', len) == NULL)
		for (at = name; at < name + written; at++)
			fuzz_expect(*at != '\\' || name + written - at >= 4);
	free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	size_t number = fuzz_take_u8(&input);
	const char *bytes = (const char *)input.bytes;

	if (input.len == 0)
		return 0;
	fuzz_locale();
	try_text(bytes, input.len, number % 16 + 1);
	try_characters(bytes, input.len);
	try_name(bytes, input.len, number);
	return 0;
}
