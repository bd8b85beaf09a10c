#!/bin/bash
# Tests what is made for Windows: the resources of the programs, the tables of
# the MSI against testdata/msi.golden, signatures, and the life of the MSI in a
# fresh Windows (installtest), which two applications out of the SDK use. What
# it makes is in build/windows/test; the Windows and the marketplace are in a
# folder of their own in TMPDIR, and gone at the end, also where it fails. With
# --update it writes the golden list. Needs root, for .ci/wine, and build/bin
# (make build); three minutes, the first time more.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
version=$(<assets/version/VERSION)
IFS=. read -r major minor _ <<<"$version"
newer=$major.$((minor + 1)).0
sdk=build/sdk-windows out=build/windows/test golden=$here/testdata/msi.golden

fail() { echo "test.sh: $*" >&2; exit 1; }

"$here/build.sh" "$out/programs"
"$here/build.sh" "$out/newer" "$newer"
"$here/msi.sh" "$out/iscdesk.msi" "$out/programs"
"$here/msi.sh" "$out/newer.msi" "$out/newer" "$newer"

echo "== What the MSI holds"
if [ "${1:-}" = --update ]; then
	mkdir -p "$(dirname "$golden")"
	"$here/dump.sh" "$out/iscdesk.msi" >"$golden"
fi
diff "$golden" <("$here/dump.sh" "$out/iscdesk.msi") || fail "the MSI is not what testdata/msi.golden says; look, then run $0 --update"

echo "== The same inputs give the same bytes"
"$here/msi.sh" "$out/again.msi" "$out/programs"
cmp "$out/iscdesk.msi" "$out/again.msi" || fail "two builds of the MSI differ"

echo "== Resources of the programs"
for program in iscdeskd iscdesk iscdesk-tray iscmarket; do
	resources=$(wrestool -l "$out/programs/$program.exe")
	for type in 'type=3 .*icon' 'type=14 ' 'type=16 ' 'type=24 '; do
		grep -q -- "--$type" <<<"$resources" || fail "$program.exe lacks the resource $type"
	done
	wrestool -x --raw --type=16 "$out/programs/$program.exe" | iconv -f UTF-16LE -t UTF-8 -c | tr -d '\0' | grep -aq "FileVersion *$version" || fail "$program.exe does not say version $version"
	for word in '>UTF-8<' 'longPathAware' 'PerMonitorV2' 'asInvoker' 'supportedOS'; do
		wrestool -x --raw --type=24 "$out/programs/$program.exe" | grep -q "$word" || fail "the manifest of $program.exe lacks $word"
	done
done

echo "== Signatures: the signer's are taken, a changed byte and none are noticed"
cp "$out/programs/iscdesk.exe" "$out/signed.exe"
cp "$out/iscdesk.msi" "$out/signed.msi"
"$here/sign.sh" "$out/signed.exe"
"$here/sign.sh" verify "$out/signed.exe" "$out/signed.msi" || fail "a good signature is not taken"
for file in "$out/signed.exe" "$out/signed.msi"; do
	offset=$(($(stat -c %s "$file") / 2))
	byte=$(od -An -tu1 -j "$offset" -N 1 "$file")
	printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of="$file" bs=1 seek="$offset" conv=notrunc status=none
	! "$here/sign.sh" verify "$file" 2>/dev/null || fail "a changed byte of $file is not noticed"
done
! "$here/sign.sh" verify "$out/programs/iscdesk.exe" 2>/dev/null || fail "a program without a signature is taken"
mkdir -p "$out/signer"
openssl rand -hex 16 >"$out/signer/password"
openssl req -x509 -newkey rsa:2048 -days 2 -subj "/CN=iscdesk TEST signer" -addext extendedKeyUsage=codeSigning \
	-keyout "$out/signer/key.pem" -out "$out/signer/cert.pem" -passout "file:$out/signer/password" 2>/dev/null
cp "$out/programs/iscdesk.exe" "$out/signed.exe"
ISCDESK_SIGN_CERT=$out/signer/cert.pem ISCDESK_SIGN_KEY=$out/signer/key.pem ISCDESK_SIGN_PASSWORD_FILE=$out/signer/password \
	"$here/sign.sh" "$out/signed.exe" || fail "a certificate with a password in a file does not sign"
! "$here/sign.sh" verify "$out/signed.exe" 2>/dev/null || fail "the signature of somebody else is taken"

echo "== The life of the MSI in a fresh Windows"
DOC=no cgo/package-windows.sh "$sdk"
GOFLAGS='-trimpath -buildvcs=false' CGO_ENABLED=0 go build -o "$out/" ./installer/windows/installtest
"$out/installtest" -msi "$out/iscdesk.msi" -newer "$out/newer.msi" -windows-bin "$out/programs" -sdk "$sdk"
