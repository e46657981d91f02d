/*
 * characters - characters of which tables name the parts: what a person sees as
 * one, and UTF-8 has in several bytes.
 */
#ifndef TESTS_CHARACTERS_H
#define TESTS_CHARACTERS_H

#define E_ACUTE	   "\xc3\xa9"
#define E_COMBINED "e\xcc\x81"
#define ACCENT	   "\xcc\x81"
#define WORLD	   "\xe4\xb8\x96\xe7\x95\x8c" /* two, each two columns wide */
#define FAMILY                                                     \
	"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d" \
	"\xf0\x9f\x91\xa7"
#define FLAG   "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
#define THUMB  "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"
#define KOREAN "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"

#endif
