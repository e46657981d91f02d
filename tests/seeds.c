/*
 * seeds - inputs for the fuzzers as people read and write them.
 */
#include "seeds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line in reading, and the input so far. */
struct reading {
	const char *at;
	uint8_t *bytes;
	size_t len;
	size_t last; /* where what *N repeats begins */
};

static bool
append(struct reading *reading, const void *bytes, size_t len)
{
	if (len > SEED_SIZE_MAX - reading->len)
		return false;
	reading->last = reading->len;
	memcpy(reading->bytes + reading->len, bytes, len);
	reading->len += len;
	return true;
}

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

static bool
read_pair(struct reading *reading)
{
	int high = digit(reading->at[0]);
	int low = high < 0 ? -1 : digit(reading->at[1]);
	uint8_t byte;

	if (low < 0)
		return false;
	byte = (uint8_t)(high * 16 + low);
	reading->at += 2;
	return append(reading, &byte, 1);
}

static bool
read_quoted(struct reading *reading)
{
	const char *text = reading->at + 1;
	const char *end = strchr(text, '"');

	if (end == NULL)
		return false;
	reading->at = end + 1;
	return append(reading, text, (size_t)(end - text));
}

static bool
read_repeat(struct reading *reading)
{
	size_t len = reading->len - reading->last, first = reading->last;
	unsigned long times;
	char *end;

	times = strtoul(reading->at + 1, &end, 10);
	if (end == reading->at + 1 || len == 0 || times == 0)
		return false;
	reading->at = end;
	for (; times > 1; times--)
		if (!append(reading, reading->bytes + first, len))
			return false;
	reading->last = reading->len; /* it cannot be repeated again */
	return true;
}

enum seed_reading
seed_read(const char *line, uint8_t bytes[SEED_SIZE_MAX], size_t *len)
{
	struct reading reading = { .at = line, .bytes = bytes };
	enum seed_reading found = SEED_NONE;
	bool right = true;

	for (;;) {
		reading.at += strspn(reading.at, " \t\n");
		if (*reading.at == '\0' || *reading.at == '#')
			break;
		if (*reading.at == '"')
			right = read_quoted(&reading);
		else if (*reading.at == '*')
			right = read_repeat(&reading);
		else
			right = read_pair(&reading);
		if (!right)
			return SEED_WRONG;
		found = SEED_THERE;
	}
	*len = reading.len;
	return found;
}

static bool
use_line(const char *file, unsigned number, const char *line,
    uint8_t bytes[SEED_SIZE_MAX], seeds_use *use, void *context)
{
	const char *wrong = "no seed can be read";
	size_t len = 0;

	switch (seed_read(line, bytes, &len)) {
	case SEED_NONE:
		return true;
	case SEED_THERE:
		if (use(context, number, bytes, len))
			return true;
		wrong = strerror(errno);
		break;
	case SEED_WRONG:
		break;
	}
	fprintf(stderr, "%s:%u: %s\n", file, number, wrong);
	return false;
}

bool
seeds_each(const char *file, seeds_use *use, void *context)
{
	static uint8_t bytes[SEED_SIZE_MAX];
	FILE *stream = fopen(file, "r");
	unsigned number = 0;
	char *line = NULL;
	size_t size = 0;
	bool ok = true;

	if (stream == NULL) {
		perror(file);
		return false;
	}
	while (ok && getline(&line, &size, stream) >= 0)
		ok = use_line(file, ++number, line, bytes, use, context);
	ok = ok && !ferror(stream);
	free(line);
	fclose(stream);
	return ok;
}
