/*
 * The tests of talkd as it runs: over loopback, started as inetd, systemd or a
 * person starts it, with literal bytes in and out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "puppet.h"
#include "talkd/terminals.h"

enum {
	OLD_REQUEST_SIZE = 76, /* otalk's */
	TICK_MS = 10,	       /* of a system that has 100 a second */
};

static const uint32_t no_id = 0xffffffff;

struct scene {
	struct host host;
	int client; /* a socket at 127.0.0.1 */
};

/* --------------------------------------------------------------- scene --- */

/* A datagram socket; -1, with errno, when that address is not to be had. */
static int
open_socket(struct sockaddr_in at)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_not_equal(fd, -1);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -1;
}

static const char *const no_arguments[] = { NULL };

/* Starts it as inetd does: the socket is all of its first three descriptors. */
static void
start_as_inetd(struct scene *scene, int fd, const char *const *arguments)
{
	const int fds[] = { fd, fd, fd };

	scene->host.port = host_port(fd);
	host_start(&scene->host, fds, 3, arguments);
	close(fd);
}

/* The same with a new socket at 127.0.0.1. */
static void
serve(struct scene *scene)
{
	start_as_inetd(scene, open_socket(host_loopback(1, 0)), no_arguments);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (scene == NULL)
		return -1;
	host_open(&scene->host);
	scene->client = open_socket(host_loopback(1, 0));
	return scene->client != -1 ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	host_close(&scene->host);
	close(scene->client);
	free(scene);
	return 0;
}

/* --------------------------------------------------- requests, replies --- */

/*
 * alice, pid 0x01020304, at 127.0.0.1 port 4660, asks about bob.  An invitation
 * must be in the name of the user of the tests, unless that is root.
 */
static const uint8_t plain[PUPPET_REQUEST_SIZE] = {
	1, LOOK_UP, 0, 0, 0xff, 0xff, 0xff, 0xff,		 /**/
	0, 2, 0x12, 0x34, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,	 /**/
	0, 2, 0x00, 0x07, 192, 0, 2, 99, 0, 0, 0, 0, 0, 0, 0, 0, /**/
	1, 2, 3, 4,						 /**/
	'a', 'l', 'i', 'c', 'e', 0, 0, 0, 0, 0, 0, 0,		 /**/
	'b', 'o', 'b', 0, 0, 0, 0, 0, 0, 0, 0, 0,		 /**/
};

static void
put_u32(uint8_t *bytes, uint32_t number)
{
	bytes[0] = (uint8_t)(number >> 24);
	bytes[1] = (uint8_t)(number >> 16);
	bytes[2] = (uint8_t)(number >> 8);
	bytes[3] = (uint8_t)number;
}

static uint32_t
get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | bytes[3];
}

static void
put_text(uint8_t *field, size_t size, const char *text)
{
	memset(field, 0, size);
	memcpy(field, text, strlen(text) < size ? strlen(text) : size);
}

static void
send_from(int client, uint16_t port, const uint8_t *bytes, size_t len)
{
	struct sockaddr_in daemon = host_loopback(1, port);

	assert_int_equal(sendto(client, bytes, len, 0,
			     (struct sockaddr *)&daemon, sizeof(daemon)),
	    (ssize_t)len);
}

/* Takes a reply of 24 bytes, and that it comes from where it was asked. */
static void
take_reply(
    int client, uint8_t reply[PUPPET_REPLY_SIZE], uint8_t last, uint16_t port)
{
	struct sockaddr_in from = { 0 };
	struct sockaddr_in daemon = host_loopback(last, port);
	socklen_t len = sizeof(from);
	uint8_t bytes[512];

	assert_true(host_is_readable(client, HOST_WAIT_MS));
	assert_int_equal(recvfrom(client, bytes, sizeof(bytes), 0,
			     (struct sockaddr *)&from, &len),
	    PUPPET_REPLY_SIZE);
	assert_int_equal(from.sin_port, daemon.sin_port);
	assert_int_equal(from.sin_addr.s_addr, daemon.sin_addr.s_addr);
	memcpy(reply, bytes, PUPPET_REPLY_SIZE);
}

static void
ask_bytes(const struct scene *scene, const uint8_t *bytes, size_t len,
    uint8_t reply[PUPPET_REPLY_SIZE])
{
	send_from(scene->client, scene->host.port, bytes, len);
	take_reply(scene->client, reply, 1, scene->host.port);
}

/* Asks of one type with that id; returns the answer, and puts the id told. */
static int
ask(const struct scene *scene, uint8_t type, uint32_t id, uint32_t *told)
{
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[PUPPET_REPLY_SIZE];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = type;
	put_u32(bytes + AT_ID, id);
	if (type == LEAVE_INVITE)
		put_text(bytes + AT_L_NAME, 12, scene->host.user);
	if (type == LOOK_UP) {
		put_text(bytes + AT_L_NAME, 12, "bob");
		put_text(bytes + AT_R_NAME, 12, scene->host.user);
	}
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_int_equal(reply[AT_TYPE], type);
	if (told != NULL)
		*told = get_u32(reply + AT_ID);
	return reply[AT_ANSWER];
}

/* Asserts that whatever was sent before is met with silence. */
static void
assert_silence(const struct scene *scene)
{
	/* Replies come in order: this would not be the first. */
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	assert_false(host_is_readable(scene->client, 0));
}

/* -------------------------------------------------------- as it starts --- */

static void
the_datagram_that_started_it_is_answered(void **state)
{
	static const uint8_t expected[PUPPET_REPLY_SIZE] = { 1, LOOK_UP,
		NOT_HERE };
	struct scene *scene = *state;
	int fd = open_socket(host_loopback(1, 0));
	uint8_t reply[PUPPET_REPLY_SIZE];

	send_from(scene->client, host_port(fd), plain, sizeof(plain));
	start_as_inetd(scene, fd, no_arguments);
	take_reply(scene->client, reply, 1, scene->host.port);
	assert_memory_equal(reply, expected, PUPPET_REPLY_SIZE);
}

static void
it_leaves_when_idle(void **state)
{
	static const char *const arguments[] = { "-i", "1", NULL };
	struct scene *scene = *state;

	start_as_inetd(scene, open_socket(host_loopback(1, 0)), arguments);
	assert_int_equal(host_wait(&scene->host), 0);
}

/* The user invites carol too. */
static int
leave_another(const struct scene *scene)
{
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[PUPPET_REPLY_SIZE];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, scene->host.user);
	put_text(bytes + AT_R_NAME, 12, "carol");
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	return reply[AT_ANSWER];
}

static void
it_stays_while_an_invitation_lives(void **state)
{
	static const char *const arguments[] = { "-i", "1", "-r", "2", NULL };
	struct scene *scene = *state;
	int64_t left;

	start_as_inetd(scene, open_socket(host_loopback(1, 0)), arguments);
	assert_int_equal(ask(scene, LEAVE_INVITE, no_id, NULL), SUCCESS);
	assert_false(
	    host_is_readable(scene->client, 50)); /* the first is older */
	left = host_clock();
	assert_int_equal(leave_another(scene), SUCCESS);
	assert_int_equal(host_wait(&scene->host), 0);
	/* The daemon's clock may be that of the system's last tick. */
	assert_true(host_clock() - left >= 2000 - TICK_MS);
}

static void
in_the_foreground_it_opens_its_own_and_says_where(void **state)
{
	static const char *const arguments[] = { "-Fl", "-b", "127.0.0.1", "-p",
		"0", NULL };
	struct scene *scene = *state;

	host_start(&scene->host, NULL, 0, arguments);
	scene->host.port = host_read_port(&scene->host, "127.0.0.1");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
}

/* Asks at ::1. */
static void
ask_ipv6(uint16_t port)
{
	struct sockaddr_in6 daemon = { 0 };
	uint8_t reply[PUPPET_REPLY_SIZE];
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	daemon.sin6_family = AF_INET6;
	daemon.sin6_addr = in6addr_loopback;
	daemon.sin6_port = htons(port);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&daemon, sizeof(daemon)), 0);
	assert_int_equal(
	    send(fd, plain, sizeof(plain), 0), (ssize_t)sizeof(plain));
	assert_true(host_is_readable(fd, HOST_WAIT_MS));
	assert_int_equal(recv(fd, reply, sizeof(reply), 0), PUPPET_REPLY_SIZE);
	assert_int_equal(reply[AT_ANSWER], NOT_HERE);
	close(fd);
}

static void
in_the_foreground_it_serves_both_families_on_one_port(void **state)
{
	static const char *const arguments[] = { "-F", "-p", "0", NULL };
	struct scene *scene = *state;

	if (!puppet_has_ipv6())
		skip();
	host_start(&scene->host, NULL, 0, arguments);
	scene->host.port = host_read_port(&scene->host, "0.0.0.0");
	assert_int_equal(host_read_port(&scene->host, "::"), scene->host.port);
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	ask_ipv6(scene->host.port);
}

static void
one_socket_for_both_families_serves_both(void **state)
{
	struct scene *scene = *state;
	struct sockaddr_in6 any = { 0 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	int off = 0;

	any.sin6_family = AF_INET6;
	if (fd == -1 || !puppet_has_ipv6())
		skip();
	assert_int_equal(
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	scene->host.port = host_port(fd);
	send_from(scene->client, scene->host.port, plain, sizeof(plain));
	host_start(&scene->host, &fd, 1, no_arguments);
	close(fd);
	assert_true(host_is_readable(scene->client, HOST_WAIT_MS));
	assert_int_equal(
	    recv(scene->client, &any, sizeof(any), 0), PUPPET_REPLY_SIZE);
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	ask_ipv6(scene->host.port);
}

static void
it_serves_all_sockets_of_socket_activation(void **state)
{
	struct scene *scene = *state;
	const int fds[] = { -1, -1, -1, open_socket(host_loopback(1, 0)),
		open_socket(host_loopback(1, 0)) };
	uint16_t other = host_port(fds[4]);

	assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
	scene->host.port = host_port(fds[3]);
	host_start(&scene->host, fds, 5, no_arguments);
	(void)unsetenv("LISTEN_FDS");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	scene->host.port = other;
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	close(fds[3]);
	close(fds[4]);
}

static int
open_ipv6_socket(void)
{
	struct sockaddr_in6 own = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	return fd;
}

static void
of_socket_activation_it_serves_both_families(void **state)
{
	struct scene *scene = *state;
	int fds[] = { -1, -1, -1, open_socket(host_loopback(1, 0)), -1 };

	if (!puppet_has_ipv6()) {
		close(fds[3]);
		skip();
	}
	fds[4] = open_ipv6_socket();
	scene->host.port = host_port(fds[3]);
	assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
	host_start(&scene->host, fds, 5, no_arguments);
	(void)unsetenv("LISTEN_FDS");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	ask_ipv6(host_port(fds[4]));
	close(fds[3]);
	close(fds[4]);
}

/* Runs it with nothing for standard input; asserts what it says. */
static void
assert_refuses(
    struct scene *scene, const char *const *arguments, const char *says)
{
	char line[256];
	int null = open("/dev/null", O_RDWR);

	host_start(&scene->host, &null, 1, arguments);
	close(null);
	host_read_error(&scene->host, line, sizeof(line));
	assert_string_equal(line, says);
	assert_int_equal(host_wait(&scene->host), EX_USAGE);
}

static void
without_a_socket_it_says_what_to_do(void **state)
{
	assert_refuses(*state, no_arguments,
	    "talkd: no socket to serve: start it from inetd or systemd, "
	    "or with -F");
}

static void
a_wrong_option_is_named(void **state)
{
	static const struct {
		const char *const arguments[4];
		const char *says;
	} cases[] = {
		{ { "-i", "1x" }, "talkd: -i: not a number of seconds: 1x" },
		{ { "-i", "-1" }, "talkd: -i: not a number of seconds: -1" },
		{ { "-r", "0" }, "talkd: -r: not a number of seconds: 0" },
		{ { "-r", "" }, "talkd: -r: not a number of seconds: " },
		{ { "-p", "65536" }, "talkd: -p: not a port number: 65536" },
		{ { "-F", "-b", "\033" },
		    "talkd: -b: not an address to serve: \\033" },
		{ { "-F", "518" },
		    "usage: talkd [-46dFl] [-a file] [-b address] [-i seconds] "
		    "[-p port]" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refuses(*state, cases[i].arguments, cases[i].says);
}

static void
a_stream_that_is_neither_open_nor_listening_is_refused(void **state)
{
	struct scene *scene = *state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char line[256];

	host_start(&scene->host, &fd, 1, no_arguments);
	close(fd);
	host_read_error(&scene->host, line, sizeof(line));
	assert_string_equal(line,
	    "talkd: cannot serve descriptor 0: "
	    "a stream that neither listens nor is connected");
	assert_int_equal(host_wait(&scene->host), EX_USAGE);
}

/* The others are served. */
static void
a_descriptor_that_cannot_be_served_is_named(void **state)
{
	struct scene *scene = *state;
	const int fds[] = { -1, -1, -1, open("/dev/null", O_RDONLY),
		open_socket(host_loopback(1, 0)) };
	char line[256];

	scene->host.port = host_port(fds[4]);
	assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
	host_start(&scene->host, fds, 5, no_arguments);
	(void)unsetenv("LISTEN_FDS");
	host_read_error(&scene->host, line, sizeof(line));
	assert_string_equal(
	    line, "talkd: cannot serve descriptor 3: not a socket");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	close(fds[3]);
	close(fds[4]);
}

static void
one_socket_too_many_is_named(void **state)
{
	enum { FIRST = 3, COUNT = 17 };
	struct scene *scene = *state;
	int fds[FIRST + COUNT] = { -1, -1, -1 };
	char line[256];
	int i;

	for (i = 0; i < COUNT; i++)
		fds[FIRST + i] = open_socket(host_loopback(1, 0));
	scene->host.port = host_port(fds[FIRST + COUNT - 2]);
	assert_int_equal(setenv("LISTEN_FDS", "17", 1), 0);
	host_start(&scene->host, fds, FIRST + COUNT, no_arguments);
	(void)unsetenv("LISTEN_FDS");
	host_read_error(&scene->host, line, sizeof(line));
	assert_string_equal(
	    line, "talkd: cannot serve descriptor 19: too many sockets");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	for (i = 0; i < COUNT; i++)
		close(fds[FIRST + i]);
}

static void
sockets_for_another_process_are_left_alone(void **state)
{
	enum { FIRST = 3 };
	struct scene *scene = *state;
	const int fds[] = { -1, -1, -1, open_socket(host_loopback(1, 0)) };
	char line[256];

	assert_int_equal(setenv("LISTEN_FDS", "1", 1), 0);
	assert_int_equal(setenv("LISTEN_PID", "1", 1), 0);
	host_start(&scene->host, fds, FIRST + 1, no_arguments);
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	host_read_error(&scene->host, line, sizeof(line));
	assert_non_null(strstr(line, "no socket to serve"));
	close(fds[FIRST]);
}

/* The port of a stream that listens already, too. */
static void
a_port_that_is_taken_is_named(void **state)
{
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM };
	struct scene *scene = *state;
	struct sockaddr_in own = host_loopback(1, 0);
	char port[8], line[256], expected[256];
	const char *const arguments[] = { "-F", "-b", "127.0.0.1", "-p", port,
		NULL };
	size_t i;
	int fd;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		fd = socket(AF_INET, types[i], 0);
		assert_int_equal(
		    bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
		if (types[i] == SOCK_STREAM)
			assert_int_equal(listen(fd, 1), 0);
		snprintf(port, sizeof(port), "%d", host_port(fd));
		snprintf(expected, sizeof(expected),
		    "talkd: cannot serve 127.0.0.1 port %s for calls, %s for "
		    "messages: %s",
		    port, port, strerror(EADDRINUSE));
		host_start(&scene->host, NULL, 0, arguments);
		host_read_error(&scene->host, line, sizeof(line));
		assert_string_equal(line, expected);
		assert_int_equal(host_wait(&scene->host), EX_OSERR);
		close(fd);
	}
}

static void
a_user_whom_nobody_knows_is_not_become(void **state)
{
	static const char *const arguments[] = { "-u", "nobody.of.that.name",
		NULL };
	struct scene *scene = *state;
	char line[256];

	if (getuid() != 0) {
		print_message("only root becomes another\n");
		skip();
	}
	host_start(&scene->host, &scene->client, 1, arguments);
	host_read_error(&scene->host, line, sizeof(line));
	assert_string_equal(line, "talkd: no such user to become");
	assert_int_equal(host_wait(&scene->host), EX_OSERR);
}

/* ----------------------------------------------------- what it answers --- */

static void
an_invitation_is_left_found_and_deleted(void **state)
{
	static const uint8_t address[16] = { 0, 2, 0x12, 0x34, 127, 0, 0, 1 };
	static const uint8_t zero[16] = { 0 };
	struct scene *scene = *state;
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[PUPPET_REPLY_SIZE];
	uint32_t id, found;

	serve(scene);
	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, scene->host.user);
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_memory_equal(reply, "\1\0\0\0", 4);
	assert_memory_equal(reply + AT_ADDR, zero, 16);
	id = get_u32(reply + AT_ID);
	assert_in_range(id, 1, 0x3fffffff);
	put_text(bytes + AT_L_NAME, 12, "bob");
	put_text(bytes + AT_R_NAME, 12, scene->host.user);
	bytes[AT_TYPE] = LOOK_UP;
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_memory_equal(reply, "\1\1\0\0", 4);
	assert_int_equal(get_u32(reply + AT_ID), id);
	assert_memory_equal(reply + AT_ADDR, address, 16);
	assert_int_equal(ask(scene, DELETE, id, &found), SUCCESS);
	assert_int_equal(ask(scene, LOOK_UP, 0, &found), NOT_HERE);
	assert_int_equal(found, 0);
}

static void
what_follows_a_request_is_left_alone(void **state)
{
	uint8_t bytes[1500] = { 0 };
	uint8_t reply[PUPPET_REPLY_SIZE];

	serve(*state);
	memcpy(bytes, plain, sizeof(plain));
	memset(bytes + PUPPET_REQUEST_SIZE, 0xee,
	    sizeof(bytes) - PUPPET_REQUEST_SIZE);
	ask_bytes(*state, bytes, PUPPET_REQUEST_SIZE + 1, reply);
	assert_int_equal(reply[AT_ANSWER], NOT_HERE);
	ask_bytes(*state, bytes, sizeof(bytes), reply);
	assert_int_equal(reply[AT_ANSWER], NOT_HERE);
}

static void
faulty_requests_get_the_answers_of_old(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
		uint8_t answer;
	} cases[] = {
		{ 0, 2, BADVERSION },
		{ AT_TYPE, 4, UNKNOWN_REQUEST },
		{ AT_ADDR + 1, 3, BADADDR },
	};
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[PUPPET_REPLY_SIZE];
	size_t i;

	serve(*state);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(bytes, plain, sizeof(bytes));
		bytes[cases[i].at] = cases[i].byte;
		ask_bytes(*state, bytes, sizeof(bytes), reply);
		assert_int_equal(reply[0], 1);
		assert_int_equal(reply[AT_TYPE], bytes[AT_TYPE]);
		assert_int_equal(reply[AT_ANSWER], cases[i].answer);
		assert_int_equal(get_u32(reply + AT_ID), 0);
	}
}

static void
junk_is_met_with_silence(void **state)
{
	struct scene *scene = *state;
	uint8_t junk[1500];
	size_t len;

	serve(scene);
	memset(junk, 0xa5, sizeof(junk));
	for (len = 0; len <= sizeof(junk); len += 30)
		send_from(scene->client, scene->host.port, junk, len);
	for (len = 0; len < PUPPET_REQUEST_SIZE; len++)
		send_from(scene->client, scene->host.port, plain, len);
	assert_silence(scene);
}

/* Another daemon's replies must not go round for ever. */
static void
a_reply_is_met_with_silence(void **state)
{
	static const uint8_t reply[PUPPET_REPLY_SIZE] = { 1, LOOK_UP,
		NOT_HERE };
	struct scene *scene = *state;

	serve(scene);
	send_from(scene->client, scene->host.port, reply, sizeof(reply));
	assert_silence(scene);
}

static void
a_reserved_port_gets_no_reply(void **state)
{
	struct scene *scene = *state;
	int other = open_socket(host_loopback(1, 1023));

	if (other == -1)
		skip(); /* for root only, and once at a time */
	serve(scene);
	send_from(other, scene->host.port, plain, sizeof(plain));
	assert_silence(scene);
	assert_false(host_is_readable(other, 0));
	close(other);
}

/*
 * The daemon's own port at its own host: as a second socket of that port, at
 * another loopback address, has it.
 */
static void
its_own_port_gets_no_reply(void **state)
{
	struct scene *scene = *state;
	int other;

	serve(scene);
	other = open_socket(host_loopback(2, scene->host.port));
	if (other == -1)
		skip(); /* not all systems have 127.0.0.2 */
	send_from(other, scene->host.port, plain, sizeof(plain));
	assert_silence(scene);
	assert_false(host_is_readable(other, 0));
	close(other);
}

static void
the_reply_comes_from_the_address_that_was_asked(void **state)
{
	static const char *const arguments[] = { "-F", "-4", "-p", "0", NULL };
	struct scene *scene = *state;
	struct sockaddr_in second;
	uint8_t reply[PUPPET_REPLY_SIZE];

	host_start(&scene->host, NULL, 0, arguments);
	scene->host.port = host_read_port(&scene->host, "0.0.0.0");
	second = host_loopback(2, scene->host.port);
	if (sendto(scene->client, plain, sizeof(plain), 0,
		(struct sockaddr *)&second, sizeof(second)) == -1)
		skip(); /* not all systems have 127.0.0.2 */
	take_reply(scene->client, reply, 2, scene->host.port);
}

static void
another_host_deletes_nothing(void **state)
{
	struct scene *scene = *state;
	int own = scene->client;
	int other = open_socket(host_loopback(2, 0));
	uint32_t id;

	if (other == -1)
		skip(); /* not all systems have 127.0.0.2 */
	serve(scene);
	assert_int_equal(ask(scene, LEAVE_INVITE, no_id, &id), SUCCESS);
	scene->client = other;
	assert_int_equal(ask(scene, DELETE, id, NULL), NOT_HERE);
	scene->client = own;
	assert_int_equal(ask(scene, DELETE, id, NULL), SUCCESS);
	close(other);
}

static void
an_invitation_to_another_host_is_refused(void **state)
{
	static const uint8_t address[] = { 192, 0, 2, 1 };
	struct scene *scene = *state;
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[PUPPET_REPLY_SIZE];

	serve(scene);
	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, scene->host.user);
	memcpy(bytes + AT_ADDR + 4, address, sizeof(address));
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_int_equal(reply[AT_ANSWER], BADADDR);
	assert_int_equal(get_u32(reply + AT_ID), 0);
}

/* Has another user than root ask; the tests' own, if that is not root. */
static int
ask_as_another(const struct scene *scene, const uint8_t *bytes, size_t len)
{
	uint8_t reply[PUPPET_REPLY_SIZE];
	int status;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (child == 0) {
		int client;

		if (getuid() == 0 && setuid(65534) != 0)
			_exit(255);
		client = open_socket(host_loopback(1, 0));
		send_from(client, scene->host.port, bytes, len);
		if (!host_is_readable(client, HOST_WAIT_MS) ||
		    recv(client, reply, sizeof(reply), 0) != PUPPET_REPLY_SIZE)
			_exit(254);
		_exit(reply[AT_ANSWER]);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
an_invitation_in_anothers_name_is_refused(void **state)
{
	struct scene *scene = *state;
	uint8_t bytes[PUPPET_REQUEST_SIZE];

	if (!host_tells_owners())
		skip();
	serve(scene);
	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, "no-such-one");
	assert_int_equal(
	    ask_as_another(scene, bytes, sizeof(bytes)), PERMISSION_DENIED);
}

static void
an_old_peer_is_answered_in_its_own_form(void **state)
{
	/* LOOK_UP is type 1; alice about bob; little-endian pid 7. */
	uint8_t bytes[OLD_REQUEST_SIZE] = { 1, 'a', 'l', 'i', 'c', 'e' };
	static const uint8_t expected[PUPPET_REPLY_SIZE] = { 1, NOT_HERE };
	struct scene *scene = *state;
	uint16_t port = host_port(scene->client);
	uint8_t reply[PUPPET_REPLY_SIZE];

	serve(scene);
	memcpy(bytes + 10, "bob", 3);
	bytes[24] = 7;
	bytes[44] = bytes[60] = 2;
	bytes[62] = (uint8_t)(port >> 8);
	bytes[63] = (uint8_t)port;
	memcpy(bytes + 64, "\177\0\0\1", 4);
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_memory_equal(reply, expected, PUPPET_REPLY_SIZE);
}

/* ------------------------------------------------------------- ringing --- */

/* The caller calls the user of the tests, at that terminal. */
static int
announce_as(const struct scene *scene, const char *caller, const char *callee,
    const char *terminal, uint32_t id, uint32_t *told)
{
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[PUPPET_REPLY_SIZE];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = ANNOUNCE;
	put_u32(bytes + AT_ID, id);
	put_text(bytes + AT_L_NAME, 12, caller);
	put_text(bytes + AT_R_NAME, 12, callee);
	put_text(bytes + AT_R_TTY, 16, terminal);
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_memory_equal(reply, "\1\3", 2);
	*told = get_u32(reply + AT_ID);
	return reply[AT_ANSWER];
}

static int
announce(const struct scene *scene, const char *callee, const char *terminal,
    uint32_t id, uint32_t *told)
{
	return announce_as(scene, "alice", callee, terminal, id, told);
}

/* The same as soon as the pause between two rings of one caller is over. */
static void
announce_again(const struct scene *scene, const char *callee,
    const char *terminal, uint32_t id, uint32_t *told)
{
	int64_t deadline = host_clock() + HOST_WAIT_MS;

	while (announce(scene, callee, terminal, id, told) != SUCCESS) {
		assert_true(host_clock() < deadline);
		(void)poll(NULL, 0, 50);
	}
}

/* Asserts one ring and no more, whatever this host's name and the time. */
static void
assert_ring(const struct seat *t)
{
	static const char begin[] = "\a\r\nMessage from Talk_Daemon@";
	static const char rest[] =
	    " ...\r\n"
	    "talk: connection requested by alice@localhost.\r\n"
	    "talk: respond with:  talk alice@localhost\r\n";
	char text[2048];

	seat_read(t, text, sizeof(text));
	assert_int_equal(strncmp(text, begin, strlen(begin)), 0);
	assert_non_null(strstr(text, rest));
	assert_string_equal(strstr(text, rest), rest);
}

static void
assert_no_ring(const struct seat *t)
{
	char text[2048];

	assert_string_equal(seat_read(t, text, sizeof(text)), "");
}

static void
a_call_rings_once_and_again_when_asked_to(void **state)
{
	struct scene *scene = *state;
	uint32_t id, again;

	serve(scene);
	assert_int_equal(announce(scene, scene->host.user,
			     scene->host.seat.path, no_id, &id),
	    SUCCESS);
	assert_in_range(id, 1, 0x3fffffff);
	assert_ring(&scene->host.seat);
	announce(scene, scene->host.user, scene->host.seat.path, no_id, &again);
	assert_int_equal(again, id);
	assert_no_ring(&scene->host.seat);
	assert_int_equal(announce(scene, scene->host.user,
			     scene->host.seat.path, id + 1, &again),
	    FAILED);
	assert_no_ring(&scene->host.seat);
	announce_again(
	    scene, scene->host.user, scene->host.seat.path, id + 1, &again);
	assert_true(again > id + 1);
	assert_ring(&scene->host.seat);
	announce(scene, scene->host.user, scene->host.seat.path, id + 1, &id);
	assert_int_equal(id, again);
	assert_no_ring(&scene->host.seat);
}

static void
rings_without_end_fail(void **state)
{
	struct scene *scene = *state;
	char caller[] = "a";
	char text[2048];
	uint32_t id;

	serve(scene);
	for (; caller[0] < 'a' + 10; caller[0]++) {
		assert_int_equal(announce_as(scene, caller, scene->host.user,
				     scene->host.seat.path, no_id, &id),
		    SUCCESS);
		assert_string_not_equal(
		    seat_read(&scene->host.seat, text, sizeof(text)), "");
	}
	/* Time may have given back one or two, no more. */
	for (; caller[0] <= 'z'; caller[0]++)
		if (announce_as(scene, caller, scene->host.user,
			scene->host.seat.path, no_id, &id) == FAILED)
			break;
	assert_true(caller[0] <= 'z');
}

static void
a_terminal_is_named_with_or_without_dev(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	serve(scene);
	assert_int_equal(announce(scene, scene->host.user,
			     scene->host.seat.name, no_id, &id),
	    SUCCESS);
	assert_ring(&scene->host.seat);
}

static void
a_closed_terminal_refuses(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	serve(scene);
	seat_mesg(&scene->host.seat, false);
	assert_int_equal(announce(scene, scene->host.user,
			     scene->host.seat.path, no_id, &id),
	    PERMISSION_DENIED);
	assert_int_equal(id, 0);
	assert_no_ring(&scene->host.seat);
}

static void
nobody_is_rung_at_a_terminal_not_his(void **state)
{
	static const char *const terminals[] = { "pts/ptmx", "null",
		"/dev/null", "../dev/null", "pts/99999", "/dev/\033[2J" };
	struct scene *scene = *state;
	uint32_t id;
	size_t i;

	serve(scene);
	for (i = 0; i < sizeof(terminals) / sizeof(terminals[0]); i++)
		assert_int_equal(
		    announce(scene, scene->host.user, terminals[i], no_id, &id),
		    NOT_HERE);
	assert_int_equal(announce(scene, "", "", no_id, &id), NOT_HERE);
	assert_int_equal(
	    announce(scene, "no-such-user", "", no_id, &id), NOT_HERE);
	assert_no_ring(&scene->host.seat);
}

/* Linux has no terminal with output stopped take any; others may buffer. */
static void
a_stopped_terminal_delays_nobody(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	serve(scene);
	assert_int_equal(tcflow(scene->host.seat.slave, TCOOFF), 0);
	assert_int_equal(announce(scene, scene->host.user,
			     scene->host.seat.path, no_id, &id),
	    FAILED);
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	assert_int_equal(tcflow(scene->host.seat.slave, TCOON), 0);
	assert_no_ring(&scene->host.seat);
	assert_int_equal(announce(scene, scene->host.user,
			     scene->host.seat.path, no_id, &id),
	    SUCCESS);
	assert_ring(&scene->host.seat);
}

/* Whether the user has other terminals than that many; nobody rings those. */
static bool
has_others(size_t count)
{
	struct terminals terminals = { 0 };
	bool others;

	assert_true(terminals_scan(&terminals));
	(void)terminals_choose(&terminals, getuid(), "");
	others = terminals.count > count;
	terminals_free(&terminals);
	return others;
}

/* Makes it look as if something was typed there so many seconds ago. */
static void
set_last_input(const struct seat *t, time_t ago)
{
	struct timespec times[2] = { { time(NULL) - ago, 0 } };

	times[1].tv_nsec = UTIME_OMIT;
	assert_int_equal(utimensat(AT_FDCWD, t->path, times, 0), 0);
}

static void
the_terminal_used_last_rings_and_then_all_open_ones(void **state)
{
	struct scene *scene = *state;
	struct seat early = { 0 }, closed = { 0 };
	uint32_t id, again;

	if (has_others(1))
		skip();
	serve(scene);
	seat_take(&early);
	seat_take(&closed);
	seat_mesg(&closed, false);
	set_last_input(&closed, 10);
	set_last_input(&scene->host.seat, 20);
	set_last_input(&early, 30);
	assert_int_equal(
	    announce(scene, scene->host.user, "", no_id, &id), SUCCESS);
	assert_ring(&scene->host.seat);
	assert_no_ring(&early);
	announce_again(scene, scene->host.user, "", id + 1, &again);
	assert_ring(&scene->host.seat);
	assert_ring(&early);
	assert_no_ring(&closed);
	seat_leave(&early);
	seat_leave(&closed);
}

static void
when_the_terminal_used_last_is_stopped_the_next_one_rings(void **state)
{
	struct scene *scene = *state;
	struct seat early = { 0 };
	uint32_t id;

	if (has_others(1))
		skip();
	serve(scene);
	seat_take(&early);
	set_last_input(&scene->host.seat, 20);
	set_last_input(&early, 30);
	assert_int_equal(tcflow(scene->host.seat.slave, TCOOFF), 0);
	assert_int_equal(
	    announce(scene, scene->host.user, "", no_id, &id), SUCCESS);
	assert_ring(&early);
	assert_int_equal(tcflow(scene->host.seat.slave, TCOON), 0);
	assert_no_ring(&scene->host.seat);
	seat_leave(&early);
}

/* ------------------------------------------------------------- hostile --- */

/* Whether the daemon still answers: a type that no other request has. */
static void
assert_alive(const struct scene *scene)
{
	enum { TYPE = 77 };
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	uint8_t reply[512];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = TYPE;
	send_from(scene->client, scene->host.port, bytes, sizeof(bytes));
	do {
		assert_true(host_is_readable(scene->client, HOST_WAIT_MS));
		assert_int_equal(recv(scene->client, reply, sizeof(reply), 0),
		    PUPPET_REPLY_SIZE);
	} while (reply[AT_TYPE] != TYPE);
}

static void
no_changed_byte_stops_it(void **state)
{
	struct scene *scene = *state;
	uint8_t bytes[PUPPET_REQUEST_SIZE];
	size_t i;

	serve(scene);
	for (i = 0; i < 4 * PUPPET_REQUEST_SIZE; i++) {
		memcpy(bytes, plain, sizeof(bytes));
		bytes[AT_TYPE] = (uint8_t)(i % 4);
		bytes[i % PUPPET_REQUEST_SIZE] ^= (uint8_t)(1
		    << i / PUPPET_REQUEST_SIZE * 2);
		bytes[7 * i % PUPPET_REQUEST_SIZE] = 0xff;
		send_from(
		    scene->client, scene->host.port, bytes, sizeof(bytes));
		assert_alive(scene);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_datagram_that_started_it_is_answered),
		CASE(it_leaves_when_idle),
		CASE(it_stays_while_an_invitation_lives),
		CASE(in_the_foreground_it_opens_its_own_and_says_where),
		CASE(in_the_foreground_it_serves_both_families_on_one_port),
		CASE(one_socket_for_both_families_serves_both),
		CASE(it_serves_all_sockets_of_socket_activation),
		CASE(of_socket_activation_it_serves_both_families),
		CASE(without_a_socket_it_says_what_to_do),
		CASE(a_wrong_option_is_named),
		CASE(a_stream_that_is_neither_open_nor_listening_is_refused),
		CASE(a_descriptor_that_cannot_be_served_is_named),
		CASE(one_socket_too_many_is_named),
		CASE(sockets_for_another_process_are_left_alone),
		CASE(a_port_that_is_taken_is_named),
		CASE(a_user_whom_nobody_knows_is_not_become),
		CASE(an_invitation_is_left_found_and_deleted),
		CASE(what_follows_a_request_is_left_alone),
		CASE(faulty_requests_get_the_answers_of_old),
		CASE(junk_is_met_with_silence),
		CASE(a_reply_is_met_with_silence),
		CASE(a_reserved_port_gets_no_reply),
		CASE(its_own_port_gets_no_reply),
		CASE(the_reply_comes_from_the_address_that_was_asked),
		CASE(another_host_deletes_nothing),
		CASE(an_invitation_to_another_host_is_refused),
		CASE(an_invitation_in_anothers_name_is_refused),
		CASE(an_old_peer_is_answered_in_its_own_form),
		CASE(a_call_rings_once_and_again_when_asked_to),
		CASE(rings_without_end_fail),
		CASE(a_terminal_is_named_with_or_without_dev),
		CASE(a_closed_terminal_refuses),
		CASE(nobody_is_rung_at_a_terminal_not_his),
		CASE(a_stopped_terminal_delays_nobody),
		CASE(the_terminal_used_last_rings_and_then_all_open_ones),
		CASE(when_the_terminal_used_last_is_stopped_the_next_one_rings),
		CASE(no_changed_byte_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
