/*
 * keyboard - what the user types on a split screen.
 */
#include "keyboard.h"

#include "compose.h"
#include "pane.h"

enum { HELD_MAX = 8 << 20 }; /* bytes typed that nobody can take yet */

/*
 * The user's own edit characters if others can take them for such, else the
 * customary ones: what is told to the others is what they are sent.
 */
static uint8_t
edit_character(uint8_t own, uint8_t customary)
{
	return (own > 0 && own < 0x20 && own != '\n' && own != '\r' &&
		   own != '\t') ||
		own == 0x7f
	    ? own
	    : customary;
}

void
keyboard_init(struct keyboard *keyboard, const struct terminal *terminal)
{
	struct keys *keys = &keyboard->keys;

	*keyboard = (struct keyboard){ 0 };
	text_gate_init(&keyboard->gate);
	keys->erase = terminal_erase(terminal);
	keys->kill = terminal_kill(terminal);
	keys->word_erase = terminal_word_erase(terminal);
	keys->end = terminal_end_of_file(terminal);
	keyboard->edit[0] = edit_character(keys->erase, PANE_ERASE);
	keyboard->edit[1] = edit_character(keys->kill, PANE_KILL);
	keyboard->edit[2] = edit_character(keys->word_erase, PANE_WORD_ERASE);
}

void
keyboard_free(struct keyboard *keyboard)
{
	buffer_free(&keyboard->held);
}

static void
keyboard_correct(struct keyboard *keyboard, enum compose_edit which)
{
	if (!compose_edit(
		&keyboard->gate, which, keyboard->edit, &keyboard->held))
		keyboard->lost = true;
}

enum key
keyboard_feed(
    struct keyboard *keyboard, const char *bytes, size_t len, size_t *used)
{
	enum key key = KEY_TEXT;
	size_t text = 0;

	while (text < len) {
		key = keys_feed(&keyboard->keys, (uint8_t)bytes[text]);
		if (key != KEY_TEXT)
			break;
		text++;
	}
	if (!compose_text(&keyboard->gate, bytes, text, &keyboard->held))
		keyboard->lost = true;
	*used = text < len ? text + 1 : text;
	if (key == KEY_ERASE)
		keyboard_correct(keyboard, COMPOSE_ERASE);
	else if (key == KEY_KILL)
		keyboard_correct(keyboard, COMPOSE_KILL);
	else if (key == KEY_WORD_ERASE)
		keyboard_correct(keyboard, COMPOSE_WORD_ERASE);
	return key;
}

bool
keyboard_is_full(const struct keyboard *keyboard)
{
	return buffer_len(&keyboard->held) >= HELD_MAX;
}

bool
keyboard_holds(const struct keyboard *keyboard)
{
	return buffer_len(&keyboard->held) > 0;
}

void
keyboard_take(struct keyboard *keyboard, size_t most, struct buffer *typed)
{
	size_t len = buffer_len(&keyboard->held);

	len = len < most ? len : most;
	if (buffer_append(typed, buffer_head(&keyboard->held), len))
		buffer_take(&keyboard->held, len);
}
