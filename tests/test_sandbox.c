/*
 * The tests of talkd/sandbox: what a process can and cannot do in it.  Each
 * tries in a child of its own, since there is no way out again.
 */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "talkd/deliver.h"
#include "talkd/landlock.h"
#include "talkd/sandbox.h"

/* How a child ends. */
enum { CONFIRMED, DENIED, NO_SANDBOX };

/* What a child finds, which has become nobody if it was root before. */
static int
in_sandbox(bool (*holds)(void *what), void *what)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (sandbox_enter("nobody") != NULL)
			_exit(NO_SANDBOX);
		_exit(holds(what) ? CONFIRMED : DENIED);
	}
	assert_int_not_equal(child, -1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define assert_in_sandbox(holds, what) \
	assert_int_equal(in_sandbox(holds, what), CONFIRMED)

/* For what only some kernels see to. */
static void
need_landlock(int version)
{
	if (landlock_version() >= version)
		return;
	print_message("this kernel has no Landlock of version %d\n", version);
	skip();
}

static void
need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("only root has something to give up\n");
	skip();
}

/* --------------------------------------------------------------- files --- */

/* A directory where everybody may do anything, with a file likewise. */
struct place {
	char directory[32];
	char file[64];
	char other[64];
	int fd; /* the file, open before */
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	*state = place;
	if (place == NULL)
		return -1;
	snprintf(place->directory, sizeof(place->directory), "/tmp/s.XXXXXX");
	if (mkdtemp(place->directory) == NULL)
		return -1;
	snprintf(place->file, sizeof(place->file), "%s/file", place->directory);
	snprintf(
	    place->other, sizeof(place->other), "%s/other", place->directory);
	place->fd = open(place->file, O_RDWR | O_CREAT, 0666);
	return place->fd != -1 && chmod(place->directory, 0777) == 0 &&
		fchmod(place->fd, 0666) == 0
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	struct place *place = *state;

	close(place->fd);
	(void)unlink(place->file);
	(void)unlink(place->other);
	(void)rmdir(place->directory);
	free(place);
	return 0;
}

static bool
cannot_create(void *what)
{
	const struct place *place = what;

	return open(place->other, O_WRONLY | O_CREAT, 0600) == -1 &&
	    errno == EACCES && mkdir(place->other, 0700) == -1 &&
	    errno == EACCES && mkfifo(place->other, 0600) == -1 &&
	    errno == EACCES && symlink("/", place->other) == -1 &&
	    errno == EACCES;
}

static bool
cannot_change(void *what)
{
	const struct place *place = what;

	return open(place->file, O_WRONLY) == -1 && errno == EACCES &&
	    unlink(place->file) == -1 && errno == EACCES &&
	    rename(place->file, place->other) == -1 && errno == EACCES;
}

static bool
cannot_execute(void *what)
{
	(void)what;
	(void)execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
	return errno == EACCES;
}

static void
nothing_is_created(void **state)
{
	struct place *place = *state;

	need_landlock(1);
	assert_in_sandbox(cannot_create, place);
	assert_int_equal(access(place->other, F_OK), -1);
}

static void
nothing_that_is_there_is_changed(void **state)
{
	need_landlock(1);
	assert_in_sandbox(cannot_change, *state);
}

static void
nothing_is_executed(void **state)
{
	need_landlock(1);
	assert_in_sandbox(cannot_execute, *state);
}

static bool
can_write_what_is_open(void *what)
{
	const struct place *place = what;

	return write(place->fd, "x", 1) == 1;
}

static bool
can_read(void *what)
{
	const struct place *place = what;
	int fd = open(place->file, O_RDONLY);
	char byte;

	return fd != -1 && read(fd, &byte, 1) == 0;
}

static void
what_is_open_stays_so(void **state)
{
	assert_in_sandbox(can_write_what_is_open, *state);
}

static void
files_are_read(void **state)
{
	assert_in_sandbox(can_read, *state);
}

/* ---------------------------------------------------------- the system --- */

/* Not everywhere is: there may be no list of hosts. */
static bool
is_localhost_known(void)
{
	struct addrinfo *info = NULL;
	bool known = getaddrinfo("localhost", NULL, NULL, &info) == 0;

	if (known)
		freeaddrinfo(info);
	return known;
}

/* As many as outside. */
static bool
knows_users_and_hosts(void *what)
{
	const bool *outside = what;

	return is_localhost_known() == *outside && getpwnam("root") != NULL &&
	    getgrnam("tty") != NULL;
}

static void
users_and_hosts_are_known(void **state)
{
	bool outside = is_localhost_known();

	(void)state;
	assert_in_sandbox(knows_users_and_hosts, &outside);
}

static struct sockaddr_un
socket_name(const struct place *place)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", place->other);
	return name;
}

/* As syslog(3) does, and the databases' daemons are asked. */
static bool
can_send(void *what)
{
	struct sockaddr_un name = socket_name(what);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	return connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0 &&
	    send(fd, "x", 1, 0) == 1;
}

static void
a_socket_with_a_name_is_reached_as_syslogs_is(void **state)
{
	const struct place *place = *state;
	struct sockaddr_un name = socket_name(place);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char byte;

	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(chmod(place->other, 0666), 0);
	assert_in_sandbox(can_send, *state);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 1);
	close(fd);
}

static bool
can_log(void *what)
{
	(void)what;
	openlog("test_sandbox", LOG_PID | LOG_NDELAY, LOG_USER);
	syslog(LOG_DEBUG, "this line is of a test");
	return true;
}

static void
a_line_for_syslog_does_no_harm(void **state)
{
	assert_in_sandbox(can_log, *state);
}

/* Binds a stream to any port of loopback. */
static int
bind_stream(int type)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type, 0);

	return bind(fd, (struct sockaddr *)&sin, sizeof(sin));
}

static bool
cannot_bind(void *what)
{
	(void)what;
	return bind_stream(SOCK_STREAM) == -1 && errno == EACCES &&
	    bind_stream(SOCK_DGRAM) == 0;
}

static void
no_tcp_port_is_bound_any_more(void **state)
{
	need_landlock(4);
	assert_in_sandbox(cannot_bind, *state);
}

static bool
cannot_signal(void *what)
{
	(void)what;
	return kill(getppid(), 0) == -1 && errno == EPERM &&
	    kill(getpid(), 0) == 0;
}

static void
no_other_process_is_signalled(void **state)
{
	need_landlock(6);
	assert_in_sandbox(cannot_signal, *state);
}

/* ----------------------------------------------------------- terminals --- */

struct terminal_here {
	int master;
	char path[64];
	uid_t owner;
};

/* Open to messages as a login leaves it. */
static void
open_terminal(struct terminal_here *t)
{
	const struct group *tty = getgrnam("tty");
	int result;

	t->owner = getuid();
	t->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_int_not_equal(t->master, -1);
	assert_int_equal(grantpt(t->master), 0);
	assert_int_equal(unlockpt(t->master), 0);
	snprintf(t->path, sizeof(t->path), "%s", ptsname(t->master));
	if (geteuid() == 0 && tty != NULL) {
		result = chown(t->path, (uid_t)-1, tty->gr_gid);
		assert_int_equal(result, 0);
	}
	assert_int_equal(chmod(t->path, 0620), 0);
}

static bool
can_deliver(void *what)
{
	const struct terminal_here *t = what;
	const char *name = t->path + strlen("/dev/");
	struct deliver_patience patience = { 0 };
	struct notice notice = { .sender = "alice",
		.host = "h1",
		.number = "10.77.0.1",
		.terminal = "",
		.text = "hi" };

	return deliver_write(&patience, name, t->owner, "ring", 4) == NULL &&
	    deliver_notice(&patience, name, t->owner, &notice) == NULL;
}

static void
terminals_are_written_on(void **state)
{
	struct terminal_here terminal;
	char bytes[512] = "";

	(void)state;
	open_terminal(&terminal);
	assert_in_sandbox(can_deliver, &terminal);
	assert_true(read(terminal.master, bytes, sizeof(bytes) - 1) > 0);
	assert_int_equal(strncmp(bytes, "ring", 4), 0);
	close(terminal.master);
}

/* ---------------------------------------------------------- privileges --- */

static bool
is_nobody(void *what)
{
	const struct passwd *nobody = getpwnam("nobody");
	const struct group *tty = getgrnam("tty");
	gid_t groups[8];

	(void)what;
	return getuid() == nobody->pw_uid && geteuid() == nobody->pw_uid &&
	    getgid() == tty->gr_gid && getegid() == tty->gr_gid &&
	    getgroups(8, groups) == 1 && groups[0] == tty->gr_gid &&
	    setuid(0) == -1 && seteuid(0) == -1 && setgid(0) == -1 &&
	    setgroups(0, NULL) == -1;
}

static void
root_becomes_nobody_in_group_tty_for_good(void **state)
{
	need_root();
	assert_in_sandbox(is_nobody, *state);
}

#ifdef __linux__

/* Whether /proc/self/status has a line, blanks counted. */
static bool
status_says(const char *expected)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	bool found = false;

	while (
	    file != NULL && !found && fgets(line, sizeof(line), file) != NULL)
		found = strcmp(line, expected) == 0;
	if (file != NULL)
		fclose(file);
	return found;
}

static bool
has_no_privileges(void *what)
{
	(void)what;
	return status_says("NoNewPrivs:\t1\n") &&
	    status_says("CapEff:\t0000000000000000\n") &&
	    status_says("CapPrm:\t0000000000000000\n");
}

static void
no_privilege_is_left_and_none_can_be_gained(void **state)
{
	assert_in_sandbox(has_no_privileges, *state);
}

#endif

static void
who_cannot_become_the_user_goes_no_further(void **state)
{
	(void)state;
	need_root();
	assert_string_equal(
	    sandbox_enter("no-such-user"), "no such user to become");
	assert_int_equal(errno, 0);
	assert_int_equal(geteuid(), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_created),
		CASE(nothing_that_is_there_is_changed),
		CASE(nothing_is_executed),
		CASE(what_is_open_stays_so),
		CASE(files_are_read),
		CASE(users_and_hosts_are_known),
		CASE(a_socket_with_a_name_is_reached_as_syslogs_is),
		CASE(a_line_for_syslog_does_no_harm),
		CASE(no_tcp_port_is_bound_any_more),
		CASE(no_other_process_is_signalled),
		CASE(terminals_are_written_on),
		CASE(root_becomes_nobody_in_group_tty_for_good),
#ifdef __linux__
		CASE(no_privilege_is_left_and_none_can_be_gained),
#endif
		CASE(who_cannot_become_the_user_goes_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
