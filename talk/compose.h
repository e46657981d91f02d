/*
 * compose - what goes to the other side as text: UTF-8 that has passed the
 * gate, whatever was typed or piped in, so that all sides show the same.
 */
#ifndef TALK_COMPOSE_H
#define TALK_COMPOSE_H

#include "buffer.h"
#include "common/text.h"

/*
 * Feeds bytes as they were typed, cut anywhere; appends what to send.  A byte
 * begun and not ended waits in the gate.  False when memory is short.
 */
bool compose_text(
    struct text_gate *gate, const char *bytes, size_t len, struct buffer *out);

/* Which of the user's edit characters. */
enum compose_edit { COMPOSE_ERASE, COMPOSE_KILL, COMPOSE_WORD_ERASE };

/*
 * Appends an edit character.  What waits in the gate goes before it, or is what
 * it takes: an erase no more than that, and then there is nothing to send.
 */
bool compose_edit(struct text_gate *gate, enum compose_edit which,
    const uint8_t edit[3], struct buffer *out);

/* Appends what waits in the gate, at the end of the text. */
bool compose_end(struct text_gate *gate, struct buffer *out);

#endif
