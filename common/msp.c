/*
 * msp - the Message Send Protocol: a version, then parts that each end in NUL.
 */
#include "msp.h"

#include <string.h>

#include "text.h"

enum kind {
	NAME, /* graphic ASCII */
	TERMINAL,
	TEXT,
};

/* In the order of the wire; version 1 has the first three. */
static const struct part {
	size_t offset; /* within a struct msp_message */
	size_t size;
	enum kind kind;
	const char *too_long;
	const char *not_permitted;
} parts[] = {
	{ offsetof(struct msp_message, recipient), MSP_PART_SIZE, NAME,
	    "the recipient's name is too long",
	    "the recipient's name holds what no name may" },
	{ offsetof(struct msp_message, recipient_terminal), MSP_PART_SIZE,
	    TERMINAL, "the recipient's terminal has too long a name",
	    "the recipient's terminal holds what no name may" },
	{ offsetof(struct msp_message, text), MSP_PART_SIZE, TEXT,
	    "the message is too long",
	    "the message holds more than printable characters" },
	{ offsetof(struct msp_message, sender), MSP_PART_SIZE, NAME,
	    "the sender's name is too long",
	    "the sender's name holds what no name may" },
	{ offsetof(struct msp_message, sender_terminal), MSP_PART_SIZE,
	    TERMINAL, "the sender's terminal has too long a name",
	    "the sender's terminal holds what no name may" },
	{ offsetof(struct msp_message, cookie), MSP_COOKIE_SIZE, NAME,
	    "the cookie is too long", "the cookie holds what no name may" },
	{ offsetof(struct msp_message, signature), MSP_PART_SIZE, NAME,
	    "the signature is too long",
	    "the signature holds what no name may" },
};

/* How many of them a version has; 0 when there is no such version. */
static size_t
part_count(uint8_t version)
{
	switch (version) {
	case MSP_VERSION_1:
		return 3;
	case MSP_VERSION_2:
		return sizeof(parts) / sizeof(parts[0]);
	default:
		return 0;
	}
}

static bool
is_graphic(uint8_t byte)
{
	return byte > ' ' && byte < 0x7f;
}

/* ------------------------------------------------------------ requests --- */

bool
msp_is_request(const uint8_t *bytes, size_t len)
{
	if (len == 0 || part_count(bytes[0]) == 0)
		return false;
	/* a name, or none; where ntalk has its type, of 1 to 3 mostly */
	return len == 1 || bytes[1] == '\0' || bytes[1] >= ' ';
}

/* What stands between two requests, or replies, and means nothing. */
static size_t
padding_len(const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len &&
	    (bytes[i] == '\0' || bytes[i] == '\r' || bytes[i] == '\n'))
		i++;
	return i;
}

/*
 * The length of so many parts, their NULs included; 0 when they are not all
 * there.
 */
static size_t
parts_len(const uint8_t *bytes, size_t len, size_t count)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] == '\0' && --count == 0)
			return i + 1;
	return 0;
}

static const char *
skip_dev(const char *terminal)
{
	static const char dev[] = "/dev/";
	const size_t len = sizeof(dev) - 1;

	return strncmp(terminal, dev, len) == 0 ? terminal + len : terminal;
}

/* Reads parts that are all there.  Returns NULL, or what is wrong. */
static const char *
get_parts(struct msp_message *message, const uint8_t *bytes, size_t count)
{
	const char *value = (const char *)bytes;
	size_t i, size;

	for (i = 0; i < count; i++) {
		if (parts[i].kind == TERMINAL)
			value = skip_dev(value);
		size = strlen(value) + 1;
		if (size > parts[i].size)
			return parts[i].too_long;
		memcpy((char *)message + parts[i].offset, value, size);
		value += size;
	}
	return NULL;
}

/*
 * Finds how many octets the request at bytes has, len > 0, by its version and
 * its NULs alone; those of MSP_LOST and MSP_FOREIGN are all, of MSP_MORE none.
 */
static enum msp_reading
measure(const uint8_t *bytes, size_t len, bool ended, size_t *size,
    const char **reason)
{
	size_t count = part_count(bytes[0]), sum;

	*size = len;
	if (count == 0) {
		*reason = "not a message of a version known here";
		return MSP_FOREIGN;
	}
	sum = parts_len(
	    bytes + 1, (len < MSP_SIZE ? len : MSP_SIZE) - 1, count);
	if (sum > 0) {
		*size = 1 + sum;
		return MSP_WHOLE;
	}
	if (len >= MSP_SIZE) {
		*reason = "the message is too long";
		return MSP_LOST;
	}
	if (ended) {
		*reason = "the message is not complete";
		return MSP_LOST;
	}
	*size = 0;
	return MSP_MORE;
}

enum msp_reading
msp_get_request(const uint8_t *bytes, size_t len, bool ended,
    struct msp_message *message, size_t *used, const char **reason)
{
	enum msp_reading reading;
	size_t size;

	*message = (struct msp_message){ 0 };
	*reason = NULL;
	*used = padding_len(bytes, len);
	if (*used == len)
		return MSP_MORE;
	bytes += *used;
	reading = measure(bytes, len - *used, ended, &size, reason);
	*used += size;
	if (reading == MSP_MORE || reading == MSP_FOREIGN)
		return reading;
	message->version = bytes[0];
	if (reading == MSP_LOST)
		return MSP_LOST;
	*reason = get_parts(message, bytes + 1, part_count(bytes[0]));
	if (*reason == NULL)
		return MSP_WHOLE;
	*message = (struct msp_message){ .version = bytes[0] };
	return MSP_REFUSED;
}

/*
 * The octets of the character at text, len > 0; CR LF is one, and is LF.  What
 * is not UTF-8 is ISO 8859-1.
 */
static size_t
character_len(const char *text, size_t len, uint32_t *code)
{
	bool valid;
	size_t size;

	if (len > 1 && text[0] == '\r' && text[1] == '\n') {
		*code = '\n';
		return 2;
	}
	size = text_decode(text, len, code, &valid);
	return size > 0 ? size : 1;
}

/* The octets that a character of that many takes on the wire. */
static size_t
wire_len(uint32_t code, size_t size)
{
	return code == '\n' ? 2 : size;
}

static bool
name_is_permitted(const char *name)
{
	while (is_graphic((uint8_t)*name))
		name++;
	return *name == '\0';
}

static bool
text_is_permitted(const char *text)
{
	size_t len = strlen(text), at;
	uint32_t code;

	for (at = 0; at < len;) {
		at += character_len(text + at, len - at, &code);
		if (code != '\n' && code != '\t' && text_width(code) < 0)
			return false;
	}
	return true;
}

/* Writes text and its NUL.  Returns their octets; 0 when they do not fit. */
static size_t
put_text(uint8_t *bytes, size_t room, const char *text)
{
	size_t len = strlen(text), at, size, wire, sum = 0;
	uint32_t code;

	if (room == 0)
		return 0;
	for (at = 0; at < len; at += size) {
		size = character_len(text + at, len - at, &code);
		wire = wire_len(code, size);
		if (wire >= room - sum) /* the NUL wants one more */
			return 0;
		memcpy(bytes + sum, code == '\n' ? "\r\n" : text + at, wire);
		sum += wire;
	}
	bytes[sum] = '\0';
	return sum + 1;
}

/* Writes a part and adds to *len.  Returns NULL, or what is wrong. */
static const char *
put_part(const struct part *part, const struct msp_message *message,
    uint8_t bytes[MSP_SIZE], size_t *len)
{
	const char *value = (const char *)message + part->offset;
	size_t size;

	if (memchr(value, '\0', part->size) == NULL)
		return part->too_long;
	if (part->kind == TEXT ? !text_is_permitted(value)
			       : !name_is_permitted(value))
		return part->not_permitted;
	size = put_text(bytes + *len, MSP_SIZE - *len, value);
	if (size == 0)
		return "the message is too long";
	*len += size;
	return NULL;
}

size_t
msp_put_request(const struct msp_message *message, uint8_t bytes[MSP_SIZE],
    const char **reason)
{
	size_t count = part_count(message->version), len = 1, i;

	*reason = NULL;
	if (count == 0) {
		*reason = "no such version of the protocol";
		return 0;
	}
	bytes[0] = message->version;
	for (i = 0; i < count; i++) {
		*reason = put_part(&parts[i], message, bytes, &len);
		if (*reason != NULL)
			return 0;
	}
	return len;
}

/* ------------------------------------------------ pieces of long texts --- */

/* The octets that the text may have on the wire beside the other parts. */
static size_t
room_for_text(const struct msp_message *message)
{
	size_t count = part_count(message->version), taken = 1, i;

	if (count == 0)
		return 0;
	for (i = 0; i < count; i++) {
		if (parts[i].kind != TEXT)
			taken += strnlen(
			    (const char *)message + parts[i].offset,
			    parts[i].size);
		taken++;
	}
	return taken < MSP_SIZE ? MSP_SIZE - taken : 0;
}

/* A place to cut: what is before first goes now, what is behind next later. */
struct cut {
	size_t first;
	size_t next;
};

/* The best cut of a text of which not all may fit. */
static struct cut
find_cut(const char *text, size_t len, size_t room)
{
	struct cut line = { 0, 0 }, blank = { 0, 0 }, here = { 0, 0 };
	size_t size, wire = 0;
	bool has_word = false; /* else a cut would send nothing but blanks */
	uint32_t code;

	while (here.next < len && wire <= room) {
		size = character_len(text + here.next, len - here.next, &code);
		wire += wire_len(code, size);
		here.first = here.next;
		here.next += size;
		if (code != '\n' && code != ' ' && code != '\t')
			has_word = true;
		else if (has_word && code == '\n')
			line = here;
		else if (has_word)
			blank = here;
	}
	if (wire <= room)
		return (struct cut){ len, len };
	if (line.first > 0)
		return line;
	if (blank.first > 0)
		return blank;
	return (struct cut){ here.first, here.first };
}

size_t
msp_take_text(struct msp_message *message, const char *text, size_t len)
{
	struct cut cut = find_cut(
	    text, strnlen(text, len), room_for_text(message));

	memcpy(message->text, text, cut.first);
	message->text[cut.first] = '\0';
	return cut.next;
}

/* ------------------------------------------------------------- replies --- */

enum msp_reading
msp_get_reply(const uint8_t *bytes, size_t len, bool ended,
    struct msp_reply *reply, size_t *used)
{
	size_t padding = padding_len(bytes, len), size;

	*reply = (struct msp_reply){ 0 };
	*used = padding;
	if (padding == len)
		return MSP_MORE;
	bytes += padding;
	if (bytes[0] != '+' && bytes[0] != '-') {
		*used = len;
		return MSP_FOREIGN;
	}
	len -= padding;
	size = strnlen((const char *)bytes, len < MSP_SIZE ? len : MSP_SIZE);
	if (size == len && len < MSP_SIZE && !ended)
		return MSP_MORE;
	reply->delivered = bytes[0] == '+';
	memcpy(reply->text, bytes + 1, size - 1);
	if (size == MSP_SIZE) {
		*used = padding + len;
		return MSP_LOST;
	}
	*used = padding + size + (size < len); /* the NUL, where there is one */
	return MSP_WHOLE;
}

size_t
msp_put_reply(const struct msp_reply *reply, uint8_t bytes[MSP_SIZE])
{
	size_t len = strnlen(reply->text, MSP_SIZE - 2), i;
	uint8_t byte;

	bytes[0] = reply->delivered ? '+' : '-';
	for (i = 0; i < len; i++) {
		byte = (uint8_t)reply->text[i];
		bytes[i + 1] = is_graphic(byte) || byte == ' ' ? byte : '?';
	}
	bytes[len + 1] = '\0';
	return len + 2;
}

/* ---------------------------------------------------------- comparison --- */

/* The C library's would ask the locale. */
static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
msp_same(const char *a, const char *b)
{
	while (*a != '\0' && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return fold(*a) == fold(*b);
}
