#!/bin/bash
# Builds the deb and the rpm: installer/linux/build.sh OUT [VERSION]. VERSION is
# the product's unless said (a test of upgrades says another). The same commit
# makes the same bytes; the files are dated SOURCE_DATE_EPOCH, which is the
# commit's time unless said.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
out=$(realpath -m "$1") product=$(<assets/version/VERSION)
version=${2:-$product}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export GOFLAGS='-trimpath -buildvcs=false' CGO_ENABLED=0 LC_ALL=C TZ=UTC
mtime=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
policy=installer/policy/policy.toml

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022

overlay=()
if [ "$version" != "$product" ]; then
	echo "$version" >"$root/VERSION"
	echo "{\"Replace\": {\"$PWD/assets/version/VERSION\": \"$root/VERSION\"}}" >"$root/overlay.json"
	overlay=(-overlay "$root/overlay.json")
fi
go build "${overlay[@]}" -ldflags "-s -w" -o "$root/" ./agent/cmd/iscdeskd ./agent/cmd/iscdesk
installer/tray.sh linux "$root/iscdesk-tray" "${overlay[@]}"
for size in 16 24 32 48 256; do
	rsvg-convert -w $size -h $size assets/icons/iscdesk.svg -o "$root/icon-$size.png"
done

# page puts a manual page from standard input into the package, dated.
page() {
	sed "s/^\.Dd .*/.Dd $(date -u -d "@$SOURCE_DATE_EPOCH" '+%B %-d, %Y')/; s/^\.Os iscdesk$/& $version/" >"$root/$1"
	gzip -9n "$root/$1"
}
"$root/iscdesk" manpage --lang en | page iscdesk.1
"$root/iscdesk" manpage --lang zh-CN | page iscdesk.zh_CN.1
page iscdesk-tray.1 <installer/linux/man/iscdesk-tray.1
page iscdesk-tray.zh_CN.1 <installer/linux/man/iscdesk-tray.zh_CN.1
page iscdeskd.8 <installer/linux/man/iscdeskd.8
awk -f installer/linux/man/policy.awk "$policy" | page iscdesk-policy.toml.5

"$root/iscdesk" completion bash --lang en >"$root/iscdesk.bash"
"$root/iscdesk" completion fish --lang en >"$root/iscdesk.fish"
"$root/iscdesk" completion zsh --lang en >"$root/_iscdesk"

mkdir -p "$out"
go run ./installer/dependencies -list "$root/list" -texts "$root/licences" "$root/iscdeskd" "$root/iscdesk" "$root/iscdesk-tray"
{
	printf 'iscdesk\nCopyright the iscdesk authors. Licence: Apache-2.0\n\n'
	cat LICENSE
	printf '\n%s\nLinked into the programs, with their licences:\n\n' "$(printf '=%.0s' {1..72})"
	cat "$root/licences"
} >"$root/copyright"

# notes are those of the newest version in the changelog, one a line.
notes() {
	awk '/^## / { n++; next }
		n == 1 && /^- / { if (note) print note; note = substr($0, 3); next }
		n == 1 && /^  / { note = note " " substr($0, 3) }
		END { if (note) print note }' CHANGELOG.md
}
maintainer='iscdesk maintainers <maintainers@iscdesk.dev>'
{
	printf 'iscdesk (%s-1) stable; urgency=medium\n\n' "$version"
	notes | while read -r note; do
		fold -s -w 74 <<<"$note" | sed 's/ *$//; 1s/^/  * /; 1!s/^/    /'
	done
	printf '\n -- %s  %s\n' "$maintainer" "$(date -u -d "@$SOURCE_DATE_EPOCH" -R)"
} >"$root/changelog.Debian"
gzip -9n "$root/changelog.Debian"
{
	printf -- '- semver: %s-1\n  date: %s\n  packager: %s\n  changes:\n' "$version" "$mtime" "$maintainer"
	notes | sed "s/'/''/g; s/.*/    - note: '&'/"
} >"$root/changelog.yaml"

find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
touch -d "@$SOURCE_DATE_EPOCH" "$root"
nfpm=build/tools/nfpm
[ -x $nfpm ] || go build -o $nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm
sed "s|\${ROOT}|$root|g; s|\${VERSION}|$version|g; s|\${MTIME}|$mtime|g; s|\${POLICY}|$policy|g" "$here/nfpm.yaml" >"$root/rpm.yaml"
grep -v '^changelog:' "$root/rpm.yaml" >"$root/deb.yaml" # nfpm breaks no lines in Debian's
$nfpm package -p deb -f "$root/deb.yaml" -t "$out/iscdesk_${version}_amd64.deb"
$nfpm package -p rpm -f "$root/rpm.yaml" -t "$out/iscdesk-$version.x86_64.rpm"
