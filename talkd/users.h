/*
 * users - the system's databases of users; and the names of those who own
 * terminals.  Asking for each of a thousand users would take as long as a
 * blink, so those names are remembered for a minute.
 */
#ifndef TALKD_USERS_H
#define TALKD_USERS_H

#include <sys/types.h>

#include <pwd.h>
#include <stddef.h>
#include <stdint.h>

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
};

struct user {
	uid_t uid;
	char name[USERS_NAME_SIZE]; /* "" when the uid has none */
};

/* A list that grows as it needs to; all zero is an empty one. */
struct users {
	struct user *list; /* by ascending uid */
	size_t count;
	size_t room;
	int64_t since; /* when the first of them was asked for */
};

/*
 * The name of a user; "" when there is none, or it is longer than any; NULL,
 * with errno, when that cannot be told now.  It stays valid until the next
 * call.  now: milliseconds, never going back.
 */
const char *users_name(struct users *users, uid_t uid, int64_t now);

void users_free(struct users *users);

#endif
