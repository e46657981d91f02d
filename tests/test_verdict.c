/*
 * The tests of talk/verdict: what each ending says, of whom, and the status
 * that scripts see.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "talk/draft.h"
#include "talk/verdict.h"

static const struct person bob_there = { .user = "bob", .host = "h2" };
static const struct person bob_here = { .user = "bob" };
static const struct person everyone = { .host = "" };

static void
assert_verdict(const struct verdict *verdict, int status, const char *line)
{
	assert_string_equal(verdict->line, line);
	assert_int_equal(verdict->status, status);
}

/* --------------------------------------------------------------- calls --- */

static void
a_call_that_failed_says_why_and_of_whom(void **state)
{
	static const struct {
		enum call_failure failure;
		int error;
		const struct person *person;
		int status;
		const char *line;
	} cases[] = {
		{ CALL_NOT_LOGGED_ON, 0, &bob_there, EX_NOUSER,
		    "bob@h2: Your party is not logged on; try another host, or "
		    "later" },
		{ CALL_REFUSING, 0, &bob_here, EX_NOPERM,
		    "bob: Your party is refusing messages; ask by mail for "
		    "mesg y" },
		{ CALL_NO_DAEMON, 0, &bob_there, EX_UNAVAILABLE,
		    "h2: no talk daemon answers there; have talkd started on "
		    "that host" },
		{ CALL_NO_DAEMON, 0, &bob_here, EX_UNAVAILABLE,
		    "no talk daemon answers on this host; have talkd started "
		    "here" },
		{ CALL_TOO_OFTEN, 12, &bob_there, EX_TEMPFAIL,
		    "bob@h2: too many calls there; try again in 12 seconds" },
		{ CALL_TOO_OFTEN, 0, &bob_there, EX_TEMPFAIL,
		    "bob@h2: too many calls there; try again in a minute" },
	};
	struct session_outcome outcome = { .end = SESSION_FAILED };
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		outcome.failure = cases[i].failure;
		outcome.error = cases[i].error;
		verdict = verdict_on_session(&outcome, cases[i].person, "h2");
		assert_verdict(&verdict, cases[i].status, cases[i].line);
	}
}

static void
a_session_ends_well_or_names_what_ended_it(void **state)
{
	static const struct {
		struct session_outcome outcome;
		int status;
		const char *line;
	} cases[] = {
		{ { .end = SESSION_ENDED }, EX_OK, "" },
		{ { .end = SESSION_SIGNAL, .error = 15 }, EX_OSERR, "" },
		{ { .end = SESSION_LOST, .error = ECONNRESET }, EX_IOERR,
		    "h2: the connection broke before the conversation began; "
		    "call again" },
	};
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		verdict = verdict_on_session(
		    &cases[i].outcome, &bob_there, "h2");
		assert_verdict(&verdict, cases[i].status, cases[i].line);
	}
}

static void
who_calls_is_told_or_why_not(void **state)
{
	static const struct {
		struct callers callers;
		int status;
		const char *line;
	} cases[] = {
		{ { .state = CALLERS_KNOWN, .count = 1 }, EX_OK, "" },
		{ { .state = CALLERS_KNOWN }, VERDICT_NOTHING_TO_DO,
		    "nobody is calling you" },
		{ { .state = CALLERS_NO_DAEMON }, EX_UNAVAILABLE,
		    "no talk daemon answers on this host; have talkd started "
		    "here" },
		{ { .state = CALLERS_UNTOLD }, EX_UNAVAILABLE,
		    "the talk daemon on this host cannot tell who calls; "
		    "answer with talk user@host, as the ring says" },
		{ { .state = CALLERS_FAILED }, EX_TEMPFAIL,
		    "the talk daemon on this host cannot tell now who calls; "
		    "try again in a minute" },
		{ { .state = CALLERS_REFUSED }, EX_NOPERM,
		    "the talk daemon on this host does not tell you who calls; "
		    "its log says why" },
	};
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		verdict = verdict_on_callers(&cases[i].callers);
		assert_verdict(&verdict, cases[i].status, cases[i].line);
	}
}

/* ------------------------------------------------------------ messages --- */

static void
a_draft_is_good_or_says_what_it_lacks(void **state)
{
	static const struct {
		int error;
		size_t len;
		int status;
		const char *line;
	} cases[] = {
		{ 0, 1, EX_OK, "" },
		{ 0, 0, VERDICT_NOTHING_TO_DO,
		    "the message is empty; nothing was sent" },
		{ EFBIG, DRAFT_BYTES_MAX, EX_USAGE,
		    "the message is longer than a mebibyte; nothing was "
		    "sent" },
	};
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		verdict = verdict_on_draft(cases[i].error, cases[i].len);
		assert_verdict(&verdict, cases[i].status, cases[i].line);
	}
}

static void
a_delivery_says_what_came_of_it_and_how_far_it_got(void **state)
{
	static const struct {
		struct delivery delivery;
		const struct person *to;
		int status;
		const char *line;
	} cases[] = {
		{ { .state = DELIVERY_DONE, .delivered = 2 }, &bob_there, EX_OK,
		    "" },
		{ { .state = DELIVERY_NO_SERVICE }, &bob_there, EX_UNAVAILABLE,
		    "h2: no message service answers there; have talkd started "
		    "on that host" },
		{ { .state = DELIVERY_NO_SERVICE }, &bob_here, EX_UNAVAILABLE,
		    "no message service answers on this host; have talkd "
		    "started here" },
		{ { .state = DELIVERY_SILENT }, &bob_here, EX_UNAVAILABLE,
		    "this host: the host does not answer; is it up, and its "
		    "message port open?" },
		{ { .state = DELIVERY_TOO_MANY, .delivered = 41 }, &bob_there,
		    EX_TEMPFAIL,
		    "bob@h2: too many messages for that host; try again in a "
		    "minute (41 parts of it went before)" },
		{ { .state = DELIVERY_UNTOLD }, &bob_there, EX_TEMPFAIL,
		    "bob@h2: the host cannot tell now who is logged on; try "
		    "again in a minute" },
		{ { .state = DELIVERY_DECLINED, .words = "no \033[2J today" },
		    &bob_there, EX_UNAVAILABLE,
		    "bob@h2: the message service there declines it: "
		    "no \\033[2J today" },
	};
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		verdict = verdict_on_delivery(&cases[i].delivery, cases[i].to);
		assert_verdict(&verdict, cases[i].status, cases[i].line);
	}
}

static void
a_broadcast_says_whether_anybody_had_it(void **state)
{
	static const struct {
		struct broadcast broadcast;
		const struct person *to;
		int status;
		const char *line;
	} cases[] = {
		{ { .state = BROADCAST_SENT, .host_count = 1 }, &bob_here,
		    EX_OK, "" },
		{ { .state = BROADCAST_SENT }, &everyone, EX_OK, "" },
		{ { .state = BROADCAST_SENT }, &bob_here, EX_NOUSER,
		    "bob: no host has delivered it; not logged on, or "
		    "refusing" },
		{ { .state = BROADCAST_UNREACHABLE }, &bob_here, EX_UNAVAILABLE,
		    "bob: no network takes a broadcast; check yours" },
		{ { .state = BROADCAST_UNWRITABLE, .words = "too long a name" },
		    &bob_here, EX_USAGE, "bob: too long a name" },
	};
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		verdict = verdict_on_broadcast(
		    &cases[i].broadcast, cases[i].to);
		assert_verdict(&verdict, cases[i].status, cases[i].line);
	}
}

/* ---------------------------------------------------------- the system --- */

static void
what_the_system_did_not_let_us_do_has_its_words(void **state)
{
	const struct session_outcome broken = { .end = SESSION_BROKEN,
		.error = ENOMEM };
	const struct session_outcome failed = {
		.end = SESSION_FAILED, .failure = CALL_SYSTEM, .error = ENOMEM
	};
	const struct callers callers = { .state = CALLERS_SYSTEM,
		.error = ENOMEM };
	const struct delivery delivery = { .state = DELIVERY_SYSTEM,
		.error = ENOMEM };
	const struct broadcast broadcast = { .state = BROADCAST_SYSTEM,
		.error = ENOMEM };
	const struct verdict verdicts[] = {
		verdict_on_session(&broken, &bob_there, "h2"),
		verdict_on_session(&failed, &bob_there, "h2"),
		verdict_on_callers(&callers),
		verdict_on_draft(ENOMEM, 1),
		verdict_on_delivery(&delivery, &bob_there),
		verdict_on_broadcast(&broadcast, &bob_there),
	};
	char line[128];
	size_t i;

	(void)state;
	snprintf(
	    line, sizeof(line), "the system failed us: %s", strerror(ENOMEM));
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		assert_verdict(&verdicts[i], EX_OSERR, line);
}

static void
a_draft_that_cannot_be_read_says_why(void **state)
{
	struct verdict verdict = verdict_on_draft(EISDIR, 0);
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "standard input: %s", strerror(EISDIR));
	assert_verdict(&verdict, EX_IOERR, line);
}

/* ------------------------------------------------------- what is named --- */

static void
names_from_outside_pass_the_gate(void **state)
{
	struct verdict verdict;

	(void)state;
	verdict = verdict_on_host("h\0332", "not found");
	assert_verdict(&verdict, EX_NOHOST,
	    "h\\0332: no such host: not found; check its name");
	verdict = verdict_on_transcript("a log\n", "no regular file");
	assert_verdict(&verdict, EX_CANTCREAT,
	    "a log\\012: the transcript cannot be written: no regular file; "
	    "name "
	    "another file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_failed_says_why_and_of_whom),
		cmocka_unit_test(a_session_ends_well_or_names_what_ended_it),
		cmocka_unit_test(who_calls_is_told_or_why_not),
		cmocka_unit_test(a_draft_is_good_or_says_what_it_lacks),
		cmocka_unit_test(
		    a_delivery_says_what_came_of_it_and_how_far_it_got),
		cmocka_unit_test(a_broadcast_says_whether_anybody_had_it),
		cmocka_unit_test(
		    what_the_system_did_not_let_us_do_has_its_words),
		cmocka_unit_test(a_draft_that_cannot_be_read_says_why),
		cmocka_unit_test(names_from_outside_pass_the_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
