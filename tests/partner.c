/*
 * The partner's script: some words he knows, and small talk for the rest.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "partner.h"

enum { WORD_SIZE = 16, NUMBERED_LINES = 30 };

struct topic {
	const char *word;
	const char *text;
};

const char *
partner_greeting(void)
{
	return "Hello!  I am a script; down here is what I say, up there is "
	       "what you say.\n"
	       "Type me a line.  I know about: keys, edit, wide, scroll, "
	       "window, bye.\n";
}

static const struct topic topics[] = {
	{ "keys",
	    "^D or ^C hangs up.  ^L draws the screen anew.\n"
	    "^Z puts talk to sleep, `fg` in your shell wakes it.\n"
	    "Esc p and Esc n scroll your half, ^P and ^N mine.\n" },
	{ "edit",
	    "Your terminal's own keys correct a line: erase (Backspace, as a "
	    "rule),\n"
	    "word-erase (^W) and kill (^U).  I see you do it, letter by "
	    "letter.\n" },
	{ "wide",
	    "héllo 世界, naïve café, привет, καλημέρα, こんにちは.\n"
	    "Erase one of yours: a wide one goes in one stroke.\n" },
	{ "window",
	    "Make your window larger or smaller: both halves follow, and "
	    "nothing is lost.\n" },
	{ "bye",
	    "Goodbye!  What we said stays readable until you press ^D.\n" },
};

static const char *const small_talk[] = {
	"Deep.  Say `keys` to learn what yours can do.",
	"Each letter of it was here before you pressed return.",
	"If I had ears they would be red.  Say `wide` for far-off alphabets.",
	"I shall tell nobody.  The network might: talk keeps no secrets.",
	"Noted, and forgotten at once.  Say `scroll` to make me talkative.",
	"You type well.  Say `edit` if you did not mean it.",
	"My last partner said the same.  Say `window` before you go.",
};

/* The first word of a line, small, without what stands around it. */
static void
first_word(const char *line, char *word, size_t size)
{
	size_t len = 0;

	while (*line != '\0' && !isalpha((unsigned char)*line))
		line++;
	for (; isalpha((unsigned char)*line) && len + 1 < size; line++)
		word[len++] = (char)tolower((unsigned char)*line);
	word[len] = '\0';
}

static const char *
find_topic(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strcmp(topics[i].word, word) == 0)
			return topics[i].text;
	return NULL;
}

static unsigned
count_characters(const char *line)
{
	size_t left = strlen(line), used;
	uint32_t code;
	unsigned count = 0;
	bool valid;

	for (; left > 0; line += used, left -= used) {
		used = text_decode(line, left, &code, &valid);
		if (used == 0)
			break;
		count++;
	}
	return count;
}

static void
say_much(char *answer, size_t size)
{
	size_t used = 0;
	int i;

	answer[0] = '\0';
	for (i = 1; i <= NUMBERED_LINES && used < size; i++)
		used += (size_t)snprintf(answer + used, size - used,
		    "line %d of %d%s\n", i, NUMBERED_LINES,
		    i < NUMBERED_LINES ? ""
				       : "; ^P shows those before, ^N "
					 "comes back");
}

static void
say_something(
    const struct partner *partner, const char *line, char *answer, size_t size)
{
	size_t kinds = sizeof(small_talk) / sizeof(small_talk[0]);

	if (line[0] == '\0')
		snprintf(answer, size, "Silence is an answer too.\n");
	else
		snprintf(answer, size, "\"%s\", %u characters.  %s\n", line,
		    count_characters(line),
		    small_talk[partner->answers % kinds]);
}

void
partner_answer(
    struct partner *partner, const char *line, char *answer, size_t size)
{
	char word[WORD_SIZE];
	const char *text;

	first_word(line, word, sizeof(word));
	text = find_topic(word);
	if (text != NULL)
		snprintf(answer, size, "%s", text);
	else if (strcmp(word, "scroll") == 0)
		say_much(answer, size);
	else
		say_something(partner, line, answer, size);
	partner->answers++;
	partner->leaves = strcmp(word, "bye") == 0;
}
