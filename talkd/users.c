/*
 * users - names, by uid.
 */
#include "users.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

static void
insert(struct users *users, size_t place, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);
	struct user *user = &users->list[place];

	memmove(user + 1, user, (users->count - place) * sizeof(*user));
	users->count++;
	*user = (struct user){ .uid = uid };
	if (entry != NULL && strlen(entry->pw_name) < sizeof(user->name))
		memcpy(user->name, entry->pw_name, strlen(entry->pw_name));
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
		if (!make_room(users))
			return "";
		insert(users, place, uid);
	}
	return users->list[place].name;
}

void
users_free(struct users *users)
{
	free(users->list);
	*users = (struct users){ 0 };
}
