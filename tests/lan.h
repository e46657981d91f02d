/*
 * lan - hosts to talk between, each with its own network, names, terminals and
 * users (tests/lan/hosts.sh), with Debian's own inetd or xinetd to start
 * the daemons, and people logged in on them.  Needs root.
 *
 * The hosts are h1, h2, ... at 10.77.0.1 and fd77::1, 10.77.0.2 and fd77::2 and
 * so on; alice, bob and three of long names have an account on each.  For
 * cmocka: what should hold and does not fails the test.
 */
#ifndef TESTS_LAN_H
#define TESTS_LAN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/ntalk.h"
#include "stage.h"
#include "weather.h"

struct lan;

/*
 * Once, before any lan is opened: gets the programs that Debian ships, unless
 * they are there, into the directory that LAN_PEERS names or else
 * tests/peers/debian.  False, and why on standard error, when that fails or the
 * user is not root.
 */
bool lan_prepare(void);

/* One at a time in a process.  Hosts that serve nothing yet, on one wire. */
struct lan *lan_open(int hosts);

/*
 * The same where a host has, and its name leads to, "4" an IPv4 address, "6" an
 * IPv6 one, or "46" both, IPv6 first: a word a host, the last for all others.
 * NULL is lan_open: both, and names for IPv4, hN-6 for IPv6.
 */
struct lan *lan_open_plan(int hosts, const char *plan);

/* The same as lan_open with further users on each host: u1, u2, ... */
struct lan *lan_open_crowd(int hosts, int users);

/* Whether a host has IPv6 alone. */
bool lan_is_ipv6(const struct lan *lan, const char *host);

/*
 * Ends everything on the hosts.  Returns whether nothing had been left behind
 * by the talks: no invitation, no process, no terminal with other modes than it
 * had, and nothing sent to a screen that should not be.
 */
bool lan_close(struct lan *lan);

struct stage *lan_stage(const struct lan *lan);

/*
 * Has "inetd" or "xinetd" serve talk on a host with the daemon of tests/peers/
 * serve; returns when it answers.
 */
void lan_serve(
    struct lan *lan, const char *host, const char *super, const char *daemon);

/* Logs a user in, named as in "alice@h1": a terminal with a shell. */
struct actor *lan_log_in(struct lan *lan, const char *who);

/*
 * Has somebody at the shell run a command on a screen made empty before.  After
 * it the screen says "ended: STATUS".
 */
void lan_run(struct actor *actor, const char *command);

/* Waits for that, and that the terminal is as it was. */
void lan_ended(struct actor *actor, int status);

/*
 * From now on the host's own name is its address on the wire and not 127.0.1.1.
 */
void lan_own_name(struct lan *lan, const char *host);

/* Has root on a host do something, which must succeed. */
void lan_do(struct lan *lan, const char *host, const char *command);

/* Pulls the host's cable out of the wire, or puts it back. */
void lan_pull(struct lan *lan, const char *host);
void lan_plug(struct lan *lan, const char *host);

/* From now on the wire between the hosts is a bad one; once a lan. */
void lan_spoil(struct lan *lan, const struct weather *weather, uint32_t seed);

/*
 * A socket on a host, connected to an address; -1 with errno when that is
 * refused.  It waits a second for what is read from it.
 */
int lan_connect(
    struct lan *lan, const char *host, int type, const struct address *to);

/*
 * Asks the talk daemon of host `to` from the host `from`; ctl_addr is filled
 * in.  False when it does not answer.
 */
bool lan_ask(struct lan *lan, const char *from, const char *to,
    const struct talk_request *request, struct talk_reply *reply);

/* The reply to: does the caller call the callee?  Asked from the host. */
struct talk_reply lan_look_up(struct lan *lan, const char *from, const char *to,
    const char *caller, const char *callee);

/* How many descriptors the processes of that name have open on a host. */
size_t lan_descriptors(
    const struct lan *lan, const char *host, const char *name);

/* How many processes of that name run on a host; kills them. */
size_t lan_count(const struct lan *lan, const char *host, const char *name);
size_t lan_kill(const struct lan *lan, const char *host, const char *name);

#endif
