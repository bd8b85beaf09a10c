// Package workspace is the caller's side of documents: it reads and writes the
// user's files, with the user's own rights, and streams them to and from the
// service. The SDK library, the CLI and the tray share it.
//
// # Where documents lie
//
// A document at /space/folder/name in the cloud is written to
// Root()/space/folder/name. Names of the cloud are wider than those of file
// systems, so each part is mapped by LocalName: a character that Windows
// does not allow (control characters, < > : " / \ | ? *), the last character
// of a part that ends in a dot or a space, and the first character of a name
// that Windows reserves for a device (CON, NUL, COM1 …) become % and two
// hexadecimal digits; a % that two such digits follow becomes %25. The
// mapping is the same on every system and no two names of the cloud share a
// local one, except names that differ in case only on systems that take those
// for one.
//
// An assembly becomes a folder. A single document whose name ends in .zip is
// an assembly too, as the public guide has it: it is unpacked into a folder
// of its name without .zip, and packed again when that folder is saved.
//
// # What is never lost
//
// A local copy that was changed and never saved is not overwritten: it is
// moved aside as "name (local changes <time>).ext" first. Everything is
// written beside its place, made durable and then renamed into it.
package workspace

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/api"
)

// RootEnv names the environment variable that overrides where documents lie.
const RootEnv = "ISCDESK_WORKSPACE"

// Transfer is the connection that content is sent over: a *session.Client of
// api.RoleTransfer.
type Transfer interface {
	Call(ctx context.Context, name string, args, out any) error
	WriteContent(p []byte) error
	EndContent() error
}

// Fetcher is the connection that content is received over: a *session.Client
// of api.RoleTransfer.
type Fetcher interface {
	Call(ctx context.Context, name string, args, out any) error
	Content() io.Reader
}

// Root is the folder that documents are opened into: what the environment
// says, else iscdesk in the user's home. It is absolute.
func Root() (string, error) {
	if dir := os.Getenv(RootEnv); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", unwritable("~/iscdesk", err)
	}
	return filepath.Join(home, "iscdesk"), nil
}

func unreadable(path string, err error) *api.Error {
	return api.Fail(api.FileUnreadable, "path", path, "reason", Reason(err)).Because(err)
}

func unwritable(path string, err error) *api.Error {
	if isFull(err) {
		return api.Fail(api.DiskFull).Because(err)
	}
	return api.Fail(api.FileUnwritable, "path", path, "reason", Reason(err)).Because(err)
}

// Reason is the system's own words for why a file cannot be used, without the
// path and the full stop that the text has already.
func Reason(err error) string {
	if isHeld(err) {
		return "another program has it open; close it there and try again"
	}
	text := strings.TrimRight(err.Error(), ".。 ")
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}
