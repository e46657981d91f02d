/*
 * The tests of talkd/access, on files of their own: a site's rules, and homes
 * of users whom the test makes up.  What goes to the log is read back.
 */
#define _XOPEN_SOURCE 700 /* mknod, S_IFIFO */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <sys/types.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "puppet.h"
#include "talkd/access.h"
#include "talkd/rulefile.h"
#include "talkd/rules.h"

enum {
	PATIENCE = 10000, /* milliseconds, for what must come */
	LOG_SIZE = 16384,
	PATH_SIZE = 256,
	NOBODY = 65534,
};

/* What nobody is attached to: addresses for documentation. */
#define FAR  "198.51.100.1"
#define NEAR "10.0.0.1"

struct scene {
	char directory[64];
	char site[PATH_SIZE];
	struct log_flow flow;
	struct log log;
	int errors; /* the descriptor that was standard error */
	int lines;  /* the file that is, and has what was logged */
	struct access *access;
};

/* The scene's homes are in this directory; the user "stranger" has none. */
static char homes[64];
static uid_t homes_owner;

static struct access_question
about(const char *callee, const char *caller, const struct address *source)
{
	static char home[PATH_SIZE];

	snprintf(home, sizeof(home), "%s/%s", homes, callee);
	return (struct access_question){ callee, homes_owner,
		strcmp(callee, "stranger") != 0 ? home : "", caller, source };
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	char path[PATH_SIZE];

	*state = scene;
	if (scene == NULL)
		return -1;
	folder_make(scene->directory);
	snprintf(homes, sizeof(homes), "%s", scene->directory);
	homes_owner = geteuid();
	snprintf(path, sizeof(path), "%s/log", scene->directory);
	scene->errors = dup(STDERR_FILENO);
	scene->lines = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	if (scene->errors == -1 || scene->lines == -1)
		return -1;
	(void)dup2(scene->lines, STDERR_FILENO);
	log_init(&scene->log, &scene->flow);
	scene->log.debug = true;
	snprintf(path, sizeof(path), "%s/bob", scene->directory);
	return mkdir(path, 0755);
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	access_free(scene->access);
	(void)dup2(scene->errors, STDERR_FILENO);
	close(scene->errors);
	close(scene->lines);
	folder_remove(scene->directory);
	free(scene);
	return 0;
}

/* --------------------------------------------------------------- files --- */

/* Replaces the site's rules, and has a daemon begin with them if none has. */
static void
put_site(struct scene *scene, const char *text)
{
	snprintf(
	    scene->site, sizeof(scene->site), "%s/rules", scene->directory);
	folder_put(scene->site, text, strlen(text), 0644);
	if (scene->access != NULL)
		return;
	scene->access = access_new(scene->site, &scene->log);
	assert_non_null(scene->access);
	assert_true(access_load(scene->access));
}

static void
begin_without_site(struct scene *scene)
{
	scene->access = access_new(NULL, &scene->log);
	assert_non_null(scene->access);
	assert_true(access_load(scene->access));
}

static const char *
path_of(const struct scene *scene, const char *user)
{
	static char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s/.talkrc", scene->directory, user);
	return path;
}

static void
put_talkrc(const struct scene *scene, const char *user, const char *text)
{
	folder_put(path_of(scene, user), text, strlen(text), 0644);
}

/* ----------------------------------------------------------- questions --- */

static enum access_verdict
judge(const struct scene *scene, const char *callee, const char *caller,
    const char *number, const char *name)
{
	struct address source = puppet_address(number, 2000);
	struct access_question question = about(callee, caller, &source);

	access_refresh(scene->access);
	return access_judge(scene->access, &question, name, 0);
}

/* Whether eve may call bob from there. */
static bool
may(const struct scene *scene, const char *number)
{
	return judge(scene, "bob", "eve", number, "") == ACCESS_ALLOWED;
}

/* How often a text was logged. */
static int
logged(const struct scene *scene, const char *text)
{
	static char lines[LOG_SIZE];
	ssize_t len = pread(scene->lines, lines, sizeof(lines) - 1, 0);
	const char *found = lines;
	int count = 0;

	assert_true(len >= 0);
	lines[len] = '\0';
	for (; (found = strstr(found, text)) != NULL; found++)
		count++;
	return count;
}

/* A root that may read everything becomes somebody who may not. */
static void
become_nobody(const struct scene *scene)
{
	if (geteuid() != 0)
		return;
	if (access(path_of(scene, "bob"), F_OK) == 0)
		assert_int_equal(
		    chown(path_of(scene, "bob"), NOBODY, (gid_t)-1), 0);
	homes_owner = NOBODY;
	assert_int_equal(seteuid(NOBODY), 0);
}

static void
become_oneself(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

/* --------------------------------------------------------- the default --- */

static void
without_rules_those_near_may_and_no_others(void **state)
{
	static const char *const near[] = { "127.0.0.1", "127.0.1.1", "::1",
		"10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.0.1",
		"fe80::1", "fd00::1" };
	static const char *const far[] = { FAR, "240.0.0.1", "2001:db8::1",
		"172.32.0.1", "::2" };
	struct scene *scene = *state;
	size_t i;

	begin_without_site(scene);
	for (i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		assert_true(may(scene, near[i]));
	for (i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		assert_false(may(scene, far[i]));
	assert_int_equal(logged(scene, "no network near"), 5);
}

static void
an_empty_site_file_leaves_the_default(void **state)
{
	struct scene *scene = *state;

	put_site(scene, "");
	assert_true(may(scene, "::1"));
	assert_true(may(scene, NEAR));
	assert_false(may(scene, FAR));
}

/* ------------------------------------------------------------ the site --- */

static void
the_site_opens_what_is_far_and_closes_what_is_near(void **state)
{
	struct scene *scene = *state;

	put_site(scene,
	    "allow .* 198.51.100.0/24\n"
	    "deny .* 10.0.0.0/8\n"
	    "deny ^root$ 127.0.0.0/8 ::1\n");
	assert_true(may(scene, FAR));
	assert_false(may(scene, "203.0.113.1"));
	assert_false(may(scene, NEAR));
	assert_true(may(scene, "192.168.0.1"));
	assert_true(may(scene, "127.0.0.1"));
	assert_int_equal(
	    judge(scene, "root", "eve", "127.0.0.1", ""), ACCESS_DENIED);
	assert_int_equal(judge(scene, "root", "eve", "::1", ""), ACCESS_DENIED);
	assert_int_equal(logged(scene, "/rules:2\n"), 1);
	assert_int_equal(logged(scene, "/rules:3\n"), 2);
}

static void
the_site_s_regex_is_about_the_callee_and_the_user_s_about_the_caller(
    void **state)
{
	struct scene *scene = *state;

	put_site(scene, "deny eve\n");
	assert_int_equal(judge(scene, "bob", "eve", NEAR, ""), ACCESS_ALLOWED);
	assert_int_equal(judge(scene, "eve", "bob", NEAR, ""), ACCESS_DENIED);
	put_site(scene, "");
	put_talkrc(scene, "bob", "deny bob\n");
	assert_int_equal(judge(scene, "bob", "eve", NEAR, ""), ACCESS_ALLOWED);
	assert_int_equal(judge(scene, "bob", "bob", NEAR, ""), ACCESS_DENIED);
	put_talkrc(scene, "bob", "deny .* # messages without a name, too\n");
	assert_int_equal(judge(scene, "bob", "", NEAR, ""), ACCESS_DENIED);
}

static void
who_is_no_user_is_judged_by_the_site(void **state)
{
	struct scene *scene = *state;

	put_site(scene, "deny ^str\n");
	assert_int_equal(
	    judge(scene, "stranger", "eve", NEAR, ""), ACCESS_DENIED);
	put_site(scene, "");
	assert_int_equal(
	    judge(scene, "stranger", "eve", NEAR, ""), ACCESS_ALLOWED);
	assert_int_equal(judge(scene, "", "eve", NEAR, ""), ACCESS_ALLOWED);
	assert_int_equal(judge(scene, "", "eve", FAR, ""), ACCESS_DENIED);
}

static void
a_name_is_waited_for_and_can_decide(void **state)
{
	struct scene *scene = *state;

	put_site(scene, "allow .* h1.example\ndeny .* h2.example\n");
	assert_int_equal(
	    judge(scene, "bob", "eve", FAR, NULL), ACCESS_WANTS_NAME);
	assert_int_equal(
	    judge(scene, "bob", "eve", FAR, "H1.example"), ACCESS_ALLOWED);
	assert_int_equal(
	    judge(scene, "bob", "eve", FAR, "h3.example"), ACCESS_DENIED);
	assert_int_equal(
	    judge(scene, "bob", "eve", NEAR, "h3.example"), ACCESS_ALLOWED);
	assert_int_equal(
	    judge(scene, "bob", "eve", NEAR, "h2.example"), ACCESS_DENIED);
	assert_int_equal(judge(scene, "bob", "eve", NEAR, ""), ACCESS_DENIED);
	assert_int_equal(
	    judge(scene, "bob", "eve", "::1", NULL), ACCESS_ALLOWED);
	put_site(scene, "");
	put_talkrc(scene, "bob", "deny eve h2.example\n");
	assert_int_equal(
	    judge(scene, "bob", "eve", NEAR, NULL), ACCESS_WANTS_NAME);
	assert_int_equal(
	    judge(scene, "bob", "eve", NEAR, "h2.example"), ACCESS_DENIED);
}

/* Everybody is called so. */
static bool
resolve(const struct address *host, char name[PERSON_HOST_SIZE])
{
	(void)host;
	snprintf(name, PERSON_HOST_SIZE, "h1.example");
	return true;
}

static void
a_name_is_asked_for_only_where_it_decides(void **state)
{
	struct scene *scene = *state;
	struct names *names = names_new(resolve);
	struct address far = puppet_address(FAR, 2000),
		       near = puppet_address(NEAR, 2000);
	struct access_question from_far = about("bob", "eve", &far);
	struct access_question from_near = about("bob", "eve", &near);
	struct pollfd told = { names_fd(names), POLLIN, 0 };

	put_site(scene, "allow .* h1.example 10.0.0.0/8\n");
	assert_int_equal(access_ask(scene->access, names, &from_near, true, 0),
	    ACCESS_ALLOWED);
	assert_int_equal(access_ask(scene->access, names, &from_far, true, 0),
	    ACCESS_WANTS_NAME);
	/* No longer may it wait: no name allows nothing. */
	assert_int_equal(access_ask(scene->access, names, &from_far, false, 0),
	    ACCESS_DENIED);
	assert_int_equal(poll(&told, 1, PATIENCE), 1);
	names_collect(names, 0);
	assert_int_equal(access_ask(scene->access, names, &from_far, false, 0),
	    ACCESS_ALLOWED);
	assert_null(names_known(names, &near, 0));
	names_free(names);
}

static void
the_site_s_rules_are_read_when_they_change_and_told_once(void **state)
{
	struct scene *scene = *state;
	int i;

	put_site(scene, "allow .* 198.51.100.0/24\n");
	assert_true(may(scene, FAR));
	put_site(scene, "allow .* 198.51.100.0/24\ndeny eve 10/8\n");
	for (i = 0; i < 5; i++)
		assert_false(may(scene, FAR));
	assert_int_equal(
	    logged(scene, "/rules:2: a net that is no address"), 1);
	put_site(scene, "allow .* 198.51.100.0/24\n");
	assert_true(may(scene, FAR));
}

static void
rules_that_are_gone_deny_all_until_they_are_back(void **state)
{
	struct scene *scene = *state;
	int i;

	put_site(scene, "allow .* any\n");
	assert_true(may(scene, FAR));
	assert_int_equal(unlink(scene->site), 0);
	for (i = 0; i < 5; i++) {
		assert_false(may(scene, NEAR));
		assert_false(may(scene, "127.0.0.1"));
	}
	assert_int_equal(logged(scene, "No such file"), 1);
	assert_int_equal(mkdir(scene->site, 0755), 0);
	for (i = 0; i < 5; i++)
		assert_false(may(scene, "127.0.0.1"));
	assert_int_equal(logged(scene, "not a regular file"), 1);
	assert_int_equal(rmdir(scene->site), 0);
	put_site(scene, "allow .* any\n");
	assert_true(may(scene, FAR));
}

/* Whether a daemon could begin with the site's rules as they are. */
static bool
can_begin(struct scene *scene)
{
	struct access *access = access_new(scene->site, &scene->log);
	bool loaded;

	assert_non_null(access);
	loaded = access_load(access);
	access_free(access);
	return loaded;
}

static void
no_daemon_begins_with_rules_that_it_cannot_read(void **state)
{
	static char huge[RULEFILE_SITE_MAX + 1];
	struct scene *scene = *state;

	put_site(scene, "");
	assert_true(can_begin(scene));
	assert_int_equal(chmod(scene->site, 0), 0);
	become_nobody(scene);
	assert_false(can_begin(scene));
	become_oneself();
	assert_int_equal(logged(scene, "Permission denied: the rules must"), 1);
	memset(huge, '#', sizeof(huge));
	folder_put(scene->site, huge, sizeof(huge), 0644);
	assert_false(can_begin(scene));
	folder_put(scene->site, huge, sizeof(huge) - 1, 0644);
	assert_true(can_begin(scene));
	assert_int_equal(unlink(scene->site), 0);
	assert_false(can_begin(scene));
	assert_int_equal(mkfifo(scene->site, 0644), 0);
	assert_false(can_begin(scene));
	memset(scene->site, '/', sizeof(scene->site) - 1);
	assert_false(can_begin(scene));
	scene->site[0] = '\0';
	assert_false(can_begin(scene));
}

static void
a_path_too_long_is_not_cut_to_another(void **state)
{
	static char path[2 * RULEFILE_PATH_SIZE];
	struct scene *scene = *state;
	struct access *access;

	/* Cut shorter, it would be the root directory. */
	memset(path, '/', sizeof(path) - 1);
	access = access_new(path, &scene->log);
	assert_false(access_load(access));
	assert_int_equal(logged(scene, "talkd: ///"), 1);
	access_free(access);
}

/* ---------------------------------------------------------- the user's --- */

static void
a_user_can_deny_what_is_left_and_allow_no_more(void **state)
{
	struct scene *scene = *state;

	put_site(scene, "deny bob 192.168.0.0/16\nallow bob 203.0.113.0/24\n");
	put_talkrc(scene, "bob",
	    "set bell off\n"
	    "allow .* any\n"
	    "deny eve 10.0.0.0/8\n"
	    "allow ^eve$ 10.0.0.9\n");
	assert_false(may(scene, NEAR));
	assert_true(may(scene, "10.0.0.9"));
	assert_true(may(scene, "203.0.113.1"));
	assert_true(may(scene, "127.0.0.1"));
	assert_false(may(scene, "192.168.0.1"));
	assert_false(may(scene, FAR));
	assert_int_equal(
	    judge(scene, "bob", "alice", NEAR, ""), ACCESS_ALLOWED);
	assert_int_equal(logged(scene, "/bob/.talkrc:3\n"), 1);
	assert_int_equal(logged(scene, "/rules:1\n"), 1);
}

static void
a_user_s_rules_are_read_when_they_change(void **state)
{
	struct scene *scene = *state;
	int i;

	begin_without_site(scene);
	assert_true(may(scene, NEAR));
	put_talkrc(scene, "bob", "deny eve");
	assert_false(may(scene, NEAR));
	put_talkrc(scene, "bob", "deny adam\r\n");
	assert_true(may(scene, NEAR));
	put_talkrc(scene, "bob", "deny [\n");
	for (i = 0; i < 5; i++)
		assert_false(may(scene, NEAR));
	assert_int_equal(logged(scene, "/bob/.talkrc:1: the user"), 1);
	assert_int_equal(unlink(path_of(scene, "bob")), 0);
	assert_true(may(scene, NEAR));
}

static void
where_no_file_can_be_there_are_no_rules(void **state)
{
	struct scene *scene = *state;
	char path[PATH_SIZE];

	begin_without_site(scene);
	assert_int_equal(
	    judge(scene, "homeless", "eve", NEAR, ""), ACCESS_ALLOWED);
	snprintf(path, sizeof(path), "%s/filed", scene->directory);
	folder_put(path, "", 0, 0644);
	assert_int_equal(
	    judge(scene, "filed", "eve", NEAR, ""), ACCESS_ALLOWED);
}

static void
a_home_that_is_closed_to_the_daemon_has_no_rules_until_it_opens(void **state)
{
	struct scene *scene = *state;
	char home[PATH_SIZE];

	begin_without_site(scene);
	put_talkrc(scene, "bob", "deny .*\n");
	snprintf(home, sizeof(home), "%s/bob", scene->directory);
	assert_int_equal(chmod(home, 0), 0);
	become_nobody(scene);
	assert_true(may(scene, NEAR));
	assert_true(may(scene, NEAR));
	become_oneself();
	assert_int_equal(logged(scene, "Permission denied: passed over"), 1);
	assert_int_equal(chmod(home, 0755), 0);
	assert_false(may(scene, NEAR));
}

/* Puts a user's file in some way that it must not be. */
static void
put_link(const char *path)
{
	char target[PATH_SIZE + 8];

	snprintf(target, sizeof(target), "%s.target", path);
	folder_put(target, "allow .*\n", 9, 0644);
	assert_int_equal(symlink(target, path), 0);
}

static void
put_dead_link(const char *path)
{
	assert_int_equal(symlink("/nonexistent", path), 0);
}

static void
put_link_to_device(const char *path)
{
	assert_int_equal(symlink("/dev/zero", path), 0);
}

static void
put_directory(const char *path)
{
	assert_int_equal(mkdir(path, 0755), 0);
}

static void
put_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0644), 0);
}

static void
put_group_writable(const char *path)
{
	folder_put(path, "allow .*\n", 9, 0644);
	assert_int_equal(chmod(path, 0664), 0);
}

static void
put_world_writable(const char *path)
{
	folder_put(path, "allow .*\n", 9, 0644);
	assert_int_equal(chmod(path, 0646), 0);
}

static void
put_huge(const char *path)
{
	static char huge[RULEFILE_USER_MAX + 1];

	memset(huge, '#', sizeof(huge));
	folder_put(path, huge, sizeof(huge), 0644);
}

static void
put_many(const char *path)
{
	static char text[sizeof("deny a\n") * (RULES_USER_COST_MAX + 1)];
	size_t len = 0;
	int i;

	for (i = 0; i <= RULES_USER_COST_MAX; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "deny a\n");
	folder_put(path, text, len, 0644);
}

static void
a_file_that_is_not_as_it_should_be_denies_all(void **state)
{
	static const struct {
		void (*put)(const char *path);
		const char *reason;
	} cases[] = {
		{ put_link, "not a regular file" },
		{ put_dead_link, "not a regular file" },
		{ put_link_to_device, "not a regular file" },
		{ put_directory, "not a regular file" },
		{ put_fifo, "not a regular file" },
		{ put_group_writable, "others may write to it" },
		{ put_world_writable, "others may write to it" },
		{ put_huge, "too long" },
		{ put_many, "too many rules" },
	};
	struct scene *scene = *state;
	const char *path = path_of(scene, "bob");
	int before;
	size_t i;

	begin_without_site(scene);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		before = logged(scene, cases[i].reason);
		cases[i].put(path);
		assert_false(may(scene, "127.0.0.1"));
		assert_false(may(scene, NEAR));
		assert_int_equal(logged(scene, cases[i].reason), before + 1);
		assert_int_equal(remove(path), 0);
		assert_true(may(scene, NEAR));
	}
}

static void
a_file_that_is_made_right_counts(void **state)
{
	struct scene *scene = *state;
	const char *path = path_of(scene, "bob");

	begin_without_site(scene);
	put_group_writable(path);
	assert_false(may(scene, NEAR));
	assert_int_equal(chmod(path, 0644), 0);
	assert_true(may(scene, NEAR));
}

static void
somebody_else_s_file_denies_all(void **state)
{
	struct scene *scene = *state;

	begin_without_site(scene);
	put_talkrc(scene, "bob", "allow .*\n");
	homes_owner = geteuid() + 1;
	assert_false(may(scene, NEAR));
	assert_int_equal(logged(scene, "not the user's own"), 1);
	homes_owner = geteuid();
	assert_true(may(scene, NEAR));
}

static void
a_file_that_the_daemon_cannot_read_denies_all(void **state)
{
	struct scene *scene = *state;

	begin_without_site(scene);
	put_talkrc(scene, "bob", "allow .*\n");
	become_nobody(scene);
	assert_int_equal(chmod(path_of(scene, "bob"), 0), 0);
	assert_false(may(scene, NEAR));
	assert_false(may(scene, NEAR));
	assert_int_equal(chmod(path_of(scene, "bob"), 0600), 0);
	assert_true(may(scene, NEAR));
	become_oneself();
	assert_int_equal(logged(scene, "Permission denied: all is denied"), 1);
}

static void
a_file_with_a_nul_denies_all(void **state)
{
	struct scene *scene = *state;

	begin_without_site(scene);
	folder_put(path_of(scene, "bob"), "allow .*\0\n", 10, 0644);
	assert_false(may(scene, NEAR));
	assert_int_equal(logged(scene, "/bob/.talkrc:1: a NUL in it"), 1);
}

static void
more_users_than_are_kept_have_their_rules_all_the_same(void **state)
{
	struct scene *scene = *state;
	char user[16], path[PATH_SIZE];
	int round, i;

	begin_without_site(scene);
	for (i = 0; i < 2 * ACCESS_USERS_MAX; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		snprintf(path, sizeof(path), "%s/%s", scene->directory, user);
		assert_int_equal(mkdir(path, 0755), 0);
		put_talkrc(scene, user, i % 2 == 0 ? "deny .*" : "deny adam");
	}
	for (round = 0; round < 3; round++)
		for (i = 0; i < 2 * ACCESS_USERS_MAX; i++) {
			snprintf(user, sizeof(user), "user%d", i);
			assert_int_equal(judge(scene, user, "eve", NEAR, ""),
			    i % 2 == 0 ? ACCESS_DENIED : ACCESS_ALLOWED);
		}
}

/* -------------------------------------------------------------- limits --- */

/* How many rings and messages in a row pass. */
static void
assert_limits(struct limits *limits, int rings, int messages)
{
	static struct address host = { 4, { 198, 51, 100 }, 0, 0 };
	int passed = 0;

	host.bytes[3]++;
	while (passed < 100 && limits_take(limits, LIMITS_RINGS, &host, 0))
		passed++;
	assert_int_equal(passed, rings);
	passed = 0;
	while (passed < 100 && limits_take(limits, LIMITS_MESSAGES, &host, 0))
		passed++;
	assert_int_equal(passed, messages);
}

static void
limits_are_as_the_site_has_them_and_then_as_usual(void **state)
{
	static const uint8_t key[SIPHASH_KEY_SIZE] = "0123456789abcde";
	struct scene *scene = *state;
	struct limits *limits = limits_new(key);

	put_site(scene, "limit rings 3 1\nlimit messages none\n");
	access_govern(scene->access, limits);
	assert_limits(limits, 3, 100);
	put_site(scene, "limit messages 5 1\n");
	assert_true(may(scene, NEAR));
	assert_limits(limits, 10, 5);
	put_site(scene, "limit messages 5 1\nlimit messages 0 1\n");
	assert_false(may(scene, NEAR));
	assert_limits(limits, 10, 5);
	assert_int_equal(unlink(scene->site), 0);
	assert_false(may(scene, NEAR));
	assert_limits(limits, 10, 40);
	limits_free(limits);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(without_rules_those_near_may_and_no_others),
		CASE(an_empty_site_file_leaves_the_default),
		CASE(the_site_opens_what_is_far_and_closes_what_is_near),
		CASE(
		    the_site_s_regex_is_about_the_callee_and_the_user_s_about_the_caller),
		CASE(who_is_no_user_is_judged_by_the_site),
		CASE(a_name_is_waited_for_and_can_decide),
		CASE(a_name_is_asked_for_only_where_it_decides),
		CASE(the_site_s_rules_are_read_when_they_change_and_told_once),
		CASE(rules_that_are_gone_deny_all_until_they_are_back),
		CASE(no_daemon_begins_with_rules_that_it_cannot_read),
		CASE(a_path_too_long_is_not_cut_to_another),
		CASE(a_user_can_deny_what_is_left_and_allow_no_more),
		CASE(a_user_s_rules_are_read_when_they_change),
		CASE(where_no_file_can_be_there_are_no_rules),
		CASE(
		    a_home_that_is_closed_to_the_daemon_has_no_rules_until_it_opens),
		CASE(a_file_that_is_not_as_it_should_be_denies_all),
		CASE(a_file_that_is_made_right_counts),
		CASE(somebody_else_s_file_denies_all),
		CASE(a_file_that_the_daemon_cannot_read_denies_all),
		CASE(a_file_with_a_nul_denies_all),
		CASE(more_users_than_are_kept_have_their_rules_all_the_same),
		CASE(limits_are_as_the_site_has_them_and_then_as_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
