/*
 * whynot - why somebody was not rung where he sits, in words for the debug
 * log: a line for each terminal that was passed over, or one that says there
 * is none.
 */
#ifndef TALKD_WHYNOT_H
#define TALKD_WHYNOT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "log.h"
#include "terminals.h"

enum {
	WHYNOT_SIZE = 512,	/* room for any line */
	WHYNOT_GROUPS_MAX = 64, /* more than a daemon is in */
};

/* Who the daemon is, as far as opening terminals goes. */
struct whynot_self {
	uid_t user;
	bool knows_tty; /* there is a group tty */
	gid_t tty;
	size_t count;
	gid_t groups[WHYNOT_GROUPS_MAX]; /* that it is in */
};

/* Asks the system. */
void whynot_ask(struct whynot_self *self);

/*
 * Puts why a terminal was passed over: `failure` as deliver has it, or NULL
 * when it was not tried since it is closed.  Where that is owed to the
 * terminal's group, of that name, it says so, and what to look at; a pure
 * function.
 */
void whynot_explain(const struct whynot_self *self,
    const struct terminal *terminal, const char *group, const char *failure,
    char text[WHYNOT_SIZE]);

/* With -d, a line that says so. */
void whynot_passed_over(const struct log *log, const struct terminal *terminal,
    const char *failure);

/*
 * With -d, the same for the terminals of a list that was chosen which are not
 * among the `open` first, so closed.
 */
void whynot_closed(
    const struct log *log, const struct terminals *terminals, size_t open);

/*
 * With -d, a line that says that the list that was chosen is empty, and what
 * else was there: `who`, safe to show, has no terminal, or not the one named.
 */
void whynot_absent(const struct log *log, const struct terminals *terminals,
    const char *who, const char *named);

#endif
