/*
 * The tests of talk/party, where a script says whose each socket is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "talk/party.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BOB = 1001, MALLORY = 1002 };

#define UNSURE                  \
	{                       \
		OWNER_UNSURE, 0 \
	}
#define UNTOLD                  \
	{                       \
		OWNER_UNTOLD, 0 \
	}
#define BOBS                    \
	{                       \
		OWNER_TOLD, BOB \
	}
#define MALLORYS                    \
	{                           \
		OWNER_TOLD, MALLORY \
	}

static const struct address ours = { 4, { 127, 0, 0, 1 }, 4000, 0 };
static const struct address theirs = { 4, { 127, 0, 0, 2 }, 4001, 0 };

/* What is told of the stream, of who listens, and of the stream once more. */
static struct owner script[3];
static int asked;

static struct owner
find(int protocol, const struct address *source, const struct address *local)
{
	assert_int_equal(protocol, IPPROTO_TCP);
	assert_true(address_equal(source, &theirs));
	assert_true(asked < 3);
	assert_int_equal(local == NULL, asked == 1);
	assert_true(local == NULL || address_equal(local, &ours));
	return script[asked++];
}

static void
a_stream_is_whose_its_other_end_is(void **state)
{
	static const struct {
		struct owner script[3];
		bool connected;
		int asked;
		struct owner found;
	} cases[] = {
		{ { BOBS }, false, 1, BOBS },
		{ { UNTOLD }, false, 1, UNTOLD },
		{ { UNSURE, BOBS }, false, 1, UNSURE },
		{ { BOBS }, true, 1, BOBS },
		{ { MALLORYS }, true, 1, MALLORYS },
		{ { UNTOLD }, true, 1, UNTOLD },
		/* it waits to be accepted */
		{ { UNSURE, BOBS }, true, 2, BOBS },
		{ { UNSURE, MALLORYS }, true, 2, MALLORYS },
		/* it was accepted between the questions */
		{ { UNSURE, UNSURE, BOBS }, true, 3, BOBS },
		/* it was closed */
		{ { UNSURE, UNSURE, UNSURE }, true, 3, UNSURE },
	};
	struct owner owner;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		memcpy(script, cases[i].script, sizeof(script));
		asked = 0;
		owner = party_find(find, &theirs, &ours, cases[i].connected);
		assert_int_equal(asked, cases[i].asked);
		assert_int_equal(owner.telling, cases[i].found.telling);
		assert_int_equal(owner.uid, cases[i].found.uid);
	}
}

static void
nobody_is_asked_about_another_host(void **state)
{
	static const struct address far = { 4, { 192, 0, 2, 1 }, 4001, 0 };
	static const struct address here = { 4, { 192, 0, 2, 7 }, 4000, 0 };
	struct owner owner;

	(void)state;
	asked = 0;
	owner = party_find(find, &far, &here, true);
	assert_int_equal(owner.telling, OWNER_UNTOLD);
	assert_int_equal(asked, 0);
}

static void
where_nobody_can_be_asked_nobody_is_refused(void **state)
{
	struct owner owner = party_find(NULL, &theirs, &ours, false);

	(void)state;
	assert_true(owner_may_use(&owner, "bob"));
}

static void
who_is_refused_is_named_and_nothing_commands_the_terminal(void **state)
{
	static const struct {
		struct owner owner;
		const char *user;
		const char *words;
	} cases[] = {
		{ { OWNER_TOLD, 0 }, "bob",
		    "Turned away root, who is not bob" },
		{ { OWNER_TOLD, (uid_t)-2 - 1000000 }, "bob",
		    "Turned away one who is not bob" },
		{ UNSURE, "bob", "Turned away one who is not bob" },
		{ UNSURE, "b\033[2J", "Turned away one who is not b\\033[2J" },
	};
	char words[80];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		party_refuse(
		    &cases[i].owner, cases[i].user, words, sizeof(words));
		assert_string_equal(words, cases[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_whose_its_other_end_is),
		cmocka_unit_test(nobody_is_asked_about_another_host),
		cmocka_unit_test(where_nobody_can_be_asked_nobody_is_refused),
		cmocka_unit_test(
		    who_is_refused_is_named_and_nothing_commands_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
