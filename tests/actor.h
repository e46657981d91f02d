/*
 * actor - what the files of the stage share and nobody else needs to know: an
 * actor's descriptors, its program, what it shows.
 */
#ifndef TESTS_ACTOR_H
#define TESTS_ACTOR_H

#include <sys/types.h>

#include <termios.h>

#include "keeper.h"
#include "stage.h"

enum {
	STREAMS = 3, /* of an actor: input, output, errors */
	TERMINAL_SIZE = 128,
};

/* Bytes that came, or that wait to be written; NUL-ended when not empty. */
struct bytes {
	char *text;
	size_t len;
};

struct actor {
	struct stage *stage;
	const char *name;
	enum actor_place place;
	pid_t pid; /* 0: nobody plays */
	bool ended;
	int status;

	int streams[STREAMS]; /* our ends; at a terminal two of its master */
	struct bytes typed;   /* and not written yet */
	bool input_ends;
	struct bytes output;
	struct bytes errors;

	int slave; /* kept open, so that the terminal outlives the program */
	char terminal[TERMINAL_SIZE];
	struct termios before; /* the modes it had, and */
	int flags;	       /* those of the descriptor */
	struct emulator *screen;
};

struct stage {
	struct actor *actors[KEEPER_MAX];
	size_t count;
	struct keeper keeper;
	FILE *reports;
};

/* Closes a descriptor, if it is one, and marks it closed with -1. */
void actor_close(int *fd);

/* Makes a descriptor ours alone, and one that never waits. */
bool actor_keep_private(int fd, bool nonblocking);

/* Frees an actor that has ended. */
void actor_free(struct actor *actor);

/* As stage_turn, but waits at most that long. */
void stage_serve(struct stage *stage, int timeout_ms);

#endif
