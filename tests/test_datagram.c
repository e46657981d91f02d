/*
 * The tests of talkd/datagram, on sockets of loopback; linked to a build of it
 * that takes several by one call, where it can, and to one that takes each by
 * its own (test_datagram_single).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/time.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "common/here.h"
#include "talkd/datagram.h"

struct ends {
	struct datagram_socket daemon;
	int client; /* connected to it */
};

static void
set_up_at(struct ends *ends, const struct address *at, struct address to)
{
	struct sockaddr_storage name;
	socklen_t len;

	assert_true(datagram_open(&ends->daemon, at));
	to.port = ends->daemon.bound.port;
	len = address_to_sockaddr(&to, &name);
	ends->client = socket(name.ss_family, SOCK_DGRAM, 0);
	assert_int_not_equal(ends->client, -1);
	assert_int_equal(
	    connect(ends->client, (struct sockaddr *)&name, len), 0);
}

/* One at all addresses of IPv4, asked at one of loopback that few use. */
static void
set_up(struct ends *ends)
{
	const struct address any = { .family = 4 };
	const struct address loopback = { .family = 4,
		.bytes = { 127, 1, 2, 3 } };

	set_up_at(ends, &any, loopback);
}

static void
tear_down(struct ends *ends)
{
	close(ends->client);
	datagram_close(&ends->daemon);
}

/* Sends so many datagrams: "a", "bb", "ccc" and on. */
static void
ask(const struct ends *ends, int count)
{
	char text[64];
	int i;

	for (i = 0; i < count; i++) {
		memset(text, 'a' + i, sizeof(text));
		assert_int_equal(
		    send(ends->client, text, (size_t)i + 1, 0), i + 1);
	}
}

static void
assert_asked(const struct datagram *in, int which)
{
	int i;

	assert_int_equal(in->len, which + 1);
	for (i = 0; i <= which; i++)
		assert_int_equal(in->bytes[i], 'a' + which);
}

static void
several_come_at_once_and_in_order(void **state)
{
	struct datagram in[DATAGRAM_BATCH];
	struct ends ends;
	int i;

	(void)state;
	set_up(&ends);
	ask(&ends, 5);
	assert_int_equal(datagram_receive(&ends.daemon, in, 3, false), 3);
	for (i = 0; i < 3; i++)
		assert_asked(&in[i], i);
	assert_int_equal(
	    datagram_receive(&ends.daemon, in, DATAGRAM_BATCH, false), 2);
	assert_asked(&in[0], 3);
	assert_asked(&in[1], 4);
	assert_int_equal(datagram_receive(&ends.daemon, in, 1, false), 0);
	tear_down(&ends);
}

static void
each_tells_where_it_came_from_and_where_it_was_sent_to(void **state)
{
	const struct address asked = { .family = 4, .bytes = { 127, 1, 2, 3 } };
	struct sockaddr_in name = { 0 };
	socklen_t len = sizeof(name);
	struct datagram in[2];
	struct ends ends;
	int i;

	(void)state;
	set_up(&ends);
	ask(&ends, 2);
	assert_int_equal(datagram_receive(&ends.daemon, in, 2, false), 2);
	assert_int_equal(
	    getsockname(ends.client, (struct sockaddr *)&name, &len), 0);
	for (i = 0; i < 2; i++) {
		assert_true(address_same_host(&in[i].local, &asked));
		assert_int_equal(in[i].local.port, ends.daemon.bound.port);
		assert_int_equal(in[i].source.port, ntohs(name.sin_port));
		assert_false(in[i].broadcast);
	}
	tear_down(&ends);
}

/* The client is connected, and so hears only the address that it asked. */
static void
replies_come_in_order_from_the_address_that_was_asked(void **state)
{
	struct datagram in[DATAGRAM_BATCH];
	struct datagram_reply replies[DATAGRAM_BATCH];
	char text[8];
	struct ends ends;
	int i;

	(void)state;
	set_up(&ends);
	ask(&ends, DATAGRAM_BATCH);
	assert_int_equal(
	    datagram_receive(&ends.daemon, in, DATAGRAM_BATCH, false),
	    DATAGRAM_BATCH);
	for (i = 0; i < DATAGRAM_BATCH; i++) {
		replies[i].to = &in[i];
		replies[i].len = 1;
		replies[i].bytes[0] = (uint8_t)('A' + i);
	}
	assert_int_equal(
	    datagram_send(&ends.daemon, replies, DATAGRAM_BATCH), 0);
	for (i = 0; i < DATAGRAM_BATCH; i++) {
		assert_int_equal(recv(ends.client, text, sizeof(text), 0), 1);
		assert_int_equal(text[0], 'A' + i);
	}
	tear_down(&ends);
}

static void
replies_keep_their_lengths(void **state)
{
	static const size_t lengths[][4] = {
		{ 24, 24, 24, 24 },
		{ 24, 24, 24, 7 },
		{ 7, 24, 24, 24 },
		{ 24, 1000, 1, 24 },
		{ 1000, 1000, 1000, 1000 },
	};
	struct datagram in[4];
	struct datagram_reply replies[4];
	char text[2 * DATAGRAM_SIZE];
	struct ends ends;
	size_t i, at, len;

	(void)state;
	set_up(&ends);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ask(&ends, 4);
		assert_int_equal(
		    datagram_receive(&ends.daemon, in, 4, false), 4);
		for (at = 0; at < 4; at++) {
			replies[at].to = &in[at];
			replies[at].len = lengths[i][at];
			memset(
			    replies[at].bytes, 'A' + (int)at, replies[at].len);
		}
		assert_int_equal(datagram_send(&ends.daemon, replies, 4), 0);
		for (at = 0; at < 4; at++) {
			len = lengths[i][at];
			assert_int_equal(
			    recv(ends.client, text, sizeof(text), 0), len);
			assert_memory_equal(text, replies[at].bytes, len);
		}
	}
	tear_down(&ends);
}

/* Port 0 is nobody's: one that cannot be sent keeps no other back. */
static void
one_that_cannot_be_sent_is_counted_and_left_out(void **state)
{
	struct datagram in[3];
	struct datagram_reply replies[3];
	char text[8];
	struct ends ends;
	int i;

	(void)state;
	set_up(&ends);
	ask(&ends, 3);
	assert_int_equal(datagram_receive(&ends.daemon, in, 3, false), 3);
	in[1].source.port = 0;
	for (i = 0; i < 3; i++) {
		replies[i].to = &in[i];
		replies[i].len = 1;
		replies[i].bytes[0] = (uint8_t)('A' + i);
	}
	assert_int_equal(datagram_send(&ends.daemon, replies, 3), 1);
	assert_int_equal(recv(ends.client, text, sizeof(text), 0), 1);
	assert_int_equal(text[0], 'A');
	assert_int_equal(recv(ends.client, text, sizeof(text), 0), 1);
	assert_int_equal(text[0], 'C');
	tear_down(&ends);
}

/* An address that is not this host's is none to send from. */
static void
a_reply_goes_from_another_address_when_it_cannot_from_that_one(void **state)
{
	const struct address elsewhere = { .family = 4,
		.bytes = { 192, 0, 2, 1 } };
	const struct address any = { .family = 4 };
	const struct address loopback = { .family = 4,
		.bytes = { 127, 0, 0, 1 } };
	struct datagram in;
	struct datagram_reply reply = { .to = &in, .len = 1 };
	char text[8];
	struct ends ends;

	(void)state;
	set_up_at(&ends, &any, loopback);
	ask(&ends, 1);
	assert_int_equal(datagram_receive(&ends.daemon, &in, 1, false), 1);
	in.local = elsewhere;
	assert_int_equal(datagram_send(&ends.daemon, &reply, 1), 0);
	assert_int_equal(recv(ends.client, text, sizeof(text), 0), 1);
	tear_down(&ends);
}

static void
over_ipv6_it_is_the_same(void **state)
{
	const struct address any = { .family = 6 };
	const struct address loopback = { .family = 6, .bytes = { [15] = 1 } };
	struct datagram in[2];
	const struct datagram_reply replies[] = {
		{ .to = &in[0], .len = 2, .bytes = "A" },
		{ .to = &in[1], .len = 2, .bytes = "B" },
	};
	char text[8];
	struct ends ends;

	(void)state;
	if (!here_has(&loopback)) {
		print_message("no IPv6 here\n");
		skip();
	}
	set_up_at(&ends, &any, loopback);
	ask(&ends, 2);
	assert_int_equal(datagram_receive(&ends.daemon, in, 2, true), 2);
	assert_true(address_same_host(&in[1].local, &loopback));
	assert_int_equal(datagram_send(&ends.daemon, replies, 2), 0);
	assert_int_equal(recv(ends.client, text, sizeof(text), 0), 2);
	assert_string_equal(text, "A");
	assert_int_equal(recv(ends.client, text, sizeof(text), 0), 2);
	assert_string_equal(text, "B");
	tear_down(&ends);
}

/* What came before it was adopted does not tell where to reply from. */
static void
what_was_sent_to_many_is_known_even_if_it_came_before(void **state)
{
	const struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	struct sockaddr_in many = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_ALLHOSTS_GROUP) };
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int client = socket(AF_INET, SOCK_DGRAM, 0);
	struct datagram_socket daemon;
	struct datagram in;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &len), 0);
	many.sin_port = any.sin_port;
	/* Qemu does not know of it. */
	if (setsockopt(client, IPPROTO_IP, IP_MULTICAST_IF, &loopback,
		sizeof(loopback)) != 0)
		skip();
	assert_int_equal(
	    sendto(client, "a", 1, 0, (struct sockaddr *)&many, sizeof(many)),
	    1);
	assert_null(datagram_adopt(&daemon, fd));
	datagram_let_wait(&daemon, true);
	assert_int_equal(datagram_receive(&daemon, &in, 1, true), 1);
	assert_asked(&in, 0);
	assert_true(in.broadcast);
	close(client);
	datagram_close(&daemon);
}

static void
no_more_are_taken_at_once_than_a_batch(void **state)
{
	static struct datagram in[DATAGRAM_BATCH + 1];
	struct ends ends;

	(void)state;
	set_up(&ends);
	ask(&ends, DATAGRAM_BATCH + 1);
	assert_int_equal(
	    datagram_receive(&ends.daemon, in, DATAGRAM_BATCH + 1, false),
	    DATAGRAM_BATCH);
	assert_int_equal(
	    datagram_receive(&ends.daemon, in, DATAGRAM_BATCH + 1, false), 1);
	assert_asked(&in[0], DATAGRAM_BATCH);
	tear_down(&ends);
}

static void
a_receive_that_may_wait_ends_without_anything(void **state)
{
	struct datagram in[2];
	struct ends ends;

	(void)state;
	set_up(&ends);
	datagram_let_wait(&ends.daemon, true);
	assert_int_equal(datagram_receive(&ends.daemon, in, 2, true), 0);
	ask(&ends, 1);
	assert_int_equal(datagram_receive(&ends.daemon, in, 2, true), 1);
	assert_asked(&in[0], 0);
	tear_down(&ends);
}

/* It may be inetd's, too. */
static void
a_socket_that_was_let_wait_goes_back_as_it_was(void **state)
{
	struct timeval limit = { 0 };
	socklen_t len = sizeof(limit);
	struct ends ends;

	(void)state;
	set_up(&ends);
	datagram_let_wait(&ends.daemon, true);
	datagram_let_wait(&ends.daemon, false);
	assert_int_equal(
	    getsockopt(ends.daemon.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &len),
	    0);
	assert_int_equal(limit.tv_sec, 0);
	assert_int_equal(limit.tv_usec, 0);
	assert_int_equal(fcntl(ends.daemon.fd, F_GETFL) & O_NONBLOCK, 0);
	tear_down(&ends);
}

static void
what_is_no_socket_any_more_is_told(void **state)
{
	const struct datagram_socket closed = { .fd = -1, .family = AF_INET };
	struct datagram in;

	(void)state;
	assert_int_equal(datagram_receive(&closed, &in, 1, false), -1);
}

static void
what_cannot_be_served_says_why(void **state)
{
	static const struct {
		int family;
		int type;
		const char *failure;
	} cases[] = {
		{ AF_INET, SOCK_STREAM, "not a datagram socket" },
		{ AF_UNIX, SOCK_DGRAM, "not a socket of the internet" },
		{ AF_INET, SOCK_DGRAM, "not bound to a port" },
	};
	struct datagram_socket s;
	size_t i;
	int fd;

	(void)state;
	assert_string_equal(datagram_adopt(&s, -1), "not a socket");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = socket(cases[i].family, cases[i].type, 0);
		assert_int_not_equal(fd, -1);
		assert_string_equal(datagram_adopt(&s, fd), cases[i].failure);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_come_at_once_and_in_order),
		cmocka_unit_test(
		    each_tells_where_it_came_from_and_where_it_was_sent_to),
		cmocka_unit_test(
		    replies_come_in_order_from_the_address_that_was_asked),
		cmocka_unit_test(replies_keep_their_lengths),
		cmocka_unit_test(
		    one_that_cannot_be_sent_is_counted_and_left_out),
		cmocka_unit_test(
		    a_reply_goes_from_another_address_when_it_cannot_from_that_one),
		cmocka_unit_test(over_ipv6_it_is_the_same),
		cmocka_unit_test(
		    what_was_sent_to_many_is_known_even_if_it_came_before),
		cmocka_unit_test(no_more_are_taken_at_once_than_a_batch),
		cmocka_unit_test(a_receive_that_may_wait_ends_without_anything),
		cmocka_unit_test(
		    a_socket_that_was_let_wait_goes_back_as_it_was),
		cmocka_unit_test(what_is_no_socket_any_more_is_told),
		cmocka_unit_test(what_cannot_be_served_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
