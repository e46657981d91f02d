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
	TAB_STOP = 8,
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
	int cleared;  /* so many of them were there at the last ^D */
	size_t taken; /* bytes of them that pane_take_line has given */
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
	pane->cleared -= pane->cleared > 0;
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

static bool
is_blank(const char *cluster, size_t size)
{
	return size == 1 && (*cluster == ' ' || *cluster == '\t');
}

/* Whether the nth cluster of the line is a blank. */
static bool
blank_at(const struct pane *pane, size_t n)
{
	size_t start = pane->starts[n];
	size_t end = n + 1 < pane->clusters ? pane->starts[n + 1] : pane->len;

	return is_blank(pane->line + start, end - start);
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

/* ---------------------------------------------------------------- bytes --- */

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

/* Ends what is under way in the gate: an edit character, say, comes between. */
static bool
interrupt(struct pane *pane)
{
	uint32_t codes[TEXT_GATE_SIZE];
	int count = text_gate_flush(&pane->gate, codes);

	text_gate_init(&pane->gate);
	return put(pane, codes, count);
}

/* A character or sequence that is under way counts as the last character. */
static void
erase(struct pane *pane)
{
	if (text_gate_is_idle(&pane->gate) && pane->clusters > 0)
		cut(pane, 1);
	text_gate_init(&pane->gate);
}

static void
clear(struct pane *pane, bool *ok)
{
	*ok = interrupt(pane);
	if (pane->len > 0)
		*ok = end_line(pane) && *ok;
	pane->cleared = pane->lines;
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
		text_gate_init(&pane->gate);
		cut(pane, pane->clusters);
	} else if (byte == pane->edit[WORD_ERASE]) {
		*ok = interrupt(pane);
		erase_word(pane);
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

bool
pane_feed(struct pane *pane, const char *bytes, size_t len)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < len; i++)
		ok = feed_byte(pane, (uint8_t)bytes[i]) && ok;
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

/* ----------------------------------------------------------------- view --- */

/* A line, and how it is to be laid out. */
struct layout {
	const char *text;
	size_t len;
	int cols;
	bool wrap;
};

/*
 * Columns taken by the cluster at byte `at` of the line, if it stands at
 * column col.  *size is its length in bytes.
 */
static int
cluster_width(const struct layout *layout, size_t at, int col, size_t *size)
{
	int width, left = layout->cols - col;

	*size = text_cluster_len(layout->text + at, layout->len - at, &width);
	if (layout->text[at] == '\t') {
		width = TAB_STOP - col % TAB_STOP;
		if (left > 0 && width > left) /* as far as the edge */
			width = left;
	}
	return width;
}

/*
 * Where the row ends that begins at byte `from` of the line.  When that is the
 * end of the line, *col is the column behind its last character.
 */
static size_t
row_end(const struct layout *layout, size_t from, int *col)
{
	size_t at = from, gap = from, size;
	bool blank;
	int width;

	for (*col = 0; at < layout->len; at += size) {
		width = cluster_width(layout, at, *col, &size);
		blank = layout->wrap && is_blank(layout->text + at, size);
		if (*col + width <= layout->cols)
			*col += width;
		else if (layout->wrap && width == 1 && !blank && gap > from)
			return gap;
		else if (!blank)
			return at;
		if (blank || width == 2)
			gap = at + size;
	}
	return at;
}

/* Rows that a line takes; *col is the column behind its last character. */
static size_t
count_rows(const struct layout *layout, int *col)
{
	size_t rows = 1;
	size_t at = row_end(layout, 0, col);

	for (; at < layout->len; rows++)
		at = row_end(layout, at, col);
	return rows;
}

/* Fills the cells of a row, which are blank, from that part of the line. */
static void
paint_row(
    const struct layout *layout, size_t from, size_t end, struct cell *cells)
{
	size_t at, size;
	int col = 0, width;

	for (at = from; at < end; at += size) {
		width = cluster_width(layout, at, col, &size);
		if (col + width > layout->cols)
			return; /* blanks beyond the edge */
		if (width > 0 && layout->text[at] != '\t')
			cell_set(&cells[col], layout->text + at, size, width);
		col += width;
	}
}

/* The window of a view onto the rows of a text, counted from its first. */
struct window {
	size_t top;
	size_t bottom; /* behind the last */
	struct cell *cells;
};

/* Paints what the window shows of a line; returns the row behind the line. */
static size_t
paint_line(const struct layout *layout, size_t row, const struct window *window)
{
	size_t from = 0, end, cols = (size_t)layout->cols;
	int col;

	do {
		end = row_end(layout, from, &col);
		if (row >= window->top && row < window->bottom)
			paint_row(layout, from, end,
			    window->cells + (row - window->top) * cols);
		from = end;
		row++;
	} while (from < layout->len);
	return row;
}

/* The part of a pane's text that a view needs: its end. */
struct tail {
	size_t start;	/* in the history */
	size_t rows;	/* from there to the end of the text */
	size_t visible; /* of them since the last ^D */
};

/* Lays out the ended line that ends before byte `end` of the history. */
static void
layout_ended(const struct pane *pane, size_t end, struct layout *layout)
{
	const char *head = buffer_head(&pane->history);
	size_t start = end - 1;

	while (start > 0 && head[start - 1] != '\n')
		start--;
	layout->text = head + start;
	layout->len = end - 1 - start;
}

/*
 * Goes back from the end of the text until there are `rows` rows, or no more;
 * own is how many of them the line not ended takes.
 */
static struct tail
find_tail(const struct pane *pane, size_t rows, size_t own, int cols)
{
	struct layout layout = { .cols = cols, .wrap = pane->wrap };
	struct tail tail = { .start = buffer_len(&pane->history) };
	int line = pane->lines, col;

	tail.rows = tail.visible = own;
	while (tail.start > 0 && tail.rows < rows) {
		layout_ended(pane, tail.start, &layout);
		tail.start -= layout.len + 1;
		tail.rows += count_rows(&layout, &col);
		if (--line >= pane->cleared)
			tail.visible = tail.rows;
	}
	return tail;
}

/* Paints the text from there on, as far as the window goes. */
static void
paint(const struct pane *pane, const struct layout *last,
    const struct tail *tail, const struct window *window)
{
	const char *text = buffer_head(&pane->history) + tail->start;
	const char *end = buffer_head(&pane->history) +
	    buffer_len(&pane->history);
	const char *newline;
	struct layout layout = *last;
	size_t row = 0;

	for (; text < end && row < window->bottom; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		layout.text = text;
		layout.len = (size_t)(newline - text);
		row = paint_line(&layout, row, window);
	}
	if (row < window->bottom)
		paint_line(last, row, window);
}

int
pane_view(const struct pane *pane, int rows, int cols, int back,
    struct cell *cells, int *row, int *col)
{
	struct layout last = { pane->line, pane->len, cols, pane->wrap };
	struct window window = { .cells = cells };
	size_t height = rows > 0 ? (size_t)rows : 0, own, shown, i;
	struct tail tail;

	for (i = 0; cols > 0 && i < height * (size_t)cols; i++)
		cell_set(&cells[i], NULL, 0, 1);
	*row = -1;
	*col = 0;
	if (height == 0 || cols < 2)
		return 0;
	own = count_rows(&last, col);
	if (*col == cols) { /* what comes next begins a row */
		own++;
		*col = 0;
	}
	back = back > 0 ? back : 0;
	tail = find_tail(pane, height + (size_t)back, own, cols);
	shown = tail.visible < height ? tail.visible : height;
	if ((size_t)back > tail.rows - shown)
		back = (int)(tail.rows - shown);
	window.top = tail.rows - shown - (size_t)back;
	window.bottom = window.top + height;
	paint(pane, &last, &tail, &window);
	if (tail.rows <= window.bottom)
		*row = (int)(tail.rows - 1 - window.top);
	return back;
}
