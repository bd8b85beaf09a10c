package objects

// syncFolder does nothing: NTFS journals its folders, and a folder cannot be
// flushed there.
func (f *folder) syncFolder(string) error { return nil }
