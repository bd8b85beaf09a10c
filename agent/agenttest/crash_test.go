package agenttest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/internal/cloudfile"
)

// TestCrashAtEveryStepOfSave ends the service with SIGKILL at each step of a
// save and starts it again: the drawing is in the cloud once, byte for byte.
func TestCrashAtEveryStepOfSave(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	test.SignIn(agenttest.Engineer)
	for _, step := range []string{
		cloudfile.StepBeforeStage, cloudfile.StepAfterFsync, cloudfile.StepRecorded, cloudfile.StepMidUpload,
		cloudfile.StepBeforePublish, cloudfile.StepAfterPublish, cloudfile.StepBeforeEvent,
	} {
		t.Run(step, func(t *testing.T) { crashAt(t, test.In(t), step) })
	}
}

func crashAt(t *testing.T, test *agenttest.Test, step string) {
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	name := strings.ReplaceAll(step, " ", "-") + ".step"
	drawing := strings.Repeat("#1 = CARTESIAN_POINT('"+step+"', (0., 1., 2.));\n", 40_000) // some 2 MB: several chunks
	test.Check(engineer.WriteFile(name, drawing))
	space := personalSpace(ctx, t, engineer)
	cloud := space + name

	test.Check(engineer.Stop())
	test.Check(engineer.Restart(ctx, "ISCDESK_CRASH_AT="+step))
	put := []string{"files", "put", name, cloud, "--operation", "save-" + name}
	first, err := engineer.CLI(ctx, put...)
	test.Check(err)
	test.Check(engineer.AwaitDeath(ctx))
	test.Check(engineer.Restart(ctx))
	if first.Exit != 0 { // the user was not told that it is safe, and tries again
		second, err := engineer.CLI(ctx, put...)
		test.Check(err)
		test.Check(second.Failed())
	}
	test.Check(engineer.AwaitPublished(ctx, cloud, 1))
	test.Check(engineer.AwaitAllPublished(ctx))

	versions, err := engineer.History(ctx, cloud)
	test.Check(err)
	if len(versions) != 1 || versions[0].Number != 1 || versions[0].Operation != "save-"+name {
		t.Errorf("history %+v, want one version", versions)
	}
	listing, err := engineer.Listing(ctx, space)
	test.Check(err)
	for _, e := range listing.Entries {
		if e.Name != name && strings.Contains(e.Name, strings.TrimSuffix(name, ".step")) {
			t.Errorf("there is a copy too: %s", e.Path)
		}
	}
	copied := "copy-" + name
	result, err := engineer.CLI(ctx, "files", "get", cloud, copied)
	test.Check(err)
	test.Check(result.Failed())
	content, err := os.ReadFile(filepath.Join(engineer.Work(), copied))
	test.Check(err)
	if string(content) != drawing {
		t.Errorf("%d bytes came back, or others; %d were saved", len(content), len(drawing))
	}
}

// personalSpace is the folder of the cloud where the person's own documents
// go.
func personalSpace(ctx context.Context, t *testing.T, a *agenttest.Agent) string {
	t.Helper()
	listing, err := a.Listing(ctx, "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range listing.Entries {
		if strings.Contains(strings.ToLower(e.Name), a.Name) {
			return e.Path + "/"
		}
	}
	t.Fatalf("%s has no space of his own in %+v", a.Name, listing.Entries)
	return ""
}
