/*
 * users - who they are, by name and by uid.
 */
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Databases leave all kinds of errors where they have no such user: a file or
 * a server that this host does not have (ENOENT, ECONNREFUSED, ...).  POSIX
 * names those that tell something else, but for EAGAIN, which is that of
 * servers.
 */
static bool
keeps_from_looking(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == EIO || error == EINTR || error == EAGAIN;
}

/* 0, or why no file can be opened now, whatever it is. */
static int
shortage(void)
{
	int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return keeps_from_looking(errno) ? errno : 0;
	close(fd);
	return 0;
}

/*
 * A database that cannot be read goes unsaid when another is asked after it
 * and has no such user (glibc, with "files systemd" in nsswitch.conf).
 */
static const struct passwd *
judge(const struct passwd *entry)
{
	if (entry != NULL)
		errno = 0;
	else if (!keeps_from_looking(errno))
		errno = shortage();
	return entry;
}

const struct passwd *
users_by_name(const char *name)
{
	errno = 0;
	return judge(getpwnam(name));
}

const struct passwd *
users_by_uid(uid_t uid)
{
	errno = 0;
	return judge(getpwuid(uid));
}

/* Where the uid is, or belongs. */
static size_t
find_place(const struct users *users, uid_t uid)
{
	size_t low = 0, high = users->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (users->list[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
make_room(struct users *users)
{
	size_t room = users->room == 0 ? 16 : 2 * users->room;
	struct user *longer;

	if (users->count < users->room)
		return true;
	longer = realloc(users->list, room * sizeof(*longer));
	if (longer == NULL)
		return false;
	users->list = longer;
	users->room = room;
	return true;
}

/* False when it cannot be told now who that is. */
static bool
insert(struct users *users, size_t place, uid_t uid)
{
	const struct passwd *entry = users_by_uid(uid);
	struct user *user = &users->list[place];

	if (entry == NULL && errno != 0)
		return false;
	memmove(user + 1, user, (users->count - place) * sizeof(*user));
	users->count++;
	*user = (struct user){ .uid = uid };
	if (entry != NULL && strlen(entry->pw_name) < sizeof(user->name))
		memcpy(user->name, entry->pw_name, strlen(entry->pw_name));
	return true;
}

const char *
users_name(struct users *users, uid_t uid, int64_t now)
{
	size_t place;

	if (users->count > 0 && now - users->since >= USERS_KEPT_MS)
		users->count = 0;
	if (users->count == 0)
		users->since = now;
	place = find_place(users, uid);
	if (place == users->count || users->list[place].uid != uid) {
		if (!make_room(users) || !insert(users, place, uid))
			return NULL;
	}
	return users->list[place].name;
}

/* Where a name is, or belongs: in place of what has counted longest. */
static struct user_called *
find_called(struct user_called *called, const char *name)
{
	struct user_called *oldest = called;
	size_t i;

	for (i = 0; i < USERS_CALLED_MAX; i++) {
		if (strcmp(called[i].as, name) == 0)
			return &called[i];
		if (called[i].until < oldest->until)
			oldest = &called[i];
	}
	return oldest;
}

const struct user_called *
users_called(struct users *users, const char *name, int64_t now)
{
	const struct passwd *entry;
	struct user_called *found;

	if (users->called == NULL)
		users->called = calloc(
		    USERS_CALLED_MAX, sizeof(*users->called));
	if (users->called == NULL)
		return NULL;
	found = find_called(users->called, name);
	if (now < found->until && strcmp(found->as, name) == 0)
		return found;
	entry = users_by_name(name);
	if (entry == NULL)
		return NULL;
	snprintf(found->as, sizeof(found->as), "%s", name);
	snprintf(found->login, sizeof(found->login), "%s", entry->pw_name);
	snprintf(found->home, sizeof(found->home), "%s", entry->pw_dir);
	found->uid = entry->pw_uid;
	found->until = now + USERS_CALLED_MS;
	return found;
}

void
users_free(struct users *users)
{
	free(users->called);
	free(users->list);
	*users = (struct users){ 0 };
}
