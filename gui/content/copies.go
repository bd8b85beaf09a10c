package content

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// OpenVersion writes a version of a document beside its place in the user's
// workspace, under a name with the version's number, as a copy that cannot be
// written to by accident.
func (d Disk) OpenVersion(ctx context.Context, c Connector, o workspace.Order) (workspace.Opened, error) {
	where, err := d.Look(ctx, c, o)
	if err != nil {
		return workspace.Opened{}, err
	}
	dir, name := filepath.Split(where.LocalPath)
	stem, ext := name, ""
	if !asFolder(o.Path, o.Kind) {
		ext = filepath.Ext(name)
		stem = strings.TrimSuffix(name, ext)
	}
	o.To = filepath.Join(dir, stem+" (v"+strconv.Itoa(o.Version)+")"+ext)
	if err := protect(o.To, false); err != nil {
		return workspace.Opened{}, err
	}
	opened, err := d.Open(ctx, c, o)
	if err != nil {
		return opened, err
	}
	return opened, protect(opened.LocalPath, true)
}

// CopyTo writes a document into a folder of the user's choice, under its own
// name or, where that is taken, its name with a number: it overwrites nothing.
func (d Disk) CopyTo(ctx context.Context, c Connector, o workspace.Order, folder string) (workspace.Opened, error) {
	for n := 1; ; n++ {
		o.To = filepath.Join(folder, copyName(o.Path, o.Kind, n))
		if _, err := os.Lstat(o.To); errors.Is(err, os.ErrNotExist) {
			return d.Open(ctx, c, o)
		} else if err != nil {
			return workspace.Opened{}, unwritable(o.To, err)
		}
	}
}

// CopyName is what CopyTo calls the copy of a document in an empty folder.
func CopyName(cloud string, kind api.DocumentKind) string { return copyName(cloud, kind, 1) }

// copyName is the nth name that is tried.
func copyName(cloud string, kind api.DocumentKind, n int) string {
	name := path.Base(cloud)
	stem, ext := name, ""
	switch {
	case asFolder(cloud, kind) && isZip(name):
		stem = name[:len(name)-len(path.Ext(name))]
	case !asFolder(cloud, kind):
		ext = path.Ext(name)
		stem = strings.TrimSuffix(name, ext)
	}
	if n > 1 {
		stem += " (" + strconv.Itoa(n) + ")"
	}
	return workspace.LocalName(stem + ext)
}

// asFolder tells what becomes a folder on the disk: an assembly, and a .zip,
// which is unpacked.
func asFolder(cloud string, kind api.DocumentKind) bool {
	return kind == api.Assembly || isZip(cloud)
}

func isZip(name string) bool { return strings.EqualFold(path.Ext(name), ".zip") }

// protect takes the permission to write away from a file, or from those of a
// folder, or gives it back. What is not there is left alone; no link is followed.
func protect(local string, readOnly bool) error {
	err := filepath.WalkDir(local, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o200
		if readOnly {
			mode = info.Mode().Perm() &^ 0o222
		}
		return os.Chmod(at, mode)
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return unwritable(local, err)
	}
	return nil
}

func unwritable(local string, err error) error {
	return api.Fail(api.FileUnwritable, "path", local, "reason", workspace.Reason(err)).Because(err)
}
