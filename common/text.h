/*
 * text - UTF-8, the width of characters, and the one gate through which
 * anything that came from outside reaches a terminal or a log.
 *
 * Pure functions but for text_init, which sets the program's LC_CTYPE, and
 * text_width, which asks the C library as that left it.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEXT_UTF8_SIZE = 4, /* the longest UTF-8 sequence */
	TEXT_GATE_SIZE = 8, /* the most characters that one byte can release */
	TEXT_MARKS_MAX = 4, /* combining marks let through on one base */
	TEXT_ESCAPE_MAX =
	    256, /* bytes after which an escape sequence is over */
	TEXT_CLUSTER_SIZE = 28, /* the most bytes of a cluster */
};

/*
 * Has the C library classify characters as Unicode: by the user's own locale
 * when that is a UTF-8 one, else by another.  False when there is none: then
 * a character beyond ISO 8859-1 counts as one column, a pictograph as two.
 */
bool text_init(void);

/*
 * Decodes the character at s, len > 0, strictly: no overlong forms, nothing
 * above U+10FFFF, no surrogates (RFC 3629).  Returns the bytes it takes; 0
 * when s ends within a sequence that is right so far; and 1 for a byte that
 * fits nowhere.  In both of these *code is the first byte itself (its ISO
 * 8859-1 reading) and *valid is false.
 */
size_t text_decode(const char *s, size_t len, uint32_t *code, bool *valid);

/* Encodes a character; returns the number of bytes written, 1 to 4. */
size_t text_encode(uint32_t code, char out[TEXT_UTF8_SIZE]);

/*
 * Columns a character takes on a terminal: 1, 2, or 0 for one that joins the
 * character before it; -1 for one that may never reach a terminal: controls of
 * both sets, U+2028 and 2029, the bidirectional ones, byte order mark,
 * annotations, tags, and what is no character at all.  One that is newer than
 * the C library passes, with the width its block has in Unicode.
 */
int text_width(uint32_t code);

/*
 * A cluster: the characters that share one place on the screen and are erased
 * together.  A base with its marks, an emoji with its modifier, emoji joined
 * by U+200D, two regional indicators; at most TEXT_CLUSTER_SIZE bytes.  Its
 * width is its base's; 2 where something made an emoji of it; 0 for marks that
 * have no base.  All zero is one that has not begun.
 */
struct text_cluster {
	uint32_t base;
	uint32_t last;
	uint8_t size; /* bytes of UTF-8 */
	uint8_t width;
};

/*
 * Adds a character to the cluster it belongs to; or, when it does not belong
 * there, begins a new cluster with it and returns false.
 */
bool text_cluster_join(struct text_cluster *cluster, uint32_t code);

/*
 * The bytes of the cluster at s, UTF-8 that has passed the gate, and the
 * columns it takes; 0 when len is 0.  A TAB is a cluster of width 0.
 */
size_t text_cluster_len(const char *s, size_t len, int *width);

/*
 * The gate for running text, a byte at a time: UTF-8, else ISO 8859-1.  Out
 * come characters that text_width knows, TAB, LF and BEL (for the caller to
 * count, never to write).  CR, LF and CR LF are each one LF.  Other controls
 * come out as ^X, two characters; DEL as ^?.
 *
 * What is made for terminals vanishes whole: escape sequences (ECMA-48: CSI,
 * OSC, DCS, SOS, PM, APC, single shifts with what they shift, ESC with
 * intermediates), begun by ESC or by a control of C1, as a byte or as UTF-8;
 * and all other controls of C1.  A string is over at ST, and at BEL as xterm
 * has it; any sequence at CAN, SUB or a newline, at one byte that cannot be
 * part of it, and after TEXT_ESCAPE_MAX bytes; then text goes on.  ESC within
 * a sequence begins another.
 *
 * Marks beyond TEXT_MARKS_MAX a base vanish, and those that have no base.
 */
struct text_gate {
	uint8_t state;		    /* of an escape sequence; 0 in text */
	uint8_t pending;	    /* bytes held of a character */
	char bytes[TEXT_UTF8_SIZE]; /* those bytes */
	uint8_t marks;		    /* let through since the last base */
	uint16_t swallowed;	    /* of the present escape sequence */
	bool cr;		    /* the last character was CR */
};

void text_gate_init(struct text_gate *gate);

/* Feeds a byte; returns how many characters it put in out. */
int text_gate_byte(
    struct text_gate *gate, uint8_t byte, uint32_t out[TEXT_GATE_SIZE]);

/*
 * The short way for most of all text: feeds the bytes of printable ASCII from
 * the first on, which come out as they are, and returns how many; 0 while a
 * character or an escape sequence is under way.
 */
size_t text_gate_run(struct text_gate *gate, const char *bytes, size_t len);

/*
 * Releases bytes held as the begin of a character that has not come, each by
 * itself as ISO 8859-1, for the end of a text; those of C1 vanish and begin
 * nothing, so that a character cut short never takes the text behind it along.
 */
int text_gate_flush(struct text_gate *gate, uint32_t out[TEXT_GATE_SIZE]);

/* Whether neither a character nor an escape sequence is under way. */
bool text_gate_is_idle(const struct text_gate *gate);

/*
 * The gate for a name, host, terminal or cookie: graphic ASCII stays, any
 * other byte becomes \ooo, all is cut to size - 1 columns (never within an
 * escape) and ended by NUL.  Returns the length written.
 */
size_t text_name(char *out, size_t size, const char *name, size_t len);

#endif
