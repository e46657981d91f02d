#!/bin/sh
#
# fetch.sh directory
#
# Debian's own talk, talkd and inetds, and the libraries they want, unpacked
# into the directory: they exclude each other and are never installed.  Does
# nothing when they are there.  Needs apt and dpkg, as anyone.

set -e
packages="talk talkd inetutils-talk inetutils-talkd openbsd-inetd xinetd
    libwrap0 libtirpc3 libnsl2 libevent-2.1-7 libbsd0 libmd0 libncurses6"

if [ $# != 1 ]; then
	echo "usage: fetch.sh directory" >&2
	exit 64
fi
mkdir -p "$1"
cd "$1"
umask 022
mkdir -p packages
for package in $packages; do
	[ -e "packages/$package" ] && continue
	rm -f "packages/${package}"_*.deb
	(cd packages && apt-get -q=2 -o APT::Sandbox::User=root \
	    download "$package")
	dpkg -x "packages/${package}"_*.deb .
	: >"packages/$package"
done
