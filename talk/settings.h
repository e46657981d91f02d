/*
 * settings - what the command line and ~/.talkrc can both set, and the form in
 * which people write it.
 *
 * Pure functions.
 */
#ifndef TALK_SETTINGS_H
#define TALK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing is set. */
struct settings {
	int family;	    /* of addresses: 4 or 6; 0: any */
	uint16_t port;	    /* of all daemons; 0: the service's */
	uint16_t port_low;  /* to await the answer on */
	uint16_t port_high; /* 0 and 0: any */
	long patience;	    /* to ring, in seconds; 0: for ever */
	bool silent;	    /* no bell */
	bool unwrapped;	    /* break lines where they are full, not at blanks */
	const char *transcript; /* a file; NULL: none */
};

/*
 * Each sets one of them as the text has it, and returns NULL; or why the text
 * has nothing of the kind, a literal for people, and sets nothing.
 */
const char *settings_set_family(struct settings *settings, const char *text);
const char *settings_set_port(struct settings *settings, const char *text);
const char *settings_set_ports(struct settings *settings, const char *text);
const char *settings_set_patience(struct settings *settings, const char *text);

/* Sets what is not set as the others have it. */
void settings_complete(
    struct settings *settings, const struct settings *others);

#endif
