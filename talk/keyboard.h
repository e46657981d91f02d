/*
 * keyboard - what the user types on a split screen: text and its corrections,
 * as they go to the others and kept until somebody can take them, and commands
 * of the screen.
 */
#ifndef TALK_KEYBOARD_H
#define TALK_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "buffer.h"
#include "keys.h"
#include "terminal.h"

struct keyboard {
	struct keys keys;
	uint8_t edit[3];       /* the user's edit characters, for the others */
	struct text_gate gate; /* a character not typed to its end */
	struct buffer held;    /* text that nobody has taken */
	bool lost;	       /* some of it: memory was short */
};

/* With the terminal's own keys; keyboard_free ends it, and one all zero. */
void keyboard_init(struct keyboard *keyboard, const struct terminal *terminal);
void keyboard_free(struct keyboard *keyboard);

/*
 * Feeds bytes, len > 0, as far as they are text and the one that ends it, and
 * puts how many that were; text and corrections are held.  Returns what the
 * last of them meant.
 */
enum key keyboard_feed(
    struct keyboard *keyboard, const char *bytes, size_t len, size_t *used);

/* Whether as much is held as should be; there is always room for one read. */
bool keyboard_is_full(const struct keyboard *keyboard);

/* Whether there is something to take. */
bool keyboard_holds(const struct keyboard *keyboard);

/* Appends at most so many bytes of what is held, and holds them no more. */
void keyboard_take(
    struct keyboard *keyboard, size_t most, struct buffer *typed);

#endif
