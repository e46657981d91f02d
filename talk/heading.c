/*
 * heading - the line above a party's part of the screen: who it is, how the
 * call stands, how far the text is scrolled back, who types, and the time.
 */
#include "heading.h"

#include <stdio.h>
#include <string.h>

enum {
	WORDS_SIZE = 512,
	NOTE_SIZE = 64,
	GAP_MIN = 2,   /* columns of dashes between left and right */
	STATE_MIN = 8, /* a state cut shorter says nothing */
};

/* " (12 rows back, yours 5)", briefly without "rows", or nothing. */
static void
write_note(const struct heading *heading, bool briefly, char note[NOTE_SIZE])
{
	int back = heading->back, own = heading->own_back;
	const char *rows = back == 1 || (back == 0 && own == 1) ? "row "
								: "rows ";

	rows = briefly ? "" : rows;
	note[0] = '\0';
	if (back > 0 && own > 0)
		snprintf(
		    note, NOTE_SIZE, " (%d %sback, yours %d)", back, rows, own);
	else if (back > 0)
		snprintf(note, NOTE_SIZE, " (%d %sback)", back, rows);
	else if (own > 0)
		snprintf(note, NOTE_SIZE, " (yours %d %sback)", own, rows);
}

/* The columns of a state without what it has in brackets. */
static int
words_len(const char *state)
{
	const char *aside = strstr(state, " (");

	return aside != NULL ? (int)(aside - state) : (int)strlen(state);
}

/* The columns that the state takes of so many; 0 when that says nothing. */
static int
cut_state(const char *state, int room)
{
	int len = (int)strlen(state);

	if (len > room)
		len = words_len(state);
	if (len <= room)
		return len;
	return room < STATE_MIN ? 0 : room;
}

/* What stands at the left, the state cut to what room there is. */
static int
write_left(const struct heading *heading, int cols, char words[WORDS_SIZE])
{
	const char *count = heading->count == NULL ? "" : heading->count;
	char note[NOTE_SIZE];
	int state, room, len;

	room = cols - (int)(strlen("----  ") + strlen(heading->name));
	write_note(heading, false, note);
	if ((int)strlen(note) > room)
		write_note(heading, true, note);
	room -= (int)(strlen(note) + strlen(": "));
	if (room < words_len(heading->state) + (int)strlen(count))
		count = "";
	state = cut_state(heading->state, room - (int)strlen(count));
	len = snprintf(words, WORDS_SIZE, "---- %s%s%.*s%s%s ", heading->name,
	    state > 0 ? ": " : "", state, heading->state, count, note);
	return len < WORDS_SIZE ? len : WORDS_SIZE - 1;
}

/* What stands at the right; "bob" alone of "bob@h2" types. */
static int
write_right(const struct heading *heading, int room, char words[WORDS_SIZE])
{
	int user = (int)strcspn(heading->name, "@%#");
	int len = 0;

	if (heading->types)
		len = snprintf(
		    words, WORDS_SIZE, " %.*s types --", user, heading->name);
	if (heading->time[0] != '\0' &&
	    len + (int)strlen(heading->time) + 4 <= room)
		len += snprintf(words + len, WORDS_SIZE - (size_t)len, " %s --",
		    heading->time);
	return len <= room ? len : 0;
}

void
heading_draw(const struct heading *heading, struct cell *cells, int cols)
{
	char left[WORDS_SIZE], right[WORDS_SIZE];
	int left_len = write_left(heading, cols, left);
	int right_len = write_right(heading, cols - left_len - GAP_MIN, right);
	int col;
	char c;

	for (col = 0; col < cols; col++) {
		c = '-';
		if (col < left_len)
			c = left[col];
		else if (col >= cols - right_len)
			c = right[col - (cols - right_len)];
		cell_set(&cells[col], c >= ' ' && c < 0x7f ? &c : "?", 1, 1);
		cells[col].reverse = 1;
	}
}
