/*
 * The tests of how talkd takes messages, as it runs: over loopback, literal
 * octets in, and what then stands on a real terminal.
 */
#define _DEFAULT_SOURCE /* TIOCSWINSZ */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/text.h"
#include "host.h"

enum {
	MOMENT_MS = 200, /* for what must not come */
	SEEN_SIZE = 16384,
};

struct octets {
	size_t len;
	char bytes[1024];
};

struct scene {
	struct host host;
	int cookies; /* used so far */
};

/* --------------------------------------------------------------- scene --- */

static int
open_bound(int type)
{
	struct sockaddr_in at = host_loopback(1, 0);
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static const char *const no_arguments[] = { NULL };

/* Starts it as a person does, with a port of the system's choice. */
static void
serve(struct scene *scene)
{
	static const char *const arguments[] = { "-F", "-b127.0.0.1", "-p0",
		NULL };

	host_start(&scene->host, NULL, 0, arguments);
	scene->host.port = host_read_port(&scene->host, "127.0.0.1");
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (scene == NULL)
		return -1;
	host_open(&scene->host);
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	host_close(&scene->host);
	free(scene);
	return 0;
}

/* -------------------------------------------------------- what is sent --- */

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
	add(&octets, or_else(parts->recipient, scene->host.user));
	add(&octets, or_else(parts->terminal, scene->host.seat.name));
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
	struct sockaddr_in daemon = host_loopback(1, scene->host.port);
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
		assert_true(host_is_readable(fd, HOST_WAIT_MS));
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
		assert_false(host_is_readable(fd, MOMENT_MS));
	} else {
		assert_true(host_is_readable(fd, HOST_WAIT_MS));
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

/* -------------------------------------------------------- what is seen --- */

/* A notice, but for the time of day; from is all before that. */
static void
assert_notice(const struct seat *seat, const char *from, const char *lines)
{
	char seen[SEEN_SIZE];
	char begin[256];
	char end[1024];

	/* What is not answered may take longer than an answer would. */
	assert_true(host_is_readable(seat->master, HOST_WAIT_MS));
	seat_read(seat, seen, sizeof(seen));
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

	seat_read(seat, seen, sizeof(seen));
	assert_string_equal(seen, "");
}

/* ------------------------------------------------------------- answers --- */

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
	add(&octets, scene->host.user);
	add(&octets, scene->host.seat.name);
	add(&octets, "Hi\r\nHow about lunch?");
	add(&octets, scene->host.user);
	add(&octets, "console");
	add(&octets, "910806121325");
	add(&octets, "");
	snprintf(
	    from, sizeof(from), "%s@localhost on console", scene->host.user);
	assert_stream_answers(scene, &octets, "+");
	assert_notice(
	    &scene->host.seat, from, "  Hi\r\n  How about lunch?\r\n");
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
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
	assert_datagram_answers(scene, &octets, "+");
	assert_stream_answers(scene, &octets, "+");
	assert_nothing(&scene->host.seat);
	assert_says(scene, (struct parts){ .cookie = "other" }, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
}

static void
one_without_a_cookie_is_new_each_time(void **state)
{
	struct scene *scene = *state;

	serve(scene);
	assert_says(scene, (struct parts){ .cookie = "" }, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
	assert_says(scene, (struct parts){ .cookie = "" }, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
}

static void
a_name_counts_in_any_case_and_a_terminal_with_dev(void **state)
{
	struct scene *scene = *state;
	char upper[64];
	size_t i;

	serve(scene);
	snprintf(upper, sizeof(upper), "%s", scene->host.user);
	for (i = 0; upper[i] != '\0'; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)(upper[i] - 'a' + 'A');
	assert_says(scene, (struct parts){ .recipient = upper }, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
	assert_says(
	    scene, (struct parts){ .terminal = scene->host.seat.path }, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
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
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
	assert_says(scene, parts, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
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
	assert_notice(&scene->host.seat, "localhost", "");
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
	snprintf(expected, sizeof(expected), "-%s is not logged on",
	    scene->host.user);
	assert_says(scene, (struct parts){ .terminal = "pts/99999" }, expected);
	assert_says(
	    scene, (struct parts){ .terminal = "../../tmp/x" }, expected);
	seat_mesg(&scene->host.seat, false);
	snprintf(expected, sizeof(expected), "-%s is refusing messages",
	    scene->host.user);
	assert_says(scene, parts, expected);
	octets = compose(scene, &parts);
	assert_datagram_answers(scene, &octets, NULL);
	assert_nothing(&scene->host.seat);
}

static void
a_stopped_terminal_loses_its_own_and_the_sender_is_told(void **state)
{
	struct scene *scene = *state;
	struct seat other;
	char expected[128];
	int64_t began;

	serve(scene);
	seat_take(&other);
	assert_int_equal(tcflow(scene->host.seat.slave, TCOOFF), 0);
	began = host_clock();
	snprintf(expected, sizeof(expected), "-%s's terminal is stopped",
	    scene->host.user);
	assert_says(scene, (struct parts){ .text = "lost" }, expected);
	assert_says(scene,
	    (struct parts){ .terminal = other.name, .text = "kept" }, "+");
	assert_notice(&other, "localhost", "  kept\r\n");
	assert_true(host_clock() - began < HOST_WAIT_MS / 2);
	assert_int_equal(tcflow(scene->host.seat.slave, TCOON), 0);
	assert_nothing(&scene->host.seat);
	seat_leave(&other);
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
	seat_read(&scene->host.seat, seen, sizeof(seen));
	assert_non_null(strstr(seen, "xxxx"));
	text[strlen(text)] = 'x';
	octets = compose(scene, &parts);
	assert_int_equal(octets.len, 512);
	assert_datagram_answers(scene, &octets, NULL);
	assert_nothing(&scene->host.seat);
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
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
	octets = compose(scene, &parts);
	add(&octets, "\r\n");
	assert_stream_answers(scene, &octets, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
}

static void
the_first_version_comes_back_by_datagram_and_not_by_stream(void **state)
{
	struct scene *scene = *state;
	struct octets octets = { 1, "A" };
	char answer[1024];
	int fd;

	serve(scene);
	add(&octets, scene->host.user);
	add(&octets, scene->host.seat.name);
	add(&octets, "old");
	fd = connect_to(scene, SOCK_DGRAM);
	send_octets(fd, &octets);
	assert_true(host_is_readable(fd, HOST_WAIT_MS));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), octets.len);
	assert_memory_equal(answer, octets.bytes, octets.len);
	close(fd);
	assert_notice(&scene->host.seat, "localhost", "  old\r\n");
	fd = connect_to(scene, SOCK_STREAM);
	send_octets(fd, &octets);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(host_is_readable(fd, HOST_WAIT_MS));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), 0);
	close(fd);
	assert_notice(&scene->host.seat, "localhost", "  old\r\n");
}

/* What another daemon sends back is no message that wants an answer. */
static void
the_first_version_does_not_go_to_and_fro(void **state)
{
	struct scene *scene = *state;
	struct octets octets = { 1, "A" };
	char answer[1024];
	int fd, other;

	serve(scene);
	add(&octets, scene->host.user);
	add(&octets, scene->host.seat.name);
	add(&octets, "old");
	fd = connect_to(scene, SOCK_DGRAM);
	send_octets(fd, &octets);
	assert_true(host_is_readable(fd, HOST_WAIT_MS));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), octets.len);
	assert_notice(&scene->host.seat, "localhost", "  old\r\n");
	send_octets(fd, &octets);
	other = connect_to(scene, SOCK_DGRAM);
	send_octets(other, &octets);
	assert_true(host_is_readable(other, HOST_WAIT_MS));
	assert_notice(&scene->host.seat, "localhost", "  old\r\n");
	assert_false(host_is_readable(fd, 0));
	close(other);
	close(fd);
}

/* --------------------------------------------------------- bad company --- */

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
	assert_true(host_is_readable(fd, HOST_WAIT_MS));
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
	began = host_clock();
	assert_says(scene, (struct parts){ 0 }, "+");
	assert_true(host_clock() - began < HOST_WAIT_MS / 2);
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
		(void)host_is_readable(scene->host.seat.master, 0);
		seat_read(
		    &scene->host.seat, answer.bytes, sizeof(answer.bytes));
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
			_exit(host_is_readable(fd, MOMENT_MS) ? 2 : 0);
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

	if (!host_tells_owners())
		skip();
	serve(scene);
	octets = compose(scene, &parts);
	assert_int_equal(send_as_another(scene, SOCK_STREAM, &octets), 0);
	assert_int_equal(send_as_another(scene, SOCK_DGRAM, &octets), 0);
	assert_nothing(&scene->host.seat);
}

/* A socket that is closed passes for nobody's, root's least of all. */
static void
a_sender_who_is_gone_is_not_believed(void **state)
{
	const struct parts parts = { .sender = "no-such-one" };
	struct scene *scene = *state;
	struct octets octets;
	int fd;

	if (!host_tells_owners())
		skip();
	serve(scene);
	octets = compose(scene, &parts);
	assert_int_equal(kill(scene->host.daemon, SIGSTOP), 0);
	fd = connect_to(scene, SOCK_DGRAM);
	send_octets(fd, &octets);
	close(fd);
	fd = connect_to(scene, SOCK_STREAM);
	send_octets(fd, &octets);
	close(fd);
	assert_int_equal(kill(scene->host.daemon, SIGCONT), 0);
	assert_says(scene, (struct parts){ .text = "behind them" }, "+");
	assert_notice(&scene->host.seat, "localhost", "  behind them\r\n");
}

/* -------------------------------------------------------- what is seen --- */

static void
lines_are_as_wide_as_the_terminal(void **state)
{
	const struct winsize size = { 24, 20, 0, 0 };
	struct scene *scene = *state;

	serve(scene);
	assert_int_equal(ioctl(scene->host.seat.master, TIOCSWINSZ, &size), 0);
	assert_says(scene,
	    (struct parts){ .text = "one two three four five six seven" }, "+");
	assert_notice(&scene->host.seat, "localhost",
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
		seat_read(&scene->host.seat, seen, sizeof(seen));
		assert_harmless(seen);
		assert_says(scene,
		    (struct parts){ .sender_terminal = hostile[i] }, "+");
		seat_read(&scene->host.seat, seen, sizeof(seen));
		assert_harmless(seen);
		if (getuid() != 0)
			continue;
		assert_says(scene, (struct parts){ .sender = hostile[i] }, "+");
		seat_read(&scene->host.seat, seen, sizeof(seen));
		assert_harmless(seen);
	}
}

/* ------------------------------------------------------------- started --- */

static void
an_accepted_stream_is_served_and_then_it_leaves(void **state)
{
	const struct parts parts = { 0 };
	struct scene *scene = *state;
	int listener = open_bound(SOCK_STREAM);
	struct octets octets, answer;
	int client, accepted;

	scene->host.port = host_port(listener);
	client = connect_to(scene, SOCK_STREAM);
	accepted = accept(listener, NULL, NULL);
	host_start(&scene->host, &accepted, 1, no_arguments);
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
	assert_int_equal(host_wait(&scene->host), 0);
}

static void
a_listening_stream_is_served_until_it_is_idle(void **state)
{
	static const char *const arguments[] = { "-i", "1", NULL };
	struct scene *scene = *state;
	int listener = open_bound(SOCK_STREAM);

	scene->host.port = host_port(listener);
	host_start(&scene->host, &listener, 1, arguments);
	close(listener);
	assert_says(scene, (struct parts){ 0 }, "+");
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
	assert_int_equal(host_wait(&scene->host), 0);
}

static void
the_datagram_that_started_it_is_shown(void **state)
{
	const struct parts parts = { 0 };
	struct scene *scene = *state;
	int daemon = open_bound(SOCK_DGRAM), client;
	struct octets octets;
	char answer[16];

	scene->host.port = host_port(daemon);
	client = connect_to(scene, SOCK_DGRAM);
	octets = compose(scene, &parts);
	send_octets(client, &octets);
	host_start(&scene->host, &daemon, 1, no_arguments);
	close(daemon);
	assert_true(host_is_readable(client, HOST_WAIT_MS));
	assert_int_equal(recv(client, answer, sizeof(answer), 0), 2);
	assert_memory_equal(answer, "+", 2);
	assert_notice(&scene->host.seat, "localhost", "  Hi\r\n");
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
		CASE(the_first_version_does_not_go_to_and_fro),
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
