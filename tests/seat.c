/*
 * seat - a terminal of the user of the tests that nobody plays at.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "seat.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void
seat_open(struct seat *seat)
{
	seat->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(seat->master >= 0);
	assert_int_equal(grantpt(seat->master), 0);
	assert_int_equal(unlockpt(seat->master), 0);
	snprintf(seat->path, sizeof(seat->path), "%s", ptsname(seat->master));
	snprintf(
	    seat->name, sizeof(seat->name), "%s", seat->path + strlen("/dev/"));
	seat->slave = open(seat->path, O_RDWR | O_NOCTTY);
	assert_true(seat->slave >= 0);
}

void
seat_take(struct seat *seat)
{
	struct termios modes;

	seat_open(seat);
	assert_int_equal(tcgetattr(seat->slave, &modes), 0);
	modes.c_oflag &= ~(tcflag_t)OPOST;
	modes.c_lflag &= ~(tcflag_t)ECHO;
	assert_int_equal(tcsetattr(seat->slave, TCSANOW, &modes), 0);
	seat_mesg(seat, true);
}

void
seat_leave(struct seat *seat)
{
	close(seat->slave);
	close(seat->master);
}

void
seat_sit_down(struct seat *seat)
{
	fflush(stdout);
	seat->in = dup(STDIN_FILENO);
	seat->out = dup(STDOUT_FILENO);
	(void)dup2(seat->slave, STDIN_FILENO);
	(void)dup2(seat->slave, STDOUT_FILENO);
}

void
seat_stand_up(struct seat *seat)
{
	fflush(stdout);
	(void)dup2(seat->in, STDIN_FILENO);
	(void)dup2(seat->out, STDOUT_FILENO);
	close(seat->in);
	close(seat->out);
}

void
seat_mesg(const struct seat *seat, bool yes)
{
	assert_int_equal(chmod(seat->path, yes ? 0620 : 0600), 0);
}

const char *
seat_read(const struct seat *seat, char *text, size_t size)
{
	struct pollfd sent = { seat->master, POLLIN, 0 };
	size_t len = 0;
	ssize_t got;

	while (len + 1 < size && poll(&sent, 1, 0) == 1) {
		got = read(seat->master, text + len, size - 1 - len);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	text[len] = '\0';
	return text;
}
