/*
 * What stands behind a datagram of talk.  A byte tells how the input is used:
 * as a request; as a reply, after the length of the request it answers; or as
 * what a reply is to tell, after that length.
 */
#include <string.h>

#include "common/extension.h"
#include "common/ntalk.h"
#include "fuzz.h"

enum way { REQUEST, REPLY, ANSWER, WAYS };

/* ------------------------------------------------------------ requests --- */

static void
check_request(
    const struct talk_request *full, const struct talk_request *classic)
{
	size_t l_len = strlen(classic->l_name);
	size_t r_len = strlen(classic->r_name);

	fuzz_expect(full->extended);
	fuzz_expect(strlen(full->l_name) < PERSON_USER_SIZE);
	fuzz_expect(strlen(full->r_name) < PERSON_USER_SIZE);
	fuzz_expect(strncmp(full->l_name, classic->l_name, l_len) == 0);
	fuzz_expect(strncmp(full->r_name, classic->r_name, r_len) == 0);
	fuzz_expect(l_len >= 11 || strlen(full->l_name) == l_len);
	fuzz_expect(r_len >= 11 || strlen(full->r_name) == r_len);
	fuzz_expect(full->addr.family == 4 || full->addr.family == 6);
	fuzz_expect(full->addr.family == 4 || !address_is_any(&full->addr));
}

/* What is written is read as it was, and written the same again. */
static void
check_request_round(
    const struct talk_request *req, const struct extension_request *more)
{
	uint8_t written[EXTENSION_DATAGRAM_SIZE];
	uint8_t again[EXTENSION_DATAGRAM_SIZE];
	struct extension_request read_more;
	struct talk_request read;
	enum talk_answer fault;
	size_t len = extension_put_request(req, more, written);

	fuzz_expect(len <= sizeof(written));
	fuzz_expect(len >= (more->lists ? 1024U : 148U));
	fuzz_expect(
	    ntalk_get_request(written, len, &read, &fault) == NTALK_FINE);
	fuzz_expect(extension_get_request(written, len, &read, &read_more));
	fuzz_expect(strcmp(read.l_name, req->l_name) == 0);
	fuzz_expect(strcmp(read.r_name, req->r_name) == 0);
	fuzz_expect(address_equal(&read.addr, &req->addr));
	fuzz_expect(read_more.lists == more->lists);
	fuzz_expect(read_more.skip == more->skip);
	fuzz_expect(extension_put_request(&read, &read_more, again) == len);
	fuzz_expect(memcmp(again, written, len) == 0);
}

static void
try_request(const uint8_t *data, size_t size)
{
	struct extension_request more;
	struct talk_request req, classic;
	enum talk_answer fault;

	if (ntalk_get_request(data, size, &req, &fault) != NTALK_FINE)
		return;
	classic = req;
	if (extension_get_request(data, size, &req, &more)) {
		check_request(&req, &classic);
		check_request_round(&req, &more);
	} else {
		fuzz_expect(fuzz_same_request(&req, &classic));
		fuzz_expect(!more.lists && more.skip == 0);
	}
}

/* ------------------------------------------------------------- replies --- */

static void
check_reply(const struct extension_reply *more)
{
	size_t i;

	fuzz_expect(more->terminal_count <= EXTENSION_TERMINALS_MAX);
	fuzz_expect(more->call_count <= EXTENSION_CALLS_MAX);
	for (i = 0; i < more->terminal_count; i++)
		fuzz_expect(person_terminal_ok(more->terminals[i]));
	for (i = 0; i < more->call_count; i++) {
		fuzz_expect(more->calls[i].caller[0] != '\0');
		fuzz_expect(more->calls[i].host[0] != '\0');
		fuzz_expect(memchr(more->calls[i].caller, '\0',
				PERSON_USER_SIZE) != NULL);
		fuzz_expect(memchr(more->calls[i].host, '\0',
				EXTENSION_HOST_SIZE) != NULL);
	}
}

static bool
same_call(const struct extension_call *a, const struct extension_call *b)
{
	return a->age == b->age && strcmp(a->caller, b->caller) == 0 &&
	    strcmp(a->host, b->host) == 0;
}

/* What was read tells the begin of what was to be told, or all of it. */
static void
check_told(const struct extension_reply *told,
    const struct extension_reply *meant, bool all)
{
	size_t i;

	fuzz_expect(told->terminal_count <= meant->terminal_count);
	fuzz_expect(told->call_count <= meant->call_count);
	for (i = 0; i < told->terminal_count; i++)
		fuzz_expect(
		    strcmp(told->terminals[i], meant->terminals[i]) == 0);
	for (i = 0; i < told->call_count; i++)
		fuzz_expect(same_call(&told->calls[i], &meant->calls[i]));
	if (!all)
		return;
	fuzz_expect(told->terminal_count == meant->terminal_count);
	fuzz_expect(told->call_count == meant->call_count);
	fuzz_expect(told->reason == meant->reason);
	fuzz_expect(meant->reason == EXTENSION_NO_REASON ||
	    told->seconds == meant->seconds);
}

/* A reply is never longer than its request, and can be read. */
static void
check_reply_round(const struct talk_reply *reply,
    const struct extension_reply *more, size_t room, bool all)
{
	uint8_t written[EXTENSION_DATAGRAM_SIZE];
	struct extension_reply read_more;
	struct talk_reply read;
	size_t len = extension_put_reply(reply, more, room, written);

	fuzz_expect(len == NTALK_REPLY_SIZE || len <= room);
	fuzz_expect(len <= sizeof(written));
	fuzz_expect(ntalk_get_reply(written, len, &read));
	fuzz_expect(read.type == reply->type && read.id == reply->id);
	fuzz_expect(extension_get_reply(written, len, &read, &read_more) ==
	    (len > NTALK_REPLY_SIZE));
	check_told(&read_more, more, all);
	if (all && reply->addr.family != 0)
		fuzz_expect(address_equal(&read.addr, &reply->addr));
}

/* What came in no more than a datagram's room goes into one. */
static void
try_reply(struct fuzz_input *input)
{
	struct extension_reply more;
	struct talk_reply reply, classic;
	size_t room = fuzz_take_u16(input);

	if (!ntalk_get_reply(input->bytes, input->len, &reply))
		return;
	classic = reply;
	if (!extension_get_reply(input->bytes, input->len, &reply, &more)) {
		fuzz_expect(address_equal(&reply.addr, &classic.addr) ||
		    reply.addr.family == 0);
		fuzz_expect(more.call_count == 0 && more.terminal_count == 0);
		return;
	}
	check_reply(&more);
	check_reply_round(&reply, &more, room, false);
	check_reply_round(&reply, &more, EXTENSION_DATAGRAM_SIZE,
	    input->len <= EXTENSION_DATAGRAM_SIZE);
}

static void
take_terminals(struct fuzz_input *input, struct extension_reply *more)
{
	size_t count = fuzz_take_u8(input) % (EXTENSION_TERMINALS_MAX + 1);
	char *terminal;

	while (more->terminal_count < count) {
		terminal = more->terminals[more->terminal_count++];
		fuzz_take_text(input, terminal, PERSON_TERMINAL_SIZE);
		if (!person_terminal_ok(terminal))
			memcpy(terminal, "pts/1", sizeof("pts/1"));
	}
}

static void
take_calls(struct fuzz_input *input, struct extension_reply *more)
{
	size_t count = fuzz_take_u8(input) % (EXTENSION_CALLS_MAX + 1);
	struct extension_call *call;

	while (more->call_count < count) {
		call = &more->calls[more->call_count++];
		call->age = fuzz_take_u32(input);
		fuzz_take_text(input, call->caller, sizeof(call->caller));
		fuzz_take_text(input, call->host, sizeof(call->host));
		if (call->caller[0] == '\0')
			call->caller[0] = 'a';
		if (call->host[0] == '\0')
			call->host[0] = 'h';
	}
}

static void
try_answer(struct fuzz_input *input)
{
	struct extension_reply more = { 0 };
	struct talk_reply reply = { .type = TALK_LOOK_UP };
	size_t room = fuzz_take_u16(input);

	reply.id = fuzz_take_u32(input);
	more.reason = fuzz_take_u8(input) % (EXTENSION_IMPOSTOR + 1);
	more.seconds = fuzz_take_u16(input);
	take_terminals(input, &more);
	take_calls(input, &more);
	check_reply_round(&reply, &more, room, false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	switch ((enum way)(fuzz_take_u8(&input) % WAYS)) {
	case REQUEST:
		try_request(input.bytes, input.len);
		break;
	case REPLY:
		try_reply(&input);
		break;
	default:
		try_answer(&input);
		break;
	}
	return 0;
}
