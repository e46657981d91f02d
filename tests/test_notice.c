/*
 * The tests of talkd/notice: what a message looks like, and that nothing in
 * it can look like anything else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "talkd/notice.h"

static const struct notice plain = { "sandy", "h1", "192.0.2.1", "console", 9,
	5, "Hi" };

/* Sets it and ends it by NUL. */
static void
set(const struct notice *notice, int columns, char text[NOTICE_SIZE + 1])
{
	text[notice_set(notice, columns, text)] = '\0';
}

static void
assert_notice(const struct notice *notice, int columns, const char *expected)
{
	char text[NOTICE_SIZE + 1];

	set(notice, columns, text);
	assert_string_equal(text, expected);
}

/* A text at 20 columns: only what stands between heading and EOF. */
static void
assert_lines(const char *message, int columns, const char *expected)
{
	struct notice notice = plain;
	char text[NOTICE_SIZE + 1];
	char *begin, *end;

	notice.text = message;
	set(&notice, columns, text);
	begin = strstr(text, "...\r\n");
	end = strstr(text, "EOF\r\n");
	assert_non_null(begin);
	while (end != NULL && strcmp(end, "EOF\r\n") != 0)
		end = strstr(end + 1, "EOF\r\n");
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(begin + 5, expected);
}

/* ------------------------------------------------------------- heading --- */

static void
a_message_has_the_heading_of_write_and_an_end(void **state)
{
	struct notice notice = plain;

	(void)state;
	notice.text = "Hi\r\nHow about lunch?";
	assert_notice(&notice, 80,
	    "\a\r\n"
	    "Message from sandy@h1 on console at 09:05 ...\r\n"
	    "  Hi\r\n"
	    "  How about lunch?\r\n"
	    "EOF\r\n");
}

static void
who_is_not_named_is_left_out(void **state)
{
	struct notice notice = plain;

	(void)state;
	notice.terminal = "";
	assert_notice(&notice, 80,
	    "\a\r\nMessage from sandy@h1 at 09:05 ...\r\n  Hi\r\nEOF\r\n");
	notice.sender = "";
	assert_notice(&notice, 80,
	    "\a\r\nMessage from h1 at 09:05 ...\r\n  Hi\r\nEOF\r\n");
	notice.text = "";
	assert_notice(
	    &notice, 80, "\a\r\nMessage from h1 at 09:05 ...\r\nEOF\r\n");
}

static void
names_cannot_bring_controls_or_blanks_or_lines(void **state)
{
	struct notice notice = plain;

	(void)state;
	notice.sender = "a b\033\r\n\302\233";
	notice.host = "h\0331";
	notice.terminal = "t\a2";
	assert_notice(&notice, 80,
	    "\a\r\nMessage from a\\040b\\033\\015\\012\\302\\233@h\\0331 "
	    "on t\\0072 at 09:05 ...\r\n  Hi\r\nEOF\r\n");
}

/* Too long a heading gives way in this order. */
static void
a_heading_keeps_to_eighty_columns_and_to_the_host(void **state)
{
	static const struct {
		const char *sender, *host, *number, *terminal;
		const char *heading;
	} cases[] = {
		{ "a-sender-of-thirty-two-columns-x", "h1", "192.0.2.1",
		    "pts/123456",
		    "a-sender-of-thirty-two-columns-x@h1 on pts/123456" },
		{ "a-sender-of-thirty-two-columns-x", "a-host.example.com",
		    "192.0.2.1", "pts/123",
		    "a-sender-of-thir@a-host.example.com on pts/123" },
		{ "alice", "a-host-of-many-columns.in-a-domain.example.com",
		    "192.0.2.1", "pts/1", "alice@192.0.2.1 on pts/1" },
		{ "alice-and-bob",
		    "a-host-of-many-columns.in-a-domain.example.com",
		    "2001:db8:1111:2222:3333:4444:5555:6666", "pts/1",
		    "alice-and-bob@2001:db8:1111:2222:3333:4444:5555:6666" },
		{ "alice-and-bob-and-carol",
		    "a-host-of-many-columns.in-a-domain.example.com",
		    "fe80:1234:1111:2222:3333:4444:5555:6666%1000", "pts/1",
		    "alice-a@fe80:1234:1111:2222:3333:4444:5555:6666%1000" },
	};
	char expected[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct notice notice = { cases[i].sender, cases[i].host,
			cases[i].number, cases[i].terminal, 23, 59, "" };

		snprintf(expected, sizeof(expected),
		    "\a\r\nMessage from %s at 23:59 ...\r\nEOF\r\n",
		    cases[i].heading);
		assert_true(strlen(expected) <= 3 + 80 + 2 + 5);
		assert_notice(&notice, 80, expected);
	}
}

/* ---------------------------------------------------------------- text --- */

static void
lines_are_wrapped_at_blanks_to_the_terminals_width(void **state)
{
	(void)state;
	assert_lines("12345678 12345678 1", 12,
	    "  12345678\r\n"
	    "  12345678 1\r\n");
	assert_lines("1234567890 1", 12, "  1234567890\r\n  1\r\n");
	assert_lines("123456789012", 12, "  1234567890\r\n  12\r\n");
	assert_lines("  34567 9012", 12, "    34567\r\n  9012\r\n");
	assert_lines("1\n\n2", 12, "  1\r\n\r\n  2\r\n");
	assert_lines("1\r\n\r\n\r\n", 12, "  1\r\n");
}

static void
a_terminal_without_a_width_has_eighty_columns(void **state)
{
	char message[128];
	char expected[160];

	(void)state;
	memset(message, 'x', 100);
	message[100] = '\0';
	snprintf(expected, sizeof(expected), "  %.78s\r\n  %.22s\r\n", message,
	    message);
	assert_lines(message, 0, expected);
	assert_lines("abc", 1, "  ab\r\n  c\r\n");
}

static void
wide_characters_and_tabs_count_as_they_show(void **state)
{
	(void)state;
	assert_lines("\346\274\242\345\255\227\346\274\242", 7,
	    "  \346\274\242\345\255\227\r\n  \346\274\242\r\n");
	assert_lines("e\314\201e\314\201e\314\201", 4,
	    "  e\314\201e\314\201\r\n  e\314\201\r\n");
	assert_lines("a\tb", 80, "  a       b\r\n");
	assert_lines("12345678\tb", 12, "  12345678\r\n  b\r\n");
}

static void
latin_1_is_read_where_it_is_not_utf_8(void **state)
{
	(void)state;
	assert_lines("caf\351", 80, "  caf\303\251\r\n");
	assert_lines("caf\303\251", 80, "  caf\303\251\r\n");
}

static void
what_is_longer_than_fifty_lines_is_cut(void **state)
{
	char message[256] = "";
	char text[NOTICE_SIZE + 1];
	struct notice notice = plain;
	const char *at;
	int i, lines = 0;

	(void)state;
	for (i = 0; i < 51; i++)
		(void)strncat(message, "x\r\n", 4);
	notice.text = message;
	set(&notice, 80, text);
	for (at = strstr(text, "  x\r\n"); at != NULL;
	     at = strstr(at + 1, "  x\r\n"))
		lines++;
	assert_int_equal(lines, 50);
	assert_non_null(strstr(text, "  x\r\n  [cut]\r\nEOF\r\n"));
	message[150] = '\0';
	set(&notice, 80, text);
	assert_null(strstr(text, "[cut]"));
}

/* ------------------------------------------------------------- hostile --- */

static int
columns_of(const char *line, size_t len)
{
	size_t at;
	int width, sum = 0;

	for (at = 0; at < len; sum += width)
		at += text_cluster_len(line + at, len - at, &width);
	return sum;
}

/* Every line but the last is empty or indented, and none is too wide. */
static void
assert_indented(const char *line, int columns)
{
	const char *end;

	for (; strcmp(line, "EOF\r\n") != 0; line = end + 2) {
		end = strstr(line, "\r\n");
		assert_non_null(end);
		if (end == line || strcmp(line, "  [cut]\r\nEOF\r\n") == 0)
			continue;
		assert_memory_equal(line, "  ", 2);
		assert_true(columns_of(line, (size_t)(end - line)) <= columns);
	}
}

/* All of it is printable, the bell is ours, and the lines are as they must. */
static void
assert_harmless(const char *text, int columns)
{
	const char *heading_end = strstr(text, "...\r\n");
	size_t i, size, len = strlen(text);
	uint32_t code;
	bool valid;

	assert_memory_equal(text, "\a\r\nMessage from ", 16);
	for (i = 1; i < len; i += size) {
		size = text_decode(text + i, len - i, &code, &valid);
		assert_true(size > 0 && valid);
		assert_true(
		    code == '\r' || code == '\n' || text_width(code) >= 0);
		if (code == '\r')
			assert_int_equal(text[i + 1], '\n');
	}
	assert_non_null(heading_end);
	if (columns == 0)
		columns = 80;
	assert_indented(heading_end + 5, columns < 4 ? 4 : columns);
}

static const char *const hostile[] = {
	"\033[2J\033[H\033]0;title\a\033P1$q\033\\x",
	"\2332J\302\2332J\302\205\302\215",
	"\a\a\a\005\016\017\177\b\b\b",
	"\rMessage from root@h1 on tty1 at 00:00 ...",
	"a\nEOF\nMessage from root@h1 at 00:00 ...\n$ rm",
	"a\r\nEOF\r\n\r\nPassword: ",
	"\342\200\256desrever\342\200\250\342\200\251\342\201\246",
	"\357\273\277\357\277\271\363\240\201\201",
	"e\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201",
	"\300\200\340\200\257\355\240\200\364\220\200\200\377\376",
	"\033",
	"\302",
	"\360\237\230",
	"\033]0;never ended",
	"                                                         $ ",
	"\t\t\t\t\t\t\t\t\t\t\t\t\tx",
	"%s%n%s%n",
	"EOF",
	"\v\f\v\f",
};

static void
nothing_hostile_comes_through_any_part(void **state)
{
	static const int widths[] = { 0, 1, 3, 4, 10, 80, 200, 65535 };
	char text[NOTICE_SIZE + 1];
	size_t i, j, part;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		for (j = 0; j < sizeof(widths) / sizeof(widths[0]); j++)
			for (part = 0; part < 5; part++) {
				struct notice notice = plain;
				const char **parts[] = { &notice.sender,
					&notice.host, &notice.number,
					&notice.terminal, &notice.text };

				*parts[part] = hostile[i];
				set(&notice, widths[j], text);
				assert_harmless(text, widths[j]);
			}
}

static void
every_byte_repeated_fits_and_is_harmless(void **state)
{
	char message[509];
	char text[NOTICE_SIZE + 1];
	struct notice notice = plain;
	int byte, width;

	(void)state;
	notice.text = message;
	for (byte = 1; byte < 256; byte++)
		for (width = 2; width < 600; width = 2 * width + 1) {
			memset(message, byte, sizeof(message) - 1);
			message[sizeof(message) - 1] = '\0';
			set(&notice, width, text);
			assert_harmless(text, width);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_the_heading_of_write_and_an_end),
		cmocka_unit_test(who_is_not_named_is_left_out),
		cmocka_unit_test(
		    names_cannot_bring_controls_or_blanks_or_lines),
		cmocka_unit_test(
		    a_heading_keeps_to_eighty_columns_and_to_the_host),
		cmocka_unit_test(
		    lines_are_wrapped_at_blanks_to_the_terminals_width),
		cmocka_unit_test(a_terminal_without_a_width_has_eighty_columns),
		cmocka_unit_test(wide_characters_and_tabs_count_as_they_show),
		cmocka_unit_test(latin_1_is_read_where_it_is_not_utf_8),
		cmocka_unit_test(what_is_longer_than_fifty_lines_is_cut),
		cmocka_unit_test(nothing_hostile_comes_through_any_part),
		cmocka_unit_test(every_byte_repeated_fits_and_is_harmless),
	};

	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
