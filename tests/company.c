/*
 * Alice, bob and their talkd.
 */
#include <sys/socket.h>
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

#include "company.h"
#include "question.h"

enum { ARGS_MAX = 16 };

/* Where no ~/.talkrc is. */
static const char *const environment[] = { "HOME=/nonexistent", NULL };

int
company_open(void **state)
{
	struct daemon_setup setup = { .as_inetd = true };
	struct company *company = calloc(1, sizeof(*company));
	const struct passwd *user = getpwuid(getuid());

	assert_non_null(company);
	assert_non_null(user);
	*state = company;
	company->user = user->pw_name;
	company->stage = stage_open(stderr);
	assert_non_null(company->stage);
	company->talkd = stage_start_talkd(
	    company->stage, &setup, &company->port);
	assert_non_null(company->talkd);
	snprintf(company->port_text, sizeof(company->port_text), "%u",
	    (unsigned)company->port);
	company->alice = company_sit(company, "alice");
	company->bob = company_sit(company, "bob");
	return 0;
}

static bool
is_clean(const struct actor *actor)
{
	const char *complaint = emulator_complaint(actor_screen(actor));

	if (complaint[0] != '\0')
		print_error("a screen was sent %s\n", complaint);
	return complaint[0] == '\0';
}

int
company_close(void **state)
{
	struct company *company = *state;
	bool clean = is_clean(company->alice) && is_clean(company->bob);

	stage_close(company->stage);
	free(company);
	return clean ? 0 : -1;
}

struct actor *
company_sit(struct company *company, const char *name)
{
	struct actor_setup setup = { .name = name };
	struct actor *actor = actor_start(company->stage, &setup);

	assert_non_null(actor);
	return actor;
}

/* talk -p PORT with the arguments. */
static void
put_command(const struct company *company, const char *const *args,
    const char *argv[ARGS_MAX])
{
	size_t count = 0;

	argv[count++] = stage_talk();
	argv[count++] = "-p";
	argv[count++] = company->port_text;
	for (; *args != NULL; args++) {
		assert_true(count < ARGS_MAX - 1);
		argv[count++] = strcmp(*args, "$USER") == 0 ? company->user
							    : *args;
	}
	argv[count] = NULL;
}

void
company_talk(
    struct company *company, struct actor *actor, const char *const *args)
{
	const char *argv[ARGS_MAX];
	struct actor_setup setup = { .argv = argv, .environment = environment };

	put_command(company, args, argv);
	assert_true(actor_play(actor, &setup));
}

struct actor *
company_talk_in_lines(
    struct company *company, const char *name, const char *const *args)
{
	const char *argv[ARGS_MAX] = { NULL };
	const char *line_args[ARGS_MAX] = { "-n" };
	struct actor_setup setup = { .name = name,
		.argv = argv,
		.environment = environment,
		.place = AT_PIPES };
	struct actor *actor;
	size_t i;

	for (i = 0; i < ARGS_MAX - 2 && args[i] != NULL; i++)
		line_args[i + 1] = args[i];
	line_args[i + 1] = NULL;
	put_command(company, line_args, argv);
	actor = actor_start(company->stage, &setup);
	assert_non_null(actor);
	return actor;
}

void
company_ring(struct company *company, char whom[WHOM_SIZE])
{
	const char *const args[] = { "$USER", actor_terminal(company->bob),
		NULL };

	actor_clear(company->alice);
	actor_clear(company->bob);
	company_talk(company, company->alice, args);
	assert_true(actor_sees(company->bob, "respond with:"));
	assert_true(actor_read_ring(company->bob, whom, WHOM_SIZE));
}

void
company_answer(struct company *company, const char *whom)
{
	const char *const args[] = { whom, NULL };

	company_talk(company, company->bob, args);
	assert_true(
	    actor_separator_says(company->bob, "Connection established"));
	assert_true(
	    actor_separator_says(company->alice, "Connection established"));
}

void
company_connect(struct company *company)
{
	char whom[WHOM_SIZE];

	company_ring(company, whom);
	company_answer(company, whom);
}

void
company_leaves(struct actor *actor, int exit_status)
{
	int status;

	assert_true(actor_wait(actor, &status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
	if (actor_screen(actor) != NULL)
		assert_true(actor_is_cooked(actor));
}

void
company_part(struct company *company)
{
	actor_type(company->alice, "\003");
	company_leaves(company->alice, 0);
	assert_true(actor_separator_says(company->bob, "Connection closed"));
	actor_type(company->bob, "\003");
	company_leaves(company->bob, 0);
}

struct talk_reply
company_look_up(const struct company *company)
{
	struct talk_request request = { .type = TALK_LOOK_UP, .pid = 1 };

	snprintf(request.l_name, sizeof(request.l_name), "%s", company->user);
	snprintf(request.r_name, sizeof(request.r_name), "%s", company->user);
	return question_ask(company->port, &request);
}

int
company_connect_by_hand(
    const struct company *company, const struct in_addr *from)
{
	struct talk_reply reply = company_look_up(company);
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_storage there;
	socklen_t len = address_to_sockaddr(&reply.addr, &there);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(reply.answer, TALK_SUCCESS);
	assert_true(fd >= 0);
	if (from != NULL) {
		own.sin_addr = *from;
		assert_int_equal(
		    bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	}
	assert_int_equal(connect(fd, (struct sockaddr *)&there, len), 0);
	return fd;
}

static bool
nobody_calls(const void *company)
{
	return company_look_up(company).answer == TALK_NOT_HERE;
}

void
company_nobody_calls(struct company *company)
{
	assert_true(stage_wait(company->stage, nobody_calls, company));
}
