/*
 * rules - all lines of a file of rules: what it says of a call or a message.
 *
 * The last line that is about it counts.  One that is wrong denies everything
 * at its place, as nobody knows what it was to say.
 */
#ifndef TALKD_RULES_H
#define TALKD_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "common/rule.h"

/* What the regexes of a user's file may cost together (rule.h). */
enum { RULES_USER_COST_MAX = 2048 };

enum rules_kind {
	RULES_SITE, /* against the callee's name; nothing else is in the file */
	RULES_USER, /* against the caller's; other words are talk's own */
};

struct rules_line {
	unsigned number; /* from 1 */
	struct rule rule;
};

/* All zero is none. */
struct rules {
	char *text;
	struct rules_line *list; /* those that allow or deny */
	size_t count;
	struct rule limits[RULE_SUBJECTS]; /* RULE_NONE: not set */
};

/* Who is told of a line that is wrong. */
typedef void rules_complaint(
    void *context, unsigned number, const char *mistake);

/*
 * Reads a text, which has come from malloc with room for a byte more, and is
 * the rules' from here on.  Returns NULL; or, with no rules, why there cannot
 * be any, memory short or a user's too costly: a literal for people to read.
 */
const char *rules_read(struct rules *rules, enum rules_kind kind, char *text,
    size_t len, rules_complaint *complain, void *context);

void rules_free(struct rules *rules);

enum rules_verdict {
	RULES_SILENT, /* no line is about it */
	RULES_ALLOW,
	RULES_DENY,
	RULES_WANT_NAME, /* it depends on the host's name */
};

/*
 * What they say of that user, the callee or the caller, and a request that came
 * from that host; name as rule_meets_host has it.  *number is of the line that
 * counts, 0 when none does.
 */
enum rules_verdict rules_decide(const struct rules *rules, const char *user,
    const struct address *host, const char *name, unsigned *number);

#endif
