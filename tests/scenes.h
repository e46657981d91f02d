/*
 * scenes - what people do with talk and talkd, each from beginning to end, in
 * which one program is the victim of a fault: calls, messages, lists.
 *
 * A scene is played as far as it goes, and tells how far that was, and what
 * anybody did there that no fault excuses.  Nothing here asserts.
 */
#ifndef TESTS_SCENES_H
#define TESTS_SCENES_H

#include <stdbool.h>
#include <stddef.h>

#include "faults.h"

enum {
	SCENES_LINE_SIZE = 512,
	SCENES_RIGHTS_SIZE = 512,
};

struct step;

struct scene {
	const char *name;  /* of the victim, in a sentence about faults */
	bool daemon_fails; /* else whoever steps say */
	bool as_inetd;	   /* has talkd started */
	const struct step *steps;
};

/* All of them, ended by one without a name. */
extern const struct scene scenes[];

/* What talkd held at the end of a scene. */
struct scenes_daemon {
	int descriptors; /* open; -1 where the system does not say */
	char rights[SCENES_RIGHTS_SIZE]; /* users, groups; "" likewise */
};

struct scenes_end {
	/* What went otherwise; "": as if nothing had happened. */
	char instead[SCENES_LINE_SIZE];

	/* What no fault excuses; "" when there was nothing. */
	char complaint[SCENES_LINE_SIZE];

	bool stranded; /* an invitation was left behind */
	struct scenes_daemon daemon;
};

/*
 * Plays a scene in which the victim has one call fail as `faults` says, which
 * is mapped from the file "faults" in a directory of the test's own.  Where
 * `before` tells how talkd was without any fault, it must be so again, and
 * serve as well.  NULL: the scene is played to see what calls there are.
 */
void scenes_play(const struct scene *scene, const char *directory,
    struct faults *faults, const struct scenes_daemon *before,
    struct scenes_end *end);

#endif
