/*
 * keys - what the user's keys mean on a split screen: text, or a command of
 * the screen.  Pure: bytes in, meanings out.
 */
#include "keys.h"

#include <stdbool.h>

enum {
	STATE_PLAIN,
	STATE_ESCAPE,	/* after ESC */
	STATE_SEQUENCE, /* after ESC [ */
	STATE_FUNCTION, /* after ESC O, or ESC [ [ of Linux's console */
};

enum {
	CONTROL_BS = 0x08,
	CONTROL_L = 0x0c,
	CONTROL_N = 0x0e,
	CONTROL_P = 0x10,
	CONTROL_ESC = 0x1b,
	CONTROL_DEL = 0x7f,
};

/* Parameters of ESC [ n ~. */
enum { PAGE_UP = 5, PAGE_DOWN = 6 };

static enum key
keys_plain(struct keys *keys, uint8_t byte)
{
	/* 0 is a character that is not set, and no character to send. */
	if (byte == 0)
		return KEY_NOTHING;
	if (byte == keys->erase)
		return KEY_ERASE;
	if (byte == keys->kill)
		return KEY_KILL;
	if (byte == keys->word_erase)
		return KEY_WORD_ERASE;
	if (byte == keys->end)
		return KEY_END;
	switch (byte) {
	case CONTROL_DEL:
	case CONTROL_BS:
		return KEY_ERASE;
	case CONTROL_L:
		return KEY_REDRAW;
	case CONTROL_P:
		return KEY_OTHER_BACK;
	case CONTROL_N:
		return KEY_OTHER_FORTH;
	case CONTROL_ESC:
		keys->state = STATE_ESCAPE;
		return KEY_NOTHING;
	default:
		return KEY_TEXT;
	}
}

static enum key
keys_escape(struct keys *keys, uint8_t byte)
{
	keys->parameter = 0;
	keys->state = STATE_PLAIN;
	if (byte == '[')
		keys->state = STATE_SEQUENCE;
	else if (byte == 'O')
		keys->state = STATE_FUNCTION;
	else if (byte == 'p')
		return KEY_OWN_BACK;
	else if (byte == 'n')
		return KEY_OWN_FORTH;
	return KEY_NOTHING;
}

/* Parameters, then one final byte from @ to ~ (ECMA-48, 5.4). */
static enum key
keys_sequence(struct keys *keys, uint8_t byte)
{
	if (byte >= '0' && byte <= '9') {
		if (keys->parameter < 20)
			keys->parameter = (uint8_t)(keys->parameter * 10 +
			    (byte - '0'));
		return KEY_NOTHING;
	}
	if (byte < '@')
		return KEY_NOTHING;
	keys->state = byte == '[' ? STATE_FUNCTION : STATE_PLAIN;
	if (byte == '~' && keys->parameter == PAGE_UP)
		return KEY_OTHER_BACK;
	if (byte == '~' && keys->parameter == PAGE_DOWN)
		return KEY_OTHER_FORTH;
	return KEY_NOTHING;
}

/* Whether a sequence can go on with the byte; else it is broken off. */
static bool
continues_sequence(uint8_t byte)
{
	return byte >= ' ' && byte < CONTROL_DEL;
}

enum key
keys_feed(struct keys *keys, uint8_t byte)
{
	if (!continues_sequence(byte))
		keys->state = STATE_PLAIN;
	switch (keys->state) {
	case STATE_ESCAPE:
		return keys_escape(keys, byte);
	case STATE_SEQUENCE:
		return keys_sequence(keys, byte);
	case STATE_FUNCTION:
		keys->state = STATE_PLAIN;
		return KEY_NOTHING;
	default:
		return keys_plain(keys, byte);
	}
}
