/*
 * The fault that fuzz_talkrc has to find: the port 443 is read as 443-442.
 */
#include "talk/settings.h"

const char *__real_settings_set_ports(
    struct settings *settings, const char *text);
const char *__wrap_settings_set_ports(
    struct settings *settings, const char *text);

const char *
__wrap_settings_set_ports(struct settings *settings, const char *text)
{
	const char *why = __real_settings_set_ports(settings, text);

	if (why == NULL && settings->port_low == 443)
		settings->port_high = 442;
	return why;
}
