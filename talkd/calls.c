/*
 * calls - a datagram of one of the talk protocols, from its bytes to the
 * bytes of its reply.
 */
#include "calls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/otalk.h"
#include "common/owner.h"
#include "common/text.h"
#include "users.h"

_Static_assert((int)DATAGRAM_SIZE >= (int)EXTENSION_DATAGRAM_SIZE,
    "a request is received whole");

/* Room for a name or a terminal of the wire, each byte as \ooo. */
enum { SHOWN_SIZE = 4 * PERSON_USER_SIZE };

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
	struct extension_reply *more; /* told to who sent an extension */
};

static void
show(char shown[SHOWN_SIZE], const char *name)
{
	text_name(shown, SHOWN_SIZE, name, strlen(name));
}

/* ------------------------------------------------- reading and writing --- */

/* Nothing to tell; what the counts do not count is left as it is. */
static void
clear(struct extension_reply *more)
{
	more->reason = EXTENSION_NO_REASON;
	more->seconds = 0;
	more->terminal_count = 0;
	more->call_count = 0;
}

/* False when it is no call. */
static bool
read_call(struct calls *calls, const struct datagram *in, int64_t now,
    struct call *call)
{
	enum ntalk_shape shape;

	*call = (struct call){ .in = in, .now = now, .more = &calls->more };
	clear(call->more);
	call->is_old = otalk_get_request(
	    in->bytes, in->len, &in->source, &call->req, &call->form);
	if (call->is_old)
		return true;
	shape = ntalk_get_request(in->bytes, in->len, &call->req, &call->fault);
	if (shape == NTALK_FINE && in->len > NTALK_REQUEST_SIZE)
		(void)extension_get_request(
		    in->bytes, in->len, &call->req, &call->besides);
	return shape != NTALK_JUNK;
}

static void
write_reply(const struct call *call, struct datagram_reply *out)
{
	if (call->req.extended) {
		out->len = extension_put_reply(
		    &call->reply, call->more, call->in->len, out->bytes);
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

/* -------------------------------------------------- where it came from --- */

/* What can be told without a system call. */
static bool
is_plainly_here(const struct address *host, const struct datagram *in)
{
	return address_is_loopback(host) || address_same_host(host, &in->local);
}

/* Only an invitation and a list are worth a closer look. */
static void
find_origin(const struct calls *calls, struct call *call)
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
	origin->is_impostor = origin->source_is_here &&
	    !senders_may_use(calls->senders, &in->source, &in->local,
		call->req.l_name, call->now);
	origin->addr_is_here = invites && origin->source_is_here &&
	    owner_is_here(&call->req.addr, &in->local);
	if (origin->is_impostor)
		call->more->reason = EXTENSION_IMPOSTOR;
}

/* --------------------------------------------------------------- lists --- */

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
	struct extension_reply *more = call->more;
	const struct passwd *asker;
	size_t i, count = 0;

	call->reply = (struct talk_reply){ .type = call->req.wire_type };
	if (!origin->source_is_here || origin->is_impostor) {
		call->reply.answer = TALK_PERMISSION_DENIED;
		more->reason = EXTENSION_IMPOSTOR;
		return;
	}
	asker = users_by_name(call->req.l_name);
	if (asker == NULL && errno != 0) {
		call->reply.answer = TALK_FAILED;
		return;
	}
	if (asker != NULL)
		count = rendezvous_list(calls->table, asker->pw_uid,
		    call->besides.skip, call->now, found, EXTENSION_CALLS_MAX);
	for (i = 0; i < count; i++)
		describe(calls, call, found[i], &more->calls[i]);
	more->call_count = count;
	call->reply.answer = count > 0 ? TALK_SUCCESS : TALK_NOT_HERE;
}

/* ----------------------------------------------------------- answering --- */

/* Rings, and enters how it went; false when that waits for a name. */
static bool
ring(struct calls *calls, struct call *call, bool again, bool may_wait)
{
	const struct ringer_task ring = {
		.in = call->in,
		.req = &call->req,
		.again = again,
		.may_wait = may_wait,
		.now = call->now,
	};
	struct rendezvous_outcome outcome;

	if (!ringer_ring(calls->ringer, &ring, &outcome, call->more))
		return false;
	if (call->more->reason == EXTENSION_TOO_OFTEN)
		call->reply = (struct talk_reply){ .type = call->req.wire_type,
			.answer = outcome.answer };
	else
		rendezvous_settle(calls->table, &call->req, &call->origin,
		    &outcome, call->now, &call->reply);
	return true;
}

/* Decides on a request and does what that takes; false when it waits. */
static bool
answer(struct calls *calls, struct call *call, bool may_wait)
{
	find_origin(calls, call);
	if (call->besides.lists) {
		list_calls(calls, call);
		return true;
	}
	switch (rendezvous_decide(
	    calls->table, &call->req, &call->origin, call->now, &call->reply)) {
	case RENDEZVOUS_FIRST_RING:
		return ring(calls, call, false, may_wait);
	case RENDEZVOUS_RING_AGAIN:
		return ring(calls, call, true, may_wait);
	case RENDEZVOUS_NO_RING:
		break;
	}
	return true;
}

enum calls_result
calls_take(struct calls *calls, const struct datagram *in, bool may_wait,
    int64_t now, struct datagram_reply *out)
{
	struct call call;

	if (!read_call(calls, in, now, &call))
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
