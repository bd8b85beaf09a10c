#!/bin/bash
# Builds the library for Windows and what links against it, by mingw:
# cgo/build-windows.sh x64|x86 DLL LIBDIR. DLL is the file to write
# (IscdeskApi64.dll, IscdeskApi.dll); LIBDIR gets NAME.lib for MSVC and clang,
# and libNAME.dll.a for mingw.
#
# Go builds an archive and the linker makes the DLL of it, because Go's own
# c-shared exports what C calls inside the library as well. What is exported is
# what iscdesk.h declares.
set -euo pipefail
arch=$1 dll=$(realpath -m "$2") lib=$(realpath -m "$3")
here=$(dirname "$(realpath "$0")")
# shellcheck source=cgo/flags.sh
. "$here/flags.sh"
case $arch in
x64) goarch=amd64 triple=x86_64-w64-mingw32 machine=i386:x86-64 more=-Wl,--high-entropy-va cflags='' ;;
# 32-bit applications keep their stack aligned to 4 bytes, gcc expects 16.
x86) goarch=386 triple=i686-w64-mingw32 machine=i386 more=-Wl,--large-address-aware cflags=-mstackrealign ;;
*)
    echo "build-windows: '$arch' is not an architecture; say x64 or x86" >&2
    exit 2
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$dll")" "$lib"
name=$(basename "$dll" .dll)

cd "$here"
CGO_ENABLED=1 GOOS=windows GOARCH=$goarch CC=$triple-gcc CGO_CFLAGS="-O2 $cflags" \
    go build -buildmode=c-archive "${go_flags[@]}" -ldflags "$go_ldflags" -o "$work/library.a" .

{
    echo "LIBRARY \"$name.dll\""
    echo EXPORTS
    sed -n 's/^ISC_API .*ISC_CALL \([A-Za-z_]*\)(.*/    \1/p' include/iscdesk.h | LC_ALL=C sort
} >"$work/$name.def"

version=$(sdk_version "$here")
product=$(cat "$here/../assets/version/VERSION")
"$triple-windres" -c 65001 -I "$here/packaging" -DNAME="\\\"$name\\\"" \
    -DVERSION="\\\"$version\\\"" -DVERSION_NUMBERS="${version//./,},0" \
    -DPRODUCT="\\\"$product\\\"" -DPRODUCT_NUMBERS="${product//./,},0" \
    "$here/packaging/iscdesk.rc" "$work/resources.o"

"$triple-gcc" -shared -s -static-libgcc -o "$dll" \
    -Wl,--whole-archive "$work/library.a" -Wl,--no-whole-archive "$work/resources.o" "$work/$name.def" \
    -Wl,--dynamicbase,--nxcompat,--no-insert-timestamp,--disable-auto-image-base $more
# The name of the file to write becomes part of the symbols in it.
cd "$work"
"$triple-dlltool" --deterministic-libraries --temp-prefix import -d "$name.def" -l "lib$name.dll.a"
mv "lib$name.dll.a" "$lib/"
llvm-dlltool -m "$machine" -d "$name.def" -l "$lib/$name.lib"
