/*
 * The real talkd under mixed traffic over loopback, with a real terminal: calls
 * from several hosts that ring, are refreshed, answered, taken back or left to
 * expire, messages by datagrams and streams that end in all ways, and junk.
 * After each half there is silence until all is over; then the daemon has as
 * many descriptors and threads after the second as after the first, and no more
 * memory.
 *
 * SOAK_SECONDS in the environment says how long it takes.  /proc tells, as
 * Linux has it; elsewhere the test is skipped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/msp.h"
#include "stranger.h"

enum {
	HALVES = 2,
	SECONDS = 10, /* unless the environment says otherwise */
	CALLERS = 4,  /* hosts: 127.0.0.1 and so on */
	STREAMS = 16,
	QUIET_MS = 20000, /* for all to be over; long, to be safe */
	ROUGH_MS = 1000,  /* of each half, in which no caller invites */
	NAMES = 1000,	  /* of callers */
	RSS_SLACK = 1024, /* kB; the table grows to the most calls at once */
	RSS_PLAIN = 8192, /* kB; a process with more keeps what it frees */
	SHOWN_SIZE = 16384,
};

/* What a process holds. */
struct holding {
	long descriptors;
	long threads;
	long rss; /* kB */
};

struct soak {
	struct besieged besieged;
	struct stranger callers[CALLERS];
	int streams[STREAMS]; /* -1: none */
	int64_t half_began;
	unsigned turn;
	unsigned replies, rings, notices, answers;
	char shown[SHOWN_SIZE];
};

/* ---------------------------------------------------------------- /proc --- */

/* A number of /proc/PID/status; -1 when it is not there. */
static long
read_status(pid_t process, const char *field)
{
	char path[64];
	char line[256];
	long number = -1;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)process);
	status = fopen(path, "r");
	if (status == NULL)
		return -1;
	while (number == -1 && fgets(line, sizeof(line), status) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			number = strtol(line + strlen(field), NULL, 10);
	fclose(status);
	return number;
}

static long
count_descriptors(pid_t process)
{
	char path[64];
	DIR *directory;
	long count = 0;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)process);
	directory = opendir(path);
	if (directory == NULL)
		return -1;
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

static struct holding
look_at(pid_t process)
{
	return (struct holding){
		.descriptors = count_descriptors(process),
		.threads = read_status(process, "Threads:"),
		.rss = read_status(process, "VmRSS:"),
	};
}

/* ------------------------------------------------------------- traffic --- */

/*
 * A call, of which each turn is one step more: one that its host knows of, as
 * the caller has invited first, or one that it is asked about.
 */
static void
call(struct soak *soak)
{
	struct stranger *caller = &soak->callers[soak->turn % CALLERS];
	struct talk_request *req = &caller->request;
	bool is_rough = stranger_clock() < soak->half_began + ROUGH_MS;
	unsigned step = soak->turn / CALLERS % 8;

	req->pid = soak->turn / (8 * CALLERS);
	snprintf(req->l_name, sizeof(req->l_name), "caller%u",
	    (unsigned)req->pid % NAMES);
	req->id = NTALK_NO_ID;
	req->addr = caller->at;
	switch (step) {
	case 0:
	case 3:
		req->type = is_rough ? TALK_LOOK_UP : TALK_LEAVE_INVITE;
		break;
	case 1:
	case 2:
		req->type = TALK_ANNOUNCE;
		break;
	default:
		req->type = step % 2 == 0 ? TALK_LOOK_UP : TALK_DELETE;
		req->id = soak->turn;
		break;
	}
	stranger_sends(caller);
}

static size_t
put_message(const struct soak *soak, uint8_t bytes[MSP_SIZE])
{
	struct msp_message message = { .version = MSP_VERSION_2 };
	const char *reason;

	snprintf(message.recipient, sizeof(message.recipient), "%s",
	    soak->besieged.user);
	snprintf(message.recipient_terminal, sizeof(message.recipient_terminal),
	    "%s", soak->besieged.seat.name);
	snprintf(message.cookie, sizeof(message.cookie), "%u", soak->turn);
	snprintf(message.text, sizeof(message.text), "turn %u", soak->turn);
	return msp_put_request(&message, bytes, &reason);
}

/* A datagram with a message, or of junk. */
static void
write_datagram(const struct soak *soak)
{
	const struct stranger *caller = &soak->callers[soak->turn % CALLERS];
	uint8_t bytes[MSP_SIZE] = { 0 };
	size_t len = soak->turn % MSP_SIZE;

	if (soak->turn % 3 != 0)
		len = put_message(soak, bytes);
	else
		memset(bytes, (int)soak->turn, sizeof(bytes));
	stranger_sends_bytes(caller, bytes, len);
}

/* Closes one, abruptly now and then. */
static void
end_stream(struct soak *soak, int *stream)
{
	const struct linger none = { .l_onoff = 1 };
	char answer[64];
	ssize_t got = recv(*stream, answer, sizeof(answer), MSG_DONTWAIT);

	soak->answers += got > 0 && answer[0] == '+';
	if (soak->turn % 5 == 0)
		(void)setsockopt(
		    *stream, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(*stream);
	*stream = -1;
}

/* Opens one, with a message, or half of it; or closes it. */
static void
turn_stream(struct soak *soak)
{
	int *stream = &soak->streams[soak->turn % STREAMS];
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(&soak->callers[0].daemon, &name);
	uint8_t bytes[MSP_SIZE];
	size_t size = put_message(soak, bytes);

	if (*stream != -1) {
		end_stream(soak, stream);
		return;
	}
	*stream = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(*stream >= 0);
	assert_int_equal(connect(*stream, (struct sockaddr *)&name, len), 0);
	if (soak->turn % 7 == 0)
		size /= 2;
	(void)send(*stream, bytes, size, MSG_NOSIGNAL);
}

/* Takes in what came back, and what the terminal shows. */
static void
take_in(struct soak *soak)
{
	uint8_t bytes[1024];
	const char *shown;
	size_t i;

	for (i = 0; i < CALLERS; i++)
		while (recv(soak->callers[i].fd, bytes, sizeof(bytes),
			   MSG_DONTWAIT) > 0)
			soak->replies++;
	shown = seat_read(&soak->besieged.seat, soak->shown, SHOWN_SIZE);
	soak->rings += (unsigned)besieged_count(shown, "respond with:");
	soak->notices += (unsigned)besieged_count(shown, "EOF");
}

/* ------------------------------------------------------------- halves --- */

static void
hold_traffic(struct soak *soak, int64_t ms)
{
	soak->half_began = stranger_clock();
	while (stranger_clock() < soak->half_began + ms) {
		call(soak);
		write_datagram(soak);
		turn_stream(soak);
		soak->turn++;
		take_in(soak);
		if (soak->turn % 64 == 0)
			stage_turn(soak->besieged.stage);
		else if (soak->turn % 4 == 0)
			(void)poll(NULL, 0, 1);
	}
}

/*
 * Ends the streams and waits until the daemon has as few descriptors as at
 * first, or for as long as it may take; what it holds then.
 */
static struct holding
quieten(struct soak *soak, long descriptors)
{
	const pid_t talkd = actor_process(soak->besieged.talkd);
	int64_t until = stranger_clock() + QUIET_MS;
	size_t i;

	for (i = 0; i < STREAMS; i++)
		if (soak->streams[i] != -1)
			end_stream(soak, &soak->streams[i]);
	while (count_descriptors(talkd) > descriptors &&
	    stranger_clock() < until) {
		stage_turn(soak->besieged.stage);
		take_in(soak);
	}
	return look_at(talkd);
}

static int
set_up(void **state)
{
	static const char *const options[] = { "-r", "2", NULL };
	struct soak *soak = calloc(1, sizeof(*soak));
	char number[16];
	size_t i;

	assert_non_null(soak);
	besieged_open(&soak->besieged, options);
	for (i = 0; i < CALLERS; i++) {
		snprintf(number, sizeof(number), "127.0.0.%zu", i + 1);
		assert_true(stranger_comes(
		    &soak->callers[i], number, 0, &soak->besieged));
	}
	for (i = 0; i < STREAMS; i++)
		soak->streams[i] = -1;
	*state = soak;
	return 0;
}

static int
tear_down(void **state)
{
	struct soak *soak = *state;
	size_t i;

	assert_false(actor_is_ended(soak->besieged.talkd));
	for (i = 0; i < CALLERS; i++)
		stranger_goes(&soak->callers[i]);
	besieged_close(&soak->besieged);
	free(soak);
	return 0;
}

static void
the_daemon_holds_no_more_after_twice_the_traffic(void **state)
{
	struct soak *soak = *state;
	const char *seconds = getenv("SOAK_SECONDS");
	const int64_t ms = 1000 *
	    (seconds != NULL ? strtol(seconds, NULL, 10) : SECONDS);
	struct holding first, held[HALVES];
	size_t i;

	first = look_at(actor_process(soak->besieged.talkd));
	if (first.descriptors == -1 || first.rss == -1)
		skip();
	for (i = 0; i < HALVES; i++) {
		hold_traffic(soak, ms / HALVES);
		held[i] = quieten(soak, first.descriptors);
	}
	print_message("%u turns: %u replies, %u rings, %u messages shown, %u "
		      "answered on streams; %ld and %ld kB, %ld and %ld "
		      "descriptors\n",
	    soak->turn, soak->replies, soak->rings, soak->notices,
	    soak->answers, held[0].rss, held[1].rss, held[0].descriptors,
	    held[1].descriptors);
	assert_true(soak->rings > 0 && soak->notices > 0 && soak->answers > 0);
	assert_int_equal(held[1].descriptors, held[0].descriptors);
	assert_int_equal(held[1].threads, held[0].threads);
	/* A sanitizer and valgrind keep what is freed. */
	if (held[0].rss < RSS_PLAIN)
		assert_true(held[1].rss <= held[0].rss + RSS_SLACK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_daemon_holds_no_more_after_twice_the_traffic, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("soak_talkd", tests, NULL, NULL);
}
