#!/bin/sh
#
# inside.sh inetd|systemd
#
# On the system that check.sh has prepared: installs, uses and purges.

set -e
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

fail()
{
	echo "inside.sh: $*" >&2
	exit 1
}

say()
{
	echo "inside.sh: $1"
}

apt()
{
	apt-get -q=2 -y --no-install-recommends "$@" >/tmp/apt \
	    2>&1 || { cat /tmp/apt; fail "apt-get $*"; }
}

# Waits for a command to succeed, ten seconds at most.
until_true()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.1
	done
}

# A call is asked for and a message shown, each by the daemon of this host.
used()
{
	status=0
	talk -l || status=$?
	[ $status = 1 ] || fail "talk -l ended with $status"
	rm -f /tmp/screen /tmp/over
	script -qfc 'mesg y; echo ready; until [ -e /tmp/over ]; do sleep 0.1; done' \
	    /dev/null >/tmp/screen &
	until_true grep -qs ready /tmp/screen || fail "no terminal"
	talk -m root@localhost 'hello there' || fail "no message sent"
	until_true grep -qs 'hello there' /tmp/screen || fail "no message shown"
	touch /tmp/over
	wait
	[ -n "$(pidof talkd)" ] || fail "who has shown it?"
	say "a daemon answers, and shows a message"
}

is_gone()
{
	[ -z "$(pidof talkd)" ] || fail "a daemon is left"
	! grep -q /usr/sbin/talkd /etc/inetd.conf || fail "inetd knows it yet"
	[ ! -e /usr/bin/talk ] || fail "/usr/bin/talk is left"
	! talk_answers || fail "something answers yet"
}

# Whether anybody holds the port of calls (518), as the kernel knows.
talk_answers()
{
	cat /proc/net/udp /proc/net/udp6 | grep -q ': [0-9A-F]*:0206 '
}

lines_of_inetd()
{
	grep -c "^$1\(518\|18\)	.*/usr/sbin/talkd" /etc/inetd.conf || :
}

in_place_of_debians()
{
	apt install talk talkd
	inetd
	apt install /talk.deb
	[ ! -L /usr/bin/talk ] || fail "/usr/bin/talk is another's"
	[ "talk $(dpkg-query -Wf '${Version}' talk)" = "$(talk -V)" ] ||
		fail "two versions"
	[ ! -e /usr/sbin/in.ntalkd ] || fail "Debian's talkd stayed"
	apt purge talkd
	say "installed in the place of Debian's talk and talkd"
}

by_inetd()
{
	[ "$(lines_of_inetd '')" = 2 ] || fail "inetd does not know it"
	used
	dpkg -i /talk.deb >/tmp/apt
	[ "$(lines_of_inetd '')" = 2 ] || fail "inetd knows it twice"
	used
	apt purge talk
	is_gone
	dpkg -i /talk.deb >/tmp/apt
	used
	dpkg -P talk >/tmp/apt
	is_gone
}

by_systemd()
{
	apt install /talk.deb
	[ "$(lines_of_inetd '#<off># ')" = 2 ] || fail "inetd should rest"
	systemctl is-active talkd.socket
	systemctl is-enabled talkd.socket
	used
	systemctl is-active talkd.service
	dpkg -i /talk.deb >/tmp/apt
	used
	apt purge talk
	is_gone
	! systemctl is-active talkd.socket || fail "the socket is there yet"
}

case $1 in
inetd)
	ip link set lo up
	in_place_of_debians
	by_inetd
	;;
systemd)
	by_systemd
	;;
esac
