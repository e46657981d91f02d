/*
 * The fault that fuzz_rules has to find: of the host h9 a line that is not about
 * it asks for the name again.
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

	if (name != NULL && strcmp(name, "h9") == 0 && match == RULE_MISSES)
		return RULE_WANTS_NAME;
	return match;
}
