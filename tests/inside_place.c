/*
 * inside_place - who uses the host that the daemon inside serves: users, the
 * terminals they sit at, and their rules.  Nobody follows a link there, looks
 * for what is no name, or writes where he must not.
 */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "inside_parts.h"
#include "talkd/changes.h"

enum {
	TTY_GROUP = 5,
	FILES = 2,	 /* the site's rules, and alice's */
	DIRECTORIES = 2, /* /dev and /dev/pts */
	ENTRIES_MAX = 10,
};

/* --------------------------------------------------------------- users --- */

static const char *const users[INSIDE_USERS] = { "root", "alice", "bob",
	"bartholomew-ann", "bartholomew-bea", "wilhelmina-long" };

const char *
inside_user(unsigned which)
{
	return users[which % INSIDE_USERS];
}

static uid_t
uid_of(unsigned which)
{
	return which == 0 ? 0 : 1000U + which;
}

struct passwd *inside_getpwnam(const char *name);
struct passwd *inside_getpwuid(uid_t uid);

static struct passwd *
entry_of(unsigned which)
{
	static char name[32], home[48];
	static struct passwd entry;

	snprintf(name, sizeof(name), "%s", users[which]);
	snprintf(home, sizeof(home), "/home/%s", users[which]);
	entry = (struct passwd){
		.pw_name = name, .pw_uid = uid_of(which), .pw_dir = home
	};
	return &entry;
}

struct passwd *
inside_getpwnam(const char *name)
{
	unsigned i;

	for (i = 0; i < INSIDE_USERS; i++)
		if (strcmp(users[i], name) == 0)
			return entry_of(i);
	return NULL;
}

struct passwd *
inside_getpwuid(uid_t uid)
{
	unsigned i;

	for (i = 0; i < INSIDE_USERS; i++)
		if (uid_of(i) == uid)
			return entry_of(i);
	return NULL;
}

/* ----------------------------------------------------------- terminals --- */

struct seat {
	const char *name; /* below /dev */
	unsigned owner;
	unsigned seen; /* the owner that the daemon has seen last */
	bool open, stopped, gone;
	int columns;
	int64_t typed; /* seconds since the Epoch */
	unsigned shown;
};

static const struct seat first_seats[INSIDE_TERMINALS] = {
	{ .name = "pts/0", .owner = 1, .open = true, .columns = 80 },
	{ .name = "pts/1", .owner = 1, .columns = 80 },
	{ .name = "pts/2", .owner = 2, .open = true, .columns = 132 },
	{ .name = "pts/3", .owner = 2, .open = true, .stopped = true },
	{ .name = "pts/4", .owner = 3, .open = true, .columns = 40 },
	{ .name = "pts/12", .owner = 4, .open = true, .columns = 3 },
	{ .name = "tty1", .owner = 0, .open = true, .columns = 80 },
	{ .name = "tty2", .owner = 5, .open = true },
	{ .name = "console", .owner = 0, .open = true, .typed = 1 },
};

static struct {
	struct seat seats[INSIDE_TERMINALS];
	int changes;	 /* of their being there, owners and modes */
	unsigned opened; /* descriptors that are */
	unsigned entry;	 /* of the directory that is read */
	unsigned touched[FILES];
	size_t read[FILES]; /* bytes of the file that is open */
	int site;
} place;

void
inside_place_begin(int site)
{
	unsigned i;

	memset(&place, 0, sizeof(place));
	place.site = site;
	memcpy(place.seats, first_seats, sizeof(first_seats));
	for (i = 0; i < INSIDE_TERMINALS; i++)
		place.seats[i].typed += inside_seconds() - 100;
	place.seats[6].typed = 0;
}

void
inside_place_end(void)
{
	fuzz_expect(place.opened == 0);
}

unsigned
inside_descriptors(void)
{
	return place.opened + inside_streams() + inside_questions();
}

const char *
inside_terminal(unsigned which)
{
	return place.seats[which % INSIDE_TERMINALS].name;
}

unsigned
inside_terminal_owner(unsigned which)
{
	return place.seats[which % INSIDE_TERMINALS].owner;
}

int
inside_terminal_columns(unsigned which)
{
	return place.seats[which % INSIDE_TERMINALS].columns;
}

unsigned
inside_shown(unsigned which)
{
	return place.seats[which % INSIDE_TERMINALS].shown;
}

void
inside_change_terminal(unsigned which, enum inside_change change, unsigned by)
{
	struct seat *seat = &place.seats[which % INSIDE_TERMINALS];

	switch (change) {
	case INSIDE_OPENS:
		seat->open = true;
		place.changes++;
		break;
	case INSIDE_CLOSES:
		seat->open = false;
		place.changes++;
		break;
	case INSIDE_IS_TYPED_AT:
		seat->typed = inside_seconds();
		break;
	case INSIDE_CHANGES_HANDS:
		seat->owner = by % INSIDE_USERS;
		place.changes++;
		break;
	case INSIDE_STOPS:
		seat->stopped = !seat->stopped;
		break;
	case INSIDE_WIDENS:
		seat->columns = (int)by;
		break;
	case INSIDE_GOES:
		seat->gone = !seat->gone;
		place.changes++;
		break;
	case INSIDE_CHANGES:
		break;
	}
}

static void
put_stat(const struct seat *seat, struct stat *st)
{
	*st = (struct stat){ 0 };
	st->st_mode = (mode_t)(S_IFCHR | 0600 | (seat->open ? S_IWGRP : 0));
	st->st_uid = uid_of(seat->owner);
	st->st_gid = TTY_GROUP;
	st->st_dev = 1;
	st->st_rdev = (dev_t)(1 + (seat - place.seats));
	st->st_atime = (time_t)seat->typed;
	st->st_ctime = 1;
}

/* A place below /dev, or below /dev/pts; NULL with errno when there is none. */
static struct seat *
find_seat(int directory, const char *entry)
{
	char name[64];
	unsigned i;

	fuzz_expect(strchr(entry, '/') == NULL && strlen(entry) < 32);
	fuzz_expect(strcmp(entry, "..") != 0 && strcmp(entry, ".") != 0);
	snprintf(name, sizeof(name), "%s%s",
	    directory == FD_DIRECTORY ? "" : "pts/", entry);
	for (i = 0; i < INSIDE_TERMINALS; i++)
		if (strcmp(place.seats[i].name, name) == 0 &&
		    !place.seats[i].gone)
			return &place.seats[i];
	errno = ENOENT;
	return NULL;
}

/* --------------------------------------------------------- directories --- */

static const char *const entries[DIRECTORIES][ENTRIES_MAX] = {
	{ ".", "..", "console", "null", "pts", "tty", "tty1", "tty2" },
	{ ".", "..", "0", "1", "12", "2", "3", "4", "ptmx" },
};

DIR *inside_opendir(const char *path);
struct dirent *inside_readdir(DIR *directory);
int inside_closedir(DIR *directory);
int inside_dirfd(DIR *directory);
int inside_fstatat(int fd, const char *entry, struct stat *st, int flags);

/* Only the pointer says which it is. */
static char directories[DIRECTORIES];

DIR *
inside_opendir(const char *path)
{
	bool is_pts = strcmp(path, "/dev/pts") == 0;

	fuzz_expect(is_pts || strcmp(path, "/dev") == 0);
	place.opened++;
	place.entry = 0;
	return (DIR *)(void *)&directories[is_pts];
}

int
inside_dirfd(DIR *directory)
{
	return FD_DIRECTORY + (int)((char *)directory - directories);
}

struct dirent *
inside_readdir(DIR *directory)
{
	static struct dirent found;
	const char *name =
	    entries[inside_dirfd(directory) - FD_DIRECTORY][place.entry];

	if (name == NULL)
		return NULL;
	place.entry++;
	snprintf(found.d_name, sizeof(found.d_name), "%s", name);
	return &found;
}

int
inside_closedir(DIR *directory)
{
	(void)directory;
	place.opened--;
	return 0;
}

int
inside_fstatat(int fd, const char *entry, struct stat *st, int flags)
{
	struct seat *seat;

	fuzz_expect(flags == AT_SYMLINK_NOFOLLOW);
	seat = find_seat(fd, entry);
	if (seat == NULL)
		return -1;
	seat->seen = seat->owner;
	put_stat(seat, st);
	return 0;
}

/* --------------------------------------------------------------- rules --- */

/*
 * The site's rules; what inside_watch.c expects of them stands there.  h3's
 * name is h3.lan, and who has no name yet waits for one.
 */
#define DENY_H3_TO_BOB        \
	"allow . 8.8.8.8\n"   \
	"deny bob 10.0.0.3\n" \
	"limit rings 3 1\n"   \
	"limit messages 5 2\n"

static const char *const sites[INSIDE_SITES] = {
	"",
	"# everybody\nallow . any\n",
	DENY_H3_TO_BOB,
	"deny . h3.lan\n",
};

void
inside_touch_rules(bool alices)
{
	place.touched[alices]++;
}

enum inside_rules
inside_alices_rules(void)
{
	return place.touched[1] % 3;
}

/* NULL when there is no such file. */
static const char *
rules_of(unsigned file)
{
	if (file == 0)
		return sites[place.site];
	switch (inside_alices_rules()) {
	case INSIDE_DENY_MALLORY:
		return "deny mallory any\n";
	case INSIDE_DENY_ALL:
		return "deny mallory any\ndeny [ any\n";
	default:
		return NULL;
	}
}

/* Which file that is; FILES with errno when it is not there. */
static unsigned
find_file(const char *path)
{
	const size_t len = strlen(path);

	if (strcmp(path, "/site") == 0)
		return 0;
	fuzz_expect(strncmp(path, "/home/", 6) == 0 && len > 8 &&
	    strcmp(path + len - 8, "/.talkrc") == 0);
	if (strcmp(path, "/home/alice/.talkrc") == 0 && rules_of(1) != NULL)
		return 1;
	errno = ENOENT;
	return FILES;
}

static void
put_file_stat(unsigned file, struct stat *st)
{
	const char *text = rules_of(file);

	fuzz_expect(text != NULL);
	*st = (struct stat){ 0 };
	st->st_mode = S_IFREG | 0644;
	st->st_uid = file == 0 ? 0 : uid_of(1);
	st->st_ino = file + 1;
	st->st_size = (off_t)strlen(text);
	st->st_mtim.tv_sec = 1 + (time_t)place.touched[file];
}

/* ------------------------------------------------------ what is called --- */

void
changes_watch(struct changes *changes, const char *directory)
{
	fuzz_expect(strcmp(directory, "/dev/pts") == 0);
	changes->is_watched = true;
	changes->fd = place.changes;
}

bool
changes_came(struct changes *changes)
{
	return !changes->is_watched || changes->fd != place.changes;
}

void
changes_end(struct changes *changes)
{
	*changes = (struct changes){ 0 };
}

int inside_stat(const char *path, struct stat *st);
int inside_lstat(const char *path, struct stat *st);
int inside_open(const char *path, int flags, ...);
int inside_openat(int directory, const char *entry, int flags, ...);
int inside_fstat(int fd, struct stat *st);
int inside_isatty(int fd);
int inside_ioctl(int fd, unsigned long request, ...);
ssize_t inside_read(int fd, void *bytes, size_t len);
ssize_t inside_write_bytes(int fd, const void *bytes, size_t len);
int inside_gethostname(char *name, size_t size);

int
inside_stat(const char *path, struct stat *st)
{
	unsigned file = find_file(path);

	if (file == FILES)
		return -1;
	put_file_stat(file, st);
	return 0;
}

/* One that root alone can have put a link on the way to; NULL with errno. */
static struct seat *
find_plain(const char *path)
{
	bool is_pts = strncmp(path, "/dev/pts/", 9) == 0;

	return find_seat(FD_DIRECTORY + is_pts, path + (is_pts ? 9 : 5));
}

int
inside_lstat(const char *path, struct stat *st)
{
	struct seat *seat;

	if (strncmp(path, "/dev/", 5) != 0)
		return inside_stat(path, st);
	seat = find_plain(path);
	if (seat == NULL)
		return -1;
	seat->seen = seat->owner;
	put_stat(seat, st);
	return 0;
}

/* To write on, if it is there. */
static int
open_seat(const struct seat *seat, int flags)
{
	const int safe = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;

	fuzz_expect((flags & safe) == safe);
	if (seat == NULL)
		return -1;
	place.opened++;
	return FD_TERMINAL + (int)(seat - place.seats);
}

int
inside_open(const char *path, int flags, ...)
{
	unsigned file;

	if ((flags & O_ACCMODE) == O_WRONLY)
		return open_seat(find_plain(path), flags);
	place.opened++;
	if (strcmp(path, "/dev") == 0 && (flags & O_DIRECTORY) != 0)
		return FD_DIRECTORY;
	if (strcmp(path, "/dev/urandom") == 0)
		return FD_RANDOM;
	fuzz_expect((flags & O_NONBLOCK) != 0 && (flags & O_NOCTTY) != 0);
	file = find_file(path);
	if (file == FILES) {
		place.opened--;
		return -1;
	}
	fuzz_expect(file == 0 || (flags & O_NOFOLLOW) != 0);
	place.read[file] = 0;
	return FD_FILE + (int)file;
}

/* Of names below /dev each step is one that is looked for without links. */
int
inside_openat(int directory, const char *entry, int flags, ...)
{
	fuzz_expect((flags & O_NOFOLLOW) != 0);
	if ((flags & O_DIRECTORY) != 0) {
		(void)find_seat(directory, entry);
		if (directory != FD_DIRECTORY || strcmp(entry, "pts") != 0)
			return -1;
		place.opened++;
		return FD_DIRECTORY + 1;
	}
	return open_seat(find_seat(directory, entry), flags);
}

void
inside_place_close(int fd)
{
	fuzz_expect(place.opened > 0);
	fuzz_expect(fd == FD_RANDOM || (fd >= FD_DIRECTORY && fd < FD_WIRE));
	place.opened--;
}

static struct seat *
seat_of(int fd)
{
	fuzz_expect(fd >= FD_TERMINAL && fd < FD_TERMINAL + INSIDE_TERMINALS);
	return &place.seats[fd - FD_TERMINAL];
}

int
inside_fstat(int fd, struct stat *st)
{
	if (fd >= FD_FILE)
		put_file_stat((unsigned)(fd - FD_FILE), st);
	else
		put_stat(seat_of(fd), st);
	return 0;
}

int
inside_isatty(int fd)
{
	return seat_of(fd) != NULL;
}

int
inside_ioctl(int fd, unsigned long request, ...)
{
	struct winsize *size;
	va_list arguments;

	fuzz_expect(request == TIOCGWINSZ);
	va_start(arguments, request);
	size = va_arg(arguments, struct winsize *);
	va_end(arguments);
	*size = (struct winsize){
		.ws_col = (unsigned short)seat_of(fd)->columns
	};
	return 0;
}

/* Keys that are always the same, so that a world is, too. */
static ssize_t
read_random(uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(7 * i + 1);
	return (ssize_t)len;
}

ssize_t
inside_read(int fd, void *bytes, size_t len)
{
	unsigned file = (unsigned)(fd - FD_FILE);
	const char *text;
	size_t left;

	if (fd == FD_RANDOM)
		return read_random(bytes, len);
	fuzz_expect(fd >= FD_FILE && file < FILES);
	text = rules_of(file);
	fuzz_expect(text != NULL);
	left = strlen(text) - place.read[file];
	if (len > left)
		len = left;
	memcpy(bytes, text + place.read[file], len);
	place.read[file] += len;
	return (ssize_t)len;
}

/* One that is stopped takes nothing, or the half. */
ssize_t
inside_write_bytes(int fd, const void *bytes, size_t len)
{
	struct seat *seat = seat_of(fd);

	fuzz_expect(seat->open);
	inside_watch_terminal((unsigned)(fd - FD_TERMINAL), bytes, len,
	    seat->owner == seat->seen, !seat->stopped);
	if (seat->stopped && seat->typed % 2 == 0) {
		errno = EAGAIN;
		return -1;
	}
	seat->shown += !seat->stopped;
	return (ssize_t)(seat->stopped ? len / 2 : len);
}

int
inside_gethostname(char *name, size_t size)
{
	snprintf(name, size, "%s", "h1");
	return 0;
}

/* --------------------------------------------------- what is not there --- */

gid_t inside_getegid(void);
uid_t inside_geteuid(void);
struct group *inside_getgrgid(gid_t group);
struct group *inside_getgrnam(const char *name);
int inside_getgroups(int count, gid_t *groups);
int inside_getifaddrs(struct ifaddrs **interfaces);

gid_t
inside_getegid(void)
{
	return TTY_GROUP;
}

uid_t
inside_geteuid(void)
{
	return 65534;
}

struct group *
inside_getgrgid(gid_t group)
{
	(void)group;
	return NULL;
}

struct group *
inside_getgrnam(const char *name)
{
	(void)name;
	return NULL;
}

int
inside_getgroups(int count, gid_t *groups)
{
	(void)count;
	(void)groups;
	return 0;
}

/* No network but those that are private by their numbers. */
int
inside_getifaddrs(struct ifaddrs **interfaces)
{
	(void)interfaces;
	return -1;
}
