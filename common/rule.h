/*
 * rule - a line that says who may call or write to whom, in the form that GNU
 * inetutils documents:
 *
 *	allow|deny user-regex [net ...]
 *
 * and, of a site's, how often: "limit rings|messages N PER-SECOND|none".  A
 * word that begins with # and all behind it is a comment.
 *
 * talkd obeys them, talk names the mistakes in a user's.  Pure functions.
 */
#ifndef COMMON_RULE_H
#define COMMON_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

enum {
	RULE_USER_MAX = 127, /* bytes of a regex */

	/*
	 * What a regex may cost: its length times each count in its \{m,n\}.
	 * With that grows, and faster than that, the time it takes to compile
	 * and to match one; at this most it is some milliseconds.
	 */
	RULE_COST_MAX = 512,

	RULE_LIMIT_MAX = 1000000, /* of either number */
};

enum rule_kind {
	RULE_NONE, /* a blank line, or a comment */
	RULE_ALLOW,
	RULE_DENY,
	RULE_LIMIT,
	RULE_OTHER, /* another word begins it; no more of it was looked at */
};

enum rule_subject {
	RULE_RINGS,
	RULE_MESSAGES,
};

enum { RULE_SUBJECTS = 2 };

/* What a line says; its parts are within the line, and last as long. */
struct rule {
	enum rule_kind kind;

	/* RULE_ALLOW, RULE_DENY. */
	const char *user; /* a basic regular expression (POSIX) */
	size_t user_len;
	uint32_t cost;	  /* of that */
	const char *nets; /* for rule_meets_host; none named: any host */

	/* RULE_LIMIT. */
	enum rule_subject subject;
	uint32_t at_once; /* 0: no limit */
	uint32_t per_second;
};

/*
 * Reads a line, with its newline or without.  A net is "any", an IPv4 or IPv6
 * address, such an address with the number of its bits that count behind a
 * slash, or an IPv4 one with their mask, or the name of a host.
 *
 * Returns NULL, or what is wrong with it, a literal for people to read; then
 * only the kind counts, what the line's first word made of it.
 */
const char *rule_parse(const char *line, struct rule *rule);

enum rule_match {
	RULE_MISSES,
	RULE_MEETS,
	RULE_WANTS_NAME, /* it depends on the host's name */
};

/*
 * Whether an allow or deny line, as rule_parse read it, is about that host.
 * Its name is the one that leads back to it: "" when it has none, NULL when
 * that is not known yet.  A host without a name may be any by that name: it is
 * met by a line that denies, and missed by one that allows.  An address of
 * loopback is called localhost, whatever the name.
 */
enum rule_match rule_meets_host(
    const struct rule *rule, const struct address *host, const char *name);

/*
 * Whether it is about that user: the regex matches some part of the name.
 * When memory is short, a line that denies does, and one that allows does not.
 */
bool rule_meets_user(const struct rule *rule, const char *user);

#endif
