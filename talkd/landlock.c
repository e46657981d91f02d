/*
 * landlock - raw system calls, as no libc has them; numbers and structures as
 * <linux/landlock.h> has them, which on older systems lacks the later ones.
 */
#include "common/system.h"

#include "landlock.h"

#include <stddef.h>

#ifdef SYSTEM_LINUX

#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#endif

#ifdef SYS_landlock_create_ruleset

/* Of the rights to files, those that are granted somewhere. */
#define WRITE_FILE (UINT64_C(1) << 1)
#define READ_FILE  (UINT64_C(1) << 2)
#define READ_DIR   (UINT64_C(1) << 3)
#define IOCTL_DEV  (UINT64_C(1) << 15)

#define BIND_TCP	 (UINT64_C(1) << 0)
#define ABSTRACT_SOCKETS (UINT64_C(1) << 0)
#define SIGNALS		 (UINT64_C(1) << 1)

enum {
	ASK_VERSION = 1,  /* a flag of landlock_create_ruleset */
	PATH_BENEATH = 1, /* a type of rule */
	NET_SINCE = 4,	  /* versions */
	SCOPES_SINCE = 6,
	RIGHTS_UNTIL = 5, /* rights to files that later ones add we lack */
};

/* A kernel that knows fewer members takes it when they are 0. */
struct ruleset {
	uint64_t files;
	uint64_t net;
	uint64_t scopes;
};

struct path_beneath {
	uint64_t rights;
	int32_t parent;
};

int
landlock_version(void)
{
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, (size_t)0, ASK_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* All rights to files that a version knows: they are numbered as they came. */
static uint64_t
file_rights(int version)
{
	static const int counts[RIGHTS_UNTIL + 1] = { 0, 13, 14, 15, 15, 16 };

	if (version > RIGHTS_UNTIL)
		version = RIGHTS_UNTIL;
	return (UINT64_C(1) << counts[version]) - 1;
}

static int
create_ruleset(int version)
{
	struct ruleset ruleset = { .files = file_rights(version) };

	if (version >= NET_SINCE)
		ruleset.net = BIND_TCP;
	if (version >= SCOPES_SINCE)
		ruleset.scopes = ABSTRACT_SOCKETS | SIGNALS;
	return (int)syscall(
	    SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
}

/* Grants the rights, so far as the version knows them, below a directory. */
static int
grant(int ruleset, int version, const char *directory, uint64_t rights)
{
	struct path_beneath rule = { .rights = rights & file_rights(version) };
	int result, error;

	rule.parent = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent == -1)
		return -1;
	result = (int)syscall(
	    SYS_landlock_add_rule, ruleset, PATH_BENEATH, &rule, 0);
	error = errno;
	close(rule.parent);
	errno = error;
	return result;
}

static const char *
restrict_to(int ruleset, int version)
{
	if (grant(ruleset, version, "/", READ_FILE | READ_DIR) != 0 ||
	    grant(ruleset, version, "/dev", WRITE_FILE | IOCTL_DEV) != 0)
		return "landlock_add_rule";
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return "landlock_restrict_self";
	return NULL;
}

const char *
landlock_enter(void)
{
	int error, ruleset, version = landlock_version();
	const char *failure;

	if (version == 0)
		return NULL;
	ruleset = create_ruleset(version);
	if (ruleset == -1)
		return "landlock_create_ruleset";
	failure = restrict_to(ruleset, version);
	error = errno;
	close(ruleset);
	errno = error;
	return failure;
}

#else

int
landlock_version(void)
{
	return 0;
}

const char *
landlock_enter(void)
{
	return NULL;
}

#endif
