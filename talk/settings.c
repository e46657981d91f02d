/*
 * settings - what the command line and ~/.talkrc can both set, and the form in
 * which people write it.
 */
#include "settings.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number that ends at `end`; -1 when it is none from 1 to max. */
static long
number(const char *text, char end, long max, const char **rest)
{
	char *stop;
	long value;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtol(text, &stop, 10);
	*rest = stop;
	if (errno != 0 || value < 1 || value > max ||
	    (*stop != '\0' && *stop != end))
		return -1;
	return value;
}

const char *
settings_set_family(struct settings *settings, const char *text)
{
	if (strcmp(text, "4") != 0 && strcmp(text, "6") != 0)
		return "a family of addresses is 4 or 6";
	settings->family = *text - '0';
	return NULL;
}

const char *
settings_set_port(struct settings *settings, const char *text)
{
	const char *rest;
	long port = number(text, '\0', UINT16_MAX, &rest);

	if (port < 0)
		return "a port is a number from 1 to 65535";
	settings->port = (uint16_t)port;
	return NULL;
}

const char *
settings_set_ports(struct settings *settings, const char *text)
{
	const char *rest;
	long low = number(text, '-', UINT16_MAX, &rest);
	long high = low;

	if (low > 0 && *rest == '-')
		high = number(rest + 1, '\0', UINT16_MAX, &rest);
	if (low < 0 || high < low)
		return "ports are a number, or two as in 5000-5010";
	settings->port_low = (uint16_t)low;
	settings->port_high = (uint16_t)high;
	return NULL;
}

const char *
settings_set_patience(struct settings *settings, const char *text)
{
	const char *rest;
	long seconds = number(text, '\0', INT_MAX, &rest);

	if (seconds < 0)
		return "the time to ring is a number of seconds";
	settings->patience = seconds;
	return NULL;
}

void
settings_complete(struct settings *settings, const struct settings *others)
{
	if (settings->family == 0)
		settings->family = others->family;
	if (settings->port == 0)
		settings->port = others->port;
	if (settings->port_low == 0) {
		settings->port_low = others->port_low;
		settings->port_high = others->port_high;
	}
	if (settings->patience == 0)
		settings->patience = others->patience;
	if (settings->transcript == NULL)
		settings->transcript = others->transcript;
	settings->silent = settings->silent || others->silent;
	settings->unwrapped = settings->unwrapped || others->unwrapped;
}
