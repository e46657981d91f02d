/*
 * ringer - a call that is to ring its callee.
 */
#include "ringer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/owner.h"
#include "common/text.h"
#include "deliver.h"
#include "users.h"
#include "whynot.h"

enum { SHOWN_SIZE = 4 * PERSON_USER_SIZE }; /* each byte as \ooo */

/* A ring on its way. */
struct ringing {
	struct ringer *ringer;
	const struct ringer_task *task;
	struct extension_reply *more;
	uid_t uid; /* the callee's */
	/* His, until somebody else is looked for. */
	const char *login;
	const char *home;
	size_t open; /* of his terminals, which come first in the list */
	char caller_host[PERSON_HOST_SIZE]; /* "" until it is asked for */
};

/* A name, safe to show. */
static const char *
show(char shown[SHOWN_SIZE], const char *name)
{
	text_name(shown, SHOWN_SIZE, name, strlen(name));
	return shown;
}

/* ----------------------------------------------------------- who it is --- */

/* False when there may be more than it has found. */
static bool
look_for_terminals(const struct ringing *ringing)
{
	struct ringer *ringer = ringing->ringer;
	bool complete = terminals_scan(&ringer->terminals);

	if (!complete)
		log_warning(ringer->log, "cannot look for terminals: %s",
		    strerror(errno));
	return complete;
}

/*
 * Counts the users here whose names the callee's begins, as it may have been
 * cut; one who is the only one is meant.  Of a name that is there in full it is
 * worth knowing only that it begins several.  -1 when it cannot be told now.
 */
static int
count_begun(struct ringing *ringing)
{
	const struct talk_request *req = ringing->task->req;
	int users;

	if (strlen(req->r_name) < NTALK_NAME_SIZE - 1)
		return 0;
	if (!look_for_terminals(ringing))
		return -1;
	users = terminals_find_owner(
	    &ringing->ringer->terminals, req->r_name, &ringing->uid);
	return req->extended && users == 1 ? 0 : users;
}

/* The same, and notes who it is when he is the only one. */
static int
find_begun(struct ringing *ringing)
{
	int users = count_begun(ringing);
	const struct passwd *entry;

	if (users != 1)
		return users;
	entry = users_by_uid(ringing->uid);
	if (entry == NULL)
		return errno == 0 ? 0 : -1;
	ringing->login = entry->pw_name;
	ringing->home = entry->pw_dir;
	return 1;
}

/*
 * Finds whom the callee's name stands for, and returns how many users that are,
 * -1 when it cannot be told now.  Nobody's name costs no look at terminals.
 */
static int
find_users(struct ringing *ringing)
{
	const char *name = ringing->task->req->r_name;
	const struct user_called *user;

	ringing->login = name;
	ringing->home = "";
	user = users_called(
	    &ringing->ringer->terminals.users, name, ringing->task->now);
	if (user == NULL)
		return errno == 0 ? find_begun(ringing) : -1;
	ringing->uid = user->uid;
	ringing->login = user->login;
	ringing->home = user->home;
	return 1;
}

static enum talk_answer
judge_users(const struct ringing *ringing, int users)
{
	const struct log *log = ringing->ringer->log;
	char callee[SHOWN_SIZE];

	if (users == 1)
		return TALK_SUCCESS;
	show(callee, ringing->task->req->r_name);
	if (users == -1) {
		log_warning(log, "cannot look now who %s is", callee);
		return TALK_FAILED;
	}
	if (users == 0) {
		log_debug(log, "no user here is called %s", callee);
	} else {
		log_warning(log,
		    "called %s, as the names of several users here begin",
		    callee);
		ringing->more->reason = EXTENSION_AMBIGUOUS;
	}
	return TALK_NOT_HERE;
}

/* --------------------------------------------------------- whether now --- */

static enum talk_answer
refuse(struct ringing *ringing, enum extension_reason reason)
{
	ringing->more->reason = reason;
	return reason == EXTENSION_CLOSED || reason == EXTENSION_FORBIDDEN
	    ? TALK_PERMISSION_DENIED
	    : TALK_FAILED;
}

/* Judges a pause in milliseconds that has to pass before the ring. */
static enum talk_answer
judge_pause(struct ringing *ringing, int64_t pause)
{
	int64_t seconds = (pause + 999) / 1000;

	if (pause == 0)
		return TALK_SUCCESS;
	ringing->more->seconds = (uint16_t)(seconds < UINT16_MAX ? seconds
								 : UINT16_MAX);
	return refuse(ringing, EXTENSION_TOO_OFTEN);
}

/* Whether the rules let the caller ring; false when that waits for a name. */
static bool
ask_rules(struct ringing *ringing, enum talk_answer *answer)
{
	const struct ringer_task *task = ringing->task;
	const struct access_question question = {
		.callee = ringing->login,
		.uid = ringing->uid,
		.home = ringing->home,
		.caller = task->req->l_name,
		.source = &task->in->source,
	};

	switch (access_ask(ringing->ringer->access, ringing->ringer->names,
	    &question, task->may_wait, task->now)) {
	case ACCESS_WANTS_NAME:
		return false;
	case ACCESS_DENIED:
		*answer = refuse(ringing, EXTENSION_FORBIDDEN);
		break;
	case ACCESS_ALLOWED:
		*answer = TALK_SUCCESS;
		break;
	}
	return true;
}

/* ------------------------------------------------------------ where to --- */

static enum talk_answer
find_terminals(struct ringing *ringing)
{
	struct terminals *terminals = &ringing->ringer->terminals;
	const struct log *log = ringing->ringer->log;
	const struct talk_request *req = ringing->task->req;
	bool complete = look_for_terminals(ringing);
	char callee[SHOWN_SIZE];

	ringing->open = terminals_choose(terminals, ringing->uid, req->r_tty);
	if (ringing->open == 0 && !complete)
		return TALK_FAILED;
	whynot_closed(log, terminals, ringing->open);
	if (terminals->count == 0) {
		whynot_absent(
		    log, terminals, show(callee, req->r_name), req->r_tty);
		return TALK_NOT_HERE;
	}
	if (ringing->open == 0)
		return refuse(ringing, EXTENSION_CLOSED);
	return TALK_SUCCESS;
}

/*
 * Finds the callee's open terminals, or why he is not to be rung: whether the
 * caller may is asked before anything tells who is there.  False when it waits
 * for the name of the caller's host.
 */
static bool
find_callee(struct ringing *ringing, enum talk_answer *answer)
{
	const struct ringer_task *task = ringing->task;
	int users = find_users(ringing);

	if (!ask_rules(ringing, answer))
		return false;
	if (*answer == TALK_SUCCESS)
		*answer = judge_users(ringing, users);
	if (*answer == TALK_SUCCESS)
		*answer = find_terminals(ringing);
	if (*answer != TALK_SUCCESS)
		return true;
	return names_find(ringing->ringer->names, &task->in->source, task->now,
		   ringing->caller_host) ||
	    !task->may_wait;
}

/* ----------------------------------------------------- the ring itself --- */

static size_t
compose(const struct ringing *ringing, char text[DELIVER_RING_SIZE])
{
	struct deliver_ring ring = {
		.host = ringing->ringer->host,
		.caller = ringing->task->req->l_name,
		.caller_host = ringing->caller_host,
	};
	time_t clock = time(NULL);
	struct tm local = { 0 };

	(void)localtime_r(&clock, &local);
	ring.hour = local.tm_hour;
	ring.minute = local.tm_min;
	return deliver_ring_text(&ring, text);
}

/* Writes on a terminal, and notes it for the reply if that went well. */
static bool
write_on(const struct ringing *ringing, const struct terminal *terminal,
    const char *text, size_t len)
{
	const struct log *log = ringing->ringer->log;
	struct extension_reply *more = ringing->more;
	const char *failure = deliver_write(&ringing->ringer->patience,
	    terminal->name, terminal->owner, text, len);

	if (failure != NULL) {
		whynot_passed_over(log, terminal, failure);
		return false;
	}
	log_debug(log, "%s rung", terminal->name);
	if (more->terminal_count < EXTENSION_TERMINALS_MAX)
		memcpy(more->terminals[more->terminal_count++], terminal->name,
		    sizeof(terminal->name));
	return true;
}

/*
 * Rings where something was typed last, which may be several terminals as far
 * as the kernel tells, or if none of these can be written on, at the one before
 * them; a repeated ring goes to them all.
 */
static enum talk_answer
ring_terminals(struct ringing *ringing)
{
	const struct terminals *terminals = &ringing->ringer->terminals;
	const struct terminal *list = terminals->list;
	char text[DELIVER_RING_SIZE];
	size_t len = compose(ringing, text);
	size_t i, wanted = ringing->open;
	bool rung = false;

	ringing->ringer->patience.now = ringing->task->now;
	if (!ringing->task->again)
		wanted = terminals_latest(terminals, ringing->open);
	for (i = 0; i < ringing->open && (i < wanted || !rung); i++)
		if (write_on(ringing, &list[i], text, len))
			rung = true;
	for (; i < ringing->open; i++)
		log_debug(ringing->ringer->log,
		    "%s not asked: something was typed later elsewhere",
		    list[i].name);
	return rung ? TALK_SUCCESS : refuse(ringing, EXTENSION_STUCK);
}

/* ----------------------------------------------------- what follows it --- */

/* Whether a user of this host calls, and not by his name. */
static bool
is_forged(const struct ringing *ringing)
{
	const struct ringer_task *task = ringing->task;
	const struct address *source = &task->in->source;
	const struct address *local = &task->in->local;

	return owner_is_here(source, local) &&
	    !senders_may_use(ringing->ringer->senders, source, local,
		task->req->l_name, task->now);
}

/* Asks the caller's host whether it knows of the call, once for each. */
static void
have_confirmed(const struct ringing *ringing)
{
	const struct ringer_task *task = ringing->task;
	const struct talk_request *req = task->req;
	struct confirm_call call = {
		.source = task->in->source,
		.local = task->in->local,
		.pid = req->pid,
		.in_full = req->extended,
		.owner = ringing->uid,
	};
	size_t i;

	if (task->again)
		return;
	call.is_forged = is_forged(ringing);
	snprintf(call.caller, sizeof(call.caller), "%s", req->l_name);
	snprintf(call.callee, sizeof(call.callee), "%s", req->r_name);
	snprintf(call.host, sizeof(call.host), "%s", ringing->caller_host);
	for (i = 0; i < ringing->more->terminal_count; i++)
		confirm_add_terminal(&call, ringing->more->terminals[i]);
	confirm_begin(ringing->ringer->confirm, &call, task->now);
}

static const char *
in_words(enum talk_answer answer, enum extension_reason reason, bool again)
{
	switch (reason) {
	case EXTENSION_CLOSED:
		return "refusing messages";
	case EXTENSION_FORBIDDEN:
		return "not permitted";
	case EXTENSION_TOO_OFTEN:
		return "too many rings";
	case EXTENSION_STUCK:
		return "no terminal to write on";
	case EXTENSION_AMBIGUOUS:
		return "the beginning of several users' names";
	default:
		break;
	}
	if (answer == TALK_FAILED)
		return "no way now to look where";
	if (answer != TALK_SUCCESS)
		return "not logged on";
	return again ? "rung again" : "rung";
}

static void
log_ring(const struct ringing *ringing, enum talk_answer answer)
{
	const struct ringer_task *task = ringing->task;
	const char *host = ringing->caller_host;
	char caller[SHOWN_SIZE];
	char callee[SHOWN_SIZE];
	char number[ADDRESS_TEXT_SIZE];

	if (!ringing->ringer->log->calls && !ringing->ringer->log->debug)
		return;
	address_format(&task->in->source, number, sizeof(number));
	log_call(ringing->ringer->log, "%s@%s (%s) calls %s: %s",
	    show(caller, task->req->l_name), host[0] != '\0' ? host : number,
	    number, show(callee, task->req->r_name),
	    in_words(answer, ringing->more->reason, task->again));
}

/* ------------------------------------------------------------ the ring --- */

/* Rings whom it found, unless these two had a ring a moment ago. */
static enum talk_answer
ring_found(struct ringing *ringing)
{
	struct limits *limits = ringing->ringer->limits;
	const struct ringer_task *task = ringing->task;
	const struct limits_ring pair = { &task->in->source, task->req->l_name,
		ringing->uid };
	enum talk_answer answer = judge_pause(
	    ringing, limits_wait_ring(limits, &pair, task->now));

	if (answer == TALK_SUCCESS)
		answer = ring_terminals(ringing);
	if (answer == TALK_SUCCESS) {
		limits_count_ring(limits, &pair, task->now);
		have_confirmed(ringing);
	}
	return answer;
}

bool
ringer_ring(struct ringer *ringer, const struct ringer_task *task,
    struct rendezvous_outcome *outcome, struct extension_reply *more)
{
	struct ringing ringing = {
		.ringer = ringer, .task = task, .more = more
	};
	const struct address *source = &task->in->source;

	*outcome = (struct rendezvous_outcome){ 0 };
	/* Judged first, so that a flood costs no look at anything else. */
	access_refresh(ringer->access);
	outcome->answer = judge_pause(&ringing,
	    limits_wait(ringer->limits, LIMITS_RINGS, source, task->now));
	if (outcome->answer == TALK_SUCCESS) {
		if (!find_callee(&ringing, &outcome->answer))
			return false;
		if (outcome->answer == TALK_SUCCESS)
			outcome->answer = ring_found(&ringing);
		if (outcome->answer != TALK_SUCCESS)
			limits_count_call(ringer->limits, source, task->now);
	}
	outcome->callee = ringing.uid;
	log_ring(&ringing, outcome->answer);
	return true;
}
