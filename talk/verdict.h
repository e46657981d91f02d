/*
 * verdict - how it ended: the one line that tells people, and the exit status
 * that tells scripts (sysexits.h).
 *
 * Pure functions.
 */
#ifndef TALK_VERDICT_H
#define TALK_VERDICT_H

#include "common/msp.h"
#include "broadcast.h"
#include "callers.h"
#include "delivery.h"
#include "session.h"

enum {
	VERDICT_NOTHING_TO_DO = 1, /* the one status that sysexits.h lacks */
	VERDICT_SIZE = MSP_SIZE * 2 + 1024,
};

struct verdict {
	int status;
	char line[VERDICT_SIZE]; /* without "talk:"; "": nothing to be said */
};

/*
 * About a person, a host or a file; "": about nothing.  This may come from
 * outside, and passes the gate; the words do not.
 */
struct verdict verdict_on(int status, const char *about, const char *words);

/* On what the system did not let us do; an errno. */
struct verdict verdict_on_system(int error);

struct verdict verdict_on_host(const char *host, const char *why);
struct verdict verdict_on_transcript(const char *file, const char *why);

/* On what the draft of a message came to; 0 or an errno (draft.h). */
struct verdict verdict_on_draft(int error, size_t len);

/* The host in words.  That a signal came has no words. */
struct verdict verdict_on_session(const struct session_outcome *outcome,
    const struct person *person, const char *host);

/* On who calls: good when somebody does. */
struct verdict verdict_on_callers(const struct callers *callers);

struct verdict verdict_on_delivery(
    const struct delivery *delivery, const struct person *to);

struct verdict verdict_on_broadcast(
    const struct broadcast *broadcast, const struct person *to);

#endif
