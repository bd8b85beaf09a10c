#!/bin/bash
# Proves the deb and the rpm on a booted machine: installer/linux/test.sh
# [deb] [rpm]. The machine is systemd-nspawn over an overlay of this machine's
# own files, kept in memory; nothing of it outlives the test. What happens in
# it is in test-machine.sh. Needs root, the SDK in build/sdk and iscmarket in
# build/bin (make test-packages makes both).
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
[ "$(id -u)" -eq 0 ] || { echo "test-packages: run as root: a machine with a systemd of its own is booted" >&2; exit 1; }
kinds=("$@")
[ $# -gt 0 ] || kinds=(deb rpm)

product=$(<assets/version/VERSION)
next=${product%.*}.$((${product##*.} + 1))
packages=$PWD/build/test-packages
rm -rf "$packages"
"$here/build.sh" "$packages/old" "$product" >/dev/null
"$here/build.sh" "$packages/new" "$next" >/dev/null

# contents checks what is in the packages against lists that people can read.
contents() {
	local deb=$packages/old/iscdesk_${product}_amd64.deb rpm=$packages/old/iscdesk-$product.x86_64.rpm
	dpkg-deb -c "$deb" | awk '{ print $1, $2, $6 }' | sed 's/ 0\/0 / root\/root /' | diff "$here/testdata/deb.txt" -
	rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]' "$rpm" | diff "$here/testdata/rpm.txt" -
	dpkg-deb --fsys-tarfile "$deb" | tar xO ./usr/lib/systemd/system/iscdeskd.service | diff installer/systemd/iscdeskd.service -
	dpkg-deb --fsys-tarfile "$deb" | tar xO ./etc/iscdesk/policy.toml | diff installer/policy/policy.toml -
	if grep -v '^#' installer/policy/policy.toml | grep -q .; then
		echo "policy.toml sets something by itself" >&2
		return 1
	fi
	shellcheck -s sh "$here"/deb/p* "$here"/rpm/p*
	dpkg-deb --fsys-tarfile "$deb" | tar x -C "$packages" ./usr/share/man
	find "$packages/usr/share/man" -name '*.gz' -exec gunzip {} +
	find "$packages/usr/share/man" -type f -exec mandoc -T lint -W warning {} +
	lintian --allow-root --fail-on error,warning "$deb"
	local score
	score=$(systemd-analyze security --offline=true --threshold=25 --no-pager installer/systemd/iscdeskd.service | tail -1)
	echo "unit: $score"
	desktop-file-validate "$here"/desktop/*.desktop "$here"/desktop/autostart/*.desktop
	# Static programs need no C library, so they run on any.
	dpkg-deb --fsys-tarfile "$deb" | tar x -C "$packages" ./usr/bin/iscdesk ./usr/sbin/iscdeskd
	if readelf -d "$packages/usr/bin/iscdesk" "$packages/usr/sbin/iscdeskd" | grep NEEDED; then
		echo "the programs need shared libraries" >&2
		return 1
	fi
	# The tray app needs of the desktop what the package recommends, and no more.
	dpkg-deb --fsys-tarfile "$deb" | tar x -C "$packages" ./usr/bin/iscdesk-tray
	readelf -d "$packages/usr/bin/iscdesk-tray" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -Ev '^lib(c|m|dl|pthread|rt|resolv)\.so' | sort |
		diff <(printf 'libGL.so.1\nlibX11.so.6\n') -
	# What has to be dynamic runs on glibc from 2.28 on.
	local floor file
	for file in build/sdk/lib/libiscdesk.so "$packages/usr/bin/iscdesk-tray"; do
		floor=$(objdump -T "$file" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
		if [ "$(printf '%s\nGLIBC_2.28\n' "$floor" | sort -V | tail -1)" != GLIBC_2.28 ]; then
			echo "$(basename "$file") needs $floor" >&2
			return 1
		fi
		echo "$(basename "$file") needs no more than $floor"
	done
}

# bootless installs where no systemd runs, as an image build does.
bootless() {
	local root=$box/bootless
	mkdir -p "$root" "$box/bootless-upper" "$box/bootless-work"
	mount -t overlay overlay -o "lowerdir=/,upperdir=$box/bootless-upper,workdir=$box/bootless-work" "$root"
	chroot "$root" dpkg -i "$packages/old/iscdesk_${product}_amd64.deb" >/dev/null
	test -L "$root/etc/systemd/system/multi-user.target.wants/iscdeskd.service"
	chroot "$root" dpkg -P iscdesk >/dev/null
	umount "$root"
	(cd "$box/bootless-upper" && find . -iname '*iscdesk*' ! -path './var/log/*') >"$box/left"
	if [ -s "$box/left" ]; then
		echo "without systemd a purge leaves:" >&2
		cat "$box/left" >&2
		return 1
	fi
	echo "bootless: installed and purged without systemd"
}

box=$(mktemp -d /dev/shm/iscdesk-box.XXXXXX)
machine= # the process that has booted
close() {
	if [ -n "$machine" ]; then
		kill -TERM "$machine" 2>/dev/null || true
		wait "$machine" || true
	fi
	for m in "$box"/*/root "$box"/bootless; do
		if mountpoint -q "$m"; then umount -l "$m"; fi
	done
	rm -rf "$box"
}
trap close EXIT

# boot starts a machine and gives, in leader, the process to enter it by.
boot() {
	local dir=$box/$1
	local work=$dir/upper/var/tmp/iscdesk-test
	mkdir -p "$dir"/{upper,work,root} "$work"/{old,new}
	chmod 755 "$dir" "$dir"/upper{,/var}
	chmod 1777 "$dir/upper/var/tmp"
	cp "$packages"/old/*."$1" "$work/old/"
	cp "$packages"/new/*."$1" "$work/new/"
	cp -r build/sdk build/bin/iscmarket "$here/test-machine.sh" "$work/"
	chmod -R go+rX "$work"
	mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
	# No further services and timers of this machine: they would change its files meanwhile.
	systemd-nspawn -b -D "$dir/root" --register=no --keep-unit --private-network --machine="iscdesk-$1-$$" \
		--bind-ro="$dir/upper:/mnt" --bind-ro=/:/media:norbind -- systemd.unit=basic.target systemd.mask=timers.target \
		>"$dir/console" 2>&1 </dev/null &
	machine=$!
	local state=
	for _ in {1..300}; do
		leader=$(pgrep -P "$machine" | head -1) || true
		if [ -n "$leader" ]; then
			state=$(inside systemctl is-system-running 2>/dev/null) || true
			case $state in running | degraded | maintenance) return ;; esac
		fi
		read -rt 0.2 <> <(:) || true
	done
	echo "the machine does not boot: $state" >&2
	tail -20 "$dir/console" >&2
	return 1
}
inside() { nsenter -t "$leader" -m -p -u -i -n -- "$@"; }

contents
for kind in "${kinds[@]}"; do
	echo "== $kind =="
	boot "$kind"
	inside env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
		/var/tmp/iscdesk-test/test-machine.sh "$kind" "$PWD"
	inside systemctl poweroff || true # it may be gone before it has answered
	wait "$machine"
	machine=
done
bootless
echo "test-packages: ok"
