/*
 * question - one question to a real talkd on this host, and its answer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "question.h"

#include <sys/socket.h>

#include <poll.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 }; /* for what must come; long, to be safe */

/* A datagram socket connected to the daemon, and its own address. */
static int
connect_to(uint16_t port, struct address *own)
{
	const struct address at = { 4, { 127, 0, 0, 1 }, port, 0 };
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&at, &ss);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(own, (struct sockaddr *)&ss, len));
	return fd;
}

struct talk_reply
question_ask(uint16_t port, const struct talk_request *question)
{
	struct talk_request request = *question;
	int fd = connect_to(port, &request.ctl_addr);
	struct pollfd answered = { fd, POLLIN, 0 };
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_reply reply;
	ssize_t len;

	ntalk_put_request(&request, bytes);
	assert_int_equal(send(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(poll(&answered, 1, PATIENCE_MS), 1);
	len = recv(fd, bytes, sizeof(bytes), 0);
	close(fd);
	assert_true(len > 0);
	assert_true(ntalk_get_reply(bytes, (size_t)len, &reply));
	assert_int_equal(reply.type, request.type);
	return reply;
}
