/*
 * replay FILE... - gives a fuzzer the seeds of files, so that all it ever found
 * is tried with any compiler, by `make check`.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "seeds.h"

/* The seed under way: written when it ends the program. */
static char place[512];

static void
tell_place(int number)
{
	size_t len = strlen(place);

	if (write(STDERR_FILENO, place, len) == (ssize_t)len)
		raise(number); /* the handler is gone: this ends us */
	_exit(EXIT_FAILURE);
}

/* What is being read, and how much of it. */
struct replay {
	const char *file;
	unsigned count;
};

/* The copy is as long as the input: reading beyond it is seen. */
static bool
replay_seed(void *context, unsigned line, const uint8_t *bytes, size_t len)
{
	struct replay *replay = context;
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		return false;
	memcpy(copy, bytes, len);
	snprintf(place, sizeof(place), "%s:%u: broken\n", replay->file, line);
	LLVMFuzzerTestOneInput(copy, len);
	replay->count++;
	free(copy);
	return true;
}

int
main(int argc, char *argv[])
{
	struct sigaction tell = { .sa_handler = tell_place };
	struct replay replay;
	int i;

	tell.sa_flags = (int)(SA_RESETHAND | SA_NODEFER);
	sigaction(SIGABRT, &tell, NULL);
	for (i = 1; i < argc; i++) {
		replay = (struct replay){ .file = argv[i] };
		if (!seeds_each(argv[i], replay_seed, &replay))
			return EXIT_FAILURE;
		printf("%s: %u seeds\n", argv[i], replay.count);
		if (replay.count == 0)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
