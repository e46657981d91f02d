/*
 * deliver - what is shown to a user, written once.
 *
 * POSIX has no way to ask how wide a terminal is before its issue 8; all
 * systems have TIOCGWINSZ.
 */
#include "common/system.h"

#include "deliver.h"

#include <sys/ioctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/person.h"
#include "common/text.h"
#include "device.h"

enum {
	HOST_SIZE = PERSON_HOST_SIZE,
	CALLER_SIZE = 4 * PERSON_USER_SIZE, /* \ooo for each byte */
	CLOCK_SIZE = sizeof("23:59"),
	BUSY_TRIES = 1000, /* while it has room */
	MOMENT = 1,	   /* millisecond, until it has */
};

/* Returns the new length; what has no room is left out. */
static size_t
append(char text[DELIVER_RING_SIZE], size_t len, const char *part)
{
	size_t more = strlen(part);

	if (more >= DELIVER_RING_SIZE - len)
		return len;
	memcpy(text + len, part, more + 1);
	return len + more;
}

size_t
deliver_ring_text(const struct deliver_ring *ring, char text[DELIVER_RING_SIZE])
{
	char host[HOST_SIZE];
	char clock[CLOCK_SIZE];
	char caller[CALLER_SIZE];
	char caller_host[HOST_SIZE];
	const char *const parts[] = { "\a\r\nMessage from Talk_Daemon@", host,
		" at ", clock, " ...\r\ntalk: connection requested by ", caller,
		"@", caller_host, ".\r\ntalk: respond with:  talk ", caller,
		"@", caller_host, "\r\n" };
	size_t i, len = 0;

	text_name(host, sizeof(host), ring->host, strlen(ring->host));
	text_name(caller, sizeof(caller), ring->caller, strlen(ring->caller));
	text_name(caller_host, sizeof(caller_host), ring->caller_host,
	    strlen(ring->caller_host));
	snprintf(clock, sizeof(clock), "%02d:%02d", ring->hour, ring->minute);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		len = append(text, len, parts[i]);
	return len;
}

/* Returns NULL or why this is no terminal to write on. */
static const char *
judge(int fd, uid_t owner)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISCHR(st.st_mode))
		return "not a character device";
	if (!isatty(fd))
		return "not a terminal";
	if (st.st_uid != owner)
		return "somebody else's";
	if ((st.st_mode & S_IWGRP) == 0)
		return "closed to messages";
	return NULL;
}

/*
 * Whether a terminal that refused to be written on may take it now.  Linux does
 * refuse it while another process is in the middle of writing there, and while
 * what was written before is still on its way to who reads it: each is over in
 * a moment, in milliseconds, if there is one to wait.
 */
static bool
is_busy(int fd, int moment)
{
	struct pollfd room = { fd, POLLOUT, 0 };

	if (errno == EINTR)
		return true;
	return errno == EAGAIN && poll(&room, 1, moment) == 1 &&
	    (room.revents & POLLOUT) != 0 && sched_yield() == 0;
}

static const char *
write_once(
    struct deliver_patience *patience, int fd, const void *bytes, size_t len)
{
	int moment = patience->now >= patience->back ? MOMENT : 0;
	ssize_t written;
	int tries = 0;

	do
		written = write(fd, bytes, len);
	while (written == -1 && ++tries < BUSY_TRIES && is_busy(fd, moment));
	if (written == -1 && errno != EAGAIN)
		return strerror(errno);
	if (written != -1 && (size_t)written == len)
		return NULL;
	if (moment > 0)
		patience->back = patience->now + DELIVER_PAUSE;
	return "stopped or full";
}

/* Opens it and judges what was opened; -1 with why not in *failure. */
static int
open_terminal(const char *terminal, uid_t owner, const char **failure)
{
	int fd = device_open(terminal, O_WRONLY | O_NONBLOCK | O_NOCTTY);

	if (fd == -1) {
		*failure = strerror(errno);
		return -1;
	}
	*failure = judge(fd, owner);
	if (*failure == NULL)
		return fd;
	close(fd);
	return -1;
}

const char *
deliver_write(struct deliver_patience *patience, const char *terminal,
    uid_t owner, const void *bytes, size_t len)
{
	const char *failure;
	int fd = open_terminal(terminal, owner, &failure);

	if (fd == -1)
		return failure;
	failure = write_once(patience, fd, bytes, len);
	close(fd);
	return failure;
}

/* 0 when the terminal does not know. */
static int
columns_of(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

const char *
deliver_notice(struct deliver_patience *patience, const char *terminal,
    uid_t owner, const struct notice *notice)
{
	char text[NOTICE_SIZE];
	const char *failure;
	int fd = open_terminal(terminal, owner, &failure);

	if (fd == -1)
		return failure;
	failure = write_once(
	    patience, fd, text, notice_set(notice, columns_of(fd), text));
	close(fd);
	return failure;
}
