/*
 * The datagrams from before 4.3BSD: any input as a request, after a byte that
 * tells which source it has.
 */
#include <string.h>

#include "common/bytes.h"
#include "common/otalk.h"
#include "fuzz.h"

/* Where the fields of a request stand, and of a reply. */
enum {
	ID_AT = 20,
	PID_AT = 24,
	ADDR_AT = 44,
	CTL_ADDR_AT = 60,

	REPLY_ID_AT = 4,
	REPLY_ADDR_AT = 8,
};

enum source { SOURCE_OTHER, SOURCE_TRUE, SOURCE_SWAPPED, SOURCES };

static struct address
pick_source(enum source kind, const uint8_t *data, size_t size)
{
	struct address source = { .family = 4, .bytes = { 192, 0, 2, 1 } };
	const uint8_t *at = data + CTL_ADDR_AT;
	int i;

	source.port = 4097;
	if (kind == SOURCE_OTHER || size < CTL_ADDR_AT + 8)
		return source;
	source.port = bytes_get_u16(at + 2);
	memcpy(source.bytes, at + 4, 4);
	if (kind == SOURCE_TRUE)
		return source;
	source.port = (uint16_t)(at[3] << 8 | at[2]);
	for (i = 0; i < 4; i++)
		source.bytes[i] = at[7 - i];
	return source;
}

static uint32_t
get_u32(const uint8_t *bytes, bool little)
{
	const uint8_t swapped[4] = { bytes[3], bytes[2], bytes[1], bytes[0] };

	return bytes_get_u32(little ? swapped : bytes);
}

/* No control character of either set. */
static void
check_text(const char *text, size_t max)
{
	size_t i, len = strlen(text);

	fuzz_expect(len <= max);
	for (i = 0; i < len; i++)
		fuzz_expect((text[i] & 0x60) != 0 && (text[i] & 0x7f) != 0x7f);
}

static void
check_request(const struct talk_request *req, const struct otalk_form *form,
    const struct address *source, const uint8_t *bytes)
{
	fuzz_expect(req->wire_type == bytes[0] && bytes[0] <= 6);
	fuzz_expect(req->type <= TALK_ANNOUNCE);
	fuzz_expect(bytes[0] > 3 || (uint8_t)req->type == bytes[0]);
	fuzz_expect(req->id == get_u32(bytes + ID_AT, form->little));
	fuzz_expect(req->pid == get_u32(bytes + PID_AT, form->little));
	fuzz_expect(address_equal(&req->ctl_addr, source));
	fuzz_expect(!req->extended);
	check_text(req->l_name, OTALK_NAME_SIZE - 1);
	check_text(req->r_name, OTALK_NAME_SIZE - 1);
	check_text(req->r_tty, NTALK_TTY_SIZE - 1);
}

/* The reply tells the request's own id and address in its own order. */
static void
check_reply(const struct talk_request *req, const struct otalk_form *form,
    const uint8_t *bytes)
{
	static const uint8_t zeros[16];
	const struct talk_reply reply = {
		.type = req->wire_type,
		.answer = TALK_PERMISSION_DENIED,
		.id = req->id,
		.addr = req->addr,
	};
	uint8_t written[OTALK_REPLY_SIZE];
	bool has_addr = req->addr.family == 4;

	otalk_put_reply(&reply, form, written);
	fuzz_expect(written[0] == bytes[0]);
	fuzz_expect(written[1] == TALK_PERMISSION_DENIED);
	fuzz_expect(written[2] == 0 && written[3] == 0);
	fuzz_expect(memcmp(written + REPLY_ID_AT, bytes + ID_AT, 4) == 0);
	fuzz_expect(memcmp(written + REPLY_ADDR_AT,
			has_addr ? bytes + ADDR_AT : zeros, 8) == 0);
	fuzz_expect(memcmp(written + REPLY_ADDR_AT + 8, zeros, 8) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct talk_request nothing;
	struct fuzz_input input = { data, size };
	enum source kind = fuzz_take_u8(&input) % SOURCES;
	struct address source = pick_source(kind, input.bytes, input.len);
	struct talk_request req;
	struct otalk_form form;

	if (otalk_get_request(input.bytes, input.len, &source, &req, &form)) {
		fuzz_expect(input.len == OTALK_REQUEST_SIZE);
		check_request(&req, &form, &source, input.bytes);
		check_reply(&req, &form, input.bytes);
	} else {
		fuzz_expect(fuzz_same_request(&req, &nothing));
		fuzz_expect(!form.little && !form.swapped);
	}
	return 0;
}
