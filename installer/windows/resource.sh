#!/bin/bash
# Writes the resources of one Windows program or library, for 'go build' to link:
#
#   installer/windows/resource.sh OUT.syso FILE DESCRIPTION ARCH [VERSION]
#
# FILE is the name that the program or library ships under, ARCH is amd64 or
# 386, VERSION is the product's unless said. Lay OUT beside the main package
# under a name that only the Windows build takes (resource_windows_ARCH.syso).
# A program gets the version, the icon and the manifest; a .dll the version.
set -euo pipefail
out=$(realpath -m "$1") file=$2 description=$3 arch=$4
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
version=${5:-$(<assets/version/VERSION)}
if [[ ! $version =~ ^([0-9]+)\.([0-9]+)\.([0-9]+)$ ]]; then
	echo "resource.sh: '$version' is not a version of three numbers" >&2
	exit 2
fi
numbers="\"Major\": ${BASH_REMATCH[1]}, \"Minor\": ${BASH_REMATCH[2]}, \"Patch\": ${BASH_REMATCH[3]}, \"Build\": 0"

type=01 extra=()
case $file in
*.dll) type=02 ;;
*)
	"$here/icon.sh" build/windows/iscdesk.ico
	extra=(-icon build/windows/iscdesk.ico -manifest "$here/program.manifest")
	;;
esac
case $arch in
amd64) extra+=(-64=true) ;;
386) extra+=(-64=false) ;;
*) echo "resource.sh: '$arch' is not amd64 or 386" >&2; exit 2 ;;
esac

mkdir -p "$(dirname "$out")"
go tool goversioninfo -o "$out.new" "${extra[@]}" \
	-product-name iscdesk -company "iscdesk project" -copyright "Apache License 2.0" \
	-description "$description" -internal-name "${file%.*}" -original-name "$file" \
	-file-version "$version" -product-version "$version" - <<JSON
{
  "FixedFileInfo": {
    "FileVersion": {$numbers}, "ProductVersion": {$numbers},
    "FileFlagsMask": "3f", "FileFlags": "00", "FileOS": "040004", "FileType": "$type", "FileSubType": "00"
  },
  "VarFileInfo": {"Translation": {"LangID": "0409", "CharsetID": "04B0"}}
}
JSON
mv "$out.new" "$out"
