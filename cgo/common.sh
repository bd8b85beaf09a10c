# shellcheck shell=bash
# What package.sh and package-windows.sh share.
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# fill writes a template with the version in place of @VERSION@.
fill() { sed "s/@VERSION@/$2/" "$here/packaging/$1"; }

# put_sources writes the headers, the examples and the first page into an SDK.
put_sources() {
    rm -rf "$1/include" "$1/share/examples"
    mkdir -p "$1/share/doc"
    cp -r "$here/include" "$1/include"
    cp -r "$here/examples" "$1/share/examples"
    cp "$here/doc/README.txt" "$1/README.txt"
}

# put_manual writes the manual into an SDK, which takes doxygen; DOC=no leaves
# it out.
put_manual() {
    [[ ${DOC:-yes} != no ]] || return 0
    rm -rf "$1/share/doc/iscdesk"
    (cd "$here" && VERSION="$2" OUT="$1/share/doc/iscdesk" doxygen -q doc/Doxyfile)
}
