/*
 * pair - two people logged in on hosts of a lan, and how they come together.
 *
 * For cmocka: what should hold and does not fails the test.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include "stage.h"

enum { WHOM_SIZE = 300 };

/* Has one call another, so that it rings there; puts whom to respond to. */
void pair_ring(struct actor *caller, const char *callee, struct actor *at,
    char whom[WHOM_SIZE]);

/* Does what the ring says; returns once both are told of the connection. */
void pair_respond(struct actor *callee, const char *whom, struct actor *caller);

/* Both of it. */
void pair_connect(struct actor *caller, const char *callee, struct actor *at);

/*
 * One types, and it is shown so in a row of the own upper half and of the
 * other's lower half.
 */
void pair_say(struct actor *one, struct actor *other, int row,
    const char *typed, const char *shown);

/* Both say something. */
void pair_chat(struct actor *one, struct actor *other);

/* One hangs up, and then so does the other. */
void pair_part(struct actor *one, struct actor *other);

#endif
