/*
 * stage - real programs played on terminals of their own, whose screens can be
 * read as a person would, or on pipes; and talk daemons to serve them.
 *
 * Every wait serves all actors of the stage meanwhile, so that none is held up
 * by another's full terminal, and is bounded: by 10 seconds, or as many as
 * STAGE_SECONDS in the environment says.  What has been waited for in vain is
 * told, with what the actor shows.
 *
 * Whatever way the program that opened the stage ends, its actors end too: a
 * process beside it, the keeper, sees to that.
 */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "emulator.h"

/* --------------------------------------------------------------- stage --- */

struct stage;

/*
 * Opens a stage, with SIGPIPE ignored from here on, which tells what was waited
 * for in vain to `reports`, NULL for nobody.  NULL, with errno set, when the
 * system cannot.  One at a time.
 */
struct stage *stage_open(FILE *reports);

/* Ends all actors and frees them and the stage. */
void stage_close(struct stage *stage);

/*
 * Serves the actors until a condition holds; false when it did not in time.
 * The condition is asked at least 50 times a second.
 */
bool stage_wait(
    struct stage *stage, bool (*holds)(const void *what), const void *what);

/*
 * One turn of the loop that serves the actors: moves what there is to move, and
 * waits for that 20 ms at most.
 */
void stage_turn(struct stage *stage);

/* The program: what the variable names, "talk/talk" or "talkd/talkd" else. */
const char *stage_talk(void);
const char *stage_talkd(void);

/*
 * In how many milliseconds a program must have done what it does at once: 1000,
 * or as much more as STAGE_SECONDS is more than 10.
 */
int64_t stage_at_once_ms(void);

/* Whether ^Z stops programs here: not under valgrind, which keeps it back. */
bool stage_can_suspend(void);

/* -------------------------------------------------------------- actors --- */

struct actor;

enum actor_place {
	AT_TERMINAL, /* a pty, which it controls; also when nobody plays */
	AT_PIPES,    /* one for each of input, output and errors */
	AT_SOCKET,   /* a socket stands for all three, as inetd has it */
	FOREGROUND,  /* the caller's own, as a shell gives them to a job */
};

struct actor_setup {
	const char *name;		/* for reports; kept as it is */
	const char *const *argv;	/* NULL: a terminal nobody plays at */
	const char *const *environment; /* "NAME=value" to add, or NULL */
	const char *directory;		/* to run in, or NULL */
	enum actor_place place;
	int rows;	  /* of a terminal; 0 for 24 */
	int cols;	  /* 0 for 80 */
	const char *root; /* of the host whose terminal it is; NULL for ours */
	int socket;
};

/*
 * Starts a program; argv[0] is looked for in PATH.  TERM is vt100, and HOME
 * where no ~/.talkrc is, unless the environment says otherwise.  The terminal
 * belongs to the user and may be written to by others (mesg y).  NULL, with
 * errno set, when the system cannot.  The actor lasts as long as the stage.
 *
 * In the foreground a program has the terminal to itself, its ^C and ^Z too;
 * when it stops, so does the caller's own job, and they go on together.
 */
struct actor *actor_start(struct stage *stage, const struct actor_setup *setup);

/*
 * Starts the next program at the terminal of an actor who plays none or has
 * ended; the setup's place and size do not count.  False, with errno set, when
 * the system cannot.
 */
bool actor_play(struct actor *actor, const struct actor_setup *setup);

/* Kills what is left of it; its screen stays. */
void actor_end(struct actor *actor);

/* Waits for the program's end and puts its status, as wait(2) has it. */
bool actor_wait(struct actor *actor, int *status);

/* Whether it has ended, so far as has been seen. */
bool actor_is_ended(const struct actor *actor);

void actor_signal(const struct actor *actor, int signal);

/* The process, while it lasts; what starts another by exec stays it. */
pid_t actor_process(const struct actor *actor);

/* Types bytes, or sends them down its input; they are written in due course. */
void actor_type(struct actor *actor, const char *bytes);

/* Ends the input of one at pipes, once all that was typed is written. */
void actor_end_input(struct actor *actor);

/* ------------------------------------------------- those at a terminal --- */

/* As `talk` names it: "pts/7". */
const char *actor_terminal(const struct actor *actor);

/* Lets others write to the terminal, or not. */
void actor_mesg(struct actor *actor, bool yes);

/* Stops and restarts what is written to the terminal, as ^S and ^Q do. */
void actor_stop_output(struct actor *actor);
void actor_go_on(struct actor *actor);

/* Takes the terminal away for good, as closing its window does. */
void actor_close_terminal(struct actor *actor);

/* Wipes the screen, as clear(1) does. */
void actor_clear(struct actor *actor);

void actor_resize(struct actor *actor, int rows, int cols);

/*
 * Whether the terminal's modes, and those of the descriptor the program had
 * from us, are what they were before it ran.
 */
bool actor_is_cooked(const struct actor *actor);

const struct emulator *actor_screen(const struct actor *actor);

/* Waits for a row to contain a text; for a row to read so and no more. */
bool actor_sees(struct actor *actor, const char *text);
bool actor_row_reads(struct actor *actor, int row, const char *text);

/* The same without waiting or report. */
bool actor_shows(const struct actor *actor, const char *text);

/*
 * Takes from the newest ring on the screen whom it says to respond to, cut to
 * size; false, without waiting, when there is none.
 */
bool actor_read_ring(const struct actor *actor, char *whom, size_t size);

/*
 * The panes of a talk's screen: the upper half is (rows - 1) / 2 rows, then
 * comes the separator, and the rest is the lower half.
 */
enum half { UPPER, LOWER };

/* Where row n of a half, from 0, is on the screen; -1 when it has no such. */
int actor_half_row(const struct actor *actor, enum half half, int n);

bool actor_half_reads(
    struct actor *actor, enum half half, int n, const char *text);

/* Waits for the separator, which is all reverse, to contain a text. */
bool actor_separator_says(struct actor *actor, const char *text);

/* ------------------------------------------------------ those at pipes --- */

/*
 * All it wrote so far to standard output and to standard error; how many bytes
 * the former is, to a terminal too.
 */
const char *actor_output(const struct actor *actor);
const char *actor_errors(const struct actor *actor);
size_t actor_written(const struct actor *actor);

/* Waits for a text in either. */
bool actor_says(struct actor *actor, const char *text);
bool actor_states(struct actor *actor, const char *text);

/* ------------------------------------------------------------- daemons --- */

struct daemon_setup {
	const char *address; /* numeric IPv4; NULL for 127.0.0.1 */
	uint16_t port;	     /* 0 for a free one */
	bool as_inetd;	     /* on a datagram socket for its descriptor 0 */
	const char *const *options; /* to add, or NULL */
};

/*
 * Starts a talkd and puts the port it serves; NULL when that failed.  Several
 * on 127.0.0.1, 127.0.0.2 and so on, with one port, stand for several hosts.
 */
struct actor *stage_start_talkd(
    struct stage *stage, const struct daemon_setup *setup, uint16_t *port);

#endif
