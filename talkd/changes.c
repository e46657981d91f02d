/*
 * changes - whether the entries of a directory are what they were.
 *
 * The kernel is told to tell of one change and no more, so that nothing piles
 * up while nobody asks.
 */
#include "common/system.h"

#include "changes.h"

#include <unistd.h>

#ifdef SYSTEM_LINUX

#include <sys/inotify.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>

static const uint32_t watched = IN_CREATE | IN_DELETE | IN_MOVED_FROM |
    IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR | IN_ONESHOT;

/* Takes what was told; as read(2) does. */
static ssize_t
hear(const struct changes *changes)
{
	uint8_t events[2 * (sizeof(struct inotify_event) + NAME_MAX + 1)];

	return read(changes->fd, events, sizeof(events));
}

void
changes_watch(struct changes *changes, const char *directory)
{
	if (!changes->is_open)
		changes->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	changes->is_open = changes->fd != -1;
	while (changes->is_open && hear(changes) > 0)
		continue;
	changes->is_watched = changes->is_open &&
	    inotify_add_watch(changes->fd, directory, watched) != -1;
}

bool
changes_came(struct changes *changes)
{
	if (changes->is_watched)
		changes->is_watched = hear(changes) == -1 && errno == EAGAIN;
	return !changes->is_watched;
}

#else

void
changes_watch(struct changes *changes, const char *directory)
{
	(void)changes;
	(void)directory;
}

bool
changes_came(struct changes *changes)
{
	(void)changes;
	return true;
}

#endif

void
changes_end(struct changes *changes)
{
	if (changes->is_open)
		close(changes->fd);
	*changes = (struct changes){ 0 };
}
