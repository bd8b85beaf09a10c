package health

import "golang.org/x/sys/windows"

// DiskSpace gives the bytes that the service may still write to the disk that
// holds dir, and the disk's size.
func DiskSpace(dir string) (free, total int64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, 0, err
	}
	var ours, all, unused uint64
	if err := windows.GetDiskFreeSpaceEx(name, &ours, &all, &unused); err != nil {
		return 0, 0, err
	}
	return int64(ours), int64(all), nil
}
