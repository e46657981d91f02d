/*
 * utmp - the record of logins.
 *
 * <utmpx.h> is XSI, beyond the base of POSIX; OpenBSD has none, and a login
 * there is always at a device with an ordinary name.
 */
#undef _POSIX_C_SOURCE
#define _XOPEN_SOURCE 700

#include "utmp.h"

#ifdef __OpenBSD__

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
