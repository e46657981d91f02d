/*
 * bench_rings - ANNOUNCE to a terminal, beside opening, writing and closing it;
 * and how long a LOOK_UP takes behind a ring whose terminal is stopped, or whose
 * caller's host has a name that nobody tells.
 *
 * On a host of its own where that can be had: others' daemons ring only those
 * whom the record of logins knows.
 */
#include "bench.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "apart.h"
#include "measure.h"
#include "subject.h"

enum {
	ROUNDS = 9,
	RINGS = 100,	 /* of a round */
	RING_SIZE = 128, /* bytes, about as many as a ring has */
	TRIES = 100,	 /* of a LOOK_UP */
	STRANGERS = 20,	 /* hosts without a name: few are asked about at once */
	PATIENCE = 1000, /* milliseconds until a LOOK_UP has no reply */
	MOMENT = 5,	 /* milliseconds between one try and the next */
};

struct scene {
	struct measure_terminal terminal;
	const char *rules; /* a file that lifts the limit of rings */
	bool is_apart;
};

static bool
start(const struct scene *scene, struct subject *subject, int kind)
{
	const char *const options[] = { "-a", scene->rules };

	if (kind >= SUBJECT_NETKIT && !scene->is_apart)
		return false;
	return subject_start(subject, (enum subject_kind)kind, options);
}

static struct talk_request
ring_at(const struct subject *subject, const struct scene *scene)
{
	struct talk_request req = subject_request(subject, TALK_ANNOUNCE);

	memcpy(req.r_name, req.l_name, sizeof(req.r_name));
	snprintf(req.r_tty, sizeof(req.r_tty), "%.16s", scene->terminal.name);
	req.id = NTALK_NO_ID;
	return req;
}

/* As a caller does, so that his call is known to be one. */
static void
leave_invitation(const struct subject *subject)
{
	struct talk_request req = subject_request(subject, TALK_LEAVE_INVITE);

	memcpy(req.r_name, req.l_name, sizeof(req.r_name));
	(void)subject_ask(subject, &req);
}

/* ------------------------------------------------------------ ANNOUNCE --- */

/* Of each, in turn. */
struct costs {
	double bare[ROUNDS];	       /* CPU time */
	double wall[SUBJECTS][ROUNDS]; /* from one ring to the next */
	double cpu[ROUNDS];	       /* of our own daemon */
};

/* Opens, writes and closes. */
static double
measure_bare(const struct measure_terminal *terminal)
{
	char text[RING_SIZE];
	double cpu, sum = 0;
	int i, fd;

	memset(text, '-', sizeof(text));
	for (i = 0; i < RINGS; i++) {
		cpu = measure_cpu(getpid());
		fd = open(terminal->path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
		if (write(fd, text, sizeof(text)) != sizeof(text))
			measure_fail(terminal->path);
		close(fd);
		sum += measure_cpu(getpid()) - cpu;
		(void)measure_read_terminal(terminal);
	}
	return sum / RINGS;
}

/* Rings, each again under the next id. */
static double
measure_rings(const struct subject *subject, const struct scene *scene,
    struct talk_request *req)
{
	double began = measure_clock();
	struct talk_reply reply;
	int i;

	for (i = 0; i < RINGS; i++) {
		reply = subject_ask(subject, req);
		if (reply.answer != TALK_SUCCESS)
			measure_fail("no ring");
		if (measure_read_terminal(&scene->terminal) == 0)
			measure_fail("a ring that is not seen");
		req->id = reply.id + 1;
	}
	return (measure_clock() - began) / RINGS;
}

static void
measure_costs(const struct scene *scene, struct subject *subjects,
    const bool *there, struct costs *costs)
{
	struct talk_request reqs[SUBJECTS];
	int round, kind;
	double cpu;

	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++)
		if (there[kind])
			reqs[kind] = ring_at(&subjects[kind], scene);
	for (round = 0; round < ROUNDS; round++) {
		costs->bare[round] = measure_bare(&scene->terminal);
		cpu = measure_cpu(subjects[SUBJECT_TALKD].pid);
		for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++)
			if (there[kind])
				costs->wall[kind][round] = measure_rings(
				    &subjects[kind], scene, &reqs[kind]);
		cpu = measure_cpu(subjects[SUBJECT_TALKD].pid) - cpu;
		costs->cpu[round] = cpu / RINGS;
	}
}

static void
print_costs(struct costs *costs, const bool *there)
{
	double bare = measure_median(costs->bare, ROUNDS);
	int kind;

	printf("%-30s %8.2f %9.2f %9s %9s\n", "ANNOUNCE, CPU of the daemon",
	    bare, measure_median(costs->cpu, ROUNDS) / bare, "-", "-");
	printf("%-30s %8.2f", "ANNOUNCE, from one to the next", bare);
	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++)
		if (there[kind])
			printf(" %9.2f",
			    measure_median(costs->wall[kind], ROUNDS) / bare);
		else
			printf(" %9s", "-");
	printf("\n");
}

static void
bench_costs(const struct scene *scene)
{
	struct subject subjects[SUBJECTS];
	bool there[SUBJECTS];
	struct costs costs;
	int kind;

	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++) {
		there[kind] = start(scene, &subjects[kind], kind);
		if (there[kind])
			leave_invitation(&subjects[kind]);
	}
	printf("\nRings on a terminal: microseconds of opening, writing and "
	       "closing it, then how\nmany times that the others take; medians "
	       "of %d rounds in turn, %d rings each,\nall on one core.  From "
	       "one ring to the next, the caller takes his part.\n\n",
	    ROUNDS, RINGS);
	printf("%-30s %8s %9s %9s %9s\n", "", "bare", "talkd", "netkit",
	    "inetutils");
	measure_costs(scene, subjects, there, &costs);
	print_costs(&costs, there);
	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++)
		if (there[kind])
			subject_end(&subjects[kind]);
}

/* ------------------------------------------------------------- LOOK_UP --- */

/* Behind what a LOOK_UP comes. */
enum trouble {
	NO_RING,
	OPEN_TERMINAL,
	STOPPED_TERMINAL,
	SILENT_DNS,
	TROUBLES,
};

static const char *const troubles[TROUBLES] = {
	"no ring",
	"a ring",
	"one on a stopped terminal",
	"one, where DNS is silent",
};

/* Takes what has come, and waits for nothing. */
static void
drain(int fd)
{
	char bytes[NTALK_REQUEST_SIZE];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		continue;
}

/* A caller of a host of his own, whose ctl_addr is the socket's. */
static struct subject
stranger(const struct subject *subject, unsigned number)
{
	const uint32_t host = apart_address(1 + number);
	struct subject other = *subject;
	struct address *at = &other.usual.ctl_addr;

	other.fd = measure_bind(SOCK_DGRAM, host, 0);
	measure_join(other.fd, subject->port);
	at->bytes[0] = (uint8_t)(host >> 24);
	at->bytes[1] = (uint8_t)(host >> 16);
	at->bytes[2] = (uint8_t)(host >> 8);
	at->bytes[3] = (uint8_t)host;
	at->port = measure_port(other.fd);
	other.usual.addr = *at;
	return other;
}

/* How long a LOOK_UP takes; as much as there is patience when it fails. */
static double
measure_look_up(const struct subject *subject)
{
	struct talk_request req = subject_request(subject, TALK_LOOK_UP);
	struct pollfd reply = { subject->fd, POLLIN, 0 };
	double began = measure_clock();

	subject_send(subject, &req);
	if (poll(&reply, 1, PATIENCE) != 1)
		return PATIENCE * 1000.0;
	(void)subject_receive(subject);
	return measure_clock() - began;
}

/* Rings, and does not wait for that. */
static void
ring(const struct subject *subject, const struct scene *scene,
    enum trouble trouble, unsigned number)
{
	struct subject caller = *subject;
	struct talk_request req;

	if (trouble == NO_RING)
		return;
	if (trouble == SILENT_DNS)
		caller = stranger(subject, number);
	else
		caller.fd = measure_connect(subject->port);
	req = ring_at(&caller, scene);
	req.pid += number;
	subject_send(&caller, &req);
	close(caller.fd);
}

/* Returns how many were measured: after one in vain no more are tried. */
static size_t
measure_behind(const struct subject *subject, const struct scene *scene,
    enum trouble trouble, double figures[TRIES])
{
	size_t i, tries = trouble == SILENT_DNS ? STRANGERS : TRIES;

	for (i = 0; i < tries; i++) {
		ring(subject, scene, trouble, (unsigned)i);
		figures[i] = measure_look_up(subject);
		if (figures[i] >= PATIENCE * 1000.0)
			return i + 1;
		(void)poll(NULL, 0, MOMENT);
		(void)measure_read_terminal(&scene->terminal);
		drain(subject->fd);
	}
	return tries;
}

static void
print_figures(double *figures, size_t count)
{
	double median = measure_median(figures, count);
	double most = figures[count - 1];

	if (most < PATIENCE * 1000.0)
		printf(" %7.0f %7.0f", median, most);
	else
		printf(" %7s %7s", "none", "none");
}

/* Each daemon begins anew: one that serves nobody would not recover. */
static void
bench_trouble(const struct scene *scene, enum trouble trouble)
{
	double figures[TRIES];
	struct subject subject;
	size_t count;
	int kind;

	printf("%-30s", troubles[trouble]);
	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++) {
		if (!start(scene, &subject, kind)) {
			printf(" %7s %7s", "-", "-");
			continue;
		}
		(void)measure_look_up(&subject);
		count = measure_behind(&subject, scene, trouble, figures);
		print_figures(figures, count);
		subject_end(&subject);
	}
	printf("\n");
}

static void
bench_troubles(const struct scene *scene)
{
	const struct measure_terminal *terminal = &scene->terminal;
	int silent;

	printf("\nA LOOK_UP right behind an ANNOUNCE: microseconds until its "
	       "reply, the median and\nthe most of %d, or of %d where each "
	       "ring is from another host; \"none\" where one\nhas no reply "
	       "within a second.\n\n",
	    TRIES, STRANGERS);
	printf(
	    "%-30s %15s %15s %15s\n", "behind", "talkd", "netkit", "inetutils");
	bench_trouble(scene, NO_RING);
	bench_trouble(scene, OPEN_TERMINAL);
	(void)tcflow(terminal->slave, TCOOFF);
	bench_trouble(scene, STOPPED_TERMINAL);
	(void)tcflow(terminal->slave, TCOON);
	if (!scene->is_apart)
		return;
	silent = apart_silence();
	bench_trouble(scene, SILENT_DNS);
	close(silent);
}

/* --------------------------------------------------------------- scene --- */

/* A file of rules that lifts the limit of rings; its name is put in path. */
static void
make_rules(char path[])
{
	static const char rules[] = "limit rings none\n";
	int fd = mkstemp(path);

	if (fd == -1 || fchmod(fd, 0644) != 0 ||
	    write(fd, rules, sizeof(rules) - 1) != sizeof(rules) - 1)
		measure_fail(path);
	close(fd);
}

static void
run(void)
{
	char path[] = "/tmp/talkd.rules.XXXXXX";
	struct scene scene = { .rules = path, .is_apart = apart_enter() };

	make_rules(path);
	measure_open_terminal(&scene.terminal);
	if (scene.is_apart)
		apart_log_in(subject_user(), scene.terminal.name);
	bench_costs(&scene);
	bench_troubles(&scene);
	measure_close_terminal(&scene.terminal);
	(void)unlink(path);
}

/* What is apart must not be so for what is measured next. */
void
bench_rings(void)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		run();
		exit(0);
	}
	if (child == -1 || waitpid(child, &status, 0) != child || status != 0)
		measure_fail("rings");
}
