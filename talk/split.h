/*
 * split - the face of a full screen: one's own text above, the others' below,
 * each party's part headed by a line that names it and tells its state.
 */
#ifndef TALK_SPLIT_H
#define TALK_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "face.h"

/* What the user may choose; all zero is not the default. */
struct split_options {
	bool silent; /* no bell */
	bool wrap;   /* break lines at blanks where possible */
	/* The time of day, milliseconds since the Epoch; NULL: the system's. */
	int64_t (*clock)(void);
};

/*
 * NULL with errno: ENOTTY when standard input or output is no terminal, or
 * memory is short.
 */
struct face *split_new(const struct split_options *options);

#endif
