/*
 * users - the system's databases of users; and the names of those who own
 * terminals.  Asking for each of a thousand users would take as long as a
 * blink, so those names are remembered for a minute.  Who is called by his name
 * is remembered for a second, as to find him costs nearly as much as to write
 * on his terminal, and more where the databases are another host's.
 */
#ifndef TALKD_USERS_H
#define TALKD_USERS_H

#include <sys/types.h>

#include <pwd.h>
#include <stddef.h>
#include <stdint.h>

#include "common/person.h"

/*
 * As getpwnam(3) and getpwuid(3), but that errno tells what NULL means: 0 for
 * no such user; else nobody could look, for descriptors, memory or the
 * databases, which may pass.
 */
const struct passwd *users_by_name(const char *name);
const struct passwd *users_by_uid(uid_t uid);

enum {
	USERS_KEPT_MS = 60 * 1000,
	USERS_NAME_SIZE = 256, /* that of POSIX's LOGIN_NAME_MAX elsewhere */
	USERS_CALLED_MS = 1000,
	USERS_CALLED_MAX = 16, /* who are remembered at once */
	USERS_HOME_SIZE = 1024,
};

struct user {
	uid_t uid;
	char name[USERS_NAME_SIZE]; /* "" when the uid has none */
};

/* One who is called; what is too long is cut. */
struct user_called {
	char as[PERSON_USER_SIZE]; /* how he was looked for */
	int64_t until;		   /* what follows counts */
	uid_t uid;
	char login[PERSON_USER_SIZE];
	char home[USERS_HOME_SIZE];
};

/* A list that grows as it needs to; all zero is an empty one. */
struct users {
	struct user *list; /* by ascending uid */
	size_t count;
	size_t room;
	int64_t since; /* when the first of them was asked for */

	struct user_called *called; /* USERS_CALLED_MAX, or NULL */
};

/*
 * The name of a user; "" when there is none, or it is longer than any; NULL,
 * with errno, when that cannot be told now.  It stays valid until the next
 * call.  now: milliseconds, never going back.
 */
const char *users_name(struct users *users, uid_t uid, int64_t now);

/*
 * A user by his name, as he was at most USERS_CALLED_MS ago; NULL, with errno,
 * as users_by_name: that there is no such user is never remembered.  Valid
 * until the next call.  now: as above.
 */
const struct user_called *users_called(
    struct users *users, const char *name, int64_t now);

void users_free(struct users *users);

#endif
