/*
 * log - what the daemon says to its administrator: syslog, or standard error
 * where somebody reads that.
 *
 * Every line passes a last gate here: what is not graphic ASCII or a blank
 * comes out as \ooo.  Names from outside pass text_name before, which escapes
 * blanks too, so that none can look like more than one word.
 *
 * Whoever floods the daemon does not flood syslog: of lines of one priority 20
 * come at once and one a second after that (200 and ten of the debug log), and
 * when it goes on a line says how many were left out.  Why the daemon ends, and
 * what goes to standard error, is not limited.
 */
#ifndef TALKD_LOG_H
#define TALKD_LOG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __GNUC__
#define LOG_PRINTF(format_at, arguments_at) \
	__attribute__((format(printf, format_at, arguments_at)))
#else
#define LOG_PRINTF(format_at, arguments_at)
#endif

enum { LOG_PRIORITIES = 8 }; /* that syslog(3) has */

/* How many lines of a priority have gone lately. */
struct log_pace {
	int64_t paid;	   /* when no line counts any more: milliseconds */
	unsigned left_out; /* since the last that was written */
};

/* Where the lines go and how many went; as log_init sets it, or a test. */
struct log_flow {
	int64_t (*clock)(void); /* milliseconds, never going back */
	void (*write)(int priority, const char *line);
	struct log_pace paces[LOG_PRIORITIES];
};

/* What all who speak share, and do not change. */
struct log {
	bool debug;	/* -d */
	bool calls;	/* -l */
	bool to_stderr; /* standard error is one to write to: not a socket */
	struct log_flow *flow; /* NULL: nowhere but to standard error */
};

/*
 * Opens nothing yet: syslog's socket comes with the first line for it.  The
 * flow is the caller's, and must last as long as the log.
 */
void log_init(struct log *log, struct log_flow *flow);

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
