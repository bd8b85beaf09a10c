#!/bin/bash
# Builds the library: cgo/build.sh FILE [go build flags]. FILE is the .so to
# write; its SONAME is libiscdesk.so.1.
#
# It is linked against glibc 2.31 (.ci/old-glibc), so that it runs on glibc
# from 2.28 on. LIBC=own takes this machine's; without the variable that is
# what happens, with a warning, where the old one cannot be fetched; LIBC=old
# fails then. A sanitizer comes with this machine's libraries and needs them.
#
# The linker gets what #cgo LDFLAGS refuse: exports.map keeps everything but
# the API out of the symbol table, nodelete makes dlclose harmless (a Go
# runtime cannot be unloaded).
set -euo pipefail
out=$(realpath -m "$1")
shift
here=$(dirname "$(realpath "$0")")
# shellcheck source=cgo/flags.sh
. "$here/flags.sh"
mkdir -p "$(dirname "$out")"
libc=
[[ " $* " != *" -asan "* ]] || LIBC=own
if [[ ${LIBC:-} != own ]]; then
    if root=$("$here/../.ci/old-glibc"); then
        # gcc looks beside itself before it looks into a sysroot.
        libs=$root/usr/lib/x86_64-linux-gnu
        libc="--sysroot=$root -B$libs -L$libs -L$root/lib/x86_64-linux-gnu"
    elif [[ ${LIBC:-} == old ]]; then
        exit 1
    else
        echo "build: WARNING: linked against this machine's glibc: the library will not run on older ones" >&2
    fi
fi
link="-Wl,-soname,libiscdesk.so.1 -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--version-script=$here/exports.map"
cd "$here"
CC="${CC:-gcc}${libc:+ $libc}" CGO_ENABLED=1 go build -buildmode=c-shared "${go_flags[@]}" -ldflags "$go_ldflags -extldflags '$link'" "$@" -o "$out" .
rm -f "${out%.*}.h" # cgo's own header: iscdesk.h is the contract
