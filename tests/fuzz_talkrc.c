/*
 * ~/.talkrc: any input as its text, in two halves that must say together what
 * they say one after the other.
 */
#include <string.h>

#include "fuzz.h"
#include "talk/talkrc.h"

static const char home[] = "/home/alice";

static void
check_settings(const struct talkrc *talkrc)
{
	const struct settings *settings = &talkrc->settings;
	const char *file = settings->transcript;

	fuzz_expect(settings->family == 0 || settings->family == 4 ||
	    settings->family == 6);
	fuzz_expect(settings->port_low <= settings->port_high);
	fuzz_expect((settings->port_low == 0) == (settings->port_high == 0));
	fuzz_expect(settings->patience >= 0);
	fuzz_expect(file == NULL || file == talkrc->transcript);
	fuzz_expect(memchr(talkrc->transcript, '\0',
			sizeof(talkrc->transcript)) != NULL);
	fuzz_expect(strncmp(talkrc->transcript, "~/", 2) != 0);
}

/* Each name is there once, and leads to its person. */
static void
check_aliases(const struct talkrc *talkrc)
{
	const struct alias *alias;
	size_t i;

	for (i = 0; i < talkrc->alias_count; i++) {
		alias = &talkrc->aliases[i];
		fuzz_expect(memchr(alias->name, '\0', PERSON_USER_SIZE));
		fuzz_expect(strpbrk(alias->name, "@!:%# \t") == NULL);
		fuzz_expect(
		    talkrc_person(talkrc, alias->name) == &alias->person);
		fuzz_expect(alias->person.terminal[0] == '\0' ||
		    strcmp(alias->person.terminal, "*") == 0 ||
		    person_terminal_ok(alias->person.terminal));
	}
	fuzz_expect(talkrc_person(talkrc, "no one") == NULL);
}

/* Mistakes are named in the order of their lines. */
static void
check_mistakes(const struct talkrc *talkrc, int lines)
{
	const struct talkrc_mistake *mistake;
	int last = 0;
	size_t i;

	fuzz_expect(talkrc->mistake_count <= TALKRC_MISTAKES_MAX);
	for (i = 0; i < talkrc->mistake_count; i++) {
		mistake = &talkrc->mistakes[i];
		fuzz_expect(mistake->line > last && mistake->line <= lines);
		fuzz_expect(mistake->words != NULL);
		last = mistake->line;
	}
}

static void
expect_same_settings(const struct settings *a, const struct settings *b)
{
	fuzz_expect(a->family == b->family && a->port == b->port);
	fuzz_expect(a->port_low == b->port_low);
	fuzz_expect(a->port_high == b->port_high);
	fuzz_expect(a->patience == b->patience);
	fuzz_expect(a->silent == b->silent && a->unwrapped == b->unwrapped);
	fuzz_expect((a->transcript == NULL) == (b->transcript == NULL));
	if (a->transcript != NULL)
		fuzz_expect(strcmp(a->transcript, b->transcript) == 0);
}

static void
expect_same(const struct talkrc *a, const struct talkrc *b)
{
	size_t i;

	expect_same_settings(&a->settings, &b->settings);
	fuzz_expect(a->alias_count == b->alias_count);
	fuzz_expect(a->mistake_count == b->mistake_count);
	for (i = 0; i < a->alias_count; i++)
		fuzz_expect(memcmp(&a->aliases[i], &b->aliases[i],
				sizeof(a->aliases[i])) == 0);
}

/* What is not set is completed, and what is set stays. */
static void
check_completion(const struct settings *settings)
{
	struct settings completed = { 0 };

	settings_complete(&completed, settings);
	expect_same_settings(&completed, settings);
	settings_complete(&completed, settings);
	expect_same_settings(&completed, settings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talkrc whole, halves;
	const char *text = (const char *)data;
	size_t half = 0, i;
	int lines = 1;

	whole = halves = (struct talkrc){ 0 };
	for (i = 0; i < size; i++)
		lines += text[i] == '\n';
	while (half < size && text[half] != '\n')
		half++;
	half += half < size;
	talkrc_take(&whole, home, text, size);
	check_settings(&whole);
	check_aliases(&whole);
	check_mistakes(&whole, lines);
	check_completion(&whole.settings);
	talkrc_take(&halves, home, text, half);
	if (half < size)
		talkrc_take(&halves, home, text + half, size - half);
	expect_same(&halves, &whole);
	talkrc_free(&whole);
	talkrc_free(&halves);
	return 0;
}
