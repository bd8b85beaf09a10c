package agenttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// BinariesEnv names a folder with prebuilt programs. Main sets it.
const BinariesEnv = "ISCDESK_TEST_BINARIES"

// Binaries are the programs under test.
type Binaries struct{ Service, CLI, Market string }

// BinariesIn names the programs in a folder.
func BinariesIn(dir string) Binaries {
	exe := ""
	if runtime.GOOS == "windows" {
		exe = ".exe"
	}
	return Binaries{
		Service: filepath.Join(dir, "iscdeskd"+exe),
		CLI:     filepath.Join(dir, "iscdesk"+exe),
		Market:  filepath.Join(dir, "iscmarket"+exe),
	}
}

// check makes sure that the programs are there.
func (b Binaries) check() error {
	for _, path := range []string{b.Service, b.CLI, b.Market} {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("program to test: %w", err)
		}
	}
	return nil
}

// Build builds the programs into dir. The service carries the tag crashtest,
// with which it can be told to die at a step of a save.
func Build(ctx context.Context, dir string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "crashtest", "-o", dir+string(filepath.Separator),
		"iscdesk.dev/agent/cmd/iscdeskd", "iscdesk.dev/agent/cmd/iscdesk", "iscdesk.dev/marketplace/cmd/iscmarket")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// Main runs the tests of a package with the programs built once. Where
// BinariesEnv is set, those are used as they are.
//
//	func TestMain(m *testing.M) { os.Exit(agenttest.Main(m)) }
func Main(m *testing.M) int {
	var code int
	var err error
	if os.Getenv(BinariesEnv) != "" {
		code = m.Run()
	} else {
		code, err = buildAndRun(m)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "agenttest:", err)
		return 1
	}
	return code
}

func buildAndRun(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "iscdesk-programs-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := Build(context.Background(), dir); err != nil {
		return 1, err
	}
	if err := os.Setenv(BinariesEnv, dir); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
