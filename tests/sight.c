/*
 * What actors show, and waiting for it.
 */
#include <stdio.h>
#include <string.h>

#include "actor.h"

enum { ROW_SIZE = 4096 };

/* What an actor is waited for to show. */
struct sight {
	const struct actor *actor;
	int row;
	const char *text;
};

static bool
row_contains(const struct emulator *screen, int row, const char *text)
{
	char shown[ROW_SIZE];

	emulator_row(screen, row, shown, sizeof(shown));
	return strstr(shown, text) != NULL;
}

bool
actor_shows(const struct actor *actor, const char *text)
{
	int row;

	for (row = 0; row < emulator_rows(actor->screen); row++)
		if (row_contains(actor->screen, row, text))
			return true;
	return false;
}

bool
actor_read_ring(const struct actor *actor, char *whom, size_t size)
{
	static const char respond[] = "talk: respond with:  talk ";
	size_t len = strlen(respond);
	char shown[ROW_SIZE];
	int row;

	for (row = emulator_rows(actor->screen) - 1; row >= 0; row--) {
		emulator_row(actor->screen, row, shown, sizeof(shown));
		if (strncmp(shown, respond, len) != 0)
			continue;
		snprintf(whom, size, "%.*s", (int)(size - 1), shown + len);
		return true;
	}
	return false;
}

static bool
is_shown(const void *what)
{
	const struct sight *sight = what;

	return actor_shows(sight->actor, sight->text);
}

static bool
row_is(const void *what)
{
	const struct sight *sight = what;
	char shown[ROW_SIZE];

	emulator_row(sight->actor->screen, sight->row, shown, sizeof(shown));
	return strcmp(shown, sight->text) == 0;
}

static bool
separator_contains(const void *what)
{
	const struct sight *sight = what;
	const struct emulator *screen = sight->actor->screen;
	int row = (emulator_rows(screen) - 1) / 2;

	return row_contains(screen, row, sight->text) &&
	    emulator_is_reverse(screen, row, 0) &&
	    emulator_is_reverse(screen, row, emulator_cols(screen) - 1);
}

static bool
is_in_output(const void *what)
{
	const struct sight *sight = what;

	return strstr(actor_output(sight->actor), sight->text) != NULL;
}

static bool
is_in_errors(const void *what)
{
	const struct sight *sight = what;

	return strstr(actor_errors(sight->actor), sight->text) != NULL;
}

static void
report_screen(FILE *to, const struct emulator *screen)
{
	char shown[ROW_SIZE];
	int row, col;

	for (row = 0; row < emulator_rows(screen); row++) {
		emulator_row(screen, row, shown, sizeof(shown));
		fprintf(to, "%4d|%s\n", row, shown);
	}
	emulator_cursor(screen, &row, &col);
	fprintf(
	    to, "    |cursor %d,%d %s\n", row, col, emulator_complaint(screen));
}

static void
report(const struct actor *actor, const char *what, const char *text)
{
	FILE *to = actor->stage->reports;

	if (to == NULL)
		return;
	fprintf(to, "stage: %s%s%s \"%s\"\n", actor->name,
	    actor_is_ended(actor) ? " (ended)" : "", what, text);
	if (actor->screen != NULL)
		report_screen(to, actor->screen);
	else
		fprintf(to, "output: %s\nerrors: %s\n", actor_output(actor),
		    actor_errors(actor));
}

static bool
wait_for(const struct sight *sight, bool (*holds)(const void *what),
    const char *what)
{
	if (stage_wait(sight->actor->stage, holds, sight))
		return true;
	report(sight->actor, what, sight->text);
	return false;
}

static bool
has_ended(const void *actor)
{
	return actor_is_ended(actor);
}

bool
actor_wait(struct actor *actor, int *status)
{
	bool ended = stage_wait(actor->stage, has_ended, actor);

	if (!ended)
		report(actor, " has not ended", "");
	*status = actor->status;
	return ended;
}

bool
actor_sees(struct actor *actor, const char *text)
{
	struct sight sight = { .actor = actor, .text = text };

	return wait_for(&sight, is_shown, " does not see");
}

bool
actor_row_reads(struct actor *actor, int row, const char *text)
{
	struct sight sight = { .actor = actor, .row = row, .text = text };
	char what[64];

	snprintf(what, sizeof(what), ": row %d does not read", row);
	return wait_for(&sight, row_is, what);
}

bool
actor_half_reads(struct actor *actor, enum half half, int n, const char *text)
{
	return actor_row_reads(actor, actor_half_row(actor, half, n), text);
}

bool
actor_separator_says(struct actor *actor, const char *text)
{
	struct sight sight = { .actor = actor, .text = text };

	return wait_for(&sight, separator_contains, ": no separator says");
}

static const char *
text_of(const struct bytes *bytes)
{
	return bytes->text == NULL ? "" : bytes->text;
}

const char *
actor_output(const struct actor *actor)
{
	return text_of(&actor->output);
}

const char *
actor_errors(const struct actor *actor)
{
	return text_of(&actor->errors);
}

size_t
actor_written(const struct actor *actor)
{
	return actor->output.len;
}

bool
actor_says(struct actor *actor, const char *text)
{
	struct sight sight = { .actor = actor, .text = text };

	return wait_for(&sight, is_in_output, " does not say");
}

bool
actor_states(struct actor *actor, const char *text)
{
	struct sight sight = { .actor = actor, .text = text };

	return wait_for(&sight, is_in_errors, " does not state");
}
