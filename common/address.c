/*
 * address - an internet address with its port, as this project keeps it.
 */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The bytes of family that count; 0 for none. */
static size_t
address_len(const struct address *a)
{
	switch (a->family) {
	case 4:
		return 4;
	case 6:
		return 16;
	default:
		return 0;
	}
}

static void
from_ipv4(struct address *a, const struct sockaddr *sa)
{
	struct sockaddr_in sin;

	memcpy(&sin, sa, sizeof(sin));
	a->family = 4;
	memcpy(a->bytes, &sin.sin_addr, 4);
	a->port = ntohs(sin.sin_port);
}

static void
from_ipv6(struct address *a, const struct sockaddr *sa)
{
	struct sockaddr_in6 sin6;

	memcpy(&sin6, sa, sizeof(sin6));
	a->port = ntohs(sin6.sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr)) {
		a->family = 4;
		memcpy(a->bytes, &sin6.sin6_addr.s6_addr[12], 4);
		return;
	}
	a->family = 6;
	memcpy(a->bytes, &sin6.sin6_addr, 16);
	a->scope = sin6.sin6_scope_id;
}

bool
address_from_sockaddr(
    struct address *a, const struct sockaddr *sa, socklen_t len)
{
	*a = (struct address){ 0 };
	if (len >= sizeof(struct sockaddr_in) && sa->sa_family == AF_INET)
		from_ipv4(a, sa);
	if (len >= sizeof(struct sockaddr_in6) && sa->sa_family == AF_INET6)
		from_ipv6(a, sa);
	return a->family != 0;
}

socklen_t
address_to_sockaddr(const struct address *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in sin = { 0 };
	struct sockaddr_in6 sin6 = { 0 };

	*ss = (struct sockaddr_storage){ 0 };
	switch (a->family) {
	case 4:
		sin.sin_family = AF_INET;
		sin.sin_port = htons(a->port);
		memcpy(&sin.sin_addr, a->bytes, 4);
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	case 6:
		sin6.sin6_family = AF_INET6;
		sin6.sin6_port = htons(a->port);
		memcpy(&sin6.sin6_addr, a->bytes, 16);
		sin6.sin6_scope_id = a->scope;
		memcpy(ss, &sin6, sizeof(sin6));
		return sizeof(sin6);
	default:
		return 0;
	}
}

bool
address_same_host(const struct address *a, const struct address *b)
{
	size_t len = address_len(a);

	if (len == 0 || a->family != b->family)
		return false;
	if (a->family == 6 && a->scope != b->scope && a->scope != 0 &&
	    b->scope != 0)
		return false;
	return memcmp(a->bytes, b->bytes, len) == 0;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return a->port == b->port && address_same_host(a, b);
}

bool
address_is_within(
    const struct address *host, const struct address *network, unsigned bits)
{
	size_t whole = bits / 8;
	unsigned rest = bits % 8;

	if (host->family != network->family || address_len(host) * 8 < bits ||
	    memcmp(host->bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    (host->bytes[whole] ^ network->bytes[whole]) >> (8 - rest) == 0;
}

bool
address_is_loopback(const struct address *a)
{
	static const uint8_t ipv6_loopback[16] = { [15] = 1 };

	if (a->family == 6)
		return memcmp(a->bytes, ipv6_loopback, 16) == 0;
	return a->family == 4 && a->bytes[0] == 127;
}

bool
address_is_any(const struct address *a)
{
	static const uint8_t any[16] = { 0 };
	size_t len = address_len(a);

	return len > 0 && memcmp(a->bytes, any, len) == 0;
}

void
address_format(const struct address *a, char *text, size_t size)
{
	char number[INET6_ADDRSTRLEN] = "none";
	int family = a->family == 6 ? AF_INET6 : AF_INET;

	if (address_len(a) > 0)
		(void)inet_ntop(family, a->bytes, number, sizeof(number));
	if (a->family == 6 && a->scope != 0)
		snprintf(text, size, "%s%%%" PRIu32, number, a->scope);
	else
		snprintf(text, size, "%s", number);
}
