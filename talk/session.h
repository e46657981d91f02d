/*
 * session - the conversation's loop: from the first question to a daemon to the
 * last byte to the other side, through one face.
 */
#ifndef TALK_SESSION_H
#define TALK_SESSION_H

#include "call.h"
#include "face.h"
#include "transcript.h"

enum session_end {
	SESSION_ENDED,	/* held and ended, or left by the user before */
	SESSION_FAILED, /* the call: failure tells why, error as call_error */
	SESSION_BROKEN, /* the system failed us: *error */
	SESSION_LOST, /* the connection broke before a word was said: *error */
	SESSION_SIGNAL, /* a terminating signal came: its number in *error */
};

struct session_outcome {
	enum session_end end;
	enum call_failure failure;
	int error;
};

/*
 * Calls, talks, and takes everything back; the face is closed when it returns.
 * user and name are what to call the user and the other one on the screen; a
 * transcript, if not NULL, has both as its parties.  The plan, the face and the
 * transcript remain the caller's.
 */
struct session_outcome session_run(const struct call_plan *plan,
    struct face *face, struct transcript *transcript, const char *user,
    const char *name);

#endif
