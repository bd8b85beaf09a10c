// Package version holds the product's version number, which every program and
// package carries. The SDK library has a number of its own (sdkbridge.Version),
// because it follows the promises of its C interface.
package version

import (
	_ "embed" // for the file VERSION
	"strings"
)

//go:embed VERSION
var file string

// String is the version, as in "1.4.2".
func String() string { return strings.TrimSpace(file) }
