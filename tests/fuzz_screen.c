/*
 * The split screen from the bytes of both sides to the terminal: the input is
 * a play of writing, scrolling and changes of size.  What a VT100 shows, or an
 * xterm, is always what should stand there, and only our own controls and text
 * that has passed the gate are written.
 */
#include <string.h>

#include "common/text.h"
#include "fuzz.h"
#include "picture.h"
#include "talk/heading.h"
#include "talk/view.h"

enum {
	/* Longer plays and writing take long and find no more. */
	INPUT_MAX = 512,
	WRITING_MAX = 12288, /* more than a line of a pane, and lines */
	ROWS_MAX = 26,
	COLS_MAX = 90,
	ME = 0,
	BOB = 1,
	PARTIES = 2,
};

/* The first byte. */
enum {
	WRAP = 1,
	XTERM = 2,
};

/* What happens next, in the low bits of a byte; the highest: it is not drawn. */
enum event {
	BOB_WRITES,  /* so many bytes */
	BOB_REPEATS, /* so many bytes, so many times */
	I_WRITE,
	SCROLL, /* whose half, and how far */
	SETTLE,
	RESIZE, /* rows and columns */
	FORGET,
	EDIT, /* bob's erase, kill and word-erase */
	EVENTS,
	UNSEEN = 0x80,
};

struct half {
	struct pane *pane;
	struct view view;
	int back;
	int top, rows;
};

struct play {
	struct half halves[PARTIES];
	struct screen *screen;
	struct emulator *terminal;
	int rows, cols;
};

/* --------------------------------------------------- what is written --- */

/* The bytes of one of the controls that screen.h names; 0 when it is none. */
static size_t
control_len(const char *bytes, size_t len)
{
	static const char finals[] = "HJKmr";
	size_t at = 2;

	if (bytes[0] == '\r' || bytes[0] == '\n' || bytes[0] == '\b')
		return 1;
	if (len < 2 || bytes[0] != '\033')
		return 0;
	if (bytes[1] == 'M')
		return 2;
	if (bytes[1] != '[')
		return 0;
	while (at < len &&
	    ((bytes[at] >= '0' && bytes[at] <= '9') || bytes[at] == ';'))
		at++;
	if (at == len || strchr(finals, bytes[at]) == NULL)
		return 0;
	return at + 1;
}

/* Our controls, and characters with a width, in UTF-8. */
static void
check_output(const char *bytes, size_t len)
{
	size_t at, size;
	uint32_t code;
	bool valid;

	for (at = 0; at < len; at += size) {
		size = control_len(bytes + at, len - at);
		if (size > 0)
			continue;
		size = text_decode(bytes + at, len - at, &code, &valid);
		fuzz_expect(valid);
		fuzz_expect(text_width(code) >= 0);
	}
}

/* ------------------------------------------------------------- drawing --- */

static void
lay_out(struct play *play)
{
	struct half *halves = play->halves;

	halves[ME].rows = (play->rows - 1) / 2;
	halves[BOB].top = halves[ME].rows + 1;
	halves[BOB].rows = play->rows - halves[BOB].top;
}

static void
draw(struct play *play)
{
	struct half *bob = &play->halves[BOB];
	struct heading heading = { .name = "bob@h2",
		.state = "Connection established",
		.time = "10:15" };
	struct half *half;
	int i, row = -1, col = 0;

	for (i = PARTIES - 1; i >= 0; i--) {
		half = &play->halves[i];
		if (half->rows < 1)
			continue;
		half->back = view_draw(&half->view, half->pane, half->rows,
		    play->cols, screen_row(play->screen, half->top), &row,
		    &col);
		fuzz_expect(half->back >= 0);
		fuzz_expect(row >= -1 && row < half->rows);
		fuzz_expect(col >= 0 && col <= play->cols);
		screen_region(play->screen, half->top, half->rows);
	}
	heading.back = bob->back;
	heading.own_back = play->halves[ME].back;
	heading_draw(
	    &heading, screen_row(play->screen, bob->top - 1), play->cols);
	screen_cursor(play->screen, row < 0 ? 0 : row, col);
}

static void
render(struct play *play)
{
	struct buffer out = { 0 };
	char why[256];

	draw(play);
	fuzz_expect(screen_render(play->screen, &out));
	check_output(buffer_head(&out), buffer_len(&out));
	emulator_feed(play->terminal, buffer_head(&out), buffer_len(&out));
	buffer_free(&out);
	if (!picture_agrees(play->screen, play->terminal, why, sizeof(why)))
		fuzz_fail(__FILE__, __LINE__, why);
}

/* -------------------------------------------------------------- events --- */

static void
write_some(
    struct play *play, int party, unsigned times, struct fuzz_input *input)
{
	struct half *half = &play->halves[party];
	size_t len = fuzz_take_u8(input);
	const char *bytes = (const char *)fuzz_take_bytes(input, len, &len);

	if (half->back == 0)
		half->view.held = false;
	if (len * times > WRITING_MAX)
		times = (unsigned)(WRITING_MAX / len);
	for (; times > 0; times--)
		fuzz_expect(pane_feed(half->pane, bytes, len));
	(void)pane_take_bells(half->pane);
}

static void
scroll(struct play *play, struct fuzz_input *input)
{
	struct half *half = &play->halves[fuzz_take_u8(input) % PARTIES];
	int by = (int)fuzz_take_u8(input) - 128;

	view_scroll(&half->view, half->pane, half->rows, play->cols, by);
	half->back = half->view.held;
}

static void
resize(struct play *play, struct fuzz_input *input)
{
	play->rows = 1 + fuzz_take_u8(input) % ROWS_MAX;
	play->cols = 1 + fuzz_take_u8(input) % COLS_MAX;
	lay_out(play);
	fuzz_expect(screen_resize(play->screen, play->rows, play->cols));
	fuzz_expect(emulator_resize(play->terminal, play->rows, play->cols));
}

static void
edit(struct play *play, struct fuzz_input *input)
{
	uint8_t edit[3];
	int i;

	for (i = 0; i < 3; i++)
		edit[i] = fuzz_take_u8(input);
	pane_set_edit(play->halves[BOB].pane, edit);
}

static void
happen(struct play *play, enum event event, struct fuzz_input *input)
{
	switch (event) {
	case BOB_REPEATS:
		write_some(play, BOB, fuzz_take_u8(input), input);
		break;
	case I_WRITE:
		write_some(play, ME, 1, input);
		break;
	case SCROLL:
		scroll(play, input);
		break;
	case SETTLE:
		pane_settle(play->halves[ME].pane);
		pane_settle(play->halves[BOB].pane);
		break;
	case RESIZE:
		resize(play, input);
		break;
	case FORGET:
		screen_forget(play->screen);
		break;
	case EDIT:
		edit(play, input);
		break;
	default:
		write_some(play, BOB, 1, input);
		break;
	}
}

/* ---------------------------------------------------------------- play --- */

static void
play_begin(struct play *play, unsigned flags)
{
	int i;

	*play = (struct play){ .rows = 8, .cols = 20 };
	for (i = 0; i < PARTIES; i++) {
		play->halves[i].pane = pane_new((flags & WRAP) != 0);
		fuzz_expect(play->halves[i].pane != NULL);
	}
	play->screen = screen_new(play->rows, play->cols);
	play->terminal = emulator_new(play->rows, play->cols);
	fuzz_expect(play->screen != NULL && play->terminal != NULL);
	if ((flags & XTERM) == 0)
		emulator_be_vt100(play->terminal);
	lay_out(play);
}

/* The lines, as faces without a screen have them: gated text and tabs. */
static void
check_lines(struct pane *pane)
{
	const char *line;
	size_t len, at, size;
	uint32_t code;
	bool valid;

	while ((line = pane_take_line(pane, &len)) != NULL) {
		fuzz_expect(len <= PANE_LINE_BYTES_MAX);
		for (at = 0; at < len; at += size) {
			size = text_decode(line + at, len - at, &code, &valid);
			fuzz_expect(valid);
			fuzz_expect(code == '\t' || text_width(code) >= 0);
		}
	}
}

static void
play_end(struct play *play)
{
	int i;

	for (i = 0; i < PARTIES; i++) {
		check_lines(play->halves[i].pane);
		pane_free(play->halves[i].pane);
	}
	screen_free(play->screen);
	emulator_free(play->terminal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size < INPUT_MAX ? size : INPUT_MAX };
	struct play play;
	unsigned byte;

	fuzz_locale();
	play_begin(&play, fuzz_take_u8(&input));
	while (input.len > 0) {
		byte = fuzz_take_u8(&input);
		happen(&play, (enum event)(byte % EVENTS), &input);
		if ((byte & UNSEEN) == 0)
			render(&play);
	}
	render(&play);
	play_end(&play);
	return 0;
}
