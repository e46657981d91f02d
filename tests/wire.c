/*
 * wire - a bad wire between hosts.
 */
#define _DEFAULT_SOURCE /* struct ifreq */

#include "wire.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "talk/turn.h"

enum {
	HEADER_MAX = 64, /* Ethernet's and what the kernel puts before it */
	FRAME_MAX = 65536 + HEADER_MAX,
};

/* A frame that is held back; the one due first comes first. */
struct late {
	struct late *next;
	int64_t due;
	int to;
	size_t len;
	uint8_t bytes[];
};

struct wire {
	const int *ends;
	size_t count;
	const struct weather *weather;
	uint32_t random;
	struct late *late;
};

bool
wire_open_end(int fd, const char *interface)
{
	struct ifreq request = { 0 };
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL) };
	int yes = 1;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFINDEX, &request) != 0)
		return false;
	at.sll_ifindex = request.ifr_ifindex;
	return setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof(yes)) ==
	    0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
}

/* A full queue loses the frame, as on any wire. */
static void
send_frame(int to, const uint8_t *frame, size_t len)
{
	(void)send(to, frame, len, MSG_DONTWAIT);
}

/* Behind those due at the same time: what is not mixed up stays in order. */
static void
hold_back(
    struct wire *wire, int to, int64_t due, const uint8_t *frame, size_t len)
{
	struct late **place = &wire->late;
	struct late *late = malloc(sizeof(*late) + len);

	if (late == NULL)
		return;
	while (*place != NULL && (*place)->due <= due)
		place = &(*place)->next;
	late->next = *place;
	late->due = due;
	late->to = to;
	late->len = len;
	memcpy(late->bytes, frame, len);
	*place = late;
}

static void
send_late(struct wire *wire, int64_t now)
{
	struct late *late;

	while ((late = wire->late) != NULL && late->due <= now) {
		send_frame(late->to, late->bytes, late->len);
		wire->late = late->next;
		free(late);
	}
}

static void
pass_on(
    struct wire *wire, int to, const uint8_t *frame, size_t len, int64_t now)
{
	int copies = weather_copies(wire->weather, &wire->random);
	unsigned delay;

	while (copies-- > 0) {
		delay = weather_delay(wire->weather, &wire->random);
		if (delay > 0)
			hold_back(wire, to, now + delay, frame, len);
		else
			send_frame(to, frame, len);
	}
}

/* All that has come from an end, but for what was sent there. */
static void
take(struct wire *wire, size_t end, int64_t now)
{
	static uint8_t frame[FRAME_MAX];
	struct sockaddr_ll from;
	socklen_t from_len = sizeof(from);
	ssize_t len;
	size_t i;

	while ((len = recvfrom(wire->ends[end], frame, sizeof(frame),
		    MSG_DONTWAIT, (struct sockaddr *)&from, &from_len)) >= 0) {
		from_len = sizeof(from);
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		for (i = 0; i < wire->count; i++)
			if (i != end)
				pass_on(wire, wire->ends[i], frame, (size_t)len,
				    now);
	}
}

void
wire_carry(
    const int *ends, size_t count, const struct weather *weather, uint32_t seed)
{
	struct wire wire = { ends, count, weather, weather_begin(seed), NULL };
	struct turn turn;
	int64_t now;
	size_t i;

	for (;;) {
		turn_begin(&turn);
		for (i = 0; i < count; i++)
			turn_want(&turn, ends[i], POLLIN);
		if (wire.late != NULL)
			turn_by(&turn, wire.late->due);
		now = turn_wait(&turn);
		for (i = 0; i < count; i++)
			take(&wire, i, now);
		send_late(&wire, now);
	}
}
