package guitest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

// sdkEnv names the folder of the SDK that the sample CAD program is compiled
// against; usually that of 'make sdk'.
const sdkEnv = "ISCDESK_TEST_SDK"

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds the tray app once for all tests.
func run(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "iscdesk-tray-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := errors.Join(build(dir), findSDK()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return agenttest.Main(m)
}

func build(dir string) error {
	program, err := guitest.Build(context.Background(), dir)
	if err != nil {
		return err
	}
	return os.Setenv(guitest.TrayEnv, program)
}

func findSDK() error {
	sdk := os.Getenv(sdkEnv)
	if sdk == "" {
		sdk = filepath.Join("..", "..", "build", "sdk")
	}
	sdk, err := filepath.Abs(sdk)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(sdk, "share", "examples", "build.sh")); err != nil {
		return fmt.Errorf("the SDK is needed, for its sample CAD program: run make sdk: %w", err)
	}
	return os.Setenv(sdkEnv, sdk)
}
