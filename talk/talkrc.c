/*
 * talkrc - ~/.talkrc: a user's own names for persons, and what the command line
 * leaves open.
 */
#include "talkrc.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/rule.h"

/* The longest line has four words; a fifth is one too many. */
enum { WORDS_MAX = 5 };

static const char blanks[] = " \t";

static void
talkrc_blame(struct talkrc *talkrc, int line, const char *words)
{
	struct talkrc_mistake mistake = { line, words };

	if (words != NULL && talkrc->mistake_count < TALKRC_MISTAKES_MAX)
		talkrc->mistakes[talkrc->mistake_count++] = mistake;
}

/* ----------------------------------------------------------------- set --- */

/* Reads yes or no in the words that mean it. */
static const char *
set_switch(bool *off, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return "this is on or off";
	*off = strcmp(value, "off") == 0;
	return NULL;
}

/* A leading ~/ is the home directory, as in a shell. */
static const char *
set_transcript(struct talkrc *talkrc, const char *home, const char *file)
{
	bool at_home = strncmp(file, "~/", 2) == 0;
	int len = snprintf(talkrc->transcript, sizeof(talkrc->transcript),
	    "%s%s", at_home ? home : "", at_home ? file + 1 : file);

	talkrc->settings.transcript = NULL;
	if (len >= (int)sizeof(talkrc->transcript))
		return "the file's name is too long";
	talkrc->settings.transcript = talkrc->transcript;
	return NULL;
}

static const char *
take_set(struct talkrc *talkrc, const char *home, char *const *words)
{
	struct settings *settings = &talkrc->settings;
	const char *option = words[1];
	const char *value = words[2];

	if (value == NULL || words[3] != NULL)
		return "a setting is: set option value";
	if (strcmp(option, "bell") == 0)
		return set_switch(&settings->silent, value);
	if (strcmp(option, "family") == 0)
		return settings_set_family(settings, value);
	if (strcmp(option, "port") == 0)
		return settings_set_port(settings, value);
	if (strcmp(option, "ports") == 0)
		return settings_set_ports(settings, value);
	if (strcmp(option, "transcript") == 0)
		return set_transcript(talkrc, home, value);
	if (strcmp(option, "wait") == 0)
		return settings_set_patience(settings, value);
	if (strcmp(option, "wrap") == 0)
		return set_switch(&settings->unwrapped, value);
	return "there is no such option; there are bell, family, port, ports, "
	       "transcript, wait and wrap";
}

/* --------------------------------------------------------------- alias --- */

static struct alias *
talkrc_alias(const struct talkrc *talkrc, const char *name)
{
	size_t i;

	for (i = 0; i < talkrc->alias_count; i++)
		if (strcmp(talkrc->aliases[i].name, name) == 0)
			return &talkrc->aliases[i];
	return NULL;
}

static const char *
add_alias(struct talkrc *talkrc, const struct alias *alias)
{
	struct alias *aliases;

	aliases = realloc(
	    talkrc->aliases, (talkrc->alias_count + 1) * sizeof(*aliases));
	if (aliases == NULL)
		return "memory is short";
	aliases[talkrc->alias_count++] = *alias;
	talkrc->aliases = aliases;
	return NULL;
}

static const char *
take_alias(struct talkrc *talkrc, char *const *words)
{
	struct alias alias = { .name = "" };
	struct alias *same;
	const char *why;

	if (words[1] == NULL || words[2] == NULL)
		return "an alias is: alias name person [terminal]";
	if (words[3] != NULL && words[4] != NULL)
		return "one word too many";
	if (strpbrk(words[1], "@!:%#") != NULL)
		return "the name of an alias has none of @ ! : % #";
	if (strlen(words[1]) >= sizeof(alias.name))
		return "the name of the alias is too long";
	memcpy(alias.name, words[1], strlen(words[1]));
	why = person_parse_recipient(words[2], &alias.person);
	if (why == NULL && words[3] != NULL)
		why = person_set_recipient_terminal(&alias.person, words[3]);
	if (why != NULL)
		return why;
	same = talkrc_alias(talkrc, alias.name);
	if (same == NULL)
		return add_alias(talkrc, &alias);
	*same = alias;
	return NULL;
}

/* --------------------------------------------------------------- lines --- */

/* Cuts a line into its words, which it keeps; NULL stands behind the last. */
static void
cut(char *line, char *words[WORDS_MAX + 1])
{
	int count = 0;

	line += strspn(line, blanks);
	while (*line != '\0' && *line != '#' && count < WORDS_MAX) {
		words[count++] = line;
		line += strcspn(line, blanks);
		if (*line != '\0')
			*line++ = '\0';
		line += strspn(line, blanks);
	}
	words[count] = NULL;
}

/* The rules are talkd's, which obeys them; here their form alone counts. */
static const char *
take_rule(const char *line)
{
	struct rule rule;

	return rule_parse(line, &rule);
}

/* Returns NULL, or what is wrong with the line. */
static const char *
take_line(struct talkrc *talkrc, const char *home, const char *line)
{
	char copy[TALKRC_LINE_MAX + 1];
	char *words[WORDS_MAX + 1];

	snprintf(copy, sizeof(copy), "%s", line);
	cut(copy, words);
	if (words[0] == NULL)
		return NULL;
	if (strcmp(words[0], "alias") == 0)
		return take_alias(talkrc, words);
	if (strcmp(words[0], "set") == 0)
		return words[1] == NULL ? "a setting is: set option value"
					: take_set(talkrc, home, words);
	if (strcmp(words[0], "allow") == 0 || strcmp(words[0], "deny") == 0)
		return take_rule(line);
	return "a line begins with alias, set, allow or deny";
}

static const char *
take_bytes(
    struct talkrc *talkrc, const char *home, const char *bytes, size_t len)
{
	char line[TALKRC_LINE_MAX + 1];

	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	if (len > TALKRC_LINE_MAX)
		return "the line is too long";
	if (memchr(bytes, '\0', len) != NULL)
		return "there is a NUL in it";
	memcpy(line, bytes, len);
	line[len] = '\0';
	return take_line(talkrc, home, line);
}

void
talkrc_take(
    struct talkrc *talkrc, const char *home, const char *text, size_t len)
{
	const char *end = text + len;
	const char *stop;
	int line;

	for (line = 1; text < end; line++) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (stop == NULL)
			stop = end;
		talkrc_blame(talkrc, line,
		    take_bytes(talkrc, home, text, (size_t)(stop - text)));
		text = stop < end ? stop + 1 : end;
	}
}

/* ---------------------------------------------------------------- file --- */

static const char irregular[] = "not read: it is no regular file";
static const char unreadable[] = "not read: the system does not let us";

/* Why a file is not to be read; NULL if it may be. */
static const char *
distrust(const struct stat *file)
{
	if (!S_ISREG(file->st_mode))
		return irregular;
	if (file->st_uid != geteuid())
		return "not read: it belongs to somebody else";
	if ((file->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "not read: others can write to it; chmod go-w it";
	if (file->st_size > TALKRC_SIZE_MAX)
		return "not read: it is longer than 64 KiB";
	return NULL;
}

/* Puts at most size bytes of it in text; how many, or -1 with errno. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got = 1;

	while (len < size && got > 0) {
		got = read(fd, text + len, size - len);
		if (got > 0)
			len += (size_t)got;
	}
	return got < 0 ? -1 : (ssize_t)len;
}

/* Reads an open file; returns NULL, or why not. */
static const char *
read_file(struct talkrc *talkrc, const char *home, int fd)
{
	struct stat file;
	const char *why;
	char *text;
	ssize_t len;

	if (fstat(fd, &file) != 0)
		return unreadable;
	why = distrust(&file);
	if (why != NULL)
		return why;
	text = malloc(TALKRC_SIZE_MAX);
	if (text == NULL)
		return "not read: memory is short";
	len = read_all(fd, text, TALKRC_SIZE_MAX);
	if (len < 0)
		why = unreadable;
	else
		talkrc_take(talkrc, home, text, (size_t)len);
	free(text);
	return why;
}

/* What it tells that the file could not be opened. */
static const char *
why_not_open(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return NULL;
	case ELOOP:
	case EMLINK: /* so FreeBSD has it for O_NOFOLLOW */
		return "not read: it is a symbolic link";
	case ENXIO:
		return irregular;
	default:
		return unreadable;
	}
}

void
talkrc_read(struct talkrc *talkrc, const char *home)
{
	int len = snprintf(
	    talkrc->path, sizeof(talkrc->path), "%s/.talkrc", home);
	int fd;

	if (len >= (int)sizeof(talkrc->path))
		return;
	fd = open(talkrc->path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	talkrc_blame(talkrc, 0,
	    fd < 0 ? why_not_open(errno) : read_file(talkrc, home, fd));
	if (fd >= 0)
		close(fd);
}

void
talkrc_free(struct talkrc *talkrc)
{
	free(talkrc->aliases);
}

const struct person *
talkrc_person(const struct talkrc *talkrc, const char *name)
{
	const struct alias *alias = talkrc_alias(talkrc, name);

	return alias == NULL ? NULL : &alias->person;
}
