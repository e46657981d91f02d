/*
 * relay - a bad network between talks and a daemon.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "relay.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 12, /* so many of two relays fit one turn */
	LATE_MAX = 128,
	DATAGRAM_MAX = 1024,
};

/* A talk, and the socket that asks the daemon for it. */
struct client {
	struct address at;
	int fd; /* connected to the daemon; -1: free */
	unsigned owed;
};

/* A datagram that is held back. */
struct late {
	int64_t due;
	int client; /* whose; -1: free */
	bool is_answer;
	size_t len;
	uint8_t bytes[DATAGRAM_MAX];
};

struct relay {
	struct relay_plan plan;
	uint32_t random;
	int fd; /* the front */
	struct client clients[CLIENTS_MAX];
	int newest; /* of them, who come round */
	struct late late[LATE_MAX];
};

/* ------------------------------------------------------------- sockets --- */

static int
open_at(const struct address *at)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(at, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	return fd;
}

static struct address
name_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address name;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&name, (struct sockaddr *)&ss, len));
	return name;
}

/*
 * To the daemon, from a port that is not its own: it would take what comes from
 * there, of this host, for its own and not answer.
 */
static int
open_towards(const struct relay_plan *plan)
{
	struct address from = plan->from;
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, other;

	if (from.family == 0)
		from = (struct address){ .family = plan->back.family };
	fd = open_at(&from);
	if (name_of(fd).port == plan->back.port) {
		other = fd;
		fd = open_at(&from);
		close(other);
	}
	len = address_to_sockaddr(&plan->back, &ss);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

struct relay *
relay_open(const struct relay_plan *plan)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	int i;

	assert_non_null(relay);
	relay->plan = *plan;
	relay->random = weather_begin(plan->seed);
	relay->fd = open_at(&plan->front);
	for (i = 0; i < CLIENTS_MAX; i++)
		relay->clients[i].fd = -1;
	for (i = 0; i < LATE_MAX; i++)
		relay->late[i].client = -1;
	return relay;
}

void
relay_close(struct relay *relay)
{
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (relay->clients[i].fd >= 0)
			close(relay->clients[i].fd);
	close(relay->fd);
	free(relay);
}

struct address
relay_front(const struct relay *relay)
{
	return name_of(relay->fd);
}

/* ------------------------------------------------------------- clients --- */

/* What was held back of a client's goes nowhere any more. */
static void
forget(struct relay *relay, int i)
{
	int k;

	if (relay->clients[i].fd < 0)
		return;
	close(relay->clients[i].fd);
	for (k = 0; k < LATE_MAX; k++)
		if (relay->late[k].client == i)
			relay->late[k].client = -1;
}

/* The client at an address; a new one takes the place of the oldest. */
static int
find_client(struct relay *relay, const struct address *at)
{
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (relay->clients[i].fd >= 0 &&
		    address_equal(&relay->clients[i].at, at))
			return i;
	i = relay->newest = (relay->newest + 1) % CLIENTS_MAX;
	forget(relay, i);
	relay->clients[i] = (struct client){ .at = *at,
		.fd = open_towards(&relay->plan) };
	return i;
}

/* ---------------------------------------------------------------- fate --- */

/* Nobody may be there any more to hear it. */
static void
pass_on(struct relay *relay, const struct late *datagram)
{
	struct client *client = &relay->clients[datagram->client];
	struct sockaddr_storage ss;
	socklen_t len;

	if (datagram->is_answer) {
		len = address_to_sockaddr(&client->at, &ss);
		(void)sendto(relay->fd, datagram->bytes, datagram->len, 0,
		    (struct sockaddr *)&ss, len);
	} else if (send(client->fd, datagram->bytes, datagram->len, 0) >= 0) {
		client->owed++;
	}
}

static void
hold_back(struct relay *relay, const struct late *datagram)
{
	int i;

	for (i = 0; i < LATE_MAX; i++) {
		if (relay->late[i].client >= 0)
			continue;
		relay->late[i] = *datagram;
		return;
	}
	fail_msg("too many datagrams are late");
}

static void
meet_fate(struct relay *relay, struct late *datagram, int64_t now)
{
	const struct weather *weather = &relay->plan.weather;
	int copies = weather_copies(weather, &relay->random);
	unsigned delay;

	while (copies-- > 0) {
		delay = weather_delay(weather, &relay->random);
		datagram->due = now + delay;
		if (delay > 0)
			hold_back(relay, datagram);
		else
			pass_on(relay, datagram);
	}
}

/* ---------------------------------------------------------------- turn --- */

static bool
hear_question(struct relay *relay, struct late *datagram)
{
	struct sockaddr_storage ss;
	socklen_t ss_len = sizeof(ss);
	ssize_t len = recvfrom(relay->fd, datagram->bytes, DATAGRAM_MAX, 0,
	    (struct sockaddr *)&ss, &ss_len);
	struct address at;

	if (len < 0)
		return false;
	assert_true(address_from_sockaddr(&at, (struct sockaddr *)&ss, ss_len));
	datagram->client = find_client(relay, &at);
	datagram->is_answer = false;
	datagram->len = (size_t)len;
	return true;
}

static bool
hear_answer(struct relay *relay, int i, struct late *datagram)
{
	struct client *client = &relay->clients[i];
	ssize_t len;

	if (client->fd < 0)
		return false;
	len = recv(client->fd, datagram->bytes, DATAGRAM_MAX, 0);
	if (len < 0)
		return false;
	if (client->owed > 0)
		client->owed--;
	datagram->client = i;
	datagram->is_answer = true;
	datagram->len = (size_t)len;
	return true;
}

static void
pass_on_late(struct relay *relay, int64_t now)
{
	struct late *late;
	int i;

	for (i = 0; i < LATE_MAX; i++) {
		late = &relay->late[i];
		if (late->client < 0 || late->due > now)
			continue;
		pass_on(relay, late);
		late->client = -1;
	}
}

void
relay_turn(struct relay *relay, int64_t now)
{
	struct late datagram;
	int i;

	pass_on_late(relay, now);
	while (hear_question(relay, &datagram))
		meet_fate(relay, &datagram, now);
	for (i = 0; i < CLIENTS_MAX; i++)
		while (hear_answer(relay, i, &datagram))
			meet_fate(relay, &datagram, now);
}

void
relay_await(const struct relay *relay, struct turn *turn)
{
	int i;

	turn_want(turn, relay->fd, POLLIN);
	for (i = 0; i < CLIENTS_MAX; i++)
		turn_want(turn, relay->clients[i].fd, POLLIN);
	for (i = 0; i < LATE_MAX; i++)
		if (relay->late[i].client >= 0)
			turn_by(turn, relay->late[i].due);
}

bool
relay_is_owed(const struct relay *relay)
{
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (relay->clients[i].fd >= 0 && relay->clients[i].owed > 0)
			return true;
	return false;
}

/* The other end of the pipe is open as long as the process before this is. */
static void
run(struct relay *relay, int parent)
{
	struct turn turn;

	do {
		turn_begin(&turn);
		turn_want(&turn, parent, POLLIN);
		relay_await(relay, &turn);
		relay_turn(relay, turn_wait(&turn));
	} while (turn_ready(&turn, parent) == 0);
}

pid_t
relay_run(struct relay *relay)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[1], F_SETFD, FD_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(ends[0]);
		return pid;
	}
	close(ends[1]);
	run(relay, ends[0]);
	_exit(EXIT_SUCCESS);
}
