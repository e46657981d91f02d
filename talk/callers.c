/*
 * callers - who is calling the user: asks his own daemon, which knows whom it
 * rang him for.
 */
#include "callers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/person.h"
#include "common/text.h"

/* Whether nothing but graphic ASCII is in it. */
static bool
is_graphic(const char *name)
{
	char shown[EXTENSION_HOST_SIZE];

	(void)text_name(shown, sizeof(shown), name, strlen(name));
	return strcmp(shown, name) == 0;
}

/* Whether talk could be told to call there: the answer goes that way. */
static bool
is_person(const struct extension_call *call)
{
	struct person told = { .user = "" };
	struct person read;
	char text[PERSON_TEXT_SIZE];

	if (!is_graphic(call->caller) || !is_graphic(call->host))
		return false;
	memcpy(told.user, call->caller, sizeof(call->caller));
	memcpy(told.host, call->host, sizeof(call->host));
	person_format(&told, text, sizeof(text));
	return person_parse(text, &read) == NULL && read.terminal[0] == '\0' &&
	    strcmp(read.user, told.user) == 0 &&
	    strcmp(read.host, told.host) == 0;
}

/*
 * One who called again since the last page moves the others back, and stands
 * in two places at once.
 */
static bool
is_known(const struct callers *callers, const struct extension_call *call)
{
	size_t i;

	for (i = 0; i < callers->count; i++)
		if (strcmp(callers->calls[i].caller, call->caller) == 0 &&
		    strcmp(callers->calls[i].host, call->host) == 0)
			return true;
	return false;
}

/* Adds a call where it belongs by its age; there is room. */
static void
add_call(struct callers *callers, const struct extension_call *call)
{
	struct extension_call *at = callers->calls + callers->count;

	for (; at > callers->calls && at[-1].age > call->age; at--)
		at[0] = at[-1];
	*at = *call;
	callers->count++;
}

/* Takes a page of calls over; false when memory is short. */
static bool
take_calls(struct callers *callers, const struct extension_reply *page)
{
	struct extension_call *calls = realloc(callers->calls,
	    (callers->count + page->call_count) * sizeof(*calls));
	size_t i;

	if (calls == NULL)
		return false;
	callers->calls = calls;
	for (i = 0; i < page->call_count && callers->count < CALLERS_MAX; i++)
		if (is_person(&page->calls[i]) &&
		    !is_known(callers, &page->calls[i]))
			add_call(callers, &page->calls[i]);
	return true;
}

/* Asks for those behind the first `skip`, who are known already. */
static void
callers_ask(struct callers *callers, const struct talk_request *question,
    size_t skip, int64_t now)
{
	const struct extension_request list = { .lists = true,
		.skip = (uint16_t)skip };

	daemon_ask_besides(&callers->daemon, question, &list, now);
}

/* Turns to the next daemon; false when there is none left. */
static bool
callers_turn_to_next(struct callers *callers, int64_t now)
{
	const struct talk_request question = callers->daemon.question;

	while (callers->asked < callers->here_count) {
		daemon_close(&callers->daemon);
		callers->error = daemon_open(
		    &callers->daemon, &callers->here[callers->asked++], 1);
		callers->daemon.question = question;
		if (callers->error != 0)
			continue;
		callers_ask(callers, &question, 0, now);
		return true;
	}
	return false;
}

/* The more a daemon has told, the more it counts. */
static int
rank(enum callers_state answer)
{
	static const int ranks[] = { [CALLERS_ASKING] = 0,
		[CALLERS_SYSTEM] = 1,
		[CALLERS_NO_DAEMON] = 2,
		[CALLERS_UNTOLD] = 3,
		[CALLERS_FAILED] = 4,
		[CALLERS_REFUSED] = 5,
		[CALLERS_KNOWN] = 6 };

	return ranks[answer];
}

/* One daemon has said all that it will. */
static void
callers_finish(struct callers *callers, enum callers_state answer, int64_t now)
{
	if (rank(answer) > rank(callers->answer))
		callers->answer = answer;
	if (!callers_turn_to_next(callers, now))
		callers->state = callers->answer;
}

/* A page has come: takes it, and asks for the next until one is empty. */
static void
callers_page(struct callers *callers, int64_t now)
{
	const struct talk_request question = callers->daemon.question;
	const struct extension_reply *page = &callers->daemon.more;
	size_t seen = callers->daemon.besides.skip + page->call_count;

	if (page->call_count > 0 && !take_calls(callers, page)) {
		callers->error = ENOMEM;
		callers->state = CALLERS_SYSTEM;
	} else if (page->call_count == 0 || seen >= CALLERS_MAX) {
		callers_finish(callers, CALLERS_KNOWN, now);
	} else {
		callers_ask(callers, &question, seen, now);
	}
}

static void
callers_answer(struct callers *callers, int64_t now)
{
	enum talk_answer answer = callers->daemon.reply.answer;
	bool tells = daemon_extends(&callers->daemon);

	if (tells && (answer == TALK_SUCCESS || answer == TALK_NOT_HERE))
		callers_page(callers, now);
	else if (tells && answer == TALK_PERMISSION_DENIED)
		callers_finish(callers, CALLERS_REFUSED, now);
	else if (tells && answer == TALK_FAILED)
		callers_finish(callers, CALLERS_FAILED, now);
	else
		callers_finish(callers, CALLERS_UNTOLD, now);
}

void
callers_start(struct callers *callers, const char *user,
    const struct address *here, int count, int64_t now)
{
	struct talk_request *question = &callers->daemon.question;
	int i;

	*callers = (struct callers){ .error = EADDRNOTAVAIL };
	question->type = TALK_LOOK_UP;
	snprintf(question->l_name, sizeof(question->l_name), "%s", user);
	for (i = 0; i < count && i < CALLERS_DAEMONS_MAX; i++)
		callers->here[i] = here[i];
	callers->here_count = i;
	callers_finish(callers, CALLERS_SYSTEM, now);
}

void
callers_end(struct callers *callers)
{
	daemon_close(&callers->daemon);
	free(callers->calls);
	callers->calls = NULL;
	callers->count = 0;
}

void
callers_await(const struct callers *callers, struct turn *turn)
{
	if (callers->state == CALLERS_ASKING)
		daemon_await(&callers->daemon, turn);
}

enum callers_state
callers_turn(struct callers *callers, int64_t now)
{
	if (callers->state != CALLERS_ASKING)
		return callers->state;
	switch (daemon_turn(&callers->daemon, now)) {
	case DAEMON_IDLE:
	case DAEMON_ASKING:
		break;
	case DAEMON_ANSWERED:
		callers_answer(callers, now);
		break;
	case DAEMON_REFUSED:
	case DAEMON_UNREACHABLE:
	case DAEMON_SILENT:
		callers_finish(callers, CALLERS_NO_DAEMON, now);
		break;
	}
	return callers->state;
}
