/*
 * terminal - the user's own terminal: its modes, its size, bytes in and out.
 */
#include "common/system.h"

#include "terminal.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZE_MAX_CELLS = 1000 };

/*
 * An open file description of our own, so that not to block is our affair and
 * not also the shell's.  /dev/tty needs no permission, but is standard input
 * only if that is the controlling terminal.
 */
static int
terminal_open_own(void)
{
	const int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	const char *name = ttyname(STDIN_FILENO);
	int fd = -1;

	if (tcgetpgrp(STDIN_FILENO) >= 0) /* fails for any other */
		fd = open("/dev/tty", flags);
	if (fd < 0 && name != NULL)
		fd = open(name, flags);
	if (fd < 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	return fd;
}

int
terminal_open(struct terminal *terminal)
{
	*terminal = (struct terminal){ .fd = -1 };
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return ENOTTY;
	terminal->fd = terminal_open_own();
	if (terminal->fd < 0)
		return errno;
	if (tcgetattr(terminal->fd, &terminal->was) != 0)
		return errno;
	return 0;
}

void
terminal_close(struct terminal *terminal)
{
	terminal_restore(terminal);
	if (terminal->fd >= 0)
		close(terminal->fd);
	terminal->fd = -1;
}

int
terminal_set_raw(struct terminal *terminal)
{
	struct termios raw = terminal->was;

	raw.c_iflag &= (tcflag_t) ~(INLCR | IGNCR | ISTRIP);
	raw.c_iflag |= ICRNL;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ECHONL | IEXTEN);
	raw.c_lflag |= ISIG;
	raw.c_oflag &= (tcflag_t)~OPOST;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(terminal->fd, TCSANOW, &raw) == 0) {
		terminal->raw = true;
		return 0;
	}
	terminal->raw = errno != EINTR;
	return errno;
}

void
terminal_restore(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	while (tcsetattr(terminal->fd, TCSANOW, &terminal->was) != 0 &&
	    errno == EINTR)
		continue;
	terminal->raw = false;
}

/* What the environment says, for a terminal that does not know its size. */
static int
size_from_environment(const char *name, int otherwise)
{
	const char *text = getenv(name);
	long value = text == NULL ? 0 : strtol(text, NULL, 10);

	return value > 0 && value <= SIZE_MAX_CELLS ? (int)value : otherwise;
}

static int
size_within_bounds(unsigned short size)
{
	return size > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : (int)size;
}

void
terminal_size(const struct terminal *terminal, int *rows, int *cols)
{
	struct winsize size;

	*rows = size_from_environment("LINES", 24);
	*cols = size_from_environment("COLUMNS", 80);
	if (ioctl(terminal->fd, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_row > 0)
		*rows = size_within_bounds(size.ws_row);
	if (size.ws_col > 0)
		*cols = size_within_bounds(size.ws_col);
}

static uint8_t
terminal_character(const struct terminal *terminal, int which)
{
	cc_t character = terminal->was.c_cc[which];
	long none = fpathconf(terminal->fd, _PC_VDISABLE);

	return none >= 0 && character == (cc_t)none ? 0 : (uint8_t)character;
}

uint8_t
terminal_erase(const struct terminal *terminal)
{
	return terminal_character(terminal, VERASE);
}

uint8_t
terminal_kill(const struct terminal *terminal)
{
	return terminal_character(terminal, VKILL);
}

uint8_t
terminal_word_erase(const struct terminal *terminal)
{
#ifdef VWERASE
	return terminal_character(terminal, VWERASE);
#else
	(void)terminal;
	return 0;
#endif
}

uint8_t
terminal_end_of_file(const struct terminal *terminal)
{
	return terminal_character(terminal, VEOF);
}

ssize_t
terminal_read(struct terminal *terminal, char *bytes, size_t size)
{
	return read(terminal->fd, bytes, size);
}

ssize_t
terminal_write(struct terminal *terminal, const char *bytes, size_t len)
{
	return write(terminal->fd, bytes, len);
}
