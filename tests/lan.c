/*
 * Hosts, and what is done on them: by the scripts in tests/lan and tests/peers
 * where a person would type, by sockets made in a host's network where a
 * datagram has to come from there.
 */
#define _GNU_SOURCE /* setns */

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/extension.h"
#include "common/text.h"
#include "lan.h"
#include "wire.h"

enum {
	HOSTS_MAX = 9,
	PEOPLE_MAX = 240,
	NAME_SIZE = 64,
	PATH_SIZE = 128,
	NTALK_PORT = 518,
	ASK_TRIES = 3,
};

struct lan {
	struct stage *stage;
	const char *plan; /* NULL: not told */
	char dir[NAME_SIZE];
	int hosts;
	int crowd;		    /* users u1, u2, ... */
	bool serves[HOSTS_MAX + 1]; /* by the number of the host */
	struct actor *people[PEOPLE_MAX];
	char names[PEOPLE_MAX][NAME_SIZE];
	size_t people_count;
	pid_t wire; /* who carries frames over a bad one; 0: nobody */
};

/* A talk, whoever made it. */
static const char *const talks[] = { "talk", "netkit-ntalk", "inetutils-talk" };

/* ------------------------------------------------------------ programs --- */

/* Runs a program that must succeed, and takes in nothing of what it says. */
static bool
run(const char *const *argv)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		perror(argv[0]);
		_exit(EXIT_FAILURE);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool
lan_prepare(void)
{
	const char *dir = getenv("LAN_PEERS");
	const char *argv[] = { "tests/peers/fetch.sh", NULL, NULL };
	char path[PATH_MAX];

	if (geteuid() != 0) {
		fprintf(stderr, "hosts: only root can\n");
		return false;
	}
	argv[1] = dir != NULL ? dir : "tests/peers/debian";
	if (!run(argv))
		return false;
	if (realpath(argv[1], path) == NULL) {
		perror(argv[1]);
		return false;
	}
	(void)text_init();
	return setenv("LAN_PEERS", path, 1) == 0;
}

/* The same on a stage: its output is shown when something is waited for. */
static void
do_now(struct lan *lan, const char *const *argv)
{
	struct actor_setup setup = {
		.name = argv[0], .argv = argv, .place = AT_PIPES
	};
	struct actor *actor = actor_start(lan->stage, &setup);
	int status;

	assert_non_null(actor);
	assert_true(actor_wait(actor, &status));
	if (status != 0)
		print_error("%s", actor_errors(actor));
	assert_int_equal(status, 0);
}

void
lan_do(struct lan *lan, const char *host, const char *command)
{
	const char *const argv[] = { "tests/lan/on", "-n", host, "root", "sh",
		"-c", command, NULL };

	do_now(lan, argv);
}

void
lan_own_name(struct lan *lan, const char *host)
{
	char number[NAME_SIZE];
	const char *const argv[] = { "tests/lan/hosts.sh", "name", host, number,
		NULL };

	snprintf(number, sizeof(number), "10.77.0.%s", host + 1);
	do_now(lan, argv);
}

static void
set_cable(struct lan *lan, const char *host, const char *state)
{
	char command[PATH_SIZE];

	snprintf(
	    command, sizeof(command), "ip link set v%s %s", host + 1, state);
	lan_do(lan, "h0", command);
}

void
lan_pull(struct lan *lan, const char *host)
{
	set_cable(lan, host, "down");
}

void
lan_plug(struct lan *lan, const char *host)
{
	set_cable(lan, host, "up");
}

/* --------------------------------------------------------- up and down --- */

static void
set_environment(const struct lan *lan)
{
	char pid[NAME_SIZE], crowd[NAME_SIZE];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(crowd, sizeof(crowd), "%d", lan->crowd);
	setenv("LAN_CROWD", crowd, 1);
	setenv("LAN_DIR", lan->dir, 1);
	setenv("LAN_OWNER", pid, 1);
	setenv("LAN_PLAN", lan->plan == NULL ? "" : lan->plan, 1);
	setenv("STAGE_SECONDS", "30", 0);
}

static struct lan *
open_hosts(int hosts, const char *plan, int crowd)
{
	char count[NAME_SIZE];
	const char *const argv[] = { "tests/lan/hosts.sh", "up", count, NULL };
	struct lan *lan = calloc(1, sizeof(*lan));

	assert_non_null(lan);
	assert_in_range(hosts, 1, HOSTS_MAX);
	lan->hosts = hosts;
	lan->plan = plan;
	lan->crowd = crowd;
	snprintf(lan->dir, sizeof(lan->dir), "/tmp/lan.XXXXXX");
	assert_non_null(mkdtemp(lan->dir));
	set_environment(lan);
	lan->stage = stage_open(stderr);
	assert_non_null(lan->stage);
	snprintf(count, sizeof(count), "%d", hosts);
	do_now(lan, argv);
	return lan;
}

struct lan *
lan_open(int hosts)
{
	return open_hosts(hosts, NULL, 0);
}

struct lan *
lan_open_plan(int hosts, const char *plan)
{
	return open_hosts(hosts, plan, 0);
}

struct lan *
lan_open_crowd(int hosts, int users)
{
	return open_hosts(hosts, NULL, users);
}

/* The host's word of the plan. */
static const char *
plan_of(const struct lan *lan, const char *host)
{
	const char *plan = lan->plan == NULL ? "4" : lan->plan;
	const char *next;
	int number = host[1] - '0';

	while (--number > 0 && (next = strchr(plan, ' ')) != NULL)
		plan = next + 1;
	return plan;
}

bool
lan_is_ipv6(const struct lan *lan, const char *host)
{
	return plan_of(lan, host)[0] == '6';
}

struct stage *
lan_stage(const struct lan *lan)
{
	return lan->stage;
}

/* The process that holds a host. */
static long
holder(const struct lan *lan, const char *host)
{
	char path[PATH_SIZE];
	long pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/pid", lan->dir, host);
	file = fopen(path, "r");
	assert_non_null(file);
	if (fscanf(file, "%ld", &pid) != 1)
		pid = 0;
	fclose(file);
	assert_true(pid > 0);
	return pid;
}

/* ----------------------------------------------------------- processes --- */

/* Whether a process is on the host of another: in its namespace of files. */
static bool
is_beside(long pid, long other)
{
	char path[PATH_SIZE], own[PATH_SIZE] = "", others[PATH_SIZE] = "";

	snprintf(path, sizeof(path), "/proc/%ld/ns/mnt", pid);
	if (readlink(path, own, sizeof(own) - 1) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/ns/mnt", other);
	return readlink(path, others, sizeof(others) - 1) > 0 &&
	    strcmp(own, others) == 0;
}

static bool
is_called(long pid, const char *name)
{
	char path[PATH_SIZE], called[NAME_SIZE] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	if (fgets(called, sizeof(called), file) == NULL)
		called[0] = '\0';
	fclose(file);
	called[strcspn(called, "\n")] = '\0';
	return strcmp(called, name) == 0;
}

static size_t
count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2; /* . and .. */
}

static size_t
is_there(long pid)
{
	return kill((pid_t)pid, 0) == 0;
}

static size_t
is_killed(long pid)
{
	return kill((pid_t)pid, SIGKILL) == 0;
}

static size_t
descriptors(long pid)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	return count_entries(path);
}

/* The sum of that over the processes of a name on a host. */
static size_t
sum(const struct lan *lan, const char *host, const char *name,
    size_t (*of)(long pid))
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	long pid, beside = holder(lan, host);
	size_t total = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc)) != NULL) {
		pid = atol(entry->d_name);
		if (pid > 0 && is_called(pid, name) && is_beside(pid, beside))
			total += of(pid);
	}
	closedir(proc);
	return total;
}

size_t
lan_descriptors(const struct lan *lan, const char *host, const char *name)
{
	return sum(lan, host, name, descriptors);
}

size_t
lan_count(const struct lan *lan, const char *host, const char *name)
{
	return sum(lan, host, name, is_there);
}

size_t
lan_kill(const struct lan *lan, const char *host, const char *name)
{
	return sum(lan, host, name, is_killed);
}

/* -------------------------------------------------------------- people --- */

struct actor *
lan_log_in(struct lan *lan, const char *who)
{
	static const char *const environment[] = { "PS1=$ ", "ENV=", NULL };
	const char *host = strchr(who, '@') + 1;
	char *name = lan->names[lan->people_count];
	char user[NAME_SIZE], root[PATH_SIZE];
	const char *const argv[] = { "tests/lan/on", host, user, "sh", "-i",
		NULL };
	struct actor_setup setup = { .name = name,
		.argv = argv,
		.environment = environment,
		.root = root };
	struct actor *actor;

	assert_true(lan->people_count < PEOPLE_MAX);
	snprintf(name, NAME_SIZE, "%s", who);
	snprintf(user, sizeof(user), "%.*s", (int)(host - 1 - who), who);
	snprintf(root, sizeof(root), "%s/%s/root", lan->dir, host);
	actor = actor_start(lan->stage, &setup);
	assert_non_null(actor);
	lan->people[lan->people_count++] = actor;
	assert_true(actor_row_reads(actor, 0, "$"));
	return actor;
}

void
lan_run(struct actor *actor, const char *command)
{
	actor_clear(actor);
	actor_type(actor, command);
	actor_type(actor, "; echo \"ended: $?\"\r");
}

void
lan_ended(struct actor *actor, int status)
{
	char text[NAME_SIZE];

	snprintf(text, sizeof(text), "ended: %d", status);
	assert_true(actor_sees(actor, text));
	assert_true(actor_is_cooked(actor));
}

/* ----------------------------------------------------------- datagrams --- */

static struct address
address_of(const struct lan *lan, const char *host, uint16_t port)
{
	uint8_t number = (uint8_t)(host[1] - '0');
	struct address ipv4 = {
		.family = 4, .bytes = { 10, 77, 0, number }, .port = port
	};
	struct address ipv6 = { .family = 6,
		.bytes = { 0xfd, 0x77, [15] = number },
		.port = port };

	return lan_is_ipv6(lan, host) ? ipv6 : ipv4;
}

static int
open_network(const char *process)
{
	char path[PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", process);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* A socket belongs to the network in which it was made. */
static int
socket_on(const struct lan *lan, const char *host, int family, int type)
{
	char pid[NAME_SIZE];
	int here = open_network("self");
	int there, fd;

	snprintf(pid, sizeof(pid), "%ld", holder(lan, host));
	there = open_network(pid);
	assert_int_equal(setns(there, CLONE_NEWNET), 0);
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	assert_int_equal(setns(here, CLONE_NEWNET), 0);
	assert_true(fd >= 0);
	close(here);
	close(there);
	return fd;
}

int
lan_connect(
    struct lan *lan, const char *host, int type, const struct address *to)
{
	struct timeval patience = { .tv_sec = 1 };
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(to, &ss);
	int fd = socket_on(lan, host, ss.ss_family, type);
	int failure;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			     sizeof(patience)),
	    0);
	if (connect(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	failure = errno;
	close(fd);
	errno = failure;
	return -1;
}

/* An end of wire to a host that is on the bridge no longer. */
static int
open_end(struct lan *lan, int host)
{
	char command[PATH_SIZE], interface[NAME_SIZE];
	int fd = socket_on(lan, "h0", AF_PACKET, SOCK_RAW);

	snprintf(interface, sizeof(interface), "v%d", host);
	snprintf(
	    command, sizeof(command), "ip link set %s nomaster", interface);
	lan_do(lan, "h0", command);
	assert_true(wire_open_end(fd, interface));
	return fd;
}

void
lan_spoil(struct lan *lan, const struct weather *weather, uint32_t seed)
{
	int ends[HOSTS_MAX];
	int i;

	assert_int_equal(lan->wire, 0);
	for (i = 0; i < lan->hosts; i++)
		ends[i] = open_end(lan, i + 1);
	lan->wire = fork();
	assert_true(lan->wire >= 0);
	if (lan->wire == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wire_carry(ends, (size_t)lan->hosts, weather, seed);
	}
	for (i = 0; i < lan->hosts; i++)
		close(ends[i]);
}

static void
end_wire(const struct lan *lan)
{
	if (lan->wire <= 0)
		return;
	kill(lan->wire, SIGKILL);
	waitpid(lan->wire, NULL, 0);
}

static struct address
own_address(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address own;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&own, (struct sockaddr *)&ss, len));
	return own;
}

/* Sends it and waits for a reply of its type. */
static bool
ask_once(int fd, const uint8_t *request, size_t request_len, uint8_t type,
    struct talk_reply *reply)
{
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct extension_reply more;
	ssize_t len;

	if (send(fd, request, request_len, 0) < 0)
		return false;
	do {
		len = recv(fd, bytes, sizeof(bytes), 0);
		if (len < 0)
			return false;
	} while (
	    !ntalk_get_reply(bytes, (size_t)len, reply) || reply->type != type);
	(void)extension_get_reply(bytes, (size_t)len, reply, &more);
	return true;
}

/* With an extension where an invitation may be one for IPv6. */
static size_t
put_request(const struct lan *lan, const struct talk_request *request,
    uint8_t bytes[EXTENSION_DATAGRAM_SIZE])
{
	static const struct extension_request nothing_more;

	if (lan->plan != NULL && request->type == TALK_LOOK_UP)
		return extension_put_request(request, &nothing_more, bytes);
	ntalk_put_request(request, bytes);
	return NTALK_REQUEST_SIZE;
}

bool
lan_ask(struct lan *lan, const char *from, const char *to,
    const struct talk_request *request, struct talk_reply *reply)
{
	struct address daemon = address_of(lan, to, NTALK_PORT);
	struct talk_request complete = *request;
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	size_t len;
	int fd = lan_connect(lan, from, SOCK_DGRAM, &daemon);
	bool answered = false;
	int tries;

	assert_true(fd >= 0);
	complete.ctl_addr = own_address(fd);
	len = put_request(lan, &complete, bytes);
	for (tries = 0; tries < ASK_TRIES && !answered; tries++) {
		answered = ask_once(
		    fd, bytes, len, (uint8_t)request->type, reply);
		/* Netkit's daemon takes no other length. */
		if (answered && reply->answer == TALK_UNKNOWN_REQUEST &&
		    len != NTALK_REQUEST_SIZE) {
			len = NTALK_REQUEST_SIZE;
			answered = false;
		}
	}
	close(fd);
	return answered;
}

static bool
look_up(struct lan *lan, const char *from, const char *to, const char *caller,
    const char *callee, struct talk_reply *reply)
{
	struct talk_request request = { .type = TALK_LOOK_UP, .pid = 1 };

	snprintf(request.l_name, sizeof(request.l_name), "%s", callee);
	snprintf(request.r_name, sizeof(request.r_name), "%s", caller);
	return lan_ask(lan, from, to, &request, reply);
}

struct talk_reply
lan_look_up(struct lan *lan, const char *from, const char *to,
    const char *caller, const char *callee)
{
	struct talk_reply reply;

	assert_true(look_up(lan, from, to, caller, callee, &reply));
	return reply;
}

/* ------------------------------------------------------------- daemons --- */

struct place {
	struct lan *lan;
	char host[NAME_SIZE];
};

static bool
answers(const void *what)
{
	const struct place *place = what;
	const struct talk_request request = {
		.type = TALK_LOOK_UP, .l_name = "nobody", .r_name = "root"
	};
	struct talk_reply reply;

	return lan_ask(place->lan, place->host, place->host, &request, &reply);
}

void
lan_serve(
    struct lan *lan, const char *host, const char *super, const char *daemon)
{
	const char *const argv[] = { "tests/peers/serve", host, super, daemon,
		NULL };
	struct actor_setup setup = {
		.name = super, .argv = argv, .place = AT_PIPES
	};
	struct place place = { .lan = lan };

	assert_non_null(actor_start(lan->stage, &setup));
	snprintf(place.host, sizeof(place.host), "%s", host);
	assert_true(stage_wait(lan->stage, answers, &place));
	lan->serves[host[1] - '0'] = true;
}

/* ------------------------------------------------- what is left behind --- */

/* Does nobody of that name call anybody of the other? */
static bool
is_free(const struct place *place, const char *caller, const char *callee)
{
	struct talk_reply reply;

	return look_up(place->lan, place->host, place->host, caller, callee,
		   &reply) &&
	    reply.answer == TALK_NOT_HERE;
}

/* Of the crowd, the first half calls the second. */
static bool
nobody_calls(const void *what)
{
	const struct place *place = what;
	char caller[NAME_SIZE], callee[NAME_SIZE];
	int i, half = place->lan->crowd / 2;

	for (i = 1; i <= half; i++) {
		snprintf(caller, sizeof(caller), "u%d", i);
		snprintf(callee, sizeof(callee), "u%d", half + i);
		if (!is_free(place, caller, callee))
			return false;
	}
	return is_free(place, "alice", "bob") && is_free(place, "bob", "alice");
}

static bool
nobody_talks(const void *what)
{
	const struct place *place = what;
	size_t i;

	for (i = 0; i < sizeof(talks) / sizeof(talks[0]); i++)
		if (lan_count(place->lan, place->host, talks[i]) > 0)
			return false;
	return true;
}

static bool
hosts_are_quiet(struct lan *lan)
{
	struct place place = { .lan = lan };
	bool quiet = true;
	int i;

	for (i = 1; i <= lan->hosts; i++) {
		snprintf(place.host, sizeof(place.host), "h%d", i);
		if (!stage_wait(lan->stage, nobody_talks, &place)) {
			print_error("a talk is left on %s\n", place.host);
			quiet = false;
		}
		if (lan->serves[i] &&
		    !stage_wait(lan->stage, nobody_calls, &place)) {
			print_error("a call is left on %s\n", place.host);
			quiet = false;
		}
	}
	return quiet;
}

static bool
terminals_are_fine(const struct lan *lan)
{
	const char *complaint;
	bool fine = true;
	size_t i;

	for (i = 0; i < lan->people_count; i++) {
		complaint = emulator_complaint(actor_screen(lan->people[i]));
		if (complaint[0] != '\0') {
			print_error(
			    "%s was sent %s\n", lan->names[i], complaint);
			fine = false;
		}
		if (!actor_is_cooked(lan->people[i])) {
			print_error("%s has a raw terminal\n", lan->names[i]);
			fine = false;
		}
	}
	return fine;
}

bool
lan_close(struct lan *lan)
{
	const char *const argv[] = { "tests/lan/hosts.sh", "down", NULL };
	bool fine = hosts_are_quiet(lan) && terminals_are_fine(lan);

	/* It would keep the stage's keeper waiting: it has all we have open. */
	end_wire(lan);
	stage_close(lan->stage);
	run(argv);
	rmdir(lan->dir);
	free(lan);
	return fine;
}
