/*
 * log - what the daemon says to its administrator.
 */
#include "log.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"

enum { LINE_SIZE = 1024 };

/* What may come at once, and then every so many milliseconds. */
struct rate {
	int at_once;
	int every;
};

static const struct rate ordinary = { 20, 1000 };
static const struct rate debugging = { 200, 100 };

static int64_t
monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
write_syslog(int priority, const char *line)
{
	syslog(priority, "%s", line);
}

/* Whether it is open, and no socket: inetd's would take lines as replies. */
static bool
is_for_people(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 &&
	    errno == ENOTSOCK;
}

void
log_init(struct log *log, struct log_flow *flow)
{
	*flow = (struct log_flow){ .clock = monotonic_ms,
		.write = write_syslog };
	*log = (struct log){ .flow = flow };
	log->to_stderr = is_for_people(STDERR_FILENO);
	openlog("talkd", LOG_PID, LOG_DAEMON);
}

/* Escapes word by word, blanks between them kept. */
static void
escape(char *out, size_t size, const char *line)
{
	size_t len, at = 0;

	while (*line != '\0' && at + 1 < size) {
		len = strcspn(line, " ");
		at += text_name(out + at, size - at, line, len);
		line += len;
		if (*line == ' ' && at + 1 < size) {
			out[at++] = ' ';
			line++;
		}
	}
	out[at] = '\0';
}

static void
write_stderr(const char *line)
{
	char text[LINE_SIZE + sizeof("talkd: \n")];
	int len = snprintf(text, sizeof(text), "talkd: %s\n", line);

	if (write(STDERR_FILENO, text, (size_t)len) == -1)
		return; /* there is nobody left to tell */
}

/*
 * Whether one more line may go: each that goes puts off the time at which all
 * are paid for.
 */
static bool
is_in_pace(struct log_pace *pace, const struct rate *rate, int64_t now)
{
	int64_t paid = pace->paid > now ? pace->paid : now;

	if (paid + rate->every - now > (int64_t)rate->at_once * rate->every) {
		pace->left_out++;
		return false;
	}
	pace->paid = paid + rate->every;
	return true;
}

/* Whether a line of that priority may go to syslog. */
static bool
take_turn(struct log_flow *flow, int priority)
{
	struct log_pace *pace = &flow->paces[priority];
	char line[LINE_SIZE];

	if (!is_in_pace(pace, priority == LOG_DEBUG ? &debugging : &ordinary,
		flow->clock()))
		return false;
	if (pace->left_out > 0) {
		snprintf(line, sizeof(line), "%u lines like this were left out",
		    pace->left_out);
		flow->write(priority, line);
		pace->left_out = 0;
	}
	return true;
}

static void say(const struct log *log, int priority, bool to_stderr,
    const char *format, va_list arguments) LOG_PRINTF(4, 0);

static void
say(const struct log *log, int priority, bool to_stderr, const char *format,
    va_list arguments)
{
	struct log_flow *flow = log->flow;
	char line[LINE_SIZE];
	char safe[LINE_SIZE];
	bool is_limited = !to_stderr && priority != LOG_ERR && flow != NULL;

	if (is_limited && !take_turn(flow, priority))
		return;
	vsnprintf(line, sizeof(line), format, arguments);
	escape(safe, sizeof(safe), line);
	if (to_stderr)
		write_stderr(safe);
	else if (flow != NULL)
		flow->write(priority, safe);
}

void
log_error(const struct log *log, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(log, LOG_ERR, log->to_stderr, format, arguments);
	va_end(arguments);
}

void
log_warning(const struct log *log, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(log, LOG_WARNING, log->debug && log->to_stderr, format, arguments);
	va_end(arguments);
}

void
log_call(const struct log *log, const char *format, ...)
{
	va_list arguments;

	if (!log->calls && !log->debug)
		return;
	va_start(arguments, format);
	say(log, LOG_INFO, log->debug && log->to_stderr, format, arguments);
	va_end(arguments);
}

void
log_debug(const struct log *log, const char *format, ...)
{
	va_list arguments;

	if (!log->debug)
		return;
	va_start(arguments, format);
	say(log, LOG_DEBUG, log->to_stderr, format, arguments);
	va_end(arguments);
}
