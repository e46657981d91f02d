/*
 * bench_talk - what a conversation costs the two who hold it, beside other
 * people's talks.
 *
 * Alice calls bob, they type, she pastes a megabyte, one draws his screen anew,
 * they leave; then the same with the next talk, and all of it again.  As root,
 * once tests/peers/debian is there (make check-peers gets it), they sit on a
 * host of tests/lan and use Debian's talks too, each called and answered with
 * its own kind, through our daemon; else ours alone.  No test: it judges
 * nothing.
 */
#define _GNU_SOURCE /* sched_setaffinity */

#include <sys/stat.h>

#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_talk.h"
#include "stage.h"

enum {
	ROUNDS = 5,
	MAKERS = 3,
	LINES = 10240, /* that are pasted, */
	LINE_LEN = 32, /* each of so many bytes */
	MEGABYTE = 1 << 20,
	QUIET_MS = 300,
	KEY_MS = 30, /* between two keys: nobody types faster */
	NAME_SIZE = 64,
	COMMAND_SIZE = 256,
	ARGS_MAX = 8,
};

#define RULES	    "limit rings none\n"
#define RINGING	    "Waiting for your party to respond"
#define ESTABLISHED "Connection established"
#define LAST_LINE   "So far it goes, and no further."

/* No blanks: at the end of a row they cannot be seen. */
static const char keys[] = "the.quick.brown.fox.jumps.over";

/* Ours first: the others are not everywhere. */
static const char *const makers[MAKERS] = { "talk", "netkit-ntalk",
	"inetutils-talk" };

enum figure {
	CALL,
	ANSWER,
	KEY_OWN,
	KEY_OTHER,
	KEY_CPU_OWN,
	KEY_CPU_OTHER,
	SCREEN,
	MEGABYTE_OWN,
	MEGABYTE_OTHER,
	CPU_PASTE,
	CPU_HEAR,
	MEMORY_START,
	MEMORY_FULL,
	FIGURES,
};

static const char *const descriptions[FIGURES] = {
	[CALL] = "ms to \"" RINGING "\"",
	[ANSWER] = "ms to \"" ESTABLISHED "\": who answers",
	[KEY_OWN] = "bytes to the terminal a key: who types",
	[KEY_OTHER] = "bytes to the terminal a key: who listens",
	[KEY_CPU_OWN] = "CPU us a key: who types",
	[KEY_CPU_OTHER] = "CPU us a key: who listens",
	[SCREEN] = "bytes to the terminal, full screen drawn anew (^L)",
	[MEGABYTE_OWN] = "KB to the terminal a megabyte: who pastes",
	[MEGABYTE_OTHER] = "KB to the terminal a megabyte: who listens",
	[CPU_PASTE] = "CPU ms a megabyte: who pastes",
	[CPU_HEAR] = "CPU ms a megabyte: who listens",
	[MEMORY_START] = "peak memory, KB: once connected",
	[MEMORY_FULL] = "peak memory, KB: who has heard 10240 lines",
};

struct scene {
	struct stage *stage;
	char dir[NAME_SIZE];
	char rules[NAME_SIZE + 8];
	bool on_host; /* where others' talks can run */
	const char *user;
	uint16_t port; /* of the daemon; on the host, the usual one */
	struct actor *alice;
	struct actor *bob;
};

static double
now_ms(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ----------------------------------------------------------- the stage --- */

/* So that the programs take turns, and none is moved about. */
static void
use_one_core(void)
{
#ifdef __linux__
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
#endif
}

static bool
write_rules(struct scene *scene)
{
	FILE *file;

	snprintf(scene->dir, sizeof(scene->dir), "/tmp/bench.XXXXXX");
	if (mkdtemp(scene->dir) == NULL || chmod(scene->dir, 0755) != 0)
		return false;
	snprintf(scene->rules, sizeof(scene->rules), "%s/rules", scene->dir);
	file = fopen(scene->rules, "w");
	if (file == NULL)
		return false;
	fputs(RULES, file);
	return fclose(file) == 0;
}

/* A host that ends when we do. */
static bool
open_host(struct scene *scene, const char *peers)
{
	static const char *const up[] = { "tests/lan/hosts.sh", "up", "1",
		NULL };
	const char *const serve[] = { "tests/lan/on", "-n", "h1", "root",
		"talkd", "-F", "-a", scene->rules, NULL };
	const struct actor_setup host = {
		.name = "hosts.sh", .argv = up, .place = AT_PIPES
	};
	const struct actor_setup talkd = {
		.name = "talkd", .argv = serve, .place = AT_PIPES
	};
	struct actor *actor;
	char pid[NAME_SIZE];
	int status;

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LAN_DIR", scene->dir, 1);
	setenv("LAN_OWNER", pid, 1);
	setenv("LAN_PEERS", peers, 1);
	actor = actor_start(scene->stage, &host);
	if (actor == NULL || !actor_wait(actor, &status) || status != 0)
		return false;
	actor = actor_start(scene->stage, &talkd);
	return actor != NULL && actor_states(actor, "serving");
}

/* Somebody's terminal, at which nobody plays yet. */
static struct actor *
sit_down(struct scene *scene, const char *name)
{
	char root[NAME_SIZE + 16];
	struct actor_setup setup = { .name = name };

	snprintf(root, sizeof(root), "%s/h1/root", scene->dir);
	if (scene->on_host)
		setup.root = root;
	return actor_start(scene->stage, &setup);
}

static bool
open_scene(struct scene *scene)
{
	const struct passwd *user = getpwuid(getuid());
	const char *const options[] = { "-a", scene->rules, NULL };
	const struct daemon_setup talkd = { .options = options };
	char peers[PATH_MAX];

	scene->stage = stage_open(stderr);
	if (user == NULL || scene->stage == NULL || !write_rules(scene))
		return false;
	scene->user = user->pw_name;
	scene->on_host = geteuid() == 0 &&
	    realpath("tests/peers/debian", peers) != NULL;
	if (scene->on_host
		? !open_host(scene, peers)
		: stage_start_talkd(scene->stage, &talkd, &scene->port) == NULL)
		return false;
	scene->alice = sit_down(scene, "alice");
	scene->bob = sit_down(scene, "bob");
	return scene->alice != NULL && scene->bob != NULL;
}

static void
close_scene(struct scene *scene)
{
	stage_close(scene->stage);
	(void)unlink(scene->rules);
	(void)rmdir(scene->dir);
}

/* ------------------------------------------------------------ the talk --- */

/* Has a person's shell be ready to become a talk at the next newline. */
static bool
get_ready(struct scene *scene, const char *maker, struct actor *person)
{
	bool calls = person == scene->alice;
	char command[COMMAND_SIZE];
	const char *const on_host[] = { "tests/lan/on", "h1",
		calls ? "alice" : "bob", "sh", "-c", command, NULL };
	const struct actor_setup setup = {
		.argv = scene->on_host ? on_host : on_host + 3
	};

	if (scene->on_host)
		snprintf(command, sizeof(command),
		    "echo ready; read go; exec %s %s", maker,
		    calls ? "bob" : "alice");
	else
		snprintf(command, sizeof(command),
		    "echo ready; read go; exec %s -p %u %s %s", stage_talk(),
		    (unsigned)scene->port, scene->user,
		    calls ? actor_terminal(scene->bob) : "");
	actor_clear(person);
	return actor_play(person, &setup) && actor_sees(person, "ready");
}

/* Milliseconds until a talk that is ready to begin says so; -1: never. */
static double
begin(struct actor *person, const char *words)
{
	double began = now_ms(CLOCK_MONOTONIC);

	actor_type(person, "\n");
	return actor_sees(person, words) ? now_ms(CLOCK_MONOTONIC) - began : -1;
}

static bool
meet(struct scene *scene, const char *maker, double *figures)
{
	if (!get_ready(scene, maker, scene->alice) ||
	    !get_ready(scene, maker, scene->bob))
		return false;
	figures[CALL] = begin(scene->alice, RINGING);
	figures[ANSWER] = begin(scene->bob, ESTABLISHED);
	return figures[CALL] >= 0 && figures[ANSWER] >= 0 &&
	    actor_sees(scene->alice, ESTABLISHED);
}

static bool
part(const struct scene *scene)
{
	int status;

	actor_type(scene->alice, "\003");
	if (!actor_wait(scene->alice, &status))
		return false;
	if (!actor_is_ended(scene->bob))
		actor_type(scene->bob, "\003");
	return actor_wait(scene->bob, &status);
}

static void
let_pass(const struct scene *scene, double time)
{
	double began = now_ms(CLOCK_MONOTONIC);

	while (now_ms(CLOCK_MONOTONIC) - began < time)
		stage_turn(scene->stage);
}

/* Until nothing more is written to either terminal. */
static void
settle(const struct scene *scene)
{
	double since = now_ms(CLOCK_MONOTONIC);
	size_t before = 0, written;

	while (now_ms(CLOCK_MONOTONIC) - since < QUIET_MS) {
		stage_turn(scene->stage);
		written = actor_written(scene->alice) +
		    actor_written(scene->bob);
		if (written != before)
			since = now_ms(CLOCK_MONOTONIC);
		before = written;
	}
}

/* --------------------------------------------------------- the figures --- */

/* Peak memory of a program in KB; 0 where the system does not tell. */
static double
peak_memory(const struct actor *person)
{
	char line[COMMAND_SIZE];
	double peak = 0;
	FILE *file;

	snprintf(line, sizeof(line), "/proc/%ld/status",
	    (long)actor_process(person));
	file = fopen(line, "r");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			peak = strtod(line + 6, NULL);
	fclose(file);
	return peak;
}

/* Milliseconds of CPU that a program has taken. */
static double
cpu_ms(const struct actor *person)
{
	clockid_t clock;

	return clock_getcpuclockid(actor_process(person), &clock) == 0
	    ? now_ms(clock)
	    : 0;
}

/* One key after another, each seen on both sides. */
static bool
type_keys(const struct scene *scene, double *figures)
{
	size_t own = actor_written(scene->alice);
	size_t other = actor_written(scene->bob);
	double typing = cpu_ms(scene->alice);
	double hearing = cpu_ms(scene->bob);
	char line[sizeof(keys)] = "";
	const double count = sizeof(keys) - 1;
	size_t i;

	for (i = 0; keys[i] != '\0'; i++) {
		line[i] = keys[i];
		actor_type(scene->alice, line + i);
		if (!actor_sees(scene->alice, line) ||
		    !actor_sees(scene->bob, line))
			return false;
		let_pass(scene, KEY_MS);
	}
	own = actor_written(scene->alice) - own;
	other = actor_written(scene->bob) - other;
	figures[KEY_OWN] = (double)own / count;
	figures[KEY_OTHER] = (double)other / count;
	figures[KEY_CPU_OWN] = 1e3 * (cpu_ms(scene->alice) - typing) / count;
	figures[KEY_CPU_OTHER] = 1e3 * (cpu_ms(scene->bob) - hearing) / count;
	return true;
}

static void
type_lines(struct actor *person)
{
	char line[2 * LINE_LEN];
	int i;

	for (i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "%5d %-25.25s\n", i, keys);
		actor_type(person, line);
	}
	actor_type(person, LAST_LINE);
}

/* What the lines cost, as that of a megabyte. */
static double
a_megabyte(double cost)
{
	return cost * MEGABYTE / (LINES * LINE_LEN);
}

static bool
paste(const struct scene *scene, double *figures)
{
	size_t own = actor_written(scene->alice);
	size_t other = actor_written(scene->bob);
	double pasting = cpu_ms(scene->alice);
	double hearing = cpu_ms(scene->bob);

	type_lines(scene->alice);
	if (!actor_sees(scene->alice, LAST_LINE) ||
	    !actor_sees(scene->bob, LAST_LINE))
		return false;
	settle(scene);
	figures[CPU_PASTE] = a_megabyte(cpu_ms(scene->alice) - pasting);
	figures[CPU_HEAR] = a_megabyte(cpu_ms(scene->bob) - hearing);
	own = actor_written(scene->alice) - own;
	other = actor_written(scene->bob) - other;
	figures[MEGABYTE_OWN] = a_megabyte((double)own / 1024);
	figures[MEGABYTE_OTHER] = a_megabyte((double)other / 1024);
	return true;
}

static void
draw_anew(const struct scene *scene, double *figures)
{
	size_t before = actor_written(scene->bob);

	actor_type(scene->bob, "\f");
	settle(scene);
	figures[SCREEN] = (double)(actor_written(scene->bob) - before);
}

static bool
measure(struct scene *scene, const char *maker, double *figures)
{
	if (!meet(scene, maker, figures) || !type_keys(scene, figures))
		return false;
	figures[MEMORY_START] = peak_memory(scene->bob);
	if (!paste(scene, figures))
		return false;
	figures[MEMORY_FULL] = peak_memory(scene->bob);
	draw_anew(scene, figures);
	return part(scene);
}

/* ----------------------------------------------------------- the table --- */

static int
compare(const void *a, const void *b)
{
	double one = *(const double *)a;
	double other = *(const double *)b;

	return one < other ? -1 : one > other;
}

static double
median(double rounds[ROUNDS][FIGURES], int figure)
{
	double values[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++)
		values[i] = rounds[i][figure];
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

static void
print_table(double rounds[MAKERS][ROUNDS][FIGURES], int count)
{
	int figure, i;

	printf("\nA conversation, two of a kind; medians of %d rounds in turn, "
	       "on one core,\nterminals of 24 x 80 (vt100) that are read at "
	       "once; times from exec on; pasted\nare %d lines of %d bytes, "
	       "by the caller\n\n%-50s",
	    ROUNDS, LINES, LINE_LEN, "");
	for (i = 0; i < count && i < MAKERS; i++)
		printf(" %9.*s", (int)strcspn(makers[i], "-"), makers[i]);
	putchar('\n');
	for (figure = 0; figure < FIGURES; figure++) {
		printf("%-50s", descriptions[figure]);
		for (i = 0; i < count; i++)
			printf(" %9.1f", median(rounds[i], figure));
		putchar('\n');
	}
}

bool
bench_talk(void)
{
	static double rounds[MAKERS][ROUNDS][FIGURES];
	struct scene scene = { 0 };
	int i, maker, count;
	bool ok;

	use_one_core();
	(void)setenv("STAGE_SECONDS", "60", 0);
	ok = open_scene(&scene);
	count = scene.on_host ? MAKERS : 1;
	for (i = 0; ok && i < ROUNDS; i++)
		for (maker = 0; ok && maker < count; maker++)
			ok = measure(&scene, makers[maker], rounds[maker][i]);
	close_scene(&scene);
	if (ok)
		print_table(rounds, count);
	return ok;
}
