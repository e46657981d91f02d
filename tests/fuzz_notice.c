/*
 * A message as it is set on a terminal: the columns, the sender, his host and
 * terminal, and the text are the input.  No line of the text can be taken for
 * the heading, a prompt or the end, and no control gets through.
 */
#include <string.h>

#include "common/msp.h"
#include "common/person.h"
#include "common/text.h"
#include "fuzz.h"
#include "talkd/notice.h"

enum { COLUMNS_MIN = 4, SHOWN_LINES_MAX = NOTICE_LINES_MAX + 1 };

/* Columns of a line, of nothing but what has a width. */
static int
line_columns(const char *line, size_t len)
{
	size_t at, size;
	uint32_t code;
	bool valid;
	int width, columns = 0;

	for (at = 0; at < len; at += size) {
		size = text_decode(line + at, len - at, &code, &valid);
		fuzz_expect(valid && text_width(code) >= 0);
	}
	for (at = 0; at < len; at += size) {
		size = text_cluster_len(line + at, len - at, &width);
		columns += width;
	}
	return columns;
}

/* Takes the next line; its CR LF is there. */
static const char *
take_line(const char **rest, size_t *left, size_t *len)
{
	const char *line = *rest;
	const char *end = memchr(line, '\n', *left);

	fuzz_expect(end != NULL && end > line && end[-1] == '\r');
	*len = (size_t)(end - line) - 1;
	*left -= *len + 2;
	*rest = end + 1;
	return line;
}

static void
check_heading(const char *line, size_t len)
{
	static const char begin[] = "Message from ", end[] = " ...";

	fuzz_expect(len <= NOTICE_HEADING_MAX);
	fuzz_expect(len > sizeof(begin) + sizeof(end));
	fuzz_expect(memcmp(line, begin, sizeof(begin) - 1) == 0);
	fuzz_expect(memcmp(line + len - 4, end, 4) == 0);
	for (; len > 0; len--)
		fuzz_expect(line[len - 1] >= ' ' && line[len - 1] <= '~');
}

static void
check_notice(const char *text, size_t size, int columns)
{
	const char *line;
	size_t len, lines = 0;

	line = take_line(&text, &size, &len);
	fuzz_expect(len == 1 && line[0] == '\a');
	line = take_line(&text, &size, &len);
	check_heading(line, len);
	for (;;) {
		line = take_line(&text, &size, &len);
		if (size == 0)
			break;
		fuzz_expect(++lines <= SHOWN_LINES_MAX);
		fuzz_expect(len == 0 || (line[0] == ' ' && line[1] == ' '));
		fuzz_expect(len == strlen("  [cut]") ||
		    line_columns(line, len) <= columns);
	}
	fuzz_expect(len == 3 && memcmp(line, "EOF", 3) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	int columns = fuzz_take_u8(&input);
	char sender[MSP_PART_SIZE], terminal[MSP_PART_SIZE];
	char host[PERSON_HOST_SIZE], message[MSP_PART_SIZE];
	char text[NOTICE_SIZE];
	const struct notice notice = {
		.sender = sender,
		.host = host,
		.number = "2001:db8:1111:2222:3333:4444:5555:6666",
		.terminal = terminal,
		.hour = 9,
		.minute = 5,
		.text = message,
	};
	size_t len;

	fuzz_locale();
	fuzz_take_text(&input, sender, sizeof(sender));
	fuzz_take_text(&input, host, sizeof(host));
	fuzz_take_text(&input, terminal, sizeof(terminal));
	fuzz_take_text(&input, message, sizeof(message));
	len = notice_set(&notice, columns, text);
	fuzz_expect(len < sizeof(text));
	if (columns == 0)
		columns = NOTICE_COLUMNS;
	check_notice(text, len, columns < COLUMNS_MIN ? COLUMNS_MIN : columns);
	return 0;
}
