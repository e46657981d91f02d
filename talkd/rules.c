/*
 * rules - all lines of a file of rules.
 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

/*
 * What a line that is wrong counts as.  It costs more than it looks: a user
 * must not fill the log with hundreds.
 */
static const struct rule deny_all = {
	.kind = RULE_DENY,
	.user = ".*",
	.user_len = 2,
	.cost = 20,
	.nets = "",
};

/* How a text is being read. */
struct reading {
	struct rules *rules;
	enum rules_kind kind;
	rules_complaint *complain;
	void *context;
	unsigned number; /* of the present line */
	size_t room;	 /* in the list */
	size_t cost;	 /* of the regexes in it */
};

/* Returns NULL, or why no more can be read. */
static const char *
append(struct reading *reading, const struct rule *rule)
{
	struct rules *rules = reading->rules;
	struct rules_line *list;
	size_t room;

	reading->cost += rule->cost;
	if (reading->kind == RULES_USER && reading->cost > RULES_USER_COST_MAX)
		return "too many rules";
	if (rules->count == reading->room) {
		room = reading->room == 0 ? 16 : 2 * reading->room;
		list = realloc(rules->list, room * sizeof(*list));
		if (list == NULL)
			return "out of memory";
		rules->list = list;
		reading->room = room;
	}
	rules->list[rules->count++] = (struct rules_line){ reading->number,
		*rule };
	return NULL;
}

/* Enters what a line says, where that has a say in such a file. */
static const char *
enter(struct reading *reading, const struct rule *rule, const char *mistake)
{
	bool is_of_site = reading->kind == RULES_SITE;

	if (rule->kind == RULE_NONE)
		return NULL;
	if (rule->kind == RULE_LIMIT || rule->kind == RULE_OTHER) {
		if (!is_of_site)
			return NULL;
		if (rule->kind == RULE_OTHER)
			mistake = "neither allow, deny nor limit";
	}
	if (mistake != NULL) {
		reading->complain(reading->context, reading->number, mistake);
		return append(reading, &deny_all);
	}
	if (rule->kind != RULE_LIMIT)
		return append(reading, rule);
	reading->rules->limits[rule->subject] = *rule;
	return NULL;
}

/* Reads a line of that length, which ends in a NUL. */
static const char *
read_line(struct reading *reading, const char *line, size_t len)
{
	struct rule rule;
	const char *mistake;

	reading->number++;
	if (strlen(line) == len) {
		mistake = rule_parse(line, &rule);
		return enter(reading, &rule, mistake);
	}
	reading->complain(reading->context, reading->number, "a NUL in it");
	return append(reading, &deny_all);
}

const char *
rules_read(struct rules *rules, enum rules_kind kind, char *text, size_t len,
    rules_complaint *complain, void *context)
{
	struct reading reading = { rules, kind, complain, context, 0, 0, 0 };
	const char *failure = NULL;
	char *line = text, *end;

	*rules = (struct rules){ .text = text };
	text[len] = '\n';
	while (line <= text + len && failure == NULL) {
		end = memchr(line, '\n', (size_t)(text + len - line) + 1);
		*end = '\0';
		failure = read_line(&reading, line, (size_t)(end - line));
		line = end + 1;
	}
	if (failure != NULL)
		rules_free(rules);
	return failure;
}

void
rules_free(struct rules *rules)
{
	free(rules->text);
	free(rules->list);
	*rules = (struct rules){ 0 };
}

/* The cheap question first, and none that makes no difference. */
static enum rule_match
match(const struct rule *rule, const char *user, const struct address *host,
    const char *name)
{
	enum rule_match met = rule_meets_host(rule, host, name);

	if (met != RULE_MISSES && !rule_meets_user(rule, user))
		return RULE_MISSES;
	return met;
}

enum rules_verdict
rules_decide(const struct rules *rules, const char *user,
    const struct address *host, const char *name, unsigned *number)
{
	const struct rules_line *line;
	enum rule_match met;
	size_t i;

	*number = 0;
	for (i = rules->count; i > 0; i--) {
		line = &rules->list[i - 1];
		met = match(&line->rule, user, host, name);
		if (met == RULE_MISSES)
			continue;
		*number = line->number;
		if (met == RULE_WANTS_NAME)
			return RULES_WANT_NAME;
		return line->rule.kind == RULE_ALLOW ? RULES_ALLOW : RULES_DENY;
	}
	return RULES_SILENT;
}
