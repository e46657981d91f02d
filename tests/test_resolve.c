/*
 * The tests of talk/resolve, which need no network: where a name service is
 * missing, a name has to fail in words and in time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if.h>

#include <stdlib.h>
#include <string.h>

#include "common/person.h"
#include "talk/resolve.h"
#include "talk/turn.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ADDRESSES_MAX = 8, PATIENCE_MS = 10000, SLACK_MS = 2000 };

/* --------------------------------------------------------------- tests --- */

static void
a_number_is_its_own_address(void **state)
{
	static const struct {
		const char *host;
		uint8_t bytes[4];
	} cases[] = {
		{ "127.0.0.1", { 127, 0, 0, 1 } },
		{ "192.0.2.255", { 192, 0, 2, 255 } },
		{ "0.0.0.0", { 0, 0, 0, 0 } },
		{ "255.255.255.255", { 255, 255, 255, 255 } },
	};
	struct address at[ADDRESSES_MAX];
	size_t i;
	int count;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		memset(at, 0xff, sizeof(at));
		assert_null(resolve_host(
		    cases[i].host, 4, 518, at, ADDRESSES_MAX, &count));
		assert_int_equal(count, 1);
		assert_int_equal(at[0].family, 4);
		assert_memory_equal(at[0].bytes, cases[i].bytes, 4);
		assert_int_equal(at[0].port, 518);
		assert_int_equal(at[0].scope, 0);
	}
}

static void
check_ipv6_loopback(const struct address *at, uint16_t port)
{
	assert_int_equal(at->family, 6);
	assert_true(address_is_loopback(at));
	assert_int_equal(at->port, port);
}

static void
no_name_is_this_host(void **state)
{
	struct address at[ADDRESSES_MAX];
	int count;

	(void)state;
	assert_null(resolve_host("", 4, 65535, at, ADDRESSES_MAX, &count));
	assert_int_equal(count, 1);
	assert_memory_equal(at[0].bytes, ((uint8_t[]){ 127, 0, 0, 1 }), 4);
	assert_int_equal(at[0].port, 65535);
	assert_null(resolve_host("", 6, 1, at, ADDRESSES_MAX, &count));
	assert_int_equal(count, 1);
	check_ipv6_loopback(&at[0], 1);
	assert_null(resolve_host("", 0, 518, at, ADDRESSES_MAX, &count));
	assert_int_equal(count, 2);
	assert_int_equal(at[0].family, 4);
	check_ipv6_loopback(&at[1], 518);
	assert_null(resolve_host("", 0, 518, at, 1, &count));
	assert_int_equal(count, 1);
}

static void
localhost_is_loopback(void **state)
{
	static const int families[] = { 0, 4, 6 };
	struct address at[ADDRESSES_MAX];
	int count, i;
	size_t k;

	(void)state;
	for (k = 0; k < COUNT(families); k++) {
		assert_null(resolve_host(
		    "localhost", families[k], 518, at, ADDRESSES_MAX, &count));
		assert_in_range(count, 1, ADDRESSES_MAX);
		for (i = 0; i < count; i++) {
			assert_true(address_is_loopback(&at[i]));
			assert_int_equal(at[i].port, 518);
			if (families[k] != 0)
				assert_int_equal(at[i].family, families[k]);
		}
		assert_int_equal(count, families[k] == 0 ? 2 : 1);
	}
}

static void
no_more_addresses_are_put_than_there_is_room_for(void **state)
{
	struct address at[2];
	struct address untouched;
	int count;

	(void)state;
	memset(at, 0x5a, sizeof(at));
	untouched = at[1];
	assert_null(resolve_host("127.0.0.1", 4, 518, at, 1, &count));
	assert_int_equal(count, 1);
	assert_memory_equal(&at[1], &untouched, sizeof(untouched));
}

/* Why there is none, in one line of graphic characters. */
static void
check_polite(const char *host, const char *why)
{
	const char *c;

	if (why == NULL)
		fail_msg("\"%s\" has an address", host);
	assert_true(strlen(why) > 3 && strlen(why) < 80);
	for (c = why; *c != '\0'; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void
a_name_that_is_none_fails_in_words_and_in_time(void **state)
{
	static const char *const hosts[] = {
		"nowhere.invalid", /* RFC 6761: never a host */
		"no.such.host.invalid.",
		"256.256.256.256",
		"1.2.3.4.5",
		"127.0.0.1 ",
		" ",
		".",
		"..",
		"a..invalid",
		"-",
		"%s%n",
		"\033[31m",
		"\xff\xfe",
	};
	struct address at[ADDRESSES_MAX];
	int64_t before;
	const char *why;
	size_t i;
	int count;

	(void)state;
	for (i = 0; i < COUNT(hosts); i++) {
		count = 5;
		before = turn_clock();
		why = resolve_host(hosts[i], 4, 518, at, ADDRESSES_MAX, &count);
		check_polite(hosts[i], why);
		assert_int_equal(count, 0);
		assert_true(turn_clock() - before < PATIENCE_MS + SLACK_MS);
	}
}

static void
a_name_too_long_fails_in_words(void **state)
{
	static const size_t lengths[] = { 64, 200, PERSON_HOST_SIZE - 1,
		PERSON_HOST_SIZE, 5000 };
	struct address at[ADDRESSES_MAX];
	char host[5001];
	size_t i;
	int count;

	(void)state;
	for (i = 0; i < COUNT(lengths); i++) {
		memset(host, 'x', lengths[i]);
		host[lengths[i]] = '\0';
		check_polite(host,
		    resolve_host(host, 4, 518, at, ADDRESSES_MAX, &count));
		assert_int_equal(count, 0);
	}
}

static void
an_address_of_the_other_family_fails_in_words(void **state)
{
	static const struct {
		const char *host;
		int family;
	} cases[] = {
		{ "::1", 4 },
		{ "2001:db8::1", 4 },
		{ "fe80::1%lo", 4 },
		{ "127.0.0.1", 6 },
		{ "::ffff:192.0.2.7", 6 },
	};
	struct address at[ADDRESSES_MAX];
	size_t i;
	int count;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		check_polite(cases[i].host,
		    resolve_host(cases[i].host, cases[i].family, 518, at,
			ADDRESSES_MAX, &count));
		assert_int_equal(count, 0);
	}
}

static void
a_zone_is_the_interface_of_that_name_or_number(void **state)
{
	static const char *const hosts[] = { "fe80::1%lo", "fe80::1%1" };
	struct address at[ADDRESSES_MAX];
	size_t i;
	int count;

	(void)state;
	for (i = 0; i < COUNT(hosts); i++) {
		assert_null(
		    resolve_host(hosts[i], 0, 518, at, ADDRESSES_MAX, &count));
		assert_int_equal(count, 1);
		assert_int_equal(at[0].family, 6);
		assert_int_equal(
		    at[0].scope, i == 0 ? if_nametoindex("lo") : 1);
	}
	check_polite("fe80::1%no-such-0",
	    resolve_host(
		"fe80::1%no-such-0", 0, 518, at, ADDRESSES_MAX, &count));
}

static void
any_family_will_do_where_any_is_asked_for(void **state)
{
	static const struct {
		const char *host;
		uint8_t family;
	} cases[] = {
		{ "192.0.2.7", 4 },
		{ "2001:db8::7", 6 },
		{ "::1", 6 },
		{ "::ffff:192.0.2.7", 4 },
	};
	struct address at[ADDRESSES_MAX];
	size_t i;
	int count;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_null(resolve_host(
		    cases[i].host, 0, 18, at, ADDRESSES_MAX, &count));
		assert_int_equal(count, 1);
		assert_int_equal(at[0].family, cases[i].family);
		assert_int_equal(at[0].port, 18);
	}
}

static void
an_address_without_a_name_is_named_by_its_number(void **state)
{
	/* RFC 5737 and 3849: never anybody's. */
	static const struct {
		struct address at;
		const char *name;
	} cases[] = {
		{ { .family = 4, .bytes = { 192, 0, 2, 77 } }, "192.0.2.77" },
		{ { .family = 6, .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 7 } },
		    "2001:db8::7" },
	};
	char name[PERSON_HOST_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		resolve_name(&cases[i].at, name);
		assert_string_equal(name, cases[i].name);
	}
}

/* Whatever this host calls it, it leads back. */
static void
a_name_leads_back_to_its_address(void **state)
{
	const struct address loopback = { .family = 4,
		.bytes = { 127, 0, 0, 1 } };
	struct address at[ADDRESSES_MAX];
	char name[PERSON_HOST_SIZE];
	int count, i;

	(void)state;
	resolve_name(&loopback, name);
	assert_null(resolve_host(name, 4, 18, at, ADDRESSES_MAX, &count));
	for (i = 0; i < count; i++)
		if (address_same_host(&at[i], &loopback))
			return;
	fail_msg("%s does not", name);
}

static void
a_service_without_a_name_has_the_port_given(void **state)
{
	static const char *const protocols[] = { "udp", "tcp" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(protocols); i++) {
		assert_int_equal(
		    resolve_service("no-such-service-here", protocols[i], 518),
		    518);
		assert_int_equal(resolve_service("", protocols[i], 1), 1);
	}
	assert_int_equal(resolve_service("ntalk", "udp", 518), 518);
	assert_int_equal(resolve_service("msp", "tcp", 18), 18);
}

/* A name server that is silent should cost the tests a second, not ten. */
static int
be_brief(void **state)
{
	(void)state;
	return setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_its_own_address),
		cmocka_unit_test(no_name_is_this_host),
		cmocka_unit_test(localhost_is_loopback),
		cmocka_unit_test(
		    no_more_addresses_are_put_than_there_is_room_for),
		cmocka_unit_test(
		    a_name_that_is_none_fails_in_words_and_in_time),
		cmocka_unit_test(a_name_too_long_fails_in_words),
		cmocka_unit_test(an_address_of_the_other_family_fails_in_words),
		cmocka_unit_test(
		    a_zone_is_the_interface_of_that_name_or_number),
		cmocka_unit_test(any_family_will_do_where_any_is_asked_for),
		cmocka_unit_test(
		    an_address_without_a_name_is_named_by_its_number),
		cmocka_unit_test(a_name_leads_back_to_its_address),
		cmocka_unit_test(a_service_without_a_name_has_the_port_given),
	};

	return cmocka_run_group_tests_name("resolve", tests, be_brief, NULL);
}
