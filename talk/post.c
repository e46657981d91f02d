/*
 * post - a message as the command line has it.
 */
#include "post.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "broadcast.h"
#include "delivery.h"
#include "draft.h"
#include "letter.h"
#include "resolve.h"

enum {
	MSP_PORT = 18,
	/* For the names of hosts that answered a broadcast, all in all. */
	NAMES_PATIENCE_MS = 2000,
};

/* The terminal that the user sits at, "" when there is none: cron has none. */
static const char *
own_terminal(void)
{
	static const char dev[] = "/dev/";
	const char *name = NULL;
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO && name == NULL; fd++)
		name = ttyname(fd);
	if (name == NULL || strncmp(name, dev, strlen(dev)) != 0 ||
	    !person_terminal_ok(name + strlen(dev)))
		return "";
	return name + strlen(dev);
}

static uint16_t
messages_port(const struct options *options)
{
	const char *protocol = options->broadcast ? "udp" : "tcp";

	return options->settings.port != 0
	    ? options->settings.port
	    : resolve_service("msp", protocol, MSP_PORT);
}

static struct verdict
send_to_host(const struct options *options, const struct person *to,
    struct letter *letter)
{
	struct address at[DIAL_ADDRESSES_MAX];
	struct delivery delivery;
	struct turn turn;
	const char *why;
	int count;

	why = resolve_host(to->host, options->settings.family,
	    messages_port(options), at, DIAL_ADDRESSES_MAX, &count);
	if (why != NULL)
		return verdict_on_host(to->host, why);
	delivery_start(&delivery, letter, at, count, turn_clock());
	while (delivery.state == DELIVERY_UNDER_WAY) {
		turn_begin(&turn);
		delivery_await(&delivery, &turn);
		(void)delivery_turn(&delivery, &turn, turn_wait(&turn));
	}
	delivery_end(&delivery);
	return verdict_on_delivery(&delivery, to);
}

static void
name_hosts(const struct broadcast *broadcast, FILE *names)
{
	int64_t enough = turn_clock() + NAMES_PATIENCE_MS;
	char name[PERSON_HOST_SIZE];
	int i;

	for (i = 0; i < broadcast->host_count; i++) {
		if (turn_clock() < enough)
			resolve_name(&broadcast->hosts[i], name);
		else
			address_format(
			    &broadcast->hosts[i], name, sizeof(name));
		fprintf(names, "%s\n", name);
	}
}

static struct verdict
send_to_all(const struct options *options, const struct person *to,
    struct letter *letter, FILE *names)
{
	struct network networks[BROADCAST_NETWORKS_MAX];
	struct broadcast broadcast;
	struct verdict verdict;
	struct turn turn;
	int count;

	count = broadcast_networks(
	    messages_port(options), networks, BROADCAST_NETWORKS_MAX);
	if (count < 0)
		return verdict_on_system(errno);
	broadcast_start(&broadcast, letter, networks, count, turn_clock());
	while (broadcast.state == BROADCAST_UNDER_WAY) {
		turn_begin(&turn);
		broadcast_await(&broadcast, &turn);
		(void)broadcast_turn(&broadcast, turn_wait(&turn));
	}
	broadcast_end(&broadcast);
	verdict = verdict_on_broadcast(&broadcast, to);
	if (verdict.status == EX_OK && to->user[0] != '\0')
		name_hosts(&broadcast, names);
	return verdict;
}

static struct verdict
send_text(const struct options *options, const struct letter_head *head,
    const struct buffer *text, FILE *names)
{
	struct letter letter;

	letter_start(&letter, head, buffer_head(text), buffer_len(text));
	return options->broadcast
	    ? send_to_all(options, head->to, &letter, names)
	    : send_to_host(options, head->to, &letter);
}

struct verdict
post_message(const struct options *options, const struct person *to,
    const char *sender, FILE *names)
{
	char stamp[LETTER_STAMP_SIZE];
	const struct letter_head head = { .to = to,
		.sender = sender,
		.terminal = own_terminal(),
		.stamp = stamp };
	struct buffer text = { 0 };
	struct verdict verdict;
	int error;

	error = options->words[0] != NULL ? draft_words(&text, options->words)
					  : draft_file(&text, STDIN_FILENO);
	verdict = verdict_on_draft(error, buffer_len(&text));
	if (verdict.status == EX_OK) {
		letter_stamp(stamp);
		verdict = send_text(options, &head, &text, names);
	}
	buffer_free(&text);
	return verdict;
}
