/*
 * The fault that fuzz_rules has to find: a line that is not about a host asks
 * for its name although that is known, if it is a long one.
 */
#include <string.h>

#include "talkd/rules.h"

enum rule_match __real_rule_meets_host(
    const struct rule *rule, const struct address *host, const char *name);
enum rule_match __wrap_rule_meets_host(
    const struct rule *rule, const struct address *host, const char *name);

enum rule_match
__wrap_rule_meets_host(
    const struct rule *rule, const struct address *host, const char *name)
{
	enum rule_match match = __real_rule_meets_host(rule, host, name);

	if (name != NULL && strlen(name) > 16 && match == RULE_MISSES)
		return RULE_WANTS_NAME;
	return match;
}
