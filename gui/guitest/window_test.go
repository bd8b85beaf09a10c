package guitest_test

import (
	"os"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

// start runs the tray app of the engineer on a display of its own.
func start(t *testing.T, test *agenttest.Test) *guitest.Tray {
	t.Helper()
	ctx := test.Context()
	desktop, err := guitest.StartDesktop(ctx, t.TempDir(), 1280, 800, false)
	test.Check(err)
	t.Cleanup(func() {
		if err := desktop.Close(); err != nil {
			t.Error(err)
		}
	})
	program := test.Person(agenttest.Engineer).Program(ctx, os.Getenv(guitest.TrayEnv), nil)
	tray, err := desktop.StartTray(ctx, program)
	test.Check(err)
	return tray
}

func TestWindowShows(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	tray := start(t, test)
	test.Check(tray.Await(test.Context(), "", "Documents"))
}
