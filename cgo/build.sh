#!/bin/bash
# Builds the library: cgo/build.sh FILE [go build flags]. FILE is the .so to
# write; its SONAME is libiscdesk.so.1.
#
# The linker gets what #cgo LDFLAGS refuse: exports.map keeps everything but
# the API out of the symbol table, nodelete makes dlclose harmless (a Go
# runtime cannot be unloaded).
set -euo pipefail
out=$(realpath -m "$1")
shift
here=$(dirname "$(realpath "$0")")
. "$here/flags.sh"
mkdir -p "$(dirname "$out")"
link="-Wl,-soname,libiscdesk.so.1 -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--version-script=$here/exports.map"
cd "$here"
CGO_ENABLED=1 go build -buildmode=c-shared "${go_flags[@]}" -ldflags "$go_ldflags -extldflags '$link'" "$@" -o "$out" .
rm -f "${out%.*}.h" # cgo's own header: iscdesk.h is the contract
