/*
 * transcript - a conversation as lines of a file, as its panes show them: when
 * a line was ended, who wrote it, what it says:
 *
 *	2026-11-22T10:15:03 alice@h1: hello
 *
 * Each line is one write(2) at the end of the file, made when the line is
 * ended: whatever becomes of the program, the file has whole lines, and all of
 * those ended so far.
 */
#ifndef TALK_TRANSCRIPT_H
#define TALK_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct transcript;

/*
 * Opens a file, or creates it for its user alone, to append to.  It has to be a
 * regular file of the user's under this name only, so that nothing is appended
 * to what somebody else has put there.  NULL with *why, a text for people, of
 * strerror(3) perhaps: it lasts until the next.
 */
struct transcript *transcript_open(const char *file, const char **why);

/* Closes the file. */
void transcript_free(struct transcript *transcript);

/*
 * Adds the next party (face.h), whose name has passed the gate.  False when
 * memory is short or there are too many.
 */
bool transcript_add(struct transcript *transcript, const char *name);

/* Sets a party's edit characters (pane.h). */
void transcript_edit(
    struct transcript *transcript, int party, const uint8_t edit[3]);

/* Takes bytes that a party wrote, and writes what lines they end. */
void transcript_hear(struct transcript *transcript, int party,
    const char *bytes, size_t len, time_t now);

/* Ends the lines that nobody will end any more. */
void transcript_end_lines(struct transcript *transcript, time_t now);

/*
 * The errno of the first line that could not be written, 0 while there is none;
 * and whether none at all could.  What comes after it is still tried.
 */
int transcript_error(const struct transcript *transcript);
bool transcript_is_lost(const struct transcript *transcript);

#endif
