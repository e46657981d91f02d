/*
 * pair - two people on two hosts, and how they come together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"

#include <stdio.h>
#include <sysexits.h>

#include "lan.h"

enum { TEXT_SIZE = 256 };

void
pair_ring(struct actor *caller, const char *callee, struct actor *at,
    char whom[WHOM_SIZE])
{
	char command[TEXT_SIZE];

	snprintf(command, sizeof(command), "talk %s", callee);
	actor_clear(at);
	lan_run(caller, command);
	assert_true(actor_sees(at, "respond with:"));
	assert_true(actor_read_ring(at, whom, WHOM_SIZE));
	assert_true(
	    actor_separator_says(caller, "Waiting for your party to respond"));
}

void
pair_respond(struct actor *callee, const char *whom, struct actor *caller)
{
	char command[WHOM_SIZE + 64];

	snprintf(
	    command, sizeof(command), "talk %s; echo \"ended: $?\"\r", whom);
	actor_type(callee, command);
	assert_true(actor_separator_says(callee, "Connection established"));
	assert_true(actor_separator_says(caller, "Connection established"));
}

void
pair_connect(struct actor *caller, const char *callee, struct actor *at)
{
	char whom[WHOM_SIZE];

	pair_ring(caller, callee, at, whom);
	pair_respond(at, whom, caller);
}

void
pair_say(struct actor *one, struct actor *other, int row, const char *typed,
    const char *shown)
{
	actor_type(one, typed);
	assert_true(actor_half_reads(one, UPPER, row, shown));
	assert_true(actor_half_reads(other, LOWER, row, shown));
	actor_type(one, "\r");
}

void
pair_chat(struct actor *one, struct actor *other)
{
	actor_type(one, "hello\r");
	actor_type(other, "hello yourself\r");
	pair_say(one, other, 1, "how are you?", "how are you?");
	pair_say(other, one, 1, "fine", "fine");
	assert_true(actor_half_reads(one, LOWER, 0, "hello yourself"));
	assert_true(actor_half_reads(other, LOWER, 0, "hello"));
}

void
pair_part(struct actor *one, struct actor *other)
{
	actor_type(one, "\003");
	lan_ended(one, EX_OK);
	assert_true(actor_separator_says(other, "Connection closed"));
	actor_type(other, "\004");
	lan_ended(other, EX_OK);
}
