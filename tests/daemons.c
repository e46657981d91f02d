/*
 * Talk daemons, started as people start them.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"

enum { OPTIONS_MAX = 16 };

static struct actor *
start_daemon(struct stage *stage, const char *const *options,
    const char *const *more, const struct actor_setup *setup)
{
	const char *argv[OPTIONS_MAX + 1] = { stage_talkd() };
	struct actor_setup talkd = *setup;
	size_t count = 1;

	for (; *options != NULL && count < OPTIONS_MAX; options++)
		argv[count++] = *options;
	for (; more != NULL && *more != NULL && count < OPTIONS_MAX; more++)
		argv[count++] = *more;
	argv[count] = NULL;
	talkd.name = "talkd";
	talkd.argv = argv;
	return actor_start(stage, &talkd);
}

/* A datagram socket bound to an address; puts its port. */
static int
bind_datagrams(const char *address, uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(*port) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return -1;
	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0 ||
	    !actor_keep_private(fd, false)) {
		close(fd);
		return -1;
	}
	*port = ntohs(sin.sin_port);
	return fd;
}

static struct actor *
start_as_inetd(struct stage *stage, const char *address,
    const char *const *more, uint16_t *port)
{
	static const char *const none[] = { NULL };
	struct actor_setup setup = { .place = AT_SOCKET };
	struct actor *talkd;

	setup.socket = bind_datagrams(address, port);
	if (setup.socket < 0)
		return NULL;
	talkd = start_daemon(stage, none, more, &setup);
	close(setup.socket);
	return talkd;
}

/* Reads "talkd: serving ADDRESS port PORT"; 0 when there is no such line. */
static uint16_t
port_told(struct actor *talkd)
{
	const char *line, *port;

	if (!actor_states(talkd, "\n"))
		return 0;
	line = strstr(actor_errors(talkd), "talkd: serving ");
	port = line == NULL ? NULL : strstr(line, " port ");
	return port == NULL ? 0 : (uint16_t)atoi(port + strlen(" port "));
}

static struct actor *
start_in_foreground(struct stage *stage, const char *address,
    const char *const *more, uint16_t *port)
{
	char number[8];
	const char *const options[] = { "-F", "-b", address, "-p", number,
		NULL };
	struct actor_setup setup = { .place = AT_PIPES };
	struct actor *talkd;

	snprintf(number, sizeof(number), "%d", *port);
	talkd = start_daemon(stage, options, more, &setup);
	if (talkd == NULL)
		return NULL;
	*port = port_told(talkd);
	return *port == 0 ? NULL : talkd;
}

struct actor *
stage_start_talkd(
    struct stage *stage, const struct daemon_setup *setup, uint16_t *port)
{
	const char *address = "127.0.0.1";

	if (setup->address != NULL)
		address = setup->address;
	*port = setup->port;
	if (setup->as_inetd)
		return start_as_inetd(stage, address, setup->options, port);
	return start_in_foreground(stage, address, setup->options, port);
}
