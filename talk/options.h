/*
 * options - the command line: what talk is to do, to whom, and how.
 */
#ifndef TALK_OPTIONS_H
#define TALK_OPTIONS_H

#include <stdbool.h>

#include "common/person.h"
#include "settings.h"
#include "talkrc.h"

enum options_task {
	OPTIONS_CALL,	/* the person, or answer that person's call */
	OPTIONS_ANSWER, /* the newest call that waits */
	OPTIONS_LIST,	/* those that wait */
	OPTIONS_MESSAGE,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

struct options {
	enum options_task task;
	struct settings settings;
	bool lines;	      /* -n */
	bool broadcast;	      /* -b */
	const char *person;   /* as it was typed */
	const char *terminal; /* -t, or named behind the person; NULL: any */
	char *const *words;   /* of a message; the last is NULL */
};

/* What is wrong with a command line, for people. */
struct mistake {
	char about[PERSON_TEXT_SIZE]; /* as it was typed, cut; may be "" */
	const char *words;
};

/* The usage, for -h and behind a mistake. */
extern const char options_usage[];

/*
 * Reads the command line, which has to last as long as what was read.  False
 * when it is not right: *mistake tells what is wrong with it.
 */
bool options_read(
    struct options *options, int argc, char **argv, struct mistake *mistake);

/* Reads whom a call or a message is for, likewise; he may have an alias. */
bool options_person(const struct options *options, const struct talkrc *talkrc,
    struct person *person, struct mistake *mistake);

#endif
