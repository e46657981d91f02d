/*
 * sockets - those the daemon serves.
 */
#include "sockets.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FIRST_LISTEN_FD = 3, /* SD_LISTEN_FDS_START of sd_listen_fds(3) */
	PORT_TRIES = 16,     /* for a port that is free everywhere */
	BACKLOG = 128,
};

size_t
sockets_count(const struct sockets *sockets)
{
	return sockets->datagram_count + sockets->listener_count +
	    sockets->accepted_count;
}

/* --------------------------------------------------------- those given --- */

/* The value of an option that is a number; -1 when it cannot be had. */
static int
option_of(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value
								     : -1;
}

/* An accept must not wait for who went away between poll and it. */
static bool
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

/* These return NULL, or why the descriptor cannot be served. */

static const char *
take_stream(struct sockets *sockets, int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);

	if (option_of(fd, SO_ACCEPTCONN) > 0) {
		if (!set_nonblocking(fd))
			return "not to be made ready";
		sockets->listeners[sockets->listener_count++] = fd;
		return NULL;
	}
	if (getpeername(fd, (struct sockaddr *)&name, &len) != 0)
		return "a stream that neither listens nor is connected";
	sockets->accepted[sockets->accepted_count++] = fd;
	return NULL;
}

static const char *
take_datagrams(struct sockets *sockets, int fd)
{
	const char *failure = datagram_adopt(
	    &sockets->datagrams[sockets->datagram_count], fd);

	if (failure == NULL)
		sockets->datagram_count++;
	return failure;
}

static void
take(struct sockets *sockets, int fd, const struct log *log)
{
	const char *failure;
	int type = option_of(fd, SO_TYPE);

	if (sockets_count(sockets) >= SOCKETS_MAX)
		failure = "too many sockets";
	else if (type == -1)
		failure = "not a socket";
	else if (type == SOCK_STREAM)
		failure = take_stream(sockets, fd);
	else
		failure = take_datagrams(sockets, fd);
	if (failure != NULL)
		log_error(log, "cannot serve descriptor %d: %s", fd, failure);
}

/* The variable's value as a number; 0 when it is none. */
static long
number_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	long number;

	if (text == NULL || *text == '\0')
		return 0;
	number = strtol(text, &end, 10);
	return *end == '\0' && number > 0 ? number : 0;
}

/* One more than can be served is enough to say so. */
static int
count_listen_fds(void)
{
	long count = number_of("LISTEN_FDS");
	long pid;

	if (count == 0)
		return 0;
	pid = number_of("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDNAMES");
	if (pid != (long)getpid())
		return 0;
	return count > SOCKETS_MAX ? SOCKETS_MAX + 1 : (int)count;
}

size_t
sockets_inherit(struct sockets *sockets, const struct log *log)
{
	int i, count = count_listen_fds();

	*sockets = (struct sockets){ 0 };
	for (i = 0; i < count; i++)
		take(sockets, FIRST_LISTEN_FD + i, log);
	if (count > 0)
		return (size_t)count;
	if (option_of(STDIN_FILENO, SO_TYPE) == -1)
		return 0;
	take(sockets, STDIN_FILENO, log);
	return 1;
}

/* -------------------------------------------------------- those opened --- */

static void
close_all(struct sockets *sockets)
{
	int error = errno;

	while (sockets->datagram_count > 0)
		datagram_close(&sockets->datagrams[--sockets->datagram_count]);
	while (sockets->listener_count > 0)
		close(sockets->listeners[--sockets->listener_count]);
	errno = error;
}

static bool
open_datagrams(struct sockets *sockets, const struct address *at)
{
	if (!datagram_open(&sockets->datagrams[sockets->datagram_count], at))
		return false;
	sockets->datagram_count++;
	return true;
}

/* Binds and listens; one for IPv6 leaves IPv4 to the other. */
static bool
listen_at(int fd, const struct sockaddr_storage *name, socklen_t len)
{
	const int on = 1;

	/* So that connections of a daemon before this one do not matter. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (name->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return false;
	return bind(fd, (const struct sockaddr *)name, len) == 0 &&
	    listen(fd, BACKLOG) == 0 && set_nonblocking(fd);
}

static bool
open_listener(struct sockets *sockets, const struct address *at)
{
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(at, &name);
	int error, fd = socket(name.ss_family, SOCK_STREAM, 0);

	if (fd == -1)
		return false;
	if (listen_at(fd, &name, len)) {
		sockets->listeners[sockets->listener_count++] = fd;
		return true;
	}
	error = errno;
	close(fd);
	errno = error;
	return false;
}

/*
 * Opens what is planned at one address.  A port that was 0 is in the plan then,
 * for the next address.
 */
static bool
open_at(struct sockets *sockets, struct address at, struct sockets_plan *plan)
{
	bool is_one = plan->calls == plan->messages;

	at.port = plan->calls;
	if (!open_datagrams(sockets, &at))
		return false;
	plan->calls =
	    sockets->datagrams[sockets->datagram_count - 1].bound.port;
	if (is_one)
		plan->messages = plan->calls;
	at.port = plan->messages;
	return (is_one || open_datagrams(sockets, &at)) &&
	    open_listener(sockets, &at);
}

/* Whether a socket failed because this host has nothing of its family. */
static bool
is_family_missing(void)
{
	return errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
	    errno == EADDRNOTAVAIL;
}

static bool
open_all(
    struct sockets *sockets, const struct address *at, struct sockets_plan plan)
{
	const struct address ipv4 = { .family = 4 };
	const struct address ipv6 = { .family = 6 };
	bool has_ipv4;

	if (at->family != 0)
		return open_at(sockets, *at, &plan);
	has_ipv4 = open_at(sockets, ipv4, &plan);
	if (!has_ipv4 && !is_family_missing())
		return false;
	return open_at(sockets, ipv6, &plan) ||
	    (has_ipv4 && is_family_missing());
}

bool
sockets_open(struct sockets *sockets, const struct address *at,
    const struct sockets_plan *plan)
{
	int tries = plan->calls == 0 ? PORT_TRIES : 1;

	*sockets = (struct sockets){ 0 };
	while (!open_all(sockets, at, *plan)) {
		close_all(sockets);
		if (errno != EADDRINUSE || --tries == 0)
			return false;
	}
	return true;
}
