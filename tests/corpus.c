/*
 * corpus FILE DIRECTORY - writes the seeds of a file as the fuzzers take them,
 * a file each, named by its line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "seeds.h"

static bool
write_seed(void *context, unsigned line, const uint8_t *bytes, size_t len)
{
	char path[512];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "%s/%u", (const char *)context, line);
	file = fopen(path, "w");
	if (file == NULL)
		return false;
	ok = fwrite(bytes, 1, len, file) == len;
	return fclose(file) == 0 && ok;
}

int
main(int argc, char *argv[])
{
	if (argc != 3) {
		fprintf(stderr, "usage: corpus file directory\n");
		return EXIT_FAILURE;
	}
	return seeds_each(argv[1], write_seed, argv[2]) ? EXIT_SUCCESS
							: EXIT_FAILURE;
}
