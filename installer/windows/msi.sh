#!/bin/bash
# Makes and signs the MSI: installer/windows/msi.sh OUT.msi [PROGRAMS] [VERSION]
# PROGRAMS (build/windows/bin) holds iscdeskd.exe, iscdesk.exe and
# iscdesk-tray.exe, which go in signed, and perhaps licences.txt, the licences of
# what is linked into them, which is made where it lacks; VERSION is the
# product's unless said.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
out=$(realpath -m "$1") programs=$(realpath "${2:-build/windows/bin}") version=${3:-$(<assets/version/VERSION)}
fake=() epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$programs"/{iscdeskd,iscdesk,iscdesk-tray}.exe LICENSE "$work"
mv "$work/LICENSE" "$work/LICENSE.txt"
if [ -e "$programs/licences.txt" ]; then
	cp "$programs/licences.txt" "$work"
else
	GOFLAGS='-trimpath -buildvcs=false' go run ./installer/dependencies -list "$work/list" -texts "$work/licences.txt" "$work"/*.exe
	rm "$work/list"
fi
"$here/icon.sh" "$work/iscdesk.ico"
"$here/sign.sh" "$work"/*.exe
touch -d "@$epoch" "$work"/*

# uuid gives the same name for the same content: other content is another
# product to Windows Installer, also of the same version.
uuid() {
	local hash
	hash=$({ echo "$1 $version"; cat "$here"/{iscdesk.wxs,tables.sql,msi.sh} "$work"/*.{exe,ico,txt}; } | sha256sum)
	echo "${hash:0:8}-${hash:8:4}-5${hash:13:3}-a${hash:17:3}-${hash:20:12}" | tr a-f A-F
}

# query runs one statement; msibuild succeeds also where it fails.
query() {
	local said
	said=$("${fake[@]}" msibuild iscdesk.msi -q "$1" 2>&1) && [ -z "$said" ] && return
	echo "msi.sh: $1: $said" >&2
	return 1
}

cd "$work"
# wixl and msibuild write the time of day into the file.
export LC_ALL=C.UTF-8 TZ=UTC
command -v faketime >/dev/null && fake=(faketime -f "@$(date -d "@$epoch" '+%Y-%m-%d %H:%M:%S')")
"${fake[@]}" wixl -a x64 -D "Version=$version" -D "ProductCode=$(uuid product)" -o iscdesk.msi "$here/iscdesk.wxs" 2>wixl.log ||
	{ cat wixl.log >&2; exit 1; }
printf '\r\n\r\n65001\t_ForceCodepage\r\n' >_ForceCodepage.idt
"${fake[@]}" msibuild iscdesk.msi -i _ForceCodepage.idt
execute='INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES'
interface=${execute/Execute/UI}
while IFS= read -r line; do
	case $line in
	'' | '#'*) ;;
	@BOTH@*)
		query "${line/@BOTH@/$execute}"
		query "${line/@BOTH@/$interface}"
		;;
	*) query "${line//@VERSION@/$version}" ;;
	esac
done <"$here/tables.sql"
"${fake[@]}" msibuild iscdesk.msi -s "iscdesk $version" "iscdesk project" "x64;1033" "{$(uuid package)}"

"$here/sign.sh" iscdesk.msi
mkdir -p "$(dirname "$out")"
mv iscdesk.msi "$out"
