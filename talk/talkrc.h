/*
 * talkrc - ~/.talkrc: a user's own names for persons, and what the command line
 * leaves open.  A line each, of words:
 *
 *	alias name person [terminal]
 *	set option value
 *	allow | deny ...	talkd's rules on who may call, see talkd(8)
 *	# anything
 *
 * A word that begins with # ends the line.  What is wrong in a line is named
 * with its number, and all other lines hold; of two that contradict each other
 * the later one does.
 */
#ifndef TALK_TALKRC_H
#define TALK_TALKRC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/person.h"
#include "settings.h"

enum {
	TALKRC_SIZE_MAX = 65536,  /* bytes of it */
	TALKRC_LINE_MAX = 1024,	  /* of a line, likewise */
	TALKRC_MISTAKES_MAX = 20, /* named; those beyond are not */
	TALKRC_PATH_SIZE = 4096,
};

/* A person by another name. */
struct alias {
	char name[PERSON_USER_SIZE];
	struct person person; /* as person_parse_recipient has it */
};

struct talkrc_mistake {
	int line;	   /* from 1; 0: about the file */
	const char *words; /* what is wrong, a literal for people */
};

/* All zero: nothing is said. */
struct talkrc {
	struct settings settings;
	struct alias *aliases;
	size_t alias_count;
	struct talkrc_mistake mistakes[TALKRC_MISTAKES_MAX];
	size_t mistake_count;
	char path[TALKRC_PATH_SIZE];	   /* of the file */
	char transcript[TALKRC_PATH_SIZE]; /* for the settings */
};

/*
 * Reads what is in the home directory, if it is there.  It has to be a regular
 * file of this user that nobody else can write to; talkd(8) asks the same.
 * talkrc_free frees it, whatever became of it.
 */
void talkrc_read(struct talkrc *talkrc, const char *home);
void talkrc_free(struct talkrc *talkrc);

/*
 * Reads text in its form, of a user of that home directory, and adds what it
 * says to what is there.
 */
void talkrc_take(
    struct talkrc *talkrc, const char *home, const char *text, size_t len);

/* Who goes by that name; NULL for nobody. */
const struct person *talkrc_person(
    const struct talkrc *talkrc, const char *name);

#endif
