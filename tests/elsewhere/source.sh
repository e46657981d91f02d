#!/bin/sh
#
# source.sh package directory
#
# The source of one of Debian's packages, unpacked into the directory.  It comes
# from where the system's own packages come from; sources need not be among what
# apt lists, and apt's own lists stay as they are.  Needs dpkg-dev.

set -e

if [ $# != 2 ]; then
	echo "usage: source.sh package directory" >&2
	exit 64
fi
package=$1
mkdir -p "$2"
cd "$2"

mkdir -p apt/parts apt/lists/partial apt/cache/archives/partial
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources; do
	[ -e "$list" ] || continue
	sed -e 's/^deb /deb-src /' -e 's/^Types:.*/Types: deb-src/' "$list" \
	    >"apt/parts/${list##*/}"
done
# Of several lists one may have no sources.
apt() {
	apt-get -q=2 -o APT::Sandbox::User=root \
	    -o Dir::Etc::SourceList=/dev/null \
	    -o Dir::Etc::SourceParts="$PWD/apt/parts" \
	    -o Dir::State::Lists="$PWD/apt/lists" \
	    -o Dir::Cache="$PWD/apt/cache" "$@"
}
apt update || :
apt --download-only source "$package"
dpkg-source --no-check -x "$package"_*.dsc source
