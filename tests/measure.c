/*
 * measure - what the benches share.
 */
#define _GNU_SOURCE /* sched_setaffinity, setgroups, ptys */

#include "measure.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STARTED_MAX = 16 };

/* Those that run, for the end. */
static pid_t started[STARTED_MAX];

void
measure_end_all(void)
{
	size_t i;

	for (i = 0; i < STARTED_MAX; i++)
		if (started[i] != 0)
			measure_end(started[i]);
}

_Noreturn void
measure_fail(const char *what)
{
	perror(what);
	measure_end_all();
	exit(1);
}

void
measure_on_one_core(void)
{
#ifdef __linux__
	cpu_set_t all, one;
	size_t core = CPU_SETSIZE;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		measure_fail("sched_getaffinity");
	while (core > 0 && !CPU_ISSET(core - 1, &all))
		core--;
	CPU_ZERO(&one);
	CPU_SET(core - 1, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		measure_fail("sched_setaffinity");
#endif
}

static double
read_clock(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		measure_fail("clock_gettime");
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double
measure_clock(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

double
measure_cpu(pid_t pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0)
		measure_fail("clock_getcpuclockid");
	return read_clock(clock);
}

long
measure_memory(pid_t pid)
{
	char path[64], line[128];
	long peak = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	status = fopen(path, "r");
	if (status == NULL)
		return 0;
	while (peak == 0 && fgets(line, sizeof(line), status) != NULL)
		(void)sscanf(line, "VmHWM: %ld", &peak);
	fclose(status);
	return peak;
}

static int
compare(const void *a, const void *b)
{
	double one = *(const double *)a;
	double other = *(const double *)b;

	return one < other ? -1 : one > other;
}

double
measure_median(double *figures, size_t count)
{
	qsort(figures, count, sizeof(*figures), compare);
	return figures[count / 2];
}

int
measure_bind(int type, uint32_t address, uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(address) };
	int fd = socket(AF_INET, type, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0)
		measure_fail("bind");
	return fd;
}

uint16_t
measure_port(int fd)
{
	struct sockaddr_in name = { 0 };
	socklen_t len = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
		measure_fail("getsockname");
	return ntohs(name.sin_port);
}

void
measure_join(int fd, uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval patience = { .tv_sec = 10 };

	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
	    setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		measure_fail("connect");
}

int
measure_connect(uint16_t port)
{
	int fd = measure_bind(SOCK_DGRAM, INADDR_LOOPBACK, 0);

	measure_join(fd, port);
	return fd;
}

static void
remember(pid_t before, pid_t after)
{
	size_t i = 0;

	while (i < STARTED_MAX - 1 && started[i] != before)
		i++;
	started[i] = after;
}

/* As inetd.conf has it: nobody, of group tty. */
static void
leave_root(uid_t user, gid_t group)
{
	if (setgroups(1, &group) != 0 || setgid(group) != 0 ||
	    setuid(user) != 0)
		_exit(126);
}

pid_t
measure_start(const char *const argv[], int fd)
{
	const struct passwd *user = getpwnam("nobody");
	const struct group *group = getgrnam("tty");
	pid_t pid = fork();

	if (pid == -1)
		measure_fail("fork");
	if (pid > 0) {
		remember(0, pid);
		return pid;
	}
	if (geteuid() == 0 && user != NULL && group != NULL)
		leave_root(user->pw_uid, group->gr_gid);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

void
measure_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	remember(pid, 0);
}

/* As a devpts of distributions has it: of group tty, which may write. */
static void
let_group_write(int slave)
{
	const struct group *group = getgrnam("tty");

	if (geteuid() == 0 && group != NULL &&
	    fchown(slave, (uid_t)-1, group->gr_gid) != 0)
		measure_fail("fchown");
	if (fchmod(slave, 0620) != 0)
		measure_fail("fchmod");
}

void
measure_open_terminal(struct measure_terminal *terminal)
{
	const char *path;

	terminal->master = posix_openpt(O_RDWR | O_NOCTTY);
	if (terminal->master == -1 || grantpt(terminal->master) != 0 ||
	    unlockpt(terminal->master) != 0 ||
	    fcntl(terminal->master, F_SETFL, O_NONBLOCK) != 0)
		measure_fail("terminal");
	path = ptsname(terminal->master);
	snprintf(terminal->path, sizeof(terminal->path), "%s", path);
	snprintf(terminal->name, sizeof(terminal->name), "%s",
	    path + strlen("/dev/"));
	terminal->slave = open(path, O_RDWR | O_NOCTTY);
	if (terminal->slave == -1)
		measure_fail(path);
	let_group_write(terminal->slave);
}

void
measure_close_terminal(struct measure_terminal *terminal)
{
	close(terminal->slave);
	close(terminal->master);
}

size_t
measure_read_terminal(const struct measure_terminal *terminal)
{
	char bytes[4096];
	size_t all = 0;
	ssize_t got;

	while ((got = read(terminal->master, bytes, sizeof(bytes))) > 0)
		all += (size_t)got;
	return all;
}
