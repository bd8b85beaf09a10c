// Command installtest takes a fresh Windows through the life of the MSI:
// installed, used by a vendor's applications, upgraded while a drawing goes up,
// seats are held and the tray app runs, not downgraded, repaired, uninstalled
// with nothing left, and with work that is not in the cloud. What Wine cannot
// show (access lists, recovery, files in use, several users) is not claimed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"iscdesk.dev/agent/agenttest"
)

// patience is how long the whole may take.
const patience = 10 * time.Minute

func main() {
	var o options
	flag.StringVar(&o.msi, "msi", "", "the MSI under test")
	flag.StringVar(&o.newer, "newer", "", "an MSI of a higher version")
	flag.StringVar(&o.bin, "bin", "build/bin", "folder with the marketplace for this system")
	flag.StringVar(&o.windowsBin, "windows-bin", "build/windows/bin", "folder with the programs for Windows")
	flag.StringVar(&o.sdk, "sdk", "build/sdk-windows", "the SDK for Windows")
	flag.StringVar(&o.wine, "wine", ".ci/wine", "program that runs Windows programs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, patience)
	err := run(ctx, o, os.Stdout)
	cancel()
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "installtest:", err)
		os.Exit(1)
	}
}

type options struct{ msi, newer, bin, windowsBin, sdk, wine string }

func (o *options) absolute() (err error) {
	for _, path := range []*string{&o.msi, &o.newer, &o.bin, &o.windowsBin, &o.sdk, &o.wine} {
		var e error
		*path, e = filepath.Abs(*path)
		err = errors.Join(err, e)
	}
	return err
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	if err := o.absolute(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "iscdesk-msi-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	g, err := newGate()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	world, err := agenttest.New(agenttest.Options{
		Dir: filepath.Join(dir, "world"), Binaries: agenttest.BinariesIn(o.bin),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	screen, err := startDisplay(ctx)
	if err != nil {
		return err
	}
	defer screen.close()
	m, err := newMachine(ctx, o, filepath.Join(dir, "windows"), screen, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.halt()) }()
	s := &stage{options: o, out: out, dir: dir, world: world, gate: g, display: screen, machine: m}
	for _, step := range s.steps() {
		_, _ = fmt.Fprintln(out, "==", step.name)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w\n%s\n%s", step.name, err, m.logs(), world.Logs(10))
		}
	}
	_, _ = fmt.Fprintln(out, "installtest: ok")
	return nil
}
