/*
 * inside - the daemon's loop with all its rooms in one process, in a world that
 * a test plays: whatever comes in, goes out, is asked of the system or takes
 * time is the test's, and nothing of the real host is seen or touched.
 *
 * The rooms are those of the daemon, unchanged.  Where they call the system,
 * the linker finds functions of the same name with inside_ in front (the list
 * is inside.names), in these files:
 *
 *   inside.c        time, datagrams, poll
 *   inside_wire.c   streams, and sockets that ask other daemons
 *   inside_place.c  users, their terminals, files of rules
 *   inside_hosts.c  hosts: their names, and whose a local socket is
 *   inside_memory.c memory
 *   inside_watch.c  what must hold, asked at every step
 *   inside_calls.c  the same of the replies to calls
 *
 * What must not happen ends the program by fuzz_expect.  One world at a time.
 */
#ifndef TESTS_INSIDE_H
#define TESTS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "talkd/datagram.h"

/* ------------------------------------------------------------- a world --- */

/* Rules of the site; each is none, or one that inside_place.c tells. */
enum { INSIDE_SITES = 4 };

struct inside_setup {
	bool one_socket; /* for datagrams of IPv4, and no stream */
	bool debugs;	 /* as talkd -d */
	int site;	 /* below INSIDE_SITES */
	int64_t life;	 /* of an invitation: milliseconds */

	/*
	 * Has the world do something while the daemon waits; false when there
	 * is no more.  The daemon then has to leave by itself.
	 */
	bool (*play)(void *context);
	void *context;
};

/* Plays a world to its end, with everything that was made freed again. */
void inside_run(const struct inside_setup *setup);

/* ---------------------------------------------------- inside.c: events --- */

/* Milliseconds; and seconds since the Epoch, which go with them. */
int64_t inside_now(void);
int64_t inside_seconds(void);

/* Lets time pass while the daemon waits: it wakes when something is due. */
void inside_pass(int64_t ms);

/* The same at once: the host was busy, or asleep. */
void inside_stall(int64_t ms);

/* What happens now comes together with what happens next. */
void inside_hold(void);

/* The next poll finds nothing: it is interrupted, or wakes for no reason. */
void inside_disturb(bool interrupted);

/*
 * Sends the daemon a datagram, `local` and all but its port set: to the socket
 * of its family, or the one for messages.  It is lost where too many wait.
 */
void inside_send(const struct datagram *datagram, bool for_messages);

/* ----------------------------------------- inside_hosts.c: other hosts --- */

enum { INSIDE_HOSTS = 12 };

/* Its address, with that port; this host has several. */
struct address inside_host(unsigned which, uint16_t port);

/* Where a datagram or a stream from there comes to, without a port. */
struct address inside_local(unsigned which);

/* Which one that is; INSIDE_HOSTS for none. */
unsigned inside_which_host(const struct address *host);

/* Which has that name, or that number; INSIDE_HOSTS for none. */
unsigned inside_host_called(const char *name);

/* Whether an address is this host's. */
bool inside_is_here(const struct address *host);

/* Whether the owner of that port here may call himself so. */
bool inside_may_use(const struct address *source, const char *name);

/* Answers so many of the questions for names that wait. */
void inside_tell_names(unsigned count);
void inside_forget_names(void);

/* ----------------------------------- inside_place.c: users, terminals --- */

enum { INSIDE_USERS = 6, INSIDE_TERMINALS = 9 };

const char *inside_user(unsigned which);

/* The name of a terminal, and whose it is: a number below INSIDE_USERS. */
const char *inside_terminal(unsigned which);
unsigned inside_terminal_owner(unsigned which);
int inside_terminal_columns(unsigned which);

/* What can befall a terminal. */
enum inside_change {
	INSIDE_OPENS,
	INSIDE_CLOSES,
	INSIDE_IS_TYPED_AT,
	INSIDE_CHANGES_HANDS,
	INSIDE_STOPS, /* or goes on */
	INSIDE_WIDENS,
	INSIDE_GOES, /* or is back */
	INSIDE_CHANGES,
};

void inside_change_terminal(
    unsigned which, enum inside_change change, unsigned by);

/* How much has been written there so far: whole texts. */
unsigned inside_shown(unsigned which);

/* The site's rules are written anew, or alice's with the next of these. */
enum inside_rules { INSIDE_DENY_MALLORY, INSIDE_DENY_ALL, INSIDE_DENY_NOBODY };

void inside_touch_rules(bool alices);
enum inside_rules inside_alices_rules(void);

/* --------------------------------------------- inside_calls.c: replies --- */

/* The id of an invitation that a reply told of; 0 when none did. */
uint32_t inside_id(unsigned which);

/* --------------------------------------------- inside_wire.c: sockets --- */

enum { INSIDE_WIRES = 256 };

/* A stream to the daemon: its number, or -1 when there are too many. */
int inside_connect(const struct address *from, const struct address *local);

/* What its other side does. */
void inside_write(int wire, const uint8_t *bytes, size_t len);
void inside_end(int wire);
void inside_reset(int wire);
void inside_block(int wire, bool blocked); /* reads nothing any more */

/* So many descriptors are not to be had now. */
void inside_run_short(unsigned times);

/* Answers the oldest question that is open with these bytes, or an error. */
void inside_answer_question(const uint8_t *bytes, size_t len);
void inside_refuse_question(void);

/* How many streams, and sockets that ask, are open. */
unsigned inside_streams(void);
unsigned inside_questions(void);

/* ------------------------------------------------------ what is counted --- */

/* Memory that the daemon holds. */
struct inside_memory {
	size_t blocks, bytes; /* of malloc */
	size_t pages;	      /* of mmap, in bytes */
};

struct inside_memory inside_memory(void);

/* Descriptors that are open, but those of the sockets it serves. */
unsigned inside_descriptors(void);

#endif
