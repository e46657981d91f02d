/*
 * Messages to a host that answers what the input says, over TCP and by UDP, and
 * broadcasts to networks of such hosts: each comes to an end in time, is asked
 * for in order and only so often, and ends with a line that a terminal may see.
 */
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "fuzz.h"
#include "rogue.h"
#include "talk/broadcast.h"
#include "talk/delivery.h"
#include "talk/draft.h"
#include "talk/verdict.h"
#include "world.h"

enum {
	ADDRESSES_MAX = 3,
	NETWORKS_MAX = 3,
	TEXT_SIZE = 2048,
	PORT = 40018,
	LATE_MS = 2550, /* as the clock may be for any one step */
	/*
	 * One request: a server that asks to slow down is asked again after
	 * 250 ms and longer and longer, for a minute; each time by one stream
	 * or two, and by up to four datagrams at each address.
	 */
	RETRIES_MAX = 36,
	SENDS_MAX = RETRIES_MAX * (2 + 4 * ADDRESSES_MAX),
	TURNS_MAX = 100000,
	MOMENT = 1000000,
};

/* What was sent on a stream and is no whole request yet. */
struct stream {
	uint8_t bytes[MSP_SIZE];
	size_t len;
};

struct play {
	struct rogue rogue;
	struct person to;
	struct buffer text;
	struct letter letter;
	struct stream streams[WORLD_SOCKETS_MAX]; /* by descriptor */
	char cookie[MSP_COOKIE_SIZE];		  /* of the last sent */
	unsigned sends;				  /* of that one */
	unsigned requests;			  /* of different cookies */
	int64_t asked; /* when the request under way was begun */
	int turns;
};

/* -------------------------------------------------------------- watcher --- */

/* A request of the letter, and none older than the last. */
static void
note_request(struct play *play, const struct msp_message *message)
{
	int order = strcmp(message->cookie, play->cookie);

	fuzz_expect(message->version == MSP_VERSION_2);
	fuzz_expect(strcmp(message->sender, "alice") == 0);
	fuzz_expect(strcmp(message->recipient, play->to.user) == 0);
	fuzz_expect(order >= 0);
	if (order > 0) {
		memcpy(play->cookie, message->cookie, sizeof(play->cookie));
		play->sends = 0;
		play->requests++;
		play->asked = play->rogue.now;
	}
	fuzz_expect(++play->sends <= SENDS_MAX);
}

static void
note_datagram(struct play *play, const uint8_t *bytes, size_t len)
{
	struct msp_message message;
	const char *reason;
	size_t used;

	fuzz_expect(msp_get_request(bytes, len, true, &message, &used,
			&reason) == MSP_WHOLE);
	fuzz_expect(used == len);
	note_request(play, &message);
}

static void
note_stream(struct play *play, struct stream *stream)
{
	struct msp_message message;
	enum msp_reading reading;
	const char *reason;
	size_t used;

	reading = msp_get_request(
	    stream->bytes, stream->len, false, &message, &used, &reason);
	fuzz_expect(reading == MSP_WHOLE || reading == MSP_MORE);
	if (reading != MSP_WHOLE)
		return;
	fuzz_expect(used == stream->len); /* one at a time */
	stream->len = 0;
	note_request(play, &message);
}

static void
note_sent(void *context, struct world_socket *socket, const struct address *to,
    const uint8_t *bytes, size_t len)
{
	struct play *play = context;
	struct stream *stream = &play->streams[socket->fd];

	fuzz_expect(to->family != 0);
	if (socket->type == SOCK_DGRAM) {
		note_datagram(play, bytes, len);
		return;
	}
	fuzz_expect(len <= sizeof(stream->bytes) - stream->len);
	memcpy(stream->bytes + stream->len, bytes, len);
	stream->len += len;
	note_stream(play, stream);
}

static void
note_connection(void *context, struct world_socket *socket)
{
	struct play *play = context;

	play->streams[socket->fd].len = 0;
}

/* ------------------------------------------------------------- delivery --- */

static void
check_verdict(const struct verdict *verdict)
{
	clean_expect(verdict->line, strlen(verdict->line));
}

static int
take_addresses(struct play *play, struct address *at, int max)
{
	int count = 1 + fuzz_take_u8(&play->rogue.input) % max;
	int i;

	for (i = 0; i < count; i++) {
		at[i] = rogue_address(&play->rogue.input);
		at[i].port = PORT;
	}
	return count;
}

static void
deliver(struct play *play)
{
	static struct delivery delivery;
	struct address at[ADDRESSES_MAX];
	int count = take_addresses(play, at, ADDRESSES_MAX);
	struct verdict verdict;
	struct turn turn;

	delivery_start(&delivery, &play->letter, at, count, play->rogue.now);
	while (delivery.state == DELIVERY_UNDER_WAY) {
		fuzz_expect(++play->turns < TURNS_MAX);
		if (delivery.retry != TURN_NEVER)
			play->asked = play->rogue.now;
		fuzz_expect(play->rogue.now <=
		    play->asked + COURIER_PATIENCE_MS + 2 * LATE_MS);
		turn_begin(&turn);
		delivery_await(&delivery, &turn);
		fuzz_expect(rogue_turn(&play->rogue, &turn));
		(void)delivery_turn(&delivery, &turn, play->rogue.now);
	}
	fuzz_expect(delivery.waited <= DELIVERY_PATIENCE_MS + 2000);
	verdict = verdict_on_delivery(&delivery, &play->to);
	check_verdict(&verdict);
	delivery_end(&delivery);
}

/* ------------------------------------------------------------ broadcast --- */

static void
check_hosts(const struct broadcast *broadcast)
{
	int i, k;

	fuzz_expect(broadcast->host_count <= BROADCAST_HOSTS_MAX);
	for (i = 0; i < broadcast->host_count; i++)
		for (k = 0; k < i; k++)
			fuzz_expect(!address_same_host(
			    &broadcast->hosts[i], &broadcast->hosts[k]));
}

static void
broadcast(struct play *play)
{
	static struct broadcast broadcast;
	struct address at[NETWORKS_MAX];
	struct network networks[NETWORKS_MAX];
	int count = take_addresses(play, at, NETWORKS_MAX);
	int64_t end;
	struct verdict verdict;
	struct turn turn;
	int i;

	for (i = 0; i < count; i++)
		networks[i] = (struct network){ world_own(&at[i]), at[i] };
	broadcast_start(
	    &broadcast, &play->letter, networks, count, play->rogue.now);
	while (broadcast.state == BROADCAST_UNDER_WAY) {
		fuzz_expect(++play->turns < TURNS_MAX);
		turn_begin(&turn);
		broadcast_await(&broadcast, &turn);
		fuzz_expect(rogue_turn(&play->rogue, &turn));
		(void)broadcast_turn(&broadcast, play->rogue.now);
		fuzz_expect(play->sends <= 2 * (unsigned)count);
	}
	end = MOMENT + BROADCAST_PATIENCE_MS + LATE_MS +
	    (play->requests + 1) * 2 * (BROADCAST_PACE_MS + LATE_MS);
	fuzz_expect(play->rogue.now <= end);
	check_hosts(&broadcast);
	verdict = verdict_on_broadcast(&broadcast, &play->to);
	check_verdict(&verdict);
	broadcast_end(&broadcast);
}

/* ----------------------------------------------------------------- play --- */

/* Who it is for, and a text of the input's. */
static void
play_letter(struct play *play, uint8_t pick)
{
	static const char *const users[] = { "bob", "",
		"somebody-with-a-name-of-some-length" };
	static char text[TEXT_SIZE];
	char *const words[] = { text, NULL };
	const struct letter_head head = { .to = &play->to,
		.sender = "alice",
		.terminal = "pts/1",
		.stamp = "0123456789abcdef01234567" };

	snprintf(
	    play->to.user, sizeof(play->to.user), "%s", users[pick / 2 % 3]);
	snprintf(play->to.host, sizeof(play->to.host), "%s", "h2");
	fuzz_take_text(&play->rogue.input, text, sizeof(text));
	fuzz_expect(draft_words(&play->text, words) == 0);
	letter_start(&play->letter, &head, buffer_head(&play->text),
	    buffer_len(&play->text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct play play;
	const struct world_watcher watcher = { .context = &play,
		.connects = note_connection,
		.sends = note_sent };
	uint8_t pick;

	memset(&play, 0, sizeof(play));
	play.rogue = (struct rogue){ { data, size }, MOMENT };
	play.asked = MOMENT;
	fuzz_locale();
	world_begin(&watcher);
	pick = fuzz_take_u8(&play.rogue.input);
	play_letter(&play, pick);
	if (buffer_len(&play.text) > 0 && pick % 2 == 0)
		deliver(&play);
	else if (buffer_len(&play.text) > 0)
		broadcast(&play);
	fuzz_expect(world_count() == 0);
	buffer_free(&play.text);
	return 0;
}
