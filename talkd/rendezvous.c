/*
 * rendezvous - what a talk daemon answers.
 */
#include "rendezvous.h"

#include <stdio.h>
#include <string.h>

/* A client's own entry: the same type, pid, names and host. */
static struct invitation *
find_own(const struct invitations *table, const struct talk_request *req,
    const struct address *source)
{
	const struct invitations_pair pair = { req->l_name, req->r_name,
		req->extended };
	struct invitation *found = invitations_first(table, req->type, &pair);

	while (found != NULL &&
	    (found->pid != req->pid ||
		!address_same_host(&found->source, source)))
		found = invitations_next(table, found, &pair);
	return found;
}

static struct invitation *
add_own(struct invitations *table, const struct talk_request *req,
    const struct address *source, int64_t now)
{
	struct invitation own = {
		.type = req->type,
		.pid = req->pid,
		.rung_for = req->id,
		.source = *source,
		.addr = req->addr,
		.in_full = req->extended,
	};

	snprintf(own.caller, sizeof(own.caller), "%s", req->l_name);
	snprintf(own.callee, sizeof(own.callee), "%s", req->r_name);
	return invitations_add(table, &own, now);
}

/*
 * An invitation says where a stream may connect to, so it is taken from this
 * host only, from its caller only, and only with an address of this host: from
 * elsewhere it would lead the callee to any port of anybody.
 */
static enum talk_answer
judge_invite(
    const struct talk_request *req, const struct rendezvous_origin *origin)
{
	if (!origin->source_is_here || origin->is_impostor)
		return TALK_PERMISSION_DENIED;
	if (!origin->addr_is_here || req->addr.port == 0)
		return TALK_BADADDR;
	return TALK_SUCCESS;
}

static void
leave_invite(struct invitations *table, const struct talk_request *req,
    const struct rendezvous_origin *origin, int64_t now,
    struct talk_reply *reply)
{
	struct invitation *own;

	reply->answer = judge_invite(req, origin);
	if (reply->answer != TALK_SUCCESS)
		return;
	own = find_own(table, req, &origin->source);
	if (own != NULL) {
		own->addr = req->addr;
		invitations_refresh(table, own, now);
	} else {
		own = add_own(table, req, &origin->source, now);
	}
	reply->id = own->id;
}

/*
 * Whether the invitation was left by the one who asks.  Names tell, unless
 * someone calls himself at another terminal.
 */
static bool
is_askers_own(const struct invitation *found, const struct talk_request *req,
    const struct address *source)
{
	return strcmp(req->l_name, req->r_name) == 0 &&
	    found->pid == req->pid && address_same_host(&found->source, source);
}

/*
 * Where the asker reaches the caller; family 0 when he cannot.  Some clients
 * leave a loopback address, as Debian's /etc/hosts maps the host's name to
 * 127.0.1.1; it would lead an asker on another host to himself.  The address
 * that he asked at is this host's.  Only an extension has room for IPv6.
 */
static struct address
reachable(const struct address *addr, const struct talk_request *req,
    const struct rendezvous_origin *origin)
{
	struct address reached = { 0 };

	if (addr->family == 6 && !req->extended)
		return reached;
	if (!address_is_loopback(addr) || origin->source_is_here)
		return *addr;
	if (origin->local.family == addr->family) {
		reached = origin->local;
		reached.port = addr->port;
	}
	return reached;
}

static void
look_up(const struct invitations *table, const struct talk_request *req,
    const struct rendezvous_origin *origin, struct talk_reply *reply)
{
	const struct invitations_pair pair = { req->r_name, req->l_name,
		req->extended };
	const struct invitation *found = invitations_first(
	    table, TALK_LEAVE_INVITE, &pair);

	reply->answer = TALK_NOT_HERE;
	for (; found != NULL; found = invitations_next(table, found, &pair)) {
		if (is_askers_own(found, req, &origin->source))
			continue;
		reply->addr = reachable(&found->addr, req, origin);
		if (reply->addr.family == 0)
			continue;
		reply->answer = TALK_SUCCESS;
		reply->id = found->id;
		return;
	}
}

static void
delete_id(struct invitations *table, const struct talk_request *req,
    const struct rendezvous_origin *origin, struct talk_reply *reply)
{
	struct invitation *found = invitations_by_id(table, req->id);

	if (found == NULL ||
	    !address_same_host(&found->source, &origin->source)) {
		reply->answer = TALK_NOT_HERE;
		return;
	}
	reply->answer = TALK_SUCCESS;
	reply->id = found->id;
	invitations_remove(table, found);
}

static uint32_t
swap_u32(uint32_t word)
{
	return word << 24 | (word & 0xff00) << 8 | (word >> 8 & 0xff00) |
	    word >> 24;
}

/* Whether a client that forgot to swap bytes has added its 1 to the id. */
static bool
is_swapped_next(uint32_t id, uint32_t stored)
{
	return id == swap_u32(swap_u32(stored) + 1);
}

/*
 * A client rings again by an id above the one it was told.  The id that made
 * it ring before is a datagram sent twice, and NTALK_NO_ID a first one.
 */
static bool
rings_again(const struct invitation *own, uint32_t id)
{
	if (id == NTALK_NO_ID || id == own->rung_for)
		return false;
	return id > own->id || is_swapped_next(id, own->id);
}

static enum rendezvous_ring
announce(struct invitations *table, const struct talk_request *req,
    const struct rendezvous_origin *origin, int64_t now,
    struct talk_reply *reply)
{
	struct invitation *own = find_own(table, req, &origin->source);

	if (req->l_name[0] == '\0') {
		reply->answer = TALK_FAILED;
		return RENDEZVOUS_NO_RING;
	}
	if (own == NULL)
		return RENDEZVOUS_FIRST_RING;
	if (rings_again(own, req->id))
		return RENDEZVOUS_RING_AGAIN;
	invitations_refresh(table, own, now);
	reply->answer = TALK_SUCCESS;
	reply->id = own->id;
	return RENDEZVOUS_NO_RING;
}

static void
start_reply(const struct talk_request *req, struct talk_reply *reply)
{
	*reply = (struct talk_reply){ .type = req->wire_type };
}

enum rendezvous_ring
rendezvous_decide(struct invitations *table, const struct talk_request *req,
    const struct rendezvous_origin *origin, int64_t now,
    struct talk_reply *reply)
{
	invitations_expire(table, now);
	start_reply(req, reply);
	switch (req->type) {
	case TALK_LEAVE_INVITE:
		leave_invite(table, req, origin, now, reply);
		break;
	case TALK_LOOK_UP:
		look_up(table, req, origin, reply);
		break;
	case TALK_DELETE:
		delete_id(table, req, origin, reply);
		break;
	case TALK_ANNOUNCE:
		return announce(table, req, origin, now, reply);
	}
	return RENDEZVOUS_NO_RING;
}

void
rendezvous_settle(struct invitations *table, const struct talk_request *req,
    const struct rendezvous_origin *origin,
    const struct rendezvous_outcome *outcome, int64_t now,
    struct talk_reply *reply)
{
	struct invitation *own = find_own(table, req, &origin->source);

	start_reply(req, reply);
	reply->answer = outcome->answer;
	if (outcome->answer != TALK_SUCCESS) {
		if (own != NULL)
			invitations_remove(table, own);
		return;
	}
	if (own != NULL) {
		/* The new id lies above the one that came. */
		invitations_raise_id(table, own, req->id);
		invitations_refresh(table, own, now);
		own->rung_for = req->id;
	} else {
		own = add_own(table, req, &origin->source, now);
	}
	own->rung = outcome->callee;
	reply->id = own->id;
}

size_t
rendezvous_list(struct invitations *table, uid_t callee, size_t skip,
    int64_t now, const struct invitation **found, size_t room)
{
	const struct invitation *next;
	size_t count = 0;

	invitations_expire(table, now);
	for (next = invitations_newest(table); next != NULL && count < room;
	     next = invitations_older(table, next)) {
		if (next->type != TALK_ANNOUNCE || next->rung != callee)
			continue;
		if (skip > 0)
			skip--;
		else
			found[count++] = next;
	}
	return count;
}
