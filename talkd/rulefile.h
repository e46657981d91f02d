/*
 * rulefile - a file of rules, read anew when it has changed.
 *
 * One that is not as it should be denies all.  Nothing here waits for anything
 * but the file system.
 */
#ifndef TALKD_RULEFILE_H
#define TALKD_RULEFILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stdbool.h>

#include "common/address.h"
#include "log.h"
#include "rules.h"

enum {
	RULEFILE_PATH_SIZE = 4097, /* cut there, a path is still too long */
	RULEFILE_SITE_MAX = 1024 * 1024, /* bytes in a site's file */
	RULEFILE_USER_MAX = 64 * 1024,	 /* and in a user's */
};

enum rulefile_state {
	RULEFILE_UNREAD,
	RULEFILE_ABSENT,   /* a user's: he has no rules */
	RULEFILE_READ,	   /* and in force */
	RULEFILE_UNUSABLE, /* it denies all */
};

/* All else being zero, it is one that was not read yet. */
struct rulefile {
	char path[RULEFILE_PATH_SIZE];
	enum rules_kind kind;
	uid_t owner; /* of a user's file: whose it has to be */

	enum rulefile_state state;
	const char *failure; /* why it is as it is, a literal; or NULL */
	int error;	     /* and then errno, or 0 */
	bool is_settled;     /* as long as the file does not change */
	struct stat seen;    /* when it was read; zero where there is none */
	struct rules rules;
};

/*
 * Reads the file if that was not done yet or it has changed since, and tells
 * the log of lines that are wrong.  True when it was read, or tried to be.
 *
 * A site's file must be a regular one and not too long.  A user's must besides
 * be his own, be no link, and let nobody else write to it.  He has no rules
 * where there is no such file, or where it cannot be looked for.
 */
bool rulefile_refresh(struct rulefile *file, const struct log *log);

/* Why it denies all, or is absent, in words; NULL for neither. */
const char *rulefile_trouble(const struct rulefile *file);

/* As rules_decide; one that is unusable denies, in no line. */
enum rules_verdict rulefile_decide(const struct rulefile *file,
    const char *user, const struct address *host, const char *name,
    unsigned *number);

void rulefile_free(struct rulefile *file);

#endif
