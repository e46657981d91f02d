/*
 * party - whether the other end of a stream is held by the user who should be
 * there.
 */
#include "party.h"

#include <netinet/in.h>

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "common/person.h"
#include "common/text.h"

struct owner
party_find(struct owner (*find)(int protocol, const struct address *source,
	       const struct address *local),
    const struct address *peer, const struct address *own, bool connected)
{
	struct owner owner = { .telling = OWNER_UNTOLD };

	if (find == NULL || !owner_is_here(peer, own))
		return owner;
	owner = find(IPPROTO_TCP, peer, own);
	if (owner.telling != OWNER_UNSURE || !connected)
		return owner;
	owner = find(IPPROTO_TCP, peer, NULL);
	/* A talk that has accepted one listens no more. */
	if (owner.telling == OWNER_UNSURE)
		owner = find(IPPROTO_TCP, peer, own);
	return owner;
}

void
party_refuse(
    const struct owner *owner, const char *user, char *words, size_t size)
{
	const struct passwd *entry = NULL;
	char name[PERSON_USER_SIZE];

	text_name(name, sizeof(name), user, strlen(user));
	if (owner->telling == OWNER_TOLD)
		entry = getpwuid(owner->uid);
	if (entry != NULL)
		snprintf(words, size, "Turned away %s, who is not %s",
		    entry->pw_name, name);
	else
		snprintf(words, size, "Turned away one who is not %s", name);
}
