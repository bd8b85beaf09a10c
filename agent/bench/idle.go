package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// idle is what a process costs while nothing happens.
type idle struct {
	resident int64 // bytes
	busy     time.Duration
	over     time.Duration
}

func (i idle) share() string {
	return fmt.Sprintf("%.2f %% (%d ms)", 100*float64(i.busy)/float64(i.over), i.busy.Milliseconds())
}

// ticksPerSecond is USER_HZ, which Linux fixes for everything in /proc.
const ticksPerSecond = 100

func measureIdle(ctx context.Context, pid int, over time.Duration) (idle, error) {
	before, err := cpuTime(pid)
	if err != nil {
		return idle{}, err
	}
	select {
	case <-ctx.Done():
		return idle{}, ctx.Err()
	case <-time.After(over):
	}
	after, err := cpuTime(pid)
	if err != nil {
		return idle{}, err
	}
	resident, err := residentMemory(pid)
	return idle{resident: resident, busy: after - before, over: over}, err
}

// cpuTime is what a process has used of all processors so far.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const user, system = 14 - 3, 15 - 3 // fields 14 and 15; the name in field 2 was cut off
	if len(fields) <= system {
		return 0, fmt.Errorf("unexpected /proc/%d/stat", pid)
	}
	ticks := int64(0)
	for _, f := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

func residentMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc/%d/status", pid)
}
