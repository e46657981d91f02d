/*
 * pane - what one party has written: bytes in, lines out.
 *
 * Ended lines are kept as one text, each with its newline; the line not ended
 * yet is kept apart, with the start of each of its clusters, so that an erase
 * costs the same however long the line.
 */
#include "pane.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

#include "buffer.h"

enum {
	GNU_BEGIN = 0x03,   /* ytalk 4, after GNU talk */
	CLEAR = 0x04,	    /* ^D */
	REDRAW = 0x0c,	    /* ^L */
	YTALK_ERASE = 0xfe, /* of no keyboard: it tells ytalks each other */
	BSD_DISABLED = 0xff,
};

/* Places in the edit characters as they come. */
enum { ERASE, KILL, WORD_ERASE, EDIT_COUNT };

/* Where we are in a line of ytalk 4's own. */
enum gnu_state {
	GNU_NONE,
	GNU_TYPE, /* after 0x03 */
	GNU_TEXT,
	GNU_KILLED, /* after its kill character: a newline may follow */
};

struct pane {
	bool wrap;
	uint8_t edit[EDIT_COUNT]; /* 0 for none */
	struct text_gate gate;
	bool settled; /* what the gate holds is shown: the last clusters */
	size_t settled_clusters;
	enum gnu_state gnu;
	int gnu_bytes;
	unsigned bells;

	/* The line not ended yet. */
	char line[PANE_LINE_BYTES_MAX + 1]; /* and room for its newline */
	size_t len;
	uint16_t starts[PANE_LINE_BYTES_MAX]; /* of each cluster */
	size_t clusters;
	struct text_cluster cluster; /* the last of them */

	/* The ended lines. */
	struct buffer history;
	int lines;
	size_t taken;	  /* bytes of them that pane_take_line has given */
	uint64_t dropped; /* bytes of older ones, no longer kept */
	uint64_t cleared; /* bytes of all before the last ^D */
};

struct pane *
pane_new(bool wrap)
{
	struct pane *pane = calloc(1, sizeof(*pane));

	if (pane == NULL)
		return NULL;
	pane->wrap = wrap;
	pane->edit[ERASE] = PANE_ERASE;
	pane->edit[KILL] = PANE_KILL;
	pane->edit[WORD_ERASE] = PANE_WORD_ERASE;
	text_gate_init(&pane->gate);
	return pane;
}

void
pane_free(struct pane *pane)
{
	if (pane == NULL)
		return;
	buffer_free(&pane->history);
	free(pane);
}

/* Whether text can do without the byte. */
static bool
may_edit(uint8_t byte)
{
	if (byte == 0x7f)
		return true;
	return byte < ' ' && strchr("\a\t\n\r", byte) == NULL;
}

void
pane_set_edit(struct pane *pane, const uint8_t edit[3])
{
	static const uint8_t defaults[] = { PANE_ERASE, PANE_KILL,
		PANE_WORD_ERASE };
	int i;

	for (i = 0; i < EDIT_COUNT; i++) {
		if (edit[i] == 0 || edit[i] == BSD_DISABLED)
			pane->edit[i] = 0;
		else if (may_edit(edit[i]) ||
		    (i == ERASE && edit[i] == YTALK_ERASE))
			pane->edit[i] = edit[i];
		else
			pane->edit[i] = defaults[i];
	}
}

/* ----------------------------------------------------- the ended lines --- */

static void
drop_oldest(struct pane *pane)
{
	const char *head = buffer_head(&pane->history);
	const char *end = memchr(head, '\n', buffer_len(&pane->history));
	size_t size = (size_t)(end - head) + 1;

	buffer_take(&pane->history, size);
	pane->lines--;
	pane->dropped += size;
	pane->taken -= pane->taken < size ? pane->taken : size;
}

static bool
end_line(struct pane *pane)
{
	size_t len = pane->len;

	pane->len = pane->clusters = 0;
	pane->line[len] = '\n';
	if (!buffer_append(&pane->history, pane->line, len + 1))
		return false;
	pane->lines++;
	while (pane->lines > PANE_LINES_MAX ||
	    buffer_len(&pane->history) > PANE_BYTES_MAX)
		drop_oldest(pane);
	return true;
}

const char *
pane_take_line(struct pane *pane, size_t *len)
{
	const char *line = buffer_head(&pane->history) + pane->taken;
	const char *end;

	*len = 0;
	if (pane->taken == buffer_len(&pane->history))
		return NULL;
	end = memchr(line, '\n', buffer_len(&pane->history) - pane->taken);
	*len = (size_t)(end - line);
	pane->taken += *len + 1;
	return line;
}

/* ---------------------------------------------- the line not ended yet --- */

const char *
pane_last_line(const struct pane *pane, size_t *len)
{
	*len = pane->len;
	return pane->line;
}

static bool
append(struct pane *pane, uint32_t code)
{
	bool ok = true;

	if (pane->len + TEXT_UTF8_SIZE > PANE_LINE_BYTES_MAX)
		ok = end_line(pane);
	if (pane->clusters == 0) {
		if (text_width(code) == 0) /* a mark that lost its base */
			return ok;
		pane->cluster = (struct text_cluster){ 0 };
	}
	if (!text_cluster_join(&pane->cluster, code))
		pane->starts[pane->clusters++] = (uint16_t)pane->len;
	pane->len += text_encode(code, pane->line + pane->len);
	return ok;
}

/* The same for printable ASCII, of which each character is a cluster. */
static bool
append_ascii(struct pane *pane, const char *bytes, size_t len)
{
	bool ok = true;
	size_t i;

	if (len == 0)
		return true;
	for (i = 0; i < len; i++) {
		if (pane->len + TEXT_UTF8_SIZE > PANE_LINE_BYTES_MAX)
			ok = end_line(pane) && ok;
		pane->starts[pane->clusters++] = (uint16_t)pane->len;
		pane->line[pane->len++] = bytes[i];
	}
	pane->cluster = (struct text_cluster){ 0 };
	(void)text_cluster_join(&pane->cluster, (uint8_t)bytes[len - 1]);
	return ok;
}

/* Takes the last clusters away, and finds what the one before them joins. */
static void
cut(struct pane *pane, size_t clusters)
{
	size_t at, size;
	uint32_t code;
	bool valid;

	if (clusters == 0)
		return;
	pane->clusters -= clusters;
	pane->len = pane->starts[pane->clusters];
	pane->cluster = (struct text_cluster){ 0 };
	if (pane->clusters == 0)
		return;
	for (at = pane->starts[pane->clusters - 1]; at < pane->len;
	     at += size) {
		size = text_decode(
		    pane->line + at, pane->len - at, &code, &valid);
		text_cluster_join(&pane->cluster, code);
	}
}

/* Whether the nth cluster of the line is a blank. */
static bool
blank_at(const struct pane *pane, size_t n)
{
	size_t start = pane->starts[n];
	size_t end = n + 1 < pane->clusters ? pane->starts[n + 1] : pane->len;

	return end - start == 1 &&
	    (pane->line[start] == ' ' || pane->line[start] == '\t');
}

static void
erase_word(struct pane *pane)
{
	size_t left = pane->clusters;

	while (left > 0 && blank_at(pane, left - 1))
		left--;
	while (left > 0 && !blank_at(pane, left - 1))
		left--;
	cut(pane, pane->clusters - left);
}

/* --------------------------------------------------------------- bytes --- */

static bool
put(struct pane *pane, const uint32_t *codes, int count)
{
	bool ok = true;
	int i;

	for (i = 0; i < count; i++) {
		if (codes[i] == '\n')
			ok = end_line(pane) && ok;
		else if (codes[i] == '\a')
			pane->bells += pane->bells < UINT_MAX;
		else
			ok = append(pane, codes[i]) && ok;
	}
	return ok;
}

/*
 * Has the gate begin anew behind the line as it is now: marks may follow on
 * what an edit has left, as many as it has room for (retype.h counts on it).
 */
static void
restart_gate(struct pane *pane)
{
	size_t at, size;
	uint32_t code;
	bool valid;
	uint8_t marks = TEXT_MARKS_MAX;

	text_gate_init(&pane->gate);
	if (pane->clusters == 0)
		return;
	for (at = pane->starts[pane->clusters - 1]; at < pane->len;
	     at += size) {
		size = text_decode(
		    pane->line + at, pane->len - at, &code, &valid);
		if (text_width(code) == 0)
			marks++;
		else if (code != '\t')
			marks = 0;
	}
	pane->gate.marks = marks;
}

/* Ends what is under way in the gate: an edit character, say, comes between. */
static bool
interrupt(struct pane *pane)
{
	uint32_t codes[TEXT_GATE_SIZE];
	int count = text_gate_flush(&pane->gate, codes);
	bool ok = put(pane, codes, count);

	restart_gate(pane);
	return ok;
}

/* A character or sequence that is under way counts as the last character. */
static void
erase(struct pane *pane)
{
	if (text_gate_is_idle(&pane->gate) && pane->clusters > 0)
		cut(pane, 1);
	restart_gate(pane);
}

static void
clear(struct pane *pane, bool *ok)
{
	*ok = interrupt(pane);
	if (pane->len > 0)
		*ok = end_line(pane) && *ok;
	pane->cleared = pane->dropped + buffer_len(&pane->history);
}

/* Acts on a byte that is no text; false when it is text. */
static bool
command(struct pane *pane, uint8_t byte, bool *ok)
{
	if (byte == 0)
		return true;
	if (byte == pane->edit[ERASE]) {
		erase(pane);
	} else if (byte == pane->edit[KILL]) {
		cut(pane, pane->clusters);
		restart_gate(pane);
	} else if (byte == pane->edit[WORD_ERASE]) {
		*ok = interrupt(pane);
		erase_word(pane);
		restart_gate(pane);
	} else if (byte == CLEAR) {
		clear(pane, ok);
	} else if (byte == GNU_BEGIN) {
		*ok = interrupt(pane);
		pane->gnu = GNU_TYPE;
		pane->gnu_bytes = 0;
	} else {
		return byte == REDRAW;
	}
	return true;
}

/* Whether the byte belongs to a line of ytalk 4's own. */
static bool
gnu_swallow(struct pane *pane, uint8_t byte)
{
	bool newline = byte == '\n' || byte == '\r';
	bool type = pane->gnu == GNU_TYPE;

	if (pane->gnu == GNU_KILLED) {
		if (byte != '\r')
			pane->gnu = GNU_NONE;
		return newline;
	}
	if (newline) {
		/* LF may follow CR: let it, as it may follow kill. */
		pane->gnu = byte == '\r' ? GNU_KILLED : GNU_NONE;
		return true;
	}
	pane->gnu = GNU_TEXT;
	if (!type && byte == pane->edit[KILL] && byte != 0)
		pane->gnu = GNU_KILLED;
	else if (++pane->gnu_bytes >= PANE_GNU_BYTES_MAX)
		pane->gnu = GNU_NONE;
	return true;
}

/* Takes back what was shown in place of a character not whole. */
static void
unsettle(struct pane *pane)
{
	pane->settled = false;
	cut(pane, pane->settled_clusters);
	pane->settled_clusters = 0;
}

static bool
feed_byte(struct pane *pane, uint8_t byte)
{
	uint32_t codes[TEXT_GATE_SIZE];
	int count;
	bool ok = true;

	if (pane->settled)
		unsettle(pane);
	if (pane->gnu != GNU_NONE && gnu_swallow(pane, byte))
		return true;
	if ((byte < ' ' || byte >= 0x7f) && command(pane, byte, &ok))
		return ok;
	count = text_gate_byte(&pane->gate, byte, codes);
	return put(pane, codes, count);
}

/* Takes the printable ASCII at the begin if nothing is under way. */
static size_t
feed_run(struct pane *pane, const char *bytes, size_t len, bool *ok)
{
	size_t run;

	if (pane->settled || pane->gnu != GNU_NONE)
		return 0;
	run = text_gate_run(&pane->gate, bytes, len);
	*ok = append_ascii(pane, bytes, run) && *ok;
	return run;
}

bool
pane_feed(struct pane *pane, const char *bytes, size_t len)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < len; i++) {
		i += feed_run(pane, bytes + i, len - i, &ok);
		if (i < len)
			ok = feed_byte(pane, (uint8_t)bytes[i]) && ok;
	}
	return ok;
}

bool
pane_is_unsettled(const struct pane *pane)
{
	return pane->gate.pending > 0 && !pane->settled;
}

void
pane_settle(struct pane *pane)
{
	struct text_gate gate = pane->gate;
	uint32_t codes[TEXT_GATE_SIZE];
	size_t before = pane->clusters;
	int count;

	if (!pane_is_unsettled(pane))
		return;
	pane->settled = true;
	/* It must stay on this line, so that it can be taken back. */
	if (pane->len + 2 * sizeof(gate.bytes) > PANE_LINE_BYTES_MAX)
		return;
	count = text_gate_flush(&gate, codes);
	(void)put(pane, codes, count);
	pane->settled_clusters = pane->clusters - before;
}

unsigned
pane_take_bells(struct pane *pane)
{
	unsigned bells = pane->bells;

	pane->bells = 0;
	return bells;
}

void
pane_text(const struct pane *pane, struct pane_text *text)
{
	text->ended = buffer_head(&pane->history);
	text->ended_len = buffer_len(&pane->history);
	text->last = pane->line;
	text->last_len = pane->len;
	text->first = pane->dropped;
	text->cleared = pane->cleared;
	text->wrap = pane->wrap;
}
