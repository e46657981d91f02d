/*
 * puppet - a talk daemon that does what the test says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "puppet.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 256 };

struct address
puppet_address(const char *number, uint16_t port)
{
	bool is_ipv6 = strchr(number, ':') != NULL;
	struct address a = { .family = is_ipv6 ? 6 : 4, .port = port };

	assert_int_equal(
	    inet_pton(is_ipv6 ? AF_INET6 : AF_INET, number, a.bytes), 1);
	return a;
}

bool
puppet_has_ipv6(void)
{
	struct address at = puppet_address("::1", 0);
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&at, &ss);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&ss, len) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

void
puppet_open(struct puppet *puppet, const char *number, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len;

	*puppet = (struct puppet){ .at = puppet_address(number, port) };
	len = address_to_sockaddr(&puppet->at, &ss);
	puppet->fd = socket(ss.ss_family, SOCK_DGRAM, 0);
	assert_true(puppet->fd >= 0);
	assert_int_equal(bind(puppet->fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	assert_int_equal(
	    getsockname(puppet->fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(
	    address_from_sockaddr(&puppet->at, (struct sockaddr *)&ss, len));
}

void
puppet_close(struct puppet *puppet)
{
	if (puppet->fd >= 0)
		close(puppet->fd);
	puppet->fd = -1;
}

static bool
puppet_receive(struct puppet *puppet, int timeout)
{
	struct pollfd asked = { .fd = puppet->fd, .events = POLLIN };
	uint8_t bytes[PUPPET_DATAGRAM_SIZE + 1];
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	ssize_t got;

	if (poll(&asked, 1, timeout) <= 0)
		return false;
	got = recvfrom(
	    puppet->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&ss, &len);
	assert_in_range(got, PUPPET_REQUEST_SIZE, PUPPET_DATAGRAM_SIZE);
	memcpy(puppet->question, bytes, PUPPET_REQUEST_SIZE);
	puppet->behind_len = (size_t)got - PUPPET_REQUEST_SIZE;
	memcpy(puppet->behind, bytes + PUPPET_REQUEST_SIZE, puppet->behind_len);
	assert_true(address_from_sockaddr(
	    &puppet->client, (struct sockaddr *)&ss, len));
	return true;
}

void
puppet_hear(struct puppet *puppet, int type)
{
	if (!puppet_receive(puppet, PUPPET_WAIT_MS))
		fail_msg("no question of type %d came", type);
	assert_int_equal(puppet->question[AT_TYPE], type);
}

bool
puppet_hears(struct puppet *puppet)
{
	return puppet_receive(puppet, 0);
}

void
puppet_send(const struct puppet *puppet, const void *bytes, size_t len)
{
	struct sockaddr_storage ss;
	socklen_t ss_len = address_to_sockaddr(&puppet->client, &ss);

	assert_int_equal(
	    sendto(puppet->fd, bytes, len, 0, (struct sockaddr *)&ss, ss_len),
	    len);
}

static void
put_u32(uint8_t bytes[4], uint32_t value)
{
	bytes[0] = (uint8_t)(value >> 24);
	bytes[1] = (uint8_t)(value >> 16);
	bytes[2] = (uint8_t)(value >> 8);
	bytes[3] = (uint8_t)value;
}

static const uint8_t mark[] = { 'T', 'L', 'V', 1 };

static void
put_reply(const struct puppet *puppet, int answer, uint32_t id,
    uint8_t reply[PUPPET_REPLY_SIZE])
{
	memset(reply, 0, PUPPET_REPLY_SIZE);
	reply[0] = 1;
	reply[AT_TYPE] = puppet->question[AT_TYPE];
	reply[AT_ANSWER] = (uint8_t)answer;
	put_u32(reply + AT_ID, id);
}

void
puppet_answer(const struct puppet *puppet, int answer, uint32_t id)
{
	uint8_t reply[PUPPET_REPLY_SIZE];

	put_reply(puppet, answer, id, reply);
	puppet_send(puppet, reply, sizeof(reply));
}

void
puppet_answer_more(const struct puppet *puppet, int answer, uint32_t id,
    const void *elements, size_t len)
{
	uint8_t reply[PUPPET_DATAGRAM_SIZE];
	size_t at = PUPPET_REPLY_SIZE + sizeof(mark);

	assert_true(len <= sizeof(reply) - at);
	put_reply(puppet, answer, id, reply);
	memcpy(reply + PUPPET_REPLY_SIZE, mark, sizeof(mark));
	if (len > 0)
		memcpy(reply + at, elements, len);
	puppet_send(puppet, reply, at + len);
}

void
puppet_refuse(const struct puppet *puppet)
{
	puppet_answer(puppet, UNKNOWN_REQUEST, 0);
}

void
puppet_invite(
    const struct puppet *puppet, uint32_t id, const struct address *lead)
{
	uint8_t reply[PUPPET_REPLY_SIZE + sizeof(mark) + 20];
	uint8_t *element = reply + PUPPET_REPLY_SIZE + sizeof(mark);

	put_reply(puppet, SUCCESS, id, reply);
	puppet_put_addr(reply + AT_ADDR, lead);
	if (lead->family == 4) {
		puppet_send(puppet, reply, PUPPET_REPLY_SIZE);
		return;
	}
	memcpy(reply + PUPPET_REPLY_SIZE, mark, sizeof(mark));
	element[0] = ADDRESS;
	element[1] = 18;
	memcpy(element + 2, lead->bytes, 16);
	element[18] = (uint8_t)(lead->port >> 8);
	element[19] = (uint8_t)lead->port;
	puppet_send(puppet, reply, sizeof(reply));
}

uint32_t
puppet_id(const struct puppet *puppet)
{
	const uint8_t *id = puppet->question + AT_ID;

	return (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
	    (uint32_t)id[2] << 8 | id[3];
}

struct address
puppet_addr(const struct puppet *puppet, size_t offset)
{
	const uint8_t *bytes = puppet->question + offset;
	struct address a = { .family = 4 };

	assert_memory_equal(bytes, ((const uint8_t[]){ 0, 2 }), 2);
	a.port = (uint16_t)(bytes[2] << 8 | bytes[3]);
	memcpy(a.bytes, bytes + 4, 4);
	return a;
}

const uint8_t *
puppet_element(const struct puppet *puppet, uint8_t type, size_t *len)
{
	const uint8_t *behind = puppet->behind;
	size_t at = sizeof(mark);

	if (puppet->behind_len == 0)
		return NULL;
	assert_memory_equal(behind, mark, sizeof(mark));
	for (; at < puppet->behind_len; at += 2 + (size_t)behind[at + 1]) {
		assert_true(puppet->behind_len - at >= 2);
		*len = behind[at + 1];
		assert_true(puppet->behind_len - at - 2 >= *len);
		if (behind[at] == type)
			return behind + at + 2;
	}
	return NULL;
}

struct address
puppet_told(const struct puppet *puppet)
{
	struct address a = { .family = 6 };
	size_t len;
	const uint8_t *element = puppet_element(puppet, ADDRESS, &len);

	if (element == NULL)
		return puppet_addr(puppet, AT_ADDR);
	assert_int_equal(len, 18);
	memcpy(a.bytes, element, 16);
	a.port = (uint16_t)(element[16] << 8 | element[17]);
	return a;
}

void
puppet_put_addr(uint8_t bytes[16], const struct address *a)
{
	memset(bytes, 0, 16);
	bytes[1] = 2;
	if (a->family != 4)
		return;
	bytes[2] = (uint8_t)(a->port >> 8);
	bytes[3] = (uint8_t)a->port;
	memcpy(bytes + 4, a->bytes, 4);
}

void
puppet_await(struct turn *turn)
{
	assert_true(poll(turn->fds, (nfds_t)turn->count, PUPPET_WAIT_MS) > 0);
}

void
puppet_glance(struct turn *turn)
{
	assert_true(poll(turn->fds, (nfds_t)turn->count, 0) >= 0);
}

int
puppet_descriptors(void)
{
	int count = 0;
	int fd;

	for (fd = 0; fd < DESCRIPTORS_MAX; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			count++;
	return count;
}
