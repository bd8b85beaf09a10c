package acl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// PrivateFolder makes sure that dir is a folder of the service that nobody
// else can open; user is the one user of a per-user service, empty for the
// machine's. Any user can make a folder in ProgramData before the service is
// installed, so what is found there is not taken as it is:
//
//   - What belongs to somebody else, and a link (a symbolic link, a junction),
//     is replaced where that loses nothing: the folder is empty, or the link is
//     only a link. Otherwise it is refused.
//   - What is ours and open to others is closed to them; it is refused if
//     somebody else's file is anywhere in it by then.
//   - What is ours and closed is refused if something of another's is directly in it:
//     an installer that closes a planted folder leaves what lies in it.
func PrivateFolder(dir, user string) error {
	list := Private(user)
	err := MakeFolder(dir, list)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	err = closeFolder(dir, list)
	if errors.Is(err, ErrForeign) && os.Remove(dir) == nil { // removes no folder with something in it
		return MakeFolder(dir, list)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be used: %w; an administrator removes it, or, if what lies in it is to be trusted, runs: takeown /a /r /f \"%s\"", dir, err, dir)
	}
	return nil
}

// closeFolder checks an existing folder, and closes it to others.
func closeFolder(dir, list string) (err error) {
	h, info, err := open(dir, windows.READ_CONTROL|windows.WRITE_DAC)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, windows.CloseHandle(h)) }()
	if err := judgeKind(info.FileAttributes); err != nil {
		return err
	}
	wasOpen := false
	if err := Check(h); errors.Is(err, ErrOpen) {
		wasOpen = true
		if err := Close(h, list); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if err := sweep(dir, wasOpen); err != nil {
		return err
	}
	return Check(h)
}

// judgeKind decides about what is found in the folder's place.
func judgeKind(attributes uint32) error {
	switch {
	case attributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0:
		return fmt.Errorf("%w: it is a link", ErrForeign)
	case attributes&windows.FILE_ATTRIBUTE_DIRECTORY == 0:
		return errors.New("it is not a folder")
	}
	return nil
}

// sweep looks for what others have put into a folder, or, where deep, anywhere
// below it. What is theirs they can change for ever, and a link leads SYSTEM
// to where they like.
func sweep(dir string, deep bool) error {
	self, err := Self()
	if err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error { // follows no links
		if err != nil || path == dir {
			return err
		}
		h, info, err := open(path, windows.READ_CONTROL)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file of ours
		}
		if err != nil {
			return err
		}
		sd, err := windows.GetSecurityInfo(h, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
		if err := errors.Join(err, windows.CloseHandle(h)); err != nil {
			return err
		}
		if info.FileAttributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
			return fmt.Errorf("%s is a link, and others could have made it", path)
		}
		if err := judgeOwner(sd, self); err != nil {
			return fmt.Errorf("%s in it cannot be trusted: %s", path, err) //nolint:errorlint // the folder itself is ours: not ErrForeign
		}
		if entry.IsDir() && !deep {
			return fs.SkipDir
		}
		return nil
	})
}

// open opens a file, a folder, or a link itself.
func open(path string, access uint32) (windows.Handle, windows.ByHandleFileInformation, error) {
	var info windows.ByHandleFileInformation
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, info, err
	}
	h, err := windows.CreateFile(name, access|windows.FILE_READ_ATTRIBUTES,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil, windows.OPEN_EXISTING,
		windows.FILE_FLAG_BACKUP_SEMANTICS|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return 0, info, &os.PathError{Op: "open", Path: path, Err: err}
	}
	if err := windows.GetFileInformationByHandle(h, &info); err != nil {
		return 0, info, errors.Join(err, windows.CloseHandle(h))
	}
	return h, info, nil
}

// NoLinks makes sure that no folder above path is a link, which could lead
// elsewhere tomorrow.
func NoLinks(path string) error {
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if isLink(info.Mode()) {
			return fmt.Errorf("%s is a link; name the folder that it leads to", dir)
		}
	}
	return nil
}

// isLink tells a symbolic link or a junction by what os.Lstat says of it.
func isLink(mode fs.FileMode) bool { return mode&(fs.ModeSymlink|fs.ModeIrregular) != 0 }
