/*
 * waiting - a call that waits to be answered, as people read it.
 *
 * Pure functions.
 */
#ifndef TALK_WAITING_H
#define TALK_WAITING_H

#include "common/extension.h"
#include "common/person.h"

enum { WAITING_SIZE = PERSON_TEXT_SIZE + 32 };

/* Who it is that calls, as somebody to answer. */
void waiting_person(const struct extension_call *call, struct person *person);

/* Writes "alice@h1 40 seconds ago". */
void waiting_format(const struct extension_call *call, char text[WAITING_SIZE]);

#endif
