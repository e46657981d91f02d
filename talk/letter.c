/*
 * letter - a text to somebody, as the requests of the Message Send Protocol
 * that carry it.
 */
#include "letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Three numbers of eight hexadecimal digits. */
void
letter_stamp(char stamp[LETTER_STAMP_SIZE])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(stamp, LETTER_STAMP_SIZE,
	    "%08" PRIx32 "%08" PRIx32 "%08" PRIx32, (uint32_t)now.tv_nsec,
	    (uint32_t)now.tv_sec, (uint32_t)getpid());
}

static const char *
recipient_terminal(const struct person *to)
{
	/* RFC 1312: without a recipient, every terminal of the system. */
	if (to->user[0] == '\0' && to->terminal[0] == '\0')
		return MSP_EVERY_TERMINAL;
	return to->terminal;
}

void
letter_start(struct letter *letter, const struct letter_head *head,
    const char *text, size_t len)
{
	struct msp_message *request = &letter->request;

	*letter = (struct letter){ .request.version = MSP_VERSION_2,
		.stamp = head->stamp,
		.text = text,
		.len = len };
	snprintf(request->recipient, sizeof(request->recipient), "%s",
	    head->to->user);
	snprintf(request->recipient_terminal,
	    sizeof(request->recipient_terminal), "%s",
	    recipient_terminal(head->to));
	snprintf(request->sender, sizeof(request->sender), "%s", head->sender);
	snprintf(request->sender_terminal, sizeof(request->sender_terminal),
	    "%s", head->terminal);
}

/* How much of the text one request may take by its lines. */
static size_t
first_lines(const struct letter *letter)
{
	size_t at, lines = 0;

	for (at = 0; at < letter->len; at++)
		if (letter->text[at] == '\n' && ++lines == LETTER_LINES_MAX)
			break;
	return at;
}

/* Puts the next of the text into the request; 0 when there is no room. */
static size_t
take_text(struct letter *letter)
{
	size_t most = first_lines(letter);
	size_t used = msp_take_text(&letter->request, letter->text, most);

	/* The line end at the cut is dropped. */
	return used == most && most < letter->len ? used + 1 : used;
}

size_t
letter_next(
    struct letter *letter, uint8_t request[MSP_SIZE], const char **reason)
{
	size_t used;

	*reason = NULL;
	if (letter->len == 0)
		return 0;
	snprintf(letter->request.cookie, sizeof(letter->request.cookie),
	    "%s%08" PRIx32, letter->stamp, letter->count++);
	used = take_text(letter);
	if (used == 0) {
		*reason = "the names leave no room for a text";
		return 0;
	}
	letter->text += used;
	letter->len -= used;
	return msp_put_request(&letter->request, request, reason);
}
