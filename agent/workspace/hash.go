package workspace

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// hashLocal is the entry.HashEntries of a file or folder. A link or device in
// it is an error: no document holds one.
func hashLocal(ctx context.Context, root *os.Root, path string) (string, error) {
	info, err := root.Lstat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		e, err := hashFile(root, path, filepath.Base(path))
		return entry.HashEntries([]api.FileEntry{e}), err
	}
	var entries []api.FileEntry
	base := filepath.ToSlash(path)
	err = fs.WalkDir(root.FS(), base, func(at string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || d.IsDir() {
			return err
		}
		e, err := hashFile(root, filepath.FromSlash(at), strings.TrimPrefix(at, base+"/"))
		entries = append(entries, e)
		return err
	})
	return entry.HashEntries(entries), err
}

func hashFile(root *os.Root, path, name string) (api.FileEntry, error) {
	f, err := openEntry(root, path)
	if err != nil {
		return api.FileEntry{}, err
	}
	return hashOpen(f, name)
}

// hashOpen describes an open file and closes it.
func hashOpen(f *os.File, name string) (api.FileEntry, error) {
	defer func() { _ = f.Close() }() // it was only read
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return api.FileEntry{}, api.Fail(api.NotAFile, "path", f.Name()).Because(err)
	}
	h := blake3.New()
	n, err := io.Copy(h, f)
	return api.FileEntry{Path: name, Size: n, Hash: hexSum(h)}, err
}
