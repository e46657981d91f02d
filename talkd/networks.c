/*
 * networks - which hosts are near.
 *
 * getifaddrs is beyond POSIX, but Linux and the BSDs have it.
 */
#include "common/system.h"

#include "networks.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <netinet/in.h>

#include <ifaddrs.h>
#include <net/if.h>

static bool
is_in(const struct network *list, size_t count, const struct address *host)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (address_is_within(host, &list[i].address, list[i].bits))
			return true;
	return false;
}

bool
networks_is_private(const struct address *host)
{
	static const struct network private[] = {
		{ { 4, { 127 }, 0, 0 }, 8 },
		{ { 4, { 10 }, 0, 0 }, 8 },
		{ { 4, { 172, 16 }, 0, 0 }, 12 },
		{ { 4, { 192, 168 }, 0, 0 }, 16 },
		{ { 4, { 169, 254 }, 0, 0 }, 16 },
		{ { 6, { [15] = 1 }, 0, 0 }, 128 },
		{ { 6, { 0xfe, 0x80 }, 0, 0 }, 10 },
		{ { 6, { 0xfc }, 0, 0 }, 7 },
	};
	return is_in(private, sizeof(private) / sizeof(private[0]), host);
}

/* How many ones a mask begins with. */
static unsigned
count_bits(const struct address *mask)
{
	unsigned bits = 0, most = mask->family == 4 ? 32 : 128;

	while (
	    bits < most && (mask->bytes[bits / 8] & (0x80U >> bits % 8)) != 0)
		bits++;
	return bits;
}

static bool
read_address(struct address *address, const struct sockaddr *from)
{
	if (from == NULL)
		return false;
	return address_from_sockaddr(address, from,
	    from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					: sizeof(struct sockaddr_in));
}

/* A network of no bits would be the internet. */
static bool
read_network(struct network *network, const struct ifaddrs *interface)
{
	struct address mask;

	if ((interface->ifa_flags & IFF_UP) == 0 ||
	    !read_address(&network->address, interface->ifa_addr) ||
	    !read_address(&mask, interface->ifa_netmask) ||
	    mask.family != network->address.family)
		return false;
	network->bits = count_bits(&mask);
	return network->bits > 0;
}

/* Where that fails, this host is attached to none that it knows of. */
static void
look(struct networks *networks)
{
	struct ifaddrs *interfaces, *next;

	networks->count = 0;
	if (getifaddrs(&interfaces) != 0)
		return;
	for (next = interfaces; next != NULL && networks->count < NETWORKS_MAX;
	     next = next->ifa_next)
		if (read_network(&networks->list[networks->count], next))
			networks->count++;
	freeifaddrs(interfaces);
}

bool
networks_is_attached(
    struct networks *networks, const struct address *host, int64_t now)
{
	if (now >= networks->until) {
		look(networks);
		networks->until = now + NETWORKS_KEPT;
	}
	return is_in(networks->list, networks->count, host);
}
