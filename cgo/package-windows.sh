#!/bin/bash
# Writes the SDK for Windows as a vendor unpacks it: cgo/package-windows.sh DIR.
# It needs mingw (gcc) and llvm-dlltool; with DOC=no it leaves the manual out,
# which needs doxygen.
#
#   DIR/include            the headers
#   DIR/bin/x64, bin/x86   IscdeskApi64.dll, IscdeskApi.dll
#   DIR/lib/x64, lib/x86   what links against them: .lib for MSVC, .dll.a for mingw
#   DIR/cmake              the CMake package
#   DIR/share/examples     guide and minicad, in source
#   DIR/share/doc/iscdesk  the manual in HTML
set -euo pipefail
out=$(realpath -m "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=cgo/flags.sh
. "$here/flags.sh"
# shellcheck source=cgo/common.sh
. "$here/common.sh"
version=$(sdk_version "$here")

"$here/build-windows.sh" x64 "$out/bin/x64/IscdeskApi64.dll" "$out/lib/x64"
"$here/build-windows.sh" x86 "$out/bin/x86/IscdeskApi.dll" "$out/lib/x86"

put_sources "$out"
mkdir -p "$out/cmake"
fill iscdeskConfigVersion.cmake.in "$version" >"$out/cmake/iscdeskConfigVersion.cmake"
cp "$here/packaging/iscdeskConfig-windows.cmake" "$out/cmake/iscdeskConfig.cmake"
put_manual "$out" "$version"
