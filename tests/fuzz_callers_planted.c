/*
 * The fault that fuzz_callers has to find: hosts that have a 7 in their name
 * are taken as they come.
 */
#include <string.h>

#include "common/text.h"

size_t __real_text_name(char *out, size_t size, const char *name, size_t len);
size_t __wrap_text_name(char *out, size_t size, const char *name, size_t len);

size_t
__wrap_text_name(char *out, size_t size, const char *name, size_t len)
{
	if (len == 0 || len >= size || memchr(name, '7', len) == NULL)
		return __real_text_name(out, size, name, len);
	memcpy(out, name, len);
	out[len] = '\0';
	return len;
}
