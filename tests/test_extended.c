/*
 * The extension with the real talkd, over loopback: who has none behind his
 * request gets what he always got, and who has is told of IPv6, of terminals
 * and reasons, and who calls.
 */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE /* getifaddrs */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/extension.h"
#include "host.h"
#include "puppet.h"
#include "stage.h"

enum {
	PATIENCE = 10000, /* milliseconds, for what must come */
	NOBODY = 65534,
	PATH_SIZE = 64,
	STRANGERS = 1000000, /* a uid from which on there are no users */
};

struct scene {
	struct stage *stage;
	struct actor *talkd;
	uint16_t port;
	int client; /* at 127.0.0.1 */
	char user[PERSON_USER_SIZE];
	/* Two of long names that begin alike; they exist for the daemon only,
	   by this file, and their terminals for this run of the tests. */
	uid_t kin, son;
	char passwd[PATH_SIZE];
	char rules[PATH_SIZE];
};

/* What came back. */
struct told {
	struct talk_reply reply;
	bool extended;
	struct extension_reply more;
	size_t len;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE + 1];
};

/* -------------------------------------------------------------- asking --- */

/* A socket connected to the daemon at an address; -1 when there is no such. */
static int
open_client(const char *number, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	bool is_ipv4 = inet_pton(AF_INET, number, &in.sin_addr) == 1;
	int fd = socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);

	if (!is_ipv4)
		assert_int_equal(
		    inet_pton(AF_INET6, number, &in6.sin6_addr), 1);
	if (connect(fd,
		is_ipv4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6,
		is_ipv4 ? sizeof(in) : sizeof(in6)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Sends bytes and takes in the reply; false when none comes. */
static bool
exchange(int client, const uint8_t *bytes, size_t len, struct told *told)
{
	struct pollfd ready = { client, POLLIN, 0 };
	ssize_t got;

	*told = (struct told){ 0 };
	if (send(client, bytes, len, 0) != (ssize_t)len ||
	    poll(&ready, 1, PATIENCE) != 1)
		return false;
	got = recv(client, told->bytes, sizeof(told->bytes), 0);
	if (got < 0)
		return false;
	told->len = (size_t)got;
	if (!ntalk_get_reply(told->bytes, told->len, &told->reply))
		return false;
	told->extended = extension_get_reply(
	    told->bytes, told->len, &told->reply, &told->more);
	return told->len <= len;
}

static struct told
ask(int client, const struct talk_request *req, bool lists, uint16_t skip)
{
	const struct extension_request more = { lists, skip };
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct told told;
	size_t len = extension_put_request(req, &more, bytes);

	assert_true(exchange(client, bytes, len, &told));
	assert_true(told.extended);
	assert_int_equal(told.reply.type, req->type);
	return told;
}

/* Asks with a classic request; the reply must be as classic. */
static struct talk_reply
ask_plainly(int client, const struct talk_request *req)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct told told;

	ntalk_put_request(req, bytes);
	assert_true(exchange(client, bytes, sizeof(bytes), &told));
	assert_int_equal(told.len, NTALK_REPLY_SIZE);
	return told.reply;
}

static struct talk_request
request(enum talk_type type, const char *l_name, const char *r_name)
{
	struct talk_request req = {
		.type = type,
		.id = NTALK_NO_ID,
		.addr = { 4, { 127, 0, 0, 1 }, 4660, 0 },
		.pid = 7,
	};

	snprintf(req.l_name, sizeof(req.l_name), "%s", l_name);
	snprintf(req.r_name, sizeof(req.r_name), "%s", r_name);
	return req;
}

/* Somebody calls a user at a terminal, NULL for any, and is answered. */
static struct told
announce(const struct scene *scene, const char *caller, const char *callee,
    const char *terminal)
{
	struct talk_request req = request(TALK_ANNOUNCE, caller, callee);

	if (terminal != NULL)
		snprintf(req.r_tty, sizeof(req.r_tty), "%s", terminal);
	return ask(scene->client, &req, false, 0);
}

static struct told
list(const struct scene *scene, uint16_t skip)
{
	struct talk_request req = request(TALK_LOOK_UP, scene->user, "");

	return ask(scene->client, &req, true, skip);
}

/*
 * Has another user of this host ask who calls; the one of the tests, unless
 * that is root.
 */
static struct told
list_as(const struct scene *scene, uid_t uid, const char *user)
{
	struct talk_request req = request(TALK_LOOK_UP, user, "");
	struct told told;
	int ends[2], status;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0) {
		if (getuid() == 0 && setuid(uid) != 0)
			_exit(1);
		told = ask(
		    open_client("127.0.0.1", scene->port), &req, true, 0);
		got = write(ends[1], &told, sizeof(told));
		_exit(got == (ssize_t)sizeof(told) ? 0 : 1);
	}
	close(ends[1]);
	got = read(ends[0], &told, sizeof(told));
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(got, (ssize_t)sizeof(told));
	return told;
}

/* ----------------------------------------------------------- the scene --- */

/* Rules, which the daemon reads anew when they change. */
static void
write_rules(const struct scene *scene, const char *text)
{
	FILE *file = fopen(scene->rules, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Begins with no limit, nor a pause between two rings. */
static void
begin_rules(struct scene *scene)
{
	int fd;

	snprintf(scene->rules, sizeof(scene->rules), "/tmp/test_rules.XXXXXX");
	fd = mkstemp(scene->rules);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
	write_rules(scene, "limit rings none\n");
}

/* Starts a daemon with that program and its arguments before its own. */
static void
serve(struct scene *scene, const char *const *command)
{
	static const char *const options[] = { "-F", "-d", "-p", "0" };
	const char *argv[16] = { NULL };
	const struct actor_setup setup = {
		.name = "talkd", .argv = argv, .place = AT_PIPES
	};
	const char *port;
	size_t i, count = 0;

	while (*command != NULL)
		argv[count++] = *command++;
	argv[count++] = stage_talkd();
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		argv[count++] = options[i];
	begin_rules(scene);
	argv[count++] = "-a";
	argv[count++] = scene->rules;
	if (!puppet_has_ipv6())
		argv[count++] = "-4";
	scene->talkd = actor_start(scene->stage, &setup);
	assert_non_null(scene->talkd);
	assert_true(
	    actor_states(scene->talkd, puppet_has_ipv6() ? "::" : "0.0.0.0"));
	assert_true(actor_states(scene->talkd, "\n"));
	port = strstr(actor_errors(scene->talkd), " port ");
	assert_non_null(port);
	scene->port = (uint16_t)atoi(port + strlen(" port "));
	scene->client = open_client("127.0.0.1", scene->port);
	assert_int_not_equal(scene->client, -1);
}

static const char *const by_itself[] = { NULL };

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	const struct passwd *user = getpwuid(getuid());

	*state = scene;
	if (scene == NULL || user == NULL)
		return -1;
	scene->client = -1;
	scene->kin = STRANGERS + 2 * (uid_t)getpid();
	scene->son = scene->kin + 1;
	snprintf(scene->user, sizeof(scene->user), "%s", user->pw_name);
	scene->stage = stage_open(stderr);
	return scene->stage != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	stage_close(scene->stage);
	if (scene->client != -1)
		close(scene->client);
	if (scene->passwd[0] != '\0')
		(void)unlink(scene->passwd);
	if (scene->rules[0] != '\0')
		(void)unlink(scene->rules);
	free(scene);
	return 0;
}

static struct actor *
sit(const struct scene *scene)
{
	const struct actor_setup setup = { .name = "terminal",
		.place = AT_TERMINAL };
	struct actor *actor = actor_start(scene->stage, &setup);

	assert_non_null(actor);
	return actor;
}

/* ------------------------------------------------ who has no extension --- */

static void
a_plain_request_is_answered_as_ever(void **state)
{
	static const uint8_t not_here[NTALK_REPLY_SIZE] = { 1, TALK_LOOK_UP,
		TALK_NOT_HERE };
	static const uint8_t gone[NTALK_REPLY_SIZE] = { 1, TALK_ANNOUNCE,
		TALK_NOT_HERE };
	static const uint8_t zero[16] = { 0 };
	struct scene *scene = *state;
	struct talk_request req = request(TALK_LOOK_UP, "bob", "alice");
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct told told;

	serve(scene, by_itself);
	ntalk_put_request(&req, bytes);
	assert_true(exchange(scene->client, bytes, sizeof(bytes), &told));
	assert_int_equal(told.len, sizeof(not_here));
	assert_memory_equal(told.bytes, not_here, sizeof(not_here));
	req = request(TALK_ANNOUNCE, "bob", "no-such-user");
	ntalk_put_request(&req, bytes);
	assert_true(exchange(scene->client, bytes, sizeof(bytes), &told));
	assert_int_equal(told.len, sizeof(gone));
	assert_memory_equal(told.bytes, gone, sizeof(gone));
	req = request(TALK_LEAVE_INVITE, scene->user, "bob");
	ntalk_put_request(&req, bytes);
	assert_true(exchange(scene->client, bytes, sizeof(bytes), &told));
	assert_int_equal(told.len, NTALK_REPLY_SIZE);
	assert_memory_equal(told.bytes, "\1\0\0\0", 4);
	assert_int_not_equal(told.reply.id, 0);
	assert_memory_equal(told.bytes + 8, zero, sizeof(zero));
}

static void
a_faulty_extension_is_none(void **state)
{
	static const struct extension_request nothing = { 0 };
	struct scene *scene = *state;
	struct talk_request req = request(TALK_LOOK_UP, "bob", "alice");
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	size_t len = extension_put_request(&req, &nothing, bytes);
	struct told told;

	serve(scene, by_itself);
	assert_true(exchange(scene->client, bytes, len, &told));
	assert_true(told.extended);
	assert_true(exchange(scene->client, bytes, len - 1, &told));
	assert_int_equal(told.len, NTALK_REPLY_SIZE);
	bytes[NTALK_REQUEST_SIZE + 3]++; /* the version */
	assert_true(exchange(scene->client, bytes, len, &told));
	assert_int_equal(told.len, NTALK_REPLY_SIZE);
}

/* ------------------------------------------------------------- ringing --- */

static void
a_ring_tells_its_terminal_and_a_resend_nothing(void **state)
{
	struct scene *scene = *state;
	struct actor *actor;
	struct told told, again;
	struct talk_request req;

	serve(scene, by_itself);
	actor = sit(scene);
	told = announce(scene, "alice", scene->user, actor_terminal(actor));
	assert_int_equal(told.reply.answer, TALK_SUCCESS);
	assert_int_equal(told.more.reason, EXTENSION_NO_REASON);
	assert_int_equal(told.more.terminal_count, 1);
	assert_string_equal(told.more.terminals[0], actor_terminal(actor));
	assert_true(actor_sees(actor, "connection requested by alice@"));
	again = announce(scene, "alice", scene->user, actor_terminal(actor));
	assert_int_equal(again.reply.id, told.reply.id);
	assert_int_equal(again.more.terminal_count, 0);
	req = request(TALK_ANNOUNCE, "alice", scene->user);
	snprintf(req.r_tty, sizeof(req.r_tty), "%s", actor_terminal(actor));
	req.id = told.reply.id + 1;
	again = ask(scene->client, &req, false, 0);
	assert_int_equal(again.reply.answer, TALK_SUCCESS);
	assert_int_equal(again.more.terminal_count, 1);
}

static void
a_caller_is_named_in_full(void **state)
{
	struct scene *scene = *state;
	struct actor *actor;

	serve(scene, by_itself);
	actor = sit(scene);
	announce(scene, "bartholomew-the-elder-of-the-hil", scene->user,
	    actor_terminal(actor));
	assert_true(actor_sees(actor,
	    "connection requested by bartholomew-the-elder-of-the-hil@"));
}

static void
a_refusal_has_a_reason(void **state)
{
	struct scene *scene = *state;
	struct actor *actor;
	struct told told;
	int i;

	serve(scene, by_itself);
	actor = sit(scene);
	actor_mesg(actor, false);
	told = announce(scene, "alice", scene->user, actor_terminal(actor));
	assert_int_equal(told.reply.answer, TALK_PERMISSION_DENIED);
	assert_int_equal(told.more.reason, EXTENSION_CLOSED);
	actor_mesg(actor, true);
	actor_stop_output(actor);
	told = announce(scene, "alice", scene->user, actor_terminal(actor));
	assert_int_equal(told.reply.answer, TALK_FAILED);
	assert_int_equal(told.more.reason, EXTENSION_STUCK);
	actor_go_on(actor);
	told = announce(scene, "alice", "no-such-user", NULL);
	assert_int_equal(told.reply.answer, TALK_NOT_HERE);
	assert_int_equal(told.more.reason, EXTENSION_NO_REASON);
	write_rules(scene, "limit rings 2 1\n");
	for (i = 0; i < 9 && told.more.reason != EXTENSION_TOO_OFTEN; i++) {
		char caller[PERSON_USER_SIZE];

		snprintf(caller, sizeof(caller), "alice%d", i);
		told = announce(
		    scene, caller, scene->user, actor_terminal(actor));
	}
	assert_int_equal(told.reply.answer, TALK_FAILED);
	assert_int_equal(told.more.reason, EXTENSION_TOO_OFTEN);
	assert_in_range(told.more.seconds, 1, 60);
}

static void
an_impostor_is_told_so(void **state)
{
	struct scene *scene = *state;
	struct told told;

	if (!host_tells_owners())
		skip();
	serve(scene, by_itself);
	told = list_as(scene, NOBODY, "no-such-user");
	assert_int_equal(told.reply.answer, TALK_PERMISSION_DENIED);
	assert_int_equal(told.more.reason, EXTENSION_IMPOSTOR);
}

/* -------------------------------------------------------- who calls me --- */

static void
nobody_calls_and_then_several_the_newest_first(void **state)
{
	static const char *const callers[] = { "alice", "bob",
		"carol-whose-name-is-a-long-one" };
	struct scene *scene = *state;
	struct actor *actor;
	struct told told;
	size_t i;

	serve(scene, by_itself);
	actor = sit(scene);
	told = list(scene, 0);
	assert_int_equal(told.reply.answer, TALK_NOT_HERE);
	assert_int_equal(told.more.call_count, 0);
	for (i = 0; i < 3; i++)
		announce(scene, callers[i], scene->user, actor_terminal(actor));
	told = list(scene, 0);
	assert_int_equal(told.reply.answer, TALK_SUCCESS);
	assert_int_equal(told.reply.id, 0);
	assert_int_equal(told.more.call_count, 3);
	for (i = 0; i < 3; i++) {
		assert_string_equal(told.more.calls[i].caller, callers[2 - i]);
		assert_string_equal(told.more.calls[i].host, "localhost");
		assert_in_range(told.more.calls[i].age, 0, 60);
	}
	told = list(scene, 2);
	assert_int_equal(told.more.call_count, 1);
	assert_string_equal(told.more.calls[0].caller, "alice");
	told = list(scene, 3);
	assert_int_equal(told.reply.answer, TALK_NOT_HERE);
}

static void
a_call_that_is_over_is_not_listed(void **state)
{
	struct scene *scene = *state;
	struct talk_request req = request(TALK_DELETE, "alice", "bob");
	struct actor *actor;
	struct told told;

	serve(scene, by_itself);
	actor = sit(scene);
	announce(scene, "alice", scene->user, actor_terminal(actor));
	told = announce(scene, "bob", scene->user, actor_terminal(actor));
	req.id = told.reply.id;
	assert_int_equal(
	    ask(scene->client, &req, false, 0).reply.answer, TALK_SUCCESS);
	told = list(scene, 0);
	assert_int_equal(told.more.call_count, 1);
	assert_string_equal(told.more.calls[0].caller, "alice");
}

static void
an_invitation_is_no_call(void **state)
{
	struct scene *scene = *state;
	struct talk_request req = request(
	    TALK_LEAVE_INVITE, scene->user, scene->user);

	serve(scene, by_itself);
	assert_int_equal(
	    ask(scene->client, &req, false, 0).reply.answer, TALK_SUCCESS);
	assert_int_equal(list(scene, 0).reply.answer, TALK_NOT_HERE);
}

static void
nobody_else_is_told_who_calls(void **state)
{
	struct scene *scene = *state;
	const char *callee = getuid() == 0 ? scene->user : "root";
	struct actor *actor;
	struct told told;

	if (!host_tells_owners())
		skip();
	serve(scene, by_itself);
	actor = sit(scene);
	announce(scene, "alice", scene->user, actor_terminal(actor));
	told = list_as(scene, NOBODY, callee);
	assert_int_equal(told.reply.answer, TALK_PERMISSION_DENIED);
	assert_int_equal(told.more.reason, EXTENSION_IMPOSTOR);
	assert_int_equal(told.more.call_count, 0);
}

/* A list that comes without room is cut; asked on, it comes to its end. */
static void
a_list_is_never_longer_than_its_request(void **state)
{
	static const struct extension_request lists = { .lists = true };
	struct scene *scene = *state;
	struct talk_request req = request(TALK_LOOK_UP, scene->user, "");
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	/* Without its padding: the list is the last element before that. */
	size_t len = NTALK_REQUEST_SIZE + 4 + 4;
	struct actor *actor;
	struct told told;
	char caller[PERSON_USER_SIZE];
	int i;

	if (strlen(scene->user) >= NTALK_NAME_SIZE)
		len += 2 + strlen(scene->user);
	serve(scene, by_itself);
	actor = sit(scene);
	for (i = 0; i < 5; i++) {
		snprintf(caller, sizeof(caller), "caller-%024d", i);
		announce(scene, caller, scene->user, actor_terminal(actor));
	}
	assert_int_equal(list(scene, 0).more.call_count, 5);
	(void)extension_put_request(&req, &lists, bytes);
	assert_true(exchange(scene->client, bytes, len, &told));
	assert_true(told.extended);
	assert_int_equal(told.reply.answer, TALK_SUCCESS);
	assert_in_range(told.more.call_count, 1, 2);
	assert_true(told.len <= len);
}

/* ---------------------------------------------------------------- IPv6 --- */

static const struct address ipv6_loopback = { 6, { [15] = 1 }, 4660, 0 };

static void
an_ipv6_invitation_is_found_by_an_extension_alone(void **state)
{
	struct scene *scene = *state;
	struct talk_request invite = request(
	    TALK_LEAVE_INVITE, scene->user, "bob");
	struct talk_request look = request(TALK_LOOK_UP, "bob", scene->user);
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	struct talk_reply plain;
	struct told told;
	uint32_t id = 0;
	int i, client;

	if (!puppet_has_ipv6())
		skip();
	serve(scene, by_itself);
	invite.addr = ipv6_loopback;
	for (i = 0; i < 2; i++) {
		client = open_client(hosts[i], scene->port);
		told = ask(client, &invite, false, 0);
		assert_int_equal(told.reply.answer, TALK_SUCCESS);
		assert_int_not_equal(told.reply.id, id);
		id = told.reply.id;
		told = ask(client, &look, false, 0);
		assert_int_equal(told.reply.answer, TALK_SUCCESS);
		assert_int_equal(told.reply.id, id);
		assert_true(address_equal(&told.reply.addr, &ipv6_loopback));
		plain = ask_plainly(client, &look);
		assert_int_equal(plain.answer, TALK_NOT_HERE);
		assert_int_equal(plain.id, 0);
		close(client);
	}
}

static void
an_ipv4_invitation_is_found_by_both(void **state)
{
	struct scene *scene = *state;
	struct talk_request invite = request(
	    TALK_LEAVE_INVITE, scene->user, "bob");
	struct talk_request look = request(TALK_LOOK_UP, "bob", scene->user);
	struct talk_reply plain;
	struct told told;

	serve(scene, by_itself);
	assert_int_equal(
	    ask(scene->client, &invite, false, 0).reply.answer, TALK_SUCCESS);
	told = ask(scene->client, &look, false, 0);
	assert_true(address_equal(&told.reply.addr, &invite.addr));
	plain = ask_plainly(scene->client, &look);
	assert_true(address_equal(&plain.addr, &invite.addr));
}

static void
an_ipv6_address_of_another_host_is_refused(void **state)
{
	struct scene *scene = *state;
	struct talk_request invite = request(
	    TALK_LEAVE_INVITE, scene->user, "bob");

	if (!puppet_has_ipv6())
		skip();
	serve(scene, by_itself);
	invite.addr = (struct address){ 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		4660, 0 };
	assert_int_equal(
	    ask(scene->client, &invite, false, 0).reply.answer, TALK_BADADDR);
	invite.addr = (struct address){ 6, { 0xfe, 0x80, [15] = 77 }, 4660, 0 };
	assert_int_equal(
	    ask(scene->client, &invite, false, 0).reply.answer, TALK_BADADDR);
	invite.addr = ipv6_loopback;
	invite.addr.port = 0;
	assert_int_equal(
	    ask(scene->client, &invite, false, 0).reply.answer, TALK_BADADDR);
}

/* A link-local address of this host; false when it has none. */
static bool
find_link_local(struct address *found)
{
	struct ifaddrs *all, *next;

	*found = (struct address){ 0 };
	if (getifaddrs(&all) != 0)
		return false;
	for (next = all; next != NULL; next = next->ifa_next) {
		if (next->ifa_addr == NULL ||
		    next->ifa_addr->sa_family != AF_INET6 ||
		    !address_from_sockaddr(
			found, next->ifa_addr, sizeof(struct sockaddr_in6)))
			continue;
		if (found->bytes[0] == 0xfe && found->bytes[1] == 0x80)
			break;
	}
	freeifaddrs(all);
	return next != NULL;
}

static void
a_link_local_address_needs_no_zone_on_the_wire(void **state)
{
	struct scene *scene = *state;
	struct talk_request invite = request(
	    TALK_LEAVE_INVITE, scene->user, "bob");

	if (!puppet_has_ipv6() || !find_link_local(&invite.addr))
		skip();
	serve(scene, by_itself);
	invite.addr.port = 4660;
	assert_int_equal(
	    ask(scene->client, &invite, false, 0).reply.answer, TALK_SUCCESS);
}

static void
a_call_over_ipv6_rings(void **state)
{
	struct scene *scene = *state;
	struct talk_request req = request(TALK_ANNOUNCE, "alice", scene->user);
	struct actor *actor;
	struct told told;
	int client;

	if (!puppet_has_ipv6())
		skip();
	serve(scene, by_itself);
	actor = sit(scene);
	client = open_client("::1", scene->port);
	req.addr = ipv6_loopback;
	snprintf(req.r_tty, sizeof(req.r_tty), "%s", actor_terminal(actor));
	told = ask(client, &req, false, 0);
	assert_int_equal(told.reply.answer, TALK_SUCCESS);
	assert_true(
	    actor_sees(actor, "connection requested by alice@localhost"));
	req = request(TALK_LOOK_UP, scene->user, "");
	told = ask(client, &req, true, 0);
	assert_int_equal(told.more.call_count, 1);
	assert_string_equal(told.more.calls[0].caller, "alice");
	assert_string_equal(told.more.calls[0].host, "localhost");
	close(client);
}

/* ---------------------------------------------- names that begin alike --- */

/* Whether there can be a namespace of its own for the daemon's files. */
static bool
can_unshare(const struct scene *scene)
{
	static const char *const argv[] = { "unshare", "-m", "true", NULL };
	const struct actor_setup setup = {
		.name = "unshare", .argv = argv, .place = AT_PIPES
	};
	struct actor *actor;
	int status;

	if (getuid() != 0)
		return false;
	actor = actor_start(scene->stage, &setup);
	return actor != NULL && actor_wait(actor, &status) && status == 0;
}

/* Writes the file of all users and two more. */
static void
write_passwd(struct scene *scene)
{
	const struct passwd *entry;
	FILE *file;
	int fd;

	snprintf(scene->passwd, sizeof(scene->passwd), "/tmp/passwd.XXXXXX");
	fd = mkstemp(scene->passwd);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, 0644), 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	setpwent();
	while ((entry = getpwent()) != NULL)
		fprintf(file, "%s:x:%ld:%ld::/:/bin/sh\n", entry->pw_name,
		    (long)entry->pw_uid, (long)entry->pw_gid);
	endpwent();
	fprintf(
	    file, "bartholomewkin:x:%ld:65534::/:/bin/sh\n", (long)scene->kin);
	fprintf(
	    file, "bartholomewson:x:%ld:65534::/:/bin/sh\n", (long)scene->son);
	assert_int_equal(fclose(file), 0);
}

/*
 * Has the daemon alone see two more users, by a file in the place of
 * /etc/passwd in a namespace of its own.  False when that cannot be.
 */
static bool
serve_with_long_names(struct scene *scene)
{
	static const char script[] = "mount --bind \"$0\" /etc/passwd && "
				     "exec \"$@\"";
	const char *const command[] = { "unshare", "-m", "sh", "-c", script,
		scene->passwd, NULL };

	if (!can_unshare(scene))
		return false;
	write_passwd(scene);
	serve(scene, command);
	return true;
}

/* Gives a terminal to a user. */
static struct actor *
sit_as(const struct scene *scene, uid_t uid)
{
	struct actor *actor = sit(scene);
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/dev/%s", actor_terminal(actor));
	assert_int_equal(chown(path, uid, (gid_t)-1), 0);
	return actor;
}

static void
of_two_long_names_the_one_that_is_told_in_full_is_rung(void **state)
{
	struct scene *scene = *state;
	struct talk_request req;
	struct actor *kin, *son;
	struct told told;

	if (!serve_with_long_names(scene))
		skip();
	kin = sit_as(scene, scene->kin);
	son = sit_as(scene, scene->son);
	told = announce(scene, "alice", "bartholomewson", NULL);
	assert_int_equal(told.reply.answer, TALK_SUCCESS);
	assert_string_equal(told.more.terminals[0], actor_terminal(son));
	assert_true(actor_sees(son, "connection requested by alice@"));
	assert_false(actor_shows(kin, "connection"));
	/* Each is told of his own calls. */
	told = list_as(scene, scene->son, "bartholomewson");
	assert_int_equal(told.more.call_count, 1);
	assert_string_equal(told.more.calls[0].caller, "alice");
	told = list_as(scene, scene->kin, "bartholomewkin");
	assert_int_equal(told.reply.answer, TALK_NOT_HERE);
	/* And root of anybody's. */
	req = request(TALK_LOOK_UP, "bartholomewson", "");
	told = ask(scene->client, &req, true, 0);
	assert_int_equal(told.more.call_count, 1);
	if (host_tells_owners()) {
		told = list_as(scene, scene->kin, "bartholomewson");
		assert_int_equal(told.reply.answer, TALK_PERMISSION_DENIED);
	}
	/* What is not cut is nobody's name, though it begins two. */
	told = announce(scene, "alice", "bartholomew", NULL);
	assert_int_equal(told.reply.answer, TALK_NOT_HERE);
	assert_int_equal(told.more.reason, EXTENSION_AMBIGUOUS);
	told = announce(scene, "alice", "bartholomewk", NULL);
	assert_int_equal(told.reply.answer, TALK_NOT_HERE);
	assert_int_equal(told.more.reason, EXTENSION_NO_REASON);
}

static void
a_cut_name_that_begins_two_rings_neither(void **state)
{
	struct talk_request req = request(
	    TALK_ANNOUNCE, "alice", "bartholomew");
	struct scene *scene = *state;
	struct actor *kin, *son;

	if (!serve_with_long_names(scene))
		skip();
	kin = sit_as(scene, scene->kin);
	assert_int_equal(ask_plainly(scene->client, &req).answer, TALK_SUCCESS);
	assert_true(actor_sees(kin, "connection requested by alice@"));
	actor_clear(kin);
	son = sit_as(scene, scene->son);
	req.pid++;
	assert_int_equal(
	    ask_plainly(scene->client, &req).answer, TALK_NOT_HERE);
	assert_true(actor_states(scene->talkd,
	    "called bartholomew, as the names of several users here begin"));
	/* A call by the name in full still comes through. */
	assert_int_equal(
	    announce(scene, "carol", "bartholomewkin", NULL).reply.answer,
	    TALK_SUCCESS);
	assert_true(actor_sees(kin, "connection requested by carol@"));
	assert_false(actor_shows(son, "connection"));
}

static void
an_invitation_to_a_long_name_is_found_by_its_owner_alone(void **state)
{
	struct scene *scene = *state;
	struct talk_request invite = request(
	    TALK_LEAVE_INVITE, scene->user, "bartholomewkin");
	struct talk_request look = request(
	    TALK_LOOK_UP, "bartholomewson", scene->user);

	serve(scene, by_itself);
	assert_int_equal(
	    ask(scene->client, &invite, false, 0).reply.answer, TALK_SUCCESS);
	assert_int_equal(
	    ask(scene->client, &look, false, 0).reply.answer, TALK_NOT_HERE);
	look = request(TALK_LOOK_UP, "bartholomewkin", scene->user);
	assert_int_equal(
	    ask(scene->client, &look, false, 0).reply.answer, TALK_SUCCESS);
	/* An old client knows no more of itself than this. */
	look = request(TALK_LOOK_UP, "bartholomew", scene->user);
	assert_int_equal(
	    ask_plainly(scene->client, &look).answer, TALK_SUCCESS);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_plain_request_is_answered_as_ever),
		CASE(a_faulty_extension_is_none),
		CASE(a_ring_tells_its_terminal_and_a_resend_nothing),
		CASE(a_caller_is_named_in_full),
		CASE(a_refusal_has_a_reason),
		CASE(an_impostor_is_told_so),
		CASE(nobody_calls_and_then_several_the_newest_first),
		CASE(a_call_that_is_over_is_not_listed),
		CASE(an_invitation_is_no_call),
		CASE(nobody_else_is_told_who_calls),
		CASE(a_list_is_never_longer_than_its_request),
		CASE(an_ipv6_invitation_is_found_by_an_extension_alone),
		CASE(an_ipv4_invitation_is_found_by_both),
		CASE(an_ipv6_address_of_another_host_is_refused),
		CASE(a_link_local_address_needs_no_zone_on_the_wire),
		CASE(a_call_over_ipv6_rings),
		CASE(of_two_long_names_the_one_that_is_told_in_full_is_rung),
		CASE(a_cut_name_that_begins_two_rings_neither),
		CASE(an_invitation_to_a_long_name_is_found_by_its_owner_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
