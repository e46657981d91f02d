/*
 * The tests of talk/peer: streams whose far end the test holds, with a clock
 * that the test sets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "puppet.h"
#include "talk/peer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	KERNEL_TAKES = 65536, /* for a reader that does not read, at each end */
	FLOOD = 2 << 20,      /* much more than that */
};

/* --------------------------------------------------------------- stage --- */

static const uint8_t own_edit[PEER_EDIT_SIZE] = { 0x7f, 0x15, 0x17 };

struct scene {
	struct peer peer;
	int far;	 /* the other end of its stream */
	int descriptors; /* before */
};

/* Two ends of a TCP stream on loopback. */
static int
connect_pair(int ends[2])
{
	struct address at = puppet_address("127.0.0.1", 0);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&at, &ss);
	const int takes = KERNEL_TAKES;
	int failed;

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	failed = setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &takes,
		     sizeof(takes)) != 0 ||
	    setsockopt(
		listener, SOL_SOCKET, SO_RCVBUF, &takes, sizeof(takes)) != 0 ||
	    bind(listener, (struct sockaddr *)&ss, len) != 0 ||
	    listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&ss, &len) != 0 ||
	    connect(ends[0], (struct sockaddr *)&ss, len) != 0;
	ends[1] = failed ? -1 : accept(listener, NULL, NULL);
	close(listener);
	return ends[1] < 0 ? -1 : 0;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	int ends[2];

	assert_non_null(scene);
	scene->descriptors = puppet_descriptors();
	assert_int_equal(connect_pair(ends), 0);
	peer_start(&scene->peer, ends[0], own_edit);
	scene->far = ends[1];
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	int before = scene->descriptors;

	peer_free(&scene->peer);
	if (scene->far >= 0)
		close(scene->far);
	free(scene);
	return puppet_descriptors() == before ? 0 : -1;
}

/* --------------------------------------------------------------- tools --- */

static void
far_writes(struct scene *scene, const void *bytes, size_t len)
{
	assert_int_equal(send(scene->far, bytes, len, MSG_NOSIGNAL), len);
}

/* Reads so many bytes at the far end, or fewer when its text ends before. */
static size_t
far_reads(struct scene *scene, char *bytes, size_t len)
{
	struct turn turn;
	size_t at = 0;
	ssize_t got = 1;

	while (at < len && got > 0) {
		turn_begin(&turn);
		turn_want(&turn, scene->far, POLLIN);
		puppet_await(&turn);
		got = recv(scene->far, bytes + at, len - at, 0);
		assert_true(got >= 0);
		at += (size_t)got;
	}
	return at;
}

static void
far_closes(struct scene *scene)
{
	close(scene->far);
	scene->far = -1;
}

/* The far end breaks off as a crashed host does. */
static void
far_resets(struct scene *scene)
{
	static const struct linger reset = { .l_onoff = 1 };

	assert_int_equal(setsockopt(scene->far, SOL_SOCKET, SO_LINGER, &reset,
			     sizeof(reset)),
	    0);
	far_closes(scene);
}

/* Waits until the peer has something to hear, and hears it. */
static size_t
hear(struct scene *scene, char bytes[PEER_READ_SIZE], bool *edited)
{
	struct turn turn;

	turn_begin(&turn);
	turn_want(&turn, scene->peer.fd, POLLIN);
	puppet_await(&turn);
	return peer_hear(&scene->peer, &turn, bytes, edited);
}

/* Hears until so many bytes of text have come, or the peer is gone. */
static size_t
hear_text(struct scene *scene, char *text, size_t size)
{
	char bytes[PEER_READ_SIZE];
	bool edited;
	size_t at = 0;
	size_t len;

	while (at < size && scene->peer.fd >= 0) {
		len = hear(scene, bytes, &edited);
		assert_true(len <= size - at);
		memcpy(text + at, bytes, len);
		at += len;
	}
	return at;
}

static short
wanted(const struct peer *peer, bool listen)
{
	struct turn turn;

	turn_begin(&turn);
	peer_await(peer, &turn, listen);
	return turn.count == 0 ? 0 : turn.fds[0].events;
}

static int64_t
next_deadline(const struct peer *peer)
{
	struct turn turn;

	turn_begin(&turn);
	peer_await(peer, &turn, false);
	return turn.deadline;
}

/* A text in which every place can be told. */
static char *
flood(void)
{
	char *text = malloc(FLOOD);
	uint32_t n = 1;
	size_t i;

	assert_non_null(text);
	for (i = 0; i < FLOOD; i++) {
		n = n * 1664525 + 1013904223;
		text[i] = (char)(n >> 24);
	}
	return text;
}

/* ----------------------------------------------------- edit characters --- */

static void
our_edit_characters_go_out_before_any_text(void **state)
{
	struct scene *scene = *state;
	char got[8];

	assert_true(peer_say(&scene->peer, "hello", 5));
	peer_turn(&scene->peer, 0);
	assert_int_equal(far_reads(scene, got, 8), 8);
	assert_memory_equal(got, "\x7f\x15\x17hello", 8);
}

static void
the_peers_edit_characters_come_in_any_pieces(void **state)
{
	static const char stream[] = "\x08\x15\x17 text";
	const size_t len = sizeof(stream) - 1;
	char bytes[PEER_READ_SIZE];
	size_t first, second, edits, at, got, k;
	struct scene *scene;
	bool edited;

	for (first = 1; first <= len; first++)
		for (second = first; second <= len; second++) {
			const size_t cuts[] = { 0, first, second, len };

			scene = *state;
			edits = 0;
			at = PEER_EDIT_SIZE;
			for (k = 0; k < 3; k++) {
				if (cuts[k] == cuts[k + 1])
					continue;
				far_writes(scene, stream + cuts[k],
				    cuts[k + 1] - cuts[k]);
				got = hear(scene, bytes, &edited);
				assert_memory_equal(bytes, stream + at, got);
				at += got;
				edits += edited;
				assert_int_equal(
				    edits, cuts[k + 1] >= PEER_EDIT_SIZE);
			}
			assert_int_equal(at, len);
			assert_memory_equal(scene->peer.edit, stream, 3);
			assert_int_equal(tear_down(state), 0);
			assert_int_equal(set_up(state), 0);
		}
}

static void
edit_characters_that_never_come_are_no_text_and_no_edit(void **state)
{
	struct scene *scene;
	char bytes[PEER_READ_SIZE];
	bool edited;
	size_t some;

	for (some = 0; some < PEER_EDIT_SIZE; some++) {
		scene = *state;
		if (some > 0) {
			far_writes(scene, "\x7f\x15", some);
			assert_int_equal(hear(scene, bytes, &edited), 0);
			assert_false(edited);
		}
		far_closes(scene);
		assert_int_equal(hear(scene, bytes, &edited), 0);
		assert_false(edited);
		assert_int_equal(scene->peer.state, PEER_CLOSED);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

/* A byte an hour, and hours behind: that the far end is there TCP tells. */
static void
hours_of_silence_end_nothing(void **state)
{
	enum { HOUR = 60 * 60 * 1000 };
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	int64_t now = HOUR;
	bool edited;
	int i;

	for (i = 0; i < PEER_EDIT_SIZE; i++, now += HOUR) {
		peer_turn(&scene->peer, now);
		assert_true(next_deadline(&scene->peer) == TURN_NEVER);
		assert_true(peer_say(&scene->peer, "hello", 5));
		assert_int_equal(peer_has_begun(&scene->peer), false);
		far_writes(scene, &own_edit[i], 1);
		assert_int_equal(hear(scene, bytes, &edited), 0);
		assert_int_equal(edited, i == PEER_EDIT_SIZE - 1);
	}
	peer_turn(&scene->peer, now + 1000 * (int64_t)HOUR);
	assert_int_equal(scene->peer.state, PEER_TALKING);
	assert_true(next_deadline(&scene->peer) == TURN_NEVER);
	far_writes(scene, "at last", 7);
	assert_int_equal(hear(scene, bytes, &edited), 7);
}

static void
edit_characters_may_be_any_bytes(void **state)
{
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	bool edited;

	far_writes(scene, "\xfe\0\xff", 3);
	assert_int_equal(hear(scene, bytes, &edited), 0);
	assert_true(edited);
	assert_memory_equal(scene->peer.edit, "\xfe\0\xff", 3);
	far_writes(scene, "\xfe\0\xff", 3);
	assert_int_equal(hear(scene, bytes, &edited), 3);
	assert_false(edited);
	assert_memory_equal(bytes, "\xfe\0\xff", 3);
}

/* ---------------------------------------------------------------- text --- */

static void
where_nothing_is_ready_nothing_is_read(void **state)
{
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	struct turn turn;
	bool edited = true;

	turn_begin(&turn);
	peer_await(&scene->peer, &turn, true);
	puppet_glance(&turn); /* may be written to, nothing to read */
	assert_int_equal(peer_hear(&scene->peer, &turn, bytes, &edited), 0);
	assert_false(edited);
	turn_begin(&turn);
	assert_int_equal(peer_hear(&scene->peer, &turn, bytes, &edited), 0);
	assert_int_equal(scene->peer.state, PEER_TALKING);
}

static void
what_may_be_sent_to_is_not_therefore_heard(void **state)
{
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	struct turn turn;
	bool edited;

	far_writes(scene, "\x7f\x15\x17text", 7);
	turn_begin(&turn);
	turn_want(&turn, scene->peer.fd, POLLOUT);
	puppet_glance(&turn);
	assert_int_not_equal(turn_ready(&turn, scene->peer.fd), 0);
	assert_int_equal(peer_hear(&scene->peer, &turn, bytes, &edited), 0);
	assert_int_equal(hear(scene, bytes, &edited), 4);
}

static void
a_long_text_is_heard_whole_and_in_order(void **state)
{
	enum { LONG = 3 * PEER_READ_SIZE + 5 };
	struct scene *scene = *state;
	char *text = flood();
	char *heard = malloc(LONG);

	assert_non_null(heard);
	far_writes(scene, "\x7f\x15\x17", 3);
	far_writes(scene, text, LONG);
	assert_int_equal(hear_text(scene, heard, LONG), LONG);
	assert_memory_equal(heard, text, LONG);
	free(heard);
	free(text);
}

static void
what_a_slow_reader_leaves_is_queued_and_goes_in_order(void **state)
{
	struct scene *scene = *state;
	char *text = flood();
	char *got = malloc(FLOOD);
	size_t at = 0;

	assert_non_null(got);
	assert_true(peer_say(&scene->peer, text, FLOOD));
	assert_true(peer_is_behind(&scene->peer));
	peer_turn(&scene->peer, 0);
	assert_int_equal(scene->peer.state, PEER_TALKING);
	assert_true(peer_is_behind(&scene->peer));
	assert_int_equal(wanted(&scene->peer, false), POLLOUT);
	assert_int_equal(far_reads(scene, got, PEER_EDIT_SIZE), 3);
	while (at < FLOOD) {
		at += far_reads(
		    scene, got + at, FLOOD - at < 4096 ? FLOOD - at : 4096);
		peer_turn(&scene->peer, 0);
	}
	assert_memory_equal(got, text, FLOOD);
	assert_false(peer_is_behind(&scene->peer));
	assert_int_equal(wanted(&scene->peer, true), POLLIN);
	free(got);
	free(text);
}

static void
a_queue_is_long_above_its_limit_only(void **state)
{
	struct scene *scene = *state;
	char *text = flood();

	assert_true(
	    peer_say(&scene->peer, text, PEER_QUEUE_MAX - PEER_EDIT_SIZE));
	assert_false(peer_is_behind(&scene->peer));
	assert_true(peer_say(&scene->peer, text, 1));
	assert_true(peer_is_behind(&scene->peer));
	free(text);
}

static void
a_face_that_cannot_show_more_lets_the_peer_wait(void **state)
{
	struct scene *scene = *state;

	peer_turn(&scene->peer, 0);
	assert_int_equal(wanted(&scene->peer, true), POLLIN);
	assert_int_equal(wanted(&scene->peer, false), 0);
	assert_true(peer_say(&scene->peer, "x", 1));
	assert_int_equal(wanted(&scene->peer, true), POLLIN | POLLOUT);
}

static void
a_stream_never_blocks_and_is_watched_over(void **state)
{
	struct scene *scene = *state;
	int fd = scene->peer.fd;
	int value = 0;
	socklen_t len = sizeof(value);

	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(
	    getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), 0);
	assert_int_not_equal(value, 0);
	assert_int_equal(
	    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), 0);
	assert_int_not_equal(value, 0);
}

/* ----------------------------------------------------------- their end --- */

static void
the_peers_close_is_the_end_after_its_last_text(void **state)
{
	struct scene *scene = *state;
	char heard[16];

	far_writes(scene, "\x7f\x15\x17", 3);
	far_writes(scene, "bye\n", 4);
	far_closes(scene);
	assert_int_equal(hear_text(scene, heard, sizeof(heard)), 4);
	assert_memory_equal(heard, "bye\n", 4);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	assert_int_equal(scene->peer.error, 0);
	assert_int_equal(scene->peer.fd, -1);
	assert_false(peer_say(&scene->peer, "x", 1));
	assert_int_equal(wanted(&scene->peer, true), 0);
}

static void
a_reset_counts_as_closed(void **state)
{
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	bool edited;

	far_writes(scene, "\x7f\x15\x17", 3);
	assert_int_equal(hear(scene, bytes, &edited), 0);
	far_resets(scene);
	assert_int_equal(hear(scene, bytes, &edited), 0);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	assert_int_equal(scene->peer.error, 0);
}

static void
a_reset_before_the_edit_characters_counts_as_broken(void **state)
{
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	bool edited;

	far_writes(scene, "\x7f", 1);
	assert_int_equal(hear(scene, bytes, &edited), 0);
	far_resets(scene);
	assert_int_equal(hear(scene, bytes, &edited), 0);
	assert_int_equal(scene->peer.state, PEER_BROKEN);
	assert_int_equal(scene->peer.error, ECONNRESET);
}

/*
 * A program that ends with our text unread resets the stream behind its own
 * last words; and no SIGPIPE may come of what we still send.
 */
static void
the_last_words_before_a_reset_are_heard_though_we_send(void **state)
{
	struct scene *scene = *state;
	char heard[16];

	assert_true(peer_say(&scene->peer, "unread", 6));
	peer_turn(&scene->peer, 0);
	assert_int_equal(far_reads(scene, heard, 1), 1);
	far_writes(scene,
	    "\x7f\x15\x17"
	    "bye\n",
	    7);
	far_closes(scene);
	assert_true(peer_say(&scene->peer, "more", 4));
	peer_turn(&scene->peer, 0);
	assert_true(peer_say(&scene->peer, "and more", 8));
	peer_turn(&scene->peer, 0);
	assert_int_equal(hear_text(scene, heard, sizeof(heard)), 4);
	assert_memory_equal(heard, "bye\n", 4);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
}

/* A datagram socket that is refused stands for a network that fails. */
static void
a_stream_that_breaks_tells_why(void **state)
{
	struct scene *scene = *state;
	struct puppet nobody;
	struct sockaddr_storage ss;
	struct turn turn;
	socklen_t len;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	puppet_open(&nobody, "127.0.0.1", 0);
	len = address_to_sockaddr(&nobody.at, &ss);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	puppet_close(&nobody);
	peer_free(&scene->peer);
	peer_start(&scene->peer, fd, own_edit);
	peer_turn(&scene->peer, 0);
	turn_begin(&turn);
	turn_want(&turn, fd, POLLIN);
	puppet_await(&turn);
	assert_true(peer_say(&scene->peer, "x", 1));
	peer_turn(&scene->peer, 0);
	assert_int_equal(scene->peer.state, PEER_BROKEN);
	assert_int_equal(scene->peer.error, ECONNREFUSED);
	assert_int_equal(scene->peer.fd, -1);
}

/* ------------------------------------------------------------- our end --- */

static void
hanging_up_sends_what_is_queued_then_the_end(void **state)
{
	struct scene *scene = *state;
	char got[16];

	assert_true(peer_say(&scene->peer, "bye\n", 4));
	peer_hang_up(&scene->peer, 5000);
	assert_int_equal(scene->peer.state, PEER_HANGING_UP);
	assert_false(peer_say(&scene->peer, "x", 1));
	peer_turn(&scene->peer, 100);
	assert_int_equal(far_reads(scene, got, sizeof(got)), 7);
	assert_memory_equal(got,
	    "\x7f\x15\x17"
	    "bye\n",
	    7);
	assert_true(next_deadline(&scene->peer) == 100 + PEER_HANG_UP_MS);
	far_closes(scene);
	assert_int_equal(hear_text(scene, got, sizeof(got)), 0);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	assert_int_equal(scene->peer.fd, -1);
}

static void
a_peer_that_does_not_close_is_left_after_two_seconds(void **state)
{
	struct scene *scene = *state;
	char got[PEER_EDIT_SIZE + 1];

	peer_hang_up(&scene->peer, TURN_NEVER);
	peer_turn(&scene->peer, 100);
	peer_turn(&scene->peer, 99 + PEER_HANG_UP_MS);
	assert_int_equal(scene->peer.state, PEER_HANGING_UP);
	peer_turn(&scene->peer, 100 + PEER_HANG_UP_MS);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	assert_int_equal(scene->peer.error, 0);
	assert_int_equal(far_reads(scene, got, sizeof(got)), PEER_EDIT_SIZE);
}

static void
with_patience_without_end_a_slow_reader_gets_all(void **state)
{
	struct scene *scene = *state;
	char *text = flood();
	char *got = malloc(FLOOD + 8);
	const int64_t day = 86400000;
	int64_t now = 0;
	size_t at = 0;

	assert_non_null(got);
	assert_true(peer_say(&scene->peer, text, FLOOD));
	peer_hang_up(&scene->peer, TURN_NEVER);
	while (at < FLOOD + PEER_EDIT_SIZE) {
		peer_turn(&scene->peer, now += day);
		at += far_reads(scene, got + at,
		    FLOOD + PEER_EDIT_SIZE - at < 65536
			? FLOOD + PEER_EDIT_SIZE - at
			: 65536);
	}
	assert_memory_equal(got + PEER_EDIT_SIZE, text, FLOOD);
	peer_turn(&scene->peer, now);
	assert_int_equal(far_reads(scene, got, 1), 0);
	free(got);
	free(text);
}

static void
with_patience_at_its_end_the_rest_is_dropped(void **state)
{
	struct scene *scene = *state;
	char *text = flood();

	assert_true(peer_say(&scene->peer, text, FLOOD));
	peer_hang_up(&scene->peer, 5000);
	peer_turn(&scene->peer, 4999);
	assert_int_equal(scene->peer.state, PEER_HANGING_UP);
	assert_true(next_deadline(&scene->peer) == 5000);
	peer_turn(&scene->peer, 5000);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	assert_int_equal(scene->peer.fd, -1);
	free(text);
}

static void
a_peer_is_heard_until_it_closes_though_we_have_hung_up(void **state)
{
	struct scene *scene = *state;
	char heard[16];

	far_writes(scene, "\x7f\x15\x17", 3);
	peer_hang_up(&scene->peer, 5000);
	peer_turn(&scene->peer, 0);
	far_writes(scene, "wait\n", 5);
	far_closes(scene);
	assert_int_equal(hear_text(scene, heard, sizeof(heard)), 5);
	assert_memory_equal(heard, "wait\n", 5);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
}

static void
a_peer_that_is_gone_needs_no_patience(void **state)
{
	struct scene *scene = *state;
	char *text = flood();
	char bytes[PEER_READ_SIZE];
	bool edited;

	assert_true(peer_say(&scene->peer, text, FLOOD));
	peer_hang_up(&scene->peer, TURN_NEVER);
	peer_turn(&scene->peer, 0);
	far_resets(scene);
	while (scene->peer.fd >= 0) {
		(void)hear(scene, bytes, &edited);
		peer_turn(&scene->peer, 0);
	}
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	free(text);
}

static void
hanging_up_again_can_only_hasten_it(void **state)
{
	struct scene *scene = *state;
	char *text = flood();

	assert_true(peer_say(&scene->peer, text, FLOOD));
	peer_hang_up(&scene->peer, TURN_NEVER);
	assert_true(next_deadline(&scene->peer) == TURN_NEVER);
	peer_hang_up(&scene->peer, 5000);
	peer_hang_up(&scene->peer, 9000);
	assert_true(next_deadline(&scene->peer) == 5000);
	peer_turn(&scene->peer, 5000);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	peer_hang_up(&scene->peer, 9000);
	assert_int_equal(scene->peer.state, PEER_CLOSED);
	free(text);
}

static void
a_peer_that_is_not_there_yet_wants_and_does_nothing(void **state)
{
	struct scene *scene = *state;
	char bytes[PEER_READ_SIZE];
	struct turn turn;
	struct peer peer;
	bool edited = true;

	(void)scene;
	peer_start(&peer, -1, own_edit);
	turn_begin(&turn);
	peer_await(&peer, &turn, true);
	assert_int_equal(turn.count, 0);
	assert_true(turn.deadline == TURN_NEVER);
	assert_int_equal(peer_hear(&peer, &turn, bytes, &edited), 0);
	assert_false(edited);
	assert_false(peer_say(&peer, "x", 1));
	assert_false(peer_is_behind(&peer));
	peer_hang_up(&peer, 0);
	peer_turn(&peer, 0);
	assert_int_equal(peer.state, PEER_CLOSED);
	peer_free(&peer);
	peer_free(&peer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(our_edit_characters_go_out_before_any_text),
		TEST(the_peers_edit_characters_come_in_any_pieces),
		TEST(edit_characters_that_never_come_are_no_text_and_no_edit),
		TEST(hours_of_silence_end_nothing),
		TEST(edit_characters_may_be_any_bytes),
		TEST(where_nothing_is_ready_nothing_is_read),
		TEST(what_may_be_sent_to_is_not_therefore_heard),
		TEST(a_long_text_is_heard_whole_and_in_order),
		TEST(what_a_slow_reader_leaves_is_queued_and_goes_in_order),
		TEST(a_queue_is_long_above_its_limit_only),
		TEST(a_face_that_cannot_show_more_lets_the_peer_wait),
		TEST(a_stream_never_blocks_and_is_watched_over),
		TEST(the_peers_close_is_the_end_after_its_last_text),
		TEST(a_reset_counts_as_closed),
		TEST(a_reset_before_the_edit_characters_counts_as_broken),
		TEST(the_last_words_before_a_reset_are_heard_though_we_send),
		TEST(a_stream_that_breaks_tells_why),
		TEST(hanging_up_sends_what_is_queued_then_the_end),
		TEST(a_peer_that_does_not_close_is_left_after_two_seconds),
		TEST(with_patience_without_end_a_slow_reader_gets_all),
		TEST(with_patience_at_its_end_the_rest_is_dropped),
		TEST(a_peer_is_heard_until_it_closes_though_we_have_hung_up),
		TEST(a_peer_that_is_gone_needs_no_patience),
		TEST(hanging_up_again_can_only_hasten_it),
		TEST(a_peer_that_is_not_there_yet_wants_and_does_nothing),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
