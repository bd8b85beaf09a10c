//go:build !linux && !windows

package sdkbridge

import "time"

// uptime is the wall clock's seconds, on systems that the SDK is not shipped for.
func uptime() int64 { return time.Now().Unix() }
