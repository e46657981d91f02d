/*
 * split - the face of a full screen: one's own text above, the others' below,
 * each party's part headed by a line that names it and tells its state.
 */
#ifndef TALK_SPLIT_H
#define TALK_SPLIT_H

#include <stdbool.h>

#include "face.h"

/*
 * NULL with errno: ENOTTY when standard input or output is no terminal, or
 * memory is short.  silent: no bell.
 */
struct face *split_new(bool silent);

#endif
