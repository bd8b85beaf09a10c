//go:build !linux

package device

// isDevice believes every interface: the address alone has to tell.
func isDevice(string) bool { return true }
