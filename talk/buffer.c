/*
 * buffer - bytes waiting to be written: appended at the end, taken from the
 * front.
 */
#include "buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUFFER_SIZE_MIN = 256,
	BUFFER_KEEP = 65536, /* what an empty one may keep for the next time */
};

/* Makes room for len more bytes behind the end. */
static bool
buffer_reserve(struct buffer *buffer, size_t len)
{
	size_t waiting = buffer_len(buffer);
	size_t size = buffer->size < BUFFER_SIZE_MIN ? BUFFER_SIZE_MIN
						     : buffer->size;
	char *bytes;

	if (len <= buffer->size - buffer->end)
		return true;
	if (len > SIZE_MAX / 2 - waiting)
		return false;
	if (buffer->start > 0) {
		memmove(buffer->bytes, buffer->bytes + buffer->start, waiting);
		buffer->start = 0;
		buffer->end = waiting;
	}
	/* At least a quarter is free then, so that moving stays rare. */
	while (size - waiting < len || size / 4 * 3 < waiting)
		size += size / 2;
	if (size == buffer->size)
		return true;
	bytes = realloc(buffer->bytes, size);
	if (bytes == NULL)
		return false;
	buffer->bytes = bytes;
	buffer->size = size;
	return true;
}

bool
buffer_append(struct buffer *buffer, const void *bytes, size_t len)
{
	if (len == 0)
		return true;
	if (!buffer_reserve(buffer, len))
		return false;
	memcpy(buffer->bytes + buffer->end, bytes, len);
	buffer->end += len;
	return true;
}

size_t
buffer_len(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

const char *
buffer_head(const struct buffer *buffer)
{
	return buffer->bytes == NULL ? "" : buffer->bytes + buffer->start;
}

void
buffer_take(struct buffer *buffer, size_t len)
{
	buffer->start += len;
	if (buffer->start < buffer->end)
		return;
	buffer->start = buffer->end = 0;
	if (buffer->size > BUFFER_KEEP)
		buffer_free(buffer);
}

void
buffer_free(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){ 0 };
}
