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

#include "common/msp.h"
#include "common/ntalk.h"

/* Characters of a longer name that every old peer sends. */
enum { CUT_NAME_LEN = NTALK_NAME_SIZE - 1 };

/*
 * A console that belongs to root and where nothing was typed since it got its
 * owner is getty's, or nobody's: no place where root sits.
 */
static bool
is_idle_console(const char *name, const struct stat *st)
{
	return st->st_uid == 0 && strncmp(name, "tty", 3) == 0 &&
	    st->st_atime <= st->st_ctime;
}

static bool
append(struct terminals *terminals, const char *name, const struct stat *st)
{
	struct terminal *terminal;
	size_t room;

	if (terminals->count == terminals->room) {
		room = terminals->room == 0 ? 32 : 2 * terminals->room;
		terminal = realloc(terminals->list, room * sizeof(*terminal));
		if (terminal == NULL)
			return false;
		terminals->list = terminal;
		terminals->room = room;
	}
	terminal = &terminals->list[terminals->count++];
	*terminal = (struct terminal){ 0 };
	snprintf(terminal->name, sizeof(terminal->name), "%s", name);
	terminal->owner = st->st_uid;
	terminal->open = (st->st_mode & S_IWGRP) != 0;
	terminal->last_input = st->st_atime;
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

/* Looks at one device; false when memory is short. */
static bool
scan_device(struct terminals *terminals, DIR *directory, const char *entry,
    const char *name)
{
	struct stat st;

	if (!person_terminal_ok(name) ||
	    fstatat(dirfd(directory), entry, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISCHR(st.st_mode) || is_idle_console(name, &st))
		return true;
	return append(terminals, name, &st);
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
	bool fits = true;
	int len;

	if (directory == NULL)
		return false;
	while (fits && (entry = readdir(directory)) != NULL) {
		if (!is_terminal(entry->d_name))
			continue;
		len = snprintf(
		    name, sizeof(name), "%s%s", before, entry->d_name);
		if (len < (int)sizeof(name))
			fits = scan_device(
			    terminals, directory, entry->d_name, name);
	}
	(void)closedir(directory);
	return fits;
}

bool
terminals_scan(struct terminals *terminals)
{
	terminals->count = 0;
	if (!scan_directory(terminals, "/dev/pts", "pts/", is_numbered) &&
	    errno != ENOENT)
		return false;
	return scan_directory(terminals, "/dev", "", is_tty);
}

void
terminals_free(struct terminals *terminals)
{
	free(terminals->list);
	*terminals = (struct terminals){ 0 };
}

static bool
has_owner_before(const struct terminals *terminals, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (terminals->list[i].owner == terminals->list[index].owner)
			return true;
	return false;
}

int
terminals_find_owner(
    const struct terminals *terminals, const char *user, uid_t *owner)
{
	const struct passwd *entry = getpwnam(user);
	size_t i, len = strlen(user);
	int found = 0;

	if (entry != NULL) {
		*owner = entry->pw_uid;
		return 1;
	}
	if (len < CUT_NAME_LEN)
		return 0;
	for (i = 0; i < terminals->count; i++) {
		if (has_owner_before(terminals, i))
			continue;
		entry = getpwuid(terminals->list[i].owner);
		if (entry == NULL || strncmp(entry->pw_name, user, len) != 0)
			continue;
		*owner = entry->pw_uid;
		found++;
	}
	return found;
}

bool
terminals_find_named(
    const struct terminals *terminals, const char *user, uid_t *owner)
{
	const struct passwd *entry = getpwnam(user);
	size_t i;

	for (i = 0; i < terminals->count && entry == NULL; i++) {
		if (has_owner_before(terminals, i))
			continue;
		entry = getpwuid(terminals->list[i].owner);
		if (entry != NULL && !msp_same(entry->pw_name, user))
			entry = NULL;
	}
	if (entry != NULL)
		*owner = entry->pw_uid;
	return entry != NULL;
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

/* Leaves the terminals that are meant; of all users when owner is NULL. */
static size_t
choose(struct terminals *terminals, const uid_t *owner, const char *name)
{
	struct terminal *list = terminals->list;
	size_t i, kept = 0, open = 0;

	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	if (*name != '\0' && !person_terminal_ok(name))
		terminals->count = 0;
	for (i = 0; i < terminals->count; i++) {
		if ((owner != NULL && list[i].owner != *owner) ||
		    (*name != '\0' && strcmp(list[i].name, name) != 0))
			continue;
		list[kept++] = list[i];
		open += list[i].open;
	}
	terminals->count = kept;
	if (kept > 1)
		qsort(list, kept, sizeof(*list), compare);
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

/* The machine's own terminals, then root's, then all others. */
static int
console_rank(const struct terminal *terminal)
{
	if (is_tty(terminal->name))
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
