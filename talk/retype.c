/*
 * retype - what the others are sent for the user's edits, so that every kind of
 * talk ends with the line that the user sees.
 */
#include "retype.h"

#include <string.h>

#include "common/text.h"

/* Places in the edit characters. */
enum { ERASE, KILL, WORD_ERASE };

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Where a word-erase stops: before the last word, which blanks may follow. */
static size_t
word_start(const struct retype *retype)
{
	size_t start = retype->len;

	while (start > 0 && is_blank(retype->line[start - 1]))
		start--;
	while (start > 0 && !is_blank(retype->line[start - 1]))
		start--;
	return start;
}

/* Where the last cluster of the line begins, in or behind the word there. */
static size_t
cluster_start(const struct retype *retype, size_t word)
{
	size_t at = word, next = word;
	int width;

	while (next < retype->len) {
		at = next;
		next += text_cluster_len(
		    retype->line + at, retype->len - at, &width);
	}
	return at;
}

/* Where the character begins that ends before `end`. */
static size_t
character_start(const struct retype *retype, size_t end)
{
	size_t at = end;

	while (at > 0 && ((uint8_t)retype->line[at - 1] & 0xc0) == 0x80)
		at--;
	return at > 0 ? at - 1 : 0;
}

/* Shortens the line, and finds how many marks its last character has. */
static void
cut(struct retype *retype, size_t len)
{
	size_t at = len, end;
	uint32_t code;
	bool valid;

	retype->len = len;
	retype->marks = 0;
	while (at > 0) {
		end = at;
		at = character_start(retype, end);
		(void)text_decode(retype->line + at, end - at, &code, &valid);
		if (text_width(code) != 0)
			return;
		retype->marks++;
	}
}

/* Whether a pane would end the line rather than add to it. */
static bool
is_full(const struct retype *retype)
{
	return retype->len + TEXT_UTF8_SIZE > sizeof(retype->line);
}

/* Whether the line ends with what a mark can be set on. */
static bool
takes_mark(const struct retype *retype)
{
	return !is_full(retype) && retype->len > 0 &&
	    !is_blank(retype->line[retype->len - 1]) &&
	    retype->marks < TEXT_MARKS_MAX;
}

/* Adds a character to the line; false when it is a mark to leave out. */
static bool
add(struct retype *retype, const char *bytes, size_t size, uint32_t code)
{
	bool mark = text_width(code) == 0;

	if (mark && !takes_mark(retype))
		return false;
	if (is_full(retype))
		retype->len = 0;
	memcpy(retype->line + retype->len, bytes, size);
	retype->len += size;
	retype->marks = mark ? retype->marks + 1 : 0;
	return true;
}

/* Adds printable ASCII, most of all text, as far as it goes: so many bytes. */
static size_t
add_ascii(struct retype *retype, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && bytes[i] >= ' ' && bytes[i] < 0x7f; i++) {
		if (is_full(retype))
			retype->len = 0;
		retype->line[retype->len++] = bytes[i];
		retype->marks = 0;
	}
	return i;
}

static bool
append(struct retype *retype, const char *bytes, size_t size, uint32_t code,
    struct buffer *out)
{
	if (code == '\n')
		cut(retype, 0);
	else if (code != '\a' && !add(retype, bytes, size, code))
		return true;
	return buffer_append(out, bytes, size);
}

/* Whether word-erase would be taken for another of them. */
static bool
cannot_erase_words(const uint8_t edit[3])
{
	return edit[WORD_ERASE] == edit[ERASE] ||
	    edit[WORD_ERASE] == edit[KILL];
}

static bool
erase(struct retype *retype, const uint8_t edit[3], struct buffer *out)
{
	size_t len = retype->len, word;
	char last = len > 0 ? retype->line[len - 1] : ' ';

	if ((uint8_t)last < 0x80 && last != '\t') {
		cut(retype, len > 0 ? len - 1 : 0);
		return buffer_append(out, &edit[ERASE], 1);
	}
	word = word_start(retype);
	cut(retype, cluster_start(retype, word));
	if (len - word > RETYPE_WORD_MAX || cannot_erase_words(edit))
		return buffer_append(out, &edit[ERASE], 1);
	return buffer_append(out, &edit[WORD_ERASE], 1) &&
	    buffer_append(out, retype->line + word, retype->len - word);
}

bool
retype_text(struct retype *retype, const uint8_t edit[3], const char *bytes,
    size_t len, struct buffer *out)
{
	size_t at, size;
	uint32_t code;
	bool valid, ok = true;

	for (at = 0; at < len; at += size) {
		size = add_ascii(retype, bytes + at, len - at);
		if (size > 0) {
			ok = buffer_append(out, bytes + at, size) && ok;
			continue;
		}
		size = text_decode(bytes + at, len - at, &code, &valid);
		size += size == 0;
		if (code == edit[ERASE]) {
			ok = erase(retype, edit, out) && ok;
		} else if (code == edit[KILL]) {
			cut(retype, 0);
			ok = buffer_append(out, &edit[KILL], 1) && ok;
		} else if (code == edit[WORD_ERASE]) {
			cut(retype, word_start(retype));
			ok = buffer_append(out, &edit[WORD_ERASE], 1) && ok;
		} else {
			ok = append(retype, bytes + at, size, code, out) && ok;
		}
	}
	return ok;
}
