#!/bin/sh
#
# check.sh package
#
# Installs the package of Debian on a copy of this system, has it serve under
# inetd and under systemd, and purges it.  The copy is an overlay in memory, in
# namespaces of its own, with nothing but a loopback interface once all other
# packages are there.  Needs root, lintian, systemd-container and iproute2.

set -e

if [ $# != 1 ]; then
	echo "usage: check.sh package" >&2
	exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "$PACKAGE_CHECK" ]; then
	PACKAGE_CHECK=$(mktemp -d)
	export PACKAGE_CHECK
	trap 'rmdir "$PACKAGE_CHECK"' EXIT
	unshare --mount --pid --fork --kill-child --mount-proc \
	    "$here/check.sh" "$(realpath "$1")"
	exit
fi

copy=$PACKAGE_CHECK
root=$copy/root

prepare()
{
	mount -t tmpfs tmpfs "$copy"
	mkdir "$copy/changes" "$copy/work" "$root"
	mount -t overlay -o \
	    "lowerdir=/,upperdir=$copy/changes,workdir=$copy/work" \
	    overlay "$root"
	mount -t tmpfs tmpfs "$root/tmp"
	mount -t tmpfs tmpfs "$root/run"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 \
	    devpts "$root/dev/pts"
	mount --bind "$root/dev/pts/ptmx" "$root/dev/ptmx"
	cp "$1" "$root/talk.deb"
	cp "$here/inside.sh" "$root/inside.sh"
}

# What else is wanted, while there is a network; no daemon starts.
fetch()
{
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	cp -L /etc/resolv.conf "$root/run/resolv.conf"
	[ -e "$root/etc/resolv.conf" ] ||
		ln -sf /run/resolv.conf "$root/etc/resolv.conf"
	chroot "$root" apt-get -q=2 update
	chroot "$root" apt-get -q=2 -y install \
	    --no-install-recommends systemd openbsd-inetd >/dev/null
	chroot "$root" apt-get -q=2 -y -d install talk talkd >/dev/null
	rm "$root/usr/sbin/policy-rc.d"
}

# Every file that this system has otherwise than the real one, but for what apt
# and dpkg remember of packages, and what systemd writes when it first boots.
changes()
{
	(cd "$copy/changes" && find . -type d -name dpkg -prune -o \
	    -path ./var/log -prune -o -path ./var/cache -prune -o \
	    -path ./var/lib/apt -prune -o -path ./var/lib/systemd -prune -o \
	    ! -type d ! -path ./etc/machine-id ! -path ./etc/.pwd.lock \
	    -print | sort)
	cat "$root/etc/inetd.conf"
}

# What a purge leaves.
no_trace()
{
	changes >"$copy/after"
	diff "$copy/before" "$copy/after" ||
		{ echo "check.sh: a purge leaves something" >&2; exit 1; }
}

under_inetd()
{
	unshare --net --pid --fork --kill-child --mount-proc="$root/proc" \
	    chroot "$root" /inside.sh inetd
}

under_systemd()
{
	cat >"$root/run/prove.service" <<-END
		[Unit]
		After=basic.target
		[Service]
		Type=oneshot
		StandardOutput=file:/result
		StandardError=inherit
		ExecStart=/inside.sh systemd
		ExecStopPost=/bin/systemctl exit \$EXIT_STATUS
	END
	mkdir -p "$root/etc/systemd/system"
	mv "$root/run/prove.service" "$root/etc/systemd/system"
	umount -R "$root/dev" "$root/proc" "$root/run" "$root/tmp"
	status=0
	timeout 300 systemd-nspawn --quiet --register=no --keep-unit \
	    --private-network -D "$root" --boot systemd.unit=prove.service \
	    </dev/null >"$copy/console" 2>&1 || status=$?
	# The control groups that it leaves with whoever has no unit.
	find /sys/fs/cgroup -depth -type d \( -path '*/payload' -o \
	    -path '*/payload/*' -o -path '*/supervisor' \) \
	    -exec rmdir {} \; 2>/dev/null || :
	cat "$root/result"
	[ "$status" = 0 ] || cat "$copy/console"
	rm -f "$root/result" "$root/etc/systemd/system/prove.service"
	return "$status"
}

lintian --fail-on error,warning "$1"
prepare "$1"
fetch
changes >"$copy/before"
under_inetd
no_trace
under_systemd
no_trace
echo "check.sh: installed, served and purged, under inetd and systemd"
