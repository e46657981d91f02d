#!/bin/sh
#
# Hosts to test on: h1, h2, ... on one wire, each with its own network, name,
# /etc, /run, /dev (so its own terminals) and users.  Needs root; nothing
# outside changes.
#
#	LAN_DIR=/some/dir tests/lan/hosts.sh up [count] | down
#
# or read as a library (set LAN_SRC to the source tree): hosts_up, hosts_down,
# hosts_name.  LAN_DIR is an empty directory for the state.  LAN_OWNER, when
# set, is a process whose end takes the hosts down and that directory away.
# LAN_PEERS is where fetch.sh put other people's programs.  LAN_PLAN tells which
# addresses the hosts have, a word a host, the last one for all that follow:
# 4, 6, or 46 for both.  Without it they have both, but names for IPv4 only.
# LAN_CROWD is a number of further users: u1, u2, ...  A host is what lives in
# its namespaces:
#
#	$LAN_DIR/h1/pid		the process that holds them
#	$LAN_DIR/h1/root	its files, as seen from outside
#
# A test opens $LAN_DIR/h1/root/dev/pts/ptmx for a terminal of h1.  Terminals
# are not shared: alice has the same uid on every host, and a daemon that asks
# the kernel who owns a terminal would find her on all of them; and a message
# to everyone would reach the terminals of whoever runs the tests.
#
# On a host the source tree is /run/src and LAN_PEERS is /run/peers, so that
# its users can reach them whatever the modes of the directories above.

LAN_SRC=${LAN_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}

# Names of 20 and 32 characters; two differ after the eleventh only.
hosts_long_users="bartholomew.longname:4003 bartholomew.longlegs:4004 \
maximiliane.von.und.zu.hohenfels:4005"

# All users but root and nobody: their names and numbers.
hosts_users()
{
	# shellcheck disable=SC2086
	printf '%s\n' alice:4001 bob:4002 $hosts_long_users
	n=0
	while [ $((n += 1)) -le "${LAN_CROWD:-0}" ]; do
		echo "u$n:$((4100 + n))"
	done
}

hosts_die()
{
	echo "hosts: $*" >&2
	return 1
}

# Its /run says whose a process is: numbers are used again, this is not.
hosts_is_ours()
{
	hosts_mark=
	{ read -r hosts_mark <"/proc/$1/root/run/lan"; } 2>/dev/null
	[ -n "$hosts_mark" ] && [ "$hosts_mark" = "$LAN_DIR" ]
}

# Becomes the host $1 and stays; runs in fresh namespaces.
hosts_hold()
{
	set -e
	new=$LAN_DIR/$1/new
	mount -t tmpfs -o mode=755 lan "$new"
	mkdir "$new/dev" "$new/dev/pts" "$new/dev/shm" "$new/run" \
	    "$new/run/lock" "$new/run/home" "$new/run/src" "$new/run/peers"
	for node in null zero full random urandom tty; do
		: >"$new/dev/$node"
		mount --bind "/dev/$node" "$new/dev/$node"
	done
	mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts \
	    "$new/dev/pts"
	ln -s pts/ptmx "$new/dev/ptmx"
	ln -s /proc/self/fd "$new/dev/fd"
	chmod 1777 "$new/dev/shm" "$new/run/lock"

	# A copy, not a file here and there: tests may write what they like.
	cp -a /etc "$new/etc"
	hosts_etc "$1" "$new/etc"
	: >"$new/run/utmp"
	chmod 664 "$new/run/utmp"
	for user in $(hosts_users); do
		mkdir "$new/run/home/${user%:*}"
		chown "${user#*:}:${user#*:}" "$new/run/home/${user%:*}"
	done
	mount --bind "$LAN_SRC" "$new/run/src"
	[ -z "$LAN_PEERS" ] || mount --bind "$LAN_PEERS" "$new/run/peers"

	hostname "$1"
	mount --rbind "$new/dev" /dev
	mount --rbind "$new/etc" /etc
	mount --rbind "$new/run" /run
	cd /
	echo "$LAN_DIR" >/run/lan
	exec sleep 2147483647
}

# No user of the machine is known here: with a login uid of its own a process
# would else say it is that user.
hosts_etc()
{
	rm -f "$2/hosts" "$2/hostname" "$2/passwd" "$2/group" "$2/shadow" \
	    "$2/nsswitch.conf" "$2/resolv.conf" "$2/hosts.allow" \
	    "$2/hosts.deny" "$2/nologin"
	echo "$1" >"$2/hostname"
	cat >"$2/passwd" <<-END
	root:x:0:0:root:/root:/bin/sh
	nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
	END
	for user in $(hosts_users); do
		echo "${user%:*}:x:${user#*:}:${user#*:}::/run/home/${user%:*}:/bin/sh"
	done >>"$2/passwd"
	cat >"$2/group" <<-END
	root:x:0:
	tty:x:5:
	utmp:x:43:
	nogroup:x:65534:
	END
	for user in $(hosts_users); do
		echo "${user%:*}:x:${user#*:}:"
	done >>"$2/group"
	cat >"$2/nsswitch.conf" <<-END
	passwd: files
	group: files
	hosts: files
	services: files
	END
	: >"$2/resolv.conf"
	hosts_names "$1" 127.0.1.1 >"$2/hosts"
}

# The addresses that h$1 has.
hosts_plan()
{
	number=$1
	# shellcheck disable=SC2086
	set -- ${LAN_PLAN:-46}
	while [ $((number -= 1)) -gt 0 ] && [ $# -gt 1 ]; do
		shift
	done
	echo "$1"
}

# /etc/hosts of $1, as Debian's installer writes it: its own name is $2.
hosts_names()
{
	echo "127.0.0.1	localhost"
	echo "$2	$1"
	echo "::1	localhost ip6-localhost"
	n=0
	while [ $((n += 1)) -le 9 ]; do
		plan=$(hosts_plan $n)
		[ "h$n" = "$1" ] || [ "$plan" = 6 ] || echo "10.77.0.$n	h$n"
		[ "h$n" = "$1" ] || [ -z "$LAN_PLAN" ] || [ "$plan" = 4 ] ||
		    echo "fd77::$n	h$n"
		[ "$plan" = 4 ] || echo "fd77::$n	h$n-6"
	done
}

# hosts_name host address: from now on the host's own name is that address
# (GNU talk knows no other way to find one that another host can reach).
hosts_name()
{
	hosts_names "$1" "$2" >"$LAN_DIR/$1/root/etc/hosts"
}

# Starts the process that holds the host $1, and waits until it is one.
hosts_start()
{
	mkdir -p "$LAN_DIR/$1/new" || return 1
	export LAN_DIR LAN_SRC LAN_PEERS LAN_PLAN LAN_CROWD
	# In a subshell, so that no shell reports its end one day.
	(
		unshare --mount --net --uts --propagation private \
		    /bin/sh "$LAN_SRC/tests/lan/hosts.sh" hold "$1" \
		    </dev/null >/dev/null 2>"$LAN_DIR/$1/errors" &
		echo $! >"$LAN_DIR/$1/pid"
	)
	pid=$(cat "$LAN_DIR/$1/pid")
	ln -sfn "/proc/$pid/root" "$LAN_DIR/$1/root"
	tries=0
	until hosts_is_ours "$pid"; do
		if ! kill -0 "$pid" 2>/dev/null ||
		    [ $((tries += 1)) -gt 100 ]; then
			cat "$LAN_DIR/$1/errors" >&2
			hosts_die "$1 does not start"
			return 1
		fi
		sleep 0.05
	done
}

# Plugs the host h$1 into the wire, which is a bridge on h0.
hosts_plug()
{
	wire=$(cat "$LAN_DIR/h0/pid")
	plan=$(hosts_plan "$1")
	pid=$(cat "$LAN_DIR/h$1/pid")
	nsenter -t "$wire" -n ip link add name "v$1" type veth \
	    peer name eth0 netns "$pid" &&
	nsenter -t "$wire" -n ip link set "v$1" master br0 up &&
	# An address is there at once, not when it has been proved unique.
	nsenter -t "$pid" -n sh -c "
		echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
		ip link set lo up
		[ $plan = 6 ] ||
		    ip address add 10.77.0.$1/24 broadcast + dev eth0
		[ $plan = 4 ] ||
		    ip -6 address add fd77::$1/64 dev eth0 nodad
		ip link set eth0 up" 2>/dev/null
}

# hosts_up [count]: h1 to h<count>, two unless told.
hosts_up()
{
	[ "$(id -u)" = 0 ] || hosts_die "only root can" || return 1
	[ -d "${LAN_DIR:?}" ] || hosts_die "$LAN_DIR: no directory" || return 1
	hosts_down
	n=0
	hosts_start h0 &&
	nsenter -t "$(cat "$LAN_DIR/h0/pid")" -n \
	    ip link add br0 up type bridge forward_delay 0 &&
	while [ $((n += 1)) -le "${1:-2}" ]; do
		hosts_start "h$n" || break
		hosts_plug $n || break
	done
	if [ $n -le "${1:-2}" ]; then
		hosts_down
		return 1
	fi
	if [ -n "$LAN_OWNER" ]; then
		(
			exec </dev/null >/dev/null 2>&1
			hosts_watch "$(cat "$LAN_DIR/h0/pid")"
		) &
	fi
}

# Takes the hosts and their directory away after LAN_OWNER, unless they went
# before (and others may have come): $1 is the process that holds the wire.
hosts_watch()
{
	while kill -0 "$LAN_OWNER"; do
		hosts_is_ours "$1" || return
		sleep 1
	done
	hosts_down
	rmdir "$LAN_DIR"
}

# Ends every process on the hosts; namespaces and mounts go with the last.
hosts_down()
{
	found=1
	while [ $found = 1 ]; do
		found=0
		for proc in /proc/[0-9]*; do
			hosts_is_ours "${proc#/proc/}" || continue
			kill -KILL "${proc#/proc/}" 2>/dev/null && found=1
		done
	done
	rm -rf "${LAN_DIR:?}"/h[0-9]
}

case ${0##*/}:$1 in
hosts.sh:up)	hosts_up "$2" ;;
hosts.sh:down)	hosts_down ;;
hosts.sh:name)	hosts_name "$2" "$3" ;;
hosts.sh:hold)	hosts_hold "$2" ;;
hosts.sh:*)
	echo "usage: hosts.sh up [count] | down | name host address" >&2
	exit 64
	;;
esac
