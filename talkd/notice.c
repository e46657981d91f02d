/*
 * notice - a message as it is set on a terminal.
 */
#include "notice.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/msp.h"
#include "common/person.h"
#include "common/text.h"

enum {
	INDENT = 2,
	COLUMNS_MIN = 2 * INDENT, /* a wide character fits behind the indent */
	TAB = 8,

	TERMINAL_SIZE = PERSON_TERMINAL_SIZE,
	HOST_SIZE = PERSON_HOST_SIZE,

	/* No byte of the text becomes more than four behind the gate. */
	GATED_SIZE = 4 * MSP_SIZE,
};

struct sheet {
	char *text;
	size_t len;
	size_t room;
	int columns; /* behind the indent */
	int lines;   /* of the message's text */
};

static void
put(struct sheet *sheet, const char *bytes, size_t len)
{
	if (len > sheet->room - sheet->len)
		len = sheet->room - sheet->len;
	memcpy(sheet->text + sheet->len, bytes, len);
	sheet->len += len;
}

static void
put_string(struct sheet *sheet, const char *string)
{
	put(sheet, string, strlen(string));
}

/* ------------------------------------------------------------- heading --- */

/* A way to put a heading; the first that fits is taken. */
struct heading_form {
	size_t sender_max; /* columns */
	bool by_number;
	bool has_terminal;
};

/* Returns the length it would have. */
static int
write_heading(const struct notice *notice, const struct heading_form *form,
    char heading[NOTICE_HEADING_MAX + 1])
{
	const char *host = form->by_number ? notice->number : notice->host;
	char shown_sender[PERSON_USER_SIZE];
	char shown_host[HOST_SIZE];
	char terminal[TERMINAL_SIZE] = "";

	text_name(shown_sender, form->sender_max + 1, notice->sender,
	    strlen(notice->sender));
	text_name(shown_host, sizeof(shown_host), host, strlen(host));
	if (form->has_terminal)
		text_name(terminal, sizeof(terminal), notice->terminal,
		    strlen(notice->terminal));
	return snprintf(heading, NOTICE_HEADING_MAX + 1,
	    "Message from %s%s%s%s%s at %02d:%02d ...", shown_sender,
	    shown_sender[0] != '\0' ? "@" : "", shown_host,
	    terminal[0] != '\0' ? " on " : "", terminal, notice->hour,
	    notice->minute);
}

static void
put_heading(struct sheet *sheet, const struct notice *notice)
{
	static const struct heading_form forms[] = {
		{ PERSON_USER_SIZE - 1, false, true }, { 16, false, true },
		{ 16, true, true }, { 16, true, false },
		{ 7, true, false }, /* beside any number fits */
	};
	char heading[NOTICE_HEADING_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (write_heading(notice, &forms[i], heading) <=
		    NOTICE_HEADING_MAX)
			break;
	put_string(sheet, "\a\r\n");
	put_string(sheet, heading);
	put_string(sheet, "\r\n");
}

/* ---------------------------------------------------------------- text --- */

static size_t
gate(const char *text, char gated[GATED_SIZE])
{
	struct text_gate state;
	uint32_t out[TEXT_GATE_SIZE];
	size_t i, at = 0, len = strlen(text);
	int j, count;

	text_gate_init(&state);
	for (i = 0; i <= len; i++) {
		count = i < len ? text_gate_byte(&state, (uint8_t)text[i], out)
				: text_gate_flush(&state, out);
		for (j = 0; j < count && at + TEXT_UTF8_SIZE <= GATED_SIZE; j++)
			if (out[j] != '\a')
				at += text_encode(out[j], gated + at);
	}
	while (at > 0 && gated[at - 1] == '\n')
		at--;
	return at;
}

/* A cluster's width when it begins at that column of so many. */
static int
width_at(const char *s, int width, int column, int columns)
{
	if (*s != '\t')
		return width;
	width = TAB - column % TAB;
	return width < columns ? width : columns;
}

/*
 * Finds how much of a line, len > 0, fits into so many columns: up to a blank
 * if there is one behind a word, which then goes with what is *used.  Returns
 * the bytes to show.
 */
static size_t
fit(const char *s, size_t len, int columns, size_t *used)
{
	size_t at = 0, size, blank = 0;
	int column = 0, width;
	bool has_word = false;

	while (at < len) {
		size = text_cluster_len(s + at, len - at, &width);
		width = width_at(s + at, width, column, columns);
		if (s[at] != ' ' && s[at] != '\t')
			has_word = true;
		else if (has_word)
			blank = at;
		if (column + width > columns && at > 0)
			break;
		column += width;
		at += size;
	}
	if (at == len || blank == 0) {
		*used = at;
		return at;
	}
	*used = blank + 1;
	return blank;
}

static void
put_line(struct sheet *sheet, const char *s, size_t len)
{
	size_t at = 0, size;
	int column = 0, width;

	put(sheet, "  ", len > 0 ? INDENT : 0);
	for (; at < len; at += size) {
		size = text_cluster_len(s + at, len - at, &width);
		width = width_at(s + at, width, column, sheet->columns);
		if (s[at] == '\t')
			put(sheet, "        ", (size_t)width);
		else
			put(sheet, s + at, size);
		column += width;
	}
	put_string(sheet, "\r\n");
	sheet->lines++;
}

/* Returns the bytes that still found room on the sheet. */
static size_t
put_wrapped(struct sheet *sheet, const char *s, size_t len)
{
	size_t at = 0, used, shown;

	do {
		shown = fit(s + at, len - at, sheet->columns, &used);
		put_line(sheet, s + at, shown);
		at += used;
	} while (at < len && sheet->lines < NOTICE_LINES_MAX);
	return at;
}

static void
put_text(struct sheet *sheet, const char *text)
{
	char gated[GATED_SIZE];
	size_t len = gate(text, gated), at = 0, line_len;
	const char *end;

	while (at < len && sheet->lines < NOTICE_LINES_MAX) {
		end = memchr(gated + at, '\n', len - at);
		line_len = end != NULL ? (size_t)(end - gated) - at : len - at;
		if (put_wrapped(sheet, gated + at, line_len) < line_len)
			break;
		at += line_len + (end != NULL);
	}
	if (at < len)
		put_string(sheet, "  [cut]\r\n");
}

size_t
notice_set(const struct notice *notice, int columns, char text[NOTICE_SIZE])
{
	struct sheet sheet = { .text = text, .room = NOTICE_SIZE };

	if (columns <= 0)
		columns = NOTICE_COLUMNS;
	if (columns < COLUMNS_MIN)
		columns = COLUMNS_MIN;
	sheet.columns = columns - INDENT;
	put_heading(&sheet, notice);
	put_text(&sheet, notice->text);
	put_string(&sheet, "EOF\r\n");
	return sheet.len;
}
