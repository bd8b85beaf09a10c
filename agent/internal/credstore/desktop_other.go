//go:build !linux

package credstore

import "errors"

var errNoDesktop = errors.New("no Secret Service on this system")

// desktopHere is always false.
func desktopHere() bool { return false }

// desktop is absent: the sealed file is used.
type desktop struct{}

// Unlocked always fails.
func (desktop) Unlocked() error { return errNoDesktop }

// Get always fails.
func (desktop) Get(string, string) (string, error) { return "", errNoDesktop }

// Set always fails.
func (desktop) Set(string, string, string) error { return errNoDesktop }

// Delete always fails.
func (desktop) Delete(string, string) error { return errNoDesktop }
