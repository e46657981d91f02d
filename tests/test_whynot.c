/*
 * The tests of talkd/whynot: what is said of a terminal, by who the daemon is
 * and whose the terminal is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "talkd/whynot.h"

enum { ALICE = 1000, NOBODY = 65534, TTY = 5, USERS = 100 };

static const struct whynot_self as_it_should_be = { .user = NOBODY,
	.knows_tty = true,
	.tty = TTY,
	.count = 1,
	.groups = { TTY } };

static const struct whynot_self of_no_tty = { .user = NOBODY,
	.knows_tty = true,
	.tty = TTY,
	.count = 1,
	.groups = { NOBODY } };

static const struct whynot_self without_tty = {
	.user = NOBODY, .count = 1, .groups = { NOBODY }
};

static const struct whynot_self root = { .knows_tty = true, .tty = TTY };

static const struct whynot_self alice = { .user = ALICE,
	.knows_tty = true,
	.tty = TTY,
	.count = 1,
	.groups = { USERS } };

struct says {
	const struct whynot_self *self;
	const char *name;
	bool open;
	gid_t group;
	const char *failure;
	const char *text;
};

#define UNMOUNTED ": is /dev/pts mounted without gid=5,mode=620?"

static const struct says cases[] = {
	/* mesg n, and no more to say */
	{ &as_it_should_be, "pts/1", false, TTY, NULL, "closed to messages" },
	{ &of_no_tty, "pts/1", false, TTY, NULL, "closed to messages" },
	{ &as_it_should_be, "tty1", false, TTY, NULL, "closed to messages" },
	{ &without_tty, "pts/1", false, USERS, NULL, "closed to messages" },

	/* nobody closed it: it was born so */
	{ &as_it_should_be, "pts/1", false, USERS, NULL,
	    "closed to messages; its group is users, not tty" UNMOUNTED },
	{ &root, "pts/1", false, USERS, NULL,
	    "closed to messages; its group is users, not tty" UNMOUNTED },
	{ &as_it_should_be, "tty1", false, USERS, NULL,
	    "closed to messages; its group is users, not tty" },

	/* opened by its user, but to a group that is not the daemon's */
	{ &as_it_should_be, "pts/1", true, USERS, "Permission denied",
	    "Permission denied; its group is users, not tty" UNMOUNTED },
	{ &of_no_tty, "pts/1", true, USERS, "Permission denied",
	    "Permission denied; its group is users, not tty" UNMOUNTED
	    "; talkd is not in group tty" },
	{ &of_no_tty, "pts/1", true, TTY, "Permission denied",
	    "Permission denied; talkd is not in group tty" },
	{ &without_tty, "pts/1", true, USERS, "Permission denied",
	    "Permission denied; there is no group tty" },

	/* other reasons have nothing to do with groups */
	{ &as_it_should_be, "pts/1", true, TTY, "stopped or full",
	    "stopped or full" },
	{ &root, "pts/1", true, USERS, "stopped or full", "stopped or full" },
	{ &alice, "pts/1", true, USERS, "stopped or full", "stopped or full" },
	{ &as_it_should_be, "pts/1", true, TTY, "somebody else's",
	    "somebody else's" },
};

static void
each_terminal_is_passed_over_for_a_reason(void **state)
{
	char text[WHYNOT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct terminal terminal = { .owner = ALICE,
			.open = cases[i].open,
			.group = cases[i].group };

		memcpy(terminal.name, cases[i].name, strlen(cases[i].name) + 1);
		whynot_explain(
		    cases[i].self, &terminal, "users", cases[i].failure, text);
		assert_string_equal(text, cases[i].text);
	}
}

static char logged[WHYNOT_SIZE * 2];

static void
write_paper(int priority, const char *line)
{
	(void)priority;
	snprintf(logged, sizeof(logged), "%s", line);
}

/* So may a group be that was removed. */
static void
a_group_without_a_name_is_named_by_its_number(void **state)
{
	const struct terminal terminal = {
		.name = "pts/1", .open = true, .group = 2147483646
	};
	struct log_flow flow;
	struct log log;

	(void)state;
	log_init(&log, &flow);
	flow.write = write_paper;
	log.debug = true;
	log.to_stderr = false;
	whynot_passed_over(&log, &terminal, NULL);
	assert_non_null(strstr(logged, "pts/1 passed over: "));
	assert_non_null(strstr(logged, "its group is 2147483646, not tty"));
}

static void
the_longest_names_fit(void **state)
{
	struct terminal terminal = { .name = "pts/34567890123", .open = true };
	char group[256], failure[256], text[WHYNOT_SIZE];

	(void)state;
	memset(group, 'g', sizeof(group) - 1);
	memset(failure, 'f', sizeof(failure) - 1);
	group[sizeof(group) - 1] = failure[sizeof(failure) - 1] = '\0';
	whynot_explain(&of_no_tty, &terminal, group, failure, text);
	assert_true(strlen(text) < sizeof(text));
	assert_non_null(strstr(text, "; talkd is not in group tty"));
}

static void
the_system_tells_who_the_daemon_is(void **state)
{
	struct whynot_self self;

	(void)state;
	whynot_ask(&self);
	assert_int_equal(self.user, geteuid());
	assert_true(self.count > 0);
	assert_int_equal(self.groups[self.count - 1], getegid());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_terminal_is_passed_over_for_a_reason),
		cmocka_unit_test(a_group_without_a_name_is_named_by_its_number),
		cmocka_unit_test(the_longest_names_fit),
		cmocka_unit_test(the_system_tells_who_the_daemon_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
