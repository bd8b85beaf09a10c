// Command bench measures the tray app in a real window: how soon it is there,
// how soon a list, what a frame costs while 20,000 rows scroll by, and how much
// memory it holds. Each figure stands beside that of the least program of its
// kind (gui/cmd/barelist), which is measured in turn in the same run.
//
// It runs the programs in build/bin (-bin) in a temporary folder on a display
// of its own. It measures, it never judges: a timing is no test.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

type options struct {
	bin    string
	rounds int
	steps  int // of scrolling
	idle   time.Duration
}

func main() {
	var o options
	short := flag.Bool("short", false, "fewer and shorter rounds, to see that it runs")
	flag.StringVar(&o.bin, "bin", "build/bin", "folder of iscdeskd, iscdesk and iscmarket")
	flag.Parse()
	o.rounds, o.steps, o.idle = 7, 300, time.Minute
	if *short {
		o.rounds, o.steps, o.idle = 3, 100, 10*time.Second
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	// The programs are started from other folders.
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "iscdesk-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tray, peer := filepath.Join(dir, "iscdesk-tray"), filepath.Join(dir, "barelist")
	for _, p := range []string{tray, peer} {
		if err := build(ctx, p); err != nil {
			return err
		}
	}
	world, err := agenttest.New(agenttest.Options{Binaries: agenttest.BinariesIn(o.bin), Dir: filepath.Join(dir, "world")})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			fmt.Fprint(os.Stderr, world.Logs(20))
		}
		err = errors.Join(err, world.Close())
	}()
	engineer, err := furnish(ctx, world)
	if err != nil {
		return err
	}
	desktop, err := guitest.StartDesktop(ctx, filepath.Join(dir, "desktop"), 1280, 900, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desktop.Close()) }()
	m := measurement{options: o, desktop: desktop, engineer: engineer}
	if err := m.all(ctx, tray, peer); err != nil {
		return err
	}
	return m.report(os.Stdout)
}

// build builds a program of gui/cmd as it is shipped, but with the probe.
func build(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "guitest,no_emoji", "-ldflags", "-s -w", "-o", path, "iscdesk.dev/gui/cmd/"+filepath.Base(path))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// furnish starts marketplace and service, signs the engineer in, and gives him
// a folder of 20,000 documents.
func furnish(ctx context.Context, world *agenttest.World) (*agenttest.Agent, error) {
	if err := world.StartMarketplace(ctx); err != nil {
		return nil, err
	}
	engineer, err := world.StartService(ctx, agenttest.Engineer)
	if err != nil {
		return nil, err
	}
	if err := engineer.SignIn(ctx); err != nil {
		return nil, err
	}
	if err := engineer.WriteFile("first.step", "ISO-10303-21;"); err != nil {
		return nil, err
	}
	put, err := engineer.CLI(ctx, "files", "put", "first.step", "/shared/first.step", "--wait")
	if err := errors.Join(err, put.Failed()); err != nil {
		return nil, err
	}
	return engineer, world.Fill(ctx, "first.step", 19_999)
}
