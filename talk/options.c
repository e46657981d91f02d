/*
 * options - the command line: what talk is to do, to whom, and how.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char options_usage[] =
    "usage: talk [-46ns] [-o file] [-P low[-high]] [-p port] [-w seconds]\n"
    "            person [terminal]\n"
    "       talk -m [-46b] [-p port] [-t terminal] person [word ...]\n"
    "       talk [-l] [-p port]\n"
    "       talk -h | -V\n";

/* Takes down what is wrong, if anything is; returns whether nothing is. */
static bool
is_right(struct mistake *mistake, const char *about, const char *words)
{
	if (words == NULL)
		return true;
	snprintf(mistake->about, sizeof(mistake->about), "%s", about);
	mistake->words = words;
	return false;
}

/* ------------------------------------------------------------- options --- */

/* Takes an option that has no value; false when it is none of these. */
static bool
take_flag(struct options *options, int option)
{
	switch (option) {
	case '4':
	case '6':
		options->settings.family = option - '0';
		return true;
	case 'b':
		options->broadcast = true;
		return true;
	case 'h':
		options->task = OPTIONS_HELP;
		return true;
	case 'n':
		options->lines = true;
		return true;
	case 's':
		options->settings.silent = true;
		return true;
	case 'V':
		options->task = OPTIONS_VERSION;
		return true;
	default:
		return false;
	}
}

/* Takes an option that says what to do; false when there are two of them. */
static bool
take_task(struct options *options, int option)
{
	enum options_task task = option == 'l' ? OPTIONS_LIST : OPTIONS_MESSAGE;
	bool clear = options->task == OPTIONS_CALL || options->task == task;

	options->task = task;
	return clear;
}

/* Takes an option that has a value; returns NULL, or what is wrong with it. */
static const char *
take_value(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'o':
		options->settings.transcript = value;
		return *value == '\0' ? "a transcript needs a file" : NULL;
	case 'P':
		return settings_set_ports(&options->settings, value);
	case 'p':
		return settings_set_port(&options->settings, value);
	case 't':
		options->terminal = value;
		return NULL;
	default:
		return settings_set_patience(&options->settings, value);
	}
}

static bool
take_option(struct options *options, int option, struct mistake *mistake)
{
	char name[] = { '-', (char)optopt, '\0' };

	if (option == ':')
		return is_right(mistake, name, "the option needs a value");
	if (option == '?')
		return is_right(mistake, name, "no such option");
	if (option == 'l' || option == 'm')
		return take_task(options, option) ||
		    is_right(mistake, "", "-l and -m are two things to do");
	return take_flag(options, option) ||
	    is_right(mistake, optarg, take_value(options, option, optarg));
}

/* The options, up to -h or -V if there is one of them. */
static bool
take_options(
    struct options *options, int argc, char **argv, struct mistake *mistake)
{
	int option;

	opterr = 0;
	optind = 1;
	while (options->task != OPTIONS_HELP &&
	    options->task != OPTIONS_VERSION &&
	    (option = getopt(argc, argv, ":46bhlmnsVo:P:p:t:w:")) != -1)
		if (!take_option(options, option, mistake))
			return false;
	return true;
}

/* ----------------------------------------------------------- arguments --- */

/* Behind the person, as other programs have it, -- is none of the words. */
static char *const *
words_behind(char *const *person)
{
	char *const *words = person[0] == NULL ? person : person + 1;

	return words[0] != NULL && strcmp(words[0], "--") == 0 ? words + 1
							       : words;
}

/* No option that calls alone have. */
static bool
without_calls(
    const struct options *options, const char *task, struct mistake *mistake)
{
	const struct settings *settings = &options->settings;
	bool calls = options->lines || settings->silent ||
	    settings->port_low != 0 || settings->patience != 0 ||
	    settings->transcript != NULL;

	return !calls ||
	    is_right(mistake, task,
		"-n, -o, -P, -s and -w are for calls, not with it");
}

/* No option that messages alone have. */
static bool
without_messages(const struct options *options, struct mistake *mistake)
{
	if (options->broadcast)
		return is_right(
		    mistake, "-b", "only messages are broadcast; add -m");
	if (options->terminal != NULL)
		return is_right(mistake, "-t",
		    "this is for messages; add -m, or name the "
		    "terminal behind the person");
	return true;
}

static bool
take_message(
    struct options *options, char *const *arguments, struct mistake *mistake)
{
	options->person = arguments[0];
	options->words = words_behind(arguments);
	return without_calls(options, "-m", mistake);
}

static bool
take_list(
    struct options *options, char *const *arguments, struct mistake *mistake)
{
	return without_messages(options, mistake) &&
	    without_calls(options, "-l", mistake) &&
	    (arguments[0] == NULL ||
		is_right(mistake, arguments[0], "-l lists all who call"));
}

static bool
take_call(
    struct options *options, char *const *arguments, struct mistake *mistake)
{
	if (!without_messages(options, mistake))
		return false;
	options->person = arguments[0];
	if (arguments[0] == NULL) {
		options->task = OPTIONS_ANSWER;
		return true;
	}
	options->terminal = arguments[1];
	return arguments[1] == NULL || arguments[2] == NULL ||
	    is_right(mistake, arguments[2], "one argument too many");
}

bool
options_read(
    struct options *options, int argc, char **argv, struct mistake *mistake)
{
	*options = (struct options){ .task = OPTIONS_CALL };
	if (!take_options(options, argc, argv, mistake))
		return false;
	switch (options->task) {
	case OPTIONS_CALL:
	case OPTIONS_ANSWER:
		return take_call(options, argv + optind, mistake);
	case OPTIONS_LIST:
		return take_list(options, argv + optind, mistake);
	case OPTIONS_MESSAGE:
		return take_message(options, argv + optind, mistake);
	case OPTIONS_HELP:
	case OPTIONS_VERSION:
		break;
	}
	return true;
}

/* ---------------------------------------------------------- the person --- */

/* What cannot be asked of anybody; an alias may be for messages alone. */
static const char *
why_not(const struct options *options, const struct person *person)
{
	bool everyone = person->user[0] == '\0';

	if (options->task == OPTIONS_CALL)
		return everyone || strcmp(person->terminal, "*") == 0
		    ? "this alias is for messages; add -m"
		    : NULL;
	if (options->broadcast && person->host[0] != '\0')
		return "-b asks all hosts; leave the host out";
	if (!options->broadcast && everyone && person->host[0] == '\0')
		return "everyone on the local network needs -b; "
		       "@host is everyone on one host";
	return NULL;
}

bool
options_person(const struct options *options, const struct talkrc *talkrc,
    struct person *person, struct mistake *mistake)
{
	bool message = options->task == OPTIONS_MESSAGE;
	const char *text = options->person;
	const char *terminal = options->terminal;
	const struct person *known;
	const char *why = NULL;

	if (text == NULL)
		return is_right(mistake, "", "nobody is named");
	known = talkrc_person(talkrc, text);
	if (known != NULL)
		*person = *known;
	else
		why = message ? person_parse_recipient(text, person)
			      : person_parse(text, person);
	if (!is_right(mistake, text, why))
		return false;
	if (terminal != NULL && known != NULL)
		person->terminal[0] = '\0';
	if (terminal != NULL)
		why = message ? person_set_recipient_terminal(person, terminal)
			      : person_set_terminal(person, terminal);
	return is_right(mistake, terminal, why) &&
	    is_right(mistake, text, why_not(options, person));
}
