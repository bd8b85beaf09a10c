package settings

import (
	"errors"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// Writable tells why documents cannot be written into a folder, by writing a
// file there with the user's own rights. A folder that is not there yet is
// made.
func Writable(folder string) (err error) {
	if !filepath.IsAbs(folder) {
		return api.Fail(api.InvalidArgument, "argument", keyWorkspace).Why(api.Explain(api.NotAbsolute, "example", example()))
	}
	unwritable := func(err error) error {
		return api.Fail(api.FileUnwritable, "path", folder, "reason", workspace.Reason(err)).Because(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return unwritable(err)
	}
	f, err := os.CreateTemp(folder, ".iscdesk-*")
	if err != nil {
		return unwritable(err)
	}
	_, err = f.WriteString("iscdesk")
	if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return unwritable(err)
	}
	return nil
}

func example() string {
	if os.PathSeparator == '\\' {
		return `D:\iscdesk`
	}
	return "/data/iscdesk"
}
