/*
 * stranger - a host that sends the real talkd whatever the test says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "stranger.h"

#include <sys/socket.h>

#include <arpa/inet.h>

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OPTIONS_MAX = 8 };

/* --------------------------------------------- the one who is besieged --- */

void
besieged_open(struct besieged *besieged, const char *const *options)
{
	const struct passwd *user = getpwuid(getuid());
	const char *all[OPTIONS_MAX] = { "-u", NULL };
	struct daemon_setup setup = { .options = all };
	size_t count = 2;

	assert_non_null(user);
	besieged->user = user->pw_name;
	all[1] = user->pw_name;
	while (options != NULL && *options != NULL && count < OPTIONS_MAX - 1)
		all[count++] = *options++;
	all[count] = NULL;
	besieged->stage = stage_open(stderr);
	assert_non_null(besieged->stage);
	besieged->talkd = stage_start_talkd(
	    besieged->stage, &setup, &besieged->port);
	assert_non_null(besieged->talkd);
	seat_take(&besieged->seat);
}

void
besieged_close(struct besieged *besieged)
{
	seat_leave(&besieged->seat);
	stage_close(besieged->stage);
}

size_t
besieged_count(const char *shown, const char *text)
{
	size_t count = 0;

	while ((shown = strstr(shown, text)) != NULL) {
		shown += strlen(text);
		count++;
	}
	return count;
}

/* -------------------------------------------------------- the stranger --- */

int64_t
stranger_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct address
loopback(const char *number, uint16_t port)
{
	struct address a = { .family = 4, .port = port };

	assert_int_equal(inet_pton(AF_INET, number, a.bytes), 1);
	return a;
}

/* Binds a socket to `at`, and connects it to `to`. */
static bool
bind_and_connect(int fd, struct address *at, const struct address *to)
{
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(at, &name);

	if (bind(fd, (struct sockaddr *)&name, len) != 0)
		return false;
	len = address_to_sockaddr(to, &name);
	if (connect(fd, (struct sockaddr *)&name, len) != 0)
		return false;
	len = sizeof(name);
	return getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
	    address_from_sockaddr(at, (struct sockaddr *)&name, len);
}

bool
stranger_comes(struct stranger *stranger, const char *number, uint16_t port,
    const struct besieged *besieged)
{
	struct talk_request *req = &stranger->request;

	*stranger = (struct stranger){ .fd = socket(AF_INET, SOCK_DGRAM, 0) };
	assert_true(stranger->fd >= 0);
	stranger->at = loopback(number, port);
	stranger->daemon = loopback("127.0.0.1", besieged->port);
	if (!bind_and_connect(stranger->fd, &stranger->at, &stranger->daemon)) {
		close(stranger->fd);
		return false;
	}
	*req = (struct talk_request){ .type = TALK_ANNOUNCE,
		.id = NTALK_NO_ID,
		.addr = stranger->at,
		.ctl_addr = stranger->at,
		.pid = 1 };
	snprintf(req->l_name, sizeof(req->l_name), "alice");
	snprintf(req->r_name, sizeof(req->r_name), "%.12s", besieged->user);
	snprintf(req->r_tty, sizeof(req->r_tty), "%.15s", besieged->seat.name);
	return true;
}

void
stranger_goes(struct stranger *stranger)
{
	close(stranger->fd);
}

void
stranger_turns_to(struct stranger *stranger, const char *number)
{
	struct sockaddr_storage name;
	socklen_t len;

	stranger->daemon = loopback(number, stranger->daemon.port);
	len = address_to_sockaddr(&stranger->daemon, &name);
	assert_int_equal(
	    connect(stranger->fd, (struct sockaddr *)&name, len), 0);
}

void
stranger_sends_bytes(
    const struct stranger *stranger, const void *bytes, size_t len)
{
	/* A refusal of an earlier datagram may be told now. */
	if (send(stranger->fd, bytes, len, 0) == -1)
		assert_int_equal(
		    send(stranger->fd, bytes, len, 0), (ssize_t)len);
}

void
stranger_sends(const struct stranger *stranger)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];

	ntalk_put_request(&stranger->request, bytes);
	stranger_sends_bytes(stranger, bytes, sizeof(bytes));
}

bool
stranger_hears(const struct stranger *stranger, int timeout,
    uint8_t bytes[NTALK_REPLY_SIZE])
{
	struct pollfd answered = { stranger->fd, POLLIN, 0 };
	uint8_t got[512];
	ssize_t len;

	do {
		if (poll(&answered, 1, timeout) != 1)
			return false;
		len = recv(stranger->fd, got, sizeof(got), 0);
	} while (len != NTALK_REPLY_SIZE); /* what a message got, late */
	memcpy(bytes, got, NTALK_REPLY_SIZE);
	return true;
}

struct talk_reply
stranger_asks(const struct stranger *stranger)
{
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;

	stranger_sends(stranger);
	assert_true(stranger_hears(stranger, STRANGER_WAIT_MS, bytes));
	assert_true(ntalk_get_reply(bytes, sizeof(bytes), &reply));
	return reply;
}

void
stranger_meets_silence(const struct stranger *stranger)
{
	struct stranger asker = *stranger;
	uint8_t bytes[NTALK_REPLY_SIZE];
	struct talk_reply reply;

	/* Replies come in order: this would not be the first. */
	asker.request.type = TALK_LOOK_UP;
	asker.request.addr = (struct address){ 0 };
	reply = stranger_asks(&asker);
	assert_int_equal(reply.type, TALK_LOOK_UP);
	assert_false(stranger_hears(&asker, 0, bytes));
}
