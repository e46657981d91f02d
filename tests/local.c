/*
 * local - sockets of this host, one's own and another's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <string.h>
#include <unistd.h>

#include "local.h"

struct address
local_name(int fd)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	struct address address;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	assert_true(
	    address_from_sockaddr(&address, (struct sockaddr *)&name, len));
	return address;
}

int
local_open(int family, int type, bool any, uint16_t port)
{
	struct sockaddr_in in = { 0 };
	struct sockaddr_in6 in6 = { 0 };
	int result, fd = socket(family, type, 0);
	const int on = 1, off = 0;

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET) {
		in.sin_family = AF_INET;
		in.sin_addr.s_addr = htonl(any ? INADDR_ANY : INADDR_LOOPBACK);
		in.sin_port = htons(port);
		result = bind(fd, (struct sockaddr *)&in, sizeof(in));
	} else {
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		in6.sin6_family = AF_INET6;
		in6.sin6_addr = any ? in6addr_any : in6addr_loopback;
		in6.sin6_port = htons(port);
		result = bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	}
	if (result == 0)
		return fd;
	close(fd);
	return -1;
}

struct address
local_loopback(int family, int fd)
{
	struct address address = { .family = family == AF_INET ? 4 : 6 };

	if (family == AF_INET)
		memcpy(address.bytes, "\177\0\0\1", 4);
	else
		address.bytes[15] = 1;
	address.port = local_name(fd).port;
	return address;
}

pid_t
local_open_as_another(int family, bool any, uint16_t port, int *hold)
{
	int tell[2], held[2];
	char byte = 0;
	pid_t child;

	assert_int_equal(pipe(tell), 0);
	assert_int_equal(pipe(held), 0);
	child = fork();
	if (child == 0) {
		close(held[1]);
		if (setuid(LOCAL_ANOTHER) != 0 ||
		    local_open(family, SOCK_DGRAM, any, port) == -1)
			_exit(1);
		if (write(tell[1], "", 1) != 1 || read(held[0], &byte, 1) != 0)
			_exit(2);
		_exit(0);
	}
	close(held[0]);
	close(tell[1]);
	assert_int_equal(read(tell[0], &byte, 1), 1);
	close(tell[0]);
	*hold = held[1];
	return child;
}

void
local_close_anothers(pid_t child, int hold)
{
	int status;

	close(hold);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}
