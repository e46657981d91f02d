/*
 * sandbox - what the process can still do.
 *
 * setgroups is beyond POSIX, but every system has it.
 */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE

#include "sandbox.h"

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static const char *
become(uid_t uid, gid_t gid)
{
	if (setgroups(1, &gid) != 0)
		return "setgroups";
	if (setgid(gid) != 0 || getgid() != gid || getegid() != gid)
		return "setgid";
	if (setuid(uid) != 0 || getuid() != uid || geteuid() != uid)
		return "setuid";
	if (uid != 0 && setuid(0) == 0)
		return "root is not given up";
	return NULL;
}

static const char *
leave_root(const char *user)
{
	const struct passwd *passwd = getpwnam(user);
	const struct group *group = getgrnam("tty");

	errno = 0;
	if (passwd == NULL)
		return "no such user to become";
	if (group == NULL)
		return "no group tty to become";
	return become(passwd->pw_uid, group->gr_gid);
}

const char *
sandbox_enter(const char *user)
{
	const char *failure = geteuid() == 0 ? leave_root(user) : NULL;

#ifdef __linux__
	if (failure == NULL && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		failure = "prctl";
#endif
	return failure;
}
