/*
 * terminals - where a user sits.  Not from utmp, which is no longer written
 * everywhere and never knew all: the devices themselves tell their owner,
 * whether they take messages (their group's write bit: mesg(1)) and when
 * something was last typed there (their time of access).
 *
 * Looking at the devices is apart from choosing, which is pure.
 */
#ifndef TALKD_TERMINALS_H
#define TALKD_TERMINALS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/person.h"

struct terminal {
	char name[PERSON_TERMINAL_SIZE]; /* below /dev */
	uid_t owner;
	bool open;	   /* to messages */
	time_t last_input; /* seconds since the Epoch */
};

/* A list that grows as it needs to; all zero is an empty one. */
struct terminals {
	struct terminal *list;
	size_t count;
	size_t room;
};

/*
 * Fills the list with the terminals of all users: the character devices
 * /dev/pts/N and /dev/ttyX.  False, with errno, when memory is short or /dev
 * cannot be read; the list then holds what was found.
 */
bool terminals_scan(struct terminals *terminals);

void terminals_free(struct terminals *terminals);

/*
 * Finds a user's uid.  A name that no user has may be one that an old peer
 * cut: with at least the 11 characters that such a peer sends it stands for
 * the one owner of a terminal whose name begins so.  Returns how many users
 * it stands for: 0, 1 (and *owner is set), or more.
 */
int terminals_find_owner(
    const struct terminals *terminals, const char *user, uid_t *owner);

/*
 * Finds a user's uid by a name as messages have it: in whatever case, though
 * one that is right to the letter comes first.  In another case he is found
 * only where he has a terminal.  False when there is none.
 */
bool terminals_find_named(
    const struct terminals *terminals, const char *user, uid_t *owner);

/*
 * Leaves only that user's terminals in the list, or of these only the one
 * named, with or without /dev/, unless the name is empty; open ones first,
 * the one last used foremost.  Returns how many are open.
 */
size_t terminals_choose(
    struct terminals *terminals, uid_t owner, const char *name);

/*
 * The same of the terminals of all users: of every one, or of the one named.
 */
size_t terminals_choose_any(struct terminals *terminals, const char *name);

/*
 * Puts in front, of a list that was chosen, where an operator is most likely to
 * see something (RFC 1312's console): the open terminals that are the machine's
 * own, then root's, then all others.
 */
void terminals_prefer_console(struct terminals *terminals);

#endif
