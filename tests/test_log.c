/*
 * The tests of talkd/log: what goes where, how much of it, and in what
 * characters.  The clock is the test's, and so is syslog.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "talkd/log.h"

enum { LINES_MAX = 1000, SHOWN = 200 };

/* What has been written, which the log's functions cannot be given. */
static struct {
	int64_t now;
	size_t count;
	int priorities[LINES_MAX];
	char lines[LINES_MAX][SHOWN];
} paper;

static int64_t
read_clock(void)
{
	return paper.now;
}

static void
write_paper(int priority, const char *line)
{
	assert_true(paper.count < LINES_MAX);
	paper.priorities[paper.count] = priority;
	snprintf(paper.lines[paper.count++], SHOWN, "%s", line);
}

struct scene {
	struct log log;
	struct log_flow flow;
};

static int
set_up(void **state)
{
	static struct scene scene;

	log_init(&scene.log, &scene.flow);
	scene.log.to_stderr = false;
	scene.flow.clock = read_clock;
	scene.flow.write = write_paper;
	memset(&paper, 0, sizeof(paper));
	paper.now = 123456789;
	*state = &scene;
	return 0;
}

static void
assert_line(size_t at, int priority, const char *line)
{
	assert_true(at < paper.count);
	assert_int_equal(paper.priorities[at], priority);
	assert_string_equal(paper.lines[at], line);
}

static void
each_line_goes_where_the_options_say(void **state)
{
	struct scene *scene = *state;
	struct log *log = &scene->log;

	log_call(log, "a call");
	log_debug(log, "a detail");
	assert_int_equal(paper.count, 0);
	log_error(log, "an end");
	log_warning(log, "a warning");
	log->calls = true;
	log_call(log, "%s calls %s", "alice", "bob");
	log->debug = true;
	log_debug(log, "a detail");
	assert_int_equal(paper.count, 4);
	assert_line(0, LOG_ERR, "an end");
	assert_line(1, LOG_WARNING, "a warning");
	assert_line(2, LOG_INFO, "alice calls bob");
	assert_line(3, LOG_DEBUG, "a detail");
}

static void
what_could_do_harm_is_escaped(void **state)
{
	struct scene *scene = *state;

	log_warning(&scene->log, "a %s\r\nb \033[2J \233", "%n%s");
	assert_line(0, LOG_WARNING, "a %n%s\\015\\012b \\033[2J \\233");
}

/* Writes so many calls; returns how many lines came of it. */
static size_t
flood(struct scene *scene, size_t count)
{
	size_t before = paper.count;

	while (count-- > 0)
		log_call(&scene->log, "a call");
	return paper.count - before;
}

static void
a_flood_writes_twenty_lines_and_then_one_a_second(void **state)
{
	struct scene *scene = *state;

	scene->log.calls = true;
	assert_int_equal(flood(scene, 10000), 20);
	paper.now += 999;
	assert_int_equal(flood(scene, 10), 0);
	paper.now += 1;
	assert_int_equal(flood(scene, 10), 2);
	assert_line(20, LOG_INFO, "9990 lines like this were left out");
	assert_line(21, LOG_INFO, "a call");
	paper.now += 1000;
	assert_int_equal(flood(scene, 1), 2);
	assert_line(22, LOG_INFO, "9 lines like this were left out");
	paper.now += 60 * 60 * 1000;
	assert_int_equal(flood(scene, 10000), 20);
}

static void
what_is_in_pace_is_all_written(void **state)
{
	struct scene *scene = *state;
	int i;

	scene->log.calls = true;
	for (i = 0; i < 300; i++, paper.now += 1000)
		assert_int_equal(flood(scene, 1), 1);
}

static void
a_flood_of_calls_leaves_warnings_and_errors_alone(void **state)
{
	struct scene *scene = *state;
	int i;

	scene->log.calls = true;
	(void)flood(scene, 10000);
	paper.count = 0;
	log_warning(&scene->log, "a warning");
	assert_line(0, LOG_WARNING, "a warning");
	for (i = 0; i < 100; i++)
		log_error(&scene->log, "an end");
	assert_int_equal(paper.count, 101);
}

static void
the_debug_log_in_syslog_has_bounds_of_its_own(void **state)
{
	struct scene *scene = *state;
	int i;

	scene->log.debug = true;
	for (i = 0; i < 1000; i++)
		log_debug(&scene->log, "a detail");
	assert_int_equal(paper.count, 200);
	paper.now += 100;
	log_debug(&scene->log, "a detail");
	assert_line(200, LOG_DEBUG, "800 lines like this were left out");
}

/* How many lines come out of a pipe that stands for standard error. */
static size_t
count_lines(int fd)
{
	char bytes[4096];
	size_t lines = 0;
	ssize_t len, i;

	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		for (i = 0; i < len; i++)
			lines += bytes[i] == '\n';
	return lines;
}

static void
standard_error_gets_it_all(void **state)
{
	struct scene *scene = *state;
	int ends[2], kept = dup(STDERR_FILENO), i;

	scene->log.debug = scene->log.to_stderr = true;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	for (i = 0; i < 1000; i++)
		log_call(&scene->log, "a call");
	assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	close(kept);
	close(ends[1]);
	assert_int_equal(count_lines(ends[0]), 1000);
	close(ends[0]);
	assert_int_equal(paper.count, 0);
}

#define CASE(test) cmocka_unit_test_setup(test, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_line_goes_where_the_options_say),
		CASE(what_could_do_harm_is_escaped),
		CASE(a_flood_writes_twenty_lines_and_then_one_a_second),
		CASE(what_is_in_pace_is_all_written),
		CASE(a_flood_of_calls_leaves_warnings_and_errors_alone),
		CASE(the_debug_log_in_syslog_has_bounds_of_its_own),
		CASE(standard_error_gets_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
