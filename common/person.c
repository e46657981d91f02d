/*
 * person - who is meant: user@host, host!user, host:user, and a terminal.
 */
#include "person.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

static const char terminal_marks[] = "%#";
static const char terminal_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "abcdefghijklmnopqrstuvwxyz"
					  "0123456789/._-";

/* Graphic ASCII that is in no host's name; beyond ASCII, others may judge. */
static const char host_strangers[] = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~";

/* A part of a text, not ended by NUL. */
struct part {
	const char *start;
	size_t len;
};

static struct part
part_head(struct part part, size_t len)
{
	return (struct part){ part.start, len };
}

/* What is left behind the first len characters. */
static struct part
part_tail(struct part part, size_t len)
{
	return (struct part){ part.start + len, part.len - len };
}

/* How many characters stand before the first of these marks. */
static size_t
part_span(struct part part, const char *marks)
{
	size_t i;

	for (i = 0; i < part.len; i++)
		if (strchr(marks, part.start[i]) != NULL)
			break;
	return i;
}

/* Copies a part as a text; false when it does not fit. */
static bool
part_copy(char *text, size_t size, struct part part)
{
	if (part.len >= size)
		return false;
	memcpy(text, part.start, part.len);
	text[part.len] = '\0';
	return true;
}

/* No blanks and no control characters; what is beyond ASCII may be graphic. */
static bool
is_graphic(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

bool
person_terminal_ok(const char *terminal)
{
	size_t len = strlen(terminal);

	return len > 0 && len < PERSON_TERMINAL_SIZE &&
	    strspn(terminal, terminal_characters) == len &&
	    terminal[0] != '/' && terminal[len - 1] != '/' &&
	    strstr(terminal, "//") == NULL && strstr(terminal, "..") == NULL;
}

const char *
person_set_terminal(struct person *person, const char *terminal)
{
	static const char dev[] = "/dev/";

	if (person->terminal[0] != '\0')
		return "two terminals are named";
	if (strncmp(terminal, dev, strlen(dev)) == 0)
		terminal += strlen(dev);
	if (strlen(terminal) == 0)
		return "no terminal is named";
	if (!person_terminal_ok(terminal))
		return "not the name of a terminal";
	snprintf(person->terminal, sizeof(person->terminal), "%s", terminal);
	return NULL;
}

const char *
person_set_recipient_terminal(struct person *person, const char *terminal)
{
	if (strcmp(terminal, "*") != 0 || person->terminal[0] != '\0')
		return person_set_terminal(person, terminal);
	snprintf(person->terminal, sizeof(person->terminal), "*");
	return NULL;
}

/* Reads what stands behind a user or a host: nothing, or a mark and a name. */
static const char *
read_terminal(struct part part, struct person *person)
{
	char terminal[sizeof("/dev/") + PERSON_TERMINAL_SIZE];

	if (part.len == 0)
		return NULL;
	if (!part_copy(terminal, sizeof(terminal), part_tail(part, 1)))
		return "not the name of a terminal";
	return person_set_terminal(person, terminal);
}

static const char *
read_user(struct part part, struct person *person)
{
	size_t len = part_span(part, terminal_marks);
	struct part user = part_head(part, len);

	if (len == 0)
		return "no user is named";
	if (part_span(user, "[]") < len)
		return "brackets are for IPv6 addresses only";
	if (!part_copy(person->user, sizeof(person->user), user))
		return "the user's name is too long";
	return read_terminal(part_tail(part, len), person);
}

/* How much of host, host%terminal or IPv6%zone%terminal is the host. */
static size_t
host_len(struct part part)
{
	size_t len = part_span(part, terminal_marks);
	bool has_colon = part_span(part, ":") < len;

	if (part.start[0] == '[') {
		len = part_span(part, "]");
		return len < part.len ? len + 1 : len;
	}
	if (has_colon && len < part.len && part.start[len] == '%')
		len += 1 + part_span(part_tail(part, len + 1), terminal_marks);
	return len;
}

/* An IPv6 address, perhaps with its %zone (RFC 4007). */
static bool
is_ipv6(const char *text)
{
	struct part whole = { text, strlen(text) };
	size_t len = part_span(whole, "%");
	const char *zone = text + len + 1;
	char number[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (!part_copy(number, sizeof(number), part_head(whole, len)) ||
	    inet_pton(AF_INET6, number, &address) != 1)
		return false;
	return len == whole.len ||
	    (zone[0] != '\0' && strlen(zone) < IF_NAMESIZE &&
		strpbrk(zone, host_strangers) == NULL);
}

/* Reads [IPv6], or what needs no brackets. */
static const char *
set_host(struct person *person, struct part part)
{
	bool bracketed = part.len > 0 && part.start[0] == '[';

	if (bracketed) {
		if (part.start[part.len - 1] != ']')
			return "a bracket is not closed";
		part = part_tail(part_head(part, part.len - 1), 1);
	}
	if (part.len == 0)
		return "no host is named";
	if (!part_copy(person->host, sizeof(person->host), part))
		return "the host's name is too long";
	if (bracketed || strchr(person->host, ':') != NULL)
		return is_ipv6(person->host) ? NULL : "not an IPv6 address";
	if (strpbrk(person->host, host_strangers) != NULL)
		return "not the name of a host";
	return NULL;
}

static const char *
read_host(struct part part, struct person *person)
{
	size_t len = host_len(part);
	const char *problem = set_host(person, part_head(part, len));

	if (problem != NULL)
		return problem;
	if (len < part.len && strchr(terminal_marks, part.start[len]) == NULL)
		return "only a terminal may stand behind a bracket";
	return read_terminal(part_tail(part, len), person);
}

/* Where a host in front of its user ends, or NULL. */
static const char *
leading_host_end(const char *text)
{
	const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *mark;

	if (bracket != NULL)
		return strpbrk(bracket, "!:");
	mark = strchr(text, '!');
	return mark != NULL ? mark : strchr(text, ':');
}

/* Reads one of the forms; the marks that part them are looked for in turn. */
static const char *
read_person(const char *text, struct person *person)
{
	struct part whole = { text, strlen(text) };
	struct part user = whole;
	struct part host = { NULL, 0 };
	const char *mark = strrchr(text, '@');
	const char *problem;

	if (mark != NULL) {
		user = part_head(whole, (size_t)(mark - text));
		host = part_tail(whole, (size_t)(mark - text) + 1);
	} else if ((mark = leading_host_end(text)) != NULL) {
		host = part_head(whole, (size_t)(mark - text));
		user = part_tail(whole, (size_t)(mark - text) + 1);
		if (*mark == ':' && strchr(mark + 1, ':') != NULL)
			return "an IPv6 address before a colon needs brackets";
	}
	problem = read_user(user, person);
	if (problem == NULL && mark != NULL)
		problem = read_host(host, person);
	return problem;
}

/* Reads @host or @, which names nobody in particular, or else a person. */
static const char *
read_recipient(const char *text, struct person *person)
{
	const char *mark = strrchr(text, '@');
	struct part host;

	if (mark != text)
		return read_person(text, person);
	host = (struct part){ text + 1, strlen(text + 1) };
	return host.len == 0 ? NULL : read_host(host, person);
}

static const char *
parse(const char *text, struct person *person,
    const char *(*read)(const char *text, struct person *person))
{
	const char *problem;

	*person = (struct person){ 0 };
	problem = is_graphic(text) ? read(text, person)
				   : "a blank or control character is in it";
	if (problem != NULL)
		*person = (struct person){ 0 };
	return problem;
}

const char *
person_parse(const char *text, struct person *person)
{
	return parse(text, person, read_person);
}

const char *
person_parse_recipient(const char *text, struct person *person)
{
	return parse(text, person, read_recipient);
}

void
person_format(const struct person *person, char *text, size_t size)
{
	bool bracketed = strchr(person->host, ':') != NULL;
	bool whole = person->user[0] != '\0' && person->host[0] == '\0';

	snprintf(text, size, "%s%s%s%s%s", person->user, whole ? "" : "@",
	    bracketed ? "[" : "", person->host, bracketed ? "]" : "");
}
