// Package systemd holds the unit of the machine's service. The packages
// install it as it is; 'iscdeskd install' does so with another command line.
package systemd

import _ "embed" // for the file of the unit

//go:embed iscdeskd.service
var unit string

// Unit is the text of iscdeskd.service.
func Unit() string { return unit }
