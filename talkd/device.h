/*
 * device - names below /dev, looked up without following a symbolic link
 * anywhere in them.
 */
#ifndef TALKD_DEVICE_H
#define TALKD_DEVICE_H

#include <stdbool.h>

enum { DEVICE_PATH_SIZE = 128 };

/* Puts the path of the device; false, with errno, when it is too long. */
bool device_path(const char *name, char path[DEVICE_PATH_SIZE]);

/*
 * Opens the directory that holds the device of that name: /dev for "console",
 * /dev/pts for "pts/0".  *entry points into the name, at what to look for in
 * there.  Returns a descriptor for the caller to close; -1, with errno, when
 * there is no such directory or a link stands in the way.
 */
int device_directory(const char *name, const char **entry);

/*
 * Opens the device of that name, with O_NOFOLLOW and O_CLOEXEC besides the
 * flags.  -1 with errno.
 */
int device_open(const char *name, int flags);

#endif
