/*
 * buffer - bytes waiting to be written: appended at the end, taken from the
 * front.
 */
#ifndef TALK_BUFFER_H
#define TALK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty buffer.  The bytes are the buffer's own. */
struct buffer {
	char *bytes;
	size_t start; /* of what is not taken yet */
	size_t end;
	size_t size;
};

/* False, and nothing appended, when memory is short. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t len);

/* Bytes waiting, and where they are until the buffer is next changed. */
size_t buffer_len(const struct buffer *buffer);
const char *buffer_head(const struct buffer *buffer);

/* Drops len bytes from the front; when it was long and is empty, its memory. */
void buffer_take(struct buffer *buffer, size_t len);

void buffer_free(struct buffer *buffer);

#endif
