/*
 * The tests of common/rule.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rule.h"
#include "puppet.h"

/* -------------------------------------------------------- what it says --- */

static void
assert_kind(const char *line, enum rule_kind kind)
{
	struct rule rule;
	const char *mistake = rule_parse(line, &rule);

	if (mistake != NULL)
		fail_msg("\"%s\": %s", line, mistake);
	if (rule.kind != kind)
		fail_msg("\"%s\" is of kind %d", line, (int)rule.kind);
}

static void
a_line_is_known_by_its_first_word(void **state)
{
	(void)state;
	assert_kind("", RULE_NONE);
	assert_kind("\n", RULE_NONE);
	assert_kind(" \t \r\n", RULE_NONE);
	assert_kind("# allow .* any", RULE_NONE);
	assert_kind("   #", RULE_NONE);
	assert_kind("allow bob", RULE_ALLOW);
	assert_kind("\tallow\tbob\tany", RULE_ALLOW);
	assert_kind("deny .* any\n", RULE_DENY);
	assert_kind("deny .* any\r\n", RULE_DENY);
	assert_kind("limit rings none", RULE_LIMIT);
	assert_kind("alias bob bob@h2", RULE_OTHER);
	assert_kind("set bell off", RULE_OTHER);
	assert_kind("Allow .*", RULE_OTHER);
	assert_kind("denyall", RULE_OTHER);
	assert_kind("\033[2J", RULE_OTHER);
}

static void
a_user_is_a_basic_regex_up_to_the_next_blank(void **state)
{
	struct rule rule;

	(void)state;
	assert_null(rule_parse("deny ^bo[ab]\\(x\\)*$ any", &rule));
	assert_int_equal(rule.user_len, strlen("^bo[ab]\\(x\\)*$"));
	assert_memory_equal(rule.user, "^bo[ab]\\(x\\)*$", rule.user_len);
	assert_null(rule_parse("deny bob", &rule));
	assert_int_equal(rule.user_len, 3);
}

static void
a_comment_may_stand_behind_a_rule(void **state)
{
	const struct address host = { 4, { 192, 0, 2, 1 }, 0, 0 };
	struct rule rule;

	(void)state;
	assert_null(rule_parse("allow bob 10.0.0.0/8 # not_a_net/", &rule));
	assert_int_equal(rule_meets_host(&rule, &host, ""), RULE_MISSES);
	assert_null(rule_parse("allow bob#1 #10.0.0.0/8", &rule));
	assert_int_equal(rule.user_len, 5);
	assert_int_equal(rule_meets_host(&rule, &host, ""), RULE_MEETS);
}

static void
a_limit_has_two_numbers_or_none(void **state)
{
	static const struct {
		const char *line;
		enum rule_subject subject;
		uint32_t at_once, per_second;
	} cases[] = {
		{ "limit rings 5 2", RULE_RINGS, 5, 2 },
		{ "limit messages 1 0", RULE_MESSAGES, 1, 0 },
		{ "limit messages 1000000 1000000", RULE_MESSAGES, 1000000,
		    1000000 },
		{ "limit rings none", RULE_RINGS, 0, 0 },
		{ "limit messages none # for now", RULE_MESSAGES, 0, 0 },
	};
	struct rule rule;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(rule_parse(cases[i].line, &rule));
		assert_int_equal(rule.kind, RULE_LIMIT);
		assert_int_equal(rule.subject, cases[i].subject);
		assert_int_equal(rule.at_once, cases[i].at_once);
		assert_int_equal(rule.per_second, cases[i].per_second);
	}
}

static const struct {
	const char *line;
	enum rule_kind kind;
	const char *mistake;
} mistakes[] = {
	{ "allow", RULE_ALLOW, "no user's name" },
	{ "deny  # bob", RULE_DENY, "no user's name" },
	{ "allow \\(bob", RULE_ALLOW,
	    "the user's name is no basic regular expression" },
	{ "deny [a", RULE_DENY,
	    "the user's name is no basic regular expression" },
	{ "deny a\\{2,1\\}", RULE_DENY,
	    "the user's name is no basic regular expression" },
	{ "deny \\(a*\\)*\\1", RULE_DENY,
	    "a back-reference in the user's regex" },
	{ "deny a\\{74\\}", RULE_DENY,
	    "too many repetitions in the user's regex" },
	{ "deny a\\{1,99999999999999999999\\}", RULE_DENY,
	    "too many repetitions in the user's regex" },
	{ "deny \\(\\(a\\{20\\}\\)\\{20\\}\\)\\{20\\}", RULE_DENY,
	    "too many repetitions in the user's regex" },
	{ "allow bob 10.0.0", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob 10.0.0.256", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob *.example", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob .example", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob example.", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob h1 a..b", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob -h", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob h_1", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob h1,h2", RULE_ALLOW,
	    "a net that is neither an address nor a host's name" },
	{ "allow bob 10/8", RULE_ALLOW, "a net that is no address" },
	{ "allow bob h1/8", RULE_ALLOW, "a net that is no address" },
	{ "allow bob fe80::1%eth0", RULE_ALLOW, "a net that is no address" },
	{ "allow bob [::1]", RULE_ALLOW, "a net that is no address" },
	{ "allow bob 1::2::3", RULE_ALLOW, "a net that is no address" },
	{ "allow bob /8", RULE_ALLOW, "a net that is no address" },
	{ "allow bob 10.0.0.0/", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob 10.0.0.0/33", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob 10.0.0.0/-1", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob 10.0.0.0/4294967304", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob 10.0.0.0/8/8", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob 10.0.0.0/255.0.255.0", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob fc00::/129", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "allow bob fc00::/255.0.0.0", RULE_ALLOW,
	    "neither a number of bits nor a mask behind the slash" },
	{ "limit", RULE_LIMIT, "a limit of neither rings nor messages" },
	{ "limit bells none", RULE_LIMIT,
	    "a limit of neither rings nor messages" },
	{ "limit rings", RULE_LIMIT,
	    "a limit is how many at once, and how many a second, or "
	    "none" },
	{ "limit rings 5", RULE_LIMIT,
	    "a limit is how many at once, and how many a second, or "
	    "none" },
	{ "limit rings 0 1", RULE_LIMIT,
	    "a limit is how many at once, and how many a second, or "
	    "none" },
	{ "limit rings 1000001 1", RULE_LIMIT,
	    "a limit is how many at once, and how many a second, or "
	    "none" },
	{ "limit rings 5 1.5", RULE_LIMIT,
	    "a limit is how many at once, and how many a second, or "
	    "none" },
	{ "limit rings 5 2 1", RULE_LIMIT, "more than a limit has to say" },
	{ "limit rings none 2", RULE_LIMIT, "more than a limit has to say" },
};

static void
a_mistake_is_named_and_the_kind_is_told(void **state)
{
	const char *mistake;
	struct rule rule;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		mistake = rule_parse(mistakes[i].line, &rule);
		if (mistake == NULL ||
		    strcmp(mistake, mistakes[i].mistake) != 0)
			fail_msg("\"%s\": %s", mistakes[i].line,
			    mistake != NULL ? mistake : "is taken");
		assert_int_equal(rule.kind, mistakes[i].kind);
	}
}

/* A line of one word before, and then so many times the same byte. */
static void
fill_line(char *line, size_t size, const char *before, char byte)
{
	size_t len = strlen(before);

	memset(line, byte, size - 1);
	memcpy(line, before, len);
	line[size - 1] = '\0';
}

static void
a_regex_costs_its_length_times_its_counts(void **state)
{
	struct rule rule;

	(void)state;
	assert_null(rule_parse("deny ^bob$", &rule));
	assert_int_equal(rule.cost, 5);
	assert_null(rule_parse("deny [a-z]\\{1,9\\}x\\{2,\\}", &rule));
	assert_int_equal(rule.cost, 19 * 9 * 2);
	assert_null(rule_parse("deny a\\{73\\}", &rule));
	assert_int_equal(rule.cost, 7 * 73);
	assert_null(rule_parse("deny a\\\\{9", &rule));
	assert_int_equal(rule.cost, 5);
}

static void
parts_beyond_their_length_are_mistakes(void **state)
{
	char line[100000];
	struct rule rule;

	(void)state;
	fill_line(line, strlen("deny ") + RULE_USER_MAX + 1, "deny ", 'a');
	assert_null(rule_parse(line, &rule));
	fill_line(line, strlen("deny ") + RULE_USER_MAX + 2, "deny ", 'a');
	assert_string_equal(
	    rule_parse(line, &rule), "the user's regex is too long");
	fill_line(line, sizeof(line), "deny ", '\\');
	assert_string_equal(
	    rule_parse(line, &rule), "the user's regex is too long");
	fill_line(line, strlen("deny a ") + 63 + 1, "deny a ", 'h');
	assert_null(rule_parse(line, &rule));
	fill_line(line, strlen("deny a ") + 64 + 1, "deny a ", 'h');
	assert_non_null(rule_parse(line, &rule));
	fill_line(line, sizeof(line), "deny a ", '1');
	assert_string_equal(
	    rule_parse(line, &rule), "a host's name that is too long");
	fill_line(line, sizeof(line), "limit rings ", '9');
	assert_non_null(rule_parse(line, &rule));
	fill_line(line, sizeof(line), "alias ", 'x');
	assert_null(rule_parse(line, &rule));
	fill_line(line, sizeof(line), "", 'x');
	assert_null(rule_parse(line, &rule));
	assert_int_equal(rule.kind, RULE_OTHER);
}

/* Whatever bytes there are, no part reaches beyond the line's end. */
static void
no_line_is_read_beyond_its_end(void **state)
{
	static const char sample[] =
	    "deny ^a\\{1,2\\}[b]$ any 10.0.0.0/8 fe80::/10 h1.example";
	char *line;
	struct rule rule;
	const struct address host = { 6, { 0x20 }, 0, 0 };
	size_t len, i;
	int byte;

	(void)state;
	for (len = 1; len <= sizeof(sample); len++) {
		line = malloc(len); /* exactly, for who checks the memory */
		assert_non_null(line);
		for (i = 0; i < len - 1; i++)
			for (byte = 1; byte < 256; byte += 3) {
				memcpy(line, sample, len - 1);
				line[len - 1] = '\0';
				line[i] = (char)byte;
				if (rule_parse(line, &rule) != NULL ||
				    rule.kind != RULE_DENY)
					continue;
				(void)rule_meets_host(&rule, &host, "h2");
				assert_true(
				    rule.user + rule.user_len < line + len);
			}
		free(line);
	}
}

/* --------------------------------------------------------------- users --- */

static bool
meets_user(const char *line, const char *user)
{
	struct rule rule;

	assert_null(rule_parse(line, &rule));
	return rule_meets_user(&rule, user);
}

static void
a_regex_meets_any_part_of_a_name(void **state)
{
	(void)state;
	assert_true(meets_user("deny bob", "bob"));
	assert_true(meets_user("deny bob", "bobby"));
	assert_true(meets_user("deny ob", "bob"));
	assert_false(meets_user("deny bob", "Bob"));
	assert_false(meets_user("deny ^ob", "bob"));
	assert_true(meets_user("deny ^bob$", "bob"));
	assert_false(meets_user("deny ^bob$", "bobby"));
	assert_true(meets_user("deny .*", ""));
	assert_false(meets_user("deny .", ""));
	assert_true(meets_user("deny ^[a-c]ob\\{0,1\\}", "bo"));
	/* Basic ones: these are themselves. */
	assert_false(meets_user("deny a+", "aa"));
	assert_true(meets_user("deny (a)", "(a)"));
	assert_false(meets_user("deny bob|eve", "eve"));
}

static void
names_of_any_bytes_are_compared(void **state)
{
	char name[64];
	int byte;

	(void)state;
	for (byte = 1; byte < 256; byte++) {
		snprintf(name, sizeof(name), "%cbob%c", byte, byte);
		assert_true(meets_user("deny bob", name));
		assert_false(meets_user("deny ^alice$", name));
	}
}

/* --------------------------------------------------------------- hosts --- */

static enum rule_match
meets_host(
    const char *action, const char *nets, const char *number, const char *name)
{
	struct address host = puppet_address(number, 518);
	char line[256];
	struct rule rule;
	const char *mistake;

	snprintf(line, sizeof(line), "%s .* %s", action, nets);
	mistake = rule_parse(line, &rule);
	if (mistake != NULL)
		fail_msg("\"%s\": %s", line, mistake);
	return rule_meets_host(&rule, &host, name);
}

static void
a_net_meets_the_addresses_that_it_begins(void **state)
{
	static const struct {
		const char *nets, *within, *outside;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.2" },
		{ "192.0.2.1/32", "192.0.2.1", "192.0.2.0" },
		{ "192.0.2.0/31", "192.0.2.1", "192.0.2.2" },
		{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
		{ "10.0.0.0/8", "10.0.0.0", "9.255.255.255" },
		{ "10.1.2.3/8", "10.200.0.1", "11.1.2.3" },
		{ "172.16.0.0/12", "172.31.255.255", "172.32.0.0" },
		{ "172.16.0.0/255.240.0.0", "172.16.0.0", "172.15.255.255" },
		{ "192.0.2.0/255.255.255.0", "192.0.2.255", "192.0.3.0" },
		{ "192.0.2.7/255.255.255.255", "192.0.2.7", "192.0.2.6" },
		{ "0.0.0.0/0", "255.255.255.255", "::1" },
		{ "0.0.0.0/0.0.0.0", "1.2.3.4", "2001:db8::1" },
		{ "2001:db8::1", "2001:db8::1", "2001:db8::2" },
		{ "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
		{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::" },
		{ "FE80::/10", "febf::1", "fec0::1" },
		{ "::/0", "2001:db8::1", "1.2.3.4" },
		/* IPv4 mapped into IPv6 is IPv4. */
		{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2" },
		{ "::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3" },
		{ "::ffff:0:0/96", "192.0.2.1", "::1" },
		/* Any one of several. */
		{ "192.0.2.1 192.0.2.9", "192.0.2.9", "192.0.2.2" },
		{ "2001:db8::/32\t10.0.0.0/8", "10.0.0.1", "192.0.2.2" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (meets_host("allow", cases[i].nets, cases[i].within, "") !=
		    RULE_MEETS)
			fail_msg(
			    "%s is not in %s", cases[i].within, cases[i].nets);
		if (meets_host("allow", cases[i].nets, cases[i].outside, "") !=
		    RULE_MISSES)
			fail_msg(
			    "%s is in %s", cases[i].outside, cases[i].nets);
	}
}

static void
any_and_no_net_are_every_host(void **state)
{
	(void)state;
	assert_int_equal(
	    meets_host("allow", "any", "192.0.2.1", NULL), RULE_MEETS);
	assert_int_equal(
	    meets_host("allow", "10.0.0.1 any", "2001:db8::1", ""), RULE_MEETS);
	assert_int_equal(meets_host("deny", "", "192.0.2.1", NULL), RULE_MEETS);
	assert_int_equal(
	    meets_host("deny", "  # 10.0.0.1", "192.0.2.1", ""), RULE_MEETS);
}

static void
a_name_counts_in_whatever_case_and_whole(void **state)
{
	static const char *const others[] = { "h1", "example", "xh1.example",
		"h1.example.org", "h2.example", "any" };
	size_t i;

	(void)state;
	assert_int_equal(
	    meets_host("allow", "h1.example", "192.0.2.1", "h1.example"),
	    RULE_MEETS);
	assert_int_equal(
	    meets_host("allow", "H1.Example", "192.0.2.1", "h1.eXAMPLE"),
	    RULE_MEETS);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(
		    meets_host("allow", "h1.example", "192.0.2.1", others[i]),
		    RULE_MISSES);
}

static void
what_depends_on_a_name_waits_for_it(void **state)
{
	(void)state;
	assert_int_equal(
	    meets_host("allow", "h1", "192.0.2.1", NULL), RULE_WANTS_NAME);
	assert_int_equal(meets_host("deny", "10.0.0.1 h1", "192.0.2.1", NULL),
	    RULE_WANTS_NAME);
	/* But not where it does not. */
	assert_int_equal(
	    meets_host("allow", "h1 192.0.2.1", "192.0.2.1", NULL), RULE_MEETS);
	assert_int_equal(
	    meets_host("allow", "192.0.2.1 h1", "192.0.2.1", NULL), RULE_MEETS);
}

static void
a_host_without_a_name_is_denied_by_name_and_never_allowed(void **state)
{
	(void)state;
	assert_int_equal(
	    meets_host("allow", "h1", "192.0.2.1", ""), RULE_MISSES);
	assert_int_equal(meets_host("deny", "h1", "192.0.2.1", ""), RULE_MEETS);
}

static void
loopback_is_called_localhost(void **state)
{
	(void)state;
	assert_int_equal(
	    meets_host("allow", "localhost", "127.0.0.1", NULL), RULE_MEETS);
	assert_int_equal(
	    meets_host("deny", "LOCALHOST", "127.0.1.1", ""), RULE_MEETS);
	assert_int_equal(
	    meets_host("allow", "localhost", "::1", "h1"), RULE_MEETS);
	assert_int_equal(meets_host("deny", "h1", "::1", ""), RULE_MISSES);
	assert_int_equal(meets_host("allow", "localhost", "192.0.2.1", NULL),
	    RULE_WANTS_NAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_known_by_its_first_word),
		cmocka_unit_test(a_user_is_a_basic_regex_up_to_the_next_blank),
		cmocka_unit_test(a_comment_may_stand_behind_a_rule),
		cmocka_unit_test(a_limit_has_two_numbers_or_none),
		cmocka_unit_test(a_mistake_is_named_and_the_kind_is_told),
		cmocka_unit_test(a_regex_costs_its_length_times_its_counts),
		cmocka_unit_test(parts_beyond_their_length_are_mistakes),
		cmocka_unit_test(no_line_is_read_beyond_its_end),
		cmocka_unit_test(a_regex_meets_any_part_of_a_name),
		cmocka_unit_test(names_of_any_bytes_are_compared),
		cmocka_unit_test(a_net_meets_the_addresses_that_it_begins),
		cmocka_unit_test(any_and_no_net_are_every_host),
		cmocka_unit_test(a_name_counts_in_whatever_case_and_whole),
		cmocka_unit_test(what_depends_on_a_name_waits_for_it),
		cmocka_unit_test(
		    a_host_without_a_name_is_denied_by_name_and_never_allowed),
		cmocka_unit_test(loopback_is_called_localhost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
