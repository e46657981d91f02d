/*
 * options - the command line: what talk is to do, to whom, and how.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char options_usage[] =
    "usage: talk [-4ns] [-P low[-high]] [-p port] [-w seconds] "
    "person [terminal]\n"
    "       talk -m [-4b] [-p port] [-t terminal] person [word ...]\n"
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
		options->settings.family = 4;
		return true;
	case 'b':
		options->broadcast = true;
		return true;
	case 'h':
		options->task = OPTIONS_HELP;
		return true;
	case 'm':
		options->task = OPTIONS_MESSAGE;
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

/* Takes an option that has a value; returns NULL, or what is wrong with it. */
static const char *
take_value(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'P':
		return settings_set_ports(&options->settings, value);
	case 'p':
		return settings_set_port(&options->settings, value);
	case 'w':
		return settings_set_patience(&options->settings, value);
	case 't':
		options->terminal = value;
		return NULL;
	case ':':
		return "the option needs a value";
	default:
		return "no such option";
	}
}

/* The options, up to -h or -V if there is one of them. */
static bool
take_options(
    struct options *options, int argc, char **argv, struct mistake *mistake)
{
	char name[] = "-?";
	const char *why;
	int option;

	opterr = 0;
	optind = 1;
	while (options->task != OPTIONS_HELP &&
	    options->task != OPTIONS_VERSION &&
	    (option = getopt(argc, argv, ":4bhmnsVP:p:t:w:")) != -1) {
		if (take_flag(options, option))
			continue;
		why = take_value(options, option, optarg);
		name[1] = (char)optopt;
		if (!is_right(mistake,
			option == ':' || option == '?' ? name : optarg, why))
			return false;
	}
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

static bool
take_message(
    struct options *options, char *const *arguments, struct mistake *mistake)
{
	const struct settings *settings = &options->settings;

	if (options->lines || settings->silent || settings->port_low != 0 ||
	    settings->patience != 0)
		return is_right(mistake, "",
		    "-n, -P, -s and -w are for calls, not with -m");
	options->person = arguments[0];
	options->words = words_behind(arguments);
	return true;
}

static bool
take_call(
    struct options *options, char *const *arguments, struct mistake *mistake)
{
	if (options->broadcast)
		return is_right(
		    mistake, "-b", "only messages are broadcast; add -m");
	if (options->terminal != NULL)
		return is_right(mistake, "-t",
		    "this is for messages; add -m, or name the "
		    "terminal behind the person");
	options->person = arguments[0];
	if (arguments[0] == NULL || arguments[1] == NULL)
		return true;
	options->terminal = arguments[1];
	return arguments[2] == NULL ||
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
		return take_call(options, argv + optind, mistake);
	case OPTIONS_MESSAGE:
		return take_message(options, argv + optind, mistake);
	case OPTIONS_HELP:
	case OPTIONS_VERSION:
		break;
	}
	return true;
}

/* ---------------------------------------------------------- the person --- */

/* What cannot be asked of anybody. */
static const char *
why_not(const struct options *options, const struct person *person)
{
	bool everyone = person->user[0] == '\0';

	if (options->task == OPTIONS_CALL)
		return NULL;
	if (options->broadcast && person->host[0] != '\0')
		return "-b asks all hosts; leave the host out";
	if (!options->broadcast && everyone && person->host[0] == '\0')
		return "everyone on the local network needs -b; "
		       "@host is everyone on one host";
	return NULL;
}

bool
options_person(const struct options *options, struct person *person,
    struct mistake *mistake)
{
	bool message = options->task == OPTIONS_MESSAGE;
	const char *text = options->person;
	const char *terminal = options->terminal;

	if (text == NULL)
		return is_right(mistake, "", "nobody is named");
	if (!is_right(mistake, text,
		message ? person_parse_recipient(text, person)
			: person_parse(text, person)))
		return false;
	if (terminal != NULL &&
	    !is_right(mistake, terminal,
		message ? person_set_recipient_terminal(person, terminal)
			: person_set_terminal(person, terminal)))
		return false;
	return is_right(mistake, text, why_not(options, person));
}
