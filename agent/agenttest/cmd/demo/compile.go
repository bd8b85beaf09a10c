package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

// compile builds guide and minicad against the SDK, as a vendor does: with the
// public keys of the marketplace and of the vendor compiled in, so that the
// programs believe signatures and nothing else.
func (d *demo) compile(ctx context.Context) error {
	if d.options.programs != "" {
		d.programs = d.options.programs
		d.say("the programs are those in %s", d.programs)
		return nil
	}
	d.programs = filepath.Join(d.world.Dir, "programs")
	if err := os.MkdirAll(d.programs, 0o700); err != nil {
		return err
	}
	keys, err := d.keys(ctx)
	if err != nil {
		return err
	}
	builds, ctx := errgroup.WithContext(ctx)
	for _, k := range d.target.kinds {
		builds.Go(func() error { return d.build(ctx, k, keys) })
	}
	if err := builds.Wait(); err != nil {
		return err
	}
	for _, k := range d.target.kinds {
		d.say("guide and minicad%s are built from %s", k.suffix, filepath.Join(d.sdk, "share", "examples"))
	}
	return nil
}

// folder is where the programs of a kind are.
func (d *demo) folder(k kind) string { return filepath.Join(d.programs, k.name) }

// keys writes the header that holds the public keys.
func (d *demo) keys(ctx context.Context) (header string, err error) {
	lease, err := d.print(ctx, "product-key", "minicad", "--state", d.world.MarketState(), "--format", "base64")
	if err != nil {
		return "", err
	}
	vendor, err := d.print(ctx, "sample-vendor", "public-key", "--state", d.world.VendorState(), "--format", "base64")
	if err != nil {
		return "", err
	}
	header = filepath.Join(d.programs, "keys.h")
	text := fmt.Sprintf("#define ISCDESK_LEASE_KEYS %q\n#define ISCDESK_VENDOR_KEY %q\n", lease, vendor)
	return header, os.WriteFile(header, []byte(text), 0o600)
}

// print runs iscmarket and gives the one line that it prints.
func (d *demo) print(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, d.world.Bin.Market, args...).Output()
	if err != nil {
		return "", fmt.Errorf("iscmarket %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// build compiles the examples of the SDK with the script that comes with them.
func (d *demo) build(ctx context.Context, k kind, keys string) error {
	script := filepath.Join(d.sdk, "share", "examples", "build.sh")
	if _, err := os.Stat(script); err != nil {
		return fmt.Errorf("the SDK in %s has no examples: run make sdk: %w", d.sdk, err)
	}
	cmd := exec.CommandContext(ctx, script, d.sdk, d.folder(k), keys)
	cmd.Env = os.Environ()
	if k.compiler != "" {
		cmd.Env = append(cmd.Env, "CXX="+k.compiler)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", script, err, out)
	}
	return nil
}
