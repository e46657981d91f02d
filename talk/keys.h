/*
 * keys - what the user's keys mean on a split screen: text, or a command of
 * the screen.  Pure: bytes in, meanings out.
 *
 *	erase, kill, word-erase	the terminal's own; DEL and BS always erase
 *	end-of-file		the terminal's own
 *	^L			redraw
 *	Esc p, Esc n		scroll the own half back and forth
 *	^P, ^N, PgUp, PgDn	scroll the other's half back and forth
 */
#ifndef TALK_KEYS_H
#define TALK_KEYS_H

#include <stdint.h>

enum key {
	KEY_NOTHING, /* within a sequence, or one that means nothing here */
	KEY_TEXT,
	KEY_ERASE,
	KEY_KILL,
	KEY_WORD_ERASE,
	KEY_END,
	KEY_REDRAW,
	KEY_OWN_BACK,
	KEY_OWN_FORTH,
	KEY_OTHER_BACK,
	KEY_OTHER_FORTH,
};

struct keys {
	uint8_t erase, kill, word_erase, end; /* 0: the terminal has none */
	uint8_t state;
	uint8_t parameter; /* of a CSI sequence; saturates */
};

/* Feeds a byte; for KEY_TEXT the byte itself is the text. */
enum key keys_feed(struct keys *keys, uint8_t byte);

#endif
