/*
 * The tests of how talkd takes messages, as it runs: over loopback, literal
 * octets in, and what then stands on a real terminal.
 *
 * TALKD in the environment names another program than talkd/talkd.
 */
#define _XOPEN_SOURCE	700 /* posix_openpt */
#define _DEFAULT_SOURCE	    /* TIOCSWINSZ */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

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
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"

enum {
	PATIENCE = 10000, /* milliseconds, for what must come */
	MOMENT = 200,	  /* and for what must not */
	ARGUMENTS_MAX = 8,
	SEEN_SIZE = 16384,
};

struct octets {
	size_t len;
	char bytes[1024];
};

struct seat {
	int master;
	int slave;
	char path[64];
	char name[64]; /* below /dev */
};

struct scene {
	pid_t daemon;
	int errors; /* what it writes to standard error */
	uint16_t port;
	struct seat seat;
	char user[64]; /* who runs the tests */
	int cookies;   /* used so far */
};

/* ---------------------------------------------------------- the daemon --- */

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

static struct sockaddr_in
loopback(uint16_t port)
{
	struct sockaddr_in in = { 0 };

	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port = htons(port);
	return in;
}

static int
open_bound(int type)
{
	struct sockaddr_in at = loopback(0);
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	return ntohs(in.sin_port);
}

/* Starts the daemon with that descriptor as its standard input, or without. */
static void
start(struct scene *scene, int input, const char *const *arguments)
{
	const char *path = getenv("TALKD");
	const char *argv[ARGUMENTS_MAX] = { "talkd", "-u", scene->user };
	int argc = 3, fd, errors[2];

	while (*arguments != NULL)
		argv[argc++] = *arguments++;
	assert_int_equal(pipe(errors), 0);
	scene->errors = errors[0];
	scene->daemon = fork();
	assert_int_not_equal(scene->daemon, -1);
	if (scene->daemon == 0) {
		(void)dup2(errors[1], STDERR_FILENO);
		if (input != -1)
			(void)dup2(input, STDIN_FILENO);
		/* A client's socket kept there would never be closed. */
		for (fd = STDERR_FILENO + 1; fd < 64; fd++)
			close(fd);
		(void)execv(path != NULL ? path : "talkd/talkd",
		    (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(errors[1]);
}

static const char *const no_arguments[] = { NULL };

/* Starts it as a person does, with a port of the system's choice. */
static void
serve(struct scene *scene)
{
	static const char *const arguments[] = { "-F", "-b127.0.0.1", "-p0",
		NULL };
	char line[128];
	size_t len = 0;

	start(scene, -1, arguments);
	do {
		assert_true(is_readable(scene->errors, PATIENCE));
		assert_int_equal(read(scene->errors, line + len, 1), 1);
	} while (line[len] != '\n' && ++len < sizeof(line));
	line[len] = '\0';
	assert_memory_equal(line, "talkd: serving 127.0.0.1 port ", 30);
	scene->port = (uint16_t)strtol(line + 30, NULL, 10);
}

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

/* -------------------------------------------------------------- the scene - */

/* A terminal of the user's, raw, open to messages. */
static bool
open_seat(struct seat *seat)
{
	struct termios modes;

	seat->master = posix_openpt(O_RDWR | O_NOCTTY);
	if (seat->master == -1 || grantpt(seat->master) != 0 ||
	    unlockpt(seat->master) != 0)
		return false;
	snprintf(seat->path, sizeof(seat->path), "%s", ptsname(seat->master));
	snprintf(
	    seat->name, sizeof(seat->name), "%s", seat->path + strlen("/dev/"));
	seat->slave = open(seat->path, O_RDWR | O_NOCTTY);
	if (seat->slave == -1 || tcgetattr(seat->slave, &modes) != 0)
		return false;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	return tcsetattr(seat->slave, TCSANOW, &modes) == 0 &&
	    chmod(seat->path, 0620) == 0;
}

static void
close_seat(struct seat *seat)
{
	close(seat->slave);
	close(seat->master);
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
	return open_seat(&scene->seat) ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	if (scene->daemon != 0) {
		(void)kill(scene->daemon, SIGKILL);
		(void)waitpid(scene->daemon, NULL, 0);
	}
	if (scene->errors != -1)
		close(scene->errors);
	close_seat(&scene->seat);
	free(scene);
	return 0;
}

/* ---------------------------------------------------------- what is sent -- */

/* Adds a part and its NUL. */
static void
add_bytes(struct octets *octets, const char *part, size_t len)
{
	assert_true(octets->len + len + 1 <= sizeof(octets->bytes));
	memcpy(octets->bytes + octets->len, part, len);
	octets->len += len;
	octets->bytes[octets->len++] = '\0';
}

static void
add(struct octets *octets, const char *part)
{
	add_bytes(octets, part, strlen(part));
}

/* The parts of a message, NULL for what most tests do not care about. */
struct parts {
	const char *recipient; /* the user of the tests */
	const char *terminal;  /* his seat */
	const char *text;      /* "Hi" */
	const char *sender;    /* none */
	const char *sender_terminal;
	const char *cookie; /* one not used before */
};

static const char *
or_else(const char *part, const char *otherwise)
{
	return part != NULL ? part : otherwise;
}

static struct octets
compose(struct scene *scene, const struct parts *parts)
{
	struct octets octets = { 1, "B" };
	char cookie[16];

	snprintf(cookie, sizeof(cookie), "c%d", ++scene->cookies);
	add(&octets, or_else(parts->recipient, scene->user));
	add(&octets, or_else(parts->terminal, scene->seat.name));
	add(&octets, or_else(parts->text, "Hi"));
	add(&octets, or_else(parts->sender, ""));
	add(&octets, or_else(parts->sender_terminal, ""));
	add(&octets, or_else(parts->cookie, cookie));
	add(&octets, "");
	return octets;
}

static int
connect_to(const struct scene *scene, int type)
{
	struct sockaddr_in daemon = loopback(scene->port);
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(
	    connect(fd, (struct sockaddr *)&daemon, sizeof(daemon)), 0);
	return fd;
}

static void
send_octets(int fd, const struct octets *octets)
{
	assert_int_equal(
	    send(fd, octets->bytes, octets->len, MSG_NOSIGNAL), octets->len);
}

/* Takes what comes up to a NUL. */
static void
take_answer(int fd, struct octets *answer)
{
	ssize_t got = 1;

	*answer = (struct octets){ 0 };
	while (got == 1 && answer->len < sizeof(answer->bytes) - 1) {
		assert_true(is_readable(fd, PATIENCE));
		got = recv(fd, answer->bytes + answer->len, 1, 0);
		if (got == 1 && answer->bytes[answer->len++] == '\0')
			break;
	}
}

static void
assert_stream_answers(const struct scene *scene, const struct octets *octets,
    const char *expected)
{
	int fd = connect_to(scene, SOCK_STREAM);
	struct octets answer;

	send_octets(fd, octets);
	take_answer(fd, &answer);
	assert_string_equal(answer.bytes, expected);
	assert_int_equal(answer.len, strlen(expected) + 1);
	close(fd);
}

/* NULL expects silence. */
static void
assert_datagram_answers(const struct scene *scene, const struct octets *octets,
    const char *expected)
{
	int fd = connect_to(scene, SOCK_DGRAM);
	char answer[1024];

	send_octets(fd, octets);
	if (expected == NULL) {
		assert_false(is_readable(fd, MOMENT));
	} else {
		assert_true(is_readable(fd, PATIENCE));
		assert_int_equal(
		    recv(fd, answer, sizeof(answer), 0), strlen(expected) + 1);
		assert_string_equal(answer, expected);
	}
	close(fd);
}

static void
assert_says(struct scene *scene, struct parts parts, const char *expected)
{
	struct octets octets = compose(scene, &parts);

	assert_stream_answers(scene, &octets, expected);
}

/* ------------------------------------------------------------ what is seen  */

/* All that stands there; what was answered has been written before. */
static void
look(const struct seat *seat, char seen[SEEN_SIZE])
{
	ssize_t got;
	size_t len = 0;

	while (len < SEEN_SIZE - 1 && is_readable(seat->master, 0)) {
		got = read(seat->master, seen + len, SEEN_SIZE - 1 - len);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	seen[len] = '\0';
}

/* A notice, but for the time of day; from is all before that. */
static void
assert_notice(const struct seat *seat, const char *from, const char *lines)
{
	char seen[SEEN_SIZE];
	char begin[256];
	char end[1024];

	look(seat, seen);
	snprintf(begin, sizeof(begin), "\a\r\nMessage from %s at ", from);
	snprintf(end, sizeof(end), " ...\r\n%sEOF\r\n", lines);
	assert_memory_equal(seen, begin, strlen(begin));
	assert_int_equal(strlen(seen), strlen(begin) + 5 + strlen(end));
	assert_string_equal(seen + strlen(begin) + 5, end);
}

static void
assert_nothing(const struct seat *seat)
{
	char seen[SEEN_SIZE];

	look(seat, seen);
	assert_string_equal(seen, "");
}

/* ---------------------------------------------------------------- answers - */

/* RFC 1312's own: 57 octets. */
static const struct octets example = { 57,
	"Bchris\0\0Hi\r\nHow about lunch?\0sandy\0console\000910806121325\0" };

/* Only root may say that he is sandy. */
static void
the_example_of_the_rfc_is_answered(void **state)
{
	struct scene *scene = *state;

	serve(scene);
	assert_stream_answers(scene, &example,
	    getuid() == 0 ? "-chris is not logged on" : "-not permitted");
	assert_datagram_answers(scene, &example, NULL);
}

/* The same between those who are there. */
static void
the_example_of_the_rfc_is_shown(void **state)
{
	struct scene *scene = *state;
	struct octets octets = { 1, "B" };
	char from[128];

	serve(scene);
	add(&octets, scene->user);
	add(&octets, scene->seat.name);
	add(&octets, "Hi\r\nHow about lunch?");
	add(&octets, scene->user);
	add(&octets, "console");
	add(&octets, "910806121325");
	add(&octets, "");
	snprintf(from, sizeof(from), "%s@localhost on console", scene->user);
	assert_stream_answers(scene, &octets, "+");
	assert_notice(&scene->seat, from, "  Hi\r\n  How about lunch?\r\n");
}

static void
a_message_sent_again_is_answered_and_shown_once(void **state)
{
	const struct parts parts = { .cookie = "same" };
	struct scene *scene = *state;
	struct octets octets;

	serve(scene);
	octets = compose(scene, &parts);
	assert_datagram_answers(scene, &octets, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	assert_datagram_answers(scene, &octets, "+");
	assert_stream_answers(scene, &octets, "+");
	assert_nothing(&scene->seat);
	assert_says(scene, (struct parts){ .cookie = "other" }, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
}

static void
one_without_a_cookie_is_new_each_time(void **state)
{
	struct scene *scene = *state;

	serve(scene);
	assert_says(scene, (struct parts){ .cookie = "" }, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	assert_says(scene, (struct parts){ .cookie = "" }, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
}

static void
a_name_counts_in_any_case_and_a_terminal_with_dev(void **state)
{
	struct scene *scene = *state;
	char upper[64];
	size_t i;

	serve(scene);
	snprintf(upper, sizeof(upper), "%s", scene->user);
	for (i = 0; upper[i] != '\0'; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)(upper[i] - 'a' + 'A');
	assert_says(scene, (struct parts){ .recipient = upper }, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	assert_says(scene, (struct parts){ .terminal = scene->seat.path }, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
}

static void
to_a_terminal_alone_goes_to_whoever_sits_there(void **state)
{
	const struct parts parts = { .recipient = "" };
	struct scene *scene = *state;
	struct octets octets;

	serve(scene);
	octets = compose(scene, &parts);
	assert_datagram_answers(scene, &octets, NULL);
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	assert_says(scene, parts, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
}

static void
every_part_but_the_recipient_may_be_empty(void **state)
{
	struct scene *scene = *state;

	serve(scene);
	assert_says(scene,
	    (struct parts){
		.text = "", .sender = "", .sender_terminal = "", .cookie = "" },
	    "+");
	assert_notice(&scene->seat, "localhost", "");
}

static void
why_it_was_not_delivered_is_said_over_a_stream_only(void **state)
{
	struct scene *scene = *state;
	struct parts parts = { 0 };
	struct octets octets;
	char expected[128];

	serve(scene);
	assert_says(scene, (struct parts){ .recipient = "no-such-one" },
	    "-no-such-one is not logged on");
	snprintf(
	    expected, sizeof(expected), "-%s is not logged on", scene->user);
	assert_says(scene, (struct parts){ .terminal = "pts/99999" }, expected);
	assert_says(
	    scene, (struct parts){ .terminal = "../../tmp/x" }, expected);
	assert_int_equal(chmod(scene->seat.path, 0600), 0);
	snprintf(expected, sizeof(expected), "-%s is refusing messages",
	    scene->user);
	assert_says(scene, parts, expected);
	octets = compose(scene, &parts);
	assert_datagram_answers(scene, &octets, NULL);
	assert_nothing(&scene->seat);
}

static void
a_stopped_terminal_loses_its_own_and_the_sender_is_told(void **state)
{
	struct scene *scene = *state;
	struct seat other;
	char expected[128];
	int64_t began;

	serve(scene);
	assert_true(open_seat(&other));
	assert_int_equal(tcflow(scene->seat.slave, TCOOFF), 0);
	began = clock_now();
	snprintf(expected, sizeof(expected), "-%s's terminal is stopped",
	    scene->user);
	assert_says(scene, (struct parts){ .text = "lost" }, expected);
	assert_says(scene,
	    (struct parts){ .terminal = other.name, .text = "kept" }, "+");
	assert_notice(&other, "localhost", "  kept\r\n");
	assert_true(clock_now() - began < PATIENCE / 2);
	assert_int_equal(tcflow(scene->seat.slave, TCOON), 0);
	assert_nothing(&scene->seat);
	close_seat(&other);
}

static void
malformed_messages_are_refused_and_the_next_one_is_not(void **state)
{
	static const struct {
		size_t len;
		const char *bytes;
		const char *answer;
	} cases[] = {
		{ 8, "Bbob\0\0Hi", "-the message is not complete" },
		{ 11, "Bbob\0\0\0\0\0\0x", "-the message is not complete" },
		{ 46, "Bbob\0\0Hi\0\0\0x23456789012345678901234567890123\0",
		    "-the cookie is too long" },
		{ 4, "Cbob", "-not a message of a version known here" },
	};
	struct scene *scene = *state;
	struct octets octets, answer;
	size_t i;
	int fd;

	serve(scene);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		octets.len = cases[i].len;
		memcpy(octets.bytes, cases[i].bytes, cases[i].len);
		assert_datagram_answers(scene, &octets, NULL);
		fd = connect_to(scene, SOCK_STREAM);
		send_octets(fd, &octets);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		take_answer(fd, &answer);
		assert_string_equal(answer.bytes, cases[i].answer);
		close(fd);
	}
	assert_says(scene, (struct parts){ 0 }, "+");
}

static void
five_hundred_and_eleven_octets_pass_by_datagram_and_no_more(void **state)
{
	struct scene *scene = *state;
	struct parts parts = { 0 };
	struct octets octets;
	char text[512] = "";
	char seen[SEEN_SIZE];

	serve(scene);
	parts.text = text;
	octets = compose(scene, &parts);
	memset(text, 'x', 511 - octets.len);
	octets = compose(scene, &parts);
	assert_int_equal(octets.len, 511);
	assert_datagram_answers(scene, &octets, "+");
	look(&scene->seat, seen);
	assert_non_null(strstr(seen, "xxxx"));
	text[strlen(text)] = 'x';
	octets = compose(scene, &parts);
	assert_int_equal(octets.len, 512);
	assert_datagram_answers(scene, &octets, NULL);
	assert_nothing(&scene->seat);
}

static void
octets_behind_the_last_nul_do_not_matter(void **state)
{
	const struct parts parts = { 0 };
	struct scene *scene = *state;
	struct octets octets;

	serve(scene);
	octets = compose(scene, &parts);
	add(&octets, "\r\nand more");
	assert_datagram_answers(scene, &octets, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	octets = compose(scene, &parts);
	add(&octets, "\r\n");
	assert_stream_answers(scene, &octets, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
}

static void
the_first_version_comes_back_by_datagram_and_not_by_stream(void **state)
{
	struct scene *scene = *state;
	struct octets octets = { 1, "A" };
	char answer[1024];
	int fd;

	serve(scene);
	add(&octets, scene->user);
	add(&octets, scene->seat.name);
	add(&octets, "old");
	fd = connect_to(scene, SOCK_DGRAM);
	send_octets(fd, &octets);
	assert_true(is_readable(fd, PATIENCE));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), octets.len);
	assert_memory_equal(answer, octets.bytes, octets.len);
	close(fd);
	assert_notice(&scene->seat, "localhost", "  old\r\n");
	fd = connect_to(scene, SOCK_STREAM);
	send_octets(fd, &octets);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(is_readable(fd, PATIENCE));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), 0);
	close(fd);
	assert_notice(&scene->seat, "localhost", "  old\r\n");
}

/* ----------------------------------------------------------- bad company -- */

/* A call: who waits for bob?  Its first byte is not that of a message. */
static void
calls_are_answered_at_the_same_port(void **state)
{
	static const char look_up[84] = { 1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 };
	struct scene *scene = *state;
	char reply[64];
	int fd;

	serve(scene);
	fd = connect_to(scene, SOCK_DGRAM);
	assert_int_equal(send(fd, look_up, sizeof(look_up), 0), 84);
	assert_true(is_readable(fd, PATIENCE));
	assert_int_equal(recv(fd, reply, sizeof(reply), 0), 24);
	close(fd);
}

static void
half_open_and_dripping_clients_hold_up_nobody(void **state)
{
	struct scene *scene = *state;
	int fds[20];
	int64_t began;
	size_t i;

	serve(scene);
	for (i = 0; i < 20; i++) {
		fds[i] = connect_to(scene, SOCK_STREAM);
		if (i % 2 == 0)
			assert_int_equal(send(fds[i], "Bbo", 3, 0), 3);
	}
	began = clock_now();
	assert_says(scene, (struct parts){ 0 }, "+");
	assert_true(clock_now() - began < PATIENCE / 2);
	for (i = 0; i < 20; i++)
		close(fds[i]);
}

static void
too_many_messages_are_refused(void **state)
{
	struct scene *scene = *state;
	struct parts parts = { 0 };
	struct octets octets, answer;
	int fd, i, passed = 0;

	serve(scene);
	fd = connect_to(scene, SOCK_STREAM);
	for (i = 0; i < 100; i++) {
		octets = compose(scene, &parts);
		send_octets(fd, &octets);
		take_answer(fd, &answer);
		if (strcmp(answer.bytes, "-too many messages") == 0)
			break;
		assert_string_equal(answer.bytes, "+");
		passed++;
		(void)is_readable(scene->seat.master, 0);
		look(&scene->seat, (char[SEEN_SIZE]){ 0 });
	}
	close(fd);
	assert_in_range(passed, 40, 60);
}

/* Has another than root send; the tests' own user, if that is not root. */
static int
send_as_another(struct scene *scene, int type, const struct octets *octets)
{
	int status, fd;
	struct octets answer;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (child == 0) {
		if (getuid() == 0 && setuid(65534) != 0)
			_exit(1);
		fd = connect_to(scene, type);
		send_octets(fd, octets);
		if (type == SOCK_DGRAM)
			_exit(is_readable(fd, MOMENT) ? 2 : 0);
		take_answer(fd, &answer);
		_exit(strcmp(answer.bytes, "-not permitted") == 0 ? 0 : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_sender_who_is_another_is_not_permitted(void **state)
{
	const struct parts parts = { .sender = "no-such-one" };
	struct scene *scene = *state;
	struct octets octets;

	serve(scene);
	octets = compose(scene, &parts);
	assert_int_equal(send_as_another(scene, SOCK_STREAM, &octets), 0);
	assert_int_equal(send_as_another(scene, SOCK_DGRAM, &octets), 0);
	assert_nothing(&scene->seat);
}

/* A socket that is closed passes for nobody's, root's least of all. */
static void
a_sender_who_is_gone_is_not_believed(void **state)
{
	const struct parts parts = { .sender = "no-such-one" };
	struct scene *scene = *state;
	struct octets octets;
	int fd;

	serve(scene);
	octets = compose(scene, &parts);
	assert_int_equal(kill(scene->daemon, SIGSTOP), 0);
	fd = connect_to(scene, SOCK_DGRAM);
	send_octets(fd, &octets);
	close(fd);
	fd = connect_to(scene, SOCK_STREAM);
	send_octets(fd, &octets);
	close(fd);
	assert_int_equal(kill(scene->daemon, SIGCONT), 0);
	assert_says(scene, (struct parts){ .text = "behind them" }, "+");
	assert_notice(&scene->seat, "localhost", "  behind them\r\n");
}

/* ------------------------------------------------------------ what is seen  */

static void
lines_are_as_wide_as_the_terminal(void **state)
{
	const struct winsize size = { 24, 20, 0, 0 };
	struct scene *scene = *state;

	serve(scene);
	assert_int_equal(ioctl(scene->seat.master, TIOCSWINSZ, &size), 0);
	assert_says(scene,
	    (struct parts){ .text = "one two three four five six seven" }, "+");
	assert_notice(&scene->seat, "localhost",
	    "  one two three four\r\n"
	    "  five six seven\r\n");
}

static const char *const hostile[] = {
	"\033[2J\033]0;title\a",
	"\2332J\302\2332J\302\205",
	"\a\005\016\177\b",
	"\rMessage from root@h1 at 00:00 ...",
	"a\r\nEOF\r\n\r\nPassword: ",
	"\342\200\256desrever\342\200\250",
	"\357\273\277\363\240\201\201",
	"\300\200\355\240\200\377\376",
	"\303\251\351",
	"%s%n",
	"\033]0;never ended",
};

/* Printable, with one bell in front, in lines that are ours or indented. */
static void
assert_harmless(const char *seen)
{
	size_t i, size, len = strlen(seen);
	const char *line;
	uint32_t code;
	bool valid;

	assert_memory_equal(seen, "\a\r\nMessage from ", 16);
	for (i = 1; i < len; i += size) {
		size = text_decode(seen + i, len - i, &code, &valid);
		assert_true(size > 0 && valid);
		assert_true(
		    code == '\r' || code == '\n' || text_width(code) >= 0);
	}
	line = strstr(seen + 3, "\r\n");
	while (line != NULL && strcmp(line, "\r\nEOF\r\n") != 0) {
		assert_true(memcmp(line + 2, "  ", 2) == 0 ||
		    memcmp(line + 2, "\r\n", 2) == 0);
		line = strstr(line + 2, "\r\n");
	}
	assert_non_null(line);
}

/* As root, since nobody else may use such a name. */
static void
nothing_hostile_reaches_the_terminal_in_any_part(void **state)
{
	struct scene *scene = *state;
	char seen[SEEN_SIZE];
	size_t i;

	serve(scene);
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		assert_says(scene, (struct parts){ .text = hostile[i] }, "+");
		look(&scene->seat, seen);
		assert_harmless(seen);
		assert_says(scene,
		    (struct parts){ .sender_terminal = hostile[i] }, "+");
		look(&scene->seat, seen);
		assert_harmless(seen);
		if (getuid() != 0)
			continue;
		assert_says(scene, (struct parts){ .sender = hostile[i] }, "+");
		look(&scene->seat, seen);
		assert_harmless(seen);
	}
}

/* --------------------------------------------------------------- started -- */

static void
an_accepted_stream_is_served_and_then_it_leaves(void **state)
{
	const struct parts parts = { 0 };
	struct scene *scene = *state;
	int listener = open_bound(SOCK_STREAM);
	struct octets octets, answer;
	int client, accepted;

	scene->port = port_of(listener);
	client = connect_to(scene, SOCK_STREAM);
	accepted = accept(listener, NULL, NULL);
	start(scene, accepted, no_arguments);
	close(accepted);
	close(listener);
	octets = compose(scene, &parts);
	send_octets(client, &octets);
	take_answer(client, &answer);
	assert_string_equal(answer.bytes, "+");
	octets = compose(scene, &parts);
	send_octets(client, &octets);
	take_answer(client, &answer);
	assert_string_equal(answer.bytes, "+");
	close(client);
	assert_int_equal(wait_for_end(scene), 0);
}

static void
a_listening_stream_is_served_until_it_is_idle(void **state)
{
	static const char *const arguments[] = { "-i", "1", NULL };
	struct scene *scene = *state;
	int listener = open_bound(SOCK_STREAM);

	scene->port = port_of(listener);
	start(scene, listener, arguments);
	close(listener);
	assert_says(scene, (struct parts){ 0 }, "+");
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	assert_int_equal(wait_for_end(scene), 0);
}

static void
the_datagram_that_started_it_is_shown(void **state)
{
	const struct parts parts = { 0 };
	struct scene *scene = *state;
	int daemon = open_bound(SOCK_DGRAM), client;
	struct octets octets;
	char answer[16];

	scene->port = port_of(daemon);
	client = connect_to(scene, SOCK_DGRAM);
	octets = compose(scene, &parts);
	send_octets(client, &octets);
	start(scene, daemon, no_arguments);
	close(daemon);
	assert_true(is_readable(client, PATIENCE));
	assert_int_equal(recv(client, answer, sizeof(answer), 0), 2);
	assert_memory_equal(answer, "+", 2);
	assert_notice(&scene->seat, "localhost", "  Hi\r\n");
	close(client);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_example_of_the_rfc_is_answered),
		CASE(the_example_of_the_rfc_is_shown),
		CASE(a_message_sent_again_is_answered_and_shown_once),
		CASE(one_without_a_cookie_is_new_each_time),
		CASE(a_name_counts_in_any_case_and_a_terminal_with_dev),
		CASE(to_a_terminal_alone_goes_to_whoever_sits_there),
		CASE(every_part_but_the_recipient_may_be_empty),
		CASE(why_it_was_not_delivered_is_said_over_a_stream_only),
		CASE(a_stopped_terminal_loses_its_own_and_the_sender_is_told),
		CASE(malformed_messages_are_refused_and_the_next_one_is_not),
		CASE(
		    five_hundred_and_eleven_octets_pass_by_datagram_and_no_more),
		CASE(octets_behind_the_last_nul_do_not_matter),
		CASE(
		    the_first_version_comes_back_by_datagram_and_not_by_stream),
		CASE(calls_are_answered_at_the_same_port),
		CASE(half_open_and_dripping_clients_hold_up_nobody),
		CASE(too_many_messages_are_refused),
		CASE(a_sender_who_is_another_is_not_permitted),
		CASE(a_sender_who_is_gone_is_not_believed),
		CASE(lines_are_as_wide_as_the_terminal),
		CASE(nothing_hostile_reaches_the_terminal_in_any_part),
		CASE(an_accepted_stream_is_served_and_then_it_leaves),
		CASE(a_listening_stream_is_served_until_it_is_idle),
		CASE(the_datagram_that_started_it_is_shown),
	};

	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
