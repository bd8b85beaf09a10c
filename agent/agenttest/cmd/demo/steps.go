package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
)

// demo is the stage: a world, its engineer, and what the last act needs to
// remember of the ones before.
type demo struct {
	options

	world    *agenttest.World
	out      io.Writer
	target   target
	engineer *agenttest.Agent
	programs string // folder of guide and minicad, of one kind or of all
}

// fall is a drawing that is saved while everything falls over.
type fall struct {
	kind kind
	file string // its name
	path string // where in the cloud it goes
}

type step struct {
	name string
	run  func(context.Context) error
}

func (d *demo) steps() []step {
	steps := []step{
		{"The marketplace and its sample vendor start (SQLite and a folder)", d.startMarket},
		{"The vendor compiles its programs against the SDK, its public keys inside", d.compile},
		{"The service starts, in a throw-away home", d.startService},
		{"The engineer signs in: iscdesk login, through a browser", d.signIn},
	}
	for _, k := range d.target.kinds {
		steps = append(steps,
			step{"guide" + k.suffix + ": every call as the public guide shows it", func(ctx context.Context) error { return d.guide(ctx, k) }},
			step{"minicad" + k.suffix + ": a small CAD program at work", func(ctx context.Context) error { return d.program(ctx, k, "minicad") }})
	}
	steps = append(steps, step{"What the cloud holds now", d.listing})
	for _, k := range d.target.kinds {
		fall := &fall{kind: k, file: "offline-离线 1" + strings.ReplaceAll(k.name, "x", "-x") + ".step"}
		steps = append(steps,
			step{"The marketplace goes away; the engineer saves" + k.suffix + ": safe here", func(ctx context.Context) error { return d.saveOffline(ctx, fall) }},
			step{"The service is killed (SIGKILL) with the drawing still unpublished", d.kill},
			step{"Both start again: the drawing is published, once", func(ctx context.Context) error { return d.published(ctx, fall) }})
	}
	return steps
}

func (d *demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, "   "+format+"\n", args...) }

func (d *demo) startMarket(ctx context.Context) error {
	if err := d.world.StartMarketplace(ctx); err != nil {
		return err
	}
	d.say("marketplace at %s", d.world.MarketURL())
	if err := d.world.StartVendor(ctx); err != nil {
		return err
	}
	d.say("the vendor's licence server is up")
	return nil
}

func (d *demo) startService(ctx context.Context) (err error) {
	d.engineer, err = d.world.StartService(ctx, agenttest.Engineer)
	if err != nil {
		return err
	}
	d.say("iscdeskd answers on %s", d.engineer.Socket)
	return nil
}

func (d *demo) signIn(ctx context.Context) error {
	if err := d.cli(ctx, "login"); err != nil {
		return err
	}
	return d.cli(ctx, "licenses")
}

// cli shows a command line of iscdesk and what it prints.
func (d *demo) cli(ctx context.Context, args ...string) error {
	d.say("$ iscdesk %s", strings.Join(args, " "))
	result, err := d.engineer.CLI(ctx, args...)
	if err != nil {
		return err
	}
	for line := range strings.Lines(result.Out + result.Err) {
		d.say("%s", strings.TrimRight(line, "\n"))
	}
	return result.Failed()
}

func (d *demo) listing(ctx context.Context) error {
	top, err := d.engineer.Listing(ctx, "/")
	if err != nil {
		return err
	}
	if err := d.cli(ctx, "files", "ls", "/"); err != nil {
		return err
	}
	for _, space := range top.Entries {
		if err := d.cli(ctx, "files", "ls", space.Path); err != nil {
			return err
		}
	}
	return nil
}

// saveOffline saves a drawing through the SDK while nobody answers at the
// marketplace, and finds it in the ledger of what waits.
func (d *demo) saveOffline(ctx context.Context, f *fall) error {
	if err := d.world.StopMarketplace(); err != nil {
		return err
	}
	d.say("the marketplace is stopped")
	file := filepath.Join(d.engineer.Work(), f.file)
	if err := os.WriteFile(file, []byte(offlineDrawing), 0o600); err != nil {
		return err
	}
	if err := d.program(ctx, f.kind, "minicad", "save", d.engineer.Path(file)); err != nil {
		return err
	}
	var state api.State
	if err := d.engineer.Ask(ctx, &state, "status"); err != nil {
		return err
	}
	if len(state.Transfers) != 1 {
		return fmt.Errorf("%d saves wait for the marketplace, not one", len(state.Transfers))
	}
	f.path = state.Transfers[0].Path
	return d.cli(ctx, "transfers")
}

func (d *demo) kill(context.Context) error {
	pid := d.engineer.PID()
	if err := d.engineer.Kill(); err != nil {
		return err
	}
	d.say("SIGKILL to iscdeskd, process %d", pid)
	return nil
}

// published starts everything again and proves by the history that the drawing
// is there once, and by its bytes that it is the same.
func (d *demo) published(ctx context.Context, f *fall) error {
	if err := d.world.StartMarketplace(ctx); err != nil {
		return err
	}
	if err := d.engineer.Restart(ctx); err != nil {
		return err
	}
	d.say("marketplace and service run again; waiting for %s", f.path)
	if err := d.engineer.AwaitPublished(ctx, f.path, 1); err != nil {
		return err
	}
	if err := d.engineer.AwaitAllPublished(ctx); err != nil {
		return err
	}
	if err := d.cli(ctx, "files", "history", f.path); err != nil {
		return err
	}
	versions, err := d.engineer.History(ctx, f.path)
	if err != nil {
		return err
	}
	if len(versions) != 1 {
		return fmt.Errorf("%s has %d versions, not one", f.path, len(versions))
	}
	back := "back-" + f.file
	if err := d.cli(ctx, "files", "get", f.path, back); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(d.engineer.Work(), back))
	if err != nil {
		return err
	}
	if string(content) != offlineDrawing {
		return fmt.Errorf("what came back from %s is not what was saved", f.path)
	}
	d.say("published once, byte for byte what was saved")
	return nil
}

const offlineDrawing = `ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('drawn while the marketplace was away'),'2;1');
FILE_NAME('offline.step','2026-01-01T00:00:00',('engineer'),(''),'','','');
FILE_SCHEMA(('CONFIG_CONTROL_DESIGN'));
ENDSEC;
DATA;
#1=CARTESIAN_POINT('',(0.,0.,0.));
ENDSEC;
END-ISO-10303-21;
`
