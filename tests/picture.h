/*
 * picture - whether a terminal shows what a screen wants it to, cell by cell.
 */
#ifndef TESTS_PICTURE_H
#define TESTS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "emulator.h"
#include "talk/screen.h"

/*
 * False with why, for people, when a cell differs, or the terminal has met
 * what it does not know (emulator_complaint).
 */
bool picture_agrees(struct screen *screen, const struct emulator *terminal,
    char *why, size_t size);

#endif
