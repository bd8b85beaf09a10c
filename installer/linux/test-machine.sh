#!/bin/bash
# The life of the package on a machine, from before its installation until
# nothing is left: test-machine.sh deb|rpm REPOSITORY. test.sh runs it in a
# machine that nobody needs any more, and has put beside it: the package in two
# versions (old, new), the SDK and iscmarket. What is below REPOSITORY is nobody's
# business. /mnt shows what has changed on the machine, /media what it was made of.
set -euo pipefail
kind=$1 repository=$2
work=/var/tmp/iscdesk-test
old=$work/old new=$work/new

say() { echo "   $*"; }
fail() {
	echo "test-packages: $*" >&2
	journalctl -u iscdeskd --no-pager -n 40 >&2 || true
	tail -5 $work/market.log >&2 || true
	exit 1
}
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR

# await runs a command until it succeeds, for at most a minute.
await() {
	local end=$((SECONDS + 60))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "in vain: $*"
		read -rt 0.1 <> <(:) || true
	done
}

# The package manager's verbs.
install_package() {
	case $kind in
	deb) dpkg -i "$1"/*.deb ;;
	rpm) rpm -U --nodeps --replacepkgs --oldpackage "$1"/*.rpm ;;
	esac >$work/out 2>&1 || fail "installing: $(<$work/out)"
}
remove_package() { # purges, where there is a difference
	case $kind in
	deb) dpkg -P iscdesk ;;
	rpm) rpm -e --nodeps iscdesk ;;
	esac >$work/out 2>&1 || fail "removing: $(<$work/out)"
}

# snapshot writes down what a machine consists of: how its files differ from
# those it was made of (/media; /mnt is the upper layer), but for logs, caches,
# homes, this test's own folder and what package managers and the desktop's
# packages keep for themselves (these rebuild their lists of icons and entries
# after each package); and its units, users and open ports.
snapshot() {
	cd /mnt
	find . -mindepth 1 \( -path ./tmp -o -path ./root -o -path ./home -o -path "./${work#/}" -o -path "./${repository#/}" \
		-o -path ./var/log -o -path ./var/cache -o -path ./var/lib/rpm -o -path ./usr/lib/sysimage/rpm -o -path './var/lib/dpkg/*-old' \
		-o -path './var/lib/dpkg/lock*' -o -path ./usr/share/icons/hicolor/icon-theme.cache -o -path ./usr/share/applications/mimeinfo.cache \) -prune -o -print | while read -r path; do
		# A folder and a book of dpkg's that were there before do not count as changed.
		if [ -d "$path" ] || [[ $path == ./var/lib/dpkg/* ]]; then
			[ ! -e "/media/$path" ] || continue
			stat -c '%A %U:%G %n' "$path"
		else
			stat -c '%A %U:%G %s %Y %N' "$path"
		fi
	done
	cd /
	find /run -xdev -name '*iscdesk*'
	systemctl list-unit-files --no-legend --no-pager | awk '{ print "unit", $1, $2 }'
	systemctl list-units --all --no-legend --no-pager --plain '*iscdesk*' | awk '{ print "loaded", $1 }'
	getent passwd | sed 's/^/user /'
	getent group | sed 's/^/group /'
	ss -lntuxH | awk '{ print "port", $1, $5 }'
	pgrep -a iscdesk | sed 's/^/process /' || true
}

# as runs a command as a user of the machine, in his home.
as() {
	local user=$1
	shift
	(cd "/home/$user" && runuser -u "$user" -- env -i "HOME=/home/$user" "USER=$user" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
		"BROWSER=/home/$user/browser" DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent ISCDESK_CLI=/usr/bin/iscdesk \
		"LD_LIBRARY_PATH=$work/sdk/lib" "$@")
}

# person makes a user of the machine, who is the named one at the marketplace.
person() {
	useradd -m "$1"
	install -o "$1" -m 600 $work/market/sample-accounts.json "/home/$1/accounts.json"
	cat >"/home/$1/browser" <<-END
		#!/bin/sh
		exec $work/iscmarket demo-browser "\$1" --accounts /home/$1/accounts.json --user $2 >>/home/$1/browser.log 2>&1
	END
	chmod 755 "/home/$1/browser"
}

start_market() {
	rm -f $work/market.url
	$work/iscmarket serve --sample-vendor --state $work/market --listen "127.0.0.1:${port:-0}" --url-file $work/market.url >>$work/market.log 2>&1 &
	market=$!
	await test -s $work/market.url
	url=$(<$work/market.url)
	port=${url##*:}
}
stop_market() {
	kill "$market"
	wait "$market" || true
}

# show_tray starts a display and the installed tray app on it, as anna, and waits
# for its window.
show_tray() {
	rm -f $work/display
	Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -ac >/dev/null 2>&1 3>$work/display &
	screen=$!
	await grep -q . $work/display
	as anna env DISPLAY=":$(<$work/display)" XDG_RUNTIME_DIR=/home/anna LANG=zh_CN.UTF-8 \
		dbus-run-session -- /usr/bin/iscdesk-tray >$work/tray.log 2>&1 &
	tray=$!
	await tray_shows
	say "the tray app shows its window: $(tray_window)"
}
tray_window() { DISPLAY=":$(<$work/display)" xwininfo -root -tree | grep -o '"[^"]*": ("iscdesk-tray".*)' | head -1; }
tray_shows() { [ -n "$(tray_window)" ]; }
# tray_gone looks whether the removal has ended it.
tray_gone() {
	wait $tray || fail "the tray app has failed: $(<$work/tray.log)"
	[ -z "$(pgrep iscdesk-tray)" ] || fail "a tray app still runs"
	kill $screen
	wait $screen || true
}

pid() { systemctl show -p MainPID --value iscdeskd; }
field() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
versions() { as anna iscdesk files history "$1" --json | field 'len(d)'; }
nothing_waits() { [ "$(as anna iscdesk transfers --json | field 'len(d)')" = 0 ]; }

start_market
person anna engineer
person bo colleague
key=$($work/iscmarket product-key minicad --state $work/market --format base64)
vendor_key=$($work/iscmarket sample-vendor public-key --state $work/market/sample-vendor --format base64)
printf '#define ISCDESK_LEASE_KEYS "%s"\n#define ISCDESK_VENDOR_KEY "%s"\n' "$key" "$vendor_key" >$work/keys.h
# compile builds an example of the SDK as a vendor does.
compile() {
	cmake -S "$work/sdk/share/examples/$1" -B "$work/build-$1" -DCMAKE_PREFIX_PATH=$work/sdk -DMINICAD_KEYS=$work/keys.h &&
		cmake --build "$work/build-$1" && mv "$work/build-$1/$1" "$work/$1"
}
for program in guide minicad; do
	compile $program >$work/compile.log 2>&1 || fail "$program: $(<$work/compile.log)"
done
[ "$kind" != rpm ] || rpm --initdb
stop_market
snapshot | LC_ALL=C sort >$work/before
start_market

echo "-- a first installation"
install_package "$old"
systemctl is-active --quiet iscdeskd || fail "the service does not run"
systemctl is-enabled --quiet iscdeskd || fail "the service is not enabled"
as anna iscdesk status >$work/out || fail "the service does not answer: $(<$work/out)"
say "the service runs, without a marketplace: $(tr '\n' ' ' <$work/out)"
score=$(systemd-analyze security --threshold=25 --no-pager iscdeskd.service | tail -1) || fail "$score"
say "in the running machine: $score"
configured() { as anna iscdesk policy show | grep -q "$url"; }
configure() {
	cat /etc/iscdesk/policy.toml >$work/policy.before
	sed -i "s|^#marketplace = .*|marketplace = \"$url\"|" /etc/iscdesk/policy.toml
	await configured # read again by itself
}
configure

echo "-- the main job, as two users"
as anna iscdesk login >/dev/null
as anna iscdesk licenses
as anna $work/guide >$work/guide.log 2>&1 || fail "guide: $(<$work/guide.log)"
as anna $work/minicad >$work/minicad.log 2>&1 || fail "minicad: $(<$work/minicad.log)"
grep '^ok' $work/minicad.log | sed 's/^/   /'
as anna iscdesk apps install minicad --wait
installed=$(find /home/anna/.local/share/iscdesk/apps/minicad -mindepth 1 | head -1)
[ "$(stat -c %U "$installed")" = anna ] || fail "the application belongs to $(stat -c %U "$installed")"
as bo iscdesk login >/dev/null
as bo iscdesk status --json | field '[d["account"]["userName"], d["transfers"], d["apps"]]' >$work/out
grep -q colleague $work/out || fail "bo is not colleague: $(<$work/out)"
if as bo iscdesk status --json | grep -q engineer; then fail "bo sees anna"; fi

echo "-- an upgrade during an upload, with a lease held"
head -c 300000000 /dev/urandom >/home/anna/big.step
chown anna: /home/anna/big.step
as anna $work/minicad lease 20 >$work/lease.log 2>&1 &
lease=$!
await grep -q '^ok.*seat\|^ok.*Lease\|^ok.*lease' $work/lease.log
as anna iscdesk files put big.step /engineer/ >/dev/null
uploading() { [ "$(as anna iscdesk transfers --json | field 'd[0]["state"] == "uploading" and 0 < d[0]["sent"] < d[0]["total"]')" = True ]; }
await uploading
kill -STOP "$market"
uploading || fail "the upload is over before the upgrade began"
say "under way: $(as anna iscdesk transfers --json | field '"%(sent)d of %(total)d bytes" % d[0]')"
before=$(pid)
install_package "$new"
after=$(pid)
[ "$before" != "$after" ] || fail "the service was not restarted"
systemctl is-active --quiet iscdeskd
iscdeskd version
kill -CONT "$market"
await nothing_waits
[ "$(versions /engineer/big.step)" = 1 ] || fail "$(versions /engineer/big.step) versions of big.step"
as anna iscdesk files get /engineer/big.step back.step >/dev/null
cmp /home/anna/big.step /home/anna/back.step
say "published once, byte for byte"
wait $lease || fail "the lease: $(<$work/lease.log)"
say "the lease went on: $(tail -2 $work/lease.log | tr '\n' ' ')"

echo "-- a restart only when it must be, and never of what the administrator has stopped"
before=$(pid)
install_package "$new"
[ "$before" = "$(pid)" ] || fail "the same version has restarted the service"
systemctl stop iscdeskd
install_package "$old"
[ "$(systemctl is-active iscdeskd)" = inactive ] || fail "a stopped service was started"
systemctl mask --quiet iscdeskd
install_package "$new"
[ "$(systemctl is-active iscdeskd)" = inactive ] || fail "a masked service was started"
systemctl unmask --quiet iscdeskd
systemctl disable --quiet iscdeskd
install_package "$new"
[ "$(systemctl is-enabled iscdeskd || true)" = disabled ] || fail "a disabled service was enabled"
systemctl enable --quiet --now iscdeskd
before=$(pid)
kill -KILL "$before"
running_again() { [ "$(pid)" != 0 ] && [ "$(pid)" != "$before" ] && systemctl is-active --quiet iscdeskd; }
await running_again
say "killed, and running again"
mkdir -p /run/systemd/system/iscdeskd.service.d
printf '[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\n' >/run/systemd/system/iscdeskd.service.d/test.conf
systemctl daemon-reload
systemctl restart iscdeskd
before=$(pid)
kill -STOP "$before"
await running_again
say "stuck, noticed by the watchdog, and running again"
rm -r /run/systemd/system/iscdeskd.service.d
systemctl daemon-reload
systemctl restart iscdeskd

echo "-- removed with work that is not published"
await as anna iscdesk status
stop_market
echo 'ISO-10303-21; drawn offline' >/home/anna/offline.step
chown anna: /home/anna/offline.step
as anna iscdesk files put offline.step /engineer/ >/dev/null
show_tray
if [ "$kind" = deb ]; then
	dpkg -r iscdesk >$work/out
	grep -q 'offline.step' $work/out || fail "the removal does not tell of the unpublished work: $(<$work/out)"
	[ -z "$(pgrep iscdeskd)" ] || fail "the service still runs"
	[ ! -e /run/iscdesk ] || fail "/run/iscdesk is still there"
	tray_gone
	[ -e /etc/iscdesk/policy.toml ] || fail "a removal has taken the configuration"
	install_package "$new"
	await as anna iscdesk status
	[ "$(as anna iscdesk transfers --json | field 'len(d)')" = 1 ] || fail "the removal has lost the save"
	[ ! -e /var/lib/iscdesk/unpublished ] || fail "what was set aside is still there"
	show_tray
fi
remove_package
tray_gone
grep -q unpublished.txt $work/out || grep -q offline.step $work/out || fail "the purge does not say where the work is: $(<$work/out)"
find /var/lib/iscdesk -type f | sed 's/^/   kept: /'
[ "$(find /var/lib/iscdesk -type f | wc -l)" = 3 ] || fail "more or less than the unpublished work was kept"
if [ "$kind" = rpm ]; then
	grep -q "$url" /etc/iscdesk/policy.toml.rpmsave || fail "the administrator's settings are gone"
	rm /etc/iscdesk/policy.toml.rpmsave # rpm keeps a changed file under this name
fi
content=$(sed -n 's/^  content: //p' /var/lib/iscdesk/unpublished.txt)
cmp "$content" /home/anna/offline.step
install_package "$new"
start_market
configure
as anna iscdesk login >/dev/null
await nothing_waits
[ "$(versions /engineer/offline.step)" = 1 ] || fail "offline.step was not published once"
say "a later installation has published it"

# purged removes everything and compares the machine with what it was.
purged() {
	[ "$kind" != rpm ] || cp $work/policy.before /etc/iscdesk/policy.toml # or it would be kept, as above
	remove_package
	snapshot | LC_ALL=C sort >$work/after
	diff $work/before $work/after >$work/diff || fail "left on the machine: $(head -20 $work/diff)"
}

echo "-- purged"
stop_market
purged
say "nothing is left: $(wc -l <$work/before) files, units, users and ports as before"

echo "-- purged with the administrator's word for the unpublished work too"
install_package "$new"
start_market
configure
as anna iscdesk login >/dev/null
stop_market
as anna iscdesk files put offline.step /engineer/never.step >/dev/null
export ISCDESK_PURGE_UNPUBLISHED=1
purged
say "nothing is left"
