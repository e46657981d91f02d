/*
 * text - UTF-8, the width of characters, and the one gate through which
 * anything that came from outside reaches a terminal or a log.
 */

#include "common/system.h" /* wcwidth, which is XSI */

#include "text.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

enum {
	BEL = 0x07,
	CAN = 0x18,
	SUB = 0x1a,
	ESC = 0x1b,
	DEL = 0x7f,
	C1_FIRST = 0x80,
	C1_LAST = 0x9f,
};

enum {
	ZERO_WIDTH_JOINER = 0x200d,
	EMOJI_PRESENTATION = 0xfe0f, /* variation selector 16 */
};

static bool
is_ascii_text(uint32_t code)
{
	return code >= ' ' && code < DEL;
}

/* -------------------------------------------------------------- locale --- */

bool
text_init(void)
{
	/* "UTF-8" is a name for LC_CTYPE alone, in macOS and FreeBSD. */
	static const char *const names[] = { "", "C.UTF-8", "en_US.UTF-8",
		"UTF-8" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (setlocale(LC_CTYPE, names[i]) != NULL &&
		    strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
			return true;
	setlocale(LC_CTYPE, "C");
	return false;
}

/* --------------------------------------------------------------- UTF-8 --- */

/* Bytes of the sequence that a byte begins; 0 when it begins none. */
static size_t
sequence_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2) /* a continuation, or overlong */
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first <= 0xf4 ? 4 : 0; /* beyond it lies U+110000 */
}

/*
 * Whether a byte may be the second of a sequence; this is where overlong
 * forms, surrogates and what is above U+10FFFF end.
 */
static bool
second_fits(uint8_t first, uint8_t second)
{
	uint8_t low = 0x80, high = 0xbf;

	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	return second >= low && second <= high;
}

size_t
text_decode(const char *s, size_t len, uint32_t *code, bool *valid)
{
	uint8_t first = (uint8_t)s[0], byte;
	size_t need = sequence_len(first), i;
	uint32_t value;

	*code = first;
	*valid = need == 1;
	if (need < 2)
		return 1;
	value = first & (0x7fU >> need);
	for (i = 1; i < need; i++) {
		if (i == len)
			return 0;
		byte = (uint8_t)s[i];
		if (i == 1 ? !second_fits(first, byte) : (byte & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (byte & 0x3fU);
	}
	*code = value;
	*valid = true;
	return need;
}

/* Bytes of a character's sequence. */
static size_t
encoded_len(uint32_t code)
{
	if (code < 0x80)
		return 1;
	if (code < 0x800)
		return 2;
	return code < 0x10000 ? 3 : 4;
}

size_t
text_encode(uint32_t code, char out[TEXT_UTF8_SIZE])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* --------------------------------------------------------------- width --- */

struct range {
	uint32_t first;
	uint32_t last;
	int width;
};

/* What we know better than the C library, or will not leave to it. */
static const struct range rulings[] = {
	{ 0x0000, 0x001f, -1 },	  /* C0 */
	{ 0x007f, 0x009f, -1 },	  /* DEL and C1 */
	{ 0x00a0, 0x02ff, 1 },	  /* Latin, whatever the locale */
	{ 0x061c, 0x061c, -1 },	  /* Arabic letter mark */
	{ 0x200b, 0x200d, 0 },	  /* zero width space, non-joiner, joiner */
	{ 0x200e, 0x200f, -1 },	  /* marks of direction */
	{ 0x2028, 0x202e, -1 },	  /* separators, embeddings, overrides */
	{ 0x2060, 0x2064, 0 },	  /* word joiner, invisible operators */
	{ 0x2065, 0x206f, -1 },	  /* isolates, deprecated formatting */
	{ 0xd800, 0xdfff, -1 },	  /* surrogates */
	{ 0xfdd0, 0xfdef, -1 },	  /* no characters */
	{ 0xfe00, 0xfe0f, 0 },	  /* variation selectors */
	{ 0xfeff, 0xfeff, -1 },	  /* byte order mark */
	{ 0xfff0, 0xfffb, -1 },	  /* annotations, and ignorable ones to come */
	{ 0xe0000, 0xe00ff, -1 }, /* tags, likewise */
	{ 0xe0100, 0xe01ef, 0 },  /* variation selectors */
	{ 0xe01f0, 0xe0fff, -1 }, /* ignorable ones to come */
};

/* Of characters that the C library does not know. */
static const struct range unknown[] = {
	{ 0x1f300, 0x1faff, 2 }, /* pictographs, which grow every year */
	{ 0x20000, 0x3fffd, 2 }, /* ideographs (UAX #11) */
};

/* The range that holds the character, or NULL; ranges are in order. */
static const struct range *
range_find(const struct range *ranges, size_t count, uint32_t code)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (code < ranges[middle].first)
			high = middle;
		else if (code > ranges[middle].last)
			low = middle + 1;
		else
			return &ranges[middle];
	}
	return NULL;
}

int
text_width(uint32_t code)
{
	const struct range *range;
	int width;

	if (is_ascii_text(code))
		return 1;
	if (code > 0x10ffff || (code & 0xfffe) == 0xfffe)
		return -1;
	range = range_find(rulings, sizeof(rulings) / sizeof(rulings[0]), code);
	if (range != NULL)
		return range->width;
	width = wcwidth((wchar_t)code);
	if (width >= 0)
		return width;
	range = range_find(unknown, sizeof(unknown) / sizeof(unknown[0]), code);
	return range != NULL ? range->width : 1;
}

/* ------------------------------------------------------------ clusters --- */

/* What U+200D joins: arrows to dingbats, and the emoji blocks. */
static bool
is_pictograph(uint32_t code)
{
	return (code >= 0x2190 && code <= 0x2bff) ||
	    (code >= 0x1f000 && code <= 0x1faff);
}

static bool
is_skin_tone(uint32_t code)
{
	return code >= 0x1f3fb && code <= 0x1f3ff;
}

static bool
is_regional_indicator(uint32_t code)
{
	return code >= 0x1f1e6 && code <= 0x1f1ff;
}

/* Whether a character with a width of its own joins the cluster before it. */
static bool
joins(const struct text_cluster *cluster, uint32_t code)
{
	if (is_regional_indicator(code))
		return cluster->size == 4 &&
		    is_regional_indicator(cluster->base);
	return is_pictograph(code) && is_pictograph(cluster->base) &&
	    (cluster->last == ZERO_WIDTH_JOINER || is_skin_tone(code));
}

bool
text_cluster_join(struct text_cluster *cluster, uint32_t code)
{
	size_t size = encoded_len(code);
	int width = text_width(code);

	if (cluster->size == 0 || cluster->size + size > TEXT_CLUSTER_SIZE ||
	    (width != 0 && !joins(cluster, code))) {
		cluster->base = cluster->last = code;
		cluster->size = (uint8_t)size;
		cluster->width = (uint8_t)(width > 0 ? width : 0);
		return false;
	}
	if (width > 0 || code == EMOJI_PRESENTATION)
		cluster->width = 2;
	cluster->last = code;
	cluster->size = (uint8_t)(cluster->size + size);
	return true;
}

size_t
text_cluster_len(const char *s, size_t len, int *width)
{
	struct text_cluster cluster = { 0 };
	size_t at = 0, size;
	uint32_t code;
	bool valid;

	*width = len > 0 ? 1 : 0;
	if (len == 0)
		return 0;
	if (is_ascii_text((uint8_t)s[0]) && (len == 1 || (uint8_t)s[1] < 0x80))
		return 1; /* the short way */
	do {
		size = text_decode(s + at, len - at, &code, &valid);
		if (!text_cluster_join(&cluster, code) && at > 0)
			break;
		*width = cluster.width;
		at += size > 0 ? size : 1;
	} while (at < len && (uint8_t)s[at] >= 0x80); /* ASCII joins nothing */
	return at;
}

/* ---------------------------------------------------------------- gate --- */

enum gate_state {
	GATE_TEXT,	   /* no escape sequence */
	GATE_ESCAPE,	   /* after ESC */
	GATE_INTERMEDIATE, /* after ESC and an intermediate: up to a final */
	GATE_CSI,	   /* up to a final */
	GATE_STRING,	   /* OSC, DCS, SOS, PM, APC: up to ST or BEL */
	GATE_SHIFT,	   /* SS2, SS3: one character more */
};

void
text_gate_init(struct text_gate *gate)
{
	memset(gate, 0, sizeof(*gate));
	gate->marks = TEXT_MARKS_MAX; /* there is no base yet */
}

static bool
is_c1(uint32_t code)
{
	return code >= C1_FIRST && code <= C1_LAST;
}

/* What follows ESC and this; a control of C1 is ESC and itself less 0x40. */
static uint8_t
escape_begin(uint32_t code)
{
	switch (code) {
	case '[':
		return GATE_CSI;
	case 'P': /* DCS */
	case 'X': /* SOS */
	case ']': /* OSC */
	case '^': /* PM */
	case '_': /* APC */
		return GATE_STRING;
	case 'N': /* SS2 */
	case 'O': /* SS3: cursor keys in application mode */
		return GATE_SHIFT;
	default:
		return code < 0x30 ? GATE_INTERMEDIATE : GATE_TEXT;
	}
}

/* The state after one more character of a sequence. */
static uint8_t
escape_next(uint8_t state, uint32_t code)
{
	if (code == CAN || code == SUB)
		return GATE_TEXT;
	if (state == GATE_STRING)
		return code == BEL ? GATE_TEXT : GATE_STRING;
	if (code < ' ' || code == DEL) /* terminals act on it and go on */
		return state;
	if (state == GATE_ESCAPE)
		return escape_begin(code);
	if (state == GATE_INTERMEDIATE)
		return code < 0x30 ? GATE_INTERMEDIATE : GATE_TEXT;
	if (state == GATE_CSI)
		return code < 0x40 ? GATE_CSI : GATE_TEXT;
	return GATE_TEXT;
}

/* Takes a character as part of an escape sequence; false when it is none. */
static bool
gate_swallow(struct text_gate *gate, uint32_t code, size_t size)
{
	if (code == ESC || is_c1(code)) {
		gate->state = code == ESC ? GATE_ESCAPE
					  : escape_begin(code - 0x40);
		gate->swallowed = (uint16_t)size;
		return true;
	}
	if (gate->state == GATE_TEXT)
		return false;
	if (code > C1_LAST && gate->state != GATE_STRING) {
		gate->state = GATE_TEXT;
		return false;
	}
	gate->state = escape_next(gate->state, code);
	gate->swallowed = (uint16_t)(gate->swallowed + size);
	if (gate->swallowed >= TEXT_ESCAPE_MAX)
		gate->state = GATE_TEXT;
	return true;
}

/* Lets a character of text through, or what stands for it. */
static int
gate_pass(struct text_gate *gate, uint32_t code, uint32_t *out)
{
	int width;

	out[0] = code;
	if (code == BEL)
		return 1;
	if (code == '\t') {
		gate->marks = TEXT_MARKS_MAX;
		return 1;
	}
	if (code < ' ' || code == DEL) {
		out[0] = '^';
		out[1] = code ^ 0x40;
		gate->marks = 0;
		return 2;
	}
	width = text_width(code);
	if (width < 0 || (width == 0 && gate->marks >= TEXT_MARKS_MAX))
		return 0;
	gate->marks = width == 0 ? (uint8_t)(gate->marks + 1) : 0;
	return 1;
}

/* Takes a character of `size` bytes; returns how many came out. */
static int
gate_take(struct text_gate *gate, uint32_t code, size_t size, uint32_t *out)
{
	bool after_cr = gate->cr;

	gate->cr = code == '\r';
	if (code == '\n' && after_cr)
		return 0;
	if (code == '\n' || code == '\r') {
		gate->state = GATE_TEXT;
		gate->marks = TEXT_MARKS_MAX;
		out[0] = '\n';
		return 1;
	}
	if (gate_swallow(gate, code, size))
		return 0;
	return gate_pass(gate, code, out);
}

size_t
text_gate_run(struct text_gate *gate, const char *bytes, size_t len)
{
	size_t run = 0;

	if (!text_gate_is_idle(gate))
		return 0;
	while (run < len && is_ascii_text((uint8_t)bytes[run]))
		run++;
	if (run > 0) {
		gate->cr = false;
		gate->marks = 0;
	}
	return run;
}

int
text_gate_byte(
    struct text_gate *gate, uint8_t byte, uint32_t out[TEXT_GATE_SIZE])
{
	uint32_t code;
	size_t size;
	bool valid;
	int count = 0;

	if (text_gate_run(gate, &(char){ (char)byte }, 1) == 1) {
		out[0] = byte;
		return 1;
	}
	gate->bytes[gate->pending++] = (char)byte;
	while (gate->pending > 0) {
		size = text_decode(gate->bytes, gate->pending, &code, &valid);
		if (size == 0)
			break;
		gate->pending = (uint8_t)(gate->pending - size);
		memmove(gate->bytes, gate->bytes + size, gate->pending);
		count += gate_take(gate, code, size, out + count);
	}
	return count;
}

int
text_gate_flush(struct text_gate *gate, uint32_t out[TEXT_GATE_SIZE])
{
	uint32_t code;
	int i, count = 0;

	for (i = 0; i < gate->pending; i++) {
		code = (uint8_t)gate->bytes[i];
		if (!is_c1(code))
			count += gate_take(gate, code, 1, out + count);
	}
	gate->pending = 0;
	return count;
}

bool
text_gate_is_idle(const struct text_gate *gate)
{
	return gate->pending == 0 && gate->state == GATE_TEXT;
}

/* --------------------------------------------------------------- names --- */

size_t
text_name(char *out, size_t size, const char *name, size_t len)
{
	enum { ESCAPE_LEN = 4 };
	size_t i, at = 0;
	uint8_t byte;

	if (size == 0)
		return 0;
	for (i = 0; i < len; i++) {
		byte = (uint8_t)name[i];
		if (byte > ' ' && byte < DEL) {
			if (size - at <= 1)
				break;
			out[at++] = (char)byte;
			continue;
		}
		if (size - at <= ESCAPE_LEN)
			break;
		out[at++] = '\\';
		out[at++] = (char)('0' + (byte >> 6));
		out[at++] = (char)('0' + (byte >> 3 & 7));
		out[at++] = (char)('0' + (byte & 7));
	}
	out[at] = '\0';
	return at;
}
