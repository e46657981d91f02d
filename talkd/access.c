/*
 * access - who may call or write to whom.
 */
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "networks.h"
#include "pages.h"
#include "rulefile.h"

struct access {
	const struct log *log;
	bool has_site;
	struct rulefile site;
	struct rulefile users[ACCESS_USERS_MAX]; /* the last asked for first */
	struct networks networks;
	struct limits *limits;		  /* NULL: there are none to govern */
	struct limit usual[LIMITS_KINDS]; /* where no rule sets one */
};

struct access *
access_new(const char *file, const struct log *log)
{
	struct access *access = pages_new(sizeof(*access));

	if (access == NULL)
		return NULL;
	access->log = log;
	access->site.kind = RULES_SITE;
	access->has_site = file != NULL;
	if (file != NULL)
		snprintf(
		    access->site.path, sizeof(access->site.path), "%s", file);
	return access;
}

void
access_free(struct access *access)
{
	size_t i;

	if (access == NULL)
		return;
	rulefile_free(&access->site);
	for (i = 0; i < ACCESS_USERS_MAX; i++)
		rulefile_free(&access->users[i]);
	pages_free(access, sizeof(*access));
}

/* -------------------------------------------------------------- limits --- */

static void
set_limit(
    const struct access *access, enum rule_subject subject, enum limits_kind of)
{
	const struct rule *rule = &access->site.rules.limits[subject];
	struct limit limit = access->usual[of];

	if (rule->kind == RULE_LIMIT)
		limit = (struct limit){ rule->at_once, rule->per_second };
	limits_set(access->limits, of, limit);
}

static void
set_limits(const struct access *access)
{
	if (access->limits == NULL)
		return;
	set_limit(access, RULE_RINGS, LIMITS_RINGS);
	set_limit(access, RULE_MESSAGES, LIMITS_MESSAGES);
}

void
access_govern(struct access *access, struct limits *limits)
{
	access->limits = limits;
	access->usual[LIMITS_RINGS] = limits_get(limits, LIMITS_RINGS);
	access->usual[LIMITS_MESSAGES] = limits_get(limits, LIMITS_MESSAGES);
	set_limits(access);
}

/* --------------------------------------------------------------- files --- */

bool
access_load(struct access *access)
{
	const char *trouble;

	if (!access->has_site)
		return true;
	(void)rulefile_refresh(&access->site, access->log);
	trouble = rulefile_trouble(&access->site);
	if (trouble != NULL)
		log_error(access->log,
		    "%s: %s: the rules must be readable to the user that talkd "
		    "becomes",
		    access->site.path, trouble);
	return trouble == NULL;
}

static void
refresh(const struct access *access, struct rulefile *file)
{
	if (!rulefile_refresh(file, access->log))
		return;
	if (file->state == RULEFILE_UNUSABLE)
		log_warning(access->log, "%s: %s: all is denied", file->path,
		    rulefile_trouble(file));
	else if (file->state == RULEFILE_ABSENT && file->error != ENOENT)
		log_debug(access->log, "%s: %s: passed over", file->path,
		    rulefile_trouble(file));
}

void
access_refresh(struct access *access)
{
	if (!access->has_site)
		return;
	refresh(access, &access->site);
	set_limits(access);
}

static bool
is_users(const struct rulefile *file, const char *path, uid_t owner)
{
	return file->owner == owner && strcmp(file->path, path) == 0;
}

/* The file of a user's rules, in front of the list; the last one makes room. */
static struct rulefile *
find_users_file(struct access *access, const char *path, uid_t owner)
{
	struct rulefile found;
	struct rulefile *users = access->users;
	size_t i = 0;

	while (i < ACCESS_USERS_MAX - 1 && users[i].path[0] != '\0' &&
	    !is_users(&users[i], path, owner))
		i++;
	if (!is_users(&users[i], path, owner)) {
		rulefile_free(&users[i]);
		users[i] = (struct rulefile){ .kind = RULES_USER,
			.owner = owner };
		snprintf(users[i].path, sizeof(users[i].path), "%s", path);
	}
	if (i == 0)
		return users;
	found = users[i];
	memmove(users + 1, users, i * sizeof(*users));
	users[0] = found;
	return users;
}

/* ------------------------------------------------------------- verdict --- */

static enum access_verdict
deny(const struct access *access, const struct rulefile *file, unsigned number)
{
	if (number != 0)
		log_debug(access->log, "denied by %s:%u", file->path, number);
	else
		log_debug(
		    access->log, "denied, as %s cannot be used", file->path);
	return ACCESS_DENIED;
}

/* Where no rule of the site's says anything. */
static enum access_verdict
judge_by_nearness(
    struct access *access, const struct address *source, int64_t now)
{
	if (networks_is_private(source) ||
	    networks_is_attached(&access->networks, source, now))
		return ACCESS_ALLOWED;
	log_debug(access->log,
	    "denied: the host is of no network near, and no rule allows it");
	return ACCESS_DENIED;
}

static enum access_verdict
judge_by_site(struct access *access, const struct access_question *question,
    const char *name, int64_t now)
{
	unsigned number;

	switch (rulefile_decide(
	    &access->site, question->callee, question->source, name, &number)) {
	case RULES_ALLOW:
		return ACCESS_ALLOWED;
	case RULES_DENY:
		return deny(access, &access->site, number);
	case RULES_WANT_NAME:
		return ACCESS_WANTS_NAME;
	default:
		return judge_by_nearness(access, question->source, now);
	}
}

static enum access_verdict
judge_by_user(struct access *access, const struct access_question *question,
    const char *name)
{
	char path[RULEFILE_PATH_SIZE];
	struct rulefile *file;
	unsigned number;

	if (question->home[0] != '/' ||
	    snprintf(path, sizeof(path), "%s/.talkrc", question->home) >=
		(int)sizeof(path))
		return ACCESS_ALLOWED;
	file = find_users_file(access, path, question->uid);
	refresh(access, file);
	switch (rulefile_decide(
	    file, question->caller, question->source, name, &number)) {
	case RULES_DENY:
		return deny(access, file, number);
	case RULES_WANT_NAME:
		return ACCESS_WANTS_NAME;
	default:
		return ACCESS_ALLOWED;
	}
}

enum access_verdict
access_judge(struct access *access, const struct access_question *question,
    const char *name, int64_t now)
{
	enum access_verdict verdict = judge_by_site(
	    access, question, name, now);

	if (verdict != ACCESS_ALLOWED)
		return verdict;
	return judge_by_user(access, question, name);
}

enum access_verdict
access_ask(struct access *access, struct names *names,
    const struct access_question *question, bool may_wait, int64_t now)
{
	enum access_verdict verdict = access_judge(access, question, NULL, now);
	const char *name;

	if (verdict != ACCESS_WANTS_NAME)
		return verdict;
	name = names_known(names, question->source, now);
	if (name == NULL && may_wait)
		return ACCESS_WANTS_NAME;
	return access_judge(access, question, name != NULL ? name : "", now);
}
