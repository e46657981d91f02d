/*
 * broadcast - a letter to whoever it may concern on the local networks.
 */
#include "common/system.h"

#include "broadcast.h"

#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <ifaddrs.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

/* ------------------------------------------------------------ networks --- */

static bool
knows_broadcasts(const struct ifaddrs *interface)
{
	return interface->ifa_addr != NULL && interface->ifa_netmask != NULL &&
	    interface->ifa_addr->sa_family == AF_INET &&
	    (interface->ifa_flags & IFF_UP) != 0 &&
	    (interface->ifa_flags & (IFF_LOOPBACK | IFF_BROADCAST)) != 0;
}

/*
 * All ones behind the network's part (RFC 919), which holds also where nobody
 * has set the interface's broadcast address.
 */
static struct address
everyone_on(const struct address *own, const uint8_t mask[4])
{
	struct address everyone = *own;
	size_t i;

	for (i = 0; i < 4; i++)
		everyone.bytes[i] |= (uint8_t)~mask[i];
	return everyone;
}

static struct network
network_of(const struct ifaddrs *interface, uint16_t port)
{
	struct network network;
	struct sockaddr_in mask;

	memcpy(&mask, interface->ifa_netmask, sizeof(mask));
	(void)address_from_sockaddr(
	    &network.own, interface->ifa_addr, sizeof(struct sockaddr_in));
	network.everyone = address_is_loopback(&network.own)
	    ? network.own
	    : everyone_on(&network.own, (const uint8_t *)&mask.sin_addr);
	network.everyone.port = port;
	return network;
}

/* An interface with two addresses may be on one network all the same. */
static bool
is_known(const struct network *network, const struct network *known, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (address_same_host(&network->everyone, &known[i].everyone))
			return true;
	return false;
}

int
broadcast_networks(uint16_t port, struct network *networks, int max)
{
	struct ifaddrs *interfaces, *interface;
	int count = 0;

	if (getifaddrs(&interfaces) != 0)
		return -1;
	for (interface = interfaces; interface != NULL && count < max;
	     interface = interface->ifa_next) {
		if (!knows_broadcasts(interface))
			continue;
		networks[count] = network_of(interface, port);
		if (!is_known(&networks[count], networks, count))
			count++;
	}
	freeifaddrs(interfaces);
	return count;
}

/* ------------------------------------------------------------- sending --- */

static void
system_fails(struct broadcast *broadcast, int error)
{
	broadcast->error = error;
	broadcast->state = BROADCAST_SYSTEM;
}

/* Sends the request to all networks; true when one took it. */
static bool
send_everywhere(const struct broadcast *broadcast)
{
	struct sockaddr_storage ss;
	bool sent = false;
	socklen_t len;
	int i;

	for (i = 0; i < broadcast->network_count; i++) {
		len = address_to_sockaddr(
		    &broadcast->networks[i].everyone, &ss);
		if (sendto(broadcast->fd, broadcast->request, broadcast->len, 0,
			(struct sockaddr *)&ss, len) >= 0)
			sent = true;
	}
	return sent;
}

/* The next request becomes the present one; false when there is none. */
static bool
take_request(struct broadcast *broadcast)
{
	broadcast->len = letter_next(
	    broadcast->letter, broadcast->request, &broadcast->words);
	if (broadcast->len == 0 && broadcast->words != NULL)
		broadcast->state = BROADCAST_UNWRITABLE;
	return broadcast->len > 0;
}

static void
broadcast_send(struct broadcast *broadcast, int64_t now)
{
	if (!broadcast->again && !take_request(broadcast)) {
		broadcast->next = TURN_NEVER;
		return;
	}
	if (!broadcast->again)
		broadcast->end = now +
		    (broadcast->heard_out ? BROADCAST_PATIENCE_MS
					  : BROADCAST_PACE_MS);
	broadcast->again = !broadcast->again;
	broadcast->next = now + BROADCAST_PACE_MS;
	if (!send_everywhere(broadcast))
		broadcast->state = BROADCAST_UNREACHABLE;
}

/* ------------------------------------------------------------- hearing --- */

/* This host answers from several of its addresses. */
static bool
is_own(const struct broadcast *broadcast, const struct address *host)
{
	int i;

	for (i = 0; i < broadcast->network_count; i++)
		if (address_same_host(host, &broadcast->networks[i].own))
			return true;
	return false;
}

static void
add_host(struct broadcast *broadcast, const struct address *host)
{
	bool own = is_own(broadcast, host);
	int i;

	for (i = 0; i < broadcast->host_count; i++)
		if (address_same_host(host, &broadcast->hosts[i]) ||
		    (own && is_own(broadcast, &broadcast->hosts[i])))
			return;
	if (broadcast->host_count < BROADCAST_HOSTS_MAX)
		broadcast->hosts[broadcast->host_count++] = *host;
}

/* Whether a datagram is an answer of the service's: that it was delivered. */
static bool
is_delivery(const struct broadcast *broadcast, const struct address *from,
    const uint8_t *bytes, size_t len)
{
	struct msp_reply reply;
	size_t used;

	return from->port == broadcast->networks[0].everyone.port &&
	    msp_get_reply(bytes, len, true, &reply, &used) == MSP_WHOLE &&
	    reply.delivered;
}

/* One a turn: there may be no end of them. */
static void
broadcast_hear(struct broadcast *broadcast)
{
	uint8_t bytes[MSP_SIZE];
	struct sockaddr_storage ss;
	socklen_t size = sizeof(ss);
	struct address from;
	ssize_t len = recvfrom(broadcast->fd, bytes, sizeof(bytes), 0,
	    (struct sockaddr *)&ss, &size);

	if (len >= 0 &&
	    address_from_sockaddr(&from, (struct sockaddr *)&ss, size) &&
	    is_delivery(broadcast, &from, bytes, (size_t)len))
		add_host(broadcast, &from);
}

/* ----------------------------------------------------------- broadcast --- */

static int
broadcast_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int on = 1;
	int saved;

	if (fd < 0)
		return -1;
	if (socket_settle(fd) &&
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

void
broadcast_start(struct broadcast *broadcast, struct letter *letter,
    const struct network *networks, int count, int64_t now)
{
	*broadcast = (struct broadcast){
		.state = BROADCAST_UNDER_WAY,
		.letter = letter,
		.networks = networks,
		.network_count = count,
		.heard_out = letter->request.recipient[0] != '\0',
		.fd = broadcast_socket(),
		.next = now,
		.end = TURN_NEVER,
	};
	if (broadcast->fd < 0)
		system_fails(broadcast, errno);
}

void
broadcast_end(struct broadcast *broadcast)
{
	if (broadcast->fd >= 0)
		close(broadcast->fd);
	broadcast->fd = -1;
}

void
broadcast_await(const struct broadcast *broadcast, struct turn *turn)
{
	if (broadcast->state != BROADCAST_UNDER_WAY)
		return;
	turn_want(turn, broadcast->fd, POLLIN);
	turn_by(turn, broadcast->next);
	if (broadcast->next == TURN_NEVER)
		turn_by(turn, broadcast->end);
}

enum broadcast_state
broadcast_turn(struct broadcast *broadcast, int64_t now)
{
	if (broadcast->state != BROADCAST_UNDER_WAY)
		return broadcast->state;
	if (now >= broadcast->next)
		broadcast_send(broadcast, now);
	broadcast_hear(broadcast);
	if (broadcast->state == BROADCAST_UNDER_WAY &&
	    broadcast->next == TURN_NEVER && now >= broadcast->end)
		broadcast->state = BROADCAST_SENT;
	return broadcast->state;
}
