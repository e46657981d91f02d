/*
 * Random bytes from the other side, random typing, sizes and scrolling, for a
 * million steps: what a VT100 shows is always what should stand there, cell by
 * cell, and no byte of theirs does anything on it.
 *
 * RANDOM_SEED in the environment repeats a run, RANDOM_STEPS makes a longer or
 * shorter one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "emulator.h"
#include "picture.h"
#include "talk/heading.h"
#include "talk/view.h"

enum {
	STEPS = 1000000,
	SEEDS = 8, /* runs that share the steps out */
	ME = 0,
	BOB = 1,
	PARTIES = 2,
};

/* Half a screen: a pane and how it is looked at. */
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
	unsigned long seed;
	unsigned long step;
	uint64_t state; /* of the random numbers */
};

/* Xorshift, after Marsaglia: even in its low bits, and the same everywhere. */
static uint32_t
roll(struct play *play, uint32_t sides)
{
	play->state ^= play->state << 13;
	play->state ^= play->state >> 7;
	play->state ^= play->state << 17;
	return (uint32_t)(play->state >> 16) % sides;
}

/* ------------------------------------------------------------- picture --- */

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
		screen_region(play->screen, half->top, half->rows);
	}
	heading.back = bob->back;
	heading.own_back = play->halves[ME].back;
	if (bob->top <= play->rows)
		heading_draw(&heading, screen_row(play->screen, bob->top - 1),
		    play->cols);
	screen_cursor(play->screen, row < 0 ? 0 : row, col);
}

/* The terminal shows what it should, and has met nothing it does not know. */
static void
assert_picture(struct play *play)
{
	char why[256];

	if (!picture_agrees(play->screen, play->terminal, why, sizeof(why)))
		fail_msg("RANDOM_SEED=%lu, step %lu, %dx%d: %s", play->seed,
		    play->step, play->rows, play->cols, why);
}

static void
render(struct play *play)
{
	struct buffer out = { 0 };

	draw(play);
	assert_true(screen_render(play->screen, &out));
	emulator_feed(play->terminal, buffer_head(&out), buffer_len(&out));
	buffer_free(&out);
	assert_picture(play);
}

/* -------------------------------------------------------------- events --- */

static void
resize(struct play *play)
{
	static const int sizes[][2] = { { 24, 80 }, { 5, 20 }, { 7, 13 },
		{ 12, 40 }, { 3, 9 }, { 30, 100 }, { 2, 2 }, { 9, 30 } };
	uint32_t pick = roll(play, sizeof(sizes) / sizeof(sizes[0]));
	struct half *halves = play->halves;

	play->rows = sizes[pick][0];
	play->cols = sizes[pick][1];
	halves[ME].rows = (play->rows - 1) / 2;
	halves[BOB].top = halves[ME].rows + 1;
	halves[BOB].rows = play->rows - halves[BOB].top;
	assert_true(screen_resize(play->screen, play->rows, play->cols));
	assert_true(emulator_resize(play->terminal, play->rows, play->cols));
}

/* A byte: any at all, or one that is likely to matter. */
static char
random_byte(struct play *play)
{
	static const char telling[] = "\033\033\033[[]0123456789;?mHJKrhlcnPX^_"
				      "\\\n\n\r\t\a\b\x7f\x15\x17\x04\x03\x0c"
				      "\x0e\x0f\x18\x1a\x9b\x9d\x90\x85\xc2"
				      "\xe2\xf0\x80\xff\xfe";

	switch (roll(play, 4)) {
	case 0:
		return (char)roll(play, 256);
	case 1:
		return telling[roll(play, sizeof(telling) - 1)];
	default:
		return (char)(' ' + roll(play, 95));
	}
}

/* What a terminal would act on, or what is hard to set. */
static const char *
random_piece(struct play *play)
{
	static const char *const pieces[] = { "\033[2J", "\033[H", "\033[6n",
		"\033]0;title\a", "\033[?1049h", "\033[3;5r", "\033M", "\033c",
		"\033P1$r0m\033\\",
		"\xc2\x9b"
		"31m",
		"\x9b"
		"2J",
		"世界", "é", "e\xcc\x81", "👨‍👩‍👧", "👍🏽",
		"🇩🇪", "❤️", "각", "\u202e", "\ufeff",
		"a\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85", "word ",
		"averylongwordwithoutanyblankinit", "   ", "\n\n\n", "\xf0\x9f",
		"\x03\x08ytalk\n", "\xe9t\xe9 " };

	return pieces[roll(play, sizeof(pieces) / sizeof(pieces[0]))];
}

/* A party writes some bytes; returns how many. */
static size_t
write_some(struct play *play, int party)
{
	struct half *half = &play->halves[party];
	char bytes[64];
	const char *piece = bytes;
	size_t len, i;

	if (half->back == 0)
		half->view.held = false;
	if (roll(play, 5) == 0) {
		piece = random_piece(play);
		len = strlen(piece);
	} else {
		len = 1 + roll(play, sizeof(bytes));
		for (i = 0; i < len; i++)
			bytes[i] = random_byte(play);
	}
	assert_true(pane_feed(half->pane, piece, len));
	(void)pane_take_bells(half->pane);
	return len;
}

static void
scroll(struct play *play)
{
	struct half *half = &play->halves[roll(play, PARTIES)];
	int by = (int)roll(play, 30) - 14;

	view_scroll(&half->view, half->pane, half->rows, play->cols, by);
	half->back = half->view.held;
}

/* One event; returns the steps it counts for: bytes that were written. */
static size_t
happen(struct play *play)
{
	uint32_t pick = roll(play, 1000);

	if (pick < 600)
		return write_some(play, BOB);
	if (pick < 900)
		return write_some(play, ME);
	if (pick < 960)
		scroll(play);
	else if (pick < 985)
		pane_settle(play->halves[roll(play, PARTIES)].pane);
	else if (pick < 995)
		resize(play);
	else
		screen_forget(play->screen);
	return 1;
}

/* ---------------------------------------------------------------- play --- */

static unsigned long
from_environment(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

static void
play_begin(struct play *play, unsigned long seed)
{
	int i;

	*play = (struct play){ .seed = seed, .rows = 24, .cols = 80 };
	play->state = seed * 0x9e3779b97f4a7c15U + 1;
	for (i = 0; i < PARTIES; i++) {
		play->halves[i].pane = pane_new(seed % 3 != 0);
		assert_non_null(play->halves[i].pane);
	}
	play->screen = screen_new(24, 80);
	play->terminal = emulator_new(24, 80);
	assert_non_null(play->screen);
	assert_non_null(play->terminal);
	emulator_be_vt100(play->terminal);
	resize(play);
}

static void
play_end(struct play *play)
{
	int i;

	for (i = 0; i < PARTIES; i++)
		pane_free(play->halves[i].pane);
	screen_free(play->screen);
	emulator_free(play->terminal);
}

static void
a_million_random_steps_leave_the_picture_whole(void **state)
{
	unsigned long steps = from_environment("RANDOM_STEPS", STEPS) / SEEDS;
	unsigned long first = from_environment("RANDOM_SEED", 1), seed;
	struct play play;

	(void)state;
	for (seed = first; seed < first + SEEDS; seed++) {
		play_begin(&play, seed);
		while (play.step < steps) {
			play.step += happen(&play);
			if (roll(&play, 2) == 0)
				render(&play);
		}
		render(&play);
		play_end(&play);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_million_random_steps_leave_the_picture_whole),
	};

	if (!text_init())
		return 1;
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
