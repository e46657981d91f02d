/*
 * waiting - a call that waits to be answered, as people read it.
 */
#include "waiting.h"

#include <stdio.h>

void
waiting_person(const struct extension_call *call, struct person *person)
{
	*person = (struct person){ .user = "" };
	snprintf(person->user, sizeof(person->user), "%s", call->caller);
	snprintf(person->host, sizeof(person->host), "%s", call->host);
}

void
waiting_format(const struct extension_call *call, char text[WAITING_SIZE])
{
	char name[PERSON_TEXT_SIZE];
	const char *unit = "second";
	unsigned long age = call->age;
	struct person person;

	if (age >= 60) {
		unit = age < 60 * 60 ? "minute" : "hour";
		age /= age < 60 * 60 ? 60 : 60 * 60;
	}
	waiting_person(call, &person);
	person_format(&person, name, sizeof(name));
	snprintf(text, WAITING_SIZE, "%s %lu %s%s ago", name, age, unit,
	    age == 1 ? "" : "s");
}
