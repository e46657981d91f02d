/*
 * notice - a message as it is set on a terminal: the heading of write(1), the
 * text, EOF.
 *
 * The heading begins at the margin; every line of the text is indented and
 * none is longer than the terminal is wide, so that none can be taken for a
 * heading, a prompt or the end.  All parts are as they came: whatever could do
 * harm goes or is made visible here.
 *
 * Pure function.
 */
#ifndef TALKD_NOTICE_H
#define TALKD_NOTICE_H

#include <stddef.h>

enum {
	NOTICE_HEADING_MAX = 80, /* columns */
	NOTICE_LINES_MAX = 50,	 /* of text, and then "[cut]" */
	NOTICE_COLUMNS = 80,	 /* of a terminal that does not know its own */
	NOTICE_SIZE = 6144,	 /* room for any */
};

struct notice {
	const char *sender;   /* "" when none is named */
	const char *host;     /* the sender's, by name or by number */
	const char *number;   /* the same by number, where the name is long */
	const char *terminal; /* the sender's; "" when none is named */
	int hour, minute;     /* local time */
	const char *text;     /* UTF-8, else ISO 8859-1; under 512 bytes */
};

/*
 * Sets a notice for a terminal of so many columns, 0 when they are not known:
 * a bell and a new line, then lines that each end in CR LF as the terminal may
 * be raw.  A heading that would be too long names the host by its number, then
 * leaves the terminal out, and cuts the sender.  Returns the length.
 */
size_t notice_set(
    const struct notice *notice, int columns, char text[NOTICE_SIZE]);

#endif
