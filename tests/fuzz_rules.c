/*
 * Files of rules.  A byte tells whose file it is and what is known of the
 * caller's host; then come that host's address, its name and a user's, and the
 * text, in two halves that must say together what they say apart.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "talkd/rules.h"

enum {
	/*
	 * A site's rules are trusted, and may cost as much as there are of
	 * them: more would take long for no reason.
	 */
	TEXT_MAX = 1024,
	NAME_SIZE = 64,
	SECONDS_MAX = 2, /* of the processor, for one line: some ms are told */
};

/* What the first byte tells. */
enum {
	OF_USER = 1,
	OF_IPV6 = 2,
	NAME_KNOWN = 4,
};

/* Who is judged. */
struct caller {
	struct address host;
	const char *name; /* of the host; NULL: not known yet */
	char name_text[NAME_SIZE];
	char user[NAME_SIZE];
};

/* A text as rules, and what was wrong with it. */
struct reading {
	struct rules rules;
	const char *failure;
	unsigned lines;
	unsigned mistakes;
	unsigned last_mistake; /* its line */
};

static void
complain(void *context, unsigned number, const char *mistake)
{
	struct reading *reading = context;

	fuzz_expect(mistake != NULL && mistake[0] != '\0');
	fuzz_expect(number > reading->last_mistake);
	fuzz_expect(number <= reading->lines);
	reading->last_mistake = number;
	reading->mistakes++;
}

static unsigned
count_lines(const char *text, size_t len)
{
	unsigned lines = 1;
	size_t i;

	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

static void
read_rules(struct reading *reading, enum rules_kind kind, const uint8_t *bytes,
    size_t len)
{
	char *text = malloc(len + 1);
	size_t i;

	fuzz_expect(text != NULL);
	if (len > 0)
		memcpy(text, bytes, len);
	*reading = (struct reading){ .lines = count_lines(text, len) };
	reading->failure = rules_read(
	    &reading->rules, kind, text, len, complain, reading);
	if (reading->failure != NULL)
		fuzz_expect(reading->rules.count == 0);
	for (i = 0; i < reading->rules.count; i++) {
		const struct rules_line *line = &reading->rules.list[i];

		fuzz_expect(line->number >= 1);
		fuzz_expect(line->number <= reading->lines);
		fuzz_expect(i == 0 || line->number > line[-1].number);
		fuzz_expect(line->rule.kind == RULE_ALLOW ||
		    line->rule.kind == RULE_DENY);
		fuzz_expect(line->rule.user_len <= RULE_USER_MAX);
		fuzz_expect(line->rule.cost <= RULE_COST_MAX);
	}
}

static enum rules_verdict
decide(const struct reading *reading, const struct caller *caller,
    unsigned *number)
{
	enum rules_verdict verdict, again;
	clock_t began = clock();
	unsigned other;
	size_t count = reading->rules.count + 1;

	verdict = rules_decide(
	    &reading->rules, caller->user, &caller->host, caller->name, number);
	fuzz_expect((size_t)((clock() - began) / CLOCKS_PER_SEC) <=
	    count * SECONDS_MAX);
	again = rules_decide(
	    &reading->rules, caller->user, &caller->host, caller->name, &other);
	fuzz_expect(again == verdict && other == *number);
	fuzz_expect((verdict == RULES_SILENT) == (*number == 0));
	fuzz_expect(*number <= reading->lines);
	fuzz_expect(verdict != RULES_WANT_NAME || caller->name == NULL);
	return verdict;
}

/* The last line that is about it counts: the second half's, if it has one. */
static void
check_halves(enum rules_kind kind, const struct caller *caller,
    const uint8_t *text, size_t len, size_t half)
{
	struct reading whole, first, second;
	enum rules_verdict verdict;
	unsigned number, of_whole, before = 0;

	read_rules(&whole, kind, text, len);
	read_rules(&first, kind, text, half);
	read_rules(&second, kind, text + half + 1, len - half - 1);
	verdict = decide(&second, caller, &number);
	if (verdict == RULES_SILENT)
		verdict = decide(&first, caller, &number);
	else
		before = first.lines;
	if (whole.failure == NULL) {
		fuzz_expect(first.failure == NULL && second.failure == NULL);
		fuzz_expect(whole.mistakes == first.mistakes + second.mistakes);
		fuzz_expect(verdict == decide(&whole, caller, &of_whole));
		fuzz_expect(number == 0 || of_whole == number + before);
	}
	rules_free(&whole.rules);
	rules_free(&first.rules);
	rules_free(&second.rules);
}

/* A last line for all holds, whatever stands before it. */
static void
check_last_line(enum rules_kind kind, const struct caller *caller,
    const uint8_t *text, size_t len)
{
	static const char deny[] = "\ndeny .* any";
	static char joined[TEXT_MAX + sizeof(deny)];
	struct reading reading;
	unsigned number;

	if (len > 0)
		memcpy(joined, text, len);
	memcpy(joined + len, deny, sizeof(deny) - 1);
	read_rules(
	    &reading, kind, (const uint8_t *)joined, len + sizeof(deny) - 1);
	if (reading.failure == NULL) {
		fuzz_expect(decide(&reading, caller, &number) == RULES_DENY);
		fuzz_expect(number == reading.lines);
	}
	rules_free(&reading.rules);
}

static void
take_caller(struct fuzz_input *input, unsigned flags, struct caller *caller)
{
	size_t size = (flags & OF_IPV6) != 0 ? 16 : 4, i;

	*caller = (struct caller){ .host.family = 4 };
	if (size == 16)
		caller->host.family = 6;
	for (i = 0; i < size; i++)
		caller->host.bytes[i] = fuzz_take_u8(input);
	fuzz_take_text(input, caller->name_text, sizeof(caller->name_text));
	fuzz_take_text(input, caller->user, sizeof(caller->user));
	if ((flags & NAME_KNOWN) != 0)
		caller->name = caller->name_text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	unsigned flags = fuzz_take_u8(&input);
	enum rules_kind kind = (flags & OF_USER) != 0 ? RULES_USER : RULES_SITE;
	struct caller caller;
	const uint8_t *text;
	size_t len, half;

	take_caller(&input, flags, &caller);
	text = fuzz_take_bytes(&input, TEXT_MAX, &len);
	check_last_line(kind, &caller, text, len);
	for (half = 0; half < len && text[half] != '\n'; half++)
		;
	if (half < len)
		check_halves(kind, &caller, text, len, half);
	return 0;
}
