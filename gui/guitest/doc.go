// Package guitest uses the real tray app as a person does: in a window of a
// display of its own, with mouse and keyboard, beside a real service and
// marketplace (agenttest). What can be seen, and where, the program tells
// itself (probe); every click and key goes through the window system.
//
// It needs Xvfb, a window manager (openbox), xdotool, a session bus and
// ImageMagick: '.ci/install-deps test' installs them.
package guitest
