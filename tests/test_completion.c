/*
 * The completion of talk's command line, as somebody sees it who presses TAB in
 * bash or zsh.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "stage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { PATH_SIZE = 64 };

static const char talkrc[] = "set bell off\nalias mummy carol@h9\n";

static const char known_hosts[] = "h2fast,10.0.0.2 ssh-ed25519 AAAA\n"
				  "[h3slow.example]:2222 ssh-rsa AAAA\n"
				  "|1|c2FsdA==|aGFzaA== ssh-rsa AAAA\n"
				  "h4$(reboot) ssh-rsa AAAA\n"
				  "h4quiet ssh-rsa AAAA\n"
				  "# a comment\n";

struct scene {
	struct stage *stage;
	char home[PATH_SIZE];
	char ssh[PATH_SIZE + 32];
	char talkrc[PATH_SIZE + 32];
	char known_hosts[PATH_SIZE + 64];
	char home_variable[PATH_SIZE + 32];
	const char *environment[3];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	*state = scene;
	scene->stage = stage_open(stderr);
	assert_non_null(scene->stage);
	folder_make(scene->home);
	snprintf(scene->ssh, sizeof(scene->ssh), "%s/.ssh", scene->home);
	snprintf(
	    scene->talkrc, sizeof(scene->talkrc), "%s/.talkrc", scene->home);
	snprintf(scene->known_hosts, sizeof(scene->known_hosts),
	    "%s/known_hosts", scene->ssh);
	assert_int_equal(mkdir(scene->ssh, 0700), 0);
	folder_put(scene->talkrc, talkrc, strlen(talkrc), 0600);
	folder_put(scene->known_hosts, known_hosts, strlen(known_hosts), 0600);
	snprintf(scene->home_variable, sizeof(scene->home_variable), "HOME=%s",
	    scene->home);
	scene->environment[0] = scene->home_variable;
	scene->environment[1] = "TERM=dumb";
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	stage_close(scene->stage);
	folder_remove(scene->home);
	free(scene);
	return 0;
}

/* Skips the test where there is no such shell. */
static void
need(const struct scene *scene, const char *shell)
{
	const char *const argv[] = { "sh", "-c", "command -v \"$0\"", shell,
		NULL };
	const struct actor_setup setup = {
		.name = "sh", .argv = argv, .place = AT_PIPES
	};
	struct actor *actor = actor_start(scene->stage, &setup);
	int status;

	assert_non_null(actor);
	assert_true(actor_wait(actor, &status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	print_message("there is no %s here\n", shell);
	skip();
}

/* A shell at a terminal, which has taken a command and is ready. */
static struct actor *
start_shell(
    const struct scene *scene, const char *const *argv, const char *command)
{
	const struct actor_setup setup = {
		.name = argv[0], .argv = argv, .environment = scene->environment
	};
	struct actor *shell = actor_start(scene->stage, &setup);

	assert_non_null(shell);
	actor_type(shell, command);
	actor_type(shell, "; echo re''ady\r");
	assert_true(actor_sees(shell, "ready"));
	return shell;
}

/* On a fresh line, that becomes this when TAB is pressed. */
static void
check(struct actor *shell, const char *typed, const char *completed)
{
	actor_type(shell, "\025");
	actor_type(shell, typed);
	actor_type(shell, "\t");
	assert_true(actor_sees(shell, completed));
}

/* Alice's own name completes: she sits at a terminal. */
static void
check_user(struct actor *shell)
{
	const struct passwd *user = getpwuid(getuid());
	char line[PATH_SIZE];

	assert_non_null(user);
	snprintf(line, sizeof(line), "talk -s %s", user->pw_name);
	line[strlen(line) - 1] = '\0';
	actor_type(shell, "\025");
	actor_type(shell, line);
	actor_type(shell, "\t@there");
	snprintf(line, sizeof(line), "talk -s %s @there", user->pw_name);
	assert_true(actor_sees(shell, line));
}

/* Whether the system's own list of hosts has that one: some have no list. */
static bool
is_listed(const char *host)
{
	FILE *file = fopen("/etc/hosts", "r");
	char line[PATH_SIZE];
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof(line), file))
		found = line[0] != '#' && strstr(line, host) != NULL;
	if (file != NULL)
		fclose(file);
	return found;
}

static void
check_all(struct actor *shell)
{
	static const char *const lines[][2] = {
		{ "talk mu", "talk mummy" },
		{ "talk -m mu", "talk -m mummy" },
		{ "talk -w 6 mu", "talk -w 6 mummy" },
		{ "talk bob@h2", "talk bob@h2fast" },
		{ "talk -n bob@h3", "talk -n bob@h3slow.example" },
		{ "talk -m @h2", "talk -m @h2fast" },
		{ "talk -o READ", "talk -o README" },
		{ "talk -so READ", "talk -so README" },
	};
	size_t i;

	for (i = 0; i < COUNT(lines); i++)
		check(shell, lines[i][0], lines[i][1]);
	if (is_listed("localhost"))
		check(shell, "talk -m bob@localho", "talk -m bob@localhost");
	check_user(shell);
}

static void
bash_completes_persons_hosts_and_files(void **state)
{
	static const char *const argv[] = { "bash", "--norc", "--noprofile",
		"-i", NULL };
	const struct scene *scene = *state;
	struct actor *shell;

	need(scene, "bash");
	shell = start_shell(scene, argv, ". talk/talk.bash");
	check_all(shell);
	/* What the shell would obey is no name of a host. */
	check(shell, "talk bob@h4", "talk bob@h4quiet");
}

static void
zsh_completes_persons_hosts_and_files(void **state)
{
	static const char *const argv[] = { "zsh", "-f", "-i", NULL };
	const struct scene *scene = *state;

	need(scene, "zsh");
	check_all(start_shell(scene, argv,
	    "fpath=($PWD/talk $fpath); autoload -U compinit; "
	    "compinit -D -u"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    bash_completes_persons_hosts_and_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    zsh_completes_persons_hosts_and_files, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
