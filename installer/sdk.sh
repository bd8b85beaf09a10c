#!/bin/bash
# Packs the SDK for vendors: installer/sdk.sh OUT writes
# iscdesk-sdk-<v>-linux-amd64.tar.gz and iscdesk-sdk-<v>-windows.zip, each with
# the licences of what the library is made of.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/.."
out=$(realpath -m "$1") version=$(<assets/version/VERSION)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export LC_ALL=C TZ=UTC
umask 022
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=iscdesk-sdk-$version

# finish adds the licences of the libraries to a tree and dates it.
finish() {
	local tree=$1
	shift
	cp LICENSE "$tree/LICENSE.txt"
	GOFLAGS='-trimpath -buildvcs=false' go run ./installer/dependencies -list "$work/list" -texts "$tree/LICENSES-OF-PARTS.txt" "$@"
	chmod -R u=rwX,go=rX "$tree"
	find "$tree" -exec touch -h -d "@$epoch" {} +
}

linux=$work/linux/$top-linux-amd64 windows=$work/windows/$top-windows
LIBC=old cgo/package.sh "$linux"
finish "$linux" "$linux"/lib/libiscdesk.so
tar -C "$work/linux" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" --format=gnu -c "${linux##*/}" |
	gzip -9n >"$out/$top-linux-amd64.tar.gz"

cgo/package-windows.sh "$windows"
finish "$windows" "$windows"/bin/*/*.dll
rm -f "$out/$top-windows.zip"
(cd "$work/windows" && find "${windows##*/}" -type f | sort | zip -q -9 -X -D "$out/$top-windows.zip" -@)
