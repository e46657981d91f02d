/*
 * The tests of talkd/invitations, with a clock that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "talkd/invitations.h"

enum { LIFE = 60000 };

static const uint8_t key[SIPHASH_KEY_SIZE] = "sixteen  letters";

static int
set_up(void **state)
{
	*state = invitations_new(key, LIFE);
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	invitations_free(*state);
	return 0;
}

static struct invitation
invitation(const char *caller, const char *callee, uint32_t pid)
{
	struct invitation made = {
		.type = TALK_LEAVE_INVITE,
		.pid = pid,
	};

	snprintf(made.caller, sizeof(made.caller), "%s", caller);
	snprintf(made.callee, sizeof(made.callee), "%s", callee);
	return made;
}

/* Adds one and returns its id. */
static uint32_t
add(struct invitations *table, const char *caller, const char *callee,
    uint32_t pid, int64_t now)
{
	struct invitation like = invitation(caller, callee, pid);
	struct invitation *added = invitations_add(table, &like, now);

	assert_non_null(added);
	return added->id;
}

static const struct invitation *
first(struct invitations *table, const char *caller, const char *callee)
{
	const struct invitations_pair pair = { caller, callee, false };

	return invitations_first(table, TALK_LEAVE_INVITE, &pair);
}

static void
an_empty_table_has_nothing_and_no_deadline(void **state)
{
	assert_int_equal(invitations_count(*state), 0);
	assert_true(invitations_deadline(*state) == INVITATIONS_NEVER);
	assert_null(invitations_by_id(*state, 1));
	assert_null(first(*state, "alice", "bob"));
	invitations_expire(*state, INT64_MAX);
}

static void
an_entry_is_found_by_id_and_by_its_pair(void **state)
{
	const struct invitations_pair pair = { "alice", "bob", false };
	uint32_t id = add(*state, "alice", "bob", 7, 0);

	assert_ptr_equal(
	    invitations_by_id(*state, id), first(*state, "alice", "bob"));
	assert_int_equal(first(*state, "alice", "bob")->pid, 7);
	assert_null(invitations_by_id(*state, id + 1));
	assert_null(first(*state, "bob", "alice"));
	assert_null(first(*state, "Alice", "bob"));
	assert_null(first(*state, "alice", "bo"));
	assert_null(first(*state, "alicebob", ""));
	assert_null(invitations_first(*state, TALK_ANNOUNCE, &pair));
}

static void
a_removed_entry_is_found_no_more(void **state)
{
	uint32_t first_id = add(*state, "alice", "bob", 1, 0);
	uint32_t second_id = add(*state, "alice", "bob", 2, 0);

	invitations_remove(*state, invitations_by_id(*state, first_id));
	assert_null(invitations_by_id(*state, first_id));
	assert_int_equal(first(*state, "alice", "bob")->id, second_id);
	assert_int_equal(invitations_count(*state), 1);
	invitations_remove(*state, invitations_by_id(*state, second_id));
	assert_null(first(*state, "alice", "bob"));
	assert_true(invitations_deadline(*state) == INVITATIONS_NEVER);
}

static void
a_name_may_be_cut_where_it_is_not_in_full(void **state)
{
	static const struct {
		const char *a;
		bool a_in_full;
		const char *b;
		bool b_in_full;
		bool same;
	} cases[] = {
		{ "alice", false, "alice", false, true },
		{ "alice", false, "alice", true, true },
		{ "alice", false, "Alice", false, false },
		{ "alice", false, "alic", false, false },
		{ "", false, "", false, true },
		{ "", false, "alice", false, false },
		/* 11 or 12 may be a beginning. */
		{ "bartholomew", false, "bartholomewk", false, true },
		{ "bartholomew", false, "bartholomewk", true, true },
		{ "bartholomew", false, "bartholomewkin", true, true },
		{ "bartholomewk", false, "bartholomewkin", true, true },
		{ "bartholomewk", false, "bartholomewson", true, false },
		{ "bartholomew", false, "bartholomex", false, false },
		{ "bartholomewk", false, "bartholomewj", false, false },
		/* 10 are all there are, and more than 12 too. */
		{ "bartholome", false, "bartholomew", false, false },
		{ "bartholome", false, "bartholomewkin", true, false },
		/* Those in full are what they are. */
		{ "bartholomew", true, "bartholomewk", false, false },
		{ "bartholomew", true, "bartholomewk", true, false },
		{ "bartholomew", true, "bartholomew", true, true },
		{ "bartholomewkin", true, "bartholomewson", true, false },
		{ "bartholomewkin", true, "bartholomewkin", true, true },
		{ "bartholomewkin", true, "bartholomewki", true, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    invitations_same_name(cases[i].a, cases[i].a_in_full,
			cases[i].b, cases[i].b_in_full),
		    cases[i].same);
		assert_int_equal(
		    invitations_same_name(cases[i].b, cases[i].b_in_full,
			cases[i].a, cases[i].a_in_full),
		    cases[i].same);
	}
}

static void
a_cut_name_finds_the_whole_one_and_the_other_way_round(void **state)
{
	add(*state, "bartholomewk", "alice", 1, 0);
	add(*state, "alice", "bartholomew", 2, 0);
	assert_int_equal(first(*state, "bartholomew", "alice")->pid, 1);
	assert_int_equal(first(*state, "alice", "bartholomewk")->pid, 2);
}

/* Adds one with names in full. */
static void
add_in_full(struct invitations *table, const char *caller, const char *callee,
    uint32_t pid, int64_t now)
{
	struct invitation like = invitation(caller, callee, pid);

	like.in_full = true;
	assert_non_null(invitations_add(table, &like, now));
}

/* The pids of the entries between a pair, in the order found, as text. */
static const char *
pids_between(struct invitations *table, const char *caller, const char *callee,
    bool in_full)
{
	static char text[256];
	const struct invitations_pair pair = { caller, callee, in_full };
	const struct invitation *next = invitations_first(
	    table, TALK_LEAVE_INVITE, &pair);
	size_t len = 0;

	text[0] = '\0';
	for (; next != NULL; next = invitations_next(table, next, &pair))
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%u ", (unsigned)next->pid);
	return text;
}

static void
long_names_that_begin_alike_are_told_apart_where_they_are_known(void **state)
{
	add_in_full(*state, "bartholomewkin", "alice", 1, 0);
	add_in_full(*state, "bartholomewson", "alice", 2, 0);
	add(*state, "bartholomew", "alice", 3, 0);
	assert_string_equal(
	    pids_between(*state, "bartholomewkin", "alice", true), "3 1 ");
	assert_string_equal(
	    pids_between(*state, "bartholomewson", "alice", true), "3 2 ");
	assert_string_equal(
	    pids_between(*state, "bartholomew", "alice", true), "3 ");
	assert_string_equal(
	    pids_between(*state, "bartholomew", "alice", false), "3 2 1 ");
	assert_string_equal(
	    pids_between(*state, "bartholomewk", "alice", false), "3 1 ");
}

static void
names_of_32_characters_are_kept(void **state)
{
	static const char longest[] = "bartholomew-the-elder-of-the-hil";
	const struct invitations_pair pair = { longest, longest, true };
	const struct invitation *found;

	add_in_full(*state, longest, longest, 1, 0);
	found = invitations_first(*state, TALK_LEAVE_INVITE, &pair);
	assert_non_null(found);
	assert_string_equal(found->caller, longest);
	assert_string_equal(found->callee, longest);
}

/* A user could put them all in one bucket: their first 11 are hashed. */
static void
of_names_that_begin_alike_there_are_no_more_than_can_be_searched(void **state)
{
	char name[PERSON_USER_SIZE];
	uint32_t i;

	add_in_full(*state, "alice", "bob", 7, 0);
	for (i = 0; i < 2 * INVITATIONS_ALIKE_MAX; i++) {
		snprintf(name, sizeof(name), "bartholomew%u", (unsigned)i);
		add_in_full(*state, "alice", name, i, 0);
	}
	assert_int_equal(invitations_count(*state), INVITATIONS_ALIKE_MAX + 1);
	assert_string_equal(
	    pids_between(*state, "alice", "bartholomew0", true), "");
	assert_string_equal(
	    pids_between(*state, "alice", "bartholomew511", true), "511 ");
	assert_string_equal(pids_between(*state, "alice", "bob", true), "7 ");
}

static void
all_are_told_in_the_order_of_their_making(void **state)
{
	static const uint32_t pids[] = { 4, 3, 1 };
	const struct invitation *next;
	uint32_t first_id = add(*state, "alice", "bob", 1, 10);
	uint32_t second_id = add(*state, "carol", "bob", 2, 20);
	size_t i = 0;

	add(*state, "alice", "dave", 3, 30);
	add(*state, "erin", "frank", 4, 30);
	invitations_refresh(*state, invitations_by_id(*state, first_id), 40);
	invitations_remove(*state, invitations_by_id(*state, second_id));
	for (next = invitations_newest(*state); next != NULL;
	     next = invitations_older(*state, next)) {
		assert_true(i < 3);
		assert_int_equal(next->pid, pids[i++]);
	}
	assert_int_equal(i, 3);
	assert_int_equal(invitations_by_id(*state, first_id)->made, 10);
	invitations_expire(*state, INT64_MAX);
	assert_null(invitations_newest(*state));
}

static void
ids_are_in_bounds_distinct_and_not_in_sequence(void **state)
{
	uint32_t id, last = 0;
	char name[PERSON_USER_SIZE];
	int in_sequence = 0;
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		id = add(*state, name, "bob", 1, 0);
		assert_in_range(id, 1, INVITATIONS_ID_MAX);
		assert_string_equal(
		    invitations_by_id(*state, id)->caller, name);
		in_sequence += id - last < 1000;
		last = id;
	}
	assert_in_range(in_sequence, 0, 10);
}

static void
ids_depend_on_the_key(void **state)
{
	const uint8_t other_key[SIPHASH_KEY_SIZE] = "another key  has";
	struct invitations *other = invitations_new(other_key, LIFE);

	assert_non_null(other);
	assert_int_not_equal(add(other, "alice", "bob", 1, 0),
	    add(*state, "alice", "bob", 1, 0));
	invitations_free(other);
}

static void
the_one_made_last_comes_first_refreshed_or_not(void **state)
{
	uint32_t id = add(*state, "alice", "bob", 1, 0);

	add(*state, "carol", "bob", 9, 0);
	add(*state, "alice", "bob", 2, 0);
	add(*state, "alice", "bob", 3, 0);
	invitations_refresh(*state, invitations_by_id(*state, id), 10);
	assert_string_equal(
	    pids_between(*state, "alice", "bob", false), "3 2 1 ");
}

static void
growing_keeps_all_entries_and_their_order(void **state)
{
	char name[PERSON_USER_SIZE];
	uint32_t ids[5000];
	uint32_t i;

	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "u%u", (unsigned)i);
		ids[i] = add(
		    *state, i % 1000 == 0 ? "alice" : name, "bob", i / 1000, 0);
	}
	assert_string_equal(
	    pids_between(*state, "alice", "bob", false), "4 3 2 1 0 ");
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "u%u", (unsigned)i);
		assert_non_null(invitations_by_id(*state, ids[i]));
		if (i % 1000 != 0)
			assert_int_equal(
			    first(*state, name, "bob")->id, ids[i]);
	}
}

static void
of_one_pair_the_one_made_first_makes_room(void **state)
{
	uint32_t oldest = add(*state, "alice", "bob", 0, 0);
	uint32_t second = add(*state, "alice", "bob", 1, 0);
	uint32_t pid;

	invitations_refresh(*state, invitations_by_id(*state, oldest), 5);
	for (pid = 2; pid <= INVITATIONS_PAIR_MAX; pid++)
		add(*state, "alice", "bob", pid, 5);
	assert_int_equal(invitations_count(*state), INVITATIONS_PAIR_MAX);
	assert_null(invitations_by_id(*state, oldest));
	assert_non_null(invitations_by_id(*state, second));
}

static void
an_entry_lives_its_time_from_its_last_refresh(void **state)
{
	uint32_t one = add(*state, "alice", "bob", 1, 1000);
	uint32_t two = add(*state, "alice", "bob", 2, 2000);
	uint32_t three = add(*state, "alice", "bob", 3, 3000);

	assert_true(invitations_deadline(*state) == 1000 + LIFE);
	invitations_refresh(*state, invitations_by_id(*state, one), 4000);
	assert_true(invitations_deadline(*state) == 2000 + LIFE);
	invitations_expire(*state, 2000 + LIFE - 1);
	assert_int_equal(invitations_count(*state), 3);
	invitations_expire(*state, 3000 + LIFE);
	assert_null(invitations_by_id(*state, two));
	assert_null(invitations_by_id(*state, three));
	assert_non_null(invitations_by_id(*state, one));
	assert_true(invitations_deadline(*state) == 4000 + LIFE);
	invitations_expire(*state, 4000 + LIFE);
	assert_int_equal(invitations_count(*state), 0);
}

static void
a_full_table_drops_the_one_refreshed_longest_ago(void **state)
{
	char name[PERSON_USER_SIZE];
	uint32_t oldest = add(*state, "alice", "bob", 1, 0);
	uint32_t second = add(*state, "alice", "carol", 1, 0);
	uint32_t i;

	for (i = 2; i < INVITATIONS_MAX; i++) {
		snprintf(name, sizeof(name), "u%u", (unsigned)i);
		add(*state, name, "bob", 1, 1);
	}
	invitations_refresh(*state, invitations_by_id(*state, oldest), 2);
	assert_int_equal(invitations_count(*state), INVITATIONS_MAX);
	add(*state, "one", "more", 1, 3);
	assert_int_equal(invitations_count(*state), INVITATIONS_MAX);
	assert_null(invitations_by_id(*state, second));
	assert_null(first(*state, "alice", "carol"));
	assert_non_null(invitations_by_id(*state, oldest));
	assert_non_null(first(*state, "one", "more"));
}

static void
a_raised_id_lies_above_and_replaces_the_old_one(void **state)
{
	uint32_t id = add(*state, "alice", "bob", 1, 0);
	struct invitation *raised = invitations_by_id(*state, id);

	invitations_raise_id(*state, raised, id + 100);
	assert_in_range(raised->id, id + 101, id + 200);
	assert_null(invitations_by_id(*state, id));
	assert_ptr_equal(invitations_by_id(*state, raised->id), raised);
}

static void
an_id_raised_out_of_bounds_is_a_fresh_one(void **state)
{
	static const uint32_t high[] = { 0x7fffff00, 0x7fffffff, 0x80000000,
		0xfffffffe, 0xffffffff };
	uint32_t id = add(*state, "alice", "bob", 1, 0);
	struct invitation *raised = invitations_by_id(*state, id);
	size_t i;

	for (i = 0; i < sizeof(high) / sizeof(high[0]); i++) {
		invitations_raise_id(*state, raised, high[i]);
		assert_in_range(raised->id, 1, INVITATIONS_ID_MAX);
		assert_ptr_equal(invitations_by_id(*state, raised->id), raised);
	}
}

/* --------------------------------- beside a plain list of what must be --- */

enum { MODEL_NAMES = 40 };

/* What the table should hold of the caller "uN"; id 0 when nothing. */
struct model {
	uint32_t id;
	int64_t refreshed;
};

/* Does to both what the random number says. */
static void
do_something(struct invitations *table, struct model *model, unsigned n,
    uint64_t random, int64_t now)
{
	char name[PERSON_USER_SIZE];

	snprintf(name, sizeof(name), "u%u", n);
	if (model->id == 0) {
		assert_null(first(table, name, "bob"));
		model->id = add(table, name, "bob", 1, now);
		model->refreshed = now;
	} else if ((random >> 17 & 1) != 0) {
		invitations_raise_id(
		    table, invitations_by_id(table, model->id), model->id);
		model->id = first(table, name, "bob")->id;
	} else if ((random >> 16 & 1) != 0) {
		invitations_refresh(
		    table, invitations_by_id(table, model->id), now);
		model->refreshed = now;
	} else {
		invitations_remove(table, invitations_by_id(table, model->id));
		model->id = 0;
	}
}

static void
expire_both(struct invitations *table, struct model *models, int64_t now)
{
	int i;

	invitations_expire(table, now);
	for (i = 0; i < MODEL_NAMES; i++)
		if (models[i].refreshed + LIFE <= now)
			models[i].id = 0;
}

static void
compare_both(struct invitations *table, const struct model *models)
{
	const struct invitation *next = invitations_newest(table);
	int64_t made = INT64_MAX;
	size_t count = 0, in_order = 0;
	int i;

	for (i = 0; i < MODEL_NAMES; i++) {
		if (models[i].id == 0)
			continue;
		count++;
		assert_non_null(invitations_by_id(table, models[i].id));
	}
	assert_int_equal(invitations_count(table), count);
	for (; next != NULL; next = invitations_older(table, next)) {
		assert_true(next->made <= made);
		made = next->made;
		in_order++;
	}
	assert_int_equal(in_order, count);
}

static void
whatever_happens_the_table_holds_what_a_plain_list_would(void **state)
{
	struct model models[MODEL_NAMES] = { 0 };
	uint64_t random = 0;
	int64_t now = 0;
	unsigned n;
	int step;

	for (step = 0; step < 20000; step++) {
		random = siphash(key, &random, sizeof(random));
		n = (unsigned)(random % MODEL_NAMES);
		now += (int64_t)(random >> 32) % 4000;
		expire_both(*state, models, now);
		do_something(*state, &models[n], n, random, now);
		compare_both(*state, models);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_empty_table_has_nothing_and_no_deadline),
		CASE(an_entry_is_found_by_id_and_by_its_pair),
		CASE(a_removed_entry_is_found_no_more),
		CASE(a_name_may_be_cut_where_it_is_not_in_full),
		CASE(a_cut_name_finds_the_whole_one_and_the_other_way_round),
		CASE(
		    long_names_that_begin_alike_are_told_apart_where_they_are_known),
		CASE(names_of_32_characters_are_kept),
		CASE(
		    of_names_that_begin_alike_there_are_no_more_than_can_be_searched),
		CASE(all_are_told_in_the_order_of_their_making),
		CASE(ids_are_in_bounds_distinct_and_not_in_sequence),
		CASE(ids_depend_on_the_key),
		CASE(the_one_made_last_comes_first_refreshed_or_not),
		CASE(growing_keeps_all_entries_and_their_order),
		CASE(of_one_pair_the_one_made_first_makes_room),
		CASE(an_entry_lives_its_time_from_its_last_refresh),
		CASE(a_full_table_drops_the_one_refreshed_longest_ago),
		CASE(a_raised_id_lies_above_and_replaces_the_old_one),
		CASE(an_id_raised_out_of_bounds_is_a_fresh_one),
		CASE(whatever_happens_the_table_holds_what_a_plain_list_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
