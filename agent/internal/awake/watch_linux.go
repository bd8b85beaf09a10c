package awake

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// watch sends to noticed each time that the clock jumps. The kernel ends the
// wait for a far moment with ECANCELED when the clock was set and
// when the machine wakes up. Where it has no such timer, clocks are compared.
func watch(ctx context.Context, noticed chan<- struct{}) error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return compare(ctx, noticed)
	}
	timer := os.NewFile(uintptr(fd), "clock") // non-blocking: the runtime's poller waits for it
	defer func() { _ = timer.Close() }()      // nothing was written
	defer context.AfterFunc(ctx, func() { _ = timer.SetReadDeadline(time.Unix(1, 0)) })()
	for {
		if err := arm(timer); err != nil {
			return compare(ctx, noticed)
		}
		_, err := timer.Read(make([]byte, 8))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, unix.ECANCELED):
			tell(noticed)
		case err != nil:
			return compare(ctx, noticed)
		}
	}
}

// arm sets the timer to a moment that hardly comes, and does no harm if it does.
func arm(timer *os.File) error {
	raw, err := timer.SyscallConn()
	if err != nil {
		return err
	}
	far := unix.ItimerSpec{Value: unix.NsecToTimespec(time.Now().AddDate(1, 0, 0).UnixNano())}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.TimerfdSettime(int(fd), unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &far, nil)
	})
	return errors.Join(err, set)
}
