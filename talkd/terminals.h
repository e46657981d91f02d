/*
 * terminals - where a user sits.  The devices themselves tell: their owner,
 * whether they take messages (their group's write bit: mesg(1)) and when
 * something was last typed there (their time of access).  utmp is no longer
 * written everywhere and never knew all; it adds names to look at, and what it
 * says of them does not count.
 *
 * Looking at the devices is apart from choosing, which is pure but for one look
 * more at those that are chosen from what was kept.
 */
#ifndef TALKD_TERMINALS_H
#define TALKD_TERMINALS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "changes.h"
#include "common/person.h"
#include "users.h"

/*
 * Milliseconds that is counted on what a look has shown: at consoles and serial
 * lines, as there are many, and few of them are used; and at pseudo-terminals
 * for as long as the system tells that none came, went, or changed its owner or
 * mode.
 */
enum { TERMINALS_KEPT = 1000 };

struct terminal {
	char name[PERSON_TERMINAL_SIZE]; /* below /dev */
	uid_t owner;
	bool open;	   /* to messages */
	time_t last_input; /* seconds since the Epoch */
	gid_t group;
	/* Which device it is; each devpts counts its own from pts/0. */
	dev_t filesystem;
	dev_t device;
	bool is_kept; /* from a look before: it is to be looked at once more */
};

/* What a look has shown, and until when that counts. */
struct terminals_kept {
	struct terminal *list;
	size_t count;
	int64_t until;
};

/* A list that grows as it needs to; all zero is an empty one. */
struct terminals {
	struct terminal *list;
	size_t count;
	size_t room;
	size_t seen;	    /* by the last scan, of all users */
	size_t owned;	    /* of these by whom was last chosen */
	int64_t now;	    /* when that scan was: ms, never going back */
	struct users users; /* names of some of their owners */

	/* Of that scan or one before. */
	struct terminals_kept pseudo;
	struct terminals_kept lines;
	struct changes changes; /* of /dev/pts */
};

/*
 * Fills the list with the terminals of all users: the character devices
 * /dev/pts/N and /dev/ttyX, and those below /dev that utmp names besides.  Each
 * device is there once, whatever its names.  A /dev/ttyX, and what only utmp
 * names, may be as it was TERMINALS_KEPT ago; so may be when something was last
 * typed on a /dev/pts/N, until it is chosen among others.  False, with errno,
 * when memory or descriptors are short or /dev cannot be read; the list then
 * holds what was found.
 */
bool terminals_scan(struct terminals *terminals);

void terminals_free(struct terminals *terminals);

/*
 * Finds a user's uid.  A name that no user has may be one that an old peer
 * cut: with at least the 11 characters that such a peer sends it stands for
 * the one owner of a terminal whose name begins so.  Returns how many users
 * it stands for: 0, 1 (and *owner is set), or 2 for more than one; -1, with
 * errno, when that cannot be told now.
 */
int terminals_find_owner(
    struct terminals *terminals, const char *user, uid_t *owner);

/*
 * Finds a user's uid by a name as messages have it: in whatever case, though
 * one that is right to the letter comes first.  In another case he is found
 * only where he has a terminal.  Returns as terminals_find_owner does.
 */
int terminals_find_named(
    struct terminals *terminals, const char *user, uid_t *owner);

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
 * Of a list that was chosen with so many open, how many, from the front, may be
 * the one used last.  The kernel notes input on a terminal only once in each 8
 * seconds of the clock (Linux: tty_update_time), so that those used within the
 * same 8 seconds cannot be told apart.
 */
size_t terminals_latest(const struct terminals *terminals, size_t open);

/*
 * Puts in front, of a list that was chosen, where an operator is most likely to
 * see something (RFC 1312's console): the open terminals that are the machine's
 * own, then root's, then all others.
 */
void terminals_prefer_console(struct terminals *terminals);

#endif
