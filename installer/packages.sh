#!/bin/bash
# Writes everything that is shipped, for one version from one place
# (assets/version/VERSION), into a folder: installer/packages.sh OUT.
#
#   iscdesk_<v>_amd64.deb  iscdesk-<v>.x86_64.rpm  iscdesk-<v>-x64.msi
#   iscdesk-sdk-<v>-linux-amd64.tar.gz  iscdesk-sdk-<v>-windows.zip
#   iscdesk-<v>-admx.zip  iscdesk-<v>-dependencies.txt  SHA256SUMS
#
# The same commit makes the same bytes, but for signatures; README.md says more.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/.."
out=$(realpath -m "$1") version=$(<assets/version/VERSION)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out"

installer/linux/build.sh "$out"
installer/sdk.sh "$out"

# The templates for group policy, at the paths that PolicyDefinitions wants.
mkdir -p "$work/templates"
cp -r installer/policy/iscdesk.admx installer/policy/??-?? "$work/templates"
find "$work/templates" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$work/templates" && find . -type f -printf '%P\n' | sort | zip -q -9 -X -D "$out/iscdesk-$version-admx.zip" -@)

# What everything together is made of, and the texts that go into the MSI.
dpkg-deb -x "$out/iscdesk_${version}_amd64.deb" "$work/deb"
tar -xzf "$out/iscdesk-sdk-$version-linux-amd64.tar.gz" -C "$work"
unzip -q "$out/iscdesk-sdk-$version-windows.zip" -d "$work"
installer/windows/build.sh "$work/windows"
GOFLAGS='-trimpath -buildvcs=false' go run ./installer/dependencies \
	-list "$out/iscdesk-$version-dependencies.txt" -texts "$work/windows/licences.txt" \
	"$work"/deb/usr/{bin,sbin}/* "$work"/windows/{iscdesk,iscdeskd,iscdesk-tray}.exe "$work"/iscdesk-sdk-*/lib/libiscdesk.so "$work"/iscdesk-sdk-*/bin/*/*.dll
installer/windows/msi.sh "$out/iscdesk-$version-x64.msi" "$work/windows"

cd "$out"
for file in "iscdesk_${version}_amd64.deb" "iscdesk-$version.x86_64.rpm" "iscdesk-$version-x64.msi" \
	"iscdesk-sdk-$version-linux-amd64.tar.gz" "iscdesk-sdk-$version-windows.zip" "iscdesk-$version-admx.zip" "iscdesk-$version-dependencies.txt"; do
	[ -s "$file" ] || { echo "packages: $file was not written" >&2; exit 1; }
done
sha256sum -- * >SHA256SUMS
cat SHA256SUMS
