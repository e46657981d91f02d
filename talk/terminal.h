/*
 * terminal - the user's own terminal: its modes, its size, bytes in and out.
 */
#ifndef TALK_TERMINAL_H
#define TALK_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

struct terminal {
	int fd;		    /* an opening of its own: it never blocks */
	struct termios was; /* how we found it */
	bool raw;
};

/*
 * Opens the terminal that standard input is.  Returns 0 or an errno; ENOTTY
 * when standard input or output is none.
 */
int terminal_open(struct terminal *terminal);

/* Restores the modes, then closes. */
void terminal_close(struct terminal *terminal);

/*
 * Every key comes by itself, unechoed, and output goes out as it is; the
 * interrupt, quit and suspend keys still send their signals.  Returns 0 or an
 * errno: EINTR when it stopped for being in the background, and SIGCONT was
 * caught; the modes are not set then.
 */
int terminal_set_raw(struct terminal *terminal);

/* The modes as they were; may be called at any time, and twice. */
void terminal_restore(struct terminal *terminal);

void terminal_size(const struct terminal *terminal, int *rows, int *cols);

/* The user's own edit and end-of-file characters; 0 for none. */
uint8_t terminal_erase(const struct terminal *terminal);
uint8_t terminal_kill(const struct terminal *terminal);
uint8_t terminal_word_erase(const struct terminal *terminal);
uint8_t terminal_end_of_file(const struct terminal *terminal);

/* read(2) and write(2), -1 with EAGAIN when nothing goes. */
ssize_t terminal_read(struct terminal *terminal, char *bytes, size_t size);
ssize_t terminal_write(
    struct terminal *terminal, const char *bytes, size_t len);

#endif
