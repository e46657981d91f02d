/*
 * extension - what stands behind a classic datagram: four bytes that say so,
 * then elements of type, length and value, up to its end.
 */
#include "extension.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"

enum {
	MARK_SIZE = 4,	       /* "TLV" and the version */
	ELEMENT_HEAD_SIZE = 2, /* type and length */
	ELEMENT_LEN_MAX = 255,
	ELEMENT_SIZE_MAX = ELEMENT_HEAD_SIZE + ELEMENT_LEN_MAX,

	REQUEST_ROOM = NTALK_REQUEST_SIZE + 64, /* what a request makes for its
						   reply */
	LIST_ROOM = EXTENSION_DATAGRAM_SIZE,	/* and one that lists */
};

static const uint8_t mark[MARK_SIZE] = { 'T', 'L', 'V', 1 };

enum element_type {
	PADDING = 0,
	CALLER = 1,
	CALLEE = 2,
	ADDRESS = 3,
	LIST = 4,
	CALL = 5,
	RUNG = 6,
	REASON = 7,
};

/* Where the parts of a value stand, and how long it is. */
enum {
	ADDRESS_PORT_AT = 16,
	ADDRESS_LEN = 18,

	LIST_LEN = 2,

	CALL_NAME_LEN_AT = 4,
	CALL_NAME_AT = 5,

	REASON_SECONDS_AT = 1,
	REASON_LEN = 3,
};

struct element {
	uint8_t type;
	size_t len;
	const uint8_t *value;
};

/* ------------------------------------------------------------- reading --- */

/* What is read; it counts only when all of it is right. */
struct reading {
	unsigned int seen; /* elements that may come once, by type: 1 << type */
	struct talk_request *req;	   /* of a request */
	struct extension_request *request; /* likewise */
	struct talk_reply *answer;	   /* of a reply */
	struct extension_reply *reply;	   /* likewise */
};

/* False when such an element has come already. */
static bool
is_first(struct reading *reading, const struct element *element)
{
	unsigned int bit = 1U << element->type;
	bool first = (reading->seen & bit) == 0;

	reading->seen |= bit;
	return first;
}

/* Reads a text of 1 to size - 1 bytes; false when it is none. */
static bool
get_text(char *text, size_t size, const uint8_t *value, size_t len)
{
	if (len == 0 || len >= size || memchr(value, '\0', len) != NULL)
		return false;
	memcpy(text, value, len);
	text[len] = '\0';
	return true;
}

/*
 * Puts the name in full in place of what the classic field has of it: all, or
 * when that is full the first 11 or 12 characters.
 */
static bool
get_name(char name[PERSON_USER_SIZE], const struct element *element)
{
	char full[PERSON_USER_SIZE];
	size_t known = strlen(name);

	if (!get_text(full, sizeof(full), element->value, element->len) ||
	    strncmp(full, name, known) != 0)
		return false;
	if (element->len > known && known < NTALK_NAME_SIZE - 1)
		return false;
	memcpy(name, full, element->len + 1);
	return true;
}

/* :: and IPv4 in IPv6's clothes: nobody's, and for the classic field. */
static bool
is_out_of_place(const struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return address_is_any(a) ||
	    memcmp(a->bytes, mapped, sizeof(mapped)) == 0;
}

/* The classic field leaves the address to this one by having 0.0.0.0. */
static bool
get_address(struct address *addr, const struct element *element)
{
	if (element->len != ADDRESS_LEN || !address_is_any(addr))
		return false;
	*addr = (struct address){ .family = 6 };
	memcpy(addr->bytes, element->value, sizeof(addr->bytes));
	addr->port = bytes_get_u16(element->value + ADDRESS_PORT_AT);
	return !is_out_of_place(addr);
}

static bool
get_list(const struct talk_request *req, struct extension_request *more,
    const struct element *element)
{
	if (element->len != LIST_LEN || req->type != TALK_LOOK_UP ||
	    req->r_name[0] != '\0')
		return false;
	more->lists = true;
	more->skip = bytes_get_u16(element->value);
	return true;
}

static bool
read_of_request(struct reading *reading, const struct element *element)
{
	struct talk_request *req = reading->req;

	switch (element->type) {
	case CALLER:
		return is_first(reading, element) &&
		    get_name(req->l_name, element);
	case CALLEE:
		return is_first(reading, element) &&
		    get_name(req->r_name, element);
	case ADDRESS:
		return is_first(reading, element) &&
		    get_address(&req->addr, element);
	case LIST:
		return is_first(reading, element) &&
		    get_list(req, reading->request, element);
	default:
		return true;
	}
}

/* Calls beyond those that there is room for are passed over. */
static bool
get_call(struct extension_reply *reply, const struct element *element)
{
	const uint8_t *value = element->value;
	struct extension_call call = { 0 };
	size_t host_at;

	if (element->len < CALL_NAME_AT)
		return false;
	call.age = bytes_get_u32(value);
	host_at = CALL_NAME_AT + (size_t)value[CALL_NAME_LEN_AT];
	if (element->len < host_at ||
	    !get_text(call.caller, sizeof(call.caller), value + CALL_NAME_AT,
		host_at - CALL_NAME_AT) ||
	    !get_text(call.host, sizeof(call.host), value + host_at,
		element->len - host_at))
		return false;
	if (reply->call_count < EXTENSION_CALLS_MAX)
		reply->calls[reply->call_count++] = call;
	return true;
}

/* Terminals likewise. */
static bool
get_terminal(struct extension_reply *reply, const struct element *element)
{
	char terminal[PERSON_TERMINAL_SIZE] = "";

	if (!get_text(
		terminal, sizeof(terminal), element->value, element->len) ||
	    !person_terminal_ok(terminal))
		return false;
	if (reply->terminal_count < EXTENSION_TERMINALS_MAX)
		memcpy(reply->terminals[reply->terminal_count++], terminal,
		    sizeof(terminal));
	return true;
}

static bool
get_reason(struct extension_reply *reply, const struct element *element)
{
	if (element->len != REASON_LEN)
		return false;
	if (element->value[0] <= EXTENSION_IMPOSTOR)
		reply->reason = (enum extension_reason)element->value[0];
	reply->seconds = bytes_get_u16(element->value + REASON_SECONDS_AT);
	return true;
}

static bool
read_of_reply(struct reading *reading, const struct element *element)
{
	switch (element->type) {
	case ADDRESS:
		return is_first(reading, element) &&
		    get_address(&reading->answer->addr, element);
	case CALL:
		return get_call(reading->reply, element);
	case RUNG:
		return get_terminal(reading->reply, element);
	case REASON:
		return is_first(reading, element) &&
		    get_reason(reading->reply, element);
	default:
		return true;
	}
}

/*
 * Reads what stands in the datagram behind its classic part; false when there
 * is nothing, or something is wrong with it.
 */
static bool
read_behind(size_t classic, const uint8_t *bytes, size_t len,
    struct reading *reading,
    bool (*read_one)(struct reading *reading, const struct element *element))
{
	struct element element;
	size_t at = classic + MARK_SIZE;

	if (len < at || memcmp(bytes + classic, mark, MARK_SIZE) != 0)
		return false;
	while (at < len) {
		if (len - at < ELEMENT_HEAD_SIZE)
			return false;
		element = (struct element){ bytes[at], bytes[at + 1],
			bytes + at + ELEMENT_HEAD_SIZE };
		at += ELEMENT_HEAD_SIZE;
		if (len - at < element.len || !read_one(reading, &element))
			return false;
		at += element.len;
	}
	return true;
}

bool
extension_get_request(const uint8_t *bytes, size_t len,
    struct talk_request *req, struct extension_request *more)
{
	struct talk_request full = *req;
	struct reading reading = { .req = &full, .request = more };

	*more = (struct extension_request){ 0 };
	if (!read_behind(
		NTALK_REQUEST_SIZE, bytes, len, &reading, read_of_request)) {
		*more = (struct extension_request){ 0 };
		return false;
	}
	full.extended = true;
	*req = full;
	return true;
}

bool
extension_get_reply(const uint8_t *bytes, size_t len, struct talk_reply *reply,
    struct extension_reply *more)
{
	struct talk_reply full = *reply;
	struct reading reading = { .answer = &full, .reply = more };

	*more = (struct extension_reply){ 0 };
	if (!read_behind(
		NTALK_REPLY_SIZE, bytes, len, &reading, read_of_reply)) {
		*more = (struct extension_reply){ 0 };
		return false;
	}
	*reply = full;
	return true;
}

/* ------------------------------------------------------------- writing --- */

/* A datagram in the making: `len` bytes so far, of at most `room`. */
struct writing {
	uint8_t *bytes;
	size_t len;
	size_t room;
};

/* False, with nothing written, when it does not fit. */
static bool
put_element(struct writing *writing, enum element_type type,
    const uint8_t *value, size_t len)
{
	uint8_t *at = writing->bytes + writing->len;

	if (writing->room - writing->len < ELEMENT_HEAD_SIZE + len)
		return false;
	at[0] = (uint8_t)type;
	at[1] = (uint8_t)len;
	memcpy(at + ELEMENT_HEAD_SIZE, value, len);
	writing->len += ELEMENT_HEAD_SIZE + len;
	return true;
}

/* The classic field has room for 11 characters. */
static void
put_name(struct writing *writing, enum element_type type, const char *name)
{
	size_t len = strlen(name);

	if (len >= NTALK_NAME_SIZE)
		(void)put_element(writing, type, (const uint8_t *)name, len);
}

static void
put_address(struct writing *writing, const struct address *addr)
{
	uint8_t value[ADDRESS_LEN];

	if (addr->family != 6)
		return;
	memcpy(value, addr->bytes, sizeof(addr->bytes));
	bytes_put_u16(value + ADDRESS_PORT_AT, addr->port);
	(void)put_element(writing, ADDRESS, value, sizeof(value));
}

static void
put_list(struct writing *writing, const struct extension_request *more)
{
	uint8_t value[LIST_LEN];

	if (!more->lists)
		return;
	bytes_put_u16(value, more->skip);
	(void)put_element(writing, LIST, value, sizeof(value));
}

/* Pads up to a length, or a byte beyond: the shortest element has two. */
static void
pad(struct writing *writing, size_t len)
{
	static const uint8_t zeros[ELEMENT_LEN_MAX] = { 0 };
	size_t size;

	while (writing->len < len) {
		size = len - writing->len;
		if (size > ELEMENT_SIZE_MAX)
			size = ELEMENT_SIZE_MAX / 2; /* leaves more than one */
		if (size < ELEMENT_HEAD_SIZE)
			size = ELEMENT_HEAD_SIZE;
		(void)put_element(
		    writing, PADDING, zeros, size - ELEMENT_HEAD_SIZE);
	}
}

size_t
extension_put_request(const struct talk_request *req,
    const struct extension_request *more,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE])
{
	struct writing writing = { bytes, NTALK_REQUEST_SIZE + MARK_SIZE,
		EXTENSION_DATAGRAM_SIZE };

	ntalk_put_request(req, bytes);
	memcpy(bytes + NTALK_REQUEST_SIZE, mark, MARK_SIZE);
	put_name(&writing, CALLER, req->l_name);
	put_name(&writing, CALLEE, req->r_name);
	put_address(&writing, &req->addr);
	put_list(&writing, more);
	pad(&writing, more->lists ? LIST_ROOM : REQUEST_ROOM);
	return writing.len;
}

static void
put_reason(struct writing *writing, const struct extension_reply *more)
{
	uint8_t value[REASON_LEN] = { (uint8_t)more->reason };

	if (more->reason == EXTENSION_NO_REASON)
		return;
	bytes_put_u16(value + REASON_SECONDS_AT, more->seconds);
	(void)put_element(writing, REASON, value, sizeof(value));
}

static bool
put_terminal(struct writing *writing, const char *terminal)
{
	return put_element(
	    writing, RUNG, (const uint8_t *)terminal, strlen(terminal));
}

static bool
put_call(struct writing *writing, const struct extension_call *call)
{
	uint8_t value[ELEMENT_LEN_MAX];
	size_t name_len = strlen(call->caller);
	size_t host_len = strlen(call->host);

	bytes_put_u32(value, call->age);
	value[CALL_NAME_LEN_AT] = (uint8_t)name_len;
	memcpy(value + CALL_NAME_AT, call->caller, name_len);
	memcpy(value + CALL_NAME_AT + name_len, call->host, host_len);
	return put_element(
	    writing, CALL, value, CALL_NAME_AT + name_len + host_len);
}

size_t
extension_put_reply(const struct talk_reply *reply,
    const struct extension_reply *more, size_t room,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE])
{
	struct writing writing = { bytes, NTALK_REPLY_SIZE + MARK_SIZE,
		room < EXTENSION_DATAGRAM_SIZE ? room
					       : EXTENSION_DATAGRAM_SIZE };
	struct talk_reply classic = *reply;
	size_t i;

	if (reply->addr.family == 6)
		classic.addr = (struct address){ .family = 4 };
	ntalk_put_reply(&classic, bytes);
	if (writing.room < writing.len)
		return NTALK_REPLY_SIZE;
	memcpy(bytes + NTALK_REPLY_SIZE, mark, MARK_SIZE);
	put_address(&writing, &reply->addr);
	put_reason(&writing, more);
	for (i = 0; i < more->terminal_count; i++)
		if (!put_terminal(&writing, more->terminals[i]))
			break;
	for (i = 0; i < more->call_count; i++)
		if (!put_call(&writing, &more->calls[i]))
			break;
	return writing.len;
}
