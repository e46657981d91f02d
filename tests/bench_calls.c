/*
 * bench_calls - LOOK_UP, LEAVE_INVITE and DELETE beside the bare echo.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "subject.h"
#include "talkd/senders.h"

enum {
	ROUNDS = 9,
	ASKED = 1000,	    /* requests of a round, */
	PATIENCE = 40000,   /* or as many as fit this time */
	BURST = 32,	    /* requests at once */
	PLACES_MAX = 50000, /* of the largest table */
	/*
	 * And of others'.  Theirs fill by squares; of more than 15999 entries
	 * some have the same id, and inetutils' talkd then deletes more than it
	 * is asked to; netkit's dies of one that is a minute old.
	 */
	FOREIGN_MAX = 10000,
};

static const int sizes[] = { 10, 1000, 10000, PLACES_MAX };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* What is measured of each, in this order. */
enum figure {
	HIT,
	MISS,
	LEAVE,
	DELETE,
	HIT_WALL,
	BURST_WALL,
	BURST_CPU,
	FIGURES,
};

static const char *const titles[FIGURES] = {
	"LOOK_UP that finds, CPU",
	"LOOK_UP in vain, CPU",
	"LEAVE_INVITE, CPU",
	"DELETE, CPU",
	"LOOK_UP, from one to the next",
	"LOOK_UP in bursts, the same",
	"LOOK_UP in bursts, CPU",
};

struct run {
	struct subject subjects[SUBJECTS];
	bool there[SUBJECTS];
	int filled[SUBJECTS];
	double figures[SUBJECTS][FIGURES][ROUNDS];
};

static void
name_callee(char name[PERSON_USER_SIZE], int number)
{
	snprintf(name, PERSON_USER_SIZE, "u%d", number);
}

/* Leaves one invitation more, and returns its id. */
static uint32_t
leave(const struct subject *subject, int number)
{
	struct talk_request req = subject_request(subject, TALK_LEAVE_INVITE);

	name_callee(req.r_name, number);
	return subject_ask(subject, &req).id;
}

static void
fill(struct run *run, enum subject_kind kind, int size)
{
	if (kind == SUBJECT_ECHO)
		return;
	while (run->filled[kind] < size)
		(void)leave(&run->subjects[kind], run->filled[kind]++);
}

/* A LOOK_UP of one of the invitations, spread over all of them. */
static struct talk_request
look_up(const struct subject *subject, int number, int size, bool finds)
{
	struct talk_request req = subject_request(subject, TALK_LOOK_UP);

	memcpy(req.r_name, req.l_name, sizeof(req.r_name));
	name_callee(req.l_name, (int)((number * 7919L) % size));
	if (!finds)
		req.r_name[0] = '-';
	return req;
}

/* Asks in turn; CPU time of one request, and with *wall what passes. */
static double
measure_look_ups(
    const struct subject *subject, int size, bool finds, double *wall)
{
	double began = measure_clock(), cpu = measure_cpu(subject->pid);
	struct talk_request req;
	bool found;
	int i;

	for (i = 0; i < ASKED && measure_clock() - began < PATIENCE; i++) {
		req = look_up(subject, i, size, finds);
		found = subject_ask(subject, &req).answer == TALK_SUCCESS;
		if (found != finds && subject->kind == SUBJECT_TALKD)
			measure_fail("LOOK_UP");
	}
	*wall = (measure_clock() - began) / i;
	return (measure_cpu(subject->pid) - cpu) / i;
}

static double
measure_bursts(const struct subject *subject, int size, double *wall)
{
	struct talk_request req = look_up(subject, 1, size, true);
	double began = measure_clock(), cpu = measure_cpu(subject->pid);
	int i, at;

	for (i = 0; i < ASKED && measure_clock() - began < PATIENCE;
	     i += BURST) {
		for (at = 0; at < BURST; at++)
			subject_send(subject, &req);
		for (at = 0; at < BURST; at++)
			(void)subject_receive(subject);
	}
	*wall = (measure_clock() - began) / i;
	return (measure_cpu(subject->pid) - cpu) / i;
}

/* Leaves invitations beside those in the table, and deletes them again. */
static void
measure_changes(
    const struct subject *subject, int size, double *leaving, double *deleting)
{
	uint32_t ids[ASKED];
	struct talk_request req = subject_request(subject, TALK_DELETE);
	double began = measure_clock(), cpu = measure_cpu(subject->pid);
	int i, left = 0;

	while (left < ASKED && measure_clock() - began < PATIENCE) {
		ids[left] = leave(subject, size + left);
		left++;
	}
	*leaving = (measure_cpu(subject->pid) - cpu) / left;
	cpu = measure_cpu(subject->pid);
	for (i = 0; i < left; i++) {
		req.id = ids[i];
		(void)subject_ask(subject, &req);
	}
	*deleting = (measure_cpu(subject->pid) - cpu) / left;
}

static void
measure_subject(struct run *run, enum subject_kind kind, int size, int round)
{
	const struct subject *subject = &run->subjects[kind];
	double(*figures)[ROUNDS] = run->figures[kind];
	double ignored;

	figures[HIT][round] = measure_look_ups(
	    subject, size, true, &figures[HIT_WALL][round]);
	figures[MISS][round] = measure_look_ups(subject, size, false, &ignored);
	figures[BURST_CPU][round] = measure_bursts(
	    subject, size, &figures[BURST_WALL][round]);
	measure_changes(
	    subject, size, &figures[LEAVE][round], &figures[DELETE][round]);
}

static bool
is_measured(const struct run *run, int kind, int size)
{
	return run->there[kind] &&
	    (kind < SUBJECT_NETKIT || size <= FOREIGN_MAX);
}

static void
print_row(struct run *run, enum figure figure, int size)
{
	double echo = measure_median(run->figures[0][figure], ROUNDS);
	double median;
	int kind;

	printf("%-30s %6d %8.2f", titles[figure], size, echo);
	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++) {
		if (!is_measured(run, kind, size)) {
			printf(" %9s", "-");
			continue;
		}
		median = measure_median(run->figures[kind][figure], ROUNDS);
		printf(" %9.2f", median / echo);
	}
	printf("\n");
}

static void
measure_size(struct run *run, int size)
{
	int round, figure, kind;

	for (kind = 0; kind < SUBJECTS; kind++)
		if (is_measured(run, kind, size))
			fill(run, (enum subject_kind)kind, size);
	for (round = 0; round < ROUNDS; round++)
		for (kind = 0; kind < SUBJECTS; kind++)
			if (is_measured(run, kind, size))
				measure_subject(
				    run, (enum subject_kind)kind, size, round);
	for (figure = 0; figure < FIGURES; figure++)
		print_row(run, (enum figure)figure, size);
}

/*
 * What a LEAVE_INVITE pays for knowing whose socket it came from: the first one
 * of a socket's, or one of those that follow within a minute.
 */
static double
measure_look(const struct subject *subject, bool is_first)
{
	const struct talk_request req = subject_request(
	    subject, TALK_LEAVE_INVITE);
	const struct address local = { 4, { 127, 0, 0, 1 }, subject->port, 0 };
	struct senders senders = { 0 };
	double figures[ROUNDS];
	double cpu;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		cpu = measure_cpu(getpid());
		for (i = 0; i < ASKED; i++) {
			if (is_first)
				memset(senders.known, 0, sizeof(senders.known));
			if (!senders_may_use(
				&senders, &req.addr, &local, req.l_name, 0))
				measure_fail("whose socket it is");
		}
		figures[round] = (measure_cpu(getpid()) - cpu) / i;
	}
	senders_end(&senders);
	return measure_median(figures, ROUNDS);
}

static void
print_look(const struct subject *subject)
{
	printf("%-37s %8.2f  of a LEAVE_INVITE, %.2f of a socket's first\n",
	    "the look at a socket's owner, CPU", measure_look(subject, false),
	    measure_look(subject, true));
}

void
bench_calls(void)
{
	static const char *const lasting[] = { "-r", "3600" };
	static struct run run;
	int i, kind;

	for (kind = 0; kind < SUBJECTS; kind++)
		run.there[kind] = subject_start(
		    &run.subjects[kind], (enum subject_kind)kind, lasting);
	printf("Requests, beside a bare echo: microseconds of the echo, then "
	       "how many times\nthat the others take.  CPU is the process's "
	       "own; medians of %d rounds in turn,\n%d requests each, all on "
	       "one core; a burst is %d requests at once.\n"
	       "Others are measured up to %d: they have no more than 15999 "
	       "ids.\n\n",
	    ROUNDS, ASKED, BURST, FOREIGN_MAX);
	printf("%-30s %6s %8s %9s %9s %9s\n", "", "table", "echo", "talkd",
	    "netkit", "inetutils");
	for (i = 0; i < (int)SIZES; i++)
		measure_size(&run, sizes[i]);
	print_look(&run.subjects[SUBJECT_TALKD]);
	for (kind = 0; kind < SUBJECTS; kind++)
		if (run.there[kind])
			subject_end(&run.subjects[kind]);
}
