/*
 * draft - the text of a message, from words or from a file, as it will be sent:
 * UTF-8 that has passed the gate (common/text.h), without bells, and without
 * blanks and line ends behind its last word.
 */
#ifndef TALK_DRAFT_H
#define TALK_DRAFT_H

#include "buffer.h"

/* Bytes of text, before the gate.  At four messages a second, an hour's. */
enum { DRAFT_BYTES_MAX = 1 << 20 };

/*
 * Joins words by blanks.  Returns 0 or an errno: ENOMEM, or EFBIG beyond
 * DRAFT_BYTES_MAX.  The buffer was empty and is the caller's to free, in any
 * case; a text with nothing to read in it leaves it empty.
 */
int draft_words(struct buffer *text, char *const *words);

/* Reads to the end of the file, likewise. */
int draft_file(struct buffer *text, int fd);

#endif
