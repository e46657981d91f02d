/*
 * sockets - those the daemon serves.
 */
#include "sockets.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FIRST_LISTEN_FD = 3, /* SD_LISTEN_FDS_START of sd_listen_fds(3) */
	PORT_TRIES = 16,     /* for a port that is free in both families */
};

static void
take(struct sockets *sockets, int fd, const struct log *log)
{
	const char *failure = "too many sockets";

	if (sockets->count < SOCKETS_MAX)
		failure = datagram_adopt(&sockets->list[sockets->count], fd);
	if (failure == NULL)
		sockets->count++;
	else
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

static int
count_listen_fds(void)
{
	long count = number_of("LISTEN_FDS");
	long pid = number_of("LISTEN_PID");

	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDNAMES");
	if (pid != (long)getpid())
		return 0;
	return count > SOCKETS_MAX ? SOCKETS_MAX : (int)count;
}

static bool
is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

size_t
sockets_inherit(struct sockets *sockets, const struct log *log)
{
	int i, count = count_listen_fds();

	sockets->count = 0;
	for (i = 0; i < count; i++)
		take(sockets, FIRST_LISTEN_FD + i, log);
	if (count > 0)
		return (size_t)count;
	if (!is_socket(STDIN_FILENO))
		return 0;
	take(sockets, STDIN_FILENO, log);
	return 1;
}

static void
close_all(struct sockets *sockets)
{
	int error = errno;

	while (sockets->count > 0)
		datagram_close(&sockets->list[--sockets->count]);
	errno = error;
}

static bool
open_one(struct sockets *sockets, const struct address *at)
{
	if (!datagram_open(&sockets->list[sockets->count], at))
		return false;
	sockets->count++;
	return true;
}

/* Whether a socket failed because this host has nothing of its family. */
static bool
is_family_missing(void)
{
	return errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
	    errno == EADDRNOTAVAIL;
}

static bool
open_both(struct sockets *sockets, uint16_t port)
{
	struct address ipv4 = { .family = 4, .port = port };
	struct address ipv6 = { .family = 6, .port = port };

	if (!open_one(sockets, &ipv4))
		return is_family_missing() && open_one(sockets, &ipv6);
	ipv6.port = sockets->list[0].bound.port;
	if (open_one(sockets, &ipv6) || is_family_missing())
		return true;
	close_all(sockets);
	return false;
}

bool
sockets_open(struct sockets *sockets, const struct address *at)
{
	int tries = at->port == 0 ? PORT_TRIES : 1;

	sockets->count = 0;
	if (at->family != 0)
		return open_one(sockets, at);
	while (!open_both(sockets, at->port))
		if (errno != EADDRINUSE || --tries == 0)
			return false;
	return true;
}
