package durable

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

const (
	// busyPatience is how long Replace waits for a program that looks at the
	// file, as virus scanners do.
	busyPatience = time.Second
	busyPause    = 20 * time.Millisecond
)

// Replace gives a file another name in its folder, in place of the file that
// has it. A power cut leaves the one or the other: NTFS journals the rename,
// and MOVEFILE_WRITE_THROUGH waits until the journal is on the disk.
// ReplaceFile is not used: it keeps the old file's access list, and can fail
// half way, with no file of the name.
func Replace(from, to string) error {
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	pause := time.NewTicker(busyPause)
	defer pause.Stop()
	for until := time.Now().Add(busyPatience); ; <-pause.C {
		err := windows.MoveFileEx(source, target, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
		if err == nil {
			return nil
		}
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || time.Now().After(until) {
			return &os.LinkError{Op: "replace", Old: from, New: to, Err: err}
		}
	}
}

// SyncDir makes the names in a folder durable: files that were made, renamed
// or removed. NTFS keeps them whole by itself, by its journal, but writes the
// journal when it likes: after a power cut the folder may be as it was some
// seconds before. Flushing the folder's handle writes it. File systems that
// know no such flush (FAT, some network drives) promise nothing, and nothing
// more can be asked of them.
func SyncDir(dir string) error {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_WRITE, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: dir, Err: err}
	}
	err = windows.FlushFileBuffers(h)
	for _, unknown := range []error{windows.ERROR_INVALID_FUNCTION, windows.ERROR_NOT_SUPPORTED, windows.ERROR_INVALID_PARAMETER, windows.ERROR_ACCESS_DENIED} {
		if errors.Is(err, unknown) {
			err = nil
		}
	}
	if err != nil {
		err = &os.PathError{Op: "sync", Path: dir, Err: err}
	}
	return errors.Join(err, windows.CloseHandle(h))
}
