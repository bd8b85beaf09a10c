//go:build !windows

package objects

// syncFolder makes the entries of a folder last.
func (f *folder) syncFolder(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }() // nothing was written through it
	return dir.Sync()
}
