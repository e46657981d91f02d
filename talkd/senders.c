/*
 * senders - who may use which name.
 */
#include "senders.h"

#include <netinet/in.h>

#include <string.h>

static bool
is_known(
    const struct sender *known, uint64_t socket, const char *name, int64_t now)
{
	return socket != 0 && known->socket == socket && now < known->until &&
	    strcmp(known->name, name) == 0;
}

/* In the place of another socket, or of the name that it used before. */
static void
remember(struct sender *known, uint64_t socket, const char *name, int64_t now)
{
	size_t size = strlen(name) + 1;

	if (socket == 0 || size > sizeof(known->name))
		return;
	known->socket = socket;
	memcpy(known->name, name, size);
	known->until = now + SENDERS_KEPT_MS;
}

bool
senders_may_use(struct senders *senders, const struct address *source,
    const struct address *local, const char *name, int64_t now)
{
	uint64_t socket = owner_socket(&senders->asking, source, local);
	struct sender *known = &senders->known[socket % SENDERS_MAX];
	struct owner owner;

	if (is_known(known, socket, name, now))
		return true;
	owner = owner_find(IPPROTO_UDP, source, local);
	if (!owner_may_use(&owner, name))
		return false;
	remember(known, socket, name, now);
	return true;
}

void
senders_end(struct senders *senders)
{
	owner_end(&senders->asking);
	*senders = (struct senders){ 0 };
}
