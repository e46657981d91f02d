/*
 * The datagrams of 4.3BSD's talk: any input as a request and as a reply.
 */
#include <string.h>

#include "common/bytes.h"
#include "common/ntalk.h"
#include "fuzz.h"

/* What must hold of any request that was taken, whatever its bytes. */
static void
check_fields(const struct talk_request *req, const uint8_t *bytes)
{
	fuzz_expect(req->wire_type == bytes[1]);
	fuzz_expect((uint8_t)req->type == bytes[1]);
	fuzz_expect(req->id == bytes_get_u32(bytes + 4));
	fuzz_expect(req->pid == bytes_get_u32(bytes + 40));
	fuzz_expect(req->addr.family == 4 && req->ctl_addr.family == 4);
	fuzz_expect(memcmp(req->addr.bytes, bytes + 12, 4) == 0);
	fuzz_expect(strlen(req->l_name) <= NTALK_NAME_SIZE);
	fuzz_expect(strlen(req->r_name) <= NTALK_NAME_SIZE);
	fuzz_expect(strlen(req->r_tty) <= NTALK_TTY_SIZE);
	fuzz_expect(strncmp(req->l_name, (const char *)bytes + 44, 12) == 0);
	fuzz_expect(strncmp(req->r_name, (const char *)bytes + 56, 12) == 0);
	fuzz_expect(strncmp(req->r_tty, (const char *)bytes + 68, 16) == 0);
	fuzz_expect(!req->extended);
}

/* What is written is read as it was, and written the same again. */
static void
check_round(const struct talk_request *req)
{
	uint8_t written[NTALK_REQUEST_SIZE], again[NTALK_REQUEST_SIZE];
	struct talk_request read;
	enum talk_answer fault;

	ntalk_put_request(req, written);
	fuzz_expect(ntalk_get_request(
			written, sizeof(written), &read, &fault) == NTALK_FINE);
	fuzz_expect(read.type == req->type && read.id == req->id);
	fuzz_expect(read.pid == req->pid);
	fuzz_expect(address_equal(&read.addr, &req->addr));
	fuzz_expect(address_equal(&read.ctl_addr, &req->ctl_addr));
	fuzz_expect(strncmp(read.l_name, req->l_name, 11) == 0);
	fuzz_expect(strncmp(read.r_name, req->r_name, 11) == 0);
	fuzz_expect(strncmp(read.r_tty, req->r_tty, 15) == 0);
	ntalk_put_request(&read, again);
	fuzz_expect(memcmp(written, again, sizeof(written)) == 0);
}

static void
try_request(const uint8_t *data, size_t size)
{
	static const struct talk_request nothing;
	struct talk_request req;
	enum talk_answer fault;

	switch (ntalk_get_request(data, size, &req, &fault)) {
	case NTALK_FINE:
		fuzz_expect(size >= NTALK_REQUEST_SIZE);
		fuzz_expect(data[0] == NTALK_VERSION);
		fuzz_expect(fault == TALK_SUCCESS);
		check_fields(&req, data);
		check_round(&req);
		break;
	case NTALK_FAULTY:
		fuzz_expect(size >= NTALK_REQUEST_SIZE);
		fuzz_expect(fault >= TALK_UNKNOWN_REQUEST);
		fuzz_expect(
		    (data[0] == NTALK_VERSION) == (fault != TALK_BADVERSION));
		fuzz_expect(req.wire_type == data[1]);
		fuzz_expect(req.l_name[0] == '\0' && req.r_name[0] == '\0');
		break;
	case NTALK_JUNK:
		fuzz_expect(
		    size < NTALK_REQUEST_SIZE || data[0] != NTALK_VERSION);
		fuzz_expect(fault == TALK_SUCCESS);
		fuzz_expect(fuzz_same_request(&req, &nothing));
		break;
	}
}

static void
try_reply(const uint8_t *data, size_t size)
{
	uint8_t written[NTALK_REPLY_SIZE];
	struct talk_reply reply, read;

	if (!ntalk_get_reply(data, size, &reply)) {
		fuzz_expect(
		    size < NTALK_REPLY_SIZE || data[0] != NTALK_VERSION);
		fuzz_expect(reply.id == 0 && reply.addr.family == 0);
		return;
	}
	fuzz_expect(reply.type == data[1]);
	fuzz_expect((uint8_t)reply.answer == data[2]);
	fuzz_expect(reply.addr.family == 0 ||
	    (reply.type == TALK_LOOK_UP && reply.answer == TALK_SUCCESS));
	ntalk_put_reply(&reply, written);
	fuzz_expect(ntalk_get_reply(written, sizeof(written), &read));
	fuzz_expect(read.type == reply.type && read.answer == reply.answer);
	fuzz_expect(read.id == reply.id);
	fuzz_expect(reply.addr.family == 0
		? read.addr.family == 0
		: address_equal(&read.addr, &reply.addr));
	fuzz_expect(memcmp(written + 4, data + 4, 4) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_request(data, size);
	try_reply(data, size);
	return 0;
}
