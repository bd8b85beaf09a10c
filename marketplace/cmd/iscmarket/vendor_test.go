package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// inProcess runs one command line and gives what it printed.
func inProcess(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// serveSample runs a marketplace with its sample vendor until the test ends,
// and returns when all of the vendor's instances are made.
func serveSample(t *testing.T, state string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logs, w := io.Pipe()
	cmd := root()
	cmd.SetArgs([]string{"serve", "--state", state, "--sample-vendor"})
	cmd.SetErr(w)
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		_ = w.Close()
		ended <- err
	}()
	made := make(chan struct{})
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(logs)
		for n := 0; lines.Scan(); {
			if strings.Contains(lines.Text(), "activity=newInstance") {
				if n++; n == 3 {
					close(made)
				}
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		<-read
	})
	select {
	case <-made:
	case err := <-ended:
		ended <- err
		t.Fatalf("serve ended: %v", err)
	}
}

func TestVendorSideFromTheCommandLine(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	serveSample(t, state)
	expect := func(want string, args ...string) string {
		t.Helper()
		out, err := inProcess(t, append(args, "--state", state)...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: %v\n%s\nwant %q", args, err, out, want)
		}
		return out
	}
	refuse := func(want string, args ...string) {
		t.Helper()
		if out, err := inProcess(t, append(args, "--state", state)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v %q, want %q", args, err, out, want)
		}
	}
	expect("minicad-trial", "license", "list")
	expect("mycad is sold to engineer", "product", "add", "mycad", "--features", "a,b")
	expect(`"features":["a","b"]`, "license", "list", "--json")
	expect(": freeze", "license", "freeze", "mycad")
	expect("frozen (frozen)", "license", "list")
	expect(": unfreeze", "license", "unfreeze", "mycad")
	expect(": renew", "license", "renew", "mycad", "--years", "2")
	expect(": release", "license", "release", "mycad")
	refuse("no licence", "license", "freeze", "mycad")
	refuse("not_found", "product", "add", "another", "--user", "nobody")
	refuse("invalid_argument", "product", "add", "a/b")
	text := strings.TrimSpace(expect("", "product-key", "mycad", "--format", "hex"))
	if key, err := hex.DecodeString(text); err != nil || len(key) != 32 {
		t.Errorf("key %q", text)
	}
	if c := strings.TrimSpace(expect("{0x", "product-key", "mycad")); strings.Count(c, "0x") != 32 || !strings.HasSuffix(c, "}") {
		t.Errorf("key for C: %q", c)
	}
	refuse("not_found", "product-key", "none")
	refuse("format", "product-key", "mycad", "--format", "pem")
	out, err := inProcess(t, "sample-vendor", "public-key", "--state", filepath.Join(state, sampleVendorState), "--format", "base64")
	if err != nil || len(strings.TrimSpace(out)) != 44 {
		t.Errorf("vendor's key %q, %v", out, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, secret := range []string{"admin-token", "vendor-credentials.json", "market.db", "sample-vendor/vendor.key", "sample-vendor/vendor.db"} {
		info, err := os.Stat(filepath.Join(state, secret))
		if err != nil {
			t.Error(err)
			continue
		}
		folder, err := os.Stat(filepath.Dir(filepath.Join(state, secret)))
		if err != nil || (info.Mode().Perm()&0o077 != 0 && folder.Mode().Perm()&0o077 != 0) {
			t.Errorf("%s is open to others: %v in %v", secret, info.Mode(), folder.Mode())
		}
	}
}

func TestAdministrationNeedsTheToken(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	if _, err := inProcess(t, "license", "list", "--state", state); err == nil || !strings.Contains(err.Error(), "not been started") {
		t.Errorf("before the first start: %v", err)
	}
	serveSample(t, state)
	if err := os.WriteFile(filepath.Join(state, "admin-token"), []byte(strings.Repeat("x", 52)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := inProcess(t, "license", "list", "--state", state); err == nil || !strings.Contains(err.Error(), "permission_denied") {
		t.Errorf("with another token: %v", err)
	}
}
