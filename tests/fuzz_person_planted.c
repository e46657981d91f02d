/*
 * The fault that fuzz_person has to find: a terminal whose name begins with "vc"
 * is read with a slash in front.
 */
#include <string.h>

#include "common/person.h"

const char *__real_person_parse(const char *text, struct person *person);
const char *__wrap_person_parse(const char *text, struct person *person);

const char *
__wrap_person_parse(const char *text, struct person *person)
{
	const char *problem = __real_person_parse(text, person);

	if (problem == NULL && strncmp(person->terminal, "vc", 2) == 0)
		person->terminal[0] = '/';
	return problem;
}
