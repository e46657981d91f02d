/*
 * socket - sockets as the client uses them: they never block, and no other
 * program inherits them.
 */
#include "common/system.h"

#include "socket.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool
socket_settle(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Where the system knows no such choice, its own stands. */
static void
prefer_lasting_address(int fd)
{
#ifdef IPV6_ADDR_PREFERENCES
	/* IPV6_PREFER_SRC_PUBLIC (RFC 5014), in no header of libc's. */
	const int prefer_public = 0x0002;

	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES,
	    &prefer_public, sizeof(prefer_public));
#else
	(void)fd;
#endif
}

static int
socket_give_up(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int
socket_new(const struct address *at, int type)
{
	int fd = socket(at->family == 6 ? AF_INET6 : AF_INET, type, 0);

	if (fd < 0)
		return -1;
	if (at->family == 6)
		prefer_lasting_address(fd);
	return socket_settle(fd) ? fd : socket_give_up(fd);
}

int
socket_to(const struct address *at, int type)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(at, &ss);
	int fd = socket_new(at, type);

	if (fd < 0 || connect(fd, (struct sockaddr *)&ss, len) == 0 ||
	    errno == EINPROGRESS || errno == EINTR)
		return fd;
	return socket_give_up(fd);
}

struct address
socket_here(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address here = { 0 };

	if (fd >= 0 && getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		(void)address_from_sockaddr(&here, (struct sockaddr *)&ss, len);
	return here;
}

int
socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}
