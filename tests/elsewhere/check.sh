#!/bin/sh
#
# check.sh musl|m32|s390x [make argument ...]
#
# Builds the programs and their tests for another system, warnings being errors,
# and runs them:
#
#   musl   another C library, linked statically; Debian's musl-tools
#   m32    integers, pointers and longs of 32 bits; Debian's gcc-12-multilib
#   s390x  integers high byte first, and a kernel that does not know half of
#          what Linux knows: qemu's.  Debian's gcc-s390x-linux-gnu, locales and
#          qemu-user-static
#
# It needs dpkg-dev besides, for cmocka's source.  What it builds goes into a
# directory of its own, below TMPDIR, and is removed.

set -e
umask 022

if [ $# = 0 ]; then
	echo "usage: check.sh musl|m32|s390x [make argument ...]" >&2
	exit 64
fi
system=$1
shift
cd "$(dirname "$0")/../.."
work=$(mktemp -d "${TMPDIR:-/tmp}/elsewhere.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"

# What musl-gcc and gcc -m32 do not find by themselves: the kernel's headers.
mkdir "$work/kernel"
ln -s /usr/include/linux /usr/include/asm-generic "$work/kernel"
ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$work/kernel"

objcopy=objcopy
case $system in
musl)	# Its CMSG_NXTHDR turns a negative number into a size.
	compiler="musl-gcc -static -Wno-sign-conversion"
	compiler="$compiler -idirafter $work/kernel" ;;
m32)	compiler="gcc -m32 -idirafter $work/kernel" ;;
s390x)	# Qemu hands the size of UDP_SEGMENT on in the other byte order.
	compiler="s390x-linux-gnu-gcc -DDATAGRAM_ONE_BY_ONE"
	objcopy=s390x-linux-gnu-objcopy ;;
*)	echo "check.sh: $system: no such system" >&2
	exit 64 ;;
esac

cmocka()
{
	tests/elsewhere/source.sh cmocka "$work/cmocka"
	mkdir "$work/lib" "$work/include"
	cp "$work"/cmocka/source/include/cmocka.h "$work/include"
	$compiler -w -O1 -I"$work/cmocka/source/include" -DHAVE_SIGNAL_H \
	    -c -o "$work/cmocka.o" "$work/cmocka/source/src/cmocka.c"
	ar -rc "$work/lib/libcmocka.a" "$work/cmocka.o"
}

build()
{
	make OBJCOPY="$objcopy" CC="$compiler -isystem $work/include -L$work/lib" \
	    CFLAGS="-O1 -g -Werror -pedantic-errors" "$@"
}

# In the place of each program a script that has it emulated.
emulate()
{
	for program in talk/talk talkd/talkd tests/demo; do
		mv "$program" "$program.s390x"
		cat >"$program" <<-END
			#!/bin/sh
			exec $emulator $work/tree/$program.s390x "\$@"
		END
		chmod 755 "$program"
	done
}

mkdir "$work/tree"
tar -c --exclude=./.git --exclude='*.[oa]' . | tar -x -C "$work/tree"
cmocka
cd "$work/tree"
make -s clean
build all tests/demo
if [ "$system" = s390x ]; then
	# Locales, too, are in the byte order of those who made them.
	localedef --big-endian -i C -f UTF-8 "$work/C.UTF-8"
	emulator="qemu-s390x-static -L /usr/s390x-linux-gnu -E LOCPATH=$work"
	emulate
	set -- RUN="$emulator" "$@"
fi
build check "$@"
