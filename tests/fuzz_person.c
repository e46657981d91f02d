/*
 * Who is meant: the input as a person, as whom a message is for, and behind
 * its first NUL, as a terminal.
 */
#include <stdio.h>
#include <string.h>

#include "common/person.h"
#include "fuzz.h"

enum { TEXT_SIZE = 1024 };

typedef const char *person_reader(const char *text, struct person *person);

static bool
is_graphic(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

static void
expect_same(const struct person *a, const struct person *b)
{
	fuzz_expect(strcmp(a->user, b->user) == 0);
	fuzz_expect(strcmp(a->host, b->host) == 0);
	fuzz_expect(strcmp(a->terminal, b->terminal) == 0);
}

/* What a person of any kind may be. */
static void
check_person(const struct person *person)
{
	static const struct person nobody;
	const char *terminal = person->terminal;

	fuzz_expect(memchr(person->user, '\0', PERSON_USER_SIZE) != NULL);
	fuzz_expect(memchr(person->host, '\0', PERSON_HOST_SIZE) != NULL);
	fuzz_expect(memchr(terminal, '\0', PERSON_TERMINAL_SIZE) != NULL);
	fuzz_expect(is_graphic(person->user) && is_graphic(person->host));
	fuzz_expect(strpbrk(person->user, "%#[]") == NULL);
	fuzz_expect(strpbrk(person->host, "!@#[]/") == NULL);
	fuzz_expect(terminal[0] == '\0' || person_terminal_ok(terminal));
	fuzz_expect(terminal[0] != '/' && strstr(terminal, "..") == NULL);
	fuzz_expect(strchr(person->host, '%') == NULL ||
	    strchr(person->host, ':') != NULL);
	fuzz_expect(memcmp(&nobody, person, sizeof(nobody)) != 0);
}

/* What is written is read as it was, and names the same terminal besides. */
static void
check_round(const struct person *person, person_reader *read)
{
	char text[PERSON_TEXT_SIZE + PERSON_TERMINAL_SIZE + 1];
	struct person again;
	size_t len;

	person_format(person, text, PERSON_TEXT_SIZE);
	len = strlen(text);
	fuzz_expect(len < PERSON_TEXT_SIZE - 1);
	if (person->terminal[0] != '\0')
		snprintf(
		    text + len, sizeof(text) - len, "%%%s", person->terminal);
	fuzz_expect(read(text, &again) == NULL);
	expect_same(&again, person);
}

/* A terminal named apart is taken when none was named, if it may be one. */
static void
check_terminal(const struct person *person, const char *terminal)
{
	struct person other = *person;

	if (person_set_terminal(&other, terminal) != NULL) {
		expect_same(&other, person);
		return;
	}
	fuzz_expect(person->terminal[0] == '\0');
	fuzz_expect(person_terminal_ok(other.terminal));
	fuzz_expect(strstr(terminal, other.terminal) != NULL);
}

static bool
try_reader(person_reader *read, const char *text, const char *terminal,
    struct person *person)
{
	static const struct person nobody;

	if (read(text, person) != NULL) {
		fuzz_expect(memcmp(person, &nobody, sizeof(nobody)) == 0);
		return false;
	}
	if (strcmp(text, "@") != 0) {
		check_person(person);
		check_round(person, read);
	}
	check_terminal(person, terminal);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char text[TEXT_SIZE], terminal[TEXT_SIZE];
	struct person person, recipient;

	fuzz_take_text(&input, text, sizeof(text));
	fuzz_take_text(&input, terminal, sizeof(terminal));
	if (try_reader(person_parse, text, terminal, &person)) {
		fuzz_expect(person.user[0] != '\0');
		fuzz_expect(person_parse_recipient(text, &recipient) == NULL);
		expect_same(&recipient, &person);
	}
	try_reader(person_parse_recipient, text, terminal, &recipient);
	return 0;
}
