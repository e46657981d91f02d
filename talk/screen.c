/*
 * screen - a grid of cells, and the fewest bytes that turn what a terminal
 * shows into what it should show.
 */
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUP	    "\033[%d;%dH"
#define EL	    "\033[K"
#define ED	    "\033[2J"
#define SGR_REVERSE "\033[7m"
#define SGR_NONE    "\033[m"
#define DECSTBM	    "\033[%d;%dr"
#define DECSTBM_ALL "\033[r"
#define RI	    "\033M"

enum {
	CUP_SIZE = 32,
	CELL_UNKNOWN = 0xff, /* the width of a cell of which nothing is known */
	FAR = 1000,	     /* bytes, more than any CUP has */
	ADDRESS_COST = 6,    /* bytes of an ordinary CUP */
	SCROLL_COST = 22,    /* of what has rows scroll, but for each step */
};

struct region {
	int top;
	int rows;
};

/* Bytes it takes, more or less, to write a row. */
struct price {
	int change; /* of what it shows now */
	int whole;  /* of a blank one */
};

struct screen {
	int rows;
	int cols;
	struct cell *wanted; /* rows * cols */
	struct cell *shown;  /* likewise, once `known` */
	bool known;
	struct price *prices; /* a row each; for a render to work with */
	struct region regions[SCREEN_REGIONS_MAX];
	int region_count;
	int rest_row, rest_col; /* where the cursor should rest */
	int row, col;		/* where it is; row -1: unknown */
	bool reverse;
	struct buffer bytes; /* of the render under way */
	bool failed;	     /* to find memory for them */
};

/* --------------------------------------------------------------- cells --- */

void
cell_set(struct cell *cell, const char *text, size_t len, int width)
{
	memset(cell, 0, sizeof(*cell));
	cell->width = 1;
	if (len == 0 || (len == 1 && *text == ' '))
		return;
	if (len > sizeof(cell->text))
		len = sizeof(cell->text);
	memcpy(cell->text, text, len);
	cell->len = (uint8_t)len;
	if (width == 2) {
		cell[0].width = 2;
		memset(&cell[1], 0, sizeof(cell[1]));
	}
}

static bool
cell_equal(const struct cell *a, const struct cell *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
cell_is_blank(const struct cell *cell)
{
	return cell->len == 0 && cell->width == 1 && !cell->reverse;
}

/* Scripts whose single characters have one width on every terminal. */
static bool
is_plain(uint32_t code)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} plain[] = {
		{ 0x00a0, 0x00ac }, /* Latin-1, less the soft hyphen */
		{ 0x00ae, 0x02ff }, /* Latin */
		{ 0x0370, 0x058f }, /* Greek, Cyrillic, Armenian */
		{ 0x05d0, 0x05ea }, /* Hebrew */
		{ 0x0620, 0x064a }, /* Arabic */
		{ 0x1e00, 0x1fff }, /* more Latin, more Greek */
		{ 0x2010, 0x2027 }, /* dashes and quotes */
		{ 0x2500, 0x257f }, /* box drawing */
		{ 0x3000, 0x3029 }, /* CJK punctuation */
		{ 0x3041, 0x3096 }, /* Hiragana */
		{ 0x30a1, 0x30ff }, /* Katakana */
		{ 0x3400, 0x4dbf }, /* ideographs */
		{ 0x4e00, 0x9fff }, /* ideographs */
		{ 0xac00, 0xd7a3 }, /* Hangul */
		{ 0xff01, 0xff60 }, /* fullwidth forms */
	};
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (code >= plain[i].first && code <= plain[i].last)
			return true;
	return false;
}

/* Whether all terminals agree on the columns a cell's text takes. */
static bool
cell_is_plain(const struct cell *cell)
{
	uint32_t code;
	bool valid;

	if (cell->len < 2)
		return true;
	return text_decode(cell->text, cell->len, &code, &valid) == cell->len &&
	    is_plain(code);
}

/*
 * The bytes of a cell's text that stay within `cols` columns on terminals that
 * set a cluster character by character; the columns they take there go to
 * *reach.  U+FE0F makes an emoji, two columns wide, of what had one.
 */
static size_t
cell_fit(const struct cell *cell, int cols, int *reach)
{
	enum { JOINER = 0x200d, EMOJI_PRESENTATION = 0xfe0f };
	size_t at, size, fit = 0;
	uint32_t code;
	bool valid;
	int width = 0;

	*reach = 0;
	for (at = 0; at < cell->len; at += size) {
		size = text_decode(
		    cell->text + at, cell->len - at, &code, &valid);
		if (size == 0)
			break;
		width += code == EMOJI_PRESENTATION ? 1 : text_width(code);
		if (width > cols)
			break;
		if (code == JOINER) /* to be sent with what it joins only */
			continue;
		fit = at + size;
		*reach = width;
	}
	return fit;
}

/* Columns from a cell on that what it shows may have changed. */
static int
cell_reach(const struct cell *cell)
{
	int reach;

	if (cell->width == CELL_UNKNOWN || cell->len == 0)
		return 1;
	(void)cell_fit(cell, FAR, &reach);
	return reach > cell->width ? reach : cell->width;
}

/* -------------------------------------------------------------- screen --- */

struct screen *
screen_new(int rows, int cols)
{
	struct screen *screen = calloc(1, sizeof(*screen));

	if (screen == NULL)
		return NULL;
	if (!screen_resize(screen, rows, cols)) {
		free(screen);
		return NULL;
	}
	return screen;
}

void
screen_free(struct screen *screen)
{
	if (screen == NULL)
		return;
	free(screen->wanted);
	free(screen->shown);
	free(screen->prices);
	buffer_free(&screen->bytes);
	free(screen);
}

bool
screen_resize(struct screen *screen, int rows, int cols)
{
	size_t count, i;
	struct cell *wanted, *shown;
	struct price *prices;

	rows = rows > 0 ? rows : 1;
	cols = cols > 0 ? cols : 1;
	count = (size_t)rows * (size_t)cols;
	wanted = calloc(count, sizeof(*wanted));
	shown = calloc(count, sizeof(*shown));
	prices = calloc((size_t)rows, sizeof(*prices));
	if (wanted == NULL || shown == NULL || prices == NULL) {
		free(wanted);
		free(shown);
		free(prices);
		return false;
	}
	for (i = 0; i < count; i++)
		cell_set(&wanted[i], NULL, 0, 1);
	free(screen->wanted);
	free(screen->shown);
	free(screen->prices);
	screen->wanted = wanted;
	screen->shown = shown;
	screen->prices = prices;
	screen->region_count = 0;
	screen->rows = rows;
	screen->cols = cols;
	screen_forget(screen);
	return true;
}

int
screen_rows(const struct screen *screen)
{
	return screen->rows;
}

int
screen_cols(const struct screen *screen)
{
	return screen->cols;
}

struct cell *
screen_row(struct screen *screen, int row)
{
	return screen->wanted + (size_t)row * (size_t)screen->cols;
}

static struct cell *
shown_row(struct screen *screen, int row)
{
	return screen->shown + (size_t)row * (size_t)screen->cols;
}

void
screen_region(struct screen *screen, int top, int rows)
{
	if (screen->region_count == SCREEN_REGIONS_MAX || top < 0 || rows < 2 ||
	    rows > screen->rows - top)
		return;
	screen->regions[screen->region_count++] = (struct region){ top, rows };
}

void
screen_cursor(struct screen *screen, int row, int col)
{
	screen->rest_row = row;
	screen->rest_col = col;
}

void
screen_forget(struct screen *screen)
{
	screen->known = false;
	screen->row = -1;
	screen->reverse = false;
}

/* -------------------------------------------------------------- output --- */

static void
emit(struct screen *screen, const char *bytes, size_t len)
{
	if (!buffer_append(&screen->bytes, bytes, len))
		screen->failed = true;
}

static void
emit_text(struct screen *screen, const char *text)
{
	emit(screen, text, strlen(text));
}

static void
set_reverse(struct screen *screen, bool reverse)
{
	if (screen->reverse == reverse)
		return;
	emit_text(screen, reverse ? SGR_REVERSE : SGR_NONE);
	screen->reverse = reverse;
}

/* Bytes of writing what a row shows from one column to another once more. */
static int
rewrite_cost(struct screen *screen, int row, int from, int to)
{
	const struct cell *cell = shown_row(screen, row);
	int col, cost = 0;

	for (col = from; col < to; col += cell[col].width) {
		if (cell[col].width != 1 && cell[col].width != 2)
			return FAR;
		if (cell[col].reverse != screen->reverse ||
		    !cell_is_plain(&cell[col]))
			return FAR;
		cost += cell[col].len > 0 ? cell[col].len : 1;
	}
	return col == to ? cost : FAR;
}

static void
rewrite(struct screen *screen, int row, int from, int to)
{
	const struct cell *cell = shown_row(screen, row);
	int col;

	for (col = from; col < to; col += cell[col].width) {
		if (cell[col].len == 0)
			emit_text(screen, " ");
		else
			emit(screen, cell[col].text, cell[col].len);
	}
}

/* Moves by the cheapest of: BS, going on, CR, CR LF, CUP. */
static void
move_to(struct screen *screen, int row, int col)
{
	char cup[CUP_SIZE];
	bool same = screen->row == row;
	bool next = screen->row >= 0 && screen->row == row - 1;
	int from = screen->col, len;

	if (same && from == col)
		return;
	len = snprintf(cup, sizeof(cup), CUP, row + 1, col + 1);
	if (same && from > col && from - col < len) {
		for (; from > col; from--)
			emit_text(screen, "\b");
	} else if (same && from < col &&
	    rewrite_cost(screen, row, from, col) < len) {
		rewrite(screen, row, from, col);
	} else if (same && rewrite_cost(screen, row, 0, col) + 1 < len) {
		emit_text(screen, "\r");
		rewrite(screen, row, 0, col);
	} else if (next && rewrite_cost(screen, row, 0, col) + 2 < len) {
		emit_text(screen, "\r\n");
		rewrite(screen, row, 0, col);
	} else {
		emit(screen, cup, (size_t)len);
	}
	screen->row = row;
	screen->col = col;
}

/* The cursor has gone on; in the last column nobody knows where to. */
static void
advance(struct screen *screen, int cols)
{
	screen->col += cols;
	if (screen->col >= screen->cols)
		screen->row = -1;
}

/* Columns from one to before another may show anything. */
static void
spoil(struct screen *screen, int row, int from, int to)
{
	struct cell *shown = shown_row(screen, row);

	for (; from < to && from < screen->cols; from++)
		shown[from].width = CELL_UNKNOWN;
}

/*
 * Writes a cluster that terminals differ on.  One that takes less than we
 * think must leave a blank behind it, and none may go beyond the last column.
 */
static void
write_doubtful(struct screen *screen, int row, int col)
{
	const struct cell *cell = &screen_row(screen, row)[col];
	const struct cell *shown = &shown_row(screen, row)[col];
	int reach;
	size_t fit = cell_fit(cell, screen->cols - col, &reach);

	if (cell->width == 2 &&
	    (!cell_is_blank(&shown[0]) || !cell_is_blank(&shown[1]) ||
		cell->reverse)) {
		emit_text(screen, "  ");
		advance(screen, 2);
		move_to(screen, row, col);
	}
	emit(screen, cell->text, fit);
	screen->row = -1;
}

/* Writes a cell, and notes what else that may have changed in its row. */
static void
write_cell(struct screen *screen, int row, int col)
{
	const struct cell *cell = &screen_row(screen, row)[col];
	struct cell *shown = shown_row(screen, row);
	int i, behind = col + cell->width, reach = col + cell_reach(cell);

	for (i = col; i < behind; i++)
		if (i + cell_reach(&shown[i]) > reach)
			reach = i + cell_reach(&shown[i]);
	move_to(screen, row, col);
	set_reverse(screen, cell->reverse);
	if (!cell_is_plain(cell)) {
		write_doubtful(screen, row, col);
	} else {
		if (cell->len == 0)
			emit_text(screen, " ");
		else
			emit(screen, cell->text, cell->len);
		advance(screen, cell->width);
	}
	memcpy(&shown[col], cell, sizeof(*cell) * cell->width);
	spoil(screen, row, behind, reach);
}

/* ---------------------------------------------------------------- rows --- */

/* Makes whatever the caller filled a row with a row of sound cells. */
static void
mend_row(struct cell *cells, int cols)
{
	int col;

	uint8_t width, reverse;

	for (col = 0; col < cols; col += cells[col].width) {
		width = cells[col].width;
		reverse = cells[col].reverse;
		if (cells[col].len == 0 || width < 1 || width > 2 ||
		    col + width > cols) {
			cell_set(&cells[col], NULL, 0, 1);
			cells[col].reverse = reverse;
		} else if (width == 2) {
			memset(&cells[col + 1], 0, sizeof(cells[0]));
		}
	}
}

/* Whether each cell from one to before another is known and plain. */
static bool
all_plain(const struct cell *cells, int from, int to)
{
	for (; from < to; from++)
		if (cells[from].width == CELL_UNKNOWN ||
		    !cell_is_plain(&cells[from]))
			return false;
	return true;
}

/* Blanks a row from a column on, where it does not look blank. */
static void
blank_tail(struct screen *screen, int row, int from)
{
	struct cell *shown = shown_row(screen, row);
	int end = screen->cols, col;

	while (from < end && cell_is_blank(&shown[from]))
		from++;
	while (end > from && cell_is_blank(&shown[end - 1]))
		end--;
	if (from == end)
		return;
	if (end - from < (int)strlen(EL) && end < screen->cols &&
	    all_plain(shown, from, end)) {
		for (col = from; col < end; col++)
			write_cell(screen, row, col);
		return;
	}
	set_reverse(screen, false);
	move_to(screen, row, from);
	emit_text(screen, EL);
	for (col = from; col < screen->cols; col++)
		cell_set(&shown[col], NULL, 0, 1);
}

static void
render_row(struct screen *screen, int row)
{
	struct cell *wanted = screen_row(screen, row);
	struct cell *shown = shown_row(screen, row);
	int end = screen->cols, col;

	mend_row(wanted, screen->cols);
	while (end > 0 && cell_is_blank(&wanted[end - 1]))
		end--;
	for (col = 0; col < end; col += wanted[col].width)
		if (!cell_equal(&wanted[col], &shown[col]) ||
		    (wanted[col].width == 2 &&
			!cell_equal(&wanted[col + 1], &shown[col + 1])))
			write_cell(screen, row, col);
	blank_tail(screen, row, end);
}

/* ----------------------------------------------------------- scrolling --- */

static struct price
row_price(struct screen *screen, int row)
{
	const struct cell *wanted = screen_row(screen, row);
	const struct cell *shown = shown_row(screen, row);
	int end = screen->cols, tail = 0, change = 0, whole = 0, col;

	for (; end > 0 && cell_is_blank(&wanted[end - 1]); end--)
		tail |= !cell_is_blank(&shown[end - 1]);
	for (col = 0; col < end; col++) {
		whole += wanted[col].len > 0 ? wanted[col].len : 1;
		if (!cell_equal(&wanted[col], &shown[col]))
			change += wanted[col].len > 0 ? wanted[col].len : 1;
	}
	change += tail ? (int)strlen(EL) : 0;
	return (struct price){ change > 0 ? change + ADDRESS_COST : 0,
		whole + ADDRESS_COST };
}

static int
rows_changed(struct screen *screen, const struct region *region)
{
	size_t size = (size_t)screen->cols * sizeof(*screen->wanted);
	int row, count = 0;

	for (row = region->top; row < region->top + region->rows; row++)
		count += memcmp(screen_row(screen, row), shown_row(screen, row),
			     size) != 0;
	return count;
}

/* Bytes it takes when what a region shows is first scrolled up by so much. */
static int
scrolled_price(struct screen *screen, const struct region *region, int up)
{
	size_t size = (size_t)screen->cols * sizeof(*screen->wanted);
	int price = SCROLL_COST + (up > 0 ? up : -2 * up);
	int row, from, end = region->top + region->rows;

	for (row = region->top; row < end; row++) {
		from = row + up;
		if (screen->prices[row].whole > 0 &&
		    (from < region->top || from >= end ||
			memcmp(screen_row(screen, row), shown_row(screen, from),
			    size) != 0))
			price += screen->prices[row].whole;
	}
	return price;
}

/* How far up a region is best scrolled, down if negative; 0: not at all. */
static int
best_scroll(struct screen *screen, const struct region *region)
{
	int up, price, best = 0, cheapest = 0, row;

	if (rows_changed(screen, region) < 2)
		return 0;
	for (row = region->top; row < region->top + region->rows; row++) {
		screen->prices[row] = row_price(screen, row);
		cheapest += screen->prices[row].change;
	}
	for (up = 1 - region->rows; up < region->rows; up++) {
		if (up == 0)
			continue;
		price = scrolled_price(screen, region, up);
		if (price < cheapest) {
			cheapest = price;
			best = up;
		}
	}
	return best;
}

/* Moves what a region shows, so that blank rows come in. */
static void
move_shown(struct screen *screen, const struct region *region, int up)
{
	size_t cols = (size_t)screen->cols;
	int count = up > 0 ? up : -up, first, i;
	struct cell *cells = shown_row(screen, region->top);
	struct cell *moved = cells + (size_t)count * cols;
	size_t kept = (size_t)(region->rows - count) * cols;

	memmove(up > 0 ? cells : moved, up > 0 ? moved : cells,
	    kept * sizeof(*cells));
	first = up > 0 ? region->rows - count : 0;
	for (i = first * screen->cols; i < (first + count) * screen->cols; i++)
		cell_set(&cells[i], NULL, 0, 1);
}

static void
scroll(struct screen *screen, const struct region *region, int up)
{
	int first = region->top + 1, last = region->top + region->rows, i;
	char bytes[2 * CUP_SIZE];

	set_reverse(screen, false); /* what comes in is blank */
	snprintf(bytes, sizeof(bytes), DECSTBM CUP, first, last,
	    up > 0 ? last : first, 1);
	emit_text(screen, bytes);
	for (i = 0; i < up || i < -up; i++)
		emit_text(screen, up > 0 ? "\n" : RI);
	emit_text(screen, DECSTBM_ALL);
	screen->row = -1;
	move_shown(screen, region, up);
}

static void
scroll_regions(struct screen *screen)
{
	int i, up;

	for (i = 0; i < screen->region_count; i++) {
		up = best_scroll(screen, &screen->regions[i]);
		if (up != 0)
			scroll(screen, &screen->regions[i], up);
	}
	screen->region_count = 0;
}

/* -------------------------------------------------------------- render --- */

static void
erase_all(struct screen *screen)
{
	size_t count = (size_t)screen->rows * (size_t)screen->cols, i;

	emit_text(screen, SGR_NONE ED);
	for (i = 0; i < count; i++)
		cell_set(&screen->shown[i], NULL, 0, 1);
	screen->known = true;
	screen->row = -1;
	screen->reverse = false;
}

static int
between(int low, int value, int high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

bool
screen_render(struct screen *screen, struct buffer *out)
{
	size_t row_size = (size_t)screen->cols * sizeof(*screen->wanted);
	int row;
	bool ok;

	screen->failed = false;
	if (!screen->known)
		erase_all(screen);
	scroll_regions(screen);
	for (row = 0; row < screen->rows; row++)
		if (memcmp(screen_row(screen, row), shown_row(screen, row),
			row_size) != 0)
			render_row(screen, row);
	set_reverse(screen, false);
	move_to(screen, between(0, screen->rest_row, screen->rows - 1),
	    between(0, screen->rest_col, screen->cols - 1));
	ok = !screen->failed &&
	    buffer_append(
		out, buffer_head(&screen->bytes), buffer_len(&screen->bytes));
	buffer_take(&screen->bytes, buffer_len(&screen->bytes));
	if (!ok)
		screen_forget(screen);
	return ok;
}
