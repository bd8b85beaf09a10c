package agenttest_test

import (
	"fmt"
	"slices"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile"
)

// TestCrashWhileAConflictEnds ends the service with SIGKILL while it does what
// its user chose, and starts it again: the conflict has ended as chosen, or
// waits as before, and every version is in a history.
func TestCrashWhileAConflictEnds(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer, agenttest.Colleague)
	test.SignIn(agenttest.Engineer)
	test.SignIn(agenttest.Colleague)
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		for _, step := range []string{cloudfile.StepAnswered, cloudfile.StepResolved} {
			t.Run(fmt.Sprint(keep, " ", step), func(t *testing.T) {
				crashWhileAConflictEnds(t, test.In(t), keep, step)
			})
		}
	}
}

func crashWhileAConflictEnds(t *testing.T, test *agenttest.Test, keep api.Keep, step string) {
	engineer, colleague, ctx := test.Person(agenttest.Engineer), test.Person(agenttest.Colleague), test.Context()
	name := fmt.Sprintf("%s-%s.step", keep, step)
	cloud := "/shared/" + name
	c := conflict(t, test, name)
	test.Check(engineer.Stop())
	test.Check(engineer.Restart(ctx, "ISCDESK_CRASH_AT="+step))
	_, err := engineer.CLI(ctx, "conflicts", "keep", c.ID, string(keep))
	test.Check(err)
	test.Check(engineer.AwaitDeath(ctx))
	test.Check(engineer.Restart(ctx))

	// The file follows what was done, and what was not done has changed nothing.
	done := step == cloudfile.StepResolved
	test.Check(engineer.WriteFile(name, "next"))
	var put struct{ Published api.Published }
	test.Check(engineer.Ask(ctx, &put, "files", "put", name, "--wait"))
	if p := put.Published; p.ConflictOf != "" || done != (p.Path == cloud) || !done != (p.Path == c.Copy) {
		t.Errorf("the next save became %+v", p)
	}
	var conflicts []api.Conflict
	test.Check(engineer.Ask(ctx, &conflicts, "conflicts"))
	if done != (len(conflicts) == 0) {
		t.Errorf("conflicts: %+v", conflicts)
	}
	for _, x := range conflicts {
		test.Check(engineer.Ask(ctx, nil, "conflicts", "keep", x.ID, string(keep)))
	}
	want := map[api.Keep]int{api.KeepMine: 3, api.KeepTheirs: 2}[keep]
	if done {
		want++ // the next save
	}
	versions, err := colleague.History(ctx, cloud)
	test.Check(err)
	if len(versions) != want {
		t.Errorf("history %+v, want %d versions", versions, want)
	}
	var trash api.Trashed
	test.Check(colleague.Ask(ctx, &trash, "files", "trash"))
	for _, d := range trash.Documents {
		if d.Path == c.Copy {
			return
		}
	}
	t.Errorf("%s is not in the trash: %+v", c.Copy, trash)
}

// TestAWatchSeesConflictsAndPauses acts from inside a watch: every change of
// the sections comes by itself.
func TestAWatchSeesConflictsAndPauses(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer, agenttest.Colleague)
	test.SignIn(agenttest.Engineer, agenttest.Colleague)
	engineer, colleague, ctx := test.Person(agenttest.Engineer), test.Person(agenttest.Colleague), test.Context()
	var c api.Conflict
	steps := []struct {
		section string
		act     func()
		seen    func(*api.State) bool
	}{
		{api.SectionConflicts, func() { c = conflict(t, test, "a.step") }, func(s *api.State) bool { return len(s.Conflicts) == 1 && s.Conflicts[0].Theirs == 2 }},
		{api.SectionConflicts, func() { // somebody else goes on
			test.Check(colleague.WriteFile("a.step", "theirs, later"))
			test.Check(colleague.Ask(ctx, nil, "files", "put", "a.step", "/shared/a.step", "--wait"))
		}, func(s *api.State) bool { return len(s.Conflicts) == 1 && s.Conflicts[0].Theirs == 3 }},
		{api.SectionConflicts, func() { test.Check(engineer.Ask(ctx, nil, "conflicts", "keep", c.ID, "theirs")) }, func(s *api.State) bool { return len(s.Conflicts) == 0 }},
		{api.SectionTransfers, func() { test.Check(engineer.Ask(ctx, nil, "transfers", "pause")) }, func(s *api.State) bool { return s.Uploads.Paused }},
		{api.SectionRecent, func() {
			test.Check(engineer.WriteFile("new.step", "new"))
			test.Check(engineer.Ask(ctx, nil, "files", "put", "new.step", "/shared/new.step"))
		}, func(s *api.State) bool { return len(s.Recent) > 0 && s.Recent[0].Path == "/shared/new.step" }},
	}
	at := 0
	test.Check(engineer.Await(ctx, "every change", func(m api.WatchMessage) bool {
		if m.State != nil {
			steps[0].act()
			return false
		}
		for at < len(steps) && slices.Contains(m.Sections, steps[at].section) && steps[at].seen(m.Changed) {
			if at++; at < len(steps) {
				steps[at].act()
				return false
			}
		}
		return at == len(steps)
	}))
}

// conflict makes the engineer's save meet a version of the colleague's.
func conflict(t *testing.T, test *agenttest.Test, name string) api.Conflict {
	t.Helper()
	engineer, colleague, ctx := test.Person(agenttest.Engineer), test.Person(agenttest.Colleague), test.Context()
	cloud := "/shared/" + name
	test.Check(engineer.WriteFile(name, "base"))
	test.Check(engineer.Ask(ctx, nil, "files", "put", name, cloud, "--wait"))
	test.Check(colleague.WriteFile(name, "theirs"))
	test.Check(colleague.Ask(ctx, nil, "files", "put", name, cloud, "--wait"))
	test.Check(engineer.WriteFile(name, "mine"))
	result, err := engineer.CLI(ctx, "files", "put", name, "--wait")
	test.Check(err)
	var conflicts []api.Conflict
	test.Check(engineer.Ask(ctx, &conflicts, "conflicts"))
	if result.Exit != 6 || len(conflicts) != 1 || conflicts[0].Path != cloud {
		t.Fatalf("%+v; conflicts: %+v", result, conflicts)
	}
	return conflicts[0]
}
