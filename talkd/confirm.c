/*
 * confirm - whether a caller's host knows of his call.
 */
#include "confirm.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/extension.h"
#include "common/ntalk.h"
#include "common/owner.h"
#include "common/text.h"
#include "deliver.h"
#include "pages.h"

enum {
	QUESTIONS = 3,
	NTALK_PORT = 518,
	OTALK_PORT = 517,		   /* where no ntalk is understood */
	SHOWN_SIZE = 4 * PERSON_USER_SIZE, /* \ooo for each byte */
	DOUBT_SIZE = PERSON_HOST_SIZE + SHOWN_SIZE + 64,
	DESCRIPTION_SIZE = 2 * SHOWN_SIZE + PERSON_HOST_SIZE +
	    ADDRESS_TEXT_SIZE + 16,
};

/* Milliseconds before each question, and after the last one. */
static const int64_t pauses[QUESTIONS + 1] = { CONFIRM_FIRST, 750, 2000, 2000 };

struct pending {
	bool used;
	bool is_here; /* the caller's host is this one */
	int fd;	      /* connected to his daemon; -1: not yet */
	int asked;
	int64_t began;
	int64_t next; /* question, or verdict */
	struct confirm_call call;
};

struct confirm {
	const struct log *log;
	const struct invitations *table;
	struct deliver_patience patience; /* with terminals */
	size_t count;
	struct pending list[CONFIRM_MAX]; /* in no order */
};

void
confirm_add_terminal(struct confirm_call *call, const char *terminal)
{
	if (call->terminal_count == CONFIRM_TERMINALS_MAX)
		return;
	snprintf(call->terminals[call->terminal_count++], PERSON_TERMINAL_SIZE,
	    "%s", terminal);
}

struct confirm *
confirm_new(const struct invitations *table, const struct log *log)
{
	struct confirm *confirm = pages_new(sizeof(*confirm));

	if (confirm == NULL)
		return NULL;
	confirm->log = log;
	confirm->table = table;
	return confirm;
}

/* Its place is free again. */
static void
end(struct confirm *confirm, struct pending *pending)
{
	if (pending->fd != -1)
		close(pending->fd);
	pending->used = false;
	confirm->count--;
}

void
confirm_free(struct confirm *confirm)
{
	size_t i;

	if (confirm == NULL)
		return;
	for (i = 0; i < CONFIRM_MAX; i++)
		if (confirm->list[i].used)
			end(confirm, &confirm->list[i]);
	pages_free(confirm, sizeof(*confirm));
}

/* ----------------------------------------------------------- the table --- */

static struct invitations_pair
pair_of(const struct confirm_call *call)
{
	return (struct invitations_pair){ call->caller, call->callee,
		call->in_full };
}

/* Whether the caller, of this host, has left his invitation here. */
static bool
is_invited(const struct confirm *confirm, const struct pending *pending)
{
	const struct invitations_pair pair = pair_of(&pending->call);

	return pending->is_here &&
	    invitations_first(confirm->table, TALK_LEAVE_INVITE, &pair) != NULL;
}

/* Whether the call was not taken back. */
static bool
still_stands(const struct confirm *confirm, const struct confirm_call *call)
{
	const struct invitations_pair pair = pair_of(call);
	const struct invitation *found = invitations_first(
	    confirm->table, TALK_ANNOUNCE, &pair);

	while (found != NULL &&
	    (found->pid != call->pid ||
		!address_same_host(&found->source, &call->source)))
		found = invitations_next(confirm->table, found, &pair);
	return found != NULL;
}

/* ------------------------------------------------------------- verdict --- */

/* Which call it is, for the log. */
static const char *
describe(const struct confirm_call *call, char text[DESCRIPTION_SIZE])
{
	char caller[SHOWN_SIZE];
	char callee[SHOWN_SIZE];
	char number[ADDRESS_TEXT_SIZE];

	text_name(caller, sizeof(caller), call->caller, strlen(call->caller));
	text_name(callee, sizeof(callee), call->callee, strlen(call->callee));
	address_format(&call->source, number, sizeof(number));
	snprintf(text, DESCRIPTION_SIZE, "%s@%s (%s) calls %s", caller,
	    call->host, number, callee);
	return text;
}

static size_t
doubt_text(const struct confirm_call *call, char text[DOUBT_SIZE])
{
	char host[PERSON_HOST_SIZE];
	char caller[SHOWN_SIZE];

	text_name(host, sizeof(host), call->host, strlen(call->host));
	text_name(caller, sizeof(caller), call->caller, strlen(call->caller));
	return (size_t)snprintf(text, DOUBT_SIZE,
	    "\r\ntalk: %s does not confirm that %s calls.\r\n", host, caller);
}

static void
show_doubt(struct confirm *confirm, const struct confirm_call *call)
{
	char text[DOUBT_SIZE];
	size_t i, len = doubt_text(call, text);
	const char *failure;

	for (i = 0; i < call->terminal_count; i++) {
		failure = deliver_write(&confirm->patience, call->terminals[i],
		    call->owner, text, len);
		if (failure != NULL)
			log_debug(confirm->log, "%s passed over: %s",
			    call->terminals[i], failure);
	}
}

static void
accept_call(struct confirm *confirm, struct pending *pending)
{
	char text[DESCRIPTION_SIZE];

	log_debug(
	    confirm->log, "%s: confirmed", describe(&pending->call, text));
	end(confirm, pending);
}

static void
doubt(struct confirm *confirm, struct pending *pending)
{
	char text[DESCRIPTION_SIZE];

	describe(&pending->call, text);
	if (pending->call.is_forged || still_stands(confirm, &pending->call)) {
		show_doubt(confirm, &pending->call);
		log_call(confirm->log, "%s: not confirmed by its host", text);
	} else {
		log_debug(confirm->log, "%s: taken back, not confirmed", text);
	}
	end(confirm, pending);
}

/* --------------------------------------------------- question, replies --- */

/* The daemon that the caller left his invitation with. */
static struct address
daemon_of(const struct confirm_call *call)
{
	struct address daemon = call->source;

	daemon.port = call->local.port;
	if (daemon.port == OTALK_PORT || daemon.port == 0)
		daemon.port = NTALK_PORT;
	return daemon;
}

/* A socket connected to it, which hears nobody else; -1 when none is had. */
static int
open_towards(const struct address *daemon)
{
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(daemon, &name);
	int fd = socket(name.ss_family, SOCK_DGRAM, 0);

	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    connect(fd, (struct sockaddr *)&name, len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Where the reply goes: GNU's and the BSDs' daemons send it to ctl_addr. */
static struct address
own_address(int fd)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	struct address own = { 0 };

	if (getsockname(fd, (struct sockaddr *)&name, &len) == 0)
		(void)address_from_sockaddr(
		    &own, (struct sockaddr *)&name, len);
	return own;
}

/*
 * The question, as any daemon understands it; over IPv6 there are none but this
 * project's, which tell of an invitation for IPv6 only those who can read it.
 * Returns its length.
 */
static size_t
put_question(
    const struct pending *pending, uint8_t bytes[EXTENSION_DATAGRAM_SIZE])
{
	static const struct extension_request nothing_more;
	const struct confirm_call *call = &pending->call;
	struct talk_request req = { .type = TALK_LOOK_UP };

	req.ctl_addr = own_address(pending->fd);
	snprintf(req.l_name, sizeof(req.l_name), "%s", call->callee);
	snprintf(req.r_name, sizeof(req.r_name), "%s", call->caller);
	if (call->source.family == 6)
		return extension_put_request(&req, &nothing_more, bytes);
	ntalk_put_request(&req, bytes);
	return NTALK_REQUEST_SIZE;
}

/* What cannot be sent is not confirmed, at least not now. */
static void
ask(struct pending *pending)
{
	const struct address daemon = daemon_of(&pending->call);
	uint8_t bytes[EXTENSION_DATAGRAM_SIZE];

	if (pending->fd == -1)
		pending->fd = open_towards(&daemon);
	if (pending->fd != -1)
		(void)send(pending->fd, bytes, put_question(pending, bytes), 0);
}

/* Takes in a reply; whether it finds the invitation. */
static bool
hear(const struct pending *pending)
{
	uint8_t bytes[NTALK_REPLY_SIZE];
	ssize_t len = recv(pending->fd, bytes, sizeof(bytes), 0);
	struct talk_reply reply;

	return len > 0 && ntalk_get_reply(bytes, (size_t)len, &reply) &&
	    reply.type == TALK_LOOK_UP && reply.answer == TALK_SUCCESS;
}

/* The next question, or the verdict. */
static void
go_on(struct confirm *confirm, struct pending *pending, int64_t now)
{
	if (is_invited(confirm, pending)) {
		accept_call(confirm, pending);
	} else if (pending->asked < QUESTIONS) {
		ask(pending);
		pending->next = now + pauses[++pending->asked];
	} else {
		doubt(confirm, pending);
	}
}

/* ----------------------------------------------------------- the calls --- */

/* A free place; the one that has waited longest is given up for it. */
static struct pending *
make_room(struct confirm *confirm)
{
	struct pending *oldest = &confirm->list[0];
	size_t i;

	for (i = 0; i < CONFIRM_MAX; i++) {
		if (!confirm->list[i].used)
			return &confirm->list[i];
		if (confirm->list[i].began < oldest->began)
			oldest = &confirm->list[i];
	}
	doubt(confirm, oldest);
	return oldest;
}

void
confirm_begin(
    struct confirm *confirm, const struct confirm_call *call, int64_t now)
{
	struct pending *pending;

	confirm->patience.now = now;
	pending = make_room(confirm);
	*pending = (struct pending){
		.used = true,
		.is_here = owner_is_here(&call->source, &call->local),
		.fd = -1,
		.began = now,
		.next = now + pauses[0],
		.call = *call,
	};
	confirm->count++;
	if (is_invited(confirm, pending))
		accept_call(confirm, pending);
}

size_t
confirm_count(const struct confirm *confirm)
{
	return confirm->count;
}

int64_t
confirm_deadline(const struct confirm *confirm)
{
	const struct pending *pending = confirm->list;
	int64_t next = CONFIRM_NEVER;
	size_t i;

	for (i = 0; confirm->count > 0 && i < CONFIRM_MAX; i++, pending++)
		if (pending->used && pending->next < next)
			next = pending->next;
	return next;
}

size_t
confirm_watch(const struct confirm *confirm, struct pollfd fds[CONFIRM_MAX])
{
	const struct pending *pending = confirm->list;
	size_t i, count = 0;

	for (i = 0; confirm->count > 0 && i < CONFIRM_MAX; i++, pending++) {
		fds[i] = (struct pollfd){ pending->used ? pending->fd : -1,
			POLLIN, 0 };
		if (pending->used)
			count = i + 1;
	}
	return count;
}

void
confirm_serve(
    struct confirm *confirm, const struct pollfd fds[CONFIRM_MAX], int64_t now)
{
	struct pending *pending = confirm->list;
	size_t i;

	if (confirm->count == 0)
		return;
	confirm->patience.now = now;
	for (i = 0; i < CONFIRM_MAX; i++, pending++) {
		if (!pending->used)
			continue;
		if (fds[i].revents != 0 && hear(pending))
			accept_call(confirm, pending);
		else if (now >= pending->next)
			go_on(confirm, pending, now);
	}
}
