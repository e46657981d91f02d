/*
 * The Message Send Protocol.  A byte tells how the input is used: as a stream
 * of requests, or of replies, after a byte and a number that tell whether it
 * ended and how much of it came first; or as a long text to be sent.
 */
#include <string.h>

#include "common/msp.h"
#include "fuzz.h"

enum way { REQUESTS, REPLIES, LONG_TEXT, WAYS };

/* ------------------------------------------------------------ requests --- */

static bool
is_graphic(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name > '~')
			return false;
	return true;
}

/* Each part ends within its room, and the terminals are below /dev. */
static void
check_parts(const struct msp_message *message)
{
	fuzz_expect(strlen(message->recipient) < MSP_PART_SIZE);
	fuzz_expect(strlen(message->recipient_terminal) < MSP_PART_SIZE);
	fuzz_expect(strlen(message->text) < MSP_PART_SIZE);
	fuzz_expect(strlen(message->sender) < MSP_PART_SIZE);
	fuzz_expect(strlen(message->sender_terminal) < MSP_PART_SIZE);
	fuzz_expect(strlen(message->cookie) < MSP_COOKIE_SIZE);
	fuzz_expect(strlen(message->signature) < MSP_PART_SIZE);
}

/* What may be sent is read as it was, and written the same again. */
static void
check_round(const struct msp_message *message)
{
	uint8_t written[MSP_SIZE], again[MSP_SIZE];
	struct msp_message read;
	const char *reason;
	size_t len, used;

	len = msp_put_request(message, written, &reason);
	fuzz_expect((len == 0) == (reason != NULL));
	fuzz_expect(len <= MSP_SIZE);
	if (len == 0)
		return;
	fuzz_expect(is_graphic(message->sender));
	fuzz_expect(msp_is_request(written, len));
	fuzz_expect(msp_get_request(written, len, true, &read, &used,
			&reason) == MSP_WHOLE);
	fuzz_expect(used == len);
	fuzz_expect(strcmp(read.recipient, message->recipient) == 0);
	fuzz_expect(strcmp(read.sender, message->sender) == 0);
	fuzz_expect(strcmp(read.cookie, message->cookie) == 0);
	fuzz_expect(strcmp(read.signature, message->signature) == 0);
	if (strncmp(message->recipient_terminal, "/dev/", 5) != 0)
		fuzz_expect(strcmp(read.recipient_terminal,
				message->recipient_terminal) == 0);
	if (strncmp(message->recipient_terminal, "/dev/", 5) == 0 ||
	    strncmp(message->sender_terminal, "/dev/", 5) == 0)
		return;
	fuzz_expect(msp_put_request(&read, again, &reason) == len);
	fuzz_expect(memcmp(again, written, len) == 0);
}

/* The part of a stream that came first says nothing else than all of it. */
static void
check_part(const uint8_t *bytes, size_t part, enum msp_reading whole,
    size_t whole_used)
{
	struct msp_message message;
	const char *reason;
	size_t used;
	enum msp_reading reading = msp_get_request(
	    bytes, part, false, &message, &used, &reason);

	fuzz_expect(used <= part);
	if (reading == MSP_MORE)
		return;
	fuzz_expect(reading == whole);
	fuzz_expect(used == whole_used || reading == MSP_LOST ||
	    reading == MSP_FOREIGN);
}

static void
try_requests(struct fuzz_input *input)
{
	bool ended = fuzz_take_u8(input) % 2 != 0;
	size_t part = fuzz_take_u16(input), used;
	struct msp_message message;
	const char *reason;
	enum msp_reading reading;

	do {
		reading = msp_get_request(
		    input->bytes, input->len, ended, &message, &used, &reason);
		fuzz_expect(used <= input->len);
		fuzz_expect((reason == NULL) ==
		    (reading == MSP_MORE || reading == MSP_WHOLE));
		if (part < input->len)
			check_part(input->bytes, part, reading, used);
		if (reading == MSP_LOST || reading == MSP_FOREIGN)
			fuzz_expect(used == input->len);
		if (reading == MSP_MORE && ended)
			fuzz_expect(used == input->len);
		if (reading == MSP_WHOLE) {
			fuzz_expect(used <= MSP_SIZE ||
			    input->bytes[used - MSP_SIZE - 1] <= '\r');
			check_parts(&message);
			check_round(&message);
		}
		(void)fuzz_take_bytes(input, used, &used);
	} while (reading == MSP_WHOLE || reading == MSP_REFUSED);
}

/* ------------------------------------------------------------- replies --- */

/* Cut and cleaned once, it stays as it is. */
static void
check_reply(const struct msp_reply *reply)
{
	uint8_t written[MSP_SIZE], again[MSP_SIZE];
	struct msp_reply read;
	size_t len = msp_put_reply(reply, written), used, i;

	fuzz_expect(len >= 2 && len <= MSP_SIZE);
	fuzz_expect(written[len - 1] == '\0');
	for (i = 1; i < len - 1; i++)
		fuzz_expect(written[i] >= ' ' && written[i] <= '~');
	fuzz_expect(
	    msp_get_reply(written, len, false, &read, &used) == MSP_WHOLE);
	fuzz_expect(used == len);
	fuzz_expect(read.delivered == reply->delivered);
	fuzz_expect(msp_put_reply(&read, again) == len);
	fuzz_expect(memcmp(again, written, len) == 0);
}

static void
try_replies(struct fuzz_input *input)
{
	bool ended = fuzz_take_u8(input) % 2 != 0;
	struct msp_reply reply;
	enum msp_reading reading;
	size_t used;

	do {
		reading = msp_get_reply(
		    input->bytes, input->len, ended, &reply, &used);
		fuzz_expect(used <= input->len);
		fuzz_expect(reading != MSP_REFUSED);
		fuzz_expect(memchr(reply.text, '\0', MSP_SIZE) != NULL);
		if (reading == MSP_WHOLE)
			fuzz_expect(used > 0);
		if (reading == MSP_WHOLE || reading == MSP_LOST)
			check_reply(&reply);
		else
			fuzz_expect(!reply.delivered && reply.text[0] == '\0');
		(void)fuzz_take_bytes(input, used, &used);
	} while (reading == MSP_WHOLE);
}

/* ---------------------------------------------------------- long texts --- */

/* A text goes out in pieces until nothing is left, and each fits. */
static void
try_long_text(struct fuzz_input *input)
{
	struct msp_message message = { .version = MSP_VERSION_2 };
	uint8_t written[MSP_SIZE];
	const char *reason;
	size_t done;

	if (fuzz_take_u8(input) % 2 != 0)
		message.version = MSP_VERSION_1;
	fuzz_take_text(input, message.recipient, sizeof(message.recipient) / 2);
	fuzz_take_text(input, message.sender, sizeof(message.sender) / 2);
	fuzz_take_text(input, message.cookie, sizeof(message.cookie));
	while (input->len > 0) {
		done = msp_take_text(
		    &message, (const char *)input->bytes, input->len);
		fuzz_expect(done <= input->len);
		fuzz_expect(strlen(message.text) <= done);
		if (done == 0)
			break;
		fuzz_expect(strncmp(message.text, (const char *)input->bytes,
				strlen(message.text)) == 0);
		if (msp_put_request(&message, written, &reason) == 0)
			fuzz_expect(strstr(reason, "too long") == NULL);
		(void)fuzz_take_bytes(input, done, &done);
	}
	fuzz_expect(input->len == 0 || input->bytes[0] == '\0' ||
	    strlen(message.recipient) + strlen(message.sender) > 400);
	fuzz_expect(msp_same(message.sender, message.recipient) ==
	    msp_same(message.recipient, message.sender));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	fuzz_locale();
	switch ((enum way)(fuzz_take_u8(&input) % WAYS)) {
	case REQUESTS:
		try_requests(&input);
		break;
	case REPLIES:
		try_replies(&input);
		break;
	default:
		try_long_text(&input);
		break;
	}
	return 0;
}
