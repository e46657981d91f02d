/*
 * inside - the daemon's loop in a world that a test plays: time, datagrams, and
 * poll, where the world goes on while the daemon waits.
 */
#include "inside.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "inside_parts.h"
#include "talkd/server.h"

enum {
	SOCKETS = 3,
	QUEUE_MAX = 64,	     /* datagrams that wait at a socket */
	IDLE = 120 * 1000,   /* milliseconds */
	START = 86400,	     /* seconds that the host has been up */
	EPOCH = 1800000000,  /* and when that was */
	SPINS_MAX = 64,	     /* polls in a row that find nothing to do */
	ENDING_MAX = 100000, /* polls until the daemon leaves */
};

static const uint16_t ports[SOCKETS] = { 518, 18, 518 };

struct queue {
	size_t count;
	struct datagram list[QUEUE_MAX];
};

/* The world; the functions that stand in for others have no other way. */
static struct world {
	const struct inside_setup *setup;
	struct sockets sockets;
	struct queue queues[SOCKETS];
	int64_t now;
	int64_t asleep;	 /* of that: the host was */
	int64_t to_pass; /* of a time that is passing */
	bool held;
	bool disturbed, interrupted;
	bool over; /* nothing is played any more */
	unsigned spins, ending;
} world;

/* ---------------------------------------------------------------- time --- */

int64_t
inside_now(void)
{
	return world.now;
}

int64_t
inside_awake(void)
{
	return world.now - world.asleep;
}

int64_t
inside_seconds(void)
{
	return EPOCH + world.now / 1000;
}

void
inside_pass(int64_t ms)
{
	world.to_pass = ms;
}

void
inside_stall(int64_t ms)
{
	world.now += ms;
	world.asleep += ms;
}

void
inside_hold(void)
{
	world.held = true;
}

void
inside_disturb(bool interrupted)
{
	world.disturbed = true;
	world.interrupted = interrupted;
}

int inside_clock_gettime(clockid_t clock, struct timespec *time);
time_t inside_time(time_t *time);

int
inside_clock_gettime(clockid_t clock, struct timespec *time)
{
#ifdef CLOCK_MONOTONIC_COARSE
	fuzz_expect(
	    clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE);
#else
	fuzz_expect(clock == CLOCK_MONOTONIC);
#endif
	time->tv_sec = (time_t)(world.now / 1000);
	time->tv_nsec = (long)(world.now % 1000) * 1000000;
	return 0;
}

time_t
inside_time(time_t *time)
{
	fuzz_expect(time == NULL);
	return (time_t)inside_seconds();
}

/* Lets time pass, until the deadline at most. */
static void
pass(int64_t deadline)
{
	int64_t step = world.to_pass;

	if (step > deadline - world.now)
		step = deadline - world.now;
	world.now += step;
	world.to_pass -= step;
}

/*
 * Has the world go on until there is something, and nothing more is to come
 * with it; false when the deadline is there first.
 */
static bool
await(int64_t deadline, bool (*is_ready)(void *what), void *what)
{
	while (world.held || !is_ready(what)) {
		world.held = false;
		if (world.disturbed)
			return false;
		if (world.now >= deadline)
			return false;
		if (world.to_pass > 0) {
			pass(deadline);
		} else if (world.over ||
		    !world.setup->play(world.setup->context)) {
			world.over = true;
			fuzz_expect(deadline != INT64_MAX);
			world.now = deadline;
		}
	}
	return true;
}

/* ----------------------------------------------------------- datagrams --- */

static struct queue *
queue_of(const struct datagram_socket *s)
{
	return &world.queues[s->fd - FD_DATAGRAMS];
}

void
inside_send(const struct datagram *datagram, bool for_messages)
{
	size_t which = datagram->source.family == 6 ? 2 : for_messages ? 1 : 0;
	struct queue *queue = &world.queues[which];
	struct datagram *in;

	if (which >= world.sockets.datagram_count || queue->count == QUEUE_MAX)
		return;
	in = &queue->list[queue->count++];
	*in = *datagram;
	if (in->local.family != 0)
		in->local.port = ports[which];
}

static bool
is_queue_ready(void *queue)
{
	return ((const struct queue *)queue)->count > 0;
}

int
datagram_receive(
    const struct datagram_socket *s, struct datagram *in, int room, bool wait)
{
	struct queue *queue = queue_of(s);
	size_t i, count;

	fuzz_expect(room > 0 && room <= DATAGRAM_BATCH);
	if (wait)
		(void)await(world.now + DATAGRAM_WAIT, is_queue_ready, queue);
	count = queue->count < (size_t)room ? queue->count : (size_t)room;
	for (i = 0; i < count; i++) {
		in[i] = queue->list[i];
		inside_watch_datagram(&in[i]);
	}
	queue->count -= count;
	memmove(queue->list, queue->list + count,
	    queue->count * sizeof(queue->list[0]));
	return (int)count;
}

int
datagram_send(const struct datagram_socket *s,
    const struct datagram_reply *replies, int count)
{
	int i;

	fuzz_expect(s->fd >= FD_DATAGRAMS && s->fd < FD_DATAGRAMS + SOCKETS);
	fuzz_expect(count > 0 && count <= DATAGRAM_BATCH);
	for (i = 0; i < count; i++)
		inside_watch_reply(&replies[i]);
	return 0;
}

void
datagram_let_wait(const struct datagram_socket *s, bool wait)
{
	(void)s;
	(void)wait;
}

/* ---------------------------------------------------------------- poll --- */

struct poll_set {
	struct pollfd *fds;
	nfds_t count;
};

static bool
is_ready(int fd)
{
	if (fd == FD_NAMES)
		return inside_names_ready();
	if (fd == FD_LISTENER)
		return inside_listener_ready();
	if (fd >= FD_DATAGRAMS && fd < FD_DATAGRAMS + SOCKETS)
		return world.queues[fd - FD_DATAGRAMS].count > 0;
	return inside_wire_ready(fd);
}

static bool
is_any_ready(void *what)
{
	const struct poll_set *set = what;
	bool found = false;
	nfds_t i;

	for (i = 0; i < set->count; i++) {
		set->fds[i].revents = 0;
		if (set->fds[i].fd < 0 || !is_ready(set->fds[i].fd))
			continue;
		set->fds[i].revents = POLLIN;
		found = true;
	}
	return found;
}

/* Wakes the daemon though there is nothing to do. */
static int
disturb(const struct poll_set *set)
{
	nfds_t i;

	world.disturbed = false;
	if (world.interrupted) {
		for (i = 0; i < set->count; i++)
			set->fds[i].revents = 0;
		errno = EINTR;
		return -1;
	}
	for (i = 0; i < set->count; i++)
		set->fds[i].revents = set->fds[i].fd < 0 ? 0 : POLLIN;
	return (int)set->count;
}

/* A daemon that polls again and again, and nothing comes of it, hangs. */
static void
count_spin(bool is_spin)
{
	world.spins = is_spin ? world.spins + 1 : 0;
	fuzz_expect(world.spins <= SPINS_MAX);
	world.ending += world.over;
	fuzz_expect(world.ending <= ENDING_MAX);
}

int inside_poll(struct pollfd *fds, nfds_t count, int timeout);

int
inside_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	struct poll_set set = { fds, count };
	int64_t began = world.now;
	bool found;

	/* Not the loop's, but of who has just failed to write. */
	if (count == 1 && fds->events == POLLOUT)
		return 0;
	inside_wire_settle();
	found = await(
	    timeout < 0 ? INT64_MAX : began + timeout, is_any_ready, &set);
	count_spin(!found && !world.disturbed && world.now == began);
	if (world.disturbed)
		return disturb(&set);
	return found ? 1 : 0;
}

/* -------------------------------------------------- the rest of it all --- */

int inside_close(int fd);

int
inside_close(int fd)
{
	if (fd >= FD_WIRE)
		inside_wire_close(fd);
	else
		inside_place_close(fd);
	return 0;
}

static void
open_sockets(bool one_socket)
{
	static const struct address bound[SOCKETS] = {
		{ .family = 4, .port = 518 },
		{ .family = 4, .port = 18 },
		{ .family = 6, .port = 518 },
	};
	struct sockets *sockets = &world.sockets;
	size_t i;

	sockets->datagram_count = one_socket ? 1 : SOCKETS;
	for (i = 0; i < sockets->datagram_count; i++)
		sockets->datagrams[i] = (struct datagram_socket){
			.fd = FD_DATAGRAMS + (int)i,
			.family = bound[i].family == 4 ? AF_INET : AF_INET6,
			.bound = bound[i],
		};
	sockets->listener_count = one_socket ? 0 : 1;
	sockets->listeners[0] = FD_LISTENER;
}

static void
begin(const struct inside_setup *setup)
{
	world = (struct world){ .setup = setup, .now = START * INT64_C(1000) };
	open_sockets(setup->one_socket);
	inside_hosts_begin();
	inside_place_begin(setup->site);
	inside_wire_begin();
	inside_memory_begin();
	inside_watch_begin(setup);
}

void
inside_run(const struct inside_setup *setup)
{
	struct log_flow flow = { .clock = inside_now,
		.write = inside_watch_log };
	const struct log log = {
		.debug = setup->debugs, .calls = true, .flow = &flow
	};
	struct server_options options = { .idle = IDLE, .life = setup->life };

	begin(setup);
	options.access = access_new(setup->site > 0 ? "/site" : NULL, &log);
	fuzz_expect(options.access != NULL);
	fuzz_expect(access_load(options.access));
	fuzz_expect(server_run(&world.sockets, &options, &log) == NULL);
	access_free(options.access);
	inside_wire_end();
	inside_place_end();
	inside_memory_end();
}
