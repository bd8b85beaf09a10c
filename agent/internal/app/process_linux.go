package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// identify names a running process so that its number, used again for
// another one, cannot be mistaken for it. It is empty for a process that does
// not run or cannot be seen.
func identify(pid int) string {
	if pid <= 0 {
		return ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The start time is field 22; the name in field 2 may hold anything.
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const startTime, state = 22 - 3, 0
	if len(fields) <= startTime || fields[state] == "Z" || fields[state] == "X" {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[startTime]
}

// awaitEnd returns when the process that identity names has ended, or with
// ctx.
func awaitEnd(ctx context.Context, k processKey) error {
	fd, err := unix.PidfdOpen(k.pid, unix.PIDFD_NONBLOCK)
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return pollEnd(ctx, k)
	}
	if err != nil || identify(k.pid) != k.identity {
		if err == nil {
			return unix.Close(fd)
		}
		return nil
	}
	// A pidfd becomes readable when its process ends; the runtime's poller
	// waits for it without a thread.
	file := os.NewFile(uintptr(fd), "process")
	defer func() { _ = file.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := file.SyscallConn()
	if err != nil {
		return pollEnd(ctx, k)
	}
	err = raw.Read(func(fd uintptr) bool {
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(ready, 0)
		return err == nil && n > 0
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return pollEnd(ctx, k)
	}
	return nil
}

// pollEnd is for kernels without pidfds.
func pollEnd(ctx context.Context, k processKey) error {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for identify(k.pid) == k.identity {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}
