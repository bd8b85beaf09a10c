package guitest_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds the tray app once for all tests.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "iscdesk-tray-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program, err := guitest.Build(context.Background(), dir)
	if err == nil {
		err = os.Setenv(guitest.TrayEnv, program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return agenttest.Main(m)
}
