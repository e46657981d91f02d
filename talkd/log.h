/*
 * log - what the daemon says to its administrator: syslog, or standard error
 * where somebody reads that.
 *
 * Every line passes a last gate here: what is not graphic ASCII or a blank
 * comes out as \ooo.  Names from outside pass text_name before, which escapes
 * blanks too, so that none can look like more than one word.
 */
#ifndef TALKD_LOG_H
#define TALKD_LOG_H

#include <stdbool.h>

#ifdef __GNUC__
#define LOG_PRINTF(format_at, arguments_at) \
	__attribute__((format(printf, format_at, arguments_at)))
#else
#define LOG_PRINTF(format_at, arguments_at)
#endif

struct log {
	bool debug;	/* -d */
	bool calls;	/* -l */
	bool to_stderr; /* standard error is one to write to: not a socket */
};

/* Opens nothing yet: syslog's socket comes with the first line for it. */
void log_init(struct log *log);

/* Why the daemon ends: to standard error, or syslog where that is a socket. */
void log_error(const struct log *log, const char *format, ...) LOG_PRINTF(2, 3);

/* What an administrator should see to. */
void log_warning(const struct log *log, const char *format, ...)
    LOG_PRINTF(2, 3);

/* A call made, with -l. */
void log_call(const struct log *log, const char *format, ...) LOG_PRINTF(2, 3);

/* Anything else, with -d; all of the above then goes the same way. */
void log_debug(const struct log *log, const char *format, ...) LOG_PRINTF(2, 3);

#endif
