/*
 * The tests of talkd/rules and of talkd/networks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "puppet.h"
#include "talkd/networks.h"
#include "talkd/rules.h"

/* The mistakes told of, as "LINE MISTAKE;". */
struct complaints {
	char text[1024];
	int count;
};

static void
complain(void *context, unsigned number, const char *mistake)
{
	struct complaints *complaints = context;
	size_t len = strlen(complaints->text);

	complaints->count++;
	snprintf(complaints->text + len, sizeof(complaints->text) - len,
	    "%u %s;", number, mistake);
}

/* Reads octets as they are, NULs among them. */
static const char *
read_octets(struct rules *rules, enum rules_kind kind, const char *octets,
    size_t len, struct complaints *complaints)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	memcpy(text, octets, len);
	*complaints = (struct complaints){ 0 };
	return rules_read(rules, kind, text, len, complain, complaints);
}

struct verdict {
	const char *text;
	const char *user, *number, *name;
	enum rules_verdict verdict;
	unsigned line;
};

static void
assert_verdict(enum rules_kind kind, const struct verdict *expected)
{
	struct address host = puppet_address(expected->number, 0);
	struct complaints complaints;
	struct rules rules;
	unsigned line;

	assert_null(read_octets(
	    &rules, kind, expected->text, strlen(expected->text), &complaints));
	assert_int_equal(
	    rules_decide(&rules, expected->user, &host, expected->name, &line),
	    expected->verdict);
	assert_int_equal(line, expected->line);
	rules_free(&rules);
}

static void
the_last_line_that_is_about_it_counts(void **state)
{
	static const char text[] = "# ours\n"
				   "deny .* any\n"
				   "\n"
				   "allow .* 192.0.2.0/24\r\n"
				   "deny ^root$\n"
				   "allow ^root$ 192.0.2.9";
	static const struct verdict cases[] = {
		{ text, "bob", "198.51.100.1", "", RULES_DENY, 2 },
		{ text, "bob", "2001:db8::1", "", RULES_DENY, 2 },
		{ text, "bob", "192.0.2.1", "", RULES_ALLOW, 4 },
		{ text, "root", "192.0.2.1", "", RULES_DENY, 5 },
		{ text, "root", "2001:db8::1", "", RULES_DENY, 5 },
		{ text, "root", "192.0.2.9", "", RULES_ALLOW, 6 },
		{ text, "rooted", "192.0.2.9", "", RULES_ALLOW, 4 },
		{ "", "bob", "192.0.2.1", "", RULES_SILENT, 0 },
		{ "deny eve", "bob", "192.0.2.1", "", RULES_SILENT, 0 },
		{ "\n\ndeny eve\n", "eve", "192.0.2.1", "", RULES_DENY, 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_verdict(RULES_SITE, &cases[i]);
		assert_verdict(RULES_USER, &cases[i]);
	}
}

static void
a_name_is_wanted_only_where_it_decides(void **state)
{
	static const char text[] = "deny .*\nallow ^bob$ h1.example";
	static const char before[] = "allow .* h1\ndeny ^bob$ 192.0.2.1";
	static const struct verdict cases[] = {
		{ text, "bob", "192.0.2.1", NULL, RULES_WANT_NAME, 2 },
		{ text, "bob", "192.0.2.1", "h1.example", RULES_ALLOW, 2 },
		{ text, "bob", "192.0.2.1", "h2.example", RULES_DENY, 1 },
		{ text, "bob", "192.0.2.1", "", RULES_DENY, 1 },
		{ text, "eve", "192.0.2.1", NULL, RULES_DENY, 1 },
		{ before, "bob", "192.0.2.1", NULL, RULES_DENY, 2 },
		{ before, "bob", "192.0.2.2", NULL, RULES_WANT_NAME, 1 },
		{ before, "bob", "192.0.2.2", "", RULES_SILENT, 0 },
		{ "deny .* h1", "bob", "192.0.2.1", "", RULES_DENY, 1 },
		{ "deny .* h1", "bob", "127.0.0.1", NULL, RULES_SILENT, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_verdict(RULES_SITE, &cases[i]);
}

static void
a_line_that_is_wrong_denies_at_its_place_and_is_told(void **state)
{
	static const char text[] = "allow .* any\n"
				   "alow .* any\n"
				   "limit rings\n"
				   "allow ^bob$ 10/8\n"
				   "allow ^eve$";
	struct address host = puppet_address("127.0.0.1", 0);
	struct complaints complaints;
	struct rules rules;
	unsigned line;

	(void)state;
	assert_null(
	    read_octets(&rules, RULES_SITE, text, strlen(text), &complaints));
	assert_string_equal(complaints.text,
	    "2 neither allow, deny nor limit;"
	    "3 a limit is how many at once, and how many a second, or none;"
	    "4 a net that is no address;");
	assert_int_equal(
	    rules_decide(&rules, "bob", &host, "", &line), RULES_DENY);
	assert_int_equal(line, 4);
	assert_int_equal(
	    rules_decide(&rules, "eve", &host, "", &line), RULES_ALLOW);
	rules_free(&rules);
}

static void
a_user_s_other_words_are_left_to_talk(void **state)
{
	static const char text[] = "alias b bob@h2\n"
				   "set bell off\n"
				   "limit rings none\n"
				   "limit what?\n"
				   "Deny .*\n"
				   "deny eve 10/8\n"
				   "allow ^bob$\n";
	struct address host = puppet_address("127.0.0.1", 0);
	struct complaints complaints;
	struct rules rules;
	unsigned line;

	(void)state;
	assert_null(
	    read_octets(&rules, RULES_USER, text, strlen(text), &complaints));
	assert_string_equal(complaints.text, "6 a net that is no address;");
	assert_int_equal(rules.limits[RULE_RINGS].kind, RULE_NONE);
	assert_int_equal(
	    rules_decide(&rules, "al", &host, "", &line), RULES_DENY);
	assert_int_equal(line, 6);
	assert_int_equal(
	    rules_decide(&rules, "bob", &host, "", &line), RULES_ALLOW);
	rules_free(&rules);
}

static void
the_last_limit_counts(void **state)
{
	static const char text[] = "limit rings 5 1\n"
				   "limit messages 7 2\n"
				   "limit rings none\n";
	struct complaints complaints;
	struct rules rules;

	(void)state;
	assert_null(
	    read_octets(&rules, RULES_SITE, text, strlen(text), &complaints));
	assert_int_equal(rules.count, 0);
	assert_int_equal(rules.limits[RULE_RINGS].kind, RULE_LIMIT);
	assert_int_equal(rules.limits[RULE_RINGS].at_once, 0);
	assert_int_equal(rules.limits[RULE_MESSAGES].kind, RULE_LIMIT);
	assert_int_equal(rules.limits[RULE_MESSAGES].at_once, 7);
	assert_int_equal(rules.limits[RULE_MESSAGES].per_second, 2);
	rules_free(&rules);
}

static void
a_line_with_a_nul_denies_whatever_else_is_in_it(void **state)
{
	static const char text[] = "allow .*\nalias a\0b c\nallow ^bob$";
	static const char tail[] = "allow .*\n\0";
	struct address host = puppet_address("127.0.0.1", 0);
	struct complaints complaints;
	struct rules rules;
	unsigned line;

	(void)state;
	assert_null(read_octets(
	    &rules, RULES_USER, text, sizeof(text) - 1, &complaints));
	assert_string_equal(complaints.text, "2 a NUL in it;");
	assert_int_equal(
	    rules_decide(&rules, "eve", &host, "", &line), RULES_DENY);
	assert_int_equal(
	    rules_decide(&rules, "bob", &host, "", &line), RULES_ALLOW);
	assert_int_equal(line, 3);
	rules_free(&rules);
	assert_null(read_octets(
	    &rules, RULES_USER, tail, sizeof(tail) - 1, &complaints));
	assert_int_equal(
	    rules_decide(&rules, "bob", &host, "", &line), RULES_DENY);
	assert_int_equal(line, 2);
	rules_free(&rules);
}

/* A text of so many lines. */
static size_t
fill(char *text, size_t size, const char *line, int count)
{
	size_t len = 0;

	while (count-- > 0)
		len += (size_t)snprintf(text + len, size - len, "%s\n", line);
	assert_true(len < size);
	return len;
}

static void
a_user_s_rules_may_cost_so_much_and_a_site_s_any(void **state)
{
	static char text[RULES_USER_COST_MAX * sizeof("deny ab")];
	struct complaints complaints;
	struct rules rules;
	size_t len;

	(void)state;
	len = fill(text, sizeof(text), "deny ab", RULES_USER_COST_MAX / 2);
	assert_null(read_octets(&rules, RULES_USER, text, len, &complaints));
	assert_int_equal(rules.count, RULES_USER_COST_MAX / 2);
	rules_free(&rules);
	len = fill(text, sizeof(text), "deny ab", RULES_USER_COST_MAX / 2 + 1);
	assert_string_equal(
	    read_octets(&rules, RULES_USER, text, len, &complaints),
	    "too many rules");
	assert_int_equal(rules.count, 0);
	assert_null(rules.text);
	assert_null(read_octets(&rules, RULES_SITE, text, len, &complaints));
	assert_int_equal(rules.count, RULES_USER_COST_MAX / 2 + 1);
	rules_free(&rules);
	len = fill(text, sizeof(text), "deny a\\{73\\}", 9);
	assert_non_null(
	    read_octets(&rules, RULES_USER, text, len, &complaints));
	/* Lines that are wrong are not for nothing. */
	len = fill(text, sizeof(text), "deny", RULES_USER_COST_MAX);
	assert_non_null(
	    read_octets(&rules, RULES_USER, text, len, &complaints));
	assert_in_range(complaints.count, 10, 110);
}

/* A small generator, the same everywhere. */
static uint32_t
draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
any_octets_can_be_read(void **state)
{
	static const char alphabet[] = "allow deny limit\n\r\t #.*\\{}()[]^$:/"
				       "0123456789abcdef\0\0\0\xff";
	struct address host = puppet_address("2001:db8::1", 0);
	struct complaints complaints;
	char text[300];
	struct rules rules;
	uint32_t seed = 1;
	unsigned line;
	size_t i, len;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		len = draw(&seed) % sizeof(text);
		for (i = 0; i < len; i++)
			text[i] = alphabet[draw(&seed) % sizeof(alphabet)];
		/* Half of them get as far as the parts of a rule. */
		if (round % 2 == 0 && len > 7)
			memcpy(text, "deny a ", round % 4 == 0 ? 6 : 7);
		if (read_octets(&rules,
			round % 3 == 0 ? RULES_USER : RULES_SITE, text, len,
			&complaints) == NULL)
			(void)rules_decide(&rules, "bob", &host, "h1", &line);
		rules_free(&rules);
	}
}

/* ------------------------------------------------------------ networks --- */

static void
private_networks_are_known_to_their_edges(void **state)
{
	static const char *const within[] = { "127.0.0.0", "127.255.255.255",
		"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255",
		"192.168.0.0", "192.168.255.255", "169.254.0.0",
		"169.254.255.255", "::1", "fe80::", "febf:ffff::1",
		"fc00::", "fdff:ffff::1" };
	static const char *const outside[] = { "126.255.255.255", "128.0.0.0",
		"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "192.169.0.0", "169.253.255.255",
		"169.255.0.0", "0.0.0.0", "192.0.2.1", "255.255.255.255",
		"::", "::2", "fe7f:ffff::1", "fec0::", "fbff:ffff::1",
		"fe00::", "2001:db8::1" };
	const struct address none = { 0 };
	struct address host;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
		host = puppet_address(within[i], 0);
		if (!networks_is_private(&host))
			fail_msg("%s is not", within[i]);
	}
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		host = puppet_address(outside[i], 0);
		if (networks_is_private(&host))
			fail_msg("%s is", outside[i]);
	}
	assert_false(networks_is_private(&none));
}

static void
attached_are_those_of_the_list_for_as_long_as_that_is_kept(void **state)
{
	struct networks networks = { 0 };
	struct address inside = puppet_address("240.0.2.70", 0);
	struct address outside = puppet_address("240.0.2.60", 0);
	struct address ipv6 = puppet_address("2001:db8:0:1::1", 0);

	(void)state;
	networks.list[0].address = puppet_address("240.0.2.65", 0);
	networks.list[0].bits = 26;
	networks.list[1].address = puppet_address("2001:db8:0:1::9", 0);
	networks.list[1].bits = 64;
	networks.count = 2;
	networks.until = 1000;
	assert_true(networks_is_attached(&networks, &inside, 999));
	assert_true(networks_is_attached(&networks, &ipv6, 999));
	assert_false(networks_is_attached(&networks, &outside, 999));
	/* Then it is looked for anew; nobody has such an address (RFC 1112). */
	assert_false(networks_is_attached(&networks, &inside, 1000));
	assert_int_equal(networks.until, 1000 + NETWORKS_KEPT);
}

static void
this_host_is_attached_to_its_loopback(void **state)
{
	struct networks networks = { 0 };
	struct address host = puppet_address("127.0.0.1", 0);

	(void)state;
	assert_true(networks_is_attached(&networks, &host, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_line_that_is_about_it_counts),
		cmocka_unit_test(a_name_is_wanted_only_where_it_decides),
		cmocka_unit_test(
		    a_line_that_is_wrong_denies_at_its_place_and_is_told),
		cmocka_unit_test(a_user_s_other_words_are_left_to_talk),
		cmocka_unit_test(the_last_limit_counts),
		cmocka_unit_test(
		    a_line_with_a_nul_denies_whatever_else_is_in_it),
		cmocka_unit_test(
		    a_user_s_rules_may_cost_so_much_and_a_site_s_any),
		cmocka_unit_test(any_octets_can_be_read),
		cmocka_unit_test(private_networks_are_known_to_their_edges),
		cmocka_unit_test(
		    attached_are_those_of_the_list_for_as_long_as_that_is_kept),
		cmocka_unit_test(this_host_is_attached_to_its_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
