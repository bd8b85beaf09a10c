package workspace

import (
	"errors"
	"os"

	"iscdesk.dev/agent/api"
)

// UsableFolder gives the one form of the path of a folder that is to become the
// user's workspace, once something was written there and removed again. A
// folder that is missing is made. It fails with api.FileUnwritable,
// api.DiskFull or api.NameInvalid.
func UsableFolder(path string) (string, error) {
	full, err := Local(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(full, 0o700); err != nil {
		return "", unwritable(full, err)
	}
	root, err := os.OpenRoot(full)
	if err != nil {
		return "", unwritable(full, err)
	}
	defer func() { _ = root.Close() }() // the file in it was closed
	name := tempName()
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", unwritable(full, err)
	}
	_, err = f.WriteString(api.Host)
	if err := errors.Join(err, f.Close(), root.Remove(name)); err != nil {
		return "", unwritable(full, err)
	}
	return Local(full)
}
