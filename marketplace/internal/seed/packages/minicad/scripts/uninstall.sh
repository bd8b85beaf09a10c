#!/bin/sh
# Removes what install.sh made, and goes on after any error.
: "${ISCDESK_APP_DIR:?is set by iscdesk}"
rm -f "$ISCDESK_APP_DIR/bin/minicad" "$ISCDESK_APP_DIR/bin/minicad.new"
rm -f "$ISCDESK_APP_DIR/VERSION" "$ISCDESK_APP_DIR/VERSION.new"
rmdir "$ISCDESK_APP_DIR/bin" 2>/dev/null
echo "minicad is removed"
