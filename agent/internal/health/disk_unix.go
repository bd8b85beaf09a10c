//go:build unix

package health

import "golang.org/x/sys/unix"

// DiskSpace gives the bytes that the service may still write to the disk that
// holds dir, and the disk's size.
func DiskSpace(dir string) (free, total int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := int64(s.Bsize) //nolint:unconvert // 32 bits wide on 32-bit systems
	return int64(s.Bavail) * block, int64(s.Blocks) * block, nil
}
