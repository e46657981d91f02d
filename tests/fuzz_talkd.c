/*
 * The whole daemon, in one process (inside.h): what comes in is a script of
 * datagrams of all dialects from several hosts, of streams that open, are
 * written to in pieces and end, of time that passes, and of what else can
 * befall a daemon.  What must hold is asked at every step.
 *
 * The first byte sets the world up.  Each step is a byte, its low four bits
 * one of enum step and its highest to have the next come together with it,
 * and what that step takes from the input, as its function says.
 */
#include <stdio.h>
#include <string.h>

#include "common/bytes.h"
#include "common/extension.h"
#include "common/msp.h"
#include "common/ntalk.h"
#include "common/otalk.h"
#include "fuzz.h"
#include "inside.h"

enum {
	DATAGRAMS_MAX = 2000, /* of an input, so that it comes to an end */
	STREAMS_MADE_MAX = 300,
	TOGETHER = 0x80,
};

enum step {
	CALLS,
	CALLS_EXTENDED,
	CALLS_OLD,
	SENDS_MESSAGE,
	SENDS_BYTES,
	CONNECTS,
	WRITES,
	ENDS,
	PASSES_MS,
	PASSES_SECONDS,
	SLEEPS,
	LEARNS_NAMES,
	CHANGES_TERMINAL,
	ANSWERS,
	REPEATS,
	DISTURBS,
};

struct script {
	struct fuzz_input input;
	unsigned sent, streams;
	struct datagram last; /* that was sent */
	bool for_messages;
	int wires[16]; /* the streams that came last */
	uint8_t rest[MSP_SIZE];
	size_t rest_len; /* of a message whose begin was written */
};

/* --------------------------------------------------------------- parts --- */

/* A user's name, one that is nobody's, or one of the input's own. */
static const char *
take_name(struct fuzz_input *input, char own[PERSON_USER_SIZE])
{
	static const char *const names[] = { "mallory", "", "bartholomew",
		"bartholomew-", "ALICE", "wilhelmina-", "\033[2Jalice", "%s%n",
		"x y@h9" };
	enum { COUNT = sizeof(names) / sizeof(names[0]) };
	unsigned which = fuzz_take_u8(input);

	if (which < INSIDE_USERS)
		return inside_user(which);
	if (which < INSIDE_USERS + COUNT)
		return names[which - INSIDE_USERS];
	fuzz_take_text(input, own, PERSON_USER_SIZE);
	return own;
}

static const char *
take_terminal(struct fuzz_input *input, char own[PERSON_TERMINAL_SIZE])
{
	static const char *const names[] = { "", "*", "tty", "../etc", "pts/",
		"/dev/pts/0" };
	enum { COUNT = sizeof(names) / sizeof(names[0]) };
	unsigned which = fuzz_take_u8(input);

	if (which < COUNT)
		return names[which];
	if (which < COUNT + INSIDE_TERMINALS)
		return inside_terminal(which - COUNT);
	fuzz_take_text(input, own, PERSON_TERMINAL_SIZE);
	return own;
}

/* Most ports are clients'; some are services', 518 among them. */
static uint16_t
take_port(struct fuzz_input *input)
{
	uint8_t port = fuzz_take_u8(input);

	return (uint16_t)(port < 200 ? 2000 + port : 300 + port);
}

/* None, or an id that was told, a little above it, or so by a client that
 * forgot to swap; or the input's own. */
static uint32_t
take_id(struct fuzz_input *input)
{
	unsigned which = fuzz_take_u8(input);
	uint32_t id = inside_id(which / 4);
	uint8_t bytes[4];

	if (which == 0xff)
		return NTALK_NO_ID;
	if (which == 0xfe)
		return fuzz_take_u32(input);
	switch (which % 4) {
	case 0:
		return id;
	case 1:
		return id + 1;
	case 2:
		return id - 1;
	default:
		bytes_put_u32(bytes, id);
		bytes[0]++;
		return bytes_get_u32(bytes);
	}
}

/* Changes some bytes of what has been made right. */
static void
mutate(struct fuzz_input *input, uint8_t *bytes, size_t len)
{
	unsigned changes = fuzz_take_u8(input) % 4;

	for (; changes > 0 && len > 0; changes--) {
		size_t at = fuzz_take_u8(input) % len;

		bytes[at] = fuzz_take_u8(input);
	}
}

/* ----------------------------------------------------------- datagrams --- */

static void
send_datagram(
    struct script *script, const struct datagram *out, bool for_messages)
{
	if (script->sent == DATAGRAMS_MAX)
		return;
	script->sent++;
	script->last = *out;
	script->for_messages = for_messages;
	inside_send(out, for_messages);
}

/* From whom: host, port. */
static struct datagram
take_datagram(struct fuzz_input *input)
{
	unsigned host = fuzz_take_u8(input);
	struct datagram out = { .local = inside_local(host) };

	out.source = inside_host(host, take_port(input));
	return out;
}

/* A request: type, id, pid, l_name, r_name, r_tty, where it waits. */
static struct talk_request
take_request(struct fuzz_input *input, const struct address *source)
{
	struct talk_request req = { .ctl_addr = *source };
	char own[PERSON_USER_SIZE];
	char tty[PERSON_TERMINAL_SIZE];

	req.type = fuzz_take_u8(input) % 4;
	req.id = take_id(input);
	req.pid = fuzz_take_u8(input);
	snprintf(req.l_name, sizeof(req.l_name), "%s", take_name(input, own));
	snprintf(req.r_name, sizeof(req.r_name), "%s", take_name(input, own));
	snprintf(req.r_tty, sizeof(req.r_tty), "%s", take_terminal(input, tty));
	req.addr = inside_host(fuzz_take_u8(input), 4000);
	return req;
}

static void
call(struct script *script)
{
	struct fuzz_input *input = &script->input;
	struct datagram out = take_datagram(input);
	struct talk_request req = take_request(input, &out.source);

	ntalk_put_request(&req, out.bytes);
	out.len = NTALK_REQUEST_SIZE;
	mutate(input, out.bytes, out.len);
	send_datagram(script, &out, false);
}

/* Besides: whether it lists, and how many it knows of. */
static void
call_extended(struct script *script)
{
	struct fuzz_input *input = &script->input;
	struct datagram out = take_datagram(input);
	struct talk_request req = take_request(input, &out.source);
	struct extension_request besides = { 0 };
	uint8_t known = fuzz_take_u8(input);

	besides.lists = req.type == TALK_LOOK_UP && known < 128;
	besides.skip = besides.lists ? known : 0;
	out.len = extension_put_request(&req, &besides, out.bytes);
	mutate(input, out.bytes, out.len);
	send_datagram(script, &out, false);
}

/* The 16 bytes of an address as otalk has them. */
static void
put_old_address(uint8_t *bytes, const struct address *address, bool little)
{
	bytes[0] = little ? 2 : 0;
	bytes[1] = little ? 0 : 2;
	bytes_put_u16(bytes + 2, address->port);
	memcpy(bytes + 4, address->bytes, 4);
}

static void
put_old_number(uint8_t *bytes, uint32_t number, bool little)
{
	int i;

	for (i = 0; i < 4; i++)
		bytes[little ? i : 3 - i] = (uint8_t)(number >> 8 * i);
}

/* Besides: in which order of bytes. */
static void
call_old(struct script *script)
{
	struct fuzz_input *input = &script->input;
	struct datagram out = take_datagram(input);
	struct talk_request req = take_request(input, &out.source);
	bool little = fuzz_take_u8(input) % 2 == 0;

	out.bytes[0] = (uint8_t)req.type;
	memcpy(out.bytes + 1, req.l_name,
	    strnlen(req.l_name, OTALK_NAME_SIZE - 1));
	memcpy(out.bytes + 10, req.r_name,
	    strnlen(req.r_name, OTALK_NAME_SIZE - 1));
	put_old_number(out.bytes + 20, req.id, little);
	put_old_number(out.bytes + 24, req.pid, little);
	memcpy(out.bytes + 28, req.r_tty, NTALK_TTY_SIZE);
	put_old_address(out.bytes + 44, &req.addr, little);
	put_old_address(out.bytes + 60, &req.ctl_addr, little);
	out.len = OTALK_REQUEST_SIZE;
	mutate(input, out.bytes, out.len);
	send_datagram(script, &out, false);
}

/*
 * A message: version, recipient, terminal, sender, his terminal, cookie, text.
 */
static size_t
take_message(struct fuzz_input *input, uint8_t bytes[MSP_SIZE])
{
	char name[PERSON_USER_SIZE], tty[PERSON_TERMINAL_SIZE];
	char parts[6][MSP_PART_SIZE] = { { 0 } };
	bool is_old = fuzz_take_u8(input) % 8 == 0;
	size_t i, len, at = 1;

	snprintf(parts[0], MSP_PART_SIZE, "%s", take_name(input, name));
	snprintf(parts[1], MSP_PART_SIZE, "%s", take_terminal(input, tty));
	snprintf(parts[3], MSP_PART_SIZE, "%s", take_name(input, name));
	snprintf(parts[4], MSP_PART_SIZE, "%s", take_terminal(input, tty));
	snprintf(
	    parts[5], MSP_PART_SIZE, "%.4u", (unsigned)fuzz_take_u8(input));
	fuzz_take_text(input, parts[2], 256);
	bytes[0] = is_old ? MSP_VERSION_1 : MSP_VERSION_2;
	for (i = 0; i < (is_old ? 3 : 6); i++, at += len) {
		len = strlen(parts[i]) + 1;
		memcpy(bytes + at, parts[i], len);
	}
	if (!is_old)
		bytes[at++] = '\0'; /* no signature */
	return at;
}

/* Besides: whether it was broadcast, and whether where to is known. */
static void
send_message(struct script *script)
{
	struct fuzz_input *input = &script->input;
	struct datagram out = take_datagram(input);
	uint8_t how = fuzz_take_u8(input);

	out.broadcast = (how & 1) != 0;
	if ((how & 2) != 0)
		out.local = (struct address){ 0 };
	out.len = take_message(input, out.bytes);
	mutate(input, out.bytes, out.len);
	send_datagram(script, &out, (how & 4) != 0);
}

/* Any: how many, and the bytes. */
static void
send_bytes(struct script *script)
{
	struct fuzz_input *input = &script->input;
	struct datagram out = take_datagram(input);
	size_t most = fuzz_take_u8(input);
	const uint8_t *bytes = fuzz_take_bytes(input, most, &out.len);

	if (out.len > 0)
		memcpy(out.bytes, bytes, out.len);
	send_datagram(script, &out, most % 2 != 0);
}

/* The last one, several times; how many, and what each differs in. */
static void
repeat(struct script *script)
{
	unsigned times = fuzz_take_u8(&script->input);
	unsigned at = fuzz_take_u8(&script->input);
	struct datagram out = script->last;

	for (; times > 0 && script->sent > 0; times--) {
		if (at < out.len)
			out.bytes[at]++;
		else if (at == 0xff)
			out.source.port = (uint16_t)(out.source.port + 8);
		send_datagram(script, &out, script->for_messages);
	}
}

/* ------------------------------------------------------------- streams --- */

/* From which host, and how many. */
static void
connect_streams(struct script *script)
{
	unsigned host = fuzz_take_u8(&script->input);
	unsigned times = fuzz_take_u8(&script->input) % 80;
	uint16_t port = take_port(&script->input);
	struct address from = inside_host(host, port);
	struct address local = inside_local(host);

	local.port = 18;
	for (; times > 0 && script->streams < STREAMS_MADE_MAX; times--) {
		script->wires[script->streams++ % 16] = inside_connect(
		    &from, &local);
		from.port = (uint16_t)(from.port + 8);
	}
}

static int
take_wire(struct script *script)
{
	unsigned which = fuzz_take_u8(&script->input) % 16;

	return script->streams == 0 ? -1 : script->wires[which];
}

/* On which: bytes as they are, a message whole, its begin, or its rest. */
static void
write_stream(struct script *script)
{
	struct fuzz_input *input = &script->input;
	int wire = take_wire(script);
	unsigned how = fuzz_take_u8(input);
	const uint8_t *bytes = script->rest;
	uint8_t message[MSP_SIZE];
	size_t len = script->rest_len, most;

	if (how % 4 == 0) {
		bytes = fuzz_take_bytes(input, how, &len);
	} else if (how % 4 != 3) {
		len = take_message(input, message);
		most = how % 4 == 1 ? len : fuzz_take_u8(input) % len;
		script->rest_len = len - most;
		memcpy(script->rest, message + most, script->rest_len);
		bytes = message;
		len = most;
	}
	inside_write(wire, bytes, len);
}

static void
end_stream(struct script *script)
{
	int wire = take_wire(script);
	unsigned how = fuzz_take_u8(&script->input) % 4;

	if (how == 0)
		inside_end(wire);
	else if (how == 1)
		inside_reset(wire);
	else
		inside_block(wire, how == 2);
}

/* -------------------------------------------------------- and the rest --- */

/* What another daemon answers: yes, no, that it is not there, or junk. */
static void
answer(struct script *script)
{
	struct talk_reply reply = { .type = TALK_LOOK_UP, .id = 7 };
	uint8_t bytes[NTALK_REPLY_SIZE];
	unsigned how = fuzz_take_u8(&script->input);
	const uint8_t *junk;
	size_t len;

	if (how == 0) {
		inside_refuse_question();
	} else if (how > 2) {
		junk = fuzz_take_bytes(&script->input, how, &len);
		inside_answer_question(junk, len);
	} else {
		reply.answer = how == 1 ? TALK_SUCCESS : TALK_NOT_HERE;
		ntalk_put_reply(&reply, bytes);
		mutate(&script->input, bytes, sizeof(bytes));
		inside_answer_question(bytes, sizeof(bytes));
	}
}

static void
change_terminal(struct script *script)
{
	unsigned which = fuzz_take_u8(&script->input);
	unsigned change = fuzz_take_u8(&script->input) % INSIDE_CHANGES;

	inside_change_terminal(which, change, fuzz_take_u8(&script->input));
}

static void
disturb(struct script *script)
{
	unsigned how = fuzz_take_u8(&script->input);

	if (how < 2)
		inside_touch_rules(how == 1);
	else if (how < 4)
		inside_disturb(how == 2);
	else
		inside_run_short(how);
}

static void
learn_names(struct script *script)
{
	unsigned count = fuzz_take_u8(&script->input);

	if (count == 0)
		inside_forget_names();
	else
		inside_tell_names(count);
}

static void
take_step(struct script *script, enum step step)
{
	static void (*const steps[])(struct script *) = {
		[CALLS] = call,
		[CALLS_EXTENDED] = call_extended,
		[CALLS_OLD] = call_old,
		[SENDS_MESSAGE] = send_message,
		[SENDS_BYTES] = send_bytes,
		[CONNECTS] = connect_streams,
		[WRITES] = write_stream,
		[ENDS] = end_stream,
		[LEARNS_NAMES] = learn_names,
		[CHANGES_TERMINAL] = change_terminal,
		[ANSWERS] = answer,
		[REPEATS] = repeat,
		[DISTURBS] = disturb,
	};
	struct fuzz_input *input = &script->input;

	if (step == PASSES_MS)
		inside_pass(10 * fuzz_take_u8(input));
	else if (step == PASSES_SECONDS)
		inside_pass(INT64_C(1000) * fuzz_take_u8(input));
	else if (step == SLEEPS)
		inside_stall(INT64_C(1000) * fuzz_take_u16(input));
	else
		steps[step](script);
}

static bool
play(void *context)
{
	struct script *script = context;
	uint8_t step;

	if (script->input.len == 0)
		return false;
	step = fuzz_take_u8(&script->input);
	take_step(script, step % 16);
	if ((step & TOGETHER) != 0)
		inside_hold();
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t lives[] = { 60000, 5000, 1000, 600000 };
	struct script script = { .input = { data, size } };
	uint8_t how = fuzz_take_u8(&script.input);
	const struct inside_setup setup = {
		.one_socket = (how & 1) != 0,
		.debugs = (how & 2) != 0,
		.site = how >> 2 & 3,
		.life = lives[how >> 4 & 3],
		.play = play,
		.context = &script,
	};

	fuzz_locale();
	inside_run(&setup);
	return 0;
}
