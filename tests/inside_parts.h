/*
 * inside_parts - what the files of inside.h tell each other.
 */
#ifndef TESTS_INSIDE_PARTS_H
#define TESTS_INSIDE_PARTS_H

#include "inside.h"

#include "talkd/datagram.h"

/* Numbers of descriptors: each kind has its own hundreds. */
enum {
	FD_NAMES = 1000,
	FD_RANDOM = 1001,
	FD_LISTENER = 1002,
	FD_DATAGRAMS = 1100,
	FD_DIRECTORY = 1200,
	FD_TERMINAL = 1300,
	FD_FILE = 1400,
	FD_WIRE = 2000,
};

/* Milliseconds that the daemon was awake for, or might have been. */
int64_t inside_awake(void);

/* ------------------------------------------------------- the beginning --- */

void inside_hosts_begin(void);
void inside_place_begin(int site);
void inside_wire_begin(void);
void inside_calls_begin(int64_t life);
void inside_memory_begin(void);
void inside_watch_begin(const struct inside_setup *setup);

/* Nothing may be left. */
void inside_place_end(void);
void inside_wire_end(void);
void inside_memory_end(void);

/* --------------------------------------------------------- descriptors --- */

/* Whether a descriptor would poll readable. */
bool inside_names_ready(void);
bool inside_listener_ready(void);
bool inside_wire_ready(int fd);

/* Where each kind is closed and looked at. */
void inside_wire_close(int fd);
void inside_place_close(int fd);

/* -------------------------------------------------- what must hold now --- */

/* At every poll, of streams and of sockets that ask. */
void inside_wire_settle(void);

/* Of a datagram that comes, a reply that leaves; which may be one to a call. */
void inside_watch_datagram(const struct datagram *in);
void inside_watch_reply(const struct datagram_reply *reply);
void inside_calls_reply(const struct datagram_reply *reply);

/* Of what is asked of another daemon. */
void inside_watch_question(
    const struct address *daemon, const uint8_t *bytes, size_t len);

/* Of an answer on a stream. */
void inside_watch_answer(const uint8_t *bytes, size_t len);

/*
 * Of what is for a terminal, and may be written there; whether it is still the
 * one's whom the daemon has seen to sit there.
 */
void inside_watch_terminal(unsigned terminal, const char *bytes, size_t len,
    bool is_as_seen, bool was_written);

/* Of a line in the log. */
void inside_watch_log(int priority, const char *line);

#endif
