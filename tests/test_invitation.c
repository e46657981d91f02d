/*
 * The tests of talk/invitation that need no call: which daemons of this host it
 * is left with.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "puppet.h"
#include "talk/invitation.h"

/* Nobody sends to a broadcast address without having asked for it. */
static void
a_daemon_that_cannot_be_asked_is_left_out(void **state)
{
	const struct address here[] = { puppet_address("255.255.255.255", 518),
		puppet_address("127.0.0.1", 518) };
	struct invitation invitation;

	(void)state;
	assert_int_equal(invitation_open(&invitation, here, 2), 0);
	assert_int_equal(invitation.count, 1);
	invitation_close(&invitation);
	assert_int_not_equal(invitation_open(&invitation, here, 1), 0);
	assert_int_equal(invitation.count, 0);
	invitation_close(&invitation);
}

static void
without_an_address_there_is_none(void **state)
{
	struct invitation invitation;

	(void)state;
	assert_int_not_equal(invitation_open(&invitation, NULL, 0), 0);
	assert_int_equal(invitation.state, INVITATION_NONE);
	invitation_close(&invitation);
}

static void
no_more_daemons_are_asked_than_there_is_room_for(void **state)
{
	const struct address here[] = { puppet_address("127.0.0.1", 518),
		puppet_address("127.0.0.2", 518),
		puppet_address("127.0.0.3", 518) };
	int before = puppet_descriptors();
	struct invitation invitation;

	(void)state;
	assert_int_equal(invitation_open(&invitation, here, 3), 0);
	assert_int_equal(invitation.count, INVITATION_DAEMONS_MAX);
	invitation_close(&invitation);
	assert_int_equal(puppet_descriptors(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_daemon_that_cannot_be_asked_is_left_out),
		cmocka_unit_test(without_an_address_there_is_none),
		cmocka_unit_test(
		    no_more_daemons_are_asked_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
