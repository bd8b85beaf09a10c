package workspace

import (
	"os"

	"golang.org/x/sys/unix"
)

// startWriteback asks the kernel to begin to write a file to the disk. It is
// a hint: the sync that follows decides.
func startWriteback(f *os.File) {
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
