/*
 * calling - alice calls bob, between daemons that the test plays.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "calling.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ----------------------------------------------------------- the scene --- */

int
calling_open(void **state)
{
	struct calling *calling = calloc(1, sizeof(*calling));

	if (calling == NULL)
		return -1;
	calling->descriptors = puppet_descriptors();
	puppet_open(&calling->own, "127.0.0.1", 0);
	puppet_open(&calling->other, "127.0.0.2", 0);
	calling->bob = (struct person){ .user = "bob", .host = "h2" };
	calling->plan = (struct call_plan){
		.caller = "alice",
		.callee = &calling->bob,
		.host = "h2",
		.there = &calling->other.at,
		.there_count = 1,
		.here = &calling->own.at,
		.here_count = 1,
	};
	calling->now = 1000;
	*state = calling;
	return 0;
}

int
calling_close(void **state)
{
	struct calling *calling = *state;
	int before = calling->descriptors;
	int i;

	call_free(calling->call);
	puppet_close(&calling->own);
	puppet_close(&calling->other);
	for (i = 0; i < calling->stream_count; i++)
		close(calling->streams[i]);
	free(calling);
	return puppet_descriptors() == before ? 0 : -1;
}

int
calling_keep(struct calling *calling, int fd)
{
	assert_true(fd >= 0);
	assert_true(calling->stream_count < CALLING_STREAMS_MAX);
	calling->streams[calling->stream_count++] = fd;
	return fd;
}

int
calling_stream(struct calling *calling, const char *number)
{
	struct address at = puppet_address(number, 0);
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&at, &ss);
	int fd = calling_keep(calling, socket(ss.ss_family, SOCK_STREAM, 0));

	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

struct address
calling_name(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address name;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&name, (struct sockaddr *)&ss, len));
	return name;
}

static struct address
peer_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct address name;

	assert_int_equal(getpeername(fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(address_from_sockaddr(&name, (struct sockaddr *)&ss, len));
	return name;
}

int
calling_listener(struct calling *calling, const char *number)
{
	int fd = calling_stream(calling, number);

	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

int
calling_connect(int fd, const struct address *to)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(to, &ss);

	return connect(fd, (struct sockaddr *)&ss, len);
}

struct address
calling_closed_port(struct calling *calling)
{
	return calling_name(calling_stream(calling, "127.0.0.1"));
}

struct address
calling_black_hole(struct calling *calling)
{
	int listener = calling_stream(calling, "127.0.0.1");
	struct address at = calling_name(listener);
	int fd;

	assert_int_equal(listen(listener, 0), 0);
	do {
		fd = calling_keep(calling, socket(AF_INET, SOCK_STREAM, 0));
		assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	} while (calling_connect(fd, &at) == 0);
	assert_int_equal(errno, EINPROGRESS);
	return at;
}

/* ---------------------------------------------------------------- time --- */

void
calling_begin(struct calling *calling)
{
	calling->call = call_new(&calling->plan, calling->now);
	assert_non_null(calling->call);
}

void
calling_turn(struct calling *calling)
{
	struct turn turn;

	turn_begin(&turn);
	call_await(calling->call, &turn);
	if (turn.deadline <= calling->now)
		puppet_glance(&turn);
	else
		puppet_await(&turn);
	call_turn(calling->call, &turn, calling->now);
}

void
calling_pass(struct calling *calling, int64_t ms)
{
	struct turn turn;

	calling->now += ms;
	turn_begin(&turn);
	call_await(calling->call, &turn);
	puppet_glance(&turn);
	call_turn(calling->call, &turn, calling->now);
}

int64_t
calling_deadline(const struct calling *calling)
{
	struct turn turn;

	turn_begin(&turn);
	call_await(calling->call, &turn);
	return turn.deadline;
}

/* --------------------------------------------------------------- steps --- */

void
calling_to_look_up(struct calling *calling)
{
	calling_begin(calling);
}

void
calling_to_leave_invite(struct calling *calling)
{
	calling_to_look_up(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, NOT_HERE, 0);
	calling_turn(calling);
}

void
calling_to_announce(struct calling *calling)
{
	calling_to_leave_invite(calling);
	puppet_hear(&calling->own, LEAVE_INVITE);
	puppet_answer(&calling->own, SUCCESS, OWN_ID);
	calling_turn(calling);
}

void
calling_to_look_again(struct calling *calling)
{
	calling_to_announce(calling);
	puppet_hear(&calling->other, ANNOUNCE);
	puppet_answer(&calling->other, SUCCESS, OTHER_ID);
	calling_turn(calling);
}

void
calling_to_wait(struct calling *calling)
{
	calling_to_look_again(calling);
	puppet_hear(&calling->other, LOOK_UP);
	puppet_answer(&calling->other, NOT_HERE, 0);
	calling_turn(calling);
	assert_int_equal(call_phase(calling->call), CALL_RINGING);
}

void
calling_to_ring_again(struct calling *calling)
{
	calling_to_wait(calling);
	calling_pass(calling, 30000);
}

void
calling_follow(struct calling *calling, const struct address *lead)
{
	int look;

	for (look = 1; look <= 3; look++) {
		puppet_hear(&calling->other, LOOK_UP);
		puppet_invite(&calling->other, BOBS_ID, lead);
		calling_turn(calling);
		if (strcmp(call_status(calling->call),
			"Waiting to connect with caller") == 0)
			return;
		calling_pass(calling, 2000);
	}
	fail_msg("the invitation is not followed");
}

void
calling_to_connect(struct calling *calling)
{
	struct address lead = calling_black_hole(calling);

	calling_to_look_again(calling);
	calling_follow(calling, &lead);
}

struct address
calling_told(const struct calling *calling)
{
	return puppet_addr(&calling->own, AT_ADDR);
}

/* ----------------------------------------------------------- take back --- */

static void
serve(struct puppet *puppet, uint32_t id, uint32_t *deleted)
{
	if (!puppet_hears(puppet))
		return;
	switch (puppet->question[AT_TYPE]) {
	case LOOK_UP:
		break; /* nobody waits for that */
	case DELETE:
		assert_int_equal(*deleted, 0);
		*deleted = puppet_id(puppet);
		puppet_answer(puppet, SUCCESS, 0);
		break;
	default:
		puppet_answer(puppet, SUCCESS, id);
	}
}

struct calling_deleted
calling_finish(struct calling *calling, uint32_t own_id, uint32_t other_id)
{
	struct calling_deleted deleted = { 0, 0 };
	struct turn turn;

	while (!call_is_over(calling->call)) {
		turn_begin(&turn);
		call_await(calling->call, &turn);
		turn_want(&turn, calling->own.fd, POLLIN);
		turn_want(&turn, calling->other.fd, POLLIN);
		puppet_await(&turn);
		call_turn(calling->call, &turn, calling->now);
		serve(&calling->own, own_id, &deleted.own);
		serve(&calling->other, other_id, &deleted.other);
	}
	serve(&calling->own, own_id, &deleted.own);
	serve(&calling->other, other_id, &deleted.other);
	return deleted;
}

void
calling_check_taken_back(struct calling *calling, uint32_t own, uint32_t other)
{
	struct calling_deleted deleted = calling_finish(
	    calling, OWN_ID, OTHER_ID);

	assert_int_equal(deleted.own, own);
	assert_int_equal(deleted.other, other);
}

void
calling_check_failed(struct calling *calling, enum call_failure failure)
{
	assert_int_equal(call_phase(calling->call), CALL_FAILED);
	assert_int_equal(call_failure(calling->call), failure);
	assert_int_equal(call_socket(calling->call), -1);
}

void
calling_check_connected(struct calling *calling, const struct address *with)
{
	int stream;
	struct address peer;

	assert_int_equal(call_phase(calling->call), CALL_CONNECTED);
	assert_string_equal(
	    call_status(calling->call), "Connection established");
	stream = calling_keep(calling, call_socket(calling->call));
	assert_int_equal(call_socket(calling->call), -1);
	peer = peer_of(stream);
	assert_true(address_equal(&peer, with));
}

void
calling_check_request(const struct puppet *puppet, uint8_t type, uint32_t id,
    const struct address *addr, const char *bob, const char *terminal)
{
	uint8_t bytes[PUPPET_REQUEST_SIZE] = { 1, type, 0, 0,
		(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
		(uint8_t)id, 0, 2, [44] = 'a', 'l', 'i', 'c', 'e' };
	uint32_t pid = (uint32_t)getpid();
	int i;

	if (addr != NULL)
		puppet_put_addr(bytes + AT_ADDR, addr);
	puppet_put_addr(bytes + AT_CTL_ADDR, &puppet->client);
	for (i = 0; i < 4; i++)
		bytes[AT_PID + i] = (uint8_t)(pid >> (24 - 8 * i));
	memcpy(bytes + 56, bob, strlen(bob));
	memcpy(bytes + 68, terminal, strlen(terminal));
	assert_memory_equal(puppet->question, bytes, sizeof(bytes));
}

void
calling_check_delete(const struct puppet *puppet, uint32_t id)
{
	assert_int_equal(puppet->question[AT_TYPE], DELETE);
	assert_int_equal(puppet_id(puppet), id);
}
