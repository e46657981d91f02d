/*
 * names - what hosts are called.
 *
 * Questions stand in a ring.  Those from `collected` to `answered` have their
 * answers, the one at `answered` is the thread's, those up to `asked` wait.
 */
#include "names.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"

struct question {
	struct address host;
	char name[PERSON_HOST_SIZE]; /* the answer; "" when it has none */
};

struct known {
	struct address host; /* family 0: unused */
	char name[PERSON_HOST_SIZE];
	int64_t until;
};

struct names {
	names_resolver *resolver;
	struct known cache[NAMES_CACHE_MAX]; /* the caller's alone */
	int notice[2];			     /* a pipe from the thread */
	pthread_t thread;
	bool has_thread;

	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t change;
	struct question questions[NAMES_ASKED_MAX];
	unsigned collected, answered, asked;
	bool stop;	/* when the present question is answered */
	bool is_orphan; /* all this is the thread's to free */
};

static bool
is_host_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-";

	return name[0] != '\0' && name[0] != '-' &&
	    name[strspn(name, letters)] == '\0';
}

/* Whether the name leads to that host. */
static bool
is_confirmed(const char *name, const struct address *host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *first, *next;
	struct address found;
	bool confirmed = false;

	hints.ai_family = host->family == 4 ? AF_INET : AF_INET6;
	if (getaddrinfo(name, NULL, &hints, &first) != 0)
		return false;
	for (next = first; next != NULL; next = next->ai_next)
		if (address_from_sockaddr(
			&found, next->ai_addr, next->ai_addrlen) &&
		    address_same_host(&found, host))
			confirmed = true;
	freeaddrinfo(first);
	return confirmed;
}

bool
names_resolve(const struct address *host, char name[PERSON_HOST_SIZE])
{
	struct sockaddr_storage storage;
	socklen_t len = address_to_sockaddr(host, &storage);

	return getnameinfo((struct sockaddr *)&storage, len, name,
		   PERSON_HOST_SIZE, NULL, 0, NI_NAMEREQD | NI_DGRAM) == 0 &&
	    is_host_name(name) && is_confirmed(name, host);
}

/* Answers one question; the lock is held, but not while asking. */
static void
answer_next(struct names *names)
{
	struct question *question =
	    &names->questions[names->answered % NAMES_ASKED_MAX];
	struct address host = question->host;
	char name[PERSON_HOST_SIZE];
	bool found;

	(void)pthread_mutex_unlock(&names->lock);
	found = names->resolver(&host, name);
	(void)pthread_mutex_lock(&names->lock);
	snprintf(
	    question->name, sizeof(question->name), "%s", found ? name : "");
	names->answered++;
	/* A full pipe has told already. */
	if (write(names->notice[1], "", 1) == -1)
		return;
}

static void
destroy(struct names *names)
{
	close(names->notice[0]);
	close(names->notice[1]);
	(void)pthread_cond_destroy(&names->change);
	(void)pthread_mutex_destroy(&names->lock);
	pages_free(names, sizeof(*names));
}

static void *
run_thread(void *argument)
{
	struct names *names = argument;
	bool is_orphan;

	(void)pthread_mutex_lock(&names->lock);
	while (!names->stop) {
		if (names->answered == names->asked)
			(void)pthread_cond_wait(&names->change, &names->lock);
		else
			answer_next(names);
	}
	is_orphan = names->is_orphan;
	(void)pthread_mutex_unlock(&names->lock);
	if (is_orphan)
		destroy(names);
	return NULL;
}

/* The thread takes no signals: they are for the one that polls. */
static bool
start_thread(struct names *names)
{
	sigset_t all, before;

	if (names->has_thread)
		return true;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	names->has_thread = pthread_create(
				&names->thread, NULL, run_thread, names) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return names->has_thread;
}

struct names *
names_new(names_resolver *resolver)
{
	struct names *names = pages_new(sizeof(*names));

	if (names == NULL)
		return NULL;
	if (pipe(names->notice) != 0) {
		pages_free(names, sizeof(*names));
		return NULL;
	}
	(void)fcntl(names->notice[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(names->notice[1], F_SETFL, O_NONBLOCK);
	(void)pthread_mutex_init(&names->lock, NULL);
	(void)pthread_cond_init(&names->change, NULL);
	names->resolver = resolver;
	return names;
}

void
names_free(struct names *names)
{
	bool busy;

	if (names == NULL)
		return;
	(void)pthread_mutex_lock(&names->lock);
	busy = names->answered != names->asked;
	names->stop = true;
	names->is_orphan = busy;
	if (busy)
		(void)pthread_detach(names->thread);
	(void)pthread_cond_signal(&names->change);
	(void)pthread_mutex_unlock(&names->lock);
	if (busy)
		return;
	if (names->has_thread)
		(void)pthread_join(names->thread, NULL);
	destroy(names);
}

int
names_fd(const struct names *names)
{
	return names->notice[0];
}

/* Where to keep what is known of a host: its own place, or the stalest. */
static struct known *
cache_place(struct names *names, const struct address *host)
{
	struct known *stalest = &names->cache[0];
	size_t i;

	for (i = 0; i < NAMES_CACHE_MAX; i++) {
		if (address_same_host(&names->cache[i].host, host))
			return &names->cache[i];
		if (names->cache[i].until < stalest->until)
			stalest = &names->cache[i];
	}
	return stalest;
}

static void
keep(struct names *names, const struct question *answer, int64_t now)
{
	struct known *known = cache_place(names, &answer->host);

	known->host = answer->host;
	snprintf(known->name, sizeof(known->name), "%s", answer->name);
	known->until = now +
	    (answer->name[0] != '\0' ? NAMES_KEPT : NAMES_MISSING_KEPT);
}

void
names_collect(struct names *names, int64_t now)
{
	char notices[NAMES_ASKED_MAX];

	while (read(names->notice[0], notices, sizeof(notices)) > 0)
		continue;
	(void)pthread_mutex_lock(&names->lock);
	while (names->collected != names->answered)
		keep(names,
		    &names->questions[names->collected++ % NAMES_ASKED_MAX],
		    now);
	(void)pthread_mutex_unlock(&names->lock);
}

static bool
is_asked(const struct names *names, const struct address *host)
{
	unsigned i;

	for (i = names->collected; i != names->asked; i++)
		if (address_same_host(
			&names->questions[i % NAMES_ASKED_MAX].host, host))
			return true;
	return false;
}

/* False when the host cannot be asked about now. */
static bool
ask(struct names *names, const struct address *host)
{
	bool asked;

	if (!start_thread(names))
		return false;
	(void)pthread_mutex_lock(&names->lock);
	asked = is_asked(names, host);
	if (!asked && names->asked - names->collected < NAMES_ASKED_MAX) {
		names->questions[names->asked++ % NAMES_ASKED_MAX] =
		    (struct question){ .host = *host };
		asked = true;
		(void)pthread_cond_signal(&names->change);
	}
	(void)pthread_mutex_unlock(&names->lock);
	return asked;
}

/*
 * 127.0.0.1 and ::1: the name leads back there.  It would not to other
 * loopback addresses, 127.0.1.1 for one.
 */
static bool
is_localhost(const struct address *host)
{
	return address_is_loopback(host) &&
	    (host->family == 6 || memcmp(host->bytes, "\177\0\0\1", 4) == 0);
}

const char *
names_known(struct names *names, const struct address *host, int64_t now)
{
	const struct known *known;

	if (address_is_loopback(host))
		return is_localhost(host) ? "localhost" : "";
	known = cache_place(names, host);
	if (address_same_host(&known->host, host) && known->until > now)
		return known->name;
	return ask(names, host) ? NULL : "";
}

bool
names_find(struct names *names, const struct address *host, int64_t now,
    char name[PERSON_HOST_SIZE])
{
	const char *known = names_known(names, host, now);

	if (known != NULL && known[0] != '\0')
		snprintf(name, PERSON_HOST_SIZE, "%s", known);
	else
		address_format(host, name, PERSON_HOST_SIZE);
	return known != NULL;
}
