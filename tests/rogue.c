/*
 * rogue - all others on the network, as the input of a fuzzer has them.
 */
#include "rogue.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "common/ntalk.h"

enum { PORTS = 4 };

struct address
rogue_address(struct fuzz_input *input)
{
	static const struct address hosts[] = {
		{ .family = 4, .bytes = { 127, 0, 0, 1 } },
		{ .family = 4, .bytes = { 127, 0, 1, 1 } },
		{ .family = 4, .bytes = { 127, 0, 0, 2 } },
		{ .family = 4, .bytes = { 10, 0, 0, 1 } },
		{ .family = 4, .bytes = { 10, 0, 0, 2 } },
		{ .family = 4, .bytes = { 10, 0, 0, 3 } },
		{ .family = 4, .bytes = { 0 } },
		{ .family = 4, .bytes = { 192, 0, 2, 66 } },
		{ .family = 6, .bytes = { [15] = 1 } },
		{ .family = 6, .bytes = { 0xfe, 0x80, [15] = 2 }, .scope = 2 },
		{ .family = 6, .bytes = { 0x20, 1, 0x0d, 0xb8, [15] = 2 } },
		{ .family = 6, .bytes = { 0x20, 1, 0x0d, 0xb8, [15] = 3 } },
		{ .family = 6, .bytes = { 0 } },
	};
	uint8_t pick = fuzz_take_u8(input);
	struct address a = hosts[pick % (sizeof(hosts) / sizeof(hosts[0]))];

	/* Of the first ports that the world has free, or far from them. */
	pick = fuzz_take_u8(input);
	a.port = (uint16_t)(pick < 128 ? 40000 + pick : pick % PORTS * 1000);
	return a;
}

static struct world_socket *
pick_socket(struct fuzz_input *input)
{
	int count = world_count();

	return world_socket(count == 0 ? 0 : fuzz_take_u8(input) % count);
}

static int
pick_error(struct fuzz_input *input)
{
	static const int errors[] = { ECONNREFUSED, EHOSTUNREACH, ENETUNREACH,
		ECONNRESET, ETIMEDOUT, EAGAIN, EINTR, ENOBUFS, EPIPE, EPERM };

	return errors[fuzz_take_u8(input) %
	    (sizeof(errors) / sizeof(errors[0]))];
}

/* -------------------------------------------------------------- answers --- */

static void
put_address(const struct address *a, uint8_t bytes[16])
{
	memset(bytes, 0, 16);
	bytes[1] = 2;
	bytes[2] = (uint8_t)(a->port >> 8);
	bytes[3] = (uint8_t)a->port;
	if (a->family == 4)
		memcpy(bytes + 4, a->bytes, 4);
}

/* An answer of ntalk's to what the socket has asked last, with bytes behind. */
static void
answer(struct fuzz_input *input, struct world_socket *socket)
{
	struct world_piece *piece = world_add(socket);
	uint8_t *bytes;
	const uint8_t *behind;
	struct address lead;
	size_t len;

	if (piece == NULL)
		return;
	bytes = piece->bytes;
	memset(bytes, 0, NTALK_REPLY_SIZE);
	bytes[0] = NTALK_VERSION;
	bytes[1] = socket->sent_len > 1 ? socket->sent[1] : 0;
	bytes[2] = fuzz_take_u8(input);
	bytes[7] = fuzz_take_u8(input); /* of the id */
	if (bytes[1] == TALK_LOOK_UP && bytes[2] == TALK_SUCCESS) {
		lead = rogue_address(input);
		put_address(&lead, bytes + 8);
	}
	behind = fuzz_take_bytes(input, fuzz_take_u8(input), &len);
	if (len > 0)
		memcpy(bytes + NTALK_REPLY_SIZE, behind, len);
	piece->len = NTALK_REPLY_SIZE + len;
}

/* Bytes of any content: a datagram, or of a stream; none is its end. */
static void
say(struct fuzz_input *input, struct world_socket *socket)
{
	struct world_piece *piece = world_add(socket);
	const uint8_t *bytes;

	if (piece == NULL)
		return;
	bytes = fuzz_take_bytes(input, fuzz_take_u8(input), &piece->len);
	if (piece->len > 0)
		memcpy(piece->bytes, bytes, piece->len);
	if (socket->type == SOCK_DGRAM && socket->stage == WORLD_FRESH)
		piece->from = rogue_address(input);
}

/* What came last comes again. */
static void
repeat(struct world_socket *socket)
{
	struct world_piece *piece = world_add(socket);

	if (piece == NULL)
		return;
	if (socket->count > 1)
		*piece = socket->pieces[socket->count - 2];
	else
		socket->count--;
}

static void
fail(struct fuzz_input *input, struct world_socket *socket)
{
	struct world_piece *piece = world_add(socket);

	if (piece != NULL)
		piece->error = pick_error(input);
}

/* ---------------------------------------------------------- connections --- */

static void
decide(struct fuzz_input *input, struct world_socket *socket)
{
	if (socket->stage != WORLD_CONNECTING)
		return;
	socket->decided = true;
	socket->error = fuzz_take_u8(input) % 2 == 0 ? 0 : pick_error(input);
}

static void
come(struct fuzz_input *input, struct world_socket *socket)
{
	struct world_piece *piece;

	if (socket->stage != WORLD_LISTENING)
		return;
	piece = world_add(socket);
	if (piece != NULL)
		piece->from = rogue_address(input);
}

/* ----------------------------------------------------------------- time --- */

static bool
is_ready(const struct turn *turn)
{
	int i;

	for (i = 0; i < turn->count; i++)
		if (turn->fds[i].revents != 0)
			return true;
	return false;
}

static void
pass_to(struct rogue *rogue, int64_t when)
{
	if (when != TURN_NEVER && when > rogue->now)
		rogue->now = when;
}

static void
happen_at(struct fuzz_input *input, struct world_socket *socket, uint8_t what)
{
	switch (what) {
	case 0:
	case 1:
	case 2:
		answer(input, socket);
		break;
	case 3:
		say(input, socket);
		break;
	case 4:
		repeat(socket);
		break;
	case 5:
		fail(input, socket);
		break;
	case 6:
		decide(input, socket);
		break;
	case 7:
		come(input, socket);
		break;
	case 8:
		socket->send_error = pick_error(input);
		break;
	case 9:
		socket->room = fuzz_take_u8(input);
		break;
	default:
		world_take_ports(fuzz_take_u8(input));
	}
}

/* By so many hundredths of a second, or to what the turn waits for. */
static void
pass(struct rogue *rogue, const struct turn *turn)
{
	uint8_t time = fuzz_take_u8(&rogue->input);

	pass_to(
	    rogue, time == UINT8_MAX ? turn->deadline : rogue->now + time * 10);
}

static void
happen(struct rogue *rogue, const struct turn *turn)
{
	uint8_t what = fuzz_take_u8(&rogue->input) % 12;
	struct world_socket *socket;

	if (what == 11) {
		pass(rogue, turn);
		return;
	}
	socket = pick_socket(&rogue->input);
	if (socket != NULL)
		happen_at(&rogue->input, socket, what);
}

bool
rogue_turn(struct rogue *rogue, struct turn *turn)
{
	if (rogue->input.len > 0)
		happen(rogue, turn);
	world_glance(turn);
	if (is_ready(turn))
		return true;
	if (rogue->input.len > 0)
		return true;
	pass_to(rogue, turn->deadline);
	return turn->deadline != TURN_NEVER;
}
