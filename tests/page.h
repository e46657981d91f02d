/*
 * page - what a terminal shows: rows of cells, and the changes a terminal can
 * make to them.  It knows no cursor and no control sequence.
 *
 * Rows and columns count from 0, and must be on the page; counts may reach
 * beyond its edge and end there.  A character of two columns of which a change
 * takes one half is blanked whole.
 */
#ifndef TESTS_PAGE_H
#define TESTS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;

/* All blank; NULL when memory is short. */
struct page *page_new(int rows, int cols);
void page_free(struct page *page);

/* Copies what fits of an old page, whose row `first` comes to be row 0. */
void page_copy(struct page *page, const struct page *old, int first);

/* Puts a character, 1 or 2 columns wide, which must fit in the row. */
void page_put(struct page *page, int row, int col, uint32_t code, int width,
    bool reverse);

/* Adds a mark to the character at a column, where there is one. */
void page_join(struct page *page, int row, int col, uint32_t mark);

/* Makes a character of one column one of two, where there is room. */
bool page_widen(struct page *page, int row, int col);

/* Erases cells of a row; rows first to end - 1. */
void page_erase(struct page *page, int row, int col, int count);
void page_erase_rows(struct page *page, int first, int end);

/* Moves the rows first to last; blank ones come in. */
void page_scroll_up(struct page *page, int first, int last, int count);
void page_scroll_down(struct page *page, int first, int last, int count);

/* Moves what stands from a column on, right or left. */
void page_open_gap(struct page *page, int row, int col, int count);
void page_close_gap(struct page *page, int row, int col, int count);

/* As emulator_row, emulator_cell and emulator_is_reverse have it. */
size_t page_row(const struct page *page, int row, char *text, size_t size);
size_t page_cell(const struct page *page, int row, int col, char *text,
    size_t size, int *width);
bool page_is_reverse(const struct page *page, int row, int col);

#endif
