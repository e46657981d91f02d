/*
 * A test that reports stands for each test that runs: it waits for the process
 * and starts the next ones meanwhile.
 */
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "abreast.h"

enum { AT_ONCE = 6 };

struct runner {
	struct troop *troop;
	const struct CMUnitTest *test;
	pid_t pid;    /* 0: not started, or has ended */
	FILE *output; /* of the test; NULL: not started */
	int status;   /* as wait(2) has it */
};

struct troop {
	struct runner *runners;
	size_t count;
	size_t started;
	size_t running;
};

static int
run_alone(const struct CMUnitTest *test)
{
	return _cmocka_run_group_tests(test->name, test, 1, NULL, NULL);
}

static void
start(struct runner *runner)
{
	runner->output = tmpfile();
	assert_non_null(runner->output);
	/* No program that a test starts has the others' files. */
	assert_int_equal(fcntl(fileno(runner->output), F_SETFD, FD_CLOEXEC), 0);
	fflush(NULL);
	runner->pid = fork();
	assert_true(runner->pid >= 0);
	if (runner->pid > 0)
		return;
	if (dup2(fileno(runner->output), STDOUT_FILENO) < 0 ||
	    dup2(fileno(runner->output), STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	exit(run_alone(runner->test));
}

static void
start_more(struct troop *troop)
{
	while (troop->running < AT_ONCE && troop->started < troop->count) {
		start(&troop->runners[troop->started++]);
		troop->running++;
	}
}

/* Waits until one of them ends. */
static void
await_one(struct troop *troop)
{
	int status;
	pid_t pid = wait(&status);
	size_t i;

	assert_true(pid > 0);
	for (i = 0; i < troop->started; i++) {
		if (troop->runners[i].pid != pid)
			continue;
		troop->runners[i].pid = 0;
		troop->runners[i].status = status;
		troop->running--;
	}
}

static void
show_output(FILE *output)
{
	char line[512];

	rewind(output);
	while (fgets(line, sizeof(line), output) != NULL)
		fputs(line, stderr);
}

static void
report(void **state)
{
	struct runner *runner = *state;

	start_more(runner->troop);
	while (runner->pid != 0) {
		await_one(runner->troop);
		start_more(runner->troop);
	}
	if (runner->status != 0)
		show_output(runner->output);
	fclose(runner->output);
	assert_int_equal(runner->status, 0);
}

int
abreast_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	struct troop troop = { .count = count };
	struct CMUnitTest *reports = calloc(count, sizeof(*reports));
	int failed = -1;
	size_t i;

	troop.runners = calloc(count, sizeof(*troop.runners));
	if (reports != NULL && troop.runners != NULL) {
		for (i = 0; i < count; i++) {
			troop.runners[i].troop = &troop;
			troop.runners[i].test = &tests[i];
			reports[i].name = tests[i].name;
			reports[i].test_func = report;
			reports[i].initial_state = &troop.runners[i];
		}
		failed = _cmocka_run_group_tests(
		    name, reports, count, NULL, NULL);
	}
	free(reports);
	free(troop.runners);
	return failed;
}
