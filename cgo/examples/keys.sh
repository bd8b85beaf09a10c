#!/bin/bash
# Prints the header with MiniCAD's public keys, for -include:
#   keys.sh ISCMARKET MARKETPLACE_STATE VENDOR_STATE
# A vendor gets the first key from the marketplace that sells his product; the
# second is his own.
set -euo pipefail
echo "#define ISCDESK_LEASE_KEYS \"$("$1" product-key minicad --state "$2" --format base64)\""
echo "#define ISCDESK_VENDOR_KEY \"$("$1" sample-vendor public-key --state "$3" --format base64)\""
