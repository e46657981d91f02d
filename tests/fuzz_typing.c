/*
 * What a user types: any input, a byte a key, DEL, ^U and ^W the edits.  What
 * is sent is text that has passed the gate, and those edits; and whoever shows
 * it has the line on which the edits were reckoned.
 */
#include <string.h>

#include "common/text.h"
#include "fuzz.h"
#include "talk/compose.h"
#include "talk/pane.h"
#include "talk/retype.h"

enum { INPUT_MAX = 512 }; /* bytes; more take long and find no more */

static const uint8_t edits[] = { PANE_ERASE, PANE_KILL, PANE_WORD_ERASE };

struct typing {
	struct text_gate gate;
	struct retype retype;
	struct pane *pane; /* of the other side, or one's own */
};

static bool
press(struct typing *typing, char key, struct buffer *typed)
{
	switch (key) {
	case PANE_ERASE:
		return compose_edit(&typing->gate, COMPOSE_ERASE, edits, typed);
	case PANE_KILL:
		return compose_edit(&typing->gate, COMPOSE_KILL, edits, typed);
	case PANE_WORD_ERASE:
		return compose_edit(
		    &typing->gate, COMPOSE_WORD_ERASE, edits, typed);
	default:
		return compose_text(&typing->gate, &key, 1, typed);
	}
}

static void
check_sent(const char *bytes, size_t len)
{
	size_t at, size;
	uint32_t code;
	bool valid;

	for (at = 0; at < len; at += size) {
		size = text_decode(bytes + at, len - at, &code, &valid);
		fuzz_expect(valid);
		fuzz_expect(text_width(code) >= 0 || code == '\n' ||
		    code == '\t' || code == '\a' || code == PANE_ERASE ||
		    code == PANE_KILL || code == PANE_WORD_ERASE);
	}
}

/* Its length after every key; byte by byte where an edit was among them. */
static void
check_line(const struct typing *typing, bool edited)
{
	size_t len;
	const char *line = pane_last_line(typing->pane, &len);

	fuzz_expect(len == typing->retype.len);
	fuzz_expect(!edited || memcmp(line, typing->retype.line, len) == 0);
}

/* What was typed goes to the other side. */
static void
say(struct typing *typing, struct buffer *typed)
{
	struct buffer said = { 0 };

	fuzz_expect(retype_text(&typing->retype, edits, buffer_head(typed),
	    buffer_len(typed), &said));
	check_sent(buffer_head(&said), buffer_len(&said));
	fuzz_expect(
	    pane_feed(typing->pane, buffer_head(&said), buffer_len(&said)));
	buffer_free(&said);
	buffer_take(typed, buffer_len(typed));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct typing typing = { .pane = pane_new(true) };
	struct buffer typed = { 0 };
	size_t i;

	fuzz_locale();
	fuzz_expect(typing.pane != NULL);
	text_gate_init(&typing.gate);
	for (i = 0; i < size && i < INPUT_MAX; i++) {
		fuzz_expect(press(&typing, (char)data[i], &typed));
		say(&typing, &typed);
		check_line(&typing, data[i] < ' ' || data[i] == PANE_ERASE);
	}
	fuzz_expect(compose_end(&typing.gate, &typed));
	say(&typing, &typed);
	check_line(&typing, true);
	pane_free(typing.pane);
	buffer_free(&typed);
	return 0;
}
