/*
 * sandbox - what the process can still do.
 *
 * setgroups is beyond POSIX, but every system has it.
 */
#include "common/system.h"

#include "sandbox.h"

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

#ifdef SYSTEM_LINUX
#include <sys/prctl.h>
#endif

#include "landlock.h"

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

#if defined(SYSTEM_LINUX)

static const char *
confine(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "prctl";
	return landlock_enter();
}

#elif defined(SYSTEM_PLEDGE)

/* pledge(2), and unveil(2), which takes no more paths after it. */
static const char *
confine(void)
{
	static const char promises[] =
	    "stdio " /* descriptors, syslog, threads, the clock */
	    "rpath " /* rules, /etc/localtime, /dev, its devices' stat */
	    "wpath " /* terminals, which are opened to be written to */
	    "inet "  /* datagrams, streams, and the addresses of this host */
	    "dns "   /* names of callers' hosts */
	    "getpw " /* users and group tty */
	    "tty";   /* the width of a terminal */

	if (unveil("/", "r") != 0 || unveil("/dev", "rw") != 0)
		return "unveil";
	return pledge(promises, NULL) == 0 ? NULL : "pledge";
}

#else

static const char *
confine(void)
{
	return NULL;
}

#endif

const char *
sandbox_enter(const char *user)
{
	const char *failure = geteuid() == 0 ? leave_root(user) : NULL;

	return failure != NULL ? failure : confine();
}
