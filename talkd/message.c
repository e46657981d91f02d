/*
 * message - from what was read to what is answered.
 */
#include "message.h"

#include <netinet/in.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audience.h"
#include "common/bytes.h"
#include "common/owner.h"
#include "common/text.h"
#include "deliver.h"
#include "notice.h"
#include "whynot.h"

_Static_assert(
    (int)DATAGRAM_SIZE >= (int)MSP_SIZE, "a message is sent back whole");

/* Octets that tell where a message came from: family, number, port. */
enum { PLACE_SIZE = 1 + 16 + 2 };

/* What became of a message. */
enum fate {
	FATE_NEW, /* nothing yet */
	FATE_DELIVERED,
	FATE_ABSENT,	/* nobody who is meant is logged on */
	FATE_REFUSING,	/* no terminal that is meant is open */
	FATE_STUCK,	/* none of those took it */
	FATE_FORBIDDEN, /* the sender is not who it says, or rules forbid it */
	FATE_UNTOLD,	/* who is logged on cannot be told now */
	FATE_TOO_MANY,
	FATE_UNDER_WAY, /* the same message came a moment ago */
	FATE_ECHO,	/* so it did, and what was sent back may be what came */
	FATE_WAITS, /* nothing was done: the sender's host has no name yet */
};

/* A message as it is being taken. */
struct taking {
	const struct msp_message *message;
	const struct message_origin *origin;
	bool may_wait; /* for the name of its sender's host */
	int64_t now;
};

/* ------------------------------------------------ who wrote, how often --- */

static size_t
put_folded(uint8_t *bytes, size_t at, size_t size, const char *part)
{
	do {
		if (at == size)
			return at;
		bytes[at++] = (uint8_t)(*part >= 'A' && *part <= 'Z'
			? *part - 'A' + 'a'
			: *part);
	} while (*part++ != '\0');
	return at;
}

/*
 * Whether its own octets are the reply to it (RFC 1159).  Two daemons, of which
 * somebody gave one a message in the other's name, would send them to and fro.
 */
static bool
is_echoed(
    const struct msp_message *message, const struct message_origin *origin)
{
	return message->version == MSP_VERSION_1 &&
	    origin->protocol == IPPROTO_UDP && !origin->broadcast;
}

/*
 * A number for what makes two messages the same: the host, the parts that
 * RFC 1312 names, in whatever case, and the text, as some senders' cookies are
 * no more than the time of day.  A broadcast can arrive from several addresses
 * of one host, of this one by loopback, too, so that there the host has no say.
 * One that is echoed is told by its host and port, having nothing else.
 */
static uint64_t
identify(const struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin)
{
	const char *const parts[] = { message->recipient,
		message->recipient_terminal, message->sender, message->cookie,
		message->text };
	const struct address *source = &origin->source;
	bool is_echo = is_echoed(message, origin);
	uint8_t bytes[PLACE_SIZE + MSP_SIZE] = { 0 };
	size_t i, at = PLACE_SIZE;

	if (is_echo ||
	    (!origin->broadcast && !owner_is_here(source, &origin->local))) {
		bytes[0] = source->family;
		memcpy(bytes + 1, source->bytes, source->family == 4 ? 4 : 16);
	}
	if (is_echo)
		bytes_put_u16(bytes + 1 + 16, source->port);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		at = put_folded(bytes, at, sizeof(bytes), parts[i]);
	return siphash(messages->key, bytes, at);
}

/*
 * Whether the sender is the one it names.  Only of this host's users can that
 * be told; a message that names nobody claims nothing.
 */
static bool
is_truthful(const struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin, int64_t now)
{
	const struct address *source = &origin->source;
	const struct address *local = &origin->local;
	struct owner owner;

	if (message->sender[0] == '\0' || !owner_is_here(source, local))
		return true;
	if (origin->protocol == IPPROTO_UDP)
		return senders_may_use(
		    messages->senders, source, local, message->sender, now);
	owner = owner_find(IPPROTO_TCP, source, local);
	return owner_may_use(&owner, message->sender);
}

/* What has come of the message if it came before; else it is under way now. */
static enum fate
recall(struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin, uint64_t id, int64_t now)
{
	enum duplicates_state state = DUPLICATES_NEW;
	bool is_echo = is_echoed(message, origin);

	if (message->cookie[0] != '\0' || is_echo)
		state = duplicates_take(&messages->duplicates, id, now);
	switch (state) {
	case DUPLICATES_NEW:
		break;
	case DUPLICATES_UNDER_WAY:
		return FATE_UNDER_WAY;
	case DUPLICATES_DELIVERED:
		return is_echo ? FATE_ECHO : FATE_DELIVERED;
	}
	return FATE_NEW;
}

/*
 * FATE_NEW for one that is to be shown.  The limit comes before the owner, whom
 * to find costs much: others who send from this host could use up what it may
 * send in their own names as well.
 */
static enum fate
admit(struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin, struct message_way *way, int64_t now)
{
	enum fate fate;

	way->id = identify(messages, message, origin);
	fate = recall(messages, message, origin, way->id, now);
	if (fate != FATE_NEW)
		return fate;
	if (!limits_take(
		messages->limits, LIMITS_MESSAGES, &origin->source, now))
		fate = FATE_TOO_MANY;
	else if (!is_truthful(messages, message, origin, now))
		fate = FATE_FORBIDDEN;
	if (fate != FATE_NEW)
		duplicates_settle(&messages->duplicates, way->id, false);
	way->admitted = fate == FATE_NEW;
	return fate;
}

/* ------------------------------------------------------------- showing --- */

static bool
write_on(struct messages *messages, const struct terminal *terminal,
    const struct notice *notice)
{
	const char *failure = deliver_notice(
	    &messages->patience, terminal->name, terminal->owner, notice);

	if (failure != NULL)
		whynot_passed_over(messages->log, terminal, failure);
	else
		log_debug(messages->log, "%s written on", terminal->name);
	return failure == NULL;
}

/* Writes on all open terminals, or on the first that takes it. */
static enum fate
write_notice(struct messages *messages, size_t open, bool all,
    const struct notice *notice)
{
	enum fate fate = FATE_STUCK;
	size_t i;

	for (i = 0; i < open && (all || fate != FATE_DELIVERED); i++)
		if (write_on(messages, &messages->terminals.list[i], notice))
			fate = FATE_DELIVERED;
	return fate;
}

/* Finds where to show it: FATE_DELIVERED when there is such a terminal. */
static enum fate
find_terminals(
    struct messages *messages, const struct taking *taking, size_t *open)
{
	const struct audience_question question = {
		.message = taking->message,
		.source = &taking->origin->source,
		.may_wait = taking->may_wait,
		.now = taking->now,
		.log = messages->log,
		.names = messages->names,
		.access = messages->access,
	};

	switch (audience_find(&question, &messages->terminals, open)) {
	case AUDIENCE_ABSENT:
		return FATE_ABSENT;
	case AUDIENCE_REFUSING:
		return FATE_REFUSING;
	case AUDIENCE_FORBIDDEN:
		return FATE_FORBIDDEN;
	case AUDIENCE_UNTOLD:
		return FATE_UNTOLD;
	case AUDIENCE_WAITS:
		return FATE_WAITS;
	case AUDIENCE_FOUND:
		break;
	}
	return FATE_DELIVERED;
}

/* The locale, which is large, is for those who show something. */
static void
learn_widths(struct messages *messages)
{
	if (!messages->has_widths)
		(void)text_init();
	messages->has_widths = true;
}

/* Shows it, if there is where to. */
static enum fate
deliver(struct messages *messages, const struct taking *taking)
{
	const struct msp_message *message = taking->message;
	char host[PERSON_HOST_SIZE];
	char number[ADDRESS_TEXT_SIZE];
	struct notice notice = {
		.sender = message->sender,
		.host = host,
		.number = number,
		.terminal = message->sender_terminal,
		.text = message->text,
	};
	const struct address *source = &taking->origin->source;
	time_t clock = time(NULL);
	struct tm local = { 0 };
	size_t open;
	enum fate fate = find_terminals(messages, taking, &open);

	if (fate != FATE_DELIVERED)
		return fate;
	if (!names_find(messages->names, source, taking->now, host) &&
	    taking->may_wait)
		return FATE_WAITS;
	address_format(source, number, sizeof(number));
	(void)localtime_r(&clock, &local);
	notice.hour = local.tm_hour;
	notice.minute = local.tm_min;
	messages->patience.now = taking->now;
	learn_widths(messages);
	return write_notice(messages, open, audience_is_all(message), &notice);
}

/* ----------------------------------------------------------- answering --- */

static void
explain(
    enum fate fate, const struct msp_message *message, struct msp_reply *reply)
{
	char name[AUDIENCE_NAME_SIZE];
	const char *what = "";

	*reply = (struct msp_reply){ .delivered = fate == FATE_DELIVERED };
	audience_name(message, name);
	switch (fate) {
	case FATE_NEW:
	case FATE_DELIVERED:
	case FATE_WAITS:
		return;
	case FATE_ABSENT:
		what = message->recipient[0] != '\0' ? " is not logged on"
						     : "nobody is logged on";
		break;
	case FATE_REFUSING:
		what = " is refusing messages";
		break;
	case FATE_STUCK:
		what = "'s terminal is stopped";
		break;
	case FATE_FORBIDDEN:
		what = "not permitted";
		break;
	case FATE_UNTOLD:
		what = "cannot tell now who is logged on; try again";
		break;
	case FATE_TOO_MANY:
		what = "too many messages";
		break;
	case FATE_UNDER_WAY:
		what = "the same message is under way";
		break;
	case FATE_ECHO:
		what = "the same message came before";
		break;
	}
	snprintf(reply->text, sizeof(reply->text), "%s%s",
	    what[0] == ' ' || what[0] == '\'' ? name : "", what);
}

static void
log_message(const struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin, const struct msp_reply *reply)
{
	char sender[AUDIENCE_NAME_SIZE];
	char addressee[AUDIENCE_NAME_SIZE];
	char number[ADDRESS_TEXT_SIZE];

	if (!messages->log->calls && !messages->log->debug)
		return;
	text_name(
	    sender, sizeof(sender), message->sender, strlen(message->sender));
	audience_name(message, addressee);
	address_format(&origin->source, number, sizeof(number));
	log_call(messages->log, "%s@%s writes to %s: %s",
	    sender[0] != '\0' ? sender : "somebody", number, addressee,
	    reply->delivered ? "delivered" : reply->text);
}

bool
message_take(struct messages *messages, const struct msp_message *message,
    const struct message_origin *origin, struct message_way *way, bool may_wait,
    int64_t now, struct msp_reply *reply)
{
	const struct taking taking = { message, origin, may_wait, now };
	enum fate fate = FATE_NEW;

	access_refresh(messages->access);
	if (!way->admitted)
		fate = admit(messages, message, origin, way, now);
	if (fate == FATE_NEW) {
		fate = deliver(messages, &taking);
		if (fate == FATE_WAITS)
			return false;
		duplicates_settle(
		    &messages->duplicates, way->id, fate == FATE_DELIVERED);
	}
	*way = (struct message_way){ 0 };
	explain(fate, message, reply);
	log_message(messages, message, origin, reply);
	return true;
}

/* What goes back for a datagram, if anything. */
static void
answer_datagram(const struct datagram *in, const struct msp_message *message,
    const struct msp_reply *reply, struct datagram_reply *out)
{
	if (!reply->delivered)
		return;
	if (message->version == MSP_VERSION_2) {
		if (message->recipient[0] != '\0')
			out->len = msp_put_reply(reply, out->bytes);
	} else if (!in->broadcast && in->len <= MSP_SIZE) {
		memcpy(out->bytes, in->bytes, in->len);
		out->len = in->len;
	}
}

bool
message_take_datagram(struct messages *messages, const struct datagram *in,
    struct message_way *way, bool may_wait, int64_t now,
    struct datagram_reply *out)
{
	const struct message_origin origin = {
		.protocol = IPPROTO_UDP,
		.source = in->source,
		.local = in->local,
		.broadcast = in->broadcast,
	};
	struct msp_message message;
	struct msp_reply reply;
	const char *reason;
	size_t used;

	out->len = 0;
	if (msp_get_request(in->bytes, in->len, true, &message, &used,
		&reason) != MSP_WHOLE) {
		log_debug(messages->log, "no message: %s",
		    reason != NULL ? reason : "empty");
		return true;
	}
	if (!message_take(
		messages, &message, &origin, way, may_wait, now, &reply))
		return false;
	answer_datagram(in, &message, &reply, out);
	return true;
}

void
message_end(struct messages *messages)
{
	terminals_free(&messages->terminals);
}
