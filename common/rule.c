/*
 * rule - a line that says who may call or write to whom.
 */
#include "rule.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <regex.h>
#include <string.h>

#include "msp.h"

enum {
	NET_SIZE = 254, /* of one word: a name of RFC 1035, and a NUL */
	LABEL_MAX = 63, /* likewise */
	IPV4_BITS = 32,
	IPV6_BITS = 128,
	MAPPED_BITS = 96, /* before the IPv4 address that is mapped into IPv6 */
};

struct word {
	const char *start;
	size_t len; /* 0: there is none */
};

enum net_kind {
	NET_ANY,
	NET_NUMBERS,
	NET_NAME,
};

struct net {
	enum net_kind kind;
	struct address address;
	unsigned bits;	     /* of the address that count */
	char name[NET_SIZE]; /* NET_NAME */
};

/* --------------------------------------------------------------- words --- */

/* A CR before the newline is one of these, too. */
static const char blanks[] = " \t\r\n\v\f";

/* Takes the next word off the rest of a line. */
static struct word
take_word(const char **rest)
{
	struct word word;

	word.start = *rest + strspn(*rest, blanks);
	word.len = *word.start == '#' ? 0 : strcspn(word.start, blanks);
	*rest = word.start + word.len;
	return word;
}

static bool
is_word(struct word word, const char *text)
{
	return word.len == strlen(text) &&
	    strncmp(word.start, text, word.len) == 0;
}

/* Puts a word as a string; false when it has no room. */
static bool
copy_word(struct word word, char *text, size_t size)
{
	if (word.len >= size)
		return false;
	memcpy(text, word.start, word.len);
	text[word.len] = '\0';
	return true;
}

/* Reads a decimal number of at least one digit, and nothing else. */
static bool
read_number(const char *digits, size_t len, uint32_t max, uint32_t *number)
{
	size_t i;

	*number = 0;
	for (i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		*number = *number * 10 + (uint32_t)(digits[i] - '0');
		if (*number > max)
			return false;
	}
	return len > 0;
}

/* --------------------------------------------------------------- users --- */

/* The greatest count in the \{m\}, \{m,\} or \{m,n\} whose inside this is. */
static uint32_t
greatest_count(const char *inside)
{
	uint32_t count = 0, greatest = 1;

	for (; *inside == ',' || (*inside >= '0' && *inside <= '9'); inside++) {
		count = *inside == ',' ? 0
				       : count * 10 + (uint32_t)(*inside - '0');
		if (count > RULE_COST_MAX)
			return RULE_COST_MAX;
		if (count > greatest)
			greatest = count;
	}
	return greatest;
}

/*
 * Finds what a regex costs, and refuses what can cost memory and time beyond
 * any measure: users write them, and a daemon that serves all matches them.
 */
static const char *
check_cost(const char *regex, uint32_t *cost)
{
	*cost = (uint32_t)strlen(regex);
	for (; (regex = strchr(regex, '\\')) != NULL && regex[1] != '\0';
	     regex += 2) {
		if (regex[1] >= '1' && regex[1] <= '9')
			return "a back-reference in the user's regex";
		if (regex[1] == '{')
			*cost *= greatest_count(regex + 2);
		if (*cost > RULE_COST_MAX)
			return "too many repetitions in the user's regex";
	}
	return NULL;
}

/* As regcomp. */
static int
compile(struct word word, regex_t *compiled)
{
	char regex[RULE_USER_MAX + 1];

	if (!copy_word(word, regex, sizeof(regex)))
		return REG_BADPAT;
	return regcomp(compiled, regex, REG_NOSUB);
}

static const char *
check_user(struct word word, uint32_t *cost)
{
	char regex[RULE_USER_MAX + 1];
	const char *mistake;
	regex_t compiled;
	int error;

	if (word.len == 0)
		return "no user's name";
	if (!copy_word(word, regex, sizeof(regex)))
		return "the user's regex is too long";
	mistake = check_cost(regex, cost);
	if (mistake != NULL)
		return mistake;
	/* One that memory is short for now is judged once it is to match. */
	error = compile(word, &compiled);
	if (error == 0)
		regfree(&compiled);
	return error == 0 || error == REG_ESPACE
	    ? NULL
	    : "the user's name is no basic regular expression";
}

bool
rule_meets_user(const struct rule *rule, const char *user)
{
	const struct word word = { rule->user, rule->user_len };
	regex_t compiled;
	bool meets;

	/*
	 * Compiled each time: what the library adds to a regex as it matches
	 * would grow, for as long as one is kept, as whoever wrote it likes.
	 */
	if (compile(word, &compiled) != 0)
		return rule->kind == RULE_DENY;
	meets = regexec(&compiled, user, 0, NULL, 0) == 0;
	regfree(&compiled);
	return meets;
}

/* ---------------------------------------------------------------- nets --- */

static bool
read_address(const char *text, struct address *address)
{
	*address = (struct address){ 0 };
	if (inet_pton(AF_INET, text, address->bytes) == 1)
		address->family = 4;
	else if (inet_pton(AF_INET6, text, address->bytes) == 1)
		address->family = 6;
	return address->family != 0;
}

/* Reads 255.255.0.0 and the like; false when its ones are not all in front. */
static bool
read_mask(const char *text, unsigned *bits)
{
	uint8_t bytes[4];
	uint32_t mask;

	if (inet_pton(AF_INET, text, bytes) != 1)
		return false;
	mask = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | bytes[3];
	for (*bits = 0; (mask & UINT32_C(1) << 31) != 0; mask <<= 1)
		++*bits;
	return mask == 0;
}

/* Reads what is behind the slash. */
static const char *
read_bits(const char *text, struct net *net)
{
	uint32_t bits;

	if (read_number(text, strlen(text), net->bits, &bits)) {
		net->bits = bits;
		return NULL;
	}
	if (net->address.family == 4 && read_mask(text, &net->bits))
		return NULL;
	return "neither a number of bits nor a mask behind the slash";
}

/* What is mapped into IPv6 is IPv4's, as the addresses of requests are. */
static void
unmap(struct net *net)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (net->address.family != 6 || net->bits < MAPPED_BITS ||
	    memcmp(net->address.bytes, mapped, sizeof(mapped)) != 0)
		return;
	net->address.family = 4;
	memmove(net->address.bytes, net->address.bytes + sizeof(mapped), 4);
	net->bits -= MAPPED_BITS;
}

static const char *
read_numbers(char *text, struct net *net)
{
	char *slash = strchr(text, '/');
	const char *mistake = NULL;

	net->kind = NET_NUMBERS;
	if (slash != NULL)
		*slash = '\0';
	if (!read_address(text, &net->address))
		return "a net that is no address";
	net->bits = net->address.family == 4 ? IPV4_BITS : IPV6_BITS;
	if (slash != NULL)
		mistake = read_bits(slash + 1, net);
	if (mistake == NULL)
		unmap(net);
	return mistake;
}

/*
 * Letters, digits and hyphens between single dots (RFC 952, RFC 1123); what has
 * digits alone behind its last dot was to be an address.
 */
static bool
is_host_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "-0123456789";
	static const char *const digits = letters + sizeof(letters) - 11;
	size_t len;

	for (;; name += len + 1) {
		len = strspn(name, letters);
		if (len == 0 || len > LABEL_MAX || *name == '-')
			return false;
		if (name[len] != '.')
			break;
	}
	return name[len] == '\0' && strspn(name, digits) < len;
}

static const char *
read_net(struct word word, struct net *net)
{
	*net = (struct net){ 0 };
	if (is_word(word, "any"))
		return NULL;
	if (!copy_word(word, net->name, sizeof(net->name)))
		return "a host's name that is too long";
	if (strpbrk(net->name, "/:") != NULL ||
	    read_address(net->name, &net->address))
		return read_numbers(net->name, net);
	net->kind = NET_NAME;
	return is_host_name(net->name)
	    ? NULL
	    : "a net that is neither an address nor a host's name";
}

static const char *
check_nets(const char *nets)
{
	const char *mistake = NULL;
	struct word word;
	struct net net;

	while (mistake == NULL && (word = take_word(&nets)).len > 0)
		mistake = read_net(word, &net);
	return mistake;
}

static enum rule_match
match_name(const struct rule *rule, const struct net *net,
    const struct address *host, const char *name)
{
	if (address_is_loopback(host))
		name = "localhost";
	if (name == NULL)
		return RULE_WANTS_NAME;
	if (name[0] == '\0')
		return rule->kind == RULE_DENY ? RULE_MEETS : RULE_MISSES;
	return msp_same(net->name, name) ? RULE_MEETS : RULE_MISSES;
}

static enum rule_match
match_net(const struct rule *rule, const struct net *net,
    const struct address *host, const char *name)
{
	switch (net->kind) {
	case NET_NUMBERS:
		return address_is_within(host, &net->address, net->bits)
		    ? RULE_MEETS
		    : RULE_MISSES;
	case NET_NAME:
		return match_name(rule, net, host, name);
	default:
		return RULE_MEETS;
	}
}

enum rule_match
rule_meets_host(
    const struct rule *rule, const struct address *host, const char *name)
{
	const char *nets = rule->nets;
	struct word word = take_word(&nets);
	enum rule_match match, best = RULE_MISSES;
	struct net net;

	if (word.len == 0)
		return RULE_MEETS;
	for (; word.len > 0 && best != RULE_MEETS; word = take_word(&nets)) {
		(void)read_net(word, &net);
		match = match_net(rule, &net, host, name);
		if (match != RULE_MISSES)
			best = match;
	}
	return best;
}

/* --------------------------------------------------------------- lines --- */

static enum rule_kind
kind_of(struct word word)
{
	if (word.len == 0)
		return RULE_NONE;
	if (is_word(word, "allow"))
		return RULE_ALLOW;
	if (is_word(word, "deny"))
		return RULE_DENY;
	return is_word(word, "limit") ? RULE_LIMIT : RULE_OTHER;
}

static const char *
parse_permission(const char *rest, struct rule *rule)
{
	struct word user = take_word(&rest);
	const char *mistake = check_user(user, &rule->cost);

	rule->user = user.start;
	rule->user_len = user.len;
	rule->nets = rest;
	return mistake != NULL ? mistake : check_nets(rest);
}

static const char *
parse_limit(const char *rest, struct rule *rule)
{
	struct word subject = take_word(&rest);
	struct word at_once = take_word(&rest);
	struct word per_second;

	if (is_word(subject, "rings"))
		rule->subject = RULE_RINGS;
	else if (is_word(subject, "messages"))
		rule->subject = RULE_MESSAGES;
	else
		return "a limit of neither rings nor messages";
	if (!is_word(at_once, "none")) {
		per_second = take_word(&rest);
		if (!read_number(at_once.start, at_once.len, RULE_LIMIT_MAX,
			&rule->at_once) ||
		    rule->at_once == 0 ||
		    !read_number(per_second.start, per_second.len,
			RULE_LIMIT_MAX, &rule->per_second))
			return "a limit is how many at once, and how many a "
			       "second, or none";
	}
	return take_word(&rest).len == 0 ? NULL
					 : "more than a limit has to say";
}

const char *
rule_parse(const char *line, struct rule *rule)
{
	*rule = (struct rule){ .kind = kind_of(take_word(&line)) };
	switch (rule->kind) {
	case RULE_ALLOW:
	case RULE_DENY:
		return parse_permission(line, rule);
	case RULE_LIMIT:
		return parse_limit(line, rule);
	default:
		return NULL;
	}
}
