/*
 * folder - a directory of a test's own below /tmp, and the files in it.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <sys/types.h>

#include <stddef.h>

enum { FOLDER_SIZE = 32 };

/* Makes one that all can look into, and puts its path. */
void folder_make(char path[FOLDER_SIZE]);

/* Removes it with all that is in it; a file system mounted there stays. */
void folder_remove(const char *path);

/* Puts a file there, in place of the one before, if any, in one step. */
void folder_put(const char *file, const void *bytes, size_t len, mode_t mode);

/* Puts a socket there, which nobody can open as a file. */
void folder_put_socket(const char *file);

#endif
