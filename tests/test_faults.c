/*
 * What becomes of talk and talkd when the system fails them: every call of libc
 * that can fail does so once, in the middle of a scene, in each of its ways.
 *
 * Whatever fails, nobody waits for ever, dies of it, leaves a terminal raw or
 * an invitation behind, or ends without saying why; talkd goes on, as safe and
 * with no more descriptors than before.  What passes by itself, people are not
 * to notice at all.
 *
 * make check has the first call of each place in the program fail in the way
 * told first; make faults all calls in all ways, and FAULTS_LOG in the
 * environment names a file for what came of each.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abreast.h"
#include "faults.h"
#include "folder.h"
#include "scenes.h"
#include "stage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ERRORS_MAX = 8,
	SCENES_MAX = 8,
	PARTS = 8, /* of a scene's faults, each a test */
	NAME_SIZE = 128,
};

/* ------------------------------------------------- what fails, and how --- */

/* What people notice of it. */
enum consequence {
	PASSES,		/* nothing */
	PASSES_IN_TALK, /* likewise; talkd may tell them that it failed */
	TOLD,		/* it may be what ends their talk */
	STRANDS,	/* likewise; and an invitation cannot be taken back */
};

/* A function that fails, on that kind of descriptor if it names one. */
struct fault {
	const char *function;
	int errors[ERRORS_MAX]; /* the likeliest first */
	enum consequence consequence;
};

static const struct fault faults[] = {
	{ "SO_ERROR", { ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH }, TOLD },
	{ "accept", { ECONNABORTED, EAGAIN, EINTR }, PASSES },
	{ "accept", { EMFILE, ENFILE, ENOBUFS, ENOMEM }, TOLD },
	{ "bind", { EADDRINUSE, EACCES, EADDRNOTAVAIL }, TOLD },
	{ "calloc", { ENOMEM }, TOLD },
	{ "close", { EINTR, EIO }, PASSES },
	{ "connect", { ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EACCES },
	    TOLD },
	{ "fcntl", { EMFILE }, TOLD },
	{ "fflush", { ENOSPC, EIO, EPIPE }, TOLD },
	{ "fpathconf", { EINVAL }, TOLD },
	{ "fstat", { ENOMEM, EIO }, TOLD },
	{ "fstatat", { ENOENT, EACCES, ENOMEM }, TOLD },
	{ "getaddrinfo", { EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_NONAME },
	    TOLD },
	{ "getgrgid", { EMFILE, EIO }, TOLD },
	{ "getgrnam", { EMFILE, EIO }, TOLD },
	{ "gethostname", { ENAMETOOLONG }, TOLD },
	{ "getifaddrs", { ENOBUFS, EMFILE }, TOLD },
	{ "getnameinfo", { EAI_AGAIN, EAI_FAIL, EAI_MEMORY }, TOLD },
	{ "getpeername", { ENOTCONN, ENOBUFS }, TOLD },
	{ "getpwnam", { EMFILE, EIO }, TOLD },
	{ "getpwuid", { EMFILE, EIO }, TOLD },
	{ "getservbyname", { 0 }, TOLD },
	{ "getsockname", { ENOBUFS }, TOLD },
	{ "getsockopt", { ENOPROTOOPT, ENOBUFS }, TOLD },
	{ "if_nameindex", { ENOBUFS, EMFILE }, TOLD },
	{ "ioctl", { ENOTTY, EIO }, TOLD },
	{ "listen", { EADDRINUSE }, TOLD },
	{ "localtime_r", { EOVERFLOW }, TOLD },
	{ "lstat", { EACCES, ENOMEM }, TOLD },
	{ "malloc", { ENOMEM }, TOLD },
	{ "mmap", { ENOMEM }, TOLD },
	{ "open", { EMFILE, ENFILE, ENOMEM, EACCES, EINTR, EIO }, TOLD },
	{ "openat", { EMFILE, ENFILE, ENOMEM, EACCES, EIO }, TOLD },
	{ "opendir", { EMFILE, ENFILE, ENOMEM, EACCES }, TOLD },
	{ "pipe", { EMFILE, ENFILE }, TOLD },
	{ "poll", { EINTR, EAGAIN, ENOMEM }, PASSES },
	{ "prctl", { EINVAL, EPERM }, TOLD },
	{ "pread", { EIO }, TOLD },
	{ "pthread_create", { EAGAIN }, TOLD },
	{ "puts", { ENOSPC, EIO, EPIPE }, TOLD },
	{ "read", { EINTR, FAULTS_SHORT }, PASSES },
	{ "read", { EIO }, TOLD },
	{ "read pipe", { EINTR, EAGAIN, FAULTS_SHORT }, PASSES },
	{ "read terminal", { EINTR, EAGAIN, FAULTS_SHORT }, PASSES },
	{ "read terminal", { EIO }, TOLD },
	{ "readdir", { EIO }, TOLD },
	{ "realloc", { ENOMEM }, TOLD },
	{ "recv datagram", { EINTR, EAGAIN, ENOMEM }, PASSES },
	{ "recv netlink", { ENOBUFS, ENOMEM, EAGAIN }, TOLD },
	{ "recv stream", { EINTR, EAGAIN, FAULTS_SHORT }, PASSES },
	{ "recv stream", { ECONNRESET, ETIMEDOUT, ENOMEM }, TOLD },
	{ "recvfrom", { EINTR, EAGAIN }, PASSES },
	{ "recvmmsg", { EINTR, EAGAIN, ENOMEM, ENOBUFS, ECONNREFUSED },
	    PASSES },
	{ "regcomp", { REG_ESPACE }, TOLD },
	{ "send datagram", { ENOBUFS, EAGAIN, ENOMEM }, PASSES },
	{ "send datagram", { EPERM, ENETUNREACH, ECONNREFUSED }, STRANDS },
	{ "send netlink", { ENOBUFS, ENOMEM, ECONNREFUSED }, TOLD },
	{ "send stream", { EINTR }, PASSES },
	{ "send stream", { EAGAIN, FAULTS_SHORT }, PASSES_IN_TALK },
	{ "send stream", { ECONNRESET, EPIPE, ENOBUFS }, TOLD },
	{ "sendmmsg", { EINTR, EAGAIN, ENOBUFS, ENOMEM, EPERM }, PASSES },
	{ "sendto", { ENOBUFS, EACCES }, TOLD },
	{ "setgid", { EPERM, EAGAIN }, TOLD },
	{ "setgroups", { EPERM, ENOMEM }, TOLD },
	{ "setsockopt", { ENOPROTOOPT, ENOMEM }, TOLD },
	{ "setuid", { EPERM, EAGAIN }, TOLD },
	{ "shutdown", { ENOTCONN }, TOLD },
	{ "socket", { EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES }, TOLD },
	{ "stat", { EACCES, ENOMEM }, TOLD },
	{ "syscall", { ENOSYS, EPERM, EMFILE, ENOMEM }, TOLD },
	{ "tcgetattr", { EIO }, TOLD },
	{ "tcsetattr", { EINTR }, PASSES },
	{ "ttyname", { ENODEV, ENOTTY }, TOLD },
	{ "write", { EINTR, FAULTS_SHORT }, PASSES },
	{ "write", { EIO, ENOSPC }, TOLD },
	{ "write terminal", { EINTR, EAGAIN }, PASSES },
	{ "write terminal", { FAULTS_SHORT }, PASSES_IN_TALK },
	{ "write terminal", { EIO }, TOLD },
};

/* ---------------------------------------------------------- the matrix --- */

/* A scene as it goes without any fault. */
struct rehearsal {
	const struct scene *scene;
	struct faults *trail; /* its calls */
	struct scenes_daemon daemon;
};

/* One call of a scene. */
struct target {
	struct faults_call call;
	uint32_t nth;
};

/* A test has every PARTS-th fault of a scene. */
struct part {
	const struct rehearsal *rehearsal;
	size_t number;
	char name[NAME_SIZE];
};

static bool
is_same_call(const struct faults_call *a, const struct faults_call *b)
{
	return a->place == b->place && strcmp(a->function, b->function) == 0;
}

/* Which call of those at its place the i-th of the trail is, from 1. */
static uint32_t
count_until(const struct faults *trail, size_t i)
{
	uint32_t nth = 1;
	size_t k;

	for (k = 0; k < i; k++)
		if (is_same_call(&trail->calls[k], &trail->calls[i]))
			nth++;
	return nth;
}

/* Whether a variable, if there is one, names it. */
static bool
is_chosen(const char *variable, const char *name)
{
	const char *chosen = getenv(variable);

	return chosen == NULL || strcmp(chosen, name) == 0;
}

static bool
is_whole(void)
{
	return getenv("FAULTS_ALL") != NULL;
}

/* ----------------------------------------------------------- one fault --- */

static struct faults *
map_faults(const char *directory)
{
	char path[FOLDER_SIZE + 16];
	struct faults *shared;
	int fd;

	snprintf(path, sizeof(path), "%s/faults", directory);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(*shared)), 0);
	shared = mmap(
	    NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_true(shared != MAP_FAILED);
	return shared;
}

/* Makes a home with what talk and talkd read there. */
static void
furnish(char directory[FOLDER_SIZE])
{
	static const char talkrc[] = "alias bob bob@localhost\n";
	static const char rules[] = "allow .* any\nlimit rings none\n";
	char path[FOLDER_SIZE + 16];

	folder_make(directory);
	snprintf(path, sizeof(path), "%s/.talkrc", directory);
	folder_put(path, talkrc, strlen(talkrc), 0644);
	snprintf(path, sizeof(path), "%s/rules", directory);
	folder_put(path, rules, strlen(rules), 0644);
}

static const char *
error_name(const char *function, int error)
{
	if (error == FAULTS_SHORT)
		return "one byte";
	if (strncmp(function, "get", 3) == 0 && error < 0)
		return gai_strerror(error);
	return strerror(error);
}

/* What of it a fault does not excuse; NULL when it excuses all. */
static const char *
harm_of(const struct scene *scene, const struct fault *fault,
    const struct scenes_end *end)
{
	bool passes = fault->consequence == PASSES ||
	    (fault->consequence == PASSES_IN_TALK && !scene->daemon_fails);

	if (end->complaint[0] != '\0')
		return end->complaint;
	if (end->stranded && fault->consequence != STRANDS)
		return "an invitation is left behind";
	return passes && end->instead[0] != '\0' ? "people notice" : NULL;
}

/* What failed and what came of it, on a line. */
static void
tell(FILE *stream, const struct scene *scene, const struct faults *plan,
    const char *instead, const char *harm)
{
	fprintf(stream, "%s: %s at %#lx, call %lu%s: %s: %s%s%s\n", scene->name,
	    plan->call.function, (unsigned long)plan->call.place,
	    (unsigned long)plan->nth, plan->struck ? "" : " (not reached)",
	    error_name(plan->call.function, plan->error), instead,
	    harm == NULL ? "" : "; HARM: ", harm == NULL ? "" : harm);
}

static void
log_fault(const struct scene *scene, const struct faults *plan,
    const char *instead, const char *harm)
{
	const char *path = getenv("FAULTS_LOG");
	FILE *file = path == NULL ? NULL : fopen(path, "a");

	if (file == NULL)
		return;
	tell(file, scene, plan, instead, harm);
	fclose(file);
}

/* A test's share of the faults. */
struct round {
	const struct part *part;
	char directory[FOLDER_SIZE];
	struct faults *shared;
	size_t number; /* of faults so far, the other parts' too */
	size_t harmful;
};

/* Has one call fail in one way. */
static void
strike(struct round *round, const struct target *target,
    const struct fault *fault, int error)
{
	const struct rehearsal *rehearsal = round->part->rehearsal;
	const struct scene *scene = rehearsal->scene;
	struct faults plan = {
		.call = target->call, .nth = target->nth, .error = error
	};
	struct scenes_end end;
	const char *harm;

	*round->shared = plan;
	scenes_play(
	    scene, round->directory, round->shared, &rehearsal->daemon, &end);
	harm = harm_of(scene, fault, &end);
	plan.struck = round->shared->struck;
	log_fault(scene, &plan, end.instead, harm);
	if (harm == NULL)
		return;
	tell(stderr, scene, &plan, end.instead, harm);
	round->harmful++;
}

/* ----------------------------------------------------------- the tests --- */

/* Has one call fail in all ways of a row, or in the first. */
static void
try_ways(
    struct round *round, const struct target *target, const struct fault *fault)
{
	size_t ways = 1, i;

	while (is_whole() && ways < ERRORS_MAX && fault->errors[ways] != 0)
		ways++;
	for (i = 0; i < ways; i++)
		if (round->number++ % PARTS == round->part->number)
			strike(round, target, fault, fault->errors[i]);
}

static void
try_call(struct round *round, const struct target *target)
{
	const char *function = target->call.function;
	size_t i;

	if (!is_chosen("FAULTS_FUNCTION", function))
		return;
	for (i = 0; i < COUNT(faults); i++)
		if (strcmp(faults[i].function, function) == 0)
			try_ways(round, target, &faults[i]);
}

static void
every_fault_passes_or_is_told(void **state)
{
	struct round round = { .part = *state };
	const struct faults *trail = round.part->rehearsal->trail;
	struct target target;
	size_t i;

	furnish(round.directory);
	round.shared = map_faults(round.directory);
	for (i = 0; i < trail->count && i < FAULTS_CALLS_MAX; i++) {
		target.call = trail->calls[i];
		target.nth = count_until(trail, i);
		if (target.nth == 1 || is_whole())
			try_call(&round, &target);
	}
	munmap(round.shared, sizeof(*round.shared));
	folder_remove(round.directory);
	assert_int_equal(round.harmful, 0);
}

/* Plays a scene as it goes without a fault; false when it does not. */
static bool
rehearse(const struct scene *scene, struct rehearsal *rehearsal)
{
	char directory[FOLDER_SIZE];
	struct faults *shared;
	struct scenes_end end;

	furnish(directory);
	shared = map_faults(directory);
	scenes_play(scene, directory, shared, NULL, &end);
	rehearsal->scene = scene;
	rehearsal->daemon = end.daemon;
	rehearsal->trail = malloc(sizeof(*shared));
	assert_non_null(rehearsal->trail);
	memcpy(rehearsal->trail, shared, sizeof(*shared));
	munmap(shared, sizeof(*shared));
	folder_remove(directory);
	if (end.instead[0] == '\0' && end.complaint[0] == '\0' && !end.stranded)
		return true;
	fprintf(stderr, "%s, without a fault: %s%s\n", scene->name, end.instead,
	    end.complaint);
	return false;
}

/* The tests of a scene; returns how many. */
static size_t
divide(const struct rehearsal *rehearsal, struct part *parts,
    struct CMUnitTest *tests)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		parts[i] = (struct part){ .rehearsal = rehearsal, .number = i };
		snprintf(parts[i].name, NAME_SIZE,
		    "%s_passes_over_a_fault_or_tells_it, part %zu of %d",
		    rehearsal->scene->name, i + 1, (int)PARTS);
		tests[i] = (struct CMUnitTest){ .name = parts[i].name,
			.test_func = every_fault_passes_or_is_told,
			.initial_state = &parts[i] };
	}
	return PARTS;
}

/* A sanitizer insists on being loaded first, unless told otherwise. */
static void
allow_another_first(void)
{
	const char *options = getenv("ASAN_OPTIONS");
	char longer[PATH_MAX];

	snprintf(longer, sizeof(longer), "%s:verify_asan_link_order=0",
	    options == NULL ? "" : options);
	setenv("ASAN_OPTIONS", longer, 1);
}

int
main(void)
{
	static struct rehearsal rehearsals[SCENES_MAX];
	static struct part parts[SCENES_MAX * PARTS];
	static struct CMUnitTest tests[SCENES_MAX * PARTS];
	size_t count = 0;
	int i;

	if (!stage_can_suspend()) {
		puts("[  SKIPPED ] faults: valgrind has its own malloc, and "
		     "ten times the time");
		return 0;
	}
	allow_another_first();
	for (i = 0; i < SCENES_MAX && scenes[i].name != NULL; i++) {
		if (!is_chosen("FAULTS_SCENE", scenes[i].name))
			continue;
		if (!rehearse(&scenes[i], &rehearsals[i]))
			return 1;
		if (!rehearsals[i].trail->loaded) {
			puts("[  SKIPPED ] faults: the programs load nothing "
			     "before them");
			return 0;
		}
		count += divide(&rehearsals[i], parts + count, tests + count);
	}
	i = abreast_run("faults", tests, count);
	while (count > 0) {
		count -= PARTS;
		free(parts[count].rehearsal->trail);
	}
	return i;
}
