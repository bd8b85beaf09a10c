package tests

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/agenttest"
)

// TestExamples runs the programs that vendors copy from in a whole world: the
// engineer's picks come from the command line tool, and what he picks is opened
// into the folder that he has set.
func TestExamples(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	world.SignIn(agenttest.Engineer)
	engineer := world.Person(agenttest.Engineer)
	programs, workspace := t.TempDir(), filepath.Join(t.TempDir(), "我的 图纸")
	world.Run(agenttest.Engineer, "settings", "set", "workspace", workspace)
	if out, err := script(nil, "../examples/build.sh", sdk(t), programs, keys(t, world)); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, program := range []string{"guide", "minicad"} {
		t.Run(program, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			cmd := exec.CommandContext(ctx, filepath.Join(programs, program))
			cmd.Dir = engineer.Work()
			cmd.Env = append(engineer.Env(), "LD_LIBRARY_PATH="+filepath.Join(sdk(t), "lib"), "ISCDESK_CLI="+world.Bin.CLI)
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Error(err)
			}
			if opened, err := os.ReadDir(workspace); err != nil || len(opened) == 0 {
				t.Errorf("nothing was opened into %s: %v", workspace, err)
			}
			if !strings.Contains(string(out), "ok  ShutOut") {
				t.Error("it did not come to ShutOut")
			}
		})
	}
}
