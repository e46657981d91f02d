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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/person.h"

enum { PATIENCE_MS = 10000 };

static const struct addrinfo hints = {
	/* The classic protocol has room for no other (ntalk(5)). */
	.ai_family = AF_INET,
	.ai_socktype = SOCK_DGRAM,
};

/* A question that a thread puts to the resolver, which may take minutes. */
struct question {
	char host[PERSON_HOST_SIZE];
	struct addrinfo *found;
	int error;   /* of getaddrinfo */
	int done[2]; /* a pipe: a byte when the answer is there */
};

static void *
question_answer(void *arg)
{
	struct question *question = arg;

	question->error = getaddrinfo(
	    question->host, NULL, &hints, &question->found);
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
question_new(const char *host)
{
	struct question *question = calloc(1, sizeof(*question));

	if (question == NULL)
		return NULL;
	if (pipe(question->done) != 0) {
		free(question);
		return NULL;
	}
	snprintf(question->host, sizeof(question->host), "%s", host);
	return question;
}

static int
take_addresses(
    const struct addrinfo *found, uint16_t port, struct address *at, int max)
{
	int count = 0;

	for (; found != NULL && count < max; found = found->ai_next) {
		if (!address_from_sockaddr(
			&at[count], found->ai_addr, found->ai_addrlen))
			continue;
		at[count].port = port;
		count++;
	}
	return count;
}

static const char *
resolve_name(
    const char *host, uint16_t port, struct address *at, int max, int *count)
{
	struct question *question = question_new(host);
	struct pollfd answered = { .events = POLLIN };
	const char *why = NULL;
	pthread_t thread;

	if (question == NULL)
		return "out of memory";
	answered.fd = question->done[0];
	if (pthread_create(&thread, NULL, question_answer, question) != 0) {
		question_free(question);
		return "out of threads";
	}
	if (poll(&answered, 1, PATIENCE_MS) <= 0) {
		/* The question stays the thread's, for as long as we live. */
		pthread_detach(thread);
		return "the name service does not answer";
	}
	pthread_join(thread, NULL);
	if (question->error != 0)
		why = gai_strerror(question->error);
	else
		*count = take_addresses(question->found, port, at, max);
	question_free(question);
	return why;
}

const char *
resolve_host(
    const char *host, uint16_t port, struct address *at, int max, int *count)
{
	const char *why;

	*count = 0;
	if (host[0] == '\0')
		host = "127.0.0.1";
	why = resolve_name(host, port, at, max, count);
	/* A system without /etc/hosts may not know it, but we do: RFC 6761. */
	if (why != NULL && strcasecmp(host, "localhost") == 0)
		why = resolve_name("127.0.0.1", port, at, max, count);
	if (why == NULL && *count == 0)
		return "it has no IPv4 address";
	return why;
}

uint16_t
resolve_service(const char *name, uint16_t otherwise)
{
	const struct servent *service = getservbyname(name, "udp");

	return service == NULL ? otherwise : ntohs((uint16_t)service->s_port);
}
