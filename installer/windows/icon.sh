#!/bin/bash
# Turns assets/icons/iscdesk.svg into a Windows icon: installer/windows/icon.sh OUT.ico
# The large size goes in as PNG, the others as bitmaps, which every Windows draws.
set -euo pipefail
out=$(realpath -m "$1")
svg=$(dirname "$(realpath "$0")")/../../assets/icons/iscdesk.svg

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for size in 16 24 32 48 64 256; do
	rsvg-convert -w $size -h $size "$svg" -o "$work/$size.png"
done
mkdir -p "$(dirname "$out")"
icotool -c -o "$work/icon.ico" "$work"/{16,24,32,48,64}.png --raw="$work/256.png"
mv "$work/icon.ico" "$out"
