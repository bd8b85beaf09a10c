#!/bin/bash
# Builds the examples with nothing but a compiler: build.sh SDK OUT [KEYS].
# SDK is the unpacked SDK, OUT the folder for the programs, KEYS the header
# with MiniCAD's public keys (iscmarket product-key --product minicad --header).
set -euo pipefail
sdk=$(realpath "$1") out=$(realpath -m "$2") keys=${3:+-include $(realpath "$3")}
cd "$(dirname "$(realpath "$0")")"
mkdir -p "$out"
flags=(-std=c++11 -O2 -Wall -Wextra -pedantic -pthread)
read -ra cflags <<<"$(PKG_CONFIG_PATH="$sdk/lib/pkgconfig" pkg-config --cflags iscdesk)"
read -ra key_flags <<<"$keys"
"${CXX:-c++}" "${flags[@]}" "${cflags[@]}" -o "$out/guide" guide/main.cpp -ldl
"${CXX:-c++}" "${flags[@]}" "${cflags[@]}" "${key_flags[@]}" -o "$out/minicad" minicad/*.cpp -ldl -lcrypto
