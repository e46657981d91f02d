/*
 * calls - a datagram of one of the talk protocols, from its bytes to the
 * bytes of its reply.
 */
#include "calls.h"

#include <netinet/in.h>

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/otalk.h"
#include "common/text.h"
#include "deliver.h"
#include "owner.h"
#include "rendezvous.h"

_Static_assert((int)DATAGRAM_SIZE >= (int)EXTENSION_DATAGRAM_SIZE,
    "a request is received whole");

enum {
	/* Room for a name or a terminal of the wire, each byte as \ooo. */
	SHOWN_SIZE = 4 * PERSON_USER_SIZE,

	RING_EVERY = 1, /* seconds: who rang too often may again after it */
};

/* A request, and what becomes of it. */
struct call {
	const struct datagram *in;
	int64_t now;
	struct talk_request req;
	struct extension_request besides;
	enum talk_answer fault; /* of a request that cannot be decided on */
	bool is_old;		/* of the protocol before 4.3BSD */
	struct otalk_form form; /* if so */
	struct rendezvous_origin origin;
	struct talk_reply reply;
	struct extension_reply more; /* told to who sent an extension */
};

static void
show(char shown[SHOWN_SIZE], const char *name)
{
	text_name(shown, SHOWN_SIZE, name, strlen(name));
}

/* ---------------------------------------------------- reading and writing - */

/* False when it is no call. */
static bool
read_call(const struct datagram *in, int64_t now, struct call *call)
{
	enum ntalk_shape shape;

	*call = (struct call){ .in = in, .now = now };
	call->is_old = otalk_get_request(
	    in->bytes, in->len, &in->source, &call->req, &call->form);
	if (call->is_old)
		return true;
	shape = ntalk_get_request(in->bytes, in->len, &call->req, &call->fault);
	if (shape == NTALK_FINE)
		(void)extension_get_request(
		    in->bytes, in->len, &call->req, &call->besides);
	return shape != NTALK_JUNK;
}

static void
write_reply(const struct call *call, struct calls_reply *out)
{
	if (call->req.extended) {
		out->len = extension_put_reply(
		    &call->reply, &call->more, call->in->len, out->bytes);
	} else if (call->is_old) {
		otalk_put_reply(&call->reply, &call->form, out->bytes);
		out->len = OTALK_REPLY_SIZE;
	} else {
		ntalk_put_reply(&call->reply, out->bytes);
		out->len = NTALK_REPLY_SIZE;
	}
}

static void
log_request(const struct calls *calls, const struct call *call)
{
	static const char *const types[] = { "LEAVE_INVITE", "LOOK_UP",
		"DELETE", "ANNOUNCE" };
	const struct talk_request *req = &call->req;
	const struct address *from = &call->in->source;
	char l_name[SHOWN_SIZE];
	char r_name[SHOWN_SIZE];
	char r_tty[SHOWN_SIZE];
	char source[ADDRESS_TEXT_SIZE];

	if (!calls->log->debug)
		return;
	show(l_name, req->l_name);
	show(r_name, req->r_name);
	show(r_tty, req->r_tty);
	address_format(from, source, sizeof(source));
	log_debug(calls->log,
	    "%s from %s port %d: %s to %s%s%s, pid %" PRIu32 ", id %" PRIu32
	    ": answer %d, id %" PRIu32,
	    call->besides.lists ? "LIST" : types[req->type], source, from->port,
	    l_name, r_name, r_tty[0] != '\0' ? " on " : "", r_tty, req->pid,
	    req->id, (int)call->reply.answer, call->reply.id);
}

/* ----------------------------------------------------- where it came from - */

/* What can be told without a system call. */
static bool
is_plainly_here(const struct address *host, const struct datagram *in)
{
	return address_is_loopback(host) || address_same_host(host, &in->local);
}

/* Whether the asker calls himself by a name that is not his. */
static bool
is_impostor(const struct call *call)
{
	struct owner owner = owner_find(
	    IPPROTO_UDP, &call->in->source, &call->in->local);

	return !owner_may_use(&owner, call->req.l_name);
}

/* Only an invitation and a list are worth a closer look. */
static void
find_origin(struct call *call)
{
	const struct datagram *in = call->in;
	bool invites = call->req.type == TALK_LEAVE_INVITE;
	struct rendezvous_origin *origin = &call->origin;

	origin->source = in->source;
	origin->local = in->local;
	origin->source_is_here = is_plainly_here(&in->source, in);
	if (!invites && !call->besides.lists)
		return;
	origin->source_is_here = owner_is_here(&in->source, &in->local);
	origin->is_impostor = origin->source_is_here && is_impostor(call);
	origin->addr_is_here = invites && origin->source_is_here &&
	    owner_is_here(&call->req.addr, &in->local);
	if (origin->is_impostor)
		call->more.reason = EXTENSION_IMPOSTOR;
}

/* ------------------------------------------------------------------ lists - */

static bool
find_uid(const char *user, uid_t *uid)
{
	const struct passwd *entry = getpwnam(user);

	if (entry != NULL)
		*uid = entry->pw_uid;
	return entry != NULL;
}

static void
describe(struct calls *calls, const struct call *call,
    const struct invitation *from, struct extension_call *described)
{
	int64_t age = (call->now - from->made) / 1000;
	char host[PERSON_HOST_SIZE];

	described->age = age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
	snprintf(
	    described->caller, sizeof(described->caller), "%s", from->caller);
	(void)names_find(calls->names, &from->source, call->now, host);
	if (strlen(host) >= sizeof(described->host))
		address_format(&from->source, host, sizeof(host));
	snprintf(described->host, sizeof(described->host), "%.*s",
	    (int)sizeof(described->host) - 1, host);
}

/* Tells a user of this host, and nobody else, who calls him. */
static void
list_calls(struct calls *calls, struct call *call)
{
	const struct rendezvous_origin *origin = &call->origin;
	const struct invitation *found[EXTENSION_CALLS_MAX];
	struct extension_reply *more = &call->more;
	size_t i;
	uid_t uid;

	call->reply = (struct talk_reply){ .type = call->req.wire_type };
	if (!origin->source_is_here || origin->is_impostor) {
		call->reply.answer = TALK_PERMISSION_DENIED;
		more->reason = EXTENSION_IMPOSTOR;
		return;
	}
	if (find_uid(call->req.l_name, &uid))
		more->call_count = rendezvous_list(calls->table, uid,
		    call->besides.skip, call->now, found, EXTENSION_CALLS_MAX);
	for (i = 0; i < more->call_count; i++)
		describe(calls, call, found[i], &more->calls[i]);
	call->reply.answer = more->call_count > 0 ? TALK_SUCCESS
						  : TALK_NOT_HERE;
}

/* ---------------------------------------------------------------- ringing - */

/* Whom a ring is for, and where: his open terminals come first in the list. */
struct callee {
	uid_t uid;
	size_t open;
};

/*
 * Finds whom the callee's name stands for, and returns how many users that are:
 * one whose name it is, but several may begin like one that was cut.
 */
static int
name_users(
    struct calls *calls, const struct talk_request *req, struct callee *callee)
{
	if (req->extended)
		return find_uid(req->r_name, &callee->uid) ? 1 : 0;
	return terminals_find_owner(
	    &calls->terminals, req->r_name, &callee->uid);
}

static enum talk_answer
find_user(struct calls *calls, struct call *call, struct callee *callee)
{
	int users = name_users(calls, &call->req, callee);
	char name[SHOWN_SIZE];

	if (users > 1) {
		show(name, call->req.r_name);
		log_warning(calls->log,
		    "called %s, as the names of %d users here begin", name,
		    users);
		call->more.reason = EXTENSION_AMBIGUOUS;
	}
	return users == 1 ? TALK_SUCCESS : TALK_NOT_HERE;
}

/* Finds the callee's open terminals, or why he is not rung. */
static enum talk_answer
find_terminals(struct calls *calls, struct call *call, struct callee *callee)
{
	struct terminals *terminals = &calls->terminals;
	size_t i;

	callee->open = terminals_choose(
	    terminals, callee->uid, call->req.r_tty);
	for (i = callee->open; i < terminals->count; i++)
		log_debug(calls->log, "%s passed over: closed to messages",
		    terminals->list[i].name);
	if (terminals->count == 0)
		return TALK_NOT_HERE;
	if (callee->open > 0)
		return TALK_SUCCESS;
	call->more.reason = EXTENSION_CLOSED;
	return TALK_PERMISSION_DENIED;
}

static enum talk_answer
find_callee(struct calls *calls, struct call *call, struct callee *callee)
{
	enum talk_answer found;

	if (!terminals_scan(&calls->terminals))
		log_warning(calls->log, "cannot look for terminals: %s",
		    strerror(errno));
	found = find_user(calls, call, callee);
	if (found != TALK_SUCCESS)
		return found;
	return find_terminals(calls, call, callee);
}

/* Whether the caller's host has not rung too often. */
static enum talk_answer
count_ring(struct calls *calls, struct call *call)
{
	if (limits_take(
		calls->limits, LIMITS_RINGS, &call->in->source, call->now))
		return TALK_SUCCESS;
	call->more.reason = EXTENSION_TOO_OFTEN;
	call->more.seconds = RING_EVERY;
	return TALK_FAILED;
}

static size_t
compose_ring(const struct calls *calls, const struct call *call,
    const char *caller_host, char text[DELIVER_RING_SIZE])
{
	struct deliver_ring ring = {
		.host = calls->host,
		.caller = call->req.l_name,
		.caller_host = caller_host,
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
ring_terminal(const struct calls *calls, struct call *call,
    const struct terminal *terminal, const char *text, size_t len)
{
	struct extension_reply *more = &call->more;
	const char *failure = deliver_write(
	    terminal->name, terminal->owner, text, len);

	log_debug(calls->log, "%s %s%s", terminal->name,
	    failure == NULL ? "rung" : "passed over: ",
	    failure == NULL ? "" : failure);
	if (failure == NULL && more->terminal_count < EXTENSION_TERMINALS_MAX)
		snprintf(more->terminals[more->terminal_count++],
		    sizeof(more->terminals[0]), "%s", terminal->name);
	return failure == NULL;
}

/*
 * Rings on the terminal used last, or if that cannot be written on, the one
 * before it; a repeated ring goes to them all.
 */
static enum talk_answer
ring_callee(const struct calls *calls, struct call *call,
    const struct callee *callee, const char *caller_host, bool again)
{
	char text[DELIVER_RING_SIZE];
	size_t len = compose_ring(calls, call, caller_host, text);
	bool rung = false;
	size_t i;

	for (i = 0; i < callee->open && (again || !rung); i++)
		if (ring_terminal(
			calls, call, &calls->terminals.list[i], text, len))
			rung = true;
	if (rung)
		return TALK_SUCCESS;
	call->more.reason = EXTENSION_STUCK;
	return TALK_FAILED;
}

static const char *
in_words(enum talk_answer answer, enum extension_reason reason, bool again)
{
	if (reason == EXTENSION_AMBIGUOUS)
		return "the beginning of several users' names";
	switch (answer) {
	case TALK_SUCCESS:
		return again ? "rung again" : "rung";
	case TALK_NOT_HERE:
		return "not logged on";
	case TALK_PERMISSION_DENIED:
		return "refusing messages";
	default:
		return reason == EXTENSION_TOO_OFTEN
		    ? "too many rings"
		    : "no terminal to write on";
	}
}

static void
log_ring(const struct calls *calls, const struct call *call,
    const char *caller_host, enum talk_answer answer, bool again)
{
	char caller[SHOWN_SIZE];
	char callee[SHOWN_SIZE];
	char number[ADDRESS_TEXT_SIZE];

	show(caller, call->req.l_name);
	show(callee, call->req.r_name);
	address_format(&call->in->source, number, sizeof(number));
	log_call(calls->log, "%s@%s (%s) calls %s: %s", caller, caller_host,
	    number, callee, in_words(answer, call->more.reason, again));
}

/* Rings, if there is where to; false when that waits for the host's name. */
static bool
ring(struct calls *calls, struct call *call, bool again, bool may_wait,
    struct rendezvous_outcome *outcome)
{
	const struct address *source = &call->in->source;
	char caller_host[PERSON_HOST_SIZE];
	struct callee callee = { 0 };

	address_format(source, caller_host, sizeof(caller_host));
	outcome->answer = find_callee(calls, call, &callee);
	if (outcome->answer == TALK_SUCCESS) {
		if (!names_find(calls->names, source, call->now, caller_host) &&
		    may_wait)
			return false;
		outcome->answer = count_ring(calls, call);
	}
	if (outcome->answer == TALK_SUCCESS)
		outcome->answer = ring_callee(
		    calls, call, &callee, caller_host, again);
	outcome->callee = callee.uid;
	log_ring(calls, call, caller_host, outcome->answer, again);
	return true;
}

/* -------------------------------------------------------------- answering - */

/* Decides on a request and does what that takes; false when it waits. */
static bool
answer(struct calls *calls, struct call *call, bool may_wait)
{
	struct rendezvous_outcome outcome;
	enum rendezvous_ring kind;

	find_origin(call);
	if (call->besides.lists) {
		list_calls(calls, call);
		return true;
	}
	kind = rendezvous_decide(
	    calls->table, &call->req, &call->origin, call->now, &call->reply);
	if (kind == RENDEZVOUS_NO_RING)
		return true;
	if (!ring(
		calls, call, kind == RENDEZVOUS_RING_AGAIN, may_wait, &outcome))
		return false;
	rendezvous_settle(calls->table, &call->req, &call->origin, &outcome,
	    call->now, &call->reply);
	return true;
}

enum calls_result
calls_take(struct calls *calls, const struct datagram *in, bool may_wait,
    int64_t now, struct calls_reply *out)
{
	struct call call;

	if (!read_call(in, now, &call))
		return CALLS_NOT_MINE;
	if (call.fault != TALK_SUCCESS)
		call.reply = (struct talk_reply){ .type = call.req.wire_type,
			.answer = call.fault };
	else if (!answer(calls, &call, may_wait))
		return CALLS_WAITS;
	log_request(calls, &call);
	write_reply(&call, out);
	return CALLS_ANSWERED;
}
