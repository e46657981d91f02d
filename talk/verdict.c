/*
 * verdict - how it ended: the one line that tells people, and the exit status
 * that tells scripts.
 */
#include "verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/text.h"

/* How one thing may end. */
struct ending {
	int status;
	enum {
		ABOUT_NOTHING,
		ABOUT_PERSON,
		ABOUT_HOST,
	} about;
	const char *words;
};

static const struct ending call_endings[] = {
	[CALL_NOT_LOGGED_ON] = { EX_NOUSER, ABOUT_PERSON,
	    "Your party is not logged on; try another host, or later" },
	[CALL_REFUSING] = { EX_NOPERM, ABOUT_PERSON,
	    "Your party is refusing messages; ask by mail for mesg y" },
	[CALL_FORBIDDEN] = { EX_NOPERM, ABOUT_PERSON,
	    "not permitted by the rules there; ask by mail" },
	[CALL_AMBIGUOUS] = { EX_NOUSER, ABOUT_PERSON,
	    "several users there have names that begin like this; give it in "
	    "full" },
	[CALL_IMPOSTOR] = { EX_NOPERM, ABOUT_NOTHING,
	    "the talk daemon takes you for somebody else; its log says why" },
	[CALL_NO_DAEMON] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "no talk daemon answers there; have talkd started on that host" },
	[CALL_NO_OWN_DAEMON] = { EX_UNAVAILABLE, ABOUT_NOTHING,
	    "no talk daemon answers on this host; have talkd started here" },
	[CALL_OWN_REFUSES] = { EX_NOPERM, ABOUT_NOTHING,
	    "the talk daemon on this host refuses the invitation; "
	    "its log says why" },
	[CALL_UNREACHABLE] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "the host cannot be reached; check the network" },
	[CALL_NO_ANSWER] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "nobody answered; try again later" },
	[CALL_TOO_BUSY] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "the talk daemon cannot ring there now; try again in a minute" },
	[CALL_TOO_OFTEN] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "too many calls there" },
	[CALL_STUCK] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "the terminal there takes nothing now; try again later" },
	[CALL_NO_PORT] = { EX_TEMPFAIL, ABOUT_NOTHING,
	    "every port of -P is taken; give a wider range" },
	[CALL_NOT_SPOKEN] = { EX_PROTOCOL, ABOUT_HOST,
	    "what answers there does not speak ntalk; check the port" },
	[CALL_NO_IPV6] = { EX_PROTOCOL, ABOUT_HOST,
	    "the talk daemon there or here knows no calls over IPv6; "
	    "try with -4" },
};

static const struct ending delivery_endings[] = {
	[DELIVERY_NOT_LOGGED_ON] = { EX_NOUSER, ABOUT_PERSON,
	    "not logged on there; try another host, or later" },
	[DELIVERY_REFUSING] = { EX_NOPERM, ABOUT_PERSON,
	    "refusing messages; ask by mail for mesg y" },
	[DELIVERY_NOT_PERMITTED] = { EX_NOPERM, ABOUT_PERSON,
	    "not permitted; that host's administrator sets its rules" },
	[DELIVERY_TOO_MANY] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "too many messages for that host; try again in a minute" },
	[DELIVERY_UNTOLD] = { EX_TEMPFAIL, ABOUT_PERSON,
	    "the host cannot tell now who is logged on; try again in a "
	    "minute" },
	[DELIVERY_DECLINED] = { EX_UNAVAILABLE, ABOUT_PERSON,
	    "the message service there declines it" },
	[DELIVERY_NO_SERVICE] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "no message service answers there; have talkd started on that "
	    "host" },
	[DELIVERY_UNREACHABLE] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "the host cannot be reached; check the network" },
	[DELIVERY_SILENT] = { EX_UNAVAILABLE, ABOUT_HOST,
	    "the host does not answer; is it up, and its message port open?" },
	[DELIVERY_UNANSWERED] = { EX_UNAVAILABLE, ABOUT_PERSON,
	    "no answer came; whether the message arrived is not known" },
	[DELIVERY_NOT_SPOKEN] = { EX_PROTOCOL, ABOUT_HOST,
	    "what answers there is no message service; check the port" },
	[DELIVERY_UNWRITABLE] = { EX_USAGE, ABOUT_PERSON,
	    "such a message cannot be sent" },
};

static const struct ending no_own_service = { EX_UNAVAILABLE, ABOUT_NOTHING,
	"no message service answers on this host; have talkd started here" };

/* --------------------------------------------------------------- words --- */

/* What comes from outside: as text_name has it, but blanks stay. */
static void
quote(char *quoted, size_t size, const char *words)
{
	size_t len = 0;

	for (; *words != '\0' && len < size - 1; words++)
		if (*words == ' ')
			quoted[len++] = ' ';
		else
			len += text_name(quoted + len, size - len, words, 1);
	quoted[len] = '\0';
}

struct verdict
verdict_on(int status, const char *about, const char *words)
{
	struct verdict verdict = { .status = status };
	char name[PERSON_TEXT_SIZE * 2];

	quote(name, sizeof(name), about);
	snprintf(verdict.line, sizeof(verdict.line), "%s%s%s", name,
	    name[0] == '\0' ? "" : ": ", words);
	return verdict;
}

static struct verdict
verdict_good(void)
{
	return (struct verdict){ .status = EX_OK };
}

struct verdict
verdict_on_system(int error)
{
	return verdict_on(EX_OSERR, "the system failed us", strerror(error));
}

struct verdict
verdict_on_host(const char *host, const char *why)
{
	char words[128];

	snprintf(words, sizeof(words), "no such host: %s; check its name", why);
	return verdict_on(EX_NOHOST, host, words);
}

struct verdict
verdict_on_transcript(const char *file, const char *why)
{
	char words[256];

	snprintf(words, sizeof(words),
	    "the transcript cannot be written: %s; name another file", why);
	return verdict_on(EX_CANTCREAT, file, words);
}

/* With words behind those of the ending, "" for none. */
static struct verdict
verdict_on_ending(const struct ending *ending, const struct person *person,
    const char *host, const char *more)
{
	char whom[PERSON_TEXT_SIZE] = "";
	char words[VERDICT_SIZE];

	if (ending->about == ABOUT_PERSON)
		person_format(person, whom, sizeof(whom));
	else if (ending->about == ABOUT_HOST)
		snprintf(whom, sizeof(whom), "%s", host);
	snprintf(words, sizeof(words), "%s%s", ending->words, more);
	return verdict_on(ending->status, whom, words);
}

/* --------------------------------------------------------------- calls --- */

static struct verdict
verdict_on_failure(const struct session_outcome *outcome,
    const struct person *person, const char *host)
{
	enum call_failure failure = outcome->failure;
	char more[64] = "";

	if (failure == CALL_NO_DAEMON && person->host[0] == '\0')
		failure = CALL_NO_OWN_DAEMON;
	if (failure == CALL_TOO_OFTEN && outcome->error > 0)
		snprintf(more, sizeof(more), "; try again in %d seconds",
		    outcome->error);
	else if (failure == CALL_TOO_OFTEN)
		snprintf(more, sizeof(more), "; try again in a minute");
	return verdict_on_ending(&call_endings[failure], person, host, more);
}

struct verdict
verdict_on_session(const struct session_outcome *outcome,
    const struct person *person, const char *host)
{
	switch (outcome->end) {
	case SESSION_ENDED:
		return verdict_good();
	case SESSION_SIGNAL:
		return (struct verdict){ .status = EX_OSERR };
	case SESSION_FAILED:
		if (outcome->failure != CALL_SYSTEM)
			return verdict_on_failure(outcome, person, host);
		break;
	case SESSION_LOST:
		return verdict_on(EX_IOERR, host,
		    "the connection broke before the conversation "
		    "began; call again");
	case SESSION_BROKEN:
		break;
	}
	return verdict_on_system(outcome->error);
}

struct verdict
verdict_on_callers(const struct callers *callers)
{
	const struct ending *no_daemon = &call_endings[CALL_NO_OWN_DAEMON];

	switch (callers->state) {
	case CALLERS_NO_DAEMON:
		return verdict_on(no_daemon->status, "", no_daemon->words);
	case CALLERS_UNTOLD:
		return verdict_on(EX_UNAVAILABLE, "",
		    "the talk daemon on this host cannot tell who calls; "
		    "answer with talk user@host, as the ring says");
	case CALLERS_FAILED:
		return verdict_on(EX_TEMPFAIL, "",
		    "the talk daemon on this host cannot tell now who calls; "
		    "try again in a minute");
	case CALLERS_REFUSED:
		return verdict_on(EX_NOPERM, "",
		    "the talk daemon on this host does not tell you who "
		    "calls; its log says why");
	case CALLERS_SYSTEM:
		return verdict_on_system(callers->error);
	case CALLERS_ASKING:
	case CALLERS_KNOWN:
		break;
	}
	if (callers->count == 0)
		return verdict_on(
		    VERDICT_NOTHING_TO_DO, "", "nobody is calling you");
	return verdict_good();
}

/* ------------------------------------------------------------ messages --- */

struct verdict
verdict_on_draft(int error, size_t len)
{
	if (error == EFBIG)
		return verdict_on(EX_USAGE, "",
		    "the message is longer than a mebibyte; "
		    "nothing was sent");
	if (error == ENOMEM)
		return verdict_on_system(error);
	if (error != 0)
		return verdict_on(EX_IOERR, "standard input", strerror(error));
	if (len == 0)
		return verdict_on(VERDICT_NOTHING_TO_DO, "",
		    "the message is empty; nothing was sent");
	return verdict_good();
}

struct verdict
verdict_on_delivery(const struct delivery *delivery, const struct person *to)
{
	const struct ending *ending = &delivery_endings[delivery->state];
	const char *host = to->host[0] == '\0' ? "this host" : to->host;
	char said[MSP_SIZE * 2] = "";
	char more[sizeof(said) + 64];
	int len;

	if (delivery->state == DELIVERY_DONE)
		return verdict_good();
	if (delivery->state == DELIVERY_SYSTEM)
		return verdict_on_system(delivery->error);
	if (delivery->state == DELIVERY_NO_SERVICE && to->host[0] == '\0')
		ending = &no_own_service;
	if (delivery->state == DELIVERY_DECLINED ||
	    delivery->state == DELIVERY_UNWRITABLE)
		quote(said, sizeof(said), delivery->words);
	len = snprintf(
	    more, sizeof(more), "%s%s", said[0] == '\0' ? "" : ": ", said);
	if (delivery->delivered > 0)
		snprintf(more + len, sizeof(more) - (size_t)len,
		    " (%u parts of it went before)", delivery->delivered);
	return verdict_on_ending(ending, to, host, more);
}

struct verdict
verdict_on_broadcast(const struct broadcast *broadcast, const struct person *to)
{
	char whom[PERSON_TEXT_SIZE];

	person_format(to, whom, sizeof(whom));
	switch (broadcast->state) {
	case BROADCAST_UNREACHABLE:
		return verdict_on(EX_UNAVAILABLE, whom,
		    "no network takes a broadcast; check yours");
	case BROADCAST_UNWRITABLE:
		return verdict_on(EX_USAGE, whom, broadcast->words);
	case BROADCAST_SYSTEM:
		return verdict_on_system(broadcast->error);
	case BROADCAST_UNDER_WAY:
	case BROADCAST_SENT:
		break;
	}
	if (to->user[0] == '\0' || broadcast->host_count > 0)
		return verdict_good();
	return verdict_on(EX_NOUSER, whom,
	    "no host has delivered it; not logged on, or refusing");
}
