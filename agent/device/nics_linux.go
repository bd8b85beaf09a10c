package device

import (
	"os"
	"path/filepath"
)

// isDevice tells a network card from a bridge, a tunnel or a pair of virtual
// ends: only a card has a device behind it.
func isDevice(name string) bool {
	_, err := os.Stat(filepath.Join("/sys/class/net", filepath.Base(name), "device"))
	return err == nil
}
