/*
 * postbox - a message service that does what the test says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "postbox.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "puppet.h"

static void
close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A socket bound to the address, whose port it puts. */
static int
bound(struct address *at, int type)
{
	int fd = socket(AF_INET, type, 0);
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(at, &ss);
	int on = 1;

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(at, (struct sockaddr *)&ss, len));
	return fd;
}

/* The queue of length 0 holds one connection; with that, it is full. */
static void
fill(struct postbox *postbox)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&postbox->at, &ss);

	postbox->filler = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(postbox->filler >= 0);
	assert_int_equal(
	    connect(postbox->filler, (struct sockaddr *)&ss, len), 0);
}

void
postbox_open(
    struct postbox *postbox, const char *number, uint16_t port, int services)
{
	*postbox = (struct postbox){ .at = puppet_address(number, port),
		.listener = -1,
		.datagrams = -1,
		.stream = -1,
		.filler = -1 };
	if (services & POSTBOX_DATAGRAMS)
		postbox->datagrams = bound(&postbox->at, SOCK_DGRAM);
	if (services & (POSTBOX_STREAM | POSTBOX_MUTE)) {
		postbox->listener = bound(&postbox->at, SOCK_STREAM);
		assert_int_equal(
		    listen(postbox->listener, services & POSTBOX_MUTE ? 0 : 8),
		    0);
	}
	if (services & POSTBOX_MUTE)
		fill(postbox);
}

void
postbox_close(struct postbox *postbox)
{
	close_one(&postbox->listener);
	close_one(&postbox->datagrams);
	close_one(&postbox->stream);
	close_one(&postbox->filler);
}

/* Waits for something to read. */
static bool
is_ready(int fd, int timeout)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&readable, 1, timeout) > 0;
}

void
postbox_accept(struct postbox *postbox)
{
	close_one(&postbox->stream);
	assert_true(is_ready(postbox->listener, PUPPET_WAIT_MS));
	postbox->stream = accept(postbox->listener, NULL, NULL);
	assert_true(postbox->stream >= 0);
}

bool
postbox_is_called(const struct postbox *postbox)
{
	return is_ready(postbox->listener, 0) ||
	    is_ready(postbox->datagrams, 0);
}

void
postbox_hear(struct postbox *postbox)
{
	ssize_t len;

	assert_true(is_ready(postbox->stream, PUPPET_WAIT_MS));
	len = recv(postbox->stream, postbox->heard, sizeof(postbox->heard), 0);
	assert_true(len > 0);
	postbox->len = (size_t)len;
}

void
postbox_hear_datagram(struct postbox *postbox)
{
	struct sockaddr_storage ss;
	socklen_t size = sizeof(ss);
	ssize_t len;

	assert_true(is_ready(postbox->datagrams, PUPPET_WAIT_MS));
	len = recvfrom(postbox->datagrams, postbox->heard,
	    sizeof(postbox->heard), 0, (struct sockaddr *)&ss, &size);
	assert_true(len > 0);
	postbox->len = (size_t)len;
	assert_true(address_from_sockaddr(
	    &postbox->client, (struct sockaddr *)&ss, size));
}

void
postbox_hear_end(struct postbox *postbox)
{
	do
		assert_true(is_ready(postbox->stream, PUPPET_WAIT_MS));
	while (recv(postbox->stream, postbox->heard, sizeof(postbox->heard),
		   0) > 0);
}

struct msp_message
postbox_request(const struct postbox *postbox)
{
	struct msp_message request;
	const char *reason;
	size_t used;

	assert_int_equal(msp_get_request(postbox->heard, postbox->len, true,
			     &request, &used, &reason),
	    MSP_WHOLE);
	assert_int_equal(used, postbox->len);
	return request;
}

void
postbox_say(const struct postbox *postbox, const void *bytes, size_t len)
{
	assert_int_equal(send(postbox->stream, bytes, len, MSG_NOSIGNAL), len);
}

void
postbox_say_datagram(
    const struct postbox *postbox, const void *bytes, size_t len)
{
	struct sockaddr_storage ss;
	socklen_t size = address_to_sockaddr(&postbox->client, &ss);

	assert_int_equal(sendto(postbox->datagrams, bytes, len, 0,
			     (struct sockaddr *)&ss, size),
	    len);
}

void
postbox_answer(const struct postbox *postbox, bool delivered, const char *words)
{
	struct msp_reply reply = { .delivered = delivered };
	uint8_t bytes[MSP_SIZE];

	snprintf(reply.text, sizeof(reply.text), "%s", words);
	postbox_say(postbox, bytes, msp_put_reply(&reply, bytes));
}

void
postbox_hang_up(struct postbox *postbox)
{
	close_one(&postbox->stream);
}
