/*
 * log - what the daemon says to its administrator.
 */
#include "log.h"

#include <sys/stat.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/text.h"

enum { LINE_SIZE = 1024 };

void
log_init(struct log *log)
{
	struct stat st;

	*log = (struct log){ 0 };
	log->to_stderr = fstat(STDERR_FILENO, &st) == 0 &&
	    !S_ISSOCK(st.st_mode);
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

static void say(int priority, bool to_stderr, const char *format,
    va_list arguments) LOG_PRINTF(3, 0);

static void
say(int priority, bool to_stderr, const char *format, va_list arguments)
{
	char line[LINE_SIZE];
	char safe[LINE_SIZE];

	vsnprintf(line, sizeof(line), format, arguments);
	escape(safe, sizeof(safe), line);
	if (to_stderr)
		write_stderr(safe);
	else
		syslog(priority, "%s", safe);
}

void
log_error(const struct log *log, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_ERR, log->to_stderr, format, arguments);
	va_end(arguments);
}

void
log_warning(const struct log *log, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_WARNING, log->debug && log->to_stderr, format, arguments);
	va_end(arguments);
}

void
log_call(const struct log *log, const char *format, ...)
{
	va_list arguments;

	if (!log->calls && !log->debug)
		return;
	va_start(arguments, format);
	say(LOG_INFO, log->debug && log->to_stderr, format, arguments);
	va_end(arguments);
}

void
log_debug(const struct log *log, const char *format, ...)
{
	va_list arguments;

	if (!log->debug)
		return;
	va_start(arguments, format);
	say(LOG_DEBUG, log->to_stderr, format, arguments);
	va_end(arguments);
}
