//go:build !linux && !windows

package bugreport

// system has nothing to add to the operating system's name.
func system() string { return "" }
