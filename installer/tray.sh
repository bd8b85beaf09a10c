#!/bin/bash
# Builds the tray app as it ships: installer/tray.sh linux|windows OUT [go build
# flags]. OUT is the program to write.
#
# For Linux it is linked against glibc 2.31 (.ci/old-glibc), so that it runs on
# glibc from 2.28 on; of the desktop it needs libGL and libX11, the other
# libraries of X11 it opens where they are. LIBC=own takes this machine's glibc;
# without the variable that is what happens, with a warning, where the old one
# cannot be fetched; LIBC=old fails then.
set -euo pipefail
system=$1 out=$(realpath -m "$2")
shift 2
here=$(dirname "$(realpath "$0")")
cd "$here/.."
export GOFLAGS='-trimpath -buildvcs=false -tags=no_emoji' CGO_ENABLED=1 GOARCH=amd64
GOWORK=off GOOS='' GOARCH='' CGO_ENABLED=0 go run ./gui/internal/trimgl build/gl
export GOWORK=$PWD/build/gl/go.work

mkdir -p "$(dirname "$out")"
link=
case $system in
linux)
	libs=/usr/lib/$(gcc -print-multiarch)
	if [ "${LIBC:-}" = own ]; then
		export CC=gcc
	elif root=$(.ci/old-glibc); then
		# Of this machine only the desktop's libraries and headers, not its glibc,
		# which those want: hence the linker's flag.
		own=$PWD/build/gl/lib # in the same place each time, or go builds it all again
		mkdir -p "$own"
		for name in GL X11 Xrandr Xxf86vm Xi Xcursor Xinerama; do
			ln -sfn "$libs/lib$name.so" "$own/"
		done
		old=$root/usr/lib/x86_64-linux-gnu
		export CC="gcc --sysroot=$root -B$old -L$old -L$root/lib/x86_64-linux-gnu -L$own -idirafter /usr/include"
		link=-Wl,--allow-shlib-undefined
	elif [ "${LIBC:-}" = old ]; then
		exit 1
	else
		echo "tray: WARNING: linked against this machine's glibc: the tray app will not run on older ones" >&2
	fi
	flags="-s -w -buildid= -extldflags '-Wl,-z,relro -Wl,-z,now -Wl,--build-id=none $link'"
	;;
windows)
	export CC=x86_64-w64-mingw32-gcc-win32 CXX=x86_64-w64-mingw32-g++-win32
	flags='-s -w -buildid= -H=windowsgui'
	;;
*)
	echo "tray.sh: '$system' is not linux or windows" >&2
	exit 2
	;;
esac
GOOS=$system go build "$@" -ldflags "$flags" -o "$out" "${TRAY:-./gui/cmd/iscdesk-tray}"
