/*
 * The tests of common/address: socket addresses to struct and back, comparing,
 * printing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>
#include <string.h>

#include "common/address.h"

static struct address
ipv4(const char *number, uint16_t port)
{
	struct address a = { .family = 4, .port = port };

	assert_int_equal(inet_pton(AF_INET, number, a.bytes), 1);
	return a;
}

static struct address
ipv6(const char *number, uint16_t port, uint32_t scope)
{
	struct address a = { .family = 6, .port = port, .scope = scope };

	assert_int_equal(inet_pton(AF_INET6, number, a.bytes), 1);
	return a;
}

static struct sockaddr_in6
sockaddr_ipv6(const char *number, uint16_t port, uint32_t scope)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_scope_id = scope };

	assert_int_equal(inet_pton(AF_INET6, number, &sin6.sin6_addr), 1);
	return sin6;
}

/* Says from fields, not from address_equal, that two are alike. */
static void
assert_alike(const struct address *a, const struct address *b)
{
	assert_int_equal(a->family, b->family);
	assert_int_equal(a->port, b->port);
	assert_int_equal(a->scope, b->scope);
	assert_memory_equal(a->bytes, b->bytes, sizeof(a->bytes));
}

static void
an_ipv4_socket_address_is_read(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct address want = ipv4("192.0.2.7", 518);
	struct address got;

	(void)state;
	sin.sin_port = htons(518);
	sin.sin_addr.s_addr = htonl(0xc0000207);
	assert_true(
	    address_from_sockaddr(&got, (struct sockaddr *)&sin, sizeof(sin)));
	assert_alike(&got, &want);
}

static void
an_ipv6_socket_address_is_read_with_its_zone(void **state)
{
	struct sockaddr_in6 sin6 = sockaddr_ipv6("fe80::12", 40000, 3);
	struct address want = ipv6("fe80::12", 40000, 3);
	struct address got;

	(void)state;
	assert_true(address_from_sockaddr(
	    &got, (struct sockaddr *)&sin6, sizeof(sin6)));
	assert_alike(&got, &want);
}

static void
a_mapped_address_becomes_ipv4(void **state)
{
	struct sockaddr_in6 sin6 = sockaddr_ipv6("::ffff:192.0.2.7", 518, 3);
	struct address want = ipv4("192.0.2.7", 518);
	struct address got;

	(void)state;
	assert_true(address_from_sockaddr(
	    &got, (struct sockaddr *)&sin6, sizeof(sin6)));
	assert_alike(&got, &want);
}

static void
a_length_that_is_too_short_gives_no_address(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = sockaddr_ipv6("::1", 518, 0);
	struct address none = { 0 };
	struct address got;
	socklen_t len;

	(void)state;
	for (len = 0; len < sizeof(sin); len++) {
		memset(&got, 0xff, sizeof(got));
		assert_false(
		    address_from_sockaddr(&got, (struct sockaddr *)&sin, len));
		assert_alike(&got, &none);
	}
	for (len = 0; len < sizeof(sin6); len++) {
		memset(&got, 0xff, sizeof(got));
		assert_false(
		    address_from_sockaddr(&got, (struct sockaddr *)&sin6, len));
		assert_alike(&got, &none);
	}
}

static void
another_family_gives_no_address(void **state)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNIX };
	struct address none = { 0 };
	struct address got = ipv4("192.0.2.7", 1);

	(void)state;
	assert_false(
	    address_from_sockaddr(&got, (struct sockaddr *)&ss, sizeof(ss)));
	assert_alike(&got, &none);
}

static void
what_is_written_is_read_back_alike(void **state)
{
	const struct address all[] = {
		ipv4("0.0.0.0", 0),
		ipv4("192.0.2.7", 65535),
		ipv6("::", 0, 0),
		ipv6("2001:db8::7", 518, 0),
		ipv6("fe80::1", 1, UINT32_MAX),
	};
	struct sockaddr_storage ss;
	struct address got;
	socklen_t len;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		memset(&ss, 0xff, sizeof(ss));
		len = address_to_sockaddr(&all[i], &ss);
		assert_int_equal(len,
		    all[i].family == 4 ? sizeof(struct sockaddr_in)
				       : sizeof(struct sockaddr_in6));
		assert_true(
		    address_from_sockaddr(&got, (struct sockaddr *)&ss, len));
		assert_alike(&got, &all[i]);
	}
}

static void
no_address_is_written_as_nothing(void **state)
{
	struct address none = { .port = 518 };
	struct sockaddr_storage ss;

	(void)state;
	memset(&ss, 0xff, sizeof(ss));
	assert_int_equal(address_to_sockaddr(&none, &ss), 0);
	assert_int_equal(ss.ss_family, AF_UNSPEC);
}

struct comparison {
	struct address a, b;
	bool same_host, equal;
};

static void
hosts_compare_by_number_and_zone_and_equals_by_port_too(void **state)
{
	const struct address none = { 0 };
	const struct comparison cases[] = {
		{ ipv4("192.0.2.7", 1), ipv4("192.0.2.7", 1), true, true },
		{ ipv4("192.0.2.7", 1), ipv4("192.0.2.7", 2), true, false },
		{ ipv4("192.0.2.7", 1), ipv4("192.0.2.8", 1), false, false },
		{ ipv4("0.0.0.0", 1), ipv6("::", 1, 0), false, false },
		{ ipv6("::1", 1, 0), ipv6("::1", 1, 0), true, true },
		{ ipv6("::1", 1, 0), ipv6("::2", 1, 0), false, false },
		{ ipv6("1::", 1, 0), ipv6("2::", 1, 0), false, false },
		{ ipv6("fe80::1", 1, 2), ipv6("fe80::1", 1, 2), true, true },
		{ ipv6("fe80::1", 1, 2), ipv6("fe80::1", 1, 3), false, false },
		{ ipv6("fe80::1", 1, 0), ipv6("fe80::1", 1, 3), true, true },
		{ none, none, false, false },
		{ none, ipv4("0.0.0.0", 0), false, false },
	};
	const struct comparison *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = &cases[i];
		assert_int_equal(address_same_host(&c->a, &c->b), c->same_host);
		assert_int_equal(address_same_host(&c->b, &c->a), c->same_host);
		assert_int_equal(address_equal(&c->a, &c->b), c->equal);
		assert_int_equal(address_equal(&c->b, &c->a), c->equal);
	}
}

static void
bytes_that_ipv4_does_not_use_do_not_count(void **state)
{
	struct address a = ipv4("0.0.0.0", 1);
	struct address b = ipv4("0.0.0.0", 1);

	(void)state;
	b.bytes[4] = 9;
	b.scope = 7;
	a.scope = 8;
	assert_true(address_equal(&a, &b));
	assert_true(address_is_any(&b));
}

static void
loopback_is_all_of_127_and_colon_colon_1(void **state)
{
	const struct address yes[] = { ipv4("127.0.0.1", 1),
		ipv4("127.0.1.1", 1), ipv4("127.255.255.255", 1),
		ipv6("::1", 1, 0) };
	const struct address no[] = { ipv4("126.255.255.255", 1),
		ipv4("128.0.0.1", 1), ipv4("0.0.0.0", 1), ipv6("::", 1, 0),
		ipv6("7f00::1", 1, 0), { .bytes = { 127, 0, 0, 1 } } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(address_is_loopback(&yes[i]));
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(address_is_loopback(&no[i]));
}

static void
a_host_is_within_a_network_that_its_first_bits_name(void **state)
{
	static const struct {
		const char *host, *network;
		unsigned bits;
		bool within;
	} cases[] = {
		{ "10.1.2.3", "10.0.0.0", 8, true },
		{ "11.0.0.0", "10.0.0.0", 8, false },
		{ "172.31.255.255", "172.16.0.0", 12, true },
		{ "172.32.0.0", "172.16.0.0", 12, false },
		{ "192.0.2.1", "192.0.2.1", 32, true },
		{ "192.0.2.0", "192.0.2.1", 32, false },
		{ "192.0.2.0", "192.0.2.1", 31, true },
		{ "192.0.2.1", "0.0.0.0", 0, true },
		{ "192.0.2.1", "192.0.2.1", 33, false },
		{ "192.0.2.1", "::", 0, false },
		{ "fe80::1", "0.0.0.0", 0, false },
		{ "febf::1", "fe80::", 10, true },
		{ "fec0::1", "fe80::", 10, false },
		{ "2001:db8::1", "2001:db8::1", 128, true },
		{ "2001:db8::2", "2001:db8::1", 128, false },
		{ "2001:db8::1", "2001:db8::1", 129, false },
	};
	const struct address none = { 0 };
	struct address host, network;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		host = strchr(cases[i].host, ':') != NULL
		    ? ipv6(cases[i].host, 1, 2)
		    : ipv4(cases[i].host, 1);
		network = strchr(cases[i].network, ':') != NULL
		    ? ipv6(cases[i].network, 0, 0)
		    : ipv4(cases[i].network, 0);
		if (address_is_within(&host, &network, cases[i].bits) !=
		    cases[i].within)
			fail_msg("%s in %s/%u", cases[i].host, cases[i].network,
			    cases[i].bits);
	}
	host = ipv4("0.0.0.0", 0);
	assert_false(address_is_within(&none, &host, 0));
}

static void
any_is_all_zero_of_a_family(void **state)
{
	const struct address yes[] = { ipv4("0.0.0.0", 518),
		ipv6("::", 518, 2) };
	const struct address no[] = { { 0 }, ipv4("0.0.0.1", 0),
		ipv6("::1", 0, 0) };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(address_is_any(&yes[i]));
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(address_is_any(&no[i]));
}

static void
an_address_is_formatted_as_a_number(void **state)
{
	const struct {
		struct address a;
		const char *text;
	} cases[] = {
		{ { 0 }, "none" },
		{ ipv4("192.0.2.7", 518), "192.0.2.7" },
		{ ipv4("255.255.255.255", 0), "255.255.255.255" },
		{ ipv6("2001:db8:0:0:0:0:0:7", 518, 0), "2001:db8::7" },
		{ ipv6("::", 0, 0), "::" },
		{ ipv6("fe80::1", 518, 2), "fe80::1%2" },
		{ ipv6(
		      "fe80:1111:2222:3333:4444:5555:6666:7777", 1, UINT32_MAX),
		    "fe80:1111:2222:3333:4444:5555:6666:7777%4294967295" },
	};
	char text[ADDRESS_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		address_format(&cases[i].a, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void
the_format_is_cut_to_any_size_and_ended(void **state)
{
	const struct address a = ipv6("fe80::1", 518, 42);
	const char whole[] = "fe80::1%42";
	char text[sizeof(whole) + 2];
	size_t size;

	(void)state;
	for (size = 0; size <= sizeof(whole); size++) {
		memset(text, '~', sizeof(text));
		address_format(&a, text, size);
		if (size > 0) {
			assert_memory_equal(text, whole, size - 1);
			assert_int_equal(text[size - 1], '\0');
		}
		assert_int_equal(text[size], '~');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_socket_address_is_read),
		cmocka_unit_test(an_ipv6_socket_address_is_read_with_its_zone),
		cmocka_unit_test(a_mapped_address_becomes_ipv4),
		cmocka_unit_test(a_length_that_is_too_short_gives_no_address),
		cmocka_unit_test(another_family_gives_no_address),
		cmocka_unit_test(what_is_written_is_read_back_alike),
		cmocka_unit_test(no_address_is_written_as_nothing),
		cmocka_unit_test(
		    hosts_compare_by_number_and_zone_and_equals_by_port_too),
		cmocka_unit_test(bytes_that_ipv4_does_not_use_do_not_count),
		cmocka_unit_test(loopback_is_all_of_127_and_colon_colon_1),
		cmocka_unit_test(
		    a_host_is_within_a_network_that_its_first_bits_name),
		cmocka_unit_test(any_is_all_zero_of_a_family),
		cmocka_unit_test(an_address_is_formatted_as_a_number),
		cmocka_unit_test(the_format_is_cut_to_any_size_and_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
