/*
 * call - how two users find each other: look up whether the other one calls
 * already, else leave an invitation with the own daemon, announce the call to
 * the other's, ring again, and wait; then take the invitation back.
 */
#include "call.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"
#include "invitation.h"
#include "listener.h"
#include "meeting.h"
#include "party.h"
#include "ring.h"
#include "socket.h"

enum {
	/* 4.3BSD's, and half of what an invitation lives. */
	RING_AGAIN_MS = 30000,
	/* Between looks whether the callee calls us, while we wait. */
	LOOK_AGAIN_MS = 2000,
	CONNECT_MS = 5000,
	/*
	 * Of two who wait for each other one connects, the other lets himself
	 * be called; when nothing came after this many looks, he connects.
	 */
	LOOKS_TO_YIELD = 3,
	/* Of many who ring at once some are told to wait again and again. */
	HOLDS_MS = 60000, /* in all, for a first ring */
};

enum call_step {
	STEP_LOOK_UP,
	STEP_LEAVE_INVITE,
	STEP_ANNOUNCE,
	STEP_HOLD, /* the daemon asked us to wait with the ring */
	STEP_WAIT,
	STEP_CONNECT,
	STEP_TAKE_BACK,
	STEP_OVER,
};

struct call {
	const struct call_plan *plan;
	struct invitation invitation; /* with our own daemons */
	struct daemon there;
	enum call_step step;
	enum call_phase phase;
	enum call_failure failure;
	int error; /* as call_error tells it */
	char status[CALL_STATUS_SIZE];
	char rung[RING_WHERE_SIZE]; /* " (rang on pts/3)", or "" */
	char countdown[CALL_COUNTDOWN_SIZE];
	int64_t next_second; /* when that changes */

	int listener;
	struct address waits_at; /* where the listener is, as we tell others */
	int stream;
	struct address lead;   /* where that goes, when we connect */
	uint32_t announcement; /* its id with the callee's; 0: none made */

	int64_t give_up;    /* the plan's patience */
	int64_t ring_again; /* when waiting */
	int64_t look_again;
	int64_t deadline;   /* of connecting, of taking back, of a hold */
	int64_t held_until; /* at the latest; 0: not held yet */
	bool passed_over;   /* an address whose daemon cannot carry the call */
	uint32_t found;	    /* the callee's own invitation that we follow */
	uint32_t dead;	    /* one that led nowhere */
	int looks;	    /* that found it, since we wait */
};

/* -------------------------------------------------- words and outcomes --- */

static void
call_say(struct call *call, const char *words)
{
	snprintf(call->status, sizeof(call->status), "%s", words);
}

/* The words of a call that rings, and where it did, when that was told. */
static void
call_say_waiting(struct call *call, const char *words)
{
	snprintf(call->status, sizeof(call->status), "%s%s", words, call->rung);
}

static void
call_count(struct call *call, int64_t now)
{
	call->countdown[0] = '\0';
	call->next_second = TURN_NEVER;
	if (call->step == STEP_WAIT)
		call->next_second = ring_countdown(
		    "again", call->ring_again, now, call->countdown);
	else if (call->step == STEP_HOLD)
		call->next_second = ring_countdown(
		    "ringing", call->deadline, now, call->countdown);
}

static void
step_take_back(struct call *call, int64_t now)
{
	bool there = daemon_take_back(&call->there, &call->announcement, now);

	invitation_take_back(&call->invitation, now);
	if ((there && call->invitation.state == INVITATION_NONE) ||
	    now >= call->deadline)
		call->step = STEP_OVER;
}

/* From now on nothing but to take back what was left with daemons. */
static void
call_take_back(struct call *call, int64_t now)
{
	if (call->listener >= 0)
		close(call->listener);
	call->listener = -1;
	call->deadline = now + CALL_TAKE_BACK_MS;
	call->step = STEP_TAKE_BACK;
	step_take_back(call, now);
}

static void
call_fail(struct call *call, enum call_failure failure, int64_t now)
{
	call->phase = CALL_FAILED;
	call->failure = failure;
	call_take_back(call, now);
}

/* Fails as a daemon has told, which may have told how long to wait. */
static void
call_fail_told(struct call *call, enum call_failure failure, int64_t now)
{
	if (failure == CALL_TOO_OFTEN)
		call->error = call->there.more.seconds;
	call_fail(call, failure, now);
}

static void
call_fail_system(struct call *call, int64_t now)
{
	call->error = errno;
	call_fail(call, CALL_SYSTEM, now);
}

static void
call_connected(struct call *call, int stream, int64_t now)
{
	call->stream = stream;
	call->phase = CALL_CONNECTED;
	call_say(call, "Connection established");
	call_take_back(call, now);
}

/* ----------------------------------------------------------- questions --- */

static struct talk_request
call_request(const struct call *call, enum talk_type type, uint32_t id)
{
	const struct person *callee = call->plan->callee;
	struct talk_request request = {
		.type = type,
		.id = id,
		.addr = call->waits_at,
		.pid = (uint32_t)getpid(),
	};

	snprintf(
	    request.l_name, sizeof(request.l_name), "%s", call->plan->caller);
	snprintf(request.r_name, sizeof(request.r_name), "%s", callee->user);
	snprintf(request.r_tty, sizeof(request.r_tty), "%s", callee->terminal);
	return request;
}

static void
call_look_up(struct call *call, int64_t now)
{
	struct talk_request request = call_request(call, TALK_LOOK_UP, 0);

	daemon_ask(&call->there, &request, now);
}

static void
call_leave_invite(struct call *call, int64_t now)
{
	struct talk_request request = call_request(call, TALK_LEAVE_INVITE, 0);

	invitation_leave(&call->invitation, &request, now);
}

static void
call_announce(struct call *call, int64_t now)
{
	uint32_t id = call->announcement == 0 ? NTALK_NO_ID
					      : call->announcement + 1;
	struct talk_request request = call_request(call, TALK_ANNOUNCE, id);

	daemon_ask(&call->there, &request, now);
}

/* What a question without an answer means for the call. */
static enum call_failure
call_unanswered(const struct call *call)
{
	if (call->passed_over)
		return CALL_NO_IPV6;
	return call->there.state == DAEMON_UNREACHABLE ? CALL_UNREACHABLE
						       : CALL_NO_DAEMON;
}

/*
 * True once the callee's daemon has answered; a question that it does not fails
 * the call.
 */
static bool
call_is_answered(struct call *call, int64_t now)
{
	enum daemon_state state = call->there.state;

	if (state == DAEMON_ASKING || state == DAEMON_IDLE)
		return false;
	if (state == DAEMON_ANSWERED)
		return true;
	call_fail(call, call_unanswered(call), now);
	return false;
}

static enum call_failure
call_refusal(const struct call *call)
{
	return ring_failure(&call->there.reply, &call->there.more);
}

/* -------------------------------------------------------- the listener --- */

/* Where others find us: the address that leads to them, a port of the plan. */
static bool
call_listen(struct call *call)
{
	const struct call_plan *plan = call->plan;
	struct address at = daemon_here(&call->there);

	if (call->listener >= 0)
		return true;
	call->listener = listener_open(&at, plan->port_low, plan->port_high);
	if (call->listener < 0)
		return false;
	call->waits_at = socket_here(call->listener);
	return true;
}

static void
call_turn_away(struct call *call, const struct address *peer)
{
	char stranger[ADDRESS_TEXT_SIZE];
	char host[CALL_STATUS_SIZE / 3];

	address_format(peer, stranger, sizeof(stranger));
	text_name(
	    host, sizeof(host), call->plan->host, strlen(call->plan->host));
	snprintf(call->status, sizeof(call->status),
	    "Turned away %s, which is not %s", stranger, host);
}

/* At this host nobody but the callee takes his calls. */
static bool
call_is_callee(const struct call *call, const struct owner *owner)
{
	return owner_may_use(owner, call->plan->callee->user);
}

static void
call_refuse(struct call *call, const struct owner *owner)
{
	party_refuse(owner, call->plan->callee->user, call->status,
	    sizeof(call->status));
}

/* Whether a stream is let in; tells of one that is not. */
static bool
call_admits(struct call *call, int stream, const struct address *peer)
{
	struct address own = socket_here(stream);
	struct owner owner;

	if (!meeting_admits(&call->there, peer, &own)) {
		call_turn_away(call, peer);
		return false;
	}
	owner = party_find(call->plan->find_owner, peer, &own, false);
	if (!call_is_callee(call, &owner)) {
		call_refuse(call, &owner);
		return false;
	}
	return true;
}

/* Takes the callee's connection; false when none was there. */
static bool
call_accept(struct call *call, int64_t now)
{
	struct sockaddr_storage ss;
	struct address peer;
	socklen_t len;
	int stream;

	while (call->listener >= 0) {
		len = sizeof(ss);
		stream = accept(call->listener, (struct sockaddr *)&ss, &len);
		if (stream < 0)
			return false;
		(void)address_from_sockaddr(&peer, (struct sockaddr *)&ss, len);
		if (call_admits(call, stream, &peer)) {
			call_connected(call, stream, now);
			return true;
		}
		close(stream);
	}
	return false;
}

/* ---------------------------------------------------------- connecting --- */

static void
call_connect(struct call *call, int64_t now)
{
	const struct talk_reply *reply = &call->there.reply;
	struct sockaddr_storage ss;
	socklen_t len;

	call->lead = meeting_lead(&call->there, &reply->addr);
	len = address_to_sockaddr(&call->lead, &ss);
	call->found = reply->id;
	call->deadline = now + CONNECT_MS;
	call->step = STEP_CONNECT;
	call_say(call, "Waiting to connect with caller");
	call->stream = socket_new(&call->lead, SOCK_STREAM);
	if (call->stream < 0) {
		call_fail_system(call, now);
		return;
	}
	if (connect(call->stream, (struct sockaddr *)&ss, len) != 0 &&
	    errno != EINPROGRESS)
		call->deadline = now; /* no way there: as if in vain */
}

/* 0 connected, EINPROGRESS, or why not. */
static int
call_connect_error(const struct call *call, const struct turn *turn)
{
	if (turn_ready(turn, call->stream) == 0)
		return EINPROGRESS;
	return socket_error(call->stream);
}

/* The invitation led nowhere: has it deleted, and goes on without it. */
static void
call_connect_failed(struct call *call, int64_t now)
{
	struct talk_request request = call_request(
	    call, TALK_DELETE, call->found);

	close(call->stream);
	call->stream = -1;
	call->dead = call->found;
	daemon_ask(&call->there, &request, now);
	if (call->phase == CALL_RINGING) {
		call->step = STEP_WAIT;
		call->look_again = now + LOOK_AGAIN_MS;
		call_say_waiting(call, "Waiting for your party to respond");
	} else {
		call->step = STEP_LEAVE_INVITE;
	}
}

/* --------------------------------------------------------------- steps --- */

/* Whether the answer to a LOOK_UP is an invitation worth following. */
static bool
call_is_invited(const struct call *call)
{
	const struct talk_reply *reply = &call->there.reply;

	return reply->answer == TALK_SUCCESS && reply->addr.family != 0 &&
	    reply->addr.port != 0 && reply->id != call->dead &&
	    !address_equal(&reply->addr, &call->waits_at);
}

/* Whether our address is lower than the one just found. */
static bool
call_is_lower(const struct call *call)
{
	return meeting_is_lower(&call->waits_at, &call->there.reply.addr);
}

/*
 * Two who wait for each other must meet once: the one whose address is the
 * lower connects.  The other would be an old client that never looks again if
 * nothing comes of that.
 */
static bool
call_goes_first(struct call *call)
{
	return call_is_lower(call) || ++call->looks >= LOOKS_TO_YIELD;
}

static void
step_look_up(struct call *call, int64_t now)
{
	if (!call_is_answered(call, now))
		return;
	if (call_is_invited(call))
		call_connect(call, now);
	else
		call->step = STEP_LEAVE_INVITE;
}

/* Looks for the callee's daemon at the next of his host's addresses. */
static void
call_go_on(struct call *call, int64_t now)
{
	if (call->listener >= 0)
		close(call->listener);
	call->listener = -1;
	call->waits_at = (struct address){ 0 };
	if (!daemon_pass_over(&call->there)) {
		call_fail(call, CALL_NO_IPV6, now);
		return;
	}
	/* Old daemons that are asked to renew it do not renew the address. */
	invitation_take_back(&call->invitation, now);
	call->passed_over = true;
	call_look_up(call, now);
	call->step = STEP_LOOK_UP;
}

/*
 * Listens, and has our daemon tell where.  Over IPv6 the callee's must know the
 * extension, too, for his talk to hear of it.
 */
static void
call_invite(struct call *call, int64_t now)
{
	struct address there = daemon_there(&call->there);

	if (there.family == 6 && !daemon_extends(&call->there))
		call_go_on(call, now);
	else if (call_listen(call))
		call_leave_invite(call, now);
	else if (errno == EADDRINUSE)
		call_fail(call, CALL_NO_PORT, now);
	else
		call_fail_system(call, now);
}

static void
call_invited(struct call *call, int64_t now)
{
	if (call->there.state == DAEMON_ASKING)
		return;
	call_say(call, "Trying to connect to your party's talk daemon");
	call_announce(call, now);
	call->step = STEP_ANNOUNCE;
}

static void
step_leave_invite(struct call *call, int64_t now)
{
	switch (call->invitation.state) {
	case INVITATION_NONE:
		call_invite(call, now);
		break;
	case INVITATION_LEFT:
		call_invited(call, now);
		break;
	case INVITATION_FAILED:
		if (call->invitation.failure == CALL_NO_IPV6)
			call_go_on(call, now);
		else
			call_fail(call, call->invitation.failure, now);
		break;
	case INVITATION_ASKED:
	case INVITATION_TAKEN_BACK:
		break;
	}
}

/* A daemon that wants to be asked later: is it soon, we wait. */
static bool
call_may_hold(const struct call *call, enum call_failure refusal, int64_t now)
{
	int64_t wait = call->there.more.seconds * 1000;

	return refusal == CALL_TOO_OFTEN && wait > 0 &&
	    wait <= CALL_HOLD_MAX_MS &&
	    (call->held_until == 0 || now + wait <= call->held_until);
}

static void
call_hold(struct call *call, int64_t now)
{
	if (call->held_until == 0)
		call->held_until = now + HOLDS_MS;
	call->there.state = DAEMON_IDLE;
	call->deadline = now + call->there.more.seconds * 1000;
	call->step = STEP_HOLD;
	call_say(call, "Your party's talk daemon asks to wait");
}

static void
step_hold(struct call *call, int64_t now)
{
	if (call_accept(call, now) || now < call->deadline)
		return;
	call_announce(call, now);
	call->step = STEP_ANNOUNCE;
}

/* Rung for the first time. */
static void
call_rang(struct call *call, int64_t now)
{
	call->announcement = call->there.reply.id;
	call->there.state = DAEMON_IDLE;
	call->phase = CALL_RINGING;
	call->step = STEP_WAIT;
	call->ring_again = now + RING_AGAIN_MS;
	call->look_again = now;
	if (call->plan->patience > 0)
		call->give_up = now + call->plan->patience;
	ring_where(&call->there.more, call->rung);
	call_say_waiting(call, "Waiting for your party to respond");
}

static void
step_announce(struct call *call, int64_t now)
{
	enum call_failure refusal;

	if (!call_is_answered(call, now))
		return;
	refusal = call_refusal(call);
	if (refusal == CALL_NOT_FAILED)
		call_rang(call, now);
	else if (call_may_hold(call, refusal, now))
		call_hold(call, now);
	else
		call_fail_told(call, refusal, now);
}

static void
call_rang_again(struct call *call, int64_t now)
{
	enum call_failure refusal = call_refusal(call);

	if (refusal == CALL_NOT_FAILED) {
		call->announcement = call->there.reply.id;
		ring_where(&call->there.more, call->rung);
		call_say_waiting(call, "Ringing your party again");
	} else if (ring_may_pass(refusal)) {
		call_say_waiting(call, "Waiting for your party to respond");
	} else {
		call_fail_told(call, refusal, now);
	}
}

/* Takes in the answer to a ring or a look while waiting. */
static void
wait_answer(struct call *call, int64_t now)
{
	call->there.state = DAEMON_IDLE;
	if (call->there.reply.type == TALK_ANNOUNCE)
		call_rang_again(call, now);
	else if (call->there.reply.type == TALK_LOOK_UP &&
	    call_is_invited(call) && call_goes_first(call))
		call_connect(call, now);
}

/* Rings again or looks again when it is time and the daemon is free. */
static void
wait_ask(struct call *call, int64_t now)
{
	if (call->there.state == DAEMON_ASKING)
		return;
	if (now >= call->ring_again) {
		call->ring_again = now + RING_AGAIN_MS;
		call_say_waiting(call, "Ringing your party again");
		call_leave_invite(call, now);
		call_announce(call, now);
	} else if (now >= call->look_again) {
		call->look_again = now + LOOK_AGAIN_MS;
		call_look_up(call, now);
	}
}

static void
step_wait(struct call *call, int64_t now)
{
	if (call_accept(call, now))
		return;
	if (call->there.state == DAEMON_ANSWERED)
		wait_answer(call, now);
	if (call->step == STEP_WAIT && now >= call->give_up)
		call_fail(call, CALL_NO_ANSWER, now);
	if (call->step == STEP_WAIT)
		wait_ask(call, now);
}

static void
step_connect(struct call *call, const struct turn *turn, int64_t now)
{
	int error = call_connect_error(call, turn);
	int stream = call->stream;
	struct address own;
	struct owner owner;

	if (error == EINPROGRESS && now < call->deadline)
		return;
	if (error != 0) {
		call_connect_failed(call, now);
		return;
	}
	own = socket_here(stream);
	owner = party_find(call->plan->find_owner, &call->lead, &own, true);
	if (!call_is_callee(call, &owner)) {
		call_connect_failed(call, now);
		call_refuse(call, &owner);
		return;
	}
	/* When both went at once, the connection of the lower is the one. */
	call->stream = -1;
	if (!call_is_lower(call) && call_accept(call, now))
		close(stream);
	else
		call_connected(call, stream, now);
}

void
call_turn(struct call *call, const struct turn *turn, int64_t now)
{
	enum call_step before;

	(void)invitation_turn(&call->invitation, now);
	(void)daemon_turn(&call->there, now);
	do {
		before = call->step;
		switch (call->step) {
		case STEP_LOOK_UP:
			step_look_up(call, now);
			break;
		case STEP_LEAVE_INVITE:
			step_leave_invite(call, now);
			break;
		case STEP_ANNOUNCE:
			step_announce(call, now);
			break;
		case STEP_HOLD:
			step_hold(call, now);
			break;
		case STEP_WAIT:
			step_wait(call, now);
			break;
		case STEP_CONNECT:
			step_connect(call, turn, now);
			break;
		case STEP_TAKE_BACK:
			step_take_back(call, now);
			break;
		case STEP_OVER:
			break;
		}
		/* What the turn says of a descriptor is not of a new stream. */
	} while (call->step != before && call->step != STEP_CONNECT);
	call_count(call, now);
}

/* ------------------------------------------------------ for the loop's --- */

struct call *
call_new(const struct call_plan *plan, int64_t now)
{
	struct call *call = calloc(1, sizeof(*call));
	int error;

	if (call == NULL)
		return NULL;
	call->plan = plan;
	call->listener = call->stream = -1;
	call->give_up = call->next_second = TURN_NEVER;
	call_say(call, "Checking for invitation on caller's machine");
	error = invitation_open(
	    &call->invitation, plan->here, plan->here_count);
	if (error == 0)
		error = daemon_open(
		    &call->there, plan->there, plan->there_count);
	if (error == ENETUNREACH || error == EHOSTUNREACH) {
		call_fail(call, CALL_UNREACHABLE, now);
	} else if (error != 0) {
		errno = error;
		call_fail_system(call, now);
	} else {
		call_look_up(call, now);
	}
	return call;
}

void
call_free(struct call *call)
{
	if (call == NULL)
		return;
	invitation_close(&call->invitation);
	daemon_close(&call->there);
	if (call->listener >= 0)
		close(call->listener);
	if (call->stream >= 0)
		close(call->stream);
	free(call);
}

void
call_await(const struct call *call, struct turn *turn)
{
	invitation_await(&call->invitation, turn);
	daemon_await(&call->there, turn);
	turn_by(turn, call->next_second);
	switch (call->step) {
	case STEP_WAIT:
		turn_want(turn, call->listener, POLLIN);
		turn_by(turn, call->give_up);
		if (call->there.state == DAEMON_ASKING)
			break;
		turn_by(turn, call->ring_again);
		turn_by(turn, call->look_again);
		break;
	case STEP_HOLD:
		turn_want(turn, call->listener, POLLIN);
		turn_by(turn, call->deadline);
		break;
	case STEP_CONNECT:
		turn_want(turn, call->stream, POLLOUT);
		turn_by(turn, call->deadline);
		break;
	case STEP_TAKE_BACK:
		turn_by(turn, call->deadline);
		break;
	default:
		break;
	}
}

enum call_phase
call_phase(const struct call *call)
{
	return call->phase;
}

enum call_failure
call_failure(const struct call *call)
{
	return call->failure;
}

int
call_error(const struct call *call)
{
	return call->error;
}

const char *
call_status(const struct call *call)
{
	return call->status;
}

const char *
call_countdown(const struct call *call)
{
	return call->countdown;
}

int
call_socket(struct call *call)
{
	int stream = call->stream;

	call->stream = -1;
	return stream;
}

void
call_end(struct call *call, int64_t now)
{
	if (call->step == STEP_TAKE_BACK || call->step == STEP_OVER)
		return;
	call_take_back(call, now);
	step_take_back(call, now);
}

bool
call_is_over(const struct call *call)
{
	return call->step == STEP_OVER;
}
