/*
 * subject - the programs that are measured in turn: the bare echo, our talkd,
 * and Debian's two where tests/peers/fetch.sh has put them.
 */
#ifndef TESTS_SUBJECT_H
#define TESTS_SUBJECT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ntalk.h"

enum subject_kind {
	SUBJECT_ECHO,
	SUBJECT_TALKD,
	SUBJECT_NETKIT,
	SUBJECT_INETUTILS,
	SUBJECTS,
};

struct subject {
	enum subject_kind kind;
	const char *name;
	pid_t pid;
	uint16_t port;
	int fd; /* the client's, connected to it; it awaits replies there */
	struct talk_request usual; /* what all requests have */
};

/*
 * Starts it, at a port of its own, as inetd does.  Our own may be given options
 * besides; NULL for none.  False when it is not there to be started.
 */
bool subject_start(struct subject *subject, enum subject_kind kind,
    const char *const options[2]);
void subject_end(struct subject *subject);

/* The user who runs this, by name. */
const char *subject_user(void);

/* A request of that type, with the user as its caller, and no callee yet. */
struct talk_request subject_request(
    const struct subject *subject, enum talk_type type);

/*
 * Sends a request and awaits the reply, which for the echo is none to be read
 * and comes out as zero.  What does not answer ends the program.
 */
struct talk_reply subject_ask(
    const struct subject *subject, const struct talk_request *req);

/* The same in two, for several at once. */
void subject_send(
    const struct subject *subject, const struct talk_request *req);
struct talk_reply subject_receive(const struct subject *subject);

#endif
