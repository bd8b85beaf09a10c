package credstore

import "io/fs"

// openToOthers cannot be told from the mode on Windows: the ACL of the state
// folder, which the installer sets, keeps others out.
func openToOthers(fs.FileInfo) bool { return false }

// syncDir does nothing: NTFS journals renames itself.
func syncDir(string) error { return nil }
