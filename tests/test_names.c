/*
 * The tests of talkd/names, with a clock that the test sets and a resolver
 * that answers when the test lets it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "talkd/names.h"

enum { PATIENCE = 10000 }; /* milliseconds, for what must come */

/*
 * The resolver tells through `asked` that it was asked, and answers when it has
 * read a byte from `allowed`; each test lets it answer all it was asked.
 */
static int asked[2];
static int allowed[2];

/* Hosts with an even last byte are called hN.example, others nothing. */
static bool
resolve(const struct address *host, char name[PERSON_HOST_SIZE])
{
	char byte = (char)host->bytes[3];

	snprintf(name, PERSON_HOST_SIZE, "h%d.example", host->bytes[3]);
	return write(asked[1], &byte, 1) == 1 &&
	    read(allowed[0], &byte, 1) == 1 && host->bytes[3] % 2 == 0;
}

static int
open_pipes(void **state)
{
	(void)state;
	return pipe(asked) != 0 || pipe(allowed) != 0;
}

static int
set_up(void **state)
{
	*state = names_new(resolve);
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	names_free(*state);
	return 0;
}

static struct address
host(uint8_t last)
{
	return (struct address){ 4, { 192, 0, 2, last }, 518, 0 };
}

/* Asserts what a host is called, and whether more is to come. */
static void
assert_called(struct names *names, const struct address *a, int64_t now,
    bool known, const char *expected)
{
	char name[PERSON_HOST_SIZE];

	assert_int_equal(names_find(names, a, now, name), known);
	assert_string_equal(name, expected);
}

static void
wait_for(int fd)
{
	struct pollfd ready = { fd, POLLIN, 0 };

	assert_int_equal(poll(&ready, 1, PATIENCE), 1);
}

/* Lets the resolver answer once, and takes that in. */
static void
answer(struct names *names, int64_t now)
{
	char byte;

	assert_int_equal(write(allowed[1], "", 1), 1);
	wait_for(asked[0]);
	assert_int_equal(read(asked[0], &byte, 1), 1);
	wait_for(names_fd(names));
	names_collect(names, now);
}

/* Whether the resolver has been asked since the last answer. */
static bool
is_asked(void)
{
	struct pollfd ready = { asked[0], POLLIN, 0 };

	return poll(&ready, 1, 0) == 1;
}

static void
loopback_needs_no_resolver(void **state)
{
	const struct address ipv4 = { 4, { 127, 0, 0, 1 }, 1, 0 };
	const struct address debian = { 4, { 127, 0, 1, 1 }, 1, 0 };
	const struct address ipv6 = { 6, { [15] = 1 }, 1, 0 };

	assert_called(*state, &ipv4, 0, true, "localhost");
	assert_called(*state, &ipv6, 0, true, "localhost");
	assert_called(*state, &debian, 0, true, "127.0.1.1");
	assert_false(is_asked());
}

static void
a_host_goes_by_its_number_until_its_name_is_known(void **state)
{
	const struct address a = host(2);

	assert_called(*state, &a, 0, false, "192.0.2.2");
	assert_called(*state, &a, 0, false, "192.0.2.2");
	answer(*state, 0);
	assert_called(*state, &a, 0, true, "h2.example");
	assert_false(is_asked()); /* the second find asked nobody again */
}

static void
a_name_is_told_from_having_none_and_from_not_being_known(void **state)
{
	const struct address named = host(2), nameless = host(3);
	const struct address ipv4 = { 4, { 127, 0, 0, 1 }, 1, 0 };
	const struct address debian = { 4, { 127, 0, 1, 1 }, 1, 0 };

	assert_null(names_known(*state, &named, 0));
	answer(*state, 0);
	assert_string_equal(names_known(*state, &named, 0), "h2.example");
	assert_null(names_known(*state, &nameless, 0));
	answer(*state, 0);
	assert_string_equal(names_known(*state, &nameless, 0), "");
	assert_string_equal(names_known(*state, &ipv4, 0), "localhost");
	assert_string_equal(names_known(*state, &debian, 0), "");
	assert_false(is_asked());
}

static void
the_port_makes_no_other_host(void **state)
{
	struct address a = host(2);

	assert_called(*state, &a, 0, false, "192.0.2.2");
	answer(*state, 0);
	a.port = 9;
	assert_called(*state, &a, 0, true, "h2.example");
}

static void
a_name_is_asked_for_anew_when_its_time_is_over(void **state)
{
	const struct address a = host(2);

	assert_called(*state, &a, 0, false, "192.0.2.2");
	answer(*state, 100);
	assert_called(*state, &a, 100 + NAMES_KEPT - 1, true, "h2.example");
	assert_called(*state, &a, 100 + NAMES_KEPT, false, "192.0.2.2");
	answer(*state, 100 + NAMES_KEPT);
	assert_called(*state, &a, 100 + NAMES_KEPT, true, "h2.example");
}

static void
that_a_host_has_no_name_is_known_for_a_shorter_time(void **state)
{
	const struct address a = host(3);

	assert_called(*state, &a, 0, false, "192.0.2.3");
	answer(*state, 0);
	assert_called(*state, &a, NAMES_MISSING_KEPT - 1, true, "192.0.2.3");
	assert_false(is_asked());
	assert_called(*state, &a, NAMES_MISSING_KEPT, false, "192.0.2.3");
	answer(*state, 0);
}

static void
when_too_many_are_asked_about_the_number_must_do(void **state)
{
	char name[PERSON_HOST_SIZE];
	struct address a;
	uint8_t i;

	for (i = 0; i < NAMES_ASKED_MAX; i++) {
		a = host(i);
		assert_false(names_find(*state, &a, 0, name));
	}
	a = host(i);
	assert_called(*state, &a, 0, true, "192.0.2.32");
	assert_string_equal(names_known(*state, &a, 0), "");
	while (i-- > 0)
		answer(*state, 0);
}

static void
answers_come_to_the_hosts_they_are_for(void **state)
{
	char expected[32];
	struct address a;
	uint8_t i;

	for (i = 0; i < NAMES_ASKED_MAX; i++) {
		a = host(i);
		snprintf(expected, sizeof(expected), "192.0.2.%d", i);
		assert_called(*state, &a, 0, false, expected);
	}
	for (i = 0; i < NAMES_ASKED_MAX; i++)
		answer(*state, 0);
	for (i = 0; i < NAMES_ASKED_MAX; i += 2) {
		a = host(i);
		snprintf(expected, sizeof(expected), "h%d.example", i);
		assert_called(*state, &a, 0, true, expected);
	}
}

/* Within a cache's size; the oldest makes room. */
static void
more_hosts_than_are_kept_are_asked_about_anew(void **state)
{
	struct address a;
	char name[PERSON_HOST_SIZE];
	int i;

	for (i = 0; i <= NAMES_CACHE_MAX; i++) {
		a = host((uint8_t)(2 * i));
		assert_false(names_find(*state, &a, i, name));
		answer(*state, i);
	}
	assert_called(*state, &a, i, true, "h128.example");
	a = host(2);
	assert_called(*state, &a, i, true, "h2.example");
	a = host(0);
	assert_called(*state, &a, i, false, "192.0.2.0");
	answer(*state, i);
}

/*
 * It would hang, as nobody lets the resolver answer.  Then the thread frees,
 * which closes names_fd.
 */
static void
freeing_waits_for_no_answer(void **state)
{
	const struct address a = host(2);
	int fd = names_fd(*state);

	assert_called(*state, &a, 0, false, "192.0.2.2");
	wait_for(asked[0]);
	names_free(*state);
	*state = NULL;
	assert_int_not_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(write(allowed[1], "", 1), 1);
	while (fcntl(fd, F_GETFD) != -1)
		(void)sched_yield();
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(loopback_needs_no_resolver),
		CASE(a_host_goes_by_its_number_until_its_name_is_known),
		CASE(a_name_is_told_from_having_none_and_from_not_being_known),
		CASE(the_port_makes_no_other_host),
		CASE(a_name_is_asked_for_anew_when_its_time_is_over),
		CASE(that_a_host_has_no_name_is_known_for_a_shorter_time),
		CASE(when_too_many_are_asked_about_the_number_must_do),
		CASE(answers_come_to_the_hosts_they_are_for),
		CASE(more_hosts_than_are_kept_are_asked_about_anew),
		CASE(freeing_waits_for_no_answer),
	};

	return cmocka_run_group_tests(tests, open_pipes, NULL);
}
