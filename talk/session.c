/*
 * session - the conversation's loop: from the first question to a daemon to the
 * last byte to the other side, through one face.
 */
#include "common/system.h"

#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "peer.h"
#include "retype.h"
#include "signals.h"

enum {
	/*
	 * A call that fails does so at once as a rule: a screen for it would
	 * only flash.  One that takes longer should be seen to.
	 */
	OPEN_MS = 700,
	USER = 0,
};

struct session {
	struct face *face;
	struct call *call;
	struct transcript *transcript; /* or NULL */
	/* By party; that of the user is never connected. */
	struct peer peers[FACE_PARTIES_MAX];
	int count; /* of parties */
	char told[CALL_STATUS_SIZE];
	char counted[CALL_COUNTDOWN_SIZE];
	char status[CALL_STATUS_SIZE];
	struct buffer typed;
	struct retype retype;
	struct buffer said; /* what was typed, for the others */
	int64_t open_at;
	bool open;    /* the face */
	bool leaving; /* what remains is to say the last and to take back */
	bool patient; /* the last may take its time to be said */
	bool left;    /* all that has begun */
	bool hurry;   /* the user does not want to wait for that */
	struct session_outcome outcome;
};

static void
session_stop(struct session *session, enum session_end end, int error)
{
	if (session->outcome.end == SESSION_ENDED) {
		session->outcome.end = end;
		session->outcome.error = error;
	}
	session->leaving = true;
}

static void
session_open_face(struct session *session)
{
	int error;

	if (session->open)
		return;
	session->open = true;
	error = session->face->does->open(session->face);
	if (error != 0)
		session_stop(session, SESSION_BROKEN, error);
}

/* Tells how the call stands, when that is news. */
static void
session_tell(struct session *session, const char *words)
{
	if (!session->open || strcmp(session->told, words) == 0)
		return;
	snprintf(session->told, sizeof(session->told), "%s", words);
	session->face->does->tell(session->face, USER + 1, words);
}

static void
session_count(struct session *session, const char *words)
{
	if (!session->open || strcmp(session->counted, words) == 0)
		return;
	snprintf(session->counted, sizeof(session->counted), "%s", words);
	session->face->does->count(session->face, USER + 1, words);
}

static void
session_edit(struct session *session, int party, const uint8_t edit[3])
{
	session->face->does->edit(session->face, party, edit);
	if (session->transcript != NULL)
		transcript_edit(session->transcript, party, edit);
}

static void
session_show(struct session *session, int party, const char *bytes, size_t len)
{
	session->face->does->show(session->face, party, bytes, len);
	if (session->transcript != NULL)
		transcript_hear(
		    session->transcript, party, bytes, len, time(NULL));
	if (session->face->error != 0)
		session_stop(session, SESSION_BROKEN, session->face->error);
}

/* Whether any of the others is there to be talked to. */
static bool
session_is_talking(const struct session *session)
{
	int i;

	for (i = USER + 1; i < session->count; i++)
		if (session->peers[i].state == PEER_TALKING)
			return true;
	return false;
}

/* Whether one of the others cannot take more for now. */
static bool
session_is_behind(const struct session *session)
{
	int i;

	for (i = USER + 1; i < session->count; i++)
		if (peer_is_behind(&session->peers[i]))
			return true;
	return false;
}

/* ------------------------------------------------------------ the call --- */

static void
session_connected(struct session *session, int64_t now)
{
	struct peer *peer = &session->peers[USER + 1];
	int stream = call_socket(session->call);

	if (stream < 0)
		return;
	if (session->open) {
		session->face->does->ring(session->face, now);
		/* The other may have called, and rung across the picture. */
		session->face->does->resize(session->face);
	}
	session_open_face(session);
	peer_start(peer, stream, session->face->edit);
	if (peer->state == PEER_BROKEN)
		session_stop(session, SESSION_BROKEN, peer->error);
}

/* How the call stands, and that the transcript does not, should it fail. */
static const char *
session_status(struct session *session)
{
	int error = session->transcript == NULL
	    ? 0
	    : transcript_error(session->transcript);

	snprintf(session->status, sizeof(session->status), "%s%s%s",
	    call_status(session->call), error == 0 ? "" : "; no transcript: ",
	    error == 0 ? "" : strerror(error));
	return session->status;
}

/* Tells how all that stands, unless it has ended. */
static void
session_report(struct session *session)
{
	if (session->leaving)
		return;
	if (session->peers[USER + 1].state == PEER_TALKING ||
	    call_phase(session->call) != CALL_CONNECTED)
		session_tell(session, session_status(session));
	session_count(session, call_countdown(session->call));
}

static void
session_call(struct session *session, const struct turn *turn, int64_t now)
{
	call_turn(session->call, turn, now);
	if (session->leaving)
		return;
	switch (call_phase(session->call)) {
	case CALL_ASKING:
		if (now >= session->open_at)
			session_open_face(session);
		break;
	case CALL_RINGING:
		session_open_face(session);
		break;
	case CALL_CONNECTED:
		session_connected(session, now);
		break;
	case CALL_FAILED:
		session->outcome.failure = call_failure(session->call);
		session_stop(
		    session, SESSION_FAILED, call_error(session->call));
		break;
	}
	session_report(session);
}

/* ---------------------------------------------------------- the others --- */

static void
session_closed(struct session *session, const struct peer *peer)
{
	char words[CALL_STATUS_SIZE];

	snprintf(words, sizeof(words), "Connection closed%s%s%s",
	    peer->state == PEER_BROKEN ? ": " : "",
	    peer->state == PEER_BROKEN ? strerror(peer->error) : "",
	    session->face->attended && !session->left ? ". ^C to leave" : "");
	session_tell(session, words);
	if (session->transcript != NULL && !session_is_talking(session))
		transcript_end_lines(session->transcript, time(NULL));
	if (peer->state == PEER_BROKEN && !peer_has_begun(peer))
		session_stop(session, SESSION_LOST, peer->error);
}

static void
session_hear(struct session *session, int party, const struct turn *turn)
{
	struct peer *peer = &session->peers[party];
	char bytes[PEER_READ_SIZE];
	bool edited;
	size_t len;

	if (peer->fd < 0)
		return;
	len = peer_hear(peer, turn, bytes, &edited);
	if (edited)
		session_edit(session, party, peer->edit);
	if (len > 0)
		session_show(session, party, bytes, len);
}

static void
session_others(struct session *session, const struct turn *turn, int64_t now)
{
	int i;

	for (i = USER + 1; i < session->count; i++) {
		struct peer *peer = &session->peers[i];
		bool was_there = peer->fd >= 0;

		session_hear(session, i, turn);
		peer_turn(peer, now);
		if (was_there && peer->fd < 0)
			session_closed(session, peer);
	}
}

/* ------------------------------------------------------------ the user --- */

/* Sends what was typed, and shows it as it is sent. */
static void
session_say(struct session *session)
{
	const char *bytes;
	size_t len;
	int i;

	if (session_is_talking(session) &&
	    !retype_text(&session->retype, session->face->edit,
		buffer_head(&session->typed), buffer_len(&session->typed),
		&session->said))
		session_stop(session, SESSION_BROKEN, ENOMEM);
	buffer_take(&session->typed, buffer_len(&session->typed));
	bytes = buffer_head(&session->said);
	len = buffer_len(&session->said);
	if (len == 0)
		return;
	for (i = USER + 1; i < session->count; i++)
		if (session->peers[i].state == PEER_TALKING &&
		    !peer_say(&session->peers[i], bytes, len))
			session_stop(session, SESSION_BROKEN, ENOMEM);
	session_show(session, USER, bytes, len);
	buffer_take(&session->said, len);
}

static void
session_user(struct session *session, const struct turn *turn)
{
	enum face_input input;

	if (!session->open)
		return;
	input = session->face->does->read(session->face, turn, &session->typed);
	session_say(session);
	if (input != FACE_END)
		return;
	session->patient = !session->face->attended;
	session_stop(session,
	    session->face->error != 0 ? SESSION_BROKEN : SESSION_ENDED,
	    session->face->error);
}

/* Ends as the signals say that end a session. */
static void
session_obey_end(struct session *session)
{
	static const int ending[] = { SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (signals_take(ending[i])) {
			session->patient = false;
			session_stop(session, SESSION_SIGNAL, ending[i]);
		}
	if (signals_take(SIGINT)) {
		session->hurry = session->leaving;
		session_stop(session, SESSION_ENDED, 0);
	}
}

/* Stops when the user says so; true once it goes on. */
static bool
session_suspend(struct session *session)
{
	if (!signals_take(SIGTSTP))
		return false;
	session->face->does->suspend(session->face);
	signals_obey(SIGTSTP);
	return true;
}

/*
 * What was ready when we were stopped may be taken by the shell meanwhile.  Who
 * is to end after that must not stop again for the terminal.
 */
static void
session_signals(struct session *session, struct turn *turn)
{
	bool resumes;

	signals_turn();
	resumes = session_suspend(session);
	resumes = signals_take(SIGCONT) || resumes;
	if (resumes)
		turn_begin(turn);
	session_obey_end(session);
	if (resumes && session->open && !session->leaving)
		session->face->does->resume(session->face);
	if (signals_take(SIGWINCH))
		session->face->does->resize(session->face);
}

/* ------------------------------------------------------------ the loop --- */

/* Whether the user's text is wanted now. */
static bool
session_listens(const struct session *session)
{
	return !session->leaving && !session_is_behind(session) &&
	    (session->face->attended || session_is_talking(session));
}

static void
session_await(struct session *session, struct turn *turn, int wake)
{
	const struct face_functions *does = session->face->does;
	bool hear = !does->is_behind(session->face);
	int i;

	turn_begin(turn);
	turn_want(turn, wake, POLLIN);
	call_await(session->call, turn);
	for (i = USER + 1; i < session->count; i++)
		peer_await(&session->peers[i], turn, hear);
	if (session->open && !(session->left && session->face->attended))
		does->await(session->face, turn, session_listens(session));
	if (!session->open)
		turn_by(turn, session->open_at);
}

/* Whether any of the others has a connection, though it may be ending. */
static bool
session_is_connected(const struct session *session)
{
	int i;

	for (i = USER + 1; i < session->count; i++)
		if (session->peers[i].fd >= 0)
			return true;
	return false;
}

/* Hangs up and takes back; a person gets the terminal back at once. */
static void
session_leave(struct session *session, int64_t now)
{
	int i;

	for (i = USER + 1; i < session->count; i++)
		peer_hang_up(&session->peers[i],
		    session->patient ? TURN_NEVER : now + PEER_HANG_UP_MS);
	if (session->left)
		return;
	session->left = true;
	call_end(session->call, now);
	if (!session->face->attended)
		return;
	if (session_is_connected(session))
		session_tell(session, "Connection closed");
	(void)session->face->does->close(session->face);
}

static bool
session_is_over(const struct session *session)
{
	if (!session->left)
		return false;
	return session->hurry ||
	    (!session_is_connected(session) && call_is_over(session->call));
}

/* A face that nobody sits at ends when the last of the others has left. */
static void
session_end_alone(struct session *session)
{
	if (!session->face->attended && !session->leaving &&
	    call_phase(session->call) == CALL_CONNECTED &&
	    !session_is_talking(session))
		session_stop(session, SESSION_ENDED, 0);
}

static void
session_loop(struct session *session, int wake)
{
	struct turn turn;
	int64_t now;

	while (!session_is_over(session)) {
		session_await(session, &turn, wake);
		now = turn_wait(&turn);
		session_signals(session, &turn);
		session_call(session, &turn, now);
		session_user(session, &turn);
		session_others(session, &turn, now); /* sends what he said */
		session_report(session); /* the disk may be full by now */
		session_end_alone(session);
		if (session->leaving)
			session_leave(session, now);
		if (session->open)
			session->face->does->turn(session->face, now);
	}
}

/*
 * Closes the face.  A slow reader gets all that was said, unless the user does
 * not want to wait for that.
 */
static void
session_close_face(struct session *session, int wake)
{
	const struct face_functions *does = session->face->does;
	struct turn turn;

	while (!does->close(session->face) && !session->hurry &&
	    session->outcome.end != SESSION_SIGNAL) {
		turn_begin(&turn);
		turn_want(&turn, wake, POLLIN);
		does->await(session->face, &turn, false);
		turn_wait(&turn);
		session_signals(session, &turn);
	}
	if (session->face->error != 0)
		session_stop(session, SESSION_BROKEN, session->face->error);
}

struct session_outcome
session_run(const struct call_plan *plan, struct face *face,
    struct transcript *transcript, const char *user, const char *name)
{
	struct session session = {
		.face = face,
		.transcript = transcript,
		.count = USER + 2,
	};
	int64_t now = turn_clock();
	int wake = signals_open();
	int i;

	for (i = 0; i < session.count; i++)
		peer_start(&session.peers[i], -1, face->edit);
	session.open_at = now + OPEN_MS;
	session.call = call_new(plan, now);
	if (wake < 0 || session.call == NULL || !face->does->add(face, user) ||
	    !face->does->add(face, name)) {
		session_stop(&session, SESSION_BROKEN, errno);
	} else {
		session_edit(&session, USER, face->edit);
		session_loop(&session, wake);
		session_close_face(&session, wake);
		if (transcript != NULL)
			transcript_end_lines(transcript, time(NULL));
	}
	for (i = 0; i < session.count; i++)
		peer_free(&session.peers[i]);
	call_free(session.call);
	buffer_free(&session.typed);
	buffer_free(&session.said);
	return session.outcome;
}
