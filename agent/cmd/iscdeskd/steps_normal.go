//go:build !crashtest

package main

// steps is nothing in the service that is shipped.
func steps() func(string) { return nil }
