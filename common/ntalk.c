/*
 * ntalk - the datagrams of the talk protocol of 4.3BSD, big-endian, at fixed
 * offsets.
 */
#include "ntalk.h"

#include <string.h>

#include "bytes.h"

/* Where the fields stand, in a request and in a reply. */
enum {
	VERSION_AT = 0,
	TYPE_AT = 1,
	ANSWER_AT = 2,
	ID_AT = 4,
	ADDR_AT = 8,

	/* a request goes on */
	CTL_ADDR_AT = 24,
	PID_AT = 40,
	L_NAME_AT = 44,
	R_NAME_AT = 56,
	R_TTY_AT = 68,
};

/* Within an address: the sockaddr_in of 4.3BSD, eight zero bytes at its end. */
enum {
	FAMILY_AT = 0,
	PORT_AT = 2,
	HOST_AT = 4,

	FAMILY_IPV4 = 2, /* AF_INET, everywhere */
};

/* Fills a text of size + 1 from a field of size, which may lack its NUL. */
static void
get_text(char *text, const uint8_t *field, size_t size)
{
	size_t len = strnlen((const char *)field, size);

	memcpy(text, field, len);
	text[len] = '\0';
}

/* Fills a field, zero so far, so that it ends in NUL. */
static void
put_text(uint8_t *field, const char *text, size_t size)
{
	memcpy(field, text, strnlen(text, size - 1));
}

/* AF_INET in the forms that clients write it. */
static bool
is_ipv4(const uint8_t *addr)
{
	switch (bytes_get_u16(addr + FAMILY_AT)) {
	case 0x0002: /* network order, as it should be */
	case 0x0200: /* a little-endian client that forgot to swap */
	case 0x1002: /* 4.4BSD's: a length byte, then one for the family */
		return true;
	default:
		return false;
	}
}

/* Fills an address that is zero so far. */
static void
get_address(struct address *a, const uint8_t *bytes)
{
	if (!is_ipv4(bytes))
		return;
	a->family = 4;
	memcpy(a->bytes, bytes + HOST_AT, 4);
	a->port = bytes_get_u16(bytes + PORT_AT);
}

/* Fills 16 bytes that are zero so far. */
static void
put_address(uint8_t *bytes, const struct address *a)
{
	bytes_put_u16(bytes + FAMILY_AT, FAMILY_IPV4);
	if (a->family != 4)
		return;
	bytes_put_u16(bytes + PORT_AT, a->port);
	memcpy(bytes + HOST_AT, a->bytes, 4);
}

/* What a request, its version aside, is to be refused with; else SUCCESS. */
static enum talk_answer
find_fault(const uint8_t *bytes)
{
	if (bytes[TYPE_AT] > TALK_ANNOUNCE)
		return TALK_UNKNOWN_REQUEST;
	if (!is_ipv4(bytes + ADDR_AT))
		return TALK_BADADDR;
	if (!is_ipv4(bytes + CTL_ADDR_AT))
		return TALK_BADCTLADDR;
	return TALK_SUCCESS;
}

enum ntalk_shape
ntalk_get_request(const uint8_t *bytes, size_t len, struct talk_request *req,
    enum talk_answer *fault)
{
	*req = (struct talk_request){ 0 };
	*fault = TALK_SUCCESS;
	if (len < NTALK_REQUEST_SIZE)
		return NTALK_JUNK;
	if (bytes[VERSION_AT] == NTALK_VERSION)
		*fault = find_fault(bytes);
	else if (find_fault(bytes) == TALK_SUCCESS)
		*fault = TALK_BADVERSION;
	else
		return NTALK_JUNK;
	req->wire_type = bytes[TYPE_AT];
	req->id = bytes_get_u32(bytes + ID_AT);
	if (*fault != TALK_SUCCESS)
		return NTALK_FAULTY;
	req->type = (enum talk_type)bytes[TYPE_AT];
	get_address(&req->addr, bytes + ADDR_AT);
	get_address(&req->ctl_addr, bytes + CTL_ADDR_AT);
	req->pid = bytes_get_u32(bytes + PID_AT);
	get_text(req->l_name, bytes + L_NAME_AT, NTALK_NAME_SIZE);
	get_text(req->r_name, bytes + R_NAME_AT, NTALK_NAME_SIZE);
	get_text(req->r_tty, bytes + R_TTY_AT, NTALK_TTY_SIZE);
	return NTALK_FINE;
}

void
ntalk_put_request(
    const struct talk_request *req, uint8_t bytes[NTALK_REQUEST_SIZE])
{
	memset(bytes, 0, NTALK_REQUEST_SIZE);
	bytes[VERSION_AT] = NTALK_VERSION;
	bytes[TYPE_AT] = (uint8_t)req->type;
	bytes_put_u32(bytes + ID_AT, req->id);
	put_address(bytes + ADDR_AT, &req->addr);
	put_address(bytes + CTL_ADDR_AT, &req->ctl_addr);
	bytes_put_u32(bytes + PID_AT, req->pid);
	put_text(bytes + L_NAME_AT, req->l_name, NTALK_NAME_SIZE);
	put_text(bytes + R_NAME_AT, req->r_name, NTALK_NAME_SIZE);
	put_text(bytes + R_TTY_AT, req->r_tty, NTALK_TTY_SIZE);
}

bool
ntalk_get_reply(const uint8_t *bytes, size_t len, struct talk_reply *reply)
{
	*reply = (struct talk_reply){ 0 };
	if (len < NTALK_REPLY_SIZE || bytes[VERSION_AT] != NTALK_VERSION)
		return false;
	reply->type = bytes[TYPE_AT];
	reply->answer = (enum talk_answer)bytes[ANSWER_AT];
	reply->id = bytes_get_u32(bytes + ID_AT);
	if (reply->type == TALK_LOOK_UP && reply->answer == TALK_SUCCESS)
		get_address(&reply->addr, bytes + ADDR_AT);
	return true;
}

void
ntalk_put_reply(const struct talk_reply *reply, uint8_t bytes[NTALK_REPLY_SIZE])
{
	memset(bytes, 0, NTALK_REPLY_SIZE);
	bytes[VERSION_AT] = NTALK_VERSION;
	bytes[TYPE_AT] = reply->type;
	bytes[ANSWER_AT] = (uint8_t)reply->answer;
	bytes_put_u32(bytes + ID_AT, reply->id);
	if (reply->addr.family == 4)
		put_address(bytes + ADDR_AT, &reply->addr);
}
