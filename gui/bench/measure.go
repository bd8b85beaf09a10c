package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/gui/guitest"
	"iscdesk.dev/gui/guitest/probe"
)

// figures are what was measured of one program, a value for each round.
type figures struct {
	start, list, open []time.Duration
	frames            []time.Duration
	memory            memory
}

// measurement is a whole run.
type measurement struct {
	options
	desktop    *guitest.Desktop
	engineer   *agenttest.Agent
	ours, peer figures
	listing    []time.Duration // of the service alone
}

func (m *measurement) all(ctx context.Context, tray, peer string) error {
	for i := range m.rounds {
		last := i == m.rounds-1
		if err := m.tray(ctx, tray, last); err != nil {
			return fmt.Errorf("the tray app: %w", err)
		}
		if err := m.bare(ctx, peer, last); err != nil {
			return fmt.Errorf("the bare list: %w", err)
		}
		if err := m.list(ctx); err != nil {
			return fmt.Errorf("the service: %w", err)
		}
	}
	return nil
}

// list measures how long the service alone takes to list the folder.
func (m *measurement) list(ctx context.Context) error {
	c := client.New(m.engineer.Socket)
	defer c.Close()
	start := time.Now()
	listing, err := c.List(ctx, "/shared")
	m.listing = append(m.listing, time.Since(start))
	if err == nil && len(listing.Entries) != 20_000 {
		err = fmt.Errorf("%d documents are listed", len(listing.Entries))
	}
	return err
}

// tray measures one life of the tray app.
func (m *measurement) tray(ctx context.Context, program string, last bool) (err error) {
	t, took, err := m.start(ctx, program, "Everything is published.")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	m.ours.start = append(m.ours.start, took)
	if last { // nothing but the first room was ever shown
		if m.ours.memory, err = resident(ctx, t.PID(), m.idle); err != nil {
			return err
		}
	}
	if err := t.Click(ctx, "", "Documents"); err != nil {
		return err
	}
	if took, err = m.timed(ctx, t, "shared", "Part-00000.step", true); err != nil {
		return err
	}
	m.ours.open = append(m.ours.open, took)
	if err := t.Click(ctx, "", "Home"); err != nil {
		return err
	}
	if took, err = m.timed(ctx, t, "Documents", "Part-00000.step", false); err != nil {
		return err
	}
	m.ours.list = append(m.ours.list, took)
	return m.scroll(ctx, t, &m.ours)
}

// bare measures one life of the bare list.
func (m *measurement) bare(ctx context.Context, program string, last bool) (err error) {
	t, took, err := m.start(ctx, program, "Documents")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	m.peer.start = append(m.peer.start, took)
	if last {
		if m.peer.memory, err = resident(ctx, t.PID(), m.idle); err != nil {
			return err
		}
	}
	if took, err = m.timed(ctx, t, "Documents", "Part-00000.step", false); err != nil {
		return err
	}
	m.peer.list = append(m.peer.list, took)
	return m.scroll(ctx, t, &m.peer)
}

// start runs a program until its window shows a text.
func (m *measurement) start(ctx context.Context, program, text string) (*guitest.Tray, time.Duration, error) {
	command := m.engineer.Program(ctx, program, nil)
	start := time.Now()
	t, err := m.desktop.StartTray(ctx, command)
	if err != nil {
		return nil, 0, err
	}
	if err := t.Await(ctx, "", text); err != nil {
		return nil, 0, errors.Join(err, t.Close())
	}
	return t, time.Since(start), nil
}

// timed measures the time from a click on a text until another is shown. What
// xdotool itself takes is in it.
func (m *measurement) timed(ctx context.Context, t *guitest.Tray, click, text string, twice bool) (time.Duration, error) {
	if err := t.Point(ctx, "", click); err != nil {
		return 0, err
	}
	start := time.Now()
	if err := t.Press(ctx, twice); err != nil {
		return 0, err
	}
	err := t.Await(ctx, "", text)
	return time.Since(start), err
}

func (m *measurement) scroll(ctx context.Context, t *guitest.Tray, f *figures) error {
	a, err := t.Ask(ctx, probe.Request{Scroll: 57, Steps: m.steps})
	f.frames = append(f.frames, a.Frames...)
	return err
}

// memory is what a process holds, in bytes.
type memory struct {
	resident int64
	// drawing is the code of Mesa's that draws where there is no graphics card:
	// on a machine with one it is not there.
	drawing int64
}

// resident is the memory that a process holds after a time of doing nothing.
func resident(ctx context.Context, pid int, idle time.Duration) (m memory, err error) {
	select {
	case <-time.After(idle):
	case <-ctx.Done():
		return m, ctx.Err()
	}
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return m, err
	}
	software := false
	for line := range strings.Lines(string(content)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		if !strings.HasSuffix(words[0], ":") { // a mapping begins
			file := words[len(words)-1]
			software = strings.Contains(file, "libLLVM") || strings.HasSuffix(file, "_dri.so") || strings.Contains(file, "libz3")
			continue
		}
		if words[0] != "Rss:" {
			continue
		}
		kib, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return m, err
		}
		m.resident += kib << 10
		if software {
			m.drawing += kib << 10
		}
	}
	return m, nil
}

// at gives the value below which the share of all values lies.
func at(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func (m *measurement) report(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, ours, peer string, ratio float64, aim string) {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%s\n", name, ours, peer, ratio, aim) // Flush tells what fails
	}
	times := func(name string, ours, peer []time.Duration, share float64, aim string) {
		a, b := at(ours, share), at(peer, share)
		line(name, millis(a), millis(b), float64(a)/float64(b), aim)
	}
	_, _ = fmt.Fprintln(w, "figure\ttray app\tbare list\tratio\taim")
	times("start until the first room is shown, median", m.ours.start, m.peer.start, 0.5, "≤ 1 s")
	times("click until the list of 20,000 is shown, median", m.ours.list, m.peer.list, 0.5, "≤ 150 ms")
	times("  opening that folder the first time, median", m.ours.open, m.peer.list, 0.5, "")
	_, _ = fmt.Fprintf(w, "  of that, the service lists it in, median\t%s\t\t\t\n", millis(at(m.listing, 0.5)))
	times("frame while scrolling, median", m.ours.frames, m.peer.frames, 0.5, "≤ 16 ms")
	times("  95 of 100 frames take less than", m.ours.frames, m.peer.frames, 0.95, "")
	sizes := func(name string, ours, peer int64, aim string) {
		line(name, mib(ours), mib(peer), float64(ours)/float64(peer), aim)
	}
	ours, peer := m.ours.memory, m.peer.memory
	sizes("resident memory, idle for "+m.idle.String(), ours.resident, peer.resident, "≤ 120 MB")
	sizes("  without the code of the software renderer", ours.resident-ours.drawing, peer.resident-peer.drawing, "")
	return w.Flush()
}

func mib(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
