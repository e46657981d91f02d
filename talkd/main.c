/*
 * talkd - the talk daemon: options, sockets, privileges, and then the loop.
 */
#include <sys/socket.h>

#include <arpa/inet.h>

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "access.h"
#include "log.h"
#include "sandbox.h"
#include "server.h"
#include "sockets.h"

enum {
	NTALK_PORT = 518, /* where /etc/services does not name them */
	MSP_PORT = 18,
	SECONDS_MAX = 365 * 24 * 60 * 60,
};

struct options {
	bool own_sockets;    /* -F */
	bool own_port;	     /* -p */
	uint8_t family;	     /* -4, -6; 0 for both */
	const char *address; /* -b; NULL for all */
	struct sockets_plan plan;
	const char *rules; /* -a; NULL for none */
	const char *user;  /* -u */
	struct server_options server;
};

static _Noreturn void
usage(void)
{
	fprintf(stderr,
	    "usage: talkd [-46dFl] [-a file] [-b address] [-i seconds] "
	    "[-p port]\n"
	    "             [-r seconds] [-u user]\n");
	exit(EX_USAGE);
}

/* Reads a decimal number; false when it is none, or out of range. */
static bool
read_number(const char *text, long min, long max, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *number >= min &&
	    *number <= max;
}

/* Reads an option's seconds as milliseconds. */
static int64_t
seconds_of(int option, const char *text, long min, const struct log *log)
{
	long seconds;

	if (!read_number(text, min, SECONDS_MAX, &seconds)) {
		log_error(
		    log, "-%c: not a number of seconds: %s", option, text);
		usage();
	}
	return (int64_t)seconds * 1000;
}

static uint16_t
port_of(const char *text, const struct log *log)
{
	long port;

	if (!read_number(text, 0, UINT16_MAX, &port)) {
		log_error(log, "-p: not a port number: %s", text);
		usage();
	}
	return (uint16_t)port;
}

static uint16_t
service_port(const char *name, const char *protocol, uint16_t otherwise)
{
	const struct servent *service = getservbyname(name, protocol);

	return service == NULL ? otherwise : ntohs((uint16_t)service->s_port);
}

static void
read_option(struct options *options, int option, struct log *log)
{
	switch (option) {
	case '4':
	case '6':
		options->family = (uint8_t)(option - '0');
		break;
	case 'a':
		options->rules = optarg;
		break;
	case 'b':
		options->address = optarg;
		break;
	case 'd':
		log->debug = true;
		break;
	case 'F':
		options->own_sockets = true;
		break;
	case 'i':
		options->server.idle = seconds_of(option, optarg, 0, log);
		break;
	case 'l':
		log->calls = true;
		break;
	case 'p':
		options->own_port = true;
		options->plan.calls = port_of(optarg, log);
		options->plan.messages = options->plan.calls;
		break;
	case 'r':
		options->server.life = seconds_of(option, optarg, 1, log);
		break;
	case 'u':
		options->user = optarg;
		break;
	default:
		usage();
	}
}

static struct options
read_options(int argc, char *argv[], struct log *log)
{
	struct options options = {
		.user = "nobody",
		.server = { .idle = 120 * 1000, .life = 60 * 1000 },
	};
	int option;

	/* Without any, what getopt needs of libc stays out of memory. */
	while (argc > 1 &&
	    (option = getopt(argc, argv, "46a:b:dFi:lp:r:u:")) != -1)
		read_option(&options, option, log);
	if (optind < argc)
		usage();
	if (options.own_sockets)
		options.server.idle = 0;
	if (options.own_sockets && !options.own_port)
		options.plan = (struct sockets_plan){
			service_port("ntalk", "udp", NTALK_PORT),
			service_port("msp", "tcp", MSP_PORT),
		};
	return options;
}

/* Where to open sockets: family 0 is all addresses of both. */
static struct address
address_of(const struct options *options, const struct log *log)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *info;
	struct address at = { .family = options->family };

	hints.ai_socktype = SOCK_DGRAM;
	if (options->family != 0)
		hints.ai_family = options->family == 4 ? AF_INET : AF_INET6;
	if (options->address != NULL) {
		if (getaddrinfo(options->address, NULL, &hints, &info) != 0) {
			log_error(log, "-b: not an address to serve: %s",
			    options->address);
			usage();
		}
		(void)address_from_sockaddr(
		    &at, info->ai_addr, info->ai_addrlen);
		freeaddrinfo(info);
	}
	return at;
}

static void
open_sockets(struct sockets *sockets, const struct options *options,
    const struct log *log)
{
	struct address at = address_of(options, log);

	if (sockets_open(sockets, &at, &options->plan))
		return;
	log_error(log,
	    "cannot serve %s%sport %d for calls, %d for messages: %s",
	    options->address != NULL ? options->address : "",
	    options->address != NULL ? " " : "", options->plan.calls,
	    options->plan.messages, strerror(errno));
	exit(EX_OSERR);
}

static void
inherit_sockets(struct sockets *sockets, const struct log *log)
{
	if (sockets_inherit(sockets, log) == 0)
		log_error(log,
		    "no socket to serve: start it from inetd or systemd, "
		    "or with -F");
	if (sockets_count(sockets) == 0)
		exit(EX_USAGE);
}

/*
 * Tells who started it, a test perhaps, where it can be asked.  A stream that
 * listens does so at the address and port of one for datagrams.
 */
static void
tell_sockets(const struct sockets *sockets)
{
	char text[ADDRESS_TEXT_SIZE];
	size_t i;

	for (i = 0; i < sockets->datagram_count; i++) {
		address_format(
		    &sockets->datagrams[i].bound, text, sizeof(text));
		fprintf(stderr, "talkd: serving %s port %d\n", text,
		    sockets->datagrams[i].bound.port);
	}
}

/* A pipe that nobody reads, of -d, is no reason to die. */
static void
ignore_broken_pipes(void)
{
	struct sigaction action = { 0 };

	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &action, NULL);
}

static _Noreturn void
die(const struct log *log, const char *failure)
{
	log_error(log, "%s%s%s", failure, errno != 0 ? ": " : "",
	    errno != 0 ? strerror(errno) : "");
	exit(EX_OSERR);
}

/* Reads the rules with the rights that the daemon will have, once it serves. */
static struct access *
load_rules(const struct options *options, const struct log *log)
{
	struct access *access = access_new(options->rules, log);

	if (access == NULL)
		die(log, "starting");
	if (!access_load(access))
		exit(EX_NOINPUT);
	return access;
}

int
main(int argc, char *argv[])
{
	struct log_flow log_flow;
	struct log log;
	struct options options;
	struct sockets sockets;
	const char *failure;

	log_init(&log, &log_flow);
	options = read_options(argc, argv, &log);
	ignore_broken_pipes();
	if (options.own_sockets)
		open_sockets(&sockets, &options, &log);
	else
		inherit_sockets(&sockets, &log);
	failure = sandbox_enter(options.user);
	if (failure != NULL)
		die(&log, failure);
	options.server.access = load_rules(&options, &log);
	if (options.own_sockets)
		tell_sockets(&sockets);
	failure = server_run(&sockets, &options.server, &log);
	access_free(options.server.access);
	if (failure != NULL)
		die(&log, failure);
	return EX_OK;
}
