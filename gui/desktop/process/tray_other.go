//go:build !linux

package process

import "context"

// Tray tells whether the desktop has a tray that shows icons.
func Tray(context.Context) bool { return true }
