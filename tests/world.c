/*
 * world - a network in memory, for fuzzers of the client: it stands in for the
 * system's sockets at link time.
 */
/* Fortified, clang has inline recv and recvfrom, and takes these for them. */
#undef _FORTIFY_SOURCE
#include "world.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

enum { FIRST_PORT = 40000 };

/* Of the process, as descriptors are: stand-ins have no other way. */
static struct {
	const struct world_watcher *watcher;
	struct world_socket sockets[WORLD_SOCKETS_MAX]; /* by descriptor */
	bool made[WORLD_SOCKETS_MAX];			/* since the begin */
	int highest;
	uint16_t next_port;
	unsigned ports_taken;
	int null;
} world = { .null = -1 };

/* -------------------------------------------------------------- sockets --- */

void
world_begin(const struct world_watcher *watcher)
{
	memset(world.made, 0, sizeof(world.made));
	world.watcher = watcher;
	world.highest = -1;
	world.next_port = FIRST_PORT;
	world.ports_taken = 0;
	if (world.null < 0)
		world.null = open("/dev/null", O_RDWR);
}

static bool
is_open(int fd)
{
	return world.made[fd] && fcntl(fd, F_GETFD) >= 0;
}

int
world_count(void)
{
	int count = 0;
	int fd;

	for (fd = 0; fd <= world.highest; fd++)
		count += is_open(fd) ? 1 : 0;
	return count;
}

struct world_socket *
world_socket(int index)
{
	int fd;

	for (fd = 0; fd <= world.highest; fd++)
		if (is_open(fd) && index-- == 0)
			return &world.sockets[fd];
	return NULL;
}

/* NULL, with EBADF, for a descriptor that is no socket. */
static struct world_socket *
socket_of(int fd)
{
	errno = EBADF;
	return fd >= 0 && fd < WORLD_SOCKETS_MAX && is_open(fd)
	    ? &world.sockets[fd]
	    : NULL;
}

static struct world_socket *
make_socket(int type)
{
	struct world_socket *socket;
	int fd = dup(world.null);

	if (fd < 0)
		return NULL;
	if (fd >= WORLD_SOCKETS_MAX) {
		close(fd);
		errno = EMFILE;
		return NULL;
	}
	world.made[fd] = true;
	if (fd > world.highest)
		world.highest = fd;
	socket = &world.sockets[fd];
	socket->fd = fd;
	socket->type = type;
	socket->stage = WORLD_FRESH;
	socket->decided = socket->accepted = socket->shut = false;
	socket->error = socket->send_error = 0;
	socket->room = SIZE_MAX;
	socket->here = socket->there = (struct address){ 0 };
	socket->sent_len = 0;
	socket->count = 0;
	return socket;
}

struct address
world_own(const struct address *there)
{
	struct address own = *there;

	/* The first of its network: 10.0.0.1, fe80::1, 127.0.0.1. */
	if (address_is_loopback(there) && there->family == 4)
		own.bytes[1] = own.bytes[2] = 0;
	own.bytes[there->family == 4 ? 3 : 15] = 1;
	own.port = 0;
	return own;
}

void
world_take_ports(unsigned count)
{
	world.ports_taken = count;
}

/* --------------------------------------------------------------- pieces --- */

struct world_piece *
world_add(struct world_socket *socket)
{
	struct world_piece *piece = &socket->pieces[socket->count];

	if (socket->count == WORLD_PIECES_MAX)
		return NULL;
	socket->count++;
	piece->len = piece->taken = 0;
	piece->error = 0;
	piece->from = socket->there;
	return piece;
}

static void
drop_piece(struct world_socket *socket)
{
	socket->count--;
	memmove(&socket->pieces[0], &socket->pieces[1],
	    (size_t)socket->count * sizeof(socket->pieces[0]));
}

static short
readiness(const struct world_socket *socket)
{
	short ready = socket->count > 0 ? POLLIN : 0;

	if (socket->stage == WORLD_CONNECTING) {
		if (!socket->decided)
			return 0;
		ready = socket->error == 0 ? POLLOUT
					   : POLLOUT | POLLERR | POLLHUP;
	} else if (socket->stage != WORLD_LISTENING && socket->room > 0) {
		ready |= POLLOUT;
	}
	return ready;
}

void
world_glance(struct turn *turn)
{
	const struct world_socket *socket;
	int i;

	for (i = 0; i < turn->count; i++) {
		socket = socket_of(turn->fds[i].fd);
		turn->fds[i].revents = 0;
		if (socket != NULL)
			turn->fds[i].revents = (short)(readiness(socket) &
			    (turn->fds[i].events | POLLERR | POLLHUP));
	}
}

/* ------------------------------------------------------------ stand-ins --- */

/* Parameters are called what glibc's headers call them. */

int
socket(int domain, int type, int protocol)
{
	struct world_socket *socket = make_socket(type);

	(void)domain;
	(void)protocol;
	return socket == NULL ? -1 : socket->fd;
}

int
setsockopt(int fd, int level, int name, const void *optval, socklen_t len)
{
	(void)level;
	(void)name;
	(void)optval;
	(void)len;
	return socket_of(fd) == NULL ? -1 : 0;
}

/* SO_ERROR is all that the client asks for. */
int
getsockopt(int fd, int level, int name, void *optval, socklen_t *len)
{
	struct world_socket *socket = socket_of(fd);

	(void)level;
	(void)name;
	if (socket == NULL || *len < sizeof(int))
		return -1;
	memcpy(optval, &socket->error, sizeof(int));
	*len = sizeof(int);
	if (socket->stage == WORLD_CONNECTING && socket->error == 0)
		socket->stage = WORLD_CONNECTED;
	socket->error = 0;
	return 0;
}

static uint16_t
free_port(void)
{
	return world.next_port++;
}

int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct world_socket *socket = socket_of(fd);

	if (socket == NULL || !address_from_sockaddr(&socket->here, addr, len))
		return -1;
	if (world.ports_taken > 0) {
		world.ports_taken--;
		errno = EADDRINUSE;
		return -1;
	}
	if (socket->here.port == 0)
		socket->here.port = free_port();
	return 0;
}

int
listen(int fd, int n)
{
	struct world_socket *socket = socket_of(fd);

	(void)n;
	if (socket == NULL)
		return -1;
	socket->stage = WORLD_LISTENING;
	return 0;
}

int
connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct world_socket *socket = socket_of(fd);

	if (socket == NULL || !address_from_sockaddr(&socket->there, addr, len))
		return -1;
	socket->here = world_own(&socket->there);
	socket->here.port = free_port();
	if (world.watcher->connects != NULL)
		world.watcher->connects(world.watcher->context, socket);
	if (socket->type == SOCK_DGRAM) {
		socket->stage = WORLD_CONNECTED;
		return 0;
	}
	socket->stage = WORLD_CONNECTING;
	errno = EINPROGRESS;
	return -1;
}

static void
tell_name(const struct address *a, struct sockaddr *name, socklen_t *len)
{
	struct sockaddr_storage ss;
	socklen_t size = address_to_sockaddr(a, &ss);

	if (name == NULL || len == NULL)
		return;
	memcpy(name, &ss, size < *len ? size : *len);
	*len = size;
}

int
accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	struct world_socket *listener = socket_of(fd);
	struct world_socket *socket;

	if (listener == NULL)
		return -1;
	errno = EAGAIN;
	if (listener->count == 0)
		return -1;
	errno = listener->pieces[0].error;
	socket = errno != 0 ? NULL : make_socket(SOCK_STREAM);
	if (socket != NULL) {
		socket->stage = WORLD_CONNECTED;
		socket->accepted = true;
		socket->here = listener->here;
		socket->there = listener->pieces[0].from;
		tell_name(&socket->there, addr, len);
	}
	drop_piece(listener);
	return socket == NULL ? -1 : socket->fd;
}

int
getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	const struct world_socket *socket = socket_of(fd);

	if (socket == NULL)
		return -1;
	tell_name(&socket->here, addr, len);
	return 0;
}

int
shutdown(int fd, int how)
{
	struct world_socket *socket = socket_of(fd);

	(void)how;
	if (socket == NULL)
		return -1;
	socket->shut = true;
	return 0;
}

static void
note_sent(struct world_socket *socket, const struct address *to,
    const void *bytes, size_t len)
{
	if (socket->room != SIZE_MAX)
		socket->room -= len;
	socket->sent_len = len < WORLD_PIECE_SIZE ? len : WORLD_PIECE_SIZE;
	memcpy(socket->sent, bytes, socket->sent_len);
	if (world.watcher->sends != NULL)
		world.watcher->sends(
		    world.watcher->context, socket, to, bytes, len);
}

/* A datagram that fails counts as sent: it has got lost. */
ssize_t
sendto(int fd, const void *buf, size_t n, int flags,
    const struct sockaddr *addr, socklen_t addr_len)
{
	struct world_socket *socket = socket_of(fd);
	struct address to;
	int error;

	(void)flags;
	if (socket == NULL)
		return -1;
	if (addr == NULL || !address_from_sockaddr(&to, addr, addr_len))
		to = socket->there;
	if (socket->type == SOCK_STREAM && n > socket->room)
		n = socket->room;
	error = socket->room == 0 ? EAGAIN : socket->send_error;
	socket->send_error = 0;
	if (error == 0 || socket->type == SOCK_DGRAM)
		note_sent(socket, &to, buf, n);
	errno = error;
	return error == 0 ? (ssize_t)n : -1;
}

ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	return sendto(fd, buf, n, flags, NULL, 0);
}

/* What lies there is taken: a datagram whole, of a stream what there is room
 * for, and its end stays. */
static size_t
take_piece(struct world_socket *socket, void *bytes, size_t room)
{
	struct world_piece *piece = &socket->pieces[0];
	size_t len = piece->len - piece->taken;

	if (len > room)
		len = room;
	memcpy(bytes, piece->bytes + piece->taken, len);
	piece->taken += len;
	if (world.watcher->reads != NULL)
		world.watcher->reads(
		    world.watcher->context, socket, bytes, len, room);
	if (socket->type == SOCK_DGRAM ||
	    (piece->len > 0 && piece->taken == piece->len))
		drop_piece(socket);
	return len;
}

ssize_t
recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *addr,
    socklen_t *len)
{
	struct world_socket *socket = socket_of(fd);

	if (socket == NULL)
		return -1;
	errno = EAGAIN;
	if (socket->count == 0)
		return -1;
#ifdef MSG_ERRQUEUE
	if (flags & MSG_ERRQUEUE)
		return -1;
#else
	(void)flags;
#endif
	errno = socket->pieces[0].error;
	if (errno != 0) {
		drop_piece(socket);
		return -1;
	}
	tell_name(&socket->pieces[0].from, addr, len);
	return (ssize_t)take_piece(socket, buf, n);
}

ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	return recvfrom(fd, buf, n, flags, NULL, NULL);
}

/* What gcc calls, fortified, in the place of recvfrom and recv. */
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
    struct sockaddr *addr, socklen_t *len);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags);

ssize_t
__recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
    struct sockaddr *addr, socklen_t *len)
{
	fuzz_expect(n <= room);
	return recvfrom(fd, buf, n, flags, addr, len);
}

ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	fuzz_expect(n <= room);
	return recv(fd, buf, n, flags);
}
