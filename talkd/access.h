/*
 * access - who may call or write to whom.
 *
 * Near hosts may: this one, those of the networks it is attached to, and of
 * those that are private by their numbers; the rest of the internet may not.
 * The site's rules come before that, and what they deny is final.  The rules in
 * the callee's own ~/.talkrc can then deny what is left.  talkd(8) describes
 * them.
 *
 * Files are read when they have changed.  The clock is the caller's:
 * milliseconds, never going back.
 */
#ifndef TALKD_ACCESS_H
#define TALKD_ACCESS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "limits.h"
#include "log.h"
#include "names.h"

enum { ACCESS_USERS_MAX = 16 }; /* whose rules are kept */

enum access_verdict {
	ACCESS_ALLOWED,
	ACCESS_DENIED,
	ACCESS_WANTS_NAME, /* it depends on the name of the host */
};

struct access_question {
	const char *callee; /* his login name in full, or what was asked for */
	uid_t uid;	    /* his */
	const char *home;   /* likewise; "" when there is no such user */
	const char *caller; /* as he calls himself; "" when he does not */
	const struct address *source;
};

struct access;

/*
 * With the site's rules in a file, or without any when that is NULL.  The file
 * is not read yet.  NULL when memory is short.
 */
struct access *access_new(const char *file, const struct log *log);
void access_free(struct access *access);

/*
 * Reads the site's rules.  False, with the reason in the log as an error, when
 * the file cannot be used: a daemon that begins should not go on then.  When
 * that happens later, everything is denied for as long as it lasts.
 */
bool access_load(struct access *access);

/* From now on those limits are as the site's rules have them. */
void access_govern(struct access *access, struct limits *limits);

/*
 * Reads the site's rules anew when they have changed: to be called once for
 * each request, before a limit or a judgement is asked for.
 */
void access_refresh(struct access *access);

/*
 * Judges a question.  The name is the one that leads back to the source: ""
 * when it has none, NULL when it is not known yet.  A host without a name meets
 * each rule that denies by name, and none that allows.
 */
enum access_verdict access_judge(struct access *access,
    const struct access_question *question, const char *name, int64_t now);

/*
 * The same, with the name looked for when it makes a difference.  With may_wait
 * false the verdict is never that it wants one.
 */
enum access_verdict access_ask(struct access *access, struct names *names,
    const struct access_question *question, bool may_wait, int64_t now);

#endif
