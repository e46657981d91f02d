/*
 * Where users sit: the real daemon rings at terminals as terminal emulators,
 * editors, builds, multiplexers and script(1) leave them, and its debug log
 * says why it did not ring.  None of them is in utmp.
 *
 * Whoever runs the tests may have terminals of his own.  Those of the tests
 * were used last, all of them tomorrow, so that no first ring gets anywhere
 * else.
 */
#define _XOPEN_SOURCE 700

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "question.h"
#include "stage.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

enum { DIRECTORY_SIZE = 32, PATH_SIZE = 128, LINE_SIZE = 256 };

struct scene {
	struct stage *stage;
	struct actor *talkd;
	uint16_t port;
	const char *user; /* who runs the tests, and is called */
	time_t tomorrow;
	char directory[DIRECTORY_SIZE];
	char inner[PATH_SIZE]; /* a file that names a terminal in another */
	char place[PATH_SIZE];
	char inside[LINE_SIZE];
	const char *environment[4]; /* these, and more */
	bool is_nested;		    /* something runs inside */
};

/* ----------------------------------------------------------- the scene --- */

static int
set_up(void **state)
{
	static const char *const options[] = { "-d", NULL };
	struct daemon_setup setup = { .options = options };
	struct scene *scene = calloc(1, sizeof(*scene));
	const struct passwd *user = getpwuid(getuid());

	assert_non_null(scene);
	assert_non_null(user);
	*state = scene;
	scene->user = user->pw_name;
	scene->tomorrow = time(NULL) + 24 * 60 * 60;
	snprintf(scene->directory, DIRECTORY_SIZE, "/tmp/sitting.XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	snprintf(scene->inner, PATH_SIZE, "%s/inner", scene->directory);
	snprintf(scene->place, PATH_SIZE, "PLACE=%s", scene->directory);
	snprintf(scene->inside, LINE_SIZE,
	    "INSIDE=echo $$ >%s/pid; tty >%s; echo awake; exec cat",
	    scene->directory, scene->inner);
	scene->environment[0] = scene->place;
	scene->environment[1] = scene->inside;
	scene->environment[2] = "SHELL=/bin/sh";
	scene->stage = stage_open(stderr);
	assert_non_null(scene->stage);
	scene->talkd = stage_start_talkd(scene->stage, &setup, &scene->port);
	assert_non_null(scene->talkd);
	return 0;
}

/* Runs a shell command to its end; whether that was a good one. */
static bool
run(struct scene *scene, const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	struct actor_setup setup = { .name = "sh",
		.argv = argv,
		.environment = scene->environment,
		.place = AT_PIPES };
	struct actor *actor = actor_start(scene->stage, &setup);
	int status;

	assert_non_null(actor);
	assert_true(actor_wait(actor, &status));
	return status == 0;
}

static int
tear_down(void **state)
{
	static const char end[] = "kill -HUP $(cat $PLACE/pid); "
				  "while test -e \"$(cat $PLACE/inner)\"; "
				  "do sleep 0.1; done";
	struct scene *scene = *state;
	bool gone = !scene->is_nested || run(scene, end);

	gone = run(scene, "rm -rf $PLACE") && gone;
	stage_close(scene->stage);
	free(scene);
	return gone ? 0 : -1;
}

/* Somebody at a terminal, who runs what there is to run. */
static struct actor *
sit(struct scene *scene, const char *name, const char *const *argv)
{
	struct actor_setup setup = { .name = name, .argv = argv };
	struct actor *actor = actor_start(scene->stage, &setup);

	assert_non_null(actor);
	return actor;
}

static const char *
path_of(const struct actor *actor, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "/dev/%s", actor_terminal(actor));
	return path;
}

/* Something was typed there last so many seconds before the latest. */
static void
set_last_input(const struct scene *scene, const char *path, time_t before)
{
	struct timespec times[2] = { { .tv_sec = scene->tomorrow - before },
		{ .tv_nsec = UTIME_OMIT } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
was_used(const struct scene *scene, const struct actor *actor, time_t before)
{
	char path[PATH_SIZE];

	set_last_input(scene, path_of(actor, path), before);
}

/* ------------------------------------------------------------- calling --- */

/* Has carol call a user, at that terminal unless it is ""; the answer. */
static int
call(const struct scene *scene, const char *callee, const char *terminal)
{
	struct talk_request request = { .type = TALK_ANNOUNCE,
		.pid = 1,
		.id = NTALK_NO_ID,
		.l_name = "carol" };

	snprintf(request.r_name, sizeof(request.r_name), "%s", callee);
	snprintf(request.r_tty, sizeof(request.r_tty), "%s", terminal);
	return (int)question_ask(scene->port, &request).answer;
}

static void
assert_rung(struct actor *actor)
{
	assert_true(actor_sees(actor, "respond with:  talk carol@"));
}

/* The log has a line that begins so. */
static void
assert_logged(struct scene *scene, const char *terminal, const char *what)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "talkd: %s %s", terminal, what);
	assert_true(actor_states(scene->talkd, line));
}

/* That a ring has gone elsewhere, the log tells better than a screen. */
static void
assert_not_asked(struct scene *scene, const struct actor *actor)
{
	assert_logged(scene, actor_terminal(actor), "not asked");
	assert_false(actor_shows(actor, "respond with:"));
}

/* ---------------------------------------------- which of his terminals --- */

static void
a_terminal_that_no_record_knows_is_rung(void **state)
{
	static const char *const shell[] = { "sh", NULL };
	struct scene *scene = *state;
	struct actor *window = sit(scene, "window", shell);

	was_used(scene, window, 0);
	assert_int_equal(call(scene, scene->user, ""), TALK_SUCCESS);
	assert_rung(window);
	assert_logged(scene, actor_terminal(window), "rung");
}

static void
editors_and_builds_do_not_swallow_a_ring(void **state)
{
	static const char *const editor[] = { "sh", "-c",
		"stty raw -echo; cat >/dev/null", NULL };
	static const char *const build[] = { "sh", "-c",
		"while :; do echo building; sleep 1; done", NULL };
	static const char *const shell[] = { "sh", NULL };
	struct scene *scene = *state;
	struct actor *edits = sit(scene, "editor", editor);
	struct actor *builds = sit(scene, "build", build);
	struct actor *types = sit(scene, "shell", shell);

	assert_true(actor_sees(builds, "building"));
	was_used(scene, edits, 60);
	was_used(scene, builds, 600);
	was_used(scene, types, 0);
	assert_int_equal(call(scene, scene->user, ""), TALK_SUCCESS);
	assert_rung(types);
	assert_not_asked(scene, edits);
	assert_not_asked(scene, builds);
}

static void
terminals_used_in_the_same_moment_are_all_rung(void **state)
{
	struct scene *scene = *state;
	struct actor *left = sit(scene, "left", NULL);
	struct actor *right = sit(scene, "right", NULL);
	struct actor *early = sit(scene, "early", NULL);

	scene->tomorrow -= scene->tomorrow % 8 - 7;
	was_used(scene, left, 7);
	was_used(scene, right, 0);
	was_used(scene, early, 8);
	assert_int_equal(call(scene, scene->user, ""), TALK_SUCCESS);
	assert_rung(left);
	assert_rung(right);
	assert_not_asked(scene, early);
}

static void
when_none_of_the_latest_takes_it_an_earlier_one_rings(void **state)
{
	struct scene *scene = *state;
	struct actor *stopped = sit(scene, "stopped", NULL);
	struct actor *closed = sit(scene, "closed", NULL);
	struct actor *early = sit(scene, "early", NULL);

	was_used(scene, stopped, 0);
	was_used(scene, closed, 0);
	was_used(scene, early, 60);
	actor_mesg(closed, false);
	actor_stop_output(stopped);
	assert_int_equal(call(scene, scene->user, ""), TALK_SUCCESS);
	assert_rung(early);
	assert_logged(
	    scene, actor_terminal(stopped), "passed over: stopped or full");
	assert_logged(
	    scene, actor_terminal(closed), "passed over: closed to messages");
	actor_go_on(stopped);
}

/* What is typed tells, not what a test sets. */
struct input {
	char path[PATH_SIZE];
	time_t before;
};

static bool
has_come(const void *what)
{
	const struct input *input = what;
	struct stat st;

	return stat(input->path, &st) == 0 && st.st_atime != input->before;
}

static void
what_is_typed_sets_the_time_of_last_input(void **state)
{
	static const char *const reader[] = { "cat", NULL };
	struct scene *scene = *state;
	struct actor *actor = sit(scene, "reader", reader);
	struct input input;
	struct stat st;

	was_used(scene, actor, 0);
	input.before = scene->tomorrow;
	(void)path_of(actor, input.path);
	assert_false(has_come(&input));
	actor_type(actor, "x\n");
	assert_true(stage_wait(scene->stage, has_come, &input));
	assert_int_equal(stat(input.path, &st), 0);
	assert_in_range(st.st_atime, time(NULL) - 60, time(NULL) + 60);
}

/* ---------------------------------------------- terminals in terminals --- */

static bool
has_line(const void *what)
{
	const char *path = what;
	char line[PATH_SIZE] = "";
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return false;
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	return strchr(line, '\n') != NULL;
}

/*
 * Waits for the name of the terminal inside, and opens it to messages as a
 * login would have.
 */
static void
find_inner(struct scene *scene, char path[PATH_SIZE])
{
	const struct group *tty = getgrnam("tty");
	FILE *file;

	assert_true(stage_wait(scene->stage, has_line, scene->inner));
	file = fopen(scene->inner, "r");
	assert_non_null(file);
	assert_non_null(fgets(path, PATH_SIZE, file));
	fclose(file);
	path[strcspn(path, "\n")] = '\0';
	if (geteuid() == 0 && tty != NULL)
		assert_int_equal(chown(path, (uid_t)-1, tty->gr_gid), 0);
	assert_int_equal(chmod(path, 0620), 0);
}

/*
 * A program that has a terminal of its own for another: commands of the shell,
 * with a directory in $PLACE and what is to run inside in $INSIDE.
 */
struct nest {
	const char *is_there;
	const char *begin;
	const char *detach; /* keys that leave it asleep; NULL: none do */
};

/* Keys that come at once are else none to it, but a text that is pasted. */
static const struct nest tmux = {
	"command -v tmux",
	"exec tmux -S $PLACE/socket -f /dev/null start-server ';' "
	"set -g assume-paste-time 0 ';' new-session \"$INSIDE\"",
	"\002d",
};

static const struct nest gnu_screen = {
	"command -v screen",
	"SCREENDIR=$PLACE exec screen -c /dev/null -S nest sh -c \"$INSIDE\"",
	"\001d",
};

static const struct nest typescript = {
	"command -v script",
	"exec script -q -c \"$INSIDE\" /dev/null",
	NULL,
};

/* Begins it at a terminal; puts the path of the one inside. */
static struct actor *
begin(struct scene *scene, const struct nest *nest, char path[PATH_SIZE])
{
	const char *const argv[] = { "sh", "-c", nest->begin, NULL };
	struct actor_setup setup = { .name = "outside",
		.argv = argv,
		.environment = scene->environment };
	struct actor *outer;

	if (!run(scene, nest->is_there)) {
		print_message("not here: %s\n", nest->is_there);
		skip();
	}
	outer = actor_start(scene->stage, &setup);
	assert_non_null(outer);
	scene->is_nested = true;
	find_inner(scene, path);
	assert_true(actor_sees(outer, "awake")); /* so it hears keys, too */
	return outer;
}

/* Both were used just now: what is typed at one goes to the other. */
static void
check_awake(struct scene *scene, const struct nest *nest)
{
	struct actor *early = sit(scene, "early", NULL);
	char inner[PATH_SIZE];
	struct actor *outer = begin(scene, nest, inner);

	was_used(scene, early, 60);
	was_used(scene, outer, 0);
	set_last_input(scene, inner, 0);
	assert_int_equal(call(scene, scene->user, ""), TALK_SUCCESS);
	assert_rung(outer);
	assert_logged(scene, inner + strlen("/dev/"), "rung");
	assert_not_asked(scene, early);
}

static bool
has_left(const void *actor)
{
	return actor_is_ended(actor);
}

/* Nobody looks at it any more, though it was used a while ago. */
static void
check_asleep(struct scene *scene, const struct nest *nest)
{
	struct actor *types = sit(scene, "shell", NULL);
	char inner[PATH_SIZE];
	struct actor *outer = begin(scene, nest, inner);

	actor_type(outer, nest->detach);
	assert_true(stage_wait(scene->stage, has_left, outer));
	was_used(scene, types, 0);
	was_used(scene, outer, 60);
	set_last_input(scene, inner, 60);
	assert_int_equal(call(scene, scene->user, ""), TALK_SUCCESS);
	assert_rung(types);
	assert_logged(scene, inner + strlen("/dev/"), "not asked");
}

static void
who_uses_tmux_is_rung_in_it(void **state)
{
	check_awake(*state, &tmux);
}

static void
a_sleeping_tmux_swallows_no_ring(void **state)
{
	check_asleep(*state, &tmux);
}

static void
who_uses_screen_is_rung_in_it(void **state)
{
	check_awake(*state, &gnu_screen);
}

static void
a_sleeping_screen_swallows_no_ring(void **state)
{
	check_asleep(*state, &gnu_screen);
}

static void
who_uses_script_is_rung_in_it(void **state)
{
	check_awake(*state, &typescript);
}

/* ------------------------------------------------------------- why not --- */

static void
a_user_without_a_terminal_is_told_from_no_user(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(call(scene, "daemon", ""), TALK_NOT_HERE);
	assert_logged(scene, "daemon", "has no terminal; seen: ");
	assert_int_equal(call(scene, "x no user", ""), TALK_NOT_HERE);
	assert_logged(scene, "no user here", "is called x\\040no\\040user");
}

static void
a_terminal_that_is_not_there_is_told_from_others_that_are(void **state)
{
	struct scene *scene = *state;
	struct actor *other = sit(scene, "other", NULL);
	char line[LINE_SIZE];

	assert_int_equal(call(scene, scene->user, "pts/999999"), TALK_NOT_HERE);
	snprintf(line, sizeof(line),
	    "talkd: %s has no terminal pts/999999; "
	    "seen: ",
	    scene->user);
	assert_true(actor_states(scene->talkd, line));
	assert_true(actor_states(scene->talkd, " more of the user's, "));
	assert_false(actor_shows(other, "respond with:"));
}

static void
a_terminal_that_was_given_to_another_user_rings_nobody(void **state)
{
	const struct passwd *daemon = getpwnam("daemon");
	struct scene *scene = *state;
	struct actor *actor = sit(scene, "other", NULL);
	char path[PATH_SIZE];

	if (geteuid() != 0 || daemon == NULL) {
		print_message("only root can give terminals away\n");
		skip();
	}
	assert_int_equal(
	    chown(path_of(actor, path), daemon->pw_uid, (gid_t)-1), 0);
	assert_int_equal(call(scene, scene->user, path), TALK_NOT_HERE);
	assert_false(actor_shows(actor, "respond with:"));
	assert_int_equal(call(scene, "daemon", path), TALK_SUCCESS);
	assert_rung(actor);
}

/* Has the terminal be as a devpts without options leaves it, open or not. */
static void
unmount(const struct actor *actor, mode_t mode)
{
	char path[PATH_SIZE];

	assert_int_equal(chown(path_of(actor, path), (uid_t)-1, getegid()), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
a_devpts_that_closes_terminals_is_named(void **state)
{
	const struct group *tty = getgrnam("tty");
	struct scene *scene = *state;
	struct actor *actor = sit(scene, "container", NULL);
	char line[LINE_SIZE];

	if (tty == NULL || tty->gr_gid == getegid()) {
		print_message("who runs this must not be in group tty\n");
		skip();
	}
	unmount(actor, 0600);
	assert_int_equal(call(scene, scene->user, actor_terminal(actor)),
	    TALK_PERMISSION_DENIED);
	assert_logged(scene, actor_terminal(actor),
	    "passed over: closed to messages; its group is ");
	snprintf(line, sizeof(line),
	    ", not tty: is /dev/pts mounted without gid=%lu,mode=620?\n",
	    (unsigned long)tty->gr_gid);
	assert_true(actor_states(scene->talkd, line));
}

static void
a_terminal_that_is_open_to_the_wrong_group_is_named(void **state)
{
	const struct group *tty = getgrnam("tty");
	struct scene *scene = *state;
	struct actor *actor = sit(scene, "container", NULL);

	if (geteuid() != 0 || tty == NULL || tty->gr_gid == getegid()) {
		print_message("only root has a daemon that is another user\n");
		skip();
	}
	unmount(actor, 0620);
	assert_int_equal(
	    call(scene, scene->user, actor_terminal(actor)), TALK_FAILED);
	assert_logged(scene, actor_terminal(actor),
	    "passed over: Permission denied; its group is ");
	assert_true(actor_states(scene->talkd, "is /dev/pts mounted without"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_terminal_that_no_record_knows_is_rung),
		TEST(editors_and_builds_do_not_swallow_a_ring),
		TEST(terminals_used_in_the_same_moment_are_all_rung),
		TEST(when_none_of_the_latest_takes_it_an_earlier_one_rings),
		TEST(what_is_typed_sets_the_time_of_last_input),
		TEST(who_uses_tmux_is_rung_in_it),
		TEST(a_sleeping_tmux_swallows_no_ring),
		TEST(who_uses_screen_is_rung_in_it),
		TEST(a_sleeping_screen_swallows_no_ring),
		TEST(who_uses_script_is_rung_in_it),
		TEST(a_user_without_a_terminal_is_told_from_no_user),
		TEST(a_terminal_that_is_not_there_is_told_from_others_that_are),
		TEST(a_terminal_that_was_given_to_another_user_rings_nobody),
		TEST(a_devpts_that_closes_terminals_is_named),
		TEST(a_terminal_that_is_open_to_the_wrong_group_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
