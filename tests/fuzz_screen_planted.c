/*
 * The fault that fuzz_screen has to find: a cluster that begins with a euro
 * sign is written as a question that terminals answer (DA).
 */
#include <string.h>

#include "talk/screen.h"

void __real_cell_set(
    struct cell *cell, const char *text, size_t len, int width);
void __wrap_cell_set(
    struct cell *cell, const char *text, size_t len, int width);

void
__wrap_cell_set(struct cell *cell, const char *text, size_t len, int width)
{
	static const char question[] = "\033[c";

	if (len >= 3 && memcmp(text, "\xe2\x82\xac", 3) == 0) {
		text = question;
		len = sizeof(question) - 1;
	}
	__real_cell_set(cell, text, len, width);
}
