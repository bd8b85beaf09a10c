#!/bin/sh
# Installs minicad into $ISCDESK_APP_DIR. May be run again over an earlier or
# an interrupted installation: each file is replaced as a whole.
set -eu
: "${ISCDESK_APP_DIR:?is set by iscdesk}"
cd "$(dirname "$0")/.."
mkdir -p "$ISCDESK_APP_DIR/bin"
for file in bin/minicad VERSION; do
	cp "$file" "$ISCDESK_APP_DIR/$file.new"
	mv -f "$ISCDESK_APP_DIR/$file.new" "$ISCDESK_APP_DIR/$file"
done
chmod 755 "$ISCDESK_APP_DIR/bin/minicad"
echo "minicad $(cat VERSION) is installed in $ISCDESK_APP_DIR"
