#!/bin/sh
#
# make coverage: runs the tests, and as root those on several hosts, with every
# line of the programs counted.  Tells how many lines of each file were reached,
# then each that was not: by the reason that tests/unreached gives for it, and
# at last those without one, which are an error if they are more than a few.
#
# gcc's counters are written when a program ends, by itself; but the tests end
# daemons with a signal, and talkd, as nobody and behind Landlock, could write
# no file.  So clang counts: there the counters are a file from the start on,
# mapped into all processes of a program, and the programs run as they are.

set -eu
cd "$(dirname "$0")/.."
top=$PWD/coverage
rm -rf "$top"
mkdir -p "$top/tree" "$top/counters"
chmod 777 "$top/counters"

find . \( -name .git -o -path ./coverage -o -name '*.o' \) -prune -o ! -type d \
	-print | tar -cf - -T - | tar -xf - -C "$top/tree"
cd "$top/tree"

# counted TARGET...: makes them with counters, in files named by the program.
counted()
{
	${MAKE:-make} CC=clang CFLAGS="-O0 -g -Wno-unused-command-line-argument \
-fcoverage-mapping -fprofile-instr-generate=$top/counters/%m%c.profraw \
-fprofile-update=atomic -mllvm -runtime-counter-relocation" "$@"
}

# What root begins, nobody has to go on with; talkd knows no -V, which will do.
begin_counters()
{
	(umask 0; talk/talk -V; talkd/talkd -V || :) >/dev/null 2>&1
}

failed=0
${MAKE:-make} clean >/dev/null
counted all >/dev/null
begin_counters
counted check >"$top/check.log" 2>&1 || failed=1
if [ "$(id -u)" = 0 ]; then
	counted check-lan >>"$top/check.log" 2>&1 || failed=1
fi
if [ "$failed" = 1 ]; then
	grep -E 'FAILED|^failed:|rror' "$top/check.log" || :
	echo "coverage: tests failed: see $top/check.log" >&2
fi

# Every program that has counted, the first of them without -object.
llvm-profdata merge -sparse -o "$top/merged" "$top"/counters/*.profraw
set -- talk/talk
for program in talkd/talkd tests/test_*; do
	case $program in *.c) ;; *) set -- "$@" -object "$program" ;; esac
done
llvm-cov export -format=lcov -instr-profile "$top/merged" "$@" \
	common talkd talk >"$top/lines" 2>"$top/export.log"

awk -v top="$top/tree/" -f tests/coverage.awk tests/unreached "$top/lines" ||
	failed=1
exit "$failed"
