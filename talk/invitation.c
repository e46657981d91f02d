/*
 * invitation - where we await the other side, as our own daemons tell whoever
 * asks them: left, renewed, taken back.
 */
#include "invitation.h"

#include <errno.h>

int
invitation_open(
    struct invitation *invitation, const struct address *here, int count)
{
	struct daemon *daemon;
	int error = EADDRNOTAVAIL;
	int failed;
	int i;

	*invitation = (struct invitation){ .state = INVITATION_NONE };
	for (i = 0; i < count; i++) {
		if (invitation->count == INVITATION_DAEMONS_MAX)
			break;
		daemon = &invitation->daemons[invitation->count];
		failed = daemon_open(daemon, &here[i], 1);
		if (failed == 0)
			invitation->count++;
		else
			error = failed;
	}
	return invitation->count > 0 ? 0 : error;
}

void
invitation_close(struct invitation *invitation)
{
	int i;

	for (i = 0; i < invitation->count; i++)
		daemon_close(&invitation->daemons[i]);
	invitation->count = 0;
}

void
invitation_leave(struct invitation *invitation,
    const struct talk_request *question, int64_t now)
{
	int i;

	for (i = 0; i < invitation->count; i++)
		daemon_ask(&invitation->daemons[i], question, now);
	if (invitation->state != INVITATION_LEFT)
		invitation->state = INVITATION_ASKED;
}

/* Asks the daemons that have it to forget it, or that may be about to. */
static void
take_back_all(struct invitation *invitation, int64_t now)
{
	bool all = true;
	int i;

	for (i = 0; i < invitation->count; i++)
		if (!daemon_take_back(
			&invitation->daemons[i], &invitation->ids[i], now))
			all = false;
	invitation->state = all ? INVITATION_NONE : INVITATION_TAKEN_BACK;
}

void
invitation_take_back(struct invitation *invitation, int64_t now)
{
	if (invitation->state != INVITATION_TAKEN_BACK)
		take_back_all(invitation, now);
}

void
invitation_await(const struct invitation *invitation, struct turn *turn)
{
	int i;

	for (i = 0; i < invitation->count; i++)
		daemon_await(&invitation->daemons[i], turn);
}

/* Whether the daemon has it and can tell it; if not, and is sure, why not. */
static enum call_failure
daemon_failure(const struct daemon *daemon)
{
	if (daemon->state != DAEMON_ANSWERED)
		return CALL_NO_OWN_DAEMON;
	/* Old daemons never set the answer: an id means yes. */
	if (daemon->reply.id == 0)
		return daemon->more.reason == EXTENSION_IMPOSTOR
		    ? CALL_IMPOSTOR
		    : CALL_OWN_REFUSES;
	if (daemon->question.addr.family == 6 && !daemon_extends(daemon))
		return CALL_NO_IPV6;
	return CALL_NOT_FAILED;
}

/* Decides what has become of it, from what each of the daemons has said. */
static void
invitation_judge(struct invitation *invitation)
{
	const struct daemon *daemon;
	enum call_failure failure;
	bool open = false;
	int i;

	invitation->failure = CALL_NO_OWN_DAEMON;
	for (i = 0; i < invitation->count; i++) {
		daemon = &invitation->daemons[i];
		failure = daemon_failure(daemon);
		if (failure == CALL_NOT_FAILED) {
			invitation->state = INVITATION_LEFT;
			return;
		}
		if (daemon->state == DAEMON_ASKING)
			open = true;
		else if (failure != CALL_NO_OWN_DAEMON)
			invitation->failure = failure;
	}
	if (!open)
		invitation->state = INVITATION_FAILED;
}

enum invitation_state
invitation_turn(struct invitation *invitation, int64_t now)
{
	struct daemon *daemon;
	int i;

	for (i = 0; i < invitation->count; i++) {
		daemon = &invitation->daemons[i];
		if (daemon_turn(daemon, now) == DAEMON_ANSWERED &&
		    daemon->question.type == TALK_LEAVE_INVITE &&
		    daemon->reply.id != 0)
			invitation->ids[i] = daemon->reply.id;
	}
	if (invitation->state == INVITATION_ASKED)
		invitation_judge(invitation);
	else if (invitation->state == INVITATION_TAKEN_BACK)
		take_back_all(invitation, now);
	return invitation->state;
}
