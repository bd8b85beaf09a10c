// Package tests compiles C and C++ programs against the SDK and runs them:
// against a service with knobs (sessiontest), and against a whole world of
// marketplace, vendor and service (agenttest).
package tests

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/session/sessiontest"
)

// limit is what a program may take. A library that hangs its host is killed.
const limit = time.Minute

func TestMain(m *testing.M) {
	status := agenttest.Main(m)
	for _, k := range []*kit{&plain, &sanitised} {
		if k.dir != "" {
			_ = os.RemoveAll(k.dir) // the tests are over; what is left is litter
		}
	}
	os.Exit(status)
}

// kit builds the SDK once for all tests.
type kit struct {
	once sync.Once
	dir  string
	err  error
}

// The SDK as vendors get it, and the one under AddressSanitizer.
var plain, sanitised kit //nolint:gochecknoglobals // built once for all tests

func (k *kit) build(t *testing.T, flags ...string) string {
	t.Helper()
	k.once.Do(func() {
		if k.dir, k.err = os.MkdirTemp("", "iscdesk-sdk-"); k.err != nil {
			return
		}
		var out []byte
		if len(flags) == 0 {
			out, k.err = script(nil, "../package.sh", k.dir)
		} else {
			out, k.err = script(nil, "../build.sh", append([]string{filepath.Join(k.dir, "lib", "libiscdesk.so")}, flags...)...)
		}
		if k.err != nil {
			k.err = fmt.Errorf("%w\n%s", k.err, out)
		}
	})
	if k.err != nil {
		t.Fatal(k.err)
	}
	return k.dir
}

func script(env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(append(os.Environ(), "DOC=no"), env...)
	return cmd.CombinedOutput()
}

// sdk is the folder of the SDK as vendors get it.
func sdk(t *testing.T) string {
	t.Helper()
	return plain.build(t)
}

func library(t *testing.T) string { return filepath.Join(sdk(t), "lib", "libiscdesk.so.1") }

// strict is what every program of a vendor may be compiled with.
func strict() []string { return []string{"-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g"} }

// compile compiles a program and gives its path.
func compile(t *testing.T, compiler string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(compiler); err != nil {
		t.Fatalf("%s is needed: %v", compiler, err)
	}
	program := filepath.Join(t.TempDir(), "program")
	args = append(append(strict(), "-I../include", "-o", program), args...)
	args = append(args, "-ldl", "-pthread")
	if out, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", compiler, strings.Join(args, " "), err, out)
	}
	return program
}

// run runs a program that has to succeed and gives what it printed.
func run(t *testing.T, env []string, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = t.TempDir()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", filepath.Base(program), args, err, out.String())
	}
	return out.String()
}

// service starts a service with knobs and gives the environment of programs
// that are to find it.
func service(t *testing.T, change func(*sessiontest.Server)) (*sessiontest.Server, []string) {
	t.Helper()
	s := sessiontest.New(t.TempDir())
	if change != nil {
		change(s)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s, []string{"ISCDESK_SOCKET=" + s.Socket, "ISCDESK_LIBRARY=" + library(t)}
}
