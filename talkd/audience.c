/*
 * audience - whom a message is for, and where they sit.
 */
#include "audience.h"

#include <sys/types.h>

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "users.h"
#include "whynot.h"

bool
audience_is_all(const struct msp_message *message)
{
	return strcmp(message->recipient_terminal, MSP_EVERY_TERMINAL) == 0;
}

void
audience_name(const struct msp_message *message, char name[AUDIENCE_NAME_SIZE])
{
	const char *who = "everyone";

	if (message->recipient[0] != '\0')
		who = message->recipient;
	else if (message->recipient_terminal[0] != '\0' &&
	    !audience_is_all(message))
		who = message->recipient_terminal;
	text_name(name, AUDIENCE_NAME_SIZE, who, strlen(who));
}

/* In small letters, ASCII's. */
static void
fold(char folded[MSP_PART_SIZE], const char *name)
{
	size_t i = 0;

	do
		folded[i] = name[i] >= 'A' && name[i] <= 'Z'
		    ? (char)(name[i] - 'A' + 'a')
		    : name[i];
	while (name[i++] != '\0');
}

/*
 * Whether rules let the sender write to a user, of that name when there is no
 * entry of his: AUDIENCE_FOUND if so.
 */
static enum audience
permit(const struct audience_question *question, const struct passwd *user,
    const char *name)
{
	const struct access_question asked = {
		.callee = user != NULL ? user->pw_name : name,
		.uid = user != NULL ? user->pw_uid : 0,
		.home = user != NULL ? user->pw_dir : "",
		.caller = question->message->sender,
		.source = question->source,
	};

	switch (access_ask(question->access, question->names, &asked,
	    question->may_wait, question->now)) {
	case ACCESS_ALLOWED:
		return AUDIENCE_FOUND;
	case ACCESS_WANTS_NAME:
		return AUDIENCE_WAITS;
	default:
		return AUDIENCE_FORBIDDEN;
	}
}

/* The entry of a user by his name in whatever case; as users_by_name. */
static const struct passwd *
find_entry(struct terminals *terminals, const char *name)
{
	const struct passwd *entry = users_by_name(name);
	uid_t owner;
	int users;

	if (entry != NULL || errno != 0)
		return entry;
	users = terminals_find_named(terminals, name, &owner);
	if (users == 1)
		return users_by_uid(owner);
	if (users != -1)
		errno = 0;
	return NULL;
}

/*
 * Finds a user by his name in whatever case.  One who is not found is judged by
 * that name in small letters, as login names are: rules have to say the same
 * whether he has a terminal or not.
 */
static enum audience
find_user(const struct audience_question *question, struct terminals *terminals,
    uid_t *owner)
{
	const char *name = question->message->recipient;
	char folded[MSP_PART_SIZE];
	const struct passwd *entry = find_entry(terminals, name);
	enum audience outcome;

	if (entry == NULL && errno != 0)
		return AUDIENCE_UNTOLD;
	if (entry != NULL)
		*owner = entry->pw_uid;
	fold(folded, name);
	outcome = permit(question, entry, folded);
	return outcome == AUDIENCE_FOUND && entry == NULL ? AUDIENCE_ABSENT
							  : outcome;
}

static enum audience
find_users_terminals(const struct audience_question *question,
    struct terminals *terminals, const char *named, size_t *open)
{
	uid_t owner = 0;
	enum audience outcome = find_user(question, terminals, &owner);

	if (outcome != AUDIENCE_FOUND)
		return outcome;
	*open = terminals_choose(terminals, owner, named);
	return terminals->count == 0 ? AUDIENCE_ABSENT : AUDIENCE_FOUND;
}

static bool
is_owner_before(const struct terminals *terminals, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (terminals->list[i].owner == terminals->list[index].owner)
			return true;
	return false;
}

static void
leave_out(struct terminals *terminals, uid_t owner)
{
	size_t i, kept = 0;

	for (i = 0; i < terminals->count; i++)
		if (terminals->list[i].owner != owner)
			terminals->list[kept++] = terminals->list[i];
	terminals->count = kept;
}

/* Leaves out the terminals of those to whom the sender may not write. */
static enum audience
leave_out_forbidden(
    const struct audience_question *question, struct terminals *terminals)
{
	const struct passwd *user;
	enum audience outcome;
	size_t i = 0;
	uid_t owner;

	while (i < terminals->count) {
		owner = terminals->list[i].owner;
		outcome = AUDIENCE_FOUND;
		if (!is_owner_before(terminals, i)) {
			user = users_by_uid(owner);
			if (user == NULL && errno != 0)
				return AUDIENCE_UNTOLD;
			outcome = permit(question, user, "");
		}
		if (outcome == AUDIENCE_WAITS)
			return outcome;
		if (outcome == AUDIENCE_FORBIDDEN)
			leave_out(terminals, owner);
		else
			i++;
	}
	return terminals->count == 0 ? AUDIENCE_FORBIDDEN : AUDIENCE_FOUND;
}

static enum audience
find_anyones_terminals(const struct audience_question *question,
    struct terminals *terminals, const char *named, size_t *open)
{
	enum audience outcome;
	size_t i;

	(void)terminals_choose_any(terminals, named);
	if (terminals->count == 0) {
		outcome = permit(question, NULL, "");
		return outcome == AUDIENCE_FOUND ? AUDIENCE_ABSENT : outcome;
	}
	outcome = leave_out_forbidden(question, terminals);
	for (i = 0; i < terminals->count; i++)
		*open += terminals->list[i].open;
	if (!audience_is_all(question->message))
		terminals_prefer_console(terminals);
	return outcome;
}

enum audience
audience_find(const struct audience_question *question,
    struct terminals *terminals, size_t *open)
{
	const struct msp_message *message = question->message;
	const char *named = message->recipient_terminal;
	char addressee[AUDIENCE_NAME_SIZE];
	enum audience outcome;
	bool complete;

	*open = 0;
	if (audience_is_all(message))
		named = "";
	complete = terminals_scan(terminals);
	if (!complete)
		log_warning(question->log, "cannot look for terminals: %s",
		    strerror(errno));
	outcome = message->recipient[0] != '\0'
	    ? find_users_terminals(question, terminals, named, open)
	    : find_anyones_terminals(question, terminals, named, open);
	if (!complete && *open == 0 &&
	    (outcome == AUDIENCE_FOUND || outcome == AUDIENCE_ABSENT))
		return AUDIENCE_UNTOLD;
	if (outcome == AUDIENCE_FOUND)
		whynot_closed(question->log, terminals, *open);
	if (outcome == AUDIENCE_ABSENT) {
		audience_name(message, addressee);
		whynot_absent(question->log, terminals, addressee, named);
	}
	return outcome == AUDIENCE_FOUND && *open == 0 ? AUDIENCE_REFUSING
						       : outcome;
}
