/*
 * picture - whether a terminal shows what a screen wants it to.
 */
#include "picture.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

enum { CELL_SIZE = 64 };

/*
 * Whether a cluster might cross the edge on terminals that set its characters
 * side by side, and add a column for U+FE0F: the screen then writes as many of
 * them as are safe.
 */
static bool
may_be_cut(const struct cell *wanted, int left)
{
	int reach = wanted->width;
	size_t at, size;
	uint32_t code;
	bool valid;

	for (at = 0; at < wanted->len; at += size) {
		size = text_decode(
		    wanted->text + at, wanted->len - at, &code, &valid);
		if (!valid)
			return false;
		if (at > 0)
			reach += code == 0xfe0f ? 1 : text_width(code);
	}
	return wanted->len > 0 && reach > left;
}

/* Whether the begin of a cell shows, for which that is right. */
static bool
is_cut(const struct cell *wanted, int left, const char *shown, size_t len)
{
	if (wanted->width == 0) /* of what the half before it shows */
		return len == 0 && may_be_cut(wanted - 1, left + 1);
	return len > 0 && len <= wanted->len &&
	    memcmp(shown, wanted->text, len) == 0 && may_be_cut(wanted, left);
}

/*
 * The bytes of a cell that are to show: U+200D does not go out as long as it
 * joins nothing, and a blank is none.
 */
static size_t
shown_len(const struct cell *wanted)
{
	static const char joiner[] = "\xe2\x80\x8d";
	const size_t size = sizeof(joiner) - 1;
	size_t len = wanted->len;

	while (
	    len > size && memcmp(wanted->text + len - size, joiner, size) == 0)
		len -= size;
	return len == 1 && wanted->text[0] == ' ' ? 0 : len;
}

static bool
cell_agrees(const struct cell *wanted, const struct emulator *terminal, int row,
    int col, char *why, size_t size)
{
	char shown[CELL_SIZE];
	int width;
	size_t len = emulator_cell(
	    terminal, row, col, shown, sizeof(shown), &width);

	if (is_cut(wanted, emulator_cols(terminal) - col, shown, len))
		return true;
	if (len == shown_len(wanted) && memcmp(shown, wanted->text, len) == 0 &&
	    width == wanted->width &&
	    (width == 0 ||
		emulator_is_reverse(terminal, row, col) ==
		    (wanted->reverse != 0)))
		return true;
	snprintf(why, size, "row %d, column %d: \"%s\" (%d) for \"%.*s\" (%d)",
	    row, col, shown, width, wanted->len, wanted->text, wanted->width);
	return false;
}

bool
picture_agrees(struct screen *screen, const struct emulator *terminal,
    char *why, size_t size)
{
	const struct cell *cells;
	int row, col;

	snprintf(why, size, "%s", emulator_complaint(terminal));
	if (why[0] != '\0')
		return false;
	for (row = 0; row < screen_rows(screen); row++) {
		cells = screen_row(screen, row);
		for (col = 0; col < screen_cols(screen); col++)
			if (!cell_agrees(
				&cells[col], terminal, row, col, why, size))
				return false;
	}
	return true;
}
