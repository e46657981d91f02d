/*
 * inside_hosts - the hosts that the daemon inside knows: what they are called,
 * which of them is its own, and whose the sockets there are.
 */
#include <sys/types.h>

#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "common/msp.h"
#include "common/ntalk.h"
#include "fuzz.h"
#include "inside_parts.h"
#include "talkd/names.h"
#include "common/owner.h"
#include "talkd/utmp.h"

struct host {
	struct address at;
	bool is_here;
	const char *name; /* NULL: it has none */
};

/* Each has a name of its own, so that what is shown tells which it was. */
static const struct host hosts[INSIDE_HOSTS] = {
	{ { 4, { 127, 0, 0, 1 }, 0, 0 }, true, "localhost" },
	{ { 4, { 10, 0, 0, 1 }, 0, 0 }, true, "h1" },
	{ { 4, { 10, 0, 0, 2 }, 0, 0 }, false, "h2" },
	{ { 4, { 10, 0, 0, 3 }, 0, 0 }, false, "h3.lan" },
	{ { 4, { 192, 168, 7, 9 }, 0, 0 }, false, NULL },
	{ { 4, { 8, 8, 8, 8 }, 0, 0 }, false, "far.example.org" },
	{ { 6, { [15] = 1 }, 0, 0 }, true, "localhost6" },
	{ { 6, { 0xfd, [15] = 1 }, 0, 0 }, true, "h1-6" },
	{ { 6, { 0xfd, [15] = 2 }, 0, 0 }, false, "h2-6" },
	{ { 6, { 0xfe, 0x80, [15] = 2 }, 0, 3 }, false, NULL },
	{ { 4, { 127, 0, 1, 1 }, 0, 0 }, true, NULL },
	{ { 4, { 10, 1, 2, 3 }, 0, 0 }, false,
	    "a-host-with-a-name-that-is-as-long-as-names-of-hosts-may-well-be."
	    "in-a-domain-of-its-own.somewhere-behind-the-woods.example.org" },
};

enum knowledge { UNKNOWN, ASKED, TOLD, KNOWN };

/* What the resolver is at, host by host: for all, as there is but one world. */
static struct names {
	enum knowledge of[INSIDE_HOSTS];
} the_names;

void
inside_hosts_begin(void)
{
	memset(&the_names, 0, sizeof(the_names));
}

struct address
inside_host(unsigned which, uint16_t port)
{
	struct address at = hosts[which % INSIDE_HOSTS].at;

	at.port = port;
	return at;
}

unsigned
inside_which_host(const struct address *host)
{
	unsigned i = 0;

	while (i < INSIDE_HOSTS && !address_same_host(&hosts[i].at, host))
		i++;
	return i;
}

unsigned
inside_host_called(const char *name)
{
	char number[ADDRESS_TEXT_SIZE];
	unsigned i;

	for (i = 0; i < INSIDE_HOSTS; i++) {
		address_format(&hosts[i].at, number, sizeof(number));
		if (strcmp(number, name) == 0 ||
		    (hosts[i].name != NULL && strcmp(hosts[i].name, name) == 0))
			break;
	}
	return i;
}

bool
inside_is_here(const struct address *host)
{
	unsigned which = inside_which_host(host);

	return which < INSIDE_HOSTS && hosts[which].is_here;
}

struct address
inside_local(unsigned which)
{
	const struct host *from = &hosts[which % INSIDE_HOSTS];

	if (address_is_loopback(&from->at))
		return from->at;
	return hosts[from->at.family == 4 ? 1 : 7].at;
}

/* --------------------------------------------------------------- names --- */

bool
names_resolve(const struct address *host, char name[PERSON_HOST_SIZE])
{
	(void)host;
	(void)name;
	fuzz_fail(__FILE__, __LINE__, "nobody resolves a name here");
}

struct names *
names_new(names_resolver *resolver)
{
	fuzz_expect(resolver == names_resolve);
	return &the_names;
}

void
names_free(struct names *names)
{
	fuzz_expect(names == &the_names);
}

int
names_fd(const struct names *names)
{
	fuzz_expect(names == &the_names);
	return FD_NAMES;
}

bool
inside_names_ready(void)
{
	unsigned i = 0;

	while (i < INSIDE_HOSTS && the_names.of[i] != TOLD)
		i++;
	return i < INSIDE_HOSTS;
}

void
inside_tell_names(unsigned count)
{
	unsigned i;

	for (i = 0; i < INSIDE_HOSTS && count > 0; i++)
		if (the_names.of[i] == ASKED) {
			the_names.of[i] = TOLD;
			count--;
		}
}

void
inside_forget_names(void)
{
	unsigned i;

	for (i = 0; i < INSIDE_HOSTS; i++)
		if (the_names.of[i] == KNOWN)
			the_names.of[i] = UNKNOWN;
}

void
names_collect(struct names *names, int64_t now)
{
	unsigned i;

	fuzz_expect(names == &the_names && now == inside_now());
	for (i = 0; i < INSIDE_HOSTS; i++)
		if (names->of[i] == TOLD)
			names->of[i] = KNOWN;
}

const char *
names_known(struct names *names, const struct address *host, int64_t now)
{
	unsigned which = inside_which_host(host);

	fuzz_expect(names == &the_names && now == inside_now());
	fuzz_expect(which < INSIDE_HOSTS);
	if (names->of[which] == UNKNOWN && !address_is_loopback(host))
		names->of[which] = ASKED;
	if (names->of[which] != KNOWN && !address_is_loopback(host))
		return NULL;
	return hosts[which].name != NULL ? hosts[which].name : "";
}

bool
names_find(struct names *names, const struct address *host, int64_t now,
    char name[PERSON_HOST_SIZE])
{
	const char *known = names_known(names, host, now);

	address_format(host, name, PERSON_HOST_SIZE);
	if (known != NULL && known[0] != '\0')
		snprintf(name, PERSON_HOST_SIZE, "%s", known);
	return known != NULL;
}

/* -------------------------------------------------------------- owners --- */

/* A port tells who has it. */
static struct owner
owner_of(uint16_t port)
{
	switch (port % 8) {
	case 0:
		return (struct owner){ OWNER_TOLD, 0 };
	case 6:
		return (struct owner){ .telling = OWNER_UNSURE };
	case 7:
		return (struct owner){ .telling = OWNER_UNTOLD };
	default:
		return (struct owner){ OWNER_TOLD, 1000U + port % 8 };
	}
}

struct owner
owner_find(
    int protocol, const struct address *source, const struct address *local)
{
	(void)protocol;
	(void)local;
	fuzz_expect(inside_is_here(source));
	return owner_of(source->port);
}

/* A name that has room for 11 characters only. */
static bool
is_cut(const char *name, const char *full)
{
	size_t len = strlen(name);

	return len >= NTALK_NAME_SIZE - 1 && len <= NTALK_NAME_SIZE &&
	    strncmp(name, full, len) == 0;
}

bool
owner_may_use(const struct owner *owner, const char *name)
{
	const char *own;

	if (owner->telling != OWNER_TOLD || owner->uid == 0)
		return owner->telling != OWNER_UNSURE;
	own = inside_user(owner->uid - 1000);
	return msp_same(name, own) || is_cut(name, own);
}

bool
inside_may_use(const struct address *source, const char *name)
{
	const struct owner owner = owner_of(source->port);

	return owner_may_use(&owner, name);
}

/* There is one at each port, as long as the daemon runs. */
uint64_t
owner_socket(struct owner_asking *asking, const struct address *source,
    const struct address *local)
{
	(void)asking;
	(void)local;
	fuzz_expect(inside_is_here(source));
	return owner_of(source->port).telling == OWNER_TOLD
	    ? (uint64_t)source->port + 1
	    : 0;
}

void
owner_end(struct owner_asking *asking)
{
	(void)asking;
}

bool
owner_has_twin(uint16_t port)
{
	return port % 2 == 0;
}

bool
owner_is_here(const struct address *host, const struct address *local)
{
	(void)local;
	return inside_is_here(host);
}

/* utmp names a terminal that no directory shows, and some that are none. */
void
utmp_list(bool (*take)(void *what, const char *name), void *what)
{
	static const char *const lines[] = { "pts/0", ":0", "seat0", "console",
		"vc/1", "../etc/passwd", "pts/../tty1", "tty" };
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!take(what, lines[i]))
			return;
}
