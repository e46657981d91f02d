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
#include <time.h>

#include "common/person.h"
#include "common/text.h"
#include "heading.h"
#include "keyboard.h"
#include "pane.h"
#include "screen.h"
#include "terminal.h"
#include "view.h"

enum {
	STATE_SIZE = 160,
	COUNT_SIZE = 32,
	BELL_MS = 1000,	  /* between two bells */
	SETTLE_MS = 100,  /* before half a character is shown as it is */
	TYPING_MS = 3000, /* that somebody types, after the last of it */
	FRAME_MS = 20,	  /* between two pictures */
	MINUTE_MS = 60000,
	LAST_WRITE_MS = 200,
	READ_SIZE = 4096,
	TIME_SIZE = sizeof("23:59"),
};

/* A party's part of the screen: its heading, if not the first, and its pane. */
struct part {
	char name[PERSON_TEXT_SIZE];
	char state[STATE_SIZE];
	char count[COUNT_SIZE]; /* behind it, and changing */
	struct pane *pane;
	struct view view;
	int top, rows;	/* of the pane */
	int back;	/* rows scrolled back */
	bool fresh;	/* has written since the last turn */
	int64_t typing; /* until then it counts as typing; 0: it does not */
};

struct split {
	struct face face;
	struct split_options options;
	struct terminal terminal;
	struct screen *screen; /* NULL until opened */
	struct part parts[FACE_PARTIES_MAX];
	int count;
	struct keyboard keyboard;
	bool listening; /* others take what is typed */
	struct buffer out;
	bool changed; /* since the screen was last rendered */
	bool gone;    /* the terminal is */
	bool bell;    /* to be rung */
	int64_t next_bell;
	int64_t next_frame;
	int64_t settle; /* TURN_NEVER: nothing to settle */
	char time[TIME_SIZE];
	int64_t next_minute;
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

static void
split_draw_heading(struct split *split, int party)
{
	const struct part *part = &split->parts[party];
	const struct heading heading = {
		.name = part->name,
		.state = part->state,
		.count = part->count,
		.back = part->back,
		.own_back = party == 1 ? split->parts[0].back : 0,
		.types = part->typing != 0,
		.time = split->time,
	};

	if (part->top >= 1 && part->top <= screen_rows(split->screen))
		heading_draw(&heading, screen_row(split->screen, part->top - 1),
		    screen_cols(split->screen));
}

static void
split_draw_part(struct split *split, struct part *part, int *row, int *col)
{
	*row = -1;
	if (part->rows < 1)
		return;
	part->back = view_draw(&part->view, part->pane, part->rows,
	    screen_cols(split->screen), screen_row(split->screen, part->top),
	    row, col);
	screen_region(split->screen, part->top, part->rows);
}

static void
split_draw(struct split *split)
{
	int row = -1;
	int col = 0;
	int i;

	split_lay_out(split);
	for (i = split->count - 1; i >= 0; i--)
		split_draw_part(split, &split->parts[i], &row, &col);
	for (i = 1; i < split->count; i++)
		split_draw_heading(split, i);
	if (row < 0) {
		row = split->parts[0].rows - 1;
		col = 0;
	}
	screen_cursor(split->screen, row, col);
}

/* ---------------------------------------------------------------- time --- */

static int64_t
split_clock(const struct split *split)
{
	struct timespec now;

	if (split->options.clock != NULL)
		return split->options.clock();
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The time of day, as headings have it; it is looked at once a minute. */
static void
split_tell_time(struct split *split, int64_t now)
{
	int64_t today;
	time_t seconds;
	struct tm local;
	char words[TIME_SIZE] = "";

	if (now < split->next_minute)
		return;
	today = split_clock(split);
	seconds = (time_t)(today / 1000);
	if (localtime_r(&seconds, &local) != NULL)
		(void)strftime(words, sizeof(words), "%H:%M", &local);
	split->changed |= strcmp(words, split->time) != 0;
	memcpy(split->time, words, sizeof(words));
	split->next_minute = now + MINUTE_MS - today % MINUTE_MS;
}

/* Who writes on a line not ended yet is typing, for a while. */
static void
split_tell_typing(struct split *split, struct part *part, int64_t now)
{
	int64_t before = part->typing;
	size_t len;

	if (part->fresh) {
		(void)pane_last_line(part->pane, &len);
		part->typing = len > 0 ? now + TYPING_MS : 0;
	} else if (now >= part->typing) {
		part->typing = 0;
	}
	split->changed |= (before == 0) != (part->typing == 0);
}

/* Notes what the parties have written, and what has not come since. */
static void
split_age(struct split *split, int64_t now)
{
	int i;

	for (i = 0; i < split->count; i++) {
		struct part *part = &split->parts[i];

		if (i > 0)
			split_tell_typing(split, part, now);
		if (part->fresh && pane_is_unsettled(part->pane))
			split->settle = now + SETTLE_MS;
		part->fresh = false;
	}
	if (now < split->settle)
		return;
	for (i = 0; i < split->count; i++)
		pane_settle(split->parts[i].pane);
	split->settle = TURN_NEVER;
	split->changed = true;
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

/* Whether there is a picture to be drawn, and way for it. */
static bool
split_has_frame(const struct split *split)
{
	return split->changed && buffer_len(&split->out) == 0;
}

/*
 * One picture at a time, and none while the last is still on its way: a
 * terminal, or a processor, slower than the peer sees fewer of them.
 */
static void
split_turn(struct face *face, int64_t now)
{
	struct split *split = split_of(face);

	if (split->screen == NULL || !split->terminal.raw)
		return;
	split_age(split, now);
	split_tell_time(split, now);
	split_ring_bell(split, now);
	split_flush(split);
	if (!split_has_frame(split) || now < split->next_frame)
		return;
	split->next_frame = now + FRAME_MS;
	split_draw(split);
	split->changed = !screen_render(split->screen, &split->out);
	split_flush(split);
}

/* ------------------------------------------------------------- reading --- */

/* Half a part's height at a time, so that the eye finds its place again. */
static void
split_scroll(struct split *split, int first, int last, int direction)
{
	int cols = screen_cols(split->screen);
	int i;

	for (i = first; i <= last; i++) {
		struct part *part = &split->parts[i];
		int step = part->rows > 2 ? part->rows / 2 : 1;

		view_scroll(&part->view, part->pane, part->rows, cols,
		    direction * step);
		part->back = part->view.held; /* how far, drawing tells */
	}
	split->changed = true;
}

/* Does what a key means; false when it is the end. */
static bool
split_do_key(struct split *split, enum key key)
{
	int last = split->count - 1;

	switch (key) {
	case KEY_TEXT:
	case KEY_ERASE:
	case KEY_KILL:
	case KEY_WORD_ERASE:
		split->parts[0].view.held = false;
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

/* Does what a piece of input says; false when the end is in it. */
static bool
split_do_keys(struct split *split, const char *bytes, size_t len)
{
	enum key key;
	size_t used;

	for (; len > 0; bytes += used, len -= used) {
		key = keyboard_feed(&split->keyboard, bytes, len, &used);
		if (used > 1) /* text came before it */
			split->parts[0].view.held = false;
		if (!split_do_key(split, key))
			return false;
	}
	return true;
}

/* The keyboard is read although nobody can listen: it commands the screen. */
static enum face_input
split_read(struct face *face, const struct turn *turn, struct buffer *typed)
{
	struct split *split = split_of(face);
	char bytes[READ_SIZE];
	bool ended = split->gone;
	ssize_t got;

	if (!ended && turn_ready(turn, split->terminal.fd) != 0) {
		got = terminal_read(&split->terminal, bytes, sizeof(bytes));
		if (got > 0)
			ended = !split_do_keys(split, bytes, (size_t)got);
		else
			ended = got == 0 || (errno != EAGAIN && errno != EINTR);
	}
	if (split->keyboard.lost) {
		face->error = ENOMEM;
		ended = true;
	}
	/* A piece at a time, so that the others get their turn too. */
	if (ended)
		keyboard_take(&split->keyboard, SIZE_MAX, typed);
	else if (split->listening)
		keyboard_take(&split->keyboard, READ_SIZE, typed);
	return ended ? FACE_END : FACE_TYPING;
}

static void
split_await(struct face *face, struct turn *turn, bool listen)
{
	struct split *split = split_of(face);
	int i;

	split->listening = listen;
	if (split->screen == NULL)
		return;
	if (!keyboard_is_full(&split->keyboard))
		turn_want(turn, split->terminal.fd, POLLIN);
	if (listen && keyboard_holds(&split->keyboard))
		turn_by(turn, 0);
	if (buffer_len(&split->out) > 0)
		turn_want(turn, split->terminal.fd, POLLOUT);
	if (split_has_frame(split))
		turn_by(turn, split->next_frame);
	for (i = 1; i < split->count; i++)
		if (split->parts[i].typing != 0)
			turn_by(turn, split->parts[i].typing);
	turn_by(turn, split->settle);
	turn_by(turn, split->next_minute);
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
	if (!pane_feed(pane, bytes, len))
		face->error = ENOMEM;
	if (pane_take_bells(pane) > 0 && party > 0)
		split->bell = true;
	split->parts[party].fresh = true;
	split->changed = true;
}

static void
split_tell(struct face *face, int party, const char *words)
{
	struct split *split = split_of(face);
	struct part *part = &split->parts[party];

	if (strcmp(part->state, words) == 0)
		return;
	snprintf(part->state, STATE_SIZE, "%s", words);
	part->typing = 0; /* who has left, say, types no more */
	split->changed = true;
}

static void
split_count(struct face *face, int party, const char *words)
{
	struct split *split = split_of(face);
	char *count = split->parts[party].count;

	split->changed |= strcmp(count, words) != 0;
	snprintf(count, COUNT_SIZE, "%s", words);
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
	int error;

	terminal_size(&split->terminal, &rows, &cols);
	split->screen = screen_new(rows, cols);
	if (split->screen == NULL)
		return ENOMEM;
	split->changed = true;
	tzset();
	error = terminal_set_raw(&split->terminal);
	if (error == EINTR)
		return 0; /* to be resumed */
	split_clear_away(split);
	return error;
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

	if (split->screen == NULL || !split->terminal.raw)
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
	if (terminal_set_raw(&split->terminal) == EINTR)
		return; /* to be resumed again */
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
	keyboard_free(&split->keyboard);
	buffer_free(&split->out);
	free(split);
}

/* ------------------------------------------------------------ the face --- */

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
	error = terminal_open(&split->terminal);
	if (error != 0) {
		split_free(&split->face);
		errno = error;
		return NULL;
	}
	keyboard_init(&split->keyboard, &split->terminal);
	memcpy(
	    split->face.edit, split->keyboard.edit, sizeof(split->face.edit));
	return &split->face;
}
