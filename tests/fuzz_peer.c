/*
 * A whole conversation with somebody who sends what the input says, on a split
 * screen or in lines: whatever comes, typed or from the other side, in whatever
 * pieces, windows and weather.  No byte of his does anything to the terminal,
 * what it shows is what a picture drawn anew shows, he is sent what was typed
 * and nothing else, and files and pipes get lines of clean text.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clean.h"
#include "emulator.h"
#include "fuzz.h"
#include "talk/compose.h"
#include "talk/keyboard.h"
#include "talk/lines.h"
#include "talk/retype.h"
#include "talk/session.h"
#include "talk/split.h"
#include "user.h"
#include "world.h"

enum {
	EMULATORS = 2,	 /* an xterm and a VT100 */
	QUIET_MS = 4000, /* after which nothing on the screen changes */
	FRAME_MS = 50,	 /* and a picture is drawn */
	/* To hang up, and to take back from daemons that are silent. */
	LEAVE_MS = 5000,
	TURNS_MAX = 100000,
	PICTURE_SIZE = 64 * 1024,
	CELL_SIZE = 64,
	MOMENT = 1000000,
};

/* How far the picture is compared with one that is drawn anew. */
enum look { LOOK_NOT, LOOK_QUIET, LOOK_DRAWN };

struct play {
	struct fuzz_input input;
	struct user user;
	struct world_socket *peer; /* NULL before */
	bool lines;
	bool over;     /* the input is: the user leaves */
	bool hindered; /* not all that was typed may have gone out */
	int64_t left;  /* when he did */
	int turns;

	struct emulator *emulators[EMULATORS];
	enum look look;
	int64_t look_at;
	char pictures[EMULATORS][PICTURE_SIZE];

	struct buffer typed; /* all of it, and */
	struct buffer sent;  /* what came of it */
	struct buffer heard; /* of standard output */
	int in, out;	     /* our ends of standard input and output */
};

static const struct face_functions *face_does; /* before it is watched */

/* ----------------------------------------------------------------- text --- */

/* Calls for each line; what is behind the last newline is no line. */
static void
check_lines(const char *text, size_t len, void (*check)(const char *, size_t))
{
	const char *end;

	while ((end = memchr(text, '\n', len)) != NULL) {
		check(text, (size_t)(end - text));
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	fuzz_expect(len == 0);
}

/* 2026-11-22T10:15:03 alice@h1: text */
static void
check_record(const char *line, size_t len)
{
	const size_t stamp = sizeof("2026-11-22T10:15:03");

	clean_expect(line, len);
	fuzz_expect(len >= stamp + 8 && line[10] == 'T');
	fuzz_expect(memcmp(line + stamp, "bob@h2: ", 8) == 0 ||
	    (len >= stamp + 10 && memcmp(line + stamp, "alice@h1: ", 10) == 0));
}

static void
watch_words(struct face *face, int party, const char *words)
{
	clean_expect(words, strlen(words));
	if (face->attended) /* else it is for standard error */
		face_does->tell(face, party, words);
}

/* -------------------------------------------------------------- network --- */

/* Bob waits at 10.0.0.2, as his daemon tells; all others are silent. */
static void
note_sent(void *context, struct world_socket *socket, const struct address *to,
    const uint8_t *bytes, size_t len)
{
	static const uint8_t invitation[] = { 1, 1, 0, 0, 0, 0, 0, 7, 0, 2,
		0x10, 0, 10, 0, 0, 2, [23] = 0 };
	struct play *play = context;
	struct world_piece *piece;

	(void)to;
	if (socket->type == SOCK_STREAM) {
		fuzz_expect(socket == play->peer && !socket->shut);
		fuzz_expect(buffer_append(&play->sent, bytes, len));
		return;
	}
	piece = bytes[1] == 1 ? world_add(socket) : NULL;
	if (piece == NULL)
		return;
	memcpy(piece->bytes, invitation, sizeof(invitation));
	piece->len = sizeof(invitation);
}

static void
note_connection(void *context, struct world_socket *socket)
{
	struct play *play = context;

	if (socket->type != SOCK_STREAM)
		return;
	play->peer = socket;
	socket->decided = true;
}

/* ------------------------------------------------------------- terminal --- */

static void
see(void *context, const char *bytes, size_t len)
{
	struct play *play = context;
	int i;

	for (i = 0; i < EMULATORS; i++) {
		emulator_feed(play->emulators[i], bytes, len);
		fuzz_expect(*emulator_complaint(play->emulators[i]) == '\0');
	}
}

/* All that an emulator shows, cell by cell, and where its cursor is. */
static void
take_picture(const struct emulator *e, char picture[PICTURE_SIZE])
{
	size_t at = 0;
	int row, col, width;

	emulator_cursor(e, &row, &col);
	at += (size_t)snprintf(picture, PICTURE_SIZE, "%d,%d", row, col);
	for (row = 0; row < emulator_rows(e); row++)
		for (col = 0; col < emulator_cols(e); col++) {
			if (at + CELL_SIZE + 2 > PICTURE_SIZE)
				return;
			at += emulator_cell(
			    e, row, col, picture + at, CELL_SIZE, &width);
			picture[at++] = (char)(width +
			    (emulator_is_reverse(e, row, col) ? 5 : 1));
			picture[at] = '\0';
		}
}

static void
compare_pictures(struct play *play)
{
	static char picture[PICTURE_SIZE];
	int i;

	for (i = 0; i < EMULATORS; i++) {
		take_picture(play->emulators[i], picture);
		fuzz_expect(strcmp(picture, play->pictures[i]) == 0);
	}
}

static void
type(struct play *play, const void *keys, size_t len)
{
	if (play->lines && len > 0)
		play->hindered |= write(play->in, keys, len) != (ssize_t)len;
	else
		user_type(&play->user, keys, len);
	fuzz_expect(len == 0 || buffer_append(&play->typed, keys, len));
}

/* Once nothing changes any more, a picture drawn anew is the same. */
static void
look_on(struct play *play)
{
	int i;

	if (play->user.now < play->look_at)
		return;
	if (play->look == LOOK_DRAWN) {
		compare_pictures(play);
		play->look = LOOK_NOT;
		return;
	}
	for (i = 0; i < EMULATORS; i++)
		take_picture(play->emulators[i], play->pictures[i]);
	type(play, "\f", 1);
	play->look = LOOK_DRAWN;
	play->look_at = play->user.now + FRAME_MS;
}

static void
look_begin(struct play *play)
{
	if (!play->user.raw || play->user.behind || play->user.room != SIZE_MAX)
		return;
	play->look = LOOK_QUIET;
	play->look_at = play->user.now + QUIET_MS;
}

static void
resize(struct play *play)
{
	static const int sizes[][2] = { { 24, 80 }, { 5, 20 }, { 7, 13 },
		{ 12, 40 }, { 3, 9 }, { 30, 100 }, { 2, 2 }, { 1, 1 } };
	const int *size = sizes[fuzz_take_u8(&play->input) % 8];
	int i;

	if (play->user.behind) /* by what was drawn for the old size */
		return;
	play->user.rows = size[0];
	play->user.cols = size[1];
	for (i = 0; i < EMULATORS; i++)
		fuzz_expect(
		    emulator_resize(play->emulators[i], size[0], size[1]));
	user_signal(&play->user, SIGWINCH);
}

/* ------------------------------------------------------------- the user --- */

/* Ends it as he does, and the other side takes what it is sent. */
static void
leave(struct play *play)
{
	play->over = true;
	play->left = play->user.now;
	play->user.room = SIZE_MAX;
	if (play->peer != NULL)
		play->peer->room = SIZE_MAX;
	if (!play->lines)
		user_type(&play->user, "\004", 1);
	else if (play->in >= 0)
		close(play->in);
	play->in = -1;
}

static void
interrupt(struct play *play)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	user_signal(&play->user, numbers[fuzz_take_u8(&play->input) % 4]);
	play->hindered = true;
}

static void
suspend(struct play *play)
{
	user_signal(&play->user, SIGTSTP);
	user_signal(&play->user, SIGCONT);
}

/* ------------------------------------------------------------ the other --- */

static void
say(struct play *play, const uint8_t *bytes, size_t len)
{
	struct world_piece *piece;

	if (play->peer == NULL)
		return;
	piece = world_add(play->peer);
	if (piece == NULL)
		return;
	piece->len = len;
	if (len > 0)
		memcpy(piece->bytes, bytes, len);
	else
		play->hindered = true; /* that was his end */
}

/* A piece again and again, until a kilobyte is full. */
static void
say_much(struct play *play, const uint8_t *bytes, size_t len)
{
	uint8_t much[WORLD_PIECE_SIZE];
	size_t at;

	if (len == 0)
		return;
	for (at = 0; at + len <= sizeof(much); at += len)
		memcpy(much + at, bytes, len);
	say(play, much, at);
}

static void
hang_up(struct play *play)
{
	struct world_piece *piece;

	if (play->peer == NULL || (piece = world_add(play->peer)) == NULL)
		return;
	piece->error = fuzz_take_u8(&play->input) % 2 == 0 ? 0 : ECONNRESET;
	play->hindered = true;
}

/* ----------------------------------------------------------------- time --- */

static void
happen(struct play *play)
{
	uint8_t what = fuzz_take_u8(&play->input);
	const uint8_t *bytes = NULL;
	size_t len = 0;

	/* Text of one or the other stands for itself, and is most of it. */
	if (what >= 0x80) {
		bytes = fuzz_take_bytes(&play->input, what & 0x3f, &len);
		if ((what & 0x40) != 0)
			type(play, bytes, len);
		else if (len > 0)
			say(play, bytes, len);
		return;
	}
	switch (what % 16) {
	case 0:
		hang_up(play);
		break;
	case 1:
		resize(play);
		break;
	case 2:
		suspend(play);
		break;
	case 3:
		interrupt(play);
		break;
	case 4:
		look_begin(play);
		break;
	case 5:
		play->user.room = fuzz_take_u8(&play->input) * 4;
		break;
	case 6:
		play->user.room = SIZE_MAX;
		break;
	case 7:
		if (play->peer != NULL)
			play->peer->room = fuzz_take_u8(&play->input);
		play->hindered = true;
		break;
	case 8:
		if (play->peer != NULL)
			play->peer->room = SIZE_MAX;
		break;
	case 9:
		bytes = fuzz_take_bytes(
		    &play->input, fuzz_take_u8(&play->input), &len);
		say_much(play, bytes, len);
		break;
	default:
		play->user.now += fuzz_take_u8(&play->input) * 10;
	}
}

/* What lies in the pipe of standard output, in lines. */
static void
hear(struct play *play)
{
	char bytes[4096];
	ssize_t got;

	while (play->lines && (got = read(play->out, bytes, sizeof(bytes))) > 0)
		fuzz_expect(buffer_append(&play->heard, bytes, (size_t)got));
}

static void
glance(const struct play *play, struct turn *turn)
{
	struct pollfd *wanted;
	int i;

	world_glance(turn);
	for (i = 0; i < turn->count; i++) {
		wanted = &turn->fds[i];
		if (play->lines ? wanted->fd <= STDOUT_FILENO
				: wanted->fd == user_terminal())
			(void)poll(wanted, 1, 0);
	}
}

static bool
is_ready(const struct turn *turn)
{
	int i;

	for (i = 0; i < turn->count; i++)
		if (turn->fds[i].revents != 0)
			return true;
	return turn->deadline <= turn_clock();
}

/* Time goes on to what comes next, and not beyond a look. */
static void
pass(struct play *play, const struct turn *turn)
{
	int64_t to = turn->deadline;

	if (play->look != LOOK_NOT && play->look_at < to)
		to = play->look_at;
	if (to > play->user.now && to != TURN_NEVER)
		play->user.now = to;
}

static void
wait_turn(void *context, struct turn *turn)
{
	struct play *play = context;

	fuzz_expect(++play->turns < TURNS_MAX);
	hear(play);
	if (play->over)
		fuzz_expect(play->user.now <= play->left + LEAVE_MS);
	else if (play->look == LOOK_NOT && play->input.len > 0)
		happen(play);
	glance(play, turn);
	if (is_ready(turn))
		return;
	if (!play->over && play->look == LOOK_NOT && play->input.len == 0)
		leave(play);
	glance(play, turn);
	if (!is_ready(turn))
		pass(play, turn);
	if (play->look != LOOK_NOT)
		look_on(play);
	glance(play, turn);
}

/* --------------------------------------------------------------- checks --- */

/* What there is to send of all that was typed, made in one piece. */
static void
compose(const struct play *play, const uint8_t edit[3], struct buffer *said)
{
	static struct retype retype;
	struct terminal terminal = { .fd = -1 };
	struct keyboard keyboard;
	struct buffer text = { 0 };
	const char *keys = buffer_head(&play->typed);
	size_t len = buffer_len(&play->typed);
	enum key key = KEY_NOTHING;
	size_t used;

	retype = (struct retype){ .len = 0 };
	keyboard_init(&keyboard, &terminal);
	if (play->lines) {
		(void)compose_text(&keyboard.gate, keys, len, &text);
		(void)compose_end(&keyboard.gate, &text);
	}
	for (; !play->lines && len > 0 && key != KEY_END; len -= used) {
		key = keyboard_feed(&keyboard, keys, len, &used);
		keys += used;
	}
	keyboard_take(&keyboard, SIZE_MAX, &text);
	fuzz_expect(retype_text(
	    &retype, edit, buffer_head(&text), buffer_len(&text), said));
	buffer_free(&text);
	keyboard_free(&keyboard);
}

/* Our edit characters and what was typed, as far as it could be sent. */
static void
check_sent(const struct play *play, const uint8_t edit[3])
{
	struct buffer said = { 0 };
	size_t len = buffer_len(&play->sent);

	fuzz_expect(buffer_append(&said, edit, 3));
	compose(play, edit, &said);
	fuzz_expect(len <= buffer_len(&said));
	fuzz_expect(len == 0 ||
	    memcmp(buffer_head(&play->sent), buffer_head(&said), len) == 0);
	fuzz_expect(play->hindered || len == buffer_len(&said));
	buffer_free(&said);
}

static void
check_file(int file)
{
	struct buffer text = { 0 };
	char bytes[4096];
	ssize_t got;

	while ((got = read(file, bytes, sizeof(bytes))) > 0)
		fuzz_expect(buffer_append(&text, bytes, (size_t)got));
	if (buffer_len(&text) > 0)
		check_lines(
		    buffer_head(&text), buffer_len(&text), check_record);
	buffer_free(&text);
}

/* ----------------------------------------------------------------- play --- */

static void
play_begin(struct play *play)
{
	int i;

	play->user = (struct user){ .context = play,
		.waits = wait_turn,
		.sees = see,
		.now = MOMENT,
		.rows = 24,
		.cols = 80,
		.room = SIZE_MAX };
	user_begin(&play->user);
	play->in = play->out = -1;
	for (i = 0; i < EMULATORS; i++) {
		play->emulators[i] = emulator_new(24, 80);
		fuzz_expect(play->emulators[i] != NULL);
	}
	emulator_be_vt100(play->emulators[1]);
}

static void
play_end(struct play *play)
{
	int i;

	if (play->in >= 0)
		close(play->in);
	for (i = 0; i < EMULATORS; i++)
		emulator_free(play->emulators[i]);
	buffer_free(&play->typed);
	buffer_free(&play->sent);
	buffer_free(&play->heard);
	user_end(&play->user);
}

/* Standard input and output become pipes; were[] keeps what they were. */
static void
redirect(struct play *play, int were[2])
{
	int in[2], out[2];

	were[0] = dup(STDIN_FILENO);
	were[1] = dup(STDOUT_FILENO);
	fuzz_expect(pipe(in) == 0 && pipe(out) == 0);
	(void)dup2(in[0], STDIN_FILENO);
	(void)dup2(out[1], STDOUT_FILENO);
	close(in[0]);
	close(out[1]);
	play->in = in[1];
	play->out = out[0];
	(void)fcntl(play->in, F_SETFL, O_NONBLOCK);
	(void)fcntl(play->out, F_SETFL, O_NONBLOCK);
}

static void
restore(struct play *play, const int were[2])
{
	(void)dup2(were[0], STDIN_FILENO);
	(void)dup2(were[1], STDOUT_FILENO);
	close(were[0]);
	close(were[1]);
	hear(play);
	close(play->out);
	if (buffer_len(&play->heard) > 0)
		check_lines(buffer_head(&play->heard), buffer_len(&play->heard),
		    clean_expect);
}

/* A file that is gone but for its descriptors. */
static struct transcript *
open_transcript(int *file)
{
	struct transcript *transcript;
	char name[64];
	const char *why;

	snprintf(name, sizeof(name), "/tmp/fuzz_peer.%ld", (long)getpid());
	transcript = transcript_open(name, &why);
	fuzz_expect(transcript != NULL);
	*file = open(name, O_RDONLY);
	fuzz_expect(*file >= 0 && unlink(name) == 0);
	fuzz_expect(transcript_add(transcript, "alice@h1") &&
	    transcript_add(transcript, "bob@h2"));
	return transcript;
}

/* Some time of day, always the same. */
static int64_t
stand_still(void)
{
	return 0;
}

static struct face *
open_face(const struct play *play, uint8_t options)
{
	static struct face_functions watched;
	struct face *face;

	if (play->lines)
		face = lines_new();
	else
		face = split_new(&(struct split_options){
		    .wrap = (options & 2) != 0, .clock = stand_still });
	fuzz_expect(face != NULL);
	face_does = face->does;
	watched = *face->does;
	watched.tell = watch_words;
	face->does = &watched;
	return face;
}

static void
play_session(struct play *play, struct face *face, struct transcript *to)
{
	static const struct address there = {
		.family = 4, .bytes = { 10, 0, 0, 2 }, .port = 518
	};
	static const struct address here = {
		.family = 4, .bytes = { 127, 0, 0, 1 }, .port = 518
	};
	static const struct person bob = { .user = "bob", .host = "h2" };
	const struct call_plan plan = { .caller = "alice",
		.callee = &bob,
		.host = "h2",
		.there = &there,
		.there_count = 1,
		.here = &here,
		.here_count = 1 };
	struct session_outcome outcome;

	outcome = session_run(&plan, face, to, "alice", "bob@h2");
	fuzz_expect(outcome.end == SESSION_ENDED || play->hindered);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct play play;
	const struct world_watcher watcher = { .context = &play,
		.connects = note_connection,
		.sends = note_sent };
	struct transcript *transcript = NULL;
	struct face *face;
	uint8_t edit[3], options;
	int file = -1, were[2] = { -1, -1 };

	play = (struct play){ .input = { data, size } };
	fuzz_locale();
	world_begin(&watcher);
	play_begin(&play);
	options = fuzz_take_u8(&play.input);
	play.lines = (options & 1) != 0;
	if (play.lines)
		redirect(&play, were);
	if ((options & 4) != 0)
		transcript = open_transcript(&file);
	face = open_face(&play, options);
	memcpy(edit, face->edit, sizeof(edit));
	play_session(&play, face, transcript);
	face->does->free(face);
	if (transcript != NULL) {
		transcript_free(transcript);
		check_file(file);
		close(file);
	}
	if (play.lines)
		restore(&play, were);
	fuzz_expect(!play.user.raw && world_count() == 0);
	check_sent(&play, edit);
	play_end(&play);
	return 0;
}
