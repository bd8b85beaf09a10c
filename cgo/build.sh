#!/bin/bash
# Builds the library: cgo/build.sh FILE [go build flags]. FILE is the .so to
# write; its SONAME is libiscdesk.so.1.
#
# The linker gets what #cgo LDFLAGS refuse: exports.map keeps everything but
# the API out of the symbol table, nodelete makes dlclose harmless (a Go
# runtime cannot be unloaded). The tags leave out resolvers of host and user
# names that the library never asks. Nothing is inlined: that is 150 KB; a
# heartbeat is no slower, a lease check by a twentieth of a microsecond or so.
# Go interrupts its goroutines with SIGURG unless told not to: a host's handler
# for it would run on a goroutine's stack and corrupt memory.
set -euo pipefail
out=$(realpath -m "$1")
shift
here=$(dirname "$(realpath "$0")")
mkdir -p "$(dirname "$out")"
link="-Wl,-soname,libiscdesk.so.1 -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--version-script=$here/exports.map"
cd "$here"
CGO_ENABLED=1 go build -trimpath -buildvcs=false -buildmode=c-shared -tags netgo,osusergo -gcflags=all=-l \
    -ldflags "-s -w -X runtime.godebugDefault=asyncpreemptoff=1 -extldflags '$link'" "$@" -o "$out" .
rm -f "${out%.*}.h" # cgo's own header: iscdesk.h is the contract
