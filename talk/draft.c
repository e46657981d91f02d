/*
 * draft - the text of a message, from words or from a file, as it will be sent.
 */
#include "draft.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "compose.h"

/* What becomes a draft. */
struct draft {
	struct text_gate gate;
	struct buffer *text;
	size_t taken; /* bytes, before the gate */
};

static void
draft_begin(struct draft *draft, struct buffer *text)
{
	*draft = (struct draft){ .text = text };
	text_gate_init(&draft->gate);
}

static int
draft_add(struct draft *draft, const char *bytes, size_t len)
{
	draft->taken += len;
	if (draft->taken > DRAFT_BYTES_MAX)
		return EFBIG;
	return compose_text(&draft->gate, bytes, len, draft->text) ? 0 : ENOMEM;
}

/* The bell is the receiver's own. */
static void
drop_bells(struct buffer *text)
{
	size_t from, to = text->start;

	for (from = text->start; from < text->end; from++)
		if (text->bytes[from] != '\a')
			text->bytes[to++] = text->bytes[from];
	text->end = to;
}

static void
drop_trailing_blanks(struct buffer *text)
{
	while (text->end > text->start &&
	    strchr(" \t\n", text->bytes[text->end - 1]) != NULL)
		text->end--;
}

static int
draft_end(struct draft *draft)
{
	if (!compose_end(&draft->gate, draft->text))
		return ENOMEM;
	drop_bells(draft->text);
	drop_trailing_blanks(draft->text);
	return 0;
}

int
draft_words(struct buffer *text, char *const *words)
{
	struct draft draft;
	int error = 0;
	size_t i;

	draft_begin(&draft, text);
	for (i = 0; words[i] != NULL && error == 0; i++) {
		if (i > 0)
			error = draft_add(&draft, " ", 1);
		if (error == 0)
			error = draft_add(&draft, words[i], strlen(words[i]));
	}
	return error != 0 ? error : draft_end(&draft);
}

int
draft_file(struct buffer *text, int fd)
{
	struct pollfd more = { .fd = fd, .events = POLLIN };
	struct draft draft;
	char bytes[4096];
	ssize_t len;
	int error = 0;

	draft_begin(&draft, text);
	while (error == 0 && (len = read(fd, bytes, sizeof(bytes))) != 0) {
		if (len > 0)
			error = draft_add(&draft, bytes, (size_t)len);
		else if (errno == EAGAIN)
			(void)poll(&more, 1, -1);
		else if (errno != EINTR)
			error = errno;
	}
	return error != 0 ? error : draft_end(&draft);
}
