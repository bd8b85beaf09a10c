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
version=$(sed -n 's/^#define ISC_HEADER_VERSION "\(.*\)"$/\1/p' "$here/include/iscdesk.h")
major=${version%%.*}

mkdir -p "$out"/lib/pkgconfig "$out"/lib/cmake/iscdesk "$out"/share/doc
"$here/build.sh" "$out/lib/libiscdesk.so.$version"
ln -sf "libiscdesk.so.$version" "$out/lib/libiscdesk.so.$major"
ln -sf "libiscdesk.so.$major" "$out/lib/libiscdesk.so"

rm -rf "$out/include" "$out/share/examples"
cp -r "$here/include" "$out/include"
cp -r "$here/examples" "$out/share/examples"
sed "s/@VERSION@/$version/" "$here/packaging/iscdesk.pc.in" >"$out/lib/pkgconfig/iscdesk.pc"
sed "s/@VERSION@/$version/" "$here/packaging/iscdeskConfigVersion.cmake.in" \
    >"$out/lib/cmake/iscdesk/iscdeskConfigVersion.cmake"
cp "$here/packaging/iscdeskConfig.cmake" "$out/lib/cmake/iscdesk/"

if [[ ${DOC:-yes} != no ]]; then
    rm -rf "$out/share/doc/iscdesk"
    (cd "$here" && VERSION="$version" OUT="$out/share/doc/iscdesk" doxygen -q doc/Doxyfile)
fi
