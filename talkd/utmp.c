/*
 * utmp - the record of logins.
 *
 * Where there is no such record a login is at a device with an ordinary name.
 */
#include "common/system.h"

#include "utmp.h"

#ifndef SYSTEM_UTMPX

void
utmp_list(bool (*take)(void *what, const char *name), void *what)
{
	(void)take;
	(void)what;
}

#else

#include <string.h>
#include <utmpx.h>

void
utmp_list(bool (*take)(void *what, const char *name), void *what)
{
	const struct utmpx *entry;
	char name[sizeof(entry->ut_line) + 1] = "";
	bool more = true;

	setutxent();
	while (more && (entry = getutxent()) != NULL) {
		if (entry->ut_type != USER_PROCESS)
			continue;
		/* A name that fills the field has no NUL behind it. */
		memcpy(name, entry->ut_line, sizeof(entry->ut_line));
		more = take(what, name);
	}
	endutxent();
}

#endif
