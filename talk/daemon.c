/*
 * daemon - a talk daemon as a client sees it: one question at a time, sent
 * again until it is answered, refused, or ten seconds are over.
 */
#include "common/system.h"

#include "daemon.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

enum {
	/* Silence of one address after which the next is asked as well. */
	NEXT_DOOR_MS = 300,
	/*
	 * A question and its answer both arrive every other time only where
	 * three datagrams of ten get lost.  Asked so often, one question of
	 * 100,000 is given up there after DAEMON_PATIENCE_MS.
	 */
	RESEND_FIRST_MS = 300,
	RESEND_MS = 600,
	/*
	 * Old daemons ring twice for an announce that came twice, and they
	 * are slow while they resolve names: 4.3BSD clients wait two seconds.
	 */
	RESEND_ANNOUNCE_MS = 2000,
	/* Who takes back wants to be gone: call.h, CALL_TAKE_BACK_MS. */
	RESEND_HURRIED_MS = 100,
};

/*
 * Linux keeps "host unreachable", a router's or its own after it found nobody
 * at the address, from a socket that does not ask for it.
 */
static void
door_hear_errors(int fd, uint8_t family)
{
#if defined(IP_RECVERR) && defined(IPV6_RECVERR)
	const int on = 1;

	if (family == 4)
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	else
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
#else
	(void)fd;
	(void)family;
#endif
}

/* A socket connected to the address: only that one is heard on it. */
static int
door_open(const struct address *at)
{
	int fd = socket_to(at, SOCK_DGRAM);

	if (fd >= 0)
		door_hear_errors(fd, at->family);
	return fd;
}

static void
door_close(struct daemon_door *door)
{
	if (door->fd >= 0)
		close(door->fd);
	door->fd = -1;
}

static const uint8_t loopback[4] = { 127, 0, 0, 1 };
static const uint8_t debian_own_name[4] = { 127, 0, 1, 1 };

static int
daemon_add(struct daemon *daemon, const struct address *at)
{
	struct daemon_door *door = &daemon->doors[daemon->count];
	int i;

	for (i = 0; i < daemon->count; i++)
		if (address_equal(&daemon->doors[i].at, at))
			return 0;
	if (daemon->count == DAEMON_ADDRESSES_MAX)
		return 0;
	*door = (struct daemon_door){ .at = *at, .fd = door_open(at) };
	if (door->fd < 0)
		return errno;
	daemon->count++;
	return 0;
}

int
daemon_open(struct daemon *daemon, const struct address *at, int count)
{
	struct address plain;
	int error = EADDRNOTAVAIL;
	int failed;
	int i;

	*daemon = (struct daemon){ .chosen = -1, .state = DAEMON_IDLE };
	for (i = 0; i < count; i++) {
		failed = daemon_add(daemon, &at[i]);
		if (failed != 0)
			error = failed;
		if (at[i].family != 4 ||
		    memcmp(at[i].bytes, debian_own_name, 4) != 0)
			continue;
		plain = at[i];
		memcpy(plain.bytes, loopback, 4);
		(void)daemon_add(daemon, &plain);
	}
	return daemon->count > 0 ? 0 : error;
}

void
daemon_close(struct daemon *daemon)
{
	int i;

	for (i = 0; i < daemon->count; i++)
		door_close(&daemon->doors[i]);
	daemon->count = 0;
}

static struct address
door_here(const struct daemon_door *door)
{
	return socket_here(door->fd);
}

/* A door that cannot be asked any more: the next is due at once. */
static void
door_fails(struct daemon *daemon, struct daemon_door *door, int error)
{
	if (error == EAGAIN || error == EINTR || error == ENOBUFS ||
	    error == ENOMEM)
		return;
	door_close(door);
	daemon->error = error;
	daemon->next_door = INT64_MIN;
}

static void
door_knock(struct daemon *daemon, struct daemon_door *door)
{
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_request question = daemon->question;
	size_t len = NTALK_REQUEST_SIZE;

	question.ctl_addr = door_here(door);
	if (door->plain)
		ntalk_put_request(&question, bytes);
	else
		len = extension_put_request(&question, &daemon->besides, bytes);
	door->knocked = true;
	if (!door->plain)
		door->refusable++;
	if (send(door->fd, bytes, len, 0) < 0)
		door_fails(daemon, door, errno);
}

static bool
daemon_may_knock(const struct daemon *daemon, int i)
{
	return daemon->doors[i].fd >= 0 &&
	    (daemon->chosen < 0 || daemon->chosen == i);
}

/* Whether there is a door at which the question is asked, or may be. */
static bool
daemon_has_door(const struct daemon *daemon)
{
	int i;

	for (i = 0; i < daemon->count; i++)
		if (daemon_may_knock(daemon, i))
			return true;
	return false;
}

/* Asks the first door that was not asked yet; false when there is none. */
static bool
daemon_knock_next(struct daemon *daemon)
{
	int i;

	for (i = 0; i < daemon->count; i++) {
		if (!daemon_may_knock(daemon, i) || daemon->doors[i].knocked)
			continue;
		door_knock(daemon, &daemon->doors[i]);
		return true;
	}
	return false;
}

static void
daemon_knock_again(struct daemon *daemon)
{
	int i;

	for (i = 0; i < daemon->count; i++)
		if (daemon_may_knock(daemon, i) && daemon->doors[i].knocked)
			door_knock(daemon, &daemon->doors[i]);
}

/*
 * Forgets what came for earlier questions: replies, errors, their copies.  Of a
 * daemon that refuses extended ones, refusals may still be on their way.
 */
static void
door_drain(struct daemon_door *door)
{
	uint8_t bytes[1];

	if (!door->plain)
		door->refusable = 0;
	while (recv(door->fd, bytes, sizeof(bytes), 0) >= 0)
		continue;
#ifdef MSG_ERRQUEUE
	while (recv(door->fd, bytes, sizeof(bytes), MSG_ERRQUEUE) >= 0)
		continue;
#endif
}

static void
daemon_drain(struct daemon *daemon)
{
	int i;

	for (i = 0; i < daemon->count; i++) {
		daemon->doors[i].knocked = false;
		if (daemon->doors[i].fd >= 0)
			door_drain(&daemon->doors[i]);
	}
}

/* Doors closed by a refusal open again: a daemon can come back. */
static void
daemon_reopen(struct daemon *daemon)
{
	int i;

	for (i = 0; i < daemon->count; i++)
		if (daemon->doors[i].fd < 0)
			daemon->doors[i].fd = door_open(&daemon->doors[i].at);
}

/* How long to wait for an answer, the first time or once more. */
static int64_t
resend_pause(const struct daemon *daemon, bool first)
{
	if (daemon->hurried)
		return RESEND_HURRIED_MS;
	if (daemon->question.type == TALK_ANNOUNCE && !daemon_extends(daemon))
		return RESEND_ANNOUNCE_MS;
	return first ? RESEND_FIRST_MS : RESEND_MS;
}

void
daemon_ask(
    struct daemon *daemon, const struct talk_request *question, int64_t now)
{
	daemon_ask_besides(
	    daemon, question, &(struct extension_request){ 0 }, now);
}

void
daemon_ask_besides(struct daemon *daemon, const struct talk_request *question,
    const struct extension_request *besides, int64_t now)
{
	daemon_drain(daemon);
	daemon_reopen(daemon);
	daemon->question = *question;
	daemon->besides = *besides;
	daemon->hurried = false;
	daemon->state = DAEMON_ASKING;
	daemon->give_up = now + DAEMON_PATIENCE_MS;
	daemon->resend = now + resend_pause(daemon, true);
	daemon->next_door = now + NEXT_DOOR_MS;
	daemon->error = 0;
	(void)daemon_knock_next(daemon);
}

/* The id of an entry that the daemon has just made or renewed, or 0. */
static uint32_t
entry_made(const struct daemon *daemon)
{
	const struct talk_reply *reply = &daemon->reply;

	if (daemon->state != DAEMON_ANSWERED)
		return 0;
	if (reply->type == TALK_ANNOUNCE)
		return reply->answer == TALK_SUCCESS ? reply->id : 0;
	return reply->type == TALK_LEAVE_INVITE ? reply->id : 0;
}

/* Whether an open question may make an entry of ours, or takes it back. */
static bool
concerns_entry(const struct daemon *daemon)
{
	return daemon->hurried || daemon->question.type == TALK_LEAVE_INVITE ||
	    daemon->question.type == TALK_ANNOUNCE;
}

/*
 * A call that is given up must not ring any more.  An announce that has not
 * been answered, and may not have arrived, is not sent again when it is the
 * first; a later one asks for the entry's id alone, as a duplicate would.
 */
static void
daemon_hush(struct daemon *daemon, uint32_t id, int64_t now)
{
	if (daemon->hurried)
		return;
	daemon->hurried = true;
	daemon->resend = now;
	if (daemon->question.type != TALK_ANNOUNCE)
		return;
	if (id == 0)
		daemon->resend = daemon->next_door = TURN_NEVER;
	else
		daemon->question.id = id;
}

bool
daemon_take_back(struct daemon *daemon, uint32_t *id, int64_t now)
{
	struct talk_request request = { .type = TALK_DELETE };
	uint32_t made = entry_made(daemon);

	if (daemon->state == DAEMON_ASKING && concerns_entry(daemon)) {
		daemon_hush(daemon, *id, now);
		return false;
	}
	if (made != 0)
		*id = made;
	daemon->state = DAEMON_IDLE;
	if (*id == 0)
		return true;
	request.id = *id;
	*id = 0;
	daemon_ask(daemon, &request, now);
	daemon->hurried = true;
	daemon->resend = now + RESEND_HURRIED_MS;
	return false;
}

void
daemon_await(const struct daemon *daemon, struct turn *turn)
{
	int i;

	if (daemon->state != DAEMON_ASKING)
		return;
	for (i = 0; i < daemon->count; i++)
		if (daemon->doors[i].knocked)
			turn_want(turn, daemon->doors[i].fd, POLLIN);
	turn_by(turn, daemon_has_door(daemon) ? daemon->give_up : INT64_MIN);
	turn_by(turn, daemon->resend);
	turn_by(turn, daemon->next_door);
}

/* Whether the question must not be sent any more: daemon_hush. */
static bool
daemon_is_hushed(const struct daemon *daemon)
{
	return daemon->resend == TURN_NEVER;
}

/*
 * Whether a reply refuses an extended question for being one.  Such a daemon is
 * asked the plain question at once, but once only, however often it refuses:
 * questions sent again come to as many refusals.
 */
static bool
door_is_taken_aback(struct daemon *daemon, struct daemon_door *door,
    const struct talk_reply *reply)
{
	if (reply->answer != TALK_UNKNOWN_REQUEST || door->refusable == 0 ||
	    daemon_is_hushed(daemon))
		return false;
	door->refusable--;
	if (!door->plain) {
		door->plain = true;
		door_knock(daemon, door);
	}
	return true;
}

/* fe80::/10 (RFC 4291). */
static bool
is_link_local(const struct address *a)
{
	return a->family == 6 && a->bytes[0] == 0xfe &&
	    (a->bytes[1] & 0xc0) == 0x80;
}

static void
daemon_take(struct daemon *daemon, int i, const struct talk_reply *reply,
    const uint8_t *bytes, size_t len)
{
	struct daemon_door *door = &daemon->doors[i];

	daemon->reply = *reply;
	door->extends = extension_get_reply(
	    bytes, len, &daemon->reply, &daemon->more);
	if (is_link_local(&daemon->reply.addr))
		daemon->reply.addr.scope = door->at.scope;
	daemon->chosen = i;
	daemon->state = DAEMON_ANSWERED;
}

/* Takes what lies at one door; the answer, if it is one, ends the question. */
static void
door_listen(struct daemon *daemon, int i)
{
	struct daemon_door *door = &daemon->doors[i];
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];
	struct talk_reply reply;
	ssize_t len;

	while (door->fd >= 0 && daemon->state == DAEMON_ASKING) {
		len = recv(door->fd, bytes, sizeof(bytes), 0);
		if (len < 0) {
			if (errno != EAGAIN && errno != EINTR)
				door_fails(daemon, door, errno);
			return;
		}
		if (ntalk_get_reply(bytes, (size_t)len, &reply) &&
		    reply.type == daemon->question.type &&
		    !door_is_taken_aback(daemon, door, &reply))
			daemon_take(daemon, i, &reply, bytes, (size_t)len);
	}
}

static void
daemon_resend(struct daemon *daemon, int64_t now)
{
	if (now >= daemon->resend) {
		daemon->resend = now + resend_pause(daemon, false);
		daemon_knock_again(daemon);
	}
	if (now >= daemon->next_door)
		daemon->next_door = daemon_knock_next(daemon)
		    ? now + NEXT_DOOR_MS
		    : TURN_NEVER;
}

/*
 * Ends a question that nobody will answer.  One that could not even be sent is
 * ended here too, by a turn, for it is in turns that others look what came.
 */
static void
daemon_judge(struct daemon *daemon, int64_t now)
{
	if (!daemon_has_door(daemon))
		daemon->state = daemon->error == ECONNREFUSED
		    ? DAEMON_REFUSED
		    : DAEMON_UNREACHABLE;
	else if (now >= daemon->give_up)
		daemon->state = DAEMON_SILENT;
}

enum daemon_state
daemon_turn(struct daemon *daemon, int64_t now)
{
	int i;

	for (i = 0; i < daemon->count; i++)
		if (daemon->doors[i].knocked)
			door_listen(daemon, i);
	if (daemon->state == DAEMON_ASKING)
		daemon_judge(daemon, now);
	if (daemon->state == DAEMON_ASKING)
		daemon_resend(daemon, now);
	return daemon->state;
}

/* The door that answered, or else the first. */
static const struct daemon_door *
daemon_door(const struct daemon *daemon)
{
	return &daemon->doors[daemon->chosen < 0 ? 0 : daemon->chosen];
}

bool
daemon_extends(const struct daemon *daemon)
{
	return daemon_door(daemon)->extends;
}

bool
daemon_pass_over(struct daemon *daemon)
{
	struct daemon_door *door;

	if (daemon->chosen < 0)
		return daemon->count > 0;
	door = &daemon->doors[daemon->chosen];
	door_close(door);
	daemon->count--;
	memmove(door, door + 1,
	    (size_t)(daemon->count - daemon->chosen) * sizeof(*door));
	daemon->chosen = -1;
	daemon->state = DAEMON_IDLE;
	return daemon->count > 0;
}

struct address
daemon_there(const struct daemon *daemon)
{
	return daemon_door(daemon)->at;
}

struct address
daemon_here(const struct daemon *daemon)
{
	return door_here(daemon_door(daemon));
}

bool
daemon_is_at(const struct daemon *daemon, const struct address *at)
{
	int i;

	for (i = 0; i < daemon->count; i++)
		if (address_same_host(&daemon->doors[i].at, at))
			return true;
	return false;
}
