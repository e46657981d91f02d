/*
 * The tests of talk/draft: what words and files become before they are sent.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"
#include "talk/draft.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
check_text(struct buffer *text, const char *expected)
{
	assert_int_equal(buffer_len(text), strlen(expected));
	assert_memory_equal(buffer_head(text), expected, strlen(expected));
	buffer_free(text);
}

static void
words_are_joined_by_blanks(void **state)
{
	static char *const words[][4] = {
		{ "lunch?", NULL },
		{ "it", "-works", NULL },
		{ "one line\n", "another", NULL },
		{ "", "a", "", NULL },
	};
	static const char *const texts[] = { "lunch?", "it -works",
		"one line\n another", " a" };
	struct buffer text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(words); i++) {
		text = (struct buffer){ 0 };
		assert_int_equal(draft_words(&text, words[i]), 0);
		check_text(&text, texts[i]);
	}
}

/* Bytes from outside, and what is sent of them. */
static const struct {
	const char *bytes;
	const char *text;
} cases[] = {
	{ "plain", "plain" },
	{ "with\ttab and\nlines", "with\ttab and\nlines" },
	{ "carriage\r\nreturns\rtoo", "carriage\nreturns\ntoo" },
	{ "its end\r\n\r\n", "its end" },
	{ "its end \t\n \n", "its end" },
	{ "  kept in front", "  kept in front" },

	{ "na\303\257ve \344\270\226\347\225\214",
	    "na\303\257ve \344\270\226\347\225\214" },
	{ "old na\357ve", "old na\303\257ve" },
	{ "cut \344\270", "cut \303\244\302\270" },

	{ "ring\007 the bell\007", "ring the bell" },
	{ "clear\033[2J\033[Hall", "clearall" },
	{ "title\033]0;root#\007 done", "title done" },
	{ "eight \2332Jbits", "eight bits" },
	{ "coded \302\2332Jbits", "coded bits" },
	{ "back\010\010 and enq\005", "back^H^H and enq^E" },
	{ "\342\200\256mirror\342\201\246", "mirror" },

	/* nothing to read */
	{ "", "" },
	{ " \t\r\n \n", "" },
	{ "\007", "" },
	{ "\033[2J\n", "" },
};

static void
words_pass_the_gate(void **state)
{
	char *words[2] = { NULL };
	char word[64];
	struct buffer text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		snprintf(word, sizeof(word), "%s", cases[i].bytes);
		words[0] = word;
		text = (struct buffer){ 0 };
		assert_int_equal(draft_words(&text, words), 0);
		check_text(&text, cases[i].text);
	}
}

/* A pipe that holds the bytes and has ended. */
static int
pipe_with(const char *bytes, size_t len)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, len), len);
	close(ends[1]);
	return ends[0];
}

static void
a_file_passes_the_gate_likewise(void **state)
{
	struct buffer text;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		fd = pipe_with(cases[i].bytes, strlen(cases[i].bytes));
		text = (struct buffer){ 0 };
		assert_int_equal(draft_file(&text, fd), 0);
		check_text(&text, cases[i].text);
		close(fd);
	}
}

static void
a_nul_in_a_file_ends_nothing(void **state)
{
	int fd = pipe_with("a\0b\n", 4);
	struct buffer text = { 0 };

	(void)state;
	assert_int_equal(draft_file(&text, fd), 0);
	check_text(&text, "a^@b");
	close(fd);
}

static void
a_file_that_cannot_be_read_is_told(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	assert_int_equal(draft_file(&text, -1), EBADF);
	buffer_free(&text);
}

static void
a_file_without_end_is_too_large(void **state)
{
	FILE *file = tmpfile();
	struct buffer text = { 0 };
	int i;

	(void)state;
	assert_non_null(file);
	for (i = 0; i < DRAFT_BYTES_MAX; i++)
		putc('x', file);
	rewind(file);
	assert_int_equal(draft_file(&text, fileno(file)), 0);
	assert_int_equal(buffer_len(&text), DRAFT_BYTES_MAX);
	buffer_free(&text);
	fseek(file, 0, SEEK_END);
	putc('x', file);
	rewind(file);
	assert_int_equal(draft_file(&text, fileno(file)), EFBIG);
	buffer_free(&text);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_joined_by_blanks),
		cmocka_unit_test(words_pass_the_gate),
		cmocka_unit_test(a_file_passes_the_gate_likewise),
		cmocka_unit_test(a_nul_in_a_file_ends_nothing),
		cmocka_unit_test(a_file_that_cannot_be_read_is_told),
		cmocka_unit_test(a_file_without_end_is_too_large),
	};

	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
