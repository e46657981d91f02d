/*
 * calls - a datagram of one of the talk protocols, from its bytes to the
 * bytes of its reply.
 */
#include "calls.h"

#include <netinet/in.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/otalk.h"
#include "common/text.h"
#include "deliver.h"
#include "owner.h"
#include "rendezvous.h"

_Static_assert((int)OTALK_REPLY_SIZE == (int)NTALK_REPLY_SIZE,
    "one room for the reply of either protocol");

/* Room for a name or a terminal of the wire, each byte as \ooo. */
enum { SHOWN_SIZE = 4 * NTALK_TTY_SIZE + 1 };

struct call {
	struct talk_request req;
	enum talk_answer fault; /* of a request that cannot be decided on */
	bool is_old;		/* of the protocol before 4.3BSD */
	struct otalk_form form; /* if so */
};

/* False when it is no call. */
static bool
read_call(const struct datagram *in, struct call *call)
{
	*call = (struct call){ 0 };
	call->is_old = otalk_get_request(
	    in->bytes, in->len, &in->source, &call->req, &call->form);
	return call->is_old ||
	    ntalk_get_request(in->bytes, in->len, &call->req, &call->fault) !=
	    NTALK_JUNK;
}

static void
write_reply(const struct call *call, const struct talk_reply *reply,
    struct calls_reply *out)
{
	if (call->is_old)
		otalk_put_reply(reply, &call->form, out->bytes);
	else
		ntalk_put_reply(reply, out->bytes);
}

/* What can be told without a system call. */
static bool
is_plainly_here(const struct address *host, const struct datagram *in)
{
	return address_is_loopback(host) || address_same_host(host, &in->local);
}

/* Whether the invitation is in the name of somebody else. */
static bool
is_impostor(const struct datagram *in, const struct talk_request *req)
{
	struct owner owner = owner_find(IPPROTO_UDP, &in->source, &in->local);

	return !owner_may_use(&owner, req->l_name);
}

static struct rendezvous_origin
find_origin(const struct datagram *in, const struct talk_request *req)
{
	struct rendezvous_origin origin = {
		.source = in->source,
		.local = in->local,
		.source_is_here = is_plainly_here(&in->source, in),
	};

	/* Only an invitation is worth a closer look. */
	if (req->type == TALK_LEAVE_INVITE) {
		origin.source_is_here = owner_is_here(&in->source, &in->local);
		origin.addr_is_here = origin.source_is_here &&
		    owner_is_here(&req->addr, &in->local);
		origin.is_impostor = origin.source_is_here &&
		    is_impostor(in, req);
	}
	return origin;
}

static void
show(char shown[SHOWN_SIZE], const char *name)
{
	text_name(shown, SHOWN_SIZE, name, strlen(name));
}

/*
 * Finds where the callee sits: TALK_SUCCESS with his uid and the number of
 * his open terminals, which come first in the list, or why he is not rung.
 */
static enum talk_answer
find_callee(struct calls *calls, const struct talk_request *req, uid_t *owner,
    size_t *open)
{
	struct terminals *terminals = &calls->terminals;
	char callee[SHOWN_SIZE];
	size_t i;
	int users;

	if (!terminals_scan(terminals))
		log_warning(calls->log, "cannot look for terminals: %s",
		    strerror(errno));
	users = terminals_find_owner(terminals, req->r_name, owner);
	if (users > 1) {
		show(callee, req->r_name);
		log_warning(calls->log,
		    "called %s, as the names of %d users here begin", callee,
		    users);
	}
	if (users != 1)
		return TALK_NOT_HERE;
	*open = terminals_choose(terminals, *owner, req->r_tty);
	for (i = *open; i < terminals->count; i++)
		log_debug(calls->log, "%s passed over: closed to messages",
		    terminals->list[i].name);
	if (terminals->count == 0)
		return TALK_NOT_HERE;
	return *open == 0 ? TALK_PERMISSION_DENIED : TALK_SUCCESS;
}

/*
 * Rings on the terminal used last, or if that cannot be written on, the one
 * before it; a repeated ring goes to them all.
 */
static enum talk_answer
ring_callee(struct calls *calls, uid_t owner, size_t open, bool again,
    const struct deliver_ring *ring)
{
	const struct terminal *list = calls->terminals.list;
	enum talk_answer rung = TALK_FAILED;
	char text[DELIVER_RING_SIZE];
	size_t len = deliver_ring_text(ring, text);
	const char *failure;
	size_t i;

	for (i = 0; i < open && (again || rung != TALK_SUCCESS); i++) {
		failure = deliver_write(list[i].name, owner, text, len);
		if (failure == NULL)
			rung = TALK_SUCCESS;
		log_debug(calls->log, "%s %s%s", list[i].name,
		    failure == NULL ? "rung" : "passed over: ",
		    failure == NULL ? "" : failure);
	}
	return rung;
}

static const char *
outcome(enum talk_answer rung, bool again)
{
	switch (rung) {
	case TALK_SUCCESS:
		return again ? "rung again" : "rung";
	case TALK_NOT_HERE:
		return "not logged on";
	case TALK_PERMISSION_DENIED:
		return "refusing messages";
	default:
		return "too many rings, or no terminal to write on";
	}
}

static void
log_ring(const struct calls *calls, const struct talk_request *req,
    const struct address *source, const char *caller_host,
    enum talk_answer rung, bool again)
{
	char caller[SHOWN_SIZE];
	char callee[SHOWN_SIZE];
	char number[ADDRESS_TEXT_SIZE];

	show(caller, req->l_name);
	show(callee, req->r_name);
	address_format(source, number, sizeof(number));
	log_call(calls->log, "%s@%s (%s) calls %s: %s", caller, caller_host,
	    number, callee, outcome(rung, again));
}

/* Rings, if there is where to; false when that waits for the host's name. */
static bool
ring(struct calls *calls, const struct datagram *in,
    const struct talk_request *req, bool again, bool may_wait, int64_t now,
    enum talk_answer *rung)
{
	char caller_host[PERSON_HOST_SIZE];
	struct deliver_ring ring = {
		.host = calls->host,
		.caller = req->l_name,
		.caller_host = caller_host,
	};
	time_t clock = time(NULL);
	struct tm local = { 0 };
	size_t open = 0;
	uid_t owner;

	address_format(&in->source, caller_host, sizeof(caller_host));
	*rung = find_callee(calls, req, &owner, &open);
	if (*rung == TALK_SUCCESS) {
		if (!names_find(calls->names, &in->source, now, caller_host) &&
		    may_wait)
			return false;
		(void)localtime_r(&clock, &local);
		ring.hour = local.tm_hour;
		ring.minute = local.tm_min;
		*rung = limits_take(
			    calls->limits, LIMITS_RINGS, &in->source, now)
		    ? ring_callee(calls, owner, open, again, &ring)
		    : TALK_FAILED;
	}
	log_ring(calls, req, &in->source, caller_host, *rung, again);
	return true;
}

/* Decides on a request and does what that takes; false when it waits. */
static bool
answer(struct calls *calls, const struct datagram *in,
    const struct talk_request *req, bool may_wait, int64_t now,
    struct talk_reply *reply)
{
	struct rendezvous_origin origin = find_origin(in, req);
	enum rendezvous_ring kind = rendezvous_decide(
	    calls->table, req, &origin, now, reply);
	enum talk_answer rung;

	if (kind == RENDEZVOUS_NO_RING)
		return true;
	if (!ring(calls, in, req, kind == RENDEZVOUS_RING_AGAIN, may_wait, now,
		&rung))
		return false;
	rendezvous_settle(calls->table, req, &origin, rung, now, reply);
	return true;
}

static void
log_request(const struct calls *calls, const struct datagram *in,
    const struct talk_request *req, const struct talk_reply *reply)
{
	static const char *const types[] = { "LEAVE_INVITE", "LOOK_UP",
		"DELETE", "ANNOUNCE" };
	char l_name[SHOWN_SIZE];
	char r_name[SHOWN_SIZE];
	char r_tty[SHOWN_SIZE];
	char source[ADDRESS_TEXT_SIZE];

	if (!calls->log->debug)
		return;
	show(l_name, req->l_name);
	show(r_name, req->r_name);
	show(r_tty, req->r_tty);
	address_format(&in->source, source, sizeof(source));
	log_debug(calls->log,
	    "%s from %s port %d: %s to %s%s%s, pid %" PRIu32 ", id %" PRIu32
	    ": answer %d, id %" PRIu32,
	    types[req->type], source, in->source.port, l_name, r_name,
	    r_tty[0] != '\0' ? " on " : "", r_tty, req->pid, req->id,
	    (int)reply->answer, reply->id);
}

enum calls_result
calls_take(struct calls *calls, const struct datagram *in, bool may_wait,
    int64_t now, struct calls_reply *out)
{
	struct talk_reply reply;
	struct call call;

	if (!read_call(in, &call))
		return CALLS_NOT_MINE;
	if (call.fault != TALK_SUCCESS)
		reply = (struct talk_reply){ .type = call.req.wire_type,
			.answer = call.fault };
	else if (!answer(calls, in, &call.req, may_wait, now, &reply))
		return CALLS_WAITS;
	log_request(calls, in, &call.req, &reply);
	write_reply(&call, &reply, out);
	return CALLS_ANSWERED;
}
