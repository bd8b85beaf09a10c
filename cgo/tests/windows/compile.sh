#!/bin/bash
# Compiles the programs that the tests of this folder run under Wine:
# compile.sh SDK OUT. SDK is what package-windows.sh writes; OUT gets a folder
# for each architecture with the programs and the library beside them. An
# architecture of which no source, header, script or compiler has changed gets
# the new library and nothing else.
set -euo pipefail
sdk=$(realpath "$1") out=$(realpath -m "$2")
cd "$(dirname "$(realpath "$0")")/.."
strict=(-Wall -Wextra -Werror -pedantic -O1 -g "-I$sdk/include")

# inputs tells everything apart that the programs are made from.
inputs() {
    {
        "$1-gcc" --version
        clang --version
        find "$sdk/include" "$sdk/lib" "$sdk/cmake" "$sdk/share/examples" c cpp windows -type f -exec sha256sum {} + | sort
    } | sha256sum
}

build() {
    local arch=$1 triple=$2 name=$3 dir=$out/$1 now
    now=$(inputs "$triple")
    if [[ -e $dir/inputs && $(<"$dir/inputs") == "$now" ]]; then
        find "$dir" -name "$name.dll" -exec cp "$sdk/bin/$arch/$name.dll" {} \;
        return
    fi
    rm -rf "$dir"
    compile "$@"
    echo "$now" >"$dir/inputs"
}

compile() {
    local arch=$1 triple=$2 name=$3 dir=$out/$1
    local lib=$sdk/lib/$arch cxx=$triple-g++-posix
    mkdir -p "$dir"
    cp "$sdk/bin/$arch/$name.dll" "$dir/"
    "$triple-gcc" -std=c99 "${strict[@]}" c/host.c c/host_windows.c -L"$lib" "-l$name" -o "$dir/host.exe"
    "$triple-gcc" -std=c99 "${strict[@]}" c/layout.c -o "$dir/layout.exe"
    "$cxx" -std=c++11 "${strict[@]}" -static cpp/spellings.cpp -o "$dir/spellings.exe"
    "$cxx" -std=c++17 "${strict[@]}" -static cpp/events.cpp -o "$dir/events.exe"
    "$cxx" -std=c++11 "${strict[@]}" -static -DISCDESK_LINK cpp/events.cpp -L"$lib" "-l$name" -o "$dir/events-linked.exe"
    "$cxx" -std=c++11 "${strict[@]}" -static cpp/signature.cpp ../examples/minicad/SignatureWindows.cpp -lbcrypt \
        -o "$dir/signature.exe"

    # The headers: other standards, no std::mutex, before windows.h and after it,
    # no exceptions, and clang.
    local compiler include gcc
    gcc=$(dirname "$("$triple-g++-posix" -print-libgcc-file-name)")/include/c++
    for compiler in "$triple-g++-win32" "$cxx" "clang++ --target=${triple/mingw32/windows-gnu} -isystem $gcc -isystem $gcc/$triple"; do
        for include in "" "-DNO_STRICT -include windows.h" "-std=c++20 -fno-exceptions -fno-rtti"; do
            # shellcheck disable=SC2086 # words
            $compiler -std=c++11 "${strict[@]}" $include -fsyntax-only cpp/windows.cpp
        done
    done

    # As MSVC links: its objects and its kind of import library.
    clang "--target=${triple/w64-mingw32/pc-windows-msvc}" -ffreestanding "${strict[@]}" -c c/freestanding.c -o "$dir/msvc.obj"
    lld-link "/out:$dir/msvc.exe" /nodefaultlib /entry:begin /subsystem:console /safeseh:no \
        "$dir/msvc.obj" "$lib/$name.lib" "/usr/$triple/lib/libkernel32.a"

    # As vendors build, with CMake and with the examples' own script.
    for example in guide minicad; do
        cmake -S "$sdk/share/examples/$example" -B "$dir/cmake/$example" -DCMAKE_SYSTEM_NAME=Windows "-DCMAKE_CXX_COMPILER=$cxx" \
            "-DCMAKE_PREFIX_PATH=$sdk" -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXE_LINKER_FLAGS=-static >/dev/null
        cmake --build "$dir/cmake/$example" >/dev/null
    done
    cmake -S windows/linked -B "$dir/cmake/linked" -DCMAKE_SYSTEM_NAME=Windows "-DCMAKE_C_COMPILER=$triple-gcc" \
        "-DCMAKE_PREFIX_PATH=$sdk" >/dev/null
    cmake --build "$dir/cmake/linked" >/dev/null
    CXX=$cxx "$sdk/share/examples/build.sh" "$sdk" "$dir/examples"
}

# Not inside a condition, where bash would go on after an error.
(build x64 x86_64-w64-mingw32 IscdeskApi64) &
x64=$!
(build x86 i686-w64-mingw32 IscdeskApi) &
wait $! || exit
wait $x64
