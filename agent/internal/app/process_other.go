//go:build !linux && !windows

package app

import "context"

// identify knows no process here: the end of the session has to do.
func identify(int) string { return "" }

func awaitEnd(context.Context, processKey) error { return nil }
