/*
 * bench_messages - what messages cost beside the bare minimum.
 *
 * A private talkd that shows each message on a real terminal, and a process
 * that only echoes what it gets, are asked in turn, one message after the
 * other; each figure is the median of the rounds, so that a machine that is
 * slower for a while is so for both.  No test: it judges nothing.
 *
 * From one address come 40 messages at a time, as many as talkd takes at once.
 */
#include "bench.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/msp.h"
#include "measure.h"
#include "subject.h"

enum {
	ROUNDS = 9,
	BURST = 40,  /* messages from one address */
	BURSTS = 10, /* of a round */
	STARTS = 3,  /* of talk -m in a round */
	MICROSECONDS = 1000000,
};

struct bench {
	char user[64];
	struct measure_terminal terminal;
	pid_t children[2];
	int count;	    /* of them */
	uint16_t port;	    /* of talkd */
	uint16_t echo_port; /* of the echo */
	unsigned cookie;
	unsigned address; /* counts those that we sent from */
};

static void
bench_end(const struct bench *bench)
{
	int i;

	for (i = 0; i < bench->count; i++) {
		kill(bench->children[i], SIGKILL);
		waitpid(bench->children[i], NULL, 0);
	}
}

static void
bench_fail(const struct bench *bench, const char *what)
{
	perror(what);
	bench_end(bench);
	exit(1);
}

/* ------------------------------------------------- the other processes --- */

static pid_t
bench_fork(struct bench *bench)
{
	pid_t child = fork();

	if (child == -1)
		bench_fail(bench, "fork");
	if (child > 0)
		bench->children[bench->count++] = child;
	return child;
}

static void
start_talkd(struct bench *bench)
{
	char line[256] = "";
	const char *port = NULL;
	int errors[2];

	if (pipe(errors) != 0)
		bench_fail(bench, "pipe");
	if (bench_fork(bench) == 0) {
		dup2(errors[1], STDERR_FILENO);
		execl("talkd/talkd", "talkd", "-F", "-b", "127.0.0.1", "-p",
		    "0", "-u", bench->user, (char *)NULL);
		_exit(127);
	}
	close(errors[1]);
	if (read(errors[0], line, sizeof(line) - 1) <= 0 ||
	    (port = strstr(line, " port ")) == NULL)
		bench_fail(bench, "talkd/talkd");
	bench->port = (uint16_t)strtol(port + strlen(" port "), NULL, 10);
	close(errors[0]);
}

static void
echo_datagram(int fd)
{
	struct sockaddr_storage source;
	socklen_t source_len = sizeof(source);
	char bytes[MSP_SIZE];
	ssize_t len = recvfrom(fd, bytes, sizeof(bytes), 0,
	    (struct sockaddr *)&source, &source_len);

	if (len > 0)
		(void)sendto(fd, bytes, (size_t)len, 0,
		    (struct sockaddr *)&source, source_len);
}

/* One stream at a time; a reply is one octet and NUL, as talkd's is. */
static void
echo_stream(int listener)
{
	char bytes[MSP_SIZE];
	int fd = accept(listener, NULL, NULL);

	while (fd != -1 && recv(fd, bytes, sizeof(bytes), 0) > 0)
		(void)send(fd, "+", 2, 0);
	close(fd);
}

static void
echo_for_ever(int datagrams, int listener)
{
	struct pollfd fds[2] = { { .fd = datagrams, .events = POLLIN },
		{ .fd = listener, .events = POLLIN } };

	while (poll(fds, 2, -1) >= 0) {
		if (fds[0].revents != 0)
			echo_datagram(datagrams);
		if (fds[1].revents != 0)
			echo_stream(listener);
	}
	_exit(1);
}

static void
start_echo(struct bench *bench)
{
	int datagrams = measure_bind(SOCK_DGRAM, INADDR_LOOPBACK, 0);
	int listener;

	bench->echo_port = measure_port(datagrams);
	listener = measure_bind(SOCK_STREAM, INADDR_LOOPBACK, bench->echo_port);
	if (listen(listener, BURSTS) != 0)
		bench_fail(bench, "echo");
	if (bench_fork(bench) == 0)
		echo_for_ever(datagrams, listener);
	close(datagrams);
	close(listener);
}

/* --------------------------------------------------------- the figures --- */

static size_t
next_message(struct bench *bench, uint8_t bytes[MSP_SIZE])
{
	struct msp_message message = { .version = MSP_VERSION_2,
		.text = "The backup of last night has failed." };
	const char *reason;

	snprintf(
	    message.recipient, sizeof(message.recipient), "%s", bench->user);
	snprintf(message.recipient_terminal, sizeof(message.recipient_terminal),
	    "%s", bench->terminal.name);
	snprintf(message.sender, sizeof(message.sender), "%s", bench->user);
	snprintf(message.cookie, sizeof(message.cookie), "%u", bench->cookie++);
	return msp_put_request(&message, bytes, &reason);
}

/* A socket of an address of its own, connected to the port. */
static int
connect_to(struct bench *bench, int type, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = measure_bind(type, 0x7f010000 + ++bench->address, 0);

	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0)
		bench_fail(bench, "connect");
	return fd;
}

/* Sends a burst, each message after the reply to the one before. */
static void
send_burst(struct bench *bench, int fd, bool is_talkd)
{
	uint8_t bytes[MSP_SIZE], reply[MSP_SIZE];
	struct pollfd answer = { .fd = fd, .events = POLLIN };
	size_t len;
	int i;

	for (i = 0; i < BURST; i++) {
		len = next_message(bench, bytes);
		if (send(fd, bytes, len, 0) != (ssize_t)len ||
		    poll(&answer, 1, 2000) != 1 ||
		    recv(fd, reply, sizeof(reply), 0) <= 0 ||
		    (is_talkd && reply[0] != '+'))
			bench_fail(bench, "a message was not taken");
		measure_read_terminal(&bench->terminal);
	}
}

/* Messages a second. */
static double
measure(struct bench *bench, int type, bool is_talkd)
{
	double began = measure_clock();
	int i, fd;

	for (i = 0; i < BURSTS; i++) {
		fd = connect_to(
		    bench, type, is_talkd ? bench->port : bench->echo_port);
		send_burst(bench, fd, is_talkd);
		close(fd);
	}
	return (double)BURST * BURSTS * MICROSECONDS /
	    (measure_clock() - began);
}

/* Milliseconds from the start of a program to its end. */
static double
measure_program(struct bench *bench, const char *const argv[])
{
	double began = measure_clock();
	int i, status;
	pid_t child;

	for (i = 0; i < STARTS; i++) {
		child = fork();
		if (child == 0) {
			execvp(argv[0], (char *const *)argv);
			_exit(127);
		}
		if (child == -1 || waitpid(child, &status, 0) != child ||
		    status != 0)
			bench_fail(bench, argv[0]);
		measure_read_terminal(&bench->terminal);
	}
	return (measure_clock() - began) / 1000 / STARTS;
}

static void
run(struct bench *bench)
{
	double udp[ROUNDS], udp_echo[ROUNDS], tcp[ROUNDS], tcp_echo[ROUNDS];
	double talk[ROUNDS], nothing[ROUNDS];
	double a, b;
	char port[8];
	const char *const send[] = { "talk/talk", "-m", "-p", port, "-t",
		bench->terminal.name, bench->user, "the build is done", NULL };
	const char *const none[] = { "true", NULL };
	int i;

	snprintf(port, sizeof(port), "%d", bench->port);
	for (i = 0; i < ROUNDS; i++) {
		udp[i] = measure(bench, SOCK_DGRAM, true);
		udp_echo[i] = measure(bench, SOCK_DGRAM, false);
		tcp[i] = measure(bench, SOCK_STREAM, true);
		tcp_echo[i] = measure(bench, SOCK_STREAM, false);
		talk[i] = measure_program(bench, send);
		nothing[i] = measure_program(bench, none);
	}
	printf("\nMessages: medians of %d rounds in turn, %d messages a round, "
	       "each shown "
	       "on a terminal\n\n",
	    ROUNDS, BURST * BURSTS);
	a = measure_median(udp, ROUNDS);
	b = measure_median(udp_echo, ROUNDS);
	printf("UDP, messages a second  %8.0f  bare echo %8.0f  ratio %.2f\n",
	    a, b, a / b);
	a = measure_median(tcp, ROUNDS);
	b = measure_median(tcp_echo, ROUNDS);
	printf("TCP, messages a second  %8.0f  bare echo %8.0f  ratio %.2f\n",
	    a, b, a / b);
	a = measure_median(talk, ROUNDS);
	b = measure_median(nothing, ROUNDS);
	printf("talk -m, milliseconds   %8.2f  true(1)   %8.2f  ratio %.2f\n",
	    a, b, a / b);
}

void
bench_messages(void)
{
	struct bench bench = { 0 };

	snprintf(bench.user, sizeof(bench.user), "%s", subject_user());
	measure_open_terminal(&bench.terminal);
	start_talkd(&bench);
	start_echo(&bench);
	run(&bench);
	bench_end(&bench);
	measure_close_terminal(&bench.terminal);
}
