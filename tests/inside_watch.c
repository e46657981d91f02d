/*
 * inside_watch - what must hold of everything the daemon inside does: what it
 * writes on whose terminal and how often, what it sends where, what it logs.
 * Its replies to calls are inside_calls.c's.
 *
 * What is meant is said here once more, in other words than the daemon's own:
 * who is allowed, how often, and which bytes never reach a terminal.
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "common/address.h"
#include "common/extension.h"
#include "common/msp.h"
#include "common/ntalk.h"
#include "common/text.h"
#include "fuzz.h"
#include "inside_parts.h"
#include "talkd/deliver.h"
#include "talkd/limits.h"
#include "talkd/notice.h"

enum {
	RINGS_MAX = 64, /* remembered */
	WHOM_SIZE = 512,
	QUESTION_MAX = 256,
	QUESTIONS_A_RING = 3,
	PRIORITIES = 8,
	RESERVED_PORTS = 1024,
	WAITING_MAX = 64, /* messages of a host: datagrams, streams */
};

/* What was rung when; 0: nothing yet. */
struct rung {
	unsigned terminal, owner;
	int64_t at;
	char whom[WHOM_SIZE];
};

/* How much has gone on with one host. */
struct traffic {
	uint64_t datagrams, bytes;     /* that came */
	uint64_t replies, reply_bytes; /* that went back */
	uint64_t rings, questions;
	int64_t rings_paid[INSIDE_TERMINALS]; /* milliseconds */
	int64_t messages_paid[INSIDE_TERMINALS];
};

static struct {
	int site;
	int64_t began;
	struct traffic hosts[INSIDE_HOSTS];
	size_t next;
	struct rung rungs[RINGS_MAX];
	/* By terminal and owner. */
	uint64_t rings[INSIDE_TERMINALS][INSIDE_USERS];
	uint64_t doubts[INSIDE_TERMINALS][INSIDE_USERS];
	int64_t lines[PRIORITIES];
} watch;

void
inside_watch_begin(const struct inside_setup *setup)
{
	memset(&watch, 0, sizeof(watch));
	watch.site = setup->site;
	watch.began = inside_now();
	inside_calls_begin(setup->life);
}

/* ----------------------------------------------------------- datagrams --- */

static struct traffic *
traffic_of(const struct address *host)
{
	unsigned which = inside_which_host(host);

	fuzz_expect(which < INSIDE_HOSTS);
	return &watch.hosts[which];
}

void
inside_watch_datagram(const struct datagram *in)
{
	traffic_of(&in->source)->datagrams++;
	traffic_of(&in->source)->bytes += in->len;
}

/* One for each that came, no longer than that, and none to another service. */
void
inside_watch_reply(const struct datagram_reply *reply)
{
	struct traffic *traffic = traffic_of(&reply->to->source);

	fuzz_expect(reply->len > 0 && reply->len <= reply->to->len);
	fuzz_expect(reply->to->source.port >= RESERVED_PORTS);
	traffic->replies++;
	traffic->reply_bytes += reply->len;
	fuzz_expect(traffic->replies <= traffic->datagrams);
	fuzz_expect(traffic->reply_bytes <= traffic->bytes);
	if (msp_is_request(reply->to->bytes, reply->to->len))
		fuzz_expect(reply->bytes[0] == '+' || !reply->to->broadcast);
	else
		inside_calls_reply(reply);
}

/* A few for each ring, to the host that rang, small, and well formed. */
void
inside_watch_question(
    const struct address *daemon, const uint8_t *bytes, size_t len)
{
	struct traffic *traffic = traffic_of(daemon);
	struct talk_request req;
	enum talk_answer fault;

	fuzz_expect(++traffic->questions <= QUESTIONS_A_RING * traffic->rings);
	fuzz_expect(len >= NTALK_REQUEST_SIZE && len <= QUESTION_MAX);
	fuzz_expect(daemon->family == 6 || len == NTALK_REQUEST_SIZE);
	fuzz_expect(ntalk_get_request(bytes, len, &req, &fault) == NTALK_FINE ||
	    daemon->family == 6);
	fuzz_expect(bytes[1] == TALK_LOOK_UP);
}

/* A sign, printable ASCII, and a NUL. */
void
inside_watch_answer(const uint8_t *bytes, size_t len)
{
	size_t i;

	fuzz_expect(len >= 2 && len <= MSP_SIZE && bytes[len - 1] == '\0');
	fuzz_expect(bytes[0] == '+' || bytes[0] == '-');
	for (i = 1; i + 1 < len; i++)
		fuzz_expect(bytes[i] >= ' ' && bytes[i] <= '~');
}

/* ----------------------------------------------------- bytes to be seen --- */

/* The character at s, of strict UTF-8; its bytes are counted in *used. */
static uint32_t
decode(const uint8_t *s, size_t len, size_t *used)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i,
	    size = s[0] < 0x80 ? 1
	    : s[0] < 0xe0      ? 2
	    : s[0] < 0xf0      ? 3
			       : 4;
	uint32_t code = size == 1 ? s[0] : s[0] & (0xffU >> (size + 1));

	fuzz_expect((s[0] < 0x80 || s[0] >= 0xc2) && s[0] < 0xf5);
	fuzz_expect(size <= len);
	for (i = 1; i < size; i++) {
		fuzz_expect((s[i] & 0xc0) == 0x80);
		code = code << 6 | (s[i] & 0x3fU);
	}
	fuzz_expect(code >= least[size] && code <= 0x10ffff);
	fuzz_expect(code < 0xd800 || code > 0xdfff);
	*used = size;
	return code;
}

/* Controls of both sets, of direction, of annotation; separators, tags. */
static bool
is_harmful(uint32_t code)
{
	static const uint32_t ranges[][2] = { { 0, 0x1f }, { 0x7f, 0x9f },
		{ 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
		{ 0x2066, 0x2069 }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f } };
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

/* What a person sees: lines that end in CR LF, and one bell at the begin. */
static void
expect_harmless(const char *bytes, size_t len)
{
	size_t at = len > 0 && bytes[0] == '\a' ? 1 : 0;
	size_t used = 0;

	fuzz_expect(len >= 2 && memcmp(bytes + len - 2, "\r\n", 2) == 0);
	for (; at < len; at += used) {
		used = 2;
		if (len - at >= 2 && memcmp(bytes + at, "\r\n", 2) == 0)
			continue;
		fuzz_expect(!is_harmful(
		    decode((const uint8_t *)bytes + at, len - at, &used)));
	}
}

/* --------------------------------------------------------- who may what --- */

/* What the rules that are in force deny; as inside_place.c has them. */
static bool
is_forbidden(unsigned host, const char *caller, unsigned owner)
{
	enum { H3 = 3, NAMELESS = 4, FAR = 5, LINK = 9 };
	enum { ALICE = 1, BOB = 2 };

	if (host == FAR && watch.site != 1 && watch.site != 2)
		return true;
	if (host == H3 && owner == BOB && watch.site == 2)
		return true;
	/* Who has no name may have any; loopback has its own. */
	if (watch.site == 3 && (host == H3 || host == NAMELESS || host == LINK))
		return true;
	if (owner != ALICE || inside_alices_rules() == INSIDE_DENY_NOBODY)
		return false;
	return inside_alices_rules() == INSIDE_DENY_ALL ||
	    strstr(caller, "mallory") != NULL;
}

/* Counts one more; so many come at once and then so many a second. */
static void
expect_in_rate(int64_t *paid, int64_t at_once, int64_t per_second)
{
	int64_t now = inside_now(), each = 1000 / per_second;

	*paid = (*paid > now ? *paid : now) + each;
	fuzz_expect(*paid - now <= at_once * each);
}

/* Finds the host in USER@HOST, cut off there. */
static unsigned
split(char *whom)
{
	char *at = strrchr(whom, '@');
	char *host = at == NULL ? whom : at + 1;
	unsigned which = inside_host_called(host);

	fuzz_expect(which < INSIDE_HOSTS);
	if (at != NULL)
		*at = '\0';
	else
		*whom = '\0';
	return which;
}

/* ------------------------------------------------------------- a ring --- */

static void
expect_text(const char *bytes, size_t len, const char *expected)
{
	fuzz_expect(
	    len == strlen(expected) && memcmp(bytes, expected, len) == 0);
}

/* Nobody is rung twice within LIMITS_RING_PAUSE by the same. */
static void
remember_ring(unsigned terminal, const char *whom)
{
	const unsigned owner = inside_terminal_owner(terminal);
	struct rung *rung = &watch.rungs[watch.next++ % RINGS_MAX];
	size_t i;

	for (i = 0; i < RINGS_MAX; i++)
		fuzz_expect(watch.rungs[i].at == 0 ||
		    watch.rungs[i].terminal != terminal ||
		    watch.rungs[i].owner != owner ||
		    watch.rungs[i].at + LIMITS_RING_PAUSE <= inside_now() ||
		    strcmp(watch.rungs[i].whom, whom) != 0);
	*rung = (struct rung){ terminal, owner, inside_now(), { 0 } };
	snprintf(rung->whom, sizeof(rung->whom), "%s", whom);
}

static void
watch_ring(unsigned terminal, const char *bytes, size_t len, bool was_written)
{
	static const char before[] = "connection requested by ";
	char text[DELIVER_RING_SIZE + 1];
	char whom[WHOM_SIZE];
	time_t now = (time_t)inside_seconds();
	struct tm local = { 0 };
	const char *begin = strstr(bytes, before);
	unsigned host;

	fuzz_expect(begin != NULL);
	begin += sizeof(before) - 1;
	snprintf(whom, sizeof(whom), "%.*s", (int)strcspn(begin, "\r"), begin);
	whom[strlen(whom) - 1] = '\0';
	(void)localtime_r(&now, &local);
	snprintf(text, sizeof(text),
	    "\a\r\nMessage from Talk_Daemon@h1 at %02d:%02d ...\r\n"
	    "talk: connection requested by %s.\r\n"
	    "talk: respond with:  talk %s\r\n",
	    local.tm_hour, local.tm_min, whom, whom);
	expect_text(bytes, len, text);
	fuzz_expect(strchr(whom, ' ') == NULL);
	if (!was_written)
		return;
	remember_ring(terminal, whom);
	host = split(whom);
	fuzz_expect(!is_forbidden(host, whom, inside_terminal_owner(terminal)));
	expect_in_rate(&watch.hosts[host].rings_paid[terminal],
	    watch.site == 2 ? 3 : 10, 1);
	watch.hosts[host].rings++;
	watch.rings[terminal][inside_terminal_owner(terminal)]++;
}

/* No more of them than rings, and of the same user. */
static void
watch_doubt(unsigned terminal, bool was_written)
{
	const unsigned owner = inside_terminal_owner(terminal);

	watch.doubts[terminal][owner] += was_written;
	fuzz_expect(
	    watch.doubts[terminal][owner] <= watch.rings[terminal][owner]);
}

/* ---------------------------------------------------------- a message --- */

static int
width_of(const char *line, size_t len)
{
	int width, sum = 0;
	size_t at = 0;

	for (; at < len; sum += width)
		at += text_cluster_len(line + at, len - at, &width);
	return sum;
}

/* Each line stands behind two blanks, and within the terminal. */
static void
expect_set(const char *text, int columns)
{
	const int narrowest = 4, most = columns == 0 ? NOTICE_COLUMNS : columns;
	int lines = 0;
	size_t len;

	for (; strcmp(text, "EOF\r\n") != 0; text += len + 2) {
		len = strcspn(text, "\r");
		fuzz_expect(len == 0 || strncmp(text, "  ", 2) == 0);
		fuzz_expect(strncmp(text, "  [cut]", 7) == 0 ||
		    width_of(text, len) <=
			(most > narrowest ? most : narrowest));
		fuzz_expect(++lines <= NOTICE_LINES_MAX + 1);
	}
}

static void
watch_notice(unsigned terminal, const char *bytes, bool was_written)
{
	static const char before[] = "\a\r\nMessage from ";
	const char *whom_begin = bytes + sizeof(before) - 1;
	const char *end = strstr(whom_begin, "\r\n");
	char whom[WHOM_SIZE];
	unsigned host;

	fuzz_expect(strncmp(bytes, before, sizeof(before) - 1) == 0);
	fuzz_expect(end != NULL && end - bytes - 3 <= NOTICE_HEADING_MAX);
	expect_set(end + 2, inside_terminal_columns(terminal));
	if (!was_written)
		return;
	snprintf(whom, sizeof(whom), "%.*s", (int)strcspn(whom_begin, " "),
	    whom_begin);
	host = split(whom);
	fuzz_expect(!is_forbidden(host, whom, inside_terminal_owner(terminal)));
	/* What waited for a name was counted before. */
	expect_in_rate(&watch.hosts[host].messages_paid[terminal],
	    WAITING_MAX + (watch.site == 2 ? 5 : 40), watch.site == 2 ? 2 : 4);
}

/* ----------------------------------------------------------- terminals --- */

void
inside_watch_terminal(unsigned terminal, const char *bytes, size_t len,
    bool is_as_seen, bool was_written)
{
	char text[NOTICE_SIZE + 1];

	fuzz_expect(len < sizeof(text));
	memcpy(text, bytes, len);
	text[len] = '\0';
	fuzz_expect(strlen(text) == len);
	expect_harmless(text, len);
	if (strncmp(text, "\r\ntalk: ", 8) == 0) {
		watch_doubt(terminal, was_written);
		return;
	}
	fuzz_expect(is_as_seen);
	if (strstr(text, "\r\ntalk: connection requested by ") != NULL)
		watch_ring(terminal, text, len, was_written);
	else
		watch_notice(terminal, text, was_written);
}

/* ----------------------------------------------------------------- log --- */

/* So many at once and then one each so often, each with one that counts. */
void
inside_watch_log(int priority, const char *line)
{
	bool is_debug = priority == LOG_DEBUG;
	int64_t passed = inside_now() - watch.began;
	int64_t most = is_debug ? 200 + passed / 100 : 20 + passed / 1000;

	fuzz_expect(priority > LOG_ERR && priority < PRIORITIES);
	fuzz_expect(++watch.lines[priority] <= 2 * most + 2);
	for (; *line != '\0'; line++)
		fuzz_expect(*line >= ' ' && *line <= '~');
}
