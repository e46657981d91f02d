#!/bin/sh
#
# fuzz.sh run NAME...    fuzzes each for FUZZ_SECONDS; stops at the first that
#                        finds something, and tells it as a line for its seeds
# fuzz.sh prove NAME...  has each find the fault that is planted for it
#
# What is learnt stays in tests/fuzzing, where the next run goes on from it.

set -eu
cd "$(dirname "$0")/.."
learnt=tests/fuzzing

# fuzz PROGRAM NAME SECONDS CORPUS: its status; what it says goes to a log.
fuzz()
{
	rm -rf "$learnt/$2/seeds" "$learnt/$2/found"
	mkdir -p "$learnt/$2/seeds" "$learnt/$2/found" "$4"
	: >"$learnt/$2/log"
	tests/corpus "tests/seeds/$2" "$learnt/$2/seeds" || return 1
	"$1" -max_total_time="$3" -timeout=25 -rss_limit_mb=1024 \
		-max_len=4096 -use_value_profile=1 -print_final_stats=1 \
		-artifact_prefix="$learnt/$2/found/" \
		"$4" "$learnt/$2/seeds" >"$learnt/$2/log" 2>&1
}

# What a fuzzer found, as a seed, and why it is one.
tell()
{
	grep -E 'broken:|ERROR:|runtime error:|SUMMARY:' "$learnt/$1/log" ||
		cat "$learnt/$1/log"
	for file in "$learnt/$1/found"/*; do
		[ ! -f "$file" ] || od -An -v -tx1 "$file" | tr -d '\n'
		echo
	done
}

run()
{
	if fuzz "tests/fuzz_$1.fuzz" "$1" "${FUZZ_SECONDS:-60}" \
		"$learnt/$1/corpus"; then
		printf '%s: %s\n' "$1" \
			"$(sed -n 's/^Done //p' "$learnt/$1/log")"
	else
		printf '%s: failed; add to tests/seeds/%s:\n' "$1" "$1"
		tell "$1"
		return 1
	fi
}

# It begins with the seeds alone, and fails unless something was found.
prove()
{
	rm -rf "$learnt/$1/proof"
	if fuzz "tests/fuzz_$1.planted" "$1" "${FUZZ_SECONDS:-60}" \
		"$learnt/$1/proof" || [ -z "$(ls "$learnt/$1/found")" ]; then
		printf '%s: the planted fault was not found\n' "$1"
		return 1
	fi
	printf '%s: found the planted fault, %s\n' "$1" \
		"$(grep -E -m1 'broken:|SUMMARY:' "$learnt/$1/log")"
}

what=$1
shift
for name in "$@"; do
	"$what" "$name"
done
