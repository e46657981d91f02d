/*
 * here - which addresses are this host's, and which are those of many.
 */
#include "here.h"

#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static bool
can_bind(const struct address *at)
{
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(at, &name);
	int fd = socket(name.ss_family, SOCK_DGRAM, 0);
	bool bound;

	if (fd == -1)
		return false;
	bound = bind(fd, (struct sockaddr *)&name, len) == 0;
	close(fd);
	return bound;
}

/* fe80::/10 (RFC 4291). */
static bool
is_link_local(const struct address *a)
{
	return a->family == 6 && a->bytes[0] == 0xfe &&
	    (a->bytes[1] & 0xc0) == 0x80;
}

/* One can be bound with the zone of its own link only. */
static bool
is_on_some_link(const struct address *host)
{
	struct if_nameindex *links = if_nameindex();
	struct address at = *host;
	bool found = false;
	size_t i;

	if (links == NULL)
		return false;
	for (i = 0; links[i].if_index != 0 && !found; i++) {
		at.scope = links[i].if_index;
		found = can_bind(&at);
	}
	if_freenameindex(links);
	return found;
}

/*
 * Whether it is a broadcast: connect(2) refuses one to those who did not ask
 * for it by SO_BROADCAST.
 */
static bool
is_broadcast(struct in_addr host)
{
	struct sockaddr_in in = { 0 };
	bool is_refused;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd == -1)
		return false;
	in.sin_family = AF_INET;
	in.sin_addr = host;
	in.sin_port = htons(1);
	is_refused = connect(fd, (struct sockaddr *)&in, sizeof(in)) != 0 &&
	    errno == EACCES;
	close(fd);
	return is_refused;
}

bool
here_is_many(const struct address *host)
{
	struct in_addr in;

	if (host->family == 6)
		return host->bytes[0] == 0xff; /* ff00::/8 (RFC 4291) */
	memcpy(&in, host->bytes, sizeof(in));
	return IN_MULTICAST(ntohl(in.s_addr)) ||
	    in.s_addr == htonl(INADDR_BROADCAST) || is_broadcast(in);
}

bool
here_has(const struct address *host)
{
	struct address at = *host;

	at.port = 0;
	if (at.family == 0 || address_is_any(&at) || here_is_many(&at))
		return false;
	if (at.scope == 0 && is_link_local(&at))
		return is_on_some_link(&at);
	return can_bind(&at);
}
