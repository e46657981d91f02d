/*
 * users - the names of the users who own terminals.  Asking the system's
 * databases for each of a thousand users would take as long as a blink, so
 * answers are remembered for a minute.
 */
#ifndef TALKD_USERS_H
#define TALKD_USERS_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

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
 * The name of a user; "" when there is none, or it is longer than any, or
 * memory is short.  It stays valid until the next call.  now: milliseconds,
 * never going back.
 */
const char *users_name(struct users *users, uid_t uid, int64_t now);

void users_free(struct users *users);

#endif
