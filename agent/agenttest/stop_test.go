package agenttest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
)

// TestStopInTheMiddleOfASave asks the service to end while content comes in:
// it ends within five seconds, and either the save was acknowledged and is in
// the cloud after the next start, or its caller heard that it failed and the
// same save works then.
func TestStopInTheMiddleOfASave(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	test.SignIn(agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	drawing := strings.Repeat("#1 = CARTESIAN_POINT('stop', (0., 1., 2.));\n", 5_000_000) // some 210 MiB: it takes a while
	test.Check(engineer.WriteFile("stop.step", drawing))
	cloud := personalSpace(ctx, t, engineer) + "stop.step"
	put := []string{"files", "put", "stop.step", cloud, "--operation", "save-stop"}

	type answer struct {
		result agenttest.Result
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		result, err := engineer.CLI(ctx, put...)
		answers <- answer{result, err}
	}()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for staged(t, engineer) < 1<<20 {
		<-look.C
	}
	began := time.Now()
	test.Check(engineer.Stop())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the service took %s to end", took)
	}
	first := <-answers
	test.Check(first.err)
	t.Logf("iscdesk files put: exit status %d", first.result.Exit)
	test.Check(engineer.Restart(ctx))
	if first.result.Exit != 0 {
		second, err := engineer.CLI(ctx, put...)
		test.Check(err)
		test.Check(second.Failed())
	}
	test.Check(engineer.AwaitPublished(ctx, cloud, 1))
	versions, err := engineer.History(ctx, cloud)
	test.Check(err)
	if len(versions) != 1 || versions[0].Operation != "save-stop" {
		t.Errorf("history %+v, want one version", versions)
	}
	result, err := engineer.CLI(ctx, "files", "get", cloud, "back.step")
	test.Check(err)
	test.Check(result.Failed())
	content, err := os.ReadFile(filepath.Join(engineer.Work(), "back.step"))
	test.Check(err)
	if string(content) != drawing {
		t.Errorf("%d bytes came back, or others; %d were saved", len(content), len(drawing))
	}
}

// staged is how many bytes lie in the staging folders of a service.
func staged(t *testing.T, a *agenttest.Agent) (sum int64) {
	t.Helper()
	users := filepath.Join(a.Home, "state", "users")
	err := filepath.WalkDir(users, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "staging") {
			return nil // what goes away meanwhile counts no more
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
