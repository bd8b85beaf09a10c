// Package version holds the product's one version number, which every binary,
// package and library carries.
package version

import (
	_ "embed" // for the file VERSION
	"strings"
)

//go:embed VERSION
var file string

// String is the version, as in "1.4.2".
func String() string { return strings.TrimSpace(file) }
