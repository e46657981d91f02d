/*
 * The tests of talkd/deliver: the ring's bytes, and what real terminals get.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/person.h"
#include "seat.h"
#include "talkd/deliver.h"

/* ------------------------------------------------------------ the text --- */

static void
assert_text(const struct deliver_ring *ring, const char *expected)
{
	char text[DELIVER_RING_SIZE];
	size_t len = deliver_ring_text(ring, text);

	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
}

static void
a_ring_has_a_bell_and_three_lines(void **state)
{
	const struct deliver_ring ring = { "h2", "alice", "h1", 9, 5 };

	(void)state;
	assert_text(&ring,
	    "\a\r\n"
	    "Message from Talk_Daemon@h2 at 09:05 ...\r\n"
	    "talk: connection requested by alice@h1.\r\n"
	    "talk: respond with:  talk alice@h1\r\n");
}

static void
a_number_stands_as_it_can_be_typed_back(void **state)
{
	const struct deliver_ring ring = { "h2", "alice", "fe80::1%2", 23, 59 };

	(void)state;
	assert_text(&ring,
	    "\a\r\n"
	    "Message from Talk_Daemon@h2 at 23:59 ...\r\n"
	    "talk: connection requested by alice@fe80::1%2.\r\n"
	    "talk: respond with:  talk alice@fe80::1%2\r\n");
}

static void
names_cannot_bring_control_characters_or_lines(void **state)
{
	const struct deliver_ring ring = { "h\0332", "al\r\nice", "h 1\233\x7f",
		0, 0 };

	(void)state;
	assert_text(&ring,
	    "\a\r\n"
	    "Message from Talk_Daemon@h\\0332 at 00:00 ...\r\n"
	    "talk: connection requested by "
	    "al\\015\\012ice@h\\0401\\233\\177.\r\n"
	    "talk: respond with:  talk "
	    "al\\015\\012ice@h\\0401\\233\\177\r\n");
}

static void
the_longest_names_fit(void **state)
{
	char host[PERSON_HOST_SIZE];
	char caller[PERSON_USER_SIZE];
	const struct deliver_ring ring = { host, caller, host, 0, 0 };
	char text[DELIVER_RING_SIZE];
	size_t len;

	(void)state;
	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	memset(caller, '\033', sizeof(caller) - 1);
	caller[sizeof(caller) - 1] = '\0';
	len = deliver_ring_text(&ring, text);
	assert_int_equal(len, strlen(text));
	assert_string_equal(text + len - 4, "hh\r\n");
}

/* ----------------------------------------------------------- terminals --- */

static int
set_up(void **state)
{
	struct seat *seat = calloc(1, sizeof(*seat));

	*state = seat;
	if (seat == NULL)
		return -1;
	seat_take(seat);
	return 0;
}

static int
tear_down(void **state)
{
	seat_leave(*state);
	free(*state);
	return 0;
}

static void
assert_untouched(const struct seat *seat)
{
	char text[64];

	assert_string_equal(seat_read(seat, text, sizeof(text)), "");
}

static const char *
deliver(const struct seat *seat, uid_t owner)
{
	struct deliver_patience patience = { 0 };

	return deliver_write(&patience, seat->name, owner, "\aring\r\n", 7);
}

static const char *
deliver_at(const char *name, uid_t owner)
{
	struct deliver_patience patience = { 0 };

	return deliver_write(&patience, name, owner, "x", 1);
}

static void
the_bytes_arrive_as_they_are(void **state)
{
	char text[64];

	assert_null(deliver(*state, getuid()));
	assert_string_equal(
	    seat_read(*state, text, sizeof(text)), "\aring\r\n");
}

static void
a_closed_terminal_gets_nothing(void **state)
{
	struct seat *seat = *state;

	assert_int_equal(chmod(seat->path, 0600), 0);
	assert_string_equal(deliver(seat, getuid()), "closed to messages");
	assert_int_equal(chmod(seat->path, 0602), 0);
	assert_string_equal(deliver(seat, getuid()), "closed to messages");
	assert_untouched(seat);
}

static void
somebody_elses_terminal_gets_nothing(void **state)
{
	assert_string_equal(deliver(*state, getuid() + 1), "somebody else's");
	assert_untouched(*state);
}

/* A test that hangs here fails too, by its time. */
static void
a_stopped_terminal_is_a_failure_at_once_and_gets_nothing_later(void **state)
{
	struct seat *seat = *state;

	assert_int_equal(tcflow(seat->slave, TCOOFF), 0);
	assert_string_equal(deliver(seat, getuid()), "stopped or full");
	assert_int_equal(tcflow(seat->slave, TCOON), 0);
	assert_untouched(seat);
	assert_null(deliver(seat, getuid()));
}

/* So that one who rings stopped terminals does not hold up the others. */
static void
one_stopped_terminal_a_second_is_waited_for(void **state)
{
	struct deliver_patience patience = { .now = 5000 };
	struct seat *seat = *state;
	const uid_t owner = getuid();

	assert_int_equal(tcflow(seat->slave, TCOOFF), 0);
	assert_non_null(deliver_write(&patience, seat->name, owner, "x", 1));
	assert_int_equal(patience.back, 5000 + DELIVER_PAUSE);
	patience.now += DELIVER_PAUSE - 1;
	assert_non_null(deliver_write(&patience, seat->name, owner, "x", 1));
	assert_int_equal(patience.back, 5000 + DELIVER_PAUSE);
	patience.now += 1;
	assert_non_null(deliver_write(&patience, seat->name, owner, "x", 1));
	assert_int_equal(patience.back, 5000 + 2 * DELIVER_PAUSE);
	assert_int_equal(tcflow(seat->slave, TCOON), 0);
	patience.now += 1;
	assert_null(deliver_write(&patience, seat->name, owner, "x", 1));
}

static void
a_full_terminal_is_a_failure_at_once(void **state)
{
	struct seat *seat = *state;
	struct pollfd room = { .fd = seat->slave, .events = POLLOUT };
	char lines[512];
	const char *failure;

	/*
	 * The kernel moves what was written on in its own time, so that there
	 * may be room again; but nobody reads, and so not for ever.
	 */
	memset(lines, 'x', sizeof(lines));
	assert_int_equal(fcntl(seat->slave, F_SETFL, O_NONBLOCK), 0);
	do {
		while (write(seat->slave, lines, sizeof(lines)) != -1 ||
		    poll(&room, 1, 20) > 0)
			continue;
		failure = deliver(seat, getuid());
	} while (failure == NULL);
	assert_string_equal(failure, "stopped or full");
}

static void
a_file_is_no_terminal(void **state)
{
	char path[] = "/tmp/deliver.XXXXXX";
	char name[64];
	struct stat st;
	int fd = mkstemp(path);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, 0620), 0);
	snprintf(name, sizeof(name), "..%s", path);
	assert_string_equal(
	    deliver_at(name, getuid()), "not a character device");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	close(fd);
	(void)unlink(path);
}

/* Makes a link of its own below /tmp; its path is put. */
static void
link_to(char path[], const char *what)
{
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(what, path), 0);
}

static void
a_link_is_not_followed(void **state)
{
	const struct seat *seat = *state;
	char path[] = "/tmp/deliver.XXXXXX";
	char name[64];

	link_to(path, seat->path);
	snprintf(name, sizeof(name), "..%s", path);
	assert_non_null(deliver_at(name, getuid()));
	assert_untouched(seat);
	(void)unlink(path);
}

static void
a_device_that_is_no_terminal_gets_nothing(void **state)
{
	(void)state;
	assert_string_equal(deliver_at("null", 0), "not a terminal");
	assert_string_equal(deliver_at("full", 0), "not a terminal");
}

static void
a_link_on_the_way_is_not_followed(void **state)
{
	const struct seat *seat = *state;
	char path[] = "/tmp/deliver.XXXXXX";
	char name[64];

	link_to(path, "/dev/pts");
	snprintf(name, sizeof(name), "..%s%s", path, strrchr(seat->path, '/'));
	assert_non_null(deliver_at(name, getuid()));
	assert_untouched(seat);
	(void)unlink(path);
}

static void
a_terminal_that_is_gone_is_a_failure(void **state)
{
	const struct notice notice = { .sender = "alice",
		.host = "h1",
		.number = "192.0.2.1",
		.terminal = "",
		.text = "hi" };
	struct deliver_patience patience = { 0 };

	(void)state;
	assert_non_null(deliver_at("pts/none", getuid()));
	assert_non_null(deliver_at("", getuid()));
	assert_non_null(deliver_at("pts/000000000000000000", 0));
	assert_string_equal(
	    deliver_notice(&patience, "pts/none", getuid(), &notice),
	    strerror(ENOENT));
}

/* No terminal, nor a directory of them, is called like this. */
static void
a_terminal_of_a_long_name_or_in_such_a_directory_is_a_failure(void **state)
{
	char name[256];

	(void)state;
	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_string_equal(deliver_at(name, getuid()), strerror(ENAMETOOLONG));
	name[100] = '/';
	assert_string_equal(deliver_at(name, getuid()), strerror(ENAMETOOLONG));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_has_a_bell_and_three_lines),
		cmocka_unit_test(a_number_stands_as_it_can_be_typed_back),
		cmocka_unit_test(
		    names_cannot_bring_control_characters_or_lines),
		cmocka_unit_test(the_longest_names_fit),
		CASE(the_bytes_arrive_as_they_are),
		CASE(a_closed_terminal_gets_nothing),
		CASE(somebody_elses_terminal_gets_nothing),
		CASE(
		    a_stopped_terminal_is_a_failure_at_once_and_gets_nothing_later),
		CASE(one_stopped_terminal_a_second_is_waited_for),
		CASE(a_full_terminal_is_a_failure_at_once),
		cmocka_unit_test(a_file_is_no_terminal),
		cmocka_unit_test(a_device_that_is_no_terminal_gets_nothing),
		CASE(a_link_is_not_followed),
		CASE(a_link_on_the_way_is_not_followed),
		cmocka_unit_test(a_terminal_that_is_gone_is_a_failure),
		cmocka_unit_test(
		    a_terminal_of_a_long_name_or_in_such_a_directory_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
