/*
 * bench_start - from the start of a program to its first reply, as it is when
 * inetd starts it, and memory.
 */
#include "bench.h"

#include <stdio.h>

#include "measure.h"
#include "subject.h"

enum {
	ROUNDS = 41,
	PLACES = 10000,
};

struct figures {
	bool there;
	double wall[ROUNDS];
	double cpu[ROUNDS];
	double memory[ROUNDS];
};

static void
measure_first_reply(struct figures *figures, enum subject_kind kind, int round)
{
	struct subject subject;
	struct talk_request req;
	double began = measure_clock();

	figures->there = subject_start(&subject, kind, NULL);
	if (!figures->there)
		return;
	req = subject_request(&subject, TALK_LOOK_UP);
	(void)subject_ask(&subject, &req);
	figures->wall[round] = measure_clock() - began;
	figures->cpu[round] = measure_cpu(subject.pid);
	figures->memory[round] = (double)measure_memory(subject.pid);
	subject_end(&subject);
}

/* Bytes that an invitation takes, of many. */
static double
measure_invitation(void)
{
	struct subject subject;
	struct talk_request req;
	long before = 0;
	int i;

	if (!subject_start(&subject, SUBJECT_TALKD, NULL))
		measure_fail("talkd/talkd");
	req = subject_request(&subject, TALK_LEAVE_INVITE);
	for (i = 0; i <= PLACES; i++) {
		snprintf(req.r_name, sizeof(req.r_name), "u%d", i);
		(void)subject_ask(&subject, &req);
		if (i == 0)
			before = measure_memory(subject.pid);
	}
	before = measure_memory(subject.pid) - before;
	subject_end(&subject);
	return (double)before * 1024 / PLACES;
}

static void
print_row(const char *title, const double medians[SUBJECTS],
    const struct figures figures[SUBJECTS])
{
	int kind;

	printf("%-37s %8.0f", title, medians[SUBJECT_ECHO]);
	for (kind = SUBJECT_TALKD; kind < SUBJECTS; kind++)
		if (figures[kind].there)
			printf(" %9.2f", medians[kind] / medians[SUBJECT_ECHO]);
		else
			printf(" %9s", "-");
	printf("\n");
}

void
bench_start(void)
{
	static struct figures figures[SUBJECTS];
	double wall[SUBJECTS], cpu[SUBJECTS], memory[SUBJECTS];
	int round, kind;

	for (round = 0; round < ROUNDS; round++)
		for (kind = 0; kind < SUBJECTS; kind++)
			measure_first_reply(
			    &figures[kind], (enum subject_kind)kind, round);
	for (kind = 0; kind < SUBJECTS; kind++) {
		wall[kind] = measure_median(figures[kind].wall, ROUNDS);
		cpu[kind] = measure_median(figures[kind].cpu, ROUNDS);
		memory[kind] = measure_median(figures[kind].memory, ROUNDS);
	}
	printf("\nFrom fork and exec to the first reply, and the most memory "
	       "until then (VmHWM),\nas inetd starts each; medians of %d "
	       "starts in turn.\n\n",
	    ROUNDS);
	printf("%-37s %8s %9s %9s %9s\n", "", "echo", "talkd", "netkit",
	    "inetutils");
	print_row("start, microseconds", wall, figures);
	print_row("start, CPU", cpu, figures);
	print_row("memory, KB", memory, figures);
	printf("%-37s %8s %7.0f B\n", "an invitation's memory, of 10,000", "",
	    measure_invitation());
}
