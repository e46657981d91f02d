/*
 * The tests of talkd as it runs: over loopback, started as inetd, systemd or a
 * person starts it, with literal bytes in and out.
 *
 * TALKD in the environment names another program than talkd/talkd.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

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
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "talkd/terminals.h"

enum {
	PATIENCE = 10000, /* milliseconds, for what must come */
	ARGUMENTS_MAX = 16,

	REQUEST_SIZE = 84,
	OLD_REQUEST_SIZE = 76,
	REPLY_SIZE = 24,

	/* Where things stand in a request; the first three in a reply too. */
	AT_TYPE = 1,
	AT_ANSWER = 2,
	AT_ID = 4,
	AT_ADDR = 8,
	AT_CTL_ADDR = 24,
	AT_PID = 40,
	AT_L_NAME = 44,
	AT_R_NAME = 56,
	AT_R_TTY = 68,

	LEAVE_INVITE = 0,
	LOOK_UP = 1,
	DELETE = 2,
	ANNOUNCE = 3,

	SUCCESS = 0,
	NOT_HERE = 1,
	FAILED = 2,
	PERMISSION_DENIED = 4,
	UNKNOWN_REQUEST = 5,
	BADVERSION = 6,
	BADADDR = 7,
};

static const uint32_t no_id = 0xffffffff;

/* One of the user's, raw. */
struct terminal_here {
	int master;
	int slave;
	char path[64];
};

struct scene {
	pid_t daemon;
	int errors; /* what it writes to standard error, when not as inetd */
	uint16_t port;
	int client; /* a socket at 127.0.0.1 */
	struct terminal_here terminal;
	char user[64]; /* who runs the tests */
};

/* ------------------------------------------------------------------ time -- */

static int64_t
clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
is_readable(int fd, int timeout)
{
	struct pollfd ready = { fd, POLLIN, 0 };

	return poll(&ready, 1, timeout) == 1;
}

/* --------------------------------------------------------------- sockets -- */

static struct sockaddr_in
loopback(uint8_t last, uint16_t port)
{
	struct sockaddr_in in = { 0 };

	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(0x7f000000 | last);
	in.sin_port = htons(port);
	return in;
}

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

static uint16_t
port_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	return ntohs(in.sin_port);
}

/* ---------------------------------------------------------- the daemon --- */

/* In the child: gives it descriptors, and becomes the daemon. */
static void
become_daemon(const int *fds, int count, int errors,
    const char *const *arguments, const char *user)
{
	const char *path = getenv("TALKD");
	char *argv[ARGUMENTS_MAX] = { (char *)(uintptr_t) "talkd",
		(char *)(uintptr_t) "-u", (char *)(uintptr_t)user };
	int i, argc = 3;

	while (*arguments != NULL)
		argv[argc++] = (char *)(uintptr_t)*arguments++;
	if (errors != -1)
		(void)dup2(errors, STDERR_FILENO);
	for (i = 0; i < count; i++)
		if (fds[i] != -1)
			(void)dup2(fds[i], i);
	(void)execv(path != NULL ? path : "talkd/talkd", argv);
	_exit(127);
}

/*
 * Starts the daemon with `count` descriptors from 0 on (-1: one as it is) and
 * its standard error in a pipe, unless that is among them.
 */
static void
start(struct scene *scene, const int *fds, int count,
    const char *const *arguments)
{
	int errors[2];
	char pid[32];

	assert_int_equal(scene->daemon, 0);
	assert_int_equal(pipe(errors), 0);
	scene->errors = errors[0];
	scene->daemon = fork();
	assert_int_not_equal(scene->daemon, -1);
	if (scene->daemon == 0) {
		snprintf(pid, sizeof(pid), "%ld", (long)getpid());
		(void)setenv("LISTEN_PID", pid, 1);
		become_daemon(fds, count, errors[1], arguments, scene->user);
	}
	close(errors[1]);
}

static const char *const no_arguments[] = { NULL };

/* Starts it as inetd does: the socket is all of its first three descriptors. */
static void
start_as_inetd(struct scene *scene, int fd, const char *const *arguments)
{
	const int fds[] = { fd, fd, fd };

	scene->port = port_of(fd);
	start(scene, fds, 3, arguments);
	close(fd);
}

/* The same with a new socket at 127.0.0.1. */
static void
serve(struct scene *scene)
{
	start_as_inetd(scene, open_socket(loopback(1, 0)), no_arguments);
}

/* Reads a line of the daemon's standard error; "" at its end. */
static void
read_error(const struct scene *scene, char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size) {
		assert_true(is_readable(scene->errors, PATIENCE));
		if (read(scene->errors, line + len, 1) != 1 ||
		    line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
}

/* Waits for its end and returns its exit status. */
static int
wait_for_end(struct scene *scene)
{
	int64_t deadline = clock_now() + PATIENCE;
	int status;
	pid_t ended;

	/* wait(2) has no time limit of its own. */
	while ((ended = waitpid(scene->daemon, &status, WNOHANG)) == 0 &&
	    clock_now() < deadline)
		(void)poll(NULL, 0, 10);
	assert_int_equal(ended, scene->daemon);
	scene->daemon = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
stop(struct scene *scene)
{
	if (scene->daemon == 0)
		return;
	(void)kill(scene->daemon, SIGKILL);
	(void)waitpid(scene->daemon, NULL, 0);
	scene->daemon = 0;
}

/* -------------------------------------------------------------- the scene - */

static bool
open_terminal(struct terminal_here *t)
{
	struct termios modes;

	t->master = posix_openpt(O_RDWR | O_NOCTTY);
	if (t->master == -1 || grantpt(t->master) != 0 ||
	    unlockpt(t->master) != 0)
		return false;
	snprintf(t->path, sizeof(t->path), "%s", ptsname(t->master));
	t->slave = open(t->path, O_RDWR | O_NOCTTY);
	if (t->slave == -1 || tcgetattr(t->slave, &modes) != 0)
		return false;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	return tcsetattr(t->slave, TCSANOW, &modes) == 0 &&
	    chmod(t->path, 0620) == 0;
}

static void
close_terminal(struct terminal_here *t)
{
	close(t->slave);
	close(t->master);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	const struct passwd *user = getpwuid(getuid());

	*state = scene;
	if (scene == NULL || user == NULL)
		return -1;
	scene->errors = -1;
	snprintf(scene->user, sizeof(scene->user), "%s", user->pw_name);
	scene->client = open_socket(loopback(1, 0));
	return scene->client != -1 && open_terminal(&scene->terminal) ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	stop(scene);
	if (scene->errors != -1)
		close(scene->errors);
	close(scene->client);
	close_terminal(&scene->terminal);
	free(scene);
	return 0;
}

/* ----------------------------------------------------- requests, replies -- */

/*
 * alice, pid 0x01020304, at 127.0.0.1 port 4660, asks about bob.  An invitation
 * must be in the name of the user of the tests, unless that is root.
 */
static const uint8_t plain[REQUEST_SIZE] = {
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
	struct sockaddr_in daemon = loopback(1, port);

	assert_int_equal(sendto(client, bytes, len, 0,
			     (struct sockaddr *)&daemon, sizeof(daemon)),
	    (ssize_t)len);
}

/* Takes a reply of 24 bytes, and that it comes from where it was asked. */
static void
take_reply(int client, uint8_t reply[REPLY_SIZE], uint8_t last, uint16_t port)
{
	struct sockaddr_in from = { 0 };
	struct sockaddr_in daemon = loopback(last, port);
	socklen_t len = sizeof(from);
	uint8_t bytes[512];

	assert_true(is_readable(client, PATIENCE));
	assert_int_equal(recvfrom(client, bytes, sizeof(bytes), 0,
			     (struct sockaddr *)&from, &len),
	    REPLY_SIZE);
	assert_int_equal(from.sin_port, daemon.sin_port);
	assert_int_equal(from.sin_addr.s_addr, daemon.sin_addr.s_addr);
	memcpy(reply, bytes, REPLY_SIZE);
}

static void
ask_bytes(const struct scene *scene, const uint8_t *bytes, size_t len,
    uint8_t reply[REPLY_SIZE])
{
	send_from(scene->client, scene->port, bytes, len);
	take_reply(scene->client, reply, 1, scene->port);
}

/* Asks of one type with that id; returns the answer, and puts the id told. */
static int
ask(const struct scene *scene, uint8_t type, uint32_t id, uint32_t *told)
{
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[REPLY_SIZE];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = type;
	put_u32(bytes + AT_ID, id);
	if (type == LEAVE_INVITE)
		put_text(bytes + AT_L_NAME, 12, scene->user);
	if (type == LOOK_UP) {
		put_text(bytes + AT_L_NAME, 12, "bob");
		put_text(bytes + AT_R_NAME, 12, scene->user);
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
	assert_false(is_readable(scene->client, 0));
}

/* ----------------------------------------------------------- as it starts - */

static void
the_datagram_that_started_it_is_answered(void **state)
{
	static const uint8_t expected[REPLY_SIZE] = { 1, LOOK_UP, NOT_HERE };
	struct scene *scene = *state;
	int fd = open_socket(loopback(1, 0));
	uint8_t reply[REPLY_SIZE];

	send_from(scene->client, port_of(fd), plain, sizeof(plain));
	start_as_inetd(scene, fd, no_arguments);
	take_reply(scene->client, reply, 1, scene->port);
	assert_memory_equal(reply, expected, REPLY_SIZE);
}

static void
it_leaves_when_idle(void **state)
{
	static const char *const arguments[] = { "-i", "1", NULL };
	struct scene *scene = *state;

	start_as_inetd(scene, open_socket(loopback(1, 0)), arguments);
	assert_int_equal(wait_for_end(scene), 0);
}

/* The user invites carol too. */
static int
leave_another(const struct scene *scene)
{
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[REPLY_SIZE];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, scene->user);
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

	start_as_inetd(scene, open_socket(loopback(1, 0)), arguments);
	assert_int_equal(ask(scene, LEAVE_INVITE, no_id, NULL), SUCCESS);
	assert_false(is_readable(scene->client, 50)); /* the first is older */
	left = clock_now();
	assert_int_equal(leave_another(scene), SUCCESS);
	assert_int_equal(wait_for_end(scene), 0);
	assert_true(clock_now() - left >= 2000);
}

/* Reads "talkd: serving ADDRESS port PORT" and returns the port. */
static uint16_t
read_serving(const struct scene *scene, const char *address)
{
	char before[64];
	char line[128];
	long port;

	snprintf(before, sizeof(before), "talkd: serving %s port ", address);
	read_error(scene, line, sizeof(line));
	assert_int_equal(strncmp(line, before, strlen(before)), 0);
	port = strtol(line + strlen(before), NULL, 10);
	assert_in_range(port, 1, 65535);
	return (uint16_t)port;
}

static void
in_the_foreground_it_opens_its_own_and_says_where(void **state)
{
	static const char *const arguments[] = { "-F", "-b", "127.0.0.1", "-p",
		"0", NULL };
	struct scene *scene = *state;

	start(scene, NULL, 0, arguments);
	scene->port = read_serving(scene, "127.0.0.1");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
}

/* Asks at ::1. */
static void
ask_ipv6(uint16_t port)
{
	struct sockaddr_in6 daemon = { 0 };
	uint8_t reply[REPLY_SIZE];
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	daemon.sin6_family = AF_INET6;
	daemon.sin6_addr = in6addr_loopback;
	daemon.sin6_port = htons(port);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&daemon, sizeof(daemon)), 0);
	assert_int_equal(
	    send(fd, plain, sizeof(plain), 0), (ssize_t)sizeof(plain));
	assert_true(is_readable(fd, PATIENCE));
	assert_int_equal(recv(fd, reply, sizeof(reply), 0), REPLY_SIZE);
	assert_int_equal(reply[AT_ANSWER], NOT_HERE);
	close(fd);
}

static bool
has_ipv6(void)
{
	struct sockaddr_in6 at = { 0 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool has;

	if (fd == -1)
		return false;
	at.sin6_family = AF_INET6;
	at.sin6_addr = in6addr_loopback;
	has = bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
	close(fd);
	return has;
}

static void
in_the_foreground_it_serves_both_families_on_one_port(void **state)
{
	static const char *const arguments[] = { "-F", "-p", "0", NULL };
	struct scene *scene = *state;

	if (!has_ipv6())
		skip();
	start(scene, NULL, 0, arguments);
	scene->port = read_serving(scene, "0.0.0.0");
	assert_int_equal(read_serving(scene, "::"), scene->port);
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	ask_ipv6(scene->port);
}

static void
one_socket_for_both_families_serves_both(void **state)
{
	struct scene *scene = *state;
	struct sockaddr_in6 any = { 0 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	int off = 0;

	any.sin6_family = AF_INET6;
	if (fd == -1 || !has_ipv6())
		skip();
	assert_int_equal(
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	scene->port = port_of(fd);
	send_from(scene->client, scene->port, plain, sizeof(plain));
	start(scene, &fd, 1, no_arguments);
	close(fd);
	assert_true(is_readable(scene->client, PATIENCE));
	assert_int_equal(recv(scene->client, &any, sizeof(any), 0), REPLY_SIZE);
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	ask_ipv6(scene->port);
}

static void
it_serves_all_sockets_of_socket_activation(void **state)
{
	struct scene *scene = *state;
	const int fds[] = { -1, -1, -1, open_socket(loopback(1, 0)),
		open_socket(loopback(1, 0)) };
	uint16_t other = port_of(fds[4]);

	assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
	scene->port = port_of(fds[3]);
	start(scene, fds, 5, no_arguments);
	(void)unsetenv("LISTEN_FDS");
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	scene->port = other;
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
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

	start(scene, &null, 1, arguments);
	close(null);
	read_error(scene, line, sizeof(line));
	assert_string_equal(line, says);
	assert_int_equal(wait_for_end(scene), EX_USAGE);
	close(scene->errors);
	scene->errors = -1;
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

	start(scene, &fd, 1, no_arguments);
	close(fd);
	read_error(scene, line, sizeof(line));
	assert_string_equal(line,
	    "talkd: cannot serve descriptor 0: "
	    "a stream that neither listens nor is connected");
	assert_int_equal(wait_for_end(scene), EX_USAGE);
}

/* --------------------------------------------------------- what it answers */

static void
an_invitation_is_left_found_and_deleted(void **state)
{
	static const uint8_t address[16] = { 0, 2, 0x12, 0x34, 127, 0, 0, 1 };
	static const uint8_t zero[16] = { 0 };
	struct scene *scene = *state;
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[REPLY_SIZE];
	uint32_t id, found;

	serve(scene);
	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, scene->user);
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_memory_equal(reply, "\1\0\0\0", 4);
	assert_memory_equal(reply + AT_ADDR, zero, 16);
	id = get_u32(reply + AT_ID);
	assert_in_range(id, 1, 0x3fffffff);
	put_text(bytes + AT_L_NAME, 12, "bob");
	put_text(bytes + AT_R_NAME, 12, scene->user);
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
	uint8_t reply[REPLY_SIZE];

	serve(*state);
	memcpy(bytes, plain, sizeof(plain));
	memset(bytes + REQUEST_SIZE, 0xee, sizeof(bytes) - REQUEST_SIZE);
	ask_bytes(*state, bytes, REQUEST_SIZE + 1, reply);
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
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[REPLY_SIZE];
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
		send_from(scene->client, scene->port, junk, len);
	for (len = 0; len < REQUEST_SIZE; len++)
		send_from(scene->client, scene->port, plain, len);
	assert_silence(scene);
}

/* Another daemon's replies must not go round for ever. */
static void
a_reply_is_met_with_silence(void **state)
{
	static const uint8_t reply[REPLY_SIZE] = { 1, LOOK_UP, NOT_HERE };
	struct scene *scene = *state;

	serve(scene);
	send_from(scene->client, scene->port, reply, sizeof(reply));
	assert_silence(scene);
}

static void
a_reserved_port_gets_no_reply(void **state)
{
	struct scene *scene = *state;
	int other = open_socket(loopback(1, 1023));

	if (other == -1)
		skip(); /* for root only, and once at a time */
	serve(scene);
	send_from(other, scene->port, plain, sizeof(plain));
	assert_silence(scene);
	assert_false(is_readable(other, 0));
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
	other = open_socket(loopback(2, scene->port));
	if (other == -1)
		skip(); /* not all systems have 127.0.0.2 */
	send_from(other, scene->port, plain, sizeof(plain));
	assert_silence(scene);
	assert_false(is_readable(other, 0));
	close(other);
}

static void
the_reply_comes_from_the_address_that_was_asked(void **state)
{
	static const char *const arguments[] = { "-F", "-4", "-p", "0", NULL };
	struct scene *scene = *state;
	struct sockaddr_in second;
	uint8_t reply[REPLY_SIZE];

	start(scene, NULL, 0, arguments);
	scene->port = read_serving(scene, "0.0.0.0");
	second = loopback(2, scene->port);
	if (sendto(scene->client, plain, sizeof(plain), 0,
		(struct sockaddr *)&second, sizeof(second)) == -1)
		skip(); /* not all systems have 127.0.0.2 */
	take_reply(scene->client, reply, 2, scene->port);
}

static void
another_host_deletes_nothing(void **state)
{
	struct scene *scene = *state;
	int own = scene->client;
	int other = open_socket(loopback(2, 0));
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
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[REPLY_SIZE];

	serve(scene);
	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = LEAVE_INVITE;
	put_text(bytes + AT_L_NAME, 12, scene->user);
	memcpy(bytes + AT_ADDR + 4, address, sizeof(address));
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_int_equal(reply[AT_ANSWER], BADADDR);
	assert_int_equal(get_u32(reply + AT_ID), 0);
}

/* Has another user than root ask; the tests' own, if that is not root. */
static int
ask_as_another(const struct scene *scene, const uint8_t *bytes, size_t len)
{
	uint8_t reply[REPLY_SIZE];
	int status;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (child == 0) {
		int client;

		if (getuid() == 0 && setuid(65534) != 0)
			_exit(255);
		client = open_socket(loopback(1, 0));
		send_from(client, scene->port, bytes, len);
		if (!is_readable(client, PATIENCE) ||
		    recv(client, reply, sizeof(reply), 0) != REPLY_SIZE)
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
	uint8_t bytes[REQUEST_SIZE];

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
	static const uint8_t expected[REPLY_SIZE] = { 1, NOT_HERE };
	struct scene *scene = *state;
	uint16_t port = port_of(scene->client);
	uint8_t reply[REPLY_SIZE];

	serve(scene);
	memcpy(bytes + 10, "bob", 3);
	bytes[24] = 7;
	bytes[44] = bytes[60] = 2;
	bytes[62] = (uint8_t)(port >> 8);
	bytes[63] = (uint8_t)port;
	memcpy(bytes + 64, "\177\0\0\1", 4);
	ask_bytes(scene, bytes, sizeof(bytes), reply);
	assert_memory_equal(reply, expected, REPLY_SIZE);
}

/* ----------------------------------------------------------------- ringing */

/* The caller calls the user of the tests, at that terminal. */
static int
announce_as(const struct scene *scene, const char *caller, const char *callee,
    const char *terminal, uint32_t id, uint32_t *told)
{
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[REPLY_SIZE];

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
	int64_t deadline = clock_now() + PATIENCE;

	while (announce(scene, callee, terminal, id, told) != SUCCESS) {
		assert_true(clock_now() < deadline);
		(void)poll(NULL, 0, 50);
	}
}

/* Takes all the terminal got, as text; "" when it got nothing. */
static const char *
take_ring(const struct terminal_here *t, char *text, size_t size)
{
	ssize_t len = 0;

	if (is_readable(t->master, 0))
		len = read(t->master, text, size - 1);
	assert_true(len >= 0);
	text[len] = '\0';
	return text;
}

/* Asserts one ring and no more, whatever this host's name and the time. */
static void
assert_ring(const struct terminal_here *t)
{
	static const char begin[] = "\a\r\nMessage from Talk_Daemon@";
	static const char rest[] =
	    " ...\r\n"
	    "talk: connection requested by alice@localhost.\r\n"
	    "talk: respond with:  talk alice@localhost\r\n";
	char text[2048];

	take_ring(t, text, sizeof(text));
	assert_int_equal(strncmp(text, begin, strlen(begin)), 0);
	assert_non_null(strstr(text, rest));
	assert_string_equal(strstr(text, rest), rest);
}

static void
assert_no_ring(const struct terminal_here *t)
{
	char text[2048];

	assert_string_equal(take_ring(t, text, sizeof(text)), "");
}

static void
a_call_rings_once_and_again_when_asked_to(void **state)
{
	struct scene *scene = *state;
	uint32_t id, again;

	serve(scene);
	assert_int_equal(
	    announce(scene, scene->user, scene->terminal.path, no_id, &id),
	    SUCCESS);
	assert_in_range(id, 1, 0x3fffffff);
	assert_ring(&scene->terminal);
	announce(scene, scene->user, scene->terminal.path, no_id, &again);
	assert_int_equal(again, id);
	assert_no_ring(&scene->terminal);
	assert_int_equal(
	    announce(scene, scene->user, scene->terminal.path, id + 1, &again),
	    FAILED);
	assert_no_ring(&scene->terminal);
	announce_again(
	    scene, scene->user, scene->terminal.path, id + 1, &again);
	assert_true(again > id + 1);
	assert_ring(&scene->terminal);
	announce(scene, scene->user, scene->terminal.path, id + 1, &id);
	assert_int_equal(id, again);
	assert_no_ring(&scene->terminal);
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
		assert_int_equal(announce_as(scene, caller, scene->user,
				     scene->terminal.path, no_id, &id),
		    SUCCESS);
		assert_string_not_equal(
		    take_ring(&scene->terminal, text, sizeof(text)), "");
	}
	/* Time may have given back one or two, no more. */
	for (; caller[0] <= 'z'; caller[0]++)
		if (announce_as(scene, caller, scene->user,
			scene->terminal.path, no_id, &id) == FAILED)
			break;
	assert_true(caller[0] <= 'z');
}

static void
a_terminal_is_named_with_or_without_dev(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	serve(scene);
	assert_int_equal(
	    announce(scene, scene->user, scene->terminal.path + strlen("/dev/"),
		no_id, &id),
	    SUCCESS);
	assert_ring(&scene->terminal);
}

static void
a_closed_terminal_refuses(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	serve(scene);
	assert_int_equal(chmod(scene->terminal.path, 0600), 0);
	assert_int_equal(
	    announce(scene, scene->user, scene->terminal.path, no_id, &id),
	    PERMISSION_DENIED);
	assert_int_equal(id, 0);
	assert_no_ring(&scene->terminal);
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
		    announce(scene, scene->user, terminals[i], no_id, &id),
		    NOT_HERE);
	assert_int_equal(announce(scene, "", "", no_id, &id), NOT_HERE);
	assert_int_equal(
	    announce(scene, "no-such-user", "", no_id, &id), NOT_HERE);
	assert_no_ring(&scene->terminal);
}

/* Linux has no terminal with output stopped take any; others may buffer. */
static void
a_stopped_terminal_delays_nobody(void **state)
{
	struct scene *scene = *state;
	uint32_t id;

	serve(scene);
	assert_int_equal(tcflow(scene->terminal.slave, TCOOFF), 0);
	assert_int_equal(
	    announce(scene, scene->user, scene->terminal.path, no_id, &id),
	    FAILED);
	assert_int_equal(ask(scene, LOOK_UP, 0, NULL), NOT_HERE);
	assert_int_equal(tcflow(scene->terminal.slave, TCOON), 0);
	assert_no_ring(&scene->terminal);
	assert_int_equal(
	    announce(scene, scene->user, scene->terminal.path, no_id, &id),
	    SUCCESS);
	assert_ring(&scene->terminal);
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

/* Makes it look as if something had been typed there so long ago, in seconds. */
static void
set_last_input(const struct terminal_here *t, time_t ago)
{
	struct timespec times[2] = { { time(NULL) - ago, 0 } };

	times[1].tv_nsec = UTIME_OMIT;
	assert_int_equal(utimensat(AT_FDCWD, t->path, times, 0), 0);
}

static void
the_terminal_used_last_rings_and_then_all_open_ones(void **state)
{
	struct scene *scene = *state;
	struct terminal_here early = { 0 }, closed = { 0 };
	uint32_t id, again;

	if (has_others(1))
		skip();
	serve(scene);
	assert_true(open_terminal(&early) && open_terminal(&closed));
	assert_int_equal(chmod(closed.path, 0600), 0);
	set_last_input(&closed, 10);
	set_last_input(&scene->terminal, 20);
	set_last_input(&early, 30);
	assert_int_equal(announce(scene, scene->user, "", no_id, &id), SUCCESS);
	assert_ring(&scene->terminal);
	assert_no_ring(&early);
	announce_again(scene, scene->user, "", id + 1, &again);
	assert_ring(&scene->terminal);
	assert_ring(&early);
	assert_no_ring(&closed);
	close_terminal(&early);
	close_terminal(&closed);
}

static void
when_the_terminal_used_last_is_stopped_the_next_one_rings(void **state)
{
	struct scene *scene = *state;
	struct terminal_here early = { 0 };
	uint32_t id;

	if (has_others(1))
		skip();
	serve(scene);
	assert_true(open_terminal(&early));
	set_last_input(&scene->terminal, 20);
	set_last_input(&early, 30);
	assert_int_equal(tcflow(scene->terminal.slave, TCOOFF), 0);
	assert_int_equal(announce(scene, scene->user, "", no_id, &id), SUCCESS);
	assert_ring(&early);
	assert_int_equal(tcflow(scene->terminal.slave, TCOON), 0);
	assert_no_ring(&scene->terminal);
	close_terminal(&early);
}

/* ----------------------------------------------------------------- hostile */

/* Whether the daemon still answers: a type that no other request has. */
static void
assert_alive(const struct scene *scene)
{
	enum { TYPE = 77 };
	uint8_t bytes[REQUEST_SIZE];
	uint8_t reply[512];

	memcpy(bytes, plain, sizeof(bytes));
	bytes[AT_TYPE] = TYPE;
	send_from(scene->client, scene->port, bytes, sizeof(bytes));
	do {
		assert_true(is_readable(scene->client, PATIENCE));
		assert_int_equal(
		    recv(scene->client, reply, sizeof(reply), 0), REPLY_SIZE);
	} while (reply[AT_TYPE] != TYPE);
}

static void
no_changed_byte_stops_it(void **state)
{
	struct scene *scene = *state;
	uint8_t bytes[REQUEST_SIZE];
	size_t i;

	serve(scene);
	for (i = 0; i < 4 * REQUEST_SIZE; i++) {
		memcpy(bytes, plain, sizeof(bytes));
		bytes[AT_TYPE] = (uint8_t)(i % 4);
		bytes[i % REQUEST_SIZE] ^= (uint8_t)(1 << i / REQUEST_SIZE * 2);
		bytes[7 * i % REQUEST_SIZE] = 0xff;
		send_from(scene->client, scene->port, bytes, sizeof(bytes));
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
		CASE(without_a_socket_it_says_what_to_do),
		CASE(a_wrong_option_is_named),
		CASE(a_stream_that_is_neither_open_nor_listening_is_refused),
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
