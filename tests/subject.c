/*
 * subject - the programs that are measured in turn.
 */
#include "subject.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure.h"

#define PEERS	"tests/peers/debian/"
#define MACHINE "x86_64-linux-gnu"

static const struct {
	const char *name;
	const char *path;
} programs[SUBJECTS] = {
	[SUBJECT_ECHO] = { "echo", "tests/echo" },
	[SUBJECT_TALKD] = { "talkd", "talkd/talkd" },
	[SUBJECT_NETKIT] = { "netkit", PEERS "usr/sbin/in.ntalkd" },
	[SUBJECT_INETUTILS] = { "inetutils", PEERS "usr/sbin/talkd" },
};

const char *
subject_user(void)
{
	const struct passwd *user = getpwuid(getuid());

	if (user == NULL)
		measure_fail("no name for this user");
	return user->pw_name;
}

/* What all requests of the client have. */
static void
prepare_request(struct subject *subject)
{
	struct talk_request *req = &subject->usual;

	*req = (struct talk_request){ .pid = (uint32_t)getpid() };
	req->ctl_addr = (struct address){ .family = 4,
		.bytes = { 127, 0, 0, 1 },
		.port = measure_port(subject->fd) };
	req->addr = req->ctl_addr;
	snprintf(req->l_name, sizeof(req->l_name), "%s", subject_user());
}

bool
subject_start(struct subject *subject, enum subject_kind kind,
    const char *const options[2])
{
	const char *argv[] = { programs[kind].path, NULL, NULL, NULL };
	int fd;

	if (access(programs[kind].path, X_OK) != 0)
		return false;
	(void)setenv("LD_LIBRARY_PATH",
	    PEERS "usr/lib/" MACHINE ":" PEERS "lib/" MACHINE, 1);
	if (options != NULL && kind == SUBJECT_TALKD) {
		argv[1] = options[0];
		argv[2] = options[1];
	}
	fd = measure_bind(SOCK_DGRAM, INADDR_ANY, 0);
	subject->kind = kind;
	subject->name = programs[kind].name;
	subject->port = measure_port(fd);
	subject->fd = measure_connect(subject->port);
	prepare_request(subject);
	if (kind < SUBJECT_NETKIT)
		(void)unsetenv("LD_LIBRARY_PATH");
	subject->pid = measure_start(argv, fd);
	(void)unsetenv("LD_LIBRARY_PATH");
	close(fd);
	return true;
}

void
subject_end(struct subject *subject)
{
	close(subject->fd);
	measure_end(subject->pid);
}

struct talk_request
subject_request(const struct subject *subject, enum talk_type type)
{
	struct talk_request req = subject->usual;

	req.type = type;
	return req;
}

void
subject_send(const struct subject *subject, const struct talk_request *req)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];

	ntalk_put_request(req, bytes);
	if (send(subject->fd, bytes, sizeof(bytes), 0) != sizeof(bytes))
		measure_fail(subject->name);
}

struct talk_reply
subject_receive(const struct subject *subject)
{
	uint8_t bytes[NTALK_REQUEST_SIZE];
	struct talk_reply reply = { 0 };
	ssize_t len = recv(subject->fd, bytes, sizeof(bytes), 0);

	if (len <= 0)
		measure_fail(subject->name);
	if (subject->kind != SUBJECT_ECHO &&
	    !ntalk_get_reply(bytes, (size_t)len, &reply))
		measure_fail("no reply");
	return reply;
}

struct talk_reply
subject_ask(const struct subject *subject, const struct talk_request *req)
{
	subject_send(subject, req);
	return subject_receive(subject);
}
