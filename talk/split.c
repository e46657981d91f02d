/*
 * split - the face of a full screen: one's own text above, the others' below,
 * each party's part headed by a line that names it and tells its state.
 */
#include "split.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/person.h"
#include "common/text.h"
#include "compose.h"
#include "keys.h"
#include "pane.h"
#include "screen.h"
#include "terminal.h"
#include "view.h"

enum {
	STATE_SIZE = 160,
	COUNT_SIZE = 32,
	BELL_MS = 1000,	 /* between two bells */
	SETTLE_MS = 100, /* before half a character is shown as it is */
	LAST_WRITE_MS = 200,
	READ_SIZE = 4096,
};

/* A party's part of the screen: its heading, if not the first, and its pane. */
struct part {
	char name[PERSON_TEXT_SIZE];
	char state[STATE_SIZE];
	char count[COUNT_SIZE]; /* behind it, and changing */
	struct pane *pane;
	struct view view;
	int top, rows; /* of the pane */
	int back;      /* rows scrolled back */
};

struct split {
	struct face face;
	struct split_options options;
	struct terminal terminal;
	struct screen *screen; /* NULL until opened */
	struct part parts[FACE_PARTIES_MAX];
	int count;
	struct keys keys;
	struct text_gate typing;
	struct buffer out;
	bool changed; /* since the screen was last rendered */
	bool gone;    /* the terminal is */
	bool bell;    /* to be rung */
	int64_t next_bell;
	int64_t settle; /* TURN_NEVER: nothing to settle */
};

static struct split *
split_of(struct face *face)
{
	return (struct split *)face;
}

/* ------------------------------------------------------------- drawing --- */

/*
 * The rows are shared out evenly after one for each heading; what is left over
 * goes to the last parts.
 */
static void
split_lay_out(struct split *split)
{
	int left = screen_rows(split->screen) - (split->count - 1);
	int top = 0;
	int i;

	for (i = 0; i < split->count; i++) {
		struct part *part = &split->parts[i];

		part->top = top + (i > 0 ? 1 : 0);
		part->rows = left > 0 ? left / (split->count - i) : 0;
		left -= part->rows;
		top = part->top + part->rows;
	}
}

/* "---- name: state ----------", as wide as the screen. */
static void
split_draw_heading(struct split *split, const struct part *part)
{
	char words[PERSON_TEXT_SIZE + STATE_SIZE + COUNT_SIZE + 16];
	char scrolled[32] = "";
	struct cell *cells;
	int cols = screen_cols(split->screen);
	int len;
	int col;

	if (part->top < 1 || part->top > screen_rows(split->screen))
		return;
	if (part->back > 0)
		snprintf(
		    scrolled, sizeof(scrolled), " (%d rows back)", part->back);
	len = snprintf(words, sizeof(words), "---- %s: %s%s%s ", part->name,
	    part->state, part->count, scrolled);
	cells = screen_row(split->screen, part->top - 1);
	for (col = 0; col < cols; col++) {
		cell_set(&cells[col], col < len ? &words[col] : "-", 1, 1);
		cells[col].reverse = 1;
	}
}

static void
split_draw(struct split *split)
{
	int cols = screen_cols(split->screen);
	int row = 0;
	int col = 0;
	int i;

	split_lay_out(split);
	for (i = split->count - 1; i >= 0; i--) {
		struct part *part = &split->parts[i];

		if (part->rows > 0)
			part->back = view_draw(&part->view, part->pane,
			    part->rows, cols,
			    screen_row(split->screen, part->top), &row, &col);
		if (i > 0)
			split_draw_heading(split, part);
	}
	if (row < 0) {
		row = split->parts[0].rows - 1;
		col = 0;
	}
	screen_cursor(split->screen, row, col);
}

/* ------------------------------------------------------------- writing --- */

/* Writes what waits, as far as it goes. */
static void
split_flush(struct split *split)
{
	ssize_t written;

	while (buffer_len(&split->out) > 0 && !split->gone) {
		written = terminal_write(&split->terminal,
		    buffer_head(&split->out), buffer_len(&split->out));
		if (written >= 0)
			buffer_take(&split->out, (size_t)written);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			split->gone = true;
	}
}

/* Writes the rest, for as long as a person would wait. */
static void
split_flush_last(struct split *split)
{
	struct pollfd wait = { .fd = split->terminal.fd, .events = POLLOUT };

	split_flush(split);
	while (buffer_len(&split->out) > 0 && !split->gone &&
	    poll(&wait, 1, LAST_WRITE_MS) > 0)
		split_flush(split);
}

static void
split_ring_bell(struct split *split, int64_t now)
{
	if (!split->bell)
		return;
	split->bell = false;
	if (split->options.silent || now < split->next_bell)
		return;
	split->next_bell = now + BELL_MS;
	(void)buffer_append(&split->out, "\a", 1);
}

static void
split_settle(struct split *split, int64_t now)
{
	int i;

	if (now < split->settle)
		return;
	for (i = 0; i < split->count; i++)
		pane_settle(split->parts[i].pane);
	split->settle = TURN_NEVER;
	split->changed = true;
}

/*
 * One picture a turn, and none while the last is still on its way: a terminal
 * slower than the peer sees fewer of them.
 */
static void
split_turn(struct face *face, int64_t now)
{
	struct split *split = split_of(face);

	if (split->screen == NULL)
		return;
	split_settle(split, now);
	split_ring_bell(split, now);
	split_flush(split);
	if (split->changed && buffer_len(&split->out) == 0) {
		split_draw(split);
		split->changed = !screen_render(split->screen, &split->out);
		split_flush(split);
	}
}

/* ------------------------------------------------------------- reading --- */

/* Half a part's height at a time, so that the eye finds its place again. */
static void
split_scroll(struct split *split, int first, int last, int direction)
{
	int i;

	for (i = first; i <= last; i++) {
		struct part *part = &split->parts[i];

		view_scroll(&part->view, part->pane, part->rows,
		    screen_cols(split->screen),
		    direction * (part->rows > 2 ? part->rows / 2 : 1));
	}
	split->changed = true;
}

static void
split_type(struct split *split, char byte, struct buffer *typed)
{
	split->parts[0].view.held = false;
	(void)compose_text(&split->typing, &byte, 1, typed);
}

static void
split_correct(
    struct split *split, enum compose_edit which, struct buffer *typed)
{
	split->parts[0].view.held = false;
	(void)compose_edit(&split->typing, which, split->face.edit, typed);
}

/* Does what a key means; false when it is the end. */
static bool
split_do_key(struct split *split, enum key key, char byte, struct buffer *typed)
{
	int last = split->count - 1;

	switch (key) {
	case KEY_TEXT:
		split_type(split, byte, typed);
		break;
	case KEY_ERASE:
		split_correct(split, COMPOSE_ERASE, typed);
		break;
	case KEY_KILL:
		split_correct(split, COMPOSE_KILL, typed);
		break;
	case KEY_WORD_ERASE:
		split_correct(split, COMPOSE_WORD_ERASE, typed);
		break;
	case KEY_REDRAW:
		screen_forget(split->screen);
		split->changed = true;
		break;
	case KEY_OWN_BACK:
	case KEY_OWN_FORTH:
		split_scroll(split, 0, 0, key == KEY_OWN_BACK ? 1 : -1);
		break;
	case KEY_OTHER_BACK:
	case KEY_OTHER_FORTH:
		split_scroll(split, 1, last, key == KEY_OTHER_BACK ? 1 : -1);
		break;
	case KEY_END:
		return false;
	case KEY_NOTHING:
		break;
	}
	return true;
}

static enum face_input
split_read(struct face *face, const struct turn *turn, struct buffer *typed)
{
	struct split *split = split_of(face);
	char bytes[READ_SIZE];
	ssize_t got;
	ssize_t i;

	if (split->gone)
		return FACE_END;
	if (turn_ready(turn, split->terminal.fd) == 0)
		return FACE_TYPING;
	got = terminal_read(&split->terminal, bytes, sizeof(bytes));
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? FACE_TYPING
							 : FACE_END;
	if (got == 0)
		return FACE_END;
	for (i = 0; i < got; i++)
		if (!split_do_key(split,
			keys_feed(&split->keys, (uint8_t)bytes[i]), bytes[i],
			typed))
			return FACE_END;
	return FACE_TYPING;
}

static void
split_await(struct face *face, struct turn *turn, bool listen)
{
	struct split *split = split_of(face);

	if (split->screen == NULL)
		return;
	if (listen)
		turn_want(turn, split->terminal.fd, POLLIN);
	if (buffer_len(&split->out) > 0)
		turn_want(turn, split->terminal.fd, POLLOUT);
	turn_by(turn, split->settle);
}

/* ------------------------------------------------------------- parties --- */

static bool
split_add(struct face *face, const char *name)
{
	struct split *split = split_of(face);
	struct part *part = &split->parts[split->count];

	if (split->count == FACE_PARTIES_MAX)
		return false;
	part->pane = pane_new(split->options.wrap);
	if (part->pane == NULL)
		return false;
	text_name(part->name, sizeof(part->name), name, strlen(name));
	split->count++;
	split->changed = true;
	return true;
}

static void
split_edit(struct face *face, int party, const uint8_t edit[3])
{
	pane_set_edit(split_of(face)->parts[party].pane, edit);
}

static void
split_show(struct face *face, int party, const char *bytes, size_t len)
{
	struct split *split = split_of(face);
	struct pane *pane = split->parts[party].pane;

	/* A window that has grown to show the end goes on showing it. */
	if (split->parts[party].back == 0)
		split->parts[party].view.held = false;
	(void)pane_feed(pane, bytes, len);
	if (pane_take_bells(pane) > 0 && party > 0)
		split->bell = true;
	if (pane_is_unsettled(pane))
		split->settle = turn_clock() + SETTLE_MS;
	split->changed = true;
}

static void
split_tell(struct face *face, int party, const char *words)
{
	struct split *split = split_of(face);

	snprintf(split->parts[party].state, STATE_SIZE, "%s", words);
	split->changed = true;
}

static void
split_count(struct face *face, int party, const char *words)
{
	struct split *split = split_of(face);

	snprintf(split->parts[party].count, COUNT_SIZE, "%s", words);
	split->changed = true;
}

static void
split_ring(struct face *face, int64_t now)
{
	(void)now;
	split_of(face)->bell = true;
}

static bool
split_is_behind(const struct face *face)
{
	(void)face;
	/* What a slow terminal does not show in time it need not show. */
	return false;
}

/* ---------------------------------------------- the terminal, in turns --- */

/* What stood on the screen scrolls up, so that a terminal can keep it. */
static void
split_clear_away(struct split *split)
{
	char move[32];
	int rows = screen_rows(split->screen);
	int len = snprintf(move, sizeof(move), "\033[%d;1H", rows);

	(void)buffer_append(&split->out, move, (size_t)len);
	while (rows-- > 0)
		(void)buffer_append(&split->out, "\n", 1);
}

static void
split_resize(struct face *face)
{
	struct split *split = split_of(face);
	int rows;
	int cols;

	if (split->screen == NULL)
		return;
	terminal_size(&split->terminal, &rows, &cols);
	if (rows != screen_rows(split->screen) ||
	    cols != screen_cols(split->screen))
		(void)screen_resize(split->screen, rows, cols);
	screen_forget(split->screen);
	split->changed = true;
}

static int
split_open(struct face *face)
{
	struct split *split = split_of(face);
	int rows;
	int cols;

	terminal_size(&split->terminal, &rows, &cols);
	split->screen = screen_new(rows, cols);
	if (split->screen == NULL)
		return ENOMEM;
	split_clear_away(split);
	split->changed = true;
	return terminal_set_raw(&split->terminal);
}

static bool
split_row_is_blank(const struct split *split, int row)
{
	const struct cell *cells = screen_row(split->screen, row);
	int col;

	for (col = 0; col < screen_cols(split->screen); col++)
		if (cells[col].len > 0 && cells[col].text[0] != ' ')
			return false;
	return true;
}

/* The shell goes on below what is written, and scrolls only if it must. */
static void
split_step_down(struct split *split)
{
	int row = screen_rows(split->screen);
	char move[32];
	int len;

	while (row > 1 && split_row_is_blank(split, row - 1))
		row--;
	len = snprintf(move, sizeof(move), "\033[%d;1H\r\n", row);
	(void)buffer_append(&split->out, move, (size_t)len);
}

/* The picture stays where it is. */
static void
split_suspend(struct face *face)
{
	struct split *split = split_of(face);

	if (split->screen == NULL)
		return;
	split_flush_last(split);
	if (split->changed) {
		split_draw(split);
		(void)screen_render(split->screen, &split->out);
	}
	split_step_down(split);
	split_flush_last(split);
	terminal_restore(&split->terminal);
}

static void
split_resume(struct face *face)
{
	struct split *split = split_of(face);

	if (split->screen == NULL)
		return;
	(void)terminal_set_raw(&split->terminal);
	split_clear_away(split);
	split_resize(face);
}

static bool
split_close(struct face *face)
{
	struct split *split = split_of(face);

	split_suspend(face);
	screen_free(split->screen);
	split->screen = NULL;
	return true;
}

static void
split_free(struct face *face)
{
	struct split *split = split_of(face);
	int i;

	(void)split_close(face);
	terminal_close(&split->terminal);
	for (i = 0; i < split->count; i++)
		pane_free(split->parts[i].pane);
	buffer_free(&split->out);
	free(split);
}

/* ------------------------------------------------------------------------- */

static const struct face_functions split_functions = {
	.open = split_open,
	.add = split_add,
	.edit = split_edit,
	.show = split_show,
	.tell = split_tell,
	.count = split_count,
	.ring = split_ring,
	.await = split_await,
	.read = split_read,
	.turn = split_turn,
	.is_behind = split_is_behind,
	.resize = split_resize,
	.suspend = split_suspend,
	.resume = split_resume,
	.close = split_close,
	.free = split_free,
};

/*
 * The user's own edit characters if others can take them for such, else the
 * customary ones: what is told to the others is what they are sent.
 */
static uint8_t
split_edit_character(uint8_t own, uint8_t customary)
{
	return (own > 0 && own < 0x20 && own != '\n' && own != '\r' &&
		   own != '\t') ||
		own == 0x7f
	    ? own
	    : customary;
}

static void
split_set_keys(struct split *split)
{
	const struct terminal *terminal = &split->terminal;
	uint8_t *edit = split->face.edit;

	split->keys.erase = terminal_erase(terminal);
	split->keys.kill = terminal_kill(terminal);
	split->keys.word_erase = terminal_word_erase(terminal);
	split->keys.end = terminal_end_of_file(terminal);
	edit[0] = split_edit_character(split->keys.erase, PANE_ERASE);
	edit[1] = split_edit_character(split->keys.kill, PANE_KILL);
	edit[2] = split_edit_character(split->keys.word_erase, PANE_WORD_ERASE);
}

struct face *
split_new(const struct split_options *options)
{
	struct split *split = calloc(1, sizeof(*split));
	int error;

	if (split == NULL)
		return NULL;
	split->face.does = &split_functions;
	split->face.attended = true;
	split->options = *options;
	split->settle = TURN_NEVER;
	text_gate_init(&split->typing);
	error = terminal_open(&split->terminal);
	if (error != 0) {
		split_free(&split->face);
		errno = error;
		return NULL;
	}
	split_set_keys(split);
	return &split->face;
}
