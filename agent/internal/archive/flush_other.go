//go:build !linux

package archive

import "os"

// settle makes one file durable.
func settle(f *os.File) error { return f.Sync() }

func flush(*os.Root) error { return nil }
