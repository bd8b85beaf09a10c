# shellcheck shell=bash disable=SC2034,SC2054 # read by build.sh and build-windows.sh; a list of tags has commas
# What the library is built with on every system.
#
# The tags leave out resolvers of host and user names that the library never
# asks. Nothing is inlined but in the runtime, whose handlers of exceptions on
# 32-bit Windows hang without it: that is 100 KB; a heartbeat is no slower, a
# lease check by a twentieth of a microsecond or so. Go interrupts its goroutines
# with SIGURG unless told not to: a host's handler for it would run on a
# goroutine's stack and corrupt memory. Without an id of the build the folder
# that it was built in leaves no trace.
go_flags=(-trimpath -buildvcs=false -tags netgo,osusergo -gcflags=all=-l -gcflags=runtime=)
go_ldflags="-s -w -buildid= -X runtime.godebugDefault=asyncpreemptoff=1"

# sdk_version prints the version of the SDK, which the header names.
sdk_version() { sed -n 's/^#define ISC_HEADER_VERSION "\(.*\)"$/\1/p' "$1/include/iscdesk.h"; }
