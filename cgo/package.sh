#!/bin/bash
# Writes the SDK as a vendor unpacks it: cgo/package.sh DIR. With DOC=no it
# leaves the manual out, which needs doxygen.
#
#   DIR/include            the headers
#   DIR/lib                libiscdesk.so (and its versions), pkg-config, CMake
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
major=${version%%.*}

mkdir -p "$out"/lib/pkgconfig "$out"/lib/cmake/iscdesk
"$here/build.sh" "$out/lib/libiscdesk.so.$version"
ln -sf "libiscdesk.so.$version" "$out/lib/libiscdesk.so.$major"
ln -sf "libiscdesk.so.$major" "$out/lib/libiscdesk.so"

put_sources "$out"
fill iscdesk.pc.in "$version" >"$out/lib/pkgconfig/iscdesk.pc"
fill iscdeskConfigVersion.cmake.in "$version" >"$out/lib/cmake/iscdesk/iscdeskConfigVersion.cmake"
cp "$here/packaging/iscdeskConfig.cmake" "$out/lib/cmake/iscdesk/"
put_manual "$out" "$version"
