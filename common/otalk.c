/*
 * otalk - the datagrams of the talk protocol before 4.3BSD, at fixed offsets,
 * in the byte order of their sender.
 */
#include "otalk.h"

#include <stdio.h>
#include <string.h>

/* Where the fields of a request stand. */
enum {
	TYPE_AT = 0,
	L_NAME_AT = 1,
	R_NAME_AT = 10,
	ID_AT = 20, /* a filler before it */
	PID_AT = 24,
	R_TTY_AT = 28,
	ADDR_AT = 44,
	CTL_ADDR_AT = 60,
};

/* And of a reply. */
enum {
	REPLY_TYPE_AT = 0,
	REPLY_ANSWER_AT = 1,
	REPLY_ID_AT = 4, /* two fillers before it */
	REPLY_ADDR_AT = 8,
};

/* Within an address: a sockaddr_in, eight zero bytes at its end. */
enum {
	FAMILY_AT = 0,
	PORT_AT = 2,
	HOST_AT = 4,

	FAMILY_IPV4 = 2, /* AF_INET, everywhere */
};

/* 4.2BSD's and SunOS's types, and three more that netkit's talkd knows. */
static const enum talk_type meanings[] = {
	TALK_LEAVE_INVITE,
	TALK_LOOK_UP,
	TALK_DELETE,
	TALK_ANNOUNCE,
	TALK_DELETE,
	TALK_LOOK_UP,
	TALK_DELETE,
};

/* Copies a number of len bytes; the other way round when backwards. */
static void
copy_bytes(uint8_t *to, const uint8_t *from, size_t len, bool backwards)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = from[backwards ? len - 1 - i : i];
}

static uint16_t
get_u16(const uint8_t *bytes, bool little)
{
	uint8_t b[2];

	copy_bytes(b, bytes, sizeof(b), little);
	return (uint16_t)(b[0] << 8 | b[1]);
}

static void
put_u16(uint8_t *bytes, uint16_t value, bool little)
{
	const uint8_t b[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	copy_bytes(bytes, b, sizeof(b), little);
}

static uint32_t
get_u32(const uint8_t *bytes, bool little)
{
	uint8_t b[4];

	copy_bytes(b, bytes, sizeof(b), little);
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

static void
put_u32(uint8_t *bytes, uint32_t value, bool little)
{
	const uint8_t b[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
		(uint8_t)(value >> 8), (uint8_t)value };

	copy_bytes(bytes, b, sizeof(b), little);
}

static struct address
get_address(const uint8_t *bytes, const struct otalk_form *form)
{
	struct address a = { 0 };

	if (get_u16(bytes + FAMILY_AT, form->little) != FAMILY_IPV4)
		return a;
	a.family = 4;
	a.port = get_u16(bytes + PORT_AT, form->swapped);
	copy_bytes(a.bytes, bytes + HOST_AT, 4, form->swapped);
	return a;
}

static void
put_address(
    uint8_t *bytes, const struct address *a, const struct otalk_form *form)
{
	put_u16(bytes + FAMILY_AT, FAMILY_IPV4, form->little);
	put_u16(bytes + PORT_AT, a->port, form->swapped);
	copy_bytes(bytes + HOST_AT, a->bytes, 4, form->swapped);
}

/*
 * Finds the orders in which a ctl_addr is the source; false when it is not.
 * The order of its family is that of the sender's integers, as the daemons of
 * 4.2BSD and SunOS judged it.  Port and host are in network order, but some
 * senders swapped them as well, and netkit's talkd takes those.
 */
static bool
find_form(const uint8_t *ctl_addr, const struct address *source,
    struct otalk_form *form)
{
	struct address claimed;

	form->little = ctl_addr[FAMILY_AT] == FAMILY_IPV4;
	form->swapped = false;
	claimed = get_address(ctl_addr, form);
	if (address_equal(&claimed, source))
		return true;
	form->swapped = true;
	claimed = get_address(ctl_addr, form);
	return address_equal(&claimed, source);
}

/* Ended by NUL, and no control character of either set before it. */
static bool
is_clean(const uint8_t *field, size_t size)
{
	size_t i;

	for (i = 0; i < size && field[i] != '\0'; i++)
		if ((field[i] & 0x7f) < ' ' || (field[i] & 0x7f) == 0x7f)
			return false;
	return i < size;
}

static bool
strings_are_clean(const uint8_t *bytes)
{
	return is_clean(bytes + L_NAME_AT, OTALK_NAME_SIZE) &&
	    is_clean(bytes + R_NAME_AT, OTALK_NAME_SIZE) &&
	    is_clean(bytes + R_TTY_AT, NTALK_TTY_SIZE);
}

/* Fills a text from a field that is_clean. */
static void
get_text(char *text, size_t size, const uint8_t *field)
{
	snprintf(text, size, "%s", (const char *)field);
}

bool
otalk_get_request(const uint8_t *bytes, size_t len,
    const struct address *source, struct talk_request *req,
    struct otalk_form *form)
{
	struct otalk_form found;

	*req = (struct talk_request){ 0 };
	*form = (struct otalk_form){ 0 };
	if (len != OTALK_REQUEST_SIZE ||
	    bytes[TYPE_AT] >= sizeof(meanings) / sizeof(meanings[0]) ||
	    !strings_are_clean(bytes) ||
	    !find_form(bytes + CTL_ADDR_AT, source, &found))
		return false;
	*form = found;
	req->type = meanings[bytes[TYPE_AT]];
	req->wire_type = bytes[TYPE_AT];
	req->id = get_u32(bytes + ID_AT, form->little);
	req->addr = get_address(bytes + ADDR_AT, form);
	req->ctl_addr = get_address(bytes + CTL_ADDR_AT, form);
	req->pid = get_u32(bytes + PID_AT, form->little);
	get_text(req->l_name, sizeof(req->l_name), bytes + L_NAME_AT);
	get_text(req->r_name, sizeof(req->r_name), bytes + R_NAME_AT);
	get_text(req->r_tty, sizeof(req->r_tty), bytes + R_TTY_AT);
	return true;
}

void
otalk_put_reply(const struct talk_reply *reply, const struct otalk_form *form,
    uint8_t bytes[OTALK_REPLY_SIZE])
{
	memset(bytes, 0, OTALK_REPLY_SIZE);
	bytes[REPLY_TYPE_AT] = reply->type;
	bytes[REPLY_ANSWER_AT] = (uint8_t)reply->answer;
	put_u32(bytes + REPLY_ID_AT, reply->id, form->little);
	if (reply->addr.family == 4)
		put_address(bytes + REPLY_ADDR_AT, &reply->addr, form);
}
