/*
 * rulefile - a file of rules, read anew when it has changed.
 */
#include "common/system.h"

#include "rulefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who is told of a line's mistake. */
struct listener {
	const struct rulefile *file;
	const struct log *log;
};

static void
complain(void *context, unsigned number, const char *mistake)
{
	const struct listener *listener = context;

	log_warning(listener->log, "%s:%u: %s: all is denied here",
	    listener->file->path, number, mistake);
}

static bool
is_personal(const struct rulefile *file)
{
	return file->kind == RULES_USER;
}

/* Why a file like that must not be trusted; NULL when it may. */
static const char *
judge(const struct rulefile *file, const struct stat *st)
{
	off_t most = is_personal(file) ? RULEFILE_USER_MAX : RULEFILE_SITE_MAX;

	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if (is_personal(file) && st->st_uid != file->owner)
		return "not the user's own";
	if (is_personal(file) && (st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others may write to it";
	return st->st_size > most ? "too long" : NULL;
}

/*
 * Settles that it denies all: for a reason, or for one that errno has.  What
 * the system could not do it may do the next time; what it does not permit, not
 * before the file has changed.
 */
static void
refuse(struct rulefile *file, const char *failure)
{
	file->state = RULEFILE_UNUSABLE;
	file->failure = failure;
	file->error = failure == NULL ? errno : 0;
	file->is_settled = failure != NULL || errno == EACCES ||
	    errno == EPERM || errno == ENOENT;
}

/* Reads so many bytes, or what there is; -1 with errno. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got = 1;

	while (len < size && got != 0) {
		got = read(fd, text + len, size - len);
		if (got == -1 && errno != EINTR)
			return -1;
		if (got > 0)
			len += (size_t)got;
	}
	return (ssize_t)len;
}

/* Reads the rules in an open file of that size. */
static void
read_rules(struct rulefile *file, int fd, size_t size, const struct log *log)
{
	struct listener listener = { file, log };
	char *text = malloc(size + 1);
	ssize_t len = text == NULL ? -1 : read_all(fd, text, size);
	const char *failure;

	if (len == -1) {
		refuse(file, NULL);
		free(text);
		return;
	}
	failure = rules_read(
	    &file->rules, file->kind, text, (size_t)len, complain, &listener);
	if (failure != NULL)
		refuse(file, failure);
	else
		file->state = RULEFILE_READ;
}

/* Reads a file that looked right; the open one is judged once more. */
static void
open_rules(struct rulefile *file, const struct log *log)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	const char *failure;
	int fd;

	if (is_personal(file))
		flags |= O_NOFOLLOW;
	fd = open(file->path, flags);
	if (fd == -1 || fstat(fd, &file->seen) != 0) {
		refuse(file, NULL);
	} else {
		failure = judge(file, &file->seen);
		if (failure != NULL)
			refuse(file, failure);
		else
			read_rules(file, fd, (size_t)file->seen.st_size, log);
	}
	if (fd != -1)
		close(fd);
}

/* Whether a user has no rules when his file cannot be looked at for that. */
static bool
is_absence(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES;
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* A change of owner or mode is one of st_ctim, too. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    is_same_time(&a->st_mtim, &b->st_mtim) &&
	    is_same_time(&a->st_ctim, &b->st_ctim);
}

/* Forgets what was read. */
static void
clear(struct rulefile *file)
{
	rules_free(&file->rules);
	file->state = RULEFILE_UNREAD;
	file->failure = NULL;
	file->error = 0;
	file->is_settled = true;
}

/* Settles what comes of not finding the file, with errno. */
static void
miss(struct rulefile *file)
{
	refuse(file, NULL);
	if (is_personal(file) && is_absence(file->error)) {
		file->state = RULEFILE_ABSENT;
		file->is_settled = true;
	}
}

static void
read_file(struct rulefile *file, const struct log *log)
{
	const char *failure = judge(file, &file->seen);

	if (failure != NULL)
		refuse(file, failure);
	else
		open_rules(file, log);
}

bool
rulefile_refresh(struct rulefile *file, const struct log *log)
{
	struct stat st = { 0 };
	int found = is_personal(file) ? lstat(file->path, &st)
				      : stat(file->path, &st);
	int error = found == 0 ? 0 : errno;

	if (file->state != RULEFILE_UNREAD && file->is_settled &&
	    is_same(&st, &file->seen) && (error == 0 || error == file->error))
		return false;
	clear(file);
	file->seen = st;
	errno = error;
	if (found != 0)
		miss(file);
	else
		read_file(file, log);
	return true;
}

const char *
rulefile_trouble(const struct rulefile *file)
{
	if (file->failure != NULL || file->error == 0)
		return file->failure;
	return strerror(file->error);
}

enum rules_verdict
rulefile_decide(const struct rulefile *file, const char *user,
    const struct address *host, const char *name, unsigned *number)
{
	*number = 0;
	if (file->state == RULEFILE_READ)
		return rules_decide(&file->rules, user, host, name, number);
	return file->state == RULEFILE_UNUSABLE ? RULES_DENY : RULES_SILENT;
}

void
rulefile_free(struct rulefile *file)
{
	clear(file);
}
