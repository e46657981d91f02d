/*
 * shortage - the system is out of descriptors, or about to be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shortage.h"

#include <fcntl.h>
#include <unistd.h>

struct rlimit
shortage_begin(unsigned spare)
{
	int next = open("/dev/null", O_RDONLY);
	struct rlimit limit, few;

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = (rlim_t)next + spare;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	return limit;
}

void
shortage_end(struct rlimit limit)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}
