/*
 * The tests of talkd/audience: whom a message is for, among the users of this
 * host, of whom the one who runs the tests has a terminal.  The clock and the
 * names of hosts are the test's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "puppet.h"
#include "seat.h"
#include "shortage.h"
#include "talkd/audience.h"

enum {
	START = 1000000,
	DESCRIPTORS = 8, /* more than it takes to find somebody */
};

static const struct log quiet = { 0 };

struct scene {
	char folder[FOLDER_SIZE];
	char rules[FOLDER_SIZE + 8];
	struct seat seat;
	struct msp_message message;
	struct address source;
	struct audience_question question;
	struct terminals terminals;
	size_t open;
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
	access_refresh(scene->question.access);
}

/* Whom it is for; the terminal is the seat, unless one is named. */
static void
address_to(struct scene *scene, const char *recipient, const char *terminal)
{
	struct msp_message *message = &scene->message;

	snprintf(
	    message->recipient, sizeof(message->recipient), "%s", recipient);
	snprintf(message->recipient_terminal,
	    sizeof(message->recipient_terminal), "%s",
	    terminal != NULL ? terminal : scene->seat.name);
}

static const char *
user(void)
{
	return getpwuid(getuid())->pw_name;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	*state = scene;
	folder_make(scene->folder);
	snprintf(scene->rules, sizeof(scene->rules), "%s/rules", scene->folder);
	seat_take(&scene->seat);
	scene->source = puppet_address("10.0.0.5", 4321);
	scene->question = (struct audience_question){
		.message = &scene->message,
		.source = &scene->source,
		.may_wait = true,
		.now = START,
		.log = &quiet,
		.names = names_new(resolve_nothing),
		.access = access_new(scene->rules, &quiet),
	};
	assert_non_null(scene->question.names);
	assert_non_null(scene->question.access);
	put_rules(scene, "");
	scene->message.version = MSP_VERSION_2;
	address_to(scene, user(), NULL);
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	terminals_free(&scene->terminals);
	names_free(scene->question.names);
	access_free(scene->question.access);
	seat_leave(&scene->seat);
	folder_remove(scene->folder);
	free(scene);
	return 0;
}

static enum audience
find(struct scene *scene)
{
	return audience_find(&scene->question, &scene->terminals, &scene->open);
}

static void
assert_seat_is_found(struct scene *scene)
{
	assert_int_equal(find(scene), AUDIENCE_FOUND);
	assert_int_equal(scene->open, 1);
	assert_string_equal(scene->terminals.list[0].name, scene->seat.name);
}

static void
a_user_is_found_at_his_terminal_in_any_case(void **state)
{
	struct scene *scene = *state;
	char *letter;

	assert_seat_is_found(scene);
	for (letter = scene->message.recipient; *letter != '\0'; letter++)
		*letter = (char)toupper((unsigned char)*letter);
	assert_seat_is_found(scene);
}

static void
a_terminal_alone_is_whoever_sits_there(void **state)
{
	struct scene *scene = *state;

	address_to(scene, "", NULL);
	assert_seat_is_found(scene);
	address_to(scene, "", "pts/none");
	assert_int_equal(find(scene), AUDIENCE_ABSENT);
}

static void
everyone_and_every_terminal_have_the_seat_among_them(void **state)
{
	const char *const recipients[] = { "", user() };
	struct scene *scene = *state;
	size_t i, at;

	for (i = 0; i < 2; i++) {
		address_to(scene, recipients[i], MSP_EVERY_TERMINAL);
		assert_int_equal(find(scene), AUDIENCE_FOUND);
		assert_true(scene->open <= scene->terminals.count);
		for (at = 0; at < scene->open; at++)
			if (strcmp(scene->terminals.list[at].name,
				scene->seat.name) == 0)
				break;
		assert_true(at < scene->open);
	}
}

static void
who_is_not_here_is_absent(void **state)
{
	struct scene *scene = *state;

	address_to(scene, user(), "pts/none");
	assert_int_equal(find(scene), AUDIENCE_ABSENT);
	address_to(scene, "no-such-one", NULL);
	assert_int_equal(find(scene), AUDIENCE_ABSENT);
	assert_int_equal(scene->open, 0);
}

static void
a_system_short_of_descriptors_calls_nobody_absent(void **state)
{
	const char *const recipients[] = { user(), "", "no-such-one" };
	struct scene *scene = *state;
	enum audience outcome;
	struct rlimit limit;
	unsigned spare;
	size_t i;

	for (i = 0; i < 3; i++) {
		address_to(scene, recipients[i], NULL);
		outcome = AUDIENCE_UNTOLD;
		for (spare = 0;
		     outcome == AUDIENCE_UNTOLD && spare < DESCRIPTORS;
		     spare++) {
			terminals_free(&scene->terminals);
			limit = shortage_begin(spare);
			outcome = find(scene);
			shortage_end(limit);
		}
		assert_true(spare > 1);
		assert_int_equal(
		    outcome, i < 2 ? AUDIENCE_FOUND : AUDIENCE_ABSENT);
	}
}

static void
a_closed_terminal_refuses(void **state)
{
	struct scene *scene = *state;

	seat_mesg(&scene->seat, false);
	assert_int_equal(find(scene), AUDIENCE_REFUSING);
	assert_int_equal(scene->open, 0);
}

/* Rules say the same whether there is such a user or not. */
static void
rules_forbid_before_anything_tells_who_is_here(void **state)
{
	static const char *const recipients[] = { NULL, "no-such-one", "" };
	static const char *const terminals[] = { NULL, "pts/none" };
	struct scene *scene = *state;
	size_t i, at;

	put_rules(scene, "deny .* any\n");
	for (i = 0; i < 3; i++)
		for (at = 0; at < 2; at++) {
			address_to(scene,
			    recipients[i] != NULL ? recipients[i] : user(),
			    terminals[at]);
			assert_int_equal(find(scene), AUDIENCE_FORBIDDEN);
			assert_int_equal(scene->open, 0);
		}
}

static void
hosts_from_afar_are_forbidden_without_a_rule(void **state)
{
	struct scene *scene = *state;

	scene->source = puppet_address("198.51.100.1", 4321);
	assert_int_equal(find(scene), AUDIENCE_FORBIDDEN);
	put_rules(scene, "allow .* 198.51.100.0/24\n");
	assert_seat_is_found(scene);
}

static void
a_rule_by_name_waits_for_the_name_while_it_may(void **state)
{
	struct scene *scene = *state;

	put_rules(scene, "deny .* any\nallow .* friend.example\n");
	assert_int_equal(find(scene), AUDIENCE_WAITS);
	scene->question.may_wait = false;
	assert_int_equal(find(scene), AUDIENCE_FORBIDDEN);
}

static void
whom_it_is_for_is_named_and_shown_safely(void **state)
{
	static const struct {
		const char *recipient, *terminal, *name;
		bool is_all;
	} cases[] = {
		{ "bob", "", "bob", false },
		{ "bob", "pts/1", "bob", false },
		{ "bob", "*", "bob", true },
		{ "", "pts/1", "pts/1", false },
		{ "", "", "everyone", false },
		{ "", "*", "everyone", true },
		{ "b\033b", "", "b\\033b", false },
	};
	struct scene *scene = *state;
	char name[AUDIENCE_NAME_SIZE];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		address_to(scene, cases[i].recipient, cases[i].terminal);
		audience_name(&scene->message, name);
		assert_string_equal(name, cases[i].name);
		assert_int_equal(
		    audience_is_all(&scene->message), cases[i].is_all);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_user_is_found_at_his_terminal_in_any_case),
		CASE(a_terminal_alone_is_whoever_sits_there),
		CASE(everyone_and_every_terminal_have_the_seat_among_them),
		CASE(who_is_not_here_is_absent),
		CASE(a_system_short_of_descriptors_calls_nobody_absent),
		CASE(a_closed_terminal_refuses),
		CASE(rules_forbid_before_anything_tells_who_is_here),
		CASE(hosts_from_afar_are_forbidden_without_a_rule),
		CASE(a_rule_by_name_waits_for_the_name_while_it_may),
		CASE(whom_it_is_for_is_named_and_shown_safely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
