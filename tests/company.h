/*
 * company - who the conversations of the tests are held by: a talkd, alice who
 * calls, bob who is called, and how they come together.
 *
 * Both are the user who runs the tests, since nothing else needs no root; they
 * are told apart by their terminals.  For cmocka: what should hold and does not
 * fails the test.
 */
#ifndef TESTS_COMPANY_H
#define TESTS_COMPANY_H

#include <netinet/in.h>

#include "common/ntalk.h"
#include "stage.h"

enum { WHOM_SIZE = 300 };

struct company {
	struct stage *stage;
	struct actor *talkd;
	uint16_t port;
	char port_text[8];
	const char *user; /* the login name of both */
	struct actor *alice;
	struct actor *bob;
};

/*
 * A setup and a teardown for cmocka: a stage with a talkd on it, as inetd
 * starts one, alice and bob each at a terminal of 24 x 80.  The teardown fails
 * when a screen was sent anything a terminal should not be sent.
 */
int company_open(void **state);
int company_close(void **state);

/* Another terminal that somebody sits at. */
struct actor *company_sit(struct company *company, const char *name);

/*
 * Has an actor at a terminal run talk with -p PORT and these arguments, ended
 * by NULL, of which "$USER" becomes the user's name.
 */
void company_talk(
    struct company *company, struct actor *actor, const char *const *args);

/* Starts talk -n with these, likewise, on pipes. */
struct actor *company_talk_in_lines(
    struct company *company, const char *name, const char *const *args);

/* Has alice call bob's terminal; returns once it rang there, and whom to. */
void company_ring(struct company *company, char whom[WHOM_SIZE]);

/* Has bob answer; returns once both are told of the connection. */
void company_answer(struct company *company, const char *whom);

/* Both of it. */
void company_connect(struct company *company);

/* Has each leave with ^C, and checks that they end well. */
void company_part(struct company *company);

/*
 * Waits for a program's end: with this exit status, and the terminal, if it is
 * at one, as it was.
 */
void company_leaves(struct actor *actor, int exit_status);

/* Asks the daemon whether the user calls himself; the reply to a LOOK_UP. */
struct talk_reply company_look_up(const struct company *company);

/*
 * Connects to where the user's newest call waits for its answer, without a
 * talk; from that address, or NULL for any.
 */
int company_connect_by_hand(
    const struct company *company, const struct in_addr *from);

/* Until the daemon holds no invitation any more. */
void company_nobody_calls(struct company *company);

#endif
