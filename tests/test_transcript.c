/*
 * The tests of talk/transcript: what a conversation leaves in a file, and which
 * file it is left in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"
#include "folder.h"
#include "talk/face.h"
#include "talk/pane.h"
#include "talk/transcript.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	NOW = 1795342503, /* 2026-11-22T10:15:03 in Greenwich */
	ALICE = 0,
	BOB = 1,
};

static const uint8_t edit_characters[] = { PANE_ERASE, PANE_KILL,
	PANE_WORD_ERASE };

struct scene {
	char directory[FOLDER_SIZE];
	char file[64];
	char other[64];
	struct transcript *transcript;
};

static void
open_it(struct scene *scene)
{
	const char *why;

	scene->transcript = transcript_open(scene->file, &why);
	assert_non_null(scene->transcript);
	assert_true(transcript_add(scene->transcript, "alice@h1"));
	assert_true(transcript_add(scene->transcript, "bob@h2"));
	transcript_edit(scene->transcript, ALICE, edit_characters);
}

static void
close_it(struct scene *scene)
{
	if (scene->transcript != NULL)
		transcript_free(scene->transcript);
	scene->transcript = NULL;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	folder_make(scene->directory);
	snprintf(scene->file, sizeof(scene->file), "%s/log", scene->directory);
	snprintf(
	    scene->other, sizeof(scene->other), "%s/other", scene->directory);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	close_it(scene);
	folder_remove(scene->directory);
	free(scene);
	return 0;
}

static void
say(struct scene *scene, int party, const char *text, time_t now)
{
	transcript_hear(scene->transcript, party, text, strlen(text), now);
}

/* The file reads so. */
static void
check_file(const struct scene *scene, const char *expected)
{
	static char text[65536];
	int fd = open(scene->file, O_RDONLY);
	ssize_t len;

	assert_true(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	assert_true(len >= 0);
	text[len] = '\0';
	close(fd);
	assert_string_equal(text, expected);
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* --------------------------------------------------------------- lines --- */

static void
a_line_tells_when_who_and_what(void **state)
{
	struct scene *scene = *state;

	open_it(scene);
	say(scene, ALICE, "hello\n", NOW);
	say(scene, BOB, "hi, h\303\251llo \344\270\226\t!\n", NOW + 61);
	check_file(scene,
	    "2026-11-22T10:15:03 alice@h1: hello\n"
	    "2026-11-22T10:16:04 bob@h2: hi, h\303\251llo \344\270\226\t!\n");
}

static void
the_time_is_that_of_the_users_own_zone(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(setenv("TZ", "TALK-5:30", 1), 0);
	tzset();
	open_it(scene);
	say(scene, ALICE, "hello\n", NOW);
	check_file(scene, "2026-11-22T15:45:03 alice@h1: hello\n");
	assert_int_equal(setenv("TZ", "UTC0", 1), 0);
	tzset();
}

static void
time_goes_on_after_2038_and_2106(void **state)
{
	struct scene *scene = *state;

	open_it(scene);
	say(scene, ALICE, "hello\n", INT64_C(1) << 31);
	say(scene, BOB, "hi\n", INT64_C(1) << 32);
	check_file(scene,
	    "2038-01-19T03:14:08 alice@h1: hello\n"
	    "2106-02-07T06:28:16 bob@h2: hi\n");
}

static void
a_line_has_the_time_of_its_end_and_both_may_be_on_one(void **state)
{
	struct scene *scene = *state;

	open_it(scene);
	say(scene, ALICE, "one ", NOW);
	say(scene, BOB, "thr", NOW + 1);
	say(scene, ALICE, "two\r", NOW + 2);
	say(scene, BOB, "ee\r\n", NOW + 3);
	check_file(scene,
	    "2026-11-22T10:15:05 alice@h1: one two\n"
	    "2026-11-22T10:15:06 bob@h2: three\n");
}

static void
a_line_reads_as_its_pane_does(void **state)
{
	static const struct {
		const char *sent;
		const char *kept;
	} cases[] = {
		{ "abc\177\177X\n", "aX" },
		{ "one two\027X\n", "one X" },
		{ "all\025nothing\n", "nothing" },
		{ "caf\351 ok\n", "caf\303\251 ok" },
		{ "a\033[2Jb\n", "ab" },
		{ "a\033]0;title\ab\n", "ab" },
		{ "bell\a\001\n", "bell^A" },
		{ "\n", "" },
		{ "2026-11-22T10:15:03 alice@h1: no\n",
		    "2026-11-22T10:15:03 alice@h1: no" },
		{ "a\342\200\256b\n", "ab" },
	};
	struct scene *scene = *state;
	char expected[1024] = "";
	size_t i, len = 0;

	open_it(scene);
	for (i = 0; i < COUNT(cases); i++) {
		say(scene, BOB, cases[i].sent, NOW);
		len += (size_t)snprintf(expected + len, sizeof(expected) - len,
		    "2026-11-22T10:15:03 bob@h2: %s\n", cases[i].kept);
	}
	check_file(scene, expected);
}

static void
the_edit_characters_of_each_party_are_its_own(void **state)
{
	static const uint8_t others[] = { '\b', '\030', '\027' };
	struct scene *scene = *state;

	open_it(scene);
	transcript_edit(scene->transcript, BOB, others);
	say(scene, BOB, "ab\bc\nno\030yes\n", NOW);
	say(scene, ALICE, "ab\177c\n", NOW);
	check_file(scene,
	    "2026-11-22T10:15:03 bob@h2: ac\n"
	    "2026-11-22T10:15:03 bob@h2: yes\n"
	    "2026-11-22T10:15:03 alice@h1: ac\n");
}

static void
lines_that_nobody_ended_are_ended_with_the_conversation(void **state)
{
	struct scene *scene = *state;

	open_it(scene);
	say(scene, BOB, "bye\nfor now\303", NOW);
	say(scene, ALICE, "by", NOW);
	check_file(scene, "2026-11-22T10:15:03 bob@h2: bye\n");
	transcript_end_lines(scene->transcript, NOW + 1);
	transcript_end_lines(scene->transcript, NOW + 2);
	check_file(scene,
	    "2026-11-22T10:15:03 bob@h2: bye\n"
	    "2026-11-22T10:15:04 alice@h1: by\n"
	    "2026-11-22T10:15:04 bob@h2: for now\303\203\n");
}

static void
a_line_is_ended_in_the_midst_of_what_is_swallowed(void **state)
{
	static const char *const midsts[] = { "\033]0;tit", "\033[",
		"\003\004x", "\003" };
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(midsts); i++) {
		open_it(scene);
		say(scene, BOB, "so", NOW);
		say(scene, BOB, midsts[i], NOW);
		transcript_end_lines(scene->transcript, NOW);
		check_file(scene, "2026-11-22T10:15:03 bob@h2: so\n");
		close_it(scene);
		assert_int_equal(unlink(scene->file), 0);
	}
}

static void
a_line_without_end_is_cut_into_whole_ones(void **state)
{
	struct scene *scene = *state;
	char text[3 * PANE_LINE_BYTES_MAX];
	struct stat file;

	open_it(scene);
	memset(text, 'x', sizeof(text));
	transcript_hear(scene->transcript, BOB, text, sizeof(text), NOW);
	transcript_end_lines(scene->transcript, NOW);
	assert_int_equal(stat(scene->file, &file), 0);
	assert_true((size_t)file.st_size >= sizeof(text));
	assert_true((size_t)file.st_size <= sizeof(text) + 5 * 40);
	assert_int_equal(transcript_error(scene->transcript), 0);
}

static void
no_line_of_a_flood_is_lost(void **state)
{
	enum { LINES = 50000 };
	struct scene *scene = *state;
	char *text = malloc(LINES);
	struct stat file;

	assert_non_null(text);
	open_it(scene);
	memset(text, '\n', LINES);
	transcript_hear(scene->transcript, BOB, text, LINES, NOW);
	free(text);
	assert_int_equal(stat(scene->file, &file), 0);
	assert_int_equal(
	    file.st_size, LINES * strlen("2026-11-22T10:15:03 bob@h2: \n"));
}

static void
there_is_room_for_as_many_as_a_session_has(void **state)
{
	struct scene *scene = *state;
	int i;

	open_it(scene);
	for (i = 2; i < FACE_PARTIES_MAX; i++)
		assert_true(transcript_add(scene->transcript, "carol@h3"));
	assert_false(transcript_add(scene->transcript, "dave@h4"));
	say(scene, FACE_PARTIES_MAX - 1, "hi\n", NOW);
	check_file(scene, "2026-11-22T10:15:03 carol@h3: hi\n");
}

/* ---------------------------------------------------------------- file --- */

static void
a_new_file_is_its_users_alone(void **state)
{
	struct scene *scene = *state;
	mode_t before = umask(0);
	struct stat file;

	open_it(scene);
	umask(before);
	assert_int_equal(stat(scene->file, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0600);
}

static void
what_is_there_stays_and_its_last_line_is_ended(void **state)
{
	static const char *const before[] = { "", "older\n", "cut sho" };
	static const char *const after[] = {
		"2026-11-22T10:15:03 bob@h2: hi\n2026-11-22T10:15:03 bob@h2: "
		"ho\n",
		"older\n2026-11-22T10:15:03 bob@h2: hi\n2026-11-22T10:15:03 "
		"bob@h2: ho\n",
		"cut sho\n2026-11-22T10:15:03 bob@h2: hi\n2026-11-22T10:15:03 "
		"bob@h2: ho\n",
	};
	struct scene *scene = *state;
	size_t i;

	for (i = 0; i < COUNT(before); i++) {
		write_file(scene->file, before[i]);
		open_it(scene);
		say(scene, BOB, "hi\nho\n", NOW);
		check_file(scene, after[i]);
		close_it(scene);
	}
}

static void
two_who_write_to_one_file_do_not_mix_their_lines(void **state)
{
	struct scene *scene = *state;
	struct scene second = *scene;

	open_it(scene);
	open_it(&second);
	say(scene, BOB, "one\n", NOW);
	say(&second, ALICE, "two\n", NOW);
	say(scene, BOB, "three\n", NOW);
	close_it(&second);
	check_file(scene,
	    "2026-11-22T10:15:03 bob@h2: one\n"
	    "2026-11-22T10:15:03 alice@h1: two\n"
	    "2026-11-22T10:15:03 bob@h2: three\n");
}

static void
check_refused(const char *file, const char *words)
{
	const char *why = NULL;

	assert_null(transcript_open(file, &why));
	assert_non_null(why);
	assert_non_null(strstr(why, words));
}

static void
what_is_no_regular_file_is_refused(void **state)
{
	struct scene *scene = *state;

	check_refused("/dev/null", "no regular file");
	check_refused(scene->directory, "no regular file");
	check_refused("/", "no regular file");
	assert_int_equal(mkfifo(scene->file, 0600), 0);
	check_refused(scene->file, "no regular file");
	assert_int_equal(unlink(scene->file), 0);
	folder_put_socket(scene->file);
	check_refused(scene->file, "no regular file");
}

static void
a_link_is_refused_and_makes_no_file(void **state)
{
	struct scene *scene = *state;
	struct stat file;

	assert_int_equal(symlink(scene->other, scene->file), 0);
	check_refused(scene->file, "symbolic link");
	assert_int_equal(stat(scene->other, &file), -1);
	write_file(scene->other, "");
	check_refused(scene->file, "symbolic link");
}

static void
a_file_with_another_name_is_refused(void **state)
{
	struct scene *scene = *state;

	write_file(scene->other, "");
	assert_int_equal(link(scene->other, scene->file), 0);
	check_refused(scene->file, "other names");
	check_file(scene, "");
}

static void
somebody_elses_file_is_refused_even_to_root(void **state)
{
	struct scene *scene = *state;

	if (geteuid() != 0) {
		print_message("only root can give a file away\n");
		skip();
	}
	write_file(scene->file, "");
	assert_int_equal(chown(scene->file, 65534, 65534), 0);
	check_refused(scene->file, "somebody else");
}

static void
what_cannot_be_made_is_refused(void **state)
{
	(void)state;
	check_refused("/nonexistent/log", strerror(ENOENT));
	check_refused("/dev/null/log", strerror(ENOTDIR));
	check_refused("", strerror(ENOENT));
}

/* ----------------------------------------------------------- full disk --- */

/* Whether a test in a process with files of at most so many bytes passes. */
static void
with_files_of(
    rlim_t size, void (*test)(struct scene *scene), struct scene *scene)
{
	const struct rlimit limit = { size, size };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		sigaction(SIGXFSZ, &ignore, NULL);
		if (setrlimit(RLIMIT_FSIZE, &limit) == 0)
			test(scene);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
expect(bool holds)
{
	if (!holds)
		_exit(1);
}

static void
fill_up(struct scene *scene)
{
	const char *why;

	scene->transcript = transcript_open(scene->file, &why);
	expect(scene->transcript != NULL);
	expect(transcript_add(scene->transcript, "alice@h1"));
	expect(transcript_error(scene->transcript) == 0);
	say(scene, ALICE, "first\n", NOW);
	expect(transcript_error(scene->transcript) == 0);
	say(scene, ALICE, "a line that will not fit\n", NOW);
	expect(transcript_error(scene->transcript) != 0);
	expect(!transcript_is_lost(scene->transcript));
	expect(truncate(scene->file, 50) == 0);
	say(scene, ALICE, "3\n", NOW);
	expect(transcript_error(scene->transcript) != 0);
}

static void
on_a_full_disk_the_lines_that_fit_are_whole(void **state)
{
	struct scene *scene = *state;

	with_files_of(90, fill_up, scene);
	check_file(scene,
	    "2026-11-22T10:15:03 alice@h1: first\n"
	    "2026-11-22T10:\n2026-11-22T10:15:03 alice@h1: 3\n");
}

static void
lose_all(struct scene *scene)
{
	const char *why;

	scene->transcript = transcript_open(scene->file, &why);
	expect(scene->transcript != NULL);
	expect(transcript_add(scene->transcript, "alice@h1"));
	expect(!transcript_is_lost(scene->transcript));
	say(scene, ALICE, "hello\n", NOW);
	expect(transcript_error(scene->transcript) == EFBIG);
	expect(transcript_is_lost(scene->transcript));
}

static void
where_nothing_can_be_written_all_is_lost(void **state)
{
	struct scene *scene = *state;

	with_files_of(0, lose_all, scene);
	check_file(scene, "");
}

/* ----------------------------------------------------------------- end --- */

static void
be_killed(struct scene *scene)
{
	open_it(scene);
	say(scene, BOB, "one\ntwo\nthr", NOW);
	(void)raise(SIGKILL);
}

static void
all_lines_ended_are_there_after_a_kill(void **state)
{
	struct scene *scene = *state;
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		be_killed(scene);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	check_file(scene,
	    "2026-11-22T10:15:03 bob@h2: one\n"
	    "2026-11-22T10:15:03 bob@h2: two\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_tells_when_who_and_what),
		TEST(the_time_is_that_of_the_users_own_zone),
		TEST(time_goes_on_after_2038_and_2106),
		TEST(a_line_has_the_time_of_its_end_and_both_may_be_on_one),
		TEST(a_line_reads_as_its_pane_does),
		TEST(the_edit_characters_of_each_party_are_its_own),
		TEST(lines_that_nobody_ended_are_ended_with_the_conversation),
		TEST(a_line_is_ended_in_the_midst_of_what_is_swallowed),
		TEST(a_line_without_end_is_cut_into_whole_ones),
		TEST(no_line_of_a_flood_is_lost),
		TEST(there_is_room_for_as_many_as_a_session_has),
		TEST(a_new_file_is_its_users_alone),
		TEST(what_is_there_stays_and_its_last_line_is_ended),
		TEST(two_who_write_to_one_file_do_not_mix_their_lines),
		TEST(what_is_no_regular_file_is_refused),
		TEST(a_link_is_refused_and_makes_no_file),
		TEST(a_file_with_another_name_is_refused),
		TEST(somebody_elses_file_is_refused_even_to_root),
		TEST(what_cannot_be_made_is_refused),
		TEST(on_a_full_disk_the_lines_that_fit_are_whole),
		TEST(where_nothing_can_be_written_all_is_lost),
		TEST(all_lines_ended_are_there_after_a_kill),
	};

	assert_true(setenv("TZ", "UTC0", 1) == 0);
	tzset();
	(void)text_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
