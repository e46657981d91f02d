/*
 * A terminal in memory.  Sources: ECMA-48, the VT100 user guide (DEC
 * EK-VT100-UG), and xterm's ctlseqs for what the VT100 had not.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "emulator.h"
#include "page.h"

enum {
	SEQUENCE_SIZE = 64, /* a longer control sequence is not known */
	COMPLAINT_SIZE = 80,
	PARAMETER_MAX = 9999,
	TAB_WIDTH = 8,
};

enum {
	BEL = 0x07,
	BS = 0x08,
	TAB = 0x09,
	LF = 0x0a,
	VT = 0x0b,
	FF = 0x0c,
	CR = 0x0d,
	SO = 0x0e,
	SI = 0x0f,
	CAN = 0x18,
	SUB = 0x1a,
	ESC = 0x1b,
	DEL = 0x7f,
	REPLACEMENT = 0xfffd,
};

/* What DECSC saves. */
struct cursor {
	int row;
	int col;
	bool wrap;     /* stands on the last column, which is written */
	bool reverse;  /* of what is written from now on */
	bool origin;   /* rows count from the top of the scroll region */
	bool lines[2]; /* G0, G1 hold the line drawing characters */
	int shift;     /* which of them is in use */
};

enum parser_state {
	GROUND,
	ESCAPE,	 /* after ESC, perhaps with intermediates */
	CONTROL, /* after CSI */
	STRING,	 /* in an OSC, DCS, SOS, PM or APC */
};

struct emulator {
	int rows;
	int cols;
	struct page *normal;
	struct page *alternate;
	struct page *page; /* the one of the two that shows */
	struct cursor cursor;
	struct cursor saved;
	struct cursor saved_by_1049;
	int top; /* first and last row of the scroll region */
	int bottom;
	bool autowrap;
	bool insert;
	bool vt100;
	uint32_t last;		     /* the character REP repeats; 0: none */
	struct text_cluster cluster; /* what the next character may join */
	int cluster_row;
	int cluster_col;

	enum parser_state state;
	char sequence[SEQUENCE_SIZE]; /* what came after ESC or CSI */
	size_t sequence_len;
	char pending[TEXT_UTF8_SIZE]; /* of a character not whole yet */
	size_t pending_len;

	size_t fed;
	unsigned bells;
	unsigned unknown;
	unsigned suspicious;
	char complaint[COMPLAINT_SIZE];
};

/* A sequence, without ESC or CSI and parameters, and what it does. */
struct meaning {
	const char *key;
	void (*act)(struct emulator *e);
	bool vt100; /* has it */
};

/* ---------------------------------------------------------- complaints --- */

static void
note_complaint(struct emulator *e, const char *introducer)
{
	if (e->complaint[0] != '\0')
		return;
	snprintf(e->complaint, sizeof(e->complaint), "%s%.*s", introducer,
	    (int)e->sequence_len, e->sequence);
}

static void
note_byte(struct emulator *e, unsigned value)
{
	e->suspicious++;
	if (e->complaint[0] == '\0')
		snprintf(e->complaint, sizeof(e->complaint), "U+%04X", value);
}

static const char *
introducer(const struct emulator *e)
{
	return e->state == CONTROL ? "ESC[" : "ESC";
}

static void
unknown(struct emulator *e)
{
	e->unknown++;
	note_complaint(e, introducer(e));
}

static void
suspicious(struct emulator *e)
{
	e->suspicious++;
	note_complaint(e, introducer(e));
}

static void
ignore(struct emulator *e)
{
	(void)e;
}

/* -------------------------------------------------------------- cursor --- */

static int
at_most(int n, int limit)
{
	return n < limit ? n : limit;
}

static int
clamp(int n, int low, int high)
{
	return n < low ? low : n > high ? high : n;
}

static void
set_col(struct emulator *e, int col)
{
	e->cursor.col = clamp(col, 0, e->cols - 1);
	e->cursor.wrap = false;
}

/* Takes a row as the program counts it: origin mode counts in the region. */
static void
set_row(struct emulator *e, int row)
{
	if (e->cursor.origin)
		e->cursor.row = clamp(row + e->top, e->top, e->bottom);
	else
		e->cursor.row = clamp(row, 0, e->rows - 1);
	e->cursor.wrap = false;
}

/* Moves up or down, not across an edge of the scroll region. */
static void
move_rows(struct emulator *e, int count)
{
	int row = e->cursor.row;
	int high = row <= e->bottom ? e->bottom : e->rows - 1;
	int low = row >= e->top ? e->top : 0;

	e->cursor.row = clamp(row + count, low, high);
	e->cursor.wrap = false;
}

static void
line_down(struct emulator *e)
{
	if (e->cursor.row == e->bottom)
		page_scroll_up(e->page, e->top, e->bottom, 1);
	else if (e->cursor.row < e->rows - 1)
		e->cursor.row++;
	e->cursor.wrap = false;
}

static void
line_up(struct emulator *e)
{
	if (e->cursor.row == e->top)
		page_scroll_down(e->page, e->top, e->bottom, 1);
	else if (e->cursor.row > 0)
		e->cursor.row--;
	e->cursor.wrap = false;
}

static void
new_line(struct emulator *e)
{
	set_col(e, 0);
	line_down(e);
}

static void
reset_region(struct emulator *e)
{
	e->top = 0;
	e->bottom = e->rows - 1;
}

/* ---------------------------------------------------------- characters --- */

/* The line drawing set of the VT100, 0x5f to 0x7e. */
static uint32_t
drawn(uint32_t code)
{
	static const uint16_t shapes[] = { 0x0020, 0x25c6, 0x2592, 0x2409,
		0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b, 0x2518,
		0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc,
		0x23bd, 0x251c, 0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265,
		0x03c0, 0x2260, 0x00a3, 0x00b7 };

	if (code < 0x5f || code > 0x7e)
		return code;
	return shapes[code - 0x5f];
}

/* Adds a mark to the character before the cursor, where there is one. */
static void
mark_last(struct emulator *e, uint32_t mark)
{
	int col = e->cursor.wrap ? e->cursor.col : e->cursor.col - 1;

	if (col >= 0)
		page_join(e->page, e->cursor.row, col, mark);
}

static void
advance(struct emulator *e, int width)
{
	if (e->cursor.col + width < e->cols) {
		e->cursor.col += width;
	} else {
		e->cursor.col = e->cols - 1;
		e->cursor.wrap = true;
	}
}

static void
show_wide(struct emulator *e, uint32_t code, int width)
{
	bool fits = e->cursor.col + width <= e->cols;

	if (e->autowrap && (e->cursor.wrap || !fits))
		new_line(e);
	if (e->cursor.col + width > e->cols)
		return;
	if (e->insert)
		page_open_gap(e->page, e->cursor.row, e->cursor.col, width);
	e->cluster_row = e->cursor.row;
	e->cluster_col = e->cursor.col;
	page_put(e->page, e->cursor.row, e->cursor.col, code, width,
	    e->cursor.reverse);
	advance(e, width);
	e->last = code;
}

/* Adds a character to the cell that was written last. */
static void
join(struct emulator *e, uint32_t code)
{
	page_join(e->page, e->cluster_row, e->cluster_col, code);
	if (e->cluster.width == 2 &&
	    page_widen(e->page, e->cluster_row, e->cluster_col))
		advance(e, 1);
}

static void
show(struct emulator *e, uint32_t code)
{
	bool joins = text_cluster_join(&e->cluster, code);
	int width;

	if (e->cursor.lines[e->cursor.shift])
		code = drawn(code);
	width = text_width(code);
	if (width < 0)
		note_byte(e, (unsigned)code);
	else if (joins)
		join(e, code);
	else if (width == 0)
		mark_last(e, code);
	else
		show_wide(e, code, width);
}

/* ---------------------------------------------------------- parameters --- */

/* The parameters of the present sequence, after a mark such as '?'. */
static const char *
parameters(const struct emulator *e)
{
	const char *s = e->sequence;

	return *s >= '<' && *s <= '?' ? s + 1 : s;
}

static int
parameter_count(const struct emulator *e)
{
	const char *s;
	int all = 1;

	for (s = parameters(e); (*s >= '0' && *s <= '9') || *s == ';'; s++)
		all += *s == ';';
	return all;
}

/* A parameter, counted from 0; 0 when it is absent. */
static int
parameter(const struct emulator *e, int n)
{
	const char *s = parameters(e);
	int value = 0;

	for (; n > 0 && ((*s >= '0' && *s <= '9') || *s == ';'); s++)
		n -= *s == ';';
	for (; n == 0 && *s >= '0' && *s <= '9'; s++)
		value = at_most(value * 10 + (*s - '0'), PARAMETER_MAX);
	return value;
}

/* A parameter for which 0 and absence mean 1. */
static int
count(const struct emulator *e, int n)
{
	int value = parameter(e, n);

	return value == 0 ? 1 : value;
}

/* ----------------------------------------------------------- sequences --- */

static void
cursor_up(struct emulator *e)
{
	move_rows(e, -count(e, 0));
}

static void
cursor_down(struct emulator *e)
{
	move_rows(e, count(e, 0));
}

static void
cursor_forward(struct emulator *e)
{
	set_col(e, e->cursor.col + count(e, 0));
}

static void
cursor_back(struct emulator *e)
{
	set_col(e, e->cursor.col - count(e, 0));
}

static void
cursor_next_line(struct emulator *e)
{
	cursor_down(e);
	set_col(e, 0);
}

static void
cursor_previous_line(struct emulator *e)
{
	cursor_up(e);
	set_col(e, 0);
}

static void
cursor_column(struct emulator *e)
{
	set_col(e, count(e, 0) - 1);
}

static void
cursor_row(struct emulator *e)
{
	set_row(e, count(e, 0) - 1);
}

static void
cursor_position(struct emulator *e)
{
	set_row(e, count(e, 0) - 1);
	set_col(e, count(e, 1) - 1);
}

static void
tab_forward(struct emulator *e)
{
	set_col(e, (e->cursor.col / TAB_WIDTH + count(e, 0)) * TAB_WIDTH);
}

static void
tab_back(struct emulator *e)
{
	int stop = (e->cursor.col + TAB_WIDTH - 1) / TAB_WIDTH;

	set_col(e, (stop - count(e, 0)) * TAB_WIDTH);
}

static void
erase_in_line(struct emulator *e)
{
	struct cursor *c = &e->cursor;

	switch (parameter(e, 0)) {
	case 0:
		page_erase(e->page, c->row, c->col, e->cols);
		c->wrap = c->wrap && e->vt100;
		break;
	case 1:
		page_erase(e->page, c->row, 0, c->col + 1);
		break;
	case 2:
		page_erase(e->page, c->row, 0, e->cols);
		break;
	default:
		unknown(e);
	}
}

static void
erase_in_display(struct emulator *e)
{
	int part = parameter(e, 0);

	if (part > 2) {
		unknown(e);
		return;
	}
	if (part < 2)
		erase_in_line(e);
	if (part > 0)
		page_erase_rows(e->page, 0, e->cursor.row);
	if (part == 2)
		page_erase_rows(e->page, e->cursor.row, e->cursor.row + 1);
	if (part != 1)
		page_erase_rows(e->page, e->cursor.row + 1, e->rows);
}

static void
erase_characters(struct emulator *e)
{
	page_erase(e->page, e->cursor.row, e->cursor.col, count(e, 0));
	e->cursor.wrap = false;
}

static void
insert_characters(struct emulator *e)
{
	page_open_gap(e->page, e->cursor.row, e->cursor.col, count(e, 0));
	e->cursor.wrap = false;
}

static void
delete_characters(struct emulator *e)
{
	page_close_gap(e->page, e->cursor.row, e->cursor.col, count(e, 0));
	e->cursor.wrap = false;
}

static bool
in_region(const struct emulator *e)
{
	return e->cursor.row >= e->top && e->cursor.row <= e->bottom;
}

static void
insert_lines(struct emulator *e)
{
	if (!in_region(e))
		return;
	page_scroll_down(e->page, e->cursor.row, e->bottom, count(e, 0));
	set_col(e, 0);
}

static void
delete_lines(struct emulator *e)
{
	if (!in_region(e))
		return;
	page_scroll_up(e->page, e->cursor.row, e->bottom, count(e, 0));
	set_col(e, 0);
}

static void
scroll_text_up(struct emulator *e)
{
	page_scroll_up(e->page, e->top, e->bottom, count(e, 0));
}

static void
scroll_text_down(struct emulator *e)
{
	page_scroll_down(e->page, e->top, e->bottom, count(e, 0));
}

static void
repeat(struct emulator *e)
{
	int n;

	for (n = count(e, 0); n > 0 && e->last != 0; n--)
		show_wide(e, e->last, text_width(e->last));
}

static void
set_region(struct emulator *e)
{
	int top = count(e, 0) - 1;
	int bottom = parameter(e, 1) == 0 ? e->rows - 1 : parameter(e, 1) - 1;

	if (e->vt100 && (bottom >= e->rows || top >= bottom))
		unknown(e);
	bottom = at_most(bottom, e->rows - 1);
	if (top >= bottom)
		return;
	e->top = top;
	e->bottom = bottom;
	set_row(e, 0);
	set_col(e, 0);
}

/* Bold, underscored, blinking and reverse. */
static bool
is_vt100_rendition(int n)
{
	return n == 0 || n == 1 || n == 4 || n == 5 || n == 7;
}

/* Of the renditions only reverse is kept; colours pass unseen. */
static void
set_rendition(struct emulator *e)
{
	int n;

	for (n = 0; n < parameter_count(e); n++) {
		if (e->vt100 && !is_vt100_rendition(parameter(e, n)))
			unknown(e);
		switch (parameter(e, n)) {
		case 0:
		case 27:
			e->cursor.reverse = false;
			break;
		case 7:
			e->cursor.reverse = true;
			break;
		case 38: /* what follows these numbers a colour */
		case 48:
			return;
		default:
			break;
		}
	}
}

static void
save_cursor(struct emulator *e)
{
	e->saved = e->cursor;
}

static void
take_cursor(struct emulator *e, const struct cursor *saved)
{
	e->cursor = *saved;
	e->cursor.row = clamp(saved->row, 0, e->rows - 1);
	e->cursor.col = clamp(saved->col, 0, e->cols - 1);
}

static void
restore_cursor(struct emulator *e)
{
	take_cursor(e, &e->saved);
}

/* Goes to the alternate screen by way of modes 47, 1047 and 1049. */
static void
enter_alternate(struct emulator *e, int mode)
{
	if (e->page == e->alternate)
		return;
	if (mode == 1049)
		e->saved_by_1049 = e->cursor;
	e->page = e->alternate;
	if (mode == 1049)
		page_erase_rows(e->page, 0, e->rows);
}

static void
leave_alternate(struct emulator *e, int mode)
{
	if (e->page == e->normal)
		return;
	if (mode == 1047)
		page_erase_rows(e->page, 0, e->rows);
	e->page = e->normal;
	if (mode == 1049)
		take_cursor(e, &e->saved_by_1049);
}

static void
switch_private_mode(struct emulator *e, int mode, bool on)
{
	if (e->vt100 && mode > 9)
		unknown(e);
	switch (mode) {
	case 6:
		e->cursor.origin = on;
		set_row(e, 0);
		set_col(e, 0);
		break;
	case 7:
		e->autowrap = on;
		e->cursor.wrap = false;
		break;
	case 47:
	case 1047:
	case 1049:
		(on ? enter_alternate : leave_alternate)(e, mode);
		break;
	case 1:	   /* cursor keys */
	case 3:	   /* 132 columns, which xterm refuses unasked */
	case 4:	   /* smooth scrolling */
	case 8:	   /* repeating keys */
	case 12:   /* a blinking cursor */
	case 25:   /* a cursor that shows */
	case 1034: /* the meta key */
		break;
	default:
		unknown(e);
	}
}

static void
set_private_modes(struct emulator *e)
{
	int n;

	for (n = 0; n < parameter_count(e); n++)
		switch_private_mode(e, parameter(e, n), true);
}

static void
reset_private_modes(struct emulator *e)
{
	int n;

	for (n = 0; n < parameter_count(e); n++)
		switch_private_mode(e, parameter(e, n), false);
}

static void
switch_mode(struct emulator *e, bool on)
{
	if (parameter(e, 0) == 4 && parameter_count(e) == 1 && !e->vt100)
		e->insert = on;
	else
		unknown(e);
}

static void
set_mode(struct emulator *e)
{
	switch_mode(e, true);
}

static void
reset_mode(struct emulator *e)
{
	switch_mode(e, false);
}

/* xterm's window commands: curses saves the title (22) and restores it (23). */
static void
window_command(struct emulator *e)
{
	if (parameter(e, 0) != 22 && parameter(e, 0) != 23)
		suspicious(e);
}

/* What RIS and DECSTR have in common, and a new terminal begins with. */
static void
soft_reset(struct emulator *e)
{
	struct cursor at = { .row = e->cursor.row, .col = e->cursor.col };

	e->cursor = at;
	memset(&e->saved, 0, sizeof(e->saved));
	e->autowrap = true;
	e->insert = false;
	reset_region(e);
}

static void
full_reset(struct emulator *e)
{
	e->page = e->normal;
	soft_reset(e);
	set_row(e, 0);
	set_col(e, 0);
	page_erase_rows(e->page, 0, e->rows);
}

/* ESC ( and ESC ) name the character sets G0 and G1: 0 is line drawing. */
static void
designate(struct emulator *e)
{
	e->cursor.lines[e->sequence[0] == ')'] = e->sequence[1] == '0';
}

static void
begin_control(struct emulator *e)
{
	e->state = CONTROL;
	e->sequence_len = 0;
	e->sequence[0] = '\0';
}

static void
begin_string(struct emulator *e)
{
	suspicious(e);
	e->state = STRING;
}

/* -------------------------------------------------------------- parser --- */

static void
act_on(struct emulator *e, const struct meaning *meanings, const char *key)
{
	for (; meanings->key != NULL; meanings++) {
		if (strcmp(meanings->key, key) != 0)
			continue;
		if (meanings->vt100 || !e->vt100)
			meanings->act(e);
		else
			unknown(e);
		return;
	}
	unknown(e);
}

static void
act_on_escape(struct emulator *e)
{
	static const struct meaning meanings[] = {
		{ "(0", designate, true },
		{ "(A", designate, true },
		{ "(B", designate, true },
		{ ")0", designate, true },
		{ ")A", designate, true },
		{ ")B", designate, true },
		{ "7", save_cursor, true },    /* DECSC */
		{ "8", restore_cursor, true }, /* DECRC */
		{ "=", ignore, true },	       /* DECKPAM */
		{ ">", ignore, true },	       /* DECKPNM */
		{ "D", line_down, true },      /* IND */
		{ "E", new_line, true },       /* NEL */
		{ "M", line_up, true },	       /* RI */
		{ "P", begin_string, false },  /* DCS */
		{ "X", begin_string, false },  /* SOS */
		{ "Z", suspicious, true },     /* DECID, which is answered */
		{ "[", begin_control, true },  /* CSI */
		{ "\\", ignore, false },       /* ST */
		{ "]", begin_string, false },  /* OSC */
		{ "^", begin_string, false },  /* PM */
		{ "_", begin_string, false },  /* APC */
		{ "c", full_reset, true },     /* RIS */
		{ NULL, NULL, false },
	};

	e->state = GROUND;
	act_on(e, meanings, e->sequence);
}

/* The sequence without its parameters: "?h" of "?1049h". */
static void
control_key(const struct emulator *e, char *key, size_t size)
{
	const char *s;
	size_t len = 0;

	for (s = e->sequence; *s != '\0' && len + 1 < size; s++)
		if ((*s < '0' || *s > '9') && *s != ';' && *s != ':')
			key[len++] = *s;
	key[len] = '\0';
}

static void
act_on_control(struct emulator *e)
{
	static const struct meaning meanings[] = {
		{ "@", insert_characters, false },    /* ICH */
		{ "A", cursor_up, true },	      /* CUU */
		{ "B", cursor_down, true },	      /* CUD */
		{ "C", cursor_forward, true },	      /* CUF */
		{ "D", cursor_back, true },	      /* CUB */
		{ "E", cursor_next_line, false },     /* CNL */
		{ "F", cursor_previous_line, false }, /* CPL */
		{ "G", cursor_column, false },	      /* CHA */
		{ "H", cursor_position, true },	      /* CUP */
		{ "I", tab_forward, false },	      /* CHT */
		{ "J", erase_in_display, true },      /* ED */
		{ "K", erase_in_line, true },	      /* EL */
		{ "L", insert_lines, false },	      /* IL */
		{ "M", delete_lines, false },	      /* DL */
		{ "P", delete_characters, false },    /* DCH */
		{ "S", scroll_text_up, false },	      /* SU */
		{ "T", scroll_text_down, false },     /* SD */
		{ "X", erase_characters, false },     /* ECH */
		{ "Z", tab_back, false },	      /* CBT */
		{ "`", cursor_column, false },	      /* HPA */
		{ "a", cursor_forward, false },	      /* HPR */
		{ "b", repeat, false },		      /* REP */
		{ "c", suspicious, true }, /* DA, which is answered */
		{ ">c", suspicious, false },
		{ "d", cursor_row, false },	     /* VPA */
		{ "e", cursor_down, false },	     /* VPR */
		{ "f", cursor_position, true },	     /* HVP */
		{ "h", set_mode, true },	     /* SM */
		{ "?h", set_private_modes, true },   /* DECSET */
		{ "l", reset_mode, true },	     /* RM */
		{ "?l", reset_private_modes, true }, /* DECRST */
		{ "m", set_rendition, true },	     /* SGR */
		{ "n", suspicious, true }, /* DSR, which is answered */
		{ "?n", suspicious, false },
		{ "!p", soft_reset, false },	/* DECSTR */
		{ "r", set_region, true },	/* DECSTBM */
		{ "t", window_command, false }, /* xterm */
		{ NULL, NULL, false },
	};
	char key[SEQUENCE_SIZE];

	control_key(e, key, sizeof(key));
	act_on(e, meanings, key);
	e->state = GROUND;
}

static void
begin_escape(struct emulator *e)
{
	e->state = ESCAPE;
	e->sequence_len = 0;
	e->sequence[0] = '\0';
}

/* A control of C0; within a sequence they act too, as on the VT100. */
static void
act_on_c0(struct emulator *e, unsigned char byte)
{
	switch (byte) {
	case '\0': /* padding */
		break;
	case BEL:
		e->bells++;
		break;
	case BS:
		set_col(e, e->cursor.col - 1);
		break;
	case TAB:
		set_col(e, (e->cursor.col / TAB_WIDTH + 1) * TAB_WIDTH);
		break;
	case LF:
	case VT:
	case FF:
		line_down(e);
		break;
	case CR:
		set_col(e, 0);
		break;
	case SO:
	case SI:
		e->cursor.shift = byte == SO;
		break;
	case CAN:
	case SUB:
		e->state = GROUND;
		break;
	case ESC:
		begin_escape(e);
		break;
	default:
		note_byte(e, byte);
	}
}

static void
extend_sequence(struct emulator *e, unsigned char byte)
{
	if (e->sequence_len + 1 == sizeof(e->sequence)) {
		unknown(e);
		e->state = GROUND;
		return;
	}
	e->sequence[e->sequence_len++] = (char)byte;
	e->sequence[e->sequence_len] = '\0';
}

/* Takes a byte, 0x20 to 0x7e, of a sequence and acts when it is the last. */
static void
feed_sequence(struct emulator *e, unsigned char byte)
{
	enum parser_state state = e->state;

	extend_sequence(e, byte);
	if (e->state != state)
		return;
	if (state == ESCAPE && byte >= 0x30)
		act_on_escape(e);
	else if (state == CONTROL && byte >= 0x40)
		act_on_control(e);
}

/* Text: gathers the bytes of a character, then shows it. */
static void
feed_text(struct emulator *e, unsigned char byte)
{
	uint32_t code;
	bool valid;
	size_t used;

	e->pending[e->pending_len++] = (char)byte;
	while (e->pending_len > 0) {
		used = text_decode(e->pending, e->pending_len, &code, &valid);
		if (used == 0)
			return;
		if (!valid) {
			note_byte(e, (unsigned)code);
			code = REPLACEMENT;
		}
		show(e, code);
		e->pending_len -= used;
		memmove(e->pending, e->pending + used, e->pending_len);
	}
}

/* A character that a control cut short. */
static void
drop_pending(struct emulator *e)
{
	if (e->pending_len == 0)
		return;
	note_byte(e, (unsigned char)e->pending[0]);
	e->pending_len = 0;
	show(e, REPLACEMENT);
}

static void
feed_byte(struct emulator *e, unsigned char byte)
{
	if (e->state != GROUND || byte < ' ')
		memset(&e->cluster, 0, sizeof(e->cluster));
	if (e->state == STRING) {
		if (byte == ESC)
			begin_escape(e);
		else if (byte == BEL || byte == CAN || byte == SUB)
			e->state = GROUND;
	} else if (byte < ' ') {
		drop_pending(e);
		act_on_c0(e, byte);
	} else if (byte == DEL) {
		drop_pending(e);
		note_byte(e, byte);
	} else if (e->state == GROUND) {
		feed_text(e, byte);
	} else {
		feed_sequence(e, byte);
	}
}

void
emulator_feed(struct emulator *e, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		feed_byte(e, (unsigned char)bytes[i]);
	e->fed += len;
}

/* ---------------------------------------------------------------- life --- */

struct emulator *
emulator_new(int rows, int cols)
{
	struct emulator *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->rows = rows;
	e->cols = cols;
	e->normal = page_new(rows, cols);
	e->alternate = page_new(rows, cols);
	if (e->normal == NULL || e->alternate == NULL) {
		emulator_free(e);
		return NULL;
	}
	full_reset(e);
	return e;
}

void
emulator_be_vt100(struct emulator *e)
{
	e->vt100 = true;
}

void
emulator_free(struct emulator *e)
{
	if (e == NULL)
		return;
	page_free(e->normal);
	page_free(e->alternate);
	free(e);
}

/* Puts a page of the new size in place of one; `lost` rows leave at its top. */
static void
replace_page(
    struct emulator *e, struct page **place, struct page *page, int lost)
{
	page_copy(page, *place, lost);
	if (e->page == *place)
		e->page = page;
	page_free(*place);
	*place = page;
}

bool
emulator_resize(struct emulator *e, int rows, int cols)
{
	struct page *normal = page_new(rows, cols);
	struct page *alternate = page_new(rows, cols);
	int lost = e->cursor.row < rows ? 0 : e->cursor.row - rows + 1;

	if (normal == NULL || alternate == NULL) {
		page_free(normal);
		page_free(alternate);
		return false;
	}
	replace_page(e, &e->normal, normal, lost);
	replace_page(e, &e->alternate, alternate, lost);
	e->rows = rows;
	e->cols = cols;
	reset_region(e);
	memset(&e->cluster, 0, sizeof(e->cluster));
	e->cursor.row -= lost;
	set_col(e, e->cursor.col);
	return true;
}

/* ----------------------------------------------------------- questions --- */

int
emulator_rows(const struct emulator *e)
{
	return e->rows;
}

int
emulator_cols(const struct emulator *e)
{
	return e->cols;
}

size_t
emulator_row(const struct emulator *e, int row, char *text, size_t size)
{
	return page_row(e->page, row, text, size);
}

size_t
emulator_cell(const struct emulator *e, int row, int col, char *text,
    size_t size, int *width)
{
	return page_cell(e->page, row, col, text, size, width);
}

bool
emulator_is_reverse(const struct emulator *e, int row, int col)
{
	return page_is_reverse(e->page, row, col);
}

void
emulator_cursor(const struct emulator *e, int *row, int *col)
{
	*row = e->cursor.row;
	*col = e->cursor.col;
}

unsigned
emulator_bells(const struct emulator *e)
{
	return e->bells;
}

size_t
emulator_fed(const struct emulator *e)
{
	return e->fed;
}

unsigned
emulator_unknown(const struct emulator *e)
{
	return e->unknown;
}

unsigned
emulator_suspicious(const struct emulator *e)
{
	return e->suspicious;
}

const char *
emulator_complaint(const struct emulator *e)
{
	return e->complaint;
}
