/*
 * owner - whose socket it is.
 *
 * The headers of Linux want its own types, which are beyond POSIX.
 */
#include "common/system.h"

#include "owner.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "here.h"
#include "msp.h"
#include "ntalk.h"

#ifdef SYSTEM_LINUX

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

enum {
	ROUNDS_MAX = 64, /* of receiving: no port has so many sockets */
	LISTENING = 10,	 /* TCP_LISTEN, of netinet/tcp.h */
};

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

/* What a question has brought to light. */
struct finding {
	/* Of the datagram that it is about; NULL when it is about none. */
	const struct address *source;
	const struct address *local;

	bool sender; /* one may have sent that */
	bool failed; /* the kernel refused it */
	bool over;   /* all that there is has come */
	bool mixed;  /* sockets of several users, or one that has none */
	bool open;   /* one is bound to no address and connected to none */
	int count;
	uid_t uid;
	uint64_t socket; /* the last one's cookie */
};

static struct question
ask_about(int protocol, int family, uint16_t port)
{
	struct question question = { 0 };

	question.header.nlmsg_len = sizeof(question);
	question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	question.header.nlmsg_flags = NLM_F_REQUEST;
	question.body.sdiag_family = (uint8_t)family;
	question.body.sdiag_protocol = (uint8_t)protocol;
	question.body.idiag_states = UINT32_MAX;
	question.body.id.idiag_sport = htons(port);
	question.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	question.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return question;
}

/* The address in one of the kernel's fields. */
static struct address
get_host(int family, const __be32 field[4])
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct address host;

	memcpy(&in.sin_addr, field, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, field, sizeof(in6.sin6_addr));
	if (family == AF_INET)
		(void)address_from_sockaddr(
		    &host, (struct sockaddr *)&in, sizeof(in));
	else
		(void)address_from_sockaddr(
		    &host, (struct sockaddr *)&in6, sizeof(in6));
	return host;
}

/*
 * Whether a socket at that port may have sent the datagram: it is bound to its
 * source or to all addresses, and not connected to another service.
 */
static bool
may_have_sent(const struct finding *finding, const struct inet_diag_msg *found)
{
	const struct address bound = get_host(
	    found->idiag_family, found->id.idiag_src);

	if (found->id.idiag_dport != 0 &&
	    ntohs(found->id.idiag_dport) != finding->local->port)
		return false;
	return address_same_host(&bound, finding->source) ||
	    (address_is_any(&bound) &&
		(bound.family == 6 || finding->source->family == 4));
}

/*
 * A socket that is closed belongs to nobody any more, for which the kernel
 * says uid 0; it has no inode then.
 */
static void
note_socket(struct finding *finding, const struct inet_diag_sockid *asked,
    const struct inet_diag_msg *found)
{
	if (found->id.idiag_sport != asked->idiag_sport)
		return;
	if (asked->idiag_dport != 0 &&
	    found->id.idiag_dport != asked->idiag_dport)
		return;
	if (found->idiag_inode == 0 ||
	    (finding->count > 0 && found->idiag_uid != finding->uid))
		finding->mixed = true;
	if (found->id.idiag_src[0] == 0 && found->id.idiag_dport == 0)
		finding->open = true;
	if (finding->source != NULL && may_have_sent(finding, found))
		finding->sender = true;
	finding->uid = found->idiag_uid;
	finding->count++;
}

/* Reads one of the kernel's messages, of which len bytes are there. */
static void
note(struct finding *finding, const struct question *question,
    const struct nlmsghdr *header, const uint8_t *bytes, size_t len)
{
	struct inet_diag_msg found;

	if (header->nlmsg_seq != question->header.nlmsg_seq)
		return;
	if (header->nlmsg_type == NLMSG_ERROR) {
		finding->failed = true;
	} else if (header->nlmsg_type == NLMSG_DONE) {
		finding->over = true;
	} else if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
	    len >= NLMSG_HDRLEN + sizeof(found)) {
		memcpy(&found, bytes + NLMSG_HDRLEN, sizeof(found));
		memcpy(&finding->socket, found.id.idiag_cookie,
		    sizeof(finding->socket));
		note_socket(finding, &question->body.id, &found);
		if ((question->header.nlmsg_flags & NLM_F_DUMP) == 0)
			finding->over = true;
	}
}

static void
note_all(struct finding *finding, const struct question *question,
    const uint8_t *bytes, size_t len)
{
	struct nlmsghdr header;
	size_t step;

	while (len >= sizeof(header)) {
		memcpy(&header, bytes, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > len)
			return;
		note(finding, question, &header, bytes, header.nlmsg_len);
		step = NLMSG_ALIGN(header.nlmsg_len);
		if (step > len)
			return;
		bytes += step;
		len -= step;
	}
}

/* Asks; the kernel has its answers ready, so that this waits for nothing. */
static void
converse(int fd, const struct question *question, struct finding *finding)
{
	uint8_t bytes[16384];
	ssize_t len = send(fd, question, sizeof(*question), 0);
	int rounds;

	for (rounds = 0; len > 0 && rounds < ROUNDS_MAX && !finding->failed &&
	     !finding->over;
	     rounds++) {
		len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (len > 0)
			note_all(finding, question, bytes, (size_t)len);
	}
}

/* Whether the kernel tells of that protocol's sockets at all. */
static bool
is_told(int fd, int protocol)
{
	struct question question = ask_about(protocol, AF_INET, 0);
	struct finding finding = { 0 };

	/* Those that listen are few; of UDP's none. */
	question.header.nlmsg_flags |= NLM_F_DUMP;
	question.body.idiag_states = UINT32_C(1) << LISTENING;
	converse(fd, &question, &finding);
	return !finding.failed;
}

static void
put_host(__be32 field[4], const struct address *host)
{
	memcpy(field, host->bytes, host->family == 4 ? 4 : 16);
}

/* What has no other end listens. */
static void
find_stream(int fd, const struct address *source, const struct address *local,
    struct finding *finding)
{
	struct question question = ask_about(IPPROTO_TCP,
	    source->family == 4 ? AF_INET : AF_INET6, source->port);
	struct inet_diag_sockid *id = &question.body.id;

	put_host(id->idiag_src, source);
	if (local != NULL) {
		id->idiag_dport = htons(local->port);
		put_host(id->idiag_dst, local);
	}
	id->idiag_if = source->scope;
	converse(fd, &question, finding);
}

/*
 * All sockets of a family at that port.  The kernel walks its whole table for
 * them, which is what this costs.
 */
static void
find_datagrams(int fd, int family, uint16_t port, struct finding *finding)
{
	struct question question = ask_about(IPPROTO_UDP, family, port);

	question.header.nlmsg_flags |= NLM_F_DUMP;
	finding->over = false;
	converse(fd, &question, finding);
	if (!finding->over)
		finding->mixed = true;
}

/* IPv4 comes from sockets of either family, IPv6 from its own only. */
static void
find_senders(int fd, const struct address *source, struct finding *finding)
{
	find_datagrams(fd, AF_INET6, source->port, finding);
	if (source->family == 4 && !finding->mixed)
		find_datagrams(fd, AF_INET, source->port, finding);
}

bool
owner_has_twin(uint16_t port)
{
	struct question question = ask_about(IPPROTO_UDP, AF_INET, port);
	struct finding finding = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	if (fd == -1)
		return false;
	question.header.nlmsg_flags |= NLM_F_DUMP;
	converse(fd, &question, &finding);
	close(fd);
	return finding.open;
}

static struct owner
ask_kernel(int fd, int protocol, const struct address *source,
    const struct address *local)
{
	struct finding finding = { 0 };
	bool found;

	if (protocol == IPPROTO_TCP) {
		find_stream(fd, source, local, &finding);
		found = finding.count > 0;
	} else {
		finding.source = source;
		finding.local = local;
		find_senders(fd, source, &finding);
		found = finding.sender;
	}
	if (found && !finding.mixed)
		return (struct owner){ OWNER_TOLD, finding.uid };
	return (struct owner){
		.telling = is_told(fd, protocol) ? OWNER_UNSURE : OWNER_UNTOLD,
	};
}

/* Of a datagram the kernel takes what it calls the source for its sender. */
static struct question
ask_about_receiver(const struct address *source, const struct address *local)
{
	struct question question = ask_about(
	    IPPROTO_UDP, source->family == 4 ? AF_INET : AF_INET6, local->port);
	struct inet_diag_sockid *id = &question.body.id;

	put_host(id->idiag_src, local);
	put_host(id->idiag_dst, source);
	id->idiag_dport = htons(source->port);
	id->idiag_if = source->scope;
	return question;
}

uint64_t
owner_socket(struct owner_asking *asking, const struct address *source,
    const struct address *local)
{
	struct question question = ask_about_receiver(source, local);
	struct finding finding = { 0 };

	if (local->family != source->family)
		return 0;
	if (!asking->is_open)
		asking->fd = socket(
		    AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	asking->is_open = asking->fd != -1;
	if (!asking->is_open)
		return 0;
	question.header.nlmsg_seq = ++asking->count;
	converse(asking->fd, &question, &finding);
	return finding.socket;
}

struct owner
owner_find(
    int protocol, const struct address *source, const struct address *local)
{
	struct owner owner = { .telling = OWNER_UNSURE };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	if (fd == -1) {
		if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
			owner.telling = OWNER_UNTOLD;
		return owner;
	}
	owner = ask_kernel(fd, protocol, source, local);
	close(fd);
	return owner;
}

#else

struct owner
owner_find(
    int protocol, const struct address *source, const struct address *local)
{
	(void)protocol;
	(void)source;
	(void)local;
	return (struct owner){ .telling = OWNER_UNTOLD };
}

uint64_t
owner_socket(struct owner_asking *asking, const struct address *source,
    const struct address *local)
{
	(void)asking;
	(void)source;
	(void)local;
	return 0;
}

bool
owner_has_twin(uint16_t port)
{
	(void)port;
	return false;
}

#endif

void
owner_end(struct owner_asking *asking)
{
	if (asking->is_open)
		close(asking->fd);
	*asking = (struct owner_asking){ 0 };
}

/* Whether it is the other name as clients send it that have too little room. */
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
	const struct passwd *entry;

	if (owner->telling != OWNER_TOLD)
		return owner->telling == OWNER_UNTOLD;
	if (owner->uid == 0)
		return true;
	entry = getpwnam(name);
	if (entry != NULL)
		return entry->pw_uid == owner->uid;
	entry = getpwuid(owner->uid);
	return entry != NULL &&
	    (msp_same(name, entry->pw_name) || is_cut(name, entry->pw_name));
}

bool
owner_is_here(const struct address *host, const struct address *local)
{
	return address_is_loopback(host) || address_same_host(host, local) ||
	    here_has(host);
}
