/*
 * folder - a directory of a test's own below /tmp, and the files in it.
 */
#define _XOPEN_SOURCE 700 /* nftw */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DESCRIPTORS = 16 }; /* for the way down */

void
folder_make(char path[FOLDER_SIZE])
{
	snprintf(path, FOLDER_SIZE, "/tmp/talk-test.XXXXXX");
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0755), 0);
}

static int
remove_entry(
    const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void
folder_remove(const char *path)
{
	(void)nftw(
	    path, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void
folder_put(const char *file, const void *bytes, size_t len, mode_t mode)
{
	char draft[PATH_MAX];
	int fd;

	snprintf(draft, sizeof(draft), "%s.new", file);
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	assert_int_equal(rename(draft, file), 0);
}

void
folder_put_socket(const char *file)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_not_equal(fd, -1);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", file);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
}
