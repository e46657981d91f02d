/*
 * resolve - the addresses of a host, within bounded time.
 */
#include "resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	ADDRESS_PATIENCE_MS = 10000,
	NAME_PATIENCE_MS = 1000,
};

/* A question that a thread puts to the resolver, which may take minutes. */
struct question {
	char host[PERSON_HOST_SIZE]; /* "": it is what is asked for */
	int family;
	struct address at; /* of it, then */
	struct addrinfo *found;
	int error;   /* of getaddrinfo or getnameinfo */
	int done[2]; /* a pipe: a byte when the answer is there */
};

static int
find_addresses(struct question *question)
{
	struct addrinfo hints = {
		.ai_family = question->family == 4 ? AF_INET
		    : question->family == 6	   ? AF_INET6
						   : AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM, /* each address once */
	};

	return getaddrinfo(question->host, NULL, &hints, &question->found);
}

/* The name, and the addresses that it has in turn. */
static int
find_name(struct question *question)
{
	struct sockaddr_storage ss;
	socklen_t len = address_to_sockaddr(&question->at, &ss);
	int error = getnameinfo((struct sockaddr *)&ss, len, question->host,
	    sizeof(question->host), NULL, 0, NI_NAMEREQD);

	return error != 0 ? error : find_addresses(question);
}

static void *
question_answer(void *arg)
{
	struct question *question = arg;

	question->error = question->host[0] == '\0' ? find_name(question)
						    : find_addresses(question);
	(void)!write(question->done[1], "", 1);
	return NULL;
}

static void
question_free(struct question *question)
{
	if (question->found != NULL)
		freeaddrinfo(question->found);
	close(question->done[0]);
	close(question->done[1]);
	free(question);
}

static struct question *
question_new(void)
{
	struct question *question = calloc(1, sizeof(*question));

	if (question == NULL)
		return NULL;
	if (pipe(question->done) != 0) {
		free(question);
		return NULL;
	}
	return question;
}

/*
 * Returns NULL once it is answered, which may be by an error; or why not, and
 * the question is gone then.
 */
static const char *
question_ask(struct question *question, int patience_ms)
{
	struct pollfd answered = { .fd = question->done[0], .events = POLLIN };
	pthread_t thread;

	if (pthread_create(&thread, NULL, question_answer, question) != 0) {
		question_free(question);
		return "out of threads";
	}
	if (poll(&answered, 1, patience_ms) <= 0) {
		/* The question stays the thread's, for as long as we live. */
		pthread_detach(thread);
		return "the name service does not answer";
	}
	pthread_join(thread, NULL);
	return NULL;
}

/* ----------------------------------------------------------- addresses --- */

/* Takes one more address, if there is room and the family is wanted. */
static void
take_address(const struct address *found, int family, uint16_t port,
    struct address *at, int max, int *count)
{
	if (*count == max || (family != 0 && family != found->family))
		return;
	at[*count] = *found;
	at[*count].port = port;
	(*count)++;
}

static void
take_addresses(const struct question *question, uint16_t port,
    struct address *at, int max, int *count)
{
	const struct addrinfo *found;
	struct address one;

	for (found = question->found; found != NULL; found = found->ai_next)
		if (address_from_sockaddr(
			&one, found->ai_addr, found->ai_addrlen))
			take_address(
			    &one, question->family, port, at, max, count);
}

static void
take_own_addresses(
    int family, uint16_t port, struct address *at, int max, int *count)
{
	static const struct address loopback[] = {
		{ .family = 4, .bytes = { 127, 0, 0, 1 } },
		{ .family = 6, .bytes = { [15] = 1 } },
	};

	take_address(&loopback[0], family, port, at, max, count);
	take_address(&loopback[1], family, port, at, max, count);
}

static const char *
ask_addresses(const char *host, int family, uint16_t port, struct address *at,
    int max, int *count)
{
	struct question *question = question_new();
	const char *why;

	if (question == NULL)
		return "out of memory";
	snprintf(question->host, sizeof(question->host), "%s", host);
	question->family = family;
	why = question_ask(question, ADDRESS_PATIENCE_MS);
	if (why != NULL)
		return why;
	if (question->error != 0)
		why = gai_strerror(question->error);
	else
		take_addresses(question, port, at, max, count);
	question_free(question);
	return why;
}

const char *
resolve_host(const char *host, int family, uint16_t port, struct address *at,
    int max, int *count)
{
	const char *why;

	*count = 0;
	/* /etc/hosts may know one address of it or none: RFC 6761, 6.3. */
	if (host[0] == '\0' || strcasecmp(host, "localhost") == 0) {
		take_own_addresses(family, port, at, max, count);
		return NULL;
	}
	why = ask_addresses(host, family, port, at, max, count);
	if (why == NULL && *count == 0)
		return "it has no address that is of use";
	return why;
}

/* --------------------------------------------------------------- names --- */

static bool
leads_back(const struct question *question)
{
	const struct addrinfo *found;
	struct address at;

	for (found = question->found; found != NULL; found = found->ai_next)
		if (address_from_sockaddr(
			&at, found->ai_addr, found->ai_addrlen) &&
		    address_same_host(&at, &question->at))
			return true;
	return false;
}

/* Whether people can be shown it: nothing but graphic ASCII. */
static bool
is_presentable(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name >= 0x7f)
			return false;
	return true;
}

void
resolve_name(const struct address *at, char name[PERSON_HOST_SIZE])
{
	struct question *question = question_new();

	address_format(at, name, PERSON_HOST_SIZE);
	if (question == NULL)
		return;
	question->at = *at;
	if (question_ask(question, NAME_PATIENCE_MS) != NULL)
		return;
	if (question->error == 0 && leads_back(question) &&
	    is_presentable(question->host))
		snprintf(name, PERSON_HOST_SIZE, "%s", question->host);
	question_free(question);
}

/* ------------------------------------------------------------ services --- */

uint16_t
resolve_service(const char *name, const char *protocol, uint16_t otherwise)
{
	const struct servent *service = getservbyname(name, protocol);

	return service == NULL ? otherwise : ntohs((uint16_t)service->s_port);
}
