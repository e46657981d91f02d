/*
 * datagram - datagrams with both their addresses.
 *
 * The local address is beyond POSIX: RFC 3542 has it for IPv6, and for IPv4
 * each system what common/system.h says.
 *
 * Linux receives and sends several by one call, and those of one length for one
 * client as one that it cuts; others here one by each.  DATAGRAM_ONE_BY_ONE has
 * Linux do so, too, for tests.
 */
#include "common/system.h"

#include "datagram.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/here.h"

#ifdef SYSTEM_PKTINFO
enum { LOCAL_OPTION = IP_PKTINFO };
#else
enum { LOCAL_OPTION = IP_RECVDSTADDR };
#ifndef IP_SENDSRCADDR
#define IP_SENDSRCADDR IP_RECVDSTADDR
#endif
#endif

#if defined(SYSTEM_LINUX) && !defined(DATAGRAM_ONE_BY_ONE)
#define HAS_MMSG 1
#else
#define HAS_MMSG 0
#endif

#if HAS_MMSG && defined(UDP_SEGMENT)
enum { CUT_OPTION = UDP_SEGMENT };
#else
enum { CUT_OPTION = 0 }; /* none */
#endif

/* Room for local addresses: a socket for both families may be given both. */
enum { CONTROL_SIZE = 2 * CMSG_SPACE(sizeof(struct in6_pktinfo)) };

/* An address as a socket of that family takes it: IPv4 mapped into IPv6. */
static socklen_t
to_sockaddr(
    const struct address *a, int family, struct sockaddr_storage *storage)
{
	struct sockaddr_in6 in6 = { 0 };

	if (a->family != 4 || family != AF_INET6)
		return address_to_sockaddr(a, storage);
	in6.sin6_family = AF_INET6;
	in6.sin6_port = htons(a->port);
	in6.sin6_addr.s6_addr[10] = 0xff;
	in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(in6.sin6_addr.s6_addr + 12, a->bytes, 4);
	memcpy(storage, &in6, sizeof(in6));
	return sizeof(in6);
}

static void
from_in(struct address *a, struct in_addr host)
{
	*a = (struct address){ .family = 4 };
	memcpy(a->bytes, &host, sizeof(host));
}

static void
from_in6(struct address *a, const struct in6_pktinfo *info)
{
	struct sockaddr_in6 in6 = { 0 };

	in6.sin6_family = AF_INET6;
	in6.sin6_addr = info->ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
		in6.sin6_scope_id = (uint32_t)info->ipi6_ifindex;
	(void)address_from_sockaddr(a, (struct sockaddr *)&in6, sizeof(in6));
}

static void
get_local_in(struct datagram *in, const struct cmsghdr *header)
{
	struct in_addr sent_to;
#ifdef SYSTEM_PKTINFO
	struct in_pktinfo info;

	/*
	 * ipi_spec_dst is the address to reply from, when it was broadcast
	 * too.  It is empty for what came before the option was set.
	 */
	memcpy(&info, CMSG_DATA(header), sizeof(info));
	sent_to = info.ipi_addr;
	if (info.ipi_spec_dst.s_addr != 0) {
		in->broadcast = info.ipi_spec_dst.s_addr != sent_to.s_addr;
		from_in(&in->local, info.ipi_spec_dst);
		return;
	}
#else
	memcpy(&sent_to, CMSG_DATA(header), sizeof(sent_to));
#endif
	from_in(&in->local, sent_to);
	in->broadcast = here_is_many(&in->local);
	/* No address to reply from. */
	if (in->broadcast)
		in->local = (struct address){ 0 };
}

static void
get_local_in6(struct datagram *in, const struct cmsghdr *header)
{
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(header), sizeof(info));
	from_in6(&in->local, &info);
	in->broadcast = IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
	/* No address to reply from. */
	if (in->broadcast)
		in->local = (struct address){ 0 };
}

static void
get_local(struct msghdr *message, struct datagram *in)
{
	struct cmsghdr *header;

	for (header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level == IPPROTO_IP &&
		    header->cmsg_type == LOCAL_OPTION) {
			get_local_in(in, header);
		} else if (header->cmsg_level == IPPROTO_IPV6 &&
		    header->cmsg_type == IPV6_PKTINFO) {
			get_local_in6(in, header);
		}
	}
}

/*
 * Adds one to what is there of them.  POSIX has the lengths as socklen_t, glibc
 * as size_t.
 */
static void
put_header(
    struct msghdr *message, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *header = (void *)((uint8_t *)message->msg_control +
	    message->msg_controllen);

	memset(header, 0, CMSG_SPACE(len));
	header->cmsg_level = level;
	header->cmsg_type = type;
	header->cmsg_len = (socklen_t)CMSG_LEN(len);
	memcpy(CMSG_DATA(header), data, len);
	message->msg_controllen += (socklen_t)CMSG_SPACE(len);
}

static void
put_local_in(struct msghdr *message, const struct address *local)
{
#ifdef SYSTEM_PKTINFO
	struct in_pktinfo info = { 0 };

	memcpy(&info.ipi_spec_dst, local->bytes, sizeof(info.ipi_spec_dst));
	put_header(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
#else
	struct in_addr host;

	memcpy(&host, local->bytes, sizeof(host));
	put_header(message, IPPROTO_IP, IP_SENDSRCADDR, &host, sizeof(host));
#endif
}

static void
put_local_in6(struct msghdr *message, const struct address *local)
{
	struct in6_pktinfo info = { 0 };
	struct sockaddr_storage storage;
	struct sockaddr_in6 in6;

	(void)to_sockaddr(local, AF_INET6, &storage);
	memcpy(&in6, &storage, sizeof(in6));
	info.ipi6_addr = in6.sin6_addr;
	info.ipi6_ifindex = local->scope;
	put_header(message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

/*
 * Asks for the local address of each datagram to come.  On a socket for both
 * families Linux also takes the option of IPv4, and only that one tells of a
 * broadcast; it comes second and counts.
 */
static void
ask_for_local(const struct datagram_socket *s)
{
	const int on = 1;

	if (s->family == AF_INET6)
		(void)setsockopt(
		    s->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	(void)setsockopt(s->fd, IPPROTO_IP, LOCAL_OPTION, &on, sizeof(on));
}

/* A system that knows nothing of it would send all as one. */
static bool
can_cut(int fd)
{
	int size;
	socklen_t len = sizeof(size);

	return CUT_OPTION != 0 &&
	    getsockopt(fd, IPPROTO_UDP, CUT_OPTION, &size, &len) == 0;
}

static bool
read_own_name(struct datagram_socket *s)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);

	if (getsockname(s->fd, (struct sockaddr *)&name, &len) != 0)
		return false;
	s->family = name.ss_family;
	return address_from_sockaddr(&s->bound, (struct sockaddr *)&name, len);
}

const char *
datagram_adopt(struct datagram_socket *s, int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	*s = (struct datagram_socket){ .fd = fd };
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
		return "not a socket";
	if (type != SOCK_DGRAM)
		return "not a datagram socket";
	if (!read_own_name(s))
		return "not a socket of the internet";
	if (s->bound.port == 0)
		return "not bound to a port";
	ask_for_local(s);
	s->cuts = can_cut(fd);
	return NULL;
}

bool
datagram_open(struct datagram_socket *s, const struct address *at)
{
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(at, &name);
	const int on = 1;
	int error;

	*s = (struct datagram_socket){ .family = name.ss_family };
	s->fd = socket(s->family, SOCK_DGRAM, 0);
	if (s->fd == -1)
		return false;
	if ((s->family != AF_INET6 ||
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ==
		    0) &&
	    bind(s->fd, (struct sockaddr *)&name, len) == 0 &&
	    read_own_name(s)) {
		ask_for_local(s);
		s->cuts = can_cut(s->fd);
		return true;
	}
	error = errno;
	datagram_close(s);
	errno = error;
	return false;
}

void
datagram_close(struct datagram_socket *s)
{
	close(s->fd);
	s->fd = -1;
}

/* Errors that say the socket itself is wrong; others pass with a datagram. */
static bool
is_lasting(int error)
{
	return error == EBADF || error == ENOTSOCK || error == EINVAL ||
	    error == EFAULT || error == EOPNOTSUPP;
}

void
datagram_let_wait(const struct datagram_socket *s, bool wait)
{
	const struct timeval limit = { .tv_usec = wait ? DATAGRAM_WAIT * 1000
						       : 0 };

	(void)setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/* What a message's header points at. */
struct envelope {
	struct sockaddr_storage name;
	struct iovec data;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
};

/* ----------------------------------------- several by one call, or not --- */

#if HAS_MMSG
/* Nothing but what the system takes, so that several are an array of those. */
struct parcel {
	struct mmsghdr of;
};
#else
struct parcel {
	struct {
		struct msghdr msg_hdr;
		unsigned int msg_len;
	} of;
};
#endif

static bool
receive_one(int fd, struct parcel *parcel, bool wait)
{
	ssize_t len = recvmsg(fd, &parcel->of.msg_hdr, wait ? 0 : MSG_DONTWAIT);

	if (len == -1)
		return false;
	parcel->of.msg_len = (unsigned int)len;
	return true;
}

static bool
send_one(int fd, const struct parcel *parcel)
{
	return sendmsg(fd, &parcel->of.msg_hdr, MSG_DONTWAIT) != -1;
}

/* These return how many, or -1.  Of one alone, the calls for one take less. */

static int
receive_some(int fd, struct parcel *parcels, int count, bool wait)
{
	int i = 0;

#if HAS_MMSG
	if (count > 1)
		return recvmmsg(fd, &parcels->of, (unsigned int)count,
		    wait ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
#endif
	while (i < count && receive_one(fd, &parcels[i], wait && i == 0))
		i++;
	return i > 0 ? i : -1;
}

static int
send_some(int fd, struct parcel *parcels, int count)
{
	int i = 0;

#if HAS_MMSG
	if (count > 1)
		return sendmmsg(
		    fd, &parcels->of, (unsigned int)count, MSG_DONTWAIT);
#endif
	while (i < count && send_one(fd, &parcels[i]))
		i++;
	return i > 0 ? i : -1;
}

/* ----------------------------------------------------------- receiving --- */

static void
prepare_room(
    struct msghdr *header, struct envelope *envelope, struct datagram *in)
{
	envelope->data.iov_base = in->bytes;
	envelope->data.iov_len = sizeof(in->bytes);
	*header = (struct msghdr){ 0 };
	header->msg_name = &envelope->name;
	header->msg_namelen = sizeof(envelope->name);
	header->msg_iov = &envelope->data;
	header->msg_iovlen = 1;
	header->msg_control = envelope->control;
	header->msg_controllen = sizeof(envelope->control);
}

static void
read_addresses(
    const struct datagram_socket *s, struct msghdr *header, struct datagram *in)
{
	in->local = s->bound;
	in->broadcast = false;
	(void)address_from_sockaddr(
	    &in->source, header->msg_name, header->msg_namelen);
	get_local(header, in);
	in->local.port = s->bound.port;
	if (address_is_any(&in->local))
		in->local = (struct address){ 0 };
}

int
datagram_receive(
    const struct datagram_socket *s, struct datagram *in, int room, bool wait)
{
	struct parcel parcels[DATAGRAM_BATCH];
	struct envelope envelopes[DATAGRAM_BATCH];
	int i, count;

	if (room > DATAGRAM_BATCH)
		room = DATAGRAM_BATCH;
	for (i = 0; i < room; i++)
		prepare_room(&parcels[i].of.msg_hdr, &envelopes[i], &in[i]);
	count = receive_some(s->fd, parcels, room, wait);
	if (count == -1)
		return is_lasting(errno) ? -1 : 0;
	for (i = 0; i < count; i++) {
		in[i].len = parcels[i].of.msg_len;
		read_addresses(s, &parcels[i].of.msg_hdr, &in[i]);
	}
	return count;
}

/* ------------------------------------------------------------- sending --- */

static void
address_reply(const struct datagram_socket *s, struct msghdr *header,
    struct envelope *envelope, const struct datagram_reply *reply)
{
	const struct address *from = &reply->to->local;

	envelope->data.iov_base = (void *)(uintptr_t)reply->bytes;
	envelope->data.iov_len = reply->len;
	*header = (struct msghdr){ 0 };
	header->msg_name = &envelope->name;
	header->msg_namelen = to_sockaddr(
	    &reply->to->source, s->family, &envelope->name);
	header->msg_iov = &envelope->data;
	header->msg_iovlen = 1;
	header->msg_control = envelope->control;
	if (from->family != 0 && s->family == AF_INET6)
		put_local_in6(header, from);
	else if (from->family == 4)
		put_local_in(header, from);
	if (header->msg_controllen == 0)
		header->msg_control = NULL;
}

/* Whether they have one length and go from one address to one client. */
static bool
are_alike(const struct datagram_reply *replies, int count)
{
	const struct datagram *first = replies[0].to;
	int i;

	for (i = 1; i < count; i++)
		if (replies[i].len != replies[0].len ||
		    !address_equal(&replies[i].to->source, &first->source) ||
		    !address_same_host(&replies[i].to->local, &first->local))
			return false;
	return true;
}

/*
 * Sends those that are alike as one, to be cut at their length; false when none
 * was sent.
 */
static bool
send_cut(const struct datagram_socket *s, const struct datagram_reply *replies,
    int count)
{
	const uint16_t size = (uint16_t)replies[0].len;
	struct iovec data[DATAGRAM_BATCH];
	struct envelope envelope;
	struct msghdr header;
	int i;

	address_reply(s, &header, &envelope, &replies[0]);
	for (i = 0; i < count; i++) {
		data[i].iov_base = (void *)(uintptr_t)replies[i].bytes;
		data[i].iov_len = replies[i].len;
	}
	header.msg_iov = data;
	header.msg_iovlen = (size_t)count;
	header.msg_control = envelope.control;
	put_header(&header, IPPROTO_UDP, CUT_OPTION, &size, sizeof(size));
	return sendmsg(s->fd, &header, MSG_DONTWAIT) != -1;
}

/* Sends one that failed again, from where the system chooses. */
static bool
send_from_anywhere(const struct datagram_socket *s, struct parcel *parcel)
{
	if (parcel->of.msg_hdr.msg_control == NULL)
		return false;
	parcel->of.msg_hdr.msg_control = NULL;
	parcel->of.msg_hdr.msg_controllen = 0;
	return send_one(s->fd, parcel);
}

int
datagram_send(const struct datagram_socket *s,
    const struct datagram_reply *replies, int count)
{
	struct parcel parcels[DATAGRAM_BATCH];
	struct envelope envelopes[DATAGRAM_BATCH];
	int i, sent, failed = 0;

	if (count > 1 && s->cuts && are_alike(replies, count) &&
	    send_cut(s, replies, count))
		return 0;
	for (i = 0; i < count; i++)
		address_reply(
		    s, &parcels[i].of.msg_hdr, &envelopes[i], &replies[i]);
	for (i = 0; i < count; i += sent) {
		sent = send_some(s->fd, parcels + i, count - i);
		if (sent > 0)
			continue;
		sent = 1;
		failed += !send_from_anywhere(s, &parcels[i]);
	}
	return failed;
}
