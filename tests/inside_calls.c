/*
 * inside_calls - what must hold of the replies to calls: a record of all
 * invitations that the daemon inside has told of, against which each further
 * reply is held.
 *
 * The record is made of requests and replies alone.  Where it may know of less
 * than the daemon does, as when the table's bounds have dropped something, it
 * only judges what was found, not what was not.
 */
#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "common/bytes.h"
#include "common/extension.h"
#include "common/ntalk.h"
#include "common/otalk.h"
#include "fuzz.h"
#include "inside_parts.h"
#include "talkd/invitations.h"

enum {
	RECORDS_MAX = 1024,
	KNOWN = NTALK_NAME_SIZE - 1, /* characters that every peer sends */
};

struct record {
	bool stands;
	bool is_sure; /* that the daemon has it, too, until it expires */
	enum talk_type type;
	uint32_t id, pid;
	struct address source, addr;
	char caller[PERSON_USER_SIZE], callee[PERSON_USER_SIZE];
	bool in_full;
	int64_t refreshed;
};

static struct {
	int64_t life;
	bool is_full; /* and judges nothing any more */
	size_t count;
	struct record list[RECORDS_MAX];
} records;

void
inside_calls_begin(int64_t life)
{
	memset(&records, 0, sizeof(records));
	records.life = life;
}

uint32_t
inside_id(unsigned which)
{
	return records.count == 0 ? 0 : records.list[which % records.count].id;
}

/* A request and its reply. */
struct exchange {
	const struct address *source;
	struct talk_request req;
	struct extension_request besides;
	bool is_old;
	struct talk_reply reply;
	struct extension_reply more;
};

/* ------------------------------------------------------------- reading --- */

/* The reply to otalk; its address is not read. */
static void
read_old_reply(const uint8_t *bytes, const struct otalk_form *form,
    struct talk_reply *reply)
{
	uint32_t id = bytes_get_u32(bytes + 4);

	if (form->little)
		id = id << 24 | (id & 0xff00) << 8 | (id >> 8 & 0xff00) |
		    id >> 24;
	*reply = (struct talk_reply){ bytes[0], bytes[1], id, { 0 } };
}

/* False when the request was none that can be decided on. */
static bool
read_exchange(const struct datagram_reply *reply, struct exchange *exchange)
{
	const struct datagram *in = reply->to;
	struct otalk_form form;
	enum talk_answer fault;

	*exchange = (struct exchange){ .source = &in->source };
	exchange->is_old = otalk_get_request(
	    in->bytes, in->len, &in->source, &exchange->req, &form);
	if (exchange->is_old) {
		fuzz_expect(reply->len == OTALK_REPLY_SIZE);
		read_old_reply(reply->bytes, &form, &exchange->reply);
		return true;
	}
	if (ntalk_get_request(in->bytes, in->len, &exchange->req, &fault) !=
	    NTALK_FINE)
		return false;
	(void)extension_get_request(
	    in->bytes, in->len, &exchange->req, &exchange->besides);
	fuzz_expect(
	    ntalk_get_reply(reply->bytes, reply->len, &exchange->reply));
	fuzz_expect(exchange->req.extended || reply->len == NTALK_REPLY_SIZE);
	if (exchange->req.extended)
		fuzz_expect(extension_get_reply(reply->bytes, reply->len,
		    &exchange->reply, &exchange->more));
	fuzz_expect(exchange->reply.type == exchange->req.wire_type);
	return true;
}

/* -------------------------------------------------------------- record --- */

/* One that old peers may have cut is the same as what it begins. */
static bool
is_same_name(const char *a, bool a_in_full, const char *b, bool b_in_full)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	size_t least = a_len < b_len ? a_len : b_len;
	bool is_cut = a_len < b_len ? !a_in_full : !b_in_full;

	if (a_len == b_len)
		return strcmp(a, b) == 0;
	return is_cut && (least == KNOWN || least == KNOWN + 1) &&
	    strncmp(a, b, least) == 0;
}

static bool
is_between(const struct record *record, const char *caller, const char *callee,
    bool in_full)
{
	return is_same_name(record->caller, record->in_full, caller, in_full) &&
	    is_same_name(record->callee, record->in_full, callee, in_full);
}

static bool
is_expired(const struct record *record)
{
	return record->refreshed + records.life <= inside_now();
}

static bool
is_own(const struct record *record, const struct exchange *exchange)
{
	const struct talk_request *req = &exchange->req;

	return record->type == req->type && record->pid == req->pid &&
	    address_same_host(&record->source, exchange->source) &&
	    is_between(record, req->l_name, req->r_name, req->extended);
}

/* NULL when no invitation that stands has that id. */
static struct record *
find_id(uint32_t id)
{
	size_t i;

	for (i = 0; i < records.count; i++)
		if (records.list[i].stands && records.list[i].id == id &&
		    !is_expired(&records.list[i]))
			return &records.list[i];
	return NULL;
}

/* The newest of one's own; NULL when there is none. */
static struct record *
find_own(const struct exchange *exchange)
{
	size_t i = records.count;

	while (i-- > 0)
		if (records.list[i].stands && !is_expired(&records.list[i]) &&
		    is_own(&records.list[i], exchange))
			return &records.list[i];
	return NULL;
}

/* Whether the table is so full of its like that it may have been dropped. */
static bool
may_be_dropped(const struct record *record)
{
	size_t i, alike = 0;

	for (i = 0; i < records.count; i++)
		alike += records.list[i].type == record->type &&
		    strncmp(records.list[i].caller, record->caller, KNOWN) ==
			0 &&
		    strncmp(records.list[i].callee, record->callee, KNOWN) == 0;
	return alike >= INVITATIONS_PAIR_MAX;
}

static struct record *
add(void)
{
	size_t i = 0;

	while (i < records.count && records.list[i].stands &&
	    !is_expired(&records.list[i]))
		i++;
	if (i == records.count)
		records.count++;
	if (records.count == RECORDS_MAX) {
		records.is_full = true;
		records.count--;
	}
	return &records.list[i];
}

/* Enters one's own, new or refreshed, under the id that the reply tells. */
static void
enter(const struct exchange *exchange)
{
	const struct talk_request *req = &exchange->req;
	const uint32_t id = exchange->reply.id;
	struct record *record = find_id(id);

	fuzz_expect(id != 0);
	if (record != NULL)
		fuzz_expect(is_own(record, exchange));
	if (record == NULL && req->type == TALK_ANNOUNCE)
		record = find_own(exchange);
	if (record == NULL) {
		record = add();
		*record = (struct record){ .stands = true,
			.is_sure = true,
			.type = req->type,
			.pid = req->pid,
			.source = *exchange->source,
			.in_full = req->extended };
		memcpy(record->caller, req->l_name, sizeof(req->l_name));
		memcpy(record->callee, req->r_name, sizeof(req->r_name));
	}
	record->id = id;
	record->addr = req->addr;
	record->refreshed = inside_now();
}

/* ------------------------------------------------------------- judging --- */

/* An invitation is of this host, in its owner's name, and leads here. */
static void
judge_invitation(const struct exchange *exchange)
{
	const struct talk_request *req = &exchange->req;

	if (exchange->reply.answer != TALK_SUCCESS)
		return;
	fuzz_expect(inside_is_here(exchange->source));
	fuzz_expect(inside_may_use(exchange->source, req->l_name));
	fuzz_expect(inside_is_here(&req->addr) && req->addr.port != 0);
	enter(exchange);
}

/* It leads where the caller said, or there by another address of this host. */
static void
judge_address(const struct exchange *exchange, const struct record *record)
{
	const struct address *addr = &exchange->reply.addr;

	if (exchange->is_old)
		return;
	fuzz_expect(addr->port == record->addr.port);
	fuzz_expect(address_same_host(addr, &record->addr) ||
	    (address_is_loopback(&record->addr) && inside_is_here(addr)));
}

static void
judge_found(const struct exchange *exchange)
{
	const struct talk_request *req = &exchange->req;
	const struct record *record = find_id(exchange->reply.id);

	fuzz_expect(record != NULL && record->type == TALK_LEAVE_INVITE);
	fuzz_expect(
	    is_between(record, req->r_name, req->l_name, req->extended));
	judge_address(exchange, record);
}

/* Nothing was kept from him: but his own, and what he has no room for. */
static void
judge_not_found(const struct exchange *exchange)
{
	const struct talk_request *req = &exchange->req;
	const struct record *record;
	size_t i;

	if (strcmp(req->l_name, req->r_name) == 0)
		return;
	for (i = 0; i < records.count; i++) {
		record = &records.list[i];
		fuzz_expect(!record->stands || !record->is_sure ||
		    is_expired(record) || record->type != TALK_LEAVE_INVITE ||
		    record->addr.family != 4 ||
		    address_is_loopback(&record->addr) ||
		    !is_between(
			record, req->r_name, req->l_name, req->extended) ||
		    may_be_dropped(record));
	}
}

static void
judge_look_up(const struct exchange *exchange)
{
	if (exchange->besides.lists)
		fuzz_expect(exchange->reply.answer != TALK_SUCCESS ||
		    (inside_is_here(exchange->source) &&
			inside_may_use(
			    exchange->source, exchange->req.l_name)));
	else if (exchange->reply.answer == TALK_SUCCESS)
		judge_found(exchange);
	else if (exchange->reply.answer == TALK_NOT_HERE)
		judge_not_found(exchange);
}

/* Only the host that made it removes it. */
static void
judge_delete(const struct exchange *exchange)
{
	struct record *record = find_id(exchange->req.id);
	bool is_his = record != NULL &&
	    address_same_host(&record->source, exchange->source);

	if (exchange->reply.answer == TALK_SUCCESS) {
		fuzz_expect(is_his);
		record->stands = false;
	} else {
		fuzz_expect(
		    !is_his || !record->is_sure || may_be_dropped(record));
	}
}

/* One that could not ring again is gone, unless it only has to wait. */
static void
judge_announcement(const struct exchange *exchange)
{
	struct record *own;

	if (exchange->reply.answer == TALK_SUCCESS) {
		enter(exchange);
		return;
	}
	own = find_own(exchange);
	if (own != NULL)
		own->is_sure = false;
}

void
inside_calls_reply(const struct datagram_reply *reply)
{
	struct exchange exchange;

	if (!read_exchange(reply, &exchange) || records.is_full)
		return;
	switch (exchange.req.type) {
	case TALK_LEAVE_INVITE:
		judge_invitation(&exchange);
		break;
	case TALK_LOOK_UP:
		judge_look_up(&exchange);
		break;
	case TALK_DELETE:
		judge_delete(&exchange);
		break;
	case TALK_ANNOUNCE:
		judge_announcement(&exchange);
		break;
	}
}
