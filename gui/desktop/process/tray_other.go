//go:build !linux

package process

import "context"

// AwaitTray tells whether the desktop has a tray that shows icons: it has.
func AwaitTray(context.Context) bool { return true }

// Bus tells whether the session has what icons and notifications go over.
func Bus() bool { return true }
