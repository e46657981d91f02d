/*
 * terminals - where a user sits.
 */
#include "terminals.h"

#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/msp.h"
#include "common/ntalk.h"
#include "device.h"
#include "utmp.h"

enum {
	/* Characters of a longer name that every old peer sends. */
	CUT_NAME_LEN = NTALK_NAME_SIZE - 1,
	INPUT_SECONDS = 8, /* that the time of the last input is right to */
};

static bool
is_pseudo(const char *name)
{
	return strncmp(name, "pts/", 4) == 0;
}

/*
 * A console that belongs to root and where nothing was typed since it got its
 * owner is getty's, or nobody's: no place where root sits.
 */
static bool
is_idle_console(const char *name, const struct stat *st)
{
	return st->st_uid == 0 && !is_pseudo(name) &&
	    st->st_atime <= st->st_ctime;
}

/* One more place at the list's end; NULL when memory is short. */
static struct terminal *
add_place(struct terminals *terminals)
{
	struct terminal *longer;
	size_t room;

	if (terminals->count == terminals->room) {
		room = terminals->room == 0 ? 32 : 2 * terminals->room;
		longer = realloc(terminals->list, room * sizeof(*longer));
		if (longer == NULL)
			return NULL;
		terminals->list = longer;
		terminals->room = room;
	}
	return &terminals->list[terminals->count++];
}

/* What can change while it is there. */
static void
note_state(struct terminal *terminal, const struct stat *st)
{
	terminal->owner = st->st_uid;
	terminal->open = (st->st_mode & S_IWGRP) != 0;
	terminal->last_input = st->st_atime;
	terminal->group = st->st_gid;
}

static bool
append(struct terminals *terminals, const char *name, const struct stat *st)
{
	struct terminal *terminal = add_place(terminals);

	if (terminal == NULL)
		return false;
	*terminal = (struct terminal){ 0 };
	snprintf(terminal->name, sizeof(terminal->name), "%s", name);
	terminal->filesystem = st->st_dev;
	terminal->device = st->st_rdev;
	note_state(terminal, st);
	return true;
}

/* Looks at a pseudo-terminal once more; whether it is there still. */
static bool
look_again(struct terminal *terminal)
{
	char path[DEVICE_PATH_SIZE];
	struct stat st;

	if (!device_path(terminal->name, path) || lstat(path, &st) != 0 ||
	    st.st_dev != terminal->filesystem || st.st_rdev != terminal->device)
		return false;
	note_state(terminal, &st);
	terminal->is_kept = false;
	return true;
}

/* /dev/pts/0, but not /dev/pts/ptmx. */
static bool
is_numbered(const char *entry)
{
	return isdigit((unsigned char)entry[0]) != 0;
}

/* /dev/tty1, /dev/ttyS0, /dev/ttyp0, but not /dev/tty. */
static bool
is_tty(const char *entry)
{
	return strncmp(entry, "tty", 3) == 0 && entry[3] != '\0';
}

/*
 * Whether it has been found by another name, as in a container a
 * pseudo-terminal stands for the console.  Among themselves those have one name
 * each.
 */
static bool
is_known(const struct terminals *terminals, const char *name, dev_t filesystem,
    dev_t device)
{
	size_t i;

	if (is_pseudo(name))
		return false;
	for (i = 0; i < terminals->count; i++)
		if (terminals->list[i].device == device &&
		    terminals->list[i].filesystem == filesystem)
			return true;
	return false;
}

/* Looks at one device; false when memory is short. */
static bool
scan_device(struct terminals *terminals, int directory, const char *entry,
    const char *name)
{
	struct stat st;

	if (!person_terminal_ok(name) ||
	    fstatat(directory, entry, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISCHR(st.st_mode) || is_idle_console(name, &st) ||
	    is_known(terminals, name, st.st_dev, st.st_rdev))
		return true;
	return append(terminals, name, &st);
}

/* NULL, with errno 0, after the last. */
static struct dirent *
next_entry(DIR *directory)
{
	errno = 0;
	return readdir(directory);
}

/*
 * Looks at the devices of a directory that is_terminal picks, and names them
 * with `before` in front.
 */
static bool
scan_directory(struct terminals *terminals, const char *path,
    const char *before, bool (*is_terminal)(const char *entry))
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char name[PERSON_TERMINAL_SIZE];
	bool complete = true;
	int len, error;

	if (directory == NULL)
		return false;
	while (complete && (entry = next_entry(directory)) != NULL) {
		if (!is_terminal(entry->d_name))
			continue;
		len = snprintf(
		    name, sizeof(name), "%s%s", before, entry->d_name);
		if (len < (int)sizeof(name))
			complete = scan_device(
			    terminals, dirfd(directory), entry->d_name, name);
	}
	complete = complete && errno == 0;
	error = errno;
	(void)closedir(directory);
	errno = error;
	return complete;
}

/* Whether the directories have shown it, if it is there. */
static bool
is_ordinary(const char *name)
{
	if (is_pseudo(name))
		return is_numbered(name + 4) && strchr(name + 4, '/') == NULL;
	return is_tty(name) && strchr(name, '/') == NULL;
}

/* Whoever opens one of these opens another one. */
static bool
is_nobodys(const char *name)
{
	return strcmp(name, "tty") == 0 || strcmp(name, "ptmx") == 0 ||
	    strcmp(name, "pts/ptmx") == 0;
}

/* For utmp_list: looks at what only utmp names, which are few. */
static bool
scan_named(void *what, const char *name)
{
	struct terminals *terminals = what;
	const char *entry;
	int directory;
	bool fits;

	if (is_ordinary(name) || is_nobodys(name) || !person_terminal_ok(name))
		return true;
	directory = device_directory(name, &entry);
	if (directory == -1)
		return true;
	fits = scan_device(terminals, directory, entry, name);
	close(directory);
	return fits;
}

static int64_t
monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Keeps a copy of those from `first` on; without memory for it keeps none. */
static void
keep(struct terminals_kept *kept, const struct terminals *terminals,
    size_t first)
{
	size_t count = terminals->count - first;
	struct terminal *list = kept->list;

	kept->until = 0;
	if (count > kept->count)
		list = realloc(list, count * sizeof(*list));
	if (count > 0 && list == NULL)
		return;
	if (count > 0)
		memcpy(list, terminals->list + first, count * sizeof(*list));
	kept->list = list;
	kept->count = count;
	kept->until = terminals->now + TERMINALS_KEPT;
}

/* Takes over what such a look has shown a moment ago. */
static bool
add_kept(struct terminals *terminals, const struct terminals_kept *kept)
{
	const struct terminal *next = kept->list;
	struct terminal *place;
	size_t i;

	for (i = 0; i < kept->count; i++, next++) {
		if (is_known(
			terminals, next->name, next->filesystem, next->device))
			continue;
		place = add_place(terminals);
		if (place == NULL)
			return false;
		*place = *next;
		place->is_kept = is_pseudo(next->name);
	}
	return true;
}

static bool
add_pseudo(struct terminals *terminals)
{
	struct terminals_kept *kept = &terminals->pseudo;

	if (terminals->now < kept->until && !changes_came(&terminals->changes))
		return add_kept(terminals, kept);
	kept->until = 0;
	changes_watch(&terminals->changes, "/dev/pts");
	if (!scan_directory(terminals, "/dev/pts", "pts/", is_numbered))
		return errno == ENOENT;
	keep(kept, terminals, 0);
	return true;
}

/* The consoles and serial lines of /dev, and what only utmp names. */
static bool
add_lines(struct terminals *terminals)
{
	struct terminals_kept *kept = &terminals->lines;
	size_t first = terminals->count;

	if (terminals->now < kept->until)
		return add_kept(terminals, kept);
	if (!scan_directory(terminals, "/dev", "", is_tty))
		return false;
	utmp_list(scan_named, terminals);
	keep(kept, terminals, first);
	return true;
}

bool
terminals_scan(struct terminals *terminals)
{
	bool complete;

	terminals->count = 0;
	terminals->owned = 0;
	terminals->now = monotonic_ms();
	complete = add_pseudo(terminals) && add_lines(terminals);
	terminals->seen = terminals->count;
	return complete;
}

void
terminals_free(struct terminals *terminals)
{
	free(terminals->list);
	free(terminals->pseudo.list);
	free(terminals->lines.list);
	changes_end(&terminals->changes);
	users_free(&terminals->users);
	*terminals = (struct terminals){ 0 };
}

/*
 * Looks among the owners of terminals for those whose name is meant; returns
 * as terminals_find_owner does.
 */
static int
find_among_owners(struct terminals *terminals, const char *user,
    bool (*is_meant)(const char *name, const char *user), uid_t *owner)
{
	const struct terminal *list = terminals->list;
	const char *name;
	uid_t last = 0;
	int found = 0;
	size_t i;

	for (i = 0; i < terminals->count && found < 2; i++) {
		if (found == 1 && list[i].owner == last)
			continue;
		name = users_name(
		    &terminals->users, list[i].owner, terminals->now);
		if (name == NULL)
			return -1;
		if (!is_meant(name, user))
			continue;
		last = list[i].owner;
		found++;
	}
	if (found == 1)
		*owner = last;
	return found;
}

static bool
begins(const char *name, const char *user)
{
	return strncmp(name, user, strlen(user)) == 0;
}

int
terminals_find_owner(
    struct terminals *terminals, const char *user, uid_t *owner)
{
	const struct passwd *entry = users_by_name(user);

	if (entry != NULL) {
		*owner = entry->pw_uid;
		return 1;
	}
	if (errno != 0)
		return -1;
	if (strlen(user) < CUT_NAME_LEN)
		return 0;
	return find_among_owners(terminals, user, begins, owner);
}

static bool
is_same(const char *name, const char *user)
{
	return name[0] != '\0' && msp_same(name, user);
}

int
terminals_find_named(
    struct terminals *terminals, const char *user, uid_t *owner)
{
	const struct passwd *entry = users_by_name(user);

	if (entry != NULL) {
		*owner = entry->pw_uid;
		return 1;
	}
	if (errno != 0)
		return -1;
	return find_among_owners(terminals, user, is_same, owner);
}

/* For qsort: open before closed, late input before early, then by name. */
static int
compare(const void *a, const void *b)
{
	const struct terminal *one = a;
	const struct terminal *other = b;

	if (one->open != other->open)
		return one->open ? -1 : 1;
	if (one->last_input != other->last_input)
		return one->last_input > other->last_input ? -1 : 1;
	return strcmp(one->name, other->name);
}

static bool
is_owned(const struct terminal *terminal, const uid_t *owner)
{
	return owner == NULL || terminal->owner == *owner;
}

/*
 * Looks once more at those in the list that were kept, and leaves those that are
 * there still.  Of one alone nobody asks when it was last typed on.
 */
static void
refresh(struct terminals *terminals, const uid_t *owner)
{
	struct terminal *list = terminals->list;
	size_t i, count = terminals->count;

	if (count < 2)
		return;
	terminals->count = 0;
	for (i = 0; i < count; i++)
		if (!list[i].is_kept ||
		    (look_again(&list[i]) && is_owned(&list[i], owner)))
			list[terminals->count++] = list[i];
}

/* Leaves the terminals that are meant; of all users when owner is NULL. */
static size_t
choose(struct terminals *terminals, const uid_t *owner, const char *name)
{
	struct terminal *list = terminals->list;
	size_t i, kept = 0, open = 0;

	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	terminals->owned = 0;
	for (i = 0; i < terminals->count; i++) {
		if (!is_owned(&list[i], owner))
			continue;
		terminals->owned++;
		if (*name == '\0' || strcmp(list[i].name, name) == 0)
			list[kept++] = list[i];
	}
	terminals->count = kept;
	refresh(terminals, owner);
	for (i = 0; i < terminals->count; i++)
		open += list[i].open;
	if (terminals->count > 1)
		qsort(list, terminals->count, sizeof(*list), compare);
	return open;
}

size_t
terminals_choose(struct terminals *terminals, uid_t owner, const char *name)
{
	return choose(terminals, &owner, name);
}

size_t
terminals_choose_any(struct terminals *terminals, const char *name)
{
	return choose(terminals, NULL, name);
}

size_t
terminals_latest(const struct terminals *terminals, size_t open)
{
	const struct terminal *list = terminals->list;
	size_t i;

	for (i = 0; i < open; i++)
		if (list[i].last_input / INPUT_SECONDS !=
		    list[0].last_input / INPUT_SECONDS)
			break;
	return i;
}

/* The machine's own terminals, then root's, then all others. */
static int
console_rank(const struct terminal *terminal)
{
	if (!is_pseudo(terminal->name))
		return 0;
	return terminal->owner == 0 ? 1 : 2;
}

static int
compare_consoles(const void *a, const void *b)
{
	const struct terminal *one = a;
	const struct terminal *other = b;

	if (one->open != other->open)
		return one->open ? -1 : 1;
	if (console_rank(one) != console_rank(other))
		return console_rank(one) - console_rank(other);
	return compare(a, b);
}

void
terminals_prefer_console(struct terminals *terminals)
{
	if (terminals->count > 1)
		qsort(terminals->list, terminals->count,
		    sizeof(terminals->list[0]), compare_consoles);
}
