#!/bin/bash
# Builds the Windows programs with their resources: installer/windows/build.sh
# [OUT] [VERSION]. OUT is build/windows/bin, VERSION the product's unless said
# (a test of upgrades says another).
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
out=$(realpath -m "${1:-build/windows/bin}") version=${2:-$(<assets/version/VERSION)}
export GOFLAGS='-trimpath -buildvcs=false' CGO_ENABLED=0 GOARCH=amd64

work=$(mktemp -d)
trap 'rm -rf "$work"; rm -f {agent,gui,marketplace}/cmd/*/resource_windows_amd64.syso' EXIT
echo "$version" >"$work/VERSION"
echo "{\"Replace\": {\"$PWD/assets/version/VERSION\": \"$work/VERSION\"}}" >"$work/overlay.json"
overlay=()
[ "$version" = "$(<assets/version/VERSION)" ] || overlay=(-overlay "$work/overlay.json")

mkdir -p "$out"
# program  package  description
while read -r program package description; do
	"$here/resource.sh" "$package/resource_windows_amd64.syso" "$program.exe" "$description" amd64 "$version"
	case $program in
	iscdesk-tray) installer/tray.sh windows "$out/$program.exe" "${overlay[@]}" ;;
	*) GOOS=windows go build "${overlay[@]}" -ldflags "-s -w" -o "$out/$program.exe" "./$package" ;;
	esac
done <<'TABLE'
iscdeskd      agent/cmd/iscdeskd         iscdesk service
iscdesk       agent/cmd/iscdesk          iscdesk command line
iscdesk-tray  gui/cmd/iscdesk-tray       iscdesk
iscmarket     marketplace/cmd/iscmarket  iscdesk marketplace
TABLE
