//go:build !guitest

package main

import "context"

// serveProbe does nothing: only the program that is built for tests tells what
// it shows.
func serveProbe(context.Context) error { return nil }
