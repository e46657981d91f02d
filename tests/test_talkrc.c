/*
 * The tests of talk/talkrc: what is in a ~/.talkrc, what is wrong with one, and
 * which file is read at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "talk/talkrc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Without a NUL behind it, so that a checker sees who reads on. */
static void
take(struct talkrc *talkrc, const char *text, size_t len)
{
	char *bytes = malloc(len > 0 ? len : 1);

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	*talkrc = (struct talkrc){ .alias_count = 0 };
	talkrc_take(talkrc, "/home/u", bytes, len);
	free(bytes);
}

static void
take_text(struct talkrc *talkrc, const char *text)
{
	take(talkrc, text, strlen(text));
}

/* --------------------------------------------------------------- lines --- */

static void
settings_are_set(void **state)
{
	struct talkrc talkrc;

	(void)state;
	take_text(&talkrc,
	    "set bell off\nset family 6\nset port 5180\n"
	    "set ports 5000-5010\nset transcript /var/log/talk\n"
	    "set wait 60\nset wrap off\n");
	assert_int_equal(talkrc.mistake_count, 0);
	assert_true(talkrc.settings.silent);
	assert_int_equal(talkrc.settings.family, 6);
	assert_int_equal(talkrc.settings.port, 5180);
	assert_int_equal(talkrc.settings.port_low, 5000);
	assert_int_equal(talkrc.settings.port_high, 5010);
	assert_string_equal(talkrc.settings.transcript, "/var/log/talk");
	assert_int_equal(talkrc.settings.patience, 60);
	assert_true(talkrc.settings.unwrapped);
}

static void
an_empty_file_sets_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "# set bell off",
		"  \t\n#\n\n", "set bell on\nset wrap on\n" };
	static const struct settings nothing;
	struct talkrc talkrc;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		take_text(&talkrc, texts[i]);
		assert_int_equal(talkrc.mistake_count, 0);
		assert_memory_equal(
		    &talkrc.settings, &nothing, sizeof(nothing));
	}
}

static void
the_later_line_counts(void **state)
{
	struct talkrc talkrc;

	(void)state;
	take_text(&talkrc,
	    "set bell off\nset bell on\nset wait 5\nset wait 6\n"
	    "alias b bob\nalias b bill@h2\n");
	assert_false(talkrc.settings.silent);
	assert_int_equal(talkrc.settings.patience, 6);
	assert_int_equal(talkrc.alias_count, 1);
	assert_string_equal(talkrc_person(&talkrc, "b")->user, "bill");
	talkrc_free(&talkrc);
}

static void
blanks_comments_and_line_ends_may_be_any(void **state)
{
	static const char *const texts[] = { "set wait 60", "set wait 60\r\n",
		"\t set \t wait  60\t # a minute\n", "set wait 60 #\r" };
	struct talkrc talkrc;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		take_text(&talkrc, texts[i]);
		assert_int_equal(talkrc.mistake_count, 0);
		assert_int_equal(talkrc.settings.patience, 60);
	}
}

static void
a_transcript_may_be_in_the_home_directory(void **state)
{
	static const char *const files[][2] = {
		{ "~/talk.log", "/home/u/talk.log" },
		{ "/~/talk.log", "/~/talk.log" },
		{ "~bob/talk.log", "~bob/talk.log" },
		{ "talk.log", "talk.log" },
		{ "a#b", "a#b" },
	};
	struct talkrc talkrc;
	char text[100];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(files); i++) {
		snprintf(text, sizeof(text), "set transcript %s", files[i][0]);
		take_text(&talkrc, text);
		assert_string_equal(talkrc.settings.transcript, files[i][1]);
	}
}

static void
aliases_name_persons_and_their_terminals(void **state)
{
	static const struct {
		const char *name;
		const char *user, *host, *terminal;
	} cases[] = {
		{ "b", "bob", "h2", "" },
		{ "there", "bob", "h2", "pts/3" },
		{ "here", "bob", "", "tty1" },
		{ "room", "", "h2", "" },
		{ "loud", "bob", "", "*" },
		{ "first.last", "bob", "", "" },
	};
	const struct person *person;
	struct talkrc talkrc;
	size_t i;

	(void)state;
	take_text(&talkrc,
	    "alias b bob@h2\nalias there bob@h2#pts/3\n"
	    "alias here bob /dev/tty1\nalias room @h2\nalias loud bob *\n"
	    "alias first.last bob\n");
	assert_int_equal(talkrc.mistake_count, 0);
	for (i = 0; i < COUNT(cases); i++) {
		person = talkrc_person(&talkrc, cases[i].name);
		assert_non_null(person);
		assert_string_equal(person->user, cases[i].user);
		assert_string_equal(person->host, cases[i].host);
		assert_string_equal(person->terminal, cases[i].terminal);
	}
	assert_null(talkrc_person(&talkrc, "bob"));
	assert_null(talkrc_person(&talkrc, ""));
	talkrc_free(&talkrc);
}

static void
an_alias_of_an_alias_is_whom_it_says(void **state)
{
	struct talkrc talkrc;

	(void)state;
	take_text(&talkrc, "alias a b\nalias b a\nalias bob bob@h2\n");
	assert_string_equal(talkrc_person(&talkrc, "a")->user, "b");
	assert_string_equal(talkrc_person(&talkrc, "b")->user, "a");
	assert_string_equal(talkrc_person(&talkrc, "bob")->host, "h2");
	talkrc_free(&talkrc);
}

/* ------------------------------------------------------------ mistakes --- */

static void
a_mistake_is_named_by_its_line_and_the_others_hold(void **state)
{
	static const struct {
		const char *line;
		const char *words; /* some of them */
	} cases[] = {
		{ "nonsense", "begins with" },
		{ "Set bell off", "begins with" },
		{ "set", "set option value" },
		{ "set bell", "set option value" },
		{ "set bell off off", "set option value" },
		{ "set bell maybe", "on or off" },
		{ "set family 5", "4 or 6" },
		{ "set port 0", "from 1 to 65535" },
		{ "set ports 10-9", "ports are" },
		{ "set wait forever", "number of seconds" },
		{ "set wrap 80", "on or off" },
		{ "set colour green", "no such option" },
		{ "alias bobby", "alias name person" },
		{ "alias", "alias name person" },
		{ "alias b@h2 bob", "none of" },
		{ "alias h2!b bob", "none of" },
		{ "alias b bob@", "" },
		{ "alias b bob ../../etc", "" },
		{ "alias b bob pts/1 pts/2", "too many" },
		{ "alias b bob%pts/1 pts/2", "" },
		{ "alias abcdefghijklmnopqrstuvwxyzabcdefg bob", "too long" },
		{ "alias \001 bob\001", "" },
		{ "allow", "" },
		{ "deny  # everyone?", "" },
		{ "deny .* 10.0.0.0/33", "" },
		{ "allow \\(", "" },
		{ "limit rings none", "begins with" },
		{ "set bell of\001f", "on or off" },
	};
	struct talkrc talkrc;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof(text), "set wait 1\n\n%s\nset wait 3\n",
		    cases[i].line);
		take_text(&talkrc, text);
		assert_int_equal(talkrc.mistake_count, 1);
		assert_int_equal(talkrc.mistakes[0].line, 3);
		assert_non_null(
		    strstr(talkrc.mistakes[0].words, cases[i].words));
		assert_int_equal(talkrc.settings.patience, 3);
		talkrc_free(&talkrc);
	}
}

static void
rules_of_the_daemon_are_no_mistakes(void **state)
{
	struct talkrc talkrc;

	(void)state;
	take_text(&talkrc,
	    "allow .* any\ndeny ^mallory$ 10.0.0.0/8 192.168.0.0/16 h2 h3\n"
	    "deny .*\n");
	assert_int_equal(talkrc.mistake_count, 0);
}

static void
a_nul_spoils_its_line_alone(void **state)
{
	static const char text[] = "set wait 1\nset wait\0 2\nset bell off";
	struct talkrc talkrc;

	(void)state;
	take(&talkrc, text, sizeof(text) - 1);
	assert_int_equal(talkrc.mistake_count, 1);
	assert_int_equal(talkrc.mistakes[0].line, 2);
	assert_int_equal(talkrc.settings.patience, 1);
	assert_true(talkrc.settings.silent);
}

static void
a_line_too_long_spoils_itself_alone(void **state)
{
	char text[3 * TALKRC_LINE_MAX];
	struct talkrc talkrc;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 13, "\nset wait 60\n", 13);
	take(&talkrc, text, sizeof(text));
	assert_int_equal(talkrc.mistake_count, 1);
	assert_int_equal(talkrc.settings.patience, 60);
	memset(text, ' ', TALKRC_LINE_MAX);
	take(&talkrc, text, TALKRC_LINE_MAX);
	assert_int_equal(talkrc.mistake_count, 0);
}

static void
what_is_no_talkrc_is_not_named_line_by_line(void **state)
{
	char text[TALKRC_SIZE_MAX];
	struct talkrc talkrc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 2654435761U >> 13);
	take(&talkrc, text, sizeof(text));
	assert_in_range(talkrc.mistake_count, 1, TALKRC_MISTAKES_MAX);
	talkrc_free(&talkrc);
	memset(text, '\n', sizeof(text));
	take(&talkrc, text, sizeof(text));
	assert_int_equal(talkrc.mistake_count, 0);
}

/* ---------------------------------------------------------------- file --- */

struct home {
	char path[FOLDER_SIZE];
	char file[FOLDER_SIZE + 16];
};

static int
make_home(void **state)
{
	struct home *home = malloc(sizeof(*home));

	assert_non_null(home);
	folder_make(home->path);
	snprintf(home->file, sizeof(home->file), "%s/.talkrc", home->path);
	*state = home;
	return 0;
}

static int
remove_home(void **state)
{
	struct home *home = *state;

	folder_remove(home->path);
	free(home);
	return 0;
}

static void
write_file(const struct home *home, mode_t mode)
{
	static const char text[] = "set wait 60\n";

	folder_put(home->file, text, strlen(text), mode);
}

static void
check_refused(const struct home *home, const char *words)
{
	struct talkrc talkrc = { .alias_count = 0 };

	talkrc_read(&talkrc, home->path);
	assert_int_equal(talkrc.settings.patience, 0);
	assert_int_equal(talkrc.mistake_count, 1);
	assert_int_equal(talkrc.mistakes[0].line, 0);
	assert_non_null(strstr(talkrc.mistakes[0].words, words));
	assert_string_equal(talkrc.path, home->file);
	talkrc_free(&talkrc);
}

static void
a_file_of_ones_own_is_read(void **state)
{
	static const mode_t modes[] = { 0600, 0644, 0755, 0400 };
	const struct home *home = *state;
	struct talkrc talkrc;
	size_t i;

	for (i = 0; i < COUNT(modes); i++) {
		write_file(home, modes[i]);
		talkrc = (struct talkrc){ .alias_count = 0 };
		talkrc_read(&talkrc, home->path);
		assert_int_equal(talkrc.mistake_count, 0);
		assert_int_equal(talkrc.settings.patience, 60);
		assert_int_equal(unlink(home->file), 0);
	}
}

static void
no_file_is_no_mistake(void **state)
{
	const struct home *home = *state;
	struct talkrc talkrc = { .alias_count = 0 };

	talkrc_read(&talkrc, home->path);
	talkrc_read(&talkrc, "/nonexistent");
	talkrc_read(&talkrc, "/dev/null");
	assert_int_equal(talkrc.mistake_count, 0);
}

static void
a_file_that_others_can_write_to_is_not_read(void **state)
{
	const struct home *home = *state;

	write_file(home, 0620);
	check_refused(home, "others can write");
	write_file(home, 0602);
	check_refused(home, "others can write");
}

static void
somebody_elses_file_is_not_read(void **state)
{
	const struct home *home = *state;

	if (geteuid() != 0) {
		print_message("only root can give a file away\n");
		skip();
	}
	write_file(home, 0644);
	assert_int_equal(chown(home->file, 65534, 65534), 0);
	check_refused(home, "somebody else");
}

static void
what_is_no_regular_file_is_not_read(void **state)
{
	const struct home *home = *state;

	assert_int_equal(mkfifo(home->file, 0600), 0);
	check_refused(home, "no regular file");
	assert_int_equal(unlink(home->file), 0);
	assert_int_equal(mkdir(home->file, 0700), 0);
	check_refused(home, "no regular file");
	assert_int_equal(rmdir(home->file), 0);
	folder_put_socket(home->file);
	check_refused(home, "no regular file");
	assert_int_equal(unlink(home->file), 0);
	assert_int_equal(symlink("/etc/passwd", home->file), 0);
	check_refused(home, "symbolic link");
}

static void
a_file_too_long_is_not_read(void **state)
{
	const struct home *home = *state;

	write_file(home, 0600);
	assert_int_equal(truncate(home->file, TALKRC_SIZE_MAX + 1), 0);
	check_refused(home, "64 KiB");
	assert_int_equal(truncate(home->file, (off_t)1 << 40), 0);
	check_refused(home, "64 KiB");
}

static void
a_file_one_cannot_read_is_named(void **state)
{
	const struct home *home = *state;

	if (geteuid() == 0) {
		print_message("root can read them all\n");
		skip();
	}
	write_file(home, 0000);
	check_refused(home, "does not let us");
}

/* Longer than any system's NAME_MAX. */
static void
a_home_that_cannot_be_named_is_told(void **state)
{
	char path[400] = "/";
	struct talkrc talkrc = { .alias_count = 0 };

	(void)state;
	memset(path + 1, 'h', sizeof(path) - 2);
	path[sizeof(path) - 1] = '\0';
	talkrc_read(&talkrc, path);
	assert_int_equal(talkrc.mistake_count, 1);
	assert_non_null(strstr(talkrc.mistakes[0].words, "does not let us"));
	talkrc_free(&talkrc);
}

static void
a_transcript_whose_name_is_too_long_is_named(void **state)
{
	struct talkrc talkrc;
	char home[TALKRC_PATH_SIZE];
	char line[] = "set transcript ~/log\n";

	(void)state;
	memset(home, 'h', sizeof(home) - 1);
	home[sizeof(home) - 1] = '\0';
	talkrc = (struct talkrc){ .alias_count = 0 };
	talkrc_take(&talkrc, home, line, strlen(line));
	assert_int_equal(talkrc.mistake_count, 1);
	assert_int_equal(talkrc.mistakes[0].line, 1);
	assert_non_null(strstr(talkrc.mistakes[0].words, "too long"));
	assert_null(talkrc.settings.transcript);
	talkrc_free(&talkrc);
}

static void
a_home_whose_name_is_too_long_has_no_file(void **state)
{
	static char path[TALKRC_PATH_SIZE + 1];
	struct talkrc talkrc = { .alias_count = 0 };

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	talkrc_read(&talkrc, path);
	assert_int_equal(talkrc.mistake_count, 0);
}

#define AT_HOME(name) \
	cmocka_unit_test_setup_teardown(name, make_home, remove_home)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_set),
		cmocka_unit_test(an_empty_file_sets_nothing),
		cmocka_unit_test(the_later_line_counts),
		cmocka_unit_test(blanks_comments_and_line_ends_may_be_any),
		cmocka_unit_test(a_transcript_may_be_in_the_home_directory),
		cmocka_unit_test(aliases_name_persons_and_their_terminals),
		cmocka_unit_test(an_alias_of_an_alias_is_whom_it_says),
		cmocka_unit_test(
		    a_mistake_is_named_by_its_line_and_the_others_hold),
		cmocka_unit_test(rules_of_the_daemon_are_no_mistakes),
		cmocka_unit_test(a_nul_spoils_its_line_alone),
		cmocka_unit_test(a_line_too_long_spoils_itself_alone),
		cmocka_unit_test(what_is_no_talkrc_is_not_named_line_by_line),
		AT_HOME(a_file_of_ones_own_is_read),
		AT_HOME(no_file_is_no_mistake),
		AT_HOME(a_file_that_others_can_write_to_is_not_read),
		AT_HOME(somebody_elses_file_is_not_read),
		AT_HOME(what_is_no_regular_file_is_not_read),
		AT_HOME(a_file_too_long_is_not_read),
		AT_HOME(a_file_one_cannot_read_is_named),
		cmocka_unit_test(a_home_that_cannot_be_named_is_told),
		cmocka_unit_test(a_transcript_whose_name_is_too_long_is_named),
		cmocka_unit_test(a_home_whose_name_is_too_long_has_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
