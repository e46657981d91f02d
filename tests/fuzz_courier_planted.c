/*
 * The fault that fuzz_courier has to find: in an answer DEL is let through.
 */
#include "common/text.h"

size_t __real_text_name(char *out, size_t size, const char *name, size_t len);
size_t __wrap_text_name(char *out, size_t size, const char *name, size_t len);

size_t
__wrap_text_name(char *out, size_t size, const char *name, size_t len)
{
	if (len != 1 || name[0] != '\177' || size < 2)
		return __real_text_name(out, size, name, len);
	out[0] = name[0];
	out[1] = '\0';
	return 1;
}
