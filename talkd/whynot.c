/*
 * whynot - why somebody was not rung.
 */
#include "whynot.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"

enum { SHOWN_SIZE = 4 * PERSON_TERMINAL_SIZE };

/* --------------------------------------------------------------- words --- */

static bool
is_in(const struct whynot_self *self, gid_t group)
{
	size_t i;

	for (i = 0; i < self->count; i++)
		if (self->groups[i] == group)
			return true;
	return false;
}

/* Whether a terminal that is open can be opened by the process. */
static bool
may_write(const struct whynot_self *self, const struct terminal *terminal)
{
	return self->user == 0 || self->user == terminal->owner ||
	    is_in(self, terminal->group);
}

/*
 * A terminal that is as it should be is in group tty.  One of a devpts mounted
 * without these options is in its user's own and closed, and when he opens it
 * nobody else can write there all the same.
 */
static size_t
blame_group(const struct whynot_self *self, const struct terminal *terminal,
    const char *group, char *text, size_t size)
{
	int len;

	if (!self->knows_tty || terminal->group == self->tty)
		return 0;
	len = snprintf(text, size, "; its group is %s, not tty", group);
	if (strncmp(terminal->name, "pts/", 4) == 0)
		len += snprintf(text + len, size - (size_t)len,
		    ": is /dev/pts mounted without gid=%lu,mode=620?",
		    (unsigned long)self->tty);
	return (size_t)len;
}

static void
blame_self(const struct whynot_self *self, char *text, size_t size)
{
	if (!self->knows_tty)
		snprintf(text, size, "; there is no group tty");
	else if (!is_in(self, self->tty))
		snprintf(text, size, "; talkd is not in group tty");
}

void
whynot_explain(const struct whynot_self *self, const struct terminal *terminal,
    const char *group, const char *failure, char text[WHYNOT_SIZE])
{
	bool by_group = failure == NULL || !may_write(self, terminal);
	size_t len;

	if (failure == NULL)
		failure = "closed to messages";
	len = (size_t)snprintf(text, WHYNOT_SIZE, "%.100s", failure);
	if (by_group)
		len += blame_group(
		    self, terminal, group, text + len, WHYNOT_SIZE - len);
	if (by_group && terminal->open)
		blame_self(self, text + len, WHYNOT_SIZE - len);
}

/* ----------------------------------------------------------------- log --- */

void
whynot_ask(struct whynot_self *self)
{
	const struct group *tty = getgrnam("tty");
	int count = getgroups(WHYNOT_GROUPS_MAX - 1, self->groups);

	self->user = geteuid();
	self->knows_tty = tty != NULL;
	self->tty = tty != NULL ? tty->gr_gid : 0;
	self->count = count < 0 ? 0 : (size_t)count;
	self->groups[self->count++] = getegid();
}

static void
name_group(gid_t gid, char *name, size_t size)
{
	const struct group *group = getgrgid(gid);

	if (group != NULL)
		text_name(name, size, group->gr_name, strlen(group->gr_name));
	else
		snprintf(name, size, "%lu", (unsigned long)gid);
}

static void
log_passed_over(const struct log *log, const struct whynot_self *self,
    const struct terminal *terminal, const char *failure)
{
	char group[SHOWN_SIZE];
	char text[WHYNOT_SIZE];

	name_group(terminal->group, group, sizeof(group));
	whynot_explain(self, terminal, group, failure, text);
	log_debug(log, "%s passed over: %s", terminal->name, text);
}

void
whynot_passed_over(
    const struct log *log, const struct terminal *terminal, const char *failure)
{
	struct whynot_self self;

	if (!log->debug)
		return;
	whynot_ask(&self);
	log_passed_over(log, &self, terminal, failure);
}

void
whynot_closed(
    const struct log *log, const struct terminals *terminals, size_t open)
{
	struct whynot_self self;
	size_t i;

	if (!log->debug || open >= terminals->count)
		return;
	whynot_ask(&self);
	for (i = open; i < terminals->count; i++)
		log_passed_over(log, &self, &terminals->list[i], NULL);
}

void
whynot_absent(const struct log *log, const struct terminals *terminals,
    const char *who, const char *named)
{
	char shown[SHOWN_SIZE];

	if (!log->debug)
		return;
	text_name(shown, sizeof(shown), named, strlen(named));
	if (named[0] == '\0' || terminals->owned == 0)
		log_debug(log, "%s has no terminal; seen: %zu of others", who,
		    terminals->seen - terminals->owned);
	else
		log_debug(log,
		    "%s has no terminal %s; seen: %zu more of the user's, "
		    "%zu of others",
		    who, shown, terminals->owned,
		    terminals->seen - terminals->owned);
}
