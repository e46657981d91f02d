/*
 * lint - cmocka as static analysis has to see it: an assertion that does not
 * hold, or a skip, ends the test.  `make lint` includes it before each test;
 * nothing else does.
 */
#ifndef TESTS_LINT_H
#define TESTS_LINT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

/* They end in longjmp, which cmocka's header does not say. */
_Noreturn void _fail(const char *file, int line);
_Noreturn void _skip(const char *file, int line);

#include <cmocka.h>

#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#undef assert_int_equal
#undef assert_int_not_equal
#define assert_true(c)		   ((c) ? (void)0 : _fail(__FILE__, __LINE__))
#define assert_false(c)		   assert_true(!(c))
#define assert_null(pointer)	   assert_true((pointer) == NULL)
#define assert_non_null(pointer)   assert_true((pointer) != NULL)
#define assert_int_equal(a, b)	   assert_true((a) == (b))
#define assert_int_not_equal(a, b) assert_true((a) != (b))

#endif
