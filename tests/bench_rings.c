/*
 * bench_rings - ANNOUNCE to a terminal, beside opening, writing and closing it;
 * and how long a LOOK_UP takes while somebody rings.
 */
#include "bench.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "measure.h"
#include "subject.h"

enum {
	ROUNDS = 9,
	RINGS = 100,
	RING_SIZE = 128, /* bytes, about as many as a ring has */
};

/* Opens, writes and closes; CPU time of it. */
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

static struct talk_request
ring_at(const struct subject *subject, const struct measure_terminal *terminal)
{
	struct talk_request req = subject_request(subject, TALK_ANNOUNCE);

	memcpy(req.r_name, req.l_name, sizeof(req.r_name));
	snprintf(req.r_tty, sizeof(req.r_tty), "%.16s", terminal->name);
	req.id = NTALK_NO_ID;
	return req;
}

/* CPU time of the daemon for a ring, each again under the next id. */
static double
measure_rings(
    const struct subject *subject, const struct measure_terminal *terminal)
{
	struct talk_request req = ring_at(subject, terminal);
	struct talk_reply reply;
	double cpu = measure_cpu(subject->pid);
	int i;

	for (i = 0; i < RINGS; i++) {
		reply = subject_ask(subject, &req);
		if (reply.answer != TALK_SUCCESS)
			measure_fail("no ring");
		(void)measure_read_terminal(terminal);
		req.id = reply.id + 1;
	}
	return (measure_cpu(subject->pid) - cpu) / RINGS;
}

/* How long a LOOK_UP takes that comes right behind an ANNOUNCE. */
static double
measure_behind(
    const struct subject *subject, const struct measure_terminal *terminal)
{
	struct subject other = *subject;
	struct talk_request ring = ring_at(subject, terminal);
	struct talk_request req = subject_request(subject, TALK_LOOK_UP);
	double began, sum = 0;
	int i;

	other.fd = measure_connect(subject->port);
	for (i = 0; i < RINGS; i++) {
		subject_send(subject, &ring);
		began = measure_clock();
		(void)subject_ask(&other, &req);
		sum += measure_clock() - began;
		(void)subject_receive(subject);
		(void)measure_read_terminal(terminal);
	}
	close(other.fd);
	return sum / RINGS;
}

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
measure_all(const struct subject *subject, struct measure_terminal *terminal)
{
	double bare[ROUNDS], rings[ROUNDS], open[ROUNDS], stopped[ROUNDS];
	double a, b;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		bare[round] = measure_bare(terminal);
		rings[round] = measure_rings(subject, terminal);
		open[round] = measure_behind(subject, terminal);
		(void)tcflow(terminal->slave, TCOOFF);
		stopped[round] = measure_behind(subject, terminal);
		(void)tcflow(terminal->slave, TCOON);
	}
	a = measure_median(bare, ROUNDS);
	b = measure_median(rings, ROUNDS);
	printf("ANNOUNCE, CPU, and open, write, close %8.2f %9.2f\n", a, b / a);
	a = measure_median(open, ROUNDS);
	b = measure_median(stopped, ROUNDS);
	printf("LOOK_UP behind a ring; where stopped  %8.2f %9.2f\n", a, b / a);
}

void
bench_rings(void)
{
	char path[] = "/tmp/talkd.rules.XXXXXX";
	struct measure_terminal terminal;
	const char *const options[] = { "-a", path };
	struct subject subject;

	make_rules(path);
	measure_open_terminal(&terminal);
	if (!subject_start(&subject, SUBJECT_TALKD, options))
		measure_fail("talkd/talkd");
	printf("\nRings on a terminal: microseconds, and how many times that; "
	       "medians of %d\nrounds, %d each.\n\n",
	    ROUNDS, RINGS);
	measure_all(&subject, &terminal);
	subject_end(&subject);
	measure_close_terminal(&terminal);
	(void)unlink(path);
}
