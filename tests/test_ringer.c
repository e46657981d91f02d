/*
 * The tests of talkd/ringer: whom a call rings, and why it does not, on a real
 * terminal.  The clock and the names of hosts are the test's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "folder.h"
#include "puppet.h"
#include "seat.h"
#include "shortage.h"
#include "talkd/ringer.h"

enum {
	START = 1000000, /* when the first ring of most tests is wanted */
	LIFE = 60000,
	SEEN_SIZE = 1024,
	DESCRIPTORS = 8, /* more than a ring needs */
};

static const uint8_t key[SIPHASH_KEY_SIZE] = "0123456789abcde";
static const struct log quiet = { 0 };

struct scene {
	char folder[FOLDER_SIZE];
	char rules[FOLDER_SIZE + 8];
	struct seat seat; /* the callee's, who runs the tests */
	struct invitations *table;
	struct ringer ringer;
	struct senders senders;
	struct datagram in;
	struct talk_request req;
	struct ringer_task task;
	struct rendezvous_outcome outcome;
	struct extension_reply more;
};

/* Nobody has a name; that comes out once the test collects it. */
static bool
resolve_nothing(const struct address *host, char name[PERSON_HOST_SIZE])
{
	(void)host;
	name[0] = '\0';
	return false;
}

static void
put_rules(struct scene *scene, const char *text)
{
	folder_put(scene->rules, text, strlen(text), 0644);
}

static void
make_ringer(struct scene *scene)
{
	struct ringer *ringer = &scene->ringer;

	scene->table = invitations_new(key, LIFE);
	ringer->log = &quiet;
	ringer->names = names_new(resolve_nothing);
	ringer->access = access_new(scene->rules, &quiet);
	ringer->limits = limits_new(key);
	ringer->confirm = confirm_new(scene->table, &quiet);
	ringer->senders = &scene->senders;
	assert_true(scene->table != NULL && ringer->names != NULL &&
	    ringer->access != NULL && ringer->limits != NULL &&
	    ringer->confirm != NULL);
	snprintf(ringer->host, sizeof(ringer->host), "h2");
}

/* alice@localhost calls the user of the tests at his seat. */
static int
set_up(void **state)
{
	const struct passwd *user = getpwuid(getuid());
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_true(scene != NULL && user != NULL);
	*state = scene;
	folder_make(scene->folder);
	snprintf(scene->rules, sizeof(scene->rules), "%s/rules", scene->folder);
	put_rules(scene, "");
	make_ringer(scene);
	seat_take(&scene->seat);
	scene->in.source = puppet_address("127.0.0.1", 4321);
	scene->in.local = puppet_address("127.0.0.1", 518);
	snprintf(scene->req.l_name, sizeof(scene->req.l_name), "alice");
	snprintf(
	    scene->req.r_name, sizeof(scene->req.r_name), "%s", user->pw_name);
	snprintf(scene->req.r_tty, sizeof(scene->req.r_tty), "%.15s",
	    scene->seat.name);
	scene->task = (struct ringer_task){ .in = &scene->in,
		.req = &scene->req,
		.may_wait = true,
		.now = START };
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	struct ringer *ringer = &scene->ringer;

	seat_leave(&scene->seat);
	confirm_free(ringer->confirm);
	limits_free(ringer->limits);
	access_free(ringer->access);
	names_free(ringer->names);
	terminals_free(&ringer->terminals);
	senders_end(&scene->senders);
	invitations_free(scene->table);
	folder_remove(scene->folder);
	free(scene);
	return 0;
}

/* Rings; false when that waits. */
static bool
ring(struct scene *scene)
{
	scene->more = (struct extension_reply){ 0 };
	return ringer_ring(
	    &scene->ringer, &scene->task, &scene->outcome, &scene->more);
}

static void
assert_rung_by(const struct scene *scene, const char *caller)
{
	char seen[SEEN_SIZE], line[SEEN_SIZE];

	snprintf(
	    line, sizeof(line), "talk: respond with:  talk %s\r\n", caller);
	assert_non_null(
	    strstr(seat_read(&scene->seat, seen, sizeof(seen)), line));
}

static void
assert_silent(const struct scene *scene)
{
	char seen[SEEN_SIZE];

	assert_string_equal(seat_read(&scene->seat, seen, sizeof(seen)), "");
}

/* That it did not ring, and why. */
static void
assert_refused(
    struct scene *scene, enum talk_answer answer, enum extension_reason reason)
{
	assert_true(ring(scene));
	assert_int_equal(scene->outcome.answer, answer);
	assert_int_equal(scene->more.reason, reason);
	assert_int_equal(scene->more.terminal_count, 0);
	assert_silent(scene);
}

static void
a_call_rings_and_says_where(void **state)
{
	struct scene *scene = *state;

	assert_true(ring(scene));
	assert_int_equal(scene->outcome.answer, TALK_SUCCESS);
	assert_int_equal(scene->outcome.callee, getuid());
	assert_int_equal(scene->more.terminal_count, 1);
	assert_string_equal(scene->more.terminals[0], scene->seat.name);
	assert_rung_by(scene, "alice@localhost");
}

static void
the_first_ring_is_to_be_confirmed_and_no_other(void **state)
{
	struct scene *scene = *state;

	assert_true(ring(scene));
	assert_int_equal(confirm_count(scene->ringer.confirm), 1);
	scene->task.again = true;
	scene->task.now += 10000;
	assert_true(ring(scene));
	assert_int_equal(scene->outcome.answer, TALK_SUCCESS);
	assert_int_equal(confirm_count(scene->ringer.confirm), 1);
}

static void
who_is_not_here_is_told_as_such(void **state)
{
	struct scene *scene = *state;

	snprintf(scene->req.r_tty, sizeof(scene->req.r_tty), "pts/none");
	assert_refused(scene, TALK_NOT_HERE, EXTENSION_NO_REASON);
	snprintf(scene->req.r_name, sizeof(scene->req.r_name), "no-such-one");
	assert_refused(scene, TALK_NOT_HERE, EXTENSION_NO_REASON);
}

/* Rings with so many descriptors left, and the rules read before. */
static void
ring_with(struct scene *scene, unsigned descriptors)
{
	struct rlimit limit;
	bool rung;

	access_refresh(scene->ringer.access);
	limit = shortage_begin(descriptors);
	rung = ring(scene);
	shortage_end(limit);
	assert_true(rung);
}

/* However many descriptors are left: who cannot be looked for may be here. */
static void
a_system_short_of_descriptors_calls_nobody_absent(void **state)
{
	struct scene *scene = *state;
	unsigned spare;

	for (spare = 0; spare < DESCRIPTORS; spare++) {
		ring_with(scene, spare);
		if (scene->outcome.answer == TALK_SUCCESS)
			break;
		assert_int_equal(scene->outcome.answer, TALK_FAILED);
		assert_int_equal(scene->more.terminal_count, 0);
		assert_silent(scene);
	}
	assert_in_range(spare, 1, DESCRIPTORS - 1);
	assert_rung_by(scene, "alice@localhost");
}

/* A name that was cut may be that of anybody who has a terminal. */
static void
nor_does_it_of_a_name_that_was_cut(void **state)
{
	struct scene *scene = *state;

	snprintf(scene->req.r_name, sizeof(scene->req.r_name), "no-such-one");
	ring_with(scene, 0);
	assert_int_equal(scene->outcome.answer, TALK_FAILED);
	assert_refused(scene, TALK_NOT_HERE, EXTENSION_NO_REASON);
}

static void
a_closed_terminal_is_not_rung(void **state)
{
	struct scene *scene = *state;

	seat_mesg(&scene->seat, false);
	assert_refused(scene, TALK_PERMISSION_DENIED, EXTENSION_CLOSED);
	seat_mesg(&scene->seat, true);
	assert_true(ring(scene));
	assert_int_equal(scene->outcome.answer, TALK_SUCCESS);
}

static void
a_stopped_terminal_fails(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(tcflow(scene->seat.slave, TCOOFF), 0);
	assert_refused(scene, TALK_FAILED, EXTENSION_STUCK);
	assert_int_equal(tcflow(scene->seat.slave, TCOON), 0);
}

/* Whether he is here or not: rules tell nothing of it. */
static void
what_rules_forbid_does_not_ring(void **state)
{
	struct scene *scene = *state;

	put_rules(scene, "deny .* any\n");
	assert_refused(scene, TALK_PERMISSION_DENIED, EXTENSION_FORBIDDEN);
	snprintf(scene->req.r_name, sizeof(scene->req.r_name), "no-such-one");
	assert_refused(scene, TALK_PERMISSION_DENIED, EXTENSION_FORBIDDEN);
}

static void
a_pair_has_a_pause_between_its_rings(void **state)
{
	struct scene *scene = *state;

	assert_true(ring(scene));
	assert_rung_by(scene, "alice@localhost");
	scene->task.now += 1000;
	assert_refused(scene, TALK_FAILED, EXTENSION_TOO_OFTEN);
	assert_int_equal(
	    scene->more.seconds, (LIMITS_RING_PAUSE - 1000) / 1000);
	scene->task.now = START + LIMITS_RING_PAUSE;
	assert_true(ring(scene));
	assert_int_equal(scene->outcome.answer, TALK_SUCCESS);
}

static void
a_host_that_rings_too_often_is_refused_first_of_all(void **state)
{
	struct scene *scene = *state;

	put_rules(scene, "limit rings 1 1\n");
	access_govern(scene->ringer.access, scene->ringer.limits);
	assert_true(ring(scene));
	assert_rung_by(scene, "alice@localhost");
	snprintf(scene->req.l_name, sizeof(scene->req.l_name), "carol");
	snprintf(scene->req.r_name, sizeof(scene->req.r_name), "no-such-one");
	assert_refused(scene, TALK_FAILED, EXTENSION_TOO_OFTEN);
}

static void
a_ring_waits_for_the_name_of_its_host_while_it_may(void **state)
{
	struct scene *scene = *state;

	scene->in.source = puppet_address("10.0.0.5", 4321);
	scene->in.local = puppet_address("10.0.0.1", 518);
	assert_false(ring(scene));
	assert_silent(scene);
	scene->task.may_wait = false;
	assert_true(ring(scene));
	assert_int_equal(scene->outcome.answer, TALK_SUCCESS);
	assert_rung_by(scene, "alice@10.0.0.5");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_call_rings_and_says_where),
		CASE(the_first_ring_is_to_be_confirmed_and_no_other),
		CASE(who_is_not_here_is_told_as_such),
		CASE(a_system_short_of_descriptors_calls_nobody_absent),
		CASE(nor_does_it_of_a_name_that_was_cut),
		CASE(a_closed_terminal_is_not_rung),
		CASE(a_stopped_terminal_fails),
		CASE(what_rules_forbid_does_not_ring),
		CASE(a_pair_has_a_pause_between_its_rings),
		CASE(a_host_that_rings_too_often_is_refused_first_of_all),
		CASE(a_ring_waits_for_the_name_of_its_host_while_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
