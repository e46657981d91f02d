/*
 * listener - where the stream from the other side is awaited.
 */
#include "listener.h"

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "socket.h"

enum { BACKLOG = 4 };

/* Binds to the first port that is free, and that we may have. */
static int
bind_between(int fd, struct address at, uint16_t low, uint16_t high)
{
	struct sockaddr_storage ss;
	socklen_t len;
	uint32_t port;

	for (port = low; port <= high; port++) {
		at.port = (uint16_t)port;
		len = address_to_sockaddr(&at, &ss);
		if (bind(fd, (struct sockaddr *)&ss, len) == 0)
			return 0;
		if (errno != EADDRINUSE && errno != EACCES)
			return -1;
	}
	errno = EADDRINUSE;
	return -1;
}

int
listener_open(const struct address *at, uint16_t low, uint16_t high)
{
	const int on = 1;
	int fd = socket_new(at, SOCK_STREAM);
	int error;

	if (fd < 0)
		return -1;
	/* The last call may have left its port in TIME-WAIT. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind_between(fd, *at, low, high) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
