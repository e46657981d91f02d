/*
 * Daemons of this host that tell who calls, as the input has it: the asking
 * ends in time, nobody is in the list twice, the newest call is the first, and
 * each caller is one whom talk could be told to answer.
 */
#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "common/person.h"
#include "fuzz.h"
#include "rogue.h"
#include "talk/callers.h"
#include "talk/verdict.h"
#include "talk/waiting.h"
#include "world.h"

enum {
	/* A page a turn, of a caller at least, of each daemon. */
	TURNS_MAX = 100000,
	PAGES_MAX = CALLERS_MAX + 1,
	MOMENT = 1000000,
};

struct play {
	struct rogue rogue;
	unsigned questions; /* that are new, for each is sent several times */
	uint16_t skip;	    /* of the last */
	int64_t asked;
};

/* Who calls alice, from some place of the list on. */
static void
note_question(void *context, struct world_socket *socket,
    const struct address *to, const uint8_t *bytes, size_t len)
{
	struct play *play = context;
	struct talk_request question;
	struct extension_request list;
	enum talk_answer fault;

	(void)to;
	fuzz_expect(
	    ntalk_get_request(bytes, len, &question, &fault) == NTALK_FINE);
	fuzz_expect(question.type == TALK_LOOK_UP);
	fuzz_expect(strcmp(question.l_name, "alice") == 0);
	if (!extension_get_request(bytes, len, &question, &list))
		return; /* to a daemon that takes no more than 84 bytes */
	fuzz_expect(list.lists && list.skip < CALLERS_MAX);
	fuzz_expect(socket->here.family != 0);
	if (play->questions > 0 && list.skip == play->skip)
		return;
	play->skip = list.skip;
	play->asked = play->rogue.now;
	fuzz_expect(++play->questions <= CALLERS_DAEMONS_MAX * PAGES_MAX);
}

static void
check_caller(const struct extension_call *call)
{
	char text[PERSON_TEXT_SIZE], line[WAITING_SIZE];
	struct person told, read;

	waiting_person(call, &told);
	person_format(&told, text, sizeof(text));
	fuzz_expect(person_parse(text, &read) == NULL);
	fuzz_expect(strcmp(read.user, call->caller) == 0);
	fuzz_expect(strcmp(read.host, call->host) == 0);
	waiting_format(call, line);
	clean_expect(line, strlen(line));
	fuzz_expect(strncmp(line, text, strlen(text)) == 0);
}

static void
check_callers(const struct callers *callers)
{
	const struct extension_call *call;
	size_t i, k;

	fuzz_expect(callers->count <= CALLERS_MAX);
	for (i = 0; i < callers->count; i++) {
		call = &callers->calls[i];
		check_caller(call);
		for (k = 0; k < i; k++) {
			fuzz_expect(callers->calls[k].age <= call->age);
			fuzz_expect(strcmp(callers->calls[k].caller,
					call->caller) != 0 ||
			    strcmp(callers->calls[k].host, call->host) != 0);
		}
	}
}

static void
ask(struct play *play, struct callers *callers)
{
	const int64_t most = (DAEMON_PATIENCE_MS + 2550) * CALLERS_DAEMONS_MAX;
	struct turn turn;
	int turns = 0;

	while (callers->state == CALLERS_ASKING) {
		fuzz_expect(++turns < TURNS_MAX);
		fuzz_expect(play->rogue.now <= play->asked + most);
		turn_begin(&turn);
		callers_await(callers, &turn);
		fuzz_expect(rogue_turn(&play->rogue, &turn));
		(void)callers_turn(callers, play->rogue.now);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct callers callers;
	struct play play = { .rogue = { { data, size }, MOMENT } };
	const struct world_watcher watcher = { .context = &play,
		.sends = note_question };
	struct address here[CALLERS_DAEMONS_MAX];
	struct verdict verdict;
	int i;

	fuzz_locale();
	world_begin(&watcher);
	for (i = 0; i < CALLERS_DAEMONS_MAX; i++) {
		here[i] = rogue_address(&play.rogue.input);
		here[i].port = 518;
	}
	play.asked = MOMENT;
	callers_start(&callers, "alice", here, CALLERS_DAEMONS_MAX, MOMENT);
	ask(&play, &callers);
	check_callers(&callers);
	verdict = verdict_on_callers(&callers);
	clean_expect(verdict.line, strlen(verdict.line));
	callers_end(&callers);
	fuzz_expect(world_count() == 0);
	return 0;
}
