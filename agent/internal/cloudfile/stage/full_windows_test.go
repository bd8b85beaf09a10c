package stage

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// TestWhatWindowsSaysOfAFullDisk is the table that a disk of Wine's, which has
// no size of its own, cannot be made to show.
func TestWhatWindowsSaysOfAFullDisk(t *testing.T) {
	for _, said := range []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED} {
		if err := ioError(&os.PathError{Op: "write", Path: "a", Err: said}); !errors.Is(err, api.DiskFull) {
			t.Errorf("%v is %v, want disk_full", said, err)
		}
	}
	if err := ioError(&os.PathError{Op: "write", Path: "a", Err: windows.ERROR_ACCESS_DENIED}); errors.Is(err, api.DiskFull) {
		t.Errorf("access denied is %v", err)
	}
}
