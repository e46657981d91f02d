/*
 * Rows of cells.  A character of two columns fills a cell of width 2 and leaves
 * the next one with width 0; a blank has len 0 and width 1.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "page.h"

enum { CELL_SIZE = 28 }; /* bytes of a character with its marks */

struct cell {
	char text[CELL_SIZE];
	uint8_t len;
	uint8_t width;
	bool reverse;
};

struct page {
	int rows;
	int cols;
	struct cell *cells;
};

static struct cell *
row_cells(const struct page *page, int row)
{
	return page->cells + (size_t)row * (size_t)page->cols;
}

static void
blank(struct cell *cells, int count)
{
	int i;

	memset(cells, 0, (size_t)count * sizeof(*cells));
	for (i = 0; i < count; i++)
		cells[i].width = 1;
}

/* Blanks what is left of characters of two columns that were cut in half. */
static void
mend(struct page *page, int row)
{
	struct cell *cells = row_cells(page, row);
	int col;

	for (col = 0; col < page->cols; col++) {
		if (cells[col].width == 1)
			continue;
		if (cells[col].width == 2 && col + 1 < page->cols &&
		    cells[col + 1].width == 0)
			col++;
		else
			blank(&cells[col], 1);
	}
}

static int
at_most(int n, int limit)
{
	return n < limit ? n : limit;
}

struct page *
page_new(int rows, int cols)
{
	struct page *page = calloc(1, sizeof(*page));

	if (page == NULL)
		return NULL;
	page->rows = rows;
	page->cols = cols;
	page->cells = calloc((size_t)rows * (size_t)cols, sizeof(*page->cells));
	if (page->cells == NULL) {
		free(page);
		return NULL;
	}
	blank(page->cells, rows * cols);
	return page;
}

void
page_free(struct page *page)
{
	if (page == NULL)
		return;
	free(page->cells);
	free(page);
}

void
page_copy(struct page *page, const struct page *old, int first)
{
	size_t cols = (size_t)at_most(page->cols, old->cols);
	int row;

	for (row = 0; row < page->rows && first + row < old->rows; row++) {
		memcpy(row_cells(page, row), row_cells(old, first + row),
		    cols * sizeof(struct cell));
		mend(page, row);
	}
}

void
page_put(
    struct page *page, int row, int col, uint32_t code, int width, bool reverse)
{
	struct cell *cell = row_cells(page, row) + col;

	blank(cell, width);
	cell->len = (uint8_t)text_encode(code, cell->text);
	cell->width = (uint8_t)width;
	cell->reverse = reverse;
	if (width == 2) {
		cell[1].width = 0;
		cell[1].reverse = reverse;
	}
	mend(page, row);
}

void
page_join(struct page *page, int row, int col, uint32_t mark)
{
	struct cell *cell = row_cells(page, row) + col;
	char utf8[TEXT_UTF8_SIZE];
	size_t len = text_encode(mark, utf8);

	if (cell->width == 0)
		cell--;
	if (cell->len == 0 || cell->len + len > CELL_SIZE)
		return;
	memcpy(cell->text + cell->len, utf8, len);
	cell->len = (uint8_t)(cell->len + len);
}

bool
page_widen(struct page *page, int row, int col)
{
	struct cell *cell = row_cells(page, row) + col;

	if (cell->width != 1 || col + 1 >= page->cols)
		return false;
	blank(&cell[1], 1);
	cell[0].width = 2;
	cell[1].width = 0;
	cell[1].reverse = cell[0].reverse;
	mend(page, row);
	return true;
}

void
page_erase(struct page *page, int row, int col, int count)
{
	blank(row_cells(page, row) + col, at_most(count, page->cols - col));
	mend(page, row);
}

void
page_erase_rows(struct page *page, int first, int end)
{
	for (; first < end; first++)
		blank(row_cells(page, first), page->cols);
}

static void
move_rows(struct page *page, int to, int from, int count)
{
	memmove(row_cells(page, to), row_cells(page, from),
	    (size_t)count * (size_t)page->cols * sizeof(struct cell));
}

void
page_scroll_up(struct page *page, int first, int last, int count)
{
	int kept;

	count = at_most(count, last - first + 1);
	kept = last - first + 1 - count;
	move_rows(page, first, first + count, kept);
	page_erase_rows(page, first + kept, last + 1);
}

void
page_scroll_down(struct page *page, int first, int last, int count)
{
	int kept;

	count = at_most(count, last - first + 1);
	kept = last - first + 1 - count;
	move_rows(page, first + count, first, kept);
	page_erase_rows(page, first, first + count);
}

void
page_open_gap(struct page *page, int row, int col, int count)
{
	struct cell *at = row_cells(page, row) + col;
	int rest = page->cols - col;

	count = at_most(count, rest);
	memmove(at + count, at, (size_t)(rest - count) * sizeof(*at));
	blank(at, count);
	mend(page, row);
}

void
page_close_gap(struct page *page, int row, int col, int count)
{
	struct cell *at = row_cells(page, row) + col;
	int rest = page->cols - col;

	count = at_most(count, rest);
	memmove(at, at + count, (size_t)(rest - count) * sizeof(*at));
	blank(at + rest - count, count);
	mend(page, row);
}

static bool
is_blank(const struct cell *cell)
{
	return cell->width == 1 &&
	    (cell->len == 0 || (cell->len == 1 && cell->text[0] == ' '));
}

size_t
page_row(const struct page *page, int row, char *text, size_t size)
{
	const struct cell *cell, *end;
	size_t used = 0, len;

	text[0] = '\0';
	if (row < 0 || row >= page->rows)
		return 0;
	cell = row_cells(page, row);
	end = cell + page->cols;
	while (end > cell && is_blank(end - 1))
		end--;
	for (; cell < end; cell++) {
		if (cell->width == 0)
			continue;
		len = cell->len == 0 ? 1 : cell->len;
		if (used + len + 1 > size)
			break;
		memcpy(text + used, cell->len == 0 ? " " : cell->text, len);
		used += len;
	}
	text[used] = '\0';
	return used;
}

size_t
page_cell(const struct page *page, int row, int col, char *text, size_t size,
    int *width)
{
	const struct cell *cell;

	*width = 1;
	text[0] = '\0';
	if (row < 0 || row >= page->rows || col < 0 || col >= page->cols)
		return 0;
	cell = row_cells(page, row) + col;
	*width = cell->width;
	if (is_blank(cell) || cell->len >= size)
		return 0;
	memcpy(text, cell->text, cell->len);
	text[cell->len] = '\0';
	return cell->len;
}

bool
page_is_reverse(const struct page *page, int row, int col)
{
	if (row < 0 || row >= page->rows || col < 0 || col >= page->cols)
		return false;
	return row_cells(page, row)[col].reverse;
}
