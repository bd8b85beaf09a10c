//go:build unix

package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"iscdesk.dev/agent/api"
)

// maxFile bounds a policy file, a password file and a proxy script, in bytes.
const maxFile = 1 << 20

const sticky = fs.ModeSticky

// readTrusted reads a file that nobody but root, or in a user's own agent the
// user, can have written or replaced.
func readTrusted(path string, own bool) ([]byte, error) { return readGuarded(path, own, 0o022) }

// CheckFile tells why the machine's service may not use a file: somebody who
// is no administrator could have written it.
func CheckFile(path string) error {
	_, err := readTrusted(path, false)
	return err
}

// ReadSecret reads a file that, beyond that, nobody else can read.
func ReadSecret(path string, own bool) ([]byte, error) { return readGuarded(path, own, 0o077) }

func readGuarded(path string, own bool, forbidden fs.FileMode) (content []byte, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, denied(err, path, forbidden)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, plain(err)
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, api.Explain(api.FileNotRegular)
	case info.Size() > maxFile:
		return nil, api.Explain(api.FileTooLarge, "limit", strconv.Itoa(maxFile))
	case !trusted(info, own):
		return nil, api.Explain(api.FileNotRoots, "path", path)
	case info.Mode().Perm()&forbidden != 0 && forbidden == 0o022:
		return nil, api.Explain(api.FileWritable, "mode", octal(info), "path", path)
	case info.Mode().Perm()&forbidden != 0:
		return nil, api.Explain(api.FileReadable, "mode", octal(info), "path", path)
	}
	if err := checkFolders(path, own); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// checkFolders looks for a folder on the way in which somebody else could put
// another file in place of this one.
func checkFolders(path string, own bool) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return plain(err)
	}
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err != nil {
			return plain(err)
		}
		if !trusted(info, own) || info.Mode().Perm()&0o022 != 0 && info.Mode()&sticky == 0 {
			return api.Explain(api.FolderOpen, "folder", dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func trusted(info fs.FileInfo, own bool) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || own && int(stat.Uid) == os.Geteuid())
}

// denied tells which mode a file lacks that the service may not read: it is
// root without root's right to read everything.
func denied(err error, path string, forbidden fs.FileMode) error {
	info, unknown := os.Stat(path)
	if !errors.Is(err, fs.ErrPermission) || unknown != nil {
		return plain(err)
	}
	wanted := "644"
	if forbidden&0o044 != 0 {
		wanted = "600"
	}
	return api.Explain(api.FileDenied, "mode", octal(info), "wanted", wanted, "path", path)
}

func octal(info fs.FileInfo) string { return fmt.Sprintf("%04o", info.Mode().Perm()) }

// plain is an error of a file without its path, which stands beside it anyway.
func plain(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}
