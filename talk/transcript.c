/*
 * transcript - a conversation as lines of a file, as its panes show them.
 */
#include "transcript.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/person.h"
#include "face.h"
#include "pane.h"

enum {
	STAMP_SIZE = sizeof("2026-11-22T10:15:03"),
	/* The newlines around it, the stamp, who, ": ", what. */
	RECORD_SIZE = STAMP_SIZE + PERSON_TEXT_SIZE + PANE_LINE_BYTES_MAX + 8,
	SLICE = 4096, /* bytes fed at once: no more than a pane keeps lines */
};

struct writer {
	char name[PERSON_TEXT_SIZE];
	struct pane *pane;
};

struct transcript {
	int fd;
	bool torn;     /* the file does not end with a newline */
	bool has_some; /* a line was written */
	int error;     /* of the first that was not */
	struct writer writers[FACE_PARTIES_MAX];
	int count;
};

/* ---------------------------------------------------------------- file --- */

/* Why a file cannot be the one; NULL if it can. */
static const char *
distrust(const struct stat *file)
{
	if (!S_ISREG(file->st_mode))
		return "this is no regular file";
	if (file->st_uid != geteuid())
		return "this is somebody else's file";
	if (file->st_nlink != 1)
		return "this file has other names, too";
	return NULL;
}

/* Whether the last line of a file was cut short, by a full disk perhaps. */
static bool
is_torn(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* Returns NULL, or why the open file cannot be the one. */
static const char *
transcript_check(struct transcript *transcript)
{
	struct stat file;
	const char *why;

	if (fstat(transcript->fd, &file) != 0)
		return strerror(errno);
	why = distrust(&file);
	if (why == NULL)
		transcript->torn = is_torn(transcript->fd, file.st_size);
	return why;
}

/* What is no file of ours must neither hold us up nor become our terminal. */
static int
open_file(const char *file)
{
	return open(file,
	    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
		O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
}

static const char *
why_not_open(int error)
{
	switch (error) {
	case ELOOP:
	case EMLINK: /* so FreeBSD has it for O_NOFOLLOW */
		return "this is a symbolic link";
	case ENXIO:
	case EISDIR:
		return "this is no regular file";
	default:
		return strerror(error);
	}
}

struct transcript *
transcript_open(const char *file, const char **why)
{
	struct transcript *transcript = calloc(1, sizeof(*transcript));

	if (transcript == NULL) {
		*why = strerror(errno);
		return NULL;
	}
	transcript->fd = open_file(file);
	*why = transcript->fd < 0 ? why_not_open(errno)
				  : transcript_check(transcript);
	if (*why == NULL)
		return transcript;
	if (transcript->fd >= 0)
		close(transcript->fd);
	free(transcript);
	return NULL;
}

/* --------------------------------------------------------------- lines --- */

/* In one piece; what a full disk leaves of it is a line of its own. */
static void
transcript_put(struct transcript *transcript, const char *record, size_t len)
{
	ssize_t written;

	if (!transcript->torn) {
		record++;
		len--;
	}
	do
		written = write(transcript->fd, record, len);
	while (written < 0 && errno == EINTR);
	if (written == (ssize_t)len) {
		transcript->has_some = true;
		transcript->torn = false;
		return;
	}
	if (transcript->error == 0)
		transcript->error = written < 0 ? errno : ENOSPC;
	transcript->torn = transcript->torn || written > 0;
}

static void
put_line(struct transcript *transcript, const struct writer *writer,
    const char *line, size_t line_len, time_t now)
{
	char record[RECORD_SIZE];
	char stamp[STAMP_SIZE] = "";
	struct tm local;
	int len;

	if (line_len > PANE_LINE_BYTES_MAX)
		line_len = PANE_LINE_BYTES_MAX;
	if (localtime_r(&now, &local) != NULL)
		(void)strftime(
		    stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &local);
	len = snprintf(record, sizeof(record), "\n%s %s: %.*s\n", stamp,
	    writer->name, (int)line_len, line);
	transcript_put(transcript, record, (size_t)len);
}

static void
put_ended(
    struct transcript *transcript, const struct writer *writer, time_t now)
{
	const char *line;
	size_t len;

	while ((line = pane_take_line(writer->pane, &len)) != NULL)
		put_line(transcript, writer, line, len, now);
}

void
transcript_hear(struct transcript *transcript, int party, const char *bytes,
    size_t len, time_t now)
{
	const struct writer *writer = &transcript->writers[party];
	size_t slice;

	for (; len > 0; bytes += slice, len -= slice) {
		slice = len < SLICE ? len : SLICE;
		(void)pane_feed(writer->pane, bytes, slice);
		put_ended(transcript, writer, now);
	}
}

/* One newline may be swallowed, by a line of ytalk's own. */
static void
end_line(struct transcript *transcript, int party, time_t now)
{
	const struct pane *pane = transcript->writers[party].pane;
	size_t len;
	int tries;

	pane_settle(transcript->writers[party].pane);
	for (tries = 0; tries < 2; tries++) {
		(void)pane_last_line(pane, &len);
		if (len > 0)
			transcript_hear(transcript, party, "\n", 1, now);
	}
}

void
transcript_end_lines(struct transcript *transcript, time_t now)
{
	int i;

	for (i = 0; i < transcript->count; i++)
		end_line(transcript, i, now);
}

/* ------------------------------------------------------------- parties --- */

bool
transcript_add(struct transcript *transcript, const char *name)
{
	struct writer *writer = &transcript->writers[transcript->count];

	if (transcript->count == FACE_PARTIES_MAX)
		return false;
	writer->pane = pane_new(false);
	if (writer->pane == NULL)
		return false;
	snprintf(writer->name, sizeof(writer->name), "%s", name);
	transcript->count++;
	return true;
}

void
transcript_edit(struct transcript *transcript, int party, const uint8_t edit[3])
{
	pane_set_edit(transcript->writers[party].pane, edit);
}

int
transcript_error(const struct transcript *transcript)
{
	return transcript->error;
}

bool
transcript_is_lost(const struct transcript *transcript)
{
	return transcript->error != 0 && !transcript->has_some;
}

void
transcript_free(struct transcript *transcript)
{
	int i;

	for (i = 0; i < transcript->count; i++)
		pane_free(transcript->writers[i].pane);
	close(transcript->fd);
	free(transcript);
}
