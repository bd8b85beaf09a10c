// Command demo is what 'make demo' runs: the main job of iscdesk end to end,
// on this machine alone, in a throw-away home. It starts a marketplace with a
// sample vendor and the service, signs in, runs two programs against the SDK,
// and shows that a drawing saved while everything falls over is published
// once. Its last line is "demo: ok".
//
// With --wine the service, the command line and the two programs, 64 and
// 32 bit, are those for Windows, and the steps are the same: 'make
// demo-windows'.
package main

import (
	"context"
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

// options are what the command line says.
type options struct {
	bin, programs, sdk string
	wine, windows      string // empty: everything is native
	keep               bool
	limit              time.Duration
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	o, err := parse(args)
	if err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	if err := play(ctx, o, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stdout, "demo: FAILED:", err)
		return 1
	}
	_, _ = fmt.Fprintln(os.Stdout, "demo: ok")
	return 0
}

func parse(args []string) (o options, err error) {
	here := "build/demo"
	if exe, err := os.Executable(); err == nil {
		here = filepath.Dir(exe)
	}
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	f.StringVar(&o.bin, "bin", filepath.Join(here, "..", "bin"), "folder of iscdeskd, iscdesk and iscmarket")
	f.StringVar(&o.programs, "programs", "", "folder of guide and minicad; empty: they are compiled from the SDK's examples")
	f.StringVar(&o.sdk, "sdk", filepath.Join(here, "..", "sdk"), "folder of the SDK, as 'make sdk' writes it")
	f.StringVar(&o.wine, "wine", "", "program that runs Windows programs in WINEPREFIX; the people's programs are then those for Windows")
	f.StringVar(&o.windows, "windows", filepath.Join(here, "..", "windows", "bin"), "with --wine: folder of iscdeskd.exe, iscdesk.exe and iscmarket.exe")
	f.BoolVar(&o.keep, "keep", false, "leave the throw-away home in place")
	f.DurationVar(&o.limit, "limit", 5*time.Minute, "give up after this long")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, dir := range []*string{&o.bin, &o.programs, &o.sdk, &o.wine, &o.windows} {
		if *dir == "" {
			continue
		}
		if *dir, err = filepath.Abs(*dir); err != nil {
			return o, err
		}
	}
	return o, nil
}

// play runs the steps in their order. A failed one is named, with the end of
// every log.
func play(ctx context.Context, o options, out io.Writer) (err error) {
	setting, target, err := o.stage()
	if err != nil {
		return err
	}
	world, err := agenttest.New(setting)
	if err != nil {
		return err
	}
	d := &demo{options: o, world: world, out: out, target: target}
	defer func() {
		if closing := world.Close(); err == nil {
			err = closing
		}
		if o.keep {
			_, _ = fmt.Fprintln(out, "kept:", world.Dir)
		} else if left := agenttest.Leftovers(world.Dir); err == nil && len(left) > 0 {
			err = fmt.Errorf("left behind: %v", left)
		}
	}()
	for i, s := range d.steps() {
		_, _ = fmt.Fprintf(out, "\n== %d. %s\n", i+1, s.name)
		if err := s.run(ctx); err != nil {
			_, _ = fmt.Fprintln(out, world.Logs(25))
			return fmt.Errorf("step %d (%s): %w", i+1, s.name, err)
		}
	}
	return nil
}
