/*
 * delivery - a letter to the people of one host: what is sent when, and what
 * came of it.
 */
#include "delivery.h"

#include <stdio.h>
#include <string.h>

enum {
	PAUSE_MIN_MS = 250,
	PAUSE_MAX_MS = 2000,
};

/* The answers that talkd gives; some have a name before them. */
static const struct answer {
	const char *words;
	enum delivery_state means;
} answers[] = {
	{ "is not logged on", DELIVERY_NOT_LOGGED_ON },
	{ "nobody is logged on", DELIVERY_NOT_LOGGED_ON },
	{ "is refusing messages", DELIVERY_REFUSING },
	{ "not permitted", DELIVERY_NOT_PERMITTED },
	{ "too many messages", DELIVERY_TOO_MANY },
	{ "cannot tell now who is logged on", DELIVERY_UNTOLD },
};

enum { ANSWER_COUNT = sizeof(answers) / sizeof(answers[0]) };

static enum delivery_state
answer_means(const struct msp_reply *reply)
{
	size_t i;

	if (reply->delivered)
		return DELIVERY_DONE;
	for (i = 0; i < ANSWER_COUNT; i++)
		if (strstr(reply->text, answers[i].words) != NULL)
			return answers[i].means;
	return DELIVERY_DECLINED;
}

static void
delivery_say(struct delivery *delivery, const char *words)
{
	snprintf(delivery->words, sizeof(delivery->words), "%s", words);
}

static void
delivery_carry(struct delivery *delivery, int64_t now)
{
	delivery->retry = TURN_NEVER;
	courier_carry(
	    &delivery->courier, delivery->request, delivery->len, now);
}

/* The next request, if there is one; after the last all is delivered. */
static void
delivery_go_on(struct delivery *delivery, int64_t now)
{
	const char *reason;

	delivery->len = letter_next(
	    delivery->letter, delivery->request, &reason);
	delivery->pause = PAUSE_MIN_MS;
	if (delivery->len > 0) {
		delivery_carry(delivery, now);
	} else if (reason == NULL) {
		delivery->state = DELIVERY_DONE;
	} else {
		delivery->state = DELIVERY_UNWRITABLE;
		delivery_say(delivery, reason);
	}
}

/* The same request again, under the same cookie, after a pause; or never. */
static void
delivery_slow_down(
    struct delivery *delivery, enum delivery_state reason, int64_t now)
{
	delivery->waited += delivery->pause;
	if (delivery->waited > DELIVERY_PATIENCE_MS) {
		delivery->state = reason;
		return;
	}
	delivery->retry = now + delivery->pause;
	delivery->pause *= 2;
	if (delivery->pause > PAUSE_MAX_MS)
		delivery->pause = PAUSE_MAX_MS;
}

static void
delivery_judge(
    struct delivery *delivery, const struct msp_reply *reply, int64_t now)
{
	enum delivery_state means = answer_means(reply);

	if (means == DELIVERY_DONE) {
		delivery->delivered++;
		delivery_go_on(delivery, now);
	} else if (means == DELIVERY_TOO_MANY || means == DELIVERY_UNTOLD) {
		delivery_slow_down(delivery, means, now);
	} else {
		delivery->state = means;
		delivery_say(delivery, reply->text);
	}
}

static enum delivery_state
failure_means(enum courier_state state)
{
	switch (state) {
	case COURIER_NO_SERVICE:
		return DELIVERY_NO_SERVICE;
	case COURIER_UNREACHABLE:
		return DELIVERY_UNREACHABLE;
	case COURIER_SILENT:
		return DELIVERY_SILENT;
	case COURIER_UNANSWERED:
		return DELIVERY_UNANSWERED;
	case COURIER_FOREIGN:
		return DELIVERY_NOT_SPOKEN;
	case COURIER_SYSTEM:
		return DELIVERY_SYSTEM;
	case COURIER_IDLE:
	case COURIER_ON_ITS_WAY:
	case COURIER_ANSWERED:
		break;
	}
	return DELIVERY_UNDER_WAY;
}

void
delivery_start(struct delivery *delivery, struct letter *letter,
    const struct address *at, int count, int64_t now)
{
	*delivery = (struct delivery){ .state = DELIVERY_UNDER_WAY,
		.letter = letter,
		.retry = TURN_NEVER };
	courier_open(&delivery->courier, at, count);
	delivery_go_on(delivery, now);
}

void
delivery_end(struct delivery *delivery)
{
	courier_close(&delivery->courier);
}

void
delivery_await(const struct delivery *delivery, struct turn *turn)
{
	if (delivery->state != DELIVERY_UNDER_WAY)
		return;
	turn_by(turn, delivery->retry);
	if (delivery->retry == TURN_NEVER)
		courier_await(&delivery->courier, turn);
}

enum delivery_state
delivery_turn(struct delivery *delivery, const struct turn *turn, int64_t now)
{
	enum courier_state carried;

	if (delivery->state != DELIVERY_UNDER_WAY)
		return delivery->state;
	if (delivery->retry != TURN_NEVER) {
		if (now >= delivery->retry)
			delivery_carry(delivery, now);
		return delivery->state;
	}
	carried = courier_turn(&delivery->courier, turn, now);
	if (carried == COURIER_ANSWERED) {
		delivery_judge(delivery, &delivery->courier.reply, now);
	} else {
		delivery->state = failure_means(carried);
		delivery->error = delivery->courier.error;
	}
	return delivery->state;
}
