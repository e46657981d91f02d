/*
 * faults.so - stands between a program and libc, and has one call fail.
 *
 * Only calls that the program itself makes are counted and fail: what libc does
 * when it is short of memory within getaddrinfo is its own affair, and ours
 * that getaddrinfo may fail.  Each function is defined under a name of C's own
 * here and another for the linker, so that it need not agree with what headers
 * say of it on one system or the other.
 */
#define _GNU_SOURCE /* RTLD_NEXT, dl_iterate_phdr */

#include "faults.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct faults *faults; /* NULL until the program begins */
static uintptr_t begin, end;  /* of the program, without its libraries */

/* ------------------------------------------------------------ the plan --- */

/* The first object listed is the program. */
static int
note_program(struct dl_phdr_info *info, size_t size, void *context)
{
	const ElfW(Phdr) * segment;
	uintptr_t last;
	int i;

	(void)size;
	(void)context;
	begin = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		segment = &info->dlpi_phdr[i];
		last = begin + segment->p_vaddr + segment->p_memsz;
		if (segment->p_type == PT_LOAD && last > end)
			end = last;
	}
	return 1;
}

__attribute__((constructor)) static void
join(void)
{
	const char *path = getenv("FAULTS");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *shared;

	if (fd < 0)
		return;
	shared = mmap(
	    NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED)
		return;
	dl_iterate_phdr(note_program, NULL);
	faults = shared;
	faults->loaded = true;
}

static bool
is_planned(const char *function, uint32_t place)
{
	return faults->call.place == place &&
	    strcmp(faults->call.function, function) == 0;
}

/* Notes a call that returns to `caller`; whether it is the one to fail. */
static bool
strikes(const char *function, const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	struct faults_call *call;
	uint32_t number;

	if (faults == NULL || at < begin || at >= end)
		return false;
	number = __atomic_fetch_add(&faults->count, 1, __ATOMIC_RELAXED);
	if (number < FAULTS_CALLS_MAX) {
		call = &faults->calls[number];
		strncpy(call->function, function, FAULTS_NAME_SIZE - 1);
		call->place = (uint32_t)(at - begin);
	}
	if (!is_planned(function, (uint32_t)(at - begin)) ||
	    __atomic_add_fetch(&faults->passed, 1, __ATOMIC_RELAXED) !=
		faults->nth)
		return false;
	faults->struck = true;
	return true;
}

/* ----------------------------------------------------- ways of failing --- */

static int
failure(void)
{
	errno = faults->error;
	return -1;
}

static void *
nothing(void)
{
	errno = faults->error;
	return NULL;
}

static int
code(void)
{
	return faults->error;
}

static bool
is_short(void)
{
	return faults->error == FAULTS_SHORT;
}

static void
find(const char *name, void *real)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(real, &found, sizeof(found));
}

/* A function that fails by what an expression says. */
#define STAND_IN(type, name, parameters, arguments, failing)     \
	type faults_##name parameters __asm__(#name);            \
	type faults_##name parameters                            \
	{                                                        \
		static type(*real) parameters;                   \
                                                                 \
		if (real == NULL)                                \
			find(#name, &real);                      \
		if (strikes(#name, __builtin_return_address(0))) \
			return failing;                          \
		return real arguments;                           \
	}

/* The same for what gcc's and clang's _FORTIFY_SOURCE has in its place. */
#define STAND_IN_CHECKED(name, checked, parameters, arguments)   \
	int faults_##checked parameters __asm__(#checked);       \
	int faults_##checked parameters                          \
	{                                                        \
		static int(*real) parameters;                    \
                                                                 \
		if (real == NULL)                                \
			find(#checked, &real);                   \
		if (strikes(#name, __builtin_return_address(0))) \
			return failure();                        \
		return real arguments;                           \
	}

static int real_getsockopt(
    int fd, int level, int option, void *value, socklen_t *len);

/* What a descriptor is decides what can happen to what it moves. */
enum kind {
	KIND_FILE,
	KIND_TERMINAL,
	KIND_PIPE,
	KIND_STREAM,
	KIND_DATAGRAM,
	KIND_NETLINK,
};

static enum kind
kind_of(int fd)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	struct stat st;
	int type = 0;

	if (getsockname(fd, (struct sockaddr *)&name, &len) != 0) {
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			return KIND_PIPE;
		return isatty(fd) ? KIND_TERMINAL : KIND_FILE;
	}
	len = sizeof(type);
	if (real_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM)
		return KIND_STREAM;
	return name.ss_family == AF_INET || name.ss_family == AF_INET6
	    ? KIND_DATAGRAM
	    : KIND_NETLINK;
}

/* A name for each kind: { "send", "send terminal", "send pipe", ... }. */
#define KINDS(name)                                                   \
	{                                                             \
		name, name " terminal", name " pipe", name " stream", \
		    name " datagram", name " netlink"                 \
	}

/* Who is told that a stream was reset finds it so. */
static void
reset_stream(int fd)
{
	if (faults->error == ECONNRESET || faults->error == EPIPE)
		shutdown(fd, SHUT_RDWR);
}

/* One that moves `len` bytes, or only one of them. */
#define STAND_IN_MOVING(name, parameters, arguments)                       \
	ssize_t faults_##name parameters __asm__(#name);                   \
	ssize_t faults_##name parameters                                   \
	{                                                                  \
		static const char *const names[] = KINDS(#name);           \
		static ssize_t(*real) parameters;                          \
		int saved = errno;                                         \
		enum kind kind = faults == NULL ? KIND_FILE : kind_of(fd); \
                                                                           \
		errno = saved;                                             \
		if (real == NULL)                                          \
			find(#name, &real);                                \
		if (strikes(names[kind], __builtin_return_address(0))) {   \
			if (kind == KIND_STREAM)                           \
				reset_stream(fd);                          \
			if (!is_short())                                   \
				return failure();                          \
			if (len > 1)                                       \
				len = 1;                                   \
		}                                                          \
		return real arguments;                                     \
	}

/* --------------------------------------------------------- descriptors --- */

STAND_IN(int, open, (const char *path, int flags, mode_t mode),
    (path, flags, mode), failure())
STAND_IN_CHECKED(open, __open_2, (const char *path, int flags), (path, flags))
STAND_IN(int, openat, (int at, const char *path, int flags, mode_t mode),
    (at, path, flags, mode), failure())
STAND_IN_CHECKED(openat, __openat_2, (int at, const char *path, int flags),
    (at, path, flags))
STAND_IN(int, pipe, (int *fds), (fds), failure())
STAND_IN(int, fcntl, (int fd, int command, void *argument),
    (fd, command, argument), failure())
STAND_IN(int, ioctl, (int fd, unsigned long request, void *argument),
    (fd, request, argument), failure())
STAND_IN(long, fpathconf, (int fd, int name), (fd, name), failure())
STAND_IN(int, fstat, (int fd, void *st), (fd, st), failure())
STAND_IN(int, stat, (const char *path, void *st), (path, st), failure())
STAND_IN(int, lstat, (const char *path, void *st), (path, st), failure())
STAND_IN(int, fstatat, (int at, const char *path, void *st, int flags),
    (at, path, st, flags), failure())
STAND_IN(void *, opendir, (const char *path), (path), nothing())
STAND_IN(void *, readdir, (void *dir), (dir), nothing())
STAND_IN(char *, ttyname, (int fd), (fd), nothing())
STAND_IN(int, tcgetattr, (int fd, void *modes), (fd, modes), failure())

int faults_tcsetattr(int fd, int when, const void *modes) __asm__("tcsetattr");

/*
 * In the background it stops the process, and is interrupted when that goes on
 * and has a handler for SIGCONT; by nothing else.
 */
int
faults_tcsetattr(int fd, int when, const void *modes)
{
	static int (*real)(int fd, int when, const void *modes);

	if (real == NULL)
		find("tcsetattr", &real);
	if (!strikes("tcsetattr", __builtin_return_address(0)))
		return real(fd, when, modes);
	if (faults->error == EINTR)
		raise(SIGCONT);
	return failure();
}

STAND_IN(int, poll, (void *fds, unsigned long count, int timeout),
    (fds, count, timeout), failure())
STAND_IN_CHECKED(poll, __poll_chk,
    (void *fds, unsigned long count, int timeout, size_t size),
    (fds, count, timeout, size))

STAND_IN_MOVING(read, (int fd, void *bytes, size_t len), (fd, bytes, len))
STAND_IN_MOVING(
    write, (int fd, const void *bytes, size_t len), (fd, bytes, len))
STAND_IN_MOVING(
    pread, (int fd, void *bytes, size_t len, off_t at), (fd, bytes, len, at))

/* It is closed whatever it says, as on Linux. */
int faults_close(int fd) __asm__("close");

int
faults_close(int fd)
{
	static int (*real)(int fd);
	int result;

	if (real == NULL)
		find("close", &real);
	result = real(fd);
	return strikes("close", __builtin_return_address(0)) ? failure()
							     : result;
}

STAND_IN(int, fflush, (void *file), (file), failure())
STAND_IN(int, puts, (const char *line), (line), failure())

/* ------------------------------------------------------------- sockets --- */

STAND_IN(int, socket, (int family, int type, int protocol),
    (family, type, protocol), failure())
STAND_IN(int, bind, (int fd, const void *name, socklen_t len), (fd, name, len),
    failure())
STAND_IN(int, listen, (int fd, int backlog), (fd, backlog), failure())
STAND_IN(int, accept, (int fd, void *name, socklen_t *len), (fd, name, len),
    failure())
STAND_IN(int, connect, (int fd, const void *name, socklen_t len),
    (fd, name, len), failure())
STAND_IN(int, shutdown, (int fd, int how), (fd, how), failure())
STAND_IN(int, getsockname, (int fd, void *name, socklen_t *len),
    (fd, name, len), failure())
STAND_IN(int, getpeername, (int fd, void *name, socklen_t *len),
    (fd, name, len), failure())
STAND_IN(int, setsockopt,
    (int fd, int level, int option, const void *value, socklen_t len),
    (fd, level, option, value, len), failure())

STAND_IN_MOVING(
    recv, (int fd, void *bytes, size_t len, int flags), (fd, bytes, len, flags))
STAND_IN_MOVING(send, (int fd, const void *bytes, size_t len, int flags),
    (fd, bytes, len, flags))
STAND_IN(ssize_t, recvfrom,
    (int fd, void *bytes, size_t len, int flags, void *name, void *size),
    (fd, bytes, len, flags, name, size), failure())
STAND_IN(ssize_t, sendto,
    (int fd, const void *bytes, size_t len, int flags, const void *name,
	socklen_t size),
    (fd, bytes, len, flags, name, size), failure())
STAND_IN(int, recvmmsg,
    (int fd, void *messages, unsigned count, int flags, void *timeout),
    (fd, messages, count, flags, timeout), failure())
STAND_IN(int, sendmmsg, (int fd, void *messages, unsigned count, int flags),
    (fd, messages, count, flags), failure())

static int
real_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	static int (*real)(
	    int fd, int level, int option, void *value, socklen_t *len);

	if (real == NULL)
		find("getsockopt", &real);
	return real(fd, level, option, value, len);
}

int faults_getsockopt(int fd, int level, int option, void *value,
    socklen_t *len) __asm__("getsockopt");

/* The error of a connection is told by a call that does not itself fail. */
int
faults_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	int result = real_getsockopt(fd, level, option, value, len);

	if (!strikes(option == SO_ERROR ? "SO_ERROR" : "getsockopt",
		__builtin_return_address(0)))
		return result;
	if (option != SO_ERROR)
		return failure();
	memcpy(value, &faults->error, sizeof(faults->error));
	return 0;
}

/* ------------------------------------------------- names and addresses --- */

STAND_IN(int, getaddrinfo,
    (const char *host, const char *service, const void *hints, void *info),
    (host, service, hints, info), code())
STAND_IN(int, getnameinfo,
    (const void *name, socklen_t len, char *host, socklen_t host_len,
	char *service, socklen_t service_len, int flags),
    (name, len, host, host_len, service, service_len, flags), code())
STAND_IN(int, getifaddrs, (void *list), (list), failure())
STAND_IN(void *, if_nameindex, (void), (), nothing())
STAND_IN(int, gethostname, (char *name, size_t len), (name, len), failure())
STAND_IN(void *, getservbyname, (const char *name, const char *protocol),
    (name, protocol), nothing())
STAND_IN(void *, getpwnam, (const char *name), (name), nothing())
STAND_IN(void *, getpwuid, (uid_t uid), (uid), nothing())
STAND_IN(void *, getgrnam, (const char *name), (name), nothing())
STAND_IN(void *, getgrgid, (gid_t gid), (gid), nothing())

/* ------------------------------------------------------------ the rest --- */

STAND_IN(void *, malloc, (size_t size), (size), nothing())
STAND_IN(void *, calloc, (size_t count, size_t size), (count, size), nothing())
STAND_IN(
    void *, realloc, (void *memory, size_t size), (memory, size), nothing())
STAND_IN(void *, mmap,
    (void *at, size_t len, int protection, int flags, int fd, off_t offset),
    (at, len, protection, flags, fd, offset), (failure(), MAP_FAILED))
STAND_IN(int, regcomp, (void *pattern, const char *text, int flags),
    (pattern, text, flags), code())
STAND_IN(int, pthread_create,
    (void *thread, const void *attributes, void *(*start)(void *),
	void *argument),
    (thread, attributes, start, argument), code())
STAND_IN(void *, localtime_r, (const void *time, void *fields), (time, fields),
    nothing())
STAND_IN(int, setgroups, (size_t count, const gid_t *groups), (count, groups),
    failure())
STAND_IN(int, setgid, (gid_t gid), (gid), failure())
STAND_IN(int, setuid, (uid_t uid), (uid), failure())
STAND_IN(int, prctl,
    (int what, unsigned long a, unsigned long b, unsigned long c,
	unsigned long d),
    (what, a, b, c, d), failure())
STAND_IN(long, syscall, (long number, long a, long b, long c, long d, long e),
    (number, a, b, c, d, e), failure())
