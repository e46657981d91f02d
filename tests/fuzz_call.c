/*
 * A call among daemons that say what the input has them say, in any order,
 * late, twice or never, and strangers who come: it ends in time, goes nowhere
 * and lets nobody in but for the person called, asks no more often than a few
 * times a second, leaves no invitation behind, rings nobody once it is given
 * up, and says nothing that a terminal should not see.
 */
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/extension.h"
#include "fuzz.h"
#include "rogue.h"
#include "talk/call.h"
#include "world.h"

enum {
	DOORS_MAX = 3,
	OWN_DAEMONS_MAX = 2,
	/* Datagrams that one socket sends in a second, taking back included. */
	RATE_MAX = 32,
	/*
	 * What is asked before anybody is rung, of a daemon that answers as
	 * late as it may, at one of its addresses, of which 127.0.1.1 is two: a
	 * look, a connection that does not come about, to delete what led
	 * there, to leave and to take back an invitation, and a ring; and then
	 * it may ask to wait.  Twice that, for this clock may be late.
	 */
	ADDRESS_MS = 2 * (5 * DAEMON_PATIENCE_MS + 5000),
	HOLDS_MS = 2 * 3 * (CALL_HOLD_MAX_MS + DAEMON_PATIENCE_MS),
	CONNECT_MS = 5000,  /* which patience may be exceeded by */
	LATE_MS = 2550,	    /* as this clock is at most */
	TURNS_MAX = 100000, /* a call that goes on for so many is in a loop */
	ENTRIES_MAX = 64,
};

/* When a socket sent what it has sent last, in turn. */
struct line {
	int64_t times[RATE_MAX];
	unsigned sent;
};

/* What a daemon has made for us, as the client knows, and must delete. */
struct entry {
	struct address with;
	uint8_t type;
	uint32_t id;
	bool renewed; /* may have another id, which was not told yet */
};

struct play {
	struct rogue rogue;
	struct person callee;
	struct address there[DOORS_MAX], here[OWN_DAEMONS_MAX];
	struct call_plan plan;
	struct call *call;
	struct line lines[WORLD_SOCKETS_MAX]; /* by descriptor */
	struct entry entries[ENTRIES_MAX];
	int entry_count;
	struct address lead;   /* of the last invitation that was read, */
	struct address told;   /* and who told it */
	int64_t began, leaves; /* when the user does */
	int64_t rang;	       /* when first; TURN_NEVER: not yet */
	int64_t ended;	       /* when it began to take back, likewise */
	uint32_t rung_as;      /* the last id by which the callee was rung */
};

/* ------------------------------------------------ who may be the callee --- */

static bool
is_callees(const struct play *play, const struct address *at)
{
	static const struct address loopback = { .family = 4,
		.bytes = { 127, 0, 0, 1 } };
	int i;

	for (i = 0; i < play->plan.there_count; i++)
		if (address_same_host(&play->there[i], at) ||
		    (address_is_loopback(&play->there[i]) &&
			address_same_host(&loopback, at)))
			return true;
	return false;
}

/* Whether an address of the callee's host is one of ours. */
static bool
is_ours(const struct address *there)
{
	struct address own = world_own(there);

	return address_is_loopback(there) || address_same_host(&own, there);
}

static bool
callee_may_be_here(const struct play *play)
{
	int i;

	for (i = 0; i < play->plan.there_count; i++)
		if (is_ours(&play->there[i]))
			return true;
	return false;
}

/* -------------------------------------------------------------- watcher --- */

/* An invitation leads where it says, or to the host that told of it. */
static void
check_stream(const struct play *play, const struct world_socket *socket)
{
	const struct address *to = &socket->there;

	fuzz_expect(play->lead.family != 0);
	fuzz_expect(to->port == play->lead.port && to->port != 0);
	if (address_is_any(&play->lead) ||
	    (address_is_loopback(&play->lead) && !is_ours(&play->told)))
		fuzz_expect(address_same_host(to, &play->told));
	else
		fuzz_expect(address_same_host(to, &play->lead));
}

static void
note_connection(void *context, struct world_socket *socket)
{
	struct play *play = context;

	if (socket->type == SOCK_STREAM)
		check_stream(play, socket);
	else
		play->lines[socket->fd].sent = 0;
}

static void
check_request(const struct play *play, const struct world_socket *socket,
    const uint8_t *bytes, size_t len)
{
	struct talk_request request;
	struct extension_request more;
	enum talk_answer fault;

	fuzz_expect(
	    ntalk_get_request(bytes, len, &request, &fault) == NTALK_FINE);
	if (len > NTALK_REQUEST_SIZE)
		fuzz_expect(extension_get_request(bytes, len, &request, &more));
	if (request.type == TALK_DELETE)
		return;
	fuzz_expect(strncmp(request.l_name, play->plan.caller, 11) == 0);
	fuzz_expect(strncmp(request.r_name, play->callee.user, 11) == 0);
	fuzz_expect(address_same_host(&request.ctl_addr, &socket->here) ||
	    socket->here.family == 6);
}

static void
note_rate(struct line *line, int64_t now)
{
	int64_t *then = &line->times[line->sent % RATE_MAX];

	fuzz_expect(line->sent < RATE_MAX || *then + 1000 <= now);
	*then = now;
	line->sent++;
}

/* -------------------------------------------------------------- entries --- */

static void
forget_entry(struct play *play, const struct address *with, uint32_t id)
{
	struct entry *entry = play->entries;

	while (entry < play->entries + play->entry_count)
		if (entry->id == id && address_equal(&entry->with, with))
			*entry = play->entries[--play->entry_count];
		else
			entry++;
}

/* A daemon has one of a type for a call; it may give it another id. */
static void
add_entry(
    struct play *play, const struct address *with, uint8_t type, uint32_t id)
{
	struct entry *entry = play->entries;
	struct entry *end = entry + play->entry_count;

	while (entry < end &&
	    (entry->type != type || !address_equal(&entry->with, with)))
		entry++;
	fuzz_expect(entry < play->entries + ENTRIES_MAX);
	*entry = (struct entry){ .with = *with, .type = type, .id = id };
	if (entry == end)
		play->entry_count++;
}

static void
renew_entry(struct play *play, const struct address *with, uint8_t type)
{
	int i;

	for (i = 0; i < play->entry_count; i++)
		if (play->entries[i].type == type &&
		    address_equal(&play->entries[i].with, with))
			play->entries[i].renewed = true;
}

/* Once given up, nobody is rung by what was not answered: it may be lost. */
static void
note_ring(struct play *play, uint32_t id)
{
	if (play->ended == TURN_NEVER)
		play->rung_as = id;
	else
		fuzz_expect(
		    id == play->rung_as - 1 && play->rung_as != NTALK_NO_ID);
}

static void
note_request(void *context, struct world_socket *socket,
    const struct address *to, const uint8_t *bytes, size_t len)
{
	struct play *play = context;
	struct talk_request request;
	enum talk_answer fault;

	fuzz_expect(socket->type == SOCK_DGRAM);
	fuzz_expect(address_equal(to, &socket->there));
	check_request(play, socket, bytes, len);
	note_rate(&play->lines[socket->fd], play->rogue.now);
	(void)ntalk_get_request(bytes, len, &request, &fault);
	if (request.type == TALK_DELETE)
		forget_entry(play, to, request.id);
	else
		renew_entry(play, to, (uint8_t)request.type);
	if (request.type == TALK_ANNOUNCE)
		note_ring(play, request.id);
}

static void
note_reply(void *context, const struct world_socket *socket,
    const uint8_t *bytes, size_t len, size_t room)
{
	struct play *play = context;
	struct talk_reply reply;
	struct extension_reply more;

	if (room < NTALK_REPLY_SIZE || !ntalk_get_reply(bytes, len, &reply) ||
	    reply.type != socket->sent[1] ||
	    reply.answer == TALK_UNKNOWN_REQUEST)
		return;
	(void)extension_get_reply(bytes, len, &reply, &more);
	if (reply.type == TALK_LOOK_UP) {
		play->lead = reply.addr;
		play->told = socket->there;
	}
	if (reply.id != 0 &&
	    (reply.type == TALK_LEAVE_INVITE ||
		(reply.type == TALK_ANNOUNCE && reply.answer == TALK_SUCCESS)))
		add_entry(play, &socket->there, reply.type, reply.id);
}

/* --------------------------------------------------------------- checks --- */

static void
check_words(const char *words)
{
	for (; *words != '\0'; words++)
		fuzz_expect(*words >= ' ' && *words < 0x7f);
}

/* It takes no longer than it may, whoever answers what. */
static void
check_time(const struct play *play)
{
	int64_t now = play->rogue.now;
	int64_t patience = play->plan.patience;

	if (play->ended != TURN_NEVER)
		fuzz_expect(now <= play->ended + CALL_TAKE_BACK_MS + LATE_MS);
	else if (play->rang == TURN_NEVER)
		fuzz_expect(now - play->began <=
		    2 * play->plan.there_count * ADDRESS_MS + HOLDS_MS);
	else if (patience > 0)
		fuzz_expect(
		    now <= play->rang + patience + CONNECT_MS + 2 * LATE_MS);
}

static void
check_stream_taken(const struct play *play, int fd)
{
	const struct world_socket *socket = NULL;
	int i;

	for (i = 0; (socket = world_socket(i)) != NULL && socket->fd != fd; i++)
		continue;
	fuzz_expect(socket != NULL && socket->type == SOCK_STREAM);
	if (!socket->accepted)
		return; /* judged when it was begun */
	fuzz_expect(is_callees(play, &socket->there) ||
	    (callee_may_be_here(play) &&
		(address_is_loopback(&socket->there) ||
		    address_same_host(&socket->there, &socket->here))));
}

static void
check_phase(struct play *play)
{
	enum call_phase phase = call_phase(play->call);
	int stream = -1;

	if (phase == CALL_CONNECTED)
		stream = call_socket(play->call);
	fuzz_expect((phase == CALL_FAILED) ==
	    (call_failure(play->call) != CALL_NOT_FAILED));
	if (stream >= 0) {
		check_stream_taken(play, stream);
		close(stream);
	}
	if (phase == CALL_RINGING && play->rang == TURN_NEVER)
		play->rang = play->rogue.now;
	if ((phase == CALL_CONNECTED || phase == CALL_FAILED) &&
	    play->ended == TURN_NEVER)
		play->ended = play->rogue.now;
}

/* All is deleted whose id is known. */
static void
check_entries(const struct play *play)
{
	int i;

	for (i = 0; i < play->entry_count; i++)
		fuzz_expect(play->entries[i].renewed);
}

/* ----------------------------------------------------------------- play --- */

/* Our daemon and the callee's, at whatever addresses: all may be one. */
static void
play_plan(struct play *play)
{
	static const char *const users[] = { "bob", "bartholomew-the-third" };
	static const int64_t patience[] = { 0, 1000, 5000, 60000 };
	struct fuzz_input *input = &play->rogue.input;
	struct call_plan *plan = &play->plan;
	uint8_t pick = fuzz_take_u8(input);
	int i;

	plan->caller = "alice";
	plan->callee = &play->callee;
	plan->host = "h\xc3\xb6lle\033[2J";
	snprintf(play->callee.user, sizeof(play->callee.user), "%s",
	    users[pick % 2]);
	plan->patience = patience[pick / 2 % 4];
	plan->there = play->there;
	plan->there_count = 1 + pick / 8 % DOORS_MAX;
	plan->here = play->here;
	plan->here_count = 1 + pick / 32 % OWN_DAEMONS_MAX;
	if (pick >= 64)
		plan->port_low = plan->port_high = 5180;
	if (pick >= 128)
		plan->port_high = 5183;
	for (i = 0; i < plan->there_count; i++) {
		play->there[i] = rogue_address(input);
		play->there[i].port = 518;
	}
	for (i = 0; i < plan->here_count; i++) {
		play->here[i] = rogue_address(input);
		play->here[i].port = 518;
	}
}

/* The user leaves when the input says so, or at its end, if not patient. */
static bool
play_is_left(const struct play *play)
{
	return play->rogue.now >= play->leaves ||
	    (play->rogue.input.len == 0 && play->plan.patience == 0);
}

static void
play_turn(struct play *play)
{
	struct turn turn;

	if (play->ended == TURN_NEVER && play_is_left(play)) {
		play->ended = play->rogue.now;
		call_end(play->call, play->rogue.now);
	}
	turn_begin(&turn);
	call_await(play->call, &turn);
	fuzz_expect(
	    rogue_turn(&play->rogue, &turn) || call_is_over(play->call));
	call_turn(play->call, &turn, play->rogue.now);
	check_words(call_status(play->call));
	check_words(call_countdown(play->call));
	check_phase(play);
	check_time(play);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct play play;
	const struct world_watcher watcher = { .context = &play,
		.connects = note_connection,
		.sends = note_request,
		.reads = note_reply };
	uint8_t leaves;
	int turns = 0;

	play = (struct play){ .rogue = { .input = { data, size } } };
	fuzz_locale();
	world_begin(&watcher);
	play_plan(&play);
	play.rang = play.ended = play.leaves = TURN_NEVER;
	play.rogue.now = play.began = 1000000;
	leaves = fuzz_take_u8(&play.rogue.input);
	if (leaves > 0)
		play.leaves = play.began + (leaves - 1) * 200;
	play.call = call_new(&play.plan, play.rogue.now);
	fuzz_expect(play.call != NULL);
	check_phase(&play);
	while (!call_is_over(play.call)) {
		play_turn(&play);
		fuzz_expect(++turns < TURNS_MAX);
	}
	check_entries(&play);
	call_free(play.call);
	fuzz_expect(world_count() == 0);
	return 0;
}
