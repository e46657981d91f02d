/*
 * The fault that fuzz_talkrc has to find: ports that begin below 100 have
 * no end.
 */
#include <stddef.h>

#include "talk/settings.h"

const char *__real_settings_set_ports(
    struct settings *settings, const char *text);
const char *__wrap_settings_set_ports(
    struct settings *settings, const char *text);

const char *
__wrap_settings_set_ports(struct settings *settings, const char *text)
{
	const char *why = __real_settings_set_ports(settings, text);

	if (why == NULL && settings->port_low < 100)
		settings->port_high = 0;
	return why;
}
