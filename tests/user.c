/*
 * user - whoever sits at the client, in memory: it stands in, at link time, for
 * his terminal, his signals and his clock.
 */
/* Fortified, clang has an inline poll, and takes this one for it. */
#undef _FORTIFY_SOURCE
#include "user.h"

#include <sys/select.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "fuzz.h"
#include "talk/signals.h"
#include "talk/terminal.h"

enum { TERMINAL, WAKE };

/* Of the process, as terminals and signals are. */
static struct user *sitting;

/* Descriptors that nothing is read from, and that stay for good. */
static int
descriptor(int which)
{
	static int fds[] = { -1, -1 };

	if (fds[which] < 0)
		fds[which] = open("/dev/null", O_RDWR);
	fuzz_expect(fds[which] >= 0);
	return fds[which];
}

void
user_begin(struct user *user)
{
	sitting = user;
}

void
user_end(struct user *user)
{
	buffer_free(&user->keys);
	sitting = NULL;
}

void
user_type(struct user *user, const void *keys, size_t len)
{
	fuzz_expect(len == 0 || buffer_append(&user->keys, keys, len));
}

void
user_signal(struct user *user, int number)
{
	user->signals |= 1UL << number;
}

int
user_terminal(void)
{
	return descriptor(TERMINAL);
}

/* ----------------------------------------------------------------- poll --- */

static short
terminal_readiness(void)
{
	return (short)((buffer_len(&sitting->keys) > 0 ? POLLIN : 0) |
	    (sitting->room > 0 ? POLLOUT : 0));
}

/* What the system says of another descriptor, by the other way to ask. */
static short
system_readiness(int fd)
{
	struct timeval none = { 0 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fd, &in);
	FD_SET(fd, &out);
	if (select(fd + 1, &in, &out, NULL, &none) < 0)
		return POLLNVAL;
	return (short)((FD_ISSET(fd, &in) ? POLLIN : 0) |
	    (FD_ISSET(fd, &out) ? POLLOUT : 0));
}

int
poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	int ready = 0;
	nfds_t i;

	(void)timeout;
	for (i = 0; i < nfds; i++) {
		fds[i].revents = fds[i].fd == descriptor(TERMINAL)
		    ? terminal_readiness()
		    : system_readiness(fds[i].fd);
		fds[i].revents &= (short)(fds[i].events | POLLNVAL);
		ready += fds[i].revents != 0 ? 1 : 0;
	}
	return ready;
}

/* What gcc calls, fortified, in the place of poll. */
int __poll_chk(struct pollfd *fds, nfds_t nfds, int timeout, size_t room);

int
__poll_chk(struct pollfd *fds, nfds_t nfds, int timeout, size_t room)
{
	fuzz_expect(nfds <= room / sizeof(*fds));
	return poll(fds, nfds, timeout);
}

/* ----------------------------------------------------------------- turn --- */

int64_t
turn_clock(void)
{
	return sitting->now;
}

void
turn_begin(struct turn *turn)
{
	turn->count = 0;
	turn->deadline = TURN_NEVER;
}

void
turn_want(struct turn *turn, int fd, short events)
{
	int i = 0;

	if (fd < 0)
		return;
	while (i < turn->count && turn->fds[i].fd != fd)
		i++;
	fuzz_expect(i < TURN_FDS_MAX);
	if (i == turn->count)
		turn->fds[turn->count++] = (struct pollfd){ .fd = fd };
	turn->fds[i].events = (short)(turn->fds[i].events | events);
}

void
turn_by(struct turn *turn, int64_t when)
{
	if (when < turn->deadline)
		turn->deadline = when;
}

int64_t
turn_wait(struct turn *turn)
{
	sitting->waits(sitting->context, turn);
	return sitting->now;
}

short
turn_ready(const struct turn *turn, int fd)
{
	int i;

	for (i = 0; i < turn->count; i++)
		if (turn->fds[i].fd == fd)
			return turn->fds[i].revents;
	return 0;
}

/* -------------------------------------------------------------- signals --- */

int
signals_open(void)
{
	return descriptor(WAKE);
}

void
signals_turn(void)
{
}

bool
signals_take(int number)
{
	bool came = (sitting->signals & 1UL << number) != 0;

	sitting->signals &= ~(1UL << number);
	return came;
}

/* Stopped, he goes on at once. */
void
signals_obey(int number)
{
	(void)number;
	fuzz_expect(!sitting->raw);
}

/* ------------------------------------------------------------- terminal --- */

int
terminal_open(struct terminal *terminal)
{
	*terminal = (struct terminal){ .fd = descriptor(TERMINAL) };
	return 0;
}

void
terminal_close(struct terminal *terminal)
{
	terminal_restore(terminal);
	terminal->fd = -1;
}

int
terminal_set_raw(struct terminal *terminal)
{
	terminal->raw = sitting->raw = true;
	return 0;
}

void
terminal_restore(struct terminal *terminal)
{
	terminal->raw = sitting->raw = false;
}

void
terminal_size(const struct terminal *terminal, int *rows, int *cols)
{
	(void)terminal;
	*rows = sitting->rows;
	*cols = sitting->cols;
}

uint8_t
terminal_erase(const struct terminal *terminal)
{
	(void)terminal;
	return 0x7f;
}

uint8_t
terminal_kill(const struct terminal *terminal)
{
	(void)terminal;
	return 'U' - '@';
}

uint8_t
terminal_word_erase(const struct terminal *terminal)
{
	(void)terminal;
	return 'W' - '@';
}

uint8_t
terminal_end_of_file(const struct terminal *terminal)
{
	(void)terminal;
	return 'D' - '@';
}

ssize_t
terminal_read(struct terminal *terminal, char *bytes, size_t size)
{
	size_t len = buffer_len(&sitting->keys);
	size_t i;

	(void)terminal;
	errno = EAGAIN;
	if (len == 0)
		return -1;
	if (len > size)
		len = size;
	for (i = 0; i < len; i++)
		bytes[i] = buffer_head(&sitting->keys)[i];
	buffer_take(&sitting->keys, len);
	return (ssize_t)len;
}

ssize_t
terminal_write(struct terminal *terminal, const char *bytes, size_t len)
{
	(void)terminal;
	sitting->behind = len > sitting->room;
	if (sitting->behind)
		len = sitting->room;
	errno = EAGAIN;
	if (len == 0)
		return -1;
	if (sitting->room != SIZE_MAX)
		sitting->room -= len;
	sitting->sees(sitting->context, bytes, len);
	return (ssize_t)len;
}
