/*
 * heading - the line above a party's part of the screen: who it is, how the
 * call stands, how far the text is scrolled back, who types, and the time.
 *
 *	---- bob@h2: Connection established ------- bob types -- 10:15 --
 *
 * Where that is too wide, the time goes first, then who types; then what the
 * state has in brackets, then what counts behind it, which is not cut; then the
 * state is cut, and the name last.  "rows" may be left out.
 *
 * Pure: words in, cells out.
 */
#ifndef TALK_HEADING_H
#define TALK_HEADING_H

#include <stdbool.h>

#include "screen.h"

struct heading {
	const char *name;  /* user@host, graphic ASCII */
	const char *state; /* ASCII, like all the others */
	int back;	   /* rows that the part is scrolled back */
	int own_back;	   /* rows that the user's own is, if it stands above */
	bool types;	   /* the party, just now */
	const char *time;  /* "" is none */
	const char *count; /* "; again in 9 s", or NULL */
};

/* Fills a row of cells, all in reverse video. */
void heading_draw(const struct heading *heading, struct cell *cells, int cols);

#endif
