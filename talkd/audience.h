/*
 * audience - whom a message is for: the user that it names, whoever sits at the
 * terminal that it names, or everyone; to which of them its sender may write,
 * and where they sit.
 */
#ifndef TALKD_AUDIENCE_H
#define TALKD_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access.h"
#include "common/address.h"
#include "common/msp.h"
#include "common/person.h"
#include "log.h"
#include "names.h"
#include "terminals.h"

enum { AUDIENCE_NAME_SIZE = 2 * PERSON_USER_SIZE }; /* some of it escaped */

enum audience {
	AUDIENCE_FOUND,	    /* at least one open terminal */
	AUDIENCE_ABSENT,    /* nobody who is meant is logged on */
	AUDIENCE_REFUSING,  /* no terminal that is meant is open */
	AUDIENCE_FORBIDDEN, /* the sender may write to none of them */
	AUDIENCE_UNTOLD,    /* who is there: the system is short of something */
	AUDIENCE_WAITS, /* for the name of the sender's host, by the rules */
};

/* What is asked, and those who help to answer; all of it is the caller's. */
struct audience_question {
	const struct msp_message *message;
	const struct address *source; /* where it came from */
	bool may_wait;		      /* for the name of that host */
	int64_t now;		      /* milliseconds, never going back */
	const struct log *log;
	struct names *names;
	struct access *access;
};

/*
 * Puts the terminals that are meant; the *open ones come first, in the order in
 * which to try them.  Whether the sender may is asked before anything tells who
 * is there.
 */
enum audience audience_find(const struct audience_question *question,
    struct terminals *terminals, size_t *open);

/* Whether every terminal is meant, or the first that takes the message. */
bool audience_is_all(const struct msp_message *message);

/* Who is meant, in words that have passed the gate. */
void audience_name(
    const struct msp_message *message, char name[AUDIENCE_NAME_SIZE]);

#endif
