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
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return d.build(ctx, "guide") })
	both.Go(func() error { return d.build(ctx, "minicad", "-include", keys, "-lcrypto") })
	if err := both.Wait(); err != nil {
		return err
	}
	d.say("guide and minicad are built from %s", filepath.Join(d.sdk, "share", "examples"))
	return nil
}

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

// build compiles one example of the SDK.
func (d *demo) build(ctx context.Context, name string, extra ...string) error {
	sources, err := filepath.Glob(filepath.Join(escapeGlob(d.sdk), "share", "examples", name, "*.cpp"))
	if err != nil || len(sources) == 0 {
		return fmt.Errorf("the SDK in %s has no example %s: run make sdk", d.sdk, name)
	}
	compiler := os.Getenv("CXX")
	if compiler == "" {
		compiler = "c++"
	}
	args := append([]string{"-std=c++11", "-I", filepath.Join(d.sdk, "include"), "-o", filepath.Join(d.programs, name)}, sources...)
	args = append(args, append(extra, "-ldl", "-lpthread")...)
	cmd := exec.CommandContext(ctx, compiler, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", compiler, name, err, out)
	}
	return nil
}

// escapeGlob takes the meaning from the characters of a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
