/*
 * dial - a TCP connection to a host that may have several addresses: the first
 * that takes it.
 */
#include "dial.h"

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "socket.h"

static void
try_close(struct dial_try *try)
{
	if (try->fd >= 0)
		close(try->fd);
	try->fd = -1;
}

void
dial_close(struct dial *dial)
{
	int i;

	for (i = 0; i < dial->count; i++)
		try_close(&dial->tries[i]);
}

static void
dial_end(struct dial *dial, enum dial_state state)
{
	dial->state = state;
	if (state != DIAL_CONNECTED)
		dial_close(dial);
}

/* What the system lacks, no other address will give. */
static bool
is_our_own(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == ENOBUFS;
}

/* One address will not take it: on to the next, at once. */
static void
try_fails(struct dial *dial, struct dial_try *try, int error, int64_t now)
{
	try_close(try);
	try->refused = error == ECONNREFUSED || error == ECONNRESET;
	dial->next = now;
	if (!is_our_own(error))
		return;
	dial->error = error;
	dial_end(dial, DIAL_SYSTEM);
}

static void
dial_next(struct dial *dial, int64_t now)
{
	struct dial_try *try = &dial->tries[dial->begun++];

	dial->next = now + DIAL_NEXT_MS;
	try->fd = socket_to(&try->at, SOCK_STREAM);
	if (try->fd < 0)
		try_fails(dial, try, errno, now);
}

void
dial_start(struct dial *dial, const struct address *at, int count, int64_t now,
    int64_t give_up)
{
	int i;

	*dial = (struct dial){
		.state = DIAL_TRYING, .next = now, .give_up = give_up
	};
	for (i = 0; i < count && i < DIAL_ADDRESSES_MAX; i++)
		dial->tries[i] = (struct dial_try){ .at = at[i], .fd = -1 };
	dial->count = i;
}

void
dial_await(const struct dial *dial, struct turn *turn)
{
	int i;

	if (dial->state != DIAL_TRYING)
		return;
	for (i = 0; i < dial->begun; i++)
		turn_want(turn, dial->tries[i].fd, POLLOUT);
	if (dial->begun < dial->count)
		turn_by(turn, dial->next);
	turn_by(turn, dial->give_up);
}

/*
 * A port from which connections are made may be the one that is dialled, and
 * a socket then reaches itself, when nobody else is there (RFC 9293, 3.5).
 */
static bool
is_itself(const struct dial_try *try)
{
	struct address here = socket_here(try->fd);

	return address_equal(&here, &try->at);
}

/* An attempt that is decided: true when it stands. */
static bool
try_stands(struct dial *dial, struct dial_try *try, int64_t now)
{
	int error = socket_error(try->fd);

	if (error == 0 && is_itself(try))
		error = ECONNREFUSED;
	if (error != 0)
		try_fails(dial, try, error, now);
	return error == 0;
}

/* Closes all other attempts, and puts the one that stands first. */
static void
dial_choose(struct dial *dial, struct dial_try *chosen)
{
	int fd = chosen->fd;

	chosen->fd = -1;
	dial_close(dial);
	dial->tries[0].fd = fd;
	dial_end(dial, DIAL_CONNECTED);
}

static bool
dial_is_under_way(const struct dial *dial)
{
	int i;

	for (i = 0; i < dial->begun; i++)
		if (dial->tries[i].fd >= 0)
			return true;
	return dial->begun < dial->count;
}

static bool
dial_is_refused(const struct dial *dial)
{
	int i;

	for (i = 0; i < dial->begun; i++)
		if (dial->tries[i].refused)
			return true;
	return false;
}

/* Ends what nothing more will come of. */
static void
dial_judge(struct dial *dial, int64_t now)
{
	bool refused = dial_is_refused(dial);

	if (!dial_is_under_way(dial))
		dial_end(dial, refused ? DIAL_REFUSED : DIAL_UNREACHABLE);
	else if (now >= dial->give_up)
		dial_end(dial, refused ? DIAL_REFUSED : DIAL_SILENT);
	else if (refused && dial->begun == dial->count &&
	    dial->give_up > now + DIAL_OTHERS_MS)
		dial->give_up = now + DIAL_OTHERS_MS;
}

enum dial_state
dial_turn(struct dial *dial, const struct turn *turn, int64_t now)
{
	struct dial_try *try;
	int i;

	for (i = 0; i < dial->begun && dial->state == DIAL_TRYING; i++) {
		try = &dial->tries[i];
		if (turn_ready(turn, try->fd) != 0 &&
		    try_stands(dial, try, now))
			dial_choose(dial, try);
	}
	while (dial->state == DIAL_TRYING && dial->begun < dial->count &&
	    now >= dial->next)
		dial_next(dial, now);
	if (dial->state == DIAL_TRYING)
		dial_judge(dial, now);
	return dial->state;
}

int
dial_take(struct dial *dial)
{
	int fd = dial->tries[0].fd;

	dial->tries[0].fd = -1;
	return fd;
}
