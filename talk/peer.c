/*
 * peer - the stream to another party: three edit characters first, then text
 * both ways, no framing; its close is the end (ntalk(5)).
 */
#include "common/system.h"

#include "peer.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

/*
 * A peer that is gone without a word is noticed within a minute or so, whether
 * we are silent or have something to send.  Beyond POSIX: where the names are
 * missing the system's own, longer times hold.
 */
static void
peer_set_options(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
#ifdef TCP_KEEPIDLE
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPIDLE, &(int){ 30 }, sizeof(int));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPINTVL, &(int){ 10 }, sizeof(int));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPCNT, &(int){ 3 }, sizeof(int));
#endif
#ifdef TCP_USER_TIMEOUT
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(int){ 60000 }, sizeof(int));
#endif
}

static void
peer_close(struct peer *peer, enum peer_state state, int error)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	peer->state = state;
	peer->error = error;
	buffer_free(&peer->queue);
}

void
peer_start(struct peer *peer, int fd, const uint8_t edit[PEER_EDIT_SIZE])
{
	*peer = (struct peer){ .fd = fd, .state = PEER_CLOSED };
	if (fd < 0)
		return;
	(void)socket_settle(fd);
	peer_set_options(fd);
	peer->state = PEER_TALKING;
	if (!buffer_append(&peer->queue, edit, PEER_EDIT_SIZE))
		peer_close(peer, PEER_BROKEN, ENOMEM);
}

void
peer_free(struct peer *peer)
{
	peer_close(peer, PEER_CLOSED, 0);
}

bool
peer_say(struct peer *peer, const char *bytes, size_t len)
{
	return peer->state == PEER_TALKING &&
	    buffer_append(&peer->queue, bytes, len);
}

bool
peer_is_behind(const struct peer *peer)
{
	return buffer_len(&peer->queue) > PEER_QUEUE_MAX;
}

void
peer_hang_up(struct peer *peer, int64_t give_up)
{
	if (peer->state == PEER_TALKING) {
		peer->state = PEER_HANGING_UP;
		peer->give_up = TURN_NEVER;
	}
	if (give_up < peer->give_up)
		peer->give_up = give_up;
}

/* Whether all is sent but the end. */
static bool
peer_is_done(const struct peer *peer)
{
	return buffer_len(&peer->queue) == 0 && !peer->shut;
}

void
peer_await(const struct peer *peer, struct turn *turn, bool listen)
{
	if (peer->fd < 0)
		return;
	if (listen)
		turn_want(turn, peer->fd, POLLIN);
	if (buffer_len(&peer->queue) > 0)
		turn_want(turn, peer->fd, POLLOUT);
	if (peer->state == PEER_HANGING_UP)
		turn_by(turn, peer_is_done(peer) ? 0 : peer->give_up);
}

bool
peer_has_begun(const struct peer *peer)
{
	return peer->edit_len == PEER_EDIT_SIZE;
}

/*
 * Ends a peer by an error of its socket.  One that is ended while text is on
 * its way to it resets the stream: that has closed it, no more, unless there
 * was no conversation yet.
 */
static void
peer_fails(struct peer *peer, int error)
{
	bool reset = error == ECONNRESET || error == EPIPE;

	if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR)
		return;
	if (reset && (peer_has_begun(peer) || peer->state == PEER_HANGING_UP))
		peer_close(peer, PEER_CLOSED, 0);
	else
		peer_close(peer, PEER_BROKEN, error);
}

/*
 * What cannot be sent to a peer that has closed is dropped: it may have left
 * text to be heard, behind which peer_hear finds its end.
 */
static void
peer_send(struct peer *peer)
{
	ssize_t sent;

	while (buffer_len(&peer->queue) > 0) {
		sent = send(peer->fd, buffer_head(&peer->queue),
		    buffer_len(&peer->queue), MSG_NOSIGNAL);
		if (sent >= 0)
			buffer_take(&peer->queue, (size_t)sent);
		else if (errno == EPIPE || errno == ECONNRESET)
			buffer_free(&peer->queue);
		else if (errno != EINTR) {
			peer_fails(peer, errno);
			return;
		}
	}
}

/*
 * Closing at once could take text away from a peer that has not read it yet:
 * the end is announced, and its own end awaited.
 */
static void
peer_finish(struct peer *peer, int64_t now)
{
	if (peer_is_done(peer)) {
		(void)shutdown(peer->fd, SHUT_WR);
		peer->shut = true;
		peer->give_up = now + PEER_HANG_UP_MS;
	}
	if (now >= peer->give_up)
		peer_close(peer, PEER_CLOSED, 0);
}

void
peer_turn(struct peer *peer, int64_t now)
{
	if (peer->fd >= 0)
		peer_send(peer);
	if (peer->fd >= 0 && peer->state == PEER_HANGING_UP)
		peer_finish(peer, now);
}

/* Moves the begin of what was read to edit; returns the bytes moved. */
static size_t
peer_take_edit(struct peer *peer, const char *bytes, size_t len)
{
	size_t taken = 0;

	while (taken < len && peer->edit_len < PEER_EDIT_SIZE)
		peer->edit[peer->edit_len++] = (uint8_t)bytes[taken++];
	return taken;
}

size_t
peer_hear(struct peer *peer, const struct turn *turn,
    char bytes[PEER_READ_SIZE], bool *edited)
{
	ssize_t got;
	size_t taken;

	*edited = false;
	if (peer->fd < 0 || (turn_ready(turn, peer->fd) & ~POLLOUT) == 0)
		return 0;
	got = recv(peer->fd, bytes, PEER_READ_SIZE, 0);
	if (got < 0) {
		peer_fails(peer, errno);
		return 0;
	}
	if (got == 0) {
		peer_close(peer, PEER_CLOSED, 0);
		return 0;
	}
	taken = peer_take_edit(peer, bytes, (size_t)got);
	*edited = taken > 0 && peer_has_begun(peer);
	memmove(bytes, bytes + taken, (size_t)got - taken);
	return (size_t)got - taken;
}
