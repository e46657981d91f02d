/*
 * The tests of talk/terminal, on a pseudo-terminal whose other end the test
 * holds.
 */
#define _DEFAULT_SOURCE /* TIOCSWINSZ, ECHOCTL's kin and VWERASE */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "puppet.h"
#include "seat.h"
#include "talk/terminal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --------------------------------------------------------------- stage --- */

struct scene {
	struct seat seat;
	struct terminal terminal;
	int descriptors; /* before */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	/* A test started without an input has one meanwhile. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		assert_int_equal(open("/dev/null", O_RDONLY), STDIN_FILENO);
	scene->descriptors = puppet_descriptors();
	scene->terminal.fd = -1;
	seat_open(&scene->seat);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	seat_sit_down(&scene->seat);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;

	terminal_close(&scene->terminal);
	seat_stand_up(&scene->seat);
	seat_leave(&scene->seat);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

static struct terminal *
opened(struct scene *scene)
{
	assert_int_equal(terminal_open(&scene->terminal), 0);
	return &scene->terminal;
}

static struct termios
modes(const struct scene *scene)
{
	struct termios now;

	memset(&now, 0, sizeof(now));
	assert_int_equal(tcgetattr(scene->seat.slave, &now), 0);
	return now;
}

static void
set_modes(const struct scene *scene, const struct termios *to)
{
	assert_int_equal(tcsetattr(scene->seat.slave, TCSANOW, to), 0);
}

static void
check_same_modes(const struct termios *a, const struct termios *b)
{
	assert_int_equal(a->c_iflag, b->c_iflag);
	assert_int_equal(a->c_oflag, b->c_oflag);
	assert_int_equal(a->c_cflag, b->c_cflag);
	assert_int_equal(a->c_lflag, b->c_lflag);
	assert_memory_equal(a->c_cc, b->c_cc, sizeof(a->c_cc));
	assert_int_equal(cfgetispeed(a), cfgetispeed(b));
	assert_int_equal(cfgetospeed(a), cfgetospeed(b));
}

/* Unlike what any shell leaves, so that nothing is right by chance. */
static struct termios
odd_modes(const struct scene *scene)
{
	struct termios odd = modes(scene);

	odd.c_iflag |= INLCR | IGNCR | ISTRIP;
	odd.c_iflag &= (tcflag_t)~ICRNL;
	odd.c_lflag |= ECHONL | NOFLSH;
	odd.c_lflag &= (tcflag_t) ~(ISIG | ECHOE);
	odd.c_oflag |= OPOST | ONLCR;
	odd.c_cc[VMIN] = 7;
	odd.c_cc[VTIME] = 9;
	odd.c_cc[VERASE] = '#';
	odd.c_cc[VKILL] = '@';
	odd.c_cc[VINTR] = 0x18;
	return odd;
}

static void
types(const struct scene *scene, const char *keys)
{
	assert_int_equal(
	    write(scene->seat.master, keys, strlen(keys)), strlen(keys));
}

static void
await(int fd)
{
	struct turn turn;

	turn_begin(&turn);
	turn_want(&turn, fd, POLLIN);
	puppet_await(&turn);
}

/* --------------------------------------------------------------- modes --- */

static void
opening_changes_nothing(void **state)
{
	struct scene *scene = *state;
	struct termios before = odd_modes(scene), after;

	set_modes(scene, &before);
	before = modes(scene);
	(void)opened(scene);
	after = modes(scene);
	check_same_modes(&after, &before);
	terminal_close(&scene->terminal);
	after = modes(scene);
	check_same_modes(&after, &before);
}

static void
raw_is_key_by_key_unechoed_and_with_signals(void **state)
{
	struct scene *scene = *state;
	struct termios raw = odd_modes(scene);

	set_modes(scene, &raw);
	assert_int_equal(terminal_set_raw(opened(scene)), 0);
	raw = modes(scene);
	assert_int_equal(raw.c_lflag & (ICANON | ECHO | ECHONL | IEXTEN), 0);
	assert_true(raw.c_lflag & ISIG);
	assert_int_equal(raw.c_iflag & (INLCR | IGNCR | ISTRIP), 0);
	assert_true(raw.c_iflag & ICRNL);
	assert_int_equal(raw.c_oflag & OPOST, 0);
	assert_int_equal(raw.c_cc[VMIN], 1);
	assert_int_equal(raw.c_cc[VTIME], 0);
	assert_int_equal(raw.c_cc[VINTR], 0x18);
	assert_int_equal(raw.c_cflag & CSIZE, CS8);
}

static void
the_modes_come_back_exactly(void **state)
{
	struct scene *scene = *state;
	struct termios before = odd_modes(scene), after;

	set_modes(scene, &before);
	before = modes(scene);
	assert_int_equal(terminal_set_raw(opened(scene)), 0);
	terminal_restore(&scene->terminal);
	after = modes(scene);
	check_same_modes(&after, &before);
	assert_int_equal(terminal_set_raw(&scene->terminal), 0);
	assert_int_equal(terminal_set_raw(&scene->terminal), 0);
	terminal_close(&scene->terminal);
	after = modes(scene);
	check_same_modes(&after, &before);
}

static void
what_was_not_changed_is_not_restored(void **state)
{
	struct scene *scene = *state;
	struct termios changed, after;

	(void)opened(scene);
	changed = odd_modes(scene);
	set_modes(scene, &changed);
	changed = modes(scene);
	terminal_restore(&scene->terminal);
	after = modes(scene);
	check_same_modes(&after, &changed);

	assert_int_equal(terminal_set_raw(&scene->terminal), 0);
	terminal_restore(&scene->terminal);
	set_modes(scene, &changed);
	terminal_restore(&scene->terminal);
	terminal_close(&scene->terminal);
	terminal_close(&scene->terminal);
	after = modes(scene);
	check_same_modes(&after, &changed);
}

static void
a_terminal_never_opened_may_be_restored_and_closed(void **state)
{
	struct scene *scene = *state;
	struct termios before = modes(scene), after;

	terminal_restore(&scene->terminal);
	terminal_close(&scene->terminal);
	after = modes(scene);
	check_same_modes(&after, &before);
}

static void
a_terminal_that_has_hung_up_fails_and_closes(void **state)
{
	struct scene *scene = *state;
	char bytes[8];

	(void)opened(scene);
	close(scene->seat.master);
	scene->seat.master = dup(scene->seat.slave);
	assert_int_equal(terminal_set_raw(&scene->terminal), EIO);
	assert_true(terminal_read(&scene->terminal, bytes, sizeof(bytes)) <= 0);
	terminal_restore(&scene->terminal);
}

/* ------------------------------------------------------------- opening --- */

static void
where_input_or_output_is_no_terminal_there_is_none(void **state)
{
	struct scene *scene = *state;
	struct terminal terminal;
	int ends[2];
	int which, error;

	assert_int_equal(pipe(ends), 0);
	for (which = STDIN_FILENO; which <= STDOUT_FILENO; which++) {
		assert_int_equal(dup2(ends[which], which), which);
		error = terminal_open(&terminal);
		assert_int_equal(dup2(scene->seat.slave, which), which);
		assert_int_equal(error, ENOTTY);
		assert_int_equal(terminal.fd, -1);
		terminal_close(&terminal);
	}
	close(ends[0]);
	close(ends[1]);
}

static void
our_opening_does_not_block_and_the_shells_still_does(void **state)
{
	struct scene *scene = *state;
	struct terminal *terminal = opened(scene);
	char byte;

	assert_true(fcntl(terminal->fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(terminal->fd, F_GETFD) & FD_CLOEXEC);
	assert_false(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK);
	assert_int_equal(terminal_read(terminal, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
}

/* In a session of its own whose controlling terminal is the other one. */
static int
open_as_session_leader(struct scene *scene)
{
	struct terminal terminal;
	int error = 0;

	if (setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		return 1;
	/* Its file may be another user's, as under su(1). */
	if (terminal_open(&terminal) != 0)
		return 2;
	if (terminal_set_raw(&terminal) != 0)
		error = 3;
	else if (terminal_write(&terminal, "ok", 2) != 2)
		error = 4;
	else if (modes(scene).c_lflag & ICANON)
		error = 5;
	terminal_close(&terminal);
	return error;
}

static void
a_controlling_terminal_is_opened_by_its_own_name(void **state)
{
	struct scene *scene = *state;
	char got[2];
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(open_as_session_leader(scene));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	await(scene->seat.master);
	assert_int_equal(read(scene->seat.master, got, 2), 2);
	assert_memory_equal(got, "ok", 2);
}

/* --------------------------------------------------------------- bytes --- */

static void
keys_come_one_by_one_and_return_is_a_newline(void **state)
{
	struct scene *scene = *state;
	struct terminal *terminal = opened(scene);
	char got[8];

	assert_int_equal(terminal_set_raw(terminal), 0);
	types(scene, "a");
	await(terminal->fd);
	assert_int_equal(terminal_read(terminal, got, sizeof(got)), 1);
	assert_int_equal(got[0], 'a');
	types(scene, "\r\x7f\x15\x04\xc3\xa9");
	await(terminal->fd);
	assert_int_equal(terminal_read(terminal, got, sizeof(got)), 6);
	assert_memory_equal(got, "\n\x7f\x15\x04\xc3\xa9", 6);
}

static void
output_goes_out_as_it_is_and_keys_are_not_echoed(void **state)
{
	struct scene *scene = *state;
	struct terminal *terminal = opened(scene);
	char got[16];

	assert_int_equal(terminal_set_raw(terminal), 0);
	types(scene, "secret\r");
	assert_int_equal(terminal_write(terminal, "a\nb\r\tc", 6), 6);
	await(scene->seat.master);
	assert_int_equal(read(scene->seat.master, got, sizeof(got)), 6);
	assert_memory_equal(got, "a\nb\r\tc", 6);
}

static void
a_terminal_that_takes_no_more_says_so(void **state)
{
	static const char line[1024] = { 'x' };
	struct scene *scene = *state;
	struct terminal *terminal = opened(scene);
	int lines = 0;

	assert_int_equal(terminal_set_raw(terminal), 0);
	while (terminal_write(terminal, line, sizeof(line)) > 0)
		assert_true(++lines < 10000);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(tcflush(scene->seat.slave, TCIOFLUSH), 0);
}

/* ---------------------------------------------------------------- size --- */

static void
the_terminals_size_counts_then_the_environments_then_80_by_24(void **state)
{
	static const struct {
		unsigned short rows, cols; /* of the terminal */
		const char *lines, *columns;
		int is_rows, is_cols;
	} cases[] = {
		{ 50, 132, NULL, NULL, 50, 132 },
		{ 1, 1, NULL, NULL, 1, 1 },
		{ 50, 132, "10", "20", 50, 132 },
		{ 0, 0, NULL, NULL, 24, 80 },
		{ 0, 0, "10", "20", 10, 20 },
		{ 30, 0, "10", "20", 30, 20 },
		{ 0, 100, "10", NULL, 10, 100 },
		{ 0, 0, "0", "-5", 24, 80 },
		{ 0, 0, "", "wide", 24, 80 },
		{ 0, 0, "1000", "1001", 1000, 80 },
		{ 0, 0, "99999999999999999999", "4294967297", 24, 80 },
		{ 65535, 1001, NULL, NULL, 1000, 1000 },
		{ 1000, 1000, NULL, NULL, 1000, 1000 },
	};
	struct scene *scene = *state;
	struct terminal *terminal = opened(scene);
	size_t i;
	int rows, cols;

	for (i = 0; i < COUNT(cases); i++) {
		const struct winsize size = { .ws_row = cases[i].rows,
			.ws_col = cases[i].cols };

		unsetenv("LINES");
		unsetenv("COLUMNS");
		if (cases[i].lines != NULL)
			setenv("LINES", cases[i].lines, 1);
		if (cases[i].columns != NULL)
			setenv("COLUMNS", cases[i].columns, 1);
		assert_int_equal(
		    ioctl(scene->seat.master, TIOCSWINSZ, &size), 0);
		terminal_size(terminal, &rows, &cols);
		if (rows != cases[i].is_rows || cols != cases[i].is_cols)
			fail_msg(
			    "case %zu: %d rows, %d columns", i, rows, cols);
	}
}

/* ----------------------------------------------------- edit characters --- */

static void
the_users_own_edit_characters_are_told(void **state)
{
	struct scene *scene = *state;
	struct terminal *terminal;
	struct termios own = modes(scene);

	own.c_cc[VERASE] = '#';
	own.c_cc[VKILL] = '@';
	own.c_cc[VEOF] = 0x1a;
	own.c_cc[VWERASE] = 0xff;
	set_modes(scene, &own);
	terminal = opened(scene);
	assert_int_equal(terminal_erase(terminal), '#');
	assert_int_equal(terminal_kill(terminal), '@');
	assert_int_equal(terminal_end_of_file(terminal), 0x1a);
	assert_int_equal(terminal_word_erase(terminal), 0xff);
	/* They stay the user's when the modes are ours. */
	assert_int_equal(terminal_set_raw(terminal), 0);
	assert_int_equal(terminal_erase(terminal), '#');
	assert_int_equal(terminal_end_of_file(terminal), 0x1a);
}

static void
a_disabled_character_is_none(void **state)
{
	struct scene *scene = *state;
	struct terminal *terminal;
	struct termios own = modes(scene);
	long none = fpathconf(scene->seat.slave, _PC_VDISABLE);

	assert_true(none >= 0);
	own.c_cc[VERASE] = own.c_cc[VKILL] = (cc_t)none;
	own.c_cc[VEOF] = own.c_cc[VWERASE] = (cc_t)none;
	set_modes(scene, &own);
	terminal = opened(scene);
	assert_int_equal(terminal_erase(terminal), 0);
	assert_int_equal(terminal_kill(terminal), 0);
	assert_int_equal(terminal_end_of_file(terminal), 0);
	assert_int_equal(terminal_word_erase(terminal), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opening_changes_nothing),
		TEST(raw_is_key_by_key_unechoed_and_with_signals),
		TEST(the_modes_come_back_exactly),
		TEST(what_was_not_changed_is_not_restored),
		TEST(a_terminal_never_opened_may_be_restored_and_closed),
		TEST(a_terminal_that_has_hung_up_fails_and_closes),
		TEST(where_input_or_output_is_no_terminal_there_is_none),
		TEST(our_opening_does_not_block_and_the_shells_still_does),
		TEST(a_controlling_terminal_is_opened_by_its_own_name),
		TEST(keys_come_one_by_one_and_return_is_a_newline),
		TEST(output_goes_out_as_it_is_and_keys_are_not_echoed),
		TEST(a_terminal_that_takes_no_more_says_so),
		TEST(
		    the_terminals_size_counts_then_the_environments_then_80_by_24),
		TEST(the_users_own_edit_characters_are_told),
		TEST(a_disabled_character_is_none),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
