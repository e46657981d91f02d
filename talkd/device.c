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
