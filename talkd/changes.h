/*
 * changes - whether the entries of a directory are what they were when it was
 * last looked at, so that it need not be read again.
 *
 * Linux tells, by inotify(7), when it is asked: nobody is woken by it.  Where
 * no system tells, there may always be changes.
 */
#ifndef TALKD_CHANGES_H
#define TALKD_CHANGES_H

#include <stdbool.h>

/* All zero is a directory that is not watched. */
struct changes {
	bool is_open;
	bool is_watched;
	int fd; /* if it is open */
};

/* Begins to watch that directory: to be called before it is read. */
void changes_watch(struct changes *changes, const char *directory);

/*
 * Whether since then an entry may have come, gone, or changed its owner or
 * mode.  Once that is true it stays so until the directory is watched anew.
 */
bool changes_came(struct changes *changes);

void changes_end(struct changes *changes);

#endif
