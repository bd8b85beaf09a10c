package sdkbridge

import (
	"time"

	"golang.org/x/sys/windows"
)

// uptime is the seconds since the machine was started, sleep included. Nobody
// can set it.
func uptime() int64 { return int64(windows.DurationSinceBoot() / time.Second) }
