/*
 * host - this host as tests of the real talkd have it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "host.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stage.h"

#ifdef __linux__
#include <linux/netlink.h>
#endif

enum {
	ARGUMENTS_MAX = 16,
	DESCRIPTORS_MAX = 64, /* that the tests may have open */
};

void
host_open(struct host *host)
{
	const struct passwd *user = getpwuid(getuid());

	assert_non_null(user);
	*host = (struct host){ .errors = -1 };
	snprintf(host->user, sizeof(host->user), "%s", user->pw_name);
	seat_take(&host->seat);
}

void
host_close(struct host *host)
{
	if (host->daemon != 0) {
		(void)kill(host->daemon, SIGKILL);
		(void)waitpid(host->daemon, NULL, 0);
	}
	if (host->errors != -1)
		close(host->errors);
	seat_leave(&host->seat);
}

/* In the child: takes the descriptors, and becomes the daemon. */
static void
become_daemon(const int *fds, int count, int errors, const char *const *argv)
{
	char pid[32];
	int fd;

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid, 0);
	(void)dup2(errors, STDERR_FILENO);
	for (fd = 0; fd < count; fd++)
		if (fds[fd] != -1)
			(void)dup2(fds[fd], fd);
	/* A client's socket kept there would never be closed. */
	fd = count > STDERR_FILENO ? count : STDERR_FILENO + 1;
	for (; fd < DESCRIPTORS_MAX; fd++)
		close(fd);
	(void)execv(stage_talkd(), (char *const *)(uintptr_t)argv);
	_exit(127);
}

void
host_start(
    struct host *host, const int *fds, int count, const char *const *arguments)
{
	const char *argv[ARGUMENTS_MAX] = { "talkd", "-u", host->user };
	int argc = 3;
	int errors[2];

	assert_int_equal(host->daemon, 0);
	assert_int_equal(host->errors, -1);
	for (; *arguments != NULL; arguments++) {
		assert_true(argc < ARGUMENTS_MAX - 1);
		argv[argc++] = *arguments;
	}
	assert_int_equal(pipe(errors), 0);
	host->errors = errors[0];
	host->daemon = fork();
	assert_int_not_equal(host->daemon, -1);
	if (host->daemon == 0)
		become_daemon(fds, count, errors[1], argv);
	close(errors[1]);
}

void
host_read_error(const struct host *host, char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size) {
		assert_true(host_is_readable(host->errors, HOST_WAIT_MS));
		if (read(host->errors, line + len, 1) != 1 || line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
}

uint16_t
host_read_port(const struct host *host, const char *address)
{
	char before[64];
	char line[128];
	long port;

	snprintf(before, sizeof(before), "talkd: serving %s port ", address);
	host_read_error(host, line, sizeof(line));
	assert_int_equal(strncmp(line, before, strlen(before)), 0);
	port = strtol(line + strlen(before), NULL, 10);
	assert_in_range(port, 1, 65535);
	return (uint16_t)port;
}

int
host_wait(struct host *host)
{
	int64_t deadline = host_clock() + HOST_WAIT_MS;
	int status;
	pid_t ended;

	/* wait(2) has no time limit of its own. */
	while ((ended = waitpid(host->daemon, &status, WNOHANG)) == 0 &&
	    host_clock() < deadline)
		(void)poll(NULL, 0, 10);
	assert_int_equal(ended, host->daemon);
	host->daemon = 0;
	close(host->errors);
	host->errors = -1;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int64_t
host_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
host_is_readable(int fd, int timeout)
{
	struct pollfd ready = { fd, POLLIN, 0 };

	return poll(&ready, 1, timeout) == 1;
}

struct sockaddr_in
host_loopback(uint8_t last, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7f000000 | last),
		.sin_port = htons(port) };

	return in;
}

uint16_t
host_port(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	return ntohs(in.sin_port);
}

bool
host_tells_owners(void)
{
#ifdef __linux__
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return false;
	close(fd);
	return true;
#else
	return false;
#endif
}
