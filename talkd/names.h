/*
 * names - what hosts are called, without ever waiting for an answer: one
 * thread asks the resolver, one host after the other, and everybody else goes
 * on meanwhile.
 *
 * A host has a name only if that name leads back to it, and is made of
 * letters, digits, dots and hyphens; otherwise its number serves.  127.0.0.1
 * and ::1 are "localhost"; nobody is asked about loopback addresses.  Answers
 * are kept for a while, in a small cache.  The clock is the caller's:
 * milliseconds, never going back.
 */
#ifndef TALKD_NAMES_H
#define TALKD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/person.h"

enum {
	NAMES_ASKED_MAX = 32, /* hosts asked about at once */
	NAMES_CACHE_MAX = 64,
	NAMES_KEPT = 300 * 1000,	/* milliseconds that a name counts */
	NAMES_MISSING_KEPT = 30 * 1000, /* and that there is none */
};

/*
 * Finds a host's name, waiting as long as it takes.  False when it has none
 * that leads back to it.
 */
typedef bool names_resolver(
    const struct address *host, char name[PERSON_HOST_SIZE]);

/* Asks the system's resolver. */
names_resolver names_resolve;

struct names;

/* NULL when memory or descriptors are short.  No thread runs yet. */
struct names *names_new(names_resolver *resolver);

/* Waits for no answer: a thread still at work ends, and frees, by itself. */
void names_free(struct names *names);

/* A descriptor that polls readable when names_collect has something to do. */
int names_fd(const struct names *names);

/* Takes in the answers that have come. */
void names_collect(struct names *names, int64_t now);

/*
 * The host's name; NULL when the answer is still to come: it was asked for.  ""
 * when it has none, as have loopback addresses but 127.0.0.1 and ::1, and when
 * nobody can be asked now.  What is returned lasts until names_collect.
 */
const char *names_known(
    struct names *names, const struct address *host, int64_t now);

/*
 * Puts what to call the host in name: its name, or its number.  False when
 * that is the number because the answer is still to come; it was asked for.
 */
bool names_find(struct names *names, const struct address *host, int64_t now,
    char name[PERSON_HOST_SIZE]);

#endif
