/*
 * The fault that fuzz_typing has to find: an erase is sent twice on a line that
 * begins with an exclamation mark.
 */
#include "talk/retype.h"

bool __real_retype_text(struct retype *retype, const uint8_t edit[3],
    const char *bytes, size_t len, struct buffer *out);
bool __wrap_retype_text(struct retype *retype, const uint8_t edit[3],
    const char *bytes, size_t len, struct buffer *out);

bool
__wrap_retype_text(struct retype *retype, const uint8_t edit[3],
    const char *bytes, size_t len, struct buffer *out)
{
	bool ok = __real_retype_text(retype, edit, bytes, len, out);

	if (len == 1 && bytes[0] == PANE_ERASE && retype->len > 2 &&
	    retype->line[0] == '!')
		ok = buffer_append(out, bytes, len) && ok;
	return ok;
}
