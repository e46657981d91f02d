/*
 * The tests of talk/callers: the list of calls as daemons tell it, or do not,
 * that the test plays itself, on loopback, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "puppet.h"
#include "talk/callers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --------------------------------------------------------------- stage --- */

struct scene {
	struct puppet own;    /* at 127.0.0.1 */
	struct puppet second; /* at 127.0.0.2 */
	struct callers callers;
	uint8_t page[PUPPET_DATAGRAM_SIZE]; /* elements of a reply */
	size_t page_len;
	int descriptors; /* before */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	scene->descriptors = puppet_descriptors();
	puppet_open(&scene->own, "127.0.0.1", 0);
	puppet_open(&scene->second, "127.0.0.2", 0);
	*state = scene;
	return 0;
}

/* Every test also shows that nothing stays open. */
static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;

	callers_end(&scene->callers);
	puppet_close(&scene->own);
	puppet_close(&scene->second);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

static void
start(struct scene *scene)
{
	callers_start(
	    &scene->callers, "maximilianalexander", &scene->own.at, 1, 1000);
	assert_int_equal(scene->callers.state, CALLERS_ASKING);
}

static void
start_with_two(struct scene *scene)
{
	const struct address here[] = { scene->own.at, scene->second.at };

	callers_start(&scene->callers, "bob", here, 2, 1000);
	assert_int_equal(scene->callers.state, CALLERS_ASKING);
}

/* Nobody sends to a broadcast address without having asked for it. */
static void
start_with_one_that_cannot_be_asked(struct scene *scene)
{
	const struct address here[] = { scene->own.at,
		puppet_address("255.255.255.255", 518) };

	callers_start(&scene->callers, "bob", here, 2, 1000);
	assert_int_equal(scene->callers.state, CALLERS_ASKING);
}

/* A turn once something has come. */
static enum callers_state
turn_on_news(struct scene *scene)
{
	struct turn turn;

	turn_begin(&turn);
	callers_await(&scene->callers, &turn);
	puppet_await(&turn);
	return callers_turn(&scene->callers, 1000);
}

/* Hears a request for the list; returns how many are known already. */
static int
hear_list_at(struct puppet *daemon)
{
	const uint8_t *skip;
	size_t len;

	puppet_hear(daemon, LOOK_UP);
	skip = puppet_element(daemon, LIST, &len);
	assert_non_null(skip);
	assert_int_equal(len, 2);
	return skip[0] << 8 | skip[1];
}

static int
hear_list(struct scene *scene)
{
	return hear_list_at(&scene->own);
}

static void
add_call(struct scene *scene, uint8_t age, const char *caller, const char *host)
{
	size_t caller_len = strlen(caller);
	size_t host_len = strlen(host);
	uint8_t *at = scene->page + scene->page_len;

	assert_true(7 + caller_len + host_len <=
	    PUPPET_DATAGRAM_SIZE - 28 - scene->page_len);
	at[0] = CALL;
	at[1] = (uint8_t)(5 + caller_len + host_len);
	memcpy(at + 2, (uint8_t[]){ 0, 0, 1, age }, 4);
	at[6] = (uint8_t)caller_len;
	memcpy(at + 7, caller, caller_len);
	memcpy(at + 7 + caller_len, host, host_len);
	scene->page_len += 7 + caller_len + host_len;
}

/* Answers with the calls added, and begins a new page. */
static enum callers_state
answer_page_at(struct scene *scene, const struct puppet *daemon)
{
	puppet_answer_more(daemon, scene->page_len > 0 ? SUCCESS : NOT_HERE, 0,
	    scene->page, scene->page_len);
	scene->page_len = 0;
	return turn_on_news(scene);
}

static enum callers_state
answer_page(struct scene *scene)
{
	return answer_page_at(scene, &scene->own);
}

static void
check_call(const struct scene *scene, size_t i, uint32_t age,
    const char *caller, const char *host)
{
	const struct extension_call *call = &scene->callers.calls[i];

	assert_true(i < scene->callers.count);
	assert_string_equal(call->caller, caller);
	assert_string_equal(call->host, host);
	assert_int_equal(call->age, age);
}

/* --------------------------------------------------------------- tests --- */

static void
the_list_is_asked_for_by_who_is_called_alone(void **state)
{
	struct scene *scene = *state;
	const uint8_t *name;
	size_t len;

	start(scene);
	assert_int_equal(hear_list(scene), 0);
	assert_memory_equal(scene->own.question + AT_L_NAME, "maximiliana", 12);
	assert_memory_equal(
	    scene->own.question + AT_R_NAME, (uint8_t[28]){ 0 }, 28);
	name = puppet_element(&scene->own, CALLER, &len);
	assert_non_null(name);
	assert_int_equal(len, 19);
	assert_memory_equal(name, "maximilianalexander", 19);
	assert_int_equal(
	    scene->own.behind_len, PUPPET_DATAGRAM_SIZE - PUPPET_REQUEST_SIZE);
}

static void
callers_are_known_once_no_more_of_them_come(void **state)
{
	struct scene *scene = *state;

	start(scene);
	assert_int_equal(hear_list(scene), 0);
	add_call(scene, 3, "alice", "h1");
	add_call(scene, 9, "bob", "h2.example.org");
	assert_int_equal(answer_page(scene), CALLERS_ASKING);
	assert_int_equal(hear_list(scene), 2);
	add_call(scene, 27, "wolfeschlegelsteinhausen", "2001:db8::7");
	assert_int_equal(answer_page(scene), CALLERS_ASKING);
	assert_int_equal(hear_list(scene), 3);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, 3);
	check_call(scene, 0, 0x103, "alice", "h1");
	check_call(scene, 1, 0x109, "bob", "h2.example.org");
	check_call(scene, 2, 0x11b, "wolfeschlegelsteinhausen", "2001:db8::7");
	assert_false(puppet_hears(&scene->own));
}

static void
that_nobody_calls_is_known_too(void **state)
{
	struct scene *scene = *state;

	start(scene);
	(void)hear_list(scene);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, 0);
	assert_int_equal(callers_turn(&scene->callers, 99000), CALLERS_KNOWN);
}

static void
one_who_called_again_between_two_pages_stands_once(void **state)
{
	struct scene *scene = *state;

	start(scene);
	(void)hear_list(scene);
	add_call(scene, 3, "alice", "h1");
	add_call(scene, 9, "bob", "h2");
	(void)answer_page(scene);
	(void)hear_list(scene);
	add_call(scene, 10, "bob", "h2");
	add_call(scene, 11, "bob", "h3");
	add_call(scene, 12, "carol", "h2");
	(void)answer_page(scene);
	assert_int_equal(hear_list(scene), 5);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, 4);
	check_call(scene, 1, 0x109, "bob", "h2");
	check_call(scene, 2, 0x10b, "bob", "h3");
	check_call(scene, 3, 0x10c, "carol", "h2");
}

static void
what_cannot_be_called_back_is_left_out(void **state)
{
	static const struct {
		const char *caller, *host;
	} cases[] = {
		{ "al ice", "h1" },
		{ "alice\033[31m", "h1" },
		{ "alice", "h1\n" },
		{ "alice", "h 1" },
		{ "alice%pts/3", "h1" },
		{ "alice#pts/3", "h1" },
		{ "al\303\251ice", "h1" },
		{ "alice", "h\351" },
		{ "alice\177", "h1" },
		{ "alice", "h1%pts/3" },
		{ "alice", "h1#pts/3" },
		{ "alice", "[h1" },
		{ "alice", "\302\233" },
	};
	struct scene *scene = *state;
	size_t i;

	start(scene);
	(void)hear_list(scene);
	for (i = 0; i < COUNT(cases); i++)
		add_call(scene, 1, cases[i].caller, cases[i].host);
	add_call(scene, 2, "bob", "192.0.2.7");
	assert_int_equal(answer_page(scene), CALLERS_ASKING);
	assert_int_equal(hear_list(scene), COUNT(cases) + 1);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	if (scene->callers.count != 1)
		fail_msg("taken: %s@%s", scene->callers.calls[0].caller,
		    scene->callers.calls[0].host);
	check_call(scene, 0, 0x102, "bob", "192.0.2.7");
}

static void
addresses_of_both_families_are_hosts(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "::1", "2001:db8::7",
		"fe80::1%2", "fe80::1%eth0", "h1.example.org" };
	struct scene *scene = *state;
	size_t i;

	start(scene);
	(void)hear_list(scene);
	for (i = 0; i < COUNT(hosts); i++)
		add_call(scene, 1, "bob", hosts[i]);
	(void)answer_page(scene);
	(void)hear_list(scene);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, COUNT(hosts));
	for (i = 0; i < COUNT(hosts); i++)
		check_call(scene, i, 0x101, "bob", hosts[i]);
}

static void
a_list_without_end_ends(void **state)
{
	struct scene *scene = *state;
	char host[16];
	int pages = 0;
	int i;

	start(scene);
	do {
		assert_int_equal(hear_list(scene), 30 * pages);
		for (i = 0; i < 30; i++) {
			snprintf(host, sizeof(host), "h%d-%d", pages, i);
			add_call(scene, 1, "bob", host);
		}
		pages++;
	} while (answer_page(scene) == CALLERS_ASKING);
	assert_int_equal(scene->callers.state, CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, CALLERS_MAX);
	check_call(scene, CALLERS_MAX - 1, 0x101, "bob", "h33-9");
	assert_false(puppet_hears(&scene->own));
}

static void
a_page_lost_is_asked_for_again(void **state)
{
	struct scene *scene = *state;

	start(scene);
	(void)hear_list(scene);
	add_call(scene, 3, "alice", "h1");
	(void)answer_page(scene);
	assert_int_equal(hear_list(scene), 1);
	assert_int_equal(callers_turn(&scene->callers, 1300), CALLERS_ASKING);
	assert_int_equal(hear_list(scene), 1);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, 1);
}

/* --------------------------------------------------- who does not tell --- */

static void
netkits_daemon_cannot_tell(void **state)
{
	struct scene *scene = *state;

	start(scene);
	(void)hear_list(scene);
	puppet_refuse(&scene->own);
	assert_int_equal(turn_on_news(scene), CALLERS_ASKING);
	puppet_hear(&scene->own, LOOK_UP);
	assert_int_equal(scene->own.behind_len, 0);
	puppet_answer(&scene->own, NOT_HERE, 0);
	assert_int_equal(turn_on_news(scene), CALLERS_UNTOLD);
}

static void
a_daemon_that_reads_84_bytes_cannot_tell(void **state)
{
	static const int answers[] = { SUCCESS, NOT_HERE, FAILED,
		PERMISSION_DENIED, 255 };
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(answers); i++) {
		start(scene);
		(void)hear_list(scene);
		puppet_answer(&scene->own, answers[i], 7);
		assert_int_equal(turn_on_news(scene), CALLERS_UNTOLD);
		assert_int_equal(scene->callers.count, 0);
		callers_end(&scene->callers);
	}
}

static void
a_daemon_may_refuse(void **state)
{
	static const uint8_t impostor[] = { REASON, 3, 6, 0, 0 };
	struct scene *scene = *state;

	start(scene);
	(void)hear_list(scene);
	puppet_answer_more(
	    &scene->own, PERMISSION_DENIED, 0, impostor, sizeof(impostor));
	assert_int_equal(turn_on_news(scene), CALLERS_REFUSED);
}

static void
without_a_daemon_that_is_known_at_once(void **state)
{
	struct scene *scene = *state;

	puppet_close(&scene->own);
	start(scene);
	assert_int_equal(turn_on_news(scene), CALLERS_NO_DAEMON);
}

static void
a_silent_daemon_is_none_after_ten_seconds(void **state)
{
	struct scene *scene = *state;

	start(scene);
	assert_int_equal(callers_turn(&scene->callers, 10999), CALLERS_ASKING);
	assert_int_equal(
	    callers_turn(&scene->callers, 11000), CALLERS_NO_DAEMON);
}

static void
without_an_address_to_ask_at_the_system_failed_us(void **state)
{
	struct scene *scene = *state;

	callers_start(&scene->callers, "alice", NULL, 0, 0);
	assert_int_equal(scene->callers.state, CALLERS_SYSTEM);
	assert_int_not_equal(scene->callers.error, 0);
	assert_int_equal(callers_turn(&scene->callers, 0), CALLERS_SYSTEM);
}

/* -------------------------------------------- a daemon for each family --- */

static void
two_daemons_tell_one_list(void **state)
{
	struct scene *scene = *state;

	start_with_two(scene);
	assert_int_equal(hear_list(scene), 0);
	assert_false(puppet_hears(&scene->second));
	add_call(scene, 3, "alice", "h1");
	add_call(scene, 9, "bob", "h2");
	assert_int_equal(answer_page(scene), CALLERS_ASKING);
	assert_int_equal(hear_list(scene), 2);
	assert_int_equal(answer_page(scene), CALLERS_ASKING);
	assert_int_equal(hear_list_at(&scene->second), 0);
	assert_memory_equal(scene->second.question + AT_L_NAME, "bob", 4);
	add_call(scene, 1, "carol", "h1");
	add_call(scene, 4, "dave", "h1");
	add_call(scene, 4, "alice", "h1");
	add_call(scene, 12, "erin", "h1");
	assert_int_equal(answer_page_at(scene, &scene->second), CALLERS_ASKING);
	assert_int_equal(hear_list_at(&scene->second), 4);
	assert_int_equal(answer_page_at(scene, &scene->second), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, 5);
	check_call(scene, 0, 0x101, "carol", "h1");
	check_call(scene, 1, 0x103, "alice", "h1");
	check_call(scene, 2, 0x104, "dave", "h1");
	check_call(scene, 3, 0x109, "bob", "h2");
	check_call(scene, 4, 0x10c, "erin", "h1");
}

static void
of_two_daemons_the_one_that_tells_counts(void **state)
{
	static const struct {
		int first,
		    second; /* -1: it is not there; 9: has no extension */
		enum callers_state state;
	} cases[] = {
		{ NOT_HERE, -1, CALLERS_KNOWN },
		{ -1, NOT_HERE, CALLERS_KNOWN },
		{ 9, NOT_HERE, CALLERS_KNOWN },
		{ 9, -1, CALLERS_UNTOLD },
		{ -1, 9, CALLERS_UNTOLD },
		{ PERMISSION_DENIED, 9, CALLERS_REFUSED },
		{ 9, PERMISSION_DENIED, CALLERS_REFUSED },
		{ FAILED, 9, CALLERS_FAILED },
		{ FAILED, NOT_HERE, CALLERS_KNOWN },
		{ -1, -1, CALLERS_NO_DAEMON },
	};
	struct scene *scene = *state;
	struct puppet *daemon;
	size_t i;
	int k, answer;

	for (i = 0; i < COUNT(cases); i++) {
		start_with_two(scene);
		for (k = 0; k < 2; k++) {
			daemon = k == 0 ? &scene->own : &scene->second;
			answer = k == 0 ? cases[i].first : cases[i].second;
			(void)hear_list_at(daemon);
			if (answer == 9)
				puppet_answer(daemon, NOT_HERE, 0);
			else if (answer >= 0)
				puppet_answer_more(daemon, answer, 0, NULL, 0);
			else
				(void)callers_turn(
				    &scene->callers, 99000 * (k + 1));
			if (answer >= 0)
				(void)turn_on_news(scene);
			while (puppet_hears(daemon))
				continue;
		}
		assert_int_equal(scene->callers.state, cases[i].state);
		callers_end(&scene->callers);
	}
}

static void
a_daemon_that_cannot_be_asked_is_passed_over(void **state)
{
	struct scene *scene = *state;

	start_with_one_that_cannot_be_asked(scene);
	(void)hear_list(scene);
	assert_int_equal(answer_page(scene), CALLERS_KNOWN);
	assert_int_equal(scene->callers.count, 0);
}

static void
asking_may_end_at_any_time(void **state)
{
	struct scene *scene = *state;

	start(scene);
	(void)hear_list(scene);
	callers_end(&scene->callers);
	callers_end(&scene->callers);
	start(scene);
	(void)hear_list(scene);
	add_call(scene, 3, "alice", "h1");
	(void)answer_page(scene);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_list_is_asked_for_by_who_is_called_alone),
		TEST(callers_are_known_once_no_more_of_them_come),
		TEST(that_nobody_calls_is_known_too),
		TEST(one_who_called_again_between_two_pages_stands_once),
		TEST(what_cannot_be_called_back_is_left_out),
		TEST(addresses_of_both_families_are_hosts),
		TEST(a_list_without_end_ends),
		TEST(a_page_lost_is_asked_for_again),
		TEST(netkits_daemon_cannot_tell),
		TEST(a_daemon_that_reads_84_bytes_cannot_tell),
		TEST(a_daemon_may_refuse),
		TEST(without_a_daemon_that_is_known_at_once),
		TEST(a_silent_daemon_is_none_after_ten_seconds),
		TEST(without_an_address_to_ask_at_the_system_failed_us),
		TEST(two_daemons_tell_one_list),
		TEST(of_two_daemons_the_one_that_tells_counts),
		TEST(a_daemon_that_cannot_be_asked_is_passed_over),
		TEST(asking_may_end_at_any_time),
	};

	return cmocka_run_group_tests_name("callers", tests, NULL, NULL);
}
