#!/bin/bash
# Builds the examples with nothing but a compiler: build.sh SDK OUT [KEYS].
# SDK is the unpacked SDK, OUT the folder for the programs, KEYS the header
# with MiniCAD's public keys (iscmarket product-key --product minicad --header).
#
# With CXX=x86_64-w64-mingw32-g++-posix or i686-w64-mingw32-g++-posix it builds
# them for Windows, out of the SDK for Windows, and puts the library beside
# them: an application finds it in its own folder.
set -euo pipefail
sdk=$(realpath "$1") out=$(realpath -m "$2") keys=${3:+-include $(realpath "$3")}
cd "$(dirname "$(realpath "$0")")"
mkdir -p "$out"
flags=(-std=c++11 -O2 -Wall -Wextra -pedantic)
read -ra key_flags <<<"$keys"
parts=(minicad/main.cpp minicad/License.cpp minicad/Results.cpp minicad/StepFile.cpp)
case ${CXX:=c++} in
*mingw*)
    case $("$CXX" -dumpmachine) in
    x86_64-*) cp "$sdk/bin/x64/IscdeskApi64.dll" "$out/" ;;
    *) cp "$sdk/bin/x86/IscdeskApi.dll" "$out/" ;;
    esac
    "$CXX" "${flags[@]}" -I"$sdk/include" -o "$out/guide.exe" guide/main.cpp -static
    "$CXX" "${flags[@]}" -I"$sdk/include" "${key_flags[@]}" -o "$out/minicad.exe" "${parts[@]}" \
        minicad/SignatureWindows.cpp -static -lbcrypt
    ;;
*)
    read -ra cflags <<<"$(PKG_CONFIG_PATH="$sdk/lib/pkgconfig" pkg-config --cflags iscdesk)"
    "$CXX" "${flags[@]}" -pthread "${cflags[@]}" -o "$out/guide" guide/main.cpp -ldl
    "$CXX" "${flags[@]}" -pthread "${cflags[@]}" "${key_flags[@]}" -o "$out/minicad" "${parts[@]}" \
        minicad/SignatureOpenssl.cpp -ldl -lcrypto
    ;;
esac
