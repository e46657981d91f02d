/*
 * view - what a pane's text looks like in so many rows and columns: the end of
 * it, or a place further back that stays where it is while more text comes.
 */
#include "view.h"

#include <string.h>

#include "common/text.h"

enum { TAB_STOP = 8 };

/* A line, and how it is to be laid out. */
struct layout {
	const char *text;
	size_t len;
	int cols;
	bool wrap;
};

/* ------------------------------------------------------ rows of a line --- */

static bool
is_blank(const char *cluster, size_t size)
{
	return size == 1 && (*cluster == ' ' || *cluster == '\t');
}

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

/* The row of a line that byte `at` of it is on. */
static size_t
row_with(const struct layout *layout, size_t at)
{
	size_t row = 0, end;
	int col;

	for (end = row_end(layout, 0, &col); end <= at && end < layout->len;
	     end = row_end(layout, end, &col))
		row++;
	return row;
}

/* The byte of a line that one of its rows begins with. */
static size_t
row_begin(const struct layout *layout, size_t row)
{
	size_t at = 0;
	int col;

	for (; row > 0 && at < layout->len; row--)
		at = row_end(layout, at, &col);
	return at;
}

/* ----------------------------------------------------- lines of a text --- */

/* A pane's text, for so many columns. */
struct sheet {
	struct pane_text text;
	int cols;
};

/* The number of the byte that the line not ended yet begins with. */
static uint64_t
last_start(const struct sheet *sheet)
{
	return sheet->text.first + sheet->text.ended_len;
}

/* The line that holds a byte; returns the number of its first one. */
static uint64_t
line_with(const struct sheet *sheet, uint64_t place, struct layout *layout)
{
	const struct pane_text *text = &sheet->text;
	const char *start, *end;

	*layout = (struct layout){ text->last, text->last_len, sheet->cols,
		text->wrap };
	if (place >= last_start(sheet))
		return last_start(sheet);
	start = text->ended +
	    (place > text->first ? (size_t)(place - text->first) : 0);
	end = memchr(
	    start, '\n', text->ended_len - (size_t)(start - text->ended));
	while (start > text->ended && start[-1] != '\n')
		start--;
	layout->text = start;
	layout->len = (size_t)(end - start);
	return text->first + (uint64_t)(start - text->ended);
}

/*
 * Rows of the line not ended yet, and the column for its next character: a row
 * more when what comes next begins one.
 */
static size_t
last_rows(const struct sheet *sheet, int *col)
{
	struct layout layout;
	size_t rows;

	line_with(sheet, UINT64_MAX, &layout);
	rows = count_rows(&layout, col);
	if (*col == sheet->cols) {
		rows++;
		*col = 0;
	}
	return rows;
}

/* The stretch of a text that begins with some line. */
struct stretch {
	uint64_t start;
	size_t rows; /* from there to the end of the text */
	size_t skip; /* of them above what is shown */
};

/* The stretch that shows at the end in a view of that height. */
static struct stretch
stretch_at_end(const struct sheet *sheet, size_t height, size_t own)
{
	struct stretch stretch = { .start = last_start(sheet), .rows = own };
	struct layout layout;
	size_t visible = own;
	int col;

	while (stretch.start > sheet->text.first && stretch.rows < height) {
		stretch.start = line_with(sheet, stretch.start - 1, &layout);
		stretch.rows += count_rows(&layout, &col);
		if (stretch.start >= sheet->text.cleared)
			visible = stretch.rows;
	}
	stretch.skip = stretch.rows - (visible < height ? visible : height);
	return stretch;
}

/* Counts the rows of the ended lines from one on, as far as not yet done. */
static size_t
ended_rows(struct view *view, const struct sheet *sheet, uint64_t start)
{
	struct layout layout;
	int col;

	if (view->cols != sheet->cols || view->start != start) {
		view->cols = sheet->cols;
		view->start = view->counted = start;
		view->rows = 0;
	}
	while (view->counted < last_start(sheet)) {
		line_with(sheet, view->counted, &layout);
		view->rows += count_rows(&layout, &col);
		view->counted += layout.len + 1;
	}
	return view->rows;
}

/* The stretch that a held view shows. */
static struct stretch
stretch_held(struct view *view, const struct sheet *sheet, size_t own)
{
	struct layout layout;
	struct stretch stretch;
	uint64_t top = view->top;

	if (top < sheet->text.first)
		top = sheet->text.first;
	stretch.start = line_with(sheet, top, &layout);
	stretch.skip = row_with(&layout, (size_t)(top - stretch.start));
	stretch.rows = ended_rows(view, sheet, stretch.start) + own;
	return stretch;
}

/* What is to be shown; returns how many rows that is back from the end. */
static size_t
find_stretch(struct view *view, const struct sheet *sheet, int rows, size_t own,
    struct stretch *stretch)
{
	struct stretch end = stretch_at_end(sheet, (size_t)rows, own);
	size_t shown = end.rows - end.skip;

	if (view->held) {
		*stretch = stretch_held(view, sheet, own);
		if (stretch->rows - stretch->skip > shown)
			return stretch->rows - stretch->skip - shown;
	}
	*stretch = end;
	return 0;
}

/* ------------------------------------------------------------- drawing --- */

/* The window of a view onto the rows of a stretch. */
struct window {
	size_t top;
	size_t bottom; /* behind the last */
	struct cell *cells;
};

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
	} while (from < layout->len && row < window->bottom);
	return row;
}

static void
paint(const struct sheet *sheet, uint64_t start, const struct window *window)
{
	struct layout layout;
	uint64_t place = start;
	size_t row = 0;

	while (row < window->bottom) {
		start = line_with(sheet, place, &layout);
		row = paint_line(&layout, row, window);
		if (start == last_start(sheet))
			return;
		place = start + layout.len + 1;
	}
}

int
view_draw(struct view *view, const struct pane *pane, int rows, int cols,
    struct cell *cells, int *row, int *col)
{
	struct sheet sheet = { .cols = cols };
	struct window window = { .cells = cells };
	struct stretch stretch;
	size_t back;
	int i;

	*row = -1;
	*col = 0;
	for (i = 0; i < rows * cols; i++)
		cell_set(&cells[i], NULL, 0, 1);
	if (rows < 1 || cols < 2)
		return 0;
	pane_text(pane, &sheet.text);
	back = find_stretch(
	    view, &sheet, rows, last_rows(&sheet, col), &stretch);
	window.top = stretch.skip;
	window.bottom = stretch.skip + (size_t)rows;
	paint(&sheet, stretch.start, &window);
	if (stretch.rows <= window.bottom)
		*row = (int)(stretch.rows - 1 - stretch.skip);
	return (int)back;
}

/* ----------------------------------------------------------- scrolling --- */

/* The byte that begins the row so many rows before the start of a line. */
static uint64_t
place_back(const struct sheet *sheet, uint64_t start, size_t back)
{
	struct layout layout;
	size_t rows = 0;
	int col;

	while (back > rows && start > sheet->text.first) {
		back -= rows;
		start = line_with(sheet, start - 1, &layout);
		rows = count_rows(&layout, &col);
	}
	return back > rows ? start : start + row_begin(&layout, rows - back);
}

/* The byte that begins the row so many rows behind the start of a line. */
static uint64_t
place_forth(const struct sheet *sheet, uint64_t start, size_t row)
{
	struct layout layout;
	size_t rows;
	int col;

	for (;;) {
		start = line_with(sheet, start, &layout);
		rows = count_rows(&layout, &col);
		if (row < rows || start == last_start(sheet))
			return start + row_begin(&layout, row);
		row -= rows;
		start += layout.len + 1;
	}
}

void
view_scroll(
    struct view *view, const struct pane *pane, int rows, int cols, int back)
{
	struct sheet sheet = { .cols = cols };
	struct stretch stretch;
	size_t own, now;
	int64_t row; /* of the new top, from the start of the stretch */
	int col;

	if (rows < 1 || cols < 2)
		return;
	pane_text(pane, &sheet.text);
	own = last_rows(&sheet, &col);
	now = find_stretch(view, &sheet, rows, own, &stretch);
	view->held = (int64_t)now + back > 0;
	if (!view->held)
		return;
	row = (int64_t)stretch.skip - back;
	view->top = row < 0 ? place_back(&sheet, stretch.start, (size_t)-row)
			    : place_forth(&sheet, stretch.start, (size_t)row);
	view->held = find_stretch(view, &sheet, rows, own, &stretch) > 0;
}
