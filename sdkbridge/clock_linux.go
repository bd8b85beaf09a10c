package sdkbridge

import "golang.org/x/sys/unix"

// uptime is the seconds since the machine was started, sleep included. Nobody
// can set it.
func uptime() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0 // the kernel has had this clock since 2.6.39
	}
	return t.Sec
}
