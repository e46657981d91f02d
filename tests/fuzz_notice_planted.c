/*
 * The fault that fuzz_notice has to find: a text that begins with a dollar
 * sign is not indented where the terminal is narrow.
 */
#include <string.h>

#include "talkd/notice.h"

size_t __real_notice_set(
    const struct notice *notice, int columns, char text[NOTICE_SIZE]);
size_t __wrap_notice_set(
    const struct notice *notice, int columns, char text[NOTICE_SIZE]);

size_t
__wrap_notice_set(
    const struct notice *notice, int columns, char text[NOTICE_SIZE])
{
	size_t len = __real_notice_set(notice, columns, text);
	char *indent = memchr(text + 3, '\n', len - 3);

	if (columns < 16 && notice->text[0] == '$')
		indent[1] = '$';
	return len;
}
