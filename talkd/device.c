/*
 * device - names below /dev.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	STEP_SIZE = 64, /* of a directory's name, NUL included */
	FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
};

bool
device_path(const char *name, char path[DEVICE_PATH_SIZE])
{
	static const char before[] = "/dev/";
	size_t len = sizeof(before) - 1, size = strlen(name) + 1;

	if (len + size > DEVICE_PATH_SIZE) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(path, before, len);
	memcpy(path + len, name, size);
	return true;
}

/* Opens the directory that the name begins with, len characters long. */
static int
enter(int directory, const char *name, size_t len)
{
	char step[STEP_SIZE];

	if (len >= sizeof(step)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(step, name, len);
	step[len] = '\0';
	return openat(directory, step, FLAGS | O_NOFOLLOW);
}

int
device_directory(const char *name, const char **entry)
{
	int directory = open("/dev", FLAGS);
	int inner, error;
	size_t len;

	for (*entry = name; directory != -1; *entry += len + 1) {
		len = strcspn(*entry, "/");
		if ((*entry)[len] == '\0')
			break;
		inner = enter(directory, *entry, len);
		error = errno;
		close(directory);
		errno = error;
		directory = inner;
	}
	return directory;
}

/* In /dev or /dev/pts, which are root's: nobody else puts a link on the way. */
static bool
is_plain(const char *name)
{
	if (strncmp(name, "pts/", 4) == 0)
		name += 4;
	return strchr(name, '/') == NULL;
}

static int
open_plain(const char *name, int flags)
{
	char path[DEVICE_PATH_SIZE];

	return device_path(name, path) ? open(path, flags) : -1;
}

int
device_open(const char *name, int flags)
{
	const char *entry;
	int directory, fd, error;

	flags |= O_NOFOLLOW | O_CLOEXEC;
	if (is_plain(name))
		return open_plain(name, flags);
	directory = device_directory(name, &entry);
	if (directory == -1)
		return -1;
	fd = openat(directory, entry, flags);
	error = errno;
	close(directory);
	errno = error;
	return fd;
}
