/*
 * lines - the face without a screen: what the others write comes out on
 * standard output a line at a time, what is read on standard input is sent,
 * states go to standard error.
 */
#include "lines.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compose.h"
#include "pane.h"

enum {
	READ_SIZE = 4096,
	BEHIND = 65536, /* bytes waiting for a slow reader */
};

struct lines {
	struct face face;
	struct pane *panes[FACE_PARTIES_MAX]; /* NULL for the user himself */
	int count;
	struct text_gate typing;
	struct buffer out;
	bool ended;  /* standard input, or all of it that matters */
	bool gone;   /* standard output */
	bool closed; /* the last of it is in `out` */
};

static struct lines *
lines_of(struct face *face)
{
	return (struct lines *)face;
}

static int
lines_open(struct face *face)
{
	(void)face;
	return 0;
}

static bool
lines_add(struct face *face, const char *name)
{
	struct lines *lines = lines_of(face);

	(void)name;
	if (lines->count == FACE_PARTIES_MAX)
		return false;
	if (lines->count > 0) {
		lines->panes[lines->count] = pane_new(false);
		if (lines->panes[lines->count] == NULL)
			return false;
	}
	lines->count++;
	return true;
}

static void
lines_edit(struct face *face, int party, const uint8_t edit[3])
{
	struct pane *pane = lines_of(face)->panes[party];

	if (pane != NULL)
		pane_set_edit(pane, edit);
}

/* Nothing more can be written; error 0 when it is that nobody reads. */
static void
lines_lose(struct lines *lines, int error)
{
	lines->gone = true;
	lines->face.error = error;
	buffer_free(&lines->out);
}

static void
lines_put(struct lines *lines, const char *line, size_t len)
{
	if (lines->gone)
		return;
	if (!buffer_append(&lines->out, line, len) ||
	    !buffer_append(&lines->out, "\n", 1))
		lines_lose(lines, ENOMEM);
}

static void
lines_show(struct face *face, int party, const char *bytes, size_t len)
{
	struct lines *lines = lines_of(face);
	struct pane *pane = lines->panes[party];
	const char *line;
	size_t line_len;

	if (pane == NULL)
		return;
	(void)pane_feed(pane, bytes, len);
	while ((line = pane_take_line(pane, &line_len)) != NULL)
		lines_put(lines, line, line_len);
}

static void
lines_tell(struct face *face, int party, const char *words)
{
	(void)face;
	(void)party;
	fprintf(stderr, "talk: %s\n", words);
}

/* A line a second would be too much. */
static void
lines_count(struct face *face, int party, const char *words)
{
	(void)face;
	(void)party;
	(void)words;
}

static void
lines_ring(struct face *face, int64_t now)
{
	(void)face;
	(void)now;
}

static bool
lines_is_behind(const struct face *face)
{
	const struct lines *lines = (const struct lines *)face;

	return buffer_len(&lines->out) > BEHIND;
}

static void
lines_await(struct face *face, struct turn *turn, bool listen)
{
	struct lines *lines = lines_of(face);

	if (listen && !lines->ended)
		turn_want(turn, STDIN_FILENO, POLLIN);
	if (lines->gone && !lines->ended)
		turn_by(turn, 0);
	if (buffer_len(&lines->out) > 0)
		turn_want(turn, STDOUT_FILENO, POLLOUT);
}

/*
 * Reads what there is; false at the end of it, as which a terminal counts that
 * is gone, and an input that was closed.
 */
static bool
lines_read_some(struct lines *lines, struct buffer *typed)
{
	char bytes[READ_SIZE];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (got > 0 &&
	    !compose_text(&lines->typing, bytes, (size_t)got, typed)) {
		lines->face.error = ENOMEM;
		return false;
	}
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	if (got < 0 && errno != EIO && errno != EBADF)
		lines->face.error = errno;
	(void)compose_end(&lines->typing, typed);
	return false;
}

/* Once nobody reads what the others say, nothing more is said to them. */
static enum face_input
lines_read(struct face *face, const struct turn *turn, struct buffer *typed)
{
	struct lines *lines = lines_of(face);

	if (lines->ended)
		return FACE_TYPING;
	if (lines->gone)
		lines->ended = true;
	else if (turn_ready(turn, STDIN_FILENO) != 0)
		lines->ended = !lines_read_some(lines, typed);
	return lines->ended ? FACE_END : FACE_TYPING;
}

/*
 * Standard output may be shared with others, so it is left as it is: after
 * poll(2) a pipe takes this many bytes without waiting (POSIX, write).
 */
static bool
lines_write(struct lines *lines)
{
	size_t len = buffer_len(&lines->out);
	ssize_t written;

	if (len > _POSIX_PIPE_BUF)
		len = _POSIX_PIPE_BUF;
	written = write(STDOUT_FILENO, buffer_head(&lines->out), len);
	if (written >= 0)
		buffer_take(&lines->out, (size_t)written);
	else if (errno != EAGAIN && errno != EINTR)
		lines_lose(lines, errno == EPIPE || errno == EIO ? 0 : errno);
	return written > 0;
}

static void
lines_turn(struct face *face, int64_t now)
{
	struct lines *lines = lines_of(face);
	struct pollfd ready = { .fd = STDOUT_FILENO, .events = POLLOUT };

	(void)now;
	while (buffer_len(&lines->out) > 0 && poll(&ready, 1, 0) > 0 &&
	    lines_write(lines))
		continue;
}

static void
lines_nothing(struct face *face)
{
	(void)face;
}

/* A line that the other side never ended is still what it said. */
static void
lines_put_last(struct lines *lines)
{
	const char *line;
	size_t len;
	int i;

	for (i = 1; i < lines->count; i++) {
		pane_settle(lines->panes[i]);
		line = pane_last_line(lines->panes[i], &len);
		if (len > 0)
			lines_put(lines, line, len);
	}
}

static bool
lines_close(struct face *face)
{
	struct lines *lines = lines_of(face);

	if (!lines->closed)
		lines_put_last(lines);
	lines->closed = true;
	lines_turn(face, 0);
	return buffer_len(&lines->out) == 0;
}

static void
lines_free(struct face *face)
{
	struct lines *lines = lines_of(face);
	int i;

	for (i = 0; i < lines->count; i++)
		pane_free(lines->panes[i]);
	buffer_free(&lines->out);
	free(lines);
}

static const struct face_functions lines_functions = {
	.open = lines_open,
	.add = lines_add,
	.edit = lines_edit,
	.show = lines_show,
	.tell = lines_tell,
	.count = lines_count,
	.ring = lines_ring,
	.await = lines_await,
	.read = lines_read,
	.turn = lines_turn,
	.is_behind = lines_is_behind,
	.resize = lines_nothing,
	.suspend = lines_nothing,
	.resume = lines_nothing,
	.close = lines_close,
	.free = lines_free,
};

struct face *
lines_new(void)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (lines == NULL)
		return NULL;
	lines->face.does = &lines_functions;
	lines->face.edit[0] = PANE_ERASE;
	lines->face.edit[1] = PANE_KILL;
	lines->face.edit[2] = PANE_WORD_ERASE;
	text_gate_init(&lines->typing);
	return &lines->face;
}
