/*
 * The fault that fuzz_screen has to find: a tilde is written as a question
 * that terminals answer (DA).
 */
#include "talk/screen.h"

void __real_cell_set(
    struct cell *cell, const char *text, size_t len, int width);
void __wrap_cell_set(
    struct cell *cell, const char *text, size_t len, int width);

void
__wrap_cell_set(struct cell *cell, const char *text, size_t len, int width)
{
	static const char question[] = "\033[c";

	if (len == 1 && *text == '~') {
		text = question;
		len = sizeof(question) - 1;
	}
	__real_cell_set(cell, text, len, width);
}
