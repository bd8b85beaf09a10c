package sdkbridge

import (
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The machine cannot sleep in a test: the clock is compared with the one that
// is documented to count sleep and hibernation.
func TestUptimeIsTheClockThatCountsSleepBecauseNoTestSleeps(t *testing.T) {
	interrupt := windows.NewLazySystemDLL("kernelbase.dll").NewProc("QueryInterruptTime")
	last := uptime()
	for range 1000 {
		var ticks uint64 // 100 nanoseconds
		if _, _, err := interrupt.Call(uintptr(unsafe.Pointer(&ticks))); ticks == 0 {
			t.Fatal(err)
		}
		now := uptime()
		if now < last || time.Duration(now)*time.Second-time.Duration(ticks)*100 > time.Second || time.Duration(ticks)*100-time.Duration(now)*time.Second > 2*time.Second {
			t.Fatalf("%d s after %d s, and %v", now, last, time.Duration(ticks)*100)
		}
		last = now
	}
}
