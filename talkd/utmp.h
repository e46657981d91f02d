/*
 * utmp - the names of terminals that the system's record of logins holds
 * (POSIX <utmpx.h>).  Names only: entries are stale, missing, or of somebody
 * who has left, and some systems keep no record at all.
 */
#ifndef TALKD_UTMP_H
#define TALKD_UTMP_H

#include <stdbool.h>

/*
 * Hands over each name, as it stands in the record, of a terminal where a user
 * is said to be logged in, until `take` returns false.
 */
void utmp_list(bool (*take)(void *what, const char *name), void *what);

#endif
