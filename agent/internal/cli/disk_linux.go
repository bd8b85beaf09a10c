package cli

import "golang.org/x/sys/unix"

// freeDisk is the number of bytes that the user may still write at path.
func freeDisk(path string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil
}
