/*
 * person - who is meant: the forms in which people name a user, a host and
 * a terminal, and the one shape a terminal's name may have.
 *
 * Pure functions.
 */
#ifndef COMMON_PERSON_H
#define COMMON_PERSON_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PERSON_USER_SIZE = 33,	   /* sizes count the NUL */
	PERSON_HOST_SIZE = 256,	   /* RFC 1035 */
	PERSON_TERMINAL_SIZE = 16, /* the field of the wire, ended by NUL */
	PERSON_TEXT_SIZE = PERSON_USER_SIZE + PERSON_HOST_SIZE + 2,
};

struct person {
	char user[PERSON_USER_SIZE];
	char host[PERSON_HOST_SIZE];	     /* "" for this host; no brackets */
	char terminal[PERSON_TERMINAL_SIZE]; /* "" for any; without /dev/ */
};

/*
 * Reads user, user@host, host!user or host:user, each with %terminal or
 * #terminal behind the user or the host.  The last @ wins over all else, so
 * that first.last@host is whom it says, and the first ! over a colon.
 *
 * An IPv6 address stands in brackets, or bare behind @ or before !; there the
 * first % begins its zone.  Neither blanks nor control characters stand
 * anywhere, and nothing is cut.
 *
 * Returns NULL, or why the text names nobody: a literal for people to read,
 * with *person empty.
 */
const char *person_parse(const char *text, struct person *person);

/*
 * Reads whom a message is for: a person, or @host, which is everyone on that
 * host, or @, everyone near; user is "" then.  Returns as person_parse does.
 */
const char *person_parse_recipient(const char *text, struct person *person);

/*
 * Names the terminal apart, as a second argument does: with or without /dev/.
 * Returns NULL, or why it cannot be the one, with *person as it was.
 */
const char *person_set_terminal(struct person *person, const char *terminal);

/* The same for a message, where "*" is every terminal of the recipient. */
const char *person_set_recipient_terminal(
    struct person *person, const char *terminal);

/*
 * Writes user, user@host or user@[IPv6], without a user @host or @; cut to size
 * and ended by NUL.
 */
void person_format(const struct person *person, char *text, size_t size);

/*
 * Whether this may be looked for below /dev: one to PERSON_TERMINAL_SIZE - 1
 * characters of [A-Za-z0-9/._-], no slash at its begin or end, no "//" and no
 * "..".
 */
bool person_terminal_ok(const char *terminal);

#endif
