/*
 * question - one question to a real talkd on this host, and its answer.
 *
 * Only for cmocka's tests: what should not happen fails the test.
 */
#ifndef TESTS_QUESTION_H
#define TESTS_QUESTION_H

#include <stdint.h>

#include "common/ntalk.h"

/*
 * Asks the daemon at that port of 127.0.0.1; ctl_addr is filled in.  The answer
 * is of the same type.
 */
struct talk_reply question_ask(
    uint16_t port, const struct talk_request *question);

#endif
